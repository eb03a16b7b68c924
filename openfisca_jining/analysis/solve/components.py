"""Grants before pools of single components (enterprises that share consortia), each under a value of its own.

Before pools a component's grants depend on nobody else, so one simulation can hold any pairs of component and value: kinks of
different components, which lie at different values, are looked for at the same time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy

from openfisca_jining.analysis.scenarios import Slice, VariedLaw, in_chunks
from openfisca_jining.law import Scenarios
from openfisca_jining.money import to_fen

#: Rows of one simulation: Core keeps every variable of it, and frees them late.
AT_ONCE = 100_000


class Lists:
    """Rows of each component. :ivar size: how many. :ivar rank: place of each row in its component."""

    def __init__(self, component: numpy.ndarray, components: int) -> None:
        self.order = numpy.argsort(component, kind="stable")
        self.size = numpy.bincount(component, minlength=components)
        self.start = numpy.cumsum(self.size) - self.size
        self.rank = numpy.empty(len(component), dtype=numpy.int64)
        self.rank[self.order] = numpy.arange(len(component)) - numpy.repeat(self.start, self.size)

    def of(self, components: numpy.ndarray) -> tuple[numpy.ndarray, numpy.ndarray]:
        """The rows of some components, one after the other: (which of them, row)."""
        size = self.size[components]
        which = numpy.repeat(numpy.arange(len(components)), size)
        place = numpy.arange(len(which)) - numpy.repeat(numpy.cumsum(size) - size, size)
        return which, self.order[self.start[components][which] + place]


class Components:
    """The components that a varied law concerns. :ivar count: how many.

    :ivar names: what is looked at: of each instrument its last stage before any pool that differs from value to value (yuan),
        then what else pools draw on. :ivar instrument: number in ``INSTRUMENTS`` of the former.
    :ivar pooled: whether a pool comes after it. :ivar whole: whether pools draw on nothing but money.
    :ivar noise: fen by which rounding can bend the curve of each component.
    """

    def __init__(self, law: VariedLaw) -> None:
        self.law, concerned = law, law.concerned
        self.count = concerned.components if concerned.count else 0
        self.lists = {"project": Lists(concerned.component, concerned.components)}
        for key in ("enterprise", "consortium"):
            of = numpy.zeros(len(concerned.groups[key]), dtype=numpy.int64)
            of[concerned.member[key]] = concerned.component
            self.lists[key] = Lists(of, concerned.components)
        chosen, paid = (
            [law.outputs[places[law.stages.index(stage)]] for places in law.place] for stage in ("chosen", "paid")
        )
        found = [
            (number, last if last in law.local else before)
            for number, (before, last) in enumerate(zip(chosen, paid, strict=True))
            if {before, last} & law.local
        ]
        drawn = [name for name in law.pool_inputs if name not in {name for _, name in found}]
        self.instrument = numpy.array([number for number, _ in found], dtype=numpy.int64)
        self.names = [*(name for _, name in found), *(name for name in drawn if self._is_money(name))]
        before_pool = [paid[number] in law.pooled for number, _ in found]
        self.pooled = numpy.array(before_pool + [True] * (len(self.names) - len(found)), dtype=bool)
        self.whole = all(self._is_money(name) for name in drawn)
        self.noise = numpy.bincount(concerned.component, concerned.weight, minlength=concerned.components) + 1

    def _is_money(self, name: str) -> bool:
        return self.law.system.get_variable(name).value_type is float

    def of(self, wanted: numpy.ndarray) -> numpy.ndarray:
        """Which of :attr:`names` are grants of some instruments. :param wanted: bool by instrument."""
        return numpy.pad(wanted[self.instrument], (0, len(self.names) - len(self.instrument)))

    def fen(self, component, values: Mapping[str, numpy.ndarray]) -> numpy.ndarray:
        """Whole fen of :attr:`names` (columns) of single components (rows), with sample weights.

        :param component: number of each. :param values: path -> its value for each of them.
        """
        result = numpy.zeros((len(component), len(self.names)), dtype=numpy.int64)
        for which, _, fen in self._portions(component, values, self.names):
            numpy.add.at(result, which, fen)
        return result

    def rows(self, component, values: Mapping[str, numpy.ndarray], names: Sequence[str]):
        """The same row by row, for any variables in yuan.

        :returns: which of the components each row is of, its concerned row, and whole fen by row and variable.
        """
        portions = list(self._portions(component, values, names))
        return tuple(numpy.concatenate(each) for each in zip(*portions, strict=True))

    def _portions(self, component, values: Mapping[str, numpy.ndarray], names: Sequence[str]):
        """:meth:`rows` of some components after the other, as many as fit."""
        law, component = self.law, numpy.asarray(component)
        for chunk in in_chunks(self.lists["project"].size[component], AT_ONCE) if len(component) else ():
            alone, (number, row) = self._alone(component[chunk], {path: each[chunk] for path, each in values.items()})
            weight = law.concerned.weight[row]
            fen = numpy.zeros((len(row), len(names)), dtype=numpy.int64)
            for place, name in enumerate(names):
                fen[:, place] = to_fen(weight * alone.calculate(name, law.year))
            yield number + chunk.start, row, fen

    def _alone(self, component, values):
        """One simulation of single components. :returns: it, and for its projects which component and concerned row they are."""
        law, concerned, count = self.law, self.law.concerned, len(component)
        scenario, rows, members = {}, {}, {}
        for key in ("project", "enterprise", "consortium"):
            scenario[key], rows[key] = self.lists[key].of(component)
        place = scenario["project"], rows["project"]
        for key in ("enterprise", "consortium"):
            size = self.lists[key].size[component]
            first = (numpy.cumsum(size) - size)[place[0]]
            members[key] = first + self.lists[key].rank[concerned.member[key][place[1]]]
        size = len(concerned.groups["city"])
        scenario["city"], rows["city"] = numpy.repeat(numpy.arange(count), size), numpy.tile(numpy.arange(size), count)
        members["city"] = place[0] * size + concerned.member["city"][place[1]]
        scenarios = Scenarios(dict(values), law.start, scenario)
        return Slice(law.system, concerned.whole, members, rows, law.varying, scenarios), place

    def enterprises(self, rows) -> numpy.ndarray:
        """Enterprise (its number in the population) of concerned rows."""
        members = self.law.base.populations["enterprise"].members_entity_id
        return members[self.law.concerned.rows[rows]]
