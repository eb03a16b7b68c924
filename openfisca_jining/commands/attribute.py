"""Command ``attribute``."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.commands.common import add_question, deliver, population_of, progress
from openfisca_jining.errors import UnknownParameter
from openfisca_jining.report.console import table, wan
from openfisca_jining.report.words import parameter_title, parameter_value

BY = ("instrument", "payer")


def add(commands) -> None:
    """Its grammar."""
    attribute = commands.add_parser("attribute", help="几项改动同时实施：总变化中每项各占多少（单独、叠加、夏普利）")
    add_question(attribute)
    attribute.add_argument(
        "--change",
        action="append",
        default=[],
        metavar="改动",
        help="一项改动，至少两项：改革模块名、改革文件（.yaml）、参数=值@日期，或 文件.读法=取值",
    )
    attribute.add_argument(
        "--reading", action="append", default=[], metavar="文件.读法=取值", help="各项政策共用的读法"
    )
    attribute.add_argument("--supply", action="append", default=[], metavar="参数=数", help="提供文件未定的数额")
    attribute.add_argument("--by", action="append", choices=BY, default=[], help="再按政策工具或付款财政分解，可重复")
    attribute.set_defaults(run=run_attribute)


def run_attribute(options) -> int:
    """Shares of several changes in the whole change."""
    from openfisca_jining.analysis.attribute import attribute
    from openfisca_jining.reforming import reformed
    from openfisca_jining.report.charts.attribute import shares_chart

    if len(options.change) < 2:
        print("用法不对：请用 --change 给出至少两项改动，每项一个 --change。", file=sys.stderr)
        return 2
    population, status = population_of(options)
    if population is None:
        return status
    baseline = reformed(CountryTaxBenefitSystem(), readings=options.reading, supply=options.supply)
    parts = [part_of(text, baseline) for text in options.change]
    progress(f"正在测算 {2 ** len(parts)} 种政策组合")
    result = attribute(population, baseline, parts)
    figures = {"分摊": partial(shares_chart, result)}
    deliver(options, "改动分摊", report(result, options.by), result, sheets_of(result), figures)
    return status


# ----- the changes, from what is typed to words -----


def part_of(text: str, law):
    """The change that ``--change`` names. :raises UnknownParameter, UnknownReading: it does not fit the law."""
    from openfisca_jining.analysis.attribute import Part
    from openfisca_jining.reform_lint import lint, refuse
    from openfisca_jining.reforming import reformed

    if Path(text).suffix in (".yaml", ".yml") or "=" not in text:
        refuse(lint(law, reforms=[text]))
        return Part(str(reformed(law, reforms=[text]).name), partial(reformed, reforms=[text]))
    changes, readings = ([text], []) if "@" in text else ([], [text])
    if readings and names_a_parameter(law, text.partition("=")[0]):
        raise UnknownParameter([text], f"「{text}」没有起始日期，改参数应写成 参数=值@YYYY-MM-DD。")
    refuse(lint(law, changes=changes, readings=readings))
    name = change_words(law, reformed(law, changes=changes, readings=readings)) or f"{text}（与现行相同）"
    return Part(name, partial(reformed, changes=changes, readings=readings, name=name))


def names_a_parameter(law, path: str) -> bool:
    """Whether a path leads to a parameter as it stands (a reading may be written without its folder)."""
    from openfisca_jining.law import find

    try:
        return not find(law.parameters, path.strip()).metadata.get("readings")
    except UnknownParameter:
        return False


def change_words(before, after) -> str:
    """The parameters that differ between two laws, in Chinese words, e.g. 济宁 2017 设备补助 单个企业最高补助由 300 万元改为 500 万元."""
    from openfisca_jining.analysis.attribute import moved_by
    from openfisca_jining.law import leaves

    moved = moved_by(before, after)
    old = {parameter.name: parameter for parameter in leaves(before.parameters)}
    words = (_words(before, old[new.name], new) for new in leaves(after.parameters) if new.name in moved & old.keys())
    return "；".join(one for one in words if one)


def _words(law, old, new) -> str:
    """One parameter's new values, each with its first day; nothing if they are the old ones."""
    known = new.metadata.get("readings")
    steps, last = [], None
    for day in sorted({at.instant_str for at in (*old.values_list, *new.values_list)}):
        was, value = old.get_at_instant(day), new.get_at_instant(day)
        if was != value and value != last:
            steps.append(
                known[value] if known else f"{parameter_value(new, was)} → {parameter_value(new, value)}（{day} 起）"
            )
        elif was == value and last is not None:
            steps.append(f"{day} 起恢复原值")
        last = value if was != value else None
    return f"{parameter_title(law, new)}{'：' if known else ' '}{'，'.join(steps)}" if steps else ""


