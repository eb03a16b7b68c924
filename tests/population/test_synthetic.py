"""The made-up population: reproducible, consistent, calibrated, readable and computable."""

from dataclasses import replace

import numpy
import pandas
import pytest

import openfisca_jining
from openfisca_jining.classifications import JINING, ZAOZHUANG
from openfisca_jining.errors import BadFact
from openfisca_jining.instruments import instruments
from openfisca_jining.population.calibration import calibration
from openfisca_jining.population.population import Population
from openfisca_jining.population.read import read_table
from openfisca_jining.population.synthetic import (
    AMOUNTS,
    FOLDER,
    Draw,
    HeavyTail,
    _table,
    assumed,
    assumptions,
    cell_firms,
    cell_revenue,
    middles,
    path,
    project_numbers,
    published,
    synthesise,
)
from openfisca_jining.population.write import write_csv

EXAMPLE = FOLDER / "example_2021.csv"
DOCUMENTS = {"jining_2017": 0, "yanzhou_2020": 0, "zaozhuang_2020": 1}


@pytest.fixture(scope="module")
def population():
    return synthesise(2021)


@pytest.fixture(scope="module")
def system():
    return openfisca_jining.CountryTaxBenefitSystem()


# ----- reproducible -----


def test_same_seed_same_rows_other_seed_other_rows(population):
    assert synthesise(2021, seed=1).content_hash() == population.content_hash()
    pandas.testing.assert_frame_equal(synthesise(2021).frame, population.frame)
    assert synthesise(2021, seed=2).content_hash() != population.content_hash()
    assert synthesise(2021, pace="target").content_hash() != population.content_hash()


def test_the_population_does_not_change_between_versions(population):
    """Sums of whole fen of seed 1. Whoever changes them changes every result that names this seed."""
    fen = {name: int((population.projects[name] * 100).round().astype("int64").sum()) for name in AMOUNTS[:2]}
    assert (len(population), len(population.enterprises)) == (1068, 793)
    assert fen == {"equipment_investment": 5_924_754_738_278, "robot_investment": 181_414_669_129}


def test_a_part_draws_the_same_whatever_other_parts_draw():
    draw = Draw(1)
    alone = draw("revenue/medicine", 5)
    draw("anything else", 1000)
    assert (draw("revenue/medicine", 5) == alone).all()
    assert (draw("revenue/medicine", 9)[:5] == alone).all()
    assert not (draw("revenue/new_energy", 5) == alone).any()
    assert (draw.spread("county", 9)[:5] == draw.spread("county", 5)).all()


def test_enterprises_persist_from_year_to_year():
    before, after = (synthesise(year).frame.set_index("enterprise_id") for year in (2021, 2022))
    assert before.index.isin(after.index).all()
    assert (after.loc[before.index, "county"] == before["county"]).all()


# ----- consistent -----


@pytest.mark.parametrize("year", [2017, 2020, 2021, 2025])
@pytest.mark.parametrize("pace", ["realised", "target"])
def test_facts_are_consistent(year, pace):
    population = synthesise(year, seed=5, pace=pace)
    facts, firms, about = population.projects, population.enterprises, population.background
    amounts = facts[list(AMOUNTS)]
    assert numpy.isfinite(amounts).all(axis=None) and (amounts >= 0).all(axis=None)
    fen = amounts * 100
    assert ((fen - fen.round()).abs() <= 1e-15 * fen.abs() + 1e-6).all(axis=None)
    parts = facts[["robot_investment", "special_robot_investment", "intelligent_system_investment"]].sum(axis=1)
    assert (parts <= facts["equipment_investment"] + 0.005).all()
    assert (facts["equipment_investment"] > 0).all()
    spent = facts["equipment_investment"] + facts["informatisation_investment"]
    assert (spent <= about["investment_of_year"] + 0.005).all()
    assert (about["investment_of_year"] <= about["planned_total"]).all()
    assert (about["planned_total"] >= assumed("least_planned")).all()
    assert (facts["loan_principal"] <= about["investment_of_year"]).all()
    assert ((facts["loan_principal"] > 0) == (facts["loan_days"] > 0)).all()
    assert ((facts["loan_principal"] > 0) == (facts["loan_interest_paid"] > 0)).all()
    assert (facts["assessed_award"][~facts["major_project"]] == 0).all()
    assert (facts["application_date"].dt.year == year).all()
    assert facts["application_date"].is_monotonic_increasing
    assert (firms["revenue"] >= 20_000_000).all() and (firms["employees"] >= assumed("employees_least")).all()
    assert firms["enterprise_id"].tolist() == facts["enterprise_id"].drop_duplicates().tolist()
    assert firms["enterprise_name"].str.startswith("虚构").all()
    assert not (firms["county"] == "unstated").any() and not (firms["yield_per_mu_class"] == "unstated").any()


