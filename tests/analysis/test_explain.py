"""Receipts: the declared conditions are the law, and every counterfactual holds when computed again from scratch."""

from __future__ import annotations

import dataclasses
import json
from importlib import resources
from pathlib import Path
from types import SimpleNamespace

import numpy
import pandas
import pytest
import twelve
from openfisca_core.reforms import Reform
from openfisca_jining.reforms import amend

from openfisca_jining import classifications
from openfisca_jining.analysis.budget import budget
from openfisca_jining.analysis.explain import STEPS, Facts, Search, declared, explain, set_cells
from openfisca_jining.classifications import CatalogueCategory, County, FundUse, ProjectType, YieldPerMu
from openfisca_jining.clauses.register import clauses, documents
from openfisca_jining.errors import BadFact, JiningError, MissingFact
from openfisca_jining.instruments import INSTRUMENTS, instruments
from openfisca_jining.law import find, leaves
from openfisca_jining.money import settle, to_fen
from openfisca_jining.population import Population
from openfisca_jining.population.read import read_table
from openfisca_jining.population.synthetic import synthesise
from openfisca_jining.reforming import reformed
from openfisca_jining.report.console import width
from openfisca_jining.report.receipt import COLUMNS, money, render

EXAMPLE = Path(str(resources.files("openfisca_jining.population") / "example_2021.csv"))
#: Values for what the texts leave unstated, so that every reading can be computed.
SUPPLY = {
    "yanzhou_2020.special_fund.amount": 5_000_000,
    "zaozhuang_2020.equipment.minimum_investment": 5_000_000,
    "zaozhuang_2020.equipment.cap_per_enterprise": 2_000_000,
    "zaozhuang_2020.equipment.prior_rate": 0.05,
    "zaozhuang_2020.loan_interest.cap_per_enterprise": 300_000,
    "zaozhuang_2020.loan_interest.maximum_days": 200,
    "zaozhuang_2020.loan_interest.prior_rate": 0.1,
}


@pytest.fixture(scope="module")
def example():
    return read_table(EXAMPLE, 2021).population


@pytest.fixture(scope="module")
def receipts(example, system):
    return {name: explain(example, system, name) for name in ("E002", "E007", "E014", "E031", "E034", "E036", "E040")}


# ----- what is declared -----


def every_condition():
    data = declared()
    for about in data["documents"].values():
        yield about["territory"]
    for about in data["instruments"].values():
        for condition in about["conditions"]:
            yield condition
            yield from condition.get("any_of", [])
        for step in (*about["steps"], *about.get("notes", [])):
            yield from [step["when"]] if "when" in step else []


def test_every_instrument_and_document_is_declared():
    assert set(declared()["instruments"]) == set(INSTRUMENTS)
    assert set(declared()["documents"]) == set(documents())


def test_every_name_declared_exists(system):
    known = {entry["id"] for entry in clauses()}
    steps = [step for about in declared()["instruments"].values() for step in about["steps"]]
    for one in [*every_condition(), *steps]:
        assert one["clause"] in known, one
        for name in one.get("facts", []):
            assert name in system.variables, name
        for key in ("variable", "amount", "fact"):
            assert one.get(key, "county") in system.variables, one
        for key in ("line", "line_times"):
            source = one.get(key, 0)
            if not isinstance(source, (int, float)):
                assert source in system.variables or find(system.parameters, source).metadata["unit"], source
        if "reading" in one:
            readings = find(system.parameters, one["reading"]).metadata["readings"]
            assert set(one.get("under", [])) <= set(readings), one
        if "window" in one:
            assert one["window"] in documents()
        if "among" in one:
            variable = system.variables[one["fact"]]
            if isinstance(one["among"], str):
                assert set(getattr(classifications, one["among"])) <= set(variable.possible_values)
            else:
                assert set(one["among"]) <= {member.name for member in variable.possible_values}
    for about in declared()["instruments"].values():
        assert set(about["clauses"]) <= known
        assert about.get("base", "county") in system.variables
        assert sum(bool(one.get("subject")) for one in about["conditions"]) == 1
    assert {step["step"] for step in steps} <= set(STEPS)
    assert set(declared()["facts_not_varied"]) | set(declared()["parts"]) <= set(system.variables)


