"""What a reform changes: totals, ledger, who gains and who loses, and by what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy
import pandas

from openfisca_jining.analysis.budget import LEDGER, Budget, budget, to_fen_signed
from openfisca_jining.money import to_yuan
from openfisca_jining.population import Population

#: Where the bands of :meth:`Comparison.distribution` begin (yuan, the lower end included).
BANDS = (10_000, 100_000, 500_000, 1_000_000)
#: Columns of :meth:`Comparison.winners` and ``losers`` and their Chinese headings.
MOVED_HEADINGS = {
    "enterprise": "企业编号",
    "name": "企业名称",
    "county": "县（市、区）",
    "baseline": "现行",
    "reform": "改革",
    "difference": "差额",
    "instrument": "变动最大的政策工具",
    "instrument_difference": "该工具实付的变化",
    "column": "变动最大的台账栏",
    "column_difference": "该栏的变化",
}
#: Columns that :meth:`Comparison.by` adds to those of ``change``, and their Chinese headings.
SIDE_HEADINGS = {
    "increase": "增加额",
    "decrease": "减少额",
    "gain": "增加企业数",
    "lose": "减少企业数",
    "same": "不变企业数",
}


@dataclass(frozen=True)
class Comparison:
    """Two budgets of the same claims.

    :ivar baseline: current law. :ivar reform: reformed law. :ivar names: enterprise id -> name, of those whose name is known.
    """

    baseline: Budget
    reform: Budget
    names: Mapping[str, str] = field(default_factory=dict)

    def change(self, *dimensions: str) -> pandas.DataFrame:
        """Paid before, after and the difference (yuan) by any dimensions of ``analysis.budget.DIMENSIONS``.

        :raises KeyError: no such dimension.
        """
        before, after = self._aligned(dimensions, ["paid"])
        table = pandas.DataFrame({"baseline": before["paid"], "reform": after["paid"]})
        table["difference"] = exact_difference(table["reform"], table["baseline"])
        return table

    def by(self, *dimensions: str) -> pandas.DataFrame:
        """:meth:`change` with the sums of its enterprises' gains and losses (yuan) and the numbers that gain, lose, stay.

        Counted are enterprises with money promised in that line under either law. :raises KeyError: no such dimension.
        """
        table = self.change(*dimensions)
        cells = self.change(*dict.fromkeys((*dimensions, "enterprise")))["difference"]
        fen = pandas.Series(to_fen_signed(cells), index=cells.index)
        sides = pandas.DataFrame(
            {
                "increase": fen.clip(lower=0),
                "decrease": fen.clip(upper=0),
                "gain": fen > 0,
                "lose": fen < 0,
                "same": fen == 0,
            }
        )
        sums = sides.groupby(level=list(range(len(dimensions))), sort=False).sum()
        return table.join(sums.assign(increase=to_yuan(sums["increase"]), decrease=to_yuan(sums["decrease"])))

    def ledger_change(self, *dimensions: str) -> pandas.DataFrame:
        """Difference of every ledger column (yuan), by instrument unless other dimensions are named."""
        before, after = self._aligned(dimensions or ("instrument",), list(LEDGER))
        return after.apply(lambda column: exact_difference(column, before[column.name]))

    def _aligned(self, dimensions: Sequence[str], columns: list[str]) -> tuple[pandas.DataFrame, pandas.DataFrame]:
        """Columns of both ledgers on the same lines: those of the baseline, then those that only the reform has."""
        before, after = (one.by(*dimensions)[columns] for one in (self.baseline, self.reform))
        lines = before.index.append(after.index.difference(before.index, sort=False))
        return before.reindex(lines, fill_value=0.0), after.reindex(lines, fill_value=0.0)

    @property
    def difference(self) -> float:
        """Change of the total paid, yuan."""
        return float(exact_difference(pandas.Series([self.reform.total]), pandas.Series([self.baseline.total])).iloc[0])

    def by_enterprise(self) -> pandas.DataFrame:
        """Every enterprise with money under either law: baseline, reform, difference (yuan), largest gain first."""
        return self.change("enterprise").sort_values("difference", ascending=False, kind="stable")

    def counts(self) -> dict[str, int]:
        """Enterprises that gain, lose and stay the same."""
        sign = numpy.sign(self.change("enterprise")["difference"])
        return {"gain": int((sign > 0).sum()), "lose": int((sign < 0).sum()), "same": int((sign == 0).sum())}

    def coming_and_going(self) -> dict[str, int]:
        """Enterprises paid before and after, those paid only after (newly) and those paid only before (no longer)."""
        table = self.change("enterprise")
        before, after = table["baseline"] > 0, table["reform"] > 0
        return {
            "paid_before": int(before.sum()),
            "paid_after": int(after.sum()),
            "newly_paid": int((after & ~before).sum()),
            "no_longer_paid": int((before & ~after).sum()),
        }

    def most_moved(self, sign: int) -> tuple[str, float] | None:
        """The instrument whose payments rise most (``sign`` 1) or fall most (-1): its label and change (yuan), or None."""
        moved = self.change("instrument")["difference"] * sign
        return (str(moved.idxmax()), float(sign * moved.max())) if len(moved) and moved.max() > 0 else None

    def winners(self) -> pandas.DataFrame:
        """Enterprises that are paid more under the reform, largest gain first. Columns: :data:`MOVED_HEADINGS` (yuan)."""
        return self._moved(1)

    def losers(self) -> pandas.DataFrame:
        """Enterprises that are paid less under the reform, largest loss first. Columns: :data:`MOVED_HEADINGS` (yuan)."""
        return self._moved(-1)

    def _moved(self, sign: int) -> pandas.DataFrame:
        """Enterprises that move in one direction, with the instrument and its ledger column that carried them most that way."""
        table = self.change("enterprise")
        table = table[table["difference"] * sign > 0]
        table = table.sort_values("difference", ascending=sign < 0, kind="stable")
        if table.empty:
            return pandas.DataFrame(columns=list(MOVED_HEADINGS))
        moves = self.ledger_change("enterprise", "instrument")
        moves = moves[moves.index.get_level_values(0).isin(table.index)]
        carried = (moves["paid"] * sign).groupby(level=0, sort=False).idxmax()
        main = moves.loc[carried.loc[table.index].tolist()].droplevel(1)
        # 实付 = 应得 - 各项减少：减少栏变大，实付变小
        effect = main.drop(columns="paid").mul(sign)
        effect.loc[:, effect.columns != "promised"] *= -1
        column = without_what_caps_take(effect).idxmax(axis=1)
        facts = pandas.concat([self.baseline.claims, self.reform.claims]).drop_duplicates("enterprise_id")
        return pandas.DataFrame(
            {
                "enterprise": table.index,
                "name": [self.names.get(key, "") for key in table.index],
                "county": facts.set_index("enterprise_id")["county"].loc[table.index].to_numpy(),
                **{name: table[name].to_numpy() for name in table},
                "instrument": [carried[key][1] for key in table.index],
                "instrument_difference": main["paid"].to_numpy(),
                "column": [LEDGER[str(name)] for name in column],
                "column_difference": [main.at[key, name] for key, name in column.items()],
            }
        )

    def distribution(self, bands: Sequence[float] = BANDS) -> pandas.DataFrame:
        """Enterprises by the size of their change, from the largest losses to the largest gains.

        :param bands: where the bands begin, ascending, whole yuan. :returns: one row per band, also empty ones, indexed by a
            Chinese label; columns ``enterprises`` (number) and ``difference`` (sum, yuan).
        """
        fen = to_fen_signed(self.change("enterprise")["difference"])
        size = numpy.searchsorted(to_fen_signed(bands), numpy.abs(fen), side="right") + 1
        band = numpy.sign(fen) * size
        numbers = list(range(-len(bands) - 1, len(bands) + 2))
        rows = {
            _band_label(number, bands): {
                "enterprises": int((band == number).sum()),
                "difference": to_yuan(fen[band == number].sum()).item(),
            }
            for number in numbers
        }
        return pandas.DataFrame.from_dict(rows, orient="index")

    @property
    def record(self) -> dict:
        """What is needed to compute both budgets again: the run record of the reformed law, and what differs in the other."""
        before, after = self.baseline.record, self.reform.record
        return after | {
            "baseline_reforms": before["reforms"],
            "baseline_changes": before["changes"],
            "baseline_readings": {
                path: value for path, value in before["readings"].items() if after["readings"].get(path) != value
            },
        }

    def to_pandas(self) -> pandas.DataFrame:
        """:meth:`by` document, payer and instrument as a flat table."""
        return self.by("document", "payer", "instrument").reset_index()

    def to_json(self) -> dict:
        """Totals, counts, ledger change, distribution, winners, losers and run record, JSON-ready; money in yuan."""
        return {
            "year": self.baseline.year,
            "baseline": round(self.baseline.total, 2),
            "reform": round(self.reform.total, 2),
            "difference": self.difference,
            "enterprises": self.counts() | self.coming_and_going(),
            "by_instrument": self.to_pandas().to_dict("records"),
            "ledger_change": self.ledger_change().reset_index().to_dict("records"),
            "distribution": self.distribution().rename_axis("band").reset_index().to_dict("records"),
            "winners": self.winners().to_dict("records"),
            "losers": self.losers().to_dict("records"),
            "record": self.record,
        }


def _band_label(number: int, bands: Sequence[float]) -> str:
    """Chinese name of a band: 0 no change, 1 the smallest gains, -1 the smallest losses, and so on outwards."""
    if not number:
        return "不变"
    wan = [f"{band / 10_000:,g}" for band in bands]
    size, verb = abs(number), "增加" if number > 0 else "减少"
    if size == 1:
        return f"{verb}不足 {wan[0]} 万元"
    if size > len(bands):
        return f"{verb} {wan[-1]} 万元及以上"
    return f"{verb} {wan[size - 2]} 至 {wan[size - 1]} 万元"


def without_what_caps_take(effect: pandas.DataFrame) -> pandas.DataFrame:
    """Effects of ledger columns with the part of a change of what is promised that caps cancel left out of both."""
    effect = effect.copy()
    for cap in ("enterprise_cap", "consortium_cap"):
        opposite = effect["promised"] * effect[cap] < 0
        cancelled = numpy.where(opposite, numpy.minimum(effect["promised"].abs(), effect[cap].abs()), 0.0)
        for name in ("promised", cap):
            effect[name] = effect[name] - numpy.sign(effect[name]) * cancelled
    return effect


def exact_difference(after: pandas.Series, before: pandas.Series) -> pandas.Series:
    """Difference of two columns of yuan, exact to the fen."""
    fen = to_fen_signed(after.to_numpy()) - to_fen_signed(before.to_numpy())
    return pandas.Series(to_yuan(fen), index=after.index)


def compare(population: Population, baseline, reform) -> Comparison:
    """Budgets of one population under two systems.

    :raises MissingFact, BadFact, UnstatedParameter: see ``analysis.budget.budget``.
    """
    return Comparison(budget(population, baseline), budget(population, reform), names_of(population))


def names_of(population: Population) -> dict[str, str]:
    """Enterprise id -> name, of the enterprises whose name is known."""
    if "enterprise_name" not in population.enterprises:
        return {}
    named = population.enterprises.dropna(subset="enterprise_name")
    return dict(zip(named["enterprise_id"], named["enterprise_name"].astype(str), strict=True))
