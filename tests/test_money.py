"""Exact money against fractions: settling, sharing out, caps, pools."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openfisca_jining.money import apportion, apportion_in_turn, fill_cap, ratio, ration, settle, settle_once_per_group
from openfisca_jining.one_of_two import takes_first

FEN = st.integers(min_value=0, max_value=10**12)
RATES = st.sampled_from([Fraction(n, 10_000) for n in (300, 400, 303, 500, 600, 1000, 1100, 5000, 404, 1)])


def exact(fen: Fraction, mode: str) -> int:
    whole, part = divmod(fen, 1)
    if mode == "truncate":
        return int(whole)
    if part == Fraction(1, 2) and mode == "half_even":
        return int(whole) + int(whole) % 2
    return int(whole) + (part >= Fraction(1, 2))


@given(st.integers(min_value=0, max_value=2 * 10**11), RATES, st.sampled_from(["half_up", "half_even", "truncate"]))
def test_rate_times_amount_settles_like_exact_arithmetic(fen, rate, mode):
    computed = settle(float(rate) * (fen / 100), mode)
    assert round(float(computed) * 100) == exact(fen * rate, mode)


def test_half_fen_ties_that_binary_floats_get_wrong():
    assert settle(0.1 * 6172839.35) == 617283.94
    assert settle(0.03 * 0.5) == 0.02
    assert settle(1.005) == 1.01
    assert settle(1.005, "half_even") == 1.00
    assert settle(1.005, "truncate") == 1.00
    assert settle(sum([3333333.33, 3333333.33, 3333333.34, 3333333.33, 3333333.33, 3333333.34])) == 20_000_000


def test_no_amount_is_refused_by_name():
    with pytest.raises(ValueError, match="不是有限的数"):
        settle([1.0, float("nan")])
    with pytest.raises(ValueError, match="取整方式"):
        settle(1.0, "nearest")
    with pytest.raises(ValueError, match="没有这种分摊方式：by_lot"):
        fill_cap(numpy.array([2.0, 3.0]), numpy.array([0, 0]), 1, 4.0, "by_lot")


@given(st.lists(st.tuples(FEN, st.integers(0, 4)), min_size=1, max_size=12), st.lists(FEN, min_size=5, max_size=5))
def test_apportion_is_the_largest_remainder_method(rows, totals):
    weights = numpy.array([fen for fen, _ in rows]) / 100
    group = numpy.array([number for _, number in rows])
    shares = apportion(numpy.array(totals) / 100, weights, group, 5)
    for number in range(5):
        own = numpy.flatnonzero(group == number)
        whole = sum(rows[row][0] for row in own)
        expected = [0] * len(own)
        if whole:
            quota = [Fraction(totals[number] * rows[row][0], whole) for row in own]
            expected = [int(share) for share in quota]
            left = totals[number] - sum(expected)
            order = sorted(range(len(own)), key=lambda place: (expected[place] - quota[place], place))
            for place in order[:left]:
                expected[place] += 1
        assert [round(share * 100) for share in shares[own]] == expected


@given(st.lists(st.tuples(FEN, st.integers(0, 3)), min_size=1, max_size=12), RATES)
def test_settled_once_per_group_adds_up_to_the_settled_sum(rows, rate):
    group = numpy.array([number for _, number in rows])
    raw = float(rate) * numpy.array([fen / 100 for fen, _ in rows])
    shares = settle_once_per_group(raw, group, 4)
    for number in range(4):
        expected = exact(sum((fen * rate for fen, own in rows if own == number), Fraction(0)), "half_up")
        assert sum(round(share * 100) for share in shares[group == number]) == expected
    assert (numpy.abs(shares - raw) < 0.01 + 1e-6).all()


@given(
    st.lists(st.tuples(FEN, st.integers(0, 2)), min_size=1, max_size=10),
    st.lists(FEN, min_size=3, max_size=3),
    st.sampled_from(["largest_first", "pro_rata", "enterprise_choice"]),
)
def test_a_cap_is_filled_and_never_passed(rows, caps, allocation):
    amount = numpy.array([fen / 100 for fen, _ in rows])
    group = numpy.array([number for _, number in rows])
    booked = fill_cap(amount, group, 3, numpy.array(caps) / 100, allocation, numpy.arange(len(rows)))
    assert (booked <= amount).all()
    for number in range(3):
        own = [fen for fen, own_group in rows if own_group == number]
        assert round(booked[group == number].sum() * 100) == min(sum(own), caps[number])


@given(st.lists(st.tuples(FEN, st.integers(0, 3)), min_size=1, max_size=10), FEN)
def test_a_pool_pays_in_order_and_is_spent_to_the_fen(rows, pool):
    claim = numpy.array([fen / 100 for fen, _ in rows])
    key = numpy.array([number for _, number in rows])
    paid = ration(claim, pool / 100, key)
    fen = [round(one * 100) for one in paid]
    assert sum(fen) == min(pool, sum(claimed for claimed, _ in rows))
    for place in sorted(set(key)):
        unpaid = any(fen[row] < rows[row][0] for row in numpy.flatnonzero(key == place))
        later = sum(fen[row] for row in numpy.flatnonzero(key > place))
        assert not (unpaid and later)


def test_a_weighted_pool_is_never_overspent():
    claim, weight = numpy.array([100.01, 33.33, 7.0]), numpy.array([3.0, 10.0, 1.5])
    paid = ration(claim, 300.0, weight=weight)
    assert 299.8 < (paid * weight).sum() <= 300.0


def test_a_whole_claims_queue_stops_before_the_first_claim_it_cannot_cover():
    paid = ration([60.0, 50.0, 30.0], 100.0, [0, 1, 2], whole_claims_only=True)
    assert paid.tolist() == [60.0, 0.0, 0.0]


def test_equal_remainders_are_ties_however_floats_come_out():
    raw = 0.1 * numpy.array([3024102.83, 7070815.73])
    shares = settle_once_per_group(raw, numpy.array([0, 0]), 1)
    assert shares.tolist() == [302410.29, 707081.57]


def test_a_ratio_is_exact_division_and_of_nothing_it_is_what_was_asked_for():
    found = ratio(numpy.array([1.0, 2.0, 0.0]), numpy.array([3, 0, 5]), 1.0)
    assert found.tolist() == [1 / 3, 1.0, 0.0]
    assert ratio(numpy.array([2.0]), numpy.array([0.0])).tolist() == [0.0]


@given(st.lists(st.tuples(FEN, st.integers(0, 4)), min_size=1, max_size=6), st.integers(0, 10**12))
def test_shares_in_turn_are_settled_once(rows, total):
    ahead, behind = (
        [Fraction(fen * hundredths, 100) for fen, points in rows for hundredths in (n(points),)] for n in PARTS
    )
    yuan = [numpy.array([float(fen) for fen in part]) / 100 for part in (ahead, behind)]
    found = apportion_in_turn(numpy.array([total / 100]), *yuan, numpy.zeros(len(rows), dtype=int), 1, 4)
    first, second = sum(ahead), sum(behind)
    if first >= total or not second:
        quota = [part * total / first if first else Fraction(0) for part in ahead]
    else:
        quota = [one + other * (total - first) / second for one, other in zip(ahead, behind, strict=True)]
    expected = [int(share) for share in quota]
    order = sorted(range(len(rows)), key=lambda place: (expected[place] - quota[place], place))
    for place in order[: total - sum(expected)] if first + second else []:
        expected[place] += 1
    assert [round(share * 100) for share in found] == expected


#: 3 % of an amount, and its points of uplift.
PARTS = (lambda points: 3, lambda points: points)

SMALL = st.integers(0, 60)


@given(
    st.lists(st.tuples(SMALL, SMALL, st.integers(0, 1)), min_size=1, max_size=6),
    st.lists(SMALL, min_size=4, max_size=4),
)
def test_one_of_two_grants_brings_the_most_of_all_plans(rows, caps):
    """Every plan is tried; the caps move once in the year, which splits the rows into earlier and later ones."""
    amounts, later = [[row[grant] for row in rows] for grant in (0, 1)], [row[2] for row in rows]
    limits = [[caps[2 * grant + late] for late in later] for grant in (0, 1)]

    def brings(plan):
        total = 0
        for grant in (0, 1):
            booked = 0
            for late in (0, 1):
                own = sum(
                    a for a, of, when in zip(amounts[grant], plan, later, strict=True) if (of, when) == (grant, late)
                )
                booked += min(own, max(caps[2 * grant + late] - booked, 0))
            total += booked
        return total

    best = max(product((0, 1), repeat=len(rows)), key=brings)  # 同额取最先的
    money = [numpy.array(values) / 100 for values in (*amounts, *limits)]
    found = takes_first(money[:2], money[2:], [numpy.array(later)] * 2, numpy.zeros(len(rows), dtype=int), 1)
    assert [int(not first) for first in found] == list(best)
