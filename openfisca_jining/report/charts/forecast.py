"""Charts of a forecast: cost by year, when funds run out, what to ask for, what reforms change. Functions return figures."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import numpy
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from openfisca_jining.analysis.forecast.forecast import LEVELS, MONTHS, Forecast
from openfisca_jining.instruments import FUNDS
from openfisca_jining.money import FEN
from openfisca_jining.report import style
from openfisca_jining.report.charts import footnote
from openfisca_jining.report.console import wan
from openfisca_jining.report.style import DARK, wrapped

#: Colours of years, laws or payers, in order, and their lines, so that they can be told apart without colour.
COLOURS = (style.BLUE, style.RED, style.GREEN, style.PINK, style.ORANGE, style.SKY, style.GREY)
LINES = ("-", "--", "-.", ":")
#: Laws to a row of small charts, and terminal columns to a line of their names.
ACROSS, NAME = 3, 42
#: Letters that stay legible on lines and bands.
HALO = [patheffects.withStroke(linewidth=2.5, foreground="white")]


def charts(result: Forecast) -> dict[str, Callable[[], Figure]]:
    """File name -> function that draws the chart."""
    found: dict[str, Callable[[], Figure]] = {"各年支出": partial(fan_chart, result)}
    funds = result.exhaustion()
    for fund in [one.label for one in FUNDS]:
        if len(funds) and (funds.loc[funds["fund"] == fund, "chance"] > 0).any():
            found[f"用完的可能_{fund.replace(' ', '')}"] = partial(exhaustion_chart, result, fund)
    if len(result.appropriation()):
        found["应安排多少"] = partial(appropriation_chart, result)
    if result.laws[1:]:
        found["改革与现行"] = partial(difference_chart, result)
    return found


# ----- cost by year -----


def fan_chart(result: Forecast, figure: Figure | None = None) -> Figure:
    """Fan of the cost of each year, one small chart for each law, with the median of the current law in the others."""
    dotted = "虚线：现行政策的中位数。" if result.laws[1:] else ""
    note = f"深色：一半的抽样在内；浅色：八成的抽样在内；折线和数字：中位数。{dotted}"
    drawn, panels = _small_charts(
        _fan_title(result), _note(result, note), [wrapped(law, NAME) for law in result.laws], 3.6, figure, 0.4
    )
    base = numpy.median(result.amounts(result.laws[0]), axis=0)
    top = max(numpy.quantile(result.amounts(law), 0.9, axis=0).max() for law in result.laws)
    for number, (law, axes) in enumerate(zip(result.laws, panels, strict=True)):
        if number:
            axes.plot(result.years, base, color=DARK, linestyle=":", linewidth=1.5, zorder=3)
        fan(axes, numpy.array(result.years), result.amounts(law), words=number == 0)
        axes.set_ylim(0, 1.1 * top or 1)
        style.wan_axis(axes.yaxis)
    _left(panels, "实付合计（万元）")
    return drawn


def fan(axes: Axes, years: numpy.ndarray, values: numpy.ndarray, words: bool) -> None:
    """Bands and median by year. :param values: yuan by draw and year. :param words: name the bands."""
    low, quarter, middle, upper, high = numpy.quantile(values, (0.1, 0.25, 0.5, 0.75, 0.9), axis=0)
    if len(years) == 1:
        axes.bar(years, high - low, bottom=low, width=0.3, color=style.SKY, alpha=0.45)
        axes.bar(years, upper - quarter, bottom=quarter, width=0.3, color=style.BLUE, alpha=0.45)
        axes.set_xlim(years[0] - 1, years[0] + 1)
    else:
        axes.fill_between(years, low, high, color=style.SKY, alpha=0.45, linewidth=0)
        axes.fill_between(years, quarter, upper, color=style.BLUE, alpha=0.45, linewidth=0)
        axes.set_xlim(years[0] - 0.8, years[-1] + 0.5)
    axes.plot(years, middle, color=style.BLUE, linewidth=2, marker="o", markersize=4)
    for year, value in zip(years, middle, strict=True):
        axes.annotate(
            _short(value),
            (year, value),
            (0, 6),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            path_effects=HALO,
            zorder=5,
        )
    at = int(numpy.argmax(high > low))
    if words and high[at] > low[at]:
        edges = {"10%": low[at], "25%": quarter[at], "75%": upper[at], "90%": high[at]}
        left = years[at] - (0.2 if len(years) == 1 else 0.34)
        for text, height in zip(edges, spread(edges.values(), 0.045 * high.max()), strict=True):
            axes.text(left, height, text, fontsize=8, color=DARK, ha="right", va="center", path_effects=HALO, zorder=4)
    axes.set_xticks(years, [str(year) for year in years])


def _fan_title(result: Forecast) -> str:
    whole, summary = result.over_years().iloc[0], result.summary()
    years = f"{result.years[0]} 至 {result.years[-1]} 年" if len(result.years) > 1 else f"{result.years[0]} 年"
    said = f"{years}预计共支出 {wan(whole['mean'], 0)} 万元，八成的可能在 {wan(whole['q10'], 0)} 至 {wan(whole['q90'], 0)} 万元之间"
    mine = summary[summary["law"] == result.laws[0]] if len(summary) else summary
    costly = set(mine.loc[mine["mean"] > 0, "year"]) if len(mine) else set()
    later = [year for year in result.years if costly and year > max(costly)]
    return said + (f"；{later[0]} 年起没有支出" if later else "")


# ----- funds -----


def exhaustion_chart(result: Forecast, fund: str, figure: Figure | None = None) -> Figure:
    """Claims so far against the money of a fund, and the chance that it has run out by each month, law by law."""
    number = [one.label for one in FUNDS].index(fund)
    funds = result.exhaustion()
    mine = funds[(funds["fund"] == fund) & (funds["claimed"] > 0)]
    worst = mine[mine["law"] == mine["law"].iloc[0]].sort_values("chance", ascending=False, kind="stable").iloc[0]
    curves: dict[str, dict[int, numpy.ndarray]] = {}
    for law in dict.fromkeys(mine["law"]):
        own = {year: result.months(law, fund, year) for year in mine.loc[mine["law"] == law, "year"]}
        if not any(_same(own, drawn_already) for drawn_already in curves.values()):
            curves[law] = own
    same = "用完的可能与已画的政策相同的，不重画。" if len(curves) < mine["law"].nunique() else ""
    note = f"用完：有申请得不到足额支付。累计申请按申报月份，浅色为八成的抽样，折线为中位数。{same}"
    title = _exhaustion_title(result, fund, worst)
    names = [f"{wrapped(worst['law'], NAME - 10)} {worst['year']} 年"]
    names += [wrapped(f"用完的可能：{law}", NAME + 10) for law in curves]
    drawn, panels = _small_charts(title, _note(result, note), names, 3.4, figure, 0.4, sharey=False)
    claims_against_fund(panels[0], result, worst["law"], number, worst["year"])
    for own, axes in zip(curves.values(), panels[1:], strict=True):
        _chances(axes, own)
    return drawn


def _same(one: dict[int, numpy.ndarray], other: dict[int, numpy.ndarray]) -> bool:
    return one.keys() == other.keys() and all((one[year] == other[year]).all() for year in one)


def claims_against_fund(axes: Axes, result: Forecast, law: str, number: int, year: int) -> None:
    """Claims on a fund added up month by month, with the fund's money as a line."""
    place = result.years.index(year)
    so_far = numpy.cumsum(result.costs[law]["months"][:, place, number], axis=1) / FEN
    money = result.costs[law]["funds"][:, place, number, 0].mean() / FEN
    months = numpy.arange(1, MONTHS + 1)
    low, middle, high = numpy.quantile(so_far, (0.1, 0.5, 0.9), axis=0)
    axes.fill_between(months, low, high, color=style.SKY, alpha=0.45, linewidth=0)
    axes.plot(months, middle, color=style.BLUE, linewidth=2)
    axes.axhline(money, color=style.RED, linewidth=1.5)
    axes.annotate(
        f"资金 {_short(money)}", (0.7, money), (2, 4), textcoords="offset points", fontsize=9, color=style.RED
    )
    axes.annotate(
        f"全年 {_short(middle[-1])}",
        (MONTHS, middle[-1]),
        (0, -13 if middle[-1] < money else 5),
        textcoords="offset points",
        ha="right",
        fontsize=9,
        color=style.BLUE,
    )
    axes.set_xlim(0.7, MONTHS + 0.3)
    axes.set_ylim(0, 1.1 * max(high[-1], money))
    axes.set_xticks(months[::2], [f"{month}月" for month in months[::2]])
    style.wan_axis(axes.yaxis)
    axes.set_ylabel("到月底的累计申请（万元）")


