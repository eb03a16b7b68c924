"""Command ``notch``."""

from __future__ import annotations

import argparse
from functools import partial

import pandas

from openfisca_jining.commands.common import (
    add_law,
    add_question,
    deliver,
    heading,
    law_of,
    population_of,
    progress,
    reform_titles,
)
from openfisca_jining.report.console import table, wan

#: Rows of a list on the screen; the whole list goes into the files.
LISTED = 8
#: Columns of the cliff table that say what a line is and where it is written.
WHERE = ("document", "label", "value", "comparison", "clause", "parameter")
#: Yuan below which an amount is told in yuan.
SMALL = 100
STAGE = (
    "口径：金额是资金池之前、企业选择之后的应得额（企业无从预知资金池），与同一技改共同体的企业合计；"
    "只有「都凑线」的财政支出另列资金池之后的数。一切数字都是改变事实后重新运行法规算出的。"
)


def add(commands) -> None:
    """Its grammar."""
    notch = commands.add_parser("notch", help="断崖、拐点和钻空子：凑线、拆分、改日期、组共同体各值多少钱")
    add_question(notch)
    add_law(notch)
    notch.add_argument("--enterprise", default="", metavar="编号", help="用这家企业的项目去碰各条线（缺省：典型项目）")
    notch.add_argument(
        "--within", type=_share, default=None, metavar="比例", help="离线多近算线下附近（缺省：0.05，即百分之五）"
    )
    notch.set_defaults(run=run_notch)


