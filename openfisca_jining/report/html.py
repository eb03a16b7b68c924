"""A budget as one self-contained page that prints well. Nothing is fetched from outside."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path

from openfisca_jining.analysis.budget import DIMENSIONS, FUND_HEADINGS, LEDGER, Budget
from openfisca_jining.law import leaves
from openfisca_jining.report.charts import footnote, png
from openfisca_jining.report.charts.budget import ledger_chart
from openfisca_jining.report.console import wan
from openfisca_jining.whole import write_whole

STYLE = """
body{font-family:"Noto Sans SC","Microsoft YaHei","PingFang SC",sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%;font-size:.85rem}
th,td{border:1px solid #bfbfbf;padding:.3rem .5rem;text-align:left}th{background:#ddebf7}td.n{text-align:right;white-space:nowrap}
tr.t td{font-weight:bold;border-top:2px solid #222}p.note{color:#595959;font-size:.85rem}img{max-width:100%}
@media print{body{margin:0}h2{break-after:avoid}tr{break-inside:avoid}}
"""


def money_table(ledger, first: str) -> str:
    """A ledger as an HTML table in 万元, with its sum."""
    rows = [(key, [money[column] for column in LEDGER]) for key, money in ledger.iterrows()]
    rows.append(("合计", [ledger[column].sum() for column in LEDGER]))
    lines = ["<tr>" + "".join(f"<th>{escape(text)}</th>" for text in (first, *LEDGER.values())) + "</tr>"]
    for number, (name, money) in enumerate(rows):
        style = ' class="t"' if number == len(rows) - 1 else ""
        cells = "".join(f'<td class="n">{wan(value)}</td>' for value in money)
        lines.append(f"<tr{style}><td>{escape(str(name))}</td>{cells}</tr>")
    return "<table>" + "".join(lines) + "</table>"


def text_table(headings, rows) -> str:
    """A table of texts."""
    head = "".join(f"<th>{escape(text)}</th>" for text in headings)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"


def picture(drawn) -> str:
    """A matplotlib figure inside the page."""
    return f'<img alt="" src="data:image/png;base64,{base64.b64encode(png(drawn)).decode()}">'


def write_html(budget: Budget, system, path: Path) -> Path:
    """Write the page, whole or not at all. :returns: the path."""
    readings = [
        ("、".join(one.metadata["clause"]), one.metadata["label"], one.metadata["readings"][one.values_list[0].value])
        for one in leaves(system.parameters)
        if one.metadata.get("readings")
    ]
    unstated = budget.unstated[["clause", "label", "parameter"]].to_numpy().tolist()
    rows = budget.funds.to_numpy().tolist()
    funds = [[wan(cell) if isinstance(cell, float) else cell for cell in row] for row in rows]
    parts = [
        f"<h1>{budget.year} 年技术改造奖补测算：实付 {wan(budget.total)} 万元</h1>",
        f'<p class="note">{escape(footnote(budget.record))}金额单位：万元。</p>',
        "<h2>台账：按比例应得 = 各项减少 + 实付</h2>",
        money_table(budget.ledger(), "政策工具"),
        picture(ledger_chart(budget)),
        "<h2>资金池的使用</h2>",
        text_table(tuple(FUND_HEADINGS.values()), funds),
    ]
    for name in ("payer", "county", "enterprise_size", "yield_per_mu_class"):
        parts += [f"<h2>按{DIMENSIONS[name]}</h2>", money_table(budget.by(name), DIMENSIONS[name])]
    parts += [
        "<h2>文件未定的数额（未计入合计，也不等于 0）</h2>",
        text_table(("条款", "未写明的数额", "参数"), unstated),
        "<h2>读法</h2>",
        text_table(("条款", "问题", "采用的读法"), readings),
        "<h2>运行记录</h2>",
        text_table(("项目", "内容"), [(key, value) for key, value in budget.record.items() if key != "readings"]),
    ]
    page = (
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>技术改造奖补测算</title><style>{STYLE}</style>'
    )
    return write_whole(path, page + "".join(parts) + "</html>\n")
