"""Charts of budgets. Each function returns a matplotlib figure."""

from __future__ import annotations

import numpy
from matplotlib.figure import Figure

from openfisca_jining.analysis.budget import LEDGER, Budget
from openfisca_jining.analysis.compare import Comparison
from openfisca_jining.report import style
from openfisca_jining.report.charts import footnote
from openfisca_jining.report.console import wan


def comparison_chart(comparison: Comparison, name: str) -> Figure:
    """Paid by instrument under current law and under a reform, in 万元, labelled directly."""
    change = comparison.change("instrument")
    change = change[(change["baseline"] != 0) | (change["reform"] != 0)][::-1]
    difference = comparison.difference
    verb = "增加" if difference > 0 else "减少" if difference < 0 else "不变"
    amount = f" {wan(abs(difference))} 万元" if difference else ""
    title = f"改革后 {comparison.baseline.year} 年支出{verb}{amount}"
    drawn, axes = style.figure(
        title, f"改革：{name}。\n{footnote(comparison.baseline.record)}", (10, 1.8 + 0.62 * len(change))
    )
    place = numpy.arange(len(change))
    bars = (("现行", "baseline", style.GREY, 0.2), ("改革", "reform", style.BLUE, -0.2))
    for label, column, colour, shift in bars:
        drawn_bars = axes.barh(place + shift, change[column], height=0.36, color=colour, label=label)
        axes.bar_label(drawn_bars, [wan(value) for value in change[column]], padding=4, fontsize=9)
    axes.set_yticks(place, change.index)
    axes.set_xlabel("实付（万元）")
    axes.margins(x=0.14)
    style.wan_axis(axes.xaxis)
    axes.legend(frameon=False, loc="lower right")
    bottom = 0.95 / drawn.get_figheight()
    drawn.subplots_adjust(bottom=bottom, top=1 - 0.6 / drawn.get_figheight())
    return drawn


def ledger_chart(budget: Budget) -> Figure:
    """Waterfall from what the rates promise to what is paid, in 万元."""
    total = budget.ledger().sum()
    steps = [
        (heading, total[column] if column in ("promised", "paid") else -total[column])
        for column, heading in LEDGER.items()
        if column in ("promised", "paid") or total[column]
    ]
    share = total["paid"] / total["promised"] if total["promised"] else 0.0
    drawn, axes = style.figure(f"{budget.year} 年按比例应得的资金，实付 {share:.0%}", footnote(budget.record))
    start = 0.0
    for place, (_, value) in enumerate(steps):
        whole = place in (0, len(steps) - 1)
        base = 0.0 if whole else start
        colour = style.BLUE if whole else style.ORANGE
        axes.bar(place, value, bottom=base, color=colour, width=0.6)
        axes.annotate(
            wan(value),
            (place, max(base, base + value)),
            ha="center",
            va="bottom",
            xytext=(0, 3),
            textcoords="offset points",
        )
        start = base + value
    axes.set_xticks(range(len(steps)), [label for label, _ in steps])
    axes.set_ylabel("万元")
    axes.set_ylim(0, 1.1 * total["promised"] or 1)
    style.wan_axis(axes.yaxis)
    drawn.subplots_adjust(left=0.1)
    return drawn
