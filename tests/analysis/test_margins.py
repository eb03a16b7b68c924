"""The tracer of curves on made-up laws whose pieces are known: kinks and jumps far apart and close together, falls, a curve."""

from __future__ import annotations

import random

import numpy
import pytest

from openfisca_jining.analysis.notch import margins
from openfisca_jining.analysis.notch.margins import FIRST, GRID, LAST, Piece, pieces, trace

NARROW = (10**5, 10**6, 3 * 10**6, 10**7, 10**8, 10**9, 5 * 10**9)
SHARED = 5 * 10**8


def made_up(seed: int, curve: bool = False):
    """Where pieces start (fen), and money by investment (fen to whole fen): straight pieces with jumps, and perhaps a share of a fixed sum."""
    pick = random.Random(seed)
    starts, at = [FIRST], pick.randrange(FIRST, 10**9)
    for _ in range(pick.randint(0, 5)):
        starts.append(at)
        at += pick.choice(NARROW) + pick.randrange(10**5)
    rates = [pick.choice((0, 0.01, 0.03, 0.05, 0.1)) for _ in starts]
    jumps = [0, *(pick.choice((0, 0, 10**6, 10**7, -(10**6))) for _ in starts[1:])]

    def money(which, investments):
        total, paid = 0.0, numpy.zeros(len(investments))
        for number, (start, rate, jump) in enumerate(zip(starts, rates, jumps, strict=True)):
            total += jump
            paid = numpy.where(investments >= start, total + rate * (investments - start), paid)
            total += rate * ((starts[number + 1] if number + 1 < len(starts) else start) - start)
        if curve:
            paid += SHARED * (investments / (investments + 10.0**9))
        return numpy.floor(paid + 0.5).astype(numpy.int64)

    return starts, money


def traced(starts, money, seed):
    """The pieces; places at random and around every start, and the money there."""
    found = pieces(trace(money, 1)[0])
    random_places = numpy.random.default_rng(seed)
    places = [random_places.integers(FIRST, LAST, 200)]
    places += [numpy.array([start - 1, start, start + 1]) for start in starts[1:]]
    places += [random_places.integers(start, start + 10**7, 20) for start in starts]
    places = numpy.unique(numpy.concatenate(places))
    places = places[places < LAST]
    return found, places, money(None, places)


def furthest(piece, places, fen) -> float:
    """How far the money is off the piece at most (fen)."""
    own = (places >= piece.start) & (places < piece.end)
    return float(numpy.abs(piece.at(places[own]) - fen[own]).max(initial=0))


@pytest.mark.parametrize("curve", [False, True])
def test_pieces_follow_one_another_from_the_first_to_the_last_investment(curve):
    for seed in range(80):
        _, money = made_up(seed, curve)
        found = pieces(trace(money, 1)[0])
        assert (found[0].start, found[-1].end) == (FIRST, LAST)
        assert [one.end for one in found[:-1]] == [one.start for one in found[1:]]


def test_straight_pieces_are_the_money_to_the_fen_and_hardly_any_is_held_for_a_curve():
    """Rounding moves a point by a fen, and a crossing by as much as the rates differ."""
    curved = 0
    for seed in range(300):
        starts, money = made_up(seed)
        found, places, fen = traced(starts, money, seed)
        assert max(furthest(one, places, fen) for one in found if not one.curved) < 3, seed
        curved += any(one.curved for one in found)
    assert curved <= 3  # 几处转折挤在第一张网的一格里


@pytest.mark.parametrize("rate", [0, 0.01, 0.05])
@pytest.mark.parametrize("bend", [10**9, 3 * 10**9 + 12_345, 10**10])
def test_a_straight_piece_ends_where_a_share_of_a_fixed_sum_begins(rate, bend):
    """The end of what is straight is found to a cell of the first grid; the line through the ends of the curve has a rate of six decimals."""

    def money(which, investments):
        above = numpy.maximum(investments - bend, 0)
        return numpy.floor(rate * investments + 0.5 + SHARED * (above / (above + 10.0**9))).astype(numpy.int64)

    straight, *between, curve = pieces(trace(money, 1)[0])
    places = numpy.random.default_rng(1).integers(FIRST, straight.end, 200)
    assert (straight.rate, straight.curved, curve.curved) == (rate * GRID, False, True)
    assert furthest(straight, places, money(None, places)) < 3
    assert abs(straight.end - bend) < bend / 20 and sum(one.end - one.start for one in between) < bend / 20
    ends = numpy.array([curve.start, LAST])
    assert (numpy.abs(curve.at(ends) - money(None, ends)) <= LAST / GRID).all()


def test_a_step_of_less_than_a_yuan_begins_a_piece_of_its_own():
    known = Piece(FIRST, FIRST + 1000, 0, 0)
    places = FIRST + numpy.array([1000, 1001, 1500])
    found = margins._between(known, None, places, numpy.full(3, 50), FIRST + 2000)
    assert found == [known, Piece(FIRST + 1000, FIRST + 2000, 0, 50 * GRID)]


def test_a_first_piece_too_short_for_the_first_grid_is_held_for_a_curve_and_the_rest_is_exact():
    """10 % of the first 5,000 yuan above 100,000, then nothing more: the grid has no cell narrower than 10,000 yuan."""

    def money(which, investments):
        return numpy.minimum(investments - FIRST, 5 * 10**5) // 10

    first, rest = pieces(trace(money, 1)[0])
    assert (first.start, first.curved, rest.end) == (FIRST, True, LAST)
    assert FIRST + 5 * 10**5 <= first.end <= FIRST + 2 * GRID
    assert (rest.rate, rest.at(LAST)) == (0, 5 * 10**4)
    assert abs(first.at(first.end) - 5 * 10**4) < 3
