"""The model against the oracle: 5,000 random enterprises, and every disputed point in its smallest example."""

from __future__ import annotations

import datetime
import importlib
import multiprocessing
import random
from functools import partial

import pytest

from .compare import Tally, batch, compare, run_model
from .populations import Draw, Law, draw
from .whole import EMPTY, STAGES, judge

SEEDS = [f"test-{number}" for number in range(84)]
SIZE = 60
DAY = datetime.date(2021, 3, 26)


def test_five_thousand_random_enterprises_to_the_fen():
    total = Tally()
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        for done in pool.imap_unordered(partial(batch, enterprises=SIZE), SEEDS):
            total.add(done)
    assert not total.errors, total.errors[:3]
    assert not total.differences, total.differences[:5]
    assert total.enterprises == len(SEEDS) * SIZE
    assert all(total.nonzero[name] > 20 for name in STAGES), total.nonzero


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("jining_2017.equipment.cap_per_enterprise", "2999999.99"),
        ("yanzhou_2020.consortium.cap", "999999.99"),
        ("zaozhuang_2020.loan_interest.rate", "0.5000001"),
    ],
)
def test_a_number_moved_behind_the_oracle_is_found(path: str, value: str):
    found = []
    for number in range(20):
        drawn = draw(random.Random(f"moved-{number}"), SIZE)
        drawn.year, drawn.law = 2021, Law()
        for project in drawn.projects:
            for name in [name for name in project if name.endswith("_date")]:
                del project[name]
        assert not compare(drawn)
        law = Law(changes=[(path, value, "1900-01-01")])
        expected = judge(drawn.year, drawn.projects, drawn.enterprises, {}, {})
        names = list(EMPTY)
        moved = run_model(Draw(drawn.year, law, drawn.projects, drawn.enterprises), names)
        found += [name for name in names for i, row in enumerate(expected) if row[name] != moved[name][i]]
        if found:
            return
    raise AssertionError(f"{path} = {value} was not noticed")


def firm(**facts) -> dict:
    return {"county": "yanzhou", "yield_per_mu_class": "B", "employees": 100, "revenue": "1000000"} | facts


def in_jining(**facts) -> dict:
    return {"county": "rencheng"} | facts


def ready(**facts) -> dict:
    return {"in_use": True, "catalogue_category": "encouraged", "application_date": DAY} | facts


