"""Charts of cliffs, kinks and gaming. Each function returns a matplotlib figure."""

from __future__ import annotations

import numpy
import pandas
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from openfisca_jining.analysis.notch import Notch
from openfisca_jining.report import style
from openfisca_jining.report.charts import footnote
from openfisca_jining.report.console import wan

STAGE = "金额为资金池之前、企业选择之后的应得额，与同一技改共同体的企业合计。"
#: Colours of the curves of a panel, in order.
COLOURS = (style.BLUE, style.RED, style.GREEN, style.PINK, style.ORANGE, style.SKY)
LINES = ("-", "--", ":", "-.")
#: Investments (yuan) at which curves are drawn: a straight line is bent on a logarithmic axis.
DENSE = numpy.geomspace(100_000, 200_000_000, 200)


def cliffs_chart(result: Notch, axes: Axes | None = None) -> Figure:
    """Jump at each line, with the range of investment for which padding up to it pays."""
    table = result.cliffs.table
    table = table[table["jump"] > 0].sort_values("jump").reset_index(drop=True)
    title = (
        f"跨过一条线，最多一跳 {plain(table['jump'].iloc[-1])} 万元：离线近的，凑上去划算"
        if len(table)
        else "没有一条线造成断崖"
    )
    size = (11, 0.62 * max(len(table), 2) + 0.3)
    drawn, axes = style.figure(title, f"{STAGE}\n{footnote(result.record)}", size, axes, left=0.3, right=0.97)
    bars = axes.barh(range(len(table)), table["jump"], height=0.5, color=style.BLUE)
    words = [
        f"{plain(row['jump'])}" + ("" if pandas.isna(row["width"]) else f"　凑线合算：{between(row)}")
        for row in table.to_dict("records")
    ]
    axes.bar_label(bars, words, padding=5, fontsize=9)
    axes.set_yticks(range(len(table)), [f"{row['project']}\n{line_words(row)}" for row in table.to_dict("records")])
    axes.tick_params(axis="y", labelsize=9)
    axes.set_xlim(0, table["jump"].max() * 1.6 if len(table) else 1)
    axes.set_xlabel("到线时一跳（万元）；凑线合算的投资区间也以万元计，不含线本身")
    style.wan_axis(axes.xaxis)
    return drawn


def line_words(row: dict) -> str:
    """A line and what it is now."""
    value, unit = row["value"], row["unit"]
    number = f"{plain(value)} 万元" if unit == "元" else f"{value * 100:g}%" if unit == "/1" else f"{value:g} {unit}"
    return f"{row['label']} {number}"


def between(row: dict) -> str:
    """The range of investment in which padding pays."""
    return f"{plain(row['start'], 2)} 至 {plain(row['at'], 2)}"


def plain(yuan: float, decimals: int = 6) -> str:
    """Yuan as 万元 without idle zeros."""
    return wan(yuan, decimals).rstrip("0").rstrip(".")


def support_chart(result: Notch, figure: Figure | None = None) -> Figure:
    """Money and marginal rate along investment, one column per place, kinks labelled."""
    pieces = result.margins.table
    panels = {name: names for name, names in result.panels.items() if names}
    note = f"{STAGE}\n{footnote(result.record)}"
    drawn, grid = style.panels(
        support_words(pieces, panels), note, (13, 5.6), 2, max(len(panels), 1), figure, left=0.07, right=0.985, above=0.3,
        hspace=0.1, sharex=True, height_ratios=(3, 2),
    )  # fmt: skip
    for column, (panel, names) in enumerate(panels.items()):
        top, bottom = grid[0][column], grid[1][column]
        curves = {name: pieces[pieces["project"] == name] for name in names}
        for number, (name, curve) in enumerate(curves.items()):
            look = {"color": COLOURS[number % len(COLOURS)], "linestyle": LINES[number % len(LINES)], "linewidth": 2}
            places = numpy.unique(
                numpy.concatenate([curve["start"], [curve["end"].iloc[-1]], DENSE, curve["start"] - 1])
            )
            places = places[(places >= curve["start"].iloc[0]) & (places <= curve["end"].iloc[-1])]
            top.plot(places, [money_at(curve, one) for one in places], label=name, **look)
            steps = numpy.append(curve["start"].to_numpy(), curve["end"].iloc[-1])
            bottom.stairs(curve["rate"], steps, baseline=None, **look)
        _label_kinks(top, curves)
        _finish(top, bottom, panel, column == 0)
    return drawn


