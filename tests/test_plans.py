"""五.3: the plans between which an enterprise chooses (``variables/yanzhou_2020/plans.py``), without the money they bring."""

import importlib
import itertools
import random

import pytest

STRICT = ("strict_membership_counts", "one_consortium_one_own_per_year", False)
MEMBERSHIP_FREE = ("strict_membership_free", "one_consortium_one_own_per_year", False)
TWO_CONSORTIA = ("strict_membership_counts", "two_consortia", False)
ANY_TWO = ("strict_membership_counts", "any_two", False)
FREE = ("soft_exceptions", "one_consortium_one_own_per_year", False)
BOTH = ("soft_exceptions", "one_consortium_one_own_per_year", True)
#: Plans: own application under every measure it meets; a share.
ALL, SHARE = 4, 5


def module():
    """The module of the law that is loaded (mutants load it anew)."""
    return importlib.import_module("openfisca_jining.variables.yanzhou_2020.plans")


def row(own=(1,), stake=-1, led=False, leader=False, **facts):
    """A project with an own application, in no consortium."""
    usual = {"consortium": stake, "unit": 0, "forgoes": False, "day": 0, "ordinary": 1, "of_lead": 2}
    return module().Row(own=own, stake=stake, led=led, of_leader=leader, **(usual | facts))


def listed(rows, rules):
    """The plans as tuples."""
    return [tuple(one) for one in module().plans(tuple(rows), module().Rules(*rules)).tolist()]


def test_one_application_and_nothing_first(system):
    assert listed([row(own=(1, 2)), row(own=(3,))], STRICT) == [(0, 0), (1, 0), (2, 0), (0, 3)]


def test_only_leaders_have_two(system):
    for rules in (STRICT, TWO_CONSORTIA, ANY_TWO):
        assert listed([row(), row()], rules) == [(0, 0), (1, 0), (0, 1)]


def test_where_two_are_allowed_one_may_be_applied_for_too(system):
    assert listed([row(ordinary=2)] * 2, STRICT) == [(0, 0), (1, 0), (0, 1), (1, 1)]


def test_a_leader_has_one_consortium_and_one_own(system):
    rows = [row(stake=0, led=True, leader=True), row(leader=True), row(leader=True)]
    found = listed(rows, STRICT)
    assert [one for one in found if sum(code > 0 for code in one) == 2] == [(SHARE, 1, 0), (SHARE, 0, 1)]


def test_a_leader_has_no_second_consortium_and_no_second_own_by_default(system):
    rows = [row(own=(), stake=0, led=True, leader=True), row(own=(), stake=1, led=True, leader=True)]
    assert listed(rows, STRICT) == [(0, 0), (SHARE, 0), (0, SHARE)]
    assert listed(rows, TWO_CONSORTIA) == listed(rows, ANY_TWO) == [(0, 0), (SHARE, 0), (0, SHARE), (SHARE, SHARE)]
    assert listed([row(leader=True)] * 2, TWO_CONSORTIA) == [(0, 0), (1, 0), (0, 1)]
    assert listed([row(leader=True)] * 2, ANY_TWO) == [(0, 0), (1, 0), (0, 1), (1, 1)]


def test_a_leader_joins_no_other_consortium_beside_its_own_application(system):
    rows = [row(own=(), stake=0, leader=True), row(leader=True)]
    assert listed(rows, STRICT) == [(0, 0), (SHARE, 0), (0, 1)]
    assert (SHARE, 1) in listed(rows, ANY_TWO)


def test_a_leader_of_three_may_have_two_consortia_or_one_and_an_own(system):
    rows = [row(own=(), stake=n, led=True, leader=True, of_lead=3) for n in range(2)] + [row(leader=True, of_lead=3)]
    assert {(SHARE, SHARE, 0), (SHARE, 0, 1), (SHARE, SHARE, 1)} <= set(listed(rows, STRICT))
    joins = [rows[0], row(own=(), stake=1, leader=True, of_lead=3)]
    assert (SHARE, SHARE) not in listed(joins, STRICT)


def test_three_applications_are_too_many_for_a_leader(system):
    rows = [row(own=(), stake=n, led=True, leader=True) for n in range(3)]
    assert max(sum(code > 0 for code in one) for one in listed(rows, TWO_CONSORTIA)) == 2


