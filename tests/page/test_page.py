"""The what-if page without a browser: its figures are those of ``compare`` to the fen, and what it writes down computes the same."""

from __future__ import annotations

import ast
import asyncio
import datetime
import io
import shlex
from pathlib import Path

import docx
import numpy
import openpyxl
import pandas
import pytest

from openfisca_jining.analysis.budget import to_fen_signed
from openfisca_jining.analysis.compare import compare
from openfisca_jining.cli import main
from openfisca_jining.errors import JiningError, UnstatedParameter
from openfisca_jining.law import check_value, find
from openfisca_jining.page import claims, view
from openfisca_jining.page.app import REST, Page, show
from openfisca_jining.page.figure import Waterfall
from openfisca_jining.page.levers import NUMBERS, levers, switches
from openfisca_jining.page.session import Session
from openfisca_jining.population.example import FILE
from openfisca_jining.population.read import read_table
from openfisca_jining.population.write import write_csv
from openfisca_jining.reforming import reformed

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "openfisca_jining" / "population" / FILE
#: Unit -> an amount for what the texts leave unstated.
SUPPLIED = {"元": 2_000_000, "天": 180}
RATE, CAP = "jining_2017.equipment.rate", "yanzhou_2020.equipment.cap_per_enterprise"


@pytest.fixture(scope="module")
def made():
    return claims.made_up(2021, 600)


@pytest.fixture
def session():
    fresh = Session()
    fresh.take(claims.bundled())
    return fresh


def same_to_the_fen(session) -> None:
    """The quick figures are those of a full comparison."""
    change, full = session.compute(), session.comparison()
    assert change.before.total == to_fen_signed(full.baseline.total)
    assert change.after.total == to_fen_signed(full.reform.total)
    assert change.difference == to_fen_signed(full.difference)
    assert change.counts() == full.counts()
    lines = full.by("instrument", "payer")
    quick = change.instruments().set_index(["label", "payer"])
    assert set(quick.index) == set(lines.index)
    for mine, theirs in (("before", "baseline"), ("after", "reform"), ("difference", "difference")):
        assert quick[mine].to_dict() == dict(zip(lines.index, to_fen_signed(lines[theirs]).tolist(), strict=True))
    for side in ("gain", "lose", "same"):
        assert quick[side].to_dict() == lines[side].to_dict()
    ledger = full.reform.ledger().sum()
    assert (
        change.after.ledger.sum(axis=0).tolist()
        == to_fen_signed(ledger[list(full.reform.ledger().columns[:8])]).tolist()
    )
    for sign, moved in ((1, full.winners()), (-1, full.losers())):
        listed = change.enterprises(sign, len(moved) + 1)
        found = {session.name_of(row)[0]: fen for row, fen in zip(listed["row"], listed["difference"], strict=True)}
        assert found == dict(zip(moved["enterprise"], to_fen_signed(moved["difference"]).tolist(), strict=True))
    pandas.testing.assert_frame_equal(change.after.funds, full.reform.funds)


# ----- figures -----


@pytest.mark.parametrize("path", [f"{document}.{path}" for document, paths in NUMBERS.items() for path in paths])
def test_each_lever_gives_the_figures_of_a_full_comparison(made, path):
    session = Session()
    session.take(made)
    lever = {one.path: one for one in session.levers()}[path]
    for value in [SUPPLIED[lever.unit]] if lever.present is None else [lever.value(0), lever.value(float(lever.high))]:
        session.move(path, value)
        same_to_the_fen(session)


def test_all_levers_at_once_under_other_readings(made):
    session = Session()
    session.take(made)
    for lever in session.levers():
        session.move(lever.path, SUPPLIED[lever.unit] if lever.present is None else lever.value(float(lever.high) / 2))
    for switch in session.switches():
        session.read(switch.path, list(switch.choices)[-1])
    same_to_the_fen(session)
    session.both = True
    same_to_the_fen(session)


