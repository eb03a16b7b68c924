"""Totals of many scenarios are those of full simulations, to the fen, whatever is varied and under whatever reading."""

from __future__ import annotations

import itertools

import numpy
import pandas
import pytest
from openfisca_core.reforms import Reform

from openfisca_jining.analysis.budget import budget
from openfisca_jining.analysis.scenarios import ScenarioRunner, Trace, connected
from openfisca_jining.classifications import JINING, located_in
from openfisca_jining.errors import UnknownParameter
from openfisca_jining.instruments import INSTRUMENTS, POOLED, STAGES
from openfisca_jining.law import leaves
from openfisca_jining.model import YEAR, Project, Variable, law_at_application
from openfisca_jining.population import Population
from openfisca_jining.population.synthetic import synthesise
from openfisca_jining.reforming import reformed

START = "2021-01-01"


@pytest.fixture(scope="module")
def made_up():
    made = synthesise(2021, seed=5, projects=900)
    # 一部分企业带样本权重，也有一家企业多个项目
    weight = numpy.where(numpy.arange(len(made.enterprises)) % 7 == 0, 1.5, 1.0)
    return Population(2021, made.projects, made.enterprises.assign(weight=weight), "合成", True)


def full(population, system, stages=("paid",)):
    """Whole fen by instrument and stage of one ordinary simulation."""
    simulation = population.simulation(system)
    weight = simulation.populations["project"].enterprise("weight", "2021")
    result = []
    for name, suffixes in INSTRUMENTS.items():
        of = dict(zip(STAGES, suffixes, strict=True))
        amounts = [weight * simulation.calculate(f"{name}__{of[stage]}", "2021") for stage in stages]
        result.append([int(numpy.floor(amount * 100 + 0.5 + 1e-6).sum()) for amount in amounts])
    return result


def assert_equal_to_simulations(population, system, changes, stages=("paid",), start=START):
    """:returns: totals. Every scenario is simulated anew."""
    found = ScenarioRunner(population, system, start, stages).totals(changes)
    for number, values in enumerate(zip(*changes.values(), strict=True)):
        law = reformed(system, changes=[(path, value, start) for path, value in zip(changes, values, strict=True)])
        assert found.fen[number].tolist() == full(population, law, stages), dict(zip(changes, values, strict=True))
    return found


def grid(**axes):
    values = list(itertools.product(*axes.values()))
    return {path.replace("__", "."): [row[place] for row in values] for place, path in enumerate(axes)}


RATE_AND_CAP = grid(
    jining_2017__equipment__rate=[0.0, 0.01, 0.0333, 0.08],
    jining_2017__equipment__cap_per_enterprise=[0.0, 1_000_000.0, 2_345_678.91, 30_000_000.0],
)


def test_rate_and_cap_at_every_stage(system, made_up):
    found = assert_equal_to_simulations(made_up, system, RATE_AND_CAP, STAGES)
    assert len({tuple(row) for row in found.fen[:, 0, 0].reshape(4, 4).T.tolist()}) == 1  # 限额不改变「按比例应得」
    assert len(set(found.total("chosen"))) == 10  # 3×3 种，加上比例为 0 或限额为 0


@pytest.mark.parametrize(
    "reading",
    [
        "common.cross_cap_levels=one_cap",
        "common.threshold_unit=per_enterprise_sum",
        "common.cap_allocation_across_projects=pro_rata",
        "common.rounding=half_up_per_project",
        "yanzhou_2020.one_application=soft_exceptions",
        "yanzhou_2020.city_district_overlap=top_up_difference",
        "jining_2017.zone_pool_allocation=equal_shares",
        "jining_2017.zone_pool_scope=per_zone",
        "jining_2017.robot_limbs_relation=overall_cap_200",
        "jining_2017.equipment_and_robot_same_invoice=one_invoice_one_grant",
        "jining_2020.special_fund_rationing=first_come",
        "jining_2020.special_fund_relation=additional",
    ],
)
def test_under_other_readings(system, made_up, reading):
    path, value = reading.split("=")
    known = next(one for one in leaves(system.parameters) if one.name == path.replace(".", ".readings."))
    if value not in known.metadata["readings"]:
        value = next(one for one in known.metadata["readings"] if one != known.values_list[0].value)
    law = reformed(system, readings=[(path, value)])
    few = {path: values[::3] for path, values in RATE_AND_CAP.items()}
    few["jining_2017.robots.rate"] = [0.05, 0.07, 0.02, 0.05, 0.09, 0.05]
    assert_equal_to_simulations(made_up, law, few)


