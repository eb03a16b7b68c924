"""五.3: the best plan is found in whatever way it is looked for (``variables/yanzhou_2020/choice.py``)."""

import importlib
from contextlib import contextmanager

import numpy
import pytest
from situations import simulate

from openfisca_jining.errors import BadFact
from openfisca_jining.reforming import reformed

LOCAL = {"county": "yanzhou", "yield_per_mu_class": "B", "employees": 200, "revenue": 50_000_000}
READINGS = "yanzhou_2020.readings"
FREE = f"{READINGS}.one_application=soft_exceptions"


def module(name="choice"):
    """A module of the law that is loaded (mutants load it anew)."""
    return importlib.import_module(f"openfisca_jining.variables.yanzhou_2020.{name}")


@contextmanager
def with_limit(name, limit, value):
    """A limit of a module at another value, and no plans remembered."""
    one, before = module(name), getattr(module(name), limit)
    setattr(one, limit, value)
    module("plans").plans.cache_clear()
    try:
        yield
    finally:
        setattr(one, limit, before)
        module("plans").plans.cache_clear()


def applied(system, situation, name="yanzhou_2020_application__plan", year=2022):
    """What the projects are applied for, or another of their variables."""
    return simulate(system, year, situation).calculate(name, str(year)).tolist()


def pair_beats_share():
    """Own applications of 300,000 yuan each, or a share of 200,000 yuan for each of the two."""
    return {
        "projects": {
            "p1": {"equipment_investment": 10_000_000},
            "p2": {"equipment_investment": 10_000_000},
            "p3": {"equipment_investment": 30_000_000, "consortium_lead": True},
        },
        "enterprises": {
            "e1": LOCAL | {"projects": ["p1", "p2"]},
            "e2": LOCAL | {"projects": ["p3"], "chain_leader": True},
        },
        "consortia": {"c1": {"projects": ["p1", "p2", "p3"]}},
    }


def many(number):
    """One enterprise's projects, each better than the one before, the last two under two measures."""
    projects = {f"p{n}": {"equipment_investment": 5_000_000 + 100_000 * n} for n in range(number)}
    for name in list(projects)[-2:]:
        projects[name]["informatisation_investment"] = 3_000_000
    return {"projects": projects, "enterprises": {"e1": LOCAL | {"projects": list(projects)}}}


def worse_with_more():
    """A second application would bring 1,000,000 yuan of the district (its cap) for 1,500,000 of the city."""
    city = {"equipment_investment": 50_000_000, "catalogue_category": "encouraged", "in_use": True}
    return {
        "projects": {"p1": {"informatisation_investment": 5_000_000}, "p2": city},
        "enterprises": {"e1": LOCAL | {"projects": ["p1", "p2"]}},
    }


def as_much_alone():
    """Each project alone brings all that the cap per enterprise allows."""
    projects = {name: {"equipment_investment": 40_000_000} for name in ("p1", "p2", "p3")}
    return {"projects": projects, "enterprises": {"e1": LOCAL | {"projects": list(projects)}}}


def test_two_own_applications_that_bring_more_than_the_share_are_found_step_by_step_too(system):
    free = reformed(system, readings=[FREE])
    best = applied(free, pair_beats_share())
    assert best[:2] == [1, 1]
    with with_limit("plans", "MOST_PLANS", 2):
        assert applied(free, pair_beats_share()) == best


def test_step_by_step_too_nothing_is_applied_for_where_the_city_pays_more(system):
    """Not even two applications at once bring 600,000 yuan for the 2,000,000 of the city's that they cost."""
    free = reformed(system, readings=[FREE])
    projects = {name: {"equipment_investment": 10_000_000, "special_fund_claim": 1_000_000} for name in ("p1", "p2")}
    situation = {"projects": projects, "enterprises": {"e1": LOCAL | {"projects": list(projects)}}}
    assert applied(free, situation) == [0, 0]
    with with_limit("plans", "MOST_PLANS", 1):
        assert applied(free, situation) == [0, 0]


def test_each_enterprise_steps_by_itself(system):
    free = reformed(system, readings=[FREE])
    projects = {name: {"equipment_investment": 10_000_000} for name in ("a", "b", "c", "d")}
    firms = {"e1": LOCAL | {"projects": ["b", "c"]}, "e2": LOCAL | {"projects": ["a", "d"]}}
    with with_limit("plans", "MOST_PLANS", 1):
        assert applied(free, {"projects": projects, "enterprises": firms}) == [1, 1, 1, 1]


