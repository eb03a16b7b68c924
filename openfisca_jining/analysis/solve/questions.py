"""The four questions: a sum spent exactly, the dearest value within a fund, the cheapest without losers, and a frontier."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy
import pandas

from openfisca_jining.analysis.compare import names_of
from openfisca_jining.analysis.record import run_record
from openfisca_jining.analysis.solve.line import Line, line, lines, wanted_instruments
from openfisca_jining.analysis.solve.search import LoserLevel, Run, nearest, runs
from openfisca_jining.analysis.solve.span import Span, shortest
from openfisca_jining.analysis.sweep import Axis, label_of, value_at
from openfisca_jining.errors import UnknownParameter, UnstatedParameter
from openfisca_jining.instruments import instruments
from openfisca_jining.law import find
from openfisca_jining.money import FEN, sum_fen, to_fen
from openfisca_jining.population import Population

#: Columns of stretches of values: first and last value, one value as a document or a keyboard would have it, its text, total.
STRETCH = ("low", "high", "value", "text", "total")
#: What lies between two neighbouring values whose totals leap over the amount.
JUMP, ROUNDING = "跳变", "四舍五入到分"
#: Most values at which an answer without solution looks for enterprises that always lose.
MOST_LOOKS = 2_000


@dataclass(frozen=True)
class Course:
    """How a total runs along a parameter.

    :ivar span: the range. :ivar label: Chinese label of the parameter. :ivar measure: whose money is added up, in Chinese.
    :ivar current: value of the parameter under the law asked about (None: it has none).
    :ivar baseline: total under current law, yuan (None: it leaves a quantity open, perhaps the parameter itself).
    :ivar kinks: see ``kinds.kink_table``.
    :ivar curve: ``value`` and ``total`` (yuan) at values to draw. :ivar record: run record.
    """

    span: Span
    label: str
    measure: str
    current: float | None
    baseline: float | None
    kinks: pandas.DataFrame
    curve: pandas.DataFrame
    record: dict

    def to_json(self) -> dict:
        """JSON-ready; money in yuan."""
        return {
            "parameter": self.span.path,
            "label": self.label,
            "unit": self.span.unit,
            "start": self.span.start,
            "range": [self.span.value(self.span.low), self.span.value(self.span.high)],
            "measure": self.measure,
            "current": self.current,
            "baseline_total": self.baseline,
            "kinks": _records(self.kinks.drop(columns="step")),
            "curve": _records(self.curve),
            "record": self.record,
        }


@dataclass(frozen=True)
class Solved:
    """Which values spend a sum.

    :ivar course: the total along the parameter. :ivar target: the sum, yuan.
    :ivar solutions: :data:`STRETCH`: from ``low`` to ``high`` every value spends the sum to the fen; ``flat``: whether these are
        really different values, or one value that rounding makes a little wide.
    :ivar leaps: neighbouring values between which the total leaps over the sum: ``below``, ``below_total``, ``above``,
        ``above_total`` (yuan), ``cause``.
    :ivar reach: highest total below and lowest above the sum if there is no solution: ``value``, ``text``, ``total``.
    :ivar stated: values a document would state around the solutions and leaps: ``value``, ``text``, ``total``, ``difference``.
    """

    course: Course
    target: float
    solutions: pandas.DataFrame
    leaps: pandas.DataFrame
    reach: pandas.DataFrame
    stated: pandas.DataFrame

    @property
    def record(self) -> dict:
        """Run record."""
        return self.course.record

    def to_pandas(self) -> pandas.DataFrame:
        """The solutions (a copy)."""
        return self.solutions.copy()

    def to_json(self) -> dict:
        """Solutions, leaps and the course, JSON-ready; money in yuan."""
        tables = {name: _records(getattr(self, name)) for name in ("solutions", "leaps", "reach", "stated")}
        return {"question": "target", "target": self.target, **tables, **self.course.to_json()}


@dataclass(frozen=True)
class Affordable:
    """Which values stay within a fund.

    :ivar course: the total along the parameter. :ivar limit: the fund, yuan.
    :ivar stretches: ``low``, ``high``, their texts and totals: from ``low`` to ``high`` every value stays within the fund.
    :ivar dearest: :data:`STRETCH`: the values with the highest total within the fund.
    :ivar beyond: the neighbouring values outside the fund: ``value``, ``text``, ``total``, ``over`` (yuan above the limit).
    :ivar stated: as in :class:`Solved`, around the ends of ``stretches``.
    """

    course: Course
    limit: float
    stretches: pandas.DataFrame
    dearest: pandas.DataFrame
    beyond: pandas.DataFrame
    stated: pandas.DataFrame

    @property
    def record(self) -> dict:
        """Run record."""
        return self.course.record

    def to_pandas(self) -> pandas.DataFrame:
        """The affordable stretches (a copy)."""
        return self.stretches.copy()

    def to_json(self) -> dict:
        """Stretches, dearest values and the course, JSON-ready; money in yuan."""
        tables = {name: _records(getattr(self, name)) for name in ("stretches", "dearest", "beyond", "stated")}
        return {"question": "at_most", "limit": self.limit, **tables, **self.course.to_json()}


@dataclass(frozen=True)
class NoLosers:
    """Which values leave no enterprise with less than under current law.

    :ivar course: the total along the parameter. :ivar stretches: as in :class:`Affordable`: where nobody loses.
    :ivar cheapest: :data:`STRETCH`: the values with the lowest total of those.
    :ivar binding: who would lose just beside the cheapest values: ``value``, ``text``, ``enterprise``, ``name``, ``loss`` (yuan).
    :ivar always: who loses at every value: ``enterprise``, ``name``, ``before``, ``most`` (the most it can get), ``loss`` (yuan).
        If this is not empty, there is no value without losers, and the other tables leave these enterprises out of account.
    :ivar fewest: if nothing else is found, the kink with the fewest losers: ``value``, ``text``, ``total``, ``losers``.
    """

    course: Course
    stretches: pandas.DataFrame
    cheapest: pandas.DataFrame
    binding: pandas.DataFrame
    always: pandas.DataFrame
    fewest: pandas.DataFrame

    @property
    def record(self) -> dict:
        """Run record."""
        return self.course.record

    def to_pandas(self) -> pandas.DataFrame:
        """The stretches without losers (a copy)."""
        return self.stretches.copy()

    def to_json(self) -> dict:
        """Everything, JSON-ready; money in yuan."""
        names = ("stretches", "cheapest", "binding", "always", "fewest")
        tables = {name: _records(getattr(self, name)) for name in names}
        return {"question": "nobody_loses", **tables, **self.course.to_json()}


@dataclass(frozen=True)
class Frontier:
    """Which pairs of values of two parameters spend a sum.

    :ivar first: the parameter that is gone through. :ivar span: the one that is solved for. :ivar labels: path -> Chinese label.
    :ivar units: path -> unit. :ivar current: path -> value under the law asked about. :ivar target: the sum, yuan.
    :ivar table: for each value of the first (``first``) its solutions and leaps: ``kind`` (``solution``; ``rounding``: the total
        leaps over the sum by a few fen; ``leap``: by more; ``none``: it stays below or above); ``low``, ``high``, ``value``,
        ``text``, ``total`` (of a leap: the two neighbouring values, and of these the nearer to the sum, and its total; of
        ``none``: the nearest that can be reached); ``flat`` as in :class:`Solved`.
    """

    first: Axis
    span: Span
    labels: dict[str, str]
    units: dict[str, str]
    current: dict
    measure: str
    baseline: float | None
    target: float
    table: pandas.DataFrame
    record: dict

    def to_pandas(self) -> pandas.DataFrame:
        """The table (a copy)."""
        return self.table.copy()

    def to_json(self) -> dict:
        """Everything, JSON-ready; money in yuan."""
        return {
            "question": "frontier",
            "parameters": [self.first.path, self.span.path],
            "labels": self.labels,
            "start": self.span.start,
            "current": self.current,
            "measure": self.measure,
            "baseline_total": self.baseline,
            "target": self.target,
            "combinations": _records(self.table),
            "record": self.record,
        }


# ----- the questions -----


def solve(
    population: Population, system, span: Span, target: float, measure: str | None = None, baseline=None
) -> Solved:
    """All values of a parameter at which a total is exactly a sum.

    :param span: range of the parameter (``span.span``). :param target: yuan. :param measure: only this payer's or instrument's
        money (its Chinese label). :param baseline: current law, default ``system``.
    :raises UnknownParameter: no such measure, a negative sum, or a parameter that is read once for all claims.
    """
    amount = _fen(target)
    along = line(population, system, span, measure)
    found, blocks = runs(along.points, along.level(amount))
    solutions = [run for run in found if run.side == 0]
    leaps = [(a, b) for a, b in itertools.pairwise(found) if a.side * b.side < 0]
    reach = []
    if not solutions:
        nearby = (nearest(along.points, along.level(amount), blocks, sign) for sign in (-1, 1))
        reach = [step for step in nearby if step is not None]
    ends = [(run.low, run.high) for run in solutions] + [(a.high, b.low) for a, b in leaps]
    return Solved(
        _course(population, system, baseline, along, measure, [step for pair in ends for step in pair]),
        amount / FEN,
        _stretches(along, solutions).assign(flat=[_is_flat(along, run) for run in solutions]),
        _leaps(along, leaps),
        _points(along, reach),
        _stated(along, ends, amount),
    )


def affordable(
    population: Population, system, span: Span, limit: float, measure: str | None = None, baseline=None
) -> Affordable:
    """All values of a parameter at which a total stays within a fund, and the dearest of them. See :func:`solve`."""
    amount = _fen(limit)
    along = line(population, system, span, measure)
    level = along.level(amount)
    found, blocks = runs(along.points, level)
    within = _joined(found, lambda side: side <= 0)
    best = nearest(along.points, level, blocks, -1)
    dearest: list[Run] = []
    if best is not None:
        dearest = [run for run in runs(along.points, along.level(along.exact.total(best)))[0] if run.side == 0]
    outside = sorted({step for run in within for step in (run.low - 1, run.high + 1) if span.low <= step <= span.high})
    ends = [(run.low, run.high) for run in within]
    beyond = _points(along, outside)
    return Affordable(
        _course(population, system, baseline, along, measure, [step for pair in ends for step in pair] + outside),
        amount / FEN,
        _ends(along, within),
        _stretches(along, dearest),
        beyond.assign(over=beyond["total"] - amount / FEN),
        _stated(along, [(step, step) for pair in ends for step in pair if span.low < step < span.high], amount),
    )


def nobody_loses(population: Population, baseline, system, span: Span, measure: str | None = None) -> NoLosers:
    """All values of a parameter at which every enterprise is paid at least what current law pays it, and the cheapest of them.

    :param baseline: current law. :param system: the law with the other changes. See :func:`solve`.
    """
    along = line(population, system, span, measure)
    before = paid_by_enterprise(population, baseline)
    level = LoserLevel(along.law, along.exact, along.whole_variation, before)
    found, _ = runs(along.points, level)
    always = numpy.zeros(len(before), dtype=bool)
    if all(run.side for run in found):
        every = -(-len(along.points) // MOST_LOOKS)
        level.look([*along.points[::every], along.points[-1]])
        always = level.most < before
        lost = _losses(population, before[always], level.most[always], numpy.flatnonzero(always))
        level = LoserLevel(along.law, along.exact, along.whole_variation, numpy.where(always, 0, before))
        found, _ = runs(along.points, level)
    else:
        lost = _losses(population, before[:0], before[:0], before[:0])
    free = [run for run in found if run.side == 0]
    cheapest: list[Run] = []
    if free:
        steps = sorted({step for run in free for step in (run.low, run.high)} | _inside(along.points, free))
        lowest = min(along.exact.totals(steps))
        level_of_total = along.level(int(lowest))
        same = [run for run in runs(along.points, level_of_total)[0] if run.side == 0]
        cheapest = [Run(max(a.low, b.low), min(a.high, b.high), 0) for a in free for b in same]
        cheapest = [run for run in cheapest if run.low <= run.high]
    return NoLosers(
        _course(population, system, baseline, along, measure, [step for run in free for step in (run.low, run.high)]),
        _ends(along, free),
        _stretches(along, cheapest, lambda step: not level.side(step)),
        _binding(population, along, level, cheapest),
        lost,
        _fewest(along, level) if not free else _points(along, []).assign(losers=[]),
    )


def frontier(
    population: Population,
    system,
    first: Axis,
    span: Span,
    target: float,
    measure: str | None = None,
    baseline=None,
) -> Frontier:
    """For each value of one parameter, the values of another at which a total is exactly a sum. See :func:`solve`."""
    if first.path == span.path or first.start != span.start:
        raise UnknownParameter([span.path], "两个参数应不同，并从同一天起变动。")
    amount = _fen(target)
    rows: list[dict] = []
    along_each = lines(population, system, span, measure, {first.path: first.values})
    for value, along in zip(first.values, along_each, strict=True):
        rows += [{"first": value, **row} for row in _frontier_rows(along, amount)]
    columns = ["first", "kind", *STRETCH, "flat"]
    return Frontier(
        first,
        span,
        {path: label_of(system, path) for path in (first.path, span.path)},
        {path: find(system.parameters, path).metadata.get("unit", "") for path in (first.path, span.path)},
        {path: value_at(system, path, span.start, population.year) for path in (first.path, span.path)},
        wanted_instruments(system, measure)[1],
        _current_total(population, baseline or system, measure),
        amount / FEN,
        pandas.DataFrame(rows, columns=columns),
        run_record(population, system),
    )


def _frontier_rows(along: Line, amount: int) -> list[dict]:
    level = along.level(amount)
    found, blocks = runs(along.points, level)
    solved = [run for run in found if run.side == 0]
    rows = (
        _stretches(along, solved)
        .assign(kind="solution", flat=[_is_flat(along, run) for run in solved])
        .to_dict("records")
    )
    for a, b in itertools.pairwise(found):
        if a.side * b.side < 0:
            near = min((a.high, b.low), key=lambda step: abs(along.exact.total(step) - amount))
            kind = "leap" if _cause(along, a, b) == JUMP else "rounding"
            rows.append(
                {"kind": kind, "low": along.span.value(a.high), "high": along.span.value(b.low)} | _point(along, near)
            )
    if not rows:
        nearby = [nearest(along.points, level, blocks, sign) for sign in (-1, 1)]
        step = next(step for step in nearby if step is not None)
        rows.append({"kind": "none", "low": numpy.nan, "high": numpy.nan} | _point(along, step))
    return [{"flat": False, **row} for row in rows]


# ----- parts of the answers -----


def _records(table: pandas.DataFrame) -> list[dict]:
    """Rows of a table, JSON-ready: None where there is no number."""
    return table.astype(object).where(table.notna(), None).to_dict("records")


def paid_by_enterprise(population: Population, system) -> numpy.ndarray:
    """Whole fen that each enterprise of a population is paid, all instruments together (without sample weights)."""
    simulation = population.simulation(system)
    fen = sum(to_fen(simulation.calculate(one.stages[-1], str(population.year))) for one in instruments(system))
    return sum_fen(fen, population.enterprise_number, len(population.enterprises))


def total_of(population: Population, system, measure: str | None = None) -> float:
    """Total paid under a law by a payer or instrument, yuan, as ``budget`` adds it up."""
    wanted, _ = wanted_instruments(system, measure)
    simulation, year = population.simulation(system), str(population.year)
    weight = simulation.populations["project"].enterprise("weight", year)
    stages = [one.stages[-1] for one, counts in zip(instruments(system), wanted, strict=True) if counts]
    return sum(int(to_fen(weight * simulation.calculate(stage, year)).sum()) for stage in stages) / FEN


def _current_total(population: Population, system, measure: str | None) -> float | None:
    try:
        return total_of(population, system, measure)
    except UnstatedParameter:
        return None


def _fen(yuan: float) -> int:
    if not 0 <= yuan < 10**13:
        raise UnknownParameter([], f"金额 {yuan} 不对：应为 0 元以上。")
    return int(to_fen(numpy.array([yuan]))[0])


def _course(population, system, baseline, along: Line, measure, also) -> Course:
    ids = population.enterprises["enterprise_id"].tolist()
    table = along.kink_table(ids)
    current = value_at(system, along.span.path, along.span.start, population.year)
    step = along.span.step_of(current)
    marks = [step] if step is not None and along.span.low <= step <= along.span.high else []
    return Course(
        along.span,
        label_of(system, along.span.path),
        wanted_instruments(system, measure)[1],
        current,
        _current_total(population, baseline or system, measure),
        table,
        along.curve([*also, *marks]),
        run_record(population, system),
    )


def _point(along: Line, step: int) -> dict:
    return {"value": along.span.value(step), "text": along.span.text(step), "total": along.yuan(step)}


def _points(along: Line, steps: Sequence[int]) -> pandas.DataFrame:
    return pandas.DataFrame([_point(along, step) for step in steps], columns=["value", "text", "total"])


def _stretches(along: Line, found: Sequence[Run], holds=None) -> pandas.DataFrame:
    """Runs with the roundest value of each, which is looked at. :param holds: condition of a step; default: the run's total."""
    rows = []
    for run in found:
        step = shortest(run.low, run.high)
        off = abs(along.exact.total(step) - along.exact.total(run.low))
        good = off <= 2 * along.tolerance and (holds is None or holds(step))
        ends = {"low": along.span.value(run.low), "high": along.span.value(run.high)}
        rows.append(ends | _point(along, step if good else run.low))
    return pandas.DataFrame(rows, columns=list(STRETCH))


