"""五.3: the plans between which an enterprise chooses (``variables/yanzhou_2020/plans.py``)."""

import random

import numpy
import pytest
from openfisca_jining.variables.yanzhou_2020 import plans
from openfisca_jining.variables.yanzhou_2020.plans import ALL, SHARE, Row, Rules

STRICT = Rules("strict_membership_counts", "one_consortium_one_own_per_year", both=False)
FREE = Rules("soft_exceptions", "one_consortium_one_own_per_year", both=False)
BOTH = Rules("soft_exceptions", "one_consortium_one_own_per_year", both=True)


def row(own=(1,), stake=-1, leads=False, leader=False, **facts):
    """A project with an own application, in no consortium."""
    usual = {"consortium": stake, "unit": 0, "forgoes": False, "day": 0, "ordinary": 1, "of_lead": 2}
    return Row(own=own, stake=stake, led=leads, of_leader=leader, **(usual | facts))


def listed(rows, rules):
    """The plans as tuples."""
    return [tuple(one) for one in plans.plans(tuple(rows), rules).tolist()]


def test_one_application_and_nothing_first():
    assert listed([row(own=(1, 2)), row(own=(3,))], STRICT) == [(0, 0), (1, 0), (2, 0), (0, 3)]


def test_a_leader_has_one_consortium_and_one_own():
    rows = [row(stake=0, leads=True, leader=True), row(leader=True), row(leader=True)]
    found = listed(rows, STRICT)
    assert [one for one in found if sum(code > 0 for code in one) == 2] == [(SHARE, 1, 0), (SHARE, 0, 1)]


def test_a_project_in_a_joined_consortium_is_not_applied_for_by_itself():
    rows = [row(stake=0), row(stake=0), row()]
    assert (SHARE, SHARE, 1) in listed(rows, FREE)
    assert not any(SHARE in one and 1 in one[:2] for one in listed(rows, FREE))
    assert (SHARE + 1, SHARE + 1, 1) in listed(rows, BOTH)


def test_only_shares_that_cost_city_money_can_be_left_undrawn():
    rows = [row(own=(), stake=0), row(own=(), stake=0, forgoes=True)]
    assert listed(rows, STRICT) == [(0, 0), (SHARE, 0), (SHARE, SHARE)]


def test_the_consortium_comes_before_the_own_application_and_the_first_project_before_the_second():
    rows = [row(), row(stake=0)]
    assert listed(rows, STRICT) == [(0, 0), (0, SHARE), (1, 0), (0, 1)]


def test_the_limit_of_the_last_application_counts():
    rows = [row(day=0, ordinary=1), row(day=1, ordinary=2)]
    assert (1, 1) in listed(rows, STRICT)
    rows = [row(day=1, ordinary=1), row(day=0, ordinary=2)]
    assert (1, 1) not in listed(rows, STRICT)


def test_enterprises_in_the_same_position_are_equal():
    first, second = (
        [row(stake=3, unit=7, day=9), row(stake=-1, unit=8, day=4)],
        [row(stake=5, unit=2, day=6), row(unit=1)],
    )
    assert plans.numbered(first) == plans.numbered(second)
    assert [one.day for one in plans.numbered(first)] == [1, 0]
    assert plans.numbered(first)[1].stake == -1


def test_too_many_plans_are_not_listed():
    assert len(listed([row()] * 12, FREE)) == plans.MOST_PLANS
    assert plans.plans((row(),) * 13, FREE) is None
    assert plans.plans((row(own=()), *[row(own=(), stake=0, forgoes=True)] * 14), FREE) is None


@pytest.mark.parametrize("rules", [STRICT, FREE, BOTH])
def test_neighbours_are_allowed_plans(rules):
    pick = random.Random(1)
    rows = tuple(
        row(own=pick.choice([(), (1,), (2, 3), (ALL,)]), stake=pick.choice([-1, 0, 0]), forgoes=pick.random() < 0.5)
        for _ in range(5)
    )
    every = set(listed(rows, rules))
    for plan in every:
        near = plans.neighbours(plan, rows, rules)
        assert plan in near
        assert set(near) <= every
    assert numpy.array(plans.neighbours((0,) * 5, rows, rules)).max() > 0
