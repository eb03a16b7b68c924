"""Comparisons against twelve enterprises worked out by hand (``twelve.py``)."""

from __future__ import annotations

import json

import pandas
import pytest
import twelve

from openfisca_jining.analysis.budget import DIMENSIONS, LEDGER, budget, to_fen_signed
from openfisca_jining.analysis.compare import compare
from openfisca_jining.analysis.totals import paid_by_instrument
from openfisca_jining.cli import main
from openfisca_jining.commands.compare import report, sheets_of
from openfisca_jining.instruments import instruments
from openfisca_jining.money import to_yuan
from openfisca_jining.population import Population
from openfisca_jining.population.synthetic import synthesise
from openfisca_jining.reforming import reformed
from openfisca_jining.report.charts.compare import bands_chart, gains_and_losses_chart

EQUIPMENT, DISTRICT = "济宁 2017 设备补助", "兖州 2020 设备奖补"


@pytest.fixture(scope="module")
def laws(system):
    return {name: twelve.law(system, name) for name in twelve.LAWS}


@pytest.fixture(scope="module")
def people():
    return twelve.population()


@pytest.fixture(scope="module")
def compared(laws, people):
    """Comparison of two laws of the hand table."""
    budgets = {name: budget(people, law) for name, law in laws.items()}

    def of(before, after):
        found = compare(people, laws[before], laws[after])
        assert found.baseline.claims.equals(budgets[before].claims)
        return found

    return of


def only(enterprise):
    """One enterprise of the twelve by itself."""
    whole = twelve.population()
    projects, enterprises = (
        table[table["enterprise_id"] == enterprise] for table in (whole.projects, whole.enterprises)
    )
    return Population(2021, projects.reset_index(drop=True), enterprises.reset_index(drop=True), "一家")


# ----- the hand table itself -----


@pytest.mark.parametrize("name", list(twelve.LAWS))
def test_the_model_pays_what_the_hand_table_says(laws, people, name):
    labels = {one.label: one.name for one in instruments(laws[name])}
    claims = budget(people, laws[name]).claims
    paid = claims.assign(fen=to_fen_signed(claims["paid"]), name=claims["instrument"].map(labels))
    paid = paid.groupby(["enterprise_id", "name"])["fen"].sum()
    assert (to_yuan(paid[paid > 0])).tolist() == [twelve.paid(name)[key] for key in paid[paid > 0].index]
    assert len(paid[paid > 0]) == len(twelve.paid(name))
    assert sum(round(100 * amount) for amount in twelve.paid(name).values()) == round(100 * twelve.TOTALS[name])
    assert paid_by_instrument(people, laws[name]).sum() == round(100 * twelve.TOTALS[name])


# ----- totals, dimensions, ledger -----


def test_totals_and_numbers_of_enterprises_of_all_three_changes(compared):
    found = compared("", "RCY")
    assert found.difference == 5_100_000  # 18,473,333.33 - 13,373,333.33
    # 增加：E02 E03 E04 E05 E06 E09 E10 E11；不变：E07 E08 E12；E01 两边都没有应得，不计
    assert found.counts() == {"gain": 8, "lose": 0, "same": 3}
    assert found.coming_and_going() == {"paid_before": 11, "paid_after": 11, "newly_paid": 0, "no_longer_paid": 0}
    assert found.most_moved(1) == (EQUIPMENT, 4_300_000)
    assert found.most_moved(-1) is None


