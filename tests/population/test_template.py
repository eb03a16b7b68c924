"""The untouched example of the template is no claim; rewritten, it reads back; the workbook of problems marks the right cells; headings and
reconciliation."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import numpy
import openpyxl
import pytest
from tables import TITLES, book, firm, messages

from openfisca_jining.population import columns
from openfisca_jining.population.population import Population
from openfisca_jining.population.problems import write_problems_workbook
from openfisca_jining.population.read import read_table
from openfisca_jining.population.template import EXAMPLE, INVOICE_SHEET, MAIN_SHEET, TEMPLATE_COLUMNS, write_template


def rewritten(path, **cells):
    """The template with cells of its example row rewritten."""
    write_template(path)
    workbook = openpyxl.load_workbook(path)
    for name, value in cells.items():
        workbook[MAIN_SHEET].cell(2, TEMPLATE_COLUMNS.index(name) + 1).value = value
    workbook.save(path)
    return path


def test_untouched_example_is_no_claim(tmp_path):
    write_template(tmp_path / "模板.xlsx")
    reading = read_table(tmp_path / "模板.xlsx")
    assert reading.population is None and reading.exit_status == 1 and reading.rows_skipped == 1
    skipped, refused = reading.problems
    assert (skipped.row, skipped.refusal, refused.refusal) == (2, False, True)
    assert "虚构示例" in skipped.message and "只有模板自带的虚构示例" in refused.message


def test_untouched_example_is_skipped_beside_claims(tmp_path):
    path = rewritten(tmp_path / "模板.xlsx")
    workbook = openpyxl.load_workbook(path)
    for column, name in enumerate(TEMPLATE_COLUMNS, start=1):
        value = {"enterprise_id": "E1", "enterprise_name": "企业1"}.get(name, EXAMPLE[name])
        workbook[MAIN_SHEET].cell(3, column).value = value
    workbook.save(path)
    reading = read_table(path)
    assert reading.population.enterprises["enterprise_id"].tolist() == ["E1"] and reading.balances
    assert [(one.row, one.refusal) for one in reading.problems] == [(2, False)] and reading.exit_status == 0
    assert reading.rows_read == 1 and reading.rows_skipped == 1


def test_rewritten_example_reads_back(tmp_path, system):
    claim = EXAMPLE | {"enterprise_id": "E1", "enterprise_name": "企业1"}
    reading = read_table(rewritten(tmp_path / "模板.xlsx", enterprise_id="E1", enterprise_name="企业1"))
    assert not reading.problems and reading.balances and reading.exit_status == 0
    project, enterprise = reading.population.projects.iloc[0], reading.population.enterprises.iloc[0]
    for name, value in claim.items():
        column = columns.COLUMNS[name]
        if name == "claim_year":
            assert reading.population.year == value
            continue
        found = (project if name in project else enterprise)[name]
        if column.kind == "money":
            assert found == float(Decimal(str(value)) * 10_000)
        elif column.options:
            assert column.options[found].value == value
        elif column.kind == "flag":
            assert found == (value == "是")
        elif column.kind == "date":
            assert found.date() == value
        else:
            assert found == value
    simulation = reading.population.simulation(system)
    assert simulation.calculate("equipment_investment", 2021).tolist() == [26_505_000]


def test_template_filled_in_gives_the_same_as_a_plain_table(tmp_path):
    write_template(tmp_path / "模板.xlsx")
    workbook = openpyxl.load_workbook(tmp_path / "模板.xlsx")
    sheet = workbook[MAIN_SHEET]
    titles = [cell.value for cell in sheet[1]]
    rows = []
    for number in range(2, 30):
        changed = {"equipment_investment": number + 0.000001, "robot_investment": 1.5}
        values = EXAMPLE | changed | {"enterprise_id": f"E{number}", "project_id": f"P{number}"}
        rows.append([values[name] for name in TEMPLATE_COLUMNS])
        for column, value in enumerate(rows[-1], start=1):
            sheet.cell(number, column).value = value
    workbook.save(tmp_path / "填好.xlsx")
    filled = read_table(tmp_path / "填好.xlsx").population
    plain = read_table(book(tmp_path / "b.xlsx", {"表": [titles, *rows]})).population
    assert isinstance(filled, Population) and filled.content_hash() == plain.content_hash()


def test_template_has_drop_downs_units_and_notes(tmp_path):
    write_template(tmp_path / "模板.xlsx")
    workbook = openpyxl.load_workbook(tmp_path / "模板.xlsx")
    main = workbook[MAIN_SHEET]
    lists = [rule for rule in main.data_validations.dataValidation if rule.type == "list"]
    assert len(lists) == sum(columns.COLUMNS[name].kind in ("enum", "flag") for name in TEMPLATE_COLUMNS)
    assert "设备投资额（万元，不含税）" in [cell.value for cell in main[1]]
    assert main["D1"].comment is not None
    assert workbook["选项"].sheet_state == "hidden" and INVOICE_SHEET in workbook.sheetnames


def test_problems_workbook_marks_the_cells_and_keeps_hostile_text(tmp_path):
    rows = [TITLES, firm(1, "待定", name='=HYPERLINK("http://x")'), firm(2, county="@SUM(A1)"), firm(3, "-")]
    reading = read_table(book(tmp_path / "a.xlsx", {"申/报".replace("/", ""): rows}))
    write_problems_workbook(tmp_path / "问题.xlsx", reading.problems, reading.tables)
    workbook = openpyxl.load_workbook(tmp_path / "问题.xlsx")
    listed, marked = workbook["问题清单"], workbook["申报"]
    assert [listed.cell(row, 5).value for row in (2, 3, 4)] == ["F2", "D3", "F4"]
    assert listed["F2"].value == "待定"
    assert marked["F2"].fill.start_color.rgb == "FFFFC7CE" and "不是数字" in marked["F2"].comment.text
    assert marked["F4"].fill.start_color.rgb == "FFFFEB9C"
    assert marked["A2"].fill.fill_type is None
    assert marked["C2"].data_type == "s" and marked["C2"].hyperlink is None
    assert marked["D3"].value == "@SUM(A1)" and marked["F1"].value == TITLES[5]


def test_every_fact_heading_reads_back():
    for name, column in columns.COLUMNS.items():
        for unit in ("元", "万元"):
            heading = columns.read_heading(columns.heading_of(name, unit))
            assert heading.name == name
            assert heading.unit == (unit if column.kind == "money" else "")
    for name in columns.SYNONYMS:
        assert name in columns.COLUMNS or name in columns.INVOICE_COLUMNS


def test_columns_agree_with_the_law_model(system):
    for name, column in columns.COLUMNS.items():
        if name not in columns.ID_COLUMNS:
            variable = system.get_variable(name)
            assert (variable.label, variable.entity.key) == (column.label, column.entity)


@pytest.mark.parametrize("unit", columns.UNITS)
def test_plain_numbers_all_at_once_equal_the_exact_decimal(unit):
    draw = numpy.random.default_rng(7)
    decimals = len(str(columns.UNITS[unit])) + 1
    digits = [str(number) for number in draw.integers(1, 10**11, 3000)]
    texts = [
        (text.rjust(decimals + 1, "0")[:-decimals] + "." + text.rjust(decimals + 1, "0")[-decimals:]) for text in digits
    ]
    expected = [float(Decimal(text) * columns.UNITS[unit]) for text in texts]
    column = columns.COLUMNS["equipment_investment"]
    for raws in (texts, [float(text) for text in texts]):
        values = columns.read_column(raws, column, unit)
        assert not values.faults and values.values.tolist() == expected
    finer = [text + "5" for text in texts]
    assert len(columns.read_column(finer, column, unit).faults) == len(finer)


def test_money_reconciles_and_summary_says_so(tmp_path):
    titles = [*TITLES, "营业收入（万元）"]
    rows = [titles, [*firm(1, 10), 5], [*firm(1, 20, "P9"), 5], [*firm(2, "x"), 7], [*firm(3, 40, year=2020), 9]]
    reading = read_table(book(tmp_path / "a.xlsx", {"表": rows}), 2021)
    assert reading.balances
    equipment, revenue = reading.totals
    assert (equipment.before, equipment.refused, equipment.other_years, equipment.after) == (
        70_000_000,
        0,
        40_000_000,
        30_000_000,
    )
    assert (revenue.before, revenue.refused, revenue.repeated, revenue.after) == (
        26_000_000,
        7_000_000,
        5_000_000,
        5_000_000,
    )
    assert "读到 4 行：接受 2 行（其中 0 行有备注），拒绝 1 行，其他年度 1 行" in reading.summary()
    assert (
        "营业收入：表中 260,000.00 元 - 其他年度 90,000.00 元 - 被拒绝 70,000.00 元 - 同一企业重复填写 50,000.00 元"
        in reading.summary()
    )


def test_problems_come_in_the_order_of_the_sheet(tmp_path):
    rows = [TITLES, *(firm(number, "x", county="火星") for number in range(12))]
    reading = read_table(book(tmp_path / "a.xlsx", {"表": rows}))
    places = [(problem.row, problem.cell[0]) for problem in reading.problems]
    assert all(one <= other for one, other in pairwise(places)), messages(reading)
