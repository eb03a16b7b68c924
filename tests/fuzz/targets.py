"""What is fuzzed, and what must hold: only Chinese refusals are raised, and no row or fen goes missing.

Each target takes bytes. Some read them as a file, others let Hypothesis read its choices from them (``fuzz_one_input``), so that
coverage guides tables, reforms and option words that are nearly right.
"""

from __future__ import annotations

import csv
import io
import math
import os
import string
import tempfile
import zipfile
from decimal import Decimal
from pathlib import Path

import openpyxl
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from openfisca_jining import CountryTaxBenefitSystem, written
from openfisca_jining.analysis.axes import axis
from openfisca_jining.errors import JiningError
from openfisca_jining.law import leaves
from openfisca_jining.population.problems import TableError
from openfisca_jining.population.read import read_table
from openfisca_jining.reform_files import read_reform_file
from openfisca_jining.reform_lint import lint
from openfisca_jining.reforming import reformed

LAW = CountryTaxBenefitSystem()
PATHS = [leaf.name for leaf in leaves(LAW.parameters)]
#: Where inputs are written; the process that started this one removes it.
FOLDER = Path(tempfile.mkdtemp(prefix="fuzz-"))
TITLES = ["申报年度", "企业编号", "企业名称", "注册地", "项目编号", "设备投资额（万元）", "申报日期", "投入使用"]
ROWS = [
    TITLES,
    [2021, "E1", "甲", "兖州区", "P1", 1234.56, "2021-03-05", "是"],
    ["2021年", "E1", "甲", "370812", "P2", "1,000", 44260, "√"],
    [2020, "91110000600037341L", "乙", "邹城", "", "12万元", "", ""],
    ["合计", "", "", "", "", 2246.56, "", ""],
]
BILLS = [
    ["企业编号", "项目编号", "发票号码", "开票日期", "类别", "金额（元）", "税额（元）", "原发票号码"],
    ["E1", "P1", "0001", "2021-02-01", "设备", 12_345_600, 1_604_928, ""],
    ["E1", "P1", "0002", "2021-02-02", "设备", -100, -13, "0001"],
]


def property_of(strategy):
    """A check of one drawn value as a target that takes bytes."""

    def wrap(check):
        quiet = settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        test = quiet(given(strategy)(check))
        target = test.hypothesis.fuzz_one_input
        target.test = test
        return target

    return wrap


# ----- files -----


def read_as(name: str, data: bytes) -> None:
    """Read bytes as a table of that name."""
    file = FOLDER / name
    file.write_bytes(data)
    for year in (None, 2021):
        try:
            reading = read_table(file, year)
        except TableError as error:
            assert name in str(error) and error.message.rstrip("」").endswith(("。", "）"))
            return
        assert reading.balances
        assert (reading.population is None) == (reading.rows_accepted == 0)
        assert reading.population is None or len(reading.population) == reading.rows_accepted
        assert reading.rows_read == 0 or reading.rows_accepted == reading.rows_read or reading.problems
        assert reading.population is not None or reading.exit_status == 1
        assert reading.invoices is None or reading.invoices.balances
        assert "\n" in reading.summary() or reading.summary()
        for problem in reading.problems:
            assert str(problem)


def csv_bytes(data: bytes) -> None:
    """A text table."""
    read_as("a.csv", data)


def workbook_bytes(data: bytes) -> None:
    """A workbook of whichever kind the first bytes say."""
    suffix = "xls" if data[:2] != b"PK" else "ods" if b"opendocument.spreadsheet" in data[:200] else "xlsx"
    read_as(f"a.{suffix}", data)


def reform_bytes(data: bytes) -> None:
    """A reform file: read, linted and applied, or refused."""
    file = FOLDER / "a.yaml"
    file.write_bytes(data)
    try:
        read_reform_file(file)
    except JiningError as error:
        assert "a.yaml" in error.message
        return
    findings = lint(LAW, reforms=[str(file)], year=2021)
    try:
        reformed(LAW, reforms=[str(file)])
    except JiningError as error:
        assert error.message and any(finding.severity == "错误" for finding in findings), error.message


# ----- tables whose cells are nearly right -----

