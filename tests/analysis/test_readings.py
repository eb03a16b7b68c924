"""What readings are worth: hand-worked spreads, what cannot be computed, contradictions, and a search against brute force."""

from __future__ import annotations

import dataclasses
import itertools
import json

import pandas
import pytest

from openfisca_jining.analysis import reading_search
from openfisca_jining.analysis.reading_search import search, total_paid
from openfisca_jining.analysis.readings import MOVES, NOTHING, REFUSED, SHIFTS, conflicts, readings_of, spread
from openfisca_jining.analysis.totals import paid_by_instrument
from openfisca_jining.clauses.register import clauses
from openfisca_jining.cli import main
from openfisca_jining.commands.readings import report, sheets_of
from openfisca_jining.errors import JiningError, UnknownParameter, UnknownReading
from openfisca_jining.instruments import instruments
from openfisca_jining.law import find
from openfisca_jining.population import Population
from openfisca_jining.reforming import reformed

VAT, EXCESS = "common.grant_base_vat", "common.threshold_whole_or_excess"
STACKING, BASE = "zaozhuang_2020.grant_and_interest_stacking", "zaozhuang_2020.interest_base"


@pytest.fixture(scope="module")
def three():
    """An enterprise of Rencheng, one of Yanzhou (class B), one of Tengzhou with a loan.

    Paid in 2021 as the law stands: 30,000,000 x 3 % = 900,000 by Jining; 8,000,000 x 3 % = 240,000 by Yanzhou;
    3,333,333.33 x 10 % = 333,333.33 and half of 100,000 interest = 50,000 by Zaozhuang: 1,523,333.33 in all.
    """
    projects = pandas.DataFrame(
        {
            "project_id": ["p1", "p2", "p3"],
            "enterprise_id": ["e1", "e2", "e3"],
            "equipment_investment": [30_000_000.0, 8_000_000.0, 3_333_333.33],
            "loan_interest_paid": [0.0, 0.0, 100_000.0],
            "catalogue_category": ["encouraged", "permitted", "permitted"],
            "in_use": [True, True, True],
        }
    )
    enterprises = pandas.DataFrame(
        {"enterprise_id": ["e1", "e2", "e3"], "county": ["rencheng", "yanzhou", "tengzhou"], "yield_per_mu_class": "B"}
    )
    return Population(2021, projects, enterprises, "手算")


@pytest.fixture(scope="module")
def partners():
    """A consortium of Yanzhou: a lead of class A with 4,000,000 and a partner of class B with 3,000,000, both small.

    4,000,000 x 4 % + 3,000,000 x 3 % = 160,000 + 90,000; alone neither reaches 5,000,000.
    """
    projects = pandas.DataFrame(
        {
            "project_id": ["p1", "p2"],
            "enterprise_id": ["e1", "e2"],
            "equipment_investment": [4_000_000.0, 3_000_000.0],
            "catalogue_category": "permitted",
            "in_use": True,
            "consortium_id": "k",
            "consortium_lead": [True, False],
        }
    )
    enterprises = pandas.DataFrame(
        {
            "enterprise_id": ["e1", "e2"],
            "county": "yanzhou",
            "yield_per_mu_class": ["A", "B"],
            "employees": 100,
            "revenue": 50_000_000.0,
        }
    )
    return Population(2021, projects, enterprises, "手算")


@pytest.fixture(scope="module")
def result(system, three):
    return spread(three, system)


def one(table, reading, value, **where):
    rows = table[(table["reading"] == reading) & (table["value"] == value)]
    for column, wanted in where.items():
        rows = rows[rows[column] == wanted]
    assert len(rows) == 1
    return rows.iloc[0]


# ----- one at a time -----


def test_every_value_of_every_reading_is_a_row_and_none_is_dropped(system, result):
    stated = {(reading.name, value) for reading in readings_of(system) for value in reading.alternatives}
    rows = list(zip(result.alternatives["reading"], result.alternatives["value"], strict=True))
    assert len(result.readings) == 69
    assert len(rows) == 122
    assert set(rows) == stated