def test_every_step_that_can_take_money_has_its_reason(system):
    for one in instruments(system):
        stages = zip(STEPS, one.stages, one.stages[1:], strict=False)
        taking = {step for step, before, after in stages if before != after}
        told = {step["step"] for step in declared()["instruments"][one.name]["steps"]}
        # 枣庄的实付等于选择后：没有资金池
        assert taking - told <= ({"pool"} if one.document == "zaozhuang_2020" else set()), one.name


# ----- the proof that the conditions are the law -----


def random_population(seed: int, year: int = 2021, firms: int = 700) -> Population:
    """Enterprises and projects with every fact drawn at random, amounts often on a line or a fen beside it."""
    random = numpy.random.default_rng(seed)
    counties = [member.name for member in County if member != County.unstated]
    favoured = random.choice(["yanzhou", "rencheng", "tengzhou"], firms)

    def yes(share: float, count: int) -> numpy.ndarray:
        return random.random(count) < share

    def near(lines, count: int) -> numpy.ndarray:
        amount = random.choice(lines, count) + random.choice([-0.01, 0.0, 0.01, 5_000_000.0], count)
        return numpy.where(yes(0.35, count), 0.0, numpy.maximum(amount, 0.0))

    violated = numpy.where(
        yes(0.85, firms), numpy.datetime64("NaT", "s"), numpy.datetime64("2018-01-01", "s")
    ) + random.integers(0, 1400, firms).astype("timedelta64[D]")
    enterprises = pandas.DataFrame(
        {
            "enterprise_id": [f"e{number}" for number in range(firms)],
            "county": numpy.where(yes(0.8, firms), favoured, random.choice(counties, firms)),
            "employees": random.choice([10, 299, 300, 999, 1000, 3000], firms),
            "revenue": random.choice([3e6, 2e7, 399_999_999.99, 4e8, 2e9], firms),
            "yield_per_mu_class": random.choice([one.name for one in YieldPerMu if one.name != "unstated"], firms),
            "tier_listed": yes(0.3, firms),
            "protected_hundred": yes(0.2, firms),
            "independent_legal_person": yes(0.93, firms),
            "well_managed": yes(0.93, firms),
            "creditworthy": yes(0.93, firms),
            "last_major_violation_date": violated,
            "chain_leader": yes(0.3, firms),
            "cluster_leader": yes(0.2, firms),
        }
    )
    count = firms * 2
    robots, special = near([1e6, 3e6, 8e6], count), near([1e6, 3e6], count)
    equipment = numpy.maximum(near([1e6, 2.5e6, 5e6, 1e7, 2e7, 1e8], count), robots)
    projects = pandas.DataFrame(
        {
            "project_id": [f"p{number}" for number in range(count)],
            "enterprise_id": [
                f"e{number}" for number in numpy.r_[numpy.arange(firms), random.integers(0, firms, firms)]
            ],
            "consortium_id": numpy.where(yes(0.5, count), [f"c{n}" for n in random.integers(0, count // 5, count)], ""),
            "consortium_lead": yes(0.15, count),
            "application_date": numpy.datetime64(f"{year}-01-01", "s")
            + random.integers(-20, 385, count).astype("timedelta64[D]"),
            "project_type": random.choice([one.name for one in ProjectType], count),
            "existing_land": yes(0.8, count),
            "existing_plant": yes(0.8, count),
            "land_and_plant_owned": yes(0.8, count),
            "catalogue_category": numpy.where(
                yes(0.6, count),
                "encouraged",
                random.choice([one.name for one in CatalogueCategory if one.name != "unstated"], count),
            ),
            "in_use": yes(0.8, count),
            "meets_robot_conditions": yes(0.8, count),
            "major_project": yes(0.5, count),
            "removes_major_hazard": yes(0.2, count),
            "serves_listed_purpose": yes(0.8, count),
            "filed": yes(0.93, count),
            "in_statistics_platform": yes(0.93, count),
            "counted_as_upgrading": yes(0.93, count),
            "development_zone": random.integers(0, 4, count),
            "equipment_investment": equipment,
            "robot_investment": robots,
            "special_robot_investment": special,
            "intelligent_system_investment": near([1e6], count),
            "informatisation_investment": near([2e6, 5e6], count),
            "informatisation_systems": random.integers(0, 4, count),
            "assessed_award": near([1e6], count),
            "special_fund_claim": near([1e6], count),
            "special_fund_use": random.choice([one.name for one in FundUse], count),
            "loan_interest_paid": near([1e5], count),
            "loan_principal": numpy.full(count, 5e6),
            "loan_days": random.integers(1, 366, count),
            "other_fiscal_money": numpy.where(yes(0.8, count), 0.0, 1e5),
        }
    )
    return Population(year, projects, enterprises)


def every_reading(system):
    return [
        (parameter.name, value)
        for parameter in leaves(system.parameters)
        for value in list(parameter.metadata.get("readings", {}))[1:]
    ]


def assert_conditions_are_the_law(population, system):
    facts = Facts(population.simulation(system), population.year)
    for one in instruments(system):
        name = f"{one.name}__eligible"
        law = facts.value(name) if name in system.variables else facts.value(one.stages[0]) > 0
        numpy.testing.assert_array_equal(facts.all_met(one.name), law, one.name)
        yield one.name, law


@pytest.mark.parametrize("year", [2018, 2020, 2021, 2022, 2024])
@pytest.mark.parametrize("seed", [1, 2])
def test_the_conditions_together_are_the_law_on_a_random_population(system, seed, year):
    for name, law in assert_conditions_are_the_law(random_population(seed, year), system):
        if year == 2021:
            assert 10 < law.sum() < len(law) - 10, name


def test_the_conditions_are_the_law_under_every_reading(system):
    supplied = reformed(system, supply=list(SUPPLY.items()))
    population = random_population(3, firms=300)
    refused = set()
    for path, value in every_reading(system):
        law = reformed(supplied, readings=[(path, value)])
        try:
            population.simulation(law).calculate("total_paid", "2021")
        except JiningError:
            refused.add(f"{path}={value}")  # 该读法在这一年另需事实
            continue
        list(assert_conditions_are_the_law(population, law))
    assert refused == set()


def test_dropping_a_condition_that_decides_is_noticed(system):
    """Conditions that others imply (the parts of a qualifying consortium, subjects under a line) may be dropped, no other."""
    population = random_population(4, firms=1500)
    facts = Facts(population.simulation(system), 2021)
    implied = set()
    for name, about in declared()["instruments"].items():
        listed = [one for one in about["conditions"] if facts.applies(one)]
        whole = facts.all_met(name)
        for place, dropped in enumerate(listed):
            others = [facts.met(one) for number, one in enumerate(listed) if number != place]
            if (numpy.all(others, axis=0) == whole).all():
                implied.add((name, dropped["text"]))
    own = {(name, text) for name, text in implied if name != "yanzhou_2020_consortium"}
    assert {text for _, text in own} <= {
        "有生产性设备投资",
        "有设备投资",
        "购置了工业机器人",
        "有信息化软硬件投资",
        "填有投资、贷款等申报金额",
        "当年设有专项资金",
    }


# ----- the receipt -----


def test_what_is_paid_is_what_the_budget_pays(example, system, receipts):
    paid = budget(example, system).by("enterprise")["paid"]
    for name, receipt in receipts.items():
        assert receipt.paid == pytest.approx(paid.get(name, 0.0), abs=0.001)
        assert receipt.paid == pytest.approx(sum(one.paid for one in receipt.projects), abs=0.001)


def test_steps_lead_from_promised_to_paid(receipts):
    for receipt in receipts.values():
        for project in receipt.projects:
            for one in project.instruments:
                left = one.promised - sum(step.amount for step in one.steps)
                assert left == pytest.approx(one.paid, abs=0.001), (project.project, one.name)
                assert all(step.text and step.locator for step in one.steps)
                assert one.eligible or one.paid == 0


def test_a_fen_short_of_the_line_is_shown_and_is_the_counterfactual(example, system, receipts):
    receipt = receipts["E002"]
    (project,) = receipt.projects
    grant = project.instruments[0]
    (failed,) = [one for one in grant.conditions if not one.met]
    assert (failed.amount.value, failed.line.value, failed.comparison) == (19_999_999.99, 20_000_000, "at_least")
    reach = next(
        one for one in project.changes if one.before.name == "equipment_investment" and one.kind == "threshold"
    )
    assert (reach.after.value, reach.difference, reach.gain) == (20_000_000, 0.01, 600_000)
    assert "济兖政字〔2020〕14号" in {one.title for one in receipt.elsewhere}
    text = render(receipt)
    assert "1,999.99 万元（19,999,999.99 元）" in text
    assert "还差 0.01 元" in text
    assert "枣政字〔2020〕2号：只管枣庄市的企业，本企业注册在邹城市，不涉及。" in text


def again(population, system, receipt, change, value):
    """Total of the receipt's enterprise with one fact changed, computed from scratch (yuan)."""
    variable = system.variables[change.before.name]
    table = "projects" if change.project else "enterprises"
    key, own = ("project_id", change.project) if change.project else ("enterprise_id", receipt.enterprise)
    changed = getattr(population, table).copy()
    row = int(numpy.flatnonzero(changed[key] == own)[0])
    if change.before.unit == "enum":
        value = next(member.name for member in variable.possible_values if member.value == value)
    elif change.before.unit == "date":
        value = numpy.datetime64(value, "D")
    set_cells(changed, variable, [row], [value])
    new = dataclasses.replace(population, **{table: changed})
    paid = new.simulation(system).calculate("total_paid", str(population.year))
    return to_fen(paid[(population.projects["enterprise_id"] == receipt.enterprise).to_numpy()]).sum() / 100


def all_changes(receipt):
    return [*receipt.changes, *(one for project in receipt.projects for one in project.changes)]


def test_every_counterfactual_holds_when_computed_from_scratch(example, system, receipts):
    kinds = set()
    for receipt in receipts.values():
        for one in all_changes(receipt):
            kinds.add(one.kind)
            assert one.total_before == receipt.paid
            for value in (one.after.value, *one.also):
                assert again(example, system, receipt, one, value) == one.total_after, (receipt.enterprise, one)
            assert one.gain == pytest.approx(one.total_after - one.total_before, abs=0.001)
            assert sum(amount for *_, amount in one.effects) == pytest.approx(one.gain, abs=0.001)
    assert {"threshold", "cap", "value", "date", "zero", "step"} <= kinds


def test_amounts_are_the_smallest_that_do_it(example, system, receipts):
    tried = 0
    for receipt in receipts.values():
        for one in all_changes(receipt):
            if one.kind in ("threshold", "cap", "step", "limit") and one.before.unit == "元":
                tried += 1
                less = again(example, system, receipt, one, round(one.after.value - 0.01, 2))
                assert less != one.total_after, (receipt.enterprise, one)
    assert tried > 20


def test_dates_are_the_nearest_that_do_it(example, system, receipts):
    days = [
        (receipt, one)
        for receipt in receipts.values()
        for one in all_changes(receipt)
        if one.kind == "date" and one.difference
    ]
    assert days
    for receipt, one in days:
        nearer = numpy.datetime64(one.after.value, "D") - int(numpy.sign(one.difference))
        assert again(example, system, receipt, one, str(nearer)) == receipt.paid, one


def test_changes_are_few_and_sorted(receipts):
    for receipt in receipts.values():
        for found in (receipt.changes, *(one.changes for one in receipt.projects)):
            assert len(found) <= 8
            assert [one.gain for one in found] == sorted((one.gain for one in found), reverse=True)


def test_one_application_names_the_project_applied_for(receipts):
    left, taken = receipts["E031"].projects
    (step,) = next(one for one in left.instruments if one.name == "yanzhou_2020_equipment").steps
    assert (step.kind, step.amount, step.names) == ("one_application", 300_000, ("P036 大型铣床购置",))
    assert taken.paid == 1_000_000


def test_other_fiscal_money_is_named_and_so_is_its_absence(receipts):
    (project,) = receipts["E034"].projects
    (step,) = next(one for one in project.instruments if one.name == "yanzhou_2020_equipment").steps
    assert step.kind == "no_double_funding"
    assert step.facts[0].value == 100_000
    without = next(one for one in project.changes if one.kind == "zero")
    assert (without.before.name, without.gain) == ("other_fiscal_money", 300_000)


def test_a_consortium_member_is_computed_with_its_partners(receipts):
    (project,) = receipts["E036"].projects
    share = next(one for one in project.instruments if one.name == "yanzhou_2020_consortium")
    assert share.eligible
    joint = next(one for one in share.conditions if one.amount and one.amount.name.endswith("joint_investment"))
    assert joint.amount.value == 9_000_000


def test_pools_are_counted_in_what_a_change_brings(system):
    """Where the pool is short, a change brings less than it would alone."""
    tight = reformed(system, changes=["jining_2020.special_fund.amount=1000000@2021-01-01"])
    population = read_table(EXAMPLE, 2021).population
    receipt = explain(population, tight, "E002")
    reach = next(one for one in receipt.projects[0].changes if one.kind == "threshold")
    assert 0 < reach.gain < 600_000
    assert again(population, tight, receipt, reach, reach.after.value) == reach.total_after
    paid = explain(population, tight, "E001").projects[0].instruments[0]
    assert [step.kind for step in paid.steps] == ["pool"]
    assert paid.steps[0].reading == "按比例"


def test_protection_counts_where_the_pool_serves_it_first(system):
    law = reformed(
        system,
        changes=["jining_2020.special_fund.amount=1000000@2021-01-01"],
        readings=["jining_2020.special_fund_rationing=protected_first"],
    )
    receipt = explain(read_table(EXAMPLE, 2021).population, law, "E001")
    protected = next(one for one in receipt.changes if one.before.name == "protected_hundred")
    assert protected.gain > 0
    assert any("由使用者另选" in line for line in render(receipt).splitlines())


def test_a_queue_is_a_matter_of_days(system):
    law = reformed(
        system,
        changes=["jining_2020.special_fund.amount=3000000@2021-01-01"],
        readings=["jining_2020.special_fund_rationing=first_come"],
    )
    population = read_table(EXAMPLE, 2021).population
    receipt = explain(population, law, "E005")
    earlier = next(one for one in all_changes(receipt) if one.before.name == "application_date" and one.gain > 0)
    assert earlier.difference < 0
    assert again(population, law, receipt, earlier, earlier.after.value) == earlier.total_after


def test_a_day_is_told_once_and_not_at_all_where_it_needs_other_facts(system):
    """Before the document a claim needs no category of the catalogue, from its first day on it does (2017 五（十八）「鼓励类」)."""
    law = reformed(system, readings=["jining_2017.zone_pool_rationing=first_come"])
    early = {"project_id": "早", "application_date": pandas.Timestamp(2017, 5, 1), "equipment_investment": 30e6}
    award = {"project_id": "奖", "application_date": pandas.Timestamp(2017, 12, 1), "equipment_investment": 0.0}
    award |= {"development_zone": 1, "major_project": True, "assessed_award": 1e6, "catalogue_category": "permitted"}
    nothing = {"development_zone": 0, "major_project": False, "assessed_award": 0.0}
    firms = pandas.DataFrame([{"enterprise_id": "甲", "county": "rencheng"}])
    for category in (None, "encouraged"):
        rows = [early | nothing | {"catalogue_category": category}, award]
        population = Population(2017, pandas.DataFrame(rows).assign(enterprise_id="甲", in_use=True), firms)
        receipt = explain(population, law, "甲")
        told = [(one.before.name, one.after.value, one.gain) for one in receipt.projects[0].changes]
        if category is None:
            assert told == []
            date = SimpleNamespace(project="早", before=SimpleNamespace(name="application_date", unit="date"))
            with pytest.raises(MissingFact, match="产业目录类别"):
                again(population, law, receipt, date, "2017-11-03")
        else:
            # 意见 2017-11-03 印发；3000 万元 x 3%
            days = [(f"{which}application_date", "2017-11-03", 900_000.0) for which in ("", "city_")]
            assert told == days


def test_what_was_chosen_instead_is_named(system):
    """E08 takes robots 400,000 of the district, not equipment 240,000; E11 keeps the city's 1,800,000 (``twelve.py``)."""
    whole, taken = twelve.population(), {}
    both = whole.projects[whole.projects["enterprise_id"].isin(["E08", "E11"])].reset_index(drop=True)
    # E08 另有信息化 200 万元 x 10% = 20 万元，也比机器人的少，不是所选的
    more = {"informatisation_investment": [2e6, 0.0], "informatisation_systems": [2, 0]}
    population = Population(2021, both.assign(**more), whole.enterprises)
    for enterprise in ("E08", "E11"):
        (project,) = explain(population, system, enterprise).projects
        grant = next(one for one in project.instruments if one.name == twelve.DISTRICT)
        taken[enterprise] = [(step.kind, step.amount, step.names) for step in grant.steps if step.kind != "cap"]
    assert taken == {
        "E08": [("choose_one", 240_000, ("兖州 2020 机器人奖补",))],
        "E11": [("no_double_funding", 1_000_000, ("济宁 2017 设备补助",))],
    }


class PaidByScore(Reform):
    """Zaozhuang pays by the score of the enterprise, but in full once the city has district funds."""

    name = "枣庄按评估得分支付"

    def apply(self):
        """Pay the share of 100 points."""

        def by_score(project, period, parameters, paid):
            share = settle(paid * project.enterprise("score_6501", period) / 100)
            return numpy.where(project.city("district_funds", period) > 0, paid, share)

        amend(self, "zaozhuang_2020_equipment__paid", by_score)


def test_a_step_of_a_reform_is_shown_although_nothing_is_declared_of_it(system):
    projects = pandas.DataFrame([{"project_id": "P", "enterprise_id": "E", "equipment_investment": 4e6}])
    firms = pandas.DataFrame([{"enterprise_id": "E", "county": "tengzhou", "score_6501": 50.0}])
    receipt = explain(Population(2021, projects, firms), reformed(system, reforms=[PaidByScore]), "E")
    grant = receipt.projects[0].instruments[0]
    (step,) = grant.steps
    # 400 万元 x 10% = 40 万元，付一半；设备每多 1 万元，多得 1 万元 x 10% x 一半
    assert (grant.chosen, step.kind, step.amount, grant.paid) == (400_000, "pool", 200_000, 200_000)
    assert "  资金池：减 20.00 万元（200,000.00 元）。\n" in render(receipt)
    more = next(one for one in receipt.projects[0].changes if one.before.name == "equipment_investment")
    assert (more.kind, more.per_ten_thousand) == ("step", 500)
    # 得分不是金额、个数、日期或类别；基金是市里的事，不是企业的
    assert {one.before.name for one in all_changes(receipt)} == {"equipment_investment", "application_date", "county"}


def test_money_that_comes_and_goes_again_is_told_where_it_comes(system):
    """A large firm that leads a consortium (兖州 四.3): over 5 million together it has a share, until SMEs invest less than half."""
    projects = pandas.DataFrame(
        {
            "project_id": ["大", "小"],
            "enterprise_id": ["大", "小"],
            "consortium_id": "K",
            "consortium_lead": [True, False],
            "equipment_investment": [500_000.0, 4_400_000.0],
            "catalogue_category": "permitted",
            "in_use": True,
        }
    )
    firms = pandas.DataFrame(
        {
            "enterprise_id": ["大", "小"],
            "county": "yanzhou",
            "yield_per_mu_class": "B",
            "employees": [2000, 100],
            "revenue": [900e6, 50e6],
            "chain_leader": [True, False],
        }
    )
    population = Population(2021, projects, firms)
    receipt = explain(population, system, "大")
    found = [one for one in receipt.projects[0].changes if one.before.name == "equipment_investment"]
    told = {one.after.value: one.gain for one in found if one.kind == "threshold"}
    # 60 万零 1 分加 440 万元才超过 500 万元，x 3%；到 500 万元自己达到设备奖补的线，x 3%
    assert told == {600_000.01: 18_000, 5_000_000.0: 150_000}
    more = {
        value: again(population, system, receipt, found[0], value) for value in (600_000.0, 4_400_000.0, 4_400_000.01)
    }
    assert more == {600_000.0: 0, 4_400_000.0: 132_000, 4_400_000.01: 0}


def test_json_is_plain_and_complete(receipts):
    for receipt in receipts.values():
        data = receipt.to_json()
        assert json.loads(json.dumps(data, allow_nan=False)) == data
        assert data["paid"] == receipt.paid
        assert data["record"]["data_sha256"]


def test_text_fits_a_terminal_and_says_no_code(receipts, system):
    for receipt in receipts.values():
        text = render(receipt)
        for line in text.splitlines():
            assert width(line) <= COLUMNS + 12, line
        assert "nan" not in text
        assert "None" not in text
        assert "__" not in text


def test_money_never_looks_rounded_up_to_a_line():
    assert money(0) == "0 元"
    assert money(0.01) == "0.01 元"
    assert money(99_999_999.84) == "9,999.99 万元（99,999,999.84 元）"
    assert money(12_345_678.9) == "1,234.57 万元（12,345,678.90 元）"
    assert money(19_999_999.99, with_yuan=False) == "1,999.999999 万元"
    assert money(600_000) == "60.00 万元（600,000.00 元）"
    assert money(19_999_999.99) == "1,999.99 万元（19,999,999.99 元）"


def test_unknown_enterprises_are_refused(example, system):
    with pytest.raises(BadFact, match="没有企业编号为 E999 的企业"):
        explain(example, system, "E999")
    idle = pandas.DataFrame({"enterprise_id": ["E998"], "county": ["rencheng"]})
    more = dataclasses.replace(example, enterprises=pandas.concat([example.enterprises, idle], ignore_index=True))
    with pytest.raises(BadFact, match="企业 E998 没有申报任何项目"):
        explain(more, system, "E998")


def test_a_table_without_consortia_is_explained_as_one_where_nobody_states_any(example, system, receipts):
    alone = dataclasses.replace(example, projects=example.projects.drop(columns=["consortium_id"]))
    receipt = explain(alone, system, "E002")
    assert receipt.projects[0].changes == receipts["E002"].projects[0].changes


def test_yuan_and_fen_can_be_stated_where_whole_yuan_were(system):
    table = pandas.DataFrame({"equipment_investment": [1, 2]})
    set_cells(table, system.variables["equipment_investment"], [1], [2.5])
    assert table["equipment_investment"].tolist() == [1.0, 2.5]


def test_synthetic_data_says_so(system):
    population = synthesise(2021, seed=1)
    receipt = explain(population, system, str(population.projects["enterprise_id"].iloc[0]))
    assert "合成数据" in render(receipt)


def test_the_copy_that_a_refusal_speaks_of_is_found_by_its_row():
    search = SimpleNamespace(near=range(3), near_enterprises=range(2))
    for path, row, copy in (
        (["projects", "P1", "x"], 0, 0),
        (["projects", "P1", "x"], 4, 1),
        (["enterprises", "E1", "x"], 3, 1),
        (["projects", "P1", "x"], 7, None),
        (["projects", "3", "x"], None, None),
        (["reforms"], None, None),
    ):
        assert Search._culprit(search, BadFact(path, "x", row), 2) == copy, path


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("upward", [True, False])
def test_candidates_that_the_model_refuses_are_left_out_and_no_others(named, upward):
    wanted = [(target, value) for target in "ab" for value in (1, 2, 3)]
    refused = [("a", 2), ("a", 3)]

    def copies(part):
        if not part:
            raise BadFact(["projects"], "没有任何项目，无法测算。")
        bad = [number for number, one in enumerate(part) if one in refused]
        if bad:
            raise BadFact(["projects", "p", "x"] if named else ["reforms"], "x", bad[0])
        return part

    search = Search.__new__(Search)
    search.near = search.near_enterprises = range(1)
    search.limits, search._copies = {}, copies
    found = dict.fromkeys(range(len(wanted)))
    search._outcomes(wanted, list(found), found, upward)
    assert found == {number: None if one in refused else one for number, one in enumerate(wanted)}
    assert search.limits.get("a", 2) == 2 and "b" not in search.limits


def test_where_nothing_can_be_changed_or_computed_there_is_no_change():
    nothing = SimpleNamespace(touched=lambda: ([], set()), targets=lambda names: [])
    assert Search.changes(nothing) == {}
    refused = SimpleNamespace(paid_now=lambda: (), whole=lambda target, value: None)
    assert Search.change(refused, SimpleNamespace(target=None, value=1)) is None
