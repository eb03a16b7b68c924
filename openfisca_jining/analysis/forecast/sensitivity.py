"""What a forecast hangs on: each driver moved alone, the common shocks, and the readings.

Three kinds of not knowing are kept apart. The dice (which claims come) make the band of a forecast. The drivers are assumptions:
each is moved to a low and a high value of ``sensitivity.csv`` on the same dice. The readings are what the texts leave open: no
chance belongs to them, so they make a band of their own around the expected cost (:func:`readings_band`).
"""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy
import pandas

from openfisca_jining.analysis.forecast.backtest import BAND, in_parallel, in_year
from openfisca_jining.analysis.forecast.drivers import Drivers
from openfisca_jining.analysis.forecast.forecast import CURRENT, RESAMPLES, Task, Worker, chunks_of, forecast
from openfisca_jining.analysis.forecast.runs import Costs, LawSpec
from openfisca_jining.analysis.forecast.worlds import BaseYear
from openfisca_jining.analysis.reading_search import search
from openfisca_jining.analysis.readings import MOVES, TOTAL, Reading, measured_by, readings_of, spread
from openfisca_jining.errors import BadFact
from openfisca_jining.instruments import instruments
from openfisca_jining.money import FEN
from openfisca_jining.population import Population

#: Columns of ``sensitivity.csv``.
CODE, LOW, HIGH, GROUND, WHY = "代号", "低", "高", "依据", "取值理由"
ENDS, MEASURES = ("low", "high"), ("paid", "claimed")
#: The appropriation that covers all claims before pools with this chance.
LEVEL = 0.9
#: Year of rows that speak of all years together.
ALL_YEARS = 0
#: Draws of a band of readings.
FEW_DRAWS = 50

Say = Callable[[str], None]


@dataclass(frozen=True)
class Range:
    """Low and high value of a driver, on what ground, and why."""

    low: float
    high: float
    ground: str
    why: str


@cache
def ranges() -> dict[str, Range]:
    """Range of each driver (``sensitivity.csv``)."""
    text = (resources.files("openfisca_jining.analysis.forecast") / "sensitivity.csv").read_text(encoding="utf-8-sig")
    rows = csv.DictReader(text.splitlines())
    return {row[CODE]: Range(float(row[LOW]), float(row[HIGH]), row[GROUND], row[WHY]) for row in rows}


@dataclass(frozen=True)
class Run:
    """Draws to be made of one law, as :func:`forecast` makes them, by any process. :ivar measure: whose money (see ``measured_by``)."""

    population: Population
    years: tuple[int, ...]
    draws: int
    law: LawSpec
    drivers: Drivers
    seed: int
    measure: str = TOTAL

    def amounts(self) -> numpy.ndarray:
        """Yuan by measure (paid, claimed), draw and year."""
        task = Task(self.population, self.years, (self.law,), self.drivers, self.seed)
        worker, chunks = Worker(task), chunks_of(task, self.draws)
        costs = [Costs.join(parts) for parts in zip(*(worker.draws(chunk)[0] for chunk in chunks), strict=True)]
        listed = instruments(worker.systems[0])
        _, counted = measured_by(listed, self.measure)
        mine = numpy.array([one in counted for one in listed])
        fen = [[getattr(one, name)[:, mine].sum(axis=1) for one in costs] for name in MEASURES]
        return numpy.array(fen).swapaxes(1, 2) / FEN


# ----- drivers -----


@dataclass(frozen=True)
class Sensitivity:
    """Effect of each driver, and what the common shocks explain.

    :ivar base: one row per year (:data:`ALL_YEARS`: all together): mean paid, its ``se``, and the 90 % appropriation ``q90`` for
        the claims before pools, its ``q90_se`` (yuan).
    :ivar effects: one row per driver, end (``low``, ``high``) and year: value, default; change of the mean paid ``mean`` and of
        the appropriation ``q90`` with standard errors of the paired differences (yuan); ground and why of the value.
    :ivar shares: one row per year in which the cost varies: shares of its variance over the draws that a regression on the
        common factors gives to ``count`` and ``size``, and the ``rest`` (which projects come, how large, when).
    """

    years: tuple[int, ...]
    draws: int
    base: pandas.DataFrame
    effects: pandas.DataFrame
    shares: pandas.DataFrame
    record: dict

    def tornado(self, measure: str = "mean", year: int = ALL_YEARS) -> pandas.DataFrame:
        """Drivers, widest first: label, low, high (values), low_effect, high_effect, spread (yuan), low_se, high_se."""
        mine = self.effects[self.effects["year"] == year]
        rows = []
        for code in mine["driver"].drop_duplicates():
            low, high = (mine[(mine["driver"] == code) & (mine["end"] == end)].iloc[0] for end in ENDS)
            row = {"driver": code, "label": low["label"], "unit": low["unit"], "default": low["default"]}
            for name, end in (("low", low), ("high", high)):
                row |= {name: end["value"], f"{name}_effect": end[measure], f"{name}_se": end[f"{measure}_se"]}
            effects = (0.0, row["low_effect"], row["high_effect"])
            rows.append(row | {"spread": max(effects) - min(effects)})
        return pandas.DataFrame(rows).sort_values("spread", ascending=False, kind="stable", ignore_index=True)

    def to_pandas(self) -> pandas.DataFrame:
        """One row per driver, end and year."""
        return self.effects.copy()

    def to_json(self) -> dict:
        """Tables and run record, JSON-ready; money in yuan."""
        tables = {name: getattr(self, name).to_dict("records") for name in ("base", "effects", "shares")}
        return tables | {"record": self.record}


