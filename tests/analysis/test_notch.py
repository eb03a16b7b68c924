"""Cliffs, kinks and gaming against hand arithmetic: typical projects, the twelve enterprises, small populations of
their own."""

from __future__ import annotations

import dataclasses
import json
from types import SimpleNamespace

import numpy
import pandas
import pytest
import twelve
from situations import jining, simulate, yanzhou

from openfisca_jining.analysis.explain import Facts, declared
from openfisca_jining.analysis.notch import consortia, dates, notch, real_projects, typical_projects
from openfisca_jining.analysis.notch.bunching import bunches
from openfisca_jining.analysis.notch.cliffs import cliff_table
from openfisca_jining.analysis.notch.consortia import forming
from openfisca_jining.analysis.notch.dates import shifting
from openfisca_jining.analysis.notch.lines import COMPARISONS, find_lines, typical_population
from openfisca_jining.analysis.notch.margins import Piece, _crossing, _short, pieces_table, trace
from openfisca_jining.analysis.notch.splitting import split
from openfisca_jining.analysis.notch.variants import Copies, Ties, Varied, entitled, first_true
from openfisca_jining.cli import main, parser
from openfisca_jining.commands.notch import bunching_text, exact, extra, quantity, report
from openfisca_jining.errors import BadFact
from openfisca_jining.instruments import instruments
from openfisca_jining.law import leaves
from openfisca_jining.population import Population
from openfisca_jining.reforming import reformed

MILLION = 1_000_000
JINING_LINES = [
    "jining_2017.equipment.minimum_investment=0@2017-01-01",
    "jining_2017.equipment.minimum_investment_zero_land=0@2017-01-01",
]
YANZHOU_LINES = [
    f"yanzhou_2020.{name}=0@2020-08-15"
    for name in (
        "equipment.minimum_investment",
        "robots.minimum_investment",
        "informatisation.minimum_investment",
        "informatisation.one_system",
        "consortium.investment_to_exceed",
        "consortium.minimum_sme_share",
    )
]


@pytest.fixture(scope="module")
def of_twelve(system):
    return notch(twelve.population(), system)


def population(projects, enterprises, year=2021):
    return Population(year, pandas.DataFrame(projects), pandas.DataFrame(enterprises))


def single(county, equipment, year=2021, **facts):
    """One project alone in its enterprise (class B), permitted category unless told otherwise."""
    project = {"project_id": "p", "enterprise_id": "e", "equipment_investment": equipment, "in_use": True}
    project |= {"catalogue_category": "permitted"} | {
        name: facts[name] for name in facts if name != "yield_per_mu_class"
    }
    grade = facts.get("yield_per_mu_class", "B")
    return population([project], [{"enterprise_id": "e", "county": county, "yield_per_mu_class": grade}], year)


def cliff(result, name):
    return result.cliffs.table.set_index("project").loc[name]


def lines_of(people, law):
    facts = Facts(people.simulation(law), people.year)
    return facts, find_lines(facts)


def typical_cliffs(law):
    """The cliff table of the typical projects, by their names."""
    subject = typical_projects(2021, law, lines_of(typical_population(2021)[0], law)[1])
    return cliff_table(subject.ties, law, subject.cases).set_index("project")


def own_cliffs(people, law):
    """The cliff table of the enterprise "e" of a population."""
    subject = real_projects(Ties(people), *lines_of(people, law), "e")
    return cliff_table(subject.ties, law, subject.cases, with_now=True)


def under_the_lines(people, law, within=0.05):
    return bunches(Ties(people), law, lines_of(people, law)[1], within)


# ----- the lines -----


def test_no_threshold_of_an_instrument_is_forgotten_and_each_has_a_typical_project(system):
    facts = Facts(twelve.population().simulation(system), 2021)
    found = {line.parameter: line for line in find_lines(facts)}
    folders = {
        name.replace(f"{one.document}_", f"{one.document}.", 1) for one in instruments(system) for name in [one.name]
    }
    stated = {
        leaf.name
        for leaf in leaves(system.parameters)
        if leaf.name.rpartition(".")[0] in folders and leaf.metadata.get("comparison") in COMPARISONS
    }
    assert len(stated) == 7
    assert stated <= set(found)
    assert all(line.fact for line in found.values())


def test_every_name_of_the_typical_projects_exists(system):
    parameters = {leaf.name for leaf in leaves(system.parameters)}
    for entry in declared()["typical"]:
        assert entry.get("line", next(iter(parameters))) in parameters
        assert entry["varied"] in system.variables
        for one in [entry, *entry.get("partners", [])]:
            assert {*one["project"], *one["enterprise"]} <= set(system.variables)
    grown = declared()["grows_with"]
    assert {*grown, *(name for names in grown.values() for name in names)} <= set(system.variables)
    assert {*declared()["forming"]["leads"], declared()["forming"]["marks_lead"]} <= set(system.variables)


