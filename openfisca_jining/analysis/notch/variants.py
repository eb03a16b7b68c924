"""Variants of the facts: copies of enterprises in which something is changed, all computed by the law in one
simulation.

Before the pools an enterprise's money depends on nobody but the enterprises it shares a consortium with. A variant is
therefore a copy of an enterprise together with those (its *unit*), and thousands of variants are one population.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy
import pandas
from numpy.typing import NDArray

from openfisca_jining.analysis.explain import Facts, declared, set_cells
from openfisca_jining.instruments import instruments
from openfisca_jining.money import group_starts, sum_fen, to_fen
from openfisca_jining.population import Population

Integers = NDArray[numpy.int64]
#: Jumps of less (fen) are the rounding of shares, not a line of the law.
ONE_YUAN = 100


def entitled(population: Population, system) -> Integers:
    """What every project is entitled to before the pools, after the enterprise's choice.

    :returns: whole fen, one row per instrument (in the order of ``instruments``), one column per project.
    """
    return entitled_in(population.simulation(system), population.year)


def entitled_in(simulation, year: int) -> Integers:
    """:func:`entitled` of a simulation that is there already."""
    system = simulation.tax_benefit_system
    return numpy.array([to_fen(simulation.calculate(one.stages[-2], str(year))) for one in instruments(system)])


def weights(population: Population) -> NDArray[numpy.float64]:
    """Sample weight of each project's enterprise."""
    if "weight" not in population.enterprises:
        return numpy.ones(len(population))
    return population.enterprises["weight"].fillna(1.0).to_numpy(dtype=float)[population.enterprise_number]


def scale_of(variable) -> int:
    """Whole numbers that make one of a fact: 100 fen for money, 1 for counts."""
    return 100 if variable.unit == "元" else 1


def named_consortia(population: Population) -> NDArray[numpy.object_]:
    """Consortium that each project names, "" for none."""
    if "consortium_id" not in population.projects:
        return numpy.full(len(population), "", dtype=object)
    return population.projects["consortium_id"].fillna("").astype(str).to_numpy(dtype=object)


class Ties:
    """Which projects hang together, by their enterprise or by a consortium.

    :ivar unit: unit of each project. :ivar order: projects sorted by unit. :ivar starts, sizes: of each unit in
        ``order``.
    :ivar rank: place of each project in its unit.
    """

    def __init__(self, population: Population) -> None:
        self.population = population
        self.unit = self._units()
        self.order = numpy.argsort(self.unit, kind="stable")
        self.sizes = numpy.bincount(self.unit)
        self.starts = numpy.cumsum(self.sizes) - self.sizes
        self.rank = numpy.empty(len(population), dtype=numpy.int64)
        self.rank[self.order] = numpy.arange(len(population)) - group_starts(self.unit[self.order])

    def _units(self) -> Integers:
        """The smallest enterprise number that a project can be reached from, by way of enterprises and consortia."""
        enterprise, names = self.population.enterprise_number, named_consortia(self.population)
        rows = numpy.flatnonzero(names != "")
        consortium, known = pandas.factorize(names[rows])
        reached = enterprise.copy()
        while True:
            lowest = numpy.full(len(known), len(self.population.enterprises))
            numpy.minimum.at(lowest, consortium, reached[rows])
            grown = reached.copy()
            grown[rows] = lowest[consortium]
            of_enterprise = numpy.full(len(self.population.enterprises), len(self.population.enterprises))
            numpy.minimum.at(of_enterprise, enterprise, grown)
            grown = of_enterprise[enterprise]
            if (grown == reached).all():
                return pandas.factorize(reached)[0].astype(numpy.int64)
            reached = grown

    def money(self, fen) -> Integers:
        """Sum of the projects' whole fen by unit."""
        return sum_fen(fen, self.unit, len(self.sizes))


