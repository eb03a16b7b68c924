"""Shares of several changes: twelve enterprises by hand (``twelve.py``), and the axioms on made-up claims."""

from __future__ import annotations

import itertools
import json
from fractions import Fraction
from functools import partial
from math import factorial

import numpy
import pandas
import pytest
import twelve
from openfisca_core.reforms import Reform

from openfisca_jining.analysis.attribute import (
    DIMENSIONS,
    ChangesConflict,
    Part,
    attribute,
    laws_of,
    moved_by,
    settle_shares,
)
from openfisca_jining.analysis.budget import budget, to_fen_signed
from openfisca_jining.analysis.totals import paid_by_instrument
from openfisca_jining.cli import main
from openfisca_jining.commands.attribute import answer, change_words, part_of, report
from openfisca_jining.errors import UnknownParameter
from openfisca_jining.instruments import instruments
from openfisca_jining.law import find
from openfisca_jining.model import YEAR, Money, Project
from openfisca_jining.population import Population
from openfisca_jining.population.synthetic import synthesise
from openfisca_jining.reforming import reformed
from openfisca_jining.report.charts.attribute import shares_chart, wrapped

FOUR = {
    "比例": "jining_2017.equipment.rate=0.04@2021-01-01",
    "限额": "jining_2017.equipment.cap_per_enterprise=5000000@2021-01-01",
    "资金": "jining_2020.special_fund.amount=1000000000@2021-01-01",
    "门槛": "yanzhou_2020.equipment.minimum_investment=8000000@2021-01-01",
}


def part(name, change):
    return Part(name, partial(reformed, changes=[change]))


def three(order="RCY"):
    return [part(letter, twelve.CHANGES[letter]) for letter in order]


@pytest.fixture(scope="module")
def by_hand(system):
    return attribute(twelve.population(), system, three())


@pytest.fixture(scope="module")
def made_up():
    return synthesise(2021, seed=3)


@pytest.fixture(scope="module")
def four(system, made_up):
    return attribute(made_up, system, [part(name, change) for name, change in FOUR.items()])


# ----- twelve enterprises by hand -----
# 各种政策比现行多（元，见 twelve.TOTALS）：R 1,700,000；C 1,500,000.01；Y 1,000,000；RC 4,300,000；RY 2,500,000；
# CY 2,500,000.01；RCY 5,100,000


def test_one_at_a_time_last_in_and_the_interaction(by_hand):
    table = by_hand.table()
    assert table["alone"].to_dict() == {"R": 1_700_000, "C": 1_500_000.01, "Y": 1_000_000}
    # RCY - CY，RCY - RY，RCY - RC
    assert table["last_in"].to_dict() == {"R": 2_599_999.99, "C": 2_600_000, "Y": 800_000}
    whole = by_hand.difference().loc["合计"]
    # 510 - (170 + 150 + 100) = 90 万，少一分
    assert whole.to_dict() == {
        "baseline": 13_373_333.33,
        "reform": 18_473_333.33,
        "difference": 5_100_000,
        "alone": 4_200_000.01,
        "interaction": 899_999.99,
    }


def test_the_flat_table_names_the_changes_in_a_column(by_hand):
    flat = by_hand.to_pandas()
    assert flat["part"].tolist() == ["R", "C", "Y"]
    pandas.testing.assert_frame_equal(flat.set_index("part"), by_hand.table(), check_names=False)


def test_stacked_in_two_orders(by_hand):
    # R；RC - R；RCY - RC
    assert by_hand.table()["stacked"].to_dict() == {"R": 1_700_000, "C": 2_600_000, "Y": 800_000}
    # Y；CY - Y；RCY - CY
    other = by_hand.stacked(["Y", "C", "R"])["合计"]
    assert other.to_dict() == {"Y": 1_000_000, "C": 1_500_000.01, "R": 2_599_999.99}
    with pytest.raises(ValueError, match="每一项改动各一次"):
        by_hand.stacked(["R", "C"])