def support_words(pieces: pandas.DataFrame, panels: dict[str, list[str]]) -> str:
    """The message: the largest jump, whether support ends at a cap, the highest marginal rate and where."""
    where = {name: panel for panel, names in panels.items() for name in names}
    shown = pieces[pieces["project"].isin(where)]
    if not (shown["rate"] > 0).any():
        return "沿投资没有任何支持"
    top = shown.sort_values("rate", ascending=False, kind="stable").iloc[0]
    ends = shown.groupby("project", sort=False)["rate"].agg(["last", "max"])
    capped = int(((ends["last"] <= 0) & (ends["max"] > 0)).sum())
    words = [f"过线一跳最多 {plain(shown['jump'].max())} 万元"] if shown["jump"].max() > 0 else ["没有断崖"]
    words += [f"{capped} 条曲线到顶之后多投不再多得"] if capped else []
    return "；".join([*words, f"每多投一元最多得 {top['rate'] * 100:.4g} 分（{where[top['project']]}）"])


def money_at(curve: pandas.DataFrame, investment: float) -> float:
    """Money on a curve's straight pieces (yuan)."""
    place = max(int((curve["start"] <= investment).sum()) - 1, 0)
    row = curve.iloc[place]
    share = (investment - row["start"]) / max(row["end"] - row["start"], 1.0)
    return row["money"] + share * (row["last"] - row["money"])


def _label_kinks(axes: Axes, curves: dict[str, pandas.DataFrame]) -> None:
    """Mark where curves jump or bend: above to the left on the uppermost curve, below to the right on the others."""
    told: set[str] = set()
    for number, (name, curve) in enumerate(curves.items()):
        for row in curve.iloc[1:].to_dict("records"):
            words = f"{wan(row['start'], 2).removesuffix('.00')}" + (
                f"\n一跳 {plain(row['jump'])}" if row["jump"] else ""
            )
            axes.plot(row["start"], row["money"], "o", color=COLOURS[number % len(COLOURS)], markersize=5)
            if words in told:
                continue
            told.add(words)
            others = [money_at(one, row["start"]) for other, one in curves.items() if other != name]
            under = any(money >= row["money"] for money in others) and bool(row["jump"] or max(others) > row["money"])
            axes.annotate(
                words,
                (row["start"], row["money"]),
                xytext=(8, -4) if under else (-6, 4),
                textcoords="offset points",
                ha="left" if under else "right",
                va="top" if under else "bottom",
                fontsize=9,
                color=COLOURS[number % len(COLOURS)],
            )


def _finish(top: Axes, bottom: Axes, panel: str, leftmost: bool) -> None:
    top.set_title(panel, loc="left", fontsize=11)
    top.legend(frameon=False, fontsize=9, loc="upper left")
    low, high = top.get_ylim()
    top.set_ylim(low - 0.06 * (high - low), max(high + 0.25 * (high - low), 1))
    for axes in (top, bottom):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda yuan, _: plain(yuan)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.margins(x=0.03)
    style.wan_axis(top.yaxis)
    bottom.yaxis.set_major_formatter(FuncFormatter(lambda rate, _: f"{rate:.0%}"))
    bottom.set_ylim(-0.005, max(bottom.get_ylim()[1] * 1.15, 0.01))
    bottom.set_xlabel("投资（万元，对数刻度）")
    if leftmost:
        top.set_ylabel("应得（万元）")
        bottom.set_ylabel("每多投一元多得")


