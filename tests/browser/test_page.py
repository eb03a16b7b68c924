"""The what-if page in a real browser: ``make page-test``. Needs Chromium (CHROMIUM names it, else it is looked for on the path).

Plain ``pytest`` leaves this folder out (``norecursedirs``). Screenshots go to the folder named by SCREENSHOTS, if any.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import docx
import openpyxl
import pytest
from playwright.sync_api import expect, sync_playwright

from openfisca_jining.page import claims, view
from openfisca_jining.page.app import REST
from openfisca_jining.page.levers import levers
from openfisca_jining.page.session import Session
from openfisca_jining.population.example import FILE

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "openfisca_jining" / "population" / FILE
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
]  # fmt: skip
RATE = "jining_2017.equipment.rate"
#: Milliseconds that a busy machine may take to open a page, or for a move; speed itself is printed, not tested.
PATIENCE, MOVE_AT_MOST = 120_000, 10_000
SIZES = ((1280, 800), (1920, 1080), (1024, 768))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def serving(*command: str, port: int):
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        server = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        try:
            for _ in range(240):
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/voila/static/NotoSansSC-Regular.ttf", timeout=5)
                    break
                time.sleep(0.5)
                assert server.poll() is None
            yield f"http://127.0.0.1:{port}/", server
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
            log.seek(0)
            said = log.read()
    assert "Traceback" not in said, said


@pytest.fixture(scope="module")
def url():
    port = free_port()
    with serving("-m", "openfisca_jining", "page", "--port", str(port), "--no-browser", port=port) as (address, _):
        yield address


@pytest.fixture(scope="module")
def browser():
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "没有找到 Chromium：请安装，或用环境变量 CHROMIUM 指出它的位置。"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield opened
        opened.close()


class Visit:
    """One visitor's page, with everything the browser asked for and complained about."""

    def __init__(self, browser, url: str, size=SIZES[0]) -> None:
        self.context = browser.new_context(viewport={"width": size[0], "height": size[1]}, accept_downloads=True)
        self.page = self.context.new_page()
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self._asked(request.url))
        self.page.on("websocket", lambda socket: self._asked(socket.url))
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(url, wait_until="commit", timeout=PATIENCE)
        self.page.wait_for_selector(".jn-cards", timeout=PATIENCE)
        self.page.wait_for_selector(".jn-code, .jn-list", state="attached", timeout=PATIENCE)

    def _asked(self, url: str) -> None:
        scheme, _, rest = url.partition("://")
        if scheme in ("http", "https", "ws", "wss"):
            self.hosts.add(rest.split("/")[0].split(":")[0])

    def figures(self) -> list[str]:
        return self.page.locator(".jn-card .below").all_inner_texts()[:2]

    def wait_for(self, after: str) -> None:
        expect(self.page.locator(".jn-card.after .below")).to_have_text(after, timeout=PATIENCE)

    def lever(self, path: str):
        label = {one.path: one for one in levers(Session().law, 2021)}[path]
        return self.page.locator(".jn-lever", has_text=label.label).filter(has_text=label.clause).first

    def press(self, path: str, key: str, times: int = 1) -> None:
        handle = self.lever(path).locator(".noUi-handle")
        handle.focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def send(self, path: Path) -> None:
        with self.page.expect_file_chooser() as chooser:
            self.page.get_by_role("button", name="选择文件").click()
        chooser.value.set_files(path)

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def visit(browser, url):
    opened = Visit(browser, url)
    yield opened
    assert opened.complaints == []
    assert opened.hosts == {"127.0.0.1"}
    opened.close()


def expected(*moves, population=None, readings=()) -> Session:
    """What the same moves give in Python."""
    session = Session()
    session.take(population or claims.bundled())
    for path, value in moves:
        session.move(path, value)
    for path, value in readings:
        session.read(path, value)
    session.compute()
    return session


def total(session: Session) -> str:
    return view.yuan(session.change.after.total)


def test_it_opens_in_chinese_and_fits_every_size(visit):
    page = visit.page
    assert page.title() == "技术改造奖补测算" and page.locator("html").get_attribute("lang") == "zh"
    assert visit.figures() == [total(expected())] * 2
    page.wait_for_function("document.fonts.check('16px \"Noto Sans SC\"', '济宁')")
    for wide, tall in SIZES:
        page.set_viewport_size({"width": wide, "height": tall})
        assert page.evaluate("document.documentElement.scrollWidth") <= wide
        for part in (".jn-head", ".jn-left", ".jn-right", ".jn-cards", ".jn-chart svg"):
            box = page.locator(part).first.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= wide + 1, part
        overflowing = page.evaluate(
            "[...document.querySelectorAll('.jn-card .figure, .jn-label')].filter(e => e.scrollWidth > e.clientWidth + 1).length"
        )
        assert overflowing == 0
        if os.environ.get("SCREENSHOTS"):
            page.screenshot(path=Path(os.environ["SCREENSHOTS"]) / f"page_{wide}x{tall}.png")