def _chances(axes: Axes, curves: dict[int, numpy.ndarray]) -> None:
    """Chance that a fund has run out by the end of each month, one line for each year, labelled at its end."""
    months = numpy.arange(1, MONTHS + 1)
    for number, (_, shares) in enumerate(curves.items()):
        colour, line = COLOURS[number % len(COLOURS)], LINES[number % len(LINES)]
        axes.plot(months, shares, linewidth=1.8, color=colour, linestyle=line)
    ends = spread([shares[-1] for shares in curves.values()], 0.065)
    ends = [height - max(max(ends) - 1.03, 0) for height in ends]
    for number, ((year, shares), height) in enumerate(zip(curves.items(), ends, strict=True)):
        axes.annotate(
            f"{year} 年 {shares[-1]:.1%}",
            (MONTHS, shares[-1]),
            (MONTHS + 0.25, height),
            fontsize=8,
            va="center",
            color=COLOURS[number % len(COLOURS)],
            annotation_clip=False,
        )
    axes.set_xlim(0.7, MONTHS + 4.6)
    axes.set_ylim(-0.02, 1.08)
    axes.set_xticks(months[::2], [f"{month}月" for month in months[::2]])
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    axes.set_ylabel("到月底已经用完的可能")


def _exhaustion_title(result: Forecast, fund: str, worst) -> str:
    when = f"，用完的一半不晚于 {int(worst['month'])} 月" if worst["chance"] else ""
    law = "" if worst["law"] == result.laws[0] else f"「{worst['law']}」下"
    return f"{law}{worst['year']} 年{fund}用完的可能为 {worst['chance']:.0%}{when}"