# ----- the report -----


def report(result, by) -> str:
    """What the screen shows: the answer in one sentence, then the shares."""
    from openfisca_jining.analysis.attribute import DIMENSIONS

    record = result.record
    made_up = "（合成数据，非实际申报）" if record["synthetic"] else ""
    lines = [
        answer(result),
        "",
        f"申报年度 {record['year']}：{record['projects']} 个项目，{record['enterprises']} 家企业{made_up}。"
        f"测算了 {len(result.paid)} 种政策组合。金额单位：万元。",
        *(f"改动 {number}：{name}" for number, name in enumerate(result.parts, start=1)),
        "",
        shares_text(result.table()),
        "单独实施：只有这一项。依次叠加：按改动的序号，加在前几项之上。最后加入：加在其余各项之上。",
        "夏普利分摊：各种先后次序下所增数额的平均，合计恰等于总变化。",
    ]
    for name in by:
        tables = result.table(name)
        moved = [line for line in result.totals(name) if tables.loc[line].any(axis=None)]
        for line in moved:
            lines += ["", f"{DIMENSIONS[name]}：{line}", shares_text(tables.loc[line])]
        still = [line for line in result.totals(name) if line not in moved]
        if still:
            lines += ["", f"各项改动都不影响的{DIMENSIONS[name]}：{'、'.join(still)}。"]
    return "\n".join(lines)


def headline(result) -> str:
    """The whole change in a few words."""
    from openfisca_jining.report.words import changed

    return f"{len(result.parts)} 项改动同时实施，支出{changed(result.difference()['difference'].iloc[0])}"


def answer(result) -> str:
    """The answer in one sentence."""
    shares, together = result.table()["shapley"], result.difference()["interaction"].iloc[0]
    most = shares.abs().idxmax()
    share = f"，分摊最多的是「{most}」（{wan(shares[most])} 万元）" if shares[most] else ""
    effect = "各项单独实施之和就等于总变化"
    if together:
        effect = f"比各自单独实施之和{'多' if together > 0 else '少'} {wan(abs(together))} 万元"
    return f"{headline(result)}{share}；{effect}。"


def shares_text(shares) -> str:
    """Shares of one line as an aligned table in 万元, with their sums and the interaction."""
    from openfisca_jining.analysis.attribute import WAYS
    from openfisca_jining.analysis.budget import to_fen_signed
    from openfisca_jining.money import to_yuan

    fen = {way: to_fen_signed(shares[way]).sum() for way in WAYS}
    rows = [
        [f"改动 {number}", *map(wan, row)] for number, row in enumerate(shares[list(WAYS)].to_numpy().tolist(), start=1)
    ]
    rows.append(["合计", *(wan(to_yuan(total).item()) for total in fen.values())])
    together = to_yuan(fen["stacked"] - fen["alone"]).item()  # 依次叠加的合计就是总变化
    rows.append(["相互作用（总变化 - 单独实施之和）", wan(together), *[""] * (len(WAYS) - 1)])
    return table(["", *WAYS.values()], rows)


def sheets_of(result) -> list:
    """Workbook: the shares in total, by instrument and by payer, and every law computed."""
    import pandas

    from openfisca_jining.analysis.attribute import DIMENSIONS, WAYS
    from openfisca_jining.report.workbook import Sheet

    record = result.record
    made_up = "合成数据，非实际申报。" if record["synthetic"] else ""
    about = f"{made_up}数据：{record['source']}；申报年度 {record['year']}；金额单位：万元。"
    numbered = {name: f"{number}. {name}" for number, name in enumerate(result.parts, start=1)}
    whole_headings = {
        "baseline": "现行",
        "reform": "同时实施",
        "difference": "总变化",
        "alone": "单独实施之和",
        "interaction": "相互作用",
    }

    def shares(dimension=None) -> pandas.DataFrame:
        return result.table(dimension).rename(index=numbered).rename(columns=WAYS).reset_index()

    whole = pandas.concat([result.difference(name) for name in (None, *DIMENSIONS)])
    laws = result.laws()
    for number, name in enumerate(result.parts, start=1):
        laws.insert(number - 1, f"改动 {number}", laws.pop(name).map({True: "有", False: ""}))
    return [
        Sheet("分摊", headline(result), shares(), f"{answer(result)}{about}"),
        *(
            Sheet(f"按{heading}", f"每项改动占多少（按{heading}）", shares(name), about)
            for name, heading in DIMENSIONS.items()
        ),
        Sheet(
            "总变化", "总变化和相互作用", whole.rename(columns=whole_headings).rename_axis("范围").reset_index(), about
        ),
        Sheet("政策组合", "测算过的每一种组合", laws.rename(columns={"paid": "实付"}), about),
    ]
