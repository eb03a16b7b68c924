"""Tables as offices hand them in, read into a :class:`Population`. Nothing is dropped or altered in silence."""

from __future__ import annotations

import csv
import html
import io
import re
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any
from xml.parsers import expat

import numpy
import pandas
import python_calamine

from openfisca_jining.population import columns as known
from openfisca_jining.population import invoices
from openfisca_jining.population.columns import (
    COLUMNS,
    HEADINGS,
    INVOICE_COLUMNS,
    INVOICE_HEADINGS,
    Column,
    Heading,
    Values,
)
from openfisca_jining.population.population import Population
from openfisca_jining.population.problems import Problem, TableError, cell_reference, shown
from openfisca_jining.situations import EQUIPMENT, PARTS

#: Limits against damaged and hostile files: bytes on disk and unpacked, rows of a CSV, cells of all sheets together.
MOST_FILE_BYTES, MOST_UNPACKED_BYTES = 512 * 2**20, 2 * 2**30
MOST_ROWS, MOST_CELLS, MOST_COLUMNS = 2_000_000, 60_000_000, 16_384
#: Rows of a sheet of Excel.
MOST_SHEET_ROWS = 1_048_576
MOST_SHEETS = 200
#: Rows at the top of a sheet among which its heading is looked for.
HEADING_ROWS = 50
#: An amount in a 万元 column is suspected to be in 元 from 10 billion yuan on, or from 1 billion yuan on if it is 2,000
#: times the column's median. Turnover reaches such figures, so there only the median counts.
SURELY_SLIPPED, MAYBE_SLIPPED, TIMES_MEDIAN = 10**10, 10**9, 2_000
#: Unknown headings of a sheet for which the nearest known one is looked for (slow).
MOST_GUESSES = 200
#: An unknown heading that is this like the heading of a fact is taken for a misspelling, which must be settled.
MISSPELT = 0.8
#: Code and name of the made-up enterprise on the example row of our own template.
EXAMPLE_ID, EXAMPLE_NAME = "91370882000000003" + "0", "示例机械有限公司（虚构）"
CLAIM_DATES = ("application_date", "city_application_date")


# ----- what comes out -----


@dataclass(frozen=True)
class MoneyTotal:
    """Where the money of one column went, in fen (int).

    ``before - other_years - refused - repeated + adjusted = after``.

    :ivar name: fact. :ivar label: its Chinese label. :ivar before: all readable cells as stated.
    :ivar other_years: in rows of other years. :ivar refused: in refused rows.
    :ivar repeated: an enterprise's amount stated again in its further rows.
    :ivar adjusted: added or taken by the invoices, VAT taken out, defaults of empty cells.
    :ivar after: in the population. :ivar unreadable: cells that hold no readable amount (their rows are refused).
    """

    name: str
    label: str
    before: int
    other_years: int
    refused: int
    repeated: int
    adjusted: int
    after: int
    unreadable: int

    @property
    def balances(self) -> bool:
        """Whether the parts add up to the whole, to the fen."""
        return self.before - self.other_years - self.refused - self.repeated + self.adjusted == self.after


@dataclass
class Reading:
    """A table as read.

    :ivar population: the accepted rows, or None if there are none. :ivar year: claim year, or None if it is not known.
    :ivar problems: everything found, invoices claimed twice first.
    :ivar rows_read: data rows, which are either accepted, refused or of other years; totals, repeated headings and
        footers are ``rows_skipped``.
    :ivar rows_with_remarks: accepted rows that carry a remark of their own.
    :ivar totals: money before and after, by column.
    :ivar invoices: counts of the invoice sheet, or None without one. :ivar tables: cells of every sheet, for
        :func:`~openfisca_jining.population.problems.write_problems_workbook`.
    """

    population: Population | None
    year: int | None
    problems: list[Problem]
    rows_read: int = 0
    rows_accepted: int = 0
    rows_with_remarks: int = 0
    rows_refused: int = 0
    rows_other_years: int = 0
    rows_skipped: int = 0
    totals: list[MoneyTotal] = field(default_factory=list)
    invoices: invoices.InvoiceCount | None = None
    tables: dict[str, list[list[Any]]] = field(default_factory=dict)

    @property
    def exit_status(self) -> int:
        """0 if nothing was refused, else 1."""
        return int(any(problem.refusal for problem in self.problems))

    @property
    def balances(self) -> bool:
        """Whether rows and money before and after reconcile."""
        rows = self.rows_accepted + self.rows_refused + self.rows_other_years == self.rows_read
        return rows and all(total.balances for total in self.totals)

    def summary(self) -> str:
        """Counts and money before and after, in Chinese, one line each (yuan)."""
        lines = [
            f"读到 {self.rows_read} 行：接受 {self.rows_accepted} 行（其中 {self.rows_with_remarks} 行有备注），"
            f"拒绝 {self.rows_refused} 行，其他年度 {self.rows_other_years} 行；"
            f"另有合计、页脚等 {self.rows_skipped} 行不是数据。"
        ]
        for total in self.totals:
            parts = [f"{total.label}：表中 {_yuan(total.before)} 元"]
            parts += [
                f"{sign} {word} {_yuan(abs(fen))} 元"
                for sign, word, fen in (
                    ("-", "其他年度", total.other_years),
                    ("-", "被拒绝", total.refused),
                    ("-", "同一企业重复填写", total.repeated),
                    ("-" if total.adjusted < 0 else "+", "按发票、不含税或缺省调整", total.adjusted),
                )
                if fen
            ]
            unreadable = f"（另有 {total.unreadable} 个单元格读不出金额）" if total.unreadable else ""
            lines.append(" ".join(parts) + f" = {_yuan(total.after)} 元{unreadable}。")
        return "\n".join(lines)


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


# ----- files into sheets -----


@dataclass
class Sheet:
    """A sheet's cells. :ivar merges: ((row, column), (row, column)) from 0. :ivar faults: cells whose formula has
    no result."""

    name: str
    rows: list[list[Any]]
    merges: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
    faults: dict[tuple[int, int], str] = field(default_factory=dict)


