"""Charts of what a forecast hangs on: drivers one at a time, and the band of the readings beside that of the dice."""

from __future__ import annotations

from collections.abc import Callable

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from openfisca_jining.analysis.forecast.sensitivity import ReadingsBand, Sensitivity
from openfisca_jining.report import style
from openfisca_jining.report.charts import footnote
from openfisca_jining.report.console import wan
from openfisca_jining.report.style import wrapped

#: Drivers shown, and terminal columns to a line of a driver's name.
SHOWN, LINE = 10, 36
PANELS = (("mean", "期望支出（实付）的变动（万元）"), ("q90", "90% 把握的预算安排（资金池之前）的变动（万元）"))


def charts(result: Sensitivity, band: ReadingsBand | None) -> dict[str, Callable[[], Figure]]:
    """File name -> function that draws the chart."""
    found: dict[str, Callable[[], Figure]] = {"驱动因素影响": lambda: tornado_chart(result)}
    if band is not None:
        found["读法与抽样"] = lambda: band_chart(band)
    return found


def tornado_chart(result: Sensitivity, figure: Figure | None = None) -> Figure:
    """Drivers by their effect on the expected cost, low and high value, and on the 90 % appropriation; whiskers: standard errors."""
    order = result.tornado()
    order = order[order["spread"] > 0].head(SHOWN)
    note = (
        f"各年合计（{'、'.join(map(str, result.years))} 年）；抽样 {result.draws} 次，各情形用同样的抽样。橙：低值；蓝：高值；须线：一个标准误。"
        f"\n{footnote(result.record)}"
    )
    size = (13, 0.6 * max(len(order), 1) + 0.3)
    drawn, grid = style.panels(
        _tornado_title(result), note, size, 1, 2, figure, left=0.22, right=0.98, wspace=0.06, sharey=True
    )
    panels = grid[0]
    if order.empty:
        for panel, (measure, words) in zip(panels, PANELS, strict=True):
            moved = "不为 0，见数据表" if result.tornado(measure)["spread"].any() else "为 0"
            style.say(panel, words.removesuffix("（万元）") + moved)
        return drawn
    place = numpy.arange(len(order))
    for panel, (measure, words) in zip(panels, PANELS, strict=True):
        table = result.tornado(measure).set_index("driver").loc[order["driver"]]
        for end, colour, shift in (("low", style.ORANGE, -0.17), ("high", style.BLUE, 0.17)):
            effect, error = table[f"{end}_effect"], table[f"{end}_se"]
            panel.barh(place + shift, effect, xerr=error, height=0.32, color=colour, ecolor="0.3", capsize=2)
            for at, (row, yuan, se) in enumerate(zip(table.to_dict("records"), effect, error, strict=True)):
                if row[end] != row["default"]:
                    side = _side(row, end)
                    panel.annotate(
                        _value(row[end], row["unit"]),
                        (yuan + side * se, at + shift),
                        xytext=(5 * side, 0),
                        textcoords="offset points",
                        ha="left" if side > 0 else "right",
                        va="center",
                        fontsize=8,
                        color="0.3",
                    )
        panel.axvline(0, color="black", linewidth=0.8)
        panel.margins(x=0.16)
        panel.set_xlabel(words, fontsize=9)
        panel.tick_params(axis="x", labelsize=9)
        style.wan_axis(panel.xaxis)
    panels[0].set_yticks(place, [_name(row) for row in order.to_dict("records")], fontsize=9)
    panels[0].set_ylim(len(order) - 0.4, -0.6)
    return drawn