def test_city_money_of_an_earlier_year_must_be_stated_even_if_one_project_has_it(system):
    early = {"application_date": "2021-03-01", "city_application_date": "2020-11-01"}
    projects = {"p1": {"equipment_investment": 10_000_000}, "p2": {"equipment_investment": 10_000_000} | early}
    situation = {"projects": projects, "enterprises": {"e1": LOCAL | {"projects": list(projects)}}}
    with pytest.raises(BadFact, match=r"第 2 个技术改造项目「p2」的「向市级申报的日期」早于申报年度"):
        applied(system, situation, year=2021)


def test_exceptions_need_no_allowance(system):
    """五.3 「原则上」 read as not binding, where a reform allows no project at all."""
    changed = reformed(system, readings=[FREE], changes=["yanzhou_2020.application.projects_per_year=0@2020-08-15"])
    assert applied(changed, many(2)) == [3, 3]
    none = reformed(system, changes=["yanzhou_2020.application.projects_per_year=0@2020-08-15"])
    assert applied(none, many(1)) == [0]


def test_plans_compared_a_few_at_a_time_give_the_same_choice(system):
    free = reformed(system, readings=[FREE])
    best = applied(free, many(4))
    assert best == [1, 1, 3, 3]
    for rows in (1, 3, 7):
        with with_limit("choice", "ROWS_AT_ONCE", rows):
            assert applied(free, many(4)) == best
            assert applied(free, worse_with_more(), year=2021) == [3, 0]
            assert applied(free, as_much_alone()) == [1, 0, 0]
            with with_limit("plans", "MOST_PLANS", 1):
                assert applied(free, many(4)) == best


def test_copies_come_a_few_at_a_time_and_each_once(system):
    copies = numpy.array([2, 0, 3])
    for limit, lots in ((1, 3), (2, 3), (3, 2), (4, 2), (5, 1), (100, 1)):
        with with_limit("choice", "ROWS_AT_ONCE", limit):
            found = list(module().in_copies(copies))
        rows, numbers = (numpy.concatenate(one).tolist() for one in zip(*found, strict=True))
        assert rows == [0, 2, 0, 2, 2]
        assert numbers == [0, 0, 1, 1, 2]
        assert len(found) == lots, limit
    assert list(module().in_copies(numpy.zeros(2, dtype=int))) == []


def informatisation(system, amounts, **options):
    """What projects under a measure without a line are applied for. :param amounts: invested in each (yuan)."""
    law = reformed(system, changes=["yanzhou_2020.informatisation.minimum_investment=0@2020-08-15"], **options)
    projects = {f"p{number}": {"informatisation_investment": amount} for number, amount in enumerate(amounts)}
    return applied(law, {"projects": projects, "enterprises": {"e1": LOCAL | {"projects": list(projects)}}})


def test_one_fen_is_reason_enough_to_apply(system):
    assert informatisation(system, [0.05, 0.05], readings=[FREE]) == [3, 0]  # 0.005 元进为一分，两项合计也是一分
    with with_limit("plans", "MOST_PLANS", 1):
        assert informatisation(system, [0.05, 0.05], readings=[FREE]) == [3, 0]


def test_amounts_below_a_yuan_are_applied_for(system):
    assert informatisation(system, [5, 5], readings=[FREE]) == [3, 3]
    assert informatisation(system, [5]) == [3]


def test_a_share_of_one_fen_is_drawn(system):
    situation = pair_beats_share()
    situation["projects"]["p1"]["equipment_investment"] = 0.33
    del situation["projects"]["p2"]["equipment_investment"]
    assert applied(system, situation, "yanzhou_2020_consortium__capped")[0] == 0.01
    assert applied(system, situation)[:2] == [5, 0]


def test_a_share_of_less_than_a_yuan_is_drawn(system):
    situation = pair_beats_share()
    situation["projects"]["p1"]["equipment_investment"] = 20
    del situation["projects"]["p2"]["equipment_investment"]
    assert applied(reformed(system, readings=[FREE]), situation)[:2] == [5, 0]
    situation["projects"]["p2"]["informatisation_investment"] = 2_000_000
    assert applied(reformed(system, readings=[FREE]), situation)[:2] == [5, 3]


