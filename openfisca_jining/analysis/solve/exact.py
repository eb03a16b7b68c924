"""Exact totals along a range of one parameter, each value computed once, and what grants before pools allow to say in between."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

import numpy

from openfisca_jining.analysis.scenarios import Block, Tall, VariedLaw
from openfisca_jining.analysis.solve.components import AT_ONCE
from openfisca_jining.analysis.solve.kinks import Kinks
from openfisca_jining.analysis.solve.span import Span
from openfisca_jining.money import sum_fen, to_fen

#: Most values computed at the same time (fewer, if that makes too many rows), and parts into which a stretch is cut when a
#: boundary is looked for.
VALUES_AT_ONCE, SECTIONS = 200, 8
#: Powers of two: distances from a guess at which to look.
CLOSE = (0, 6, 12, 18, 26)


class Exact:
    """Totals of some instruments along a range, to the fen.

    :param law: made with the stages ``chosen`` and ``paid``. :param fixed: path -> value of its other varied parameters.
    :param wanted: bool by instrument, in the order of ``INSTRUMENTS``.
    """

    def __init__(self, law: VariedLaw, span: Span, fixed: Mapping[str, float], wanted: numpy.ndarray) -> None:
        self.law, self.span, self.fixed, self.wanted = law, span, dict(fixed), wanted
        self.known: dict[int, int] = {}
        self.cuts: dict[int, bytes] = {}

    def values(self, steps) -> dict[str, numpy.ndarray]:
        """Path -> value in each scenario."""
        steps = numpy.asarray(steps, dtype=numpy.int64)
        return {path: numpy.full(len(steps), value) for path, value in self.fixed.items()} | {
            self.span.path: steps / self.span.steps
        }

    def batches(self, steps: Sequence[int]) -> Iterator[Sequence[int]]:
        """Steps in portions that are computed at the same time."""
        at_once = min(max(AT_ONCE // max(self.law.concerned.count, 1), 1), VALUES_AT_ONCE)
        return (steps[first : first + at_once] for first in range(0, len(steps), at_once))

    def look(self, steps: Iterable[int]) -> None:
        """Compute the totals at some steps, as far as they are not known."""
        missing = sorted({int(step) for step in steps} - self.known.keys())
        for part in self.batches(missing):
            values, numbers = self.values(part), numpy.arange(len(part))
            fen = self.law.block(Block(len(part), values, None, numbers, numbers, values))
            chosen, paid = (fen[:, :, self.law.stages.index(stage)] for stage in ("chosen", "paid"))
            for number, step in enumerate(part):
                self.known[step] = int(paid[number, self.wanted].sum())
                self.cuts[step] = (chosen[number] > paid[number]).tobytes()

    def total(self, step: int) -> int:
        """Whole fen of the instruments wanted at a step."""
        self.look([step])
        return self.known[int(step)]

    def totals(self, steps: Sequence[int]) -> numpy.ndarray:
        """Whole fen at each step."""
        self.look(steps)
        return numpy.array([self.known[int(step)] for step in steps], dtype=numpy.int64)

    def pool_kinks(self, places: Sequence[int]) -> list[tuple[int, int]]:
        """Neighbouring steps between which a pool begins or ceases to take something from an instrument.

        :param places: steps between which the claims on every pool rise or fall throughout.
        """
        self.look(places)
        open_ = [pair for pair in itertools.pairwise(places) if self.cuts[pair[0]] != self.cuts[pair[1]]]
        found = []
        while open_:
            starts = [self.cuts[first] for first, _ in open_]
            near = last_same(
                self.look, partial(self._cut_as, starts), open_, resolution=max(self.span.resolution // 1000, 1)
            )
            found += near
            rest = [(after, last) for (_, after), (_, last) in zip(near, open_, strict=True)]
            open_ = [pair for pair in rest if self.cuts[pair[0]] != self.cuts[pair[1]]]
        return found

    def _cut_as(self, starts: Sequence[bytes], number: int, step: int) -> bool:
        return self.cuts[step] == starts[number]


def last_same(
    look: Callable[[Iterable[int]], None],
    same: Callable[[int, int], bool],
    stretches: Sequence[tuple[int, int]],
    guess: Callable[[int, int], float] | None = None,
    resolution: int = 1,
) -> list[tuple[int, int]]:
    """Where in each stretch a condition ceases to hold that holds at its first step and not at its last.

    :param look: computes what is needed at some steps. :param same: condition of (number of the stretch, step).
    :param guess: where between two steps it may be. :returns: last step found to hold and first found not to, at most
        ``resolution`` apart.
    """
    ends = [list(stretch) for stretch in stretches]
    while wide := [number for number, (first, last) in enumerate(ends) if last - first > resolution]:
        cuts = {number: _cuts(ends[number][0], ends[number][1], guess) for number in wide}
        look({step for steps in cuts.values() for step in steps})
        for number, steps in cuts.items():
            for step in steps:
                if not same(number, step):
                    ends[number][1] = step
                    break
                ends[number][0] = step
    return [(first, last) for first, last in ends]


def _cuts(first: int, last: int, guess: Callable[[int, int], float] | None = None) -> list[int]:
    """Steps between two at which to look: evenly spread and, the closer the denser, around a guess."""
    if guess is None:
        steps = {first + (last - first) * part // SECTIONS for part in range(1, SECTIONS)}
    else:
        around = round(guess(first, last))
        steps = {around + side * 2**power for side in (-1, 1) for power in CLOSE}
        steps |= {around, first + (last - first) // 3, last - (last - first) // 3}
    return sorted(step for step in steps if first < step < last) or [(first + last) // 2]


class Variation:
    """By how much, at most, grants before pools can move between two places: the sum of what every component moves (fen).

    Pools pay at most one fen more or less, in any selection of instruments, for each fen by which a claim moves. So this bounds
    totals after pools, too; by enterprise, what one gets more others may get less, which makes twice as much.

    :param columns: which of ``Components.names`` count. :param noise: fen by which rounding can bend each component.
    """

    def __init__(self, kinks: Kinks, columns: numpy.ndarray, noise: numpy.ndarray) -> None:
        owner, step, fen = kinks.nodes
        moved = numpy.abs(numpy.diff(fen[:, columns], axis=0)).sum(axis=1).astype(float)
        straight = owner[1:] == owner[:-1]
        straight[kinks.node] = False
        first, last, moved_straight = step[:-1][straight], step[1:][straight], moved[straight]
        wide = last > first
        first, last, rate = first[wide], last[wide], moved_straight[wide] / (last - first)[wide]
        self.places = numpy.unique(numpy.concatenate([first, last]))
        slope = numpy.zeros(len(self.places))
        numpy.add.at(slope, numpy.searchsorted(self.places, first), rate)
        numpy.subtract.at(slope, numpy.searchsorted(self.places, last), rate)
        steps = numpy.cumsum(slope)[:-1] * numpy.diff(self.places)
        self.sums = numpy.concatenate([[0.0], numpy.cumsum(steps)])
        around = moved[kinks.node] + noise[kinks.component]
        self.left, self.right = (_running(each, around) for each in (kinks.left, kinks.right))
        self.slack = 2 * float(noise.sum())

    def between(self, low: int, high: int) -> float:
        """Fen between two steps."""
        straight = (
            numpy.interp(high, self.places, self.sums) - numpy.interp(low, self.places, self.sums)
            if len(self.places)
            else 0.0
        )
        begun = self.left[1][numpy.searchsorted(self.left[0], high, side="left")]
        over = self.right[1][numpy.searchsorted(self.right[0], low, side="right")]
        return float(straight + begun - over) + self.slack


def _running(places, amounts):
    order = numpy.argsort(places)
    return places[order], numpy.concatenate([[0.0], numpy.cumsum(amounts[order])])


def turning_points(kinks: Kinks, columns: numpy.ndarray, slack: float) -> list[int]:
    """Steps at which the sum of some claims before pools turns from rising to falling or back.

    :param columns: which of ``Components.names`` are summed. :param slack: fen that count as no turn.
    """
    owner, step, fen = kinks.nodes
    if not len(owner) or not columns.any():
        return []
    moved = numpy.diff(fen[:, columns].sum(axis=1)).astype(float)
    same = (owner[1:] == owner[:-1]) & (step[1:] > step[:-1])
    places = numpy.unique(step)
    slope = numpy.zeros(len(places))
    rate = moved[same] / (step[1:] - step[:-1])[same]
    numpy.add.at(slope, numpy.searchsorted(places, step[:-1][same]), rate)
    numpy.subtract.at(slope, numpy.searchsorted(places, step[1:][same]), rate)
    change = numpy.cumsum(slope)[:-1] * numpy.diff(places)
    sign = numpy.where(numpy.abs(change) > slack, numpy.sign(change), 0)
    moving = numpy.flatnonzero(sign)
    turns = moving[1:][sign[moving[1:]] != sign[moving[:-1]]]
    return [int(place) for turn in turns for place in places[max(turn - 1, 0) : turn + 1]]


def by_enterprise(law: VariedLaw, values: Mapping[str, numpy.ndarray]) -> numpy.ndarray:
    """Whole fen paid to each enterprise, all instruments together, in each scenario (without sample weights).

    :param values: path -> value in each scenario. :returns: int64, scenarios by enterprises of the population.
    """
    count, concerned = len(next(iter(values.values()))), law.concerned
    paid = dict.fromkeys(law.outputs[places[law.stages.index("paid")]] for places in law.place)
    tall = Tall(concerned, values, count) if concerned.count else None
    state = {} if tall is None else {name: tall.of(name) for name in law.kept}
    same = [name for name in paid if name not in law.varying or (name in law.local and tall is None)]
    groups = law.base.populations["enterprise"]
    fixed = sum((to_fen(law.base.calculate(name, law.year)) for name in same), 0)
    result = numpy.zeros((count, groups.count), dtype=numpy.int64)
    for number in range(count):
        fen = numpy.zeros(len(groups.members_entity_id), dtype=numpy.int64) + fixed
        for name in paid:
            if name in state:
                fen += _whole_fen(law, name, concerned.rows, state[name][number])
        if any(name in law.pooled for name in paid):
            part, own = concerned.pool_part, {path: float(each[number]) for path, each in values.items()}
            amounts = part.amounts({name: each[number] for name, each in state.items()}, own)
            for name in set(paid) & set(amounts):
                fen += _whole_fen(law, name, part.claimants, amounts[name])
        result[number] = sum_fen(fen, groups.members_entity_id, groups.count)
    return result


def _whole_fen(law: VariedLaw, name: str, rows, amounts) -> numpy.ndarray:
    """A variable of the base law with other amounts on some rows, whole fen of each project."""
    whole = law.base.calculate(name, law.year).copy()
    whole[rows] = amounts
    return to_fen(whole)