def test_totals_and_differences_are_those_worked_out_by_hand(result):
    assert result.default == 1_523_333.33
    # 只算超出部分：(30,000,000 - 20,000,000) x 3 % = 300,000；(8,000,000 - 5,000,000) x 3 % = 90,000
    excess = one(result.alternatives, EXCESS, "excess_only")
    assert (excess["total"], excess["difference"]) == (773_333.33, -750_000.00)
    assert (excess["gain"], excess["lose"], excess["effect"]) == (0, 2, MOVES)
    # 价税合计，税率 13 %：33,900,000 x 3 % = 1,017,000；9,040,000 x 3 % = 271,200；
    # 3,333,333.33 + 433,333.33 = 3,766,666.66，x 10 % = 376,666.67；117,000 + 31,200 + 43,333.34
    gross = one(result.alternatives, VAT, "gross_of_vat")
    assert (gross["difference"], gross["gain"], gross["lose"]) == (191_533.34, 3, 0)
    choose = one(result.alternatives, STACKING, "choose_one")
    assert choose["difference"] == -50_000.00
    assert one(result.alternatives, "jining_2020.quota_65", "floor")["effect"] == NOTHING


def test_payers_and_instruments_say_whose_money_moves(result):
    jining = one(result.payers, EXCESS, "excess_only", name="济宁市级财政")
    yanzhou = one(result.payers, EXCESS, "excess_only", name="兖州区财政")
    zaozhuang = one(result.payers, EXCESS, "excess_only", name="枣庄市级财政")
    assert [row["difference"] for row in (jining, yanzhou, zaozhuang)] == [-600_000, -150_000, 0]
    assert [row["lose"] for row in (jining, yanzhou, zaozhuang)] == [1, 1, 0]
    interest = one(result.instruments, STACKING, "choose_one", name="枣庄 2020 贷款贴息")
    assert (interest["total"], interest["difference"]) == (0, -50_000)
    assert result.payer_matrix().loc["各文件：达到门槛后，比例适用于全部基数还是超出部分", "兖州区财政"] == -150_000


def test_what_cannot_be_computed_is_listed_with_its_reason(result):
    refused = result.having(REFUSED)
    increment = one(refused, "zaozhuang_2020.raised_to_or_by", "increment")
    assert "原设备奖补比例" in increment["reason"] and pandas.isna(increment["total"])
    # 没有填贷款本金和天数
    benchmark = one(refused, BASE, "benchmark_interest")
    assert "贷款本金" in benchmark["reason"]


def test_a_measure_counts_only_its_payer_or_instrument(system, three):
    mine = spread(three, system, only=[EXCESS, STACKING], measure="兖州区财政")
    assert mine.default == 240_000
    assert one(mine.alternatives, EXCESS, "excess_only")["difference"] == -150_000
    assert one(mine.alternatives, STACKING, "choose_one")["effect"] == NOTHING
    assert spread(three, system, only=[STACKING], measure="zaozhuang_2020_loan_interest").default == 50_000
    with pytest.raises(UnknownParameter, match="不能以「省财政」为准"):
        spread(three, system, measure="省财政")
    with pytest.raises(UnknownReading, match=r"没有名为 yanzhou_2020\.nonsense 的读法"):
        spread(three, system, only=["yanzhou_2020.nonsense"])


def test_the_tornado_is_widest_first_and_counts_from_what_is_taken(system, three, result):
    table = result.tornado()
    assert table["reading"].iloc[0] == "jining_2017.life"  # 2017 年意见到 2020 年底：-900,000
    assert table["low"].iloc[0] == -900_000
    assert table["spread"].is_monotonic_decreasing
    other = reformed(system, readings=[f"{EXCESS}=excess_only"])
    row = one(spread(three, other, only=[EXCESS]).alternatives, EXCESS, "whole_base")
    assert row["difference"] == 750_000