def test_shapley_shares_exact_and_settled(by_hand):
    exact = by_hand.shapley()["合计"]
    # 3! = 6 个次序，以分计：
    # R：2(R) + (RC - C) + (RY - Y) + 2(RCY - CY) = 340,000,000 + 279,999,999 + 150,000,000 + 519,999,998 = 1,289,999,997
    # C：2(C) + (RC - R) + (CY - Y) + 2(RCY - RY) = 300,000,002 + 260,000,000 + 150,000,001 + 520,000,000 = 1,230,000,003
    # Y：2(Y) + (RY - R) + (CY - C) + 2(RCY - RC) = 200,000,000 + 80,000,000 + 100,000,000 + 160,000,000 = 540,000,000
    assert exact.to_dict() == {
        "R": Fraction(1_289_999_997, 6),
        "C": Fraction(1_230_000_003, 6),
        "Y": Fraction(540_000_000, 6),
    }
    # R 214,999,999.5 分，C 205,000,000.5 分：并列的一分按名称给 C
    assert by_hand.table()["shapley"].to_dict() == {"R": 2_149_999.99, "C": 2_050_000.01, "Y": 900_000}


def test_shares_by_payer(by_hand):
    table, whole = by_hand.table("payer"), by_hand.difference("payer")
    # 区级：Y 单独 E09 80 + E11 200 = 280 万；有 R 时 E11 留市级，只有 80 万。R 只在 Y 之后有作用：-200 万
    district = table.loc["兖州区财政"]
    assert district["alone"].to_dict() == {"R": 0, "C": 0, "Y": 2_800_000}
    assert district["stacked"].to_dict() == {"R": 0, "C": 0, "Y": 800_000}
    assert district["last_in"].to_dict() == {"R": -2_000_000, "C": 0, "Y": 800_000}
    # R：(-200 + 2 x -200) / 6 = -100；Y：(2 x 280 + 80 + 280 + 2 x 80) / 6 = 180
    assert district["shapley"].to_dict() == {"R": -1_000_000, "C": 0, "Y": 1_800_000}
    assert whole.loc["兖州区财政", ["difference", "interaction"]].tolist() == [800_000, -2_000_000]
    # 市级：Y 单独使 E11 放弃 180 万。R：(2 x 170 + 280 + 350 + 2 x 460) / 6 = 315 万，差半分
    city = table.loc["济宁市级财政"]
    assert city["alone"].to_dict() == {"R": 1_700_000, "C": 1_500_000.01, "Y": -1_800_000}
    assert city["shapley"].to_dict() == {"R": 3_149_999.99, "C": 2_050_000.01, "Y": -900_000}
    assert not table.loc["枣庄市级财政"].any(axis=None)


def test_shares_by_instrument(by_hand):
    table = by_hand.table("instrument")
    for name in (
        "济宁 2017 机器人奖励",
        "济宁 2017 特种机器人奖励",
        "兖州 2020 机器人奖补",
        "兖州 2020 共同体奖补份额",
    ):
        assert not table.loc[name].any(axis=None)
    # 市级只有设备一项在动，区级也是
    city, district = (by_hand.table("payer").loc[name] for name in ("济宁市级财政", "兖州区财政"))
    assert table.loc["济宁 2017 设备补助"].equals(city)
    assert table.loc["兖州 2020 设备奖补"].equals(district)
    with pytest.raises(KeyError, match="不能按「county」分组"):
        by_hand.table("county")


def test_every_law_computed_is_the_one_of_the_hand_table(by_hand):
    laws = by_hand.laws()
    names = ["".join(letter for letter in "RCY" if law[letter]) for law in laws.to_dict("records")]
    assert dict(zip(names, laws["paid"], strict=True)) == {
        name: total for name, total in twelve.TOTALS.items() if name in ("", "R", "C", "Y", "RC", "RY", "CY", "RCY")
    }


# ----- what a fair division must do -----


