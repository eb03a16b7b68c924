"""Where along a range a total is below, at or above an amount, and where nobody loses: stretches of values, to the step.

Between kinks (of components and of pools) every total rises or falls throughout, so that a boundary inside is found by cutting
the stretch again and again. Of the stretches between kinks only those are looked at that can hold a boundary: if the totals at
both ends of a block of stretches are further from the amount than everything inside can move (``exact.Variation``), nothing in
it meets the amount. Where pools read the parameter itself or draw on something else than claims, every stretch is looked at.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy

from openfisca_jining.analysis.scenarios import VariedLaw
from openfisca_jining.analysis.solve.exact import Exact, Variation, by_enterprise, last_same

#: Blocks into which a block of stretches is cut.
BRANCHES = 8
#: Fewer steps than this are looked at one by one where a pool is shared to the fen.
ONE_BY_ONE = 32


@dataclass(frozen=True)
class Run:
    """Neighbouring steps with the same answer. :ivar low, high: first and last. :ivar side: the answer."""

    low: int
    high: int
    side: int


class TotalLevel:
    """Whether totals are below (-1), at (0) or above (1) an amount.

    :param variation: None: nothing can be left out. :param tolerance: fen by which a total may be off to be at the amount.
    """

    def __init__(self, exact: Exact, variation: Variation | None, target: int, tolerance: int = 0) -> None:
        self.exact, self.variation, self.target, self.tolerance = exact, variation, target, tolerance

    def look(self, steps) -> None:
        """Compute what is needed at some steps."""
        self.exact.look(steps)

    def side(self, step: int) -> int:
        """The answer at a step."""
        off = self.exact.total(step) - self.target
        return 0 if abs(off) <= self.tolerance else int(numpy.sign(off))

    def sure(self, low: int, high: int) -> int | None:
        """The answer if it is certainly the same from one step to the other, else None."""
        if self.variation is None:
            return None
        off = sum(abs(self.exact.total(step) - self.target) for step in (low, high))
        return self.side(low) if off > self.variation.between(low, high) + 2 * self.tolerance else None

    def settle(self, pieces: Sequence[tuple[int, int]]) -> list[list[Run]]:
        """Answers within stretches in which totals rise or fall throughout."""
        sides = [(self.side(low), self.side(high)) for low, high in pieces]
        open_ = [number for number, (first, last) in enumerate(sides) if first != last]
        turning, lows, highs = (
            zip(*[(pieces[number], *sides[number]) for number in open_], strict=True) if open_ else ((), (), ())
        )
        ups = last_same(self.look, lambda number, step: self.side(step) == lows[number], turning, self.guess)
        downs = mirrored(self.look, lambda number, step: self.side(step) == highs[number], turning, self.guess)
        runs = [[Run(low, high, side)] for (low, high), (side, _) in zip(pieces, sides, strict=True)]
        for number, (up, _), (_, down) in zip(open_, ups, downs, strict=True):
            low, high = pieces[number]
            hits = sorted(step for step in self.exact.known if up < step < down and not self.side(step))
            first, last = (hits[0], hits[-1]) if hits else (down, down - 1)
            parts = [Run(low, first - 1, sides[number][0]), Run(first, last, 0), Run(last + 1, high, sides[number][1])]
            runs[number] = [run for run in parts if run.low <= run.high]
        return runs

    def guess(self, low: int, high: int) -> float:
        """Where a straight line between the totals at two steps meets the amount."""
        first, last = self.exact.total(low) - self.target, self.exact.total(high) - self.target
        return low + (high - low) * first / (first - last) if first != last else (low + high) / 2

    def bound(self, low: int, high: int, sign: int) -> float:
        """What totals between two steps cannot exceed (``sign`` 1) or undercut (-1), fen."""
        ends = sum(self.exact.total(step) for step in (low, high)) / 2
        return ends + sign * (self.variation.between(low, high) / 2 if self.variation else numpy.inf)


class LoserLevel:
    """Whether nobody is paid less than before (0) or somebody is (1). :param before: fen by enterprise."""

    def __init__(self, law: VariedLaw, exact: Exact, variation: Variation | None, before: numpy.ndarray) -> None:
        self.law, self.exact, self.variation, self.before = law, exact, variation, before
        self.losers: dict[int, frozenset[int]] = {}
        self.missing: dict[int, int] = {}
        self.most = numpy.zeros(len(before), dtype=numpy.int64)

    def look(self, steps) -> None:
        """Compute what is needed at some steps."""
        missing = sorted({int(step) for step in steps} - self.losers.keys())
        for part in self.exact.batches(missing):
            paid = by_enterprise(self.law, self.exact.values(part))
            self.most = numpy.maximum(self.most, paid.max(axis=0))
            for step, amounts in zip(part, paid, strict=True):
                short = numpy.maximum(self.before - amounts, 0)
                self.losers[step] = frozenset(numpy.flatnonzero(short).tolist())
                self.missing[step] = int(short.sum())

    def side(self, step: int) -> int:
        """The answer at a step."""
        self.look([step])
        return int(bool(self.losers[step]))

    def losses(self, step: int) -> numpy.ndarray:
        """Fen that each enterprise loses at a step."""
        return numpy.maximum(self.before - by_enterprise(self.law, self.exact.values([step]))[0], 0)

    def sure(self, low: int, high: int) -> int | None:
        """1 if somebody certainly loses at every step from one to the other, else None."""
        if self.variation is None:
            return None
        self.look([low, high])
        short = self.missing[low] + self.missing[high]
        return 1 if short > 2 * self.variation.between(low, high) else None

    def settle(self, pieces: Sequence[tuple[int, int]]) -> list[list[Run]]:
        """Answers within stretches in which what each enterprise gets rises or falls throughout.

        Whoever loses at both ends loses in between; who loses at one end only, does so up to one place.
        """
        self.look([step for piece in pieces for step in piece])
        open_ = [number for number, (low, high) in enumerate(pieces) if not self.losers[low] & self.losers[high]]
        left = [number for number in open_ if self.losers[pieces[number][0]]]
        right = [number for number in open_ if self.losers[pieces[number][1]]]
        starts = [pieces[number] for number in left]
        ends = last_same(
            self.look, lambda number, step: bool(self.losers[step] & self.losers[starts[number][0]]), starts
        )
        firsts = {number: after for number, (_, after) in zip(left, ends, strict=True)}
        stops = [pieces[number] for number in right]
        ends = mirrored(self.look, lambda number, step: bool(self.losers[step] & self.losers[stops[number][1]]), stops)
        lasts = {number: before for number, (before, _) in zip(right, ends, strict=True)}
        runs = [[Run(low, high, 1)] for low, high in pieces]
        for number in open_:
            low, high = pieces[number]
            runs[number] = self.tidy(low, firsts.get(number, low), lasts.get(number, high), high)
        return runs

    def tidy(self, low: int, first: int, last: int, high: int) -> list[Run]:
        """Runs of a stretch in which nobody loses from ``first`` to ``last``, but for what sharing a pool to the fen does.

        What a pool pays one enterprise can waver by a fen. A few steps are looked at one by one; of more, the ends are moved
        inwards to steps at which nobody loses.
        """
        if last - first < ONE_BY_ONE:
            steps = range(first, last + 1)
            self.look(steps)
            found = [Run(step, step, self.side(step)) for step in steps]
        else:
            inwards = [2**power - 1 for power in range((last - first).bit_length())]
            self.look([*(first + step for step in inwards), *(last - step for step in inwards)])
            starts = [first + step for step in inwards if not self.side(first + step)]
            ends = [last - step for step in inwards if not self.side(last - step)]
            found = []
            if starts and ends and starts[0] <= ends[0]:
                first, last = starts[0], ends[0]
                found = [Run(first, last, 0)]
        parts = [Run(low, first - 1, 1), *found, Run(last + 1, high, 1)] if found else [Run(low, high, 1)]
        return [run for run in parts if run.low <= run.high]


def mirrored(look, same, stretches, guess=None) -> list[tuple[int, int]]:
    """As ``last_same``, for a condition that holds at the last step of each stretch and not at its first.

    :returns: last step found not to hold and first found to hold.
    """
    found = last_same(
        lambda steps: look([-step for step in steps]),
        lambda number, step: same(number, -step),
        [(-high, -low) for low, high in stretches],
        None if guess is None else lambda low, high: -guess(-high, -low),
    )
    return [(-after, -before) for before, after in found]


def runs(points: Sequence[int], level) -> tuple[list[Run], list[tuple[int, int]]]:
    """The answer at every step from the first point to the last.

    :param points: kinks, ascending, with both ends of the range. :param level: :class:`TotalLevel` or :class:`LoserLevel`.
    :returns: runs in order, neighbours with different answers; and the blocks that were answered whole, as numbers of points.
    """
    open_, blocks, single = [(0, len(points) - 1)], [], []
    while open_:
        level.look({points[number] for block in open_ for number in block})
        after = []
        for first, last in open_:
            sure = level.sure(points[first], points[last])
            if sure is not None:
                blocks.append((first, last, sure))
            elif last - first == 1:
                single.append((first, last))
            else:
                after += cut(first, last)
        open_ = after
    settled = level.settle([(points[first], points[last]) for first, last in single])
    found = [Run(points[first], points[last], side) for first, last, side in blocks]
    found += itertools.chain(*settled)
    joined: list[Run] = []
    for run in sorted(found, key=lambda run: (run.low, run.high)):
        if joined and joined[-1].side == run.side:
            joined[-1] = Run(joined[-1].low, max(run.high, joined[-1].high), run.side)
        elif run.low <= run.high:
            joined.append(run)
    return joined, [(first, last) for first, last, _ in blocks]


def cut(first: int, last: int) -> list[tuple[int, int]]:
    """A block of stretches in several."""
    edges = sorted({first + (last - first) * part // BRANCHES for part in range(BRANCHES + 1)})
    return list(itertools.pairwise(edges))


def nearest(points: Sequence[int], level: TotalLevel, blocks, sign: int) -> int | None:
    """The step with the highest total at or below the amount (``sign`` -1), or the lowest at or above it (1).

    :param blocks: blocks answered whole. :returns: None if there is no such step.
    """

    def better():
        known = [(total, step) for step, total in level.exact.known.items() if sign * (total - level.target) >= 0]
        return min(known, key=lambda one: (sign * one[0], one[1]), default=None)

    open_ = [block for block in blocks if level.side(points[block[0]]) == sign]
    while open_:
        best = better()
        open_ = [
            block
            for block in open_
            if block[1] - block[0] > 1
            and (best is None or sign * level.bound(points[block[0]], points[block[1]], -sign) < sign * best[0])
        ]
        open_ = [part for block in open_ for part in cut(*block)]
        level.look({points[number] for block in open_ for number in block})
    best = better()
    return None if best is None else best[1]