def test_membership_does_not_count_but_leading_does(system):
    member = [row(own=(), stake=0), row(own=(), stake=1), row()]
    assert (SHARE, SHARE, 1) in listed(member, MEMBERSHIP_FREE)
    assert (0, 1, 1) not in listed([row(), row(), row()], MEMBERSHIP_FREE)
    leads = [row(own=(), stake=n, led=True, leader=True) for n in range(2)] + [row(leader=True)]
    assert (SHARE, 0, 1) in listed(leads, MEMBERSHIP_FREE)
    assert (SHARE, SHARE, 1) not in listed(leads, MEMBERSHIP_FREE)


def test_a_project_in_a_joined_consortium_is_not_applied_for_by_itself(system):
    rows = [row(stake=0), row(stake=0), row()]
    assert (SHARE, SHARE, 1) in listed(rows, FREE)
    assert not any(SHARE in one and 1 in one[:2] for one in listed(rows, FREE))
    assert (SHARE + 1, SHARE + 1, 1) in listed(rows, BOTH)
    second = [row(stake=0), row(stake=1)]
    assert {code for one in listed(second, FREE) for code in one} == {0, 1, SHARE}


def test_only_shares_that_cost_city_money_can_be_left_undrawn(system):
    rows = [row(own=(), stake=0), row(own=(), stake=0, forgoes=True)]
    assert listed(rows, STRICT) == [(0, 0), (SHARE, 0), (SHARE, SHARE)]
    rows = [row(own=(), stake=0, forgoes=True)] * 2
    assert listed(rows, STRICT) == [(0, 0), (SHARE, 0), (0, SHARE), (SHARE, SHARE)]


def test_years_are_counted_apart(system):
    assert listed([row(unit=0), row(unit=1)], STRICT) == [(0, 0), (1, 0), (0, 1), (1, 1)]


def test_every_year_is_looked_at(system):
    rows = [row(unit=0), row(unit=1), row(unit=1)]
    assert (0, 1, 1) not in listed(rows, STRICT)
    assert (1, 1, 1) not in listed(rows, STRICT)
    assert (1, 0, 1) in listed(rows, STRICT)
    assert (1, 0, 1) in listed([row(unit=0), row(unit=0), row(unit=1)], STRICT)


def test_a_share_and_an_own_application_for_one_project_are_two(system):
    rules = ("strict_membership_counts", "one_consortium_one_own_per_year", True)
    assert listed([row(stake=0)], rules) == [(0,), (SHARE,), (1,)]


def test_each_plan_is_listed_once(system):
    rows = [row(own=(), stake=n, forgoes=True) for n in range(2)]
    assert listed(rows, FREE) == [(0, 0), (SHARE, 0), (0, SHARE), (SHARE, SHARE)]


def test_the_first_measure_of_the_first_project_comes_first(system):
    found = listed([row(own=(1, 2))] * 3, FREE)
    assert found[-8:] == list(itertools.product((1, 2), repeat=3))


def test_what_is_preferred_between_equal_plans(system):
    rows = [row(own=(1, 2), forgoes=True), row(stake=0), row()]
    found = listed(rows, FREE)
    applications = [sum(code > 0 for code in one) for one in found]
    assert applications == sorted(applications)
    assert found[:6] == [(0, 0, 0), (0, SHARE, 0), (1, 0, 0), (2, 0, 0), (0, 1, 0), (0, 0, 1)]
    assert found[6:8] == [(1, SHARE, 0), (2, SHARE, 0)]
    twice = listed([row(stake=0), row()], BOTH)
    assert twice == [(0, 0), (SHARE, 0), (1, 0), (0, 1), (SHARE, 1), (SHARE + 1, 0), (1, 1), (SHARE + 1, 1)]
    two = [row(own=(), stake=0, led=True, leader=True), row(own=(), stake=1, led=True, leader=True), row(leader=True)]
    assert listed(two, ANY_TWO)[4] == (SHARE, SHARE, 0)


def test_the_limit_of_the_last_application_counts(system):
    assert (1, 1) in listed([row(day=0, ordinary=1), row(day=1, ordinary=2)], STRICT)
    assert (1, 1) not in listed([row(day=1, ordinary=1), row(day=0, ordinary=2)], STRICT)
    assert (1, 1, 0) in listed([*[row(day=0, ordinary=2)] * 2, row(day=1, ordinary=1)], STRICT)


def test_enterprises_in_the_same_position_are_equal(system):
    numbered = module().numbered
    first = [row(stake=3, unit=7, day=9), row(stake=-1, unit=8, day=4)]
    assert numbered(first) == numbered([row(stake=5, unit=2, day=6), row(unit=1)])
    assert [(one.day, one.stake, one.unit) for one in numbered(first)] == [(1, 0, 0), (0, -1, 1)]