# ----- what to ask for -----


def appropriation_chart(result: Forecast, figure: Figure | None = None) -> Figure:
    """Chance that an amount suffices, payer by payer and year by year, under the current law; dashed: the reforms."""
    asked = result.appropriation()
    payers = [payer for payer in dict.fromkeys(result.payers) if payer in set(asked["payer"])]
    note = "应付额：企业限额、择一之后，资金池之前。圆点：80%、90%、95% 的把握；旁边的数为支出最多的一年。"
    title = _appropriation_title(result, asked, payers)
    laws = [asked.loc[asked["payer"] == payer, "law"].iloc[0] for payer in payers]
    names = [
        payer + ("" if law == result.laws[0] else f"（{wrapped(law, NAME)}）")
        for payer, law in zip(payers, laws, strict=True)
    ]
    drawn, panels = _small_charts(title, _note(result, note), names, 3.8, figure)
    for payer, law, axes in zip(payers, laws, panels, strict=True):
        mine = asked[asked["payer"] == payer]
        years = mine.loc[mine["law"] == law, "year"].tolist()
        curves = {
            year: numpy.sort(result.amounts(law, "claimed", payer)[:, result.years.index(year)]) for year in years
        }
        suffices(axes, curves)
        axes.set_xlabel("安排的数额（万元）")
    _left(panels, "够付资金池之前应付额的可能")
    return drawn


def suffices(axes: Axes, curves: dict[int, numpy.ndarray]) -> None:
    """Chance that an amount suffices, one line for each year. :param curves: year -> claims in order (yuan)."""
    largest = max(curves, key=lambda year: curves[year].mean())
    right = 1.05 * max(values[-1] for values in curves.values())
    for number, (year, values) in enumerate(curves.items()):
        colour, line = COLOURS[number % len(COLOURS)], LINES[number % len(LINES)]
        share = numpy.arange(1, len(values) + 1) / len(values)
        axes.step([0, *values, right], [0, *share, 1], where="post", color=colour, linestyle=line, linewidth=1.8)
        points = numpy.quantile(values, LEVELS)
        axes.plot(points, LEVELS, "o", color=colour, markersize=4)
        height = 0.12 + 0.62 * number / max(len(curves), 1)
        at = max(float(numpy.quantile(values, height)), 0.1 * right)
        axes.annotate(
            f"{year} 年",
            (at, height),
            (0, 0),
            textcoords="offset points",
            fontsize=9,
            color=colour,
            ha="center",
            va="center",
            path_effects=HALO,
        )
        if year == largest:
            for point, level in zip(points, LEVELS, strict=True):
                axes.annotate(
                    f"{level:.0%}：{_short(point)}",
                    (point, level),
                    (7, -8),
                    textcoords="offset points",
                    fontsize=8,
                    color=colour,
                    path_effects=HALO,
                )
    axes.set_xlim(0, max(right, 1.35 * max(numpy.quantile(values, LEVELS[-1]) for values in curves.values())) or 1)
    axes.set_ylim(0, 1.04)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    style.wan_axis(axes.xaxis)