def test_lines_of_a_dimension_with_gains_losses_and_numbers(compared):
    found = compared("", "RCY").by("payer")
    # 市级：现行设备 60+30+300+270+90+60+180=990 万，机器人 100+50；改革设备 80+40+500+360+120+80+240=1420 万。
    # 增 7 家（E02 E03 E04 E05 E06 E10 E11），E08 的市级机器人奖励两边都放弃
    assert found.loc["济宁市级财政"].tolist() == [11_400_000, 15_700_000, 4_300_000, 4_300_000, 0, 7, 0, 1]
    # 区级：15+40+109=164 万；E09 加 80 万；E07 E08 E11 不变，D 类的 E10 没有应得
    assert found.loc["兖州区财政"].tolist() == [1_640_000, 2_440_000, 800_000, 800_000, 0, 1, 0, 3]
    assert found.loc["枣庄市级财政"].tolist() == [333_333.33, 333_333.33, 0, 0, 0, 0, 0, 1]
    county = compared("", "RCY").by("county")
    # 兖州区：E07 15，E08 40，E09 109→189，E10 60→80，E11 180→240
    assert county.loc["兖州区"].tolist() == [4_040_000, 5_640_000, 1_600_000, 1_600_000, 0, 3, 0, 2]
    assert county.loc["任城区"].tolist() == [3_000_000, 5_000_000, 2_000_000, 2_000_000, 0, 1, 0, 0]
    assert found["difference"].sum() == county["difference"].sum() == 5_100_000


def test_gains_and_losses_of_one_instrument_do_not_cancel_out(compared):
    found = compared("R", "Y").by("instrument").loc[EQUIPMENT]
    # R 到 Y：E02 -20，E03 -10，E05 -30，E06 -30，E10 -20，E11 -240；区级另增 E09 80 和 E11 200；E04 不变
    assert found.tolist() == [11_600_000, 8_100_000, -3_500_000, 0, -3_500_000, 0, 6, 1]
    swapped = compared("Y", "R").by("payer")
    # 反过来：市级增 350 万（6 家），区级减 280 万（E09、E11）
    assert swapped.loc["济宁市级财政", ["increase", "decrease", "gain", "lose"]].tolist() == [3_500_000, 0, 6, 0]
    assert swapped.loc["兖州区财政", ["increase", "decrease", "gain", "lose"]].tolist() == [0, -2_800_000, 0, 2]
    assert compared("Y", "R").most_moved(-1) == (DISTRICT, -2_800_000)


def test_ledger_change_by_hand(compared):
    change = compared("", "RCY").ledger_change()
    # 设备补助应得：60+30+450(零一分)+270+90+60+180 = 1140 万零一分；4%：80+40+600(零一分)+360+120+80+240 = 1520 万零一分。
    # 企业限额拿走：E04 由 150 万零一分变为 100 万零一分
    assert change.loc[EQUIPMENT].to_dict() == dict.fromkeys(LEDGER, 0.0) | {
        "promised": 3_800_000,
        "enterprise_cap": -500_000,
        "paid": 4_300_000,
    }
    # 兖州设备：应得不变；限额少拿 E09 80 万、E11 100 万；E11 留着市级资金，多放过 100 万
    assert change.loc[DISTRICT].to_dict() == dict.fromkeys(LEDGER, 0.0) | {
        "enterprise_cap": -1_800_000,
        "no_double_funding": 1_000_000,
        "paid": 800_000,
    }
    by_county = compared("", "RCY").ledger_change("county")
    assert by_county["paid"].sum() == 5_100_000
    assert by_county.loc["任城区", "enterprise_cap"] == -500_000


# ----- who -----


def test_losers_with_the_instrument_and_the_ledger_column_that_moved_most(compared):
    found = compared("R", "Y").losers()
    assert found[["enterprise", "name", "county", "baseline", "reform", "difference"]].to_numpy().tolist() == [
        ["E11", "两级都够厂", "兖州区", 2_400_000, 2_000_000, -400_000],
        ["E05", "近顶厂", "微山县", 3_000_000, 2_700_000, -300_000],
        ["E06", "机器人厂", "济宁高新区", 2_700_000, 2_400_000, -300_000],
        ["E02", "踩线厂", "曲阜市", 800_000, 600_000, -200_000],
        ["E10", "兖州 D 类厂", "兖州区", 800_000, 600_000, -200_000],
        ["E03", "零土地厂", "邹城市", 400_000, 300_000, -100_000],
    ]
    assert set(found["instrument"]) == {EQUIPMENT}
    columns = ["instrument_difference", "column", "column_difference"]
    # E11 市级 240 万全失：放弃 180 万，应得由 240 万降为 180 万
    assert found.loc[0, columns].tolist() == [-2_400_000, "不重复奖补", 1_800_000]
    # E05 应得 360 万降为 270 万；限额不再拿走的 60 万是往回补的
    assert found.loc[1, columns].tolist() == [-300_000, "按比例应得", -900_000]


