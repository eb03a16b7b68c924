"""Budgets: the ledger adds up, money is conserved, the same whether whole or in parts, and results can be verified."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import numpy
import pandas
import pytest

from openfisca_jining.analysis.budget import DIMENSIONS, LEDGER, budget, to_fen_signed
from openfisca_jining.analysis.compare import compare
from openfisca_jining.analysis.verify import verify
from openfisca_jining.errors import BadFact, MissingFact
from openfisca_jining.population import Population
from openfisca_jining.population.read import read_table
from openfisca_jining.population.synthetic import synthesise
from openfisca_jining.reforming import reformed

EXAMPLE = Path(str(resources.files("openfisca_jining.population") / "example_2021.csv"))


@pytest.fixture(scope="module")
def example():
    return read_table(EXAMPLE, 2021).population


@pytest.fixture(scope="module")
def made_up():
    return synthesise(2021, seed=3)


def fen(table):
    return {name: to_fen_signed(table[name].to_numpy()) for name in LEDGER}


@pytest.mark.parametrize(
    "readings", [[], ["yanzhou_2020.one_application=soft_exceptions"], ["common.rounding=truncate"]]
)
def test_the_ledger_adds_up_to_the_fen_on_every_row_and_in_every_breakdown(system, example, made_up, readings):
    law = reformed(system, readings=readings)
    for population in (example, made_up):
        result = budget(population, law)
        for table in (result.claims, *(result.by(name) for name in DIMENSIONS)):
            money = fen(table)
            taken = sum(money[name] for name in LEDGER if name not in ("promised", "paid"))
            assert (money["promised"] == taken + money["paid"]).all()
        totals = {tuple(numpy.sum(list(fen(result.by(name)).values()), axis=1)) for name in DIMENSIONS}
        assert len(totals) == 1


def test_what_is_paid_is_the_total_of_the_simulation(system, example):
    whole = example.simulation(system).calculate("total_paid", "2021")
    assert round(budget(example, system).total * 100) == round(whole.sum() * 100)


def test_the_special_fund_is_spent_to_the_fen_and_never_overspent(system, made_up):
    paid = budget(made_up, system).by("document")["paid"]
    assert round(paid["jining_2017"] * 100) + round(paid.get("jining_2020", 0) * 100) == 200_000_000 * 100


def take(population, rows):
    projects = population.projects.iloc[rows].reset_index(drop=True)
    used = population.enterprises["enterprise_id"].isin(projects["enterprise_id"])
    return Population(population.year, projects, population.enterprises[used].reset_index(drop=True), "部分")


def test_parts_of_a_population_add_up_to_the_whole_where_no_pool_binds(system, example):
    law = reformed(
        system, readings=["jining_2020.special_fund_relation=additional"], supply=["jining_2017.zone_pool.amount=1e9"]
    )
    whole = budget(example, law)
    city = example.city_number
    parts = [budget(take(example, numpy.flatnonzero(city == number)), law) for number in (0, 1)]
    together = pandas.concat([part.ledger() for part in parts])
    assert (fen(whole.ledger())["paid"] == fen(together)["paid"]).all()


def test_order_of_rows_changes_nobodys_money_before_pools(system, example):
    order = numpy.random.default_rng(5).permutation(len(example))
    shuffled = take(example, order)
    before = example.simulation(system).calculate("jining_2017_equipment__chosen", "2021")
    after = shuffled.simulation(system).calculate("jining_2017_equipment__chosen", "2021")
    assert sorted(before[order]) == sorted(after)
    assert round(budget(shuffled, system).total * 100) == round(budget(example, system).total * 100)


def test_a_sample_weight_stands_for_that_many_enterprises(system):
    projects = pandas.DataFrame({"project_id": ["p1"], "enterprise_id": ["e1"], "equipment_investment": [1_000_000.0]})
    enterprises = pandas.DataFrame({"enterprise_id": ["e1"], "county": ["tengzhou"], "weight": [2.5]})
    assert budget(Population(2021, projects, enterprises), system).total == 250_000


def test_the_main_reform_moves_what_it_says_it_moves(system, example):
    after = reformed(system, reforms=["yanzhou_cap_and_jining_rate"])
    change = compare(example, system, after).change("instrument")
    moved = set(change.index[change["difference"] != 0])
    assert moved == {"济宁 2017 设备补助", "兖州 2020 设备奖补"}
    early = synthesise(2020, seed=1)
    assert compare(early, system, after).difference == 0


def test_before_and_after_cases_of_the_main_reform(system):
    def one(county, amount, **facts):
        projects = pandas.DataFrame(
            {"project_id": ["p"], "enterprise_id": ["e"], "equipment_investment": [amount], "in_use": [True], **facts}
        )
        enterprises = pandas.DataFrame({"enterprise_id": ["e"], "county": [county], "yield_per_mu_class": ["B"]})
        population = Population(2021, projects, enterprises)
        after = reformed(system, reforms=["yanzhou_cap_and_jining_rate"])
        result = compare(population, system, after)
        return result.baseline.total, result.reform.total

    assert one("rencheng", 30_000_000.0, catalogue_category=["encouraged"]) == (900_000, 1_200_000)
    assert one("yanzhou", 50_000_000.0, catalogue_category=["permitted"]) == (1_000_000, 1_500_000)
    assert one("tengzhou", 50_000_000.0, catalogue_category=["permitted"]) == (5_000_000, 5_000_000)


def test_a_saved_result_verifies_and_a_changed_one_does_not(system, example):
    law = reformed(
        system,
        readings=["yanzhou_2020.robot_base=robot_purchase_only"],
        changes=["jining_2017.equipment.rate=0.04@2021-01-01"],
    )
    saved = json.loads(json.dumps(budget(example, law).to_json(), ensure_ascii=False, default=str))
    assert verify(saved, example) == []
    saved["ledger"][0]["paid"] += 0.01
    assert len(verify(saved, example)) == 1
    other = synthesise(2021, seed=9)
    assert any("数据不同" in finding for finding in verify(saved, other))


def test_another_version_and_an_instrument_without_money_are_found_when_verifying(system, example):
    saved = json.loads(json.dumps(budget(example, system).to_json(), ensure_ascii=False, default=str))
    now = saved["record"]["numpy"]
    saved["record"]["numpy"] = "1.0"
    saved["ledger"].append(saved["ledger"][0] | {"instrument": "没有的补助", "paid": 1234.5})
    assert verify(saved, example) == [
        f"版本不同：numpy 现在是 {now}，记录是 1.0。",
        "「没有的补助」现在没有金额，记录实付 1234.50 元。",
    ]


def test_the_run_record_is_the_same_for_the_same_run(system, example):
    again = read_table(EXAMPLE, 2021).population
    assert budget(example, system).to_json() == budget(again, system).to_json()


def test_blank_facts_that_decide_money_are_refused_and_others_take_their_default(system):
    projects = pandas.DataFrame(
        {
            "project_id": ["p1", "p2"],
            "enterprise_id": ["e1", "e2"],
            "equipment_investment": [30_000_000.0, 30_000_000.0],
            "catalogue_category": ["encouraged", "encouraged"],
            "in_use": [True, None],
            "removes_major_hazard": [None, True],
        }
    )
    enterprises = pandas.DataFrame({"enterprise_id": ["e1", "e2"], "county": ["rencheng", "rencheng"]})
    with pytest.raises(MissingFact, match=r"设备投入使用.*第 2 个"):
        budget(Population(2019, projects, enterprises), system)
    projects["in_use"] = [True, False]
    assert budget(Population(2019, projects, enterprises), system).total == 900_000


def test_no_projects_and_double_ids_are_refused_in_chinese(example):
    with pytest.raises(BadFact, match="没有任何项目"):
        take(example, numpy.array([], dtype=int))
    with pytest.raises(BadFact, match="项目编号重复"):
        take(example, numpy.array([0, 0]))


def test_an_enterprise_without_staff_or_revenue_has_no_size_and_is_paid_all_the_same(system):
    projects = pandas.DataFrame(
        {"project_id": ["甲", "乙"], "enterprise_id": ["甲厂", "乙厂"], "consortium_id": ["C", "C"]}
        | {"equipment_investment": [8_000_000.0, 5_000_000.0]}
    )
    enterprises = pandas.DataFrame({"enterprise_id": ["甲厂", "乙厂"], "county": ["tengzhou", "tengzhou"]})
    enterprises = enterprises.assign(employees=[50, None], revenue=[30_000_000.0, 10_000_000.0])
    result = budget(Population(2021, projects, enterprises), system)
    # 枣庄设备 10%：80 万元和 50 万元；50 人、3000 万元为小型
    assert result.by("enterprise_size")["paid"].to_dict() == {"小型": 800_000.0, "未填写": 500_000.0}
