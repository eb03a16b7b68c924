"""Tables of the workbooks as a notebook shows them."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import pandas

from openfisca_jining.analysis.budget import DIMENSIONS, FUND_HEADINGS, LEDGER, Budget
from openfisca_jining.report.console import wan, width
from openfisca_jining.report.workbook import Sheet

#: Rows of a table that are shown.
ROWS = 25
SHOWN = {
    "money": wan,
    "share": lambda value: f"{value:.2%}",
    "number": lambda value: f"{value:,.10g}",
    "count": lambda value: f"{value:,}",
}
LINE = "border-bottom:1px solid #d0d0d0;padding:3px 8px"
#: Terminal columns up to which a text stays on one line.
SHORT = 26


def sheet_html(sheet: Sheet, rows: int = ROWS) -> str:
    """A sheet as an HTML table, its money in 万元. :param rows: rows shown; how many there are is said below them."""
    kinds = [sheet.format_of(column) for column in sheet.table.columns]
    sides = ["left" if kind == "text" else "right" for kind in kinds]

    def cell(tag: str, side: str, text: str) -> str:
        wrap = ";white-space:nowrap" if tag == "td" and width(text) <= SHORT else ""
        return f'<{tag} style="text-align:{side};{LINE}{wrap}">{escape(text)}</{tag}>'

    def line(tag: str, texts: Iterable[str]) -> str:
        return "<tr>" + "".join(cell(tag, *pair) for pair in zip(sides, texts, strict=True)) + "</tr>"

    body = [
        line("td", (_cell(value, kind) for value, kind in zip(values, kinds, strict=True)))
        for values in sheet.table.head(rows).itertuples(index=False)
    ]
    more = f"共 {len(sheet.table)} 行，这里是前 {rows} 行。" if len(sheet.table) > rows else ""
    note = f'<p style="color:#595959;font-size:smaller">{escape(more + sheet.note)}</p>' if more or sheet.note else ""
    head = line("th", map(str, sheet.table.columns))
    return (
        f'<p>{escape(sheet.title)}</p><div style="overflow-x:auto"><table><thead>{head}</thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>{note}"
    )


def _cell(value, kind: str) -> str:
    if kind != "text" and pandas.isna(value):
        return ""
    return SHOWN[kind](value) if kind in SHOWN else str(value)


def pick(sheets: Iterable[Sheet], *names: str) -> list[Sheet]:
    """Sheets by name, in the order named. :raises KeyError: no such sheet."""
    known = {sheet.name: sheet for sheet in sheets}
    return [known[name] for name in names]


def ledger_sheet(result: Budget, dimension: str = "instrument") -> Sheet:
    """The ledger of a budget with its sum. :param dimension: see ``budget.DIMENSIONS``."""
    from openfisca_jining.commands.compare import with_sum

    heading = DIMENSIONS[dimension]
    rows = with_sum(result.by(dimension)[list(LEDGER)].rename_axis(heading).reset_index()).rename(columns=LEDGER)
    return Sheet(f"按{heading}", f"{result.year} 年台账，按{heading}（万元）：按比例应得 = 各项减少 + 实付", rows)


def funds_sheet(result: Budget) -> Sheet:
    """The pools of the year."""
    return Sheet("资金池", f"{result.year} 年资金池的使用（万元）", result.funds.rename(columns=FUND_HEADINGS))
