"""Charts of a back-test: how often the band holds the truth, where the truth lies among the draws, CRPS against naive forecasts."""

from __future__ import annotations

from collections.abc import Callable

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, PercentFormatter

from openfisca_jining.analysis.forecast.backtest import BINS, COVERED, SELF, TOTAL, WORDS, Backtest
from openfisca_jining.report import style

#: Colour of each process, in their order.
COLOURS = (style.GREY, style.BLUE, style.GREEN, style.ORANGE)
#: Naive forecasts: name in the scores, words, colour, shift of their marks.
NAIVE = (("last", "比去年数加正态带", style.BLUE, -0.13), ("plain", "比只重抽项目", style.ORANGE, 0.13))


def charts(result: Backtest) -> dict[str, Callable[[], Figure]]:
    """File name -> function that draws the chart."""
    return {"回测覆盖": lambda: coverage_chart(result), "回测得分": lambda: skill_chart(result)}


def coverage_chart(result: Backtest, figure: Figure | None = None) -> Figure:
    """Left: coverage of the 80 % band of the total by years ahead. Right: place of the truth among the draws, by process."""
    drawn, grid = style.panels(
        coverage_title(result), _note(result), (12, 4.6), 2, 3, figure, left=0.06, right=0.985, above=0.6, below=0.35,
        wspace=0.25, hspace=0.38, width_ratios=(2.2, 1, 1),
    )  # fmt: skip
    axes = _joined(drawn, grid[:, 0])
    table = result.scores()
    table = table[table["payer"] == TOTAL]
    horizons = result.record["horizons"]
    for number, (process, colour) in enumerate(zip(result.processes, COLOURS, strict=False)):
        mine = table[table["process"] == process.name]
        place = mine["horizon"] + 0.08 * (number - 1.5)
        axes.errorbar(
            place, mine["coverage"], mine["coverage_se"], color=colour, marker="o", capsize=3, label=process.label
        )
    axes.axhline(COVERED, color="black", linestyle="--", linewidth=1)
    axes.annotate(
        "应为 80%",
        (1, COVERED),
        xycoords=("axes fraction", "data"),
        xytext=(0, 4),
        textcoords="offset points",
        ha="right",
    )
    axes.set_xticks(horizons, [f"后 {horizon} 年" for horizon in horizons])
    axes.set_xlim(horizons[0] - 0.3, horizons[-1] + 0.6)
    axes.set_ylim(0, 1.08)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.legend(frameon=False, loc="lower left", fontsize=9)
    axes.set_title("80% 区间实际包含真值的比例（合计，竖线：一个标准误）", loc="left", fontsize=10)
    tallest = max(result.histogram(process.name).max() for process in result.processes)
    for number, (process, colour) in enumerate(zip(result.processes, COLOURS, strict=False)):
        panel = grid[number // 2, 1 + number % 2]
        _histogram(panel, result, process, colour)
        panel.set_ylim(0, 1.1 * tallest)
    grid[0, 1].annotate(
        "真值在各次抽样中的位置（合计）；灰带：只凭偶然的范围", (0, 1), (0, 26), xycoords="axes fraction",
        textcoords="offset points", fontsize=10, annotation_clip=False,
    )  # fmt: skip
    return drawn


def _joined(drawn: Figure, cells) -> Axes:
    """One axes in the place of several, which are removed."""
    spec = cells[0].get_gridspec()
    for axes in cells:
        axes.remove()
    axes = drawn.add_subplot(spec[:, 0])
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _histogram(axes, result: Backtest, process, colour: str) -> None:
    """Places of the truth; the grey band is two standard errors, as if each origin told only once."""
    even = 1 / BINS
    noise = numpy.sqrt(even * (1 - even) / result.origins)
    axes.axhspan(max(even - 2 * noise, 0), even + 2 * noise, color="0.88", linewidth=0, zorder=0)
    axes.bar((numpy.arange(BINS) + 0.5) / BINS, result.histogram(process.name), width=0.92 / BINS, color=colour)
    axes.set_title(process.label, loc="left", fontsize=9)
    axes.set_xticks([0, 0.5, 1], ["最低", "居中", "最高"], fontsize=8)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    axes.tick_params(axis="y", labelsize=8)


def skill_chart(result: Backtest, figure: Figure | None = None) -> Figure:
    """Share by which the CRPS lies below that of two naive forecasts, by payer, one panel for each process but the self-check."""
    processes = [process for process in result.processes if process != SELF] or list(result.processes)
    table = result.scores("payer")
    drawn, grid = style.panels(
        skill_title(result, table), _note(result), (12, 3.6), 1, len(processes), figure, left=0.11, right=0.98, above=0.6,
        wspace=0.08, sharex=True, sharey=True,
    )  # fmt: skip
    panels = grid[0]
    for panel, process in zip(panels, processes, strict=True):
        mine = table[table["process"] == process.name]
        place = numpy.arange(len(mine))
        for name, words, colour, shift in NAIVE:
            value, error = mine[f"skill_{name}"], mine[f"skill_{name}_se"]
            panel.errorbar(value, place + shift, xerr=error, color=colour, fmt="o", capsize=3, label=words)
            for at, one, se in zip(place, value, error, strict=True):
                side = 1 if one > 0 else -1
                panel.annotate(
                    f"{one:+.0%}" if abs(one) >= 0.005 else "0%",
                    (one + side * se, at + shift),
                    xytext=(6 * side, 0),
                    textcoords="offset points",
                    ha="left" if one > 0 else "right",
                    va="center",
                    fontsize=9,
                    color=colour,
                )
        panel.axvline(0, color="black", linewidth=0.8)
        panel.set_title(process.label, loc="left", fontsize=10)
        panel.set_yticks(place, mine["payer"])
        panel.set_ylim(len(mine) - 0.5, -0.5)
        panel.margins(x=0.2)
        panel.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+.0%}" if value else "0"))
        panel.set_xlabel("CRPS 比朴素预测：左差右好", fontsize=9)
    panels[0].legend(frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1.08), borderpad=0)
    return drawn


