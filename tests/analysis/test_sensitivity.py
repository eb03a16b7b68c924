"""What a forecast hangs on: drivers on the same dice, shares of the variance, readings as a band of their own."""

from __future__ import annotations

import dataclasses
import json
from functools import partial

import numpy
import openpyxl
import pytest
import twelve
from copied import assert_copied

from openfisca_jining.analysis.forecast.drivers import BOUNDS, Drivers
from openfisca_jining.analysis.forecast.forecast import LawSpec, forecast
from openfisca_jining.analysis.forecast.sensitivity import (
    ALL_YEARS,
    Run,
    _shares,
    level,
    paired,
    ranges,
    readings_band,
    sensitivity,
    variance_shares,
)
from openfisca_jining.analysis.forecast.worlds import BaseYear
from openfisca_jining.cli import main
from openfisca_jining.commands.sensitivity import answer, band_text, drivers_text
from openfisca_jining.errors import BadFact

YEARS = [2021, 2022]
CURRENT = LawSpec("现行政策")


@pytest.fixture(scope="module")
def population():
    return twelve.population()


def test_every_driver_has_a_range_around_its_default_and_a_reason():
    table = Drivers().table()
    assert sorted(ranges()) == sorted(table["code"])
    for code, default in zip(table["code"], table["default"], strict=True):
        one, (least, most) = ranges()[code], BOUNDS[code]
        assert least <= one.low <= default <= one.high <= most, code
        assert one.low < one.high, code
        assert one.ground and one.why, code


def test_a_run_is_the_forecast(population):
    drivers = Drivers({"approval_rate": 0.7})
    made = forecast(population, YEARS, 6, drivers=drivers, seed=3)
    amounts = Run(population, tuple(YEARS), 6, CURRENT, drivers, 3).amounts()
    assert amounts.shape == (2, 6, 2)
    for place, stage in enumerate(("paid", "claimed")):
        assert (amounts[place] == made.amounts(CURRENT.name, stage)).all()


def test_effects_are_differences_of_forecasts_on_the_same_dice(population):
    found = sensitivity(population, YEARS, 20, only=["approval_rate"])
    base = forecast(population, YEARS, 20).amounts(CURRENT.name)
    low = forecast(population, YEARS, 20, drivers=Drivers({"approval_rate": 0.8})).amounts(CURRENT.name)
    row = found.effects.query("end == 'low' and year == 2021").iloc[0]
    assert (row["value"], row["default"]) == (0.8, 0.95)
    assert row["mean"] == pytest.approx((low - base)[:, 0].mean())
    assert row["mean_se"] == pytest.approx((low - base)[:, 0].std(ddof=1) / numpy.sqrt(20))
    whole = found.effects.query(f"end == 'low' and year == {ALL_YEARS}").iloc[0]
    assert whole["mean"] == pytest.approx((low - base).sum(axis=1).mean())
    assert whole["mean"] < 0 < found.tornado()["high_effect"][0]
    json.dumps(found.to_json(), ensure_ascii=False)
    assert_copied(found, found.effects)


def test_a_driver_that_does_nothing_has_no_effect_at_all(population):
    # 支付推后只移动付款年度；基年自身没有以前年度可以自相关
    found = sensitivity(population, [2021], 15, only=["lag_next_year", "common_persistence", "size_growth"])
    effects = found.effects.set_index(["driver", "end", "year"])
    for driver in ("lag_next_year", "common_persistence"):
        for end in ("low", "high"):
            row = effects.loc[driver, end, 2021]
            assert (row["mean"], row["mean_se"], row["q90"], row["q90_se"]) == (0, 0, 0, 0)
    assert set(found.tornado()["driver"]) == {"lag_next_year", "common_persistence", "size_growth"}


def test_figures_do_not_depend_on_the_number_of_processes(population):
    one, two = (sensitivity(population, [2021], 8, only=["size_sigma"], workers=workers) for workers in (1, 2))
    assert one.effects.equals(two.effects)


def test_paired_differences_by_hand():
    before = numpy.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    after = numpy.array([[2.0, 4.0, 6.0], [11.0, 21.0, 31.0]])
    again = numpy.array([[0, 1, 2], [0, 0, 0], [2, 2, 2]])
    found = paired(before, after, again)
    # 差 1、2、3：平均 2，标准差 1，标准误 1/√3；90% 分位每次都差 1
    assert found["mean"] == 2
    assert found["mean_se"] == pytest.approx(1 / numpy.sqrt(3))
    assert (found["q90"], found["q90_se"]) == pytest.approx((1, 0))
    # 三次重抽的 90% 分位：28（20 与 30 之间的八成）、10、30
    assert level(before, again)["q90"] == pytest.approx(28)
    assert level(before, again)["q90_se"] == pytest.approx(numpy.std([28, 10, 30], ddof=1))


