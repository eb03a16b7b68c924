"""Charts of readings: how far each one moves the total, and between what the total lies."""

from __future__ import annotations

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from openfisca_jining.analysis.readings import Spread
from openfisca_jining.report import style
from openfisca_jining.report.charts import footnote
from openfisca_jining.report.console import wan, width
from openfisca_jining.report.style import wrapped

#: Readings shown, and terminal columns to a line of a reading's title and of a value's words.
SHOWN, TITLE, WORDS = 12, 38, 30
#: Share of the axis that the words beside a bar take, and of the widest stacked bar that a digit takes.
ROOM, DIGIT = 0.24, 0.0095
COLOURS = (style.BLUE, style.ORANGE, style.GREEN, style.PINK, style.SKY)


def tornado_chart(result: Spread, axes: Axes | None = None) -> Figure:
    """The readings that move the total most: bars to the left and right of what the law given pays, in 万元."""
    table = result.tornado()
    shown = table.head(SHOWN)
    note = f"条形：只换这一个读法。{_more(result, len(table))}\n{footnote(result.record)}"
    size = (12, 0.62 * max(len(shown), 1) + 0.3)
    drawn, axes = style.figure(_tornado_title(result, table), note, size, axes, left=0.27, right=0.98)
    place = numpy.arange(len(shown))
    for side, colour, align in (("low", style.ORANGE, "right"), ("high", style.BLUE, "left")):
        axes.barh(place, shown[side], height=0.55, color=colour)
        for at, (value, words) in enumerate(zip(shown[side], shown[f"{side}_words"], strict=True)):
            if value:
                text = f"{in_lines(words, WORDS)}\n{change(value)}"
                gap = 5 if value > 0 else -5
                axes.annotate(
                    text, (value, at), xytext=(gap, 0), textcoords="offset points", ha=align, va="center", fontsize=8
                )
    axes.set_yticks(place, [in_lines(title, TITLE) for title in shown["title"]], fontsize=9)
    axes.set_ylim(max(len(shown), 1) - 0.5, -0.5)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_xlabel(f"{result.measure}的变动（万元），0 为 {wan(result.default)}")
    style.wan_axis(axes.xaxis)
    axes.set_xlim(*_limits(shown))
    return drawn


def band_chart(result: Spread, axes: Axes | None = None) -> Figure:
    """What each payer pays under the lowest combination, the law given and the highest one, in 万元."""
    found = result.search
    if found is None:
        raise ValueError("no combinations were searched")
    names = (found.lowest.name, "现在的取法", found.highest.name)
    bars = [found.lowest.payers, result.paid_by_payer, found.highest.payers]
    if not result.counts_all:
        bars = [{result.measure: total} for total in (found.lowest.total, result.default, found.highest.total)]
    payers = [payer for payer in bars[0] if any(paid[payer] for paid in bars)]
    proven = found.lowest.proven and found.highest.proven
    note = "不含互相抵触的取法。" + ("" if proven else "最低和最高是找到的最好结果，未证明没有更低或更高的。")
    title = _band_title(result, found.lowest.total, found.highest.total)
    drawn, axes = style.figure(title, f"{note}\n{footnote(result.record)}", (11, 2.6), axes, right=0.97, legend=True)
    start = numpy.zeros(len(bars))
    widest = max(sum(paid.values()) for paid in bars)
    for payer, colour in zip(payers, COLOURS, strict=False):
        amounts = numpy.array([paid.get(payer, 0.0) for paid in bars])
        axes.barh(range(len(bars)), amounts, left=start, height=0.5, color=colour, label=payer)
        for at, (left, amount) in enumerate(zip(start, amounts, strict=True)):
            words = wan(amount, 0)
            if amount > DIGIT * len(words) * widest:
                axes.text(left + amount / 2, at, words, ha="center", va="center", fontsize=9, color="white")
        start = start + amounts
    for at, total in enumerate(start):
        axes.annotate(
            f"合计 {wan(total)}", (total, at), xytext=(5, 0), textcoords="offset points", va="center", fontsize=10
        )
    axes.set_yticks(range(len(bars)), names)
    axes.set_ylim(len(bars) - 0.5, -0.5)
    axes.set_xlim(0, 1.22 * widest or 1)
    axes.set_xlabel("实付（万元）")
    style.wan_axis(axes.xaxis)
    style.legend_above(axes, len(payers))
    return drawn


def change(yuan: float) -> str:
    """A change in 万元 with its sign; what is too small to show says so."""
    if yuan and abs(yuan) < 50:
        return "+不足0.01" if yuan > 0 else "-不足0.01"
    return ("+" if yuan > 0 else "") + wan(yuan)


def _limits(shown) -> tuple[float, float]:
    """Ends of the axis, with room for the words beside the longest bars."""
    low, high = (shown["low"].min(), shown["high"].max()) if len(shown) else (0.0, 1.0)
    sides = int(low < 0) + int(high > 0)
    room = ROOM * (high - low) / (1 - ROOM * sides)
    return low - room * (low < 0), high + room * (high > 0)


def in_lines(text: str, columns: int) -> str:
    """Text in lines of about the same length, none much longer than so many terminal columns."""
    lines = -(-width(text) // columns)
    return wrapped(text, -(-width(text) // lines) + 3, at_signs=False)


def _tornado_title(result: Spread, table) -> str:
    now = f"{result.measure}现为 {wan(result.default, 0)} 万元"
    if not len(table):
        return f"没有一个读法单独改变合计：{now}"
    first = table.iloc[0]
    sides = [
        f"{'少' if value < 0 else '多'} {wan(abs(value), 0)} 万元" for value in (first["low"], first["high"]) if value
    ]
    return f"影响最大的读法是“{first['title']}”，可{'或'.join(sides)}（{now}）"


def _band_title(result: Spread, low: float, high: float) -> str:
    if low > 0 and high / low >= 1.1:
        times = f"，最高是最低的 {high / low:.1f} 倍"
    else:
        times = f"，相差 {wan(high - low, 0)} 万元" if low > 0 else ""
    return f"条文不明处取法不同，{result.measure}在 {wan(low, 0)} 到 {wan(high, 0)} 万元之间{times}"


def _more(result: Spread, moving: int) -> str:
    still = len(result.readings) - moving
    more = f"另有 {moving - SHOWN} 个读法影响较小，未画出。" if moving > SHOWN else ""
    return more + (f"{still} 个读法单独换取法不改变{result.measure}或不能计算。" if still else "")