@pytest.mark.parametrize("year", [2018, 2020, 2023])
def test_other_claim_years(year):
    session = Session()
    session.take(claims.made_up(year, 300))
    session.move(RATE, 0.05)
    session.move("yanzhou_2020.robots.rate", 0.08)
    session.move("zaozhuang_2020.loan_interest.rate", 0.3)
    same_to_the_fen(session)


def test_an_unstated_quantity_only_counts_under_the_reading_that_asks_for_it(session):
    fund = "yanzhou_2020.special_fund.amount"
    session.move(fund, 1_000_000)
    assert session.compute().difference == 0
    session.read("yanzhou_2020.readings.fund_cap", "capped_supply_amount")
    assert session.compute().difference < 0
    same_to_the_fen(session)
    session.move(fund, None)
    session.read("zaozhuang_2020.readings.equipment_grant_terms", "supplied_terms")
    with pytest.raises(UnstatedParameter, match=r"文件未定"):
        session.compute()


def test_a_lever_back_at_its_present_value_is_not_moved(session):
    before = session.compute().before.total
    session.move(RATE, 0.09)
    assert session.compute().difference > 0
    session.move(RATE, 0.03)
    assert session.values == {} and session.compute().after.total == before
    session.move(RATE, 0.09)
    session.read("yanzhou_2020.readings.robot_base", "robot_purchase_only")
    session.both = True
    session.reset()
    assert not session.moved and session.compute().after.total == before


def test_a_reading_back_at_its_default_is_not_moved_and_old_positions_are_forgotten(session, monkeypatch):
    monkeypatch.setattr("openfisca_jining.page.session.MOST_KEPT", 2)
    path = "zaozhuang_2020.readings.grant_and_interest_stacking"
    before = session.compute().before.total
    for other in ("common.readings.rounding", "common.readings.grant_base_vat", path):
        (switch,) = [one for one in session.switches() if one.path == other]
        (value, *_) = [one for one in switch.choices if one != switch.present]
        session.read(other, value)
        assert session.compute().before.total == before and session.readings == {other: value}
        session.read(other, switch.present)
        assert not session.moved and session.compute().difference == 0
    assert len(session._ready) == 2 and () in session._ready


def test_claims_that_cannot_be_computed_leave_the_session_as_it_was(session):
    session.move(RATE, 0.05)
    known, change = session.claims, session.compute()
    session.read("zaozhuang_2020.readings.equipment_grant_terms", "supplied_terms")
    with pytest.raises(UnstatedParameter):
        session.take(claims.made_up(2021, 60))
    assert session.claims is known and session.change is change


# ----- levers -----


def test_levers_are_labelled_cited_and_have_the_present_value_on_a_step(system):
    for lever in levers(system, 2021):
        assert lever.label and lever.clause
        if lever.present is not None:
            assert lever.value(float(lever.shown(lever.present))) == lever.present
            assert lever.shown(lever.present) <= lever.high
        for step in range(0, 61, 7):
            value = lever.value(float(lever.step) * step)
            assert check_value(find(system.parameters, lever.path), lever.words(value)) == value
    assert all(one.present in one.choices and one.clause for one in switches(system))


def test_the_page_holds_no_number_of_a_document():
    tree = ast.parse((ROOT / "openfisca_jining" / "page" / "levers.py").read_text(encoding="utf-8"))
    numbers = {
        node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and type(node.value) in (int, float)
    }
    assert numbers <= {0, 1, 3, 10, 20, 100, 10_000}


# ----- what it writes down -----


def moved(session) -> Session:
    session.move(RATE, 0.045)
    session.move(CAP, 1_500_000)
    session.move("zaozhuang_2020.loan_interest.cap_per_enterprise", 125_000)
    session.read("yanzhou_2020.readings.robot_base", "robot_purchase_only")
    return session


@pytest.mark.parametrize("both", [False, True])
def test_the_command_computes_the_same(session, capsys, both):
    moved(session).both = both
    change = session.compute()
    (command,) = session.commands()
    assert main(shlex.split(command)[1:]) == 0
    assert (
        f"由 {view.money(change.before.total)} 万元变为 {view.money(change.after.total)} 万元"
        in capsys.readouterr().out
    )