def test_winners_with_the_instrument_and_the_ledger_column_that_moved_most(compared):
    found = compared("R", "Y").winners()
    # E09：应得 180 万不变，限额少拿 80 万
    assert found.to_numpy().tolist() == [
        ["E09", "兖州牵头厂", "兖州区", 1_090_000, 1_890_000, 800_000, DISTRICT, 800_000, "企业限额", -800_000]
    ]
    # Y：E11 净增 20 万，往上拉的是区级 200 万（不重复奖补少拿 100 万，限额少拿 100 万，并列取靠前的一栏）
    gained = compared("", "Y").winners().set_index("enterprise")
    assert gained.index.tolist() == ["E09", "E11"]
    assert gained.loc["E11", "difference"] == 200_000
    assert gained.loc["E11", ["instrument", "instrument_difference", "column"]].tolist() == [
        DISTRICT,
        2_000_000,
        "企业限额",
    ]


def test_enterprises_that_begin_and_cease_to_be_paid(compared):
    found = compared("", "LOW")
    assert found.coming_and_going() == {"paid_before": 11, "paid_after": 12, "newly_paid": 1, "no_longer_paid": 0}
    assert found.winners()[["enterprise", "baseline", "reform"]].to_numpy().tolist() == [["E01", 0, 600_000]]
    assert found.losers().empty
    found = compared("", "HIGH")
    assert found.coming_and_going() == {"paid_before": 11, "paid_after": 9, "newly_paid": 0, "no_longer_paid": 2}
    assert found.losers()["enterprise"].tolist() == ["E02", "E10"]
    assert set(found.losers()["column"]) == {"按比例应得"}
    # 从 HIGH 到 LOW：E01、E02、E10 新获补
    assert compared("HIGH", "LOW").coming_and_going()["newly_paid"] == 3


def test_distribution_of_changes_with_the_lower_end_of_a_band_in_it(compared):
    # R：E03 +10，E02 +20，E10 +20，E05 +30，E06 +30，E11 +60；不变 E04 E07 E08 E09 E12
    found = compared("", "R").distribution()
    filled = found[found["enterprises"] > 0]
    assert filled.index.tolist() == ["不变", "增加 10 至 50 万元", "增加 50 至 100 万元"]
    assert filled.to_numpy().tolist() == [[5, 0], [5, 1_100_000], [1, 600_000]]
    found = compared("R", "").distribution([100_000, 300_000])
    assert found.index.tolist() == [
        "减少 30 万元及以上",
        "减少 10 至 30 万元",
        "减少不足 10 万元",
        "不变",
        "增加不足 10 万元",
        "增加 10 至 30 万元",
        "增加 30 万元及以上",
    ]
    assert found["enterprises"].tolist() == [3, 3, 0, 5, 0, 0, 0]
    assert found["difference"].tolist() == [-1_200_000, -500_000, 0, 0, 0, 0, 0]
    # 150 万零一分，恰是一档的起点
    at_the_line = compared("", "C").distribution([1_000_000, 1_500_000.01])
    assert at_the_line.loc["增加 150 万元及以上", "enterprises"] == 1


def test_a_law_compared_with_itself_moves_nothing(compared):
    found = compared("RC", "RC")
    assert found.difference == 0
    assert found.counts() == {"gain": 0, "lose": 0, "same": 11}
    assert found.winners().empty and found.losers().empty
    assert found.most_moved(1) is found.most_moved(-1) is None


