"""Charts of goal seek: the total along a parameter with its kinks and the answer; the line of pairs that spend the same sum."""

from __future__ import annotations

from collections.abc import Callable

import numpy
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from openfisca_jining.analysis.solve import Affordable, Course, Frontier, NoLosers, Solved
from openfisca_jining.report import style
from openfisca_jining.report.charts import footnote
from openfisca_jining.report.charts.sweep import unit_axis
from openfisca_jining.report.console import wan
from openfisca_jining.written import SHARE

COLOURS = {"限额": style.BLUE, "门槛": style.RED, "改选": style.PINK, "资金池": style.GREEN, "其他": style.GREY}
#: Kinks that are labelled: the largest jumps, if they are at least this part of the range of totals, and so far apart (part of the
#: range of values) that the labels do not meet.
LABELLED, WORTH_A_LABEL, APART = 4, 0.02, 0.2
#: Ground of letters on lines.
GROUND = {"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none", "alpha": 0.8}
#: Solutions that are labelled.
NAMED = 4


def charts(result) -> dict[str, Callable[[], Figure]]:
    """File name -> function that draws the chart."""
    if isinstance(result, Frontier):
        return {"反求": lambda: frontier_chart(result)}
    return {"反求": lambda: course_chart(result)}


def short(value: float, unit: str) -> str:
    """A value in few digits: ``3.42%``, ``213.5 万元``, ``2 家``."""
    if unit == SHARE:
        return f"{100 * value:.5g}%"
    if unit == "元":
        return f"{value / 10_000:,.6g} 万元"
    return f"{value:,.6g} {unit}".strip()


def course_chart(result: Solved | Affordable | NoLosers, axes: Axes | None = None) -> Figure:
    """Total along the parameter, kinks coloured by what bends there, and the answer."""
    course = result.course
    note = footnote(course.record, f"参数自 {course.span.start} 起变动；跳变、限额等按资金池之前计。")
    drawn, axes = style.figure(title_of(result), note, (10, 4.8), axes)
    x, y = course.curve["value"].to_numpy(dtype=float), course.curve["total"].to_numpy()
    axes.plot(x, y, color=style.DARK, linewidth=1.8, zorder=3)
    _kinks(axes, course)
    _current(axes, course)
    line = result.target if isinstance(result, Solved) else result.limit if isinstance(result, Affordable) else None
    room = [*y, line] if line is not None else list(y)
    low, high = min(room), max(room)
    margin = 0.12 * (high - low) or 0.1 * high or 1.0
    axes.set_ylim(max(low - margin, 0.0) if low >= 0 else low - margin, high + margin)
    if line is not None:
        word = "目标" if isinstance(result, Solved) else "资金上限"
        axes.axhline(line, color=style.ORANGE, linewidth=1.5, zorder=2)
        axes.annotate(
            f"{word} {wan(line)} 万元", (0.995, line), xycoords=("axes fraction", "data"), xytext=(0, 4),
            textcoords="offset points", ha="right", va="bottom", color="#8A5A00", fontsize=10,
        )  # fmt: skip
    if isinstance(result, Solved):
        _solutions(axes, result)
    elif isinstance(result, Affordable):
        _stretches(axes, result.stretches, "上限以内")
        _best(axes, course, result.dearest, "最高")
    else:
        _stretches(axes, result.stretches, "其余企业无一受损" if len(result.always) else "无一企业受损")
        _best(axes, course, result.cheapest, "最省")
    style.wan_axis(axes.yaxis)
    axes.set_ylabel(f"{course.measure}实付合计（万元）")
    axes.set_xlabel(course.label + unit_axis(axes.xaxis, course.span.unit))
    axes.margins(x=0.02)
    return drawn


def title_of(result: Solved | Affordable | NoLosers) -> str:
    """The answer in one line."""
    course = result.course
    unit = course.span.unit
    if isinstance(result, Solved):
        goal = f"合计正好 {wan(result.target)} 万元"
        if len(result.solutions) > 1:
            return f"{course.label}有 {len(result.solutions)} 处使{goal}"
        if len(result.solutions):
            only = result.solutions.iloc[0]
            return f"{course.label}{_between(only, unit)}，{goal}"
        if len(result.leaps):
            return f"{course.label}无论定为多少，合计都跳过 {wan(result.target)} 万元"
        return f"{course.label}在此范围内，合计到不了 {wan(result.target)} 万元"
    if isinstance(result, Affordable):
        if result.dearest.empty:
            return f"{course.label}在此范围内，合计都超过 {wan(result.limit)} 万元"
        best = result.dearest.iloc[0]
        return (
            f"{course.label}{_between(best, unit)}，合计 {wan(best['total'])} 万元，在 {wan(result.limit)} 万元以内最高"
        )
    if result.cheapest.empty:
        return f"{course.label}无论定为多少，都有企业受损"
    best = result.cheapest.iloc[0]
    who = f"除 {len(result.always)} 家外无一企业受损" if len(result.always) else "无一企业受损"
    return f"{course.label}{_between(best, unit)}，{who}而最省：{wan(best['total'])} 万元"