def test_the_command_on_made_up_claims_computes_the_same(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    session = Session()
    session.take(claims.made_up(2021, 120))
    session.move(RATE, 0.02)
    change = session.compute()
    for command in session.commands():
        assert main(shlex.split(command)[1:]) == 0
    assert f"变为 {view.money(change.after.total)} 万元" in capsys.readouterr().out


def test_the_reform_file_computes_the_same(session, tmp_path):
    change = moved(session).compute()
    path = tmp_path / "reform.yaml"
    path.write_text(session.reform_file(), encoding="utf-8")
    full = compare(session.population, session.law, reformed(session.law, reforms=[path]))
    assert to_fen_signed(full.reform.total) == change.after.total
    session.reset()
    assert session.reform_file() == ""


def test_the_workbook_holds_the_totals_of_the_page(session):
    change = moved(session).compute()
    book = openpyxl.load_workbook(io.BytesIO(session.workbook()))
    rows = [[cell.value for cell in row] for row in book["汇总"].iter_rows()]
    (total,) = [row for row in rows if row[0] == "合计"]
    assert [round(value * 1_000_000) for value in total[2:5]] == [
        change.before.total,
        change.after.total,
        change.difference,
    ]


def words_of(memo: bytes) -> str:
    document = docx.Document(io.BytesIO(memo))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def test_the_memo_states_the_totals_of_the_page(session):
    assert view.money(session.compute().after.total) in words_of(session.memo())
    change = moved(session).compute()
    said = words_of(session.memo())
    assert view.money(change.before.total) in said and view.money(change.after.total) in said


def test_remarks_name_made_up_data_empty_pools_and_moves_nobody_feels(session):
    session.move("jining_2020.special_fund.amount", 600_000_000)
    session.compute()
    said = "".join(session.remarks())
    assert "虚构" in said and "资金池用完：济宁 2017 开发区重大项目奖励资金" in said and "没有影响任何企业" in said
    session.move("jining_2020.special_fund.amount", 1_000_000)
    session.compute()
    assert any("工业发展专项资金" in one for one in session.remarks())
    assert ("ZZ2020-3-2-s1c", "单个企业最高") in session.unstated()
    session.move("zaozhuang_2020.loan_interest.cap_per_enterprise", 1)
    assert ("ZZ2020-3-2-s1c", "单个企业最高") not in session.unstated()


def test_lint_speaks_of_a_move_that_is_far(session):
    session.move(RATE, 0.001)
    assert any("倍" in one or "分之" in one for one in session.lint())


# ----- uploads -----


def test_an_upload_is_read_like_the_file_and_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = claims.uploaded(r"C:\表\申报 表.csv", TABLE.read_bytes(), None)
    assert found.population.content_hash() == read_table(TABLE).population.content_hash()
    assert found.argument == '"申报 表.csv"' and list(tmp_path.iterdir()) == []


def test_a_broken_upload_gives_the_readers_own_words():
    text = TABLE.read_text(encoding="utf-8-sig").splitlines()
    heading = text[0].split(",")
    column = next(place for place, name in enumerate(heading) if name.startswith("设备投资额"))
    cells = text[1].split(",")
    cells[column] = "待定"
    found = claims.uploaded("坏表.csv", "\n".join([text[0], ",".join(cells)]).encode(), None)
    assert found.population is None
    shown = view.problems(found)
    assert "待定" in shown and heading[column] in shown and "坏表" in shown and "问题清单.xlsx" in shown
    assert any(one.row == 2 and one.value == "待定" for one in found.problems)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("报告.docx", b"x", "不是申报表"),
        ("空.xlsx", b"", "无法读取「空.xlsx」"),
        ("坏.xlsx", b"PK\x03\x04broken", "无法读取「坏.xlsx」"),
        ("大.csv", b"x" * (claims.MOST_BYTES + 1), "超过 20 MB"),
    ],
)
def test_what_is_no_table_is_refused_by_name(name, content, said):
    with pytest.raises(JiningError, match=said) as refused:
        claims.uploaded(name, content, None)
    assert "tmp" not in refused.value.message and "/" not in refused.value.message


