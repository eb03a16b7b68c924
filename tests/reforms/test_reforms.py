"""Every reform: documented, with cases, dated, harmless to the baseline and to the others, and with books that balance."""

from __future__ import annotations

import datetime
import functools
import itertools
import json
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy
import pandas
import pytest
import yaml
from openfisca_core.reforms import Reform
from situations import jining, simulate

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.budget import LEDGER, budget, to_fen_signed
from openfisca_jining.clauses.register import clauses
from openfisca_jining.errors import MissingFact, UnknownParameter
from openfisca_jining.instruments import STAGES, instruments
from openfisca_jining.law import find, leaves
from openfisca_jining.money import to_fen
from openfisca_jining.population import Population
from openfisca_jining.population.synthetic import synthesise
from openfisca_jining.reform_lint import lint, refuse
from openfisca_jining.reforming import reform_class, reform_modules, reformed

CASES = Path(__file__).parent
MODULES = reform_modules()
MID_YEAR = ["class_a_two_points", "class_c_barred", "jining_common_cap", "yanzhou_rates_down"]
#: Reforms that leave the total of 2021 as it is, and why.
THE_FUND_IS_SPENT_EITHER_WAY = {"jining_rate_up", "jining_cap_removed", "jining_common_cap"}
ONLY_LATER_YEARS = {"yanzhou_to_2026": 2024, "jining_2017_to_2025": 2022}
#: The special fund of 2021 (fen).
FUND = 200_000_000_00
PLAN = "yanzhou_2020_application__plan"
#: The old rule in the numbers that a reform adds.
NEUTRAL = {
    "class_a_two_points": ["yanzhou_2020.uplift.points_class_a=0.01"],
    "class_c_barred": ["yanzhou_2020.applicant.class_c_barred=0"],
    "jining_common_cap": ["jining_2017.equipment.common_cap_per_enterprise=6000000"],  # 300 + 100 + 200 万元
    "size_tiered_rates": [
        f"{folder}.size_points_{tier}=0"
        for folder in ("jining_2017.equipment", "yanzhou_2020.uplift")
        for tier in ("small", "medium", "large")
    ],
    "zaozhuang_rule_in_jining": ["jining_2017.equipment.by_listed_purpose=0", "jining_2017.equipment.rate=0.03"],
}
LAW = CountryTaxBenefitSystem()


@functools.cache
def law_with(*modules):
    """Current law, with reforms stacked on it in their order."""
    return reformed(LAW, reforms=modules)


@functools.cache
def added(module) -> dict:
    """Parameters that a reform adds, by path."""
    before = {one.name for one in leaves(LAW.parameters)}
    return {one.name: one for one in leaves(law_with(module).parameters) if one.name not in before}


STRUCTURAL = [module for module in MODULES if added(module)]


def header(module) -> dict[str, str]:
    """Lines ``Key: text`` of a module's docstring (a line that begins with blanks goes on with the one before)."""
    text = sys.modules[reform_class(module).__module__].__doc__
    return dict(re.findall(r"^(\w+): (.+(?:\n    .+)*)", text, re.MULTILINE))


def first_day(module) -> datetime.date:
    return datetime.date.fromisoformat(header(module)["From"])


@functools.cache
def made_up(year, seed=1):
    """Synthetic claims of a year."""
    return synthesise(year, seed=seed)


def books(population, system) -> dict[str, numpy.ndarray]:
    """Whole fen of every project at every stage of the ledger (columns), by instrument."""
    simulation, year = population.simulation(system), str(population.year)
    return {
        one.name: numpy.array([to_fen(simulation.calculate(name, year)) for name in one.stages]).T
        for one in instruments(system)
    }


@functools.cache
def booked(year, *modules):
    """Books of the synthetic claims of a year under current law with reforms."""
    return books(made_up(year), law_with(*modules))


def same(one, other) -> bool:
    return all((one[name] == other[name]).all() for name in one)


def total(tables, stage="paid", payer="") -> int:
    """Whole fen of all projects at a stage, of the instruments whose names begin with ``payer``."""
    return int(sum(table[:, STAGES.index(stage)].sum() for name, table in tables.items() if name.startswith(payer)))


def paid(modules, year, situation) -> list[float]:
    return simulate(law_with(*modules), year, situation).calculate("total_paid", str(year)).tolist()