def numeric(system):
    """Every number that a law in force in 2021 can read for the instruments."""
    for parameter in leaves(system.parameters):
        value = parameter.get_at_instant(START)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            yield parameter.name, float(value)


def test_every_number_of_the_law_one_at_a_time(system, made_up):
    simulation = made_up.simulation(system)
    simulation.trace = True
    for name in INSTRUMENTS:
        simulation.calculate(f"{name}__paid", "2021")
    read = set().union(*Trace(simulation).parameters.values())
    felt = 0
    for path, value in numeric(system):
        if path not in read:
            continue
        factors = (1, 2) if value == round(value) else (0.5, 1.5)
        found = assert_equal_to_simulations(made_up, system, {path: [value * factor for factor in factors]})
        felt += len({tuple(row) for row in found.fen[:, :, 0].tolist()}) > 1
    assert felt >= 20


def test_several_numbers_at_once_also_where_eligibility_moves(system, made_up):
    draw = numpy.random.default_rng(7)
    count = 12
    changes = {
        "jining_2017.equipment.minimum_investment": draw.choice([5e6, 1e7, 2e7, 4e7], count).tolist(),
        "yanzhou_2020.equipment.rate": draw.choice([0.01, 0.03, 0.0455], count).tolist(),
        "yanzhou_2020.equipment.cap_per_enterprise": draw.choice([2e5, 1e6, 3e6], count).tolist(),
        "zaozhuang_2020.equipment.rate": draw.choice([0.05, 0.1], count).tolist(),
        "jining_2020.special_fund.amount": draw.choice([1e7, 2e8, 9e9], count).tolist(),
    }
    found = assert_equal_to_simulations(made_up, system, changes, ("promised", "chosen", "paid"))
    assert len(set(found.total())) > 8


def test_values_that_hold_from_the_middle_of_the_year(system, made_up):
    changes = {"jining_2017.equipment.rate": [0.01, 0.05], "jining_2017.equipment.cap_per_enterprise": [2e6, 1e6]}
    assert_equal_to_simulations(made_up, system, changes, start="2021-07-01")


def test_dates_and_readings_take_turns(system, made_up):
    changes = {
        "yanzhou_2020.validity.last_day": ["2023-08-14", "2021-03-31"] * 2,
        "yanzhou_2020.readings.one_application": ["strict_counting", "soft_exceptions"] * 2,
        "yanzhou_2020.equipment.rate": [0.03, 0.03, 0.04, 0.04],
    }
    known = next(one for one in leaves(system.parameters) if one.name == "yanzhou_2020.readings.one_application")
    values = list(known.metadata["readings"])
    changes["yanzhou_2020.readings.one_application"] = [values[0], values[1]] * 2
    assert_equal_to_simulations(made_up, system, changes, start="2021-01-01")


def test_processes_do_not_change_the_figures(system, made_up):
    alone, shared = (
        ScenarioRunner(made_up, system, START).totals(RATE_AND_CAP, workers=workers).fen for workers in (1, 2)
    )
    assert (alone == shared).all()


def test_the_budget_adds_up_the_same(system, made_up):
    found = ScenarioRunner(made_up, system, START).totals({"jining_2017.equipment.rate": [0.03]})
    assert round(found.total()[0] * 100) == round(budget(made_up, system).total * 100)


def test_the_base_law_is_left_alone(system, made_up):
    before = full(made_up, system)
    ScenarioRunner(made_up, system, START).totals(RATE_AND_CAP)
    assert full(made_up, system) == before


def test_an_unknown_path_is_refused(system, made_up):
    with pytest.raises(UnknownParameter, match="找不到"):
        ScenarioRunner(made_up, system, START).totals({"jining_2017.equipment.rat": [0.1]})


def test_connected_rows_share_a_component():
    # 1-2 同企业，2-3 同共同体，4 单独
    assert connected(numpy.array([0, 0, 1, 2]), numpy.array([0, 1, 1, 2])).tolist() == [0, 0, 0, 1]
    assert isinstance(pandas.Series(connected(numpy.zeros(0, int), numpy.zeros(0, int))).tolist(), list)