def test_made_up_claims_are_limited():
    with pytest.raises(JiningError, match=r"1 至 5,000"):
        claims.made_up(2021, 5_001)


# ----- the page -----


def test_names_from_a_table_are_escaped(tmp_path, session):
    population = session.population
    firms = population.enterprises.copy()
    firms["enterprise_name"] = firms["enterprise_name"].astype(object)
    firms.loc[:, "enterprise_name"] = "<img src=x onerror=alert(1)>"
    path = tmp_path / "恶.csv"
    write_csv(type(population)(population.year, population.projects, firms), path)
    session.take(claims.uploaded("恶.csv", path.read_bytes(), None))
    session.move(RATE, 0.05)
    shown = view.enterprises(session, session.compute())
    assert "<img" not in shown and "&lt;img" in shown


def test_the_waterfall_says_every_column_of_the_ledger_and_is_drawn_again_alike(session):
    figure = Waterfall()
    first = figure.svg(session.compute())
    session.move(RATE, 0.05)
    second = figure.svg(session.compute())
    session.reset()
    assert figure.svg(session.compute()) == first != second
    assert all(
        word in first for word in ("按比例应得", "企业限额", "资金池", "实付", view.money(session.change.after.total))
    )


def test_moves_switches_and_reset_on_the_widgets():
    page = Page()
    total = view.money(page.session.compute().before.total)
    page.sliders[RATE].value = 4.5
    expected = Session()
    expected.take(claims.bundled())
    expected.move(RATE, 0.045)
    assert view.money(expected.compute().after.total) in page.cards.value and "→ 4.5%" in page.labels[RATE].value
    page.switches["yanzhou_2020.readings.robot_base"].value = "robot_purchase_only"
    assert page.session.readings == {"yanzhou_2020.readings.robot_base": "robot_purchase_only"}
    page.reset.click()
    assert page.sliders[RATE].value == 3 and page.cards.value.count(total) == 2 and page.message.value == ""


def test_readings_for_both_sides_and_the_kind_of_claims_on_the_widgets():
    page = Page()
    page.switches["zaozhuang_2020.readings.grant_and_interest_stacking"].value = "choose_one"
    assert page.session.change.difference < 0 and "差额只反映其他改动" not in page.remarks.value
    page.both.value = True
    assert page.session.change.difference == 0
    assert "所选读法和填写的数额对现行和改革两方都适用，差额只反映其他改动。" in page.remarks.value
    page.reset.click()
    assert page.both.value is False
    page.kind.value = "合成数据"
    page.projects.value = 200
    assert "200 个项目" in page.about.value
    page.kind.value = "上传表格"  # 还没有文件：仍显示合成的一批
    page.table_year.value, page.table_year.value = 2021, page.table_year.value
    assert "200 个项目" in page.about.value and page.message.value == ""
    page.upload.value = (sent("申报表.csv", TABLE.read_bytes()),)
    page.kind.value = page.kind.options[0]
    assert page.session.claims.argument == ""
    page.kind.value = "上传表格"
    assert page.session.claims.argument == "申报表.csv"


def test_the_workbook_and_the_report_are_offered_for_download():
    page = Page()
    page.sliders[RATE].value = 4
    page.excel.click()
    assert "技改奖补测算_2021.xlsx" in page.file_made.value
    page.report.click()
    assert "技改奖补测算报告_2021.docx" in page.file_made.value and page.message.value == ""


def test_a_page_that_cannot_be_opened_says_so_in_chinese(monkeypatch):
    assert show().comm is not None

    def fail(session):
        raise JiningError([], "示例表读不出来。")

    monkeypatch.setattr(Session, "compute", fail)
    assert "页面没有打开。请刷新页面再试。" in show().value and "示例表读不出来。" in show().value