def test_lines_follow_the_readings_and_the_law(system):
    several = reformed(system, readings=["yanzhou_2020.it_system_scope=integration_of_several"])
    terms = reformed(
        system,
        readings=["zaozhuang_2020.equipment_grant_terms=supplied_terms"],
        supply=[
            "zaozhuang_2020.equipment.minimum_investment=3000000",
            "zaozhuang_2020.equipment.cap_per_enterprise=1e6",
        ],
    )
    paths = [
        {line.parameter for line in find_lines(Facts(twelve.population().simulation(law), 2021))}
        for law in (system, several, terms)
    ]
    assert paths[1] - paths[0] == {"yanzhou_2020.informatisation.several_systems"}
    assert paths[0] - paths[1] == {"yanzhou_2020.informatisation.one_system"}
    assert paths[2] - paths[0] == {"zaozhuang_2020.equipment.minimum_investment"}


# ----- cliffs -----


def test_the_table_of_the_answer_is_that_of_the_cliffs(of_twelve):
    pandas.testing.assert_frame_equal(of_twelve.to_pandas(), of_twelve.cliffs.to_pandas())


def test_cliffs_of_the_typical_projects(of_twelve):
    # 到线时, 线下一步合计得, 到线合计得, 合算宽度
    expected = {
        # 20,000,000 x 3 %; below it nothing, so that all of 600,000 may be padded: [19,400,000, 20,000,000)
        "济宁普通项目": (20 * MILLION, 0, 600_000, 600_000),
        "济宁零土地项目": (10 * MILLION, 0, 300_000, 300_000),  # 10,000,000 x 3 %
        "兖州允许类项目": (5 * MILLION, 0, 150_000, 150_000),  # 5,000,000 x 3 %
        # 6,000,000 of other equipment: below the line 3 % of 8,999,999.99 -> 270,000.00, at it 5 % of 9,000,000. The
        # range: 450,000 - 3 % x (9,000,000 - w) >= w, w <= 180,000 / 0.97 = 185,567.0103
        "兖州机器人": (3 * MILLION, 270_000, 450_000, 185_567.01),
        "兖州信息化": (2 * MILLION, 0, 200_000, 200_000),  # 2,000,000 x 10 %
        # 「超过」500 万元: one fen more; 1,000,000 of the leader's; 5,000,000.01 x 3 % = 150,000.0003
        "兖州技改共同体（合计）": (4_000_000.01, 0, 150_000, 150_000),
        # half of 8,000,000 by the SME; 8,000,000 x 3 %
        "兖州技改共同体（中小企业比重）": (4 * MILLION, 0, 240_000, 240_000),
    }
    for name, values in expected.items():
        row = cliff(of_twelve, name)
        assert tuple(row[["at", "below", "reached", "width"]]) == values, name
        assert row["jump"] == row["reached"] - row["below"]
    systems = cliff(of_twelve, "兖州信息化系统个数")
    assert (systems["at"], systems["jump"]) == (1, 300_000)  # 3,000,000 x 10 %; systems cost no yuan that is known
    assert numpy.isnan(systems["width"])
    assert cliff(of_twelve, "兖州机器人")["own_jump"] == 450_000


def paid(system, situation, year=2019):
    return simulate(system, year, situation).calculate("total_paid", str(year))[0]


def test_the_ends_of_the_range_are_exact_when_computed_apart(system):
    at_line = paid(system, jining(20_000_000))
    # 600,000 more for 600,000 more; a fen lower it costs a fen more than it brings
    assert at_line - paid(system, jining(19_400_000)) == 600_000 == 20_000_000 - 19_400_000
    assert round(20_000_000 - 19_399_999.99, 2) > at_line - paid(system, jining(19_399_999.99))
    for start, pays in ((2_814_432.99, True), (2_814_432.98, False)):
        below = paid(system, yanzhou(6_000_000 + start, robot_investment=start), 2022)
        assert bool(round(450_000 - below, 2) >= round(3_000_000 - start, 2)) is pays


def test_cliffs_vanish_without_lines_and_where_only_the_excess_is_paid(system):
    law = reformed(system, changes=[*JINING_LINES, *YANZHOU_LINES])
    result = notch(twelve.population(), law)
    assert (result.cliffs.table["jump"].fillna(0) == 0).all()
    assert result.cliffs.table["width"].isna().all()
    assert (result.margins.table["jump"] == 0).all()
    assert result.bunching.table["near"].sum() == 0
    assert result.padding == {"cost": 0.0, "paid": 0.0}
    assert "没有一条线造成断崖" in report(result)
    jumps = typical_cliffs(reformed(system, readings=["common.threshold_whole_or_excess=excess_only"]))["jump"]
    assert (
        jumps[["济宁普通项目", "济宁零土地项目", "兖州允许类项目", "兖州信息化", "兖州技改共同体（合计）"]] == 0
    ).all()


def test_a_reform_of_the_rate_moves_the_jump_and_the_range(system):
    row = typical_cliffs(twelve.law(system, "R")).loc["济宁普通项目"]
    assert tuple(row[["jump", "width", "start"]]) == (800_000, 800_000, 19_200_000)  # 20,000,000 x 4 %


def test_gross_invoices_meet_the_line_at_a_lower_net_amount(system):
    table = typical_cliffs(reformed(system, readings=["common.grant_base_vat=gross_of_vat"]))
    # 20,000,000 / 1.13 = 17,699,115.044: VAT of 17,699,115.04 is 2,300,884.9552 -> .96, together 20,000,000.00
    assert table.loc["济宁普通项目", "at"] == 17_699_115.04