class Copies:
    """Copies of units of a population, to be changed and computed.

    :ivar projects, enterprises: tables of all copies, to be edited. :ivar copy, entry: copy and entry of each project
        row.
    :ivar source: row in the original population of each project row. :ivar count: number of copies.
    """

    def __init__(self, ties: Ties, units, copy=None) -> None:
        """Copy units.

        :param units: unit of each entry. :param copy: copy that each entry belongs to (default: each its own); entries
            of one copy must be different units.
        """
        self.ties, self.base = ties, ties.population
        units = numpy.asarray(units, dtype=numpy.int64)
        of_entry = numpy.arange(len(units)) if copy is None else numpy.asarray(copy, dtype=numpy.int64)
        self.count = int(of_entry.max(initial=-1)) + 1
        sizes = ties.sizes[units]
        self.first = numpy.cumsum(sizes) - sizes
        inside = numpy.arange(sizes.sum()) - numpy.repeat(self.first, sizes)
        self.source = ties.order[numpy.repeat(ties.starts[units], sizes) + inside]
        self.entry = numpy.repeat(numpy.arange(len(units)), sizes)
        self.copy = of_entry[self.entry]
        self.projects = self.base.projects.iloc[self.source].reset_index(drop=True)
        firms = len(self.base.enterprises)
        codes, keys = pandas.factorize(self.copy * firms + self.base.enterprise_number[self.source])
        self.enterprises = self.base.enterprises.iloc[keys % firms].reset_index(drop=True)
        self.enterprises["enterprise_id"] = numpy.arange(len(keys))
        self.projects["enterprise_id"] = codes
        if "consortium_id" in self.projects:
            names = named_consortia(self.base)[self.source]
            marked = [f"{name}#{number}" if name else "" for name, number in zip(names, self.copy, strict=True)]
            self.projects["consortium_id"] = marked

    def rows(self, base_rows, entries=None) -> Integers:
        """Where a project of the original population stands in each entry (default: one row for each entry, in
        order)."""
        first = self.first if entries is None else self.first[entries]
        return first + self.ties.rank[numpy.asarray(base_rows)]

    def population(self) -> Population:
        """The copies as a population of the original's claim year."""
        self.projects["project_id"] = numpy.arange(len(self.projects))
        return Population(self.base.year, self.projects, self.enterprises)

    def money(self, system) -> Integers:
        """What each copy is entitled to: whole fen, one row per instrument, one column per copy."""
        if not self.count:
            return numpy.zeros((len(instruments(system)), 0), dtype=numpy.int64)
        return self.by_copy(entitled(self.population(), system))

    def by_copy(self, fen) -> Integers:
        """Sums over the projects of each copy, row by row."""
        return numpy.array([sum_fen(row, self.copy, self.count) for row in fen])


def moved_along(name: str) -> list[tuple[str, bool]]:
    """Facts that change by as much as a fact does: what it is part of, and what grows with it (name, only where
    stated)."""
    found, waiting = [], [name]
    while waiting:
        one = waiting.pop()
        wholes = [declared()["parts"][one]] if one in declared()["parts"] else []
        found += [(whole, False) for whole in wholes] + [
            (other, True) for other in declared()["grows_with"].get(one, [])
        ]
        waiting += wholes
    return found


def raise_fact(projects: pandas.DataFrame, system, rows, name: str, more) -> None:
    """Change a fact of some rows by whole fen (or counts), and with it the facts that it is part of. ``more`` may be
    negative."""
    rows, more = numpy.asarray(rows), numpy.asarray(more, dtype=numpy.int64)
    for fact, if_stated in [(name, False), *moved_along(name)]:
        if if_stated and fact not in projects:
            continue
        variable = system.variables[fact]
        stated = (
            projects[fact].iloc[rows].notna().to_numpy() if fact in projects else numpy.zeros(len(rows), dtype=bool)
        )
        chosen = stated if if_stated else numpy.ones(len(rows), dtype=bool)
        if chosen.any():
            values = numpy.maximum(whole_numbers(projects, variable, rows) + more, 0)[chosen]
            scale = scale_of(variable)
            set_cells(projects, variable, rows[chosen], values / scale if scale > 1 else values)


