"""Where the grants of single components bend or jump along a range of one parameter.

Before pools a component's grants are straight lines of the parameter with few kinks: a cap is reached, a line is met, another
measure or the other level's money pays better. Every component is looked at on one common grid. Wherever three neighbouring
points are not on a straight line, up to what rounding to the fen can do, the stretch between the outer two is looked at more
closely, for all components at the same time, until it is as short as the resolution or straight to the fen.

What is certain: every stretch that is reported straight is straight at its grid points, to the fen. What is not: two kinks
closer together than the grid (1/128 of the range) that cancel each other between the same two points stay unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy

from openfisca_jining.analysis.solve.components import Components
from openfisca_jining.analysis.solve.span import Span, shortest

#: Stretches of the common grid, and parts into which a stretch with a kink is cut.
CELLS, PARTS = 128, 12


@dataclass(frozen=True)
class Kinks:
    """Kinks of components, by component and place.

    :ivar component: component of each. :ivar left, right: steps between which it lies. :ivar at: the step itself; for a jump
        the first step after it. :ivar jump: whether the grants jump there. :ivar leap: fen by which each of
        ``Components.names`` jumps.
    :ivar nodes: places between which the curves are straight (``component``, ``step``, ``fen``): ends of the range, and both
        sides of every kink. :ivar node: number of the left one of each kink; the right one follows it.
    """

    component: numpy.ndarray
    left: numpy.ndarray
    right: numpy.ndarray
    at: numpy.ndarray
    jump: numpy.ndarray
    leap: numpy.ndarray
    nodes: tuple[numpy.ndarray, numpy.ndarray, numpy.ndarray]
    node: numpy.ndarray

    def places(self) -> numpy.ndarray:
        """Steps between which every component is straight, or jumps in one direction."""
        return numpy.unique(numpy.concatenate([self.left, self.at, self.right]))


def kinks(components: Components, span: Span, fixed: Mapping[str, float]) -> Kinks:
    """Kinks of all components along a range. :param fixed: path -> value of the other varied parameters."""

    def fen(component, step):
        values = {path: numpy.full(len(component), value) for path, value in fixed.items()}
        return components.fen(component, {**values, span.path: step / span.steps})

    found = brackets(fen, components, span)
    ends = numpy.arange(components.count)
    order = numpy.lexsort((found[1], found[0]))
    component, left, right = (each[order] for each in found)
    owner = numpy.concatenate([ends, numpy.repeat(component, 2), ends])
    step = numpy.concatenate([ends * 0 + span.low, numpy.stack([left, right], axis=1).ravel(), ends * 0 + span.high])
    order = numpy.argsort(owner, kind="stable")
    nodes = owner[order], step[order], fen(owner[order], step[order])
    place = numpy.empty(len(order), dtype=numpy.int64)
    place[order] = numpy.arange(len(order))
    node = place[components.count + 2 * numpy.arange(len(component))]
    at, jump, leap = _place(nodes, node, 3 * components.noise[component])
    return Kinks(component, left, right, at, jump, leap, nodes, node)


def brackets(fen, components: Components, span: Span):
    """Stretches with a kink: component, first and last step of each. :param fen: function of (component, step)."""
    grid = numpy.unique(numpy.rint(numpy.linspace(span.low, span.high, CELLS + 1)).astype(numpy.int64))
    component = numpy.arange(components.count)
    steps = numpy.broadcast_to(grid, (len(component), len(grid)))
    if grid[-1] - grid[0] == len(grid) - 1:
        return every_step(fen, component, steps, len(components.names))

    def look(component, steps):
        values = fen(numpy.repeat(component, steps.shape[1]), steps.ravel()).reshape(
            *steps.shape, len(components.names)
        )
        return pairs_of(bent(steps, values, components.noise[component]))

    found = []
    row, first, last = look(component, steps)
    component, low, high = component[row], steps[row, first - 1], steps[row, last + 1]
    while len(component):
        width = numpy.maximum(-(-(high - low) // PARTS), 1)
        start = numpy.maximum(numpy.minimum(low, span.high - PARTS * width), span.low)
        steps = start[:, None] + width[:, None] * numpy.arange(PARTS + 1)
        row, first, last = look(component, steps)
        straight = numpy.setdiff1d(numpy.arange(len(component)), row)  # 直到分的误差以内，拐点就在这一段
        found.append((component[straight], low[straight], high[straight]))
        component, fine, sharp = component[row], width[row] <= span.resolution, last > first
        low = numpy.where(fine & sharp, steps[row, first], steps[row, first - 1])
        high = numpy.where(fine & sharp, steps[row, last], steps[row, last + 1])
        found.append((component[fine], low[fine], high[fine]))
        component, low, high = component[~fine], low[~fine], high[~fine]
    return merged(found)


def every_step(fen, component, steps, names: int):
    """As :func:`brackets`, where the grid has every step: wherever anything differs from the step before."""
    values = fen(numpy.repeat(component, steps.shape[1]), steps.ravel()).reshape(*steps.shape, names)
    row, place = numpy.nonzero((values[:, 1:] != values[:, :-1]).any(axis=2))
    return component[row], steps[row, place], steps[row, place + 1]


def bent(steps, values, noise):
    """Which points are off the straight line between their neighbours, up to rounding (bool; never the outer ones).

    :param steps: rows by points. :param values: rows by points by variable. :param noise: of each row.
    """
    here = (steps[:, 1:-1] - steps[:, :-2])[..., None]
    after = (steps[:, 2:] - steps[:, 1:-1])[..., None]
    line = (values[:, :-2] * (after / (here + after))) + values[:, 2:] * (here / (here + after))
    off = numpy.abs(values[:, 1:-1] - line).max(axis=2, initial=0.0) > noise[:, None]
    return numpy.pad(off, ((0, 0), (1, 1)))


def pairs_of(flags):
    """Points that are flagged, one by one or two neighbours together: row, first and last point."""
    points = numpy.arange(flags.shape[1])
    before = numpy.maximum.accumulate(numpy.where(flags, 0, points), axis=1)  # 之前最近的未标记点
    row, first = numpy.nonzero(flags & ((points - before) % 2 == 1))
    return row, first, first + flags[row, first + 1]


def merged(found: list[tuple]) -> tuple[numpy.ndarray, ...]:
    """Stretches of the same component that overlap, as one."""
    stretches = (
        sorted(zip(*(numpy.concatenate(each).tolist() for each in zip(*found, strict=True)), strict=True))
        if found
        else []
    )
    result: list[list[int]] = []
    for component, low, high in stretches:
        if result and result[-1][0] == component and low < result[-1][2]:
            result[-1][2] = max(result[-1][2], high)
        else:
            result.append([component, low, high])
    return tuple(numpy.array(result, dtype=numpy.int64).reshape(-1, 3).T)


def _place(nodes, node, noise):
    """Where exactly each kink lies: where the straight lines on both sides meet, or, if they do not, a jump.

    :returns: step, whether it is a jump, and by how much each variable jumps (fen).
    """
    _, step, fen = nodes
    left, right = step[node], step[node + 1]
    before, after = _slope(step, fen, node - 1), _slope(step, fen, node + 1)
    middle = (left + right) / 2
    leap = (fen[node + 1] + after * (middle - right)[:, None]) - (fen[node] + before * (middle - left)[:, None])
    turn = after - before
    # 拐点在这一段的何处不知道：两边直线延到中点，本来就差这么多
    jump = (numpy.abs(leap) > noise[:, None] + numpy.abs(turn) * ((right - left) / 2)[:, None]).any(axis=1)
    steepest = numpy.abs(turn).argmax(axis=1)[:, None] if turn.shape[1] else numpy.zeros((len(node), 1), dtype=int)
    turn, gap = (numpy.take_along_axis(each, steepest, axis=1)[:, 0] for each in (turn, leap))
    safe = numpy.where(turn == 0, 1.0, turn)
    meet = numpy.where(turn == 0, middle, middle - gap / safe)
    reach = numpy.where(turn == 0, 0.0, noise / numpy.abs(safe))
    at = right.copy()
    for number in numpy.flatnonzero(~jump):
        low, high = max(meet[number] - reach[number], left[number]), min(meet[number] + reach[number], right[number])
        at[number] = (
            shortest(int(numpy.ceil(low)), int(high))
            if numpy.ceil(low) <= high
            else round(min(max(meet[number], left[number]), right[number]))
        )
    return at, jump, numpy.where(jump[:, None], leap, 0.0)


def _slope(step, fen, node):
    """Fen per step between a node and the next; 0 where they are the same place."""
    width = (step[node + 1] - step[node])[:, None]
    return numpy.where(width == 0, 0.0, (fen[node + 1] - fen[node]) / numpy.maximum(width, 1))
