"""What a reform changes: totals, ledger, who gains and who loses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy
import pandas

from openfisca_jining.analysis.budget import LEDGER, Budget, budget, to_fen_signed
from openfisca_jining.money import to_yuan
from openfisca_jining.population import Population


@dataclass(frozen=True)
class Comparison:
    """Two budgets of the same claims. :ivar baseline: current law. :ivar reform: reformed law."""

    baseline: Budget
    reform: Budget

    def change(self, *dimensions: str) -> pandas.DataFrame:
        """Paid before, after and the difference (yuan) by any dimensions of ``analysis.budget.DIMENSIONS``."""
        before, after = (one.by(*dimensions)["paid"] for one in (self.baseline, self.reform))
        table = pandas.DataFrame({"baseline": before, "reform": after}).fillna(0.0)
        table["difference"] = exact_difference(table["reform"], table["baseline"])
        return table

    def ledger_change(self) -> pandas.DataFrame:
        """Difference of every ledger column by instrument (yuan)."""
        before, after = self.baseline.ledger()[list(LEDGER)], self.reform.ledger()[list(LEDGER)]
        before, after = before.align(after, fill_value=0.0)
        return after.apply(lambda column: exact_difference(column, before[column.name]))

    @property
    def difference(self) -> float:
        """Change of the total paid, yuan."""
        return float(exact_difference(pandas.Series([self.reform.total]), pandas.Series([self.baseline.total])).iloc[0])

    def by_enterprise(self) -> pandas.DataFrame:
        """Every enterprise with money under either law: baseline, reform, difference (yuan), largest gain first."""
        return self.change("enterprise").sort_values("difference", ascending=False, kind="stable")

    def counts(self) -> dict[str, int]:
        """Enterprises that gain, lose and stay the same."""
        sign = numpy.sign(self.by_enterprise()["difference"])
        return {"gain": int((sign > 0).sum()), "lose": int((sign < 0).sum()), "same": int((sign == 0).sum())}


def exact_difference(after: pandas.Series, before: pandas.Series) -> pandas.Series:
    """Difference of two columns of yuan, exact to the fen."""
    fen = to_fen_signed(after.to_numpy()) - to_fen_signed(before.to_numpy())
    return pandas.Series(to_yuan(fen), index=after.index)


def compare(population: Population, baseline, reform) -> Comparison:
    """Budgets of one population under two systems."""
    return Comparison(budget(population, baseline), budget(population, reform))
