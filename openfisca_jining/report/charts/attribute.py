"""Chart of several changes: what each adds alone, stacked and on average over all orders."""

from __future__ import annotations

import re

import numpy
from matplotlib.figure import Figure

from openfisca_jining.analysis.attribute import WAYS, Attribution
from openfisca_jining.report import style
from openfisca_jining.report.charts import footnote
from openfisca_jining.report.console import wan, width

#: Ways of attributing that are drawn, their colours, and their place among the bars of a change.
BARS = {"alone": (style.GREY, -0.27), "stacked": (style.SKY, 0.0), "shapley": (style.BLUE, 0.27)}
#: Terminal columns to a line of a change's name.
LINE = 34
#: What a line break may not cut: a short remark in brackets, a number or Latin word, a sign with what it belongs to.
PIECE = re.compile(r"（[^（）]{1,16}）[，。；：、」]*|[（「]*(?:[!-~]+|.)[，。；：、）」]*")


def shares_chart(result: Attribution) -> Figure:
    """Bars per change with what it adds alone, stacked and by Shapley shares, and the interaction, in 万元."""
    table, whole = result.table(), result.difference().iloc[0]
    names = [wrapped(f"{number}. {name}") for number, name in enumerate(result.parts, start=1)]
    lines = sum(max(name.count("\n") + 1, 3) for name in names)
    note = f"依次叠加：按序号，加在前几项之上。夏普利分摊：各种先后次序的平均。\n{footnote(result.record)}"
    drawn, axes = style.figure("", note, (11, 2.6 + 0.27 * lines))
    place = numpy.arange(len(names))
    for way, (colour, shift) in BARS.items():
        bars = axes.barh(place + shift, table[way], height=0.25, color=colour, label=WAYS[way])
        axes.bar_label(bars, [wan(value) for value in table[way]], padding=4, fontsize=9)
    together = whole["interaction"]
    bars = axes.barh([len(names)], [together], height=0.3, color=style.ORANGE)
    axes.bar_label(bars, [wan(together)], padding=4, fontsize=9)
    axes.set_yticks(range(len(names) + 1), [*names, "相互作用：总变化减\n各项单独实施之和"], fontsize=10)
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_xlabel("支出变化（万元）")
    axes.margins(x=0.16)
    style.wan_axis(axes.xaxis)
    axes.legend(frameon=False, ncols=len(BARS), loc="lower left", bbox_to_anchor=(0, 1), borderpad=0, fontsize=10)
    tall = drawn.get_figheight()
    headline(drawn, title(result))
    drawn.subplots_adjust(left=0.3, right=0.95, bottom=1.05 / tall, top=1 - 0.85 / tall)
    return drawn


def title(result: Attribution) -> str:
    """The message: the whole change and the change that accounts for most of it."""
    shares = result.table()["shapley"]
    whole = f"{len(result.parts)} 项改动同时实施，支出{changed(result.difference()['difference'].iloc[0])}"
    most = shares.abs().argmax()
    return f"{whole}；分摊最多的是第 {most + 1} 项（{wan(shares.iloc[most])} 万元）" if shares.any() else whole


def changed(yuan: float) -> str:
    """A change in words: 增加 1.00 万元, 减少 1.00 万元, 不变."""
    return f"{'增加' if yuan > 0 else '减少'} {wan(abs(yuan))} 万元" if yuan else "不变"


def wrapped(text: str, columns: int = LINE) -> str:
    """Text broken into lines of about so many terminal columns, between :data:`PIECE` and piece."""
    lines = [""]
    for piece in PIECE.findall(text):
        if width(lines[-1] + piece) > columns:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.strip() for line in lines)


def headline(drawn: Figure, text: str) -> None:
    """A title that begins at the left edge of the figure, above a legend that sits on the axes."""
    drawn.axes[0].set_title("", loc="left")
    drawn.suptitle(text, x=0.02, y=1 - 0.15 / drawn.get_figheight(), ha="left", va="top", fontsize=14)