def consortium_of_two():
    """A large lead with 2,500,000 and an SME with 1,500,000.33: under the line of 5 million, SMEs 37.5 %."""
    projects = pandas.DataFrame(
        {
            "project_id": ["P1", "P2"],
            "enterprise_id": ["E1", "E2"],
            "consortium_id": ["K", "K"],
            "consortium_lead": [True, False],
            "catalogue_category": "permitted",
            "in_use": True,
            "equipment_investment": [2_500_000.0, 1_500_000.33],
        }
    )
    enterprises = pandas.DataFrame(
        {
            "enterprise_id": ["E1", "E2"],
            "county": "yanzhou",
            "yield_per_mu_class": "B",
            "employees": [1_500, 200],
            "revenue": [600_000_000.0, 50_000_000.0],
        }
    )
    return Population(2021, projects, enterprises, "共同体")


def test_changes_that_do_nothing_alone_and_everything_together_share_equally(system):
    line = part("合计线", "yanzhou_2020.consortium.investment_to_exceed=3000000@2021-01-01")
    share = part("占比线", "yanzhou_2020.consortium.minimum_sme_share=0.3@2021-01-01")
    found = attribute(consortium_of_two(), system, [line, share])
    # 4,000,000.33 x 3 % = 120,000.0099，即 12,000,001 分，一人一半
    exact = found.shapley()["合计"]
    assert exact.tolist() == [Fraction(12_000_001, 2)] * 2
    table = found.table()
    assert table["alone"].tolist() == [0, 0]
    assert table["last_in"].tolist() == [120_000.01] * 2
    assert table["stacked"].tolist() == [0, 120_000.01]
    assert sorted(table["shapley"]) == [60_000, 60_000.01]
    assert found.difference().loc["合计", "interaction"] == 120_000.01


def test_a_change_that_does_nothing_gets_nothing(system):
    nothing = part("贴息", "zaozhuang_2020.loan_interest.rate=0.4@2021-01-01")  # 十二家都没有贷款
    found = attribute(twelve.population(), system, [*three(), nothing])
    assert not found.table().loc["贴息"].any()
    assert found.shapley()["合计"]["贴息"] == 0
    assert found.table().loc[["R", "C", "Y"]].equals(attribute(twelve.population(), system, three()).table())


@pytest.mark.parametrize("dimension", [None, *DIMENSIONS])
def test_shares_add_up_to_the_change_to_the_fen(four, dimension):
    table, whole = four.table(dimension), four.difference(dimension)
    for line, change in to_fen_signed_series(whole["difference"]).items():
        shares = table if dimension is None else table.loc[line]
        for way in ("stacked", "shapley"):
            assert to_fen_signed(shares[way]).sum() == change
        assert sum(four.shapley(dimension)[line]) == change
        left = change - to_fen_signed(shares["alone"]).sum()
        assert to_fen_signed(whole.loc[line, "interaction"]) == left
        gap = to_fen_signed(shares["shapley"]) - four.shapley(dimension)[line]
        assert all(abs(one) < 1 for one in gap)
    assert whole["interaction"].any()  # 资金池使各项互相影响


def to_fen_signed_series(column):
    return pandas.Series(to_fen_signed(column), index=column.index)


def test_shapley_shares_are_the_average_over_all_orders(four):
    orders = list(itertools.permutations(four.parts))
    assert len(orders) == factorial(4)
    for dimension in (None, "instrument"):
        total = sum(
            four.stacked(order, dimension).loc[list(four.parts)].map(lambda yuan: round(yuan * 100)) for order in orders
        )
        exact = four.shapley(dimension)
        for line in exact:
            assert [Fraction(int(fen), len(orders)) for fen in total[line]] == exact[line].tolist()


def test_the_order_in_which_changes_are_given_does_not_move_their_shapley_shares(system, made_up, four):
    turned = attribute(made_up, system, [part(name, FOUR[name]) for name in reversed(FOUR)])
    for dimension in (None, *DIMENSIONS):
        for way in ("alone", "last_in", "shapley"):
            before, after = four.table(dimension)[way], turned.table(dimension)[way]
            assert before.to_dict() == after.to_dict()
    assert four.table()["stacked"].to_dict() != turned.table()["stacked"].to_dict()
    for order in ("CYR", "YRC"):
        found = attribute(twelve.population(), system, three(order))
        assert found.table()["shapley"].to_dict() == {"R": 2_149_999.99, "C": 2_050_000.01, "Y": 900_000}