# ----- header and cases -----


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_what_it_is(module):
    about = header(module)
    assert set(about) == {"Title", "Idea", "Moves", "From"}
    found = reform_class(module)
    assert issubclass(found, Reform)
    assert found.__name__ == "".join(word[:1].upper() + word[1:] for word in module.split("_"))
    for title in (about["Title"], found.name):
        assert re.search("[\u4e00-\u9fff]{2}", title), title
    changes = law_with(module).changes
    days = {start for _, _, start in changes} | {one.values_list[0].instant_str for one in added(module).values()}
    assert days == {about["From"]}
    for path in {path for path, _, _ in changes} | set(added(module)):
        document, *_, clause, _ = path.split(".")
        assert document in about["Moves"] and clause in about["Moves"], path


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_cases_with_it_and_before_it(module):
    cases = yaml.load((CASES / f"{module}.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    path = f"openfisca_jining.reforms.{module}.{reform_class(module).__name__}"
    using = [case for case in cases if path in case.get("reforms", "")]
    start = header(module)["From"]
    assert any(case["period"] >= start[:4] for case in using)
    days = [day for case in using for day in re.findall(r"\d{4}-\d\d-\d\d", str(case["input"]))]
    assert any(case not in using or case["period"] < start[:4] for case in cases) or any(day < start for day in days)


def test_there_are_no_cases_without_a_module():
    assert {path.stem for path in CASES.glob("*.yaml")} == set(MODULES)
    assert len(MODULES) >= 15 and len(STRUCTURAL) >= 6


# ----- new numbers -----


@pytest.mark.parametrize("module", STRUCTURAL)
def test_new_numbers_are_dated_parameters_that_say_what_they_are(module):
    known = {entry["id"] for entry in clauses()}
    for path, parameter in added(module).items():
        assert find(LAW.parameters, path.rpartition(".")[0]), path
        for key in ("label", "unit", "period", "reform", "reference"):
            assert parameter.metadata[key], (path, key)
        assert parameter.metadata["clause"] in known
        assert re.search("[\u4e00-\u9fff]{2}", parameter.metadata["label"])
        day = first_day(module)
        assert parameter.get_at_instant(str(day - datetime.timedelta(days=1))) is None
        assert parameter.get_at_instant(str(day)) is not None


@pytest.mark.parametrize("module", NEUTRAL)
def test_the_old_rule_written_in_the_new_numbers_gives_the_old_money(module):
    changes = [f"{change}@{header(module)['From']}" for change in NEUTRAL[module]]
    assert same(books(made_up(2021), reformed(law_with(module), changes=changes)), booked(2021))


@pytest.mark.parametrize("module", STRUCTURAL)
def test_new_numbers_can_be_set_from_the_command_line(module):
    changes = [f"{path}={one.values_list[0].value}@{header(module)['From']}" for path, one in added(module).items()]
    refuse(lint(LAW, reforms=[module], changes=changes))
    assert same(books(made_up(2021), reformed(law_with(module), changes=changes)), booked(2021, module))


def test_the_marginal_scale_can_be_changed_and_stays_continuous():
    changes = ["yanzhou_2020.equipment.scale_first_multiple=1", "yanzhou_2020.equipment.minimum_investment=4000000"]
    law = reformed(law_with("marginal_scale"), changes=[f"{change}@2021-01-01" for change in changes])
    amounts = [4_000_000, 5_000_000, 7_499_999, 7_500_000, 7_500_001, 10_000_000]
    claims = {
        "county": ["yanzhou"] * len(amounts),
        "yield_per_mu_class": ["B"] * len(amounts),
        "equipment_investment": amounts,
    }
    # (min(x, 750 万) - 400 万) x 1 + (x - 750 万) x 1 = x - 400 万，再 x 3 %
    expected = [0, 30_000, 104_999.97, 105_000, 105_000.03, 180_000]
    assert simulate(law, 2022, claims).calculate("yanzhou_2020_equipment__paid", "2022").tolist() == expected


def test_the_same_reform_twice_is_refused_where_it_adds_a_number():
    with pytest.raises(UnknownParameter, match="同一项改革只能采用一次"):
        law_with("class_c_barred", "class_c_barred")


def test_size_tiers_ask_for_the_size_of_whoever_claims():
    with pytest.raises(MissingFact, match="从业人员"):
        paid(["size_tiered_rates"], 2021, jining(30_000_000))
    # 3000 万 x (3 % + 2 %)；2020 年按 3 %，不问规模
    assert paid(["size_tiered_rates"], 2021, jining(30_000_000, employees=10, revenue=1_000_000)) == [1_500_000]
    assert paid(["size_tiered_rates"], 2020, jining(30_000_000)) == [900_000]


def test_size_tiers_hold_without_a_common_rate():
    law = reformed(law_with("size_tiered_rates"), changes=["jining_2017.equipment.rate=0@2021-01-01"])
    claim = jining(30_000_000, employees=10, revenue=1_000_000)
    # 3000 万 x (0 % + 2 %)
    assert simulate(law, 2021, claim).calculate("total_paid", "2021").tolist() == [600_000]


# ----- books and dates -----


@pytest.mark.parametrize("module", MODULES)
def test_the_books_balance(module):
    year = ONLY_LATER_YEARS.get(module, 2021)
    found = booked(year, module)
    result = budget(made_up(year), law_with(module))
    fen = {name: to_fen_signed(result.claims[name]) for name in LEDGER}
    taken = sum(fen[name] for name in LEDGER if name not in ("promised", "paid"))
    assert (fen["promised"] == taken + fen["paid"]).all()
    assert fen["promised"].sum() == total(found, "promised") and fen["paid"].sum() == total(found)
    assert (fen["enterprise_cap"] >= 0).all() and (fen["pool"] >= 0).all() and (fen["paid"] >= 0).all()
    simulation = made_up(year).simulation(law_with(module))
    assert to_fen(simulation.calculate("total_paid", str(year))).sum() == total(found)
    if module != "grants_outside_fund":
        available = to_fen(simulation.calculate("jining_2020_special_fund__available", str(year))).max()
        assert total(found, payer="jining") <= available
    recorded = {change["parameter"] for change in json.loads(json.dumps(result.record))["changes"]}
    assert set(added(module)) <= recorded


@pytest.mark.parametrize("module", MODULES)
def test_claims_before_the_first_day_are_judged_by_the_old_law(module):
    start = first_day(module)
    if (start.month, start.day) == (1, 1):
        before, after = booked(start.year - 1), booked(start.year - 1, module)
    else:
        eve = numpy.datetime64(start - datetime.timedelta(days=1))
        projects = made_up(start.year).projects
        dates = numpy.minimum(projects["application_date"].to_numpy(), eve)
        early = Population(start.year, projects.assign(application_date=dates), made_up(start.year).enterprises)
        before, after = books(early, LAW), books(early, law_with(module))
    assert total(before) > 0
    assert same(before, after)


@pytest.mark.parametrize("module", MID_YEAR)
def test_within_one_year_only_claims_from_the_first_day_on_move(module):
    projects = made_up(2021).projects
    late = projects["application_date"].to_numpy() >= numpy.datetime64(first_day(module))
    joint = projects["consortium_id"].notna() & (projects["consortium_id"] != "")
    touched = projects["enterprise_id"].isin(projects.loc[late | joint, "enterprise_id"]).to_numpy()
    before, after = booked(2021), booked(2021, module)
    assert (~touched).sum() > 100
    for name in before:  # 资金池之前
        assert (before[name][~touched, :-1] == after[name][~touched, :-1]).all(), name
    assert any((before[name][touched] != after[name][touched]).any() for name in before)


@pytest.mark.parametrize("module", MODULES)
def test_it_moves_the_total_or_there_is_a_reason(module):
    before, after = booked(2021), booked(2021, module)
    if module in THE_FUND_IS_SPENT_EITHER_WAY:
        assert total(after) == total(before)
        assert total(after, payer="jining") == total(before, payer="jining") == FUND
        assert total(after, "chosen") != total(before, "chosen") and not same(after, before)
    elif module in ONLY_LATER_YEARS:
        assert same(after, before)
        assert total(booked(ONLY_LATER_YEARS[module], module)) > total(booked(ONLY_LATER_YEARS[module]))
    else:
        assert total(after) != total(before)


# ----- the enterprise's choice -----


def chosen_money(law, plan=None) -> pandas.Series:
    """Whole fen of every enterprise after its choice and before pools, under its own plan or a given one."""
    population, stage = made_up(2021, seed=2), STAGES.index("chosen")
    simulation = population.simulation(law)
    if plan is not None:
        simulation.set_input(PLAN, "2021", plan)
    money = sum(to_fen(simulation.calculate(one.stages[stage], "2021")) for one in instruments(law))
    return pandas.Series(money).groupby(population.enterprise_number).sum()


@pytest.mark.parametrize("module", [module for module in MODULES if module not in ONLY_LATER_YEARS])
def test_enterprises_choose_by_the_reformed_amounts(module):
    """What an enterprise chooses under a reform brings it at least what its old choice would."""
    old = made_up(2021, seed=2).simulation(LAW).calculate(PLAN, "2021")
    assert (chosen_money(law_with(module)) >= chosen_money(law_with(module), old)).all()


def test_no_single_application_is_better_than_the_one_chosen_under_the_common_cap():
    """Every project under every measure, tried one by one, with a cap so low that it decides what many enterprises choose."""
    change = "jining_2017.equipment.common_cap_per_enterprise=500000@2021-07-01"
    law, population = reformed(law_with("jining_common_cap"), changes=[change]), made_up(2021, seed=2)
    alone = population.projects["consortium_id"].isna() | (population.projects["consortium_id"] == "")
    own, place = chosen_money(law), population.projects.groupby("enterprise_id").cumcount().to_numpy()
    yanzhou = (population.enterprises["county"] == "yanzhou").to_numpy()[population.enterprise_number]
    joins = (~alone).groupby(population.enterprise_number).any().to_numpy()
    tried = [
        chosen_money(law, numpy.where(yanzhou & (place == number), measure, 0))
        for number in range(place[yanzhou].max() + 1)
        for measure in (0, 1, 2, 3)
    ]
    best = pandas.concat(tried, axis="columns").max(axis="columns")
    assert (own[~joins] == best[~joins]).all()
    old = population.simulation(LAW).calculate(PLAN, "2021")
    assert (own > chosen_money(law, old)).any()


# ----- together -----


def test_the_baseline_is_never_disturbed_and_totals_do_not_depend_on_what_was_built_before():
    law, population = CountryTaxBenefitSystem(), made_up(2021)
    first = books(population, law)
    dice = random.Random(20210101)
    for _ in range(2):
        stacked = law
        for module in dice.sample(MODULES, len(MODULES)):
            stacked = reformed(stacked, reforms=[module])
            assert total(books(population, reformed(law, reforms=[module]))) == total(booked(2021, module)), module
        assert total(books(population, stacked)) > 0
        assert same(books(population, law), first)


def test_structural_reforms_stack_the_same_in_both_orders():
    for one, other in itertools.combinations(STRUCTURAL, 2):
        both = booked(2021, one, other)
        assert same(both, booked(2021, other, one)), (one, other)
        assert not same(both, booked(2021, one)) or not same(both, booked(2021, other)), (one, other)


def test_stacked_amounts_are_those_worked_out_by_hand():
    claim = jining(30_000_000, employees=10, revenue=1_000_000)
    for order in itertools.permutations(["marginal_scale", "size_tiered_rates", "jining_rate_up"]):
        # 计 (3000 万 - 1000 万) x 1.5 = 3000 万；比例 5 % + 2 % = 7 %
        assert paid(order, 2021, claim) == [2_100_000], order
        # 计 (1500 万 - 1000 万) x 1.5 = 750 万，x 7 %
        assert paid(order, 2021, {**claim, "equipment_investment": 15_000_000}) == [525_000], order
    for order in itertools.permutations(["zaozhuang_rule_in_jining", "size_tiered_rates"]):
        # 2000 万 x (10 % + 2 %)
        assert paid(order, 2021, {**claim, "equipment_investment": 20_000_000}) == [2_400_000], order
    class_a = {"county": "yanzhou", "yield_per_mu_class": "A", "employees": 10, "revenue": 1_000_000}
    for order in itertools.permutations(["class_a_two_points", "size_tiered_rates"]):
        # 1000 万 x (3 % + 2 % + 2 %)
        assert paid(order, 2022, {**class_a, "equipment_investment": 10_000_000}) == [700_000], order


# ----- OpenFisca's own entrances -----


def test_openfisca_test_takes_it_as_a_reform(tmp_path):
    cases = tmp_path / "cases.yaml"
    cases.write_text(
        "- name: 分段计算后原门槛上得450000元\n  period: 2021\n"
        "  input: {county: rencheng, catalogue_category: encouraged, in_use: true, equipment_investment: 20000000}\n"
        "  output: {jining_2017_equipment__paid: 450000}\n",
        encoding="utf-8",
    )
    program = str(Path(sys.executable).with_name("openfisca"))
    command = [program, "test", str(cases), "--country-package", "openfisca_jining"]
    reform = ["-r", "openfisca_jining.reforms.marginal_scale.MarginalScale"]
    assert subprocess.run([*command, *reform], capture_output=True).returncode == 0
    assert subprocess.run(command, capture_output=True).returncode != 0


def test_the_web_api_answers_with_a_structural_reform():
    from openfisca_web_api.app import create_app

    api = create_app(law_with("marginal_scale")).test_client()
    asked = {
        "projects": {"p": {"equipment_investment": {"2022": 5_000_000}, "total_paid": {"2022": None}}},
        "enterprises": {"e": {"projects": ["p"], "county": {"2022": "yanzhou"}, "yield_per_mu_class": {"2022": "B"}}},
    }
    answer = api.post("/calculate", data=json.dumps(asked), content_type="application/json").get_json()
    # (500 万 - 250 万) x 1.5 x 3 %
    assert answer["projects"]["p"]["total_paid"]["2022"] == 112_500
    assert api.get("/spec").status_code == api.get("/variable/yanzhou_2020_equipment__base").status_code == 200
    number = api.get("/parameter/yanzhou_2020/equipment/scale_second_from").get_json()
    assert number["values"] == {"2021-01-01": 7_500_000}