def _appropriation_title(result: Forecast, asked, payers: list[str]) -> str:
    said = []
    for payer in payers:
        mine = asked[asked["payer"] == payer]
        mine = mine[mine["law"] == mine["law"].iloc[0]]
        row = mine.sort_values("mean", ascending=False, kind="stable").iloc[0]
        said.append(f"{payer.removesuffix('财政')} {_short(row['q90'])}")
    return f"支出最多的一年要有九成的把握够付，应安排：{'、'.join(said)} 万元"


# ----- reforms -----


def difference_chart(result: Forecast, figure: Figure | None = None) -> Figure:
    """Each reform less the current law: money by year with its band, and the chance that funds run out before and after."""
    reforms, risk = result.laws[1:], result.risk()
    moving = risk[(risk["before"] > 0) | (risk["after"] > 0)]
    heights = [max(2.4, 0.7 + 0.3 * (moving["law"] == law).sum()) for law in reforms]
    note = "左：圆点为均值，竖线为八成的抽样，粗线为均值的标准误上下两倍；同样的抽样逐次相减。右：圆圈为现行，圆点为改革后。"
    drawn, grid = style.panels(
        _difference_title(result), _note(result, note), (13, sum(heights) + 0.75 * (len(heights) - 1)), len(reforms), 2,
        figure, left=0.08, right=0.98, above=0.5, wspace=0.55, hspace=0.75 / (sum(heights) / len(heights)),
        width_ratios=(6, 4), height_ratios=heights,
    )  # fmt: skip
    table = result.difference()
    for number, (law, (left, right)) in enumerate(zip(reforms, grid, strict=True), start=1):
        _money_moved(left, table[table["law"] == law])
        left.set_title(wrapped(f"改革{number}：{law}", 56), loc="left", fontsize=10, color=DARK)
        _risk_moved(right, moving[moving["law"] == law], several=moving["fund"].nunique() > 1)
    grid[-1][0].set_xlabel("年度")
    grid[-1][1].set_xlabel("资金用完的可能")
    return drawn


def _money_moved(axes: Axes, rows) -> None:
    years = rows["year"].to_numpy()
    ends = numpy.array([rows["mean"] - 2 * rows["se"], rows["mean"] + 2 * rows["se"], rows["q10"], rows["q90"]])
    axes.axhline(0, color="black", linewidth=0.8)
    axes.vlines(years, rows["q10"], rows["q90"], color=style.SKY, linewidth=4, alpha=0.7)
    axes.vlines(years, ends[0], ends[1], color=style.BLUE, linewidth=7)
    axes.plot(years, rows["mean"], "o", color=style.BLUE, markersize=5)
    for year, mean, high in zip(years, rows["mean"], ends.max(axis=0), strict=True):
        axes.annotate(
            "0" if mean == 0 else ("+" if mean > 0 else "") + _short(mean),
            (year, high),
            (0, 5),
            textcoords="offset points",
            ha="center",
            fontsize=9,
        )
    axes.set_xlim(years[0] - 0.5, years[-1] + 0.5)
    axes.set_xticks(years, [str(year) for year in years])
    low, high = min(ends.min(), 0.0), max(ends.max(), 0.0)
    room = 0.18 * (high - low or 1.0)
    axes.set_ylim(low - (room if low < 0 else 0.3 * room), high + room)
    style.wan_axis(axes.yaxis)
    if low == high:
        axes.set_yticks([0])
    axes.set_ylabel("多支出（万元）")