_digits = st.from_regex(r"[-+]?[0-9０-９]{1,17}([.．][0-9]{0,8})?(e[+-]?[0-9]{1,3})?", fullmatch=True)
_money = st.one_of(
    st.integers(0, 10**7).map(str),
    st.decimals(0, 10**6, places=4).map(str),
    _digits,
    st.tuples(_digits, st.sampled_from(["元", "万元", "亿", "百万元", "%", "人", " ", "，", ",000", "(万元)"])).map(
        "".join
    ),
    st.sampled_from(
        ["", "-", "/", "无", "待定", "#N/A", "#REF!", "nan", "inf", "1e999", "¥5", "(5)", "1 2", "=1+1", "\0", "٣"]
    ),
)
_date = st.one_of(
    st.dates().map(str),
    st.from_regex(r"20[12][0-9][-./年]?[0-1]?[0-9][-./月]?[0-3]?[0-9]日?", fullmatch=True),
    st.sampled_from(["", "2021-02-30", "去年", "44260", "4426000", "0000-00-00", "2021"]),
)
_id = st.one_of(
    st.sampled_from(
        ["E1", "E2", "E3", "", "91110000600037341L", "91110000600037341X", "9.11e17", "'001", '="1"', "合计"]
    ),
    st.text(max_size=20),
)
_word = st.one_of(
    st.sampled_from(["是", "否", "√", "兖州区", "邹城", "市中区", "", "部分", "A类"]), st.text(max_size=8)
)
_year = st.sampled_from(["2021", "2021", "2021", "2020", "二〇二一", "", "99999", "2021年度", "-1"])
_row = st.tuples(_year, _id, _word, _word, _id, _money, _date, _word)
_title = st.one_of(st.sampled_from(TITLES), st.sampled_from(["合计", "设备投资额(元)", "设备投资颌", "", "备注"]))


@property_of(
    st.tuples(
        st.lists(_row, min_size=1, max_size=8), st.one_of(st.just(TITLES), st.lists(_title, min_size=2, max_size=8))
    )
)
def cells(drawn) -> None:
    """Cells of a CSV table; money in plain digits is added up here, too, row by row."""
    rows, titles = drawn
    text = io.StringIO(newline="")
    csv.writer(text).writerows([titles, *rows])
    data = text.getvalue().replace("\0", "").encode("utf-8", "replace")
    read_as("c.csv", data)
    reading = read_table(FOLDER / "c.csv", 2021)
    if titles == TITLES and reading.population is not None:
        assert reading.rows_read + reading.rows_skipped <= len(rows)
        kept = reading.population.projects["equipment_investment"].sum()
        total = next(total for total in reading.totals if total.name == "equipment_investment")
        assert abs(kept - total.after / 100) < 0.005
        if all(row[5].isascii() and row[5].isdigit() for row in rows) and not reading.rows_skipped:
            blank = [row for row in rows if not any(cell.strip() for cell in row)]
            said = sum(Decimal(row[5]) for row in rows if row not in blank) * 10_000
            over = any(Decimal(row[5]) * 10_000 >= 10**13 for row in rows)
            assert over or Decimal(total.before) / 100 == said, (total, said)


_bill = st.tuples(
    st.sampled_from(["E1", "E2", "", "甲"]),
    st.sampled_from(["P1", "P2", "", "P9"]),
    st.sampled_from(["0001", "0002", "0003", "", "1e5"]),
    st.one_of(st.sampled_from(["2021-02-01", "2020-02-01", "2016-01-01", "2021-13-01", ""]), _date),
    st.sampled_from(["设备", "机器人", "特种机器人", "软件", "非生产性", "", "汽车"]),
    st.one_of(st.integers(-500, 500), st.floats(allow_nan=False, allow_infinity=False, width=32), _money),
    st.one_of(st.integers(-50, 50), st.sampled_from(["", "免税", 13.005])),
    st.sampled_from(["", "0001", "0002", "9999"]),
)


@property_of(st.tuples(st.lists(_bill, min_size=1, max_size=6), st.integers(0, 500), st.integers(0, 500)))
def invoice_cells(drawn) -> None:
    """An invoice sheet beside two projects."""
    bills, first, second = drawn
    title = [*TITLES[:5], "设备投资额（元）"]
    claims = [title, [2021, "E1", "甲", "兖州区", "P1", first], [2021, "E2", "乙", "兖州区", "P2", second]]
    file = FOLDER / "i.xlsx"
    file.write_bytes(workbook({"申报": claims, "发票明细": [BILLS[0], *bills]}))
    read_as("i.xlsx", file.read_bytes())


# ----- words of the command line -----

_value = st.one_of(
    st.from_regex(r"[-+]?[0-9]{1,8}(,[0-9]{3})?(\.[0-9]{0,6})?(e[0-9]{1,3})?[%％万亿]?(元|家|月|户)?", fullmatch=True),
    st.sampled_from(
        [
            "原值",
            "null",
            "nan",
            "inf",
            "-inf",
            "１２",
            "0x10",
            "1_000",
            "１％",
            "robot_purchase_only",
            "2021-01-01",
            "",
            "=",
            "@",
        ]
    ),
    st.text(max_size=12),
)
_path = st.one_of(
    st.sampled_from(PATHS),
    st.sampled_from(
        ["jining_2017", "jining_2017.equipment", "no.such", "", ".", "..", "jining_2017.equipment.rate.", "__class__"]
    ),
    st.text(st.sampled_from(string.ascii_lowercase + "._"), max_size=20),
)
_day = st.one_of(
    st.dates().map(str),
    st.sampled_from(["2021-02-30", "2021-7-1", "２０２１-01-01", "0000-01-01", "9999-12-31", "", "1-1-1"]),
)
_change = st.one_of(
    st.tuples(_path, _value, _day).map(lambda part: f"{part[0]}={part[1]}@{part[2]}"),
    st.text("jining.=@:%,1万", max_size=30),
)


