"""Command ``sweep``: totals over a grid of values."""

from __future__ import annotations

import argparse

import pandas

from openfisca_jining.commands.common import add_law, add_question, deliver, law_of, population_of, progress
from openfisca_jining.report.console import table, wan

#: Rows of a table shown on the screen; the whole is in the workbook.
SHOWN = 40


def add(commands) -> None:
    """Its grammar."""
    command = commands.add_parser(
        "sweep",
        help="参数逐档变动：合计随比例、限额、门槛怎么变",
        description="例：openfisca-jining sweep --over jining_2017.equipment.rate=1%:6%:0.5% "
        "--over jining_2017.equipment.cap_per_enterprise=100万,200万,300万,500万 --from 2021-01-01",
    )
    add_question(command)
    add_law(command)
    add_axes(command)
    command.set_defaults(run=run_sweep)


def add_axes(command: argparse.ArgumentParser) -> None:
    """Options that name varied parameters and the day from which they hold."""
    command.add_argument(
        "--over",
        action="append",
        required=True,
        metavar="参数=下限:上限:步长 或 参数=值,值",
        help="要变动的参数，可重复；值可写 4%% 或 300万元",
    )
    command.add_argument("--from", dest="start", metavar="日期", help="从哪天起变动（缺省：申报年度的 1 月 1 日）")


def run_sweep(options) -> int:
    """Totals over a grid."""
    from openfisca_jining.analysis.sweep import sweep
    from openfisca_jining.report.charts.sweep import charts

    population, status = population_of(options)
    if population is None:
        return status
    system = law_of(options)[1]
    start = options.start or f"{population.year}-01-01"
    axes = axes_of(options, system, start)
    progress(f"正在测算 {len(population)} 个项目")
    result = sweep(population, system, axes)
    deliver(options, "参数变动", text_of(result), result, sheets(result), charts(result))
    return status


def axes_of(options, system, start: str):
    """The varied parameters of a command. :raises RefusedReform: the lint finds errors in a lowest or highest value."""
    from openfisca_jining.analysis.axes import axis
    from openfisca_jining.law import AS_BEFORE
    from openfisca_jining.reform_lint import lint, refuse

    axes = []
    for text in options.over:
        refuse(lint(system, changes=[(text.partition("=")[0].strip(), AS_BEFORE, start)]))
        axes.append(axis(system, text, start))
        for value in {min(axes[-1].values), max(axes[-1].values)}:
            refuse(lint(system, changes=[(axes[-1].path, value, start)]))
    return axes


def shown(result, path: str, value) -> str:
    """A value of a varied parameter in its unit: per cent, 万元 or as it is."""
    return in_unit(value, result.units[path])


def in_unit(value, unit: str) -> str:
    """A value as people read it: ``3%``, ``300 万元``, ``2 家``."""
    if isinstance(value, str) or value is None:
        return str(value) if value is not None else "未定"
    if unit == "/1":
        return f"{100 * value:.6g}%"
    if unit == "元":
        return f"{value / 10_000:,.10g} 万元"
    return f"{value:,.10g} {unit}".strip()


def text_of(result) -> str:
    """What the screen shows: the current law, totals, elasticities."""
    lines = [f"变动前合计 {wan(result.baseline)} 万元。变动的参数（自 {result.axes[0].start} 起）："]
    lines += [
        f"  {place}. {result.labels[axis.path]}：变动前 {shown(result, axis.path, result.current[axis.path])}，{len(axis.values)} 档"
        for place, axis in enumerate(result.axes, 1)
    ]
    if len(result.axes) == 2 and len(result.axes[1].values) <= 8:
        grid = result.grid()
        first, second = (axis.path for axis in result.axes)
        head = [
            "参数 1 \\ 参数 2",
            *(shown(result, second, value) for value in grid.columns),
        ]
        rows = [
            [shown(result, first, value), *(wan(total) for total in row)]
            for value, row in zip(grid.index, grid.to_numpy(), strict=True)
        ]
        lines += ["", "合计（万元）", table(head, rows)]
    else:
        paths = [axis.path for axis in result.axes]
        head = [*(result.labels[path] for path in paths), "合计（万元）", "与变动前差额", "企业限额削减占比"]
        rows = [
            [
                *(shown(result, path, row[path]) for path in paths),
                wan(row["total"]),
                wan(row["difference"]),
                f"{row['cap_share']:.1%}",
            ]
            for row in result.table.head(SHOWN).to_dict("records")
        ]
        lines += ["", table(head, rows, left=len(paths))]
        if len(result.table) > SHOWN:
            lines.append(f"（共 {len(result.table)} 种情形，只列前 {SHOWN} 种；全部见 --out 写出的工作簿）")
    if len(result.elasticity):
        lines += ["", "弹性（现行值再提高或降低 1%，合计变动的百分比和金额，万元）"]
        rows = [
            [
                result.labels[row["parameter"]],
                f"{row['up']:+.3f}%",
                wan(row["up_yuan"]),
                f"{row['down']:+.3f}%",
                wan(row["down_yuan"]),
            ]
            for row in result.elasticity.to_dict("records")
        ]
        lines.append(table(["参数", "提高 1%", "金额", "降低 1%", "金额"], rows))
    low, high = result.table["total"].min(), result.table["total"].max()
    lines.append(f"\n各情形合计在 {wan(low)} 至 {wan(high)} 万元之间。")
    if low == high and (result.table["after_caps"] > 0).any() and result.table["promised"].nunique() > 1:
        lines.append("合计不变：资金池已经用完，参数只改变谁分得多少。")
    return "\n".join(lines)


def sheets(result):
    """Tables of the workbook."""
    from openfisca_jining.report.workbook import Sheet

    names = {
        "total": "合计",
        "difference": "与变动前差额",
        "promised": "按比例应得",
        "cap": "限额削减",
        "after_caps": "择一、不重复和资金池削减",
        "cap_share": "限额削减占比",
    }
    names |= dict(result.labels.items())
    note = f"变动前合计 {wan(result.baseline)} 万元；金额单位：万元；参数自 {result.axes[0].start} 起变动。数据：{result.record['source']}"
    formats = {"限额削减占比": "share"} | {
        result.labels[path]: {"/1": "share", "元": "money"}.get(unit, "number") for path, unit in result.units.items()
    }
    formats = {
        name: "text" if any(isinstance(value, str) for value in result.table.rename(columns=names)[name]) else form
        for name, form in formats.items()
    }
    made = [Sheet("参数变动", "各档参数下的合计", result.table.rename(columns=names), note, formats)]
    if len(result.elasticity):
        table_ = result.elasticity.assign(parameter=result.elasticity["parameter"].map(result.labels)).drop(
            columns="value"
        )
        table_.columns = pandas.Index(["参数", "提高 1%：变动", "提高 1%：金额", "降低 1%：变动", "降低 1%：金额"])
        table_[["提高 1%：变动", "降低 1%：变动"]] /= 100
        made.append(
            Sheet("弹性", "现行值附近的弹性", table_, note, {"提高 1%：变动": "share", "降低 1%：变动": "share"})
        )
    return made