# ----- contradictions -----


def test_declared_contradictions_name_what_exists_and_the_law_as_it_stands_holds_none(system):
    known = {entry["id"] for entry in clauses()}
    from openfisca_jining.analysis.readings import _declared

    for entry in [*_declared()["conflicts"], *_declared()["alike"]]:
        assert set(entry["clauses"]) <= known and entry["reason"]
    taken = {reading.path: reading.taken for reading in readings_of(system)}
    found = conflicts(system)
    assert len(found) == 9 + 3
    for each in found:
        for path, values in ((each.first, each.first_values), (each.second, each.second_values)):
            assert values <= set(find(system.parameters, path).metadata["readings"])
        assert not each.holds(taken)


def test_a_contradiction_is_shown_and_kept_out_of_the_combinations(system, partners):
    none, scope = "yanzhou_2020.uplift_in_consortium", "yanzhou_2020.uplift_scope"
    alone = spread(partners, system, only=[none])
    row = one(alone.alternatives, none, "no_uplift")
    assert row["difference"] == -40_000 and "抵触" in row["reason"]  # 4,000,000 x 1 %
    # 提高比例适用于全部措施时，共同体不能不提高
    assert search(partners, system, alone).lowest.total == 250_000
    both = search(partners, system, spread(partners, system, only=[none, scope]))
    assert both.lowest.total == 210_000
    assert both.lowest.taken["yanzhou_2020.readings.uplift_scope"] == "equipment_only"
    assert both.lowest.proven


# ----- combinations -----


def brute_force(population, system, about, against=()):
    """(lowest, highest) fen over all combinations that can be computed and contain no contradiction."""
    totals = totals_of_all(population, system, about, against)
    return min(totals), max(totals)


def totals_of_all(population, system, about, against=()):
    """Fen of all combinations without a contradiction, in any order; None for one that cannot be computed as a whole."""
    refused = about.having(REFUSED)
    out = set(zip(refused["reading"], refused["value"], strict=True))
    values = [[(one.path, v) for v in one.words if (one.name, v) not in out] for one in about.readings]
    totals = []
    for combination in itertools.product(*values):
        if not any(each.holds(dict(combination)) for each in against):
            law = reformed(system, readings=list(combination))
            try:
                totals.append(int(paid_by_instrument(population, law).sum()))
            except JiningError:
                totals.append(None)
    return totals


@pytest.fixture(scope="module")
def small(system, three):
    about = spread(three, system, only=[VAT, EXCESS, STACKING])
    return about, search(three, system, about)


def test_a_small_search_is_proven_and_equals_brute_force(system, three, small):
    about, found = small
    assert (found.lowest.proven, found.highest.proven, found.complete) == (True, True, True)
    # 最低：只算超出部分 773,333.33，择一再少 50,000；最高：价税合计 1,523,333.33 + 191,533.34
    assert (found.lowest.total, found.highest.total) == (723_333.33, 1_714_866.67)
    assert brute_force(three, system, about) == (72_333_333, 171_486_667)
    assert found.highest.taken == {"common.readings.grant_base_vat": "gross_of_vat"}
    assert found.highest.payers == {"济宁市级财政": 1_017_000, "兖州区财政": 271_200, "枣庄市级财政": 426_666.67}
    assert found.highest.additive and found.lowest.additive


