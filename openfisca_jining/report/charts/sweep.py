"""Charts of a sweep: response along one parameter, heat map with iso-budget lines over two."""

from __future__ import annotations

from collections.abc import Callable

import numpy
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from openfisca_jining.report import style
from openfisca_jining.report.charts import footnote
from openfisca_jining.report.console import wan

#: White letters that stay legible on a light ground.
OUTLINE: list[patheffects.AbstractPathEffect] = [patheffects.withStroke(linewidth=2, foreground=style.DARK)]


def charts(result) -> dict[str, Callable[[], Figure]]:
    """File name -> function that draws the chart; numbers along one or two axes only."""
    numbers = [axis for axis in result.axes if not any(isinstance(value, str) for value in axis.values)]
    if len(numbers) < len(result.axes) or len(result.axes) > 2 or len(result.table) < 2:
        return {}
    if len(result.axes) == 1:
        return {"参数变动": lambda: response_chart(result)}
    return {"参数变动": lambda: heat_map(result)}


def unit_axis(axis, unit: str) -> str:
    """Format an axis in the unit of a parameter. :returns: the unit's Chinese name for the axis label."""
    if unit == "/1":
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.4g}%"))
        return ""
    if unit == "元":
        axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / 10_000:,.6g}"))
        return "（万元）"
    return f"（{unit}）" if unit else ""


def response_chart(result, figure: Figure | None = None) -> Figure:
    """Total along one parameter, with the current law, and below it the share of the promised money that caps take."""
    axis = result.axes[0]
    table = result.table.sort_values(axis.path)
    x, y = table[axis.path].to_numpy(dtype=float), table["total"].to_numpy()
    change = y[-1] - y[0]
    turns = (numpy.diff(y) > 0).any() and (numpy.diff(y) < 0).any()
    unit = result.units[axis.path]
    ends = [_value(value, unit) for value in (x[0], x[-1])]
    if y.max() == y.min():
        title = f"合计不随「{result.labels[axis.path]}」变动"
    else:
        how = "先后有升有降，首尾相差" if turns else "合计增加" if change > 0 else "合计减少"
        title = f"{result.labels[axis.path]}由 {ends[0]} 到 {ends[1]}，{how} {wan(abs(change))} 万元"
    note = footnote(result.record, f"参数自 {axis.start} 起变动。")
    drawn, grid = style.panels(
        title, note, (10, 5.4), 2, figure=figure, hspace=0.12, sharex=True, height_ratios=(5, 2)
    )  # fmt: skip
    top, below = grid[:, 0]
    top.plot(x, y, color=style.BLUE, linewidth=2, marker="o" if len(x) <= 30 else None, markersize=4)
    current = result.current[axis.path]
    if isinstance(current, (int, float)) and x[0] <= current <= x[-1]:
        top.axvline(current, color=style.GREY, linestyle="--", linewidth=1)
        side = "left" if current < (x[0] + x[-1]) / 2 else "right"
        shift = 6 if side == "left" else -6
        top.annotate(
            f"变动前 {_value(current, unit)}：{wan(result.baseline)} 万元",
            (current, result.baseline),
            xytext=(shift, -16),
            textcoords="offset points",
            ha=side,
            color=style.DARK,
        )
    style.wan_axis(top.yaxis)
    top.set_ylabel("实付合计（万元）")
    top.tick_params(labelbottom=False)
    if y.max() == y.min():
        top.set_ylim(0, 1.2 * y.max() or 10_000)
    else:
        top.margins(y=0.15)
    below.fill_between(x, table["cap_share"], color=style.ORANGE, alpha=0.5, linewidth=0)
    below.plot(x, table["cap_share"], color=style.ORANGE)
    below.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100 * value:.3g}%"))
    below.set_ylim(0, max(1.15 * table["cap_share"].max(), 0.01))
    below.set_ylabel("限额削减\n占应得", fontsize=9)
    below.set_xlabel(result.labels[axis.path] + unit_axis(below.xaxis, unit))
    return drawn


def heat_map(result, axes: Axes | None = None) -> Figure:
    """Total over two parameters with lines of equal budget and the current law."""
    first, second = result.axes
    grid = result.grid() / 10_000
    x, y = grid.columns.to_numpy(dtype=float), grid.index.to_numpy(dtype=float)
    low, high = float(grid.to_numpy().min()), float(grid.to_numpy().max())
    names = [result.labels[axis.path] for axis in (first, second)]
    title = f"两个参数一起变动，合计在 {low:,.0f} 至 {high:,.0f} 万元之间，变动前 {wan(result.baseline, 0)} 万元"
    if low == high:
        title = f"两个参数一起变动，合计都是 {low:,.0f} 万元"
    note = footnote(result.record, f"参数自 {first.start} 起变动。同一条线上合计相同（格点之间内插）。")
    drawn, axes = style.figure(title, note, (10, 5.4), axes, right=0.98)
    mesh = axes.pcolormesh(x, y, grid.to_numpy(), cmap="cividis", shading="nearest")
    bar = drawn.colorbar(mesh, ax=axes, pad=0.02)
    bar.set_label("实付合计（万元）")
    bar.ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    if high > low and len(x) > 1 and len(y) > 1:
        lines = axes.contour(x, y, grid.to_numpy(), levels=6, colors="white", linewidths=1)
        for label in axes.clabel(lines, fmt=lambda value: f"{value:,.0f}", fontsize=9):
            label.set_path_effects(OUTLINE)
    here = result.current[second.path], result.current[first.path]
    if all(isinstance(value, (int, float)) for value in here) and x[0] <= here[0] <= x[-1] and y[0] <= here[1] <= y[-1]:
        axes.plot(*here, marker="o", markersize=9, markerfacecolor="white", markeredgecolor="black")
        axes.annotate("变动前", here, xytext=(8, 8), textcoords="offset points", color="white", path_effects=OUTLINE)
    axes.set_xlabel(names[1] + unit_axis(axes.xaxis, result.units[second.path]))
    axes.set_ylabel(names[0] + unit_axis(axes.yaxis, result.units[first.path]))
    return drawn


def _value(value: float, unit: str) -> str:
    return (
        f"{100 * value:.4g}%"
        if unit == "/1"
        else f"{value / 10_000:,.6g} 万元"
        if unit == "元"
        else f"{value:,.6g}{unit}"
    )