def load_sheets(path: str | PathLike[str]) -> tuple[list[Sheet], list[Problem]]:
    """All visible sheets of an xlsx, xls, ods or CSV file that hold anything, and remarks about those left out.

    :raises TableError: missing, empty, damaged, encrypted, renamed or too large.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        data = file.read_bytes() if size <= MOST_FILE_BYTES else b""
    except (FileNotFoundError, ValueError):  # a name with NUL
        raise TableError(path, "没有这个文件。请核对路径和文件名。") from None
    except OSError as error:
        raise TableError(
            path, f"文件打不开（{error.strerror or error}）。请确认它是文件、没有被占用并且有读取权限。"
        ) from None
    if size > MOST_FILE_BYTES:
        raise TableError(path, f"文件有 {size / 2**20:,.0f} MB，超过 {MOST_FILE_BYTES // 2**20} MB。请拆分后再试。")
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise TableError(path, "文件是空的。请核对是不是选错了文件，或重新导出。")
    kind = _kind_of(path, data)
    suffix = file.suffix.lower().lstrip(".")
    expected = {
        "xlsx": ("xlsx", "xlsm"),
        "ods": ("ods",),
        "xls": ("xls", "et"),
        "text": ("csv", "txt", "tsv"),
    }[kind]
    if kind == "text" and suffix not in expected and _decode(data) is None:
        raise TableError(path, "文件已损坏，或不是真正的 Excel 文件。请用 Excel 打开并另存为 xlsx 后再试。")
    if suffix and suffix not in expected:
        words = {"xlsx": "xlsx 工作簿", "ods": "ods 工作簿", "xls": "旧式 xls 工作簿", "text": "纯文本（CSV）"}
        raise TableError(
            path, f"扩展名是 .{suffix}，内容却是{words[kind]}。请把扩展名改为 .{expected[0]}，或用 Excel 另存为 xlsx。"
        )
    if kind == "text":
        return [Sheet(file.stem, _read_csv(path, data))], []
    return _read_workbook(path, data, kind)


def _kind_of(path, data: bytes) -> str:
    if data.startswith(b"PK"):
        try:
            names = set(zipfile.ZipFile(io.BytesIO(data)).namelist())
        except _DAMAGE:
            raise TableError(path, "文件已损坏（压缩包不完整）。请重新导出或重新传输后再试。") from None
        if "xl/workbook.xml" in names:
            return "xlsx"
        if "content.xml" in names:
            return "ods"
        raise TableError(path, "是压缩包，但不是 xlsx 或 ods 工作簿。请解压后使用里面的表格，或用 Excel 另存为 xlsx。")
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise TableError(path, "文件设有密码。请在 Excel 中取消密码后另存。")
        return "xls"
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")):
        raise TableError(path, "其实是网页或 XML 文件，不是表格。请用 Excel 打开后另存为 xlsx。")
    if head.startswith((b"%pdf", b"\x89png", b"\xff\xd8\xff", b"{\\rtf")):
        raise TableError(path, "是 PDF、图片或文档，不是表格。请提供 xlsx、xls、ods 或 CSV。")
    return "text"


def _decode(data: bytes) -> str | None:
    """Text in UTF-8, GB18030 or (with a byte order mark) UTF-16, or None."""
    for encoding in ["utf-16"] if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ["utf-8-sig", "gb18030"]:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\0" in text else text
    return None


def _read_csv(path, data: bytes) -> list[list[Any]]:
    text = _decode(data)
    if text is None:
        raise TableError(
            path, "不是可以识别的文本（应为 UTF-8、GB18030 或带 BOM 的 UTF-16），或文件已损坏。请用 Excel 另存为 xlsx。"
        )
    lines = text[:65_536].splitlines()[:HEADING_ROWS]
    counts = {mark: max((line.count(mark) for line in lines), default=0) for mark in (",", "\t", ";")}
    delimiter = max(counts, key=lambda mark: (counts[mark], mark == ","))
    rows: list[list[Any]] = []
    width = cells = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append(row)
            width, cells = max(width, len(row)), cells + len(row)
            if len(rows) > MOST_ROWS or cells > MOST_CELLS or width > MOST_COLUMNS:
                raise TableError(path, f"超过 {MOST_ROWS:,} 行或 {MOST_COLUMNS:,} 列。请拆分后再试。")
    except csv.Error as error:
        raise TableError(
            path, f"第 {len(rows) + 1} 行附近的引号不成对或内容过长（{error}）。请更正，或用 Excel 另存为 xlsx。"
        ) from None
    if width * len(rows) > 2 * MOST_CELLS:
        raise TableError(path, "个别行的列数异常多。请检查分隔符和引号。")
    for row in rows:
        if len(row) < width:
            row.extend([""] * (width - len(row)))
    return rows


def _read_workbook(path, data: bytes, kind: str) -> tuple[list[Sheet], list[Problem]]:
    scans: dict[str, _Scan] = {}
    try:
        if kind == "xlsx":
            scans = _scan_xlsx(path, data)
        elif kind == "ods":
            _check_ods(path, data)
        named = Path(path).suffix.lower() == ".xls"  # calamine tells a password only if it knows the format by the name
        book = python_calamine.load_workbook(path if named else io.BytesIO(data))
        if len(book.sheet_names) > MOST_SHEETS:
            raise TableError(
                path, f"有 {len(book.sheet_names)} 张工作表，超过 {MOST_SHEETS} 张。请只保留申报表和发票明细。"
            )
        sheets, remarks = [], []
        for meta in book.sheets_metadata:
            if meta.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            found = book.get_sheet_by_name(meta.name)
            rows: list[list[Any]] = found.to_python(skip_empty_area=False)
            if not rows:
                continue
            if meta.visible != python_calamine.SheetVisibleEnum.Visible:
                if meta.name != OPTIONS_SHEET:
                    message = "是隐藏的工作表，没有读取。需要的话请取消隐藏。"
                    remarks.append(Problem(meta.name, 0, "", "", "", message, False))
                continue
            scan = scans.get(meta.name)
            if scan and scan.hidden and meta.name not in (OPTIONS_SHEET, NOTES_SHEET):
                message = "有隐藏（或被筛选掉）的行或列，已照常读取。不要的话请删除，不要只是隐藏。"
                remarks.append(Problem(meta.name, 0, "", "", "", message, False))
            merges = scan.merges if scan else (found.merged_cell_ranges or [])
            sheets.append(Sheet(meta.name, rows, merges, scan.faults if scan else {}))
    except TableError:
        raise
    except python_calamine.PasswordError:
        raise TableError(path, "文件设有密码。请在 Excel 中取消密码后另存。") from None
    except (python_calamine.CalamineError, *_DAMAGE):
        raise TableError(path, "文件已损坏，或不是真正的 Excel 文件。请用 Excel 打开并另存为 xlsx 后再试。") from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # raised by calamine's Rust code on some damaged files
            raise
        raise TableError(path, "文件已损坏，内容无法解析。请用 Excel 打开并另存为 xlsx 后再试。") from None
    return sheets, remarks


#: Sheets of our own template that hold no data.
OPTIONS_SHEET, NOTES_SHEET = "选项", "填写说明"


#: What reading a damaged archive may raise.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    RuntimeError,
    expat.ExpatError,
)


@dataclass
class _Scan:
    merges: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    faults: dict[tuple[int, int], str] = field(default_factory=dict)
    last_row: int = 0
    last_column: int = 0
    hidden: int = 0
    adrift: bool = False  # a fault in a cell that does not say where it is


def _scan_xlsx(path, data: bytes) -> dict[str, _Scan]:
    """What calamine does not tell: size before allocation, formulas without a result, error cells, merges."""
    archive = zipfile.ZipFile(io.BytesIO(data))
    _check_unpacked(path, archive)
    names = set(archive.namelist())
    relations = {}
    if "xl/_rels/workbook.xml.rels" in names:
        for tag in re.findall(rb"<(?:\w+:)?Relationship\b[^>]*>", archive.read("xl/_rels/workbook.xml.rels")):
            attributes = _attributes(tag)
            target = attributes.get("Target", "")
            relations[attributes.get("Id", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    scans, cells = {}, 0
    for tag in re.findall(rb"<(?:\w+:)?sheet\b[^>]*>", archive.read("xl/workbook.xml")):
        attributes = _attributes(tag)
        part = relations.get(attributes.get("id", ""), "")
        if part in names and "worksheets/" in part:
            scan = _scan_sheet(path, archive, part)
            if scan.last_row > MOST_SHEET_ROWS or scan.last_column > MOST_COLUMNS:
                raise TableError(path, "文件已损坏：有单元格在 Excel 的范围之外。请用 Excel 打开并另存为 xlsx 后再试。")
            cells += scan.last_row * scan.last_column
            if cells > MOST_CELLS // 2:
                raise TableError(
                    path,
                    f"表格范围达到 {scan.last_row:,} 行 × {scan.last_column:,} 列，过大。请删除多余的行和列后另存。",
                )
            scans[attributes.get("name", "")] = scan
    for part in names - set(relations.values()):
        if part.endswith(".xml"):
            _drain(archive, part)
    if "xl/sharedStrings.xml" in names:
        _drain(archive, "xl/sharedStrings.xml")
    return scans


def _check_unpacked(path, archive: zipfile.ZipFile) -> None:
    size = sum(entry.file_size for entry in archive.infolist())
    if size > MOST_UNPACKED_BYTES:
        raise TableError(
            path,
            f"解压后有 {size / 2**30:,.1f} GB，超过 {MOST_UNPACKED_BYTES // 2**30} GB，不像正常的表格。请拆分后再试。",
        )
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        raise TableError(path, "文件设有密码。请取消密码后另存。")


def _drain(archive: zipfile.ZipFile, part: str) -> None:
    """Unpack a part to nowhere. :raises zipfile.BadZipFile: it is longer than it says, or damaged."""
    with archive.open(part) as stream:
        while stream.read(2**22):
            pass


def _attributes(tag: bytes) -> dict[str, str]:
    pairs = re.findall(r"([\w.]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag.decode("utf-8", "replace"))
    return {name: html.unescape(one or other) for name, one, other in pairs}


_ROW = re.compile(rb"<(?:\w+:)?row\b[^>]*?\br=\"(\d{1,9})\"")
_WIDE = re.compile(rb" r=\"([A-Z]{2,9})\d")
#: References that lie far out, and all of them where a writer puts them in single quotes.
_FAR, _QUOTED = re.compile(rb"\br\s*=\s*[\"']([A-Z]*)(\d{7,})"), re.compile(rb"\br\s*=\s*'([A-Z]*)(\d+)'")
_HIDDEN = re.compile(rb"<(?:\w+:)?(?:row|col)\b(?=[^>]*\bhidden=\"(?:1|true)\")[^>]*?\b(?:r|min)=\"(\d+)\"")
_NO_RESULT = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_ERROR = re.compile(
    rb"<(?:\w+:)?c\b([^>]*\bt=\"e\"[^>]*)>(?:\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>))?\s*<(?:\w+:)?v>([^<]*)<"
)
_MERGE = re.compile(rb"<(?:\w+:)?mergeCell\b[^>]*?\bref=\"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})\"")
_REFERENCE = re.compile(rb"\br=\"([A-Z]{1,3})(\d{1,7})\"")


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _scan_sheet(path, archive: zipfile.ZipFile, part: str) -> _Scan:
    scan = _Scan()
    tail = b""
    with archive.open(part) as stream:
        while True:
            chunk = stream.read(2**23)
            text = tail + chunk
            cut = text.rfind(b"</row>") if chunk else -1
            text, tail = (text[: cut + 6], text[cut + 6 :]) if cut >= 0 else (text, b"")
            if cut < 0 and chunk and len(text) < 2**26:
                tail, text = text, b""
            _scan_text(text, scan)
            if scan.adrift:
                raise TableError(
                    path,
                    "有公式没有可用的结果，而且没有写明在哪一格。请用 Excel 打开、更正并另存为 xlsx 后再试。",
                )
            if not chunk:
                return scan


def _scan_text(text: bytes, scan: _Scan) -> None:
    scan.last_row = max(scan.last_row, max(map(int, _ROW.findall(text)), default=0), text.count(b"<row"))
    wide = max(map(_column_number, set(_WIDE.findall(text))), default=0)
    scan.last_column = max(scan.last_column, wide, 26 if text else 0)
    for letters, row in _FAR.findall(text) + (_QUOTED.findall(text) if b"'" in text else []):
        scan.last_row, scan.last_column = max(scan.last_row, int(row)), max(scan.last_column, _column_number(letters))
    if b'hidden="' in text:
        scan.hidden += len(_HIDDEN.findall(text))
    if b"<f" in text or b":f" in text:
        for found in _NO_RESULT.finditer(text):
            if b't="str"' not in found[1]:
                _add_fault(scan, found[1], "公式")
    if b't="e"' in text:
        for found in _ERROR.finditer(text):
            _add_fault(scan, found[1], found[2].decode("utf-8", "replace"))
    if b"mergeCell" in text:
        for first, top, last, bottom in _MERGE.findall(text):
            start = (int(top) - 1, _column_number(first) - 1)
            scan.merges.append((start, (int(bottom) - 1, _column_number(last) - 1)))


def _add_fault(scan: _Scan, attributes: bytes, content: str) -> None:
    found = _REFERENCE.search(attributes)
    if found:
        scan.faults[int(found[2]) - 1, _column_number(found[1]) - 1] = content
    else:
        scan.adrift = True


_ODS_REPEATED_ROW = re.compile(
    rb"number-rows-repeated=\"(\d{4,})\"[^>]*>(?:(?!</table:table-row>).)*?office:value-type", re.S
)
_ODS_REPEATED_CELL = re.compile(
    rb"<table:table-cell\b(?=[^>]*office:value-type)[^>]*number-columns-repeated=\"(\d{4,})\""
)


def _check_ods(path, data: bytes) -> None:
    archive = zipfile.ZipFile(io.BytesIO(data))
    _check_unpacked(path, archive)
    content = archive.read("content.xml")
    if _ODS_REPEATED_CELL.search(content) or _ODS_REPEATED_ROW.search(content):
        raise TableError(path, "有内容的单元格被重复了上千次，不像正常的表格。请删除多余的行和列后另存。")
    manifest = "META-INF/manifest.xml"
    if manifest in archive.namelist() and b"encryption-data" in archive.read(manifest):
        raise TableError(path, "文件设有密码。请取消密码后另存。")
    expat.ParserCreate().Parse(content, True)  # calamine looks for ever for an end that is not there


# ----- sheets into columns -----


@dataclass
class Layout:
    """Where the headings of a sheet are. :ivar columns: name -> (column from 0, heading, unit). :ivar first_row:
    first row of data."""

    heading_row: int
    first_row: int
    columns: dict[str, tuple[int, Heading, str]]
    unknown: list[tuple[int, Heading]]
    repeated: list[tuple[int, Heading]]
    untitled: list[int]
    unit: str


@dataclass
class Part:
    """The data rows of a sheet, column by column. :ivar rows: row of each in the sheet, from 0.
    :ivar skipped: rows that are not data. :ivar examples: of these, example rows of the template."""

    sheet: Sheet
    layout: Layout
    rows: numpy.ndarray
    values: dict[str, Values]
    skipped: int
    examples: int = 0

    def problem(self, row: int, name: str, message: str, refusal: bool) -> Problem:
        """A problem at a data row. :param row: number among the data rows. :param name: column, or empty for the
        row."""
        return problem_at(self.sheet, self.layout, int(self.rows[row]), name, message, refusal)


def problem_at(sheet: Sheet, layout: Layout, row: int, name: str, message: str, refusal: bool) -> Problem:
    """A problem at a row of a sheet (from 0)."""
    place = layout.columns.get(name)
    if place is None:
        return Problem(sheet.name, row + 1, "", "", "", message, refusal)
    column, heading, _unit = place
    value = sheet.faults.get((row, column)) or shown(sheet.rows[row][column])
    return Problem(sheet.name, row + 1, heading.text, cell_reference(row + 1, column), value, message, refusal)


def find_layout(sheet: Sheet, index: dict[str, str], columns: dict[str, Column]) -> Layout | None:
    """Find the row (or two rows) of headings, or None. Titles and unit lines may stand above."""
    top = sheet.rows[:HEADING_ROWS]
    read = [
        [
            known.read_heading(cell, index, columns, False) if isinstance(cell, str) and cell.strip() else None
            for cell in row
        ]
        for row in top
    ]
    scores = [len({heading.name for heading in row if heading and heading.name}) for row in read]
    if not scores or max(scores) < 2:
        return None
    best = scores.index(max(scores))
    first, last = best, best
    for upper in (best - 1, best):
        if upper >= 0 and upper + 1 < len(read) and _belong_together(top, read, upper, scores):
            first, last = upper, upper + 1
            break
    headings = _combined(read[first], read[last]) if last > first else read[best]
    names = {heading.name for heading in headings if heading}
    if not names & {"enterprise_id", "credit_code", "enterprise_name", "project_id", "project_name"}:
        return None
    unit = next((unit for row in reversed(top[: last + 1]) for cell in row if (unit := known.unit_line(cell))), "")
    layout = Layout(last, last + 1, {}, [], [], [], unit)
    for number, heading in enumerate(headings):
        if heading and not heading.name and len(layout.unknown) < MOST_GUESSES:
            heading = known.read_heading(heading.text, index, columns)
        if heading is None:
            if any(not known.is_blank(row[number]) for row in sheet.rows[last + 1 :]):
                layout.untitled.append(number)
        elif not heading.name:
            layout.unknown.append((number, heading))
        elif heading.name in layout.columns:
            layout.repeated.append((number, heading))
        else:
            layout.columns[heading.name] = number, heading, heading.unit or unit or "元"
    return layout


def _belong_together(top, read, upper: int, scores: list[int]) -> bool:
    """Whether two rows are one heading: cells merged downwards on some columns, groups with sub-headings on others."""
    if not scores[upper] or not scores[upper + 1]:
        return False
    pairs = list(zip(read[upper], top[upper + 1], strict=True))
    if any(heading and heading.name and not known.is_blank(below) for heading, below in pairs):
        return False
    names = {heading.name for row in read[upper : upper + 2] for heading in row if heading and heading.name}
    return len(names) > max(scores[upper], scores[upper + 1])


def _combined(upper: list[Heading | None], lower: list[Heading | None]) -> list[Heading | None]:
    result: list[Heading | None] = []
    group = None
    for above, below in zip(upper, lower, strict=True):
        group = above or group
        if below and below.name and not below.unit and group and not group.name and group.unit:
            below = Heading(below.text, below.name, group.unit, below.vat or group.vat)
        result.append(below or above)
    return result


_TOTAL = re.compile(r".{0,8}?(?:合计|总计|小计|共计|累计|total|sum)(?:金额|数)?:?", re.I)
_FOOTER = re.compile(r"[(（]?(?:注|备注|说明|填表|填报|制表|审核|复核|单位负责人|负责人|联系|经办|报送|盖章|主管|日期)")
_ID_NAMES = ("enterprise_id", "credit_code", "enterprise_name", "project_id", "project_name")


def extract(
    sheet: Sheet, layout: Layout, columns: dict[str, Column], problems: list[Problem], negative: bool = False
) -> Part:
    """Read every known column of a sheet at its data rows. What is not data is skipped with a remark.

    :param negative: whether money may be negative. Faults of single cells stay in ``Values.faults``.
    """
    body = sheet.rows[layout.first_row :]
    width = len(sheet.rows[0])
    filled = {name: [row[number] for row in body] for name, (number, _heading, _unit) in layout.columns.items()}
    merged_money = _fill_merges(sheet, layout, columns, filled)
    blank = {number for number, row in enumerate(body) if row.count("") == width}
    labels = sorted(
        {number for name, (number, *_rest) in layout.columns.items() if name in _ID_NAMES} | set(range(min(3, width)))
    )
    totals = _total_rows(body, layout, labels) - blank
    examples = _example_rows(filled) - blank - totals
    for number in sorted(examples):
        message = "是模板自带的虚构示例，已跳过，不计入任何合计。请删除这一行，或把整行改写成真实的申报。"
        problems.append(problem_at(sheet, layout, layout.first_row + number, "enterprise_name", message, False))
    others = _other_rows(body, layout, filled) - blank - totals - examples
    for number in sorted(totals | others):
        cells = [shown(cell) for cell in body[number] if not known.is_blank(cell)]
        if cells:
            what = "合计行" if number in totals else "重复的表头或页脚"
            message = f"按{what}处理，不作为数据读取。"
            problems.append(Problem(sheet.name, layout.first_row + number + 1, "", "", cells[0], message, False))
    left_out = blank | totals | others | examples
    kept = [number for number in range(len(body)) if number not in left_out]
    whole = len(kept) == len(body)
    part = Part(
        sheet, layout, numpy.array(kept, dtype=numpy.int64) + layout.first_row, {}, len(left_out - blank), len(examples)
    )
    for name, (number, _heading, unit) in layout.columns.items():
        raws = filled[name] if whole else [filled[name][row] for row in kept]
        part.values[name] = known.read_column(raws, columns[name], unit, negative)
        if sheet.faults or merged_money:
            _mark_faults(part, name, number, merged_money)
    _compare_totals(sheet, layout, part, columns, body, totals, problems)
    return part


def _fill_merges(
    sheet: Sheet, layout: Layout, columns: dict[str, Column], filled: dict[str, list[Any]]
) -> set[tuple[int, int]]:
    """Repeat a vertically merged cell in its rows. :returns: cells of merged project money, which must not be
    repeated."""
    names = {number: name for name, (number, *_rest) in layout.columns.items()}
    money: set[tuple[int, int]] = set()
    for (top, left), (bottom, _right) in sheet.merges:
        name = names.get(left)
        top, bottom = max(top, layout.first_row), min(bottom, len(sheet.rows) - 1)
        if name is None or bottom <= top:
            continue
        cells = filled[name]
        if columns[name].kind in ("money", "number", "count") and columns[name].entity != "enterprise":
            if not known.is_blank(cells[top - layout.first_row]):
                money.update((row, left) for row in range(top, bottom + 1))
            continue
        for row in range(top + 1, bottom + 1):
            cells[row - layout.first_row] = cells[top - layout.first_row]
    return money


def _total_rows(body: list[list[Any]], layout: Layout, labels: Iterable[int]) -> set[int]:
    found = set()
    for column in labels:
        for number, row in enumerate(body):
            cell = row[column]
            if type(cell) is str and ("计" in cell or "otal" in cell.lower()) and _TOTAL.fullmatch(known.plain(cell)):
                found.add(number)
    codes = [
        layout.columns[name][0] for name in ("enterprise_id", "credit_code", "project_id") if name in layout.columns
    ]

    def has_code(row: list[Any]) -> bool:
        return any(
            not known.is_blank(row[code]) and not _TOTAL.fullmatch(known.plain(str(row[code]))) for code in codes
        )

    return {number for number in found if not has_code(body[number])}


def _example_rows(filled: dict[str, list[Any]]) -> set[int]:
    """Rows that still name the made-up enterprise of the template's example, by code and name."""
    names, codes = (filled.get(name, []) for name in ("enterprise_name", "enterprise_id"))
    pairs = enumerate(zip(names, codes, strict=False))
    return {number for number, pair in pairs if pair == (EXAMPLE_NAME, EXAMPLE_ID)}