def test_a_search_that_proves_nothing_finds_the_same_and_says_so(system, three, partners, monkeypatch):
    monkeypatch.setattr(reading_search, "LARGEST_TREE", 1)
    consortium = ["yanzhou_2020.uplift_in_consortium", "yanzhou_2020.uplift_scope"]
    cases = [(three, [VAT, STACKING]), (partners, consortium)]
    for population, only in cases:
        about = spread(population, system, only=only)
        found = search(population, system, about)
        assert (found.lowest.proven, found.highest.proven) == (False, False)
        ends = brute_force(population, system, about, conflicts(system))
        assert (round(found.lowest.total * 100), round(found.highest.total * 100)) == ends
        said = report(dataclasses.replace(about, search=found))
        assert "（找到的最好结果）。" in said and "（已证明）" not in said and "未证明：" in said
        assert "是从几个起点逐项改进找到的最好结果（计算 " in said
        assert f"影响最大的 {found.block[0]} 个读法的 {found.block[1]} 种组合也都算过，没有更低或更高的。" in said
    assert "  * 与其他读法现在的取法抵触，组合里不与它同用。" in said
    assert "合计不变、只改变分给谁的（1 种取法）：" in said


@pytest.mark.parametrize("largest_tree", [reading_search.LARGEST_TREE, 1], ids=["tree", "searched"])
def test_what_cannot_be_computed_only_together_is_passed_over_and_nothing_is_proven(system, monkeypatch, largest_tree):
    """In 2023 the principal is needed only if the document still holds and interest goes by a benchmark rate, both."""
    monkeypatch.setattr(reading_search, "LARGEST_TREE", largest_tree)
    projects = pandas.DataFrame({"project_id": ["p"], "enterprise_id": ["e"], "equipment_investment": [3_333_333.33]})
    projects = projects.assign(loan_interest_paid=100_000.0)
    population = Population(2023, projects, pandas.DataFrame({"enterprise_id": ["e"], "county": ["tengzhou"]}), "手算")
    about = spread(population, system, only=["zaozhuang_2020.life", BASE])
    assert about.having(REFUSED).empty
    totals = totals_of_all(population, system, about)
    assert totals.count(None) == 4 and set(totals) == {None, 0, 38_333_333}
    found = search(population, system, about)
    # 有效：3,333,333.33 x 10 % + 100,000 x 50 %
    assert (found.lowest.total, found.highest.total) == (0, 383_333.33)
    assert (found.lowest.proven, found.highest.proven, found.complete) == (False, False, True)
    assert "最低 0.00 万元，最高 38.33 万元（找到的最好结果）。" in report(dataclasses.replace(about, search=found))


def test_a_tree_that_turns_out_too_large_is_searched(system, monkeypatch):
    """Three ways to take the interest; only two of them look at the days of a year, so that there are five leaves."""
    projects = pandas.DataFrame({"project_id": ["p"], "enterprise_id": ["e"], "loan_interest_paid": [100_000.0]})
    projects = projects.assign(loan_principal=2_500_000.0, loan_days=360)
    population = Population(2021, projects, pandas.DataFrame({"enterprise_id": ["e"], "county": ["tengzhou"]}), "手算")
    about = spread(population, system, only=[BASE, "zaozhuang_2020.interest_days"])
    for largest, proven in ((5, True), (4, False)):
        monkeypatch.setattr(reading_search, "LARGEST_TREE", largest)
        found = search(population, system, about)
        # 实付 100,000 的一半；2,500,000 x 3.8 % x 360/365 = 93,698.63 的一半（365 天单独取没有影响，一起取才更低）
        assert (found.lowest.total, found.highest.total) == (46_849.32, 50_000)
        assert brute_force(population, system, about) == (4_684_932, 5_000_000)
        assert {part.labels: part.proven for part in found.parts}[("枣庄 2020 贷款贴息",)] == proven
        assert (found.lowest.proven, found.highest.proven) == (proven, proven)