# point, year, readings, projects (with the place of their enterprise), enterprises, variable, and in fen what the one that was wrong
# said and what both say now
EXAMPLES = [
    (
        "cap_before_uplift_of_consortia",
        2021,
        {"yanzhou_2020.uplift_and_cap": "cap_before_uplift"},
        [
            (0, {"equipment_investment": "40000000", "consortium_id": "C", "consortium_lead": True}),
            (1, {"equipment_investment": "10000000", "consortium_id": "C"}),
        ],
        [firm(yield_per_mu_class="A"), firm()],
        "yanzhou_2020_consortium__capped",
        [84210526, 15789474],
        [120000000, 20000000],
    ),
    (
        "caps_by_calendar_year",
        2022,
        {"yanzhou_2020.year_meaning": "policy_year"},
        [
            (0, {"equipment_investment": "40000000", "application_date": datetime.date(2022, 3, 1)}),
            (0, {"equipment_investment": "40000000", "application_date": datetime.date(2022, 11, 1)}),
        ],
        [firm()],
        "yanzhou_2020_equipment__chosen",
        [100000000, 100000000],
        [100000000, 0],
    ),
    (
        "city_date_of_other_claims",
        2021,
        {"jining_2020.special_fund_rationing": "first_come"},
        [
            (0, {"city_application_date": DAY, "special_fund_claim": "150000000"}),
            (1, {"application_date": datetime.date(2021, 4, 1), "special_fund_claim": "150000000"}),
        ],
        [in_jining(), in_jining()],
        "jining_2020_special_fund__paid",
        [5000000000, 15000000000],
        [15000000000, 5000000000],
    ),
    (
        "committed_pool_has_no_priority",
        2019,
        {"jining_2017.zone_pool_scope": "citywide_committed"},
        [
            (0, {"development_zone": 1, "major_project": True, "assessed_award": "20000000"}),
            (1, {"development_zone": 1, "major_project": True, "assessed_award": "20000000"}),
        ],
        [in_jining(protected_hundred=True), in_jining()],
        "jining_2017_zone_pool__paid",
        [1000000000, 1000000000],
        [2000000000, 0],
    ),
    (
        "conditions_of_special_robots",
        2021,
        {},
        [(0, {"special_robot_investment": "1000000", "meets_robot_conditions": False})],
        [in_jining()],
        "jining_2017_special_robots__uncapped",
        [0],
        [10000000],
    ),
    (
        "forgoing_for_the_whole_consortium",
        2022,
        {},
        [
            (0, {"equipment_investment": "3000000", "consortium_id": "C", "consortium_lead": True}),
            (0, {"equipment_investment": "3000000", "consortium_id": "C", "special_fund_claim": "1000000"}),
            (1, {"equipment_investment": "3000000", "consortium_id": "C"}),
        ],
        [firm(), firm()],
        "yanzhou_2020_consortium__chosen",
        [0, 0, 9000000],
        [9000000, 0, 9000000],
    ),
    (
        "interest_settled_before_the_rate",
        2021,
        {"zaozhuang_2020.interest_base": "benchmark_interest"},
        [(0, {"loan_principal": "2000000.01", "loan_days": 91, "application_date": datetime.date(2021, 10, 19)})],
        [{"county": "taierzhuang"}],
        "zaozhuang_2020_loan_interest__paid",
        [973195],
        [973194],
    ),
    (
        "invoice_date_of_city_claims",
        2019,
        {"common.grant_base_vat": "gross_of_vat"},
        [
            (
                0,
                {
                    "equipment_investment": "20000000",
                    "city_application_date": datetime.date(2019, 1, 9),
                    "in_use": True,
                    "catalogue_category": "encouraged",
                },
            )
        ],
        [in_jining()],
        "jining_2017_equipment__uncapped",
        [67800000],
        [69600000],
    ),
    (
        "lead_project_instead_of_lead",
        2021,
        {"yanzhou_2020.consortium_sme_share": "non_lead_smes_only"},
        [
            (0, {"equipment_investment": "1000000", "consortium_id": "C", "consortium_lead": True}),
            (0, {"equipment_investment": "8000000", "consortium_id": "C"}),
            (1, {"equipment_investment": "1000000", "consortium_id": "C"}),
        ],
        [firm(), firm()],
        "yanzhou_2020_consortium__capped",
        [3000000, 24000000, 3000000],
        [0, 0, 0],
    ),
    (
        "one_small_firm_is_enough",
        2021,
        {},
        [
            (0, {"equipment_investment": "4000000", "consortium_id": "C", "consortium_lead": True}),
            (1, {"equipment_investment": "3000000", "consortium_id": "C"}),
        ],
        [firm(), firm(employees=2000, revenue="900000000")],
        "yanzhou_2020_consortium__uncapped",
        [12000000, 9000000],
        [0, 0],
    ),
    (
        "other_fiscal_money_in_cumulative_readings",
        2021,
        {"yanzhou_2020.city_district_overlap": "cumulative"},
        [(0, {"equipment_investment": "6000000", "other_fiscal_money": "1000"})],
        [firm()],
        "yanzhou_2020_equipment__chosen",
        [0],
        [18000000],
    ),
    (
        "purchases_of_zone_projects",
        2019,
        {"jining_2017.first_year": "purchases_from_issue_date"},
        [
            (
                0,
                {
                    "development_zone": 1,
                    "major_project": True,
                    "assessed_award": "1000",
                    "invoice_date": datetime.date(2017, 11, 2),
                },
            )
        ],
        [in_jining()],
        "jining_2017_zone_pool__paid",
        [0],
        [100000],
    ),
    (
        "systems_beside_all_equipment",
        2021,
        {"jining_2017.special_robot_base": "all_equipment_purchases"},
        [
            (
                0,
                {
                    "equipment_investment": "1000000",
                    "special_robot_investment": "1000000",
                    "intelligent_system_investment": "3000000",
                },
            )
        ],
        [in_jining()],
        "jining_2017_robots__uncapped",
        [0],
        [15000000],
    ),
    (
        "tax_of_nonproductive_equipment",
        2021,
        {
            "common.grant_base_vat": "gross_of_vat",
            "jining_2017.base_productive_only": "threshold_all_base_productive",
        },
        [
            (
                0,
                ready(equipment_investment="25000000", nonproductive_equipment="25000000", equipment_vat="4000000"),
            )
        ],
        [in_jining()],
        "jining_2017_equipment__uncapped",
        [2250000],
        [0],
    ),
    (
        "ties_of_leads",
        2021,
        {"jining_2017.life": "until_consolidated_2020_12_31"},
        [
            (0, {"equipment_investment": "6000000", "consortium_id": "C"}),
            (
                0,
                {
                    "equipment_investment": "1000000",
                    "consortium_id": "D",
                    "consortium_lead": True,
                    "special_fund_claim": "1000000",
                },
            ),
            (1, {"equipment_investment": "6000000", "consortium_id": "C", "consortium_lead": True}),
            (1, {"equipment_investment": "4500000", "consortium_id": "D"}),
        ],
        [firm(), firm()],
        "yanzhou_2020_equipment__chosen",
        [18000000, 0, 0, 0],
        [0, 0, 0, 0],
    ),
]