def _share(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 1:
        raise argparse.ArgumentTypeError(f"应大于 0、小于 1，如 0.05，收到「{text}」")
    return value


def run_notch(options) -> int:
    """Cliffs, kinks and gaming of one law on one population."""
    from openfisca_jining.analysis.notch import WITHIN, notch
    from openfisca_jining.report.charts.notch import bunching_chart, cliffs_chart, gaming_chart, support_chart

    population, status = population_of(options)
    if population is None:
        return status
    baseline, system = law_of(options)
    law = law_words(reform_titles(system, baseline), [*options.reading, *options.supply])
    progress(f"正在测算 {len(population)} 个项目")
    result = notch(population, system, within=options.within or WITHIN, enterprise=options.enterprise)
    figures = {
        "断崖": partial(cliffs_chart, result),
        "边际支持率": partial(support_chart, result),
        "钻空子": partial(gaming_chart, result),
        "线下的项目": partial(bunching_chart, result),
    }
    deliver(options, "断崖与钻空子", report(result, law), result, sheets_of(result, law), figures)
    return status


# ----- the screen -----


def report(result, law: str = "") -> str:
    """The whole report as text."""
    parts = [
        finding(result),
        f"{heading(result)}{law}\n{STAGE}",
        cliffs_text(result),
        margins_text(result),
        splits_text(result),
        dates_text(result),
        consortia_text(result),
        bunching_text(result),
        others_text(result),
    ]
    return "\n\n".join(parts)


def finding(result) -> str:
    """The main finding in one sentence."""
    return f"主要发现：{cliff_words(result)}；{near_words(result)}；{loophole_words(result)}。"


def cliff_words(result) -> str:
    """How many lines make a cliff, and the largest."""
    jumps = result.cliffs.table
    jumps = jumps[jumps["jump"] > 0]
    whose = f"企业 {result.enterprise} 面前有 " if result.enterprise else ""
    if not len(jumps):
        return f"{whose.removesuffix('有 ')}没有一条线造成断崖（跨过线不多得钱）"
    top = jumps.loc[jumps["jump"].idxmax()]
    return f"{whose}{len(jumps)} 条线造成断崖，最大一跳 {wan(top['jump'])} 万元（{top['project']}，{top['label']}）"


def near_words(result) -> str:
    """How many projects sit just under a line, and what padding would bring."""
    lines = result.bunching.table
    near, able = int(lines["near"].sum()), int(lines["able"].sum())
    if not near:
        return f"没有项目在线下 {result.within:.0%} 以内"
    words = f"线下 {result.within:.0%} 以内有 {near} 个项目，其中 {able} 个凑到线上有钱可得"
    if not able:
        return words
    return f"{words}（多投 {in_words(lines['extra'].sum())}，多得 {in_words(lines['grant'].sum())}）"


def loophole_words(result) -> str:
    """The way of cutting projects that brings most."""
    top = result.splits.table.sort_values("total", ascending=False, kind="stable").iloc[0]
    if top["total"] <= 0:
        return "拆分、合并都不能多得"
    return f"最大的漏洞是{top['way']}：{top['enterprises']} 家企业共可多得 {wan(top['total'])} 万元"


def law_words(reforms: list[str], taken: list[str]) -> str:
    """The law that was asked about: reforms, and readings and supplied quantities other than the defaults."""
    words = f"改革：{'；'.join(reforms)}。" if reforms else ""
    return words + (f"另取：{'；'.join(taken)}。" if taken else "")


def cliffs_text(result) -> str:
    """The cliff table."""
    rows = [
        [
            row["project"],
            f"{row['label']} {quantity(row['value'], row['unit'])}",
            row["fact"],
            at_words(row["at"], row["fact_unit"]),
            money(row["below"]),
            money(row["reached"]),
            money(row["jump"]),
            region(row),
            *([at_words(row["now"], row["fact_unit"]), money(row["gain"])] if result.enterprise else []),
        ]
        for row in result.cliffs.table.to_dict("records")
    ]
    headings = ["项目", "线", "变动的事实", "到线时", "差一步得", "到线得", "一跳", "凑线合算的投资（不含线）"]
    headings += ["现为", "从现在凑到线多得"] if result.enterprise else []
    text = f"一、断崖：{'本企业的项目' if result.enterprise else '典型项目'}只变一个事实，线下一步与到线\n"
    if not rows:
        return text + "没有一条线与本企业的项目有关。"
    return text + table(headings, rows, left=3)


def margins_text(result) -> str:
    """Pieces of the curves drawn in the chart."""
    shown = {name for names in result.panels.values() for name in names}
    pieces = result.margins.table
    rows = [
        [
            row["project"],
            exact(row["start"]),
            exact(row["end"]),
            f"{row['rate'] * 100:.4f}".rstrip("0").rstrip(".") + ("%（平均）" if row["curved"] else "%"),
            wan(row["jump"]) if row["jump"] else "",
            wan(row["money"]),
            f"{row['average']:.2%}",
        ]
        for row in pieces[pieces["project"].isin(shown)].to_dict("records")
    ]
    headings = ["项目", "投资从", "到", "每多投一元多得", "起点一跳", "起点得", "终点平均支持率"]
    hidden = pieces["project"].nunique() - len(shown)
    more = f"\n另有 {hidden} 种典型项目见 --out 写出的表。" if hidden > 0 else ""
    return "二、边际支持率（投资 10 万元至 2 亿元，市、区合计）\n" + table(headings, rows) + more


def splits_text(result) -> str:
    """Splitting and merging: summary, best enterprises, typical sizes."""
    summary = [
        [row["way"], *(str(row[name]) for name in ("tried", "gain", "same", "lose", "enterprises")), wan(row["total"])]
        for row in result.splits.table.to_dict("records")
    ]
    headings = ["做法", "试算", "多得", "不变", "少得", "能多得的企业", "企业共多得"]
    text = "三、拆分与合并（金额对半；每家企业取最好的一个，两家企业分开算是钻空子的风险）\n" + table(headings, summary)
    best = result.split_enterprises.table
    if len(best):
        rows = [
            [row["way"], row["enterprise_id"], row["project_id"], wan(row["gain"]), row["instruments"]]
            for row in best.sort_values("gain", ascending=False, kind="stable").head(LISTED).to_dict("records")
        ]
        text += f"\n\n多得最多的企业（共 {len(best)} 家次）：\n"
        text += table(["做法", "企业", "项目", "多得", "多得来自"], rows, left=3)
    return text + "\n\n" + sizes_text(result)


def sizes_text(result) -> str:
    """For which curves and sizes splitting pays."""
    sizes = result.sizes.table
    lines = []
    for way, words in (("same", "同一企业内拆"), ("two", "拆成两家企业")):
        pays = sizes[sizes[f"{way}_gain"] > 0]
        best = pays.loc[pays.groupby("project", sort=False)[f"{way}_gain"].idxmax()] if len(pays) else pays
        named = [
            f"{row['project']} {wan(row['investment'], 0)} 万元多得 {wan(row[f'{way}_gain'])}"
            for row in best.to_dict("records")
        ]
        loses = sizes.loc[sizes[f"{way}_gain"] < 0, "project"].nunique()
        words += f"：多得的有 {'、'.join(named)}" if named else "：没有多得的"
        lines.append(f"{words}；有 {loses} 种在某些规模下反而少得（拆后够不到线，或一年只能报一个）。")
    return "规模为各拐点的 1.5 倍和 2 倍时，" + "\n".join(lines)


def dates_text(result) -> str:
    """Applying on another day."""
    rows = [
        [
            row["shift"],
            row["note"] or row["what"],
            count(row["gain"]),
            money(row["gained"]),
            count(row["lose"]),
            money(row["lost"]),
            money(row["difference"]),
        ]
        for row in result.dates.table.to_dict("records")
    ]
    headings = ["申报日", "当天变的", "多得的企业", "多得", "少得的企业", "少得", "差额"]
    return "四、改申报日期（前几行：假设全部企业都在前一天、都在当天申报；后几行：每家从自己的申报日移动）\n" + table(
        headings, rows, left=2
    )


def consortia_text(result) -> str:
    """Forming a consortium."""
    text = "五、组成共同体（各自单独计算，不能相加）\n" + result.consortia.note
    best = result.consortia.table.head(LISTED)
    if not len(best):
        return text
    rows = [
        [
            row["enterprise_id"],
            row["leader"],
            row["others"] or "-",
            exact(row["investment"]),
            exact(row["joint"]),
            wan(row["own"]),
            wan(row["gain"]),
        ]
        for row in best.to_dict("records")
    ]
    headings = ["企业", "牵头企业", "另一家", "本企业投资", "合计投资", "本企业得", "各家共多得"]
    return text + "\n" + table(headings, rows, left=3)


def bunching_text(result) -> str:
    """Projects just under the lines."""
    rows = [
        [
            row["document"],
            f"{row['label']} {quantity(row['value'], row['unit'])}",
            *(str(row[name]) for name in ("concerned", "near")),
            f"{row['share']:.1%}",
            *(str(row[name]) for name in ("above", "able", "worth")),
            extra(row["extra"]),
            *(wan(row[name]) for name in ("grant", "cost", "paid")),
        ]
        for row in result.bunching.table.to_dict("records")
    ]
    headings = [
        "文件", "线", "涉及", "线下", "占比", "线上", "有得", "合算", "须多投", "凑线多得", "资金池前多给", "资金池后多付",
    ]  # fmt: skip
    padding = result.padding
    text = f"六、线下 {result.within:.0%} 以内的项目（有得：凑线有钱可得；合算：多得不少于多投）\n"
    text += table(headings, rows, left=2)
    text += f"\n线下的项目全都凑到线上：财政在资金池前多给 {wan(padding['cost'])} 万元，资金池后多付 {wan(padding['paid'])} 万元"
    if padding["paid"] < padding["cost"]:
        text += "（资金池不够分，多出的申请由其他企业少得来抵；企业改选市、区资金也会使另一级少付）"
    return text + "。"


def others_text(result) -> str:
    """Thresholds that are no lines for a project."""
    return f"另有 {len(result.others.table)} 条带比较的参数是目标或全市、全园区的要求，不按项目给钱，没有断崖（见 --out 写出的表）。"


def quantity(value: float, unit: str) -> str:
    """A parameter's value with its unit."""
    if missing(value):
        return "文件未定"
    if unit == "元":
        return f"{exact(value)} 万元"
    return f"{value * 100:g}%" if unit == "/1" else f"{value:,.10g} {unit}"


def at_words(value: float, unit: str) -> str:
    """A value of a fact: money in 万元, counts with their unit, "-" where there is none."""
    if missing(value):
        return "-"
    return exact(value) if unit == "元" else f"{value:g} {unit}"


def region(row: dict) -> str:
    """Where padding up to the line pays for itself."""
    return "-" if missing(row["width"]) else f"{exact(row['start'])} 至 {exact(row['at'])}"


def in_words(yuan: float) -> str:
    """An amount with its unit: yuan below 100 yuan, 万元 from there on."""
    return f"{yuan:,.2f} 元" if abs(yuan) < SMALL else f"{wan(yuan)} 万元"


def exact(yuan: float) -> str:
    """Yuan as 万元 to the fen: at least two decimals, up to six where there are fen."""
    whole = wan(yuan, 6)
    return whole[:-4] + whole[-4:].rstrip("0")


def extra(yuan: float) -> str:
    """An amount to invest, in 万元; below 100 yuan in yuan with its unit, "-" where there is none."""
    return "-" if missing(yuan) else in_words(yuan) if 0 < yuan < SMALL else wan(yuan)


def money(yuan: float) -> str:
    """Yuan as 万元, "-" where there is none."""
    return "-" if missing(yuan) else wan(yuan)


def count(number: float) -> str:
    """A number of enterprises, "-" where it could not be computed."""
    return "-" if missing(number) else str(int(number))


def missing(value) -> bool:
    """Whether there is no number."""
    return value is None or bool(pandas.isna(value))


# ----- the workbook -----


def sheets_of(result, law: str = "") -> list:
    """Every part as a sheet. :param law: see :func:`law_words`."""
    from openfisca_jining.report.workbook import Sheet

    about = f"{heading(result)}{law}资金池之前、企业选择之后的应得额，与同一共同体的企业合计。"
    cliffs = result.cliffs.table.copy()
    cliffs["value"] = [quantity(*pair) for pair in zip(cliffs["value"], cliffs["unit"], strict=True)]
    for name in ("at", "now", "missing"):
        cliffs[name] = [at_words(*pair) for pair in zip(cliffs[name], cliffs["fact_unit"], strict=True)]
    where = cliffs[list(WHERE)].drop_duplicates().rename(columns=result.cliffs.headings)
    left_out = ["unit", "fact_unit", "clause", "parameter", "comparison"]
    left_out += [] if result.enterprise else ["now", "missing", "gain"]
    cliffs = cliffs.drop(columns=left_out).rename(columns=result.cliffs.headings)
    lines = result.bunching.table.copy()
    lines["value"] = [quantity(*pair) for pair in zip(lines["value"], lines["unit"], strict=True)]
    lines = lines.drop(columns=["unit", "parameter"]).rename(columns=result.bunching.headings)
    others = result.others.table.copy()
    others["value"] = [
        "本年度没有" if missing(value) else quantity(value, unit)
        for value, unit in zip(others["value"], others["unit"], strict=True)
    ]
    others = others.drop(columns="unit").rename(columns=result.others.headings)
    pieces = result.margins.in_chinese()
    typical = pandas.DataFrame(list(result.about.items()), columns=["项目", "是什么"])
    heads = {name: getattr(result, name).headings for name in result.PARTS}
    return [
        Sheet("断崖", "断崖：线下一步与到线", cliffs, about),
        Sheet("线与条款", "各条线写在哪里", where, about),
        Sheet("典型项目", "典型项目", typical, about),
        Sheet(
            "边际支持率",
            "边际支持率：投资 10 万元至 2 亿元",
            pieces,
            about,
            {heads["margins"]["rate"]: "share", heads["margins"]["average"]: "share"},
        ),
        Sheet("拆分与合并", "拆分与合并", result.splits.in_chinese(), about),
        Sheet("拆分得益企业", "拆分、合并能多得的企业", result.split_enterprises.in_chinese(), about),
        Sheet("典型项目拆分", "典型项目拆分：各拐点的 1.5 倍和 2 倍", result.sizes.in_chinese(), about),
        Sheet(
            "改申报日期",
            "改申报日期",
            result.dates.in_chinese(),
            about,
            {heads["dates"]["gain"]: "count", heads["dates"]["lose"]: "count"},
        ),
        Sheet("组成共同体", "组成共同体", result.consortia.in_chinese(), f"{heading(result)}{result.consortia.note}"),
        Sheet("线下的项目汇总", f"线下 {result.within:.0%} 以内", lines, about, {heads["bunching"]["share"]: "share"}),
        Sheet("线下的项目", f"线下 {result.within:.0%} 以内的项目", result.near.in_chinese(), about),
        Sheet("其他门槛", "不按项目给钱的门槛（目标、全市或全园区的要求）", others, about),
    ]