def test_what_was_not_looked_at_changes_along_where_it_would_contradict(system):
    """The terms of the grant and of the interest stand in one sentence; the measure is the grant, which looks at its own."""
    grant, interest = "zaozhuang_2020.equipment_grant_terms", "zaozhuang_2020.interest_subsidy_terms"
    projects = pandas.DataFrame({"project_id": ["p"], "enterprise_id": ["e"], "equipment_investment": [3_333_333.33]})
    population = Population(2021, projects, pandas.DataFrame({"enterprise_id": ["e"], "county": ["tengzhou"]}), "手算")
    terms = {"equipment.minimum_investment": 3_000_000, "equipment.cap_per_enterprise": 200_000}
    more = {"loan_interest.cap_per_enterprise": 500_000, "loan_interest.maximum_days": 360}

    def found(supplied, label="枣庄 2020 设备奖补"):
        law = reformed(system, supply=[(f"zaozhuang_2020.{name}", number) for name, number in supplied.items()])
        return search(population, law, spread(population, law, only=[grant, interest], measure=label))

    both = found(terms | more)
    # 3,333,333.33 x 10 %，最高 200,000
    assert (both.lowest.total, both.highest.total) == (200_000, 333_333.33)
    taken = {path.split(".")[-1]: value for path, value in both.lowest.taken.items()}
    assert taken == {"equipment_grant_terms": "supplied_terms", "interest_subsidy_terms": "supplied_terms"}
    assert both.highest.taken == {} and both.lowest.proven
    # 没有提供贴息的条件，贴息就只能按比例，奖补也只能按比例
    assert (found(terms).lowest.total, found(terms).lowest.taken) == (333_333.33, {})


@pytest.fixture(scope="module")
def queue():
    """Three enterprises of Rencheng in the order of their claims, and one of Yanzhou.

    20,000,000 of robots x 5 % = 1,000,000; 60,000,000 x 3 % = 1,800,000 by the invoices of all years, 600,000 by those of
    2021; 10,000,000 on rented land x 3 % = 300,000. Yanzhou: 3,000,000 of software x (10 % + 1 %) = 330,000.
    """
    projects = pandas.DataFrame(
        {
            "project_id": ["p1", "p2", "p3", "p4"],
            "enterprise_id": ["e1", "e2", "e3", "e4"],
            "application_date": pandas.to_datetime(["2021-03-01", "2021-04-01", "2021-05-01", "2021-06-01"]),
            "equipment_investment": [20_000_000.0, 20_000_000.0, 10_000_000.0, 0.0],
            "cumulative_equipment_investment": [20_000_000.0, 60_000_000.0, 10_000_000.0, 0.0],
            "robot_investment": [20_000_000.0, 0.0, 0.0, 0.0],
            "informatisation_investment": [0.0, 0.0, 0.0, 3_000_000.0],
            "catalogue_category": ["permitted", "encouraged", "encouraged", "permitted"],
            "in_use": True,
            "project_type": ["ordinary", "ordinary", "zero_land", "ordinary"],
            "land_and_plant_owned": False,
        }
    )
    enterprises = pandas.DataFrame(
        {
            "enterprise_id": ["e1", "e2", "e3", "e4"],
            "county": ["rencheng", "rencheng", "rencheng", "yanzhou"],
            "yield_per_mu_class": "A",
            "tier_listed": True,
        }
    )
    return Population(2021, projects, enterprises, "手算")


BOTH, INVOICES, LAND = (
    "jining_2017.robot_and_system_conjunction",
    "jining_2017.grant_year",
    "jining_2017.zero_land_plant",
)
ALL_YEARS = f"{INVOICES}=all_project_invoices_when_completed"