def _other_rows(body: list[list[Any]], layout: Layout, filled: dict[str, list[Any]]) -> set[int]:
    """Headings repeated on each printed page, and footers like 填表人."""
    found = set()
    id_names = [name for name in _ID_NAMES if name in layout.columns]
    for name in id_names:
        _column, heading, _unit = layout.columns[name]
        for number, cell in enumerate(filled[name]):
            if cell == heading.text and sum(
                known.plain(str(body[number][other])) == known.plain(title.text)
                for other, title, _ in layout.columns.values()
            ) >= min(2, len(layout.columns)):
                found.add(number)
    empty = set(range(len(body)))
    for name in id_names:
        cells = filled[name]
        empty = (
            {number for number in empty if known.is_blank(cells[number])}
            if len(empty) < len(body)
            else {number for number, cell in enumerate(cells) if cell == "" or known.is_blank(cell)}
        )
    for name in id_names:
        # a footer often stands in the first column, which may be an id column
        for number, cell in enumerate(filled[name]):
            if type(cell) is str and _FOOTER.match(cell.strip()):
                empty.add(number)
    money = [
        number
        for column, (number, *_rest) in layout.columns.items()
        if (COLUMNS | INVOICE_COLUMNS)[column].kind == "money"
    ]
    for number in empty:
        texts = [cell for cell in body[number] if not known.is_blank(cell)]
        no_money = all(known.is_blank(body[number][column]) for column in money)
        if not texts or (
            no_money and isinstance(texts[0], str) and _FOOTER.match(texts[0].strip()) and len(texts) <= 4
        ):
            found.add(number)
    return found