def test_nobody_promised_anything_on_one_side_or_on_both(laws):
    found = compare(only("E01"), laws[""], laws["LOW"])
    assert found.difference == 600_000
    assert found.winners()["enterprise"].tolist() == ["E01"]
    assert compare(only("E01"), laws["LOW"], laws[""]).losers()["difference"].tolist() == [-600_000]
    nothing = compare(only("E01"), laws[""], laws["R"])
    assert nothing.counts() == {"gain": 0, "lose": 0, "same": 0}
    assert nothing.to_json()["difference"] == 0
    assert "不变：0 家企业增加" in report(nothing, "无", ["county"], 10)


# ----- made-up claims, where pools bind -----


def test_every_dimension_adds_up_to_the_same_change(system):
    after = reformed(system, changes=[twelve.RATE, twelve.CAP, twelve.YANZHOU_CAP])
    found = compare(synthesise(2021, seed=3), system, after)
    for name in DIMENSIONS:
        table = found.by(name)
        fen = {
            column: to_fen_signed(table[column])
            for column in ("baseline", "reform", "difference", "increase", "decrease")
        }
        assert fen["difference"].sum() == to_fen_signed(found.difference)
        assert (fen["reform"] - fen["baseline"] == fen["difference"]).all()
        assert (fen["increase"] + fen["decrease"] == fen["difference"]).all()
    change = found.ledger_change()
    fen = {column: to_fen_signed(change[column]) for column in LEDGER}
    taken = sum(fen[column] for column in LEDGER if column not in ("promised", "paid"))
    assert (fen["promised"] == taken + fen["paid"]).all()
    counts, bands = found.counts(), found.distribution()
    assert bands["enterprises"].sum() == sum(counts.values())
    assert to_fen_signed(bands["difference"]).sum() == to_fen_signed(found.difference)
    assert (len(found.winners()), len(found.losers())) == (counts["gain"], counts["lose"])
    assert counts["lose"] > 0  # 资金池不够，有人多得就有人少得


# ----- results as a reader gets them -----


def test_the_record_is_enough_to_compute_both_sides_again(system, people):
    readings = ["yanzhou_2020.uplift_and_cap=cap_before_uplift"]
    baseline = reformed(system, readings=["common.rounding=truncate"])
    found = compare(people, baseline, reformed(baseline, changes=[twelve.CAP], readings=readings))
    saved = json.loads(json.dumps(found.to_json(), ensure_ascii=False))
    record = saved["record"]
    assert record["baseline_readings"] == {"yanzhou_2020.readings.uplift_and_cap": "cap_unchanged"}
    assert record["readings"]["common.readings.rounding"] == "truncate"

    def again(changes):
        return reformed(system, changes=[(one["parameter"], one["reform"], one["date"]) for one in changes])

    repeated = compare(people, again(record["baseline_changes"]), again(record["changes"]))
    assert (repeated.baseline.total, repeated.reform.total) == (found.baseline.total, found.reform.total)
    assert round(saved["baseline"] * 100) == round(found.baseline.total * 100)
    # C 一栏是 14,873,333.34，E04 的 4,500,000.0099 舍去分以下少一分；E11 限额前加百分点得 160 万，仍不及市级的 180 万
    assert saved["reform"] == 14_873_333.33
    assert len(found.to_pandas()) == len(saved["by_instrument"]) == 7


def test_the_report_answers_first(compared):
    said = report(compared("", "RCY"), "三项", ["county"], 10)
    # 510 / 1337.3333 = 38.1356 %
    assert said.splitlines()[0] == (
        "改革后支出由 1,337.33 万元变为 1,847.33 万元，增加 510.00 万元（+38.14%）：8 家企业增加，0 家减少，3 家不变；"
        "增加最多的是济宁 2017 设备补助（+430.00 万元）。"
    )
    assert "没有企业减少" in said
    assert "另有 1 家两种政策下都没有按比例应得的资金" in said  # E01
    said = report(compared("R", "Y"), "由一项换成另一项", [], 2)
    assert "减少最多的 2 家（共 6 家减少）" in said
    assert "不重复奖补 +180.00" in said
    assert "E06" not in said
    assert "家减少）：" not in report(compared("R", "Y"), "由一项换成另一项", [], 0)
    # what is asked for beyond the sheets that are always there, once
    names = [sheet.name for sheet in sheets_of(compared("R", "Y"), "x", ["instrument", "county", "county"])]
    assert names == ["按政策工具", "台账变化", "增减分布", "增减企业", "按县市区"]


