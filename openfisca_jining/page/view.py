"""What the page shows, as HTML. Everything that comes from a table or a law is escaped; money is in 万元."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

from openfisca_jining.money import FEN
from openfisca_jining.page.claims import MOST_SHOWN, Claims
from openfisca_jining.page.levers import Lever, Switch
from openfisca_jining.page.outcome import Change
from openfisca_jining.page.session import Session
from openfisca_jining.report.console import wan

#: Enterprises listed on either side.
LISTED = 10
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def money(fen: int) -> str:
    """Fen as 万元."""
    return wan(fen / FEN)


def signed(fen: int) -> str:
    """A difference in fen as 万元, a plus before a rise."""
    return ("+" if fen > 0 else "") + money(fen)


def yuan(fen: int, sign: bool = False) -> str:
    """Fen as yuan, exact."""
    plus = "+" if sign and fen > 0 else "-" if fen < 0 else ""
    return f"{plus}{abs(fen) // FEN:,}.{abs(fen) % FEN:02d} 元"


def side(number: float) -> str:
    """Class of a cell: up, down or flat."""
    return "up" if number > 0 else "down" if number < 0 else "flat"


def cards(session: Session, change: Change) -> str:
    """The totals in large type."""
    before, after, difference, counts = change.before.total, change.after.total, change.difference, change.counts()
    share = f"（{difference / before:+.2%}）" if before and difference else ""
    both = "（按所选读法）" if session.both and session.moved else ""
    return (
        '<div class="jn-cards">'
        + _card(f"现行{both}", money(before), "万元", yuan(before), "before")
        + _card("改革后", money(after), "万元", yuan(after), "after")
        + _card(
            "差额", signed(difference), "万元", f"{yuan(difference, True)}{share}", f"difference {side(difference)}"
        )
        + _card(
            "企业",
            f'<span class="up">{counts["gain"]:,} 增</span> <span class="down">{counts["lose"]:,} 减</span>',
            "",
            f"{counts['same']:,} 家不变",
            "counts",
        )
        + "</div>"
    )


def _card(name: str, figure: str, unit: str, below: str, kind: str) -> str:
    return (
        f'<div class="jn-card {kind}"><div class="name">{name}</div>'
        f'<div class="figure"><b>{figure}</b> {unit}</div><div class="below">{below}</div></div>'
    )


def table(headings: Sequence[str], rows: Iterable[Sequence[str]], texts: int, last: Sequence[str] = ()) -> str:
    """A table of escaped texts; a cell that begins with a tag is taken as it is. :param texts: columns set flush left."""

    def line(cells: Sequence[str], tag: str, kind: str = "") -> str:
        made = "".join(
            cell if cell.startswith("<td") else f"<{tag}{'' if place < texts else ' class=n'}>{escape(cell)}</{tag}>"
            for place, cell in enumerate(cells)
        )
        return f"<tr{kind}>{made}</tr>"

    foot = line(last, "td", " class=sum") if last else ""
    body = "".join(line(row, "td") for row in rows)
    return f'<div class="jn-scroll"><table class="jn-table"><thead>{line(headings, "th")}</thead><tbody>{body}{foot}</tbody></table></div>'


def cell(fen: int) -> str:
    """A difference as a coloured cell."""
    return f'<td class="n {side(fen)}">{signed(fen)}</td>'


def instruments(change: Change) -> str:
    """Paid before and after by instrument."""
    lines = change.instruments()
    counts = change.counts()
    rows = [
        [
            str(one["label"]), str(one["payer"]), money(one["before"]), money(one["after"]), cell(one["difference"]),
            *(f"{one[name]:,}" for name in ("gain", "lose", "same")),
        ]
        for one in lines.to_dict("records")
    ]  # fmt: skip
    headings = ["政策工具", "付款财政", "现行", "改革后", "差额", "增", "减", "不变"]
    totals = [money(change.before.total), money(change.after.total), cell(change.difference)]
    last = ["合计", "", *totals, *(f"{counts[name]:,}" for name in ("gain", "lose", "same"))]
    note = '<p class="jn-note">金额单位：万元；右三列是企业数，合计行每家企业只算一次。</p>'
    return table(headings, rows, 2, last) + note


def enterprises(session: Session, change: Change) -> str:
    """Who gains and who loses most."""
    counts = change.counts()
    parts = []
    for sign, name, key in ((1, "增加", "gain"), (-1, "减少", "lose")):
        listed = change.enterprises(sign, LISTED)
        if listed.empty:
            parts.append(f"<div><h4>{name}的企业</h4><p class='jn-note'>没有企业{name}。</p></div>")
            continue
        rows = [
            [
                " ".join(filter(None, session.name_of(one["row"]))), str(one["instrument"]), money(one["before"]),
                money(one["after"]), cell(one["difference"]),
            ]
            for one in listed.to_dict("records")
        ]  # fmt: skip
        heading = f"<h4>{name}最多的 {len(listed)} 家（共 {counts[key]:,} 家{name}）</h4>"
        parts.append(f"<div>{heading}{table(['企业', '变动最大的政策工具', '现行', '改革后', '差额'], rows, 2)}</div>")
    return (
        f'<div class="jn-sides">{"".join(parts)}</div><p class="jn-note">金额单位：万元。全部企业见导出的 Excel。</p>'
    )


def remarks(said: Sequence[str], linted: Sequence[str] | None) -> str:
    """Remarks on the figures. :param linted: remarks of the lint, None while they are not there yet."""
    lines = [f"<li>{escape(one)}</li>" for one in said]
    lines += [f'<li class="warn">{escape(one)}</li>' for one in linted or ()]
    return f'<ul class="jn-remarks">{"".join(lines)}</ul>' if lines else ""


def unstated(session: Session) -> str:
    """Quantities that the texts leave unstated."""
    lines = session.unstated()
    note = f'<p class="jn-note">下列 {len(lines)} 项数额文件没有写明，没有计入合计，也不等于 0。</p>'
    return note + table(["条款", "未写明的数额"], lines, 2)


def changes(session: Session) -> str:
    """What is moved, and how to compute the same without the page."""
    said = session.words()
    moved = "".join(f"<li>{escape(one)}</li>" for one in said) or "<li>没有改动，与现行相同。</li>"
    parts = [f'<h4>现在的改动</h4><ul class="jn-list">{moved}</ul>']
    uploaded = session.claims is not None and session.claims.summary
    note = "（在申报表所在的文件夹里运行）" if uploaded else ""
    commands = escape("\n".join(session.commands()))
    if commands:
        parts.append(f'<h4>同样结果的命令{note}</h4><pre class="jn-code" id="jn-command">{commands}</pre>')
    stated = session.reform_file()
    if stated:
        hint = "存为 reform.yaml，用 --reform reform.yaml；文件里的读法和数额只改变改革一方"
        parts.append(f'<h4>改革文件（{hint}）</h4><pre class="jn-code" id="jn-yaml">{escape(stated)}</pre>')
    if commands:
        parts.append('<p class="jn-note">点一下框内文字即全部选中，可以复制。</p>')
    return "".join(parts)


def label(lever: Lever, value: float | None) -> str:
    """The line above a slider: label, clause, present value, and the value it is moved to."""
    now = "" if value is None else f' <b class="moved">→ {escape(lever.words(value))}</b>'
    return (
        f'<div class="jn-label{"" if value is None else " moved"}"><span class="name">{escape(lever.label)}（{lever.shown_unit}）</span>'
        f'<span class="present">现行 {escape(lever.words(lever.present))}{now}</span>'
        f'<span class="clause">{escape(lever.clause)}</span></div>'
    )


def reading(switch: Switch) -> str:
    """The lines above a reading: the question, why the default is taken, clauses."""
    clauses = switch.clause.split("、")
    named = "、".join(clauses[:2]) + (f" 等 {len(clauses)} 条" if len(clauses) > 2 else "")
    return (
        f'<div class="jn-label"><span class="name">{escape(switch.label)}</span>'
        f'<span class="present" title="{escape(switch.reason)}">缺省的理由：{escape(switch.reason)}</span>'
        f'<span class="clause">{escape(named)}</span></div>'
    )


def problems(claims: Claims) -> str:
    """What is wrong with an uploaded table: file, row, column, value, what to do."""
    shown = claims.problems[:MOST_SHOWN]
    rows = "".join(f'<li class="{"warn" if one.refusal else ""}">{escape(str(one))}</li>' for one in shown)
    left = len(claims.problems) - len(shown)
    more = f"共 {len(claims.problems):,} 处，这里是前 {len(shown)} 处，其余见问题清单。" if left else ""
    counts, *money_lines = claims.summary.splitlines() or [""]
    sums = "<br>".join(escape(line) for line in money_lines)
    detail = f"<details><summary>各列金额的核对</summary>{sums}</details>" if sums else ""
    listed = f'<ul class="jn-list">{rows}</ul>' if rows else ""
    link = download("问题清单.xlsx", claims.workbook, XLSX, auto=False) if claims.workbook else ""
    return f'<div class="jn-note">{escape(counts)}{detail}</div>{listed}<p class="jn-note">{more}{link}</p>'


def download(name: str, content: bytes, kind: str, auto: bool = True) -> str:
    """A link that carries a file, so that nothing is left on the server. :param auto: the page follows it by itself."""
    data = base64.b64encode(content).decode()
    follow = " data-auto" if auto else ""
    return f'<a class="jn-download" download="{escape(name)}" href="data:{kind};base64,{data}"{follow}>下载 {escape(name)}</a>'


def alert(message: str) -> str:
    """A message that something could not be done."""
    lines = "<br>".join(escape(line) for line in message.splitlines())
    return f'<div class="jn-alert" role="alert">{lines}</div>'