def band_chart(band: ReadingsBand, axes: Axes | None = None) -> Figure:
    """By year: 80 % band of the dice, and expected cost under the lowest and highest reading, one below the other."""
    rows = [row for row in band.table.to_dict("records") if row["high"] or row["dice_high"]]
    note = (
        "读法是条文不明，不是机会：两种带不相加。读法的带是期望支出；抽样的带是一年实付的 80% 区间。"
        f"抽样 {band.draws} 次。\n{footnote(band.record)}"
    )
    step = 3.4 if all(numpy.isnan(row["joint_low"]) for row in rows) else 4.4
    size = (12, 0.42 * step * max(len(rows), 1) + 0.3)
    drawn, axes = style.figure(_band_title(band, rows), note, size, axes, left=0.17, right=0.98)
    if not rows:
        style.say(axes, "没有支出，也就没有可换的读法")
        return drawn
    places: list[float] = []
    names: list[str] = []
    widest = max(numpy.nanmax([row["high"], row["dice_high"], row["joint_high"]]) for row in rows)
    for number, row in enumerate(rows):
        bands = [("抽样，80% 区间", "dice_low", "dice_high", style.BLUE), ("换一种读法", "low", "high", style.ORANGE)]
        if not numpy.isnan(row["joint_low"]):
            bands.append(("读法组合", "joint_low", "joint_high", style.RED))
        for line, (words, low, high, colour) in enumerate(bands):
            at = step * number + line
            axes.barh(at, row[high] - row[low], left=row[low], height=0.6, color=colour)
            axes.annotate(
                f"{wan(row[low], 0)} 至 {wan(row[high], 0)}",
                (row[high], at),
                xytext=(6, 0),
                textcoords="offset points",
                va="center",
                fontsize=9,
            )
            places.append(at)
            names.append(f"{row['year']} 年  {words}")
        axes.plot(
            [row["mean"]] * 2, [step * number - 0.5, step * number + len(bands) - 0.5], color="black", linewidth=1.2
        )
        axes.annotate(
            f"现在的读法，期望 {wan(row['mean'], 0)}",
            (row["mean"], step * number - 0.5),
            xytext=(0, 3),
            textcoords="offset points",
            ha="left" if row["mean"] < 0.15 * widest else "center",
            fontsize=9,
        )
    axes.set_yticks(places, names)
    axes.set_ylim(max(places) + 0.6, -1.3)
    axes.set_xlim(0, 1.25 * widest)
    axes.set_xlabel("万元")
    style.wan_axis(axes.xaxis)
    return drawn


def _side(row: dict, end: str) -> int:
    """Side of zero on which an end's label stands: that of its effect; without one, that of the end."""
    effect = row[f"{end}_effect"]
    return 1 if effect > 0 or (effect == 0 and end == "high") else -1


def _name(row: dict) -> str:
    return f"{wrapped(row['label'], LINE)}\n（现为 {_value(row['default'], row['unit'])}）"


def _value(number: float, unit: str) -> str:
    return f"{100 * number:g}%" if unit == "/1" else f"{number:g}{unit}"


def _tornado_title(result: Sensitivity) -> str:
    first = result.tornado().iloc[0]
    if not first["spread"]:
        return f"没有一个驱动因素影响{_whose(result.record)}预测支出"
    effects = "、".join(
        f"{_value(first[end], first['unit'])} 时 {'+' if first[f'{end}_effect'] > 0 else ''}{wan(first[f'{end}_effect'], 0)} 万元"
        for end in ("low", "high")
    )
    return f"{_whose(result.record)}预测支出最受“{first['label'].partition('（')[0]}”影响：{effects}"


def _whose(record: dict) -> str:
    return "" if record["measure"] == "total" else record["measure"]


def _band_title(band: ReadingsBand, rows: list[dict]) -> str:
    if not rows:
        return f"{_whose(band.record)}预测的各年都没有支出"
    row = max(rows, key=lambda one: one["high"] - one["low"])
    joint = not numpy.isnan(row["joint_low"])
    how, low, high = ("各种读法一起换", "joint_low", "joint_high") if joint else ("换一种读法", "low", "high")
    wider = "宽" if row[high] - row[low] > row["dice_high"] - row["dice_low"] else "窄"
    span = f"{wan(row[low], 0)} 至 {wan(row[high], 0)} 万元"
    return f"{_whose(band.record)}{row['year']} 年{how}，期望支出在 {span}之间，比抽样的 80% 区间{wider}"