def example(projects: list, enterprises: list, year: int, law: Law) -> Draw:
    rows = [{"project_id": f"P{i}", "enterprise_id": f"E{owner}"} | facts for i, (owner, facts) in enumerate(projects)]
    owners = [{"enterprise_id": f"E{i}"} | facts for i, facts in enumerate(enterprises)]
    for row in rows:
        row.setdefault("in_use", True)
        row.setdefault("catalogue_category", "permitted")
    return Draw(year, law, rows, owners)


@pytest.mark.parametrize("case", EXAMPLES, ids=[case[0] for case in EXAMPLES])
def test_a_point_that_was_mended_stays_so(case):
    _, year, readings, projects, enterprises, name, before, oracle = case
    drawn = example(projects, enterprises, year, Law(readings=readings))
    assert run_model(drawn, [name])[name] == oracle != before
    assert [row[name] for row in judge(year, drawn.projects, drawn.enterprises, {}, readings)] == oracle


def agreed(drawn: Draw, name: str) -> list[int]:
    """What model and oracle both find (fen)."""
    oracle = judge(drawn.year, drawn.projects, drawn.enterprises, drawn.law.numbers(), drawn.law.readings)
    found = run_model(drawn, [name])[name]
    assert found == [row[name] for row in oracle]
    return found


def test_a_cap_is_booked_after_the_choice_in_zaozhuang():
    """Point ``zaozhuang_choice_after_the_cap``: the project that takes interest once used up the cap on equipment."""
    law = Law(
        readings={
            "zaozhuang_2020.grant_and_interest_stacking": "choose_one",
            "zaozhuang_2020.equipment_grant_terms": "supplied_terms",
        },
        supply={
            "zaozhuang_2020.equipment.minimum_investment": 1_000_000,
            "zaozhuang_2020.equipment.cap_per_enterprise": 1_000_000,
        },
    )
    projects = [
        (0, {"equipment_investment": "20000000", "loan_interest_paid": "4000000"}),
        (0, {"equipment_investment": "10000000"}),
    ]
    drawn = example(projects, [{"county": "tengzhou"}], 2021, law)
    assert agreed(drawn, "zaozhuang_2020_equipment__chosen") == [0, 100000000]


def test_the_lead_governs_the_uplift_and_not_the_rate():
    """Point ``uplift_of_the_lead``: the rate falls within the year after one member claimed; it kept 3 % and lost the uplift."""
    law = Law(
        readings={"yanzhou_2020.uplift_in_consortium": "lead_status_governs"},
        changes=[("yanzhou_2020.consortium.rate", "0.015", "2021-01-22")],
    )
    projects = [
        (0, {"equipment_investment": "4000000", "consortium_id": "C", "application_date": datetime.date(2021, 1, 21)}),
        (1, {"equipment_investment": "4000000", "consortium_id": "C", "consortium_lead": True}),
    ]
    drawn = example(projects, [firm(), firm(tier_listed=True)], 2021, law)
    assert agreed(drawn, "yanzhou_2020_consortium__uncapped") == [16000000, 10000000]