def _ends(along: Line, found: Sequence[Run]) -> pandas.DataFrame:
    rows = [
        {
            "low": along.span.value(run.low),
            "high": along.span.value(run.high),
            "low_text": along.span.text(run.low),
            "high_text": along.span.text(run.high),
            "low_total": along.yuan(run.low),
            "high_total": along.yuan(run.high),
        }
        for run in found
    ]
    return pandas.DataFrame(rows, columns=["low", "high", "low_text", "high_text", "low_total", "high_total"])


def _joined(found: Sequence[Run], counts) -> list[Run]:
    """Neighbouring runs whose answers count alike, as one; only those that count."""
    joined: list[Run] = []
    for run in found:
        if not counts(run.side):
            continue
        if joined and joined[-1].high + 1 == run.low:
            joined[-1] = Run(joined[-1].low, run.high, 0)
        else:
            joined.append(Run(run.low, run.high, 0))
    return joined


def _inside(points: Sequence[int], found: Sequence[Run]) -> set[int]:
    return {step for step in points for run in found if run.low <= step <= run.high}


def _is_flat(along: Line, run: Run) -> bool:
    """Whether a run holds a whole stretch between two kinks, so that it is no mere rounding."""
    first = numpy.searchsorted(along.points, run.low)
    inside = [step for step in along.points[first : first + 8] if step <= run.high]
    return any(b - a > 3 * along.span.resolution or along.span.steps == 1 for a, b in itertools.pairwise(inside))


