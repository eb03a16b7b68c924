"""Which of two grants each project takes, where it may take one only and a cap binds on each grant."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from numpy.typing import NDArray

from openfisca_jining.money import sum_fen, to_fen

#: An amount in fen for each step of the caps, first grant before second.
Sums = tuple[int, ...]


def takes_first(amounts, caps, steps, group, size: int) -> NDArray[numpy.bool_]:
    """Whether each row takes the first of two grants, so that its group gets the most that the caps allow.

    Without a cap that bites this is the larger amount of each row. Where one bites the choices of a group's rows depend on
    each other; then all of them are looked at, less those that are no better than another at any cap.

    :param amounts: two arrays, yuan of each row, whole fen. :param caps: two arrays, yuan of each row; not finite = no cap.
    :param steps: two integer arrays: place in time of the cap of each row, 0 first. A later cap leaves what it exceeds the
        amounts booked before by. :param group: group number of each row; ``size``: number of groups.
    :returns: bool of each row. Ties go to the first grant, in listed order.
    """
    fen = [to_fen(amount) for amount in amounts]
    first = fen[0] >= fen[1]
    taken = [numpy.where(first, fen[0], 0), numpy.where(first, 0, fen[1])]
    tight = numpy.zeros(size, dtype=bool)
    for own, cap in zip(taken, caps, strict=True):
        limited = numpy.flatnonzero(numpy.isfinite(cap))
        over = sum_fen(own, group, size)[group[limited]] > to_fen(cap[limited])
        tight[group[limited[over]]] = True
    order = numpy.argsort(group, kind="stable")
    ends = numpy.searchsorted(group[order], numpy.flatnonzero(tight), side="right")
    starts = numpy.searchsorted(group[order], numpy.flatnonzero(tight))
    for rows in (order[start:end] for start, end in zip(starts, ends, strict=True)):
        first[rows] = _best([of[rows] for of in fen], [cap[rows] for cap in caps], [step[rows] for step in steps])
    return first


class _Places:
    """The steps of both caps of one group: which sum each amount adds to, and what the sums bring.

    :ivar limits: cap of each sum in fen, or None. :ivar start: place of the second grant's first sum.
    """

    def __init__(self, caps, steps) -> None:
        self.limits: list[int | None] = []
        self.of: list[list[int]] = []
        for cap, step in zip(caps, steps, strict=True):
            self.start = len(self.limits)
            known = sorted(set(step.tolist()))
            self.of.append([self.start + known.index(one) for one in step.tolist()])
            for one in known:
                value = cap[step == one][0]
                self.limits.append(int(to_fen(value)) if numpy.isfinite(value) else None)

    def add(self, sums: Sequence[int], place: int, amount: int) -> Sums:
        """Sums with one amount more; what is above a cap counts no more."""
        more = list(sums)
        limit = self.limits[place]
        more[place] += amount
        if limit is not None:
            more[place] = min(more[place], limit)
        return tuple(more)

    def together(self, one: Sums, other: Sums) -> int:
        """Fen that two sets of claims bring together."""
        total = booked = 0
        for place, limit in enumerate(self.limits):
            if place == self.start:
                total, booked = booked, 0
            own = one[place] + other[place]
            booked += own if limit is None else min(own, max(limit - booked, 0))
        return total + booked


def _best(fen, caps, steps) -> list[bool]:
    """The choices of one group. See :func:`takes_first`."""
    places = _Places(caps, steps)
    amounts = list(zip(*(of.tolist() for of in fen), strict=True))
    where = list(zip(*places.of, strict=True))
    nothing: Sums = (0,) * len(places.limits)
    after = [[nothing]]  # 从最后一个项目起，其后各项目可以合出的数额
    for own, place in zip(reversed(amounts), reversed(where), strict=True):
        found = {places.add(sums, place[i], own[i]) for sums in after[-1] for i in (0, 1)}
        after.append(_undominated(found))
    most = max(places.together(nothing, sums) for sums in after[-1])
    chosen, before = [], nothing
    for own, place, rest in zip(amounts, where, reversed(after[:-1]), strict=True):
        with_first = places.add(before, place[0], own[0])
        chosen.append(any(places.together(with_first, sums) == most for sums in rest))
        before = with_first if chosen[-1] else places.add(before, place[1], own[1])
    return chosen


def _undominated(found: set[Sums]) -> list[Sums]:
    kept: list[Sums] = []
    for sums in sorted(found, reverse=True):
        if not any(all(a >= b for a, b in zip(better, sums, strict=True)) for better in reversed(kept)):
            kept.append(sums)
    return kept