@pytest.mark.parametrize(
    ("readings", "facts", "name", "amounts"),
    [
        (
            {"jining_2017.cap_scope": "per_enterprise_policy_life", "jining_2017.cap_year": "invoice_year"},
            [
                ready(equipment_investment="90000000", invoice_date=datetime.date(2020, 12, 15)),
                ready(equipment_investment="80000000", invoice_date=datetime.date(2021, 1, 15)),
            ],
            "jining_2017_equipment__capped",
            [270000000, 30000000],
        ),
        (
            {
                "common.grant_base_vat": "gross_of_vat",
                "jining_2017.grant_year": "all_project_invoices_when_completed",
            },
            [
                ready(
                    equipment_investment="30000000",
                    equipment_vat="1800000",
                    cumulative_equipment_investment="40000000",
                    cumulative_equipment_vat="5200000",
                    nonproductive_equipment="5000000",
                )
            ],
            "jining_2017_equipment__uncapped",
            [118650000],
        ),
        (
            {
                "jining_2017.robot_limbs_relation": "additive_15_percent",
                "jining_2017.robot_and_system_conjunction": "both_required",
            },
            [{"equipment_investment": "1000000", "special_robot_investment": "1000000"}],
            "jining_2017_robots__uncapped",
            [0],
        ),
    ],
    ids=["one_cap_for_the_life", "tax_of_all_invoices", "both_required_of_special_robots"],
)
def test_what_the_long_runs_found_stays_mended(readings, facts, name, amounts):
    drawn = example([(0, one) for one in facts], [in_jining()], 2021, Law(readings=readings))
    assert agreed(drawn, name) == amounts


ONLY_DISTRICT = {"jining_2017.life": "until_consolidated_2020_12_31"}
OUTRIGHT = [
    (
        "city money is set against each measure instead of their sum",
        ONLY_DISTRICT
        | {
            "yanzhou_2020.city_district_overlap": "top_up_difference",
            "yanzhou_2020.same_project_limbs": "cumulative",
        },
        [
            {
                "equipment_investment": "6000000",
                "robot_investment": "3000000",
                "special_fund_claim": "200000",
            }
        ],
        firm(),
        ["yanzhou_2020_equipment__chosen", "yanzhou_2020_robots__chosen"],
        10000000,
        28000000,
    ),
    (
        "the best pair of measures is missed",
        ONLY_DISTRICT | {"yanzhou_2020.one_application": "soft_exceptions"},
        [
            {"equipment_investment": "25000000", "robot_investment": "25000000"},
            {"equipment_investment": "22000000", "robot_investment": "22000000"},
        ],
        firm(),
        ["yanzhou_2020_equipment__chosen", "yanzhou_2020_robots__chosen"],
        166000000,
        175000000,
    ),
]


@pytest.mark.parametrize("case", OUTRIGHT, ids=[case[0] for case in OUTRIGHT])
def test_the_best_plan_is_found(case):
    """Sums in fen."""
    _, readings, projects, owner, names, before, now = case
    drawn = example([(0, facts) for facts in projects], [owner], 2021, Law(readings=readings))
    judged = judge(2021, drawn.projects, drawn.enterprises, {}, readings)
    assert (
        sum(map(sum, run_model(drawn, names).values()))
        == sum(row[name] for row in judged for name in names)
        == now
        != before
    )


def test_float_noise_opens_nothing():
    """Special robots wholly off the post: the model once paid 300,000 yuan on a difference of 1e-10."""
    amounts = dict.fromkeys(("equipment_investment", "special_robot_investment"), "3000000.01")
    facts = amounts | {"special_robot_off_post_investment": "3000000.01"}
    readings = {"jining_2017.special_robot_base": "all_robot_invoices"}
    drawn = example([(0, facts)], [in_jining()], 2021, Law(readings=readings))
    assert run_model(drawn, ["jining_2017_special_robots__uncapped"])["jining_2017_special_robots__uncapped"] == [0]