def whole_numbers(projects: pandas.DataFrame, variable, rows) -> Integers:
    """A fact of some rows in whole fen (or counts); what is not stated is the variable's default."""
    if variable.name not in projects:
        return numpy.full(len(rows), variable.default_value * scale_of(variable), dtype=numpy.int64)
    values = projects[variable.name].iloc[rows].fillna(variable.default_value).to_numpy(dtype=float)
    return to_fen(values) if scale_of(variable) > 1 else values.astype(numpy.int64)


@dataclass(frozen=True)
class Varied:
    """Projects in each of which one fact is varied (cases).

    :ivar ties: the population. :ivar rows: row of each case's project. :ivar names: the fact that is varied.
    """

    ties: Ties
    system: Any
    rows: Integers
    names: Sequence[str]

    def scale(self, case: int) -> int:
        """See :func:`scale_of`."""
        return scale_of(self.system.variables[self.names[case]])

    @cached_property
    def now(self) -> Integers:
        """The fact as it is, in whole fen (or counts)."""
        return numpy.array([self._value(row, name) for row, name in zip(self.rows, self.names, strict=True)], dtype=int)

    @cached_property
    def least(self) -> Integers:
        """The smallest value that leaves room for the parts of the fact."""
        parts = declared()["parts"]
        return numpy.array(
            [
                sum(self._value(row, part) for part, whole in parts.items() if whole == name)
                for row, name in zip(self.rows, self.names, strict=True)
            ],
            dtype=int,
        )

    def _value(self, row: int, name: str) -> int:
        variable = self.system.variables[name]
        return int(whole_numbers(self.ties.population.projects, variable, [row])[0])

    def copies(self, which, values) -> tuple[Copies, Integers]:
        """One copy for each pair of a case and a value of its fact, and the row of the varied project in each."""
        which, values = numpy.asarray(which), numpy.asarray(values)
        copies = Copies(self.ties, self.ties.unit[self.rows[which]])
        rows = copies.rows(self.rows[which])
        names = numpy.array(list(self.names), dtype=object)[which]
        for name in dict.fromkeys(names):
            chosen = names == name
            more = values[chosen] - self.now[which[chosen]]
            raise_fact(copies.projects, self.system, rows[chosen], name, more)
        return copies, rows

    def money(self, which, values) -> Integers:
        """What the unit of each pair is entitled to, whole fen."""
        copies, _ = self.copies(which, values)
        return copies.money(self.system).sum(axis=0)

    def computed(self, which, values) -> tuple[Copies, Facts, Integers]:
        """The copies, all their values (see ``explain.Facts``), and the row of the varied project in each."""
        copies, rows = self.copies(which, values)
        return copies, Facts(copies.population().simulation(self.system), self.ties.population.year), rows


#: Parts into which an interval is cut at once in a search.
WAYS = 32


def first_true(test, low, high) -> Integers:
    """The smallest whole number in (low, high] at which a test holds, for many cases at once.

    :param test: ``test(which, values)`` -> bool of each pair; taken to turn true once in the interval.
    :returns: -1 where it holds at ``low`` already or does not at ``high``.
    """
    low, high = numpy.array(low, dtype=numpy.int64), numpy.array(high, dtype=numpy.int64)
    every = numpy.arange(len(low))
    if not len(low):
        return low
    ends = test(numpy.tile(every, 2), numpy.concatenate([low, high]))
    found = ~ends[: len(low)] & ends[len(low) :]
    while True:
        wide = numpy.flatnonzero(found & (high - low > 1))
        if not len(wide):
            return numpy.where(found, high, -1)
        width = (high - low)[wide, None]
        inner = low[wide, None] + width * numpy.arange(1, WAYS) // WAYS
        true = test(numpy.repeat(wide, WAYS - 1), inner.ravel()).reshape(inner.shape)
        place = numpy.where(true.any(axis=1), true.argmax(axis=1), WAYS - 1)
        marks = numpy.column_stack([low[wide], inner, high[wide]])
        line = numpy.arange(len(wide))
        low[wide], high[wide] = marks[line, place], marks[line, place + 1]