def test_every_law_is_the_budget_of_the_same_reforms(system, made_up, four):
    for number, names in ((0, []), (5, ["比例", "资金"]), (15, list(FOUR))):
        law = reformed(system, changes=[FOUR[name] for name in names])
        ledger = to_fen_signed_series(budget(made_up, law).ledger()["paid"])
        assert four.paid.loc[number].to_dict() == {label: ledger.get(label, 0) for label in four.paid}


def test_shares_are_settled_by_largest_remainder_with_their_sign():
    third = Fraction(100, 3)
    assert settle_shares({"b": third, "a": third, "c": third}) == {"a": 34, "b": 33, "c": 33}
    assert settle_shares({"a": -third, "b": -third, "c": -third}) == {"a": -33, "b": -33, "c": -34}
    assert settle_shares({"a": Fraction(7, 2), "b": Fraction(-7, 2), "c": Fraction(0)}) == {"a": 4, "b": -4, "c": 0}
    assert settle_shares({"a": Fraction(5, 3), "b": Fraction(-2, 3), "c": Fraction(0)}) == {"a": 2, "b": -1, "c": 0}
    assert settle_shares({}) == {}


# ----- laws and totals -----


def test_every_subset_is_computed_once_and_the_given_law_is_left_alone(system):
    found = dict(laws_of(system, three()))
    assert sorted(found) == list(range(8))
    assert found[0] is system
    rates = {number: find(law.parameters, "jining_2017.equipment.rate")("2021-01-01") for number, law in found.items()}
    assert rates == {number: 0.04 if number & 1 else 0.03 for number in range(8)}
    assert moved_by(system, found[7]) == {
        "jining_2017.equipment.rate",
        "jining_2017.equipment.cap_per_enterprise",
        "yanzhou_2020.equipment.cap_per_enterprise",
    }


def test_paid_by_instrument_is_the_budget_to_the_fen(system, made_up):
    paid = paid_by_instrument(made_up, system)
    assert paid.dtype == numpy.int64
    ledger = to_fen_signed_series(budget(made_up, system).ledger()["paid"])
    assert {one.label: paid[one.name] for one in instruments(system) if paid[one.name]} == ledger[ledger > 0].to_dict()
    projects = pandas.DataFrame({"project_id": ["p"], "enterprise_id": ["e"], "equipment_investment": [1_000_000.3]})
    enterprises = pandas.DataFrame({"enterprise_id": ["e"], "county": ["tengzhou"], "weight": [2.5]})
    sample = Population(2021, projects, enterprises)
    # 1,000,000.30 x 10 % = 100,000.03，权数 2.5：250,000.075 -> 25,000,008 分
    assert paid_by_instrument(sample, system)["zaozhuang_2020_equipment"] == 25_000_008


class CityEquipmentIsBase(Reform):
    name = "市级设备补助按全额"

    def apply(self):
        class jining_2017_equipment__uncapped(Money):
            value_type = float
            entity = Project
            definition_period = YEAR
            label = "设备补助（限额前）"
            unit = "元"

            def formula(project, period):
                return project("jining_2017_equipment__base", period)

        self.replace_variable(jining_2017_equipment__uncapped)


def test_a_change_of_a_formula_counts_as_one_that_moves_it(system):
    whole = Part("全额", CityEquipmentIsBase)
    assert moved_by(system, CityEquipmentIsBase(system)) == {"jining_2017_equipment__uncapped"}
    both = CityEquipmentIsBase(reformed(system, changes=[twelve.RATE]))
    assert moved_by(system, both) == {"jining_2017_equipment__uncapped", "jining_2017.equipment.rate"}
    found = attribute(twelve.population(), system, [whole, part("C", twelve.CAP)])
    # 全额时 E02 2000 万、E03 1000 万、E04、E05、E06、E10、E11 都到限额；限额 500 万时仍都到
    assert found.table().loc["C", "last_in"] == 7 * 2_000_000
    with pytest.raises(ChangesConflict, match="jining_2017_equipment__uncapped"):
        attribute(twelve.population(), system, [whole, Part("又一个全额", CityEquipmentIsBase)])