@property_of(st.lists(_change, min_size=1, max_size=3))
def set_words(changes) -> None:
    """``--set``: what the lint passes can be applied, and nothing else is raised than a refusal."""
    findings = lint(LAW, changes=changes, year=2021)
    wrong = [finding for finding in findings if finding.severity == "错误"]
    try:
        law = reformed(LAW, changes=changes)
    except JiningError as error:
        assert error.message and wrong, changes
    else:
        for leaf in leaves(law.parameters):
            for value in leaf.values_list:
                assert not (isinstance(value.value, float) and not math.isfinite(value.value)), leaf.name


_range = st.one_of(
    st.tuples(_value, _value, _value).map(":".join),
    st.lists(_value, max_size=5).map(",".join),
    st.text(":,1%", max_size=12),
)


@property_of(st.tuples(_path, _range, _day))
def over_words(drawn) -> None:
    """``--over``: an axis of finite, increasing values, or a refusal."""
    path, range_, start = drawn
    try:
        found = axis(LAW, f"{path}={range_}", start)
    except JiningError as error:
        assert error.message
        return
    assert found.values and found.start <= "9999-12-31"
    assert all(value is None or isinstance(value, str) or math.isfinite(value) for value in found.values)


@property_of(st.tuples(_value, st.sampled_from(["/1", "元", "家", "月", "date", ""])))
def number_words(drawn) -> None:
    """Numbers as written: exact, or refused in Chinese."""
    text, unit = drawn
    try:
        number = written.number(text, unit)
    except ValueError as error:
        assert any("\u4e00" <= letter <= "\u9fff" for letter in str(error)), error
        return
    plain = text.strip()
    if plain.isascii() and plain.isdigit() and len(plain) < 16:
        assert number == int(plain)


_tree = st.recursive(
    st.one_of(_value, st.none(), st.booleans(), st.integers(), st.floats(), st.dates()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_path, inner, max_size=3)),
    max_leaves=6,
)
_reform = st.fixed_dictionaries(
    {},
    optional={
        "title": st.one_of(st.text(max_size=10), _tree),
        "changes": st.one_of(_tree, st.dictionaries(_path, st.dictionaries(_day, _value, max_size=3), max_size=3)),
        "readings": st.one_of(_tree, st.dictionaries(_path, _value, max_size=2)),
        "supply": st.one_of(_tree, st.dictionaries(_path, _value, max_size=2)),
        "reforms": st.one_of(
            _tree, st.lists(st.sampled_from(["yanzhou_cap_and_jining_rate", "marginal_scale", "no"]), max_size=2)
        ),
        "标题": st.text(max_size=3),
    },
)


@property_of(_reform)
def reform_trees(tree) -> None:
    """A reform file of nearly right keys and values."""
    reform_bytes(yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "replace"))


# ----- seeds -----


def workbook(sheets: dict[str, list]) -> bytes:
    """An xlsx in memory."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(
                [openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", c) if isinstance(c, str) else c for c in row]
            )
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def ods() -> bytes:
    """An ods in memory."""
    document = OpenDocumentSpreadsheet()
    table = Table(name="表")
    for row in ROWS:
        line = TableRow()
        for value in row:
            kind = {"valuetype": "string"} if isinstance(value, str) else {"valuetype": "float", "value": value}
            cell = TableCell(**kind)
            cell.addElement(P(text=str(value)))
            line.addElement(cell)
        table.addElement(line)
    document.spreadsheet.addElement(table)
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def text_table(encoding: str, separator: str) -> bytes:
    """The rows as text."""
    return "\r\n".join(separator.join(map(str, row)) for row in ROWS).encode(encoding)


def repacked(data: bytes, change) -> bytes:
    """An archive with one part changed. :param change: (names) -> name, new content."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    name, content = change(parts)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as new:
        for part, old_content in parts.items():
            new.writestr(part, content if part == name else old_content)
    return made.getvalue()


REFORM = """\
title: 试
changes:
  jining_2017.equipment.rate: {2021-07-01: 4%, 2022-01-01: 原值}
readings: {yanzhou_2020.robot_base: robot_purchase_only}
supply: {zaozhuang_2020.equipment.minimum_investment: 500万元}
"""

TARGETS = {
    "csv_bytes": csv_bytes,
    "workbook_bytes": workbook_bytes,
    "reform_bytes": reform_bytes,
    "cells": cells,
    "invoice_cells": invoice_cells,
    "set_words": set_words,
    "over_words": over_words,
    "number_words": number_words,
    "reform_trees": reform_trees,
}


def seeds(target: str) -> list[bytes]:
    """Good inputs to start from."""
    if target == "csv_bytes":
        return [text_table(*way) for way in (("utf-8", ","), ("gb18030", "\t"), ("utf-16", ";"), ("utf-8-sig", ","))]
    if target == "workbook_bytes":
        return [workbook({"申报": ROWS}), workbook({"申报": ROWS, "发票明细": BILLS}), ods()]
    return [REFORM.encode()] if target == "reform_bytes" else [os.urandom(200)]
