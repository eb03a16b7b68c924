"""Sweeps: axes as analysts write them, totals of ordinary simulations, elasticities, charts."""

from __future__ import annotations

import pytest
import twelve

from openfisca_jining.analysis.axes import axis
from openfisca_jining.analysis.budget import budget
from openfisca_jining.analysis.sweep import Axis, sweep
from openfisca_jining.cli import main
from openfisca_jining.commands.sweep import sheets, text_of
from openfisca_jining.errors import UnknownParameter
from openfisca_jining.reforming import reformed

RATE, CAP = "jining_2017.equipment.rate", "jining_2017.equipment.cap_per_enterprise"
START = "2021-01-01"


def test_ranges_are_exact_decimals_with_both_ends(system):
    assert axis(system, f"{RATE}=1%:2%:0.1%", START).values == (
        0.01, 0.011, 0.012, 0.013, 0.014, 0.015, 0.016, 0.017, 0.018, 0.019, 0.02,
    )  # fmt: skip
    assert axis(system, f"{CAP}=100万, 3000000", START).values == (1_000_000, 3_000_000)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("jining_2017.equipment.rate", "写法不对"),
        (f"{RATE}=2%:1%:0.1%", "上限不小于下限"),
        (f"{RATE}=1%:2%:0%", "步长要大于 0"),
        (f"{RATE}=很多", "应为数字"),
        (f"{RATE}=0:1:0.000001", "至多"),
        ("jining_2017.equipment.nothing=1", "没有参数"),
        ("yanzhou_2020.readings.one_application=nothing", "没有「nothing」"),
    ],
)
def test_bad_ranges_are_refused(system, text, message):
    with pytest.raises(Exception, match=message):
        axis(system, text, START)


def test_the_twelve_enterprises_at_the_corners_of_a_grid(system):
    # 手算合计见 twelve.py：R 为比例 4%，C 为限额 500 万元
    found = sweep(
        twelve.population(), system, [Axis(RATE, (0.03, 0.04), START), Axis(CAP, (3_000_000, 5_000_000), START)]
    )
    assert [round(total, 2) for total in found.table["total"]] == [
        13_373_333.33,
        14_873_333.34,
        15_073_333.33,
        17_673_333.33,
    ]
    assert round(found.baseline, 2) == 13_373_333.33
    assert found.table["difference"].round(2).tolist() == [0.0, 1_500_000.01, 1_700_000.0, 4_300_000.0]
    assert found.grid().loc[0.04, 5_000_000] == found.table["total"].iloc[3]


def test_the_ledger_of_a_sweep_adds_up_and_the_total_is_the_budget(system):
    population = twelve.population()
    found = sweep(population, system, [Axis(RATE, (0.01, 0.05, 0.2), START)]).table
    assert (found["promised"] - found["cap"] - found["after_caps"] - found["total"]).abs().max() < 0.005
    for row in found.to_dict("records"):
        whole = budget(population, reformed(system, changes=[(RATE, row[RATE], START)]))
        assert round(whole.total, 2) == round(row["total"], 2)
        labels = set(found.columns) & set(whole.ledger().index)
        assert len(labels) >= 5
        assert all(round(row[label], 2) == round(whole.ledger()["paid"][label], 2) for label in labels)


def test_elasticity_is_the_change_for_one_per_cent(system):
    population = twelve.population()
    found = sweep(population, system, [Axis(RATE, (0.03,), START)])
    up = budget(population, reformed(system, changes=[(RATE, 0.0303, START)])).total
    down = budget(population, reformed(system, changes=[(RATE, 0.0297, START)])).total
    row = found.elasticity.iloc[0]
    assert row["up_yuan"] == pytest.approx(up - found.baseline, abs=0.005)
    assert row["down_yuan"] == pytest.approx(down - found.baseline, abs=0.005)
    assert row["up"] == pytest.approx((up / found.baseline - 1) * 100)


def test_what_is_no_share_and_no_money_is_shown_as_it_is(system):
    people = twelve.population()
    # the cap is left open by the text, which counts it nowhere unless a reading asks for it
    found = sweep(people, system, [Axis("zaozhuang_2020.equipment.cap_per_enterprise", (400_000, 500_000), START)])
    said = text_of(found)
    assert "单个企业最高：变动前 未定，2 档" in said and "弹性" not in said
    assert [sheet.name for sheet in sheets(found)] == ["参数变动"]
    said = text_of(sweep(people, system, [axis(system, "yanzhou_2020.validity.last_day=2021-06-30,2025-01-01", START)]))
    assert "有效期末日：变动前 2023-08-14，2 档" in said and "\n2021-06-30 " in said
    members = "yanzhou_2020.consortium.minimum_members"
    said = text_of(sweep(people, system, [Axis(members, tuple(range(1, 42)), START)]))
    assert "\n40 家 " in said and "\n41 家 " not in said
    assert "（共 41 种情形，只列前 40 种；全部见 --out 写出的工作簿）" in said


def test_axes_on_different_days_or_twice_are_refused(system):
    with pytest.raises(UnknownParameter, match="同一天"):
        sweep(twelve.population(), system, [Axis(RATE, (0.1,), START), Axis(CAP, (1,), "2021-02-01")])
    with pytest.raises(UnknownParameter, match="只给一次"):
        sweep(twelve.population(), system, [Axis(RATE, (0.1,), START), Axis(RATE, (0.2,), START)])


def test_the_command_writes_table_chart_and_data(capsys, tmp_path, recwarn):
    over = [f"--over={RATE}=1%:4%:1%", f"--over={CAP}=100万:500万:100万"]
    assert main(["sweep", *over, "--out", str(tmp_path)]) == 0
    assert "合计（万元）" in capsys.readouterr().out
    assert {path.name for path in tmp_path.iterdir()} == {"参数变动.xlsx", "参数变动.png", "参数变动.json"}
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]
    assert main(["sweep", over[0], "--out", str(tmp_path / "一维")]) == 0
    assert (tmp_path / "一维" / "参数变动.png").exists()


@pytest.mark.parametrize(
    ("over", "message"),
    [
        (f"{RATE}=1:6:1", "超过 100%"),
        (f"{CAP}=100,300", "像是把万元写成了元"),
        ("jining_2017.equipment.rte=1%,2%", "是不是 jining_2017.equipment.rate"),
    ],
)
def test_the_command_refuses_wrong_scales_and_paths(capsys, over, message):
    assert main(["sweep", "--over", over]) == 1
    assert message in capsys.readouterr().err


def test_what_cannot_be_swept_is_refused(system):
    with pytest.raises(UnknownParameter, match="请至少给出一个要变动的参数"):
        sweep(twelve.population(), system, [])
    with pytest.raises(UnknownParameter, match="起始日期「2021-13-01」"):
        axis(system, f"{RATE}=1%,2%", "2021-13-01")


def test_one_parameter_makes_no_grid(system):
    with pytest.raises(ValueError, match="只有一个参数"):
        sweep(twelve.population(), system, [Axis(RATE, (0.03,), START)], workers=1).grid()
