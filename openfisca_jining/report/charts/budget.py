"""Charts of budgets. Each function returns a matplotlib figure."""

from __future__ import annotations

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from openfisca_jining.analysis.budget import LEDGER, Budget
from openfisca_jining.analysis.compare import Comparison
from openfisca_jining.report import style
from openfisca_jining.report.charts import footnote
from openfisca_jining.report.console import wan
from openfisca_jining.report.words import changed

#: Inches of a bar of the waterfall from which its amount is shown to the fen of 万元.
ROOMY = 0.8


def comparison_chart(comparison: Comparison, name: str, axes: Axes | None = None) -> Figure:
    """Paid by instrument under current law and under a reform, in 万元, labelled directly. :param name: the reform in words."""
    change = comparison.change("instrument")
    change = change[(change["baseline"] != 0) | (change["reform"] != 0)]
    title = f"改革后 {comparison.baseline.year} 年支出{changed(comparison.difference)}"
    note = f"改革：{name}。\n{footnote(comparison.baseline.record)}"
    size = (10, 0.62 * max(len(change), 1) + 0.2)
    drawn, axes = style.figure(title, note, size, axes, left=0.25, legend=True)
    if change.empty:
        style.say(axes, "两种政策下都没有一项政策工具有实付")
        return drawn
    place = numpy.arange(len(change))
    bars = (("现行", "baseline", style.GREY, -0.2), ("改革", "reform", style.BLUE, 0.2))
    for label, column, colour, shift in bars:
        drawn_bars = axes.barh(place + shift, change[column], height=0.36, color=colour, label=label)
        axes.bar_label(drawn_bars, [wan(value) for value in change[column]], padding=4, fontsize=9)
    axes.set_yticks(place, change.index)
    axes.set_ylim(len(change) - 0.5, -0.5)
    axes.set_xlabel("实付（万元）")
    axes.margins(x=0.14)
    style.wan_axis(axes.xaxis)
    style.legend_above(axes, 2)
    return drawn


def ledger_chart(budget: Budget, law: str = "", axes: Axes | None = None) -> Figure:
    """Waterfall from what the rates promise to what is paid, in 万元. :param law: the law in words, put before the title."""
    total = budget.ledger().sum()
    steps = [
        (heading, total[column] if column in ("promised", "paid") else -total[column])
        for column, heading in LEDGER.items()
        if column in ("promised", "paid") or total[column]
    ]
    title = f"{law}：{_ledger_title(budget, total)}" if law else _ledger_title(budget, total)
    drawn, axes = style.figure(title, footnote(budget.record), (10, 4.4), axes, left=0.1)
    room = axes.get_position().width * drawn.get_figwidth() / len(steps)  # 每根柱的英寸数
    start = 0.0
    for place, (_, value) in enumerate(steps):
        whole = place in (0, len(steps) - 1)
        base = 0.0 if whole else start
        colour = style.BLUE if whole else style.ORANGE
        axes.bar(place, value, bottom=base, color=colour, width=0.6)
        axes.annotate(
            wan(value, 2 if room > ROOMY else 0),
            (place, max(base, base + value)),
            ha="center",
            va="bottom",
            xytext=(0, 3),
            textcoords="offset points",
            fontsize=10 if room > ROOMY else 9,
        )
        start = base + value
        if place < len(steps) - 1:
            axes.plot([place + 0.3, place + 0.7], [start, start], color=style.GREY, linewidth=0.8)
    axes.set_xticks(range(len(steps)), [style.wrapped(label, int(13 * room)) for label, _ in steps])
    axes.set_ylabel("万元")
    axes.set_ylim(0, 1.1 * total["promised"] or 1)
    style.wan_axis(axes.yaxis)
    return drawn


def _ledger_title(budget: Budget, total) -> str:
    """The message: the share that is paid, and what takes most of the rest."""
    if not total["promised"]:
        return f"{budget.year} 年没有按比例应得的资金"
    said = f"{budget.year} 年按比例应得 {wan(total['promised'])} 万元，实付 {total['paid'] / total['promised']:.0%}"
    taken = total[[column for column in LEDGER if column not in ("promised", "paid")]]
    return f"{said}；减得最多的是{LEDGER[taken.idxmax()]}" if taken.max() > 0 else said