def _mark_faults(part: Part, name: str, column: int, merged_money: set[tuple[int, int]]) -> None:
    values = part.values[name]
    for cells, refusal in ((part.sheet.faults, "fault"), (merged_money, "merge")):
        for row, at in list(cells):
            if at != column:
                continue
            place = int(numpy.searchsorted(part.rows, row))
            if place == len(part.rows) or part.rows[place] != row:
                continue
            if refusal == "merge":
                message = "金额单元格跨行合并，无法知道各行各是多少。请取消合并，逐行填写金额。"
            elif part.sheet.faults[row, column] == "公式":
                message = "公式没有保存计算结果，不能当作空白或 0。请在 Excel 中打开、重新计算并保存，或直接填写数值。"
            else:
                message = "单元格是公式错误值，没有可用的结果。请更正公式，或直接填写数值。"
            values.faults[place] = (message, True)
            values.stated[place] = False
            values.values[place] = known.blank_values((COLUMNS | INVOICE_COLUMNS)[name], 1).values[0]


def _compare_totals(
    sheet, layout: Layout, part: Part, columns, body, totals: set[int], problems: list[Problem]
) -> None:
    """Report a total in the table that differs from the sum of its rows (project and invoice money)."""
    for name, (number, _heading, unit) in layout.columns.items():
        if columns[name].kind != "money" or columns[name].entity == "enterprise" or not totals:
            continue
        fen = _fen(part.values[name].values)
        since = layout.first_row
        for row in sorted(totals):
            place = layout.first_row + row
            label = known.plain("".join(cell for cell in body[row] if isinstance(cell, str)))
            subtotal = "小计" in label
            begin = since if subtotal else layout.first_row
            since = place + 1 if subtotal else since
            try:
                stated = known.read_money(body[row][number], unit, negative=True)
            except known.CellError:
                continue
            total = int(fen[(part.rows >= begin) & (part.rows < place)].sum())
            if stated.value is not None and round(stated.value * 100) != total:
                message = (
                    f"表中合计为 {stated.value:,.2f} 元，以上各行读得的和为 {_yuan(total)} 元，两者不一致。请核对。"
                )
                problems.append(problem_at(sheet, layout, place, name, message, False))


def _fen(yuan: numpy.ndarray) -> numpy.ndarray:
    return numpy.rint(yuan * 100).astype(numpy.int64)


# ----- columns into a population -----


@dataclass
class Rows:
    """The data rows of all sheets together, and what is found about them.

    :ivar mine: rows of the claim year. :ivar refused, noted: rows with a refusal or a remark of their own.
    :ivar adjusted: fen that each row gained or lost after it was read, by column.
    """

    parts: list[Part]
    values: dict[str, Values]
    problems: list[Problem]
    mine: numpy.ndarray
    refused: numpy.ndarray
    noted: numpy.ndarray
    starts: numpy.ndarray
    adjusted: dict[str, numpy.ndarray] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.refused)

    def place(self, row: int) -> tuple[Part, int]:
        """The sheet of a row and its number there."""
        part = int(numpy.searchsorted(self.starts, row, side="right")) - 1
        return self.parts[part], row - int(self.starts[part])

    def report(self, row: int, name: str, message: str, refusal: bool) -> None:
        """Add a problem to a row."""
        part, number = self.place(row)
        self.problems.append(part.problem(number, name, message, refusal))
        (self.refused if refusal else self.noted)[row] = True

    def named(self, row: int) -> str:
        """How messages call a row."""
        part, number = self.place(row)
        sheet = f"「{part.sheet.name}」" if len(self.parts) > 1 else ""
        return f"{sheet}第 {int(part.rows[number]) + 1} 行"

    def adjust(self, name: str, where: numpy.ndarray, yuan: numpy.ndarray) -> None:
        """Give the rows marked in ``where`` other amounts, and book the difference. :param yuan: one per row of the
        table."""
        column = self.column(name)
        new = numpy.where(where, yuan, column.values)
        booked = self.adjusted.setdefault(name, numpy.zeros(len(self), dtype=numpy.int64))
        booked += _fen(new) - _fen(column.values)
        column.values, column.stated = new, column.stated | where

    def column(self, name: str) -> Values:
        """A column, empty if no sheet has it."""
        if name not in self.values:
            self.values[name] = known.blank_values(COLUMNS[name], len(self))
        return self.values[name]