def test_what_is_stated_is_known_in_every_scenario(system):
    """上一年已报市级、并说明市级资金为 0 的兖州项目：填了这个事实，任何情形下都不能当作没有填。"""
    projects = pandas.DataFrame(
        {
            "project_id": ["甲", "乙"],
            "enterprise_id": ["甲厂", "乙厂"],
            "application_date": pandas.to_datetime(["2021-05-01", "2021-06-01"]),
            "city_application_date": pandas.to_datetime(["2020-11-01", None]),
            "other_fiscal_money": [0.0, None],
            "equipment_investment": [10_000_000.0, 20_000_000.0],
            "catalogue_category": ["permitted", "permitted"],
            "in_use": [True, True],
        }
    )
    enterprises = pandas.DataFrame(
        {"enterprise_id": ["甲厂", "乙厂"], "county": ["yanzhou", "yanzhou"], "yield_per_mu_class": ["B", "B"]}
    )
    population = Population(2021, projects, enterprises)
    found = assert_equal_to_simulations(population, system, {"yanzhou_2020.equipment.rate": [0.02, 0.03, 0.04]})
    # 3000 万元乘以比例；每家不超过 100 万元
    assert found.total().tolist() == [600_000.0, 900_000.0, 1_200_000.0]


def test_a_pool_that_is_shared_out_reaches_who_has_nothing_yet(system):
    """The zone pool in equal shares, of any amount: 乙 chooses between it and district money, 丙 has no other claim at all."""
    projects = pandas.DataFrame(
        {
            "project_id": ["甲", "乙", "丙"],
            "enterprise_id": ["甲厂", "乙厂", "丙厂"],
            "application_date": pandas.to_datetime(["2021-05-01", "2021-06-01", "2021-06-01"]),
            "city_application_date": pandas.to_datetime(["2020-11-01", None, None]),
            "other_fiscal_money": [0.0, None, None],
            "equipment_investment": [10_000_000.0, 20_000_000.0, 0.0],
            "catalogue_category": ["permitted", "permitted", "permitted"],
            "in_use": [True, True, True],
            "development_zone": [0, 1, 1],
            "major_project": [False, True, True],
        }
    )
    enterprises = pandas.DataFrame(
        {
            "enterprise_id": ["甲厂", "乙厂", "丙厂"],
            "county": ["yanzhou", "yanzhou", "rencheng"],
            "yield_per_mu_class": ["B", "B", "B"],
        }
    )
    population = Population(2021, projects, enterprises)
    law = reformed(system, readings=["jining_2017.zone_pool_allocation=equal_shares"])
    found = assert_equal_to_simulations(
        population, law, {"jining_2017.zone_pool.amount": [0.0, 1_000_000.0, 2_000_000.0]}
    )
    # 甲 30 万；乙在 60 万和资金池的一半中取多的；丙得一半
    assert found.total().tolist() == [900_000.0, 1_400_000.0, 2_300_000.0]


class OnlyLarge(Reform):
    name = "济宁 2017 年意见只管达到设备投资额门槛的项目"

    def apply(self):
        class jining_2017__in_scope(Variable):
            value_type = bool
            entity = Project
            definition_period = YEAR
            label = "执行期内、达到门槛的项目"

            def formula(project, period, parameters):
                law = law_at_application(project, period, parameters, "jining_2017").equipment
                large = project("equipment_investment", period) >= law.minimum_investment
                here = located_in(project.enterprise("county", period), JINING)
                return project("jining_2017__in_force", period) & here & large

        self.replace_variable(jining_2017__in_scope)


def test_a_number_that_decides_whom_a_document_concerns_concerns_all(system, made_up):
    """Who is in scope of the base law is no guide then."""
    law = OnlyLarge(system)
    changes = {"jining_2017.equipment.minimum_investment": [8e7, 2e7, 5e6]}
    found = assert_equal_to_simulations(made_up, law, changes, ("promised", "paid"))
    assert (numpy.diff(found.total("promised")) > 0).all()


def test_only_pools_pass_from_one_enterprise_to_another(system, made_up):
    """What sweeps and forecasts rely on: before the pools of ``instruments.POOLED``, a part of the enterprises gets what it gets in the whole."""
    whole = made_up.simulation(system)
    whole.trace = True
    stages = [f"{name}__{suffix}" for name, suffixes in INSTRUMENTS.items() for suffix in dict.fromkeys(suffixes)]
    values = {name: whole.calculate(name, "2021") for name in stages}
    trace = Trace(whole)
    pooled = trace.dependents({name for name, path in POOLED.items() if path is None})
    member = {key: whole.populations[key].members_entity_id for key in ("enterprise", "consortium")}
    half = connected(member["enterprise"], member["consortium"]) % 2 == 0
    for rows in (numpy.flatnonzero(half), numpy.flatnonzero(~half)):
        projects = made_up.projects.iloc[rows].reset_index(drop=True)
        used = made_up.enterprises["enterprise_id"].isin(projects["enterprise_id"])
        part = Population(2021, projects, made_up.enterprises[used].reset_index(drop=True), "部分").simulation(system)
        local = [name for name in stages if name not in pooled]
        assert len(local) > 30
        for name in local:
            assert (part.calculate(name, "2021") == values[name][rows]).all(), name
