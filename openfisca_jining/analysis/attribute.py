"""Which of several changes made at once accounts for how much of the whole change.

The claims are computed under every subset of the changes (2^n laws); everything else is arithmetic on these totals, in whole
fen and exact fractions:

- *alone*: the change by itself, on top of the baseline;
- *stacked*: on top of the changes named before it, in the order given;
- *last in*: on top of all the others;
- *Shapley share*: the average of what it adds over all n! orders of the changes. It is the one division of the whole change
  that adds up, treats equal changes equally, and gives nothing to a change that never moves anything.

What the sum of *alone* leaves of the whole change is the interaction: one change makes another worth more or less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import factorial, floor
from typing import Any

import pandas

from openfisca_jining.analysis.record import changed_parameters, run_record
from openfisca_jining.analysis.totals import paid_by_instrument
from openfisca_jining.errors import JiningError
from openfisca_jining.instruments import instruments
from openfisca_jining.law import leaves
from openfisca_jining.money import to_yuan
from openfisca_jining.population import Population

#: Most changes at once: 2^8 = 256 laws.
MOST = 8
#: What a result can be broken down by, and the Chinese headings.
DIMENSIONS = {"instrument": "政策工具", "payer": "付款财政"}
#: Columns of :meth:`Attribution.table` and their Chinese headings.
WAYS = {"alone": "单独实施", "stacked": "依次叠加", "last_in": "最后加入", "shapley": "夏普利分摊"}


class ChangesConflict(JiningError):
    """Changes that cannot be told apart: the same parameter, the same name, or too many at once."""


@dataclass(frozen=True)
class Part:
    """One of the changes. :ivar name: Chinese, unique. :ivar apply: the law without it -> the law with it (see ``reformed``)."""

    name: str
    apply: Callable[[Any], Any]


@dataclass(frozen=True)
class Attribution:
    """Shares of several changes in the whole change.

    :ivar parts: names of the changes in the order given.
    :ivar paid: whole fen paid under every subset of the changes: one row per subset, one column per instrument label. Bit k of
        the row's number says whether change k is in; row 0 is the baseline, the last row has them all.
    :ivar payers: instrument label -> payer.
    :ivar record: the run record of the baseline, and what each change moves (``parts``).
    """

    parts: tuple[str, ...]
    paid: pandas.DataFrame
    payers: dict[str, str]
    record: dict

    def totals(self, dimension: str | None = None) -> pandas.DataFrame:
        """Whole fen paid under every subset, in one column 合计 or by a dimension. :raises KeyError: no such dimension."""
        if dimension is None:
            return self.paid.sum(axis="columns").to_frame("合计")
        if dimension not in DIMENSIONS:
            raise KeyError(f"不能按「{dimension}」分组。可选：{'、'.join(DIMENSIONS)}。")
        if dimension == "instrument":
            return self.paid
        return self.paid.T.groupby(pandas.Series(self.payers), sort=False).sum().T

    def shapley(self, dimension: str | None = None) -> pandas.DataFrame:
        """Exact Shapley shares in fen, as fractions: one row per change, one column per line of the dimension."""
        totals, count = self.totals(dimension), len(self.parts)
        shares = {}
        rows = {number: [int(fen) for fen in row] for number, row in enumerate(totals.to_numpy())}
        for place, name in enumerate(self.parts):
            sums = [0] * len(totals.columns)
            for without in (number for number in rows if not number >> place & 1):
                size = without.bit_count()
                orders = factorial(size) * factorial(count - size - 1)  # 其余各项恰有这些排在它前面的次序数
                added = zip(rows[without | 1 << place], rows[without], strict=True)
                sums = [total + orders * (after - before) for total, (after, before) in zip(sums, added, strict=True)]
            shares[name] = [Fraction(total, factorial(count)) for total in sums]
        return pandas.DataFrame.from_dict(shares, orient="index", columns=list(totals.columns), dtype=object)

    def stacked(self, order: Sequence[str] | None = None, dimension: str | None = None) -> pandas.DataFrame:
        """What each change adds (yuan) on top of those before it. :param order: all the names, in any order; as given if None.

        :raises ValueError: not every name once.
        """
        order = list(self.parts if order is None else order)
        if sorted(order) != sorted(self.parts):
            raise ValueError(f"次序必须恰好包含每一项改动各一次：{'、'.join(self.parts)}。")
        totals, number, rows = self.totals(dimension), 0, {}
        for name in order:
            with_it = number | 1 << self.parts.index(name)
            rows[name] = to_yuan(totals.loc[with_it] - totals.loc[number])
            number = with_it
        return pandas.DataFrame.from_dict(rows, orient="index", columns=list(totals.columns))

    def table(self, dimension: str | None = None) -> pandas.DataFrame:
        """What each change adds (yuan): columns :data:`WAYS`, one row per change (by a dimension: per line and change).

        ``stacked`` and ``shapley`` each add up to :meth:`difference` of the line, to the fen.
        """
        totals, everything = self.totals(dimension), len(self.paid) - 1
        exact, stacked = self.shapley(dimension), self.stacked(dimension=dimension)
        lines = {}
        for line in totals:
            fen = totals[line]
            settled = settle_shares(dict(exact[line]))
            for place, name in enumerate(self.parts):
                bit = 1 << place
                lines[line, name] = {
                    "alone": to_yuan(fen[bit] - fen[0]).item(),
                    "stacked": stacked.at[name, line],
                    "last_in": to_yuan(fen[everything] - fen[everything ^ bit]).item(),
                    "shapley": to_yuan(settled[name]).item(),
                }
        result = pandas.DataFrame.from_dict(lines, orient="index", columns=list(WAYS))
        result.index = pandas.MultiIndex.from_tuples(lines, names=[DIMENSIONS.get(dimension or "", "合计"), "改动"])
        return result.droplevel(0) if dimension is None else result

    def difference(self, dimension: str | None = None) -> pandas.DataFrame:
        """The whole change by line (yuan): ``baseline``, ``reform``, ``difference``, the sum of ``alone``, ``interaction``."""
        totals = self.totals(dimension)
        before, after = totals.iloc[0], totals.iloc[-1]
        alone = sum(totals.loc[1 << place] - before for place in range(len(self.parts)))
        columns = {
            "baseline": before,
            "reform": after,
            "difference": after - before,
            "alone": alone,
            "interaction": after - before - alone,
        }
        return pandas.DataFrame({name: to_yuan(fen) for name, fen in columns.items()}, index=totals.columns)

    def laws(self) -> pandas.DataFrame:
        """Every law computed: whether each change is in (bool columns), and the total paid (yuan, ``paid``)."""
        numbers = self.paid.index.to_numpy()
        table = pandas.DataFrame({name: numbers >> place & 1 == 1 for place, name in enumerate(self.parts)})
        return table.assign(paid=to_yuan(self.paid.sum(axis="columns")))

    def to_pandas(self) -> pandas.DataFrame:
        """:meth:`table` of the total as a flat table."""
        return self.table().rename_axis("part").reset_index()

    def to_json(self) -> dict:
        """Shares in total, by instrument and by payer, every law's total, and the run record, JSON-ready; money in yuan."""
        return {
            "year": self.record["year"],
            "parts": list(self.parts),
            "total": self._lines(None)[0],
            **{f"by_{name}": self._lines(name) for name in DIMENSIONS},
            "laws": [
                {"changes": [name for name in self.parts if law[name]], "paid": law["paid"]}
                for law in self.laws().to_dict("records")
            ],
            "record": self.record,
        }

    def _lines(self, dimension: str | None) -> list[dict]:
        """:meth:`difference` and :meth:`table` of every line of a dimension, JSON-ready."""
        table = self.table(dimension)
        lines = []
        for line, whole in self.difference(dimension).to_dict("index").items():
            parts = table if dimension is None else pandas.DataFrame(table.loc[str(line)])
            lines.append({"line": line, **whole, "parts": parts.rename_axis("part").reset_index().to_dict("records")})
        return lines