def test_shares_of_the_variance_by_hand():
    # 两个因素正交、等方差：3² 比 4² 比 其余 0
    first, second = numpy.array([1.0, 1, -1, -1]), numpy.array([1.0, -1, 1, -1])
    factors = numpy.column_stack([first, second])
    assert variance_shares(3 * first + 4 * second, factors) == pytest.approx((9 / 25, 16 / 25))
    # 加上与两者正交的 12 倍第三列：9、16、144 之和 169
    third = first * second
    assert variance_shares(3 * first + 4 * second + 12 * third, factors) == pytest.approx((9 / 169, 16 / 169))
    # 同一个因素写两次，各得一半
    assert variance_shares(first, numpy.column_stack([first, first])) == pytest.approx((0.5, 0.5))


def test_shares_never_exceed_the_whole(population):
    random = numpy.random.Generator(numpy.random.PCG64(3))
    for _ in range(50):
        count, size = variance_shares(random.normal(size=6), random.normal(size=(6, 2)))
        assert count >= 0
        assert size >= 0
        assert count + size <= 1 + 1e-12
    found = sensitivity(population, YEARS, 30, only=["common_size_sigma"]).shares
    assert found["year"].tolist() == YEARS
    assert (found[["count", "size", "rest"]].to_numpy() >= 0).all()
    assert found[["count", "size", "rest"]].sum(axis=1).tolist() == pytest.approx([1, 1])


def test_without_shocks_the_shocks_explain_nothing(population):
    drivers = Drivers({"common_count_sigma": 0.0, "common_size_sigma": 0.0})
    found = sensitivity(population, [2022], 20, drivers=drivers, only=["lag_next_year"]).shares
    assert found.iloc[0][["count", "size"]].tolist() == pytest.approx([0, 0], abs=1e-9)


def test_a_year_whose_cost_never_varies_has_no_shares(population):
    base = BaseYear(population, CURRENT.build(), Drivers(), 1)
    found = _shares(base, YEARS, numpy.array([[5.0, 1.0], [5.0, 2.0], [5.0, 3.0], [5.0, 5.0]]))
    assert found["year"].tolist() == [2022]


@pytest.mark.parametrize("only", [["nothing"], ["size_growth", "reading"]])
def test_drivers_that_do_not_exist_are_refused(population, only):
    with pytest.raises(BadFact, match="没有名为"):
        sensitivity(population, [2021], 5, only=only)


@pytest.mark.parametrize("question", [sensitivity, readings_band])
def test_one_draw_says_nothing(population, question):
    with pytest.raises(BadFact, match="抽样次数至少为 2"):
        question(population, [2021], 1)


# ----- readings -----

READINGS = ["common.grant_base_vat", "jining_2017.life", "zaozhuang_2020.life"]


def test_the_band_of_the_readings_contains_the_default_and_keeps_to_the_dice(population):
    band = readings_band(population, YEARS, 5, only=READINGS, joint=40)
    base = forecast(population, YEARS, 5).amounts(CURRENT.name)
    for place, row in enumerate(band.table.to_dict("records")):
        assert row["mean"] == pytest.approx(base[:, place].mean())
        assert row["low"] <= row["mean"] <= row["high"]
        assert row["joint_low"] <= row["low"]
        assert row["high"] <= row["joint_high"]
        assert row["dice_low"] == pytest.approx(numpy.quantile(base[:, place], 0.1))
    # 2022 年济宁 2017 年意见缺省已到期：一直执行的读法多付的，与直接预测相同
    law = LawSpec("一直执行", readings=("jining_2017.life=open_until_repealed",))
    longer = forecast(population, YEARS, 5, baseline=law).amounts(law.name)
    mine = band.alternatives.query("value == 'open_until_repealed' and year == 2022").iloc[0]
    assert mine["difference"] == pytest.approx((longer - base)[:, 1].mean())
    assert mine["difference"] > 0
    assert band.table["high"].iloc[1] >= longer[:, 1].mean()
    assert "济宁 2017" in band.table["high_words"].iloc[1]
    json.dumps(band.to_json(), ensure_ascii=False)
    assert_copied(band, band.table)