def test_a_class_d_enterprise_gains_nothing_from_any_line(system):
    result = notch(single("yanzhou", 4_900_000.0, yield_per_mu_class="D"), system, enterprise="e")
    assert len(result.cliffs.table) == 2  # the city's line and the district's: neither brings anything
    assert (result.cliffs.table["jump"] == 0).all()
    assert result.margins.table[["start", "rate", "money"]].to_numpy().tolist() == [[100_000, 0, 0]]
    assert result.bunching.table["able"].sum() == 0
    assert result.split_enterprises.table.empty
    said = report(result)
    assert said.startswith(
        "主要发现：企业 e 面前没有一条线造成断崖（跨过线不多得钱）；线下 5% 以内有 1 个项目，其中 0 个凑到线上有钱可得；拆分、合并都不能多得。"
    )
    assert "多得最多的企业" not in said


def test_lines_without_a_fact_and_projects_without_an_investment_are_left_out(system):
    people = single("rencheng", 19_000_000.0, catalogue_category="encouraged")
    facts, lines = lines_of(people, system)
    nameless = [dataclasses.replace(one, fact="") for one in lines]
    assert real_projects(Ties(people), facts, lines, "e").cases
    assert real_projects(Ties(people), facts, nameless, "e").cases == []
    assert len(bunches(Ties(people), system, lines, 0.06).table) > 0
    assert bunches(Ties(people), system, nameless, 0.06).table.empty
    idle = single("rencheng", 0.0, catalogue_category="encouraged")
    assert real_projects(Ties(idle), *lines_of(idle, system), "e").cases == []


def test_an_enterprise_comes_up_to_the_lines_with_its_own_facts(system):
    (row,) = own_cliffs(single("rencheng", 19_500_000.0, catalogue_category="encouraged"), system).to_dict("records")
    assert (row["project"], row["at"], row["jump"], row["now"]) == ("p", 20_000_000, 600_000, 19_500_000)
    assert (row["missing"], row["gain"]) == (500_000, 600_000)
    with pytest.raises(BadFact, match="没有企业编号为 x 的企业"):
        notch(twelve.population(), system, enterprise="x")


def informatisation_projects():
    """Two projects of 3,000,000 of an enterprise in Yanzhou: one system, and none."""
    one = {"enterprise_id": "e", "informatisation_investment": 3e6, "catalogue_category": "permitted", "in_use": True}
    projects = [
        one | {"project_id": "p", "informatisation_systems": 1},
        one | {"project_id": "q", "informatisation_systems": 0},
    ]
    return population(projects, [{"enterprise_id": "e", "county": "yanzhou", "yield_per_mu_class": "B"}])


def test_a_project_comes_up_to_a_number_of_systems_if_it_states_one_and_money_only_has_a_curve(system):
    people = informatisation_projects()
    subject = real_projects(Ties(people), *lines_of(people, system), "e")
    assert sorted((case.line.parameter.rpartition(".")[2], case.name) for case in subject.cases) == [
        ("minimum_investment", "p"),
        ("minimum_investment", "q"),
        ("one_system", "p"),
    ]
    assert sorted((row, fact) for row, fact, _ in subject.curves) == [
        (0, "informatisation_investment"),
        (1, "informatisation_investment"),
    ]


def test_the_jump_at_a_number_of_systems_has_no_width_in_yuan(system):
    people = informatisation_projects()
    subject = real_projects(Ties(people), *lines_of(people, system), "e")
    systems = [case for case in subject.cases if case.line.fact == "informatisation_systems"]
    (row,) = cliff_table(subject.ties, system, systems).to_dict("records")
    # 10 % of 3,000,000: q, without a system, brings nothing
    assert (row["at"], row["jump"]) == (1, 300_000)
    assert numpy.isnan(row["width"])


def test_a_line_that_the_parts_alone_come_up_to_has_no_place_of_its_own(system):
    """Of 30,000,000 are 25,000,000 robots: however little else there is, 20,000,000 are reached."""
    one = {"enterprise_id": "e", "catalogue_category": "encouraged", "in_use": True}
    projects = [
        one | {"project_id": "p", "equipment_investment": 30e6, "robot_investment": 25e6},
        one | {"project_id": "q", "equipment_investment": 19e6},
    ]
    table = own_cliffs(population(projects, [{"enterprise_id": "e", "county": "rencheng"}]), system).set_index(
        "project"
    )
    assert numpy.isnan(table.loc["p", "at"]) and numpy.isnan(table.loc["p", "jump"])
    assert (table.loc["q", "at"], table.loc["q", "jump"]) == (20_000_000, 600_000)


def test_a_fen_of_rounding_is_no_reason_to_pad(system):
    # both levels pay 3 %: 20,000,000.16 -> 600,000.0048 -> .00 of the district, 20,000,000.17 -> 600,000.0051 -> .01
    # of the city
    law = reformed(system, changes=["jining_2017.equipment.minimum_investment=20000000.17@2017-01-01"])
    table = own_cliffs(single("yanzhou", 20_000_000.0, catalogue_category="encouraged"), law).set_index("parameter")
    row = table.loc["jining_2017.equipment.minimum_investment"]
    assert (row["at"], row["jump"]) == (20_000_000.17, 0.01)
    assert numpy.isnan(row["width"])