def settle_shares(shares: dict[str, Fraction]) -> dict[str, int]:
    """Whole fen of exact shares that add up to a whole number of fen, by largest remainder.

    Every settled share is within a fen of the exact one, and exact where that is whole. Equal remainders are served in the
    order of the names, so that the order in which the changes are given does not matter.
    """
    fen = {name: floor(share) for name, share in shares.items()}
    left = sum(shares.values(), Fraction(0)) - sum(fen.values())
    first = sorted(shares, key=lambda name: (fen[name] - shares[name], name))
    for name in first[: int(left)]:
        fen[name] += 1
    return fen


def attribute(population: Population, baseline, parts: Sequence[Part], progress=None) -> Attribution:
    """Attribute the change that several changes make together to each of them.

    :param baseline: the law to start from. :param parts: at most :data:`MOST` changes. :param progress: called with the number
        of laws done and the number of all, after each.
    :raises ChangesConflict: none or too many changes, two of one name, or two that move the same parameter or variable.
    :raises JiningError: a change does not fit the law, or the facts do not suffice under one of the laws.
    """
    moved = check_parts(baseline, parts)
    count = 2 ** len(parts)
    labels = {one.name: one.label for one in instruments(baseline)}
    paid = {}
    for number, law in laws_of(baseline, parts):
        paid[number] = paid_by_instrument(population, law)
        if progress is not None:
            progress(len(paid), count)
    table = pandas.DataFrame([paid[number] for number in range(count)], index=range(count)).rename(columns=labels)
    used = table.columns[(table != 0).any()]
    payers = {one.label: one.payer for one in instruments(baseline)}
    record = run_record(population, baseline) | {
        "parts": [_part_record(baseline, part, names) for part, names in zip(parts, moved, strict=True)]
    }
    return Attribution(
        tuple(part.name for part in parts), table[used], {label: payers[label] for label in used}, record
    )