def coverage_title(result: Backtest) -> str:
    """The message: how often the band of the total holds the truth."""
    table = result.scores("payer")
    table = table[table["payer"] == TOTAL].set_index("process")
    shown = [process for process in result.processes if process != SELF] or list(result.processes)
    words = [
        f"{process.label.removeprefix('合成年度，')}时 {share:.0%}"
        for process, share in zip(shown, table["coverage"].loc[[one.name for one in shown]], strict=True)
    ]
    bias = table["bias"].loc[[one.name for one in shown]].mean()
    return f"80% 区间实际包含真值：{'，'.join(words)}；预测平均偏{'低' if bias < 0 else '高'} {abs(bias):.0%}"


def skill_title(result: Backtest, table) -> str:
    """The message: whether the forecast of the total beats the two naive ones."""
    mine = table[(table["payer"] == TOTAL) & (table["process"] != SELF.name)]
    better = (mine[["skill_last", "skill_plain"]] > 0).all(axis=1)
    known = {process.name: process.label.removeprefix("合成年度，") for process in result.processes}
    names = "、".join(known[name] for name in mine.loc[better, "process"])
    if not names:
        return "按 CRPS，预测（合计）没有在哪一种情形下同时胜过两种朴素预测"
    return (
        f"按 CRPS，预测（合计）只在{names}时同时胜过两种朴素预测"
        if not better.all()
        else "按 CRPS，预测（合计）都胜过两种朴素预测"
    )


def _note(result: Backtest) -> str:
    return (
        f"合成数据，非实际申报：{result.record['source']}；{result.origins} 个起点，每次预测抽样 {result.draws} 次。口径：{WORDS[result.stage]}。"
        "预测不知道留出的年度。自检：真值是预测的又一次抽样。"
    )