def test_a_zero_land_project_has_its_own_line_only(system):
    project = single("rencheng", 9_600_000.0, catalogue_category="encouraged", project_type="zero_land")
    table = own_cliffs(project, system)
    assert table["parameter"].tolist() == ["jining_2017.equipment.minimum_investment_zero_land"]
    assert table["at"].tolist() == [10_000_000]


# ----- marginal support -----


def test_pieces_of_the_curves(of_twelve):
    def rows(name):
        table = of_twelve.margins.table
        return table.loc[table["project"] == name, ["start", "end", "rate", "jump"]].to_numpy().tolist()

    assert rows("济宁普通项目") == [
        [100_000, 20 * MILLION, 0, 0],
        [20 * MILLION, 100 * MILLION, 0.03, 600_000],  # 3,000,000 / 3 %
        [100 * MILLION, 200 * MILLION, 0, 0],
    ]
    assert rows("兖州允许类项目")[1:] == [
        [5 * MILLION, 33_333_333.33, 0.03, 150_000],  # 1,000,000 / 3 %
        [33_333_333.33, 200 * MILLION, 0, 0],
    ]
    # city and district: the district's 3 % from 5,000,000; from 20,000,000 the city's 3 %, up to its 3,000,000
    assert rows("兖州鼓励类项目")[1:] == [
        [5 * MILLION, 100 * MILLION, 0.03, 150_000],
        [100 * MILLION, 200 * MILLION, 0, 0],
    ]
    # 5 % of robots and 6,000,000 of other equipment: 1,000,000 / 5 % - 6,000,000 = 14,000,000
    assert rows("兖州机器人") == [
        [100_000, 3 * MILLION, 0.03, 0],
        [3 * MILLION, 14 * MILLION, 0.05, 180_000],
        [14 * MILLION, 200 * MILLION, 0, 0],
    ]
    assert rows("枣庄设备") == [[100_000, 200 * MILLION, 0.1, 0]]
    last = of_twelve.margins.table.set_index("project").loc["济宁特种机器人"].iloc[-1]
    assert (last["money"], last["last"], last["average"]) == (2_000_000, 2_000_000, 0.01)  # 2,000,000 of 200,000,000


def test_the_pieces_are_the_law_at_random_investments(system, of_twelve):
    typical, entries, rows = typical_population(2021)
    table = of_twelve.margins.table
    random = numpy.random.default_rng(4)
    for name in ("济宁零土地项目", "兖州允许类项目", "兖州机器人", "兖州信息化", "兖州技改共同体（合计）"):
        number = [entry["name"] for entry in entries].index(name)
        varied = Varied(Ties(typical), system, rows[[number]], [entries[number]["varied"]])
        investments = numpy.exp(random.uniform(numpy.log(10**7), numpy.log(2 * 10**10), 60)).astype(numpy.int64)
        money = varied.money(numpy.zeros(60, dtype=int), investments) / 100
        for investment, amount in zip(investments / 100, money, strict=True):
            row = table[(table["project"] == name) & (table["start"] <= investment)].iloc[-1]
            if not row["curved"]:
                assert abs(row["money"] + row["rate"] * (investment - row["start"]) - amount) < 0.02, (name, investment)
    curved = table[table["curved"]]
    assert set(curved["project"]) == {"兖州技改共同体（合计）", "兖州技改共同体（中小企业比重）"}


def test_jumps_kinks_and_short_pieces_of_a_made_up_curve():
    def money(which, investments):
        # 10 % up to 1,234,567.89 yuan; a jump of 5,000 yuan there; flat for 50,000 yuan; 2 % afterwards
        base = numpy.minimum(investments, 123_456_789) // 10
        flat = 123_456_789 + 5_000_000
        return base + (investments >= 123_456_789) * 500_000 + numpy.maximum(investments - flat, 0) // 50

    table = pieces_table(["a"], money)
    assert table["rate"].tolist() == [0.1, 0.0, 0.02]
    assert table["jump"].tolist() == [0, 5_000, 0]
    starts = table["start"].tolist()
    assert starts[:2] == [100_000, 1_234_567.89]
    assert abs(starts[2] - 1_284_567.89) < 0.5  # next to a short piece: not exact to the fen
    assert not table["curved"].any()