def read_table(path: str | PathLike[str], year: int | None = None, *, gross: bool = False) -> Reading:
    """Read, check and reconcile a table of claims.

    :param path: xlsx, xls, ods or CSV. :param year: claim year; None = the only one in the table.
    :param gross: amounts of purchases include VAT (价税合计), unless their heading says 不含税. The population
        always holds them without VAT and the VAT beside them, so the VAT must then be stated (税额 columns) or follow
        from the invoices.
    :returns: the reading; its ``problems`` name everything that is wrong at once.
    :raises TableError: the file cannot be read as a table.
    """
    sheets, problems = load_sheets(path)
    parts: list[Part] = []
    bills: Part | None = None
    for sheet in sheets:
        if sheet.name in (OPTIONS_SHEET, NOTES_SHEET):
            continue
        bill_layout = find_layout(sheet, INVOICE_HEADINGS, INVOICE_COLUMNS)
        if bill_layout and "invoice_number" in bill_layout.columns:
            if bills is not None:
                message = f"有两张发票明细表（另一张是「{bills.sheet.name}」），这一张没有读取。请合并为一张。"
                problems.append(Problem(sheet.name, 0, "", "", "", message, True))
                continue
            _report_headings(sheet, bill_layout, INVOICE_COLUMNS, problems)
            part = extract(sheet, bill_layout, INVOICE_COLUMNS, problems, negative=True)
            bills = part if len(part.rows) else None
            continue
        layout = find_layout(sheet, HEADINGS, COLUMNS)
        if layout is None:
            if any(not known.is_blank(cell) for row in sheet.rows for cell in row):
                message = "找不到表头（至少要有「企业编号」或「企业名称」等两个认识的标题），这张工作表没有读取。"
                problems.append(Problem(sheet.name, 0, "", "", "", message, False))
            continue
        _report_headings(sheet, layout, COLUMNS, problems)
        parts.append(extract(sheet, layout, COLUMNS, problems))
    tables = {sheet.name: sheet.rows for sheet in sheets}
    if not any(len(part.rows) for part in parts):
        message = (
            "没有找到申报数据。请使用 openfisca-jining template 生成的模板，"
            "或在第一行写明「企业编号」「申报年度」「设备投资额（元）」等标题。"
        )
        if parts:
            message = "只有表头，没有数据行。请填写后再试。"
        if any(part.examples for part in parts):
            message = "只有模板自带的虚构示例，没有申报。请把示例行改写成真实的申报（或删除后从第 2 行填起）再试。"
        name = parts[0].sheet.name if parts else sheets[0].name if sheets else Path(path).stem
        problems.append(Problem(name, 0, "", "", "", message, True))
        skipped = sum(part.skipped for part in parts)
        return Reading(None, year, problems, rows_skipped=skipped, tables=tables)
    rows = _join(parts, problems)
    year, usable = _choose_year(rows, year)
    before = {name: _fen(rows.values[name].values) for name in rows.values if COLUMNS[name].kind == "money"}
    unreadable = {
        name: sum(1 for row, (_text, refusal) in rows.values[name].faults.items() if refusal and rows.mine[row])
        for name in before
    }
    _report_cells(rows)
    _check_units(rows)
    enterprise, firms = _check_ids(rows)
    stated_first = _check_enterprises(rows, enterprise, firms)
    if year is not None:
        _check_dates(rows, year)
    bill_count = None
    gross_rows = _gross_columns(rows, gross)
    if bills is not None and usable and year is not None:
        bill_count = _apply_invoices(rows, bills, year, gross_rows)
    _take_out_vat(rows, gross_rows)
    _check_partial_vat(rows)
    _check_parts(rows, bills is not None and "used_from" in bills.layout.columns)
    if not usable:
        rows.refused |= rows.mine
    accepted = rows.mine & ~rows.refused
    population, totals = None, []
    if year is not None and accepted.any():
        population = _population(rows, accepted, enterprise, stated_first, year, Path(path).name)
    totals = _totals(rows, accepted, enterprise, stated_first, before, unreadable, population)
    return Reading(
        population,
        year,
        _sorted(rows.problems, sheets),
        rows_read=len(rows),
        rows_accepted=int(accepted.sum()),
        rows_with_remarks=int((accepted & rows.noted).sum()),
        rows_refused=int((rows.mine & rows.refused).sum()),
        rows_other_years=int((~rows.mine).sum()),
        rows_skipped=sum(part.skipped for part in parts),
        totals=totals,
        invoices=bill_count,
        tables=tables,
    )


def _report_headings(sheet: Sheet, layout: Layout, columns: dict[str, Column], problems: list[Problem]) -> None:
    row = layout.heading_row + 1
    have = {columns[name].label for name in layout.columns}

    def report(number: int, heading: Heading, message: str, refusal: bool) -> None:
        problems.append(
            Problem(sheet.name, row, heading.text, cell_reference(row, number), heading.text, message, refusal)
        )

    for number, heading in layout.unknown:
        bare = known.plain(heading.text).strip("*★☆:")
        if bare in known.ROW_NUMBERS or all(known.is_blank(line[number]) for line in sheet.rows[layout.first_row :]):
            continue
        if bare in known.IRRELEVANT:
            report(number, heading, "与奖补计算无关，这一列没有读取。", False)
            continue
        near = f"最接近的是「{heading.nearest}」。" if heading.nearest else ""
        misspelt = heading.likeness >= MISSPELT and heading.nearest not in have
        advice = "如果就是它，请改成这个标题；不是就请删除这一列。" if misspelt else "需要的话请改成认识的标题。"
        report(number, heading, f"不认识这个标题，这一列没有读取。{near}{advice}", misspelt)
    for number, heading in layout.repeated:
        first, other, _unit = layout.columns[heading.name]
        if not all(known.is_blank(line[number]) for line in sheet.rows[layout.first_row :]):
            message = f"与「{other.text}」（{cell_reference(row, first)}）是同一项，只读取了前一列。请只保留一列。"
            report(number, heading, message, True)
    for number in layout.untitled:
        message = "这一列有内容但没有标题，没有读取。请补上标题或删除。"
        problems.append(Problem(sheet.name, row, "", cell_reference(row, number), "", message, False))
    if not layout.unit and columns is COLUMNS:
        for name, (number, heading, _unit) in layout.columns.items():
            if columns[name].kind == "money" and not heading.unit:
                report(number, heading, "没有写明金额单位，按「元」读取。请在标题里写明（元）或（万元）。", False)


def _join(parts: list[Part], problems: list[Problem]) -> Rows:
    parts = [part for part in parts if len(part.rows)]
    counts = [len(part.rows) for part in parts]
    total = sum(counts)
    starts = numpy.concatenate([[0], numpy.cumsum(counts)[:-1]])
    values: dict[str, Values] = {}
    for name in dict.fromkeys(name for part in parts for name in part.values):
        pieces = [
            part.values.get(name) or known.blank_values(COLUMNS[name], count)
            for part, count in zip(parts, counts, strict=True)
        ]
        faults = {
            row + int(start): fault
            for piece, start in zip(pieces, starts, strict=True)
            for row, fault in piece.faults.items()
        }
        values[name] = Values(
            numpy.concatenate([piece.values for piece in pieces]),
            numpy.concatenate([piece.stated for piece in pieces]),
            faults,
        )
    everything, nothing = numpy.ones(total, dtype=bool), numpy.zeros(total, dtype=bool)
    return Rows(parts, values, problems, everything, nothing, nothing.copy(), starts)


def _choose_year(rows: Rows, year: int | None) -> tuple[int | None, bool]:
    """The claim year, and whether the table can be used at all. Marks the rows of that year as ``mine``."""
    first = rows.parts[0]

    def refuse(message: str) -> None:
        rows.problems.append(Problem(first.sheet.name, 0, "", "", "", message, True))

    if "claim_year" not in rows.values:
        if year is None:
            refuse("没有「申报年度」列，也没有指定年度。请加上这一列，或指定年度（例如 --year 2021）。")
        return year, year is not None
    stated = rows.values["claim_year"]
    years = Counter(stated.values[stated.stated].tolist())
    listed = "、".join(f"{number} 年 {count} 行" for number, count in sorted(years.items()))
    if year is None:
        if len(years) == 1:
            year = next(iter(years))
        else:
            refuse(
                f"表中有几个申报年度（{listed}）。请指定要算的年度（例如 --year {max(years)}）。"
                if years
                else "申报年度一个也读不出来。"
            )
            return None, False
    rows.mine[:] = ~stated.stated | (stated.values == year)
    for row in numpy.flatnonzero(~stated.stated).tolist():
        if row not in stated.faults:
            rows.report(row, "claim_year", "申报年度是空的。请填写，例如 2021。", True)
    if year not in years:
        refuse(f"表中没有 {year} 年度的数据（有：{listed or '无'}）。请核对年度。")
    elif len(years) > 1:
        others = "、".join(f"{number} 年 {count} 行" for number, count in sorted(years.items()) if number != year)
        message = f"只计算 {year} 年度；其他年度的行没有计入：{others}。"
        rows.problems.append(Problem(first.sheet.name, 0, "", "", "", message, False))
    return year, True


def _report_cells(rows: Rows) -> None:
    for name, column in rows.values.items():
        for row, (message, refusal) in column.faults.items():
            if rows.mine[row]:
                rows.report(row, name, message, refusal)
        if COLUMNS[name].kind == "money":
            _report_blanks(rows, name, column)


def _report_blanks(rows: Rows, name: str, column: Values) -> None:
    """One remark per sheet for empty money cells: they count as the default, which is worth knowing."""
    default = _said_of_blanks(name)
    blank = ~column.stated & rows.mine
    if COLUMNS[name].entity == "enterprise":
        return
    for number, part in enumerate(rows.parts):
        if name not in part.layout.columns:
            continue
        start = int(rows.starts[number])
        count = int(blank[start : start + len(part.rows)].sum()) - sum(
            1
            for row, (_message, refusal) in column.faults.items()
            if refusal and start <= row < start + len(part.rows) and rows.mine[row]
        )
        if count:
            place, heading, _unit = part.layout.columns[name]
            row = part.layout.heading_row + 1
            message = f"这一列有 {count} 个空白单元格，{default}。"
            rows.problems.append(
                Problem(part.sheet.name, row, heading.text, cell_reference(row, place), "", message, False)
            )