def test_the_number_on_the_day_of_the_last_application_counts(system):
    """五.3 「每年只能申报一个项目」 where a reform makes two of one, or one of two, within the year."""
    days = {"m1": "2022-03-01", "m2": "2022-03-02", "s1": "2022-09-01"}
    projects = {name: {"equipment_investment": 8_000_000, "application_date": day} for name, day in days.items()}
    projects["s1"]["equipment_investment"] = 12_000_000
    situation = {"projects": projects, "enterprises": {"e1": LOCAL | {"projects": list(projects)}}}
    path = "yanzhou_2020.application.projects_per_year"
    plans = {
        numbers: applied(
            reformed(system, changes=[f"{path}={numbers[0]}@2020-08-15", f"{path}={numbers[1]}@2022-07-01"]), situation
        )
        for numbers in ((1, 2), (2, 1), (2, 2))
    }
    assert plans == {(1, 2): [1, 0, 1], (2, 1): [1, 1, 0], (2, 2): [1, 0, 1]}


def test_the_number_for_leaders_on_the_day_of_the_last_application_counts(system):
    """五.3 「牵头企业可申报两个项目」 where a reform makes it one, or three, within the year."""
    situation = pair_beats_share()
    names = {"m1": "2022-03-01", "m2": "2022-03-02", "s1": "2022-09-01"}
    projects = {name: {"equipment_investment": 8_000_000, "application_date": day} for name, day in names.items()}
    projects["s1"]["equipment_investment"] = 12_000_000
    situation["projects"] |= projects
    situation["projects"]["p3"] |= {"equipment_investment": 6_000_000, "application_date": "2022-01-05"}
    situation["enterprises"]["e2"]["projects"] += list(projects)
    number = {}
    for most in (1, 2, 3):
        changed = reformed(
            system,
            readings=[f"{READINGS}.lead_two_projects=any_two"],
            changes=[f"yanzhou_2020.application.projects_per_year_lead={most}@2022-07-01"],
        )
        plan = applied(changed, situation)
        with with_limit("plans", "MOST_PLANS", 1):
            assert applied(changed, situation) == plan
        number[most] = (sum(code > 0 for code in plan[2:]), plan[-1] > 0)
    assert number == {1: (2, False), 2: (2, True), 3: (3, True)}


def test_an_uplift_above_the_rate_is_no_reason_not_to_apply(system):
    raised = reformed(
        system,
        readings=[FREE, f"{READINGS}.uplift_and_cap=cap_before_uplift"],
        changes=["yanzhou_2020.uplift.points=0.05@2020-08-15"],
    )
    situation = {
        "projects": {name: {"equipment_investment": 10_000_000} for name in ("p1", "p2")},
        "enterprises": {"e1": LOCAL | {"projects": ["p1", "p2"], "yield_per_mu_class": "A"}},
    }
    assert applied(raised, situation, "yanzhou_2020_equipment__chosen") == [800_000.0, 800_000.0]
    together = pair_beats_share()
    together["projects"] = {name: {"equipment_investment": 3_000_000} for name in together["projects"]}
    together["projects"]["p3"]["consortium_lead"] = True
    together["enterprises"]["e1"] |= {"yield_per_mu_class": "A"}
    assert applied(raised, together, "yanzhou_2020_consortium__capped") == [240_000.0, 240_000.0, 90_000.0]


def test_without_a_share_of_small_enterprises_one_of_the_district_is_still_needed(system):
    """四.3 第1句「区内中小企业」 where a reform takes the half of 第2句 away."""
    changed = reformed(system, changes=["yanzhou_2020.consortium.minimum_sme_share=0@2020-08-15"])
    large = LOCAL | {"employees": 2000, "revenue": 900_000_000}
    situation = {
        "projects": {name: {"equipment_investment": 6_000_000} for name in ("p1", "p2")},
        "enterprises": {
            "e1": large | {"projects": ["p1"], "chain_leader": True},
            "e2": large | {"projects": ["p2"], "cluster_leader": True},
        },
        "consortia": {"c1": {"projects": ["p1", "p2"]}},
    }
    assert applied(changed, situation, "yanzhou_2020_consortium__capped") == [0.0, 0.0]
    situation["enterprises"]["e2"] |= LOCAL | {"county": "qufu"}
    assert applied(changed, situation, "yanzhou_2020_consortium__capped") == [0.0, 0.0]
    situation["enterprises"]["e2"] |= LOCAL
    assert applied(changed, situation, "yanzhou_2020_consortium__capped") == [180_000.0, 180_000.0]