def test_too_many_plans_are_not_listed(system):
    plans = module()
    assert len(listed([row()] * 12, FREE)) == plans.MOST_PLANS
    assert plans.plans((row(),) * 13, plans.Rules(*FREE)) is None
    assert plans.plans((row(own=()), *[row(own=(), stake=0, forgoes=True)] * 14), plans.Rules(*FREE)) is None


def test_looking_for_plans_ends_where_none_is_allowed(system, monkeypatch):
    plans, rows = module(), [row(ordinary=2)] * 3
    found = listed(rows, STRICT)
    monkeypatch.setattr(plans, "MOST_STEPS", 4)
    plans.plans.cache_clear()
    assert plans.plans(tuple(rows), plans.Rules(*STRICT)) is None
    monkeypatch.setattr(plans, "MOST_STEPS", 8)
    plans.plans.cache_clear()
    assert listed(rows, STRICT) == found


def test_neighbours_are_the_plans_one_or_two_applications_away(system):
    plans, pick = module(), random.Random(1)
    for rules, _ in itertools.product((STRICT, FREE, BOTH, ANY_TWO), range(3)):
        rows = tuple(
            row(
                own=pick.choice([(), (1,), (2, 3), (ALL,)]),
                stake=pick.choice([-1, 0, 0]),
                forgoes=pick.random() < 0.5,
                leader=True,
            )
            for _ in range(4)
        )
        every = set(listed(rows, rules))
        for plan in every:
            near, nearer = (set(plans.neighbours(plan, rows, plans.Rules(*rules), changes)) for changes in (2, 1))
            assert plan in nearer
            assert nearer | near <= every
        nothing = (0,) * len(rows)
        own = {(*nothing[:n], code, *nothing[n + 1 :]) for n, one in enumerate(rows) for code in one.own}
        assert own <= set(plans.neighbours(nothing, rows, plans.Rules(*rules)))


@pytest.mark.parametrize("changes", [1, 2])
def test_neighbours_come_in_the_order_of_preference(changes):
    plans = module()
    rows = (row(own=(1, 2)), row(stake=0), row())
    near = plans.neighbours((0, 0, 1), rows, plans.Rules(*FREE), changes)
    assert near == sorted(near, key=lambda plan: plans.preference(plan, rows))
    assert (1, 0, 0) in near
    assert (1, 0, 1) in near


def test_two_changes_reach_what_one_does_not(system):
    plans = module()
    rows, free = (row(), row(), row()), plans.Rules(*FREE)
    assert (1, 1, 0) not in plans.neighbours((0, 0, 0), rows, free)
    assert {(1, 1, 0), (1, 0, 1), (0, 1, 1)} <= set(plans.neighbours((0, 0, 0), rows, free, changes=2))
    assert (1, 1, 1) not in plans.neighbours((0, 0, 0), rows, free, changes=2)


def test_a_step_draws_or_leaves_one_consortium(system):
    plans = module()
    rows = (row(own=(), stake=0), row(own=(), stake=1), row(own=(), stake=2))
    free = plans.Rules(*FREE)
    assert plans.neighbours((0, 0, 0), rows, free) == [(0, 0, 0), (SHARE, 0, 0), (0, SHARE, 0), (0, 0, SHARE)]
    near = plans.neighbours((SHARE, SHARE, SHARE), rows, free)
    assert {(0, SHARE, SHARE), (SHARE, 0, SHARE), (SHARE, SHARE, 0)} == set(near) - {(SHARE, SHARE, SHARE)}


def test_of_equal_draws_the_one_that_gives_up_less_comes_first(system):
    plans = module()
    rows = (row(own=(), stake=0, forgoes=True), row(own=(), stake=0, forgoes=True), row(own=(), stake=0, forgoes=True))
    near = plans.neighbours((0, 0, 0), rows, plans.Rules(*FREE), changes=2)
    drawn = [sum(code > 0 for code in plan) for plan in near]
    assert drawn == sorted(drawn) == [0, 1, 1, 1, 2, 2, 2, 3]


def test_a_step_may_give_up_an_own_application(system):
    plans = module()
    rows, both = (row(own=(1, 2), stake=0), row()), plans.Rules(*BOTH)
    near = plans.neighbours((SHARE + 1, 1), rows, both)
    assert {(SHARE, 1), (1, 1), (SHARE + 1, 0)} <= set(near)
    assert all(isinstance(code, int) for plan in near for code in plan)