def test_every_county_and_several_projects_in_one_enterprise(population):
    firms = population.enterprises
    everywhere = {member.name for member in (*JINING, *ZAOZHUANG)}
    assert set(population.frame["county"]) == everywhere
    assert len(set(firms["county"])) >= len(everywhere) - 1
    assert population.projects["enterprise_id"].value_counts().max() >= 3
    assert set(firms["yield_per_mu_class"]) == {"A", "B", "C", "D", "not_graded"}
    assert (population.frame.loc[population.frame["tier_listed"], "county"] == "yanzhou").all()
    outside = population.frame.loc[population.frame["city"] == "枣庄市", "protected_hundred"]
    assert not outside.any()


def test_consortia_are_in_yanzhou_with_one_lead_and_different_enterprises(population):
    facts = population.projects
    members = facts[facts["consortium_id"] != ""]
    by_group = members.groupby("consortium_id")
    assert by_group.ngroups == assumed("consortia")
    assert (by_group["consortium_lead"].sum() == 1).all()
    assert (by_group["enterprise_id"].nunique() == by_group.size()).all() and (by_group.size() >= 3).all()
    assert (by_group["application_date"].nunique() == 1).all()
    counties = population.enterprises.set_index("enterprise_id")["county"]
    assert (counties[members["enterprise_id"]] == "yanzhou").all()
    assert not facts.loc[facts["consortium_id"] == "", "consortium_lead"].any()


def test_labelled_as_made_up(population, tmp_path):
    assert population.synthetic and "虚构" in population.source and "虚构" in population.notes[0]
    assert "种子 1" in population.source and "800" in population.source
    assert "倍" in synthesise(2021, projects=100).notes[-1]
    write_csv(population, tmp_path / "made_up.csv")
    assert pandas.read_csv(tmp_path / "made_up.csv")["备注"].eq("合成样本，虚构").all()


@pytest.mark.parametrize(
    "arguments",
    [
        {"year": 2016},
        {"year": 2031},
        {"year": 2021, "pace": "fast"},
        {"year": 2021, "seed": -1},
        {"year": 2021, "projects": 0},
    ],
)
def test_refuses_arguments_out_of_range(arguments):
    with pytest.raises(BadFact):
        synthesise(**arguments)


# ----- calibrated -----


@pytest.mark.parametrize("pace", ["realised", "target"])
@pytest.mark.parametrize(("year", "seed"), [(2018, 1), (2021, 1), (2021, 2), (2022, 3), (2023, 1), (2025, 4)])
def test_calibrated_within_the_stated_tolerances(year, seed, pace):
    table = calibration(synthesise(year, seed=seed, pace=pace))
    aimed = table[table["类别"] == "校准"]
    missed = aimed[~(aimed["差距"].abs() <= aimed["容差"])]
    assert missed.empty, missed[["项目", "校准目标", "结果", "差距", "容差"]].to_string()
    assert {"高端装备营业收入", "济宁技改投资", "枣庄规上工业企业", "济宁高新区D类占比"} <= set(aimed["项目"])


def test_calibration_says_where_it_comes_from_and_what_it_misses(population, system):
    table = calibration(population, system)
    published_rows = table[table["类别"] != "未公布"]
    assert (published_rows["来源"] != "").all() and published_rows["校准目标"].notna().all()
    assert table.loc[table["类别"] == "未公布", "校准目标"].isna().all()
    assert table.loc[table["类别"] != "校准", "容差"].isna().all()
    assert (published_rows["差距"].abs() > 0.2).any()
    assert "济宁2017年意见各项实付" in set(table["项目"])


def test_the_two_paces():
    for pace, billions in (("realised", 80), ("target", 120)):
        population = synthesise(2021, pace=pace)
        jining = population.city_number == 0
        assert population.background["investment_of_year"][jining].sum() == pytest.approx(billions * 1e9, rel=0.01)
        assert (jining.sum(), (~jining).sum()) == project_numbers(2021)


def test_calibration_refuses_an_observed_population():
    observed = read_table(EXAMPLE).population
    assert type(observed) is Population
    with pytest.raises(BadFact):
        calibration(observed)


def test_every_assumption_and_figure_has_its_reason_or_source():
    table = assumptions()
    assert list(table.columns) == ["代号", "假设", "数值", "单位", "理由"]
    assert (table["理由"].str.len() > 1).all() and table["代号"].is_unique
    for row in _table("published_figures.csv"):
        assert row["来源"] and row["年份"] and row["置信度"] in ("高", "中", "低")
    assert published()["gaoxin_firms"] == sum(published()[f"gaoxin_{name}"] for name in "ABCDT")