def test_without_readings_that_matter_the_band_is_the_default(population):
    band = readings_band(population, [2021], 5, only=["jining_2017.top6_awards"]).table.iloc[0]
    assert band["low"] == band["mean"] == band["high"]
    assert numpy.isnan(band["joint_low"])


# ----- the command -----


def test_the_command_says_the_answer_first_and_writes_its_files(tmp_path, capsys):
    arguments = ["sensitivity", "--draws", "6", "--only", "approval_rate", "lag_next_year", "--reading-draws", "0"]
    assert main([*arguments, "--workers", "1", "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("预测支出（期望 ")
    assert "「申报获批的比例」" in lines[0]
    assert "  没有影响：当年核定、次年支付的比例。" in lines
    assert {path.name for path in tmp_path.iterdir()} == {"预测敏感性.xlsx", "预测敏感性.json", "驱动因素影响.png"}


def test_the_command_puts_the_readings_beside_the_dice(tmp_path, capsys, monkeypatch):
    # all readings take minutes: here three
    few = partial(readings_band, only=READINGS)
    monkeypatch.setattr("openfisca_jining.analysis.forecast.sensitivity.readings_band", few)
    asked = ["--draws", "5", "--reading-draws", "4", "--laws", "3", "--only", "approval_rate", "--workers", "1"]
    assert main(["sensitivity", *asked, "--years", "2022", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "；2022 年换一种读法，期望支出在 " in said.splitlines()[0] and "（抽样的 80% 区间：" in said.splitlines()[0]
    assert "读法是条文不明，不是机会，不与抽样相加（抽样 4 次；读法一栏都是期望支出）：" in said
    assert "\n  2022 年最高：" in said and "组合没有找完（--laws 用尽）" in said
    saved = json.loads((tmp_path / "预测敏感性.json").read_text(encoding="utf-8"))
    low, high = (saved["readings"]["band"][0][end] for end in ("low", "high"))
    assert f"{low / 10_000:,.2f} 至 {high / 10_000:,.2f} 万元之间" in said
    book = openpyxl.load_workbook(tmp_path / "预测敏感性.xlsx")
    rows = list(book["读法"].iter_rows(values_only=True))
    place = next(number for number, row in enumerate(rows) if row[0] == "年度")
    assert round(rows[place + 1][5] * 10_000, 2) == round(low, 2) and "看读法时抽样 4 次" in str(rows[:place])
    assert "逐一换读法" in book.sheetnames


def test_without_combinations_the_band_has_no_column_for_them(population):
    band = readings_band(population, [2021], 3, only=["jining_2017.life"])
    assert "读法组合" not in "\n".join(band_text(band)) and "没有找完" not in band_text(band)[-1]


def test_drivers_without_effect_and_costs_without_chance_are_said_to_be_so(population, monkeypatch):
    found = sensitivity(population, [2021], 4, only=["lag_next_year"])
    assert answer(found, None) == f"预测支出（期望 {found.base['mean'][0] / 10_000:,.2f} 万元）不受所看的驱动因素影响。"
    monkeypatch.setattr("openfisca_jining.commands.sensitivity.LISTED", 1)
    found = sensitivity(population, [2021], 4, only=["approval_rate", "application_rate"])
    assert drivers_text(found).endswith("\n  另有 1 个影响更小，见工作簿。")
    certain = dataclasses.replace(found, shares=found.shares.iloc[:0])
    assert "抽样的波动中" in answer(found, None) and "抽样的波动中" not in answer(certain, None)


def test_the_command_refuses_what_cannot_be(capsys):
    assert main(["sensitivity", "--reading-draws", "-1"]) == 2
    assert main(["sensitivity", "--years", "2019", "--draws", "5"]) == 1
    assert main(["sensitivity", "--only", "nothing"]) == 1
    assert "没有名为「nothing」的驱动因素" in capsys.readouterr().err


def test_one_payers_money_can_be_looked_at(population, capsys):
    found = sensitivity(population, [2021], 10, only=["approval_rate"], measure="兖州区财政")
    made = forecast(population, [2021], 10).amounts(CURRENT.name, "paid", "兖州区财政")
    assert found.base["mean"][0] == pytest.approx(made.mean())
    band = readings_band(population, [2021], 10, only=["yanzhou_2020.uplift_and_cap"], measure="兖州区财政").table
    assert band["mean"][0] == pytest.approx(made.mean())
    assert main(["sensitivity", "--measure", "某县财政", "--draws", "5"]) == 1
    assert "不能以「某县财政」为准" in capsys.readouterr().err
