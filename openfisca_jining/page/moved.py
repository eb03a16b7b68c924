"""One claim year under one law whose numbers move: computed once, then anew only what a move reaches.

The device is that of ``analysis.scenarios``: OpenFisca's tracer says what read what, and ``law.Scenarios`` hands formulas the moved
values. A move is one scenario on all projects, so pools, ledger and every enterprise come out as in a simulation of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy

from openfisca_jining.analysis.scenarios import GROUPS, Slice, Trace
from openfisca_jining.instruments import FUNDS, instruments
from openfisca_jining.law import Scenarios, check_value, find
from openfisca_jining.population import Population


class Movable:
    """A law on a population, ready for moves of its numbers from 1 January of the claim year on.

    :ivar simulation: of the law as it is. :ivar system: the law.
    :raises MissingFact, BadFact, UnstatedParameter: see ``analysis.budget.budget``.
    """

    def __init__(self, population: Population, system) -> None:
        self.population, self.system = population, system
        self.start = first_day(population.year)
        self.simulation = population.simulation(system)
        self.simulation.trace = True
        year = str(population.year)
        for instrument in instruments(system):
            for name in instrument.stages:
                self.simulation.calculate(name, year)
        for fund in FUNDS:
            for name in (fund.available, *fund.claimed, *fund.paid):
                self.simulation.calculate(name, year)
        self.trace = Trace(self.simulation)
        self.simulation.trace = False
        populations = self.simulation.populations
        self.members = {key: populations[key].members_entity_id for key in GROUPS}
        self.numbers = {key: numpy.zeros(one.count, dtype=numpy.int64) for key, one in populations.items()}

    def moved(self, values: Mapping[str, float]):
        """The simulation with numbers of the law moved. :param values: path -> value, one at least.

        :raises UnknownParameter: no such path, or not a number. :raises UnstatedParameter: see ``analysis.budget.budget``.
        """
        own = {path: float(check_value(find(self.system.parameters, path), value)) for path, value in values.items()}
        varying = self.trace.dependents(self.trace.readers(own))
        scenario = Scenarios({path: numpy.array([value]) for path, value in own.items()}, self.start, self.numbers)
        return Slice(self.system, self.simulation, self.members, None, varying, scenario)


def first_day(year: int) -> str:
    """1 January, from which moves hold."""
    return f"{year:04d}-01-01"