def test_paths_between_and_outside_the_years_known():
    known = [(2023, 100.0), (2025, 400.0)]
    assert [path(known, year, 0.25) for year in (2023, 2024, 2025, 2030)] == pytest.approx([100, 200, 400, 400])
    assert path(known, 2021, 0.25) == pytest.approx(64)
    assert path(known, 2021) == 100
    assert (cell_firms("medicine", 2023), cell_revenue("medicine", 2025)) == (70, 30_000_000_000)


def test_heavy_tail_is_a_continuous_distribution_with_its_exponent():
    tail = HeavyTail(floor=2e7, ceiling=1e15, sigma=1.1, share=0.1, exponent=1.25)
    at = middles(200_001)
    values = tail(at, 18.0)
    assert (numpy.diff(values) >= 0).all() and values[0] >= 2e7 and values[-1] <= 1e15
    joint = tail(numpy.array([0.9, 0.9 + 1e-9]), 18.0)
    assert joint[1] == pytest.approx(joint[0], rel=1e-6)
    high = tail(numpy.array([0.99, 0.999]), 18.0)
    assert numpy.log(10) / numpy.log(high[1] / high[0]) == pytest.approx(1.25, rel=0.01)


# ----- blown up, read back, computed -----


@pytest.mark.parametrize("projects", [1, 10, 500, 50_000])
def test_any_number_of_projects(projects):
    population = synthesise(2021, projects=projects)
    assert len(population) == projects
    if projects >= 50_000:
        assert population.background["investment_of_year"][population.city_number == 0].sum() / population.scale == (
            pytest.approx(80e9, rel=0.02)
        )
        table = calibration(population)
        aimed = table[table["类别"] == "校准"]
        assert (aimed["差距"].abs() <= aimed["容差"]).all(), aimed.to_string()


def test_written_and_read_back_gives_the_same_facts(population, tmp_path):
    write_csv(population, tmp_path / "synthetic.csv")
    reading = read_table(tmp_path / "synthetic.csv")
    assert reading.exit_status == 0 and reading.rows_accepted == len(population)
    assert reading.population.content_hash() == population.content_hash()


@pytest.mark.parametrize("year", [2018, 2021, 2022])
def test_simulation_runs_for_all_documents(system, year):
    population = synthesise(year)
    simulation = population.simulation(system)
    total = simulation.calculate("total_paid", year)
    assert numpy.isfinite(total).all() and (total >= 0).all() and total.sum() > 0
    city = population.city_number
    for item in instruments(system):
        paid = numpy.asarray(simulation.calculate(item.stages[-1], year))
        place = DOCUMENTS.get(item.document)
        assert place is None or not paid[city != place].any()
    if year == 2021:
        for name in ("jining_2017", "yanzhou_2020", "zaozhuang_2020"):
            assert simulation.calculate(f"{name}__paid", year).sum() > 0, name


# ----- the bundled table -----


def test_bundled_table_reads_clean_and_stands_at_the_edges(system):
    reading = read_table(EXAMPLE)
    assert (reading.rows_read, reading.rows_accepted, reading.problems) == (48, 48, [])
    population = reading.population
    facts = population.projects.set_index("project_id")
    assert (facts["robot_investment"] + facts["special_robot_investment"] <= facts["equipment_investment"]).all()
    assert set(facts.loc[["P020", "P021"], "application_date"].astype(str)) == {"2021-06-30", "2021-07-01"}
    assert facts["consortium_id"].ne("").sum() == 3
    simulation = population.simulation(system)
    paid = pandas.Series(simulation.calculate("total_paid", 2021), index=facts.index)
    expected = {
        "P001": 600_000,
        "P002": 0,
        "P003": 300_000,
        "P004": 0,
        "P005": 3_000_000,
        "P006": 3_000_000,
        "P025": 150_000,
        "P026": 0,
        "P029": 0,
        "P030": 450_000,
        "P033": 0,
        "P034": 500_000,
        "P036": 1_000_000,
        "P039": 0,
        "P040": 160_000,
        "P041": 90_000,
        "P042": 60_000,
        "P047": 617_283.94,
    }
    assert paid[list(expected)].to_dict() == expected


def test_bundled_table_written_and_read_back(tmp_path):
    population = read_table(EXAMPLE).population
    write_csv(population, tmp_path / "again.csv")
    again = read_table(tmp_path / "again.csv")
    assert again.problems == [] and again.population.content_hash() == population.content_hash()


def test_without_loans_there_is_no_rate_of_interest_to_compare(population):
    unlent = replace(population, projects=population.projects.assign(loan_principal=0.0))
    items = calibration(unlent)["项目"].tolist()
    assert "技改贷款平均利率" not in items
    assert set(items) == set(calibration(population)["项目"]) - {"技改贷款平均利率"}
