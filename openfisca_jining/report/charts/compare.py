"""Charts of a comparison: gains and losses by instrument, and how many enterprises gain and lose how much."""

from __future__ import annotations

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from openfisca_jining.analysis.compare import Comparison
from openfisca_jining.report import style
from openfisca_jining.report.charts import footnote
from openfisca_jining.report.console import wan
from openfisca_jining.report.words import changed

GAIN, LOSS = style.BLUE, style.ORANGE
#: Room for at least so many bars, so that few do not become broad.
FEWEST_PLACES = 5


def gains_and_losses_chart(comparison: Comparison, name: str, axes: Axes | None = None) -> Figure:
    """Sums of the enterprises' gains and losses by instrument and payer, in 万元. :param name: the reform in words."""
    table = comparison.by("instrument", "payer")
    table = table[(table["increase"] != 0) | (table["decrease"] != 0)]
    size = (11, 0.6 * max(len(table), 2) + 0.2)
    drawn, axes = style.figure(_total_title(comparison), _note(comparison, name), size, axes, left=0.27, legend=True)
    if table.empty:
        style.say(axes, "没有一项政策工具的实付有变化")
        return drawn
    place = numpy.arange(len(table))
    for column, label, colour in (("increase", "企业增加额", GAIN), ("decrease", "企业减少额", LOSS)):
        if not table[column].any():
            continue
        bars = axes.barh(place, table[column], height=0.5, color=colour, label=label)
        axes.bar_label(bars, [wan(value) if value else "" for value in table[column]], padding=4, fontsize=9)
    axes.set_yticks(place, [_line_name(keys, line) for keys, line in table.iterrows()])
    axes.set_ylim(len(table) - 0.5, -0.5)
    axes.set_xlabel("改革减现行（万元）")
    axes.margins(x=0.14)
    style.wan_axis(axes.xaxis)
    axes.axvline(0, color="black", linewidth=0.8)
    style.legend_above(axes, 2)
    return drawn


def bands_chart(comparison: Comparison, name: str, axes: Axes | None = None) -> Figure:
    """Numbers of enterprises by the size of their gain or loss, with the money of each band. :param name: the reform."""
    counts = comparison.counts()
    title = f"{counts['gain']} 家企业增加，{counts['lose']} 家减少，另有 {counts['same']} 家不变"
    drawn, axes = style.figure(title, _note(comparison, name), (11, 4.2), axes, left=0.08, right=0.97, below=0.85)
    bands = comparison.distribution()
    bands = bands[bands.index != "不变"]
    filled = numpy.flatnonzero(bands["enterprises"])
    if not len(filled):
        style.say(axes, "没有企业的实付有变化")
        return drawn
    bands = bands.iloc[filled[0] : filled[-1] + 1]
    colours = [GAIN if str(label).startswith("增加") else LOSS for label in bands.index]
    bars = axes.bar(range(len(bands)), bands["enterprises"], width=0.7, color=colours)
    labels = [
        f"{int(band['enterprises'])} 家\n{_signed(band['difference'])}" if band["enterprises"] else "0 家"
        for _, band in bands.iterrows()
    ]
    axes.bar_label(bars, labels, padding=3, fontsize=9)
    axes.set_xticks(range(len(bands)), [_in_lines(str(label)) for label in bands.index], fontsize=9)
    axes.set_xlabel("每家企业的增减（柱上：企业数，合计增减万元）")
    axes.set_ylabel("企业数")
    axes.set_xlim(-0.6, max(len(bands), FEWEST_PLACES) - 0.4)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.margins(y=0.16)
    return drawn


def _line_name(keys, line) -> str:
    """Instrument and payer, and the net change where some gain and others lose."""
    instrument, payer = keys
    net = f"，净 {_signed(line['difference'])}" if line["increase"] and line["decrease"] else ""
    return f"{instrument}\n{payer}{net}"


def _total_title(comparison: Comparison) -> str:
    """The message: the change of the total and what explains most of it."""
    verb, sign = ("增加", 1) if comparison.difference > 0 else ("减少", -1)
    main = comparison.most_moved(sign)
    because = f"，{verb}最多的是{main[0]}" if main else ""
    return f"改革后 {comparison.baseline.year} 年支出{changed(comparison.difference)}{because}"


def _note(comparison: Comparison, name: str) -> str:
    return f"改革：{name}。\n{footnote(comparison.baseline.record)}"


def _signed(yuan: float) -> str:
    return ("+" if yuan > 0 else "") + wan(yuan)


def _in_lines(label: str) -> str:
    """A band's name under its bar: verb, size, unit or bound."""
    last = "及以上" if label.endswith("及以上") else "万元"
    return f"{label[:2]}\n{label[2:].removesuffix(last).strip()}\n{last}"