def _leaps(along: Line, found: Sequence[tuple[Run, Run]]) -> pandas.DataFrame:
    rows = []
    for a, b in found:
        below, above = (a.high, b.low) if a.side < 0 else (b.low, a.high)
        rows.append(
            {
                "below": along.span.value(below),
                "below_text": along.span.text(below),
                "below_total": along.yuan(below),
                "above": along.span.value(above),
                "above_text": along.span.text(above),
                "above_total": along.yuan(above),
                "cause": _cause(along, a, b),
            }
        )
    columns = ["below", "below_text", "below_total", "above", "above_text", "above_total", "cause"]
    return pandas.DataFrame(rows, columns=columns)


def _cause(along: Line, below: Run, above: Run) -> str:
    """Why the total leaps between two neighbouring runs."""
    kinks = along.kinks
    return JUMP if (kinks.jump & (kinks.left <= below.high) & (kinks.right >= above.low)).any() else ROUNDING


def _stated(along: Line, ends: Sequence[tuple[int, int]], amount: int) -> pandas.DataFrame:
    steps = sorted({step for low, high in ends for step in along.span.rounded(min(low, high), max(low, high))})
    table = _points(along, steps)
    return table.assign(difference=table["total"] - amount / FEN)


def _binding(population, along: Line, level: LoserLevel, cheapest: Sequence[Run]) -> pandas.DataFrame:
    ids, names = population.enterprises["enterprise_id"].tolist(), names_of(population)
    rows = []
    for run in cheapest:
        for step in (run.low - 1, run.high + 1):
            if not along.span.low <= step <= along.span.high:
                continue
            level.look([step])
            short = level.losses(step)
            rows += [
                {"value": along.span.value(step), "text": along.span.text(step), "enterprise": ids[one]}
                | {"name": names.get(ids[one], ""), "loss": short[one] / FEN}
                for one in sorted(level.losers[step])
            ]
    return pandas.DataFrame(rows, columns=["value", "text", "enterprise", "name", "loss"])


def _fewest(along: Line, level: LoserLevel) -> pandas.DataFrame:
    """Of the steps looked at the one with the fewest losers, the cheapest of these."""
    fewest = min(map(len, level.losers.values()))
    steps = [step for step, losers in level.losers.items() if len(losers) == fewest]
    along.exact.look(steps)
    best = min(steps, key=lambda step: (along.exact.total(step), step))
    return _points(along, [best]).assign(losers=[fewest])


def _losses(population, before, most, enterprises) -> pandas.DataFrame:
    """Who loses at every value, the largest loss first. :param before, most: fen of each of the enterprises."""
    ids, names = population.enterprises["enterprise_id"].tolist(), names_of(population)
    columns = {
        "enterprise": [ids[one] for one in enterprises],
        "name": [names.get(ids[one], "") for one in enterprises],
        "before": before / FEN,
        "most": most / FEN,
        "loss": (before - most) / FEN,
    }
    return pandas.DataFrame(columns).sort_values("loss", ascending=False, kind="stable", ignore_index=True)
