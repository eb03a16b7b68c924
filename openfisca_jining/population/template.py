"""The input workbook that ``openfisca-jining template`` writes: drop-downs, units, notes and one example row."""

from __future__ import annotations

import datetime
import io
from os import PathLike
from typing import Any

import xlsxwriter
from openfisca_core.indexed_enums import Enum
from xlsxwriter.utility import xl_col_to_name

from openfisca_jining.classifications import County
from openfisca_jining.population import columns as known
from openfisca_jining.population.columns import COLUMNS, INVOICE_COLUMNS, Column
from openfisca_jining.population.invoices import CATEGORIES
from openfisca_jining.population.problems import SAFE_OPTIONS
from openfisca_jining.population.read import EXAMPLE_ID, EXAMPLE_NAME, NOTES_SHEET, OPTIONS_SHEET
from openfisca_jining.whole import write_whole

MAIN_SHEET, INVOICE_SHEET = "申报表", "发票明细"
#: Unit of the template's project amounts and of enterprises' turnover. Invoices are in 元.
UNIT = "万元"
#: Rows that get drop-downs and formats.
READY_ROWS = 2_000
#: Columns of the template, in order; every other fact may be added under its heading, see the notes sheet.
TEMPLATE_COLUMNS = (
    "claim_year",
    "enterprise_id",
    "enterprise_name",
    "county",
    "project_id",
    "project_name",
    "project_type",
    "catalogue_category",
    "application_date",
    "equipment_investment",
    "cumulative_equipment_investment",
    "nonproductive_equipment",
    "robot_investment",
    "special_robot_investment",
    "intelligent_system_investment",
    "informatisation_investment",
    "in_use",
    "loan_principal",
    "loan_interest_paid",
    "loan_days",
    "other_fiscal_money",
    "consortium_id",
    "consortium_lead",
    "yield_per_mu_class",
    "tier_listed",
    "protected_hundred",
    "employees",
    "revenue",
)
#: The example row, in the units of the template. The enterprise is made up.
EXAMPLE: dict[str, Any] = {
    "claim_year": 2021,
    "enterprise_id": EXAMPLE_ID,
    "enterprise_name": EXAMPLE_NAME,
    "county": "兖州区",
    "project_id": "2021-001",
    "project_name": "智能化生产线技术改造",
    "project_type": "零土地",
    "catalogue_category": "鼓励类",
    "application_date": datetime.date(2021, 3, 5),
    "equipment_investment": 2650.5,
    "cumulative_equipment_investment": 2650.5,
    "nonproductive_equipment": 0,
    "robot_investment": 320.25,
    "special_robot_investment": 0,
    "intelligent_system_investment": 0,
    "informatisation_investment": 180,
    "in_use": "是",
    "loan_principal": 1000,
    "loan_interest_paid": 38.5,
    "loan_days": 360,
    "other_fiscal_money": 0,
    "consortium_id": "",
    "consortium_lead": "否",
    "yield_per_mu_class": "A类",
    "tier_listed": "是",
    "protected_hundred": "否",
    "employees": 420,
    "revenue": 38600,
}
_NOTES = (
    "一个项目一行；一家企业有几个项目就填几行，各行的企业情况（注册地、营业收入等）要填得一样。",
    "第二行是示例（虚构），填写前请删除或改写；没有改写企业编号和企业名称的，读取时跳过。",
    "金额单位写在标题里，可以改成（元）（万元）（亿元），但标题和数字要一致；万元最多 6 位小数。",
    "设备等投资额填不含税金额。机器人、特种机器人、非生产性设备都包含在设备投资额之内。",
    "项目累计设备投资额是 2017 年至申报年度的全部设备；与设备投资额相同的可以空着。其中的非生产性设备另填「累计非生产性设备额」。",
    "日期写成 2021-03-05 的样子。是否类填「是」或「否」。有下拉框的请从下拉框里选。",
    "不认识的标题不会读取，会在结果里逐一列出。空着的格子按下表的缺省处理。",
    "「发票明细」工作表可以不填；填了，程序就按发票核对各项目的金额，不支持的会列出两个数。红字发票填负数。",
    "增列其他事实：在「申报表」右边加一列，标题照抄下表即可。",
)