def _said_of_blanks(name: str) -> str:
    if name in _COPIED_DEFAULTS:
        return f"取同一行的「{COLUMNS[_COPIED_DEFAULTS[name]].label}」"
    if name == "equipment_in_use":
        return f"「{COLUMNS['in_use'].label}」为「是」的取全部设备，其余按 0 元读取"
    if name == "cumulative_equipment_in_use":
        return f"取同一行的「{COLUMNS['equipment_in_use'].label}」"
    return "按缺省处理" if name.endswith("_vat") else "按 0 元读取"


def _check_units(rows: Rows) -> None:
    """Amounts in 元 that slipped into a column in a larger unit are refused; the way out is to write the unit in
    the cell."""
    for number, part in enumerate(rows.parts):
        start = int(rows.starts[number])
        for name, (column, _heading, unit) in part.layout.columns.items():
            if COLUMNS[name].kind != "money":
                continue
            yuan = rows.values[name].values[start : start + len(part.rows)]
            positive = yuan[yuan > 0]
            if not len(positive):
                continue
            median = float(numpy.median(positive))
            if known.UNITS[unit] >= 10_000:
                slipped = (yuan >= MAYBE_SLIPPED) & (yuan >= TIMES_MEDIAN * median) & (len(positive) >= 5)
                if COLUMNS[name].entity == "project":
                    slipped |= yuan >= SURELY_SLIPPED
                message = (
                    "折合 {0:,.0f} 元，疑似把「元」填进了「{1}」列。请核对；"
                    "如果金额无误，请在单元格里写明单位，例如「{2}{1}」。"
                )
                refusal = True
            else:
                slipped = (yuan > 0) & (yuan < 10_000) & (yuan * TIMES_MEDIAN <= median) & (len(positive) >= 5)
                message = (
                    "只有 {0:,.2f} 元，比同列其他金额小得多，疑似把「万元」填进了「{1}」列。已按「{1}」接受，请核对。"
                )
                refusal = False
            for row in numpy.flatnonzero(slipped & rows.mine[start : start + len(part.rows)]).tolist():
                raw = part.sheet.rows[int(part.rows[row])][column]
                if isinstance(raw, str) and re.search(r"[元万亿]", raw):
                    continue
                amount = float(yuan[row])
                rows.report(
                    start + row, name, message.format(amount, unit, f"{amount / known.UNITS[unit]:.15g}"), refusal
                )


def _check_ids(rows: Rows) -> tuple[numpy.ndarray, list[str]]:
    """Settle enterprise and project ids. :returns: number of each row's enterprise (-1 = unknown), and the ids by
    number."""
    _settle_enterprise_ids(rows)
    ids = rows.column("enterprise_id").values
    enterprise, uniques = pandas.factorize(ids)
    enterprise = numpy.where(ids == "", -1, enterprise)
    _check_credit_codes(rows)
    _settle_project_ids(rows, enterprise)
    projects = rows.column("project_id").values
    numbers, unique_projects = pandas.factorize(projects)
    here = rows.mine & (projects != "")
    counts = numpy.bincount(numbers[here], minlength=len(unique_projects))
    again = here & (counts[numbers] > 1)
    places: dict[int, list[int]] = {}
    for row in numpy.flatnonzero(again).tolist():
        places.setdefault(int(numbers[row]), []).append(row)
    for same in places.values():
        for row in same:
            others = [other for other in same if other != row]
            listed = "、".join(rows.named(other) for other in others[:5]) + (
                f" 等 {len(others)} 行" if len(others) > 5 else ""
            )
            whose = "，而且企业不同" if any(enterprise[other] != enterprise[row] for other in others) else ""
            message = f"项目编号「{projects[row]}」与{listed}重复{whose}。请改正编号，或删去重复的行。"
            rows.report(row, "project_id", message, True)
    return enterprise, list(uniques)


def _settle_enterprise_ids(rows: Rows) -> None:
    names = rows.column("enterprise_name")
    ids, codes = rows.column("enterprise_id"), rows.column("credit_code")
    if not ids.stated.any() and codes.stated.any():
        rows.values["enterprise_id"] = ids = Values(codes.values.copy(), codes.stated.copy(), {})
    by_name = {name: code for name, code in zip(names.values[ids.stated], ids.values[ids.stated], strict=True) if name}
    without = ~ids.stated & rows.mine
    has_column = any({"enterprise_id", "credit_code"} & set(part.layout.columns) for part in rows.parts)
    if without.any() and not has_column and names.stated.any():
        message = "没有「企业编号」列，用企业名称区分企业。名称写法不同的会被当作不同的企业，请核对。"
        rows.problems.append(Problem(rows.parts[0].sheet.name, 0, "", "", "", message, False))
    id_column = "enterprise_id" if any("enterprise_id" in part.layout.columns for part in rows.parts) else "credit_code"
    for row in numpy.flatnonzero(without).tolist():
        name = names.values[row]
        if name:
            ids.values[row] = by_name.get(name, name)
            if has_column and row not in ids.faults:
                how = f"同名企业的编号「{by_name[name]}」" if name in by_name else f"企业名称「{name}」"
                rows.report(row, id_column, f"企业编号是空的，已用{how}代替。请补填。", False)
        elif row not in ids.faults and row not in codes.faults:
            message = "没有企业编号，也没有企业名称，不知道是哪家企业。请补填；如果是合并单元格，请取消合并并逐行填写。"
            rows.report(row, id_column, message, True)
    ids.stated = ids.values != ""


def _check_credit_codes(rows: Rows) -> None:
    """A wrong check digit, or a credit code of the wrong length, is a remark: ids may be internal."""
    for name in ("enterprise_id", "credit_code"):
        if not any(name in part.layout.columns for part in rows.parts):
            continue
        values = rows.column(name)
        wrong = known.wrong_credit_codes(list({code for code in values.values.tolist() if len(code) == 18}))
        titled = {
            number: name == "credit_code" or "信用代码" in part.layout.columns[name][1].text
            for number, part in enumerate(rows.parts)
            if name in part.layout.columns
        }
        wrong_length = any(titled.values()) and any(code and len(code) != 18 for code in set(values.values.tolist()))
        if not wrong and not wrong_length:
            continue
        for row in numpy.flatnonzero(values.stated & rows.mine).tolist():
            code = values.values[row]
            if code in wrong:
                rows.report(
                    row,
                    name,
                    f"不是有效的统一社会信用代码（{wrong[code]}）。如果是内部编号可以不管，否则请核对。",
                    False,
                )
            elif len(code) != 18 and titled.get(int(numpy.searchsorted(rows.starts, row, side="right")) - 1):
                rows.report(
                    row,
                    name,
                    f"统一社会信用代码应为 18 位，这里是 {len(code)} 位。如果是内部编号可以不管，否则请核对。",
                    False,
                )


def _settle_project_ids(rows: Rows, enterprise: numpy.ndarray) -> None:
    ids = rows.column("project_id")
    without = ~ids.stated
    if not without.any():
        return
    order: Counter[int] = Counter()
    firm_ids = rows.column("enterprise_id").values
    for row in numpy.flatnonzero(rows.mine).tolist():
        order[int(enterprise[row])] += 1
        if without[row] and enterprise[row] >= 0:
            ids.values[row] = f"{firm_ids[row]}-{order[int(enterprise[row])]}"
            if row not in ids.faults and "project_id" in rows.place(row)[0].layout.columns:
                rows.report(row, "project_id", f"项目编号是空的，已编为「{ids.values[row]}」。请补填。", False)
    for part in rows.parts:
        if "project_id" not in part.layout.columns:
            message = "没有「项目编号」列，每一行当作一个项目，按企业编号顺序编号。"
            rows.problems.append(Problem(part.sheet.name, part.layout.heading_row + 1, "", "", "", message, False))
    ids.stated = ids.values != ""


def _check_enterprises(rows: Rows, enterprise: numpy.ndarray, firms: list[str]) -> dict[str, numpy.ndarray]:
    """Refuse all rows of an enterprise whose facts disagree.

    :returns: for each enterprise column, the row that states it first for each enterprise (``len(rows)`` = none).
    """
    first: dict[str, numpy.ndarray] = {}
    none = len(rows)
    members: dict[int, int] = {}
    for name in [name for name in rows.values if COLUMNS[name].entity == "enterprise"]:
        column = rows.values[name]
        here = column.stated & rows.mine & (enterprise >= 0)
        place = numpy.full(len(firms), none)
        numbers = numpy.flatnonzero(here)
        numpy.minimum.at(place, enterprise[numbers], numbers)
        first[name] = place
        if name == "enterprise_id" or not len(numbers):
            continue
        said_by = column.values
        if COLUMNS[name].kind == "text":  # （虚构） and (虚构) are the same name
            said_by = numpy.array([known.plain(text) for text in column.values.tolist()], dtype=object)
        differ = said_by[numbers] != said_by[place[enterprise[numbers]]]
        for firm in dict.fromkeys(enterprise[numbers[differ]].tolist()):
            same = numbers[enterprise[numbers] == firm].tolist()
            if firm not in members:
                members[firm] = int(((enterprise == firm) & rows.mine).sum())
            said = "；".join(f"{rows.named(row)}为「{_as_written(rows, row, name)}」" for row in same[:4]) + (
                "……" if len(same) > 4 else ""
            )
            label = COLUMNS[name].label
            message = (
                f"企业「{firms[firm]}」各行的「{label}」不一致：{said}。"
                f"请统一；统一之前该企业的 {members[firm]} 行都不计入。"
            )
            for row in same:
                rows.report(row, name, message, True)
            rows.refused |= (enterprise == firm) & rows.mine
    return first


