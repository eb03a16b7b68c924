"""Forecasts: laws on many worlds of coming years, and what the draws say.

Baseline and reforms are computed on the same worlds (common random numbers), so that their difference is the reform and not
the dice. Draws are named by seed and number: the figures do not depend on how many processes share the work.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

import numpy
import pandas

from openfisca_jining.analysis.forecast.drivers import Drivers
from openfisca_jining.analysis.forecast.runs import Costs, LawSpec, YearLaw
from openfisca_jining.analysis.forecast.worlds import BaseYear
from openfisca_jining.analysis.record import run_record
from openfisca_jining.classifications import County
from openfisca_jining.errors import BadFact
from openfisca_jining.instruments import FUNDS, instruments
from openfisca_jining.money import FEN
from openfisca_jining.population import Population

#: Projects that share a simulation.
ROWS_AT_ONCE = 200_000
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
LEVELS = (0.8, 0.9, 0.95)
#: Resamples for the standard errors of quantiles.
RESAMPLES = 200
#: A standard error of the mean at or below this share of it is called enough.
ENOUGH = 0.01
CURRENT = LawSpec("现行政策")
#: Longest forecast, years after the base year.
MOST_YEARS = 15


@dataclass(frozen=True)
class Task:
    """What any process needs to compute draws.

    :ivar laws: laws on the same worlds, the first is what the others are compared with. :ivar carry_over: what a fund has
        left is added to its money of the next year.
    """

    population: Population
    years: tuple[int, ...]
    laws: tuple[LawSpec, ...]
    drivers: Drivers
    seed: int
    carry_over: bool = False

    def __post_init__(self) -> None:
        base = self.population.year
        if not self.years or list(self.years) != sorted(set(self.years)):
            raise BadFact(["years"], "年度应从早到晚排列，不重复。")
        if self.years[0] < base or self.years[-1] > base + MOST_YEARS:
            raise BadFact(
                ["years"],
                f"预测年度应在申报年度 {base} 至 {base + MOST_YEARS} 之间，收到 {self.years[0]} 至 {self.years[-1]}。",
            )
        if len({law.name for law in self.laws}) < len(self.laws):
            raise BadFact(["laws"], "各项政策的名称不能相同。")


class Worker:
    """Computes draws of a task. Keeps what draws share."""

    def __init__(self, task: Task) -> None:
        self.task = task
        shift = task.drivers["lpr_shift"]
        self.systems = [law.build(shift, task.population.year) for law in task.laws]
        self.base = BaseYear(task.population, self.systems[0], task.drivers, task.seed)
        self.laws = {
            (place, year): YearLaw(system, year) for place, system in enumerate(self.systems) for year in task.years
        }

    def draws(self, draws: Sequence[int]) -> list[list[Costs]]:
        """Costs of some draws: by law and year."""
        result: list[list[Costs]] = [[] for _ in self.systems]
        carried = [numpy.zeros((len(draws), len(FUNDS))) for _ in self.systems] if self.task.carry_over else None
        for year in self.task.years:
            world = self.base.worlds(year, draws)
            for place in range(len(self.systems)):
                more = None if carried is None else carried[place]
                costs = self.laws[place, year].costs(self.base, world, more)
                result[place].append(costs)
                if carried is not None:
                    left = numpy.maximum(costs.funds[:, :, 0] - costs.funds[:, :, 2], 0) / FEN
                    carried[place] = left
        return result


_workers: list[Worker] = []


def _of_worker(draws: Sequence[int]) -> list[list[Costs]]:
    return _workers[-1].draws(draws)


def in_processes(task: Task, chunks: list[list[int]], workers: int) -> Iterable[list[list[Costs]]]:
    """Costs of each chunk of draws, on this process or on forked ones."""
    worker = Worker(task)
    if workers <= 1 or len(chunks) <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield from (worker.draws(chunk) for chunk in chunks)
        return
    _workers.append(worker)
    try:
        with ProcessPoolExecutor(min(workers, len(chunks)), multiprocessing.get_context("fork")) as pool:
            yield from pool.map(_of_worker, chunks)
    finally:
        _workers.pop()


def chunks_of(task: Task, draws: int, workers: int = 1) -> list[list[int]]:
    """Draws in chunks that fit a simulation, at least one for each worker."""
    size = max(ROWS_AT_ONCE // max(len(task.population), 1), 1)
    size = max(min(size, -(-draws // workers)), 1)
    return [list(range(first, min(first + size, draws))) for first in range(0, draws, size)]


def forecast(
    population: Population,
    years: Sequence[int],
    draws: int = 1000,
    *,
    reforms: Sequence[LawSpec] = (),
    baseline: LawSpec = CURRENT,
    drivers: Drivers | None = None,
    seed: int = 1,
    carry_over: bool = False,
    workers: int = 1,
    run: Callable[[Task, list[list[int]], int], Iterable[list[list[Costs]]]] = in_processes,
) -> Forecast:
    """Costs of coming years under the current law and under reforms, on the same made-up claims.

    :param population: claims of the base year (observed or made up). :param years: claim years, the base year or later.
    :param draws: number of draws. :param run: who computes the chunks of draws (see :func:`in_processes`, ``cluster.on_dask``).
    :raises BadFact: a year, number or driver out of range; MissingFact, UnstatedParameter as ``analysis.budget``.
    """
    if draws < 2:
        raise BadFact(["draws"], f"抽样次数至少为 2，收到 {draws}。")
    task = Task(population, tuple(years), (baseline, *reforms), drivers or Drivers(), seed, carry_over)
    parts = list(run(task, chunks_of(task, draws, workers), workers))
    costs = [
        [Costs.join([part[law][year] for part in parts]) for year in range(len(task.years))]
        for law in range(len(task.laws))
    ]
    stacked = {
        law.name: {
            name: numpy.stack([getattr(one, name) for one in costs[place]], axis=1) for name in vars(costs[place][0])
        }
        for place, law in enumerate(task.laws)
    }
    system = baseline.build()
    about = instruments(system)
    record = run_record(population, system) | {
        "years": list(task.years),
        "draws": draws,
        "forecast_seed": seed,
        "carry_over": carry_over,
        "laws": [law.name for law in task.laws],
        "drivers": task.drivers.table()[["code", "value", "ground"]].to_dict("records"),
    }
    return Forecast(
        task.years,
        draws,
        stacked,
        tuple(one.label for one in about),
        tuple(one.payer for one in about),
        task.drivers,
        record,
    )


@dataclass(frozen=True)
class Forecast:
    """What draws of coming years cost.

    :ivar costs: law -> name (``claimed``, ``paid``, ``funds``, ``months``, ``unpaid``, ``projects``) -> whole fen, draws by years
        by whatever ``runs.Costs`` has. :ivar instruments: labels, in the order of the arrays. :ivar payers: payer of each instrument.
    """

    years: tuple[int, ...]
    draws: int
    costs: dict[str, dict[str, numpy.ndarray]]
    instruments: tuple[str, ...]
    payers: tuple[str, ...]
    drivers: Drivers
    record: dict
    _cache: dict = field(default_factory=dict, repr=False, compare=False)

    @property
    def laws(self) -> list[str]:
        """Names of the laws, the baseline first."""
        return list(self.costs)

    def amounts(self, law: str, stage: str = "paid", of: str = "合计") -> numpy.ndarray:
        """Yuan by draw and year. :param stage: ``paid`` or ``claimed`` (before pools). :param of: 合计, a payer or an instrument."""
        fen = self.costs[law][stage]
        if of in self.instruments:
            return fen[:, :, self.instruments.index(of)] / FEN
        mine = numpy.array([of in ("合计", payer) for payer in self.payers])
        if not mine.any():
            raise KeyError(
                f"没有「{of}」。可选：合计、{'、'.join(dict.fromkeys(self.payers))}、{'、'.join(self.instruments)}。"
            )
        return fen[:, :, mine].sum(axis=2) / FEN

    def cash(self, law: str, of: str = "合计") -> numpy.ndarray:
        """Yuan paid out in each year, by draw: part of what is granted is paid in the next year (driver ``lag_next_year``).

        Grants of the year before the first are not known and not included.
        """
        granted = numpy.rint(self.amounts(law, "paid", of) * FEN)
        later = numpy.floor(granted * self.drivers["lag_next_year"])
        now = granted - later
        now[:, 1:] += later[:, :-1]
        return now / FEN

    def summary(self, stage: str = "paid", by: str = "total") -> pandas.DataFrame:
        """Mean with its standard error and quantiles with theirs, yuan, by law, year and ``by`` (total, payer, instrument)."""
        groups = {
            "total": ["合计"],
            "payer": list(dict.fromkeys(self.payers)),
            "instrument": list(self.instruments),
        }[by]
        rows = []
        for law in self.laws:
            for of in groups:
                values = self.amounts(law, stage, of)
                if not values.any():
                    continue
                for place, year in enumerate(self.years):
                    rows.append({"law": law, "year": year, "of": of} | self.describe(values[:, place]))
        return pandas.DataFrame(rows)

    def describe(self, values: numpy.ndarray, quantiles: Sequence[float] = QUANTILES) -> dict[str, float]:
        """Mean, standard error, and quantiles (``q10`` ...) with standard errors (``q10_se`` ...) by resampling."""
        found = {"mean": float(values.mean()), "se": float(values.std(ddof=1) / numpy.sqrt(len(values)))}
        again = numpy.quantile(values[self._resamples()], quantiles, axis=1)
        for place, level in enumerate(quantiles):
            found[f"q{100 * level:g}"] = float(numpy.quantile(values, level))
            found[f"q{100 * level:g}_se"] = float(again[place].std(ddof=1))
        return found

    def _resamples(self) -> numpy.ndarray:
        if "resamples" not in self._cache:
            draw = numpy.random.Generator(numpy.random.PCG64(0))
            self._cache["resamples"] = draw.integers(0, self.draws, (RESAMPLES, self.draws))
        return self._cache["resamples"]

    # ----- funds -----

    def exhaustion(self) -> pandas.DataFrame:
        """By law, fund and year in which the fund holds money: chance that claims exceed it, with its standard error; expected
        claims, payments and shortfall (yuan); mean shortfall where it runs out; the month by which half of the draws that run
        out have done so (None: none does)."""
        rows = []
        for law in self.laws:
            funds, months = self.costs[law]["funds"], self.costs[law]["months"]
            for number, fund in enumerate(FUNDS):
                for place, year in enumerate(self.years):
                    available, claimed, paid = (funds[:, place, number, column] for column in range(3))
                    if not available.any():
                        continue
                    out = claimed > available
                    month = first_month(months[:, place, number], available)[out]
                    short = (claimed - paid) / FEN
                    chance = float(out.mean())
                    rows.append(
                        {
                            "law": law,
                            "fund": fund.label,
                            "year": year,
                            "available": float(available.mean() / FEN),
                            "claimed": float(claimed.mean() / FEN),
                            "paid": float(paid.mean() / FEN),
                            "chance": chance,
                            "chance_se": float(numpy.sqrt(chance * (1 - chance) / self.draws)),
                            "shortfall": float(short.mean()),
                            "shortfall_se": float(short.std(ddof=1) / numpy.sqrt(self.draws)),
                            "shortfall_if_out": float(short[out].mean()) if out.any() else 0.0,
                            "month": int(numpy.median(month)) if len(month) else None,
                        }
                    )
        return pandas.DataFrame(rows)

    def months(self, law: str, fund: str, year: int) -> numpy.ndarray:
        """Share of draws in which a fund has run out by the end of each month (12 numbers)."""
        number = [one.label for one in FUNDS].index(fund)
        place = self.years.index(year)
        costs = self.costs[law]
        first = first_month(costs["months"][:, place, number], costs["funds"][:, place, number, 0])
        return numpy.array([(first <= month).mean() for month in range(1, 13)])

    def left_unpaid(self, law: str) -> pandas.DataFrame:
        """Who is left unpaid when funds run out: expected shortfall by fund, year and county (yuan), largest first."""
        names = [member.value for member in County]
        unpaid = self.costs[law]["unpaid"].mean(axis=0) / FEN
        rows = [
            {
                "fund": FUNDS[number].label,
                "year": year,
                "county": names[county],
                "shortfall": float(unpaid[place, number, county]),
            }
            for place, year in enumerate(self.years)
            for number in range(len(FUNDS))
            for county in numpy.flatnonzero(unpaid[place, number])
        ]
        table = pandas.DataFrame(rows, columns=["fund", "year", "county", "shortfall"])
        return table.sort_values(["fund", "year", "shortfall"], ascending=[True, True, False], ignore_index=True)

    def appropriation(self, levels: Sequence[float] = LEVELS) -> pandas.DataFrame:
        """The appropriation that covers all claims before pools with a given chance, by law, payer and year (yuan), with
        standard errors."""
        rows = []
        for law in self.laws:
            for payer in ("合计", *dict.fromkeys(self.payers)):
                values = self.amounts(law, "claimed", payer)
                for place, year in enumerate(self.years):
                    if values[:, place].any():
                        rows.append(
                            {"law": law, "payer": payer, "year": year} | self.describe(values[:, place], levels)
                        )
        return pandas.DataFrame(rows)

    # ----- reforms -----

    def difference(self, stage: str = "paid", by: str = "total") -> pandas.DataFrame:
        """Each reform less the baseline on the same draws (yuan): mean, standard error, quantiles; by year and ``by``."""
        base, *reforms = self.laws
        groups = {"total": ["合计"], "payer": list(dict.fromkeys(self.payers)), "instrument": list(self.instruments)}[
            by
        ]
        rows = []
        for law in reforms:
            for of in groups:
                values = self.amounts(law, stage, of) - self.amounts(base, stage, of)
                for place, year in enumerate(self.years):
                    rows.append({"law": law, "year": year, "of": of} | self.describe(values[:, place]))
        return pandas.DataFrame(rows)

    # ----- enough draws? -----

    def convergence(self, law: str | None = None) -> pandas.DataFrame:
        """Mean of the sum over all years, its standard error (yuan and share), and the nine-in-ten quantile, after more and
        more draws."""
        values = self.amounts(law or self.laws[0]).sum(axis=1)
        numbers = [number for number in (10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if number < self.draws] + [
            self.draws
        ]
        rows = []
        for number in numbers:
            some = values[:number]
            se = float(some.std(ddof=1) / numpy.sqrt(number))
            mean = float(some.mean())
            rows.append(
                {
                    "draws": number,
                    "mean": mean,
                    "se": se,
                    "share": se / mean if mean else 0.0,
                    "q90": float(numpy.quantile(some, 0.9)),
                }
            )
        return pandas.DataFrame(rows)

    def draws_needed(self, law: str | None = None, share: float = ENOUGH) -> int:
        """Draws after which the standard error of the mean over all years is at most a share of it."""
        values = self.amounts(law or self.laws[0]).sum(axis=1)
        mean = values.mean()
        return int(numpy.ceil((values.std(ddof=1) / (share * mean)) ** 2)) if mean else 2

    # ----- forms -----

    def to_pandas(self) -> pandas.DataFrame:
        """Paid by law, year and instrument: mean, standard error, quantiles (yuan)."""
        return self.summary("paid", "instrument")

    def to_json(self) -> dict:
        """Tables and run record, JSON-ready; money in yuan."""
        return {
            "total": self.summary().to_dict("records"),
            "by_payer": self.summary("paid", "payer").to_dict("records"),
            "by_instrument": self.to_pandas().to_dict("records"),
            "difference": self.difference().to_dict("records"),
            "funds": self.exhaustion().to_dict("records"),
            "appropriation": self.appropriation().to_dict("records"),
            "convergence": self.convergence().to_dict("records"),
            "drivers": self.drivers.table().to_dict("records"),
            "record": self.record,
        }


def first_month(months: numpy.ndarray, available: numpy.ndarray) -> numpy.ndarray:
    """Month (1 to 12) in which the claims so far first exceed the money, 13 if they never do.

    :param months: claims by draw and month. :param available: money of each draw.
    """
    beyond = numpy.cumsum(months, axis=1) > available[:, None]
    return numpy.where(beyond.any(axis=1), beyond.argmax(axis=1) + 1, 13)
