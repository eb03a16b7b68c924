"""Every kind of bad input gets its message and exit status; no stack trace, no lost row, no fen astray."""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

import pytest
from bad_cells import CELLS, REMARKS, TITLES, table
from bad_files import FILES, GOOD, book, patched, sheet, text
from bad_reforms import REFORMS
from bad_words import WORDS

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.cli import main
from openfisca_jining.commands import common, lint
from openfisca_jining.errors import BadFact
from openfisca_jining.population import Population
from openfisca_jining.population.problems import TableError
from openfisca_jining.population.read import read_table

YUAN = 10_000


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def said(capfd, arguments, status: int) -> str:
    """What a command says, with the exit status that it must have; nothing of Python or Rust reaches the user."""
    try:
        ended = main(arguments)
    except SystemExit as stopped:
        ended = stopped.code
    out, err = capfd.readouterr()
    for noise in ("Traceback", "程序内部出错", "panicked", "Warning:"):
        assert noise not in err + out, err
    assert ended == status, (ended, err, out)
    return err + out


def checked(capfd, file: str, status: int, *more: str) -> str:
    return said(capfd, ["check", file, *more], status)


def written(name: str, data: bytes) -> str:
    Path(name).write_bytes(data)
    return name


CELL_CASES = [(heading, value, words) for heading, cells in CELLS.items() for value, words in cells]
REMARK_CASES = [(heading, value, words) for heading, cells in REMARKS.items() for value, words in cells]


def cell_id(part) -> str | None:
    return str(part)[:20].encode("unicode_escape").decode() if not isinstance(part, str) or len(part) < 20 else None


@pytest.mark.parametrize(("heading", "value", "words"), CELL_CASES, ids=cell_id)
def test_a_bad_cell_costs_its_row_only(capfd, heading, value, words):
    rows = table(heading, value)
    is_text = isinstance(value, str) and not any(mark in value for mark in ',"\n')
    file = written("表.csv", text(rows)) if is_text else written("表.xlsx", book({"表": rows}))
    message = checked(capfd, file, 1, "--year", "2021")
    refusals = [line for line in message.splitlines() if "【拒绝】" in line or line.startswith(str(value)[-20:])]
    row = 2 if words == "重复，而且企业不同" else 3
    assert any(f"工作表「表」第 {row} 行「{heading}」" in line for line in refusals), message
    assert words in message and "请" in message
    reading = read_table(file, 2021)
    lost = {2, 3} if row == 2 else {3}
    assert (reading.rows_read, reading.rows_accepted, reading.rows_refused) == (3, 3 - len(lost), len(lost))
    assert reading.balances
    money = next(total for total in reading.totals if total.name == "equipment_investment")
    assert money.after == (300 if row == 2 else 400) * YUAN * 100
    assert money.before == money.after + money.refused
    assert heading == "设备投资额（万元）" or money.before == 600 * YUAN * 100
    assert heading != "设备投资额（万元）" or money.unreadable == (value != "5000000")


@pytest.mark.parametrize(("heading", "value", "words"), REMARK_CASES, ids=cell_id)
def test_a_doubtful_cell_is_kept_and_said(capfd, heading, value, words):
    message = checked(capfd, written("表.csv", text(table(heading, value))), 0)
    assert words in message and "【备注】" in message
    reading = read_table("表.csv")
    assert reading.rows_accepted == 3 and reading.balances


@pytest.mark.parametrize("name", FILES)
def test_a_bad_file(capfd, name):
    make, status, words = FILES[name]
    message = checked(capfd, written(name, make()), status)
    assert words in message
    assert status == 0 or "请" in message
    assert status == 0 or name in message or "工作表「" in message
    try:
        reading = read_table(name)
    except TableError:
        return
    assert reading.balances
    assert reading.population is None or len(reading.population) == reading.rows_accepted
    assert status == 1 or reading.rows_accepted >= 3


@pytest.mark.parametrize("name", ["a.csv", "b.xlsx"])
def test_the_good_rows_behind_all_this_are_good(capfd, name):
    message = checked(capfd, written(name, text() if name == "a.csv" else book({"申报": GOOD})), 0)
    assert message == "共 3 行，没有问题。\n"


@pytest.fixture(scope="module")
def one_law():
    return CountryTaxBenefitSystem()


@pytest.fixture
def quick(one_law, monkeypatch):
    """The law is built once: commands do not change it."""
    for module in (common, lint):
        monkeypatch.setattr(module, "CountryTaxBenefitSystem", lambda: one_law)