def test_a_curve_is_told_from_straight_pieces():
    def money(which, investments):
        # 3 % up to 10 million yuan, then 300,000 yuan x (1 + log), which is nowhere straight
        tail = 30_000_000 * (1 + numpy.log(numpy.maximum(investments, 10**9) / 10**9))
        return numpy.where(investments < 10**9, investments * 3 // 100, tail.astype(numpy.int64))

    known = trace(money, 1)[0]
    assert max(known) == 2 * 10**10
    assert len(known) < 500
    table = pieces_table(["a"], money)
    assert table["rate"].tolist()[0] == 0.03
    assert table["curved"].tolist() == [False, True]
    assert table["last"].iloc[1] == round(300_000 * (1 + numpy.log(20)), 2)


def test_two_parallel_lines_cross_nowhere_and_two_others_where_they_meet():
    assert _crossing(Piece(0, 100, 3, 0), Piece(0, 100, 3, 50)) == -1
    assert _crossing(Piece(0, 100, 3, 0), Piece(0, 100, 1, 50)) == 25


def test_one_point_alone_is_a_flat_piece():
    (piece,) = _short(numpy.array([500]), numpy.array([7]), 900)
    assert (piece.start, piece.end, piece.rate, piece.at(500), piece.at(900)) == (500, 900, 0, 7, 7)


def test_first_true_finds_the_first_of_each_case():
    lines_at = numpy.array([5, 1_000_000, 123_456_789, 1, 10**12])

    def test(which, values):
        return values >= lines_at[which]

    assert first_true(test, numpy.zeros(5), numpy.full(5, 10**12)).tolist() == lines_at.tolist()
    # already true at the lower end, or still false at the upper one
    assert first_true(test, [5, 0, 0, 0, 0], [10, 999_999, 10**12, 1, 10]).tolist() == [-1, -1, 123_456_789, 1, -1]


# ----- splitting and merging -----


def test_splitting_and_merging_the_twelve(of_twelve):
    found = of_twelve.split_enterprises.table.set_index(["way", "enterprise_id"])["gain"].to_dict()
    same, two, merge = "拆成两个项目（同一企业）", "拆成两家企业（每家一半）", "合并同类项目（同一企业）"
    assert found == {
        # E11: halves of 30,000,000; one keeps the city's 900,000, the other takes 4 % of the district: 1,200,000, cap
        # 1,000,000
        (same, "E11"): 100_000,
        # E04: 40,000,000 + 70,000,000.33 stay over 3,000,000; the other 40,000,000 x 3 % = 1,200,000 in a new
        # enterprise
        (two, "E04"): 1_200_000,
        # E09: 30,000,000 x 3 % = 900,000 each instead of the cap of 1,000,000
        (two, "E09"): 800_000,
        # E11: the district's cap of 1,000,000 twice instead of the city's 1,800,000
        (two, "E11"): 200_000,
        # E07: its one application is P10; a second enterprise applies for half of P11 in the consortium: 1,600,000 x 3
        # %
        (two, "E07"): 48_000,
        # E03: 9,999,999.99 + 10,000,000 zero-land: 19,999,999.99 x 3 % = 599,999.9997 -> 600,000 instead of 300,000
        (merge, "E03"): 300_000,
        (merge, "E07"): 150_000,  # 4,999,999.99 + 5,000,000: 299,999.9997 -> 300,000 instead of 150,000
    }
    summary = of_twelve.splits.table.set_index("way")
    assert summary["total"].to_dict() == {same: 100_000, two: 2_248_000, merge: 450_000}
    assert summary["enterprises"].to_dict() == {same: 1, two: 4, merge: 2}
    assert summary.loc[merge, "tried"] == 3  # E03, E04, E07; E09's second project is in a consortium


def test_halves_of_thirty_million_lose_everything_unless_the_line_is_lower(system):
    ordinary = Ties(single("rencheng", 30_000_000.0, catalogue_category="encouraged"))
    zero_land = Ties(single("rencheng", 30_000_000.0, catalogue_category="encouraged", project_type="zero_land"))
    for way in ("same", "two"):
        lost, kept = (split(ties, system, [0], way) for ties in (ordinary, zero_land))
        assert (lost.before.sum(), lost.after.sum()) == (90_000_000, 0)  # 15,000,000 < 20,000,000
        assert (kept.before.sum(), kept.after.sum()) == (
            90_000_000,
            90_000_000,
        )  # 15,000,000 >= 10,000,000, twice 450,000


def test_a_cap_per_enterprise_is_escaped_by_two_enterprises_only(system):
    ties = Ties(single("rencheng", 150_000_000.33, catalogue_category="encouraged"))
    same, two = (split(ties, system, [0], way).after.sum() for way in ("same", "two"))
    assert same == 300_000_000
    # 75,000,000.17 x 3 % = 2,250,000.0051 -> .01; 75,000,000.16 x 3 % = 2,250,000.0048 -> .00
    assert two == 225_000_001 + 225_000_000


def test_typical_sizes(of_twelve):
    sizes = of_twelve.sizes.table.set_index(["project", "investment"])
    assert sizes.loc[("济宁普通项目", 30 * MILLION), "same_gain"] == -900_000
    assert sizes.loc[("济宁普通项目", 40 * MILLION), "same_gain"] == 0  # 20,000,000 each
    assert sizes.loc[("济宁普通项目", 200 * MILLION), "two_gain"] == 3_000_000
    # 21,000,000 of robots and 6,000,000 of other equipment: halves of 10,500,000 and 13,500,000. The district's 5 % of
    # 13,500,000 = 675,000 for one (one application), the city's 5 % of 10,500,000 = 525,000 for the other
    assert sizes.loc[("兖州机器人", 21 * MILLION), "same"] == 1_200_000


# ----- dates -----


def test_waiting_for_the_new_year_costs_the_citys_money(of_twelve):
    table = of_twelve.dates.table.set_index("shift")
    row = table.loc["2021-12-31 改到 2022-01-01"]
    # lost: E02 600,000, E03 300,000, E04 3,000,000, E05 2,700,000, E06 2,400,000, E10 600,000, E11 1,800,000 -
    # 1,000,000
    assert (row["gain"], row["lose"], row["lost"], row["difference"]) == (0, 7, 10_400_000, -10_400_000)
    assert row["before"] == twelve.TOTALS[""]
    assert "停止受理" in row["what"]
    opens, closes = table.loc["2020-08-14 改到 2020-08-15"], table.loc["2023-08-14 改到 2023-08-15"]
    # Yanzhou opens: E07 150,000 and E09 1,090,000 get nothing before; E08 250,000 of the city -> 400,000
    assert (opens["gain"], opens["gained"]) == (3, 1_390_000)
    # and closes: E07 150,000, E08 400,000, E09 1,090,000, E11 1,000,000
    assert (closes["lose"], closes["lost"]) == (4, 2_640_000)
    assert table.loc["每家推后一年", "difference"] == -10_400_000  # the twelve state no day: 2022 as a whole
    assert table.loc["每家推后一天", "difference"] == 0


def test_claims_move_with_their_own_dates(system):
    around = population(
        [
            {"project_id": f"p{day}", "enterprise_id": f"e{day}", "equipment_investment": 10e6, "application_date": day}
            for day in ("2023-08-14", "2023-08-15", "2023-03-01")
        ],
        [
            {"enterprise_id": f"e{day}", "county": "yanzhou", "yield_per_mu_class": "B"}
            for day in ("2023-08-14", "2023-08-15", "2023-03-01")
        ],
        2023,
    )
    around.projects["application_date"] = pandas.to_datetime(around.projects["application_date"])
    table = shifting(around, system).set_index("shift")
    # 10,000,000 x 3 % = 300,000 up to 14 August 2023
    assert (table.loc["每家推后一天", "lost"], table.loc["每家推后一天", "gained"]) == (300_000, 0)
    assert (table.loc["每家提前一天", "lost"], table.loc["每家提前一天", "gained"]) == (0, 300_000)
    assert table.loc["每家提前一年", "gained"] == 300_000
    assert table.loc["每家推后一年", "lost"] == 600_000


def test_without_documents_that_open_or_close_no_day_changes_anything(system, monkeypatch):
    monkeypatch.setattr(dates, "_window_edges", lambda *_: [])
    assert dates.changing_days(twelve.population(), system) == {}


def test_the_citys_own_day_moves_as_far_as_the_application(system):
    day = {"application_date": pandas.Timestamp("2021-11-30"), "city_application_date": pandas.Timestamp("2021-12-31")}
    claims = single("rencheng", 30e6, catalogue_category="encouraged", **day)
    table = shifting(claims, system).set_index("shift")
    # 30,000,000 x 3 % = 900,000 up to the end of 2021, by the day on which the city was applied to
    assert (table.loc["每家推后一天", "lost"], table.loc["每家提前一天", "lost"]) == (900_000, 0)


def test_a_move_that_cannot_be_computed_is_told_and_the_others_are_computed(system, monkeypatch):
    compute = dates._money

    def refuse(population, system, days, years=0):
        if years == 1:
            raise BadFact(["projects"], "缺少下一年的事实。")
        return compute(population, system, days, years)

    monkeypatch.setattr(dates, "_money", refuse)
    table = shifting(twelve.population(), system).set_index("shift")
    assert table.loc["每家推后一年", "note"] == "不能测算：缺少下一年的事实。"
    assert numpy.isnan(table.loc["每家推后一年", "gain"]) and table.loc["每家推后一天", "difference"] == 0


def test_a_change_of_rate_in_mid_year_is_a_date_of_the_law(system):
    law = reformed(system, changes=["jining_2017.equipment.rate=0.04@2021-07-01"])
    table = shifting(twelve.population(), law).set_index("shift")
    row = table.loc["2021-06-30 改到 2021-07-01"]
    assert "补助占设备投入额的比例改变" in row["what"]
    assert row["difference"] == twelve.TOTALS["R"] - twelve.TOTALS[""]


# ----- consortia -----


def consortium_population():
    def firm(name, employees, **facts):
        stated = {"enterprise_id": name, "county": "yanzhou", "yield_per_mu_class": "B", "revenue": 5e7}
        return stated | {"employees": employees, "chain_leader": False} | facts

    def project(name, equipment):
        return {"project_id": f"p{name}", "enterprise_id": name, "equipment_investment": equipment}

    projects = [
        project("lead", 3e6),
        project("s1", 4e6),
        project("s2", 1.5e6),
        project("d", 4.9e6),
        project("big", 9e6),
    ]
    projects.append({"project_id": "own", "enterprise_id": "lead", "equipment_investment": 6e6})
    for one in projects:
        one |= {"catalogue_category": "permitted", "in_use": True}
    enterprises = [
        firm("lead", 2000, chain_leader=True, revenue=9e8),
        firm("s1", 50),
        firm("s2", 50),
        firm("d", 50, yield_per_mu_class="D"),
        firm("big", 50),
    ]
    return population(projects, enterprises)


def test_small_enterprises_under_the_line_join_a_leader(system):
    ties = Ties(consortium_population())
    table, note = forming(ties, system, find_lines(Facts(ties.population.simulation(system), 2021)))
    rows = table.set_index("enterprise_id")
    # with the lead: 3,000,000 + 4,000,000 = 7,000,000 > 5,000,000, 4/7 by an SME: 120,000 + 90,000
    # s1 alone with the lead gets 120,000; s2 (and the D enterprise, whose share is lost) would change nothing for s1,
    # but with s2 all together gain 45,000 more. The lead keeps the 180,000 of its own project beside its 90,000: a
    # lead may apply for two. With that project of 6,000,000 as the lead's part, SMEs have less than half: 4 / 10 or
    # 5.5 / 11.5
    assert rows.loc["s1", "own"] == 120_000
    assert (rows.loc["s1", "leader"], rows.loc["s1", "others"], rows.loc["s1", "joint"]) == ("lead", "s2", 8_500_000)
    assert rows.loc["s1", "gain"] == 120_000 + 90_000 + 45_000
    # s2 with the lead alone: 4,500,000 is not over 5,000,000; with s1: 1,500,000 x 3 %
    assert (rows.loc["s2", "own"], rows.loc["s2", "others"]) == (45_000, "s1")
    assert set(rows.index) == {
        "s1",
        "s2",
    }  # class D gets nothing; big has its own grant
    assert "有 3 家企业什么都得不到，可以牵头的项目 2 个" in note


def test_why_no_consortium_could_be_computed_is_told(system, monkeypatch):
    ties = Ties(consortium_population())
    lines = find_lines(Facts(ties.population.simulation(system), 2021))
    assert forming(ties, system, [])[1] == "现行法下没有以共同体为单位的门槛。"

    def refuse(*_):
        raise BadFact(["projects"], "共同体缺少事实。")

    monkeypatch.setattr(consortia, "_computed", refuse)
    table, note = forming(ties, system, lines)
    assert table.empty and note == "不能测算：共同体缺少事实。"


def test_a_consortium_that_exists_may_take_other_enterprises_in(system):
    """The only leader heads a consortium with big, 3,000,000 + 9,000,000. s1 and s2 join it: 3 % of their 4,000,000 and 1,500,000."""
    people = consortium_population()
    projects = people.projects[people.projects["project_id"] != "own"]
    projects = projects.assign(
        consortium_id=projects["project_id"].map({"plead": "C", "pbig": "C"}).fillna(""),
        consortium_lead=projects["project_id"] == "plead",
    )
    ties = Ties(population(projects, people.enterprises))
    table, _ = forming(ties, system, find_lines(Facts(ties.population.simulation(system), 2021)))
    rows = table.set_index("enterprise_id")
    assert set(rows.index) == {"s1", "s2"} and (rows["leader"] == "lead（已有共同体 C）").all()
    assert rows["own"].to_dict() == {"s1": 120_000, "s2": 45_000}
    assert rows["gain"].tolist() == [165_000, 165_000] and rows["joint"].tolist() == [17_500_000, 17_500_000]


def test_without_a_leader_there_is_no_consortium(system):
    ties = Ties(consortium_population())
    ties.population.enterprises["chain_leader"] = False
    table, note = forming(ties, system, find_lines(Facts(ties.population.simulation(system), 2021)))
    assert table.empty
    assert "组不成共同体" in note


# ----- under the lines -----


def test_padding_of_the_twelve(of_twelve):
    table = of_twelve.bunching.table.set_index("parameter")
    near = table["near"][table["near"] > 0].to_dict()
    assert near == {
        "jining_2017.equipment.minimum_investment": 1,  # E01 19,999,999.99
        "jining_2017.equipment.minimum_investment_zero_land": 1,  # E03 9,999,999.99
        "yanzhou_2020.equipment.minimum_investment": 1,  # E07 4,999,999.99
    }
    assert table.loc["jining_2017.equipment.minimum_investment", "above"] == 2  # E02 and E10, exactly on it
    projects = of_twelve.near.table.set_index("project_id")
    assert (projects["extra"] == 0.01).all()
    # P09 at the line would bring 150,000, but E07 has used its one application for P10
    assert projects["grant"].to_dict() == {"P01": 600_000, "P03": 300_000, "P09": 0}
    assert projects["worth"].to_dict() == {"P01": True, "P03": True, "P09": False}
    assert of_twelve.padding == {"cost": 900_000, "paid": 900_000}
    assert (table.loc["yanzhou_2020.equipment.minimum_investment", ["able", "worth", "cost"]] == 0).all()


def test_a_full_pool_pays_nothing_more_for_padding(system):
    # the city's claims are 11,650,000 of the twelve, and 900,000 more at the lines; a fund of 5,000,000 is used up
    # before
    law = reformed(system, changes=["jining_2020.special_fund.amount=5000000@2021-01-01"])
    found = under_the_lines(twelve.population(), law)
    assert found.padding == {"cost": 900_000, "paid": 0}
    result = SimpleNamespace(bunching=found, padding=found.padding, within=0.05)
    assert bunching_text(result).endswith(
        "财政在资金池前多给 90.00 万元，资金池后多付 0.00 万元（资金池不够分，多出的申请由其他企业少得来抵；"
        "企业改选市、区资金也会使另一级少付）。"
    )


def test_within_decides_what_is_near(system):
    near = under_the_lines(twelve.population(), system, 0.4).near
    # P11, 3,200,000, is 36 % under Yanzhou's line; at the line E07 has a choice of three times 150,000: P10, P11, or 3
    # % of P11 in the consortium, and one application
    assert near.set_index("project_id").loc["P11", ["extra", "grant"]].tolist() == [1_800_000, 0]
    with pytest.raises(BadFact, match="within"):
        notch(twelve.population(), system, within=1.5)


def test_padding_robots_pads_the_equipment_that_contains_them(system):
    near = under_the_lines(single("yanzhou", 9_000_000.0, robot_investment=2_900_000.0), system).near
    (row,) = near.to_dict("records")
    # 100,000 more robots: equipment 9,100,000 x 5 % = 455,000 instead of 9,000,000 x 3 % = 270,000 and the city's
    # 145,000
    assert (row["project_id"], row["extra"], row["grant"], row["worth"]) == ("p", 100_000, 185_000, True)


def test_members_under_one_joint_line_are_padded_once(system):
    small = consortium_population()
    projects = small.projects.assign(consortium_id=["k", "", "k", "", "", ""])
    projects["equipment_investment"] = [2.4e6, 4e6, 2.5e6, 4.9e6, 9e6, 3e6]
    joint = dataclasses.replace(small, projects=projects)
    table = under_the_lines(joint, system).table
    row = table.set_index("parameter").loc["yanzhou_2020.consortium.investment_to_exceed"]
    # 4,900,000 together: both members' projects are near, one of them pads 100,000.01: 5,000,000.01 x 3 % = 150,000
    assert (row["near"], row["able"], row["extra"], row["grant"]) == (2, 1, 100_000.01, 150_000)
    # P d stands under the district's line too, but class D gets nothing
    assert row["cost"] == 150_000


def test_a_weight_counts_for_its_enterprises(system):
    one = single("rencheng", 19_900_000.0, catalogue_category="encouraged")
    weighted = dataclasses.replace(one, enterprises=one.enterprises.assign(weight=2.5))
    row = under_the_lines(weighted, system).table.iloc[0]
    assert (row["extra"], row["grant"], row["cost"], row["paid"]) == (250_000, 1_500_000, 1_500_000, 1_500_000)


# ----- variants -----


def test_a_variant_is_the_enterprise_with_its_consortium(system):
    ties = Ties(twelve.population())
    unit = dict(zip(ties.population.projects["project_id"], ties.unit, strict=True))
    together = {name for name, one in unit.items() if one == unit["P11"]}
    assert together == {"P09", "P10", "P11", "P13", "P14"}  # E07 and E09 share K1
    varied = Varied(ties, system, numpy.array([0, 10]), ["equipment_investment"] * 2)
    now = varied.money([0, 1], varied.now)
    assert now.tolist() == [0, 15_000_000 + 109_000_000]
    assert ties.money(entitled(ties.population, system).sum(axis=0)).sum() == round(twelve.TOTALS[""] * 100)
    assert Copies(ties, []).money(system).shape == (len(instruments(system)), 0)


# ----- command -----


def test_the_command_reports_writes_and_refuses(tmp_path, capsys):
    assert main(["notch", "--out", str(tmp_path)]) == 0
    text = capsys.readouterr().out
    assert text.startswith("主要发现：8 条线造成断崖，最大一跳 60.00 万元")
    text.encode("gbk")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {
        "断崖.png",
        "边际支持率.png",
        "钻空子.png",
        "线下的项目.png",
        "断崖与钻空子.xlsx",
        "断崖与钻空子.json",
    }
    data = json.loads((tmp_path / "断崖与钻空子.json").read_text(encoding="utf-8"))
    assert data["cliffs"][0]["jump"] == 600_000
    assert data["record"]["year"] == 2021
    assert main(["notch", "--enterprise", "无此企业"]) == 1
    assert "没有企业编号为 无此企业 的企业" in capsys.readouterr().err
    with pytest.raises(SystemExit) as refused:
        main(["notch", "--within", "2"])
    assert refused.value.code == 2
    with pytest.raises(SystemExit) as refused:
        main(["notch", "--within", "百分之五"])
    assert refused.value.code == 2 and "应大于 0、小于 1，如 0.05，收到「百分之五」" in capsys.readouterr().err
    assert parser().parse_args(["notch", "--within", "0.1"]).within == 0.1


def test_an_enterprise_whom_no_line_concerns_is_told_so(system):
    # Zaozhuang's grant has no line
    said = report(notch(single("tengzhou", 1_000_000.0), system, enterprise="e"))
    assert "企业 e 面前没有一条线造成断崖" in said and "没有一条线与本企业的项目有关。" in said


def test_amounts_are_shown_to_the_fen():
    assert [exact(one) for one in (20_000_000, 4_000_000.01, 33_333_333.33, 0)] == [
        "2,000.00", "400.000001", "3,333.333333", "0.00",
    ]  # fmt: skip


def test_a_line_is_told_in_its_unit_or_said_to_be_open():
    told = [quantity(*one) for one in ((None, "元"), (5_000_000, "元"), (0.5, "/1"), (3, "家"))]
    assert told == ["文件未定", "500.00 万元", "50%", "3 家"]


def test_small_extra_amounts_are_told_in_yuan():
    assert [extra(one) for one in (0.01, 99.99, 100, 12_345.67, 0, None)] == [
        "0.01 元", "99.99 元", "0.01", "1.23", "0.00", "-",
    ]  # fmt: skip