def _as_written(rows: Rows, row: int, name: str) -> str:
    part, number = rows.place(row)
    written = (
        shown(part.sheet.rows[int(part.rows[number])][part.layout.columns[name][0]])
        if name in part.layout.columns
        else ""
    )
    return written or str(rows.values[name].values[row])


def _check_dates(rows: Rows, year: int) -> None:
    for name in (*CLAIM_DATES, "invoice_date"):
        if name not in rows.values:
            continue
        column = rows.values[name]
        outside = column.stated & rows.mine & (column.values.astype("datetime64[Y]").astype(int) + 1970 != year)
        for row in numpy.flatnonzero(outside).tolist():
            if name in CLAIM_DATES:
                message = f"不在申报年度 {year} 年之内，这一行不会得到任何奖补。请核对日期或申报年度。"
            else:
                message = f"发票不是 {year} 年开具的，而本年度只计申报年度内开票的设备。已接受，请核对。"
            rows.report(row, name, message, name in CLAIM_DATES)


# ----- VAT and invoices -----


def _gross_columns(rows: Rows, gross: bool) -> dict[str, numpy.ndarray]:
    """Rows in which a purchase amount includes VAT, by column: its heading says so, or ``gross`` and it says
    nothing."""
    result = {}
    for name in known.NET_AMOUNTS:
        if name in rows.values:
            flags = []
            for part in rows.parts:
                vat = part.layout.columns[name][1].vat if name in part.layout.columns else "net"
                flags.append(numpy.full(len(part.rows), vat == "gross" or (gross and not vat)))
            result[name] = numpy.concatenate(flags)
    return result


def _apply_invoices(rows: Rows, bills: Part, year: int, gross_rows: dict[str, numpy.ndarray]) -> invoices.InvoiceCount:
    ids = rows.column("project_id").values
    mine = numpy.flatnonzero(rows.mine & (ids != "")).tolist()
    projects = {(rows.column("enterprise_id").values[row], ids[row]): row for row in mine}
    elsewhere = {
        (firm, project)
        for firm, project, here in zip(rows.column("enterprise_id").values, ids, rows.mine, strict=True)
        if not here
    }
    names = rows.column("enterprise_name")
    firm_of_name = {names.values[row]: rows.column("enterprise_id").values[row] for row in mine if names.values[row]}
    result = invoices.add_up(bills, projects, elsewhere, firm_of_name, year, rows.column("application_date"))
    rows.problems[:0] = result.problems
    for row, bill in result.refused_projects.items():
        message = f"这个项目的发票有问题（见「{bills.sheet.name}」第 {bill} 行），整个项目没有计入。请先改正发票明细。"
        rows.report(row, "project_id", message, True)
    for name, amount in result.amounts.items():
        vat_name = known.NET_AMOUNTS.get(name, "")
        supported = {
            False: amount,
            True: amount + result.amounts[vat_name] if vat_name else amount + result.vat_of_parts.get(name, 0.0),
        }
        given, column = name in rows.values, rows.column(name)
        for row in mine:
            if not column.stated[row]:
                continue
            is_gross = bool(gross_rows[name][row]) if name in gross_rows else False
            evidence, stated = float(supported[is_gross][row]), float(column.values[row])
            if round(evidence * 100) != round(stated * 100) and row not in result.refused_projects:
                word = "价税合计" if is_gross else "税额合计" if name.endswith("_vat") else "不含税金额合计"
                message = (
                    f"填报 {stated:,.2f} 元，发票{word} {evidence:,.2f} 元，"
                    "发票不支持填报数。请更正填报数，或补充、更正发票明细。"
                )
                rows.report(row, name, message, True)
        filled = (
            rows.mine
            & ~column.stated
            & (amount > 0)
            & ~numpy.isin(numpy.arange(len(rows)), list(result.refused_projects))
        )
        if name.startswith("cumulative_") and not given:
            filled &= amount != result.amounts[name.removeprefix("cumulative_")]
        if name not in known.NET_AMOUNTS.values():
            for row in numpy.flatnonzero(filled).tolist():
                rows.report(
                    row,
                    name,
                    f"没有填写「{COLUMNS[name].label}」，按发票明细填入 {float(amount[row]):,.2f} 元。",
                    False,
                )
        rows.adjust(name, rows.mine, amount)
    for name in gross_rows:
        if name in result.amounts:
            gross_rows[name] &= ~rows.mine
    if "invoice_date" not in rows.values and result.last_dates is not None:
        column = rows.column("invoice_date")
        has = rows.mine & (result.last_dates != numpy.datetime64("1970-01-01"))
        column.values[has], column.stated[has] = result.last_dates[has], True
    _apply_use(rows, result)
    return result.count


def _apply_use(rows: Rows, result: invoices.InvoiceSums) -> None:
    if result.in_use is None:
        return
    column = rows.column("in_use")
    for row in numpy.flatnonzero(rows.mine & result.has_equipment).tolist():
        if column.stated[row] and bool(column.values[row]) != bool(result.in_use[row]):
            said, shown_by = ("是", "并非全部") if column.values[row] else ("否", "全部")
            message = (
                f"填报「{said}」，发票明细的投入使用日期显示{shown_by}投入使用。是否全部投入使用按发票计算，请核对。"
            )
            rows.report(row, "in_use", message, False)
        elif not column.stated[row]:
            column.values[row], column.stated[row] = result.in_use[row], True
            word = "是" if result.in_use[row] else "否"
            rows.report(row, "in_use", f"没有填写「设备投入使用」，按发票明细的投入使用日期取「{word}」。", False)


def _take_out_vat(rows: Rows, gross_rows: dict[str, numpy.ndarray]) -> None:
    """Turn amounts with VAT into amounts without. Refuses those whose VAT is not known."""
    for name, gross in gross_rows.items():
        column = rows.values[name]
        here = numpy.flatnonzero(gross & rows.mine & column.stated & (column.values > 0))
        if not len(here):
            continue
        net = column.values.copy()
        vat_name = known.NET_AMOUNTS[name]
        vat = rows.values.get(vat_name)
        for row in here.tolist():
            if vat is None or not vat.stated[row]:
                how = f"加上「{COLUMNS[vat_name].label}」列或「发票明细」工作表，或" if vat_name else ""
                message = (
                    "金额含税，但不知道其中的税额，无法换算为不含税金额。"
                    f"请{how}改填不含税金额并在标题里写明（不含税）。"
                )
                rows.report(row, name, message, True)
            elif vat.values[row] > column.values[row]:
                rows.report(row, vat_name, "税额大于价税合计。请核对。", True)
            else:
                net[row] = (round(column.values[row] * 100) - round(vat.values[row] * 100)) / 100
        rows.adjust(name, net != column.values, net)


def _check_partial_vat(rows: Rows) -> None:
    """A VAT column that is empty where there is an amount would count as no VAT at all."""
    for name, vat_name in known.NET_AMOUNTS.items():
        if not vat_name or vat_name not in rows.values or name not in rows.values:
            continue
        vat, amount = rows.values[vat_name], rows.values[name]
        for row in numpy.flatnonzero(~vat.stated & rows.mine & (amount.values > 0)).tolist():
            if row not in vat.faults:
                message = "有金额而没有税额。请补填税额（没有就填 0）；或者删去整个税额列，由程序按税率计算。"
                rows.report(row, vat_name, message, True)


def _check_parts(rows: Rows, invoiced: bool) -> None:
    """Refuse rows in which a part is more than what it is part of, as :mod:`openfisca_jining.situations` does.

    :param invoiced: whether invoices say what is in use; then a row that says otherwise has its remark.
    """
    sound, zero_land = rows.mine & ~rows.refused, _zero_land(rows)
    for parts, wholes in PARTS:
        _refuse_larger(rows, parts, wholes, sound)
    for which, of in ((sound & zero_land, ("cumulative_", "")), (sound & ~zero_land, ("",))):
        _refuse_larger(rows, ("nonproductive_equipment",), [f"{one}{EQUIPMENT}" for one in of], which)
        if not invoiced:
            _refuse_unused(rows, of, which)


def _zero_land(rows: Rows) -> numpy.ndarray:
    column = rows.values.get("project_type")
    return numpy.zeros(len(rows), dtype=bool) if column is None else column.values == "zero_land"