def test_an_error_is_said_in_chinese_and_marks_the_figures_as_old():
    page = Page()
    field = page.sliders["yanzhou_2020.special_fund.amount"]
    field.value = "五百万"
    assert "应为数字" in page.message.value and "stale" in page.right._dom_classes
    field.value = "500万元"
    assert page.message.value == "" and "stale" not in page.right._dom_classes
    page.switches["zaozhuang_2020.readings.equipment_grant_terms"].value = "supplied_terms"
    assert "文件未定" in page.message.value and "Traceback" not in page.message.value


def test_an_unforeseen_error_shows_no_traceback(monkeypatch):
    page = Page()

    def fail():
        raise ZeroDivisionError("x")

    monkeypatch.setattr(page.session, "compute", fail)
    page.sliders[RATE].value = 4
    assert "程序内部出错" in page.message.value and "Traceback" not in page.message.value


def sent(name: str, content: bytes) -> dict:
    """A file as the browser sends it."""
    day = datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC)
    return {"name": name, "type": "", "size": len(content), "content": memoryview(content), "last_modified": day}


def test_an_upload_on_the_widgets():
    page = Page()
    page.kind.value = "上传表格"
    page.upload.value = (sent("申报表.csv", TABLE.read_bytes()),)
    assert page.session.claims.argument == "申报表.csv" and "读到 48 行" in page.problems.value
    assert page.session.population.synthetic and "数据是虚构的" in page.remarks.value
    page.upload.value = (sent("坏.xlsx", b"no"),)
    assert "无法读取「坏.xlsx」" in page.message.value and page.session.claims.argument == "申报表.csv"


def test_a_table_without_a_usable_row_leaves_the_figures_and_lists_what_is_wrong():
    page = Page()
    shown = page.cards.value
    page.kind.value = "上传表格"
    bad = "企业编号,项目编号,设备投资额（元）\nE1,P1,坏\n".encode()
    page.upload.value = (sent("坏.csv", bad),)
    assert "上传的表没有可用的行，仍显示此前的数据。" in page.message.value
    assert "原值「坏」" in page.problems.value and page.cards.value == shown
    rows = "申报年度,企业编号,注册地,项目编号,设备投资额（元）\n2021,E1,滕州市,P1,5000000\n2021,E2,滕州市,P2,坏\n"
    page.upload.value = (sent("申报表.csv", rows.encode()),)
    assert (
        "上传的表有 1 处被拒绝，被拒绝的行没有计入。" in page.remarks.value and "数据是虚构的" not in page.remarks.value
    )


def test_a_refused_upload_can_be_sent_again_as_it_is():
    page = Page()
    page.kind.value = "上传表格"
    for _ in range(2):
        page.upload.value = (sent("坏.xlsx", b"no"),)
        assert "无法读取「坏.xlsx」" in page.message.value
        page.sliders[RATE].value += 1
        assert page.message.value == ""


def test_what_is_shown_later_leaves_the_message_of_a_second_upload_where_it_is():
    async def visit():
        page = Page()
        page.upload.value = (sent("申报表.csv", TABLE.read_bytes()),)
        page.upload.value = (sent("坏.xlsx", b"no"),)
        assert page.about.value == ""
        await asyncio.sleep(3 * REST)
        return page

    page = asyncio.run(visit())
    assert "无法读取「坏.xlsx」" in page.message.value and "48" in page.about.value


def test_two_pages_share_nothing():
    one, other = Page(), Page()
    one.sliders[RATE].value = 9
    assert other.sliders[RATE].value == 3 and not other.session.moved
    assert not numpy.shares_memory(one.session.change.before.paid, other.session.change.before.paid)


def test_modules_keep_no_state_that_changes():
    for path in (ROOT / "openfisca_jining" / "page").glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, (ast.Assign, ast.AnnAssign)):
                names = {
                    one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
                }
                assert names == {name.upper() for name in names}, path.name
                assert not isinstance(node.value, (ast.List, ast.Set)), path.name
