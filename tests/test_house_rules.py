"""The rules of the house: double precision, legal dates, readings, unstated quantities, facts."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import numpy
import pytest
from openfisca_core.errors import SituationParsingError
from openfisca_core.reforms import Reform
from openfisca_core.variables import Variable
from situations import jining, simulate, yanzhou

from openfisca_jining import CountryTaxBenefitSystem, core_guards
from openfisca_jining.core_guards import assert_near_in_float64
from openfisca_jining.entities import Project
from openfisca_jining.errors import BadFact, MissingFact, UnknownParameter, UnknownReading, UnstatedParameter
from openfisca_jining.law import leaves
from openfisca_jining.model import YEAR, Enum, Fact, Money
from openfisca_jining.reforming import reformed

ROOT = Path(__file__).parent.parent

# ----- what Core is kept from -----


def test_names_that_are_numbers_stay_names_in_errors_of_core():
    assert SituationParsingError(["projects", "20210001", "gift"], "没有").error == {
        "projects": {"20210001": {"gift": "没有"}}
    }


def test_a_case_may_state_a_relative_margin():
    assert_near_in_float64(numpy.array([101.0]), 100.0, relative_error_margin=0.02)
    with pytest.raises(AssertionError, match="margin"):
        assert_near_in_float64(numpy.array([103.0]), 100.0, relative_error_margin=0.02)


def test_cases_of_other_systems_are_left_to_core(monkeypatch):
    other, ran = SimpleNamespace(entities=[]), []
    monkeypatch.setattr(core_guards, "_core_collect", lambda file: iter(["theirs"]))
    monkeypatch.setattr(core_guards, "_core_run", ran.append)
    assert list(core_guards.collect_cases(SimpleNamespace(tax_benefit_system=other))) == ["theirs"]
    core_guards.run_checked_case(case := SimpleNamespace(baseline_tax_benefit_system=other))
    assert ran == [case]


# ----- double precision -----


def test_every_float_variable_is_double(system):
    single = [v.name for v in system.variables.values() if v.value_type is float and v.dtype != numpy.float64]
    assert single == []


class single_precision_grant(Variable):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "单精度补助"


class jining_2017_equipment__uncapped(Variable):
    def formula(project, period):
        return project("equipment_investment", period)


def test_loading_a_single_precision_variable_fails():
    system = CountryTaxBenefitSystem()
    with pytest.raises(ValueError, match=r"single_precision_grant 是单精度"):
        system.add_variable(single_precision_grant)
    assert "single_precision_grant" not in system.variables


def test_a_reform_that_replaces_money_by_a_plain_variable_fails(system):
    class Careless(Reform):
        def apply(self):
            self.update_variable(jining_2017_equipment__uncapped)

    with pytest.raises(ValueError, match=r"单精度"):
        Careless(system)
    assert isinstance(system.variables["jining_2017_equipment__uncapped"], Money)


def test_yaml_comparison_sees_one_fen_at_twenty_million():
    assert_near_in_float64(numpy.array([20_000_000.0]), 20_000_000)
    with pytest.raises(AssertionError):
        assert_near_in_float64(numpy.array([20_000_000.0]), 20_000_000.01)
    with pytest.raises(AssertionError):
        assert_near_in_float64(numpy.array([20_000_000.0]), 19_999_999.5)


# ----- dates -----


def paid(system, year, situation, name="total_paid"):
    return simulate(system, year, situation).calculate(name, str(year)).tolist()


def test_a_mid_year_reform_changes_claims_from_its_day_on_in_one_claim_year(system):
    reform = reformed(system, changes=["yanzhou_2020.equipment.rate=0.04@2022-07-01"])
    both = {
        "projects": {
            "before": {"equipment_investment": 10_000_000, "application_date": "2022-06-30"},
            "after": {"equipment_investment": 10_000_000, "application_date": "2022-07-01"},
        },
        "enterprises": {
            "e1": {"projects": ["before"], "county": "yanzhou", "yield_per_mu_class": "B"},
            "e2": {"projects": ["after"], "county": "yanzhou", "yield_per_mu_class": "B"},
        },
    }
    assert paid(reform, 2022, both) == [300_000, 400_000]
    assert paid(system, 2022, both) == [300_000, 300_000]


def test_a_cap_raised_in_mid_year_leaves_earlier_claims_under_the_old_cap(system):
    reform = reformed(system, changes=["jining_2017.equipment.cap_per_enterprise=4000000@2019-07-01"])
    claims = {
        "equipment_investment": 110_000_000,
        "catalogue_category": "encouraged",
        "in_use": True,
    }
    both = {
        "projects": {
            "before": {**claims, "application_date": "2019-06-30"},
            "after": {**claims, "application_date": "2019-07-01"},
        },
        "enterprises": {"e": {"projects": ["before", "after"], "county": "rencheng"}},
    }
    # 6 月 30 日的申报封顶 300 万元；7 月 1 日的只剩 400 - 300 = 100 万元
    assert paid(reform, 2019, both) == [3_000_000, 1_000_000]
    assert paid(system, 2019, both) == [3_000_000, 0]


def test_a_cap_lowered_below_what_was_drawn_leaves_nothing_and_takes_nothing_back(system):
    law = reformed(
        system,
        changes=["yanzhou_2020.equipment.cap_per_enterprise=500000@2023-01-01"],
        readings=["yanzhou_2020.cap_scope=per_enterprise_validity_period"],
    )
    claims = {"2022": 40_000_000, "2023": 40_000_000}
    both = {"county": dict.fromkeys(claims, "yanzhou"), "yield_per_mu_class": dict.fromkeys(claims, "B")}
    simulation = simulate(law, 2023, {**both, "equipment_investment": claims})
    assert simulation.calculate("yanzhou_2020_equipment__capped", "2022") == [1_000_000]
    assert simulation.calculate("yanzhou_2020_equipment__capped", "2023") == [0]


def test_validity_is_one_line_to_extend(system):
    reform = reformed(system, changes=["yanzhou_2020.validity.last_day=2026-08-14@1900-01-01"])
    claim = yanzhou(10_000_000, application_date="2024-03-01")
    assert paid(system, 2024, claim) == [0]
    assert paid(reform, 2024, claim) == [300_000]


def test_a_reform_never_disturbs_the_baseline_in_any_order(system):
    claim = jining(30_000_000)
    first = paid(system, 2019, claim)
    reform = reformed(system, changes=["jining_2017.equipment.rate=0.04@2018-01-01"])
    stacked = reformed(reform, changes=["jining_2017.equipment.cap_per_enterprise=1000000@2018-01-01"])
    assert paid(stacked, 2019, claim) == [1_000_000]
    assert paid(reform, 2019, claim) == [1_200_000]
    assert paid(system, 2019, claim) == first == [900_000]


# ----- readings -----


def test_an_unknown_reading_is_refused_by_name(system):
    with pytest.raises(
        UnknownReading, match=r"yanzhou_2020\.readings\.robot_base 没有「everything」.*project_equipment_investment"
    ):
        reformed(system, readings=["yanzhou_2020.robot_base=everything"])
    with pytest.raises(UnknownParameter, match=r"找不到 no_such_reading"):
        reformed(system, readings=["yanzhou_2020.no_such_reading=x"])


def test_a_reading_cannot_change_within_a_claim_year(system):
    reform = reformed(system, changes=["yanzhou_2020.readings.robot_base=robot_purchase_only@2022-07-01"])
    claim = yanzhou(10_000_000, robot_investment=3_000_000)
    with pytest.raises(UnknownReading, match=r"一个申报年度内改变"):
        paid(reform, 2022, claim)
    assert paid(reform, 2023, claim) != paid(system, 2023, claim)


# ----- unstated quantities -----

#: Each unstated parameter: the variable that needs it, its year, further supplies and readings, facts.
NEEDS = {
    "jining_2017.cloud_vouchers.total": ("jining_2017_cloud_vouchers__paid", 2019),
    "jining_2017.cloud_vouchers.enterprise_share": ("jining_2017_cloud_vouchers__uncapped", 2019),
    "jining_2017.cloud_vouchers.provider_share": ("jining_2017_cloud_vouchers__uncapped", 2019),
    "jining_2017.cloud_vouchers.city_share": ("jining_2017_cloud_vouchers__uncapped", 2019),
    "jining_2017.cloud_vouchers.county_share": ("jining_2017_cloud_vouchers__uncapped", 2019),
    "shandong_2018.cloud_vouchers.provincial_share": ("shandong_2018_cloud_vouchers__paid", 2019),
    "jining_2017.series_6501.eliminated_count": ("jining_2017_6501__eliminated", 2019),
    "jining_2017.series_6501.county_award": ("jining_2017_6501__county_award", 2019),
    "jining_2017.series_6501.title_cash": ("jining_2017_6501__title_cash", 2019),
    "yanzhou_2020.special_fund.amount": ("yanzhou_2020_equipment__paid", 2022),
    "zaozhuang_2020.equipment.minimum_investment": ("zaozhuang_2020_equipment__paid", 2021),
    "zaozhuang_2020.equipment.cap_per_enterprise": ("zaozhuang_2020_equipment__paid", 2021),
    "zaozhuang_2020.equipment.prior_rate": ("zaozhuang_2020_equipment__paid", 2021),
    "zaozhuang_2020.loan_interest.cap_per_enterprise": ("zaozhuang_2020_loan_interest__paid", 2021),
    "zaozhuang_2020.loan_interest.maximum_days": ("zaozhuang_2020_loan_interest__paid", 2021),
    "zaozhuang_2020.loan_interest.prior_rate": ("zaozhuang_2020_loan_interest__paid", 2021),
    "jining_2020.investment_fund.city_share": ("jining_2020_investment_fund__fiscal_contribution", 2021),
    "jining_2020.investment_fund.county_share": ("jining_2020_investment_fund__fiscal_contribution", 2021),
    "zaozhuang_2020.equity_pilot.ratio": ("zaozhuang_2020_equity_pilot__paid", 2021),
    "jining_2020.import_interest.rate": ("jining_2020_import_interest__paid", 2021),
    "jining_2020.assessment.points": ("jining_2020_assessment__points", 2021),
}
READINGS = [
    "jining_2017.top10_scope=title_with_cash",
    "yanzhou_2020.fund_cap=capped_supply_amount",
    "zaozhuang_2020.equipment_grant_terms=supplied_terms",
    "zaozhuang_2020.interest_subsidy_terms=supplied_terms",
    "zaozhuang_2020.raised_to_or_by=increment",
]
#: Values that make every instrument computable (shares of the cloud cost sum to 1).
SUPPLY = {
    "jining_2017.cloud_vouchers.enterprise_share": 0.5,
    "jining_2017.cloud_vouchers.provider_share": 0.2,
    "jining_2017.cloud_vouchers.city_share": 0.15,
    "jining_2017.cloud_vouchers.county_share": 0.1,
    "shandong_2018.cloud_vouchers.provincial_share": 0.05,
}
COUNTY = {"jining_2017": "rencheng", "shandong_2018": "rencheng", "jining_2020": "rencheng", "yanzhou_2020": "yanzhou"}
#: County names of each document's territory that the tests below use.
COUNTIES = {
    "jining_2017": ("rencheng", "yanzhou"),
    "jining_2020": ("rencheng", "yanzhou"),
    "yanzhou_2020": ("yanzhou",),
}
COUNTIES |= {"zaozhuang_2020": ()}
ENTERPRISE_FACTS = (
    "intelligent_products",
    "trained_heads",
    "guided_projects",
    "four_bases_projects",
    "intelligent_pilots",
    "demonstration_projects",
    "military_certificates",
    "generic_varieties",
    "first_introducer_cases",
    "major_special_projects",
    "supported_talents",
    "outside_fund_projects",
)


def unstated_parameters(system):
    return [parameter for parameter in leaves(system.parameters) if parameter.metadata.get("unstated")]


def needing(name):
    if name in NEEDS:
        return NEEDS[name]
    document, instrument, _ = name.split(".")
    year = {"jining_2017": 2019, "shandong_2018": 2019}.get(document, 2021)
    return f"{document}_{instrument}__paid", year


def everything(name):
    county = COUNTY.get(name.split(".")[0], "tengzhou")
    counted = dict.fromkeys(ENTERPRISE_FACTS, 2)
    return {
        "county": county,
        "yield_per_mu_class": "B",
        "equipment_investment": 10_000_000,
        "loan_interest_paid": 100_000,
        "loan_days": 360,
        "catalogue_category": "encouraged",
        "in_use": True,
        "on_cloud": True,
        "cloud_contract_price": 100_000,
        "series_6501": "electronics",
        "listed_6501": True,
        "score_6501": 90,
        "one_to_one_target": True,
        "platform_supported": True,
        "import_value": 1_000_000,
        "equity_pilot_investment": 1_000_000,
        "district_funds": 2,
        "chain_funds": 2,
        "commended_contributors": 2,
        "new_cluster_projects": 2,
        **counted,
    }


def test_every_unstated_quantity_raises_by_name_and_computes_once_supplied(system):
    names = [parameter.name for parameter in unstated_parameters(system)]
    assert len(names) >= 35
    for name in names:
        variable, year = needing(name)
        supply = {other: SUPPLY.get(other, 1.0) for other in names if other != name}
        without = reformed(system, readings=READINGS, supply=list(supply.items()))
        clause = system.parameters
        for part in name.split("."):
            clause = clause.children[part]
        message = f"文件未定.*{re.escape(clause.metadata['clause'])}.*{re.escape(name)}"
        with pytest.raises(UnstatedParameter, match=message):
            paid(without, year, everything(name), variable)
        whole = reformed(without, supply=[(name, SUPPLY.get(name, 1.0))])
        assert paid(whole, year, everything(name), variable)[0] > 0, name


def test_refusing_without_terms_is_a_reading(system):
    reform = reformed(system, readings=["zaozhuang_2020.equipment_grant_terms=refuse_without_terms"])
    claim = {"county": "tengzhou", "equipment_investment": 1_000_000}
    with pytest.raises(UnstatedParameter, match=r"ZZ2020-3-2-s1b"):
        paid(reform, 2021, claim)
    assert paid(system, 2021, claim) == [100_000]


# ----- facts -----


def test_negative_or_impossible_money_is_refused(system):
    for value in (-0.01, float("nan"), float("inf")):
        with pytest.raises(BadFact, match=r"「设备投资额」"):
            simulate(system, 2019, jining(value))
    with pytest.raises(BadFact, match=r"第 2 个企业的「从业人员」"):
        simulate(system, 2019, {"equipment_investment": [1.0, 1.0], "employees": [5, -5]})


def test_vat_that_is_not_stated_is_worked_out_to_the_fen(system):
    for invested, tax in ((1, 0.13), (0.5, 0.07), (0.01, 0)):
        facts = {"equipment_investment": invested, "invoice_date": "2021-01-01"}
        assert paid(system, 2021, facts, "equipment_vat") == [tax]


def test_vat_of_an_invoice_from_before_the_tax_is_refused(system):
    for day in ("1969-12-31", "1993-12-31"):
        with pytest.raises(BadFact, match=r"第 1 个技术改造项目的「发票日期」早于增值税，没有税率可用。请核对。"):
            paid(system, 2021, {"equipment_investment": 1, "invoice_date": day}, "equipment_vat")
        assert paid(system, 2021, {"equipment_investment": 0, "invoice_date": day}, "equipment_vat") == [0]


def test_facts_that_decide_money_are_required(system):
    claim = jining(30_000_000)
    for name, label in (("county", "注册地"), ("catalogue_category", "产业目录类别"), ("in_use", "设备投入使用")):
        without = {key: value for key, value in claim.items() if key != name}
        with pytest.raises(MissingFact, match=f"缺少事实「{label}」"):
            paid(system, 2019, without)
    with pytest.raises(MissingFact, match=r"产业目录类别"):
        paid(system, 2019, {**jining(0.5), "catalogue_category": "unstated"})
    with pytest.raises(MissingFact, match=r"亩产效益评价"):
        paid(system, 2022, {"county": "yanzhou", "equipment_investment": 10_000_000})


def test_a_fact_is_not_required_where_it_decides_nothing(system):
    assert paid(system, 2021, {"county": "tengzhou", "equipment_investment": 1_000_000}) == [100_000]
    assert paid(system, 2019, {"equipment_investment": 0}) == [0]


def test_a_fact_that_nobody_states_is_what_its_documentation_says(system):
    nobody = simulate(system, 2021, {"weight": 1})
    for fact in (one for one in system.variables.values() if isinstance(one, Fact)):
        said = re.search("缺省：([^，。；]+)", fact.documentation)
        stated = said[1] if said and not fact.formulas else "未填写" if fact.value_type is Enum else ""
        shown = {True: "是", False: "否"} if fact.value_type is bool else {}
        found = nobody.calculate(fact.name, "2021")
        found = found.decode()[0].value if fact.value_type is Enum else found[0]
        default = fact.default_value.value if fact.value_type is Enum else fact.default_value
        assert found == default, fact.name
        if stated:
            assert shown.get(default, f"{default}".removesuffix(".0")) == stated, fact.name
    size = system.variables["enterprise_size"]  # 没有人填的，算出来也就是缺省
    assert nobody.calculate(size.name, "2021").decode() == [size.default_value]


def test_a_county_is_asked_of_whoever_claims_anything_down_to_a_fen(system):
    for claim in ({"equipment_investment": 0.01}, {"cloud_contract_price": 0.01}, {"loan_principal": 1}):
        for more in ({}, {"cloud_contract_price": 0.01}):
            with pytest.raises(MissingFact, match=r"缺少事实「注册地」"):
                simulate(system, 2019, {**claim, **more}).calculate("county", "2019")
    nothing = simulate(system, 2019, {"equipment_investment": 0, "cloud_contract_price": 0})
    assert nothing.calculate("county", "2019").decode_to_str() == ["unstated"]
    assert not nothing.calculate("has_claim", "2019").any()


def test_a_county_stated_as_unstated_is_refused_where_it_decides_money(system):
    supplied = reformed(system, supply=[*SUPPLY.items(), ("jining_2017.cloud_vouchers.total", 1e6)])
    without = {**everything("jining_2017"), "county": "unstated", "equipment_investment": 0, "loan_interest_paid": 0}
    with pytest.raises(MissingFact, match=r"缺少事实「注册地」"):
        paid(supplied, 2019, without, "jining_2017_cloud_vouchers__paid")
    assert paid(supplied, 2019, {**without, "cloud_contract_price": 0}, "jining_2017_cloud_vouchers__paid") == [0]


def test_whether_a_claim_is_in_scope_needs_its_county_only_if_it_claims_anything(system):
    for document, year in (
        ("jining_2017", 2019),
        ("jining_2020", 2021),
        ("yanzhou_2020", 2022),
        ("zaozhuang_2020", 2021),
    ):
        for county, claim in (("rencheng", 1), ("yanzhou", 1), ("unstated", 0)):
            situation = {"county": county, "loan_principal": claim, "yield_per_mu_class": "B"}
            found = simulate(system, year, situation).calculate(f"{document}__in_scope", str(year))
            assert found == [county in COUNTIES[document]], (document, county)
        with pytest.raises(MissingFact, match=r"缺少事实「注册地」"):
            paid(system, year, {"county": "unstated", "loan_principal": 1}, f"{document}__in_scope")


def test_a_yield_per_mu_class_stated_as_unstated_is_refused_in_yanzhou_only(system):
    claim = {"loan_principal": 1, "yield_per_mu_class": "unstated"}
    with pytest.raises(MissingFact, match=r"缺少事实「亩产效益评价」"):
        paid(system, 2022, {**claim, "county": "yanzhou"}, "yanzhou_2020__class_d")
    assert paid(system, 2022, {**claim, "county": "rencheng"}, "yanzhou_2020__class_d") == [False]
    for grade in "ABC":
        assert paid(system, 2022, {**claim, "county": "yanzhou", "yield_per_mu_class": grade}) == [0]


def test_category_and_use_are_asked_of_equipment_down_to_a_fen(system):
    for name in ("catalogue_category", "in_use"):
        claim = {key: value for key, value in jining(0.01).items() if key != name}
        with pytest.raises(MissingFact, match=rf"（{name}）"):
            simulate(system, 2019, claim).calculate(name, "2019")
        nothing = simulate(system, 2019, {**claim, "equipment_investment": 0, "informatisation_investment": 1})
        assert str(nothing.calculate(name, "2019")) in ("[False]", "['unstated']")
    idle = simulate(system, 2019, jining(100, in_use=False))
    assert idle.calculate("equipment_in_use", "2019").tolist() == [0]


def test_robots_beyond_the_equipment_that_contains_them_are_refused(system):
    with pytest.raises(BadFact, match=r"机器人投资额.*大于设备投资额"):
        paid(system, 2022, yanzhou(1_000_000, robot_investment=3_000_000))
    assert paid(system, 2022, yanzhou(1_000_000, robot_investment=3_000_000, yield_per_mu_class="D")) == [0]


def test_cloud_shares_that_do_not_make_up_the_price_are_refused(system):
    def vouchers(supply):
        law = reformed(system, supply=list(supply.items()))
        return paid(law, 2019, everything("jining_2017"), "jining_2017_cloud_vouchers__paid")

    wrong = {**SUPPLY, "jining_2017.cloud_vouchers.provider_share": 0.3, "jining_2017.cloud_vouchers.total": 1e6}
    with pytest.raises(UnknownParameter, match=r"份额之和是 1.1"):
        vouchers(wrong)
    province = {
        **SUPPLY,
        "jining_2017.cloud_vouchers.city_share": 0.02,
        "jining_2017.cloud_vouchers.county_share": 0.03,
    }
    province |= {"shandong_2018.cloud_vouchers.provincial_share": 0.25, "jining_2017.cloud_vouchers.total": 1e6}
    with pytest.raises(UnknownParameter, match=r"市县投入为主"):
        vouchers(province)
    equal = {**province, "jining_2017.cloud_vouchers.city_share": 0.15, "jining_2017.cloud_vouchers.county_share": 0.1}
    equal |= {"jining_2017.cloud_vouchers.enterprise_share": 0.3}
    with pytest.raises(UnknownParameter, match=r"市县份额合计 0.25 没有超过省级份额 0.25"):
        vouchers(equal)


def test_strangers_change_nobodys_grant_before_pools(system):
    alone = paid(system, 2022, yanzhou(12_345_678.9))
    crowd = {
        "county": ["yanzhou", "rencheng", "tengzhou"],
        "yield_per_mu_class": ["B", "A", "D"],
        "catalogue_category": ["permitted", "encouraged", "encouraged"],
        "in_use": [True, True, True],
        "equipment_investment": [12_345_678.9, 90_000_000, 5_000_000],
    }
    assert paid(system, 2022, crowd)[0] == alone[0]


def test_years_without_any_document_and_empty_claims(system):
    for year in (2010, 2016, 2024, 2030):
        assert paid(system, year, yanzhou(10_000_000, catalogue_category="encouraged", in_use=True)) == [0]


def two_projects(first, second, one=None, other=None):
    """Two projects of two Rencheng enterprises, with the facts given for each."""
    return {
        "projects": {"p1": first, "p2": second},
        "enterprises": {
            "e1": {"projects": ["p1"], "county": "rencheng", **(one or {})},
            "e2": {"projects": ["p2"], "county": "rencheng", **(other or {})},
        },
    }


def test_a_fact_that_only_a_stranger_states_is_still_missing(system):
    claim = {"equipment_investment": 20_000_000, "catalogue_category": "encouraged"}
    with pytest.raises(MissingFact, match=r"「设备投入使用」.*有 1 个技术改造项目需要它，第一个是第 2 个"):
        paid(system, 2019, two_projects({**claim, "in_use": True}, claim))


def test_a_fact_that_only_a_stranger_states_keeps_its_own_default(system):
    stated = {"catalogue_category": "encouraged", "in_use": True}
    stranger = {"equipment_investment": 1, "cumulative_equipment_investment": 50_000_000, **stated}
    zero_land = {"equipment_investment": 15_000_000, "project_type": "zero_land", **stated}
    assert paid(system, 2019, two_projects(stranger, zero_land))[1] == 450_000
    part = {"equipment_investment": 30_000_000, "equipment_in_use": 1_000_000, **stated}
    assert paid(system, 2019, two_projects(part, {"equipment_investment": 20_000_000, **stated})) == [0, 600_000]


def test_a_strangers_date_does_not_change_how_many_projects_another_may_claim(system):
    reform = reformed(system, changes=["yanzhou_2020.application.projects_per_year=2@2022-07-01"])
    situation = {
        "projects": {
            "may": {"equipment_investment": 6_000_000, "application_date": "2022-05-30"},
            "june": {"equipment_investment": 7_000_000, "application_date": "2022-06-30"},
            "july": {"equipment_investment": 8_000_000, "application_date": "2022-07-02"},
        },
        "enterprises": {
            "e1": {"projects": ["may", "june"], "county": "yanzhou", "yield_per_mu_class": "B"},
            "e2": {"projects": ["july"], "county": "yanzhou", "yield_per_mu_class": "B"},
        },
    }
    assert paid(reform, 2022, situation) == [0, 210_000, 240_000]


def test_consortium_limits_are_those_of_the_application_date(system):
    situation = {
        "projects": {
            "p1": {"equipment_investment": 3_000_000, "consortium_lead": True, "application_date": "2022-06-30"},
            "p2": {"equipment_investment": 3_000_000, "application_date": "2022-06-30"},
        },
        "enterprises": {
            "e1": {
                "projects": ["p1"],
                "county": "yanzhou",
                "yield_per_mu_class": "B",
                "employees": 2000,
                "revenue": 9e8,
            },
            "e2": {
                "projects": ["p2"],
                "county": "yanzhou",
                "yield_per_mu_class": "B",
                "employees": 100,
                "revenue": 5e7,
            },
        },
        "consortia": {"c": {"projects": ["p1", "p2"]}},
    }
    for change in ("minimum_sme_share=0.6", "minimum_members=3", "investment_to_exceed=9000000"):
        late = reformed(system, changes=[f"yanzhou_2020.consortium.{change}@2022-07-01"])
        early = reformed(system, changes=[f"yanzhou_2020.consortium.{change}@2022-06-30"])
        assert paid(late, 2022, situation) == [90_000, 90_000], change
        assert paid(early, 2022, situation) == [0, 0], change


def test_city_money_of_an_earlier_year_must_be_stated(system):
    claim = yanzhou(30_000_000, application_date="2021-03-01", city_application_date="2020-11-01")
    claim |= {"catalogue_category": "encouraged", "in_use": True}
    with pytest.raises(BadFact, match=r"已获其他财政资金"):
        paid(system, 2021, claim)
    assert paid(system, 2021, {**claim, "other_fiscal_money": 900_000}) == [0]
    assert paid(system, 2021, {**claim, "other_fiscal_money": 0}) == [900_000]


def test_interest_readings_that_need_the_loan_ask_for_it(system):
    claim = {"county": "tengzhou", "loan_interest_paid": 100_000}
    benchmark = reformed(system, readings=["zaozhuang_2020.interest_base=benchmark_interest"])
    with pytest.raises(MissingFact, match=r"贷款本金"):
        paid(benchmark, 2021, claim)
    with pytest.raises(MissingFact, match=r"贷款计息天数"):
        paid(benchmark, 2021, {**claim, "loan_principal": 1_000_000})
    with pytest.raises(MissingFact, match=r"贷款本金"):
        paid(benchmark, 2021, {**claim, "loan_interest_paid": 0.5})
    assert paid(benchmark, 2021, {**claim, "loan_principal": 1, "loan_days": 1}) == [0]
    with pytest.raises(BadFact, match=r"超过一年的天数"):
        paid(system, 2021, {**claim, "loan_days": 367})
    assert paid(system, 2021, {**claim, "loan_days": 366}) == [50_000]
    names = ("cap_per_enterprise", "maximum_days")
    terms = reformed(
        system,
        readings=["zaozhuang_2020.interest_subsidy_terms=supplied_terms"],
        supply=[(f"zaozhuang_2020.loan_interest.{name}", 1_000_000) for name in names],
    )
    with pytest.raises(MissingFact, match=r"贷款计息天数"):
        paid(terms, 2021, claim)
    assert paid(terms, 2021, {**claim, "loan_days": 1}) == [50_000]


def test_contradictory_facts_are_refused(system):
    with pytest.raises(BadFact, match=r"未用于高危关键岗位的特种机器人投资额.*大于"):
        special = {"special_robot_investment": 1_000_000, "special_robot_off_post_investment": 5_000_000}
        paid(system, 2019, {"county": "rencheng", **special})
    supplied = reformed(system, supply=["jining_2020.military_certificates.amount=100000"])
    with pytest.raises(BadFact, match=r"超过证书的种数"):
        paid(
            supplied,
            2021,
            {"county": "rencheng", "military_certificates": 9},
            "jining_2020_military_certificates__paid",
        )
    with pytest.raises(BadFact, match=r"大得无法精确到分"):
        paid(system, 2019, jining(1e18))


def test_more_unproductive_equipment_than_equipment_leaves_no_base(system):
    """A case or a request may not say so; a simulation made in Python can."""
    readings = ("grant_year=all_project_invoices_when_completed", "base_productive_only=threshold_all_base_productive")
    law = reformed(system, readings=[f"jining_2017.{one}" for one in readings])
    facts = jining(25_000_000, nonproductive_equipment=26_000_000)
    assert paid(law, 2019, facts, "jining_2017_equipment__base") == [0]


def test_another_citys_group_has_no_share_in_jinings_funds(system):
    situation = {
        "projects": {"p1": {}, "p2": {}},
        "enterprises": {
            "e1": {"projects": ["p1"], "county": "rencheng"},
            "e2": {"projects": ["p2"], "county": "tengzhou"},
        },
        "cities": {"jn": {"projects": ["p1"]}, "zz": {"projects": ["p2"], "new_land_quota": 100}},
    }
    assert paid(system, 2021, situation, "jining_2020_investment_fund__target") == [100_000_000, 0]
    assert paid(system, 2021, situation, "jining_2020_chemical_parks__minimum_investment") == [77e9, 0]
    assert paid(system, 2021, situation, "jining_2020_quotas__land") == [0, 0]


def test_the_law_of_2018_computes_with_a_consortium_present(system):
    situation = {
        "projects": {"p1": {"equipment_investment": 3_000_000}, "p2": {"equipment_investment": 3_000_000}},
        "enterprises": {
            "e1": {"projects": ["p1"], "county": "yanzhou"},
            "e2": {"projects": ["p2"], "county": "yanzhou"},
        },
        "consortia": {"c": {"projects": ["p1", "p2"]}},
    }
    for project in situation["projects"].values():
        project.update({"catalogue_category": "encouraged", "in_use": True})
    assert paid(system, 2018, situation) == [0, 0]


def test_a_voucher_claim_without_a_county_is_refused_beside_one_that_states_it(system):
    law = reformed(system, supply=[*SUPPLY.items(), ("jining_2017.cloud_vouchers.total", 1e6)])
    price = {"on_cloud": True, "cloud_contract_price": 1_000_000}
    situation = {
        "projects": {"p1": {}, "p2": {}},
        "enterprises": {"e1": {"projects": ["p1"], "county": "rencheng", **price}, "e2": {"projects": ["p2"], **price}},
    }
    with pytest.raises(MissingFact, match=r"注册地.*第 2 个企业"):
        paid(law, 2019, situation, "jining_2017_cloud_vouchers__paid")


def test_an_enterprise_without_projects_does_no_harm(system):
    facts = {"county": "yanzhou", "yield_per_mu_class": "B", "employees": 10, "revenue": 4_000_000}
    situation = {
        "projects": {
            "p1": {"equipment_investment": 6_000_000, "consortium_lead": True},
            "p2": {"equipment_investment": 6_000_000},
        },
        "enterprises": {
            "e1": {"projects": ["p1"], **facts},
            "e2": {"projects": ["p2"], **facts},
            "e3": {"projects": [], "county": "yanzhou"},
        },
        "consortia": {"c": {"projects": ["p1", "p2"]}},
    }
    assert paid(system, 2022, situation) == [180_000, 180_000]


@pytest.mark.parametrize("terms", ["refuse_without_terms", "supplied_terms"])
def test_interest_without_terms_says_what_is_unstated_before_it_asks_for_facts(system, terms):
    law = reformed(system, readings=[f"zaozhuang_2020.interest_subsidy_terms={terms}"])
    with pytest.raises(UnstatedParameter, match=r"ZZ2020-3-2-s1c"):
        paid(law, 2021, {"county": "tengzhou", "loan_interest_paid": 100_000})


def test_every_package_of_the_source_is_in_the_wheel():
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"])
    found = {
        ".".join(path.parent.relative_to(ROOT).parts) for path in (ROOT / "openfisca_jining").rglob("__init__.py")
    } | {f"openfisca_jining.{name}" for name in ("parameters", "reforms", "variables")}
    assert found == listed


def test_one_cap_over_both_robot_awards_may_move_within_the_year(system):
    """It needs the dates of the claims, as every cap that moves does."""
    law = reformed(
        system,
        readings=["jining_2017.robot_limbs_relation=overall_cap_200"],
        changes=[("jining_2017.robots.special_cap_per_enterprise", 1_000_000.0, "2019-07-01")],
    )
    facts = {"robot_investment": [6_000_000, 6_000_000], "special_robot_investment": [15_000_000, 0]}
    claims = jining([40_000_000, 40_000_000], **facts, application_date=["2019-03-01", "2019-09-01"])
    claims |= {name: [value] * 2 for name, value in claims.items() if not isinstance(value, list)}
    simulation = simulate(law, 2019, claims)
    # 甲：特种 150 万，200 万里还有 50 万给机器人 30 万；乙：30 万在 100 万以内
    assert simulation.calculate("jining_2017_special_robots__capped", "2019").tolist() == [1_500_000, 0]
    assert simulation.calculate("jining_2017_robots__capped", "2019").tolist() == [300_000, 300_000]