def test_a_slider_shows_what_python_computes_to_the_fen_and_reset_brings_current_law_back(visit):
    visit.press(RATE, "ArrowRight", 5)
    moved = expected((RATE, 0.035))
    visit.wait_for(total(moved))
    card = visit.page.locator(".jn-card.difference .figure b")
    expect(card).to_have_text(view.signed(moved.change.difference))
    expect(visit.page.locator("pre#jn-command")).to_have_text(moved.commands()[0], timeout=PATIENCE)
    visit.page.get_by_role("button", name="恢复现行").click()
    visit.wait_for(total(expected()))
    assert "→" not in visit.lever(RATE).inner_text()


def test_a_reading_switch(visit):
    visit.page.get_by_text("读法（条文不明处的取法）").click()
    path = "yanzhou_2020.readings.robot_base"
    chosen = visit.page.locator(".jn-lever", has_text="机器人项 5% 的基数").locator("select")
    chosen.select_option(label="机器人投资额")
    visit.wait_for(total(expected(readings=[(path, "robot_purchase_only")])))


def test_an_amount_that_the_text_leaves_unstated_and_a_wrong_one(visit):
    visit.page.get_by_text("兖州 2020", exact=True).first.click()
    field = visit.page.locator(".jn-lever", has_text="专项资金年度数额").locator("input")
    field.fill("五百万")
    field.press("Enter")
    expect(visit.page.locator(".jn-alert")).to_contain_text("应为数字", timeout=PATIENCE)
    field.fill("500万元")
    field.press("Enter")
    expect(visit.page.locator(".jn-alert")).to_have_count(0, timeout=PATIENCE)
    visit.wait_for(total(expected()))


def test_moves_at_5000_projects(visit):
    page = visit.page
    page.get_by_role("button", name="合成数据").click()
    made = claims.made_up(2021, 1_000)
    visit.wait_for(total(expected(population=made)))
    field = page.locator(".jn-options input[type=number]")
    field.fill("5000")
    field.press("Enter")
    session = expected(population=claims.made_up(2021, 5_000))
    visit.wait_for(total(session))
    took = []
    # 济宁的资金池用完后合计不再变，所以移动兖州和枣庄的；兖州的要重算择一
    for path, key, step in (
        ("yanzhou_2020.equipment.rate", "ArrowRight", 0.001),
        ("zaozhuang_2020.equipment.rate", "ArrowLeft", -0.01),
    ):
        name = {"yanzhou_2020": "兖州 2020", "zaozhuang_2020": "枣庄 2020"}[path.split(".")[0]]
        if not visit.lever(path).is_visible():
            page.get_by_text(name, exact=True).first.click()
        lever = {one.path: one for one in session.levers()}[path]
        for number in range(1, 6):
            value = lever.value(float(lever.shown(lever.present + step * number)))
            session.move(path, value)
            session.compute()
            visit.lever(path).locator(".noUi-handle").focus()
            page.evaluate(
                """() => {
                    const box = document.querySelector('.jn-cards-box');
                    window.moved = new Promise(done => {
                        let start;
                        document.addEventListener('keydown', () => { start = performance.now(); }, {once: true, capture: true});
                        new MutationObserver((_, watch) => { watch.disconnect(); requestAnimationFrame(() => done(performance.now() - start)); })
                            .observe(box, {childList: true, subtree: true, characterData: true});
                    });
                }"""
            )
            page.keyboard.press(key)
            took.append(page.evaluate("window.moved"))
            visit.wait_for(total(session))
            page.wait_for_timeout(900)  # 等后面的表写完
    print(
        f"从移动到新的数字，5,000 个项目：中位 {statistics.median(took):.0f} 毫秒，最慢 {max(took):.0f} 毫秒（{len(took)} 次）"
    )
    assert statistics.median(took) < MOVE_AT_MOST


def test_the_exported_workbook_and_report_have_the_totals_of_the_page(visit):
    visit.press(RATE, "ArrowRight", 10)
    moved = expected((RATE, 0.04))
    visit.wait_for(total(moved))
    with visit.page.expect_download(timeout=PATIENCE) as download:
        visit.page.get_by_role("button", name="导出 Excel").click()
    assert download.value.suggested_filename == "技改奖补测算_2021.xlsx"
    book = openpyxl.load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    (last,) = [row for row in book["汇总"].iter_rows(values_only=True) if row[0] == "合计"]
    with visit.page.expect_download(timeout=PATIENCE) as download:
        visit.page.get_by_role("button", name="导出报告").click()
    report = docx.Document(download.value.path())
    assert any(view.money(moved.change.after.total) in paragraph.text for paragraph in report.paragraphs)
    change = moved.change
    assert [round(one * 1_000_000) for one in last[2:5]] == [change.before.total, change.after.total, change.difference]


