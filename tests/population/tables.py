"""Tables made in code for the tests."""

from __future__ import annotations

import datetime
from pathlib import Path

import xlsxwriter

TITLES = ["申报年度", "企业编号", "企业名称", "注册地", "项目编号", "设备投资额（万元）"]


def firm(number: int, amount=100, project=None, **others) -> list:
    """A plain row under :data:`TITLES`."""
    row = {"year": 2021, "county": "兖州区", "name": f"企业{number}", "id": f"E{number}"} | others
    return [row["year"], row["id"], row["name"], row["county"], project or f"P{number}", amount]


def book(path: Path, sheets: dict[str, list[list]], merges=(), formulas=(), hidden=()) -> Path:
    """An xlsx. :param merges: (sheet, range, value). :param formulas: (sheet, cell, formula, value)."""
    with xlsxwriter.Workbook(path, {"strings_to_numbers": False}) as workbook:
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            if name in hidden:
                sheet.hide()
            for number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, datetime.date):
                        sheet.write_datetime(number, column, value, day)
                    elif isinstance(value, str):
                        if value:
                            sheet.write_string(number, column, value)
                    elif value is not None:
                        sheet.write(number, column, value)
            for place, area, value in merges:
                if place == name:
                    sheet.merge_range(area, value)
            for place, cell, formula, value in formulas:
                if place == name:
                    sheet.write_formula(cell, formula, None, value)
    return path


def csv_file(path: Path, rows: list[list], encoding="utf-8", separator=",") -> Path:
    """A text table."""
    text = "\r\n".join(separator.join("" if cell is None else str(cell) for cell in row) for row in rows) + "\r\n"
    path.write_bytes(text.encode(encoding))
    return path


def messages(reading, refusal=None) -> str:
    """All problems (or only refusals, or only remarks) as lines."""
    return "\n".join(str(problem) for problem in reading.problems if refusal is None or problem.refusal == refusal)