def _refuse_larger(rows: Rows, parts: Sequence[str], wholes: Sequence[str], which: numpy.ndarray) -> None:
    amounts = {name: _stated_fen(rows, name) for name in parts}
    total = numpy.maximum(list(amounts.values()), 0).sum(axis=0)
    name_of, whole = _largest(rows, wholes)
    for row in numpy.flatnonzero(which & (whole >= 0) & (total > whole)).tolist():
        first, *others = [name for name, amount in amounts.items() if amount[row] > 0]
        beside = f"与「{'」「'.join(COLUMNS[name].label for name in others)}」合计 " if others else ""
        message = (
            f"{beside}{total[row] / 100:,.2f} 元，大于所属的「{name_of(row)}」{whole[row] / 100:,.2f} 元。请核对。"
        )
        rows.report(row, first, message, True)


def _refuse_unused(rows: Rows, of: Sequence[str], which: numpy.ndarray) -> None:
    """:param of: beginnings of the facts that count, first those of all years."""
    said = rows.values.get("in_use")
    if said is None:
        return
    used, other = (
        _first(rows, [f"{one}{name}" for one in of]) for name in ("equipment_in_use", "nonproductive_equipment")
    )
    name_of, whole = _largest(rows, [f"{one}{EQUIPMENT}" for one in of])
    bought = whole - numpy.maximum(other, 0)
    contradicted = which & said.stated & (said.values == 1) & (used >= 0) & (used < bought)
    for row in numpy.flatnonzero(contradicted).tolist():
        without = f"减去非生产性的 {other[row] / 100:,.2f} 元" if other[row] > 0 else ""
        message = (
            f"{used[row] / 100:,.2f} 元，小于「{name_of(row)}」{whole[row] / 100:,.2f} 元{without}，而"
            f"「{COLUMNS['in_use'].label}」填「是」，指生产性设备全部投入使用。请核对，只有一部分投入使用的填「否」。"
        )
        stated = next(name for name in (f"{one}equipment_in_use" for one in of) if _stated_fen(rows, name)[row] >= 0)
        if not stated.startswith(of[0]):
            message += f"零土地项目看全部年度，请另填「{COLUMNS['cumulative_equipment_in_use'].label}」。"
        rows.report(row, stated, message, True)


def _first(rows: Rows, names: Sequence[str]) -> numpy.ndarray:
    """The first amount that a row states (fen; -1 = none)."""
    amounts = [_stated_fen(rows, name) for name in names]
    return numpy.select([amount >= 0 for amount in amounts], amounts, -1)


def _largest(rows: Rows, names: Sequence[str]) -> tuple[Callable[[int], str], numpy.ndarray]:
    """Which of some amounts is the largest in a row (its label), and how much it is (fen; -1 = none is stated)."""
    amounts = numpy.array([_stated_fen(rows, name) for name in names])
    return lambda row: COLUMNS[names[int(amounts[:, row].argmax())]].label, amounts.max(axis=0)


def _stated_fen(rows: Rows, name: str) -> numpy.ndarray:
    column = rows.values.get(name)
    return numpy.full(len(rows), -1) if column is None else numpy.where(column.stated, _fen(column.values), -1)


# ----- the population and its reconciliation -----

#: Facts whose empty cells take the value of another fact, as the law model itself would.
_COPIED_DEFAULTS = {
    "cumulative_equipment_investment": "equipment_investment",
    "cumulative_equipment_vat": "equipment_vat",
    "cumulative_nonproductive_equipment": "nonproductive_equipment",
    "informatisation_audited_investment": "informatisation_investment",
    "yield_per_mu_class_project_year": "yield_per_mu_class",
    "tier_listed_project_year": "tier_listed",
}
_NOT_FACTS = (
    "claim_year",
    "credit_code",
    "project_id",
    "enterprise_id",
    "enterprise_name",
    "project_name",
    "consortium_id",
)


def _population(
    rows: Rows, accepted, enterprise, first: dict[str, numpy.ndarray], year: int, source: str
) -> Population:
    chosen = numpy.flatnonzero(accepted)
    firms = pandas.unique(enterprise[chosen])
    projects: dict[str, Any] = {
        "project_id": rows.values["project_id"].values[chosen],
        "enterprise_id": rows.values["enterprise_id"].values[chosen],
    }
    for name in ("project_name", "consortium_id"):
        if name in rows.values:
            projects[name] = rows.values[name].values[chosen]
    enterprises: dict[str, Any] = {"enterprise_id": rows.values["enterprise_id"].values[first["enterprise_id"][firms]]}
    if rows.column("enterprise_name").stated.any():
        enterprises["enterprise_name"] = _first_values(rows, "enterprise_name", first, firms)[0]
    stated: dict[str, numpy.ndarray] = {}
    for name in rows.values:
        column = COLUMNS[name]
        if name in _NOT_FACTS:
            continue
        if column.entity == "project":
            values, has = rows.values[name].values[chosen].copy(), rows.values[name].stated[chosen]
            table = projects
        else:
            values, has = _first_values(rows, name, first, firms)
            table = enterprises
        values[~has] = column.default
        table[name] = values.astype(numpy.int64) if column.kind == "count" else values
        stated[name] = has
    for name, model in _COPIED_DEFAULTS.items():
        for table in (projects, enterprises):
            if name in table and model in table:
                _fill_default(rows, name, table, stated[name], table[model], chosen)
    zero = numpy.zeros(len(chosen))
    bought = [projects.get(name, zero) for name in ("equipment_investment", "cumulative_equipment_investment")]
    in_use = numpy.where(projects.get("in_use", False), numpy.maximum(*bought), 0.0)
    for name in ("equipment_in_use", "cumulative_equipment_in_use"):
        if name in projects:
            _fill_default(rows, name, projects, stated[name], in_use, chosen)
            in_use = projects[name]
    return Population(year, _frame(projects), _frame(enterprises), source)


def _fill_default(rows: Rows, name: str, table: dict[str, Any], stated, default, chosen) -> None:
    """Fill the empty cells of a column, and book project money that this adds."""
    if COLUMNS[name].kind == "money":
        booked = rows.adjusted.setdefault(name, numpy.zeros(len(rows), dtype=numpy.int64))
        booked[chosen] += numpy.where(stated, 0, _fen(default))
    table[name] = numpy.where(stated, table[name], default)


def _frame(columns: dict[str, Any]) -> pandas.DataFrame:
    """Texts as plain objects, dates by the second (the coarsest that pandas keeps)."""
    return pandas.DataFrame(
        {
            name: pandas.Series(values, dtype="object" if values.dtype == object else None)
            for name, values in columns.items()
        }
    )


def _first_values(rows: Rows, name: str, first: dict[str, numpy.ndarray], firms) -> tuple[numpy.ndarray, numpy.ndarray]:
    places = first[name][firms] if name in first else numpy.full(len(firms), len(rows))
    has = places < len(rows)
    values = rows.values[name].values[numpy.where(has, places, 0)].copy()
    values[~has] = known.blank_values(COLUMNS[name], 1).values[0]
    return values, has


def _totals(
    rows: Rows, accepted, enterprise, first, before, unreadable, population: Population | None
) -> list[MoneyTotal]:
    totals = []
    for name in [name for name in rows.values if COLUMNS[name].kind == "money"]:
        stated = before.get(name, numpy.zeros(len(rows), dtype=numpy.int64))
        by_enterprise = COLUMNS[name].entity == "enterprise"
        refused, repeated = rows.mine & ~accepted, numpy.zeros(len(rows), dtype=bool)
        if by_enterprise:
            # an enterprise's amount counts once if any of its rows is accepted, wherever it is stated
            kept = numpy.zeros(len(first["enterprise_id"]) if "enterprise_id" in first else 0, dtype=bool)
            kept[enterprise[accepted]] = True
            counted = rows.mine & (enterprise >= 0) & numpy.where(enterprise >= 0, kept[enterprise], False)
            refused = rows.mine & ~counted
            opening = numpy.zeros(len(rows) + 1, dtype=bool)
            opening[first[name]] = True
            repeated = counted & ~opening[:-1]
        table = None if population is None else population.enterprises if by_enterprise else population.projects
        after = 0 if table is None else int(_fen(table[name].to_numpy()).sum())
        adjusted = int(rows.adjusted[name][accepted].sum()) if name in rows.adjusted else 0
        total = MoneyTotal(
            name,
            COLUMNS[name].label,
            before=int(stated.sum()),
            other_years=int(stated[~rows.mine].sum()),
            refused=int(stated[refused].sum()),
            repeated=int(stated[repeated].sum()),
            adjusted=adjusted,
            after=after,
            unreadable=unreadable.get(name, 0),
        )
        totals.append(total)
    return totals


def _sorted(problems: list[Problem], sheets: Iterable[Sheet]) -> list[Problem]:
    """Invoices claimed twice first, then by sheet, row and column as in the file."""
    order = {sheet.name: number for number, sheet in enumerate(sheets)}

    def key(problem: Problem) -> tuple:
        first = not problem.message.startswith(invoices.CLAIMED_TWICE)
        return first, order.get(problem.sheet, -1), problem.row, len(problem.cell), problem.cell

    return sorted(problems, key=key)