def gaming_chart(result: Notch, axes: Axes | None = None) -> Figure:
    """What each way of gaming would bring the enterprises of the population."""
    bars = gaming_sums(result)
    biggest = max(bars, key=lambda one: one[1])
    title = (
        f"最大的漏洞是{biggest[0]}：共可多得 {wan(biggest[1])} 万元"
        if biggest[1] > 0
        else "怎样拆、并、凑、等都不能多得"
    )
    note = f"{STAGE}每家企业取最好的一种；共同体各自单独计算，只画最多的一家。\n{footnote(result.record)}"
    drawn, axes = style.figure(title, note, (11, 0.55 * len(bars) + 0.2), axes, left=0.28, right=0.97)
    bars = bars[::-1]
    colours = [style.ORANGE if name == biggest[0] and amount > 0 else style.GREY for name, amount, _ in bars]
    shown = axes.barh(range(len(bars)), [amount for _, amount, _ in bars], height=0.55, color=colours)
    axes.bar_label(shown, [f"{wan(amount)}（{many}）" for _, amount, many in bars], padding=5, fontsize=10)
    axes.set_yticks(range(len(bars)), [name for name, _, _ in bars])
    axes.set_xlim(0, 1.35 * max([amount for _, amount, _ in bars] + [1.0]))
    axes.set_xlabel("企业多得（万元）")
    style.wan_axis(axes.xaxis)
    return drawn


def gaming_sums(result: Notch) -> list[tuple[str, float, str]]:
    """(way, yuan gained, how many) of each way of gaming."""
    lines = result.bunching.table
    found = [(f"凑线（线下 {result.within:.0%} 以内）", float(lines["grant"].sum()), f"{lines['able'].sum()} 个项目")]
    for row in result.splits.table.to_dict("records"):
        found.append((row["way"], row["total"], f"{row['enterprises']} 家企业"))
    moved = result.dates.table
    for row in moved[moved["what"].eq("") & moved["note"].eq("")].to_dict("records"):
        found.append((row["shift"] + "申报", row["gained"], f"{int(row['gain'])} 家企业"))
    best = result.consortia.table["gain"].max() if len(result.consortia.table) else 0.0
    found.append(("组成共同体（最多的一家）", float(best), f"{len(result.consortia.table)} 家企业可以"))
    return found


def bunching_chart(result: Notch, axes: Axes | None = None) -> Figure:
    """Where projects stand around each line, those just under it marked."""
    lines = result.bunching.table
    lines = lines[lines["concerned"] > 0][::-1].reset_index(drop=True)
    near = int(lines["near"].sum())
    title = (
        f"线下 {result.within:.0%} 以内有 {near} 个项目，全凑到线上财政在资金池前多给 {wan(result.padding['cost'])} 万元"
        if near
        else f"没有项目在线下 {result.within:.0%} 以内"
    )
    note = f"每一点是一个项目；橙色带和红点：线下 {result.within:.0%} 以内。\n{footnote(result.record)}"
    drawn, axes = style.figure(title, note, (11, 0.7 * max(len(lines), 2) + 0.3), axes, left=0.3, right=0.84)
    axes.axvspan(1 - result.within, 1, color=style.ORANGE, alpha=0.2, linewidth=0)
    axes.axvline(1, color=style.RED, linewidth=1.5)
    for place, row in enumerate(lines.to_dict("records")):
        mine = result.around[(result.around["label"] == row["label"]) & (result.around["document"] == row["document"])]
        ratio = mine["ratio"].to_numpy(dtype=float)
        close = (ratio < 1) & (ratio >= 1 - result.within)
        spread = place + 0.28 * (numpy.arange(len(ratio)) % 5 - 2) / 2
        axes.plot(ratio[~close], spread[~close], "o", color=style.GREY, markersize=4, alpha=0.7)
        axes.plot(ratio[close], spread[close], "o", color=style.RED, markersize=6)
        words = f"线下 {row['near']} 个，线上 {row['above']} 个"
        axes.annotate(words, (1.0, place), xycoords=("axes fraction", "data"), ha="left", va="center", fontsize=9)
    axes.annotate(f"{result.within:.0%} 以内", (1.0, 1.0), xycoords="axes fraction", ha="left", va="bottom", fontsize=9)
    names = [f"{row['document']}\n{line_words(row)}" for row in lines.to_dict("records")]
    axes.set_yticks(range(len(lines)), names, fontsize=9)
    axes.set_ylim(-0.6, max(len(lines) - 0.4, 0.6))
    axes.set_xlim(0.7, 1.3)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda ratio, _: f"{ratio:.0%}"))
    axes.set_xlabel("与线比较的数额占线的百分比")
    return drawn