def laws_of(system, parts: Sequence[Part], first: int = 0, number: int = 0) -> Iterator[tuple[int, Any]]:
    """Every subset of the changes once: its number (bit k: change k is in) and its law, the changes applied in listed order."""
    yield number, system
    for place in range(first, len(parts)):
        yield from laws_of(parts[place].apply(system), parts, place + 1, number | 1 << place)


def check_parts(baseline, parts: Sequence[Part]) -> list[set[str]]:
    """What each change moves (see :func:`moved_by`). :raises ChangesConflict: see :func:`attribute`."""
    if not 0 < len(parts) <= MOST:
        raise ChangesConflict(
            ["changes"],
            f"一次最多分解 {MOST} 项改动（要测算 2 的 {MOST} 次方种政策），收到 {len(parts)} 项。"
            "请把同类的几项写进一个改革文件，当作一项。",
        )
    names = [part.name for part in parts]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ChangesConflict(
                ["changes"], f"第 {names.index(name) + 1} 项和第 {place + 1} 项是同一项改动：{name}。"
            )
    moved = [moved_by(baseline, part.apply(baseline)) for part in parts]
    for place, one in enumerate(moved):
        for before in range(place):
            both = one & moved[before]
            if both:
                raise ChangesConflict(
                    ["changes", *sorted(both)],
                    f"「{names[before]}」和「{names[place]}」都改动 {'、'.join(sorted(both))}，结果取决于先后，不能分摊。"
                    "请合成一项，或只留一项。",
                )
    return moved


def _part_record(baseline, part: Part, moved: set[str]) -> dict:
    """A change as the run record keeps it: what it moves, and the dated values of the parameters among it."""
    changes = changed_parameters(part.apply(baseline))
    return {
        "name": part.name,
        "moves": sorted(moved),
        "changes": [change for change in changes if change["parameter"] in moved],
    }


def moved_by(before, after) -> set[str]:
    """Paths of the parameters, and names of the variables, that differ between two laws."""
    old = {parameter.name: dated_values(parameter) for parameter in leaves(before.parameters)}
    new = {parameter.name: dated_values(parameter) for parameter in leaves(after.parameters)}
    changed = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
    both = before.variables.keys() | after.variables.keys()
    return changed | {name for name in both if before.variables.get(name) is not after.variables.get(name)}


def dated_values(parameter) -> list[tuple[str, Any]]:
    """Every value of a parameter with its first day."""
    return [(at.instant_str, at.value) for at in parameter.values_list]
