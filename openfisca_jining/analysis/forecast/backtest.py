"""Back-test: how good the forecasts are on years that they have not seen.

Nobody publishes claims of several years, so the years here are made up, and the test says how the forecast does against a
stated process and not against reality. An origin is a base year of made-up claims; the forecast of the years after it is
compared with held-out years, which are other made-up enterprises (another seed), moved by common shocks of known size
(:class:`Process`). The drivers keep their documented defaults: nothing is tuned to the made-up years.

Scores are proper: the continuous ranked probability score (CRPS) rewards a forecast for being both near and no wider than it
need be. It is set against two naive forecasts: the claims of the base year, costed under the law of the year forecast, with a
normal band from the spread of the enterprises; and plain resampling of the base year, without common shocks.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy
import pandas

from openfisca_jining.analysis.budget import to_fen_signed
from openfisca_jining.analysis.forecast.drivers import Drivers
from openfisca_jining.analysis.forecast.forecast import CURRENT
from openfisca_jining.analysis.forecast.runs import Costs, LawSpec, YearLaw
from openfisca_jining.analysis.forecast.worlds import BaseYear, as_population
from openfisca_jining.analysis.processes import can_fork, forked
from openfisca_jining.analysis.record import run_record
from openfisca_jining.errors import BadFact
from openfisca_jining.instruments import STAGES as LEDGER_STAGES
from openfisca_jining.instruments import instruments
from openfisca_jining.money import FEN, sum_fen
from openfisca_jining.population import Population
from openfisca_jining.population.synthetic import (
    AMOUNTS,
    FIRST_YEAR,
    LAST_YEAR,
    project_numbers,
    synthesise,
)

#: What is scored: what is owed before pools ration it, or what is paid; and the stage of the ledger it is.
STAGES = {"claimed": "chosen", "paid": "paid"}
WORDS = {"claimed": "资金池之前的应付", "paid": "实付"}
TOTAL = "合计"
#: Base years; together they put every payer to the test at every horizon.
YEARS = (2018, 2019, 2020)
HORIZONS = (1, 2, 3)
#: Seeds per base year, and draws per forecast.
REPLICATES, DRAWS = 30, 60
#: The band that is tested, as quantiles, and how often it should hold the truth.
BAND, COVERED = (0.1, 0.9), 0.8
#: Seeds of held-out years are this far from those of base years.
HELD_OUT = 1_000_000
#: Bins of a histogram.
BINS = 10
#: Drivers without which a forecast only resamples the projects.
PLAIN = {
    "common_count_sigma": 0.0,
    "common_size_sigma": 0.0,
    "size_sigma": 0.0,
    "tail_share": 0.0,
    "month_sigma": 0.0,
    "class_persistence": 1.0,
}
#: Something is said to be off when it lies this many standard errors away.
NOTICED = 2.0

Job = TypeVar("Job")
Outcome = TypeVar("Outcome")


@dataclass(frozen=True)
class Process:
    """How held-out years come about.

    :ivar name: identifier. :ivar label: Chinese name. :ivar count_sigma, size_sigma: standard deviation of the logarithm of a
        year's common factor on the number and the size of projects (mean of the factor 1). :ivar days_sigma: of a common shift
        of the application dates, days. :ivar persistence: autocorrelation of these shocks from year to year.
    """

    name: str
    label: str
    count_sigma: float = 0.0
    size_sigma: float = 0.0
    days_sigma: float = 0.0
    persistence: float = 0.5


#: The truth is one more draw of the forecast itself: checks the scores, not the forecast.
SELF = Process("self", "自检：真值取自预测本身")
CALM = Process("calm", "合成年度，没有共同波动")
SMALL = Process("small", "合成年度，小波动", 0.1, 0.15, 15.0)
LARGE = Process("large", "合成年度，大波动", 0.2, 0.3, 30.0)
PROCESSES = (SELF, CALM, SMALL, LARGE)


# ----- scores -----


def crps(ensemble: numpy.ndarray, truth) -> numpy.ndarray:
    """CRPS of an ensemble, fair: its expectation does not depend on the number of draws. In the unit of the values.

    Mean of \\|x - y\\| less half the mean of \\|x - x'\\| over pairs of different draws.

    :param ensemble: draws in the first axis, at least two. :param truth: what came, one for each of the other axes.
    """
    ordered = numpy.sort(numpy.asarray(ensemble, dtype=numpy.float64), axis=0)
    count = len(ordered)
    weight = (2.0 * numpy.arange(1, count + 1) - count - 1).reshape(-1, *[1] * (ordered.ndim - 1))
    between = (weight * ordered).sum(axis=0) / (count * (count - 1))
    return numpy.abs(ordered - truth).mean(axis=0) - between


def crps_normal(mean: float, sd: float, truth: float) -> float:
    """CRPS of a normal forecast in closed form; without spread the absolute error."""
    if not sd > 0:
        return abs(truth - mean)
    z = (truth - mean) / sd
    above = math.erf(z / math.sqrt(2))
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    return sd * (z * above + 2 * density - 1 / math.sqrt(math.pi))


def pit(ensemble: numpy.ndarray, truth: float, uniform: float) -> float:
    """Place of the truth among the draws, 0 to 1, ties broken at random: evenly spread if truth and draws are alike.

    :param uniform: a uniform number for ties and within a place.
    """
    below, equal = int((ensemble < truth).sum()), int((ensemble == truth).sum())
    return (below + uniform * (equal + 1)) / (len(ensemble) + 1)


def band(ensemble: numpy.ndarray, levels: Sequence[float] = BAND) -> numpy.ndarray:
    """Quantiles that a further draw stays below with exactly these chances (Weibull's, where the number of draws allows)."""
    return numpy.quantile(ensemble, levels, method="weibull")


# ----- held-out years -----


def shocks(seed: int, horizons: int) -> numpy.ndarray:
    """Standard normal numbers of the years after an origin: number, size, dates (columns), before persistence."""
    sequence = numpy.random.SeedSequence([seed, zlib.crc32(b"backtest")])
    return numpy.random.Generator(numpy.random.PCG64(sequence)).standard_normal((horizons, 3))


def states(process: Process, normals: numpy.ndarray) -> numpy.ndarray:
    """The shocks of a process year by year, each of variance 1, autocorrelated."""
    found = normals.copy()
    for row in range(1, len(found)):
        found[row] = process.persistence * found[row - 1] + math.sqrt(1 - process.persistence**2) * normals[row]
    return found


def held_out(process: Process, year: int, seed: int, state: numpy.ndarray) -> Population:
    """A made-up year under a process. :param state: its shocks to number, size and dates (standard normal)."""
    count, size = (
        math.exp(sigma * float(shock) - sigma**2 / 2)
        for sigma, shock in zip((process.count_sigma, process.size_sigma), state, strict=False)
    )
    number = round(sum(project_numbers(year)) * count) if process.count_sigma else None
    made = synthesise(year, seed, projects=number)
    projects = made.projects.copy()
    if process.size_sigma:
        for name in AMOUNTS:
            projects[name] = numpy.floor(numpy.rint(projects[name] * FEN) * size) / FEN
    if process.days_sigma:
        days = numpy.timedelta64(round(process.days_sigma * float(state[2])), "D")
        ends = numpy.datetime64(f"{year}-01-01"), numpy.datetime64(f"{year}-12-31")
        moved = projects["application_date"].to_numpy().astype("datetime64[D]") + days
        projects["application_date"] = numpy.clip(moved, *ends).astype("datetime64[s]")
    return dataclasses.replace(made, projects=projects)


def in_year(base: BaseYear, year: int) -> Population:
    """The claims of a base year as they are, filed on the same days of another year."""
    return as_population(base, base.as_stated(year))


def owed(population: Population, system, stage: str) -> dict[str, numpy.ndarray]:
    """Yuan of each enterprise by payer, and in all (:data:`TOTAL`). :param stage: of :data:`STAGES`."""
    simulation = population.simulation(system)
    year, count = str(population.year), len(population.enterprises)
    weight = simulation.populations["project"].enterprise("weight", year)
    place = LEDGER_STAGES.index(STAGES[stage])
    found: dict[str, numpy.ndarray] = {TOTAL: numpy.zeros(count)}
    for one in instruments(system):
        fen = to_fen_signed(weight * simulation.calculate(one.stages[place], year))
        yuan = sum_fen(fen, population.enterprise_number, count) / FEN
        found[one.payer] = found.get(one.payer, 0.0) + yuan
        found[TOTAL] = found[TOTAL] + yuan
    return found


def drawn(costs: Costs, system, stage: str) -> dict[str, numpy.ndarray]:
    """Yuan of each draw by payer, and in all."""
    fen = getattr(costs, stage)
    payers = [one.payer for one in instruments(system)]
    found = {TOTAL: fen.sum(axis=1) / FEN}
    for payer in dict.fromkeys(payers):
        found[payer] = fen[:, [one == payer for one in payers]].sum(axis=1) / FEN
    return found


# ----- one origin -----


@dataclass(frozen=True)
class Origin:
    """A base year with its own enterprises, and what is to be forecast from it."""

    year: int
    seed: int
    horizons: tuple[int, ...]
    draws: int
    stage: str
    law: LawSpec
    drivers: Drivers
    processes: tuple[Process, ...]


@functools.lru_cache(maxsize=8)
def laws(law: LawSpec, shift: float, after: int):
    """The law forecast under, with its loan prime rate moved, and the law itself, for worlds to read."""
    system = law.build(shift, after)
    return system, law.build() if shift else system


def cases_of(origin: Origin) -> list[dict]:
    """One row for each process, horizon and payer whose law is in force: truth, the forecast and its scores (yuan)."""
    system, stated = laws(origin.law, origin.drivers["lpr_shift"], origin.year)
    population = synthesise(origin.year, origin.seed)
    base = BaseYear(population, stated, origin.drivers, origin.seed)
    plain = BaseYear(population, stated, origin.drivers.with_(**PLAIN), origin.seed)
    normals = shocks(origin.seed, max(origin.horizons))
    ties = numpy.random.Generator(numpy.random.PCG64([origin.seed, 1]))
    rows = []
    for horizon in origin.horizons:
        year = origin.year + horizon
        law = YearLaw(system, year)
        law.learn(base)
        own = drawn(law.costs(base, base.worlds(year, range(origin.draws + 1))), system, origin.stage)
        again = drawn(law.costs(plain, plain.worlds(year, range(origin.draws))), system, origin.stage)
        last = owed(in_year(base, year), system, origin.stage)
        for process in origin.processes:
            if process == SELF:
                truth = {of: values[-1] for of, values in own.items()}
            else:
                state = states(process, normals)[horizon - 1]
                made = held_out(process, year, HELD_OUT + origin.seed, state)
                truth = {of: values.sum() for of, values in owed(made, system, origin.stage).items()}
            for of, values in own.items():
                ensemble = values[:-1]
                if not ensemble.any() and not truth[of]:
                    continue
                low, high = band(ensemble)
                rows.append(
                    {
                        "process": process.name,
                        "base": origin.year,
                        "seed": origin.seed,
                        "horizon": horizon,
                        "payer": of,
                        "truth": float(truth[of]),
                        "mean": float(ensemble.mean()),
                        "sd": float(ensemble.std(ddof=1)),
                        "low": float(low),
                        "high": float(high),
                        "covered": bool(low <= truth[of] <= high),
                        "pit": pit(ensemble, truth[of], float(ties.random())),
                        "crps": float(crps(ensemble, truth[of])),
                        "last": float(last[of].sum()),
                        "crps_last": crps_normal(last[of].sum(), math.sqrt((last[of] ** 2).sum()), truth[of]),
                        "crps_plain": float(crps(again[of], truth[of])),
                    }
                )
    return rows


def in_parallel(function: Callable[[Job], Outcome], jobs: Sequence[Job], workers: int) -> Iterator[Outcome]:
    """Results in the order of the jobs, on this process or on forked ones."""
    if workers <= 1 or len(jobs) <= 1 or not can_fork():
        yield from map(function, jobs)
        return
    with forked(min(workers, len(jobs))) as pool:
        yield from pool.map(function, jobs)


# ----- the back-test -----


def backtest(
    replicates: int = REPLICATES,
    draws: int = DRAWS,
    *,
    years: Sequence[int] = YEARS,
    horizons: Sequence[int] = HORIZONS,
    stage: str = "claimed",
    processes: Sequence[Process] = PROCESSES,
    law: LawSpec = CURRENT,
    drivers: Drivers | None = None,
    seed: int = 1,
    workers: int = 1,
    say: Callable[[str], None] = lambda text: None,
) -> Backtest:
    """Forecast from made-up base years and score the forecasts on held-out years.

    :param replicates: origins per base year, each with its own enterprises. :param draws: of each forecast.
    :param years: base years. :param horizons: years ahead. :param stage: ``claimed`` or ``paid`` (see :data:`STAGES`).
    :param processes: how held-out years come about. :param workers: processes; the figures do not depend on it.
    :raises BadFact: a number out of range.
    """
    last = max(years, default=FIRST_YEAR) + max(horizons, default=0)
    if replicates < 2 or draws < 10:
        raise BadFact(["replicates"], f"每个基年至少 2 个起点，每次预测至少抽样 10 次，收到 {replicates} 和 {draws}。")
    if not years or not horizons or min(years) < FIRST_YEAR or min(horizons) < 1 or last > LAST_YEAR:
        raise BadFact(["years"], f"基年和预测年度应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间，至少预测 1 年。")
    if stage not in STAGES:
        raise BadFact(["stage"], f"口径应为 {'、'.join(STAGES)} 之一，收到「{stage}」。")
    drivers = drivers or Drivers()
    about = (tuple(horizons), draws, stage, law, drivers, tuple(processes))
    origins = [
        Origin(year, seed + number * len(years) + place, *about)
        for number in range(replicates)
        for place, year in enumerate(years)
    ]
    rows: list[dict] = []
    for done, cases in enumerate(in_parallel(cases_of, origins, workers), start=1):
        rows += cases
        if done % 10 == 0:
            say(f"已回测 {done}/{len(origins)} 个起点")
    system, _ = laws(law, drivers["lpr_shift"], years[0])
    record = run_record(synthesise(years[0], seed), system) | {
        "source": f"synthesise 各年合成样本，基年 {'、'.join(map(str, years))}，种子自 {seed} 起",
        "base_years": list(years),
        "replicates": replicates,
        "draws": draws,
        "horizons": list(horizons),
        "stage": stage,
        "processes": [vars(process) for process in processes],
        "drivers": drivers.table()[["code", "value", "ground"]].to_dict("records"),
    }
    return Backtest(tuple(processes), len(origins), draws, stage, pandas.DataFrame(rows), record)


@dataclass(frozen=True)
class Backtest:
    """Forecasts beside what came.

    :ivar origins: number of base years with their own enterprises. :ivar cases: one row for each process, origin, horizon and
        payer whose law is in force: truth, mean, sd, low and high of the band, last year's total, crps of the forecast and of the two naive ones
        (yuan), covered, pit.
    """

    processes: tuple[Process, ...]
    origins: int
    draws: int
    stage: str
    cases: pandas.DataFrame
    record: dict

    def scores(self, *by: str) -> pandas.DataFrame:
        """Scores by process and by ``horizon`` and ``payer`` (default: both), one row each.

        ``bias``: mean forecast over mean truth, less 1; ``bias_se``; ``bias_last``: the same of last year's total. ``crps``: yuan; ``crps_share``: of the mean truth.
        ``skill_last``, ``skill_plain``: share by which the CRPS is below that of last year's total and of plain resampling
        (negative: worse), with ``_se``. ``coverage`` of the 80 % band; ``coverage_se``: binomial at 80 %, or larger where the
        cases of an origin hang together, as all standard errors here allow for. ``error_ratio``: standard deviation of the actual
        errors, which leaves out bias, over the one forecast (above 1: too narrow). ``pit_mean``: mean place of the truth among
        the draws. ``verdict``: words.
        """
        keys = list(by) or ["horizon", "payer"]
        rows = []
        for place, process in enumerate(self.processes):
            mine = self.cases[self.cases["process"] == process.name]
            for key, group in mine.groupby(keys, sort=False):
                rows.append(
                    {"place": place, "process": process.name} | dict(zip(keys, key, strict=True)) | scored(group)
                )
        table = pandas.DataFrame(rows)
        order = [key for key in keys if key == "horizon"]
        return table.sort_values(["place", *order], kind="stable", ignore_index=True).drop(columns="place")

    def histogram(self, process: str, payer: str = TOTAL, bins: int = BINS) -> numpy.ndarray:
        """Share of the truths in each of equal intervals of their place among the draws (all horizons)."""
        mine = self.cases[(self.cases["process"] == process) & (self.cases["payer"] == payer)]
        counts, _ = numpy.histogram(mine["pit"], bins=bins, range=(0.0, 1.0))
        return counts / max(len(mine), 1)

    def to_pandas(self) -> pandas.DataFrame:
        """Scores by process, horizon and payer."""
        return self.scores()

    def to_json(self) -> dict:
        """Scores, histograms of the total and run record, JSON-ready; money in yuan."""
        return {
            "scores": self.scores().to_dict("records"),
            "by_payer": self.scores("payer").to_dict("records"),
            "pit": {process.name: self.histogram(process.name).tolist() for process in self.processes},
            "record": self.record,
        }


def scored(cases: pandas.DataFrame) -> dict:
    """Scores of some cases. See :meth:`Backtest.scores`."""
    count, truth = len(cases), float(cases["truth"].mean())
    found: dict = {"cases": count, "truth": truth, "mean": float(cases["mean"].mean())}
    found["bias"], found["bias_se"] = ratio(cases, "mean", "truth")
    found["bias_last"], found["bias_last_se"] = ratio(cases, "last", "truth")
    found["crps"] = float(cases["crps"].mean())
    found["crps_share"] = found["crps"] / truth if truth else 0.0
    for name in ("last", "plain"):
        less, se = ratio(cases, "crps", f"crps_{name}")
        found[f"skill_{name}"], found[f"skill_{name}_se"] = -less, se
    coverage, place = float(cases["covered"].mean()), float(cases["pit"].mean())
    coverage_se = max(math.sqrt(COVERED * (1 - COVERED) / count), clustered(cases["covered"] - coverage, cases["seed"]))
    place_se = max(1 / math.sqrt(12 * count), clustered(cases["pit"] - place, cases["seed"]))
    found |= {"coverage": coverage, "coverage_se": coverage_se}
    expected = math.sqrt((cases["sd"] ** 2).mean())
    found["error_ratio"] = float((cases["truth"] - cases["mean"]).std(ddof=0)) / expected if expected else 0.0
    found |= {"pit_mean": place, "pit_mean_se": place_se}
    return found | {"verdict": verdict(coverage - COVERED, coverage_se, place - 0.5, place_se)}


def clustered(deviations: pandas.Series, origin: pandas.Series) -> float:
    """Standard error of a mean whose cases of one origin hang together. :param deviations: of each case from the mean."""
    return float(numpy.sqrt((deviations.groupby(origin).sum() ** 2).sum()) / len(deviations))


def ratio(cases: pandas.DataFrame, above: str, below: str) -> tuple[float, float]:
    """Mean of one column over mean of the other, less 1, and its standard error (paired; delta method)."""
    whole = float(cases[below].mean())
    if not whole:
        return 0.0, 0.0
    value = float(cases[above].mean()) / whole
    return value - 1, clustered(cases[above] - value * cases[below], cases["seed"]) / abs(whole)


def verdict(coverage: float, coverage_se: float, place: float, place_se: float) -> str:
    """Words for what is further off than chance explains: coverage less 80 %, mean place of the truth less a half."""
    words = []
    if abs(place) > NOTICED * place_se:
        words.append("预测偏低" if place > 0 else "预测偏高")
    if abs(coverage) > NOTICED * coverage_se:
        words.append("区间偏宽" if coverage > 0 else "覆盖不足")
    return "，".join(words) or "相符"
