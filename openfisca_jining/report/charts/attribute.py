"""Chart of several changes: what each adds alone, stacked and on average over all orders."""

from __future__ import annotations

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from openfisca_jining.analysis.attribute import WAYS, Attribution
from openfisca_jining.report import style
from openfisca_jining.report.charts import footnote
from openfisca_jining.report.console import wan
from openfisca_jining.report.style import wrapped
from openfisca_jining.report.words import changed

#: Ways of attributing that are drawn, their colours, and their place among the bars of a change.
BARS = {"alone": (style.GREY, -0.27), "stacked": (style.SKY, 0.0), "shapley": (style.BLUE, 0.27)}
#: Terminal columns to a line of a change's name.
LINE = 34


def shares_chart(result: Attribution, axes: Axes | None = None) -> Figure:
    """Bars per change with what it adds alone, stacked and by Shapley shares, and the interaction, in 万元."""
    table, whole = result.table(), result.difference().iloc[0]
    names = [wrapped(f"{number}. {name}", LINE) for number, name in enumerate(result.parts, start=1)]
    lines = sum(max(name.count("\n") + 1, 3) for name in names)
    note = f"依次叠加：按序号，加在前几项之上。夏普利分摊：各种先后次序的平均。\n{footnote(result.record)}"
    drawn, axes = style.figure(title(result), note, (11, 0.27 * lines + 0.7), axes, left=0.3, legend=True)
    place = numpy.arange(len(names))
    for way, (colour, shift) in BARS.items():
        bars = axes.barh(place + shift, table[way], height=0.25, color=colour, label=WAYS[way])
        axes.bar_label(bars, [wan(value) for value in table[way]], padding=4, fontsize=9)
    together = whole["interaction"]
    bars = axes.barh([len(names)], [together], height=0.3, color=style.ORANGE)
    axes.bar_label(bars, [wan(together)], padding=4, fontsize=9)
    axes.set_yticks(range(len(names) + 1), [*names, "相互作用：总变化减\n各项单独实施之和"], fontsize=10)
    axes.set_ylim(len(names) + 0.5, -0.5)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_xlabel("支出变化（万元）")
    axes.margins(x=0.16)
    style.wan_axis(axes.xaxis)
    style.legend_above(axes, len(BARS))
    return drawn


def title(result: Attribution) -> str:
    """The message: the whole change and the change that accounts for most of it."""
    shares = result.table()["shapley"]
    whole = f"{len(result.parts)} 项改动同时实施，支出{changed(result.difference()['difference'].iloc[0])}"
    most = shares.abs().argmax()
    return f"{whole}；分摊最多的是第 {most + 1} 项（{wan(shares.iloc[most])} 万元）" if shares.any() else whole