def _between(row, unit: str) -> str:
    value = _range(row, unit)
    return f"在 {value}{'' if value.endswith('元') else ' '}之间" if " 至 " in value else f"定为 {value}"


def _range(row, unit: str) -> str:
    """A stretch of values in few digits, one value if they look the same."""
    low, high = (short(row[end], unit) for end in ("low", "high"))
    if low == high or not row.get("flat", True):
        return short(row["value"], unit)
    return f"{low.removesuffix(' 万元') if high.endswith(' 万元') else low} 至 {high}"


def _kinks(axes, course: Course) -> None:
    """Kinks on the curve, coloured by cause; the largest jumps with their size."""
    table, curve = course.kinks, course.curve
    heights = numpy.interp(table["value"].astype(float), curve["value"].astype(float), curve["total"])
    for kind, colour in COLOURS.items():
        mine = (table["kind"] == kind).to_numpy()
        if mine.any():
            axes.scatter(
                table["value"].to_numpy(dtype=float)[mine], heights[mine], s=16, color=colour, zorder=4,
                label=f"{kind}（{mine.sum()} 处）",
            )  # fmt: skip
    if len(table):
        axes.legend(frameon=False, fontsize=9, title="拐点", title_fontsize=9, alignment="left", loc="best")
    for row in _largest(table, curve).itertuples():
        right = row.value > curve["value"].iloc[[0, -1]].mean()
        axes.annotate(
            f"{short(row.value, course.span.unit)}：{row.jump / 10_000:+,.0f} 万元（{row.enterprises} 家）",
            (row.value, heights[row.Index]), xytext=(-8 if right else 8, -14 if right == (row.jump < 0) else 8),
            textcoords="offset points", ha="right" if right else "left", fontsize=8, color=COLOURS[row.kind], zorder=6,
            bbox=GROUND,
        )  # fmt: skip


def _largest(table, curve):
    """The kinks to label: the largest jumps that are worth it, not too near to each other."""
    worth = WORTH_A_LABEL * (curve["total"].max() - curve["total"].min())
    gap = APART * (curve["value"].max() - curve["value"].min())
    kept: list[int] = []
    for place in table["jump"].abs().sort_values(ascending=False, kind="stable").index:
        near = any(abs(table.at[place, "value"] - table.at[other, "value"]) < gap for other in kept)
        if abs(table.at[place, "jump"]) > worth and not near and len(kept) < LABELLED:
            kept.append(place)
    return table.loc[kept]


def _current(axes, course: Course) -> None:
    """The value under the law asked about."""
    if course.current is None or not course.curve["value"].min() <= course.current <= course.curve["value"].max():
        return
    axes.axvline(course.current, color=style.GREY, linestyle="--", linewidth=1, zorder=1)
    axes.annotate(
        f"现行 {short(course.current, course.span.unit)}", (course.current, 0.01), xycoords=("data", "axes fraction"),
        xytext=(4, 2), textcoords="offset points", fontsize=9, color=style.FAINT,
    )  # fmt: skip


def _solutions(axes, result: Solved) -> None:
    """Solutions as points or thick lines; where the total leaps over the sum, hollow points on both sides."""
    unit = result.course.span.unit
    for number, row in enumerate(result.solutions.to_dict("records")):
        if row["flat"]:
            axes.plot([row["low"], row["high"]], [row["total"]] * 2, color=style.ORANGE, linewidth=5, zorder=5)
        axes.plot(row["value"], row["total"], "o", color=style.ORANGE, markersize=9, markeredgecolor="black", zorder=7)
        if number < NAMED:
            text = (
                f"{short(row['low'], unit)} 至 {short(row['high'], unit)}" if row["flat"] else short(row["value"], unit)
            )
            axes.annotate(
                text, (row["value"], row["total"]), xytext=(10, -18), textcoords="offset points", fontsize=11, zorder=8,
                bbox=GROUND,
            )  # fmt: skip
    for row in result.leaps.to_dict("records"):
        for side in ("below", "above"):
            axes.plot(
                row[side], row[f"{side}_total"], "o", color="white", markersize=7, markeredgecolor=style.ORANGE, zorder=7,
            )  # fmt: skip


