"""What a cell, a sheet or a file may rarely hold: read right, or refused with what to do about it."""

from __future__ import annotations

import datetime
import struct
import zipfile

import numpy
import openpyxl
import pandas
import pytest
import python_calamine
import xlwt
from tables import TITLES, book, csv_file, firm, messages

from openfisca_jining.errors import BadFact
from openfisca_jining.population import Population
from openfisca_jining.population import columns as known
from openfisca_jining.population import read as reader
from openfisca_jining.population.problems import LIST_SHEET, TableError, write_problems_workbook
from openfisca_jining.population.read import read_table
from openfisca_jining.population.write import write_csv

COUNTY = {member.name: member for member in known.COLUMNS["county"].options}


@pytest.mark.parametrize(
    ("read", "written", "value", "remark"),
    [
        (known.read_text, True, "是", ""),
        (known.read_text, False, "否", ""),
        (known.read_plain_number, "12.5", 12.5, ""),
        (known.read_plain_number, "", None, ""),
        (known.read_count, " ", None, ""),
        (known.read_date, datetime.datetime.fromisoformat("2021-03-05 08:30"), datetime.date(2021, 3, 5), ""),
        (known.read_year, datetime.date(2021, 3, 5), 2021, ""),
        (known.read_id, 12.0, "12", ""),
        (lambda word: known.read_choice(word, known.COLUMNS["cluster"].options), "／", None, "「/」按未填写处理。"),
    ],
)
def test_cells_that_say_it_another_way(read, written, value, remark):
    cell = read(written)
    assert (cell.value, cell.remark) == (value, remark)


def test_a_heading_may_say_without_vat_outside_brackets(tmp_path):
    titles = [*TITLES[:5], "设备投资额不含税（万元）"]
    reading = read_table(book(tmp_path / "a.xlsx", {"表": [titles, firm(1, 100)]}), gross=True)
    assert reading.population.projects["equipment_investment"].tolist() == [1_000_000]


def test_sheets_with_blank_untitled_and_repeated_columns_and_numbers_above(tmp_path):
    rows = [
        [7, "", "", "", "", "", "", "", ""],
        ["", *TITLES, "设备投资额（元）", ""],
        ["", *firm(1), "", ""],
        ["", "  ", "", "", "", "", "", "", ""],
    ]
    reading = read_table(book(tmp_path / "a.xlsx", {"表": rows}))
    assert messages(reading) == ""
    assert (reading.rows_read, reading.rows_skipped, reading.exit_status) == (1, 1, 0)


def test_a_sheet_that_names_no_enterprise_and_no_project_is_not_read(tmp_path):
    reading = read_table(
        book(tmp_path / "a.xlsx", {"表": [TITLES, firm(1)], "汇总": [["注册地", TITLES[5]], ["兖州区", 9]]})
    )
    assert "工作表「汇总」：找不到表头（至少要有「企业编号」或「企业名称」等两个认识的标题）" in messages(
        reading, False
    )
    assert len(reading.population) == 1


def test_totals_that_cannot_be_read_and_faults_outside_the_data_are_no_problem(tmp_path):
    rows = [TITLES, firm(1), ["", "合计", "", "", "", "见附表"], ["", "总计", "", "", "", ""]]
    path = book(tmp_path / "a.xlsx", {"表": rows}, formulas=[("表", "F4", "=1/0", "#DIV/0!"), ("表", "E2", '=""', "")])
    reading = read_table(with_sheet(path, (b'<c r="E2">', b'<c r="E2" t="str">')))
    assert not messages(reading, True)
    assert "公式" not in messages(reading) and "不一致" not in messages(reading)
    assert reading.population.projects["project_id"].tolist() == ["E1-1"]


def test_merged_money_without_an_amount_is_blank(tmp_path):
    rows = [TITLES, firm(1, ""), firm(2, ""), firm(3)]
    reading = read_table(book(tmp_path / "a.xlsx", {"表": rows}, merges=[("表", "F2:F3", "")]))
    assert "跨行合并" not in messages(reading)
    assert reading.population.projects["equipment_investment"].tolist() == [0, 0, 1_000_000]


def test_a_footer_may_stand_in_the_column_of_ids(tmp_path):
    titles = [TITLES[1], TITLES[0], *TITLES[2:]]
    rows = [titles, ["E1", 2021, *firm(1)[2:]], ["填表人：张三", "", "", "", "", ""]]
    reading = read_table(book(tmp_path / "a.xlsx", {"表": rows}))
    assert len(reading.population) == 1
    assert "页脚" in messages(reading, False)