#: Readings that give an enterprise more to choose between, each with others beside it.
CHOICES = [
    {"yanzhou_2020.one_application": "soft_exceptions"},
    {"yanzhou_2020.one_application": "soft_exceptions", "yanzhou_2020.consortium_member_double": "both"},
    {"yanzhou_2020.one_application": "soft_exceptions", "yanzhou_2020.city_district_overlap": "top_up_difference"},
    {"yanzhou_2020.one_application": "strict_membership_free", "yanzhou_2020.same_project_limbs": "cumulative"},
    {"yanzhou_2020.lead_two_projects": "any_two", "yanzhou_2020.city_district_overlap": "never_both_better_of_two"},
    {"yanzhou_2020.lead_two_projects": "two_consortia", "yanzhou_2020.same_project_limbs": "split_by_cost_item"},
    {"yanzhou_2020.year_meaning": "policy_year", "yanzhou_2020.uplift_and_cap": "cap_before_uplift"},
    {"yanzhou_2020.cap_scope": "shared_equipment_cap", "yanzhou_2020.same_project_limbs": "cumulative"},
    {"yanzhou_2020.consortium_member_double": "both", "yanzhou_2020.cap_scope": "per_project"},
    {"yanzhou_2020.city_district_overlap": "district_zero_if_any_other_fiscal"},
]


def drawn_with(seed: str, readings: dict[str, str]) -> Draw:
    """Random enterprises under the law as it stands but for some readings, and claims in all of the year."""
    drawn = draw(random.Random(seed), SIZE)
    while drawn.year not in (2021, 2022):
        seed += "+"
        drawn = draw(random.Random(seed), SIZE)
    drawn.law = Law(readings=readings)
    return drawn


@pytest.mark.parametrize("readings", CHOICES, ids=[" ".join(one.values()) for one in CHOICES])
def test_readings_that_leave_a_choice(readings):
    for number in range(2):
        drawn = drawn_with(f"choice-{number}", readings)
        assert not compare(drawn)


def test_an_enterprise_with_too_many_plans_to_list_finds_the_best_ones():
    """What it gets in all; between equal plans it may take another one."""
    plans = importlib.import_module("openfisca_jining.variables.yanzhou_2020.plans")
    chosen = [name for name in EMPTY if name.endswith("__chosen")]
    listed, plans.plans = plans.plans, lambda rows, rules: None
    try:
        for number in range(2):
            drawn = drawn_with(f"many-{number}", CHOICES[number])
            found = run_model(drawn, chosen)
            judged = judge(drawn.year, drawn.projects, drawn.enterprises, {}, drawn.law.readings)
            totals: dict[str, list[int]] = {}
            for i, project in enumerate(drawn.projects):
                total = totals.setdefault(project["enterprise_id"], [0, 0])
                total[0] += sum(found[name][i] for name in chosen)
                total[1] += sum(judged[i][name] for name in chosen)
            assert {key: one for key, one in totals.items() if one[0] != one[1]} == {}
    finally:
        plans.plans = listed


def test_the_limit_on_the_day_of_the_last_application_counts():
    """「牵头企业可申报两个项目」 raised to three in July: for claims of March two, with one of August three."""
    limit = "yanzhou_2020.application.projects_per_year_lead"
    law = Law(
        readings=ONLY_DISTRICT | {"yanzhou_2020.lead_two_projects": "any_two"}, changes=[(limit, 3, "2022-07-01")]
    )
    days = [datetime.date(2022, 3, 1)] * 3 + [datetime.date(2022, 8, 1)]
    lead = [(0, {"equipment_investment": "6000000", "application_date": day}) for day in days]
    joined = {"equipment_investment": "3000000", "consortium_id": "C", "application_date": days[0]}
    consortium = [(0, joined | {"consortium_lead": True}), (1, joined)]
    for projects, paid in ((lead[:3], 2), (lead, 3), (lead[:1] + lead[3:], 2)):
        found = agreed(example([*projects, *consortium], [firm(), firm()], 2022, law), "yanzhou_2020_equipment__chosen")
        assert [one > 0 for one in found].count(True) == paid
