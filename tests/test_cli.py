"""The command line as its user sees it: exit status, Chinese messages, files whole."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest

from openfisca_jining.cli import main, parser


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_simulate_prints_totals_and_writes_workbook_and_charts(capsys, tmp_path):
    assert main(["simulate", "--out", "out"]) == 0
    printed = capsys.readouterr().out
    for words in ("济宁 2017 设备补助", "台账（现行）", "合成数据，非实际申报", "已写出"):
        assert words in printed
    small, large = printed.split("=" * 100)
    assert "用完" not in small
    assert "；另有 8 家两种政策下都没有按比例应得的资金。" in small
    assert (
        "济宁 2020 工业发展专项资金 20,000.00 万元两种政策下都已用完，改革只改变谁分得多少："
        "申请由 28,701.12 万元变为 32,730.03 万元，增加的申请只能由这笔钱的其他各项少得来抵（办法：按比例），"
        "它支付的合计不变。"
    ) in large
    names = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    files = {"测算.xlsx", "现行与改革.png", "台账.png"}
    assert names == {f"out/{name}" for name in files} | {f"out/合成数据/{name}" for name in files}
    book = openpyxl.load_workbook("out/测算.xlsx")
    assert {"汇总", "台账（现行）", "台账（改革）", "读法", "文件未定", "运行记录"} <= set(book.sheetnames)
    record = list(book["运行记录"].iter_rows(min_row=5, max_col=2, values_only=True))
    assert not [row for row in record if "[" in row[1] or "{" in row[1] or ((row[0] or "").isascii() and row[0])]
    assert [row[1] for row in record if row[1].endswith("2021-01-01 起：0.03 → 0.04")]
    total = next(row for row in book["汇总"].iter_rows(values_only=True) if row[0] == "合计")
    assert f"{total[2]:,.2f}" in printed


def test_charts_draw_every_character(capsys, recwarn):
    assert main(["simulate", "--out", "out"]) == 0
    assert [str(one.message) for one in recwarn if "Glyph" in str(one.message)] == []


def test_budget_writes_the_same_numbers_everywhere(capsys):
    assert main(["budget", "--synthetic", "--by", "county", "--by", "cluster", "--out", "b.json"]) == 0
    shown = capsys.readouterr().out
    saved = json.loads(Path("b.json").read_text(encoding="utf-8"))
    assert f"{saved['total_paid'] / 10_000:,.2f}" in shown
    assert "文件未定" in shown
    assert main(["budget", "--synthetic", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total_paid"] == saved["total_paid"]
    assert main(["budget", "--synthetic", "--out", "b.xlsx"]) == 0
    book = openpyxl.load_workbook("b.xlsx")
    paid = next(row for row in book["台账"].iter_rows(values_only=True) if row[0] == "合计")
    assert round(paid[8] * 10_000, 2) == saved["total_paid"]
    assert main(["budget", "--synthetic", "--out", "b.html"]) == 0
    page = Path("b.html").read_text(encoding="utf-8")
    assert f"{saved['total_paid'] / 10_000:,.2f}" in page
    assert "http" not in page.replace("http-equiv", "")
    assert main(["verify", "b.json"]) == 0


def test_a_table_made_written_checked_and_computed(capsys):
    assert main(["population", "--seed", "4", "--out", "p.csv"]) == 0
    assert main(["check", "p.csv"]) == 0
    assert main(["budget", "p.csv", "--out", "b.json"]) == 0
    assert main(["verify", "b.json", "--data", "p.csv"]) == 0
    assert "结果仍然成立" in capsys.readouterr().out
    assert main(["template", "--out", "t.xlsx"]) == 0
    assert main(["check", "t.xlsx"]) == 1 and "只有模板自带的虚构示例" in capsys.readouterr().err


def test_hostile_names_stay_text_in_the_workbook():
    head = "企业编号,注册地,项目编号,设备投资额（元）,产业目录,投入使用\n"
    rows = '"=1+1",滕州市,"@SUM(A1)",1000000,允许类,是\n"+cmd|x",薛城区,"http://x",2000000,允许类,是\n'
    Path("h.csv").write_text(head + rows, encoding="utf-8")
    assert main(["budget", "h.csv", "--year", "2021", "--out", "h.xlsx"]) == 0
    book = openpyxl.load_workbook("h.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {cell.value for cell in cells} >= {"=1+1", "@SUM(A1)", "+cmd|x", "http://x"}
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (["budget", "no.csv"], 1, "没有这个文件"),
        (["budget"], 2, "请给出申报表文件"),
        (["budget", "--synthetic", "--out", "b.pdf"], 2, "不认识 .pdf"),
        (["budget", "--synthetic", "--reading", "yanzhou_2020.robot_base=x"], 1, "没有「x」这一种"),
        (["budget", "--synthetic", "--reading", "yanzhou_2020.robot_base"], 1, "写法不对"),
        (["budget", "--synthetic", "--supply", "no.such=1"], 1, "没有参数 no.such"),
        (["budget", "--synthetic", "--set", "jining_2017.equipment.rate=three@2021-01-01"], 1, "应为数字"),
        (["budget", "--synthetic", "--set", "jining_2017.equipment.rate=0.03@2021-13-01"], 1, "日期"),
        (["budget", "--synthetic", "--reform", "nothing"], 1, "没有名为 nothing 的改革"),
        (["verify", "no.json"], 1, "文件读写失败"),
    ],
)
def test_what_is_wrong_is_said_in_chinese_without_a_stack_trace(arguments, status, words, capsys):
    assert main(arguments) == status
    said = capsys.readouterr().err
    assert words in said
    assert "Traceback" not in said


def test_misuse_exits_with_two():
    with pytest.raises(SystemExit) as stopped:
        main(["budget", "--by", "weather"])
    assert stopped.value.code == 2


def test_explain_prints_a_receipt_in_chinese_and_json(capsys):
    from importlib import resources

    table = str(resources.files("openfisca_jining.population") / "example_2021.csv")
    assert main(["explain", table, "--enterprise", "E002", "--year", "2021"]) == 0
    said = capsys.readouterr().out
    assert "还差 0.01 元" in said
    assert main(["explain", table, "--enterprise", "E002", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)
    assert main(["explain", table, "--enterprise", "NOBODY"]) == 1
    assert "NOBODY" in capsys.readouterr().err


def test_verify_refuses_what_budget_did_not_write(capsys, tmp_path):
    saved = tmp_path / "比较.json"
    saved.write_text('{"record": {"year": 2021}}', encoding="utf-8")
    assert main(["verify", str(saved)]) == 1
    assert "不是 budget 或 memo 写出的结果文件" in capsys.readouterr().err


def test_parameters_lists_what_set_and_reading_take(capsys):
    assert main(["parameters", "jining_2017", "设备", "比例"]) == 0
    assert "jining_2017.equipment.rate  补助占设备投入额的比例  比例  3%" in capsys.readouterr().out
    assert main(["parameters", "zaozhuang_2020.special_fund"]) == 0
    assert "文件未定" in capsys.readouterr().out
    assert main(["parameters", "千亿级产业集群个数", "--date", "2021-12-31"]) == 0
    assert "2025-01-01 起 2" in capsys.readouterr().out
    assert main(["parameters", "没有这个词"]) == 1
    assert "请换一个词" in capsys.readouterr().err
    assert main(["parameters", "--date", "2021-02-30"]) == 2
    assert "没有这一天" in capsys.readouterr().err


def test_the_help_names_values_in_chinese():
    for command in parser()._subparsers._group_actions[0].choices.values():
        for action in command._actions:
            if action.choices is None and action.nargs != 0:
                assert action.metavar and (action.metavar == "YYYY-MM-DD" or not action.metavar.isascii()), action


def test_the_readings_of_a_workbook_can_be_typed_as_they_stand(capsys):
    assert main(["budget", "--synthetic", "--year", "2021", "--out", "a.xlsx"]) == 0
    rows = list(openpyxl.load_workbook("a.xlsx")["读法"].iter_rows(min_row=4, values_only=True))
    codes = [code for row in rows[1:] if row[5] for code in row[5].split("；")]
    assert rows[0][5] == "--reading 后面写的" and len(codes) > 150
    assert "yanzhou_2020.robot_base=robot_purchase_only" in codes
    assert main(["budget", "--synthetic", "--year", "2021", "--reading", codes[1]]) == 0


def test_verify_finds_the_bundled_table_and_asks_for_any_other(capsys, tmp_path):
    assert main(["memo", "--out", "m"]) == 0
    assert main(["verify", "m.json"]) == 0
    assert "示例表" in capsys.readouterr().err
    saved = json.loads(Path("m.json").read_text(encoding="utf-8"))
    saved["record"].update(synthetic=False, source="我的表.xlsx")
    Path("n.json").write_text(json.dumps(saved), encoding="utf-8")
    assert main(["verify", "n.json"]) == 1
    assert "我的表.xlsx，请用 --data 给出当时的表" in capsys.readouterr().err


def test_a_forecast_says_whose_document_has_lapsed(capsys):
    assert main(["forecast", "--years", "2022-2023", "--draws", "2", "--workers", "1"]) == 0
    answer = capsys.readouterr().out.split("\n\n")[0]
    assert "现行政策下枣庄市级财政 2023 年为 0：枣庄 2020 只到 2022-12-31。" in answer
