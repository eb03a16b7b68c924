"""One population and one law along a range of one parameter: kinks, pools, exact totals, and the places between which they run
straight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy
import pandas

from openfisca_jining.analysis.scenarios import ScenarioRunner, VariedLaw
from openfisca_jining.analysis.solve.components import Components
from openfisca_jining.analysis.solve.exact import Exact, Variation, turning_points
from openfisca_jining.analysis.solve.kinds import kink_table
from openfisca_jining.analysis.solve.kinks import kinks
from openfisca_jining.analysis.solve.search import TotalLevel
from openfisca_jining.analysis.solve.span import MONEY, Span
from openfisca_jining.errors import UnknownParameter
from openfisca_jining.instruments import instruments
from openfisca_jining.law import OneLawOnly
from openfisca_jining.money import FEN
from openfisca_jining.population import Population
from openfisca_jining.written import SHARE

#: Places at which pools are looked at besides the turns of the claims, and places where a pool reads the parameter itself.
LOOKS, CLOSE_LOOKS = 17, 65
#: Points of the curve that is shown: evenly spread; kinks; and jumps that it shows on both sides.
SHOWN, BENDS, JUMPS = 41, 80, 80
#: Amount of the parameter for which a change of slope is stated, by unit: one per cent (point), 10,000 yuan.
SLOPE_UNIT = {SHARE: 0.01, MONEY: 10_000.0}


class Line:
    """See the module's docstring.

    :param law: made with the stages ``chosen`` and ``paid``. :param fixed: path -> value of its other varied parameters.
    :param wanted: bool by instrument: whose money is added up.
    :ivar points: steps between which every total rises or falls throughout. :ivar pools: neighbouring steps between which a pool
        begins or ceases to take something.
    """

    def __init__(
        self, law: VariedLaw, components: Components, span: Span, wanted: numpy.ndarray, fixed: Mapping[str, float]
    ) -> None:
        self.law, self.components, self.span = law, components, span
        self.exact = Exact(law, span, fixed, wanted)
        self.kinks = kinks(components, span, fixed)
        self.bounded = components.whole and not law.trace.readers([span.path]) & law.pooled
        looks = {span.low, span.high}
        if law.pooled:
            slack = 2 * float(components.noise.sum())
            pooled = components.pooled
            for columns in (pooled, *(numpy.eye(len(pooled), dtype=bool)[pooled])):
                looks |= set(turning_points(self.kinks, columns, slack))
            looks |= set(self.evenly(LOOKS if self.bounded else CLOSE_LOOKS))
        self.pools = self.exact.pool_kinks(sorted(looks)) if law.pooled else []
        places = {span.low, span.high, *self.kinks.places().tolist(), *(step for pair in self.pools for step in pair)}
        self.points = sorted(places if self.bounded else places | looks)

    def evenly(self, count: int) -> list[int]:
        """Steps evenly spread over the range, both ends included."""
        return numpy.unique(
            numpy.rint(numpy.linspace(self.span.low, self.span.high, count)).astype(numpy.int64)
        ).tolist()

    @cached_property
    def variation(self) -> Variation | None:
        """How far totals of the instruments wanted can move between two places."""
        wanted = self.components.of(self.exact.wanted)
        return self._variation(wanted | self.components.pooled if (wanted & self.components.pooled).any() else wanted)

    @cached_property
    def whole_variation(self) -> Variation | None:
        """How far all claims together can move between two places."""
        return self._variation(numpy.ones(len(self.components.names), dtype=bool))

    def _variation(self, columns) -> Variation | None:
        return Variation(self.kinks, columns, self.components.noise) if self.bounded else None

    def level(self, target: int) -> TotalLevel:
        """Totals against an amount (fen)."""
        return TotalLevel(self.exact, self.variation, target, self.tolerance)

    @property
    def tolerance(self) -> int:
        """Fen by which a total may be off a sum: none; in a sample with weights, whose pools leave fen over, one a project."""
        return len(self.law.weight) if self.law.sampled else 0

    def yuan(self, step: int) -> float:
        """Total of the instruments wanted at a step."""
        return self.exact.total(step) / FEN

    def kink_table(self, ids) -> pandas.DataFrame:
        """See ``kinds.kink_table``. :param ids: enterprise ids of the population."""
        unit = SLOPE_UNIT.get(self.span.unit, 1.0)
        return kink_table(self.components, self.kinks, self.exact, self.pools, ids, unit)

    def curve(self, also=()) -> pandas.DataFrame:
        """Totals to draw: evenly spread, at kinks and on both sides of the largest jumps. :param also: further steps."""
        bends = numpy.unique(self.kinks.at)
        bends = bends[numpy.unique(numpy.linspace(0, len(bends) - 1, BENDS).astype(int))] if len(bends) else bends
        jumps = numpy.flatnonzero(self.kinks.jump)
        size = numpy.abs(self.kinks.leap[jumps]).sum(axis=1)
        largest = jumps[numpy.argsort(-size, kind="stable")][:JUMPS]
        marks = {int(step) for sides in (self.kinks.left, self.kinks.right) for step in sides[largest]}
        marks |= {step for pair in self.pools for step in pair} | set(bends.tolist())
        steps = sorted(marks | set(self.evenly(SHOWN)) | set(also))
        totals = self.exact.totals(steps) / FEN
        return pandas.DataFrame({"value": [self.span.value(step) for step in steps], "total": totals})


def line(population: Population, system, span: Span, measure: str | None = None) -> Line:
    """The line of one population and law. :param measure: see :func:`wanted_instruments`.

    :raises UnknownParameter: no such measure, or a parameter that is read once for all claims.
    """
    return next(lines(population, system, span, measure, {"": [span.low]}))


def lines(
    population: Population, system, span: Span, measure: str | None, others: Mapping[str, Sequence]
) -> Iterator[Line]:
    """Lines along one parameter for each value of another. :param others: path -> its values (``""``: no other)."""
    wanted, _ = wanted_instruments(system, measure)
    ((other, values),) = others.items()
    paths = {span.path: span.value(span.low)} | ({other: values[0]} if other else {})
    try:
        law = ScenarioRunner(population, system, span.start, ("chosen", "paid")).varied(paths)
        components = Components(law)
        for value in values:
            yield Line(law, components, span, wanted, {other: float(value)} if other else {})
    except OneLawOnly as error:
        raise UnknownParameter(
            error.path.split("."),
            f"参数 {error.path} 对全部申报只取一个值，不能反求。请用 sweep 逐档试算：--over {error.path}=下限:上限:步长。",
        ) from None


def wanted_instruments(system, measure: str | None) -> tuple[numpy.ndarray, str]:
    """Whose money is added up: bool by instrument and its Chinese name. :param measure: a payer, an instrument (its label or
    name), or None: all. :raises UnknownParameter: neither."""
    known = instruments(system)
    if measure is None:
        return numpy.ones(len(known), dtype=bool), "全部资金"
    found = numpy.array([measure in (one.payer, one.label, one.name) for one in known])
    if not found.any():
        choices = "、".join(dict.fromkeys([one.payer for one in known] + [one.label for one in known]))
        raise UnknownParameter([measure], f"没有「{measure}」这一付款财政或政策工具。可选：{choices}。")
    return found, next((one.label for one in known if measure in (one.label, one.name)), measure)