# ----- what is refused -----


def test_changes_that_cannot_be_told_apart_are_refused_by_name(system):
    people = twelve.population()
    later = part("R2", "jining_2017.equipment.rate=0.05@2023-01-01")
    with pytest.raises(ChangesConflict, match=r"「R」和「R2」都改动 jining_2017\.equipment\.rate"):
        attribute(people, system, [*three(), later])
    module = Part("主改革", partial(reformed, reforms=["yanzhou_cap_and_jining_rate"]))
    with pytest.raises(ChangesConflict, match=r"「主改革」和「Y」都改动 yanzhou_2020\.equipment\.cap_per_enterprise"):
        attribute(people, system, [module, three()[2]])
    same = part("R", "jining_2017.robots.rate=0.06@2021-01-01")
    with pytest.raises(ChangesConflict, match="第 1 项和第 4 项是同一项改动：R"):
        attribute(people, system, [*three(), same])


def test_none_and_more_than_eight_changes_are_refused(system):
    many = [part(str(number), twelve.RATE) for number in range(9)]
    with pytest.raises(ChangesConflict, match=r"最多分解 8 项改动.*收到 9 项"):
        attribute(twelve.population(), system, many)
    with pytest.raises(ChangesConflict, match="收到 0 项"):
        attribute(twelve.population(), system, [])