def test_uploads_good_broken_and_too_large(visit, tmp_path):
    page = visit.page
    page.get_by_role("button", name="上传表格").click()
    lines = TABLE.read_text(encoding="utf-8-sig").splitlines()
    fewer = tmp_path / "十个项目.csv"
    fewer.write_text("\n".join(lines[:11]), encoding="utf-8")
    visit.send(fewer)
    good = total(expected(population=claims.uploaded(fewer.name, fewer.read_bytes(), None)))
    visit.wait_for(good)
    broken = tmp_path / "坏表.csv"
    broken.write_text("\n".join([lines[0], lines[1].replace("20000000.00", "待定", 1)]), encoding="utf-8")
    visit.send(broken)
    expect(page.locator(".jn-alert")).to_contain_text("没有可用的行", timeout=PATIENCE)
    problem = page.locator(".jn-problems li").first
    for word in ("拒绝", "坏表", "第 2 行", "设备投资额（元）", "待定"):
        expect(problem).to_contain_text(word)
    page.wait_for_timeout(3_000 * REST)  # 上一张表后写完的部分不能盖住这句话
    expect(page.locator(".jn-alert")).to_contain_text("没有可用的行")
    assert visit.figures()[1] == good
    fake = tmp_path / "改名.xlsx"
    fake.write_bytes(b"not a workbook")
    visit.send(fake)
    expect(page.locator(".jn-alert")).to_contain_text("无法读取「改名.xlsx」", timeout=PATIENCE)
    visit.press(RATE, "ArrowRight")
    expect(page.locator(".jn-alert")).to_have_count(0, timeout=PATIENCE)
    visit.send(fake)  # 同一个文件再送一次
    expect(page.locator(".jn-alert")).to_contain_text("无法读取「改名.xlsx」", timeout=PATIENCE)
    large = tmp_path / "太大.csv"
    large.write_bytes(b"x" * (claims.MOST_BYTES + 1))
    visit.send(large)
    expect(page.locator("#jn-gone")).to_contain_text("超过 20 MB")
    assert re.search(r"[一-鿿]", page.locator(".jn-alert").inner_text())


def test_an_upload_near_the_limit_arrives(visit, tmp_path):
    page = visit.page
    page.get_by_role("button", name="上传表格").click()
    lines = TABLE.read_text(encoding="utf-8-sig").splitlines()
    padded = tmp_path / "很宽.csv"
    padded.write_text("\n".join([*lines, "," * (19 * 2**20)]), encoding="utf-8")
    visit.send(padded)
    # 读表的拒绝说明 19 MB 都到了
    expect(page.locator(".jn-alert")).to_contain_text("「很宽.csv」：超过 2,000,000 行或 16,384 列", timeout=PATIENCE)


def test_two_visitors_do_not_mix(browser, url):
    one, other = Visit(browser, url), Visit(browser, url)
    one.press(RATE, "ArrowRight", 10)
    one.wait_for(total(expected((RATE, 0.04))))
    other.press("jining_2017.equipment.cap_per_enterprise", "ArrowLeft", 2)
    other.wait_for(total(expected(("jining_2017.equipment.cap_per_enterprise", 2_700_000))))
    assert one.figures() == [total(expected()), total(expected((RATE, 0.04)))]
    assert one.complaints == other.complaints == []
    one.close()
    other.close()


def test_closing_the_page_ends_its_kernel_and_an_idle_one_is_ended_and_said(browser, tmp_path):
    port = free_port()
    run = f"from openfisca_jining.page.server import serve; serve(port={port}, browser=False, idle=20)"
    with serving("-c", run, port=port) as (address, _):
        visit = Visit(browser, address)
        kernel = visit.page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
        expect(visit.page.locator("#jn-gone")).to_contain_text("会话已经结束", timeout=PATIENCE)
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{address}api/kernels/{kernel}")
        visit.close()
        second = Visit(browser, address)
        kernel = second.page.evaluate("JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
        assert urllib.request.urlopen(f"{address}api/kernels/{kernel}").status == 200
        second.page.close(run_before_unload=True)
        for _ in range(60):
            time.sleep(0.5)
            try:
                urllib.request.urlopen(f"{address}api/kernels/{kernel}")
            except urllib.error.HTTPError:
                break
        else:
            pytest.fail("关闭页面后内核还在")
        second.context.close()