def _stretches(axes, table, word: str) -> None:
    for number, row in enumerate(table.to_dict("records")):
        axes.axvspan(row["low"], row["high"], color=style.GREEN, alpha=0.12, linewidth=0, zorder=0)
        if not number:
            axes.annotate(
                word, (row["low"], 0.985), xycoords=("data", "axes fraction"), xytext=(4, 0), textcoords="offset points",
                va="top", fontsize=9, color="#00604A",
            )  # fmt: skip


def _best(axes, course: Course, table, word: str) -> None:
    for row in table.head(1).to_dict("records"):
        axes.plot(row["value"], row["total"], "o", color=style.ORANGE, markersize=9, markeredgecolor="black", zorder=7)
        right = row["value"] > sum(course.curve["value"].iloc[[0, -1]]) / 2
        rises = course.curve["total"].iloc[-1] >= course.curve["total"].iloc[0]
        unit = course.span.unit
        value = _range(row, unit)
        axes.annotate(
            f"{word}：{value}，{wan(row['total'])} 万元", (row["value"], row["total"]), bbox=GROUND,
            xytext=(-10 if right else 10, 10 if right == rises else -20), ha="right" if right else "left", textcoords="offset points", fontsize=11,
            zorder=8,
        )  # fmt: skip


def frontier_chart(result: Frontier, axes: Axes | None = None) -> Figure:
    """Pairs of values that spend the sum: a line, bars where any value does, hollow points where the total leaps over it."""
    first, second = result.first.path, result.span.path
    table = result.table
    solved, leaps = table[table["kind"].isin(["solution", "rounding"])], table[table["kind"] == "leap"]
    names = [result.labels[path] for path in (first, second)]
    found = solved["first"].nunique()
    title = f"「{names[0]}」的 {len(result.first.values)} 种取值中，{found} 种可配上另一参数，使合计为 {wan(result.target)} 万元"
    if not found:
        title = f"没有一种搭配使合计为 {wan(result.target)} 万元"
    note = footnote(result.record, f"参数自 {result.span.start} 起变动。线上各点合计相同（{result.measure}）。")
    drawn, axes = style.figure(title, note, (10, 4.8), axes, left=0.13)
    if solved.empty and leaps.empty:
        style.say(axes, "每一种取值下，合计都停在目标的一边")
        return drawn
    single = solved.groupby("first").filter(lambda rows: len(rows) == 1)
    if len(single):
        axes.plot(single["first"], (single["low"] + single["high"]) / 2, color=style.BLUE, linewidth=2, zorder=3)
    flat = solved[solved["flat"]]
    axes.vlines(flat["first"], flat["low"], flat["high"], color=style.BLUE, linewidth=6, alpha=0.5, zorder=3)
    axes.plot(solved["first"], solved["value"], "o", color=style.BLUE, markersize=7, zorder=4)
    axes.plot(leaps["first"], leaps["value"], "o", color="white", markeredgecolor=style.BLUE, markersize=7, zorder=4)
    unit, last = result.units[second], ""
    for row in solved.drop_duplicates("first").to_dict("records"):
        label = f"{row['value'] / 10_000:,.4g}" if unit == "元" else short(row["value"], unit)
        if label != last:
            axes.annotate(
                label, (row["first"], row["value"]), xytext=(0, 9), textcoords="offset points", ha="center", fontsize=9,
                bbox=GROUND,
            )  # fmt: skip
        last = label
    here = (result.current[first], result.current[second])
    if all(isinstance(value, (int, float)) for value in here):
        axes.plot(*here, marker="D", markersize=8, color=style.ORANGE, markeredgecolor="black", zorder=5)
        axes.annotate(
            "现行" if result.baseline is None else f"现行：{wan(result.baseline)} 万元", here, xytext=(8, -20),
            textcoords="offset points", color="#8A5A00", bbox=GROUND,
        )  # fmt: skip
    if len(leaps):
        axes.annotate(
            "空心：合计在此跳过目标",
            (1.0, 1.01),
            xycoords="axes fraction",
            ha="right",
            va="bottom",
            fontsize=9,
            color=style.FAINT,
        )
    axes.margins(0.08)
    axes.set_xlabel(names[0] + unit_axis(axes.xaxis, result.units[first]))
    axes.set_ylabel(names[1] + unit_axis(axes.yaxis, unit))
    return drawn