def sensitivity(
    population: Population,
    years: Sequence[int],
    draws: int = 200,
    *,
    law: LawSpec = CURRENT,
    drivers: Drivers | None = None,
    only: Iterable[str] = (),
    measure: str = TOTAL,
    seed: int = 1,
    workers: int = 1,
    say: Say = lambda text: None,
) -> Sensitivity:
    """Move each driver alone to its low and high value, on the same dice.

    :param years: claim years, as in ``forecast``. :param draws: of each forecast. :param only: codes of the drivers to move
        (none: all). :param measure: ``total``, a payer's Chinese name, or an instrument's name or label: whose money.
    :param workers: processes; the figures do not depend on it.
    :raises BadFact, UnknownParameter: as ``forecast``, or no such driver or measure.
    """
    _enough(draws)
    drivers = drivers or Drivers()
    codes = _codes(drivers, only)
    first = forecast(population, years, 2, baseline=law, drivers=drivers, seed=seed)
    run = Run(population, first.years, draws, law, drivers, seed, measure)
    base = run.amounts()
    about = drivers.table().set_index("code")
    ends = [(code, end, float(getattr(ranges()[code], end))) for code in codes for end in ENDS]
    moved = [one for one in ends if one[2] != drivers[one[0]]]
    jobs = [dataclasses.replace(run, drivers=drivers.with_(**{code: value})) for code, _, value in moved]
    found = {}
    for (code, end, _), amounts in zip(moved, in_parallel(Run.amounts, jobs, workers), strict=True):
        say(f"已算完 {code}")
        found[code, end] = amounts
    again = numpy.random.Generator(numpy.random.PCG64(0)).integers(0, draws, (RESAMPLES, draws))
    rows = []
    for code, end, value in ends:
        columns = {name: about.loc[code, name] for name in ("label", "unit")} | {"default": drivers[code]}
        more = {"ground": ranges()[code].ground, "why": ranges()[code].why}
        for year, before, after in _by_year(first.years, base, found.get((code, end), base)):
            effect = paired(before, after, again)
            rows.append({"driver": code, **columns, "end": end, "value": value, "year": year, **effect, **more})
    levels = [{"year": year} | level(values, again) for year, values, _ in _by_year(first.years, base, base)]
    shares = _shares(BaseYear(population, law.build(), drivers, seed), first.years, base[0])
    record = first.record | {
        "draws": draws,
        "measure": measure,
        "ranges": {code: [ranges()[code].low, ranges()[code].high] for code in codes},
    }
    return Sensitivity(first.years, draws, pandas.DataFrame(levels), pandas.DataFrame(rows), shares, record)


def _enough(draws: int) -> None:
    if draws < 2:
        raise BadFact(["draws"], f"抽样次数至少为 2，收到 {draws}。")


def _codes(drivers: Drivers, only: Iterable[str]) -> list[str]:
    known, wanted = [str(code) for code in drivers.table()["code"]], list(only)
    for code in wanted:
        if code not in known:
            raise BadFact(["drivers", code], f"没有名为「{code}」的驱动因素。可选：{'、'.join(known)}。")
    return [code for code in known if not wanted or code in wanted]


def _by_year(years: Sequence[int], base, moved) -> Iterator[tuple[int, numpy.ndarray, numpy.ndarray]]:
    """Year, base and moved amounts by measure and draw; all years together first."""
    yield ALL_YEARS, base.sum(axis=2), moved.sum(axis=2)
    for place, year in enumerate(years):
        yield year, base[:, :, place], moved[:, :, place]


