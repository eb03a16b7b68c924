"""Marginal support along investment: the straight pieces of what a project is entitled to, found by computing the law.

Where a piece ends by a jump, the place is exact to the fen. Where two pieces meet in a kink (a cap, another measure),
it is the point where the two straight lines cross; rounding to the fen may reach the cap a few fen earlier. Where the
money is no straight line (a consortium's fixed sum shared by investment), a piece is marked as curved, its rate is the
average one, and its ends are those of the first grid.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy
import pandas

from openfisca_jining.analysis.notch.variants import ONE_YUAN, Integers

#: Range of investment (fen): 100,000 yuan to 200 million yuan.
FIRST, LAST = 10**7, 2 * 10**10
#: A rate of six decimals pays whole fen on multiples of 10,000 yuan.
GRID = 10**6
#: Points of the first grid, and parts into which a cell that is not straight is cut.
POINTS, CUTS = 160, 16
#: Rounding moves a point off a straight line by a fen at most.
OFF = 1.001
#: So many cells in a row that are not straight are a curve, and are not cut; of a straight piece, so many make it
#: certain.
CURVE = 6

HEADINGS = {
    "project": "项目",
    "start": "投资从",
    "end": "到（不含）",
    "rate": "边际支持率",
    "curved": "曲线（平均）",
    "jump": "起点一跳",
    "money": "起点得",
    "last": "终点得",
    "average": "终点平均支持率",
}


@dataclass(frozen=True)
class Piece:
    """A straight piece: money = (``rate`` x investment + ``offset``) / GRID, in fen. ``start``, ``end``: fen.

    :ivar cells: number of grid cells that it was found on. :ivar curved: it is not straight, and this the line through
        its ends.
    """

    start: int
    end: int
    rate: int
    offset: int
    cells: int = 1
    curved: bool = False

    def at(self, investment):
        """Money on the line, fen (not rounded)."""
        return (self.rate * investment + self.offset) / GRID


def pieces_table(names: list[str], money: Callable[[Integers, Integers], Integers], low=None) -> pandas.DataFrame:
    """The straight pieces of several curves.

    :param money: ``money(which, investments)`` -> whole fen of each pair of a curve and an investment (fen).
    :param low: smallest investment of each curve (fen), if above :data:`FIRST`.
    :returns: columns of :data:`HEADINGS`; investment and money in yuan, rates as shares. ``jump``: yuan by which the
        money jumps at ``start`` (0: a kink). ``last``: money one fen before ``end`` (at the end itself for the last
        piece).
    """
    known = trace(money, len(names), low)
    rows = []
    for number, name in enumerate(names):
        found = pieces(known[number])
        starts, ends = [one.start for one in found], [one.end for one in found]
        marks = [one - 1 for one in starts[1:]]
        wanted = numpy.array([*starts, *marks, ends[-1]])
        fen = dict(zip(wanted.tolist(), money(numpy.full(len(wanted), number), wanted).tolist(), strict=True))
        for place, one in enumerate(found):
            last = one.end - 1 if place < len(found) - 1 else one.end
            jump = fen[one.start] - fen[one.start - 1] if place else 0
            rows.append(
                {
                    "project": name,
                    "start": one.start / 100,
                    "end": one.end / 100,
                    "rate": one.rate / GRID,
                    "curved": one.curved,
                    "jump": jump / 100 if abs(jump) >= ONE_YUAN else 0.0,
                    "money": fen[one.start] / 100,
                    "last": fen[last] / 100,
                    "average": fen[last] / last,
                }
            )
    return pandas.DataFrame(rows, columns=list(HEADINGS))


def trace(money, count: int, low=None) -> list[dict[int, int]]:
    """Enough points of each curve to tell its straight pieces: investment -> money (fen)."""
    lowest = [FIRST] * count if low is None else [max(FIRST, -(-int(one) // GRID) * GRID) for one in low]
    known: list[dict[int, int]] = [{} for _ in range(count)]
    ends = [(first, max(LAST, 2 * first)) for first in lowest]
    wanted = [numpy.unique(numpy.geomspace(*one, POINTS).round(-6).astype(numpy.int64)) for one in ends]
    while any(len(one) for one in wanted):  # 每轮只加新的点，投资额是整数分：到此为止
        which = numpy.repeat(numpy.arange(count), [len(one) for one in wanted])
        values = numpy.concatenate(wanted)
        for number, value, fen in zip(which.tolist(), values.tolist(), money(which, values).tolist(), strict=True):
            known[number][value] = fen
        wanted = [_cut(one) for one in known]
    return known


def _sorted(known: dict[int, int]) -> tuple[Integers, Integers]:
    investments = numpy.array(sorted(known), dtype=numpy.int64)
    return investments, numpy.array([known[one] for one in investments.tolist()], dtype=numpy.int64)


def _bent(investments: Integers, money: Integers) -> numpy.ndarray:
    """Cells between neighbouring points that are on no straight line with the cell before or after (bool)."""
    width, rise = numpy.diff(investments).astype(float), numpy.diff(money).astype(float)
    middle = (rise[:-1] + rise[1:]) * width[:-1] / (width[:-1] + width[1:])
    joined = numpy.abs(middle - rise[:-1]) <= OFF
    return ~(numpy.append(joined, False) | numpy.append(False, joined))


def _cut(known: dict[int, int]) -> Integers:
    """Points inside every cell that is not straight and wider than a fen; but not of a curve."""
    investments, money = _sorted(known)
    inner = []
    bent = _bent(investments, money)
    starts = numpy.flatnonzero(numpy.diff(numpy.append(False, bent).astype(int)) == 1)
    ends = numpy.flatnonzero(numpy.diff(numpy.append(bent, False).astype(int)) == -1)
    for start, end in zip(starts, ends, strict=True):
        if end - start + 1 >= CURVE:
            bent[start : end + 1] = False
    for place in numpy.flatnonzero(bent & (numpy.diff(investments) > 1)):
        low, high = int(investments[place]), int(investments[place + 1])
        marks = low + (high - low) * numpy.arange(1, CUTS) // CUTS
        inner.append(marks // GRID * GRID if high - low > 2 * CUTS * GRID else marks)
    marks = numpy.unique(numpy.concatenate(inner)) if inner else numpy.zeros(0, dtype=numpy.int64)
    return marks[~numpy.isin(marks, investments)]


def pieces(known: dict[int, int]) -> list[Piece]:
    """The straight pieces of a traced curve, from its first to its last point, without gaps."""
    investments, money = _sorted(known)
    first, last = int(investments[0]), int(investments[-1])
    lines = _long_lines(investments, money) or [_chord(first, last, money[0], money[-1])]
    found = [lines[0]]
    for after in lines[1:]:
        found = found[:-1] + _joined(found[-1], after, investments, money)
    if abs(found[0].at(first) - money[0]) > OFF:
        found.insert(0, _chord(first, found[0].start, money[0], found[0].at(found[0].start)))
    if abs(found[-1].at(last) - money[-1]) > OFF:
        found.append(_chord(found[-1].end, last, found[-1].at(found[-1].end), money[-1]))
    found = _curves(found)
    return (
        [_from(found[0], first), *found[1:-1], _to(found[-1], last)]
        if len(found) > 1
        else [_to(_from(found[0], first), last)]
    )


def _curves(found: list[Piece]) -> list[Piece]:
    """Put a curved piece together with its neighbours that are straight for a few cells only."""
    result: list[Piece] = []
    for one in found:
        last = result[-1] if result else one
        weak = all(each.curved or each.cells < CURVE for each in (last, one))
        if result and weak and (last.curved or one.curved) and abs(last.at(one.start) - one.at(one.start)) < ONE_YUAN:
            result[-1] = _chord(last.start, one.end, last.at(last.start), one.at(one.end))
        else:
            result.append(one)
    return result


def _chord(start: int, end: int, low: float, high: float) -> Piece:
    rate = round(float(high - low) * GRID / max(end - start, 1))
    return Piece(start, end, rate, round(low * GRID) - rate * start, curved=True)


def _long_lines(investments: Integers, money: Integers) -> list[Piece]:
    """Straight cells of at least GRID, neighbours on one line put together."""
    straight = ~_bent(investments, money)
    cells = []
    for place in numpy.flatnonzero(straight & (numpy.diff(investments) >= GRID)):
        (start, end), (low, high) = investments[place : place + 2].tolist(), money[place : place + 2].tolist()
        rate = round(Fraction((high - low) * GRID, end - start))
        cells.append(Piece(start, end, rate, low * GRID - rate * start))
    lines: list[Piece] = []
    for _, group in itertools.groupby(cells, key=lambda cell: cell.rate):
        for cell in group:
            if lines and lines[-1].rate == cell.rate and abs(lines[-1].offset - cell.offset) <= GRID:
                wider = cell if cell.end - cell.start > lines[-1].end - lines[-1].start else lines[-1]
                lines[-1] = Piece(lines[-1].start, cell.end, cell.rate, wider.offset, lines[-1].cells + 1)
            else:
                lines.append(cell)
    return lines


def _joined(before: Piece, after: Piece, investments: Integers, money: Integers) -> list[Piece]:
    """Two long pieces with what lies between them: kinks, jumps, short pieces, a curve."""
    inside = (investments >= before.end) & (investments <= after.start)
    places, fen = investments[inside], money[inside]
    jumps = [
        int(high)
        for low, high, rise in zip(places, places[1:], numpy.diff(fen), strict=False)
        if high - low == 1 and abs(rise) >= ONE_YUAN
    ]
    found = [before]
    for start, end in itertools.pairwise(dict.fromkeys([before.end, *jumps, after.start])):
        own = (places >= start) & ((places < end) if end in jumps else (places <= end))
        last = found.pop() if start not in jumps else None
        found += _between(last, None if end in jumps else after, places[own], fen[own], end)
    return [*found, _from(after, found[-1].end)]


def _between(last: Piece | None, after: Piece | None, places: Integers, fen: Integers, end: int) -> list[Piece]:
    """The pieces of a stretch without jumps up to ``end``, ``last`` (which may run into it) among them; where
    ``after`` begins earlier, the last of them ends there."""
    start = int(places[0])
    if last and _fits(last, places, fen):
        return [_to(last, end)]
    if after and _fits(after, places, fen):
        return [_to(last, start)] if last else []
    if last and after:
        kink = _crossing(last, after)
        below = places < kink
        if _fits(last, places[below], fen[below]) and _fits(after, places[~below], fen[~below]):
            return [_to(last, kink)]
    if (_bent(places, fen) & (numpy.diff(places) > GRID)).any():
        return [*([last] if last else []), _chord(start, end, fen[0], fen[-1])]
    short = _short(places, fen, end)
    if last and _fits(last, *_on(short[0], places, fen)):
        short[0] = _to(last, short[0].end)
    elif last:
        short.insert(0, last)
    if after and len(short) > 1 and _fits(after, *_on(short[-1], places, fen)):
        short.pop()
        kink = _crossing(short[-1], after)
        if abs(kink - short[-1].end) <= 2 * ONE_YUAN:
            short[-1] = _to(short[-1], kink)
    return short


def _crossing(first: Piece, second: Piece) -> int:
    """Where two lines cross (fen; -1: nowhere)."""
    if first.rate == second.rate:
        return -1
    return round(Fraction(second.offset - first.offset, first.rate - second.rate))


def _short(places: Integers, fen: Integers, end: int) -> list[Piece]:
    """Straight pieces through known points, each as long as they allow; the last one up to ``end``."""
    found, first = [], 0
    while first < len(places) - 1:
        last = first + 1
        while last + 1 < len(places) and _fits(
            _line(places, fen, first, last + 1), *_part(places, fen, first, last + 1)
        ):
            last += 1
        found.append(_line(places, fen, first, last))
        first = last
    found = found or [_flat(int(places[0]), end, fen[0])]
    return [*found[:-1], _to(found[-1], end)]


def _line(places: Integers, fen: Integers, first: int, last: int) -> Piece:
    return replace(_chord(int(places[first]), int(places[last]), fen[first], fen[last]), curved=False)


def _part(places: Integers, fen: Integers, first: int, last: int) -> tuple[Integers, Integers]:
    return places[first : last + 1], fen[first : last + 1]


def _on(piece: Piece, places: Integers, fen: Integers) -> tuple[Integers, Integers]:
    own = (places >= piece.start) & (places <= piece.end)
    return places[own], fen[own]


def _fits(piece: Piece, places: Integers, fen: Integers) -> bool:
    return bool((numpy.abs(piece.at(places) - fen) <= 2 * OFF).all())


def _flat(start: int, end: int, fen) -> Piece:
    return Piece(start, end, 0, int(fen) * GRID)


def _to(piece: Piece, end: int) -> Piece:
    return replace(piece, end=end)


def _from(piece: Piece, start: int) -> Piece:
    return replace(piece, start=start)