def test_progress_counts_the_laws(system):
    seen = []
    attribute(twelve.population(), system, three()[:2], lambda done, count: seen.append((done, count)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]


# ----- words, report, chart, command -----


def test_changes_in_words(system):
    def words(*changes, **others):
        return change_words(system, reformed(system, changes=changes, **others))

    assert words(twelve.RATE) == "济宁 2017 设备补助 补助占设备投入额的比例 3% → 4%（2021-01-01 起）"
    assert words(twelve.YANZHOU_CAP).endswith("单个企业最高 100 万元 → 200 万元（2021-01-01 起）")
    assert words("jining_2017.equipment.rate=0.03@2021-01-01") == ""
    assert "2 亿元 → 10 亿元" in words(FOUR["资金"])
    assert words(readings=["yanzhou_2020.robot_base=robot_purchase_only"]).endswith("：机器人投资额")
    assert "文件未定 → 50 万元" in words(supply=["zaozhuang_2020.equipment.cap_per_enterprise=500000"])
    assert words("yanzhou_2020.equipment.rate=0.05@2020-01-01").endswith("比例 无 → 5%（2020-01-01 起）")
    timetable = ("jining_2017.robots.rate=0.06@2021-01-01", "jining_2017.robots.rate=0.07@2022-01-01")
    assert "5% → 6%（2021-01-01 起），5% → 7%（2022-01-01 起）" in words(*timetable)


def test_a_change_is_a_module_a_parameter_or_a_reading(system):
    assert part_of("yanzhou_cap_and_jining_rate", system).name.startswith("兖州设备奖补限额")
    assert part_of(twelve.RATE, system).name.endswith("3% → 4%（2021-01-01 起）")
    assert part_of("common.rounding=truncate", system).name.endswith("：舍去分以下")
    assert part_of("common.rounding=half_up", system).name == "common.rounding=half_up（与现行相同）"
    with pytest.raises(UnknownParameter, match="没有起始日期"):
        part_of("jining_2017.equipment.rate=0.04", system)


def test_the_report_answers_first(system, by_hand):
    said = report(by_hand, ["payer"])
    assert said.splitlines()[0] == (
        "3 项改动同时实施，支出增加 510.00 万元，分摊最多的是「R」（215.00 万元）；比各自单独实施之和多 90.00 万元。"
    )
    assert "各项改动都不影响的付款财政：枣庄市级财政。" in said
    row = next(line for line in said.splitlines() if line.startswith("改动 2 "))
    assert row.split()[2:] == ["150.00", "260.00", "260.00", "205.00"]
    felt = attribute(
        twelve.population(), system, [*three("RY"), part("枣庄", "zaozhuang_2020.equipment.rate=0.2@2021-01-01")]
    )
    assert "各项改动都不影响的" not in report(felt, ["payer"])


def test_changes_that_move_nothing_are_said_to_move_nothing(system):
    still = [
        part("贴息", "zaozhuang_2020.loan_interest.rate=0.4@2021-01-01"),
        part("机器人", "jining_2017.robots.rate=0.06@2022-01-01"),
    ]
    found = attribute(twelve.population(), system, still)
    assert answer(found) == "2 项改动同时实施，支出不变；各项单独实施之和就等于总变化。"
    assert "改动" in report(found, ["instrument"])
    shares_chart(found).canvas.draw()


def test_the_chart_has_a_message_and_every_character(by_hand, recwarn):
    drawn = shares_chart(by_hand)
    assert drawn.get_suptitle() == "3 项改动同时实施，支出增加 510.00 万元；分摊最多的是第 1 项（215.00 万元）"
    assert len(drawn.axes[0].patches) == 3 * 3 + 1
    drawn.canvas.draw()
    assert [str(one.message) for one in recwarn if "Glyph" in str(one.message)] == []
    assert (
        wrapped("单个企业最高 300 万元（2021-01-01 起），另一项", 18)
        == "单个企业最高\n300 万元\n（2021-01-01 起），\n另一项"
    )


def test_the_command_writes_what_it_shows(capsys, tmp_path, monkeypatch):
    import openpyxl

    monkeypatch.chdir(tmp_path)
    changes = [
        "--change",
        twelve.RATE,
        "--change",
        twelve.CAP,
        "--change",
        "yanzhou_2020.robot_base=robot_purchase_only",
    ]
    assert main(["attribute", *changes, "--by", "payer", "--out", "o", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert json.loads((tmp_path / "o" / "改动分摊.json").read_text(encoding="utf-8")) == shown
    assert {path.name for path in (tmp_path / "o").iterdir()} == {"改动分摊.xlsx", "改动分摊.json", "分摊.png"}
    total = shown["total"]
    assert round(sum(one["shapley"] for one in total["parts"]), 2) == total["difference"]
    assert round(total["reform"] - total["baseline"], 2) == total["difference"]
    assert [len(law["changes"]) for law in shown["laws"]] == [0, 1, 1, 2, 1, 2, 2, 3]
    assert shown["record"]["parts"][0]["changes"][0]["reform"] == 0.04
    book = openpyxl.load_workbook("o/改动分摊.xlsx")
    assert {"分摊", "按政策工具", "按付款财政", "总变化", "政策组合", "运行记录"} <= set(book.sheetnames)
    shares = [row[4] for row in book["分摊"].iter_rows(min_row=5, values_only=True)]
    assert round(sum(shares) * 10_000, 2) == total["difference"]


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["attribute"], 2, "至少两项改动"),
        (["attribute", "--change", twelve.RATE], 2, "至少两项改动"),
        (
            ["attribute", "--change", twelve.RATE, "--change", "jining_2017.equipment.rate=0.05@2022-01-01"],
            1,
            "取决于先后",
        ),
        (["attribute", "--change", twelve.RATE, "--change", twelve.RATE], 1, "同一项改动"),
        (["attribute", "--change", twelve.RATE, "--change", "nothing"], 1, "没有名为 nothing 的改革"),
        (["attribute", "--change", twelve.RATE, "--change", "nothing.yaml"], 1, "nothing.yaml"),
        (["attribute", "--change", twelve.RATE, "--change", "common.rounding=x"], 1, "没有「x」"),
    ],
)
def test_what_is_wrong_is_said_in_chinese(arguments, status, words, capsys):
    assert main(arguments) == status
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said