def test_what_only_two_readings_together_bring_about_is_found(system, queue, monkeypatch):
    """1,700,000 are shared out in the order of the claims. Robots only with a system, or the invoices of 2021: each alone leaves
    1,700,000 to be paid to others; together they leave 600,000 + 300,000, and only then owned land is worth something."""
    monkeypatch.setattr(reading_search, "LARGEST_TREE", 1)
    law = reformed(
        system,
        readings=[ALL_YEARS, "jining_2020.special_fund_rationing=first_come"],
        changes=[("jining_2020.special_fund.amount", 1_700_000, "2021-01-01")],
    )
    elsewhere = ["yanzhou_2020.uplift_double", "yanzhou_2020.uplift_meaning", "yanzhou_2020.uplift_scope"]
    about = spread(queue, law, only=[BOTH, INVOICES, LAND, *elsewhere])
    effects = about.alternatives.groupby("reading")["effect"].unique().map(set)
    assert about.default == 2_030_000
    assert effects[BOTH] == effects[INVOICES] == {SHIFTS} and effects[LAND] == {NOTHING}
    found = search(queue, law, about)
    assert found.block == (5, 32)
    # 济宁只余 600,000；兖州不提高时 300,000，提高两次时 360,000
    assert found.lowest.payers == {"济宁市级财政": 600_000, "兖州区财政": 300_000, "枣庄市级财政": 0}
    assert (found.lowest.total, found.highest.total) == (900_000, 2_060_000)
    ours = spread(queue, law, only=[BOTH, INVOICES, LAND])
    assert brute_force(queue, law, ours) == (60_000_000 + 33_000_000, 203_000_000)


def test_what_makes_no_difference_in_the_best_found_is_taken_back(system, queue, monkeypatch):
    """Robots only with a system takes 1,000,000; the end of the document takes that and all else of Jining."""
    monkeypatch.setattr(reading_search, "LARGEST_TREE", 1)
    law = reformed(system, readings=[ALL_YEARS])
    about = spread(queue, law, only=["jining_2017.life", BOTH])
    assert one(about.alternatives, BOTH, "both_required")["difference"] == -1_000_000
    found = search(queue, law, about)
    assert found.lowest.total == 330_000
    assert found.lowest.taken == {"jining_2017.readings.life": "until_consolidated_2020_12_31"}


def test_a_block_is_never_larger_than_allowed(system, three, monkeypatch):
    monkeypatch.setattr(reading_search, "LARGEST_TREE", 1)
    monkeypatch.setattr(reading_search, "LARGEST_BLOCK", 2)
    about = spread(three, system, only=[VAT, STACKING])
    found = search(three, system, about)
    assert found.block == (1, 2)
    assert (round(found.lowest.total * 100), round(found.highest.total * 100)) == brute_force(three, system, about)


def test_parts_that_read_nothing_in_common_are_told_apart(system, three):
    about = spread(three, system, only=[STACKING, "jining_2017.life", "yanzhou_2020.uplift_meaning"])
    found = search(three, system, about)
    apart = [set(part.labels) for part in found.parts]
    assert {"枣庄 2020 设备奖补", "枣庄 2020 贷款贴息"} in apart
    # 2017 年意见到 2020 年底为止，少 900,000；再择一，少 50,000
    assert found.lowest.total == 573_333.33 and found.lowest.proven


def test_readings_that_were_not_looked_at_make_no_difference(system, three):
    part = [one for one in instruments(system) if one.document == "zaozhuang_2020"]
    fen, read = total_paid(three, system, part, trace=True)
    assert "zaozhuang_2020.readings.interest_base" in read
    others = [one for one in readings_of(system) if one.path not in read]
    assert {"zaozhuang_2020.readings.interest_days", "yanzhou_2020.readings.robot_base"} <= {one.path for one in others}
    changed = [(one.path, one.alternatives[-1]) for one in others if one.name != "yanzhou_2020.fund_cap"]
    assert total_paid(three, reformed(system, readings=changed), part, trace=False)[0] == fen


def test_a_search_stops_at_the_number_of_laws_allowed(system, three, result):
    found = search(three, system, result, most=15)
    assert not found.complete and found.laws <= 17
    assert found.lowest.total <= result.default <= found.highest.total
    assert not found.lowest.proven
    said = report(dataclasses.replace(result, search=found))
    assert "已达到允许计算的个数，没有找完；可用 --laws 放宽。" in said
    assert f"不能计算的（{len(result.having(REFUSED))} 种取法）：" in said
    assert "文件未定：ZZ2020-3-2-s1b 没有写明「原设备奖补比例」" in said