def write_template(path: str | PathLike[str]) -> None:
    """Write the input workbook; its example row names a made-up enterprise and is skipped by the reader.

    :param path: xlsx file to write (replaced). :raises OutputError: the file cannot be written.
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, SAFE_OPTIONS)
    book.set_properties({"title": "技术改造奖补申报表", "comments": "openfisca-jining template"})
    formats = _formats(book)
    main = book.add_worksheet(MAIN_SHEET)
    bills = book.add_worksheet(INVOICE_SHEET)
    notes = book.add_worksheet(NOTES_SHEET)
    options = book.add_worksheet(OPTIONS_SHEET)
    lists = _write_options(options, formats)
    options.hide()
    for sheet in (main, bills, notes):
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(3 if sheet is main else 1, 0)
    chosen = [COLUMNS[name] for name in TEMPLATE_COLUMNS]
    _write_headings(main, chosen, UNIT, formats)
    _prepare_rows(main, chosen, lists, formats)
    for number, column in enumerate(chosen):
        _write_example(main, number, column, formats)
    of_invoices = list(INVOICE_COLUMNS.values())
    _write_headings(bills, of_invoices, "元", formats)
    _prepare_rows(bills, of_invoices, lists, formats)
    _write_notes(notes, formats)
    book.close()
    write_whole(path, content.getvalue())


def _formats(book) -> dict[str, Any]:
    base = {"font_name": "微软雅黑", "font_size": 10, "valign": "vcenter"}
    return {
        "required": book.add_format({**base, "bold": True, "bg_color": "#FCE4D6", "border": 1, "text_wrap": True}),
        "head": book.add_format({**base, "bold": True, "bg_color": "#D9E1F2", "border": 1, "text_wrap": True}),
        "text": book.add_format({**base, "num_format": "@"}),
        "plain": book.add_format(base),
        "money": book.add_format({**base, "num_format": "#,##0.00####"}),
        "fen": book.add_format({**base, "num_format": "#,##0.00"}),
        "whole": book.add_format({**base, "num_format": "0"}),
        "date": book.add_format({**base, "num_format": "yyyy-mm-dd"}),
        "wrap": book.add_format({**base, "text_wrap": True}),
        "title": book.add_format({**base, "bold": True, "font_size": 14}),
    }


_REQUIRED = (
    "claim_year",
    "enterprise_id",
    "enterprise_name",
    "county",
    "project_id",
    "invoice_number",
    "issued",
    "category",
)


def _write_headings(sheet, chosen: list[Column], unit: str, formats) -> None:
    sheet.set_row(0, 48)
    sheet.freeze_panes(1, 0)
    for number, column in enumerate(chosen):
        required = column.name in _REQUIRED
        heading = known.heading_of(column.name, unit)
        sheet.write_string(0, number, heading, formats["required" if required else "head"])
        wide = column.name in ("enterprise_name", "project_name")
        sheet.set_column(number, number, 28 if wide else 22 if column.kind == "id" else 15)
        note = column.documentation + (f"\n单位：{unit}。" if column.kind == "money" else "")
        if note:
            sheet.write_comment(0, number, ("必填。" if required else "") + note, {"x_scale": 2})


def _cell_format(column: Column, formats):
    if column.kind == "money":
        return formats["fen" if column.entity == "invoice" else "money"]
    return formats[
        {"text": "text", "id": "text", "date": "date", "count": "whole", "year": "whole"}.get(column.kind, "plain")
    ]


def _prepare_rows(sheet, chosen: list[Column], lists: dict[Any, str], formats) -> None:
    for number, column in enumerate(chosen):
        letter = xl_col_to_name(number)
        area = f"{letter}2:{letter}{READY_ROWS + 1}"
        for row in range(1, READY_ROWS + 1 if column.kind in ("id", "text", "date") else 1):
            sheet.write_blank(row, number, None, _cell_format(column, formats))
        source = lists.get(
            "flag" if column.kind == "flag" else column.name if column.name == "category" else column.options
        )
        rule: dict[str, Any] | None = None
        if source:
            rule = {"validate": "list", "source": source, "error_message": "请从下拉框里选。"}
        elif column.kind == "money" and column.entity != "invoice":
            rule = {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": "请填写不小于 0 的数字。"}
        elif column.kind == "count":
            rule = {"validate": "integer", "criteria": ">=", "value": 0, "error_message": "请填写不小于 0 的整数。"}
        elif column.kind == "year":
            years = {"minimum": known.FIRST_YEAR, "maximum": known.LAST_YEAR}
            rule = {"validate": "integer", "criteria": "between", **years, "error_message": "请填写四位年份。"}
        elif column.kind == "date":
            limits: dict[str, Any] = {
                "minimum": datetime.date(2000, 1, 1),
                "maximum": datetime.date(known.LAST_YEAR, 12, 31),
            }
            rule = {
                "validate": "date",
                "criteria": "between",
                **limits,
                "error_message": "请按 2021-03-05 的样子填写日期。",
            }
        if rule:
            sheet.data_validation(area, {**rule, "error_title": column.label})


def _write_options(sheet, formats) -> dict[Any, str]:
    """The lists behind the drop-downs. :returns: a reference for each kind of list."""
    lists: dict[Any, list[str]] = {"flag": ["是", "否"], "category": list(CATEGORIES)}
    for column in COLUMNS.values():
        if column.options is not None and column.options not in lists:
            lists[column.options] = _labels(column.options)
    references = {}
    for number, (key, words) in enumerate(lists.items()):
        title = {"flag": "是否", "category": "发票类别"}.get(key) if isinstance(key, str) else key.__name__
        sheet.write_string(0, number, str(title), formats["head"])
        for row, word in enumerate(words, start=1):
            sheet.write_string(row, number, word, formats["plain"])
        letter = xl_col_to_name(number)
        references[key] = f"='{OPTIONS_SHEET}'!${letter}$2:${letter}${len(words) + 1}"
    return references


def _labels(options: type[Enum]) -> list[str]:
    return [str(member.value) for member in options if member.name != "unstated"]


def _write_example(sheet, number: int, column: Column, formats) -> None:
    value, style = EXAMPLE[column.name], _cell_format(column, formats)
    if isinstance(value, datetime.date):
        sheet.write_datetime(1, number, value, style)
    elif isinstance(value, str):
        if value:
            sheet.write_string(1, number, value, style)
    else:
        sheet.write_number(1, number, value, style)


def _write_notes(sheet, formats) -> None:
    sheet.set_column(0, 0, 38)
    sheet.set_column(1, 1, 10)
    sheet.set_column(2, 2, 30)
    sheet.set_column(3, 3, 70)
    sheet.write_string(0, 0, "填写说明", formats["title"])
    for row, note in enumerate(_NOTES, start=1):
        sheet.merge_range(row, 0, row, 3, f"{row}. {note}", formats["wrap"])
    start = len(_NOTES) + 2
    for number, title in enumerate(("标题", "属于", "可填", "说明和缺省")):
        sheet.write_string(start, number, title, formats["head"])
    for row, column in enumerate(COLUMNS.values(), start=start + 1):
        sheet.write_string(row, 0, known.heading_of(column.name, UNIT), formats["wrap"])
        sheet.write_string(
            row, 1, {"project": "项目", "enterprise": "企业", "row": "每行"}[column.entity], formats["plain"]
        )
        sheet.write_string(row, 2, _accepted(column), formats["wrap"])
        sheet.write_string(row, 3, column.documentation, formats["wrap"])


def _accepted(column: Column) -> str:
    if column.options is County:
        return "规范名称或六位区划代码，见下拉框"
    if column.options is not None:
        return "、".join(_labels(column.options))
    words = {
        "flag": "是、否",
        "date": "日期",
        "count": "整数",
        "year": "年份",
        "id": "文本",
        "text": "文本",
        "money": "金额",
    }
    return words.get(column.kind, "数字" + (f"（{column.unit}）" if column.unit else ""))
