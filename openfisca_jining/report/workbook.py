"""The Excel workbook of a what-if: what a bureau would forward."""

from __future__ import annotations

import datetime
import io
from dataclasses import dataclass, field
from pathlib import Path

import pandas
import xlsxwriter

from openfisca_jining.analysis.budget import DIMENSIONS, FUND_HEADINGS, LEDGER, Budget
from openfisca_jining.analysis.compare import Comparison
from openfisca_jining.law import leaves
from openfisca_jining.population.problems import SAFE_OPTIONS
from openfisca_jining.report.console import width
from openfisca_jining.report.words import RECORD
from openfisca_jining.whole import write_whole

WAN = "#,##0.00"
#: Day of creation that a workbook states: the same run writes the same bytes, whatever the clock says.
NO_CLOCK = datetime.datetime(1980, 1, 1, tzinfo=datetime.UTC)
#: Longest text that Excel takes in a cell.
LONGEST = 32_000
#: Points per line of text, and Excel's tallest row.
LINE_HEIGHT, TALLEST_ROW = 14, 409


#: What a column of a :class:`Sheet` may hold, and its number format.
NUMBER_FORMATS = {"money": WAN, "share": "0.00%", "number": "#,##0.####", "count": "#,##0"}


@dataclass(frozen=True)
class Sheet:
    """One table of a question's workbook.

    :ivar name: name of the sheet (short). :ivar title: its heading. :ivar table: rows, columns with Chinese headings.
    :ivar note: what the figures are: data, year, law. :ivar formats: column -> :data:`NUMBER_FORMATS` or ``text``; a float
        column without a format is money in yuan (shown in 万元), an integer one a count, anything else text.
    """

    name: str
    title: str
    table: pandas.DataFrame
    note: str = ""
    formats: dict[str, str] = field(default_factory=dict)

    def format_of(self, column: str) -> str:
        """See ``formats``."""
        kind = self.table[column].dtype.kind
        return self.formats.get(column, {"f": "money", "i": "count", "u": "count"}.get(kind, "text"))

    def _repr_html_(self) -> str:
        """The table in a notebook."""
        from openfisca_jining.report.notebook import sheet_html

        return sheet_html(self)