@pytest.mark.parametrize("name", REFORMS)
def test_a_bad_reform_file(capfd, quick, name):
    content, words = REFORMS[name]
    file = written("改革.yaml", content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
    message = said(capfd, ["lint", file], 1)
    assert words in message and "改革" in message and "错误" in message


@pytest.mark.parametrize(
    ("arguments", "status", "words"), WORDS, ids=lambda part: cell_id(part) if isinstance(part, str) else None
)
def test_a_bad_command_line(capfd, quick, arguments, status, words):
    Path("d").mkdir()
    Path("d.yaml").mkdir()
    written("bad.yaml", b"[")
    for name, data in {
        "empty": b"",
        "list": b"[]",
        "nan": b'{"record": NaN, "ledger": 1}',
        "deep": b"[" * 100_000,
        "half": b"\xff",
    }.items():
        written(f"{name}.json", data)
    written(
        "t.csv", text([[*TITLES, "产业目录", "投入使用"], [2021, "E1", "甲", "邹城市", "P1", 3000, "鼓励类", "是"]])
    )
    message = said(capfd, arguments, status)
    assert words in message
    assert any("\u4e00" <= letter <= "\u9fff" for letter in message)
    assert not list(Path().glob("o*")) and not list(Path().glob(".openfisca*"))


@pytest.mark.parametrize(("column", "table"), [("enterprise_name", "企业"), ("project_name", "项目")])
def test_half_a_character_in_a_name_is_said_with_its_place(column, table):
    good = read_table(written("t.csv", text())).population
    names = json.loads('["甲", "乙\\ud800", "丙"]')
    tables = {"企业": good.enterprises, "项目": good.projects}
    tables[table] = tables[table].assign(**{column: names})
    with pytest.raises(BadFact, match=rf"第 2 个{table}的 {column} 是「.*ud800」.*半个字符.*请改正"):
        Population(2021, tables["项目"], tables["企业"]).content_hash()


def patched_size(data: bytes) -> bytes:
    """An archive that says that its first part unpacks to 4 GB."""
    return patched(data, data.find(b"PK\x01\x02") + 24, b"\xfe\xff\xff\xff")


FAR_ROW = b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData>'
#: Files that are meant to hang a program or to fill its memory, with words of what is said.
DANGEROUS = {
    "bomb.xlsx": (lambda: patched_size(book()), "解压后有 4.0 GB"),
    "a-million-columns.csv": (lambda: b"," * 1_000_000, "16,384 列"),
    "two-million-rows.csv": (lambda: b"a,b\n" * 2_000_001, "2,000,000 行"),
    "one-line.csv": (lambda: b"x" * 50_000_000, "内容过长"),
    "unknown-headings.csv": (
        lambda: text(
            [
                [*TITLES, *(f"不认识的第{n}列设备投" for n in range(16_000))],
                *([*row, *range(16_000)] for row in GOOD[1:]),
            ]
        ),
        "不认识这个标题",
    ),
    "far-row.xlsx": (lambda: sheet(lambda data: data.replace(b"</sheetData>", FAR_ROW)), "按 0 元读取"),
    "beyond-excel.xlsx": (
        lambda: sheet(lambda data: data.replace(b"</sheetData>", FAR_ROW.replace(b"1048576", b"4294967295"))),
        "在 Excel 的范围之外",
    ),
    "single-quotes.xlsx": (
        lambda: sheet(
            lambda data: data.replace(
                b"</sheetData>", b"<row r='1048576'><c r='XFD1048576'><v>1</v></c></row></sheetData>"
            )
        ),
        "过大",
    ),
    "merges.xlsx": (
        lambda: sheet(
            lambda data: data.replace(
                b"</sheetData>",
                b"</sheetData><mergeCells>" + b'<mergeCell ref="A2:A1048576"/>' * 20_000 + b"</mergeCells>",
            )
        ),
        "没有问题",
    ),
    "many-digits.csv": (lambda: text([*GOOD, [2021, "E9", "x", "邹城市", "P9", "1" * 100_000]]), "……（共 100000 字）"),
}


@pytest.mark.parametrize("name", DANGEROUS)
def test_a_dangerous_file_neither_hangs_nor_fills_the_memory(name):
    make, words = DANGEROUS[name]
    written(name, make())
    process = os.fork()
    if not process:
        status = 70
        try:
            resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30,) * 2)
            resource.setrlimit(resource.RLIMIT_CPU, (120, 120))
            with open("said", "w", encoding="utf-8") as sys.stderr:
                sys.stdout = sys.stderr
                status = main(["check", name])
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    message = Path("said").read_text(encoding="utf-8")
    assert status in (0, 1), (status, message[-500:])
    assert words in message and "内部出错" not in message