def _risk_moved(axes: Axes, rows, several: bool) -> None:
    """Chance before (ring) and after (dot), a line for each fund and year."""
    place = numpy.arange(len(rows))
    axes.hlines(place, rows["before"], rows["after"], color=style.GREY, linewidth=1.5)
    axes.plot(rows["before"], place, "o", color=style.GREY, markerfacecolor="white", markersize=8)
    axes.plot(rows["after"], place, "o", color=style.RED, markersize=6)
    for at, row in zip(place, rows.to_dict("records"), strict=True):
        moved = f"{row['before']:.1%} 到 {row['after']:.1%}" if row["change"] else f"{row['after']:.1%}，不变"
        axes.annotate(moved, (1.06, at), va="center", fontsize=8, annotation_clip=False)
    names = [f"{row['fund'] if several else ''} {row['year']}".strip() for row in rows.to_dict("records")]
    axes.set_yticks(place, names, fontsize=8)
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    axes.set_xlim(-0.04, 1.38)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.0%}"))
    if not len(rows):
        axes.set_yticks([])
        axes.text(0.5, 0.5, "资金都不会用完", transform=axes.transAxes, ha="center", va="center", color=style.GREY)


def _difference_title(result: Forecast) -> str:
    rows = result.difference_over_years()
    years = f"{result.years[0]} 至 {result.years[-1]} 年共" if len(result.years) > 1 else f"{result.years[0]} 年"
    place = int(rows["mean"].abs().to_numpy().argmax())
    most = rows.iloc[place]
    if not rows["mean"].any():
        return f"{years}支出平均与现行相同"
    said = f"{'多' if most['mean'] > 0 else '少'}支出 {wan(abs(most['mean']), 0)} 万元（标准误 {wan(most['se'], 0)}）"
    which = f"变动最大的是改革{place + 1}，" if len(rows) > 1 else "改革后，"
    return f"{which}{years}{said}"


# ----- what charts share -----


def spread(heights: Iterable[float], gap: float) -> list[float]:
    """Heights of labels near the given ones, at least a gap apart, in the order given."""
    wanted = numpy.asarray(list(heights), dtype=float)
    order = numpy.argsort(wanted, kind="stable")
    placed = wanted.copy()
    for below, above in itertools.pairwise(order):
        placed[above] = max(placed[above], placed[below] + gap)
    return (placed - (placed - wanted).mean()).tolist()


def _short(yuan: float) -> str:
    """Yuan in 万元 for labels: whole ones from 100 on."""
    return "0" if yuan == 0 else wan(yuan, 0 if abs(yuan) >= 1_000_000 else 1)


def _small_charts(
    title: str,
    note: str,
    names: Sequence[str],
    tall: float,
    figure: Figure | None,
    below: float = style.BELOW,
    sharey: bool = True,
) -> tuple[Figure, list[Axes]]:
    """A figure with a small chart for each name, in rows of at most :data:`ACROSS`. :param tall: inches of a row."""
    columns = 2 if len(names) == 4 else min(len(names), ACROSS)
    rows = -(-len(names) // columns)
    wide = max(3.9 * columns, 10.0)
    above = 0.12 + 0.18 * max(name.count("\n") + 1 for name in names)
    drawn, grid = style.panels(
        title, note, (wide, tall * rows + (above + below) * (rows - 1)), rows, columns, figure, left=0.95 / wide,
        right=1 - 0.25 / wide, above=above, below=below, wspace=0.14 if sharey else 0.3, hspace=(above + below) / tall,
        sharey=sharey,
    )  # fmt: skip
    for axes, name in zip(grid.ravel(), names, strict=False):
        axes.set_title(name, loc="left", fontsize=10, color=DARK)
    panels = list(grid.ravel())
    for axes in panels[len(names) :]:
        axes.remove()
    return drawn, panels[: len(names)]


def _left(panels: list[Axes], label: str) -> None:
    """Label the vertical axis of the first chart of each row."""
    for axes in panels[:: 2 if len(panels) == 4 else ACROSS]:
        axes.set_ylabel(label)


def _note(result: Forecast, note: str) -> str:
    """Source and reading below a figure."""
    return f"{note}\n每年抽样 {result.draws} 次，种子 {result.record['forecast_seed']}。{footnote(result.record)}"
