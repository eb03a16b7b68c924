"""What a law brings on a population, and what a move changes, in whole fen: the figures of ``analysis.compare`` at a fraction of its cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy
import pandas

from openfisca_jining.analysis.budget import LEDGER, funds_of, ledger_steps, to_fen_signed
from openfisca_jining.instruments import instruments
from openfisca_jining.population import Population


@dataclass(frozen=True)
class Outcome:
    """What one law brings.

    :ivar labels, payers: of each instrument. :ivar ledger: int64 fen, instruments by the columns of ``budget.LEDGER``.
    :ivar paid: int64 fen, instruments by enterprises (rows of the population's table).
    :ivar claimed: bool, instruments by enterprises: money promised or paid. :ivar funds: see ``budget.Budget``.
    """

    labels: tuple[str, ...]
    payers: tuple[str, ...]
    ledger: numpy.ndarray
    paid: numpy.ndarray
    claimed: numpy.ndarray
    funds: pandas.DataFrame

    @property
    def total(self) -> int:
        """Everything paid, fen."""
        return int(self.ledger[:, -1].sum())


@dataclass(frozen=True)
class Change:
    """What lies between two outcomes on the same population; money in fen."""

    before: Outcome
    after: Outcome

    @property
    def difference(self) -> int:
        """Change of the total paid, fen."""
        return self.after.total - self.before.total

    def counts(self) -> dict[str, int]:
        """Enterprises that gain, lose and stay the same, of those with money promised under either law."""
        claimed = (self.before.claimed | self.after.claimed).any(axis=0)
        sign = numpy.sign((self.after.paid - self.before.paid).sum(axis=0))[claimed]
        return {"gain": int((sign > 0).sum()), "lose": int((sign < 0).sum()), "same": int((sign == 0).sum())}

    def instruments(self) -> pandas.DataFrame:
        """One row per instrument with money promised under either law: label, payer, before, after, difference (fen), gain, lose, same."""
        claimed = self.before.claimed | self.after.claimed
        moves = self.after.paid - self.before.paid
        rows = [
            {
                "label": self.before.labels[number],
                "payer": self.before.payers[number],
                "before": int(self.before.ledger[number, -1]),
                "after": int(self.after.ledger[number, -1]),
                "difference": int(moves[number].sum()),
                "gain": int((moves[number] > 0).sum()),
                "lose": int((moves[number] < 0).sum()),
                "same": int((claimed[number] & (moves[number] == 0)).sum()),
            }
            for number in range(len(claimed))
            if claimed[number].any()
        ]
        columns = ["label", "payer", "before", "after", "difference", "gain", "lose", "same"]
        return pandas.DataFrame(rows, columns=columns)

    def enterprises(self, sign: int, count: int) -> pandas.DataFrame:
        """Those that gain (``sign`` 1) or lose (-1) most.

        :returns: ``row`` in the population's table, ``before``, ``after``, ``difference`` (fen) and ``instrument``, which moved most.
        """
        moves = self.after.paid - self.before.paid
        net = moves.sum(axis=0)
        order = numpy.argsort(-sign * net, kind="stable")[:count]
        order = order[net[order] * sign > 0]
        main = numpy.argmax(sign * moves[:, order], axis=0) if len(order) else numpy.zeros(0, dtype=int)
        return pandas.DataFrame(
            {
                "row": order,
                "before": self.before.paid.sum(axis=0)[order],
                "after": self.after.paid.sum(axis=0)[order],
                "difference": net[order],
                "instrument": [self.before.labels[number] for number in main],
            }
        )


def outcome(population: Population, simulation) -> Outcome:
    """What a simulation of a population brings. :raises MissingFact, BadFact, UnstatedParameter: see ``analysis.budget.budget``."""
    system, year = simulation.tax_benefit_system, str(population.year)
    weight = simulation.populations["project"].enterprise("weight", year)
    known = instruments(system)
    ledger = numpy.zeros((len(known), len(LEDGER)), dtype=numpy.int64)
    paid = numpy.zeros((len(known), len(population.enterprises)), dtype=numpy.int64)
    claimed = numpy.zeros(paid.shape, dtype=bool)
    for number, instrument in enumerate(known):
        steps = ledger_steps(instrument, simulation, year, weight)
        rows = numpy.flatnonzero((steps[0] != 0) | (steps[-1] != 0))
        owner = population.enterprise_number[rows]
        for column, step in enumerate(steps):
            ledger[number, column] = to_fen_signed(step[rows]).sum()
        numpy.add.at(paid[number], owner, to_fen_signed(steps[-1][rows]).astype(numpy.int64))
        claimed[number, owner] = True
    funds = funds_of(simulation, system, year, weight)
    return Outcome(tuple(one.label for one in known), tuple(one.payer for one in known), ledger, paid, claimed, funds)