def test_charts_have_a_message_and_every_character(compared, recwarn):
    drawn = gains_and_losses_chart(compared("R", "Y"), "由一项换成另一项")
    assert drawn.get_suptitle() == "改革后 2021 年支出减少 70.00 万元，减少最多的是济宁 2017 设备补助"
    drawn.canvas.draw()
    bands = bands_chart(compared("R", "Y"), "由一项换成另一项")
    assert bands.get_suptitle() == "1 家企业增加，6 家减少，另有 4 家不变"
    assert sum(bar.get_height() for bar in bands.axes[0].patches) == 7
    bands.canvas.draw()
    for empty in (gains_and_losses_chart, bands_chart):
        empty(compared("RC", "RC"), "无").canvas.draw()
    assert [str(one.message) for one in recwarn if "Glyph" in str(one.message)] == []


# ----- the command -----


@pytest.fixture
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_writes_what_it_shows(capsys, in_a_folder_of_its_own):
    import openpyxl

    assert main(["compare", "--reform", "yanzhou_cap_and_jining_rate", "--by", "county", "--out", "o", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert json.loads((in_a_folder_of_its_own / "o" / "改革比较.json").read_text(encoding="utf-8")) == shown
    names = {path.name for path in (in_a_folder_of_its_own / "o").iterdir()}
    assert names == {"改革比较.xlsx", "改革比较.json", "增减按政策工具.png", "增减按企业.png"}
    book = openpyxl.load_workbook("o/改革比较.xlsx")
    assert {"按政策工具", "台账变化", "增减分布", "增减企业", "按县市区", "运行记录"} <= set(book.sheetnames)
    rows = list(book["按政策工具"].iter_rows(min_row=5, values_only=True))
    assert rows[-1][0] == "合计"
    assert round(rows[-1][4] * 10_000, 2) == round(sum(row[4] for row in rows[:-1]) * 10_000, 2) == shown["difference"]
    assert list(rows[-1][7:]) == [shown["enterprises"][side] for side in ("gain", "lose", "same")]


def test_a_reading_may_change_on_one_side_or_on_both(capsys, in_a_folder_of_its_own):
    reading = "yanzhou_2020.robot_base=robot_purchase_only"

    def totals(*arguments):
        assert main(["compare", "--json", *arguments]) == 0
        shown = json.loads(capsys.readouterr().out)
        return shown["baseline"], shown["reform"], shown["difference"]

    one_side = totals("--reform-reading", reading)
    both = totals("--reading", reading, "--set", "zaozhuang_2020.loan_interest.rate=0.5@2021-01-01")
    assert one_side[2] != 0
    assert both == (one_side[1], one_side[1], 0)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["compare"], 2, "说明与什么比较"),
        (["compare", "--set", twelve.RATE, "--losers", "-1"], 2, "--losers"),
        (["compare", "--reform", "nothing"], 1, "没有名为 nothing 的改革"),
        (["compare", "--reform-reading", "yanzhou_2020.robot_base=x"], 1, "没有「x」"),
    ],
)
def test_what_is_wrong_is_said_in_chinese(arguments, status, words, capsys):
    assert main(arguments) == status
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


def test_a_dimension_that_does_not_exist_is_refused(compared):
    with pytest.raises(KeyError, match="不能按「weather」分组"):
        compared("", "R").by("weather")
    assert isinstance(compared("", "R").by("county", "instrument"), pandas.DataFrame)