def test_a_column_that_only_one_sheet_has_is_blank_there_only(tmp_path):
    sheets = {
        "甲": [[*TITLES, "机器人投资额（万元）"], [*firm(1), ""]],
        "乙": [TITLES, firm(2)],
    }
    said = messages(read_table(book(tmp_path / "a.xlsx", sheets)), False)
    assert said == "【备注】工作表「甲」第 1 行「机器人投资额（万元）」（G1）：这一列有 1 个空白单元格，按 0 元读取。"


def test_an_id_that_cannot_be_read_is_said_once(tmp_path):
    reading = read_table(book(tmp_path / "a.xlsx", {"表": [TITLES, firm(1, id=1.5, name=""), firm(2)]}))
    assert messages(reading, True) == (
        "【拒绝】工作表「表」第 2 行「企业编号」（B2）：原值「1.5」：编号不应是小数。请把单元格设为「文本」后重新填写。"
    )


def test_two_facts_of_one_enterprise_may_disagree(tmp_path):
    rows = [TITLES, firm(1), firm(1, project="P9", name="别名", county="任城区"), firm(2)]
    reading = read_table(book(tmp_path / "a.xlsx", {"表": rows}))
    refused = messages(reading, True)
    assert (
        "「企业名称」不一致：第 2 行为「企业1」；第 3 行为「别名」。请统一；统一之前该企业的 2 行都不计入。" in refused
    )
    assert "「注册地」不一致" in refused
    assert reading.population.projects["project_id"].tolist() == ["P2"]


def test_an_invoice_date_of_another_year_is_remarked(tmp_path):
    rows = [[*TITLES, known.COLUMNS["invoice_date"].label], [*firm(1), "2020-12-31"]]
    reading = read_table(book(tmp_path / "a.xlsx", {"表": rows}))
    assert "原值「2020-12-31」：发票不是 2021 年开具的" in messages(reading, False)
    assert len(reading.population) == 1


@pytest.mark.parametrize(
    ("vat", "words"),
    [
        ([14, 13], "税额大于价税合计。请核对。"),
        (["十三", 13], "「设备税额（元）」"),
        (["", 13], "有金额而没有税额。请补填税额（没有就填 0）"),
    ],
)
def test_vat_that_cannot_be(tmp_path, vat, words):
    titles = [*TITLES[:5], "设备投资额（元）", "设备税额（元）"]
    rows = [titles, *([*firm(number, 13.5), tax] for number, tax in enumerate(vat, 1))]
    reading = read_table(book(tmp_path / "a.xlsx", {"表": rows}), gross=words.startswith("税额大于"))
    refused = messages(reading, True)
    assert words in refused and "第 2 行" in refused and "\n" not in refused
    assert reading.population.projects["project_id"].tolist() == ["P2"]


