"""What is wrong with a table: one :class:`Problem` per cell, and the same list as an Excel file with the cells
marked."""

from __future__ import annotations

import datetime
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from openfisca_jining.errors import BadFact
from openfisca_jining.whole import write_whole

#: Text from a table may begin with =, +, @ or look like a link; it stays text.
SAFE_OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "in_memory": True,  # no temporary files: what is written is written by openfisca_jining.whole
}
LIST_SHEET = "问题清单"
#: Excel's limits: characters in a cell, in a sheet name.
MOST_CHARACTERS, MOST_NAME_CHARACTERS = 32_767, 31

#: Characters of a cell that a line of text shows; the workbook of problems has all of them.
MOST_SHOWN = 200


class TableError(BadFact):
    """A file that cannot be read as a table at all (damaged, encrypted, renamed, empty, too large)."""

    def __init__(self, path: str | PathLike[str], message: str) -> None:
        super().__init__([str(path)], f"无法读取「{path}」：{message}")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, or was accepted only with a remark.

    :ivar sheet: sheet name (file name for CSV). :ivar row: row number as Excel shows it, 0 = the whole sheet.
    :ivar column: heading as written in the table, empty = the whole row. :ivar cell: reference like ``D17``, or empty.
    :ivar value: the original content of the cell. :ivar message: what is wrong and what to do, in Chinese.
    :ivar refusal: the row is left out (True), or it is kept with this remark (False).
    """

    sheet: str
    row: int
    column: str
    cell: str
    value: str
    message: str
    refusal: bool

    def __str__(self) -> str:
        place = f"工作表「{self.sheet}」" + (f"第 {self.row} 行" if self.row else "")
        column = f"「{self.column}」" if self.column else ""
        cell = f"（{self.cell}）" if self.cell else ""
        text = (
            self.value if len(self.value) <= MOST_SHOWN else f"{self.value[:MOST_SHOWN]}……（共 {len(self.value)} 字）"
        )
        value = f"原值「{text}」：" if text else ""
        return f"【{'拒绝' if self.refusal else '备注'}】{place}{column}{cell}：{value}{self.message}"


def cell_reference(row: int, column: int) -> str:
    """Excel's name of a cell. :param row: as Excel shows it (from 1). :param column: from 0."""
    return f"{xl_col_to_name(column)}{row}"


def shown(value: Any) -> str:
    """A cell's original content as a person would see it."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e20 else repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat(" ")
    return str(value)


def write_problems_workbook(
    path: str | PathLike[str],
    problems: Sequence[Problem],
    tables: Mapping[str, Iterable[Sequence[Any]]] | None = None,
) -> None:
    """Write the list of problems, and behind it the tables as they were read with the offending cells marked.

    :param path: xlsx file to write (replaced).
    :param tables: rows of each sheet, as in ``Reading.tables``; every cell keeps its place, refused cells are red and
        remarks yellow, each with its message as a comment.
    :raises OutputError: the file cannot be written.
    """
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, SAFE_OPTIONS) as book:
        head = book.add_format({"bold": True, "bg_color": "#D9E1F2", "border": 1, "text_wrap": True, "valign": "top"})
        wrap = book.add_format({"text_wrap": True, "valign": "top"})
        marks = {
            True: book.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006"}),
            False: book.add_format({"bg_color": "#FFEB9C", "font_color": "#7F6000"}),
        }
        names = _sheet_names(list(tables or {}))
        _write_list(book.add_worksheet(LIST_SHEET), problems, names, head, wrap, marks)
        for name, rows in (tables or {}).items():
            here = [problem for problem in problems if problem.sheet == name]
            _write_marked(book, names[name], rows, here, marks)
    write_whole(path, content.getvalue())


def _sheet_names(names: list[str]) -> dict[str, str]:
    """A legal and distinct Excel sheet name for each table (CSV tables are called after their file)."""
    taken, result = {LIST_SHEET.lower()}, {}
    for name in names:
        clean = "".join("_" if letter in "[]:*?/\\" else letter for letter in name).strip("'") or "表"
        candidate, number = clean[:MOST_NAME_CHARACTERS], 2
        while candidate.lower() in taken:
            candidate = f"{clean[: MOST_NAME_CHARACTERS - 4]}_{number}"
            number += 1
        taken.add(candidate.lower())
        result[name] = candidate
    return result


def _write_list(sheet, problems: Sequence[Problem], names: Mapping[str, str], head, wrap, marks) -> None:
    for column, (title, width) in enumerate(
        [("处理", 8), ("工作表", 16), ("行", 7), ("列", 22), ("单元格", 9), ("原值", 24), ("说明和建议", 90)]
    ):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, head)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    for row, problem in enumerate(problems, start=1):
        sheet.write_string(row, 0, "拒绝" if problem.refusal else "备注", marks[problem.refusal])
        sheet.write_string(row, 1, problem.sheet, wrap)
        if problem.row:
            sheet.write_number(row, 2, problem.row, wrap)
        sheet.write_string(row, 3, problem.column, wrap)
        if problem.cell and problem.sheet in names:
            place = f"internal:'{names[problem.sheet].replace(chr(39), chr(39) * 2)}'!{problem.cell}"
            sheet.write_url(row, 4, place, string=problem.cell)
        else:
            sheet.write_string(row, 4, problem.cell, wrap)
        sheet.write_string(row, 5, problem.value[:MOST_CHARACTERS], wrap)
        sheet.write_string(row, 6, problem.message[:MOST_CHARACTERS], wrap)
    sheet.autofilter(0, 0, max(len(problems), 1), 6)


def _write_marked(book, name: str, rows: Iterable[Sequence[Any]], problems: list[Problem], marks) -> None:
    sheet = book.add_worksheet(name)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    date = book.add_format({"num_format": "yyyy-mm-dd"})
    dated_marks = {
        key: book.add_format({"num_format": "yyyy-mm-dd", "bg_color": color})
        for key, color in ((True, "#FFC7CE"), (False, "#FFEB9C"))
    }
    messages: dict[str, list[Problem]] = {}
    for problem in problems:
        cell = problem.cell or (cell_reference(problem.row, 0) if problem.row else "")
        if cell:
            messages.setdefault(cell, []).append(problem)
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            if value == "" or value is None:
                continue
            found = messages.get(cell_reference(row + 1, column)) if messages else None
            refusal = any(problem.refusal for problem in found) if found else False
            mark = marks[refusal] if found else None
            if isinstance(value, bool):
                sheet.write_boolean(row, column, value, mark)
            elif isinstance(value, (int, float)):
                sheet.write_number(row, column, value, mark)
            elif isinstance(value, (datetime.date, datetime.datetime)):
                sheet.write_datetime(row, column, value, dated_marks[refusal] if found else date)
            else:
                sheet.write_string(row, column, str(value)[:MOST_CHARACTERS], mark)
    for cell, found in messages.items():
        refusal = any(problem.refusal for problem in found)
        if not any(problem.value for problem in found):
            sheet.conditional_format(cell, {"type": "blanks", "format": marks[refusal]})
        text = "\n".join(problem.message for problem in found)
        sheet.write_comment(
            cell, text[:MOST_CHARACTERS], {"author": "openfisca-jining", "x_scale": 2.5, "y_scale": 1.5}
        )
