"""The widgets of the page and what happens when one is touched. Figures come from ``session``, HTML from ``view``."""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable
from contextlib import contextmanager

import ipywidgets

from openfisca_jining.errors import JiningError
from openfisca_jining.law import find
from openfisca_jining.page import claims as sources
from openfisca_jining.page import view
from openfisca_jining.page.claims import MOST_BYTES, MOST_PROJECTS, SUFFIXES, YEARS, Claims
from openfisca_jining.page.figure import Waterfall
from openfisca_jining.page.levers import Lever, document_names
from openfisca_jining.page.session import Session

#: Seconds of rest after a move before what takes longer is looked at (lint, unmoved text).
REST = 0.4
BUNDLED, MADE_UP, UPLOADED = "示例表（48 个项目）", "合成数据", "上传表格"
FIRST_YEAR, FIRST_PROJECTS = 2021, 1_000
IN_TABLE = "表中的年度"
#: Unit -> what may be filled in where the text states nothing.
EXAMPLES = {"元": "500万元", "天": "180天", "/1": "5%"}
BROKEN = "程序内部出错，上面的数字没有更新。请点「恢复现行」或刷新页面；再出现请把下面一行转告维护人员。"


class Page:
    """One visitor's page. :ivar widget: what a notebook shows."""

    def __init__(self) -> None:
        self.session = Session()
        self.figure = Waterfall()
        self.silent = False
        self.file: tuple[str, bytes] | None = None
        self.waiting: asyncio.TimerHandle | None = None
        self.levers: dict[str, Lever] = {}
        self._results()
        self.session.take(sources.bundled())
        self.widget = _box(
            "jn-page",
            _box("jn-head", _html("jn-title", "<h1>技术改造奖补测算</h1>"), self.about, self.status, self._buttons()),
            _box("jn-body", _box("jn-left", self._data(), self._controls()), self.right),
        )
        self.show()

    # ----- parts -----

    def _buttons(self):
        self.reset = ipywidgets.Button(description="恢复现行", tooltip="所有比例、限额、门槛和读法回到现行政策")
        self.excel = ipywidgets.Button(description="导出 Excel", button_style="primary")
        self.report = ipywidgets.Button(description="导出报告", tooltip="Word 测算报告")
        self.reset.on_click(self._act(self._reset))
        self.report.on_click(self._act(self._export_report, "正在写报告"))
        self.excel.on_click(self._act(self._export_excel, "正在写 Excel"))
        return _box("jn-buttons", self.reset, self.report, self.excel)

    def _data(self):
        self.kind = ipywidgets.ToggleButtons(options=[BUNDLED, MADE_UP, UPLOADED], value=BUNDLED)
        self.year = ipywidgets.Dropdown(options=list(YEARS), value=FIRST_YEAR, description="申报年度")
        self.projects = ipywidgets.BoundedIntText(
            value=FIRST_PROJECTS, min=1, max=MOST_PROJECTS, description="项目数", continuous_update=False
        )
        self.table_year = ipywidgets.Dropdown(options=[IN_TABLE, *YEARS], value=IN_TABLE, description="申报年度")
        self.upload = ipywidgets.FileUpload(accept=",".join(SUFFIXES), multiple=False, description="选择文件")
        self.problems = _html("jn-problems")
        size = f"{MOST_BYTES // 2**20} MB"
        kinds = "、".join(one.removeprefix(".") for one in SUFFIXES)
        self.made = _box(
            "jn-options",
            self.year,
            self.projects,
            _html("jn-note", f"虚构的企业和项目，至多 {MOST_PROJECTS:,} 个项目。"),
        )
        self.sent = _box(
            "jn-options",
            self.upload,
            self.table_year,
            _html("jn-note", f"{kinds}，不超过 {size}。只留在本次会话的内存里，关闭页面即清除。"),
            self.problems,
        )
        self.bundled = _box("jn-options", _html("jn-note", "2021 年，随程序附带，企业和项目均为虚构。"))
        self.kind.observe(self._act(self._kind_chosen, "正在换数据"), "value")
        for one in (self.year, self.projects):
            one.observe(self._act(self._make, "正在生成合成数据"), "value")
        self.upload.observe(self._act(self._file_sent, "正在读表"), "value")
        self.table_year.observe(self._act(self._read_file, "正在读表"), "value")
        self._show_options()
        return _box("jn-data", _html("jn-heading", "<h3>数据</h3>"), self.kind, self.bundled, self.made, self.sent)

    def _controls(self):
        names = document_names()
        self.sliders: dict[str, ipywidgets.Widget] = {}
        self.labels: dict[str, ipywidgets.HTML] = {}
        sections: dict[str, list] = {}
        headings: dict[str, str] = {}
        for lever in self.session.levers():
            self.levers[lever.path] = lever
            rows = sections.setdefault(lever.document, [])
            if headings.get(lever.document) != lever.group:
                headings[lever.document] = lever.group
                rows.append(_html("jn-group", f"<h4>{lever.group}</h4>"))
            self.labels[lever.path] = _html("", view.label(lever, None))
            self.sliders[lever.path] = self._slider(lever)
            rows.append(_box("jn-lever", self.labels[lever.path], self.sliders[lever.path]))
        self.switches: dict[str, ipywidgets.Dropdown] = {}
        readings: dict[str, list] = {}
        for switch in self.session.switches():
            options = [
                (f"缺省：{text}" if value == switch.present else text, value) for value, text in switch.choices.items()
            ]
            chosen = ipywidgets.Dropdown(options=options, value=switch.present)
            chosen.observe(
                self._act(lambda change, path=switch.path: self._read(path, change["new"]), "正在按读法重算"), "value"
            )
            self.switches[switch.path] = chosen
            readings.setdefault(switch.document, []).append(_box("jn-lever", _html("", view.reading(switch)), chosen))
        self.both = ipywidgets.Checkbox(value=False, description="现行一方也按所选读法和填写的数额", indent=False)
        self.both.observe(self._act(self._both_changed, "正在重算"), "value")
        parts = [
            self.both,
            *(
                part
                for name, rows in readings.items()
                for part in (_html("jn-group", f"<h4>{names[name]}</h4>"), *rows)
            ),
        ]
        self.sections = ipywidgets.Accordion(
            children=[*(ipywidgets.VBox(rows) for rows in sections.values()), ipywidgets.VBox(parts)], selected_index=0
        )
        for number, title in enumerate([*(names[name] for name in sections), "读法（条文不明处的取法）"]):
            self.sections.set_title(number, title)
        return _box("jn-controls", _html("jn-heading", "<h3>比例、限额、门槛、资金</h3>"), self.sections)

    def _slider(self, lever: Lever):
        """A slider, or a text where the law states no number."""
        if lever.present is None:
            made = ipywidgets.Text(
                placeholder=f"文件未定；可填，如 {EXAMPLES.get(lever.unit, '')}", continuous_update=False
            )
            made.observe(self._act(lambda change: self._moved_text(lever.path, change["new"])), "value")
            return made
        decimals = max(-int(lever.step.normalize().as_tuple().exponent), 0)
        made = ipywidgets.FloatSlider(
            min=0, max=float(lever.high), step=float(lever.step), value=float(lever.shown(lever.present)),
            readout_format=f",.{decimals}f", continuous_update=False,
        )  # fmt: skip
        made.observe(self._act(lambda change: self._moved(lever.path, change["new"])), "value")
        return made

    def _results(self) -> None:
        self.about = _html("jn-about")
        self.status, self.message = _html("jn-status"), _html("jn-message")
        self.cards, self.chart, self.remarks = _html("jn-cards-box"), _html("jn-chart"), _html("jn-remarks-box")
        self.file_made = _html("jn-file")
        self.tables = [_html("jn-panel") for _ in range(4)]
        self.tabs = ipywidgets.Tab(children=self.tables, titles=("按政策工具", "增减企业", "改动和重现", "文件未定"))
        self.right = _box(
            "jn-right",
            _box("jn-top", self.cards),
            self.message,
            self.file_made,
            self.remarks,
            self.chart,
            self.tabs,
        )

    # ----- what happens -----

    def _act(self, function: Callable, doing: str = "") -> Callable:
        """A handler that computes, shows, and turns whatever goes wrong into a Chinese message. :param doing: said meanwhile."""

        def handle(change) -> None:
            if self.silent:
                return
            self._busy(doing)
            if self._succeeds(lambda: function(change)):
                self.message.value = ""
            self._busy("")

        return handle

    def _succeeds(self, function: Callable[[], None]) -> bool:
        """Call a function; whatever goes wrong is said on the page. :returns: whether nothing did."""
        try:
            function()
        except JiningError as error:
            self._fail(error.message)
        except Exception as error:  # noqa: BLE001 一处出错，页面还要能用
            traceback.print_exc(file=sys.__stderr__)
            self._fail(f"{BROKEN}\n{type(error).__name__}：{error}")
        else:
            return True
        return False

    def _busy(self, doing: str) -> None:
        self.status.value = f'<span class="jn-busy">{doing}……</span>' if doing else ""

    def _fail(self, message: str) -> None:
        self.message.value = view.alert(message)
        self.right.add_class("stale")

    def _moved(self, path: str, shown: float) -> None:
        value = self.levers[path].value(shown)
        self._put(path, value)

    def _moved_text(self, path: str, text: str) -> None:
        self._put(path, self.levers[path].read(find(self.session.law.parameters, path), text))

    def _put(self, path: str, value) -> None:
        self.session.move(path, value)
        self._label(path)
        self._compute()

    def _read(self, path: str, value: str) -> None:
        self.session.read(path, value)
        self._compute()

    def _both_changed(self, change) -> None:
        self.session.both = change["new"]
        self._compute()

    def _reset(self, _button) -> None:
        self.session.reset()
        self._place_controls()
        self._compute()

    def _kind_chosen(self, change) -> None:
        self._show_options()
        if change["new"] == BUNDLED:
            self._take(sources.bundled())
        elif change["new"] == MADE_UP:
            self._make(change)
        else:
            self._read_file(change)

    def _make(self, _change) -> None:
        self._take(sources.made_up(self.year.value, self.projects.value))

    def _file_sent(self, change) -> None:
        sent = change["new"][0]
        self.file = str(sent["name"]), bytes(sent["content"])
        with self._silently():
            self.upload.value = ()  # 同一个文件再选一次，浏览器才会再送来
        self._read_file(change)

    def _read_file(self, _change) -> None:
        if self.file is None:
            return
        self.problems.value = ""
        year = None if self.table_year.value == IN_TABLE else int(self.table_year.value)
        try:
            found = sources.uploaded(*self.file, year)
        except JiningError:
            self.file = None
            raise
        self.problems.value = view.problems(found)
        if found.population is None:
            raise JiningError([], "上传的表没有可用的行，仍显示此前的数据。问题见左侧清单，改好后请重新上传。")
        self._take(found)

    def _take(self, found: Claims) -> None:
        self.session.take(found)
        for lever in self.session.levers():
            self.levers[lever.path] = lever
        self._place_controls()
        self.show()

    def _compute(self) -> None:
        self.session.compute()
        self.show()

    def _export_excel(self, _button) -> None:
        name = f"技改奖补测算_{self.session.year}.xlsx"
        self.file_made.value = view.download(name, self.session.workbook(), view.XLSX)

    def _export_report(self, _button) -> None:
        name = f"技改奖补测算报告_{self.session.year}.docx"
        self.file_made.value = view.download(name, self.session.memo(), view.DOCX)

    # ----- showing -----

    def show(self) -> None:
        """Show the session's last result: totals first, what is slower after them."""
        session, change = self.session, self.session.change
        assert change is not None
        self.cards.value = view.cards(session, change)
        self.chart.value = self.figure.svg(change)
        self.tables[0].value = view.instruments(change)
        self.remarks.value = view.remarks(session.remarks(), None)
        self.right.remove_class("stale")
        self.file_made.value = ""
        self._later(self._show_rest)

    def _show_rest(self) -> None:
        session, change = self.session, self.session.change
        assert change is not None
        record = session.population
        made_up = "（虚构数据）" if record.synthetic else ""
        self.about.value = f"{session.year} 年申报{made_up}：{len(record.projects):,} 个项目，{len(record.enterprises):,} 家企业。金额单位：万元"
        self.tables[1].value = view.enterprises(session, change)
        self.tables[2].value = view.changes(session)
        self.tables[3].value = view.unstated(session)
        self.remarks.value = view.remarks(session.remarks(), session.lint())

    def _later(self, function: Callable[[], None]) -> None:
        """Call a function after a rest, at most the last one asked for; at once where no event loop runs.

        Nobody asked for it, so it leaves the message alone: what a visitor did meanwhile may have failed, and that has to stay.
        """
        if self.waiting is not None:
            self.waiting.cancel()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            function()
            return
        self.waiting = loop.call_later(REST, self._succeeds, function)

    def _label(self, path: str) -> None:
        self.labels[path].value = view.label(self.levers[path], self.session.values.get(path))

    def _place_controls(self) -> None:
        """Put every slider and switch where the session is, without computing."""
        with self._silently():
            for path, lever in self.levers.items():
                slider, value = self.sliders[path], self.session.values.get(path, lever.present)
                if lever.present is None:
                    slider.value = "" if value is None else lever.words(value)
                else:
                    slider.max, slider.step = float(lever.high), float(lever.step)
                    slider.value = float(lever.shown(lever.present if value is None else value))
                self._label(path)
            for switch in self.session.switches():
                self.switches[switch.path].value = self.session.readings.get(switch.path, switch.present)
            self.both.value = self.session.both

    def _show_options(self) -> None:
        for kind, part in ((BUNDLED, self.bundled), (MADE_UP, self.made), (UPLOADED, self.sent)):
            part.layout.display = None if self.kind.value == kind else "none"

    @contextmanager
    def _silently(self):
        self.silent = True
        try:
            yield
        finally:
            self.silent = False


def show():
    """The page of one visitor, or what went wrong in Chinese; what the notebook ends with."""
    try:
        return Page().widget
    except Exception as error:  # noqa: BLE001 访客看到的总是一句中文
        traceback.print_exc(file=sys.__stderr__)
        reason = error.message if isinstance(error, JiningError) else f"{type(error).__name__}：{error}"
        return ipywidgets.HTML(view.alert(f"页面没有打开。请刷新页面再试。\n{reason}"))


def _html(kind: str, text: str = "") -> ipywidgets.HTML:
    made = ipywidgets.HTML(text)
    if kind:
        made.add_class(kind)
    return made


def _box(kind: str, *children) -> ipywidgets.Box:
    made = ipywidgets.Box(children)
    made.add_class(kind)
    return made