def level(amounts: numpy.ndarray, again: numpy.ndarray) -> dict[str, float]:
    """Mean paid and 90 % appropriation with standard errors. :param again: resamples of the draws."""
    paid, claimed = amounts
    quantiles = numpy.quantile(claimed[again], LEVEL, axis=1)
    return {
        "mean": float(paid.mean()),
        "se": float(paid.std(ddof=1) / numpy.sqrt(len(paid))),
        "q90": float(numpy.quantile(claimed, LEVEL)),
        "q90_se": float(quantiles.std(ddof=1)),
    }


def paired(before: numpy.ndarray, after: numpy.ndarray, again: numpy.ndarray) -> dict[str, float]:
    """Change of the mean paid and of the 90 % appropriation on the same draws, with standard errors."""
    change = after[0] - before[0]
    quantiles = [numpy.quantile(each[1][again], LEVEL, axis=1) for each in (before, after)]
    return {
        "mean": float(change.mean()),
        "mean_se": float(change.std(ddof=1) / numpy.sqrt(len(change))),
        "q90": float(numpy.quantile(after[1], LEVEL) - numpy.quantile(before[1], LEVEL)),
        "q90_se": float((quantiles[1] - quantiles[0]).std(ddof=1)),
    }


def _shares(base: BaseYear, years: Sequence[int], paid: numpy.ndarray) -> pandas.DataFrame:
    rows = []
    for place, year in enumerate(years):
        cost = paid[:, place]
        if cost.std() > 0:
            factors = numpy.array([base.common(year, draw) for draw in range(len(cost))])
            count, size = variance_shares(cost, factors)
            rows.append({"year": year, "count": count, "size": size, "rest": 1 - count - size})
    return pandas.DataFrame(rows, columns=["year", "count", "size", "rest"])


def variance_shares(cost: numpy.ndarray, factors: numpy.ndarray) -> tuple[float, float]:
    """Shares of the variance of a cost that two factors explain: R squared of a regression, shared out by its average gain from
    adding each first or last. Never below 0; together R squared.

    :param factors: one row per draw, two columns.
    """

    def explained(columns: list[int]) -> float:
        chosen = numpy.column_stack([numpy.ones(len(cost)), factors[:, columns]])
        rest = cost - chosen @ numpy.linalg.lstsq(chosen, cost, rcond=None)[0]
        return max(1 - float(rest @ rest) / float(((cost - cost.mean()) ** 2).sum()), 0.0)

    both, first, second = explained([0, 1]), explained([0]), explained([1])
    return max(first + both - second, 0.0) / 2, max(second + both - first, 0.0) / 2


# ----- readings -----


@dataclass(frozen=True)
class ReadingsBand:
    """Expected cost under other readings, beside the band of the dice.

    :ivar table: one row per year: ``mean`` and ``se`` under the readings taken; ``dice_low``, ``dice_high``: band of the dice (80
        %) under them; ``low`` and ``high``: expected cost under the lowest and highest single reading, ``low_words``,
        ``high_words``; ``joint_low``, ``joint_high``: under the combinations searched (nan: not searched). Paid, yuan.
    :ivar alternatives: one row per reading, value and year: expected cost ``mean``, paired ``difference`` to the readings taken and
        its ``se`` (yuan).
    :ivar complete: whether the search for the combinations ended by itself (True where there was none).
    """

    years: tuple[int, ...]
    draws: int
    table: pandas.DataFrame
    alternatives: pandas.DataFrame
    complete: bool
    record: dict

    def to_pandas(self) -> pandas.DataFrame:
        """One row per year."""
        return self.table.copy()

    def to_json(self) -> dict:
        """Tables and run record, JSON-ready; money in yuan."""
        tables = {
            name: table.astype(object).where(table.notna(), None).to_dict("records")
            for name, table in (("band", self.table), ("alternatives", self.alternatives))
        }
        return {**tables, "complete": self.complete, "record": self.record}


