"""Charts of a transplant: the same enterprises under both rules, and who gains and loses."""

from __future__ import annotations

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from openfisca_jining.analysis.transplant import Transplant
from openfisca_jining.report import style
from openfisca_jining.report.charts import footnote
from openfisca_jining.report.console import wan
from openfisca_jining.report.style import wrapped
from openfisca_jining.report.words import changed

#: Terminal columns to a line of a kind's name.
KIND = 22
GAIN, LOSS = style.BLUE, style.ORANGE


def kinds_chart(result: Transplant, axes: Axes | None = None) -> Figure:
    """Grants by kind of instrument at home and under the transplanted rules, in 万元."""
    rows = result.by_kind()
    names = [wrapped(str(name), KIND) for name in rows.index]
    title = f"{result.title} 的办法用于{result.place}企业，支出{changed(result.total('difference'))}"
    size = (11, 0.66 * max(len(rows), 1) + 0.3)
    drawn, axes = style.figure(title, _note(result), size, axes, left=0.24, legend=True)
    place = numpy.arange(len(rows))
    for column, label, colour, shift in (("home", "本地", style.GREY, -0.2), ("after", "移入后", style.BLUE, 0.2)):
        bars = axes.barh(
            place + shift, rows[column], height=0.36, color=colour, label=f"{label} {wan(result.total(column))}"
        )
        has = result.kinds.set_index("kind")[column].reindex(rows.index)
        words = [wan(value) if there else "没有这一类" for value, there in zip(rows[column], has, strict=True)]
        axes.bar_label(bars, words, padding=4, fontsize=9)
    axes.set_yticks(place, names)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.set_xlabel(f"{'资金池之后' if result.pools else '资金池之前'}（万元）")
    axes.margins(x=0.14)
    style.wan_axis(axes.xaxis)
    style.legend_above(axes, 2)
    return drawn


def sides_chart(result: Transplant, axes: Axes | None = None) -> Figure:
    """How many enterprises gain and lose, and how much, by size of the enterprise."""
    rows = result.by("enterprise_size")
    counts = result.counts()
    said = f"{counts['gain']} 家增加，{counts['lose']} 家减少，{counts['same']} 家不变"
    title = f"{result.title} 的办法用于{result.place}企业：{said}"
    size = (11, 0.75 * max(len(rows), 1) + 0.3)
    drawn, axes = style.figure(title, _note(result), size, axes, left=0.24, legend=True)
    place = numpy.arange(len(rows))
    for column, sign, label, colour in (("lose", -1, "减少的企业", LOSS), ("gain", 1, "增加的企业", GAIN)):
        if not rows[column].any():
            continue
        bars = axes.barh(place, sign * rows[column], height=0.5, color=colour, label=label)
        axes.bar_label(bars, [f"{int(value)} 家" if value else "" for value in rows[column]], padding=4, fontsize=9)
    names = [f"{name}（不变 {int(row['same'])} 家）\n合计{changed(row['difference'])}" for name, row in rows.iterrows()]
    axes.set_yticks(place, names)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    axes.axvline(0, color="black", linewidth=0.8)
    axes.set_xlabel("企业数")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda number, _: f"{abs(number):,.0f}"))
    axes.margins(x=0.14)
    if rows[["gain", "lose"]].any(axis=None):
        style.legend_above(axes, 2)
    return drawn


def _note(result: Transplant) -> str:
    words = [f"{result.relabelled} 家视同在该文件的地域内注册，事实不变"]
    if len(result.left_out):
        words.append(f"{len(result.left_out)} 家缺事实，没有计算")
    if result.dates["projects"]:
        words.append(f"{result.dates['projects']} 个项目的申报不在执行期内")
    if len(result.assumed):
        words.append("假定：" + "，".join(f"{row.label}={row.value}" for row in result.assumed.itertuples()))
    return f"{'；'.join(words)}。\n{footnote(result.record)}"