class Workbook:
    """A workbook under construction: text is always text, money is numbers in 万元. Written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = io.BytesIO()
        self.widths: dict[str, tuple[int, ...]] = {}
        self.numbers: dict = {}
        self.book = xlsxwriter.Workbook(self.content, SAFE_OPTIONS)
        self.book.set_properties({"created": NO_CLOCK})
        style = {"font_name": "等线", "font_size": 10, "valign": "vcenter"}
        self.text = self.book.add_format({**style, "text_wrap": True})
        self.title = self.book.add_format({**style, "bold": True, "font_size": 14})
        self.note = self.book.add_format({**style, "font_color": "#595959", "text_wrap": True})
        border = {"border": 1, "border_color": "#BFBFBF"}
        self.head = self.book.add_format(
            {**style, **border, "bold": True, "bg_color": "#DDEBF7", "text_wrap": True, "align": "center"}
        )
        self.cell = self.book.add_format({**style, **border, "text_wrap": True})
        self.money = self.book.add_format({**style, **border, "num_format": WAN})
        self.count = self.book.add_format({**style, **border, "num_format": "#,##0"})
        self.total_text = self.book.add_format({**style, **border, "bold": True, "top": 2})
        self.total_money = self.book.add_format({**style, **border, "bold": True, "num_format": WAN, "top": 2})

    def sheet(self, name: str, title: str, note: str, headings, widths):
        """Start a sheet: title, note, heading row (row 4 as seen), frozen, set to print on A4 landscape.

        :returns: the sheet and the first free row (0-based).
        """
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(3)
        sheet.hide_gridlines(2)
        sheet.set_footer("&L&8openfisca-jining&R&8第 &P 页，共 &N 页")
        sheet.write_string(0, 0, title, self.title)
        sheet.merge_range(1, 0, 1, max(len(headings) - 1, 1), "", self.note)
        sheet.write_string(1, 0, note, self.note)
        self.widths[name] = widths
        sheet.set_row(0, 24)
        sheet.set_row(1, 34)
        for column, (heading, wide) in enumerate(zip(headings, widths, strict=True)):
            sheet.set_column(column, column, wide)
            sheet.write_string(3, column, heading, self.head)
        sheet.set_row(3, 32)
        sheet.freeze_panes(4, 0)
        return sheet, 4

    def row(self, sheet, row: int, values, bold: bool = False) -> None:
        """Write a row: floats are yuan and become 万元, ints are counts, everything else is text."""
        lines = 1
        for column, value in enumerate(values):
            if isinstance(value, float):
                sheet.write_number(row, column, round(value / 10_000, 6), self.total_money if bold else self.money)
            elif isinstance(value, int) and not isinstance(value, bool):
                sheet.write_number(row, column, value, self.count)
            else:
                text = str(value)[:LONGEST]
                sheet.write_string(row, column, text, self.total_text if bold else self.cell)
                lines = max(lines, -(-width(text) // max(self.widths[sheet.name][column] - 1, 1)))
        if lines > 1:
            sheet.set_row(row, min(LINE_HEIGHT * lines, TALLEST_ROW))

    def table(self, sheet: Sheet) -> None:
        """Write a whole table as a sheet, column widths from its content. Missing numbers stay blank."""
        kinds = [sheet.format_of(column) for column in sheet.table.columns]
        formats = {kind: self.money if kind == "money" else self.number(form) for kind, form in NUMBER_FORMATS.items()}
        widths = [
            14 if kind != "text" else min(max([width(str(value)) for value in (column, *sheet.table[column])]) + 2, 60)
            for kind, column in zip(kinds, sheet.table.columns, strict=True)
        ]
        page, row = self.sheet(sheet.name, sheet.title, sheet.note, tuple(sheet.table.columns), tuple(widths))
        for values in sheet.table.itertuples(index=False):
            for column, (value, kind) in enumerate(zip(values, kinds, strict=True)):
                if kind == "text":
                    page.write_string(row, column, str(value)[:LONGEST], self.cell)
                elif pandas.isna(value):
                    page.write_blank(row, column, None, self.cell)
                else:
                    number = round(value / 10_000, 6) if kind == "money" else value
                    page.write_number(row, column, number, formats[kind])
            row += 1

    def number(self, form: str):
        """A cell format with a number format, made once."""
        if form not in self.numbers:
            self.numbers[form] = self.book.add_format(
                {"font_name": "等线", "font_size": 10, "border": 1, "border_color": "#BFBFBF", "num_format": form}
            )
        return self.numbers[form]

    def close(self) -> Path:
        """Finish the file and put it in place. :returns: its path. :raises OutputError: it cannot be written."""
        self.book.close()
        return write_whole(self.path, self.content.getvalue())


def write_what_if(comparison: Comparison, system, reform_name: str, path: Path) -> Path:
    """Workbook of a baseline and one reform.

    :param system: the reformed system. :param path: file to write (.xlsx). :returns: the path.
    """
    book = Workbook(path)
    base, after = comparison.baseline, comparison.reform
    source = f"{'合成数据，非实际申报。' if base.record['synthetic'] else ''}数据：{base.record['source']}"
    about = f"{source}；申报年度 {base.year}；金额单位：万元。改革：{reform_name}。"
    summary_sheet(book, comparison, about)
    ledger_sheet(book, "台账（现行）", base, f"{about}按比例应得 = 各项减少 + 实付，逐行到分相等。")
    ledger_sheet(book, "台账（改革）", after, f"{about}按比例应得 = 各项减少 + 实付，逐行到分相等。")
    change_sheet(book, "按县市区", comparison, "county", "县（市、区）", about)
    enterprises_sheet(book, comparison, about)
    claims_sheet(book, base, about)
    readings_sheet(book, system)
    unstated_sheet(book, after)
    record_sheet(book, after.record)
    return book.close()


def write_sheets(path: Path, sheets: list[Sheet], record: dict) -> Path:
    """Workbook of a question: its tables and the run record. :param path: file to write (.xlsx). :returns: the path."""
    book = Workbook(path)
    for sheet in sheets:
        book.table(sheet)
    record_sheet(book, record)
    return book.close()


def write_budget(budget: Budget, system, path: Path) -> Path:
    """Workbook of one budget. :param system: the system it was computed under. :returns: the path."""
    book = Workbook(path)
    source = f"{'合成数据，非实际申报。' if budget.record['synthetic'] else ''}数据：{budget.record['source']}"
    reforms = "、".join(budget.record["reforms"]) or "无，现行政策"
    about = f"{source}；申报年度 {budget.year}；金额单位：万元。改革：{reforms}。"
    totals_sheet(book, budget, about)
    for name in ("payer", "county", "enterprise_size", "yield_per_mu_class", "cluster"):
        ledger_sheet(
            book, f"按{DIMENSIONS[name].replace('（', '').replace('、', '').replace('）', '')}", budget, about, name
        )
    recipients_sheet(book, budget, about)
    funds_sheet(book, budget, about)
    claims_sheet(book, budget, about)
    readings_sheet(book, system)
    unstated_sheet(book, budget)
    record_sheet(book, budget.record)
    return book.close()


def totals_sheet(book: Workbook, budget: Budget, about: str) -> None:
    """Ledger by instrument with a native chart of what is paid."""
    last = ledger_sheet(book, "台账", budget, f"{about}按比例应得 = 各项减少 + 实付，逐行到分相等。")
    sheet = book.book.get_worksheet_by_name("台账")
    chart = book.book.add_chart({"type": "bar"})
    paid = 1 + list(LEDGER).index("paid")
    chart.add_series(
        {
            "name": "实付（万元）",
            "categories": ["台账", 4, 0, last, 0],
            "values": ["台账", 4, paid, last, paid],
            "fill": {"color": "#0072B2"},
            "data_labels": {"value": True, "num_format": "#,##0.00"},
        }
    )
    chart.set_title({"name": f"{budget.year} 年各项政策实付（万元）", "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}}})
    chart.set_legend({"none": True})
    chart.set_size({"width": 900, "height": 420})
    sheet.insert_chart(last + 3, 0, chart)


def funds_sheet(book: Workbook, budget: Budget, about: str) -> None:
    """Use of every pool."""
    headings = tuple(FUND_HEADINGS.values())
    sheet, row = book.sheet("资金池", "资金池的使用", about, headings, (34, 16, 14, 14, 14, 14, 40))
    for values in budget.funds.to_numpy().tolist():
        book.row(sheet, row, values)
        row += 1


def recipients_sheet(book: Workbook, budget: Budget, about: str) -> None:
    """Every enterprise with money promised, with its ledger, most paid first."""
    headings = ("企业编号", *LEDGER.values())
    sheet, row = book.sheet("获补企业", "获补企业（实付从多到少）", about, headings, (22, *(12,) * 8))
    ordered = budget.by("enterprise").sort_values("paid", ascending=False, kind="stable")
    for key, money in ordered.iterrows():
        book.row(sheet, row, (key, *(float(money[column]) for column in LEDGER)))
        row += 1


def summary_sheet(book: Workbook, comparison: Comparison, about: str) -> None:
    """Totals by document and instrument under both laws, with a native chart."""
    headings = ("政策工具", "付款财政", "现行", "改革", "差额", "现行获补企业数", "改革获补企业数")
    sheet, first = book.sheet("汇总", "技术改造奖补测算汇总", about, headings, (30, 15, 15, 15, 15, 11, 11))
    change = comparison.change("instrument", "payer")
    counts = [one.by("instrument", "payer")["enterprises_paid"] for one in (comparison.baseline, comparison.reform)]
    row = first
    for keys, money in zip(list(change.index), change.to_numpy(), strict=True):
        numbers = [int(count.get(keys, 0)) for count in counts]
        book.row(sheet, row, (*keys, *(float(value) for value in money), *numbers))
        row += 1
    total = [comparison.baseline.total, comparison.reform.total, comparison.difference]
    book.row(sheet, row, ("合计", "", *(float(value) for value in total)), bold=True)
    chart = book.book.add_chart({"type": "bar"})
    for column, colour in ((2, "#7F7F7F"), (3, "#0072B2")):
        chart.add_series(
            {
                "name": ["汇总", 3, column],
                "categories": ["汇总", first, 0, row - 1, 0],
                "values": ["汇总", first, column, row - 1, column],
                "fill": {"color": colour},
            }
        )
    chart.set_title({"name": "各项政策实付（万元）", "name_font": {"size": 12}})
    chart.set_y_axis({"reverse": True})
    chart.set_x_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}}})
    chart.set_size({"width": 900, "height": 420})
    sheet.insert_chart(row + 2, 0, chart)


def ledger_sheet(book: Workbook, name: str, budget: Budget, about: str, dimension: str = "instrument") -> int:
    """Ledger by one dimension. :returns: row number (0-based) of the last line before the sum."""
    headings = (DIMENSIONS[dimension], *LEDGER.values(), "获补项目数", "获补企业数", "触及限额企业数")
    sheet, row = book.sheet(name, name, about, headings, (30, *(12,) * 8, 8, 8, 9))
    ledger = budget.by(dimension)
    for instrument, money in ledger.iterrows():
        numbers = [int(money[column]) for column in ("projects_paid", "enterprises_paid", "at_cap")]
        book.row(sheet, row, (instrument, *(float(money[column]) for column in LEDGER), *numbers))
        row += 1
    book.row(sheet, row, ("合计", *(float(ledger[column].sum()) for column in LEDGER)), bold=True)
    return row - 1


def change_sheet(book: Workbook, name: str, comparison: Comparison, dimension: str, heading: str, about: str) -> None:
    """Paid before and after by one dimension."""
    sheet, row = book.sheet(name, name, about, (heading, "现行", "改革", "差额"), (24, 20, 20, 20))
    change = comparison.change(dimension)
    for key, money in change.iterrows():
        book.row(sheet, row, (key, *(float(value) for value in money)))
        row += 1
    book.row(sheet, row, ("合计", *(float(change[column].sum()) for column in change)), bold=True)


def enterprises_sheet(book: Workbook, comparison: Comparison, about: str) -> None:
    """Every enterprise with money under either law."""
    headings = ("企业编号", "现行", "改革", "差额")
    sheet, row = book.sheet("按企业", "按企业（差额从大到小）", about, headings, (24, 20, 20, 20))
    for key, money in comparison.by_enterprise().iterrows():
        book.row(sheet, row, (key, *(float(value) for value in money)))
        row += 1


def claims_sheet(book: Workbook, budget: Budget, about: str) -> None:
    """Every project and instrument with money promised, with its ledger."""
    headings = ("项目编号", "企业编号", "县（市、区）", "政策工具", *LEDGER.values())
    sheet, row = book.sheet(
        "明细（现行）", "按项目和政策工具的明细（现行）", about, headings, (15, 14, 14, 28, *(12,) * 8)
    )
    ordered = budget.claims.sort_values(["row", "instrument"], kind="stable")
    for claim in ordered.to_dict("records"):
        texts = (claim["project_id"], claim["enterprise_id"], claim["county"], claim["instrument"])
        book.row(sheet, row, (*texts, *(float(claim[column]) for column in LEDGER)))
        row += 1
    sheet.autofilter(3, 0, max(row - 1, 3), len(headings) - 1)


def readings_sheet(book: Workbook, system) -> None:
    """The reading taken of every unclear clause, with its alternatives and the reason."""
    note = "条文不明之处的取法。最后一列是 --reading 后面写的，先是采用的，再是其他的。"
    headings = ("条款", "问题", "采用的读法", "理由", "其他读法", "--reading 后面写的")
    sheet, row = book.sheet("读法", "读法与假设", note, headings, (24, 34, 30, 40, 44, 40))
    for parameter in leaves(system.parameters):
        known = parameter.metadata.get("readings")
        if known:
            taken = parameter.values_list[0].value
            others = {value: text for value, text in known.items() if value != taken}
            short = parameter.name.replace(".readings.", ".")
            codes = "；".join(f"{short}={value}" for value in (taken, *others))
            clause = "、".join(parameter.metadata["clause"])
            texts = (clause, parameter.metadata["label"], known[taken], parameter.metadata["reason"])
            book.row(sheet, row, (*texts, "；".join(others.values()), codes))
            row += 1


def unstated_sheet(book: Workbook, budget: Budget) -> None:
    """Quantities the texts leave unstated: not in the totals, and never 0."""
    note = "下列数额文件没有写明，未计入合计，也不等于 0。提供后即可计算：--supply 参数=数。"
    headings = ("条款", "未写明的数额", "结果", "参数")
    sheet, row = book.sheet("文件未定", "文件未定的数额", note, headings, (20, 40, 12, 56))
    for line in budget.unstated.to_dict("records"):
        book.row(sheet, row, (line["clause"], line["label"], "文件未定", line["parameter"]))
        row += 1


def record_sheet(book: Workbook, record: dict) -> None:
    """What is needed to compute the same figures again."""
    sheet, row = book.sheet("运行记录", "运行记录", "凭此可以重新算出同样的结果。", ("项目", "内容"), (28, 90))
    for key, value in record.items():
        if key == "readings":
            continue
        for number, text in enumerate(record_texts(value)):
            book.row(sheet, row, ("" if number else RECORD.get(key, key), text))
            row += 1


def record_texts(value) -> list[str]:
    """A value of the run record in words: one text for each entry of a list of tables, else a single one."""
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(one, dict) for one in value):
            return [record_text(one) for one in value]
        return ["、".join(map(record_text, value)) or "无"]
    return [record_text(value)]


def record_text(value) -> str:
    """One value in words. A change of a parameter reads label, path, old and new value with its first day."""
    if isinstance(value, dict):
        if {"parameter", "date", "baseline", "reform"} <= value.keys():
            old, new = (record_text(value[side]) for side in ("baseline", "reform"))
            return f"{value.get('label') or ''}（{value['parameter']}）{value['date']} 起：{old} → {new}".strip()
        return "；".join(f"{RECORD.get(key, key)}：{'；'.join(record_texts(one))}" for key, one in value.items())
    if value is None or value == "":
        return "无"
    if isinstance(value, bool):
        return "是" if value else "否"
    return f"{value:,.10g}" if isinstance(value, float) else str(value)