def readings_band(
    population: Population,
    years: Sequence[int],
    draws: int = FEW_DRAWS,
    *,
    law: LawSpec = CURRENT,
    drivers: Drivers | None = None,
    only: Iterable[str] = (),
    measure: str = TOTAL,
    seed: int = 1,
    joint: int = 0,
    workers: int = 1,
    say: Say = lambda text: None,
) -> ReadingsBand:
    """Expected cost of coming years under other readings, on the same dice.

    Which values to forecast is found on the claims of the base year, costed as if filed in each year: every value that moves the
    total there.

    :param only: ``<document>.<reading>`` of the readings to look at (none: all). :param measure: as :func:`sensitivity`.
    :param joint: laws that the search for combinations may compute for each year (0: no combinations).
    :raises BadFact: as ``forecast``.
    """
    _enough(draws)
    drivers, only = drivers or Drivers(), tuple(only)
    found = forecast(population, years, 2, baseline=law, drivers=drivers, seed=seed)
    system = law.build(drivers["lpr_shift"], population.year)
    words = {one.path: one for one in readings_of(system)}
    base = BaseYear(population, law.build(), drivers, seed)
    single: dict[tuple[str, str], LawSpec] = {}
    combined: dict[tuple[int, str], LawSpec] = {}
    complete = True
    for year in found.years:
        say(f"正在看 {year} 年哪些读法改变合计")
        filed = in_year(base, year)
        moved = spread(filed, system, only=only, measure=measure)
        single |= {key: _with(law, "=".join(key), [key]) for key in _moving(moved, words)}
        if joint and len(moved.having(MOVES)):
            ends = search(filed, system, moved, joint, say)
            complete &= ends.complete
            for end, combination in (("low", ends.lowest), ("high", ends.highest)):
                combined[year, end] = _with(law, f"{year} {end}", combination.taken.items())
    specs = [law, *single.values(), *combined.values()]
    run = Run(population, found.years, draws, law, drivers, seed, measure)
    jobs = [dataclasses.replace(run, law=spec) for spec in specs]
    paid = {}
    for done, (spec, made) in enumerate(zip(specs, in_parallel(Run.amounts, jobs, workers), strict=True), start=1):
        say(f"正在预测各读法：{done}/{len(specs)}")
        paid[spec.name] = made[0]
    alternatives = _alternatives(found.years, paid, law.name, single, words)
    rows = []
    for place, year in enumerate(found.years):
        now = paid[law.name][:, place]
        row = {"year": year, "mean": float(now.mean()), "se": float(now.std(ddof=1) / numpy.sqrt(draws))}
        row |= {f"dice_{end}": float(numpy.quantile(now, chance)) for end, chance in zip(ENDS, BAND, strict=True)}
        row |= _ends(alternatives[alternatives["year"] == year], row["mean"])
        for end, further in (("low", min), ("high", max)):
            joined = combined.get((year, end))
            mean = numpy.nan if joined is None else float(paid[joined.name][:, place].mean())
            row[f"joint_{end}"] = further(mean, row[end])  # 单换一种也是组合；没有找组合时为 nan
        rows.append(row)
    record = found.record | {"draws": draws, "measure": measure}
    return ReadingsBand(found.years, draws, pandas.DataFrame(rows), alternatives, complete, record)


def _with(law: LawSpec, name: str, readings: Iterable[tuple[str, str]]) -> LawSpec:
    return dataclasses.replace(law, name=name, readings=(*law.readings, *readings))


def _moving(moved, words: dict[str, Reading]) -> list[tuple[str, str]]:
    """(path, value) of every value that moves the total."""
    paths, table = {reading.name: path for path, reading in words.items()}, moved.having(MOVES)
    return [(paths[name], value) for name, value in table[["reading", "value"]].itertuples(index=False)]


def _alternatives(years, amounts, taken: str, single, words: dict[str, Reading]) -> pandas.DataFrame:
    rows = []
    for (path, value), spec in single.items():
        reading, change = words[path], amounts[spec.name] - amounts[taken]
        for place, year in enumerate(years):
            rows.append(
                {
                    "reading": reading.name,
                    "title": reading.title,
                    "value": value,
                    "words": reading.words[value],
                    "year": year,
                    "mean": float(amounts[spec.name][:, place].mean()),
                    "difference": float(change[:, place].mean()),
                    "se": float(change[:, place].std(ddof=1) / numpy.sqrt(len(change))),
                }
            )
    columns = ["reading", "title", "value", "words", "year", "mean", "difference", "se"]
    return pandas.DataFrame(rows, columns=columns)


def _ends(alternatives: pandas.DataFrame, mean: float) -> dict:
    """The lowest and highest expected cost, the readings taken included, and in words what is read so."""
    ends: dict = {"low": mean, "low_words": "", "high": mean, "high_words": ""}
    for row in alternatives.itertuples():
        for name, further in (("low", row.mean < ends["low"]), ("high", row.mean > ends["high"])):
            if further:
                ends |= {name: row.mean, f"{name}_words": f"{row.title}：{row.words}"}
    return ends