def with_sheet(path, *changes):
    """The same workbook with other bytes in its sheet."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for old, new in changes:
        assert old in parts["xl/worksheets/sheet1.xml"], parts["xl/worksheets/sheet1.xml"]
        parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"].replace(old, new)
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return path


# ----- files -----


def test_a_file_that_is_too_large(tmp_path, monkeypatch):
    path = csv_file(tmp_path / "a.csv", [TITLES, firm(1)])
    monkeypatch.setattr(reader, "MOST_FILE_BYTES", 20)
    with pytest.raises(TableError, match="文件有 0 MB，超过 0 MB。请拆分后再试。"):
        read_table(path)


def test_one_line_that_is_much_wider_than_the_others(tmp_path, monkeypatch):
    path = csv_file(tmp_path / "a.csv", [["甲", "乙"]] * 10 + [[""] * 9])
    monkeypatch.setattr(reader, "MOST_CELLS", 2 * 10 + 9)
    with pytest.raises(TableError, match="个别行的列数异常多。请检查分隔符和引号。"):
        read_table(path)


def test_sheets_of_charts_are_passed_over(tmp_path):
    book_ = openpyxl.load_workbook(book(tmp_path / "a.xlsx", {"表": [TITLES, firm(1)]}))
    book_.create_chartsheet("图")
    book_.save(tmp_path / "b.xlsx")
    assert messages(read_table(tmp_path / "b.xlsx")) == ""


def test_an_ods_file_with_a_password(tmp_path):
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">'
        '<manifest:encryption-data manifest:checksum="x"/></manifest:file-entry></manifest:manifest>'
    )
    path = tmp_path / "a.ods"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", b"\x8f\x03 not XML")
        archive.writestr("META-INF/manifest.xml", manifest)
    with pytest.raises(TableError, match="文件设有密码。请取消密码后另存。"):
        read_table(path)


@pytest.mark.parametrize(
    ("raised", "expected"),
    [(type("PanicException", (BaseException,), {}), TableError), (KeyboardInterrupt, KeyboardInterrupt)],
)
def test_a_crash_of_the_library_is_a_damaged_file_and_a_key_press_is_not(tmp_path, monkeypatch, raised, expected):
    path = book(tmp_path / "a.xlsx", {"表": [TITLES, firm(1)]})

    def crash(_stream):
        raise raised

    monkeypatch.setattr(python_calamine, "load_workbook", crash)
    with pytest.raises(expected) as caught:
        read_table(path)
    assert expected is KeyboardInterrupt or "文件已损坏，内容无法解析。请用 Excel 打开并另存为 xlsx" in str(
        caught.value
    )


def test_an_xls_file_with_a_password(tmp_path):
    old = xlwt.Workbook()
    old.add_sheet("表")
    old.save(str(tmp_path / "a.xls"))
    data = bytearray((tmp_path / "a.xls").read_bytes())
    second = 512 + 4 + struct.unpack_from("<H", data, 514)[0]  # the record after the first one
    struct.pack_into("<HHH", data, second, 0x2F, 2, 1)  # FILEPASS: what follows is encrypted
    (tmp_path / "a.xls").write_bytes(data)
    with pytest.raises(TableError, match="文件设有密码。请在 Excel 中取消密码后另存。"):
        read_table(tmp_path / "a.xls")


@pytest.mark.parametrize(("formula", "result"), [("=1+1", ""), ("=1/0", "#DIV/0!")])
def test_a_formula_without_result_whose_cell_says_no_place_is_refused(tmp_path, formula, result):
    path = book(tmp_path / "a.xlsx", {"表": [TITLES, firm(1, "")]}, formulas=[("表", "F2", formula, result)])
    with pytest.raises(TableError, match="有公式没有可用的结果，而且没有写明在哪一格。请用 Excel 打开"):
        read_table(with_sheet(path, (b' r="F2"', b"")))


# ----- the workbook of problems, the population -----


def test_the_workbook_marks_cells_of_every_kind(tmp_path):
    titles = [*TITLES, "申报日期", "设备投入使用"]
    moment = datetime.datetime.fromisoformat("2020-12-31 08:30")
    path = tmp_path / "a.xlsx"
    old = openpyxl.Workbook()
    old.active.title = LIST_SHEET
    for row in [
        titles,
        [*firm(1, True), moment, True],
        [*firm(2), datetime.datetime.fromisoformat("2021-03-05 09:00"), False],
    ]:
        old.active.append(row)
    old.active.append([None, *firm(3)[1:], None, None])
    old.save(path)
    reading = read_table(path)
    assert "原值「2020-12-31 08:30:00」：不在申报年度" in messages(reading, True)
    write_problems_workbook(tmp_path / "b.xlsx", reading.problems, reading.tables)
    new = openpyxl.load_workbook(tmp_path / "b.xlsx")
    assert new.sheetnames == [LIST_SHEET, f"{LIST_SHEET}_2"]
    sheet = new[f"{LIST_SHEET}_2"]
    assert sheet["F2"].value is True and "不是数字" in sheet["F2"].comment.text
    assert sheet["G2"].value == moment and "不在申报年度" in sheet["G2"].comment.text
    assert {sheet[cell].fill.fgColor.rgb for cell in ("F2", "G2")} == {"FFFFC7CE"}
    assert sheet["G3"].fill.fgColor.rgb != "FFFFC7CE" and sheet["H3"].value is False
    assert "申报年度是空的" in sheet["A4"].comment.text
    assert "A4" in [str(area.sqref) for area in sheet.conditional_formatting]


def made(**columns):
    projects = {"project_id": ["P1", "P2"], "enterprise_id": ["E1", "E2"]}
    enterprises = {"enterprise_id": ["E1", "E2"], "county": ["yanzhou", "rencheng"]}
    for name, values in columns.items():
        table = enterprises if name in ("county", "firms", "score_6501") else projects
        table["enterprise_id" if name in ("firms", "enterprise_id") else name] = values
    return Population(2021, pandas.DataFrame(projects), pandas.DataFrame(enterprises))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"firms": ["E1", "E1"]}, "企业编号重复：E1。"),
        ({"enterprise_id": ["E1", "E7"]}, "项目 P2 的企业 E7 不在企业表中。"),
    ],
)
def test_a_population_whose_tables_do_not_fit_is_refused(columns, words):
    with pytest.raises(BadFact) as caught:
        made(**columns)
    assert caught.value.message == words


def test_a_word_that_no_list_has_is_refused(system):
    with pytest.raises(BadFact, match="没有「nowhere」这一类"):
        made(county=["yanzhou", "nowhere"]).simulation(system)


def test_scores_are_written_with_all_their_digits(tmp_path):
    write_csv(made(score_6501=numpy.array([91.234567, 80.0])), tmp_path / "a.csv")
    text = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    assert "91.234567" in text
    assert read_table(tmp_path / "a.csv").population.enterprises["score_6501"].tolist() == [91.234567, 80.0]


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (
            {"equipment_investment": 20, "robot_investment": 15, "special_robot_investment": 15},
            "与「特种机器人投资额」合计 30.00 元，大于所属的「设备投资额」20.00 元。请核对。",
        ),
        (
            {"equipment_investment": 20, "robot_investment": 20.01},
            "20.01 元，大于所属的「设备投资额」20.00 元。请核对。",
        ),
        (
            {"equipment_investment": 20, "cumulative_equipment_investment": 19},
            "20.00 元，大于所属的「项目累计设备投资额」19.00 元。请核对。",
        ),
        ({"equipment_investment": 20, "nonproductive_equipment": 21}, "大于所属的「设备投资额」20.00 元。请核对。"),
        (
            {
                "equipment_investment": 20,
                "cumulative_equipment_investment": 40,
                "nonproductive_equipment": 41,
                "project_type": "零土地",
            },
            "大于所属的「项目累计设备投资额」40.00 元。请核对。",
        ),
        ({"equipment_investment": 20, "equipment_in_use": 21}, "大于所属的「设备投资额」20.00 元。请核对。"),
        (
            {
                "equipment_investment": 20,
                "cumulative_equipment_investment": 25,
                "nonproductive_equipment": 3,
                "cumulative_nonproductive_equipment": 4,
                "project_type": "零土地",
                "in_use": "是",
                "cumulative_equipment_in_use": 20.99,
            },
            "20.99 元，小于「项目累计设备投资额」25.00 元减去非生产性的 4.00 元，而「设备投入使用」填「是」，指生产性设备全部投入使用。"
            "请核对，只有一部分投入使用的填「否」。",
        ),
        (
            {
                "equipment_investment": 20,
                "cumulative_equipment_investment": 25,
                "project_type": "零土地",
                "in_use": "是",
                "equipment_in_use": 20,
            },
            "填「否」。零土地项目看全部年度，请另填「累计已投入使用的设备额」。",
        ),
        (
            {"equipment_investment": 20, "in_use": "是", "equipment_in_use": 19.99},
            "19.99 元，小于「设备投资额」20.00 元，而「设备投入使用」填「是」，指生产性设备全部投入使用。请核对，只有一部分投入使用的填「否」。",
        ),
    ],
)
def test_a_part_is_at_most_what_it_is_part_of(tmp_path, facts, said):
    titles = [
        *TITLES[:5],
        *(known.COLUMNS[name].label + "（元）" * (known.COLUMNS[name].kind == "money") for name in facts),
    ]
    good = {name: 0 if name in ("nonproductive_equipment", "equipment_in_use") else "" for name in facts}
    rows = [titles, [*firm(1)[:5], *facts.values()], [*firm(2)[:5], *(good | {"equipment_investment": 20}).values()]]
    reading = read_table(book(tmp_path / "a.xlsx", {"表": rows}))
    assert said in messages(reading, True) and reading.rows_refused == 1
    assert reading.population.projects["project_id"].tolist() == ["P2"]


def test_parts_as_large_as_the_whole_are_read_and_zero_land_has_those_of_all_years(tmp_path):
    names = (
        "robot_investment",
        "special_robot_investment",
        "cumulative_equipment_investment",
        "nonproductive_equipment",
        "equipment_in_use",
    )
    titles = [*TITLES[:5], "设备投资额（元）", "项目类别", "投入使用"]
    titles += [f"{known.COLUMNS[name].label}（元）" for name in names]
    rows = [[*firm(1)[:5], 20, "普通", "是", 5, 15, 20, 17, 3], [*firm(2)[:5], 1, "零土地", "是", 0, 0, 13, 3, 10]]
    rows = [titles, *rows]
    assert len(read_table(book(tmp_path / "a.xlsx", {"表": rows})).population) == 2


def test_all_parts_that_are_too_large_are_told_at_once(tmp_path):
    names = ("robot_investment", "robot_at_post_investment", "nonproductive_equipment")
    titles = [*TITLES[:5], "设备投资额（元）", *(f"{known.COLUMNS[name].label}（元）" for name in names)]
    reading = read_table(book(tmp_path / "a.xlsx", {"表": [titles, [*firm(1)[:5], 5, 6, 7, 8]]}))
    told = [problem.message for problem in reading.problems if problem.refusal]
    assert [message.partition(" ")[0] for message in told] == ["6.00", "7.00", "8.00"]