# ----- command and charts -----


@pytest.fixture()
def table(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [
        "企业编号,注册地,亩产效益评价,项目编号,申报年度,设备投资额（万元）,产业目录,投入使用",
        "E1,任城区,B类,P1,2021,3000,鼓励类,是",
        "E2,兖州区,B类,P2,2021,800,允许类,是",
    ]
    (tmp_path / "t.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return "t.csv"


def test_the_command_prints_and_writes_the_same_figures(table, capsys, tmp_path):
    only = ["--only", EXCESS, "jining_2020.quota_65"]
    assert main(["readings", table, "--out", "out", *only]) == 0
    printed = capsys.readouterr().out
    # 90 + 24 = 114；只算超出部分：30 + 9 = 39
    for words in ("现为 114.00 万元", "只算超出门槛的部分", "-75.00", "最低 39.00 万元，最高 114.00 万元（已证明）"):
        assert words in printed
    assert "对这份数据没有影响的：2 种取法，涉及 1 个读法" in printed
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "读法影响.xlsx",
        "逐一换取法.png",
        "最低和最高.png",
        "读法影响.json",
    }
    saved = json.loads((tmp_path / "out" / "读法影响.json").read_text(encoding="utf-8"))
    assert saved["search"]["lowest"]["total"] == 390_000


def test_the_command_without_a_search_draws_and_says_nothing_of_combinations(table, capsys, tmp_path):
    assert main(["readings", table, "--out", "out", "--laws", "0", "--only", "jining_2020.quota_65"]) == 0
    printed = capsys.readouterr().out
    assert "1 个读法中，0 个单独换取法会改变实付合计（现为 114.00 万元）。" in printed and "各读法一起取" not in printed
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"读法影响.xlsx", "逐一换取法.png", "读法影响.json"}


def test_where_every_reading_moves_something_nothing_is_said_to_be_without_effect(system, three):
    about = spread(three, system, only=[EXCESS])
    assert about.having(NOTHING).empty and "没有影响的" not in report(about)
    assert [sheet.name for sheet in sheets_of(about)] == ["逐一换取法", "读法与付款财政", "按付款财政", "按政策工具"]


def test_a_result_without_search_is_json_without_nan(result):
    saved = json.loads(json.dumps(result.to_json(), ensure_ascii=False, allow_nan=False))
    assert saved["search"] is None
    assert saved["default_by_payer"] == {"济宁市级财政": 900_000, "兖州区财政": 240_000, "枣庄市级财政": 383_333.33}


def test_the_command_refuses_in_chinese(table, capsys):
    assert main(["readings", table, "--measure", "省财政"]) == 1
    assert "不能以「省财政」为准" in capsys.readouterr().err
    assert main(["readings", table, "--laws", "-1"]) == 2
    assert "用法不对" in capsys.readouterr().err


def test_charts_say_their_message_and_draw_every_character(system, three, result, small, recwarn):
    from dataclasses import replace

    from openfisca_jining.report.charts.readings import band_chart, tornado_chart

    about, found = small
    drawn = [
        tornado_chart(result),
        tornado_chart(spread(three, system, only=["jining_2020.quota_65"])),
        band_chart(replace(about, search=found)),
    ]
    titles = [one.get_suptitle().replace("\n", "") for one in drawn]
    assert titles[0] == "影响最大的读法是“济宁 2017：2017 年意见执行到何时”，可少 90 万元（实付合计现为 152 万元）"
    assert titles[1] == "没有一个读法单独改变合计：实付合计现为 152 万元"
    assert titles[2] == "条文不明处取法不同，实付合计在 72 到 171 万元之间，最高是最低的 2.4 倍"
    for one in drawn:
        one.canvas.draw()
    assert [str(each.message) for each in recwarn if "Glyph" in str(each.message)] == []
