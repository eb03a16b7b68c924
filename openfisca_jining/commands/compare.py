"""Command ``compare``."""

from __future__ import annotations

import re
import sys
from functools import partial

from openfisca_jining.commands.attribute import change_words
from openfisca_jining.commands.common import (
    BY,
    add_law,
    add_question,
    deliver,
    heading,
    law_of,
    population_of,
    progress,
)
from openfisca_jining.commands.grammar import MOST_TIMES, integer
from openfisca_jining.report.console import table, wan
from openfisca_jining.report.words import answer, headline, signed

#: Enterprises listed on the screen unless told otherwise.
LOSERS = 10


def add(commands) -> None:
    """Its grammar."""
    compare = commands.add_parser("compare", help="现行政策与改革：支出差多少，谁增谁减，因哪项政策、哪一栏")
    add_question(compare)
    add_law(compare)
    compare.add_argument(
        "--reform-reading",
        action="append",
        default=[],
        metavar="文件.读法=取值",
        help="只在改革一方改变的读法（--reading 和 --supply 两方都用）",
    )
    compare.add_argument("--by", action="append", choices=list(BY), default=[], help="再按什么分组，可重复")
    compare.add_argument(
        "--losers",
        type=integer(MOST_TIMES),
        default=LOSERS,
        metavar="家数",
        help=f"列出减少最多的几家（缺省：{LOSERS}）",
    )
    compare.set_defaults(run=run_compare)


def run_compare(options) -> int:
    """Totals, ledger, winners and losers of current law against a reform."""
    from openfisca_jining.analysis.compare import compare
    from openfisca_jining.report.charts.compare import bands_chart, gains_and_losses_chart

    if not (options.reform or options.set or options.reform_reading):
        said = "用法不对：请用 --reform、--set 或 --reform-reading 说明与什么比较。"
        if options.reading:
            said += f"--reading 两方都用；只改改革一方请写 --reform-reading {options.reading[0]}。"
        print(said, file=sys.stderr)
        return 2
    if options.losers < 0:
        print("用法不对：--losers 应为 0 或正整数。", file=sys.stderr)
        return 2
    population, status = population_of(options)
    if population is None:
        return status
    baseline, after = law_of(options, population)
    name = "；".join(reform_words(after, baseline))
    progress(f"正在测算 {len(population)} 个项目")
    result = compare(population, baseline, after)
    figures = {
        "增减按政策工具": partial(gains_and_losses_chart, result, name),
        "增减按企业": partial(bands_chart, result, name),
    }
    text = report(result, name, options.by, options.losers)
    deliver(options, "改革比较", text, result, sheets_of(result, name, options.by), figures)
    return status


def reform_words(system, baseline) -> list[str]:
    """What the laws stacked on a baseline change, in Chinese: the title of a reform, or the parameters in words."""
    from openfisca_jining.reforming import SINGLE

    words: list[str] = []
    while system is not baseline:
        words.insert(0, change_words(system.baseline, system) if system.name == SINGLE else str(system.name))
        system = system.baseline
    return [word for word in words if word] or ["与现行相同"]


def report(result, name: str, by, losers: int) -> str:
    """What the screen shows: the answer, then tables by instrument, by what is asked for, by size of change, and the losers."""
    from openfisca_jining.analysis.budget import DIMENSIONS

    paid = result.coming_and_going()
    others = result.baseline.record["enterprises"] - sum(result.counts().values())
    lines = [
        answer(result),
        "",
        heading(result.baseline),
        f"改革：{name}",
        "",
        changes_text(result, "instrument", "payer"),
        f"获补企业由 {paid['paid_before']} 家变为 {paid['paid_after']} 家：{paid['newly_paid']} 家新获补，"
        f"{paid['no_longer_paid']} 家不再获补。另有 {others} 家两种政策下都没有按比例应得的资金。",
        "",
        "台账各栏的变化：",
        ledger_text(result),
    ]
    for choice in by:
        lines += ["", f"按{DIMENSIONS[BY[choice]]}：", changes_text(result, BY[choice])]
    lines += ["", "企业增减的大小：", distribution_text(result)]
    listed = result.losers()
    if listed.empty:
        lines += ["", "没有企业减少。"]
    elif losers:
        lines += [
            "",
            f"减少最多的 {min(losers, len(listed))} 家（共 {len(listed)} 家减少）：",
            moved_text(listed.head(losers)),
        ]
    return "\n".join(lines)


def changes_text(result, *dimensions: str) -> str:
    """Before, after, difference and numbers of winners and losers by dimensions, with the sum, in 万元."""
    from openfisca_jining.analysis.budget import DIMENSIONS

    rows = []
    for key, line in result.by(*dimensions).iterrows():
        names = [str(part) for part in key] if isinstance(key, tuple) else [str(key)]
        money = [wan(line[column]) for column in ("baseline", "reform", "difference")]
        rows.append([*names, *money, *(str(int(line[column])) for column in ("gain", "lose", "same"))])
    counts = result.counts()
    totals = [wan(value) for value in (result.baseline.total, result.reform.total, result.difference)]
    blank = [""] * (len(dimensions) - 1)
    rows.append(["合计", *blank, *totals, *(str(counts[side]) for side in ("gain", "lose", "same"))])
    headings = [*(DIMENSIONS[name] for name in dimensions), "现行", "改革", "差额", "增加家数", "减少家数", "不变家数"]
    return table(headings, rows, left=len(dimensions))


def ledger_text(result) -> str:
    """Change of every ledger column by instrument, of the instruments in which anything moves, in 万元."""
    from openfisca_jining.analysis.budget import LEDGER, to_fen_signed
    from openfisca_jining.money import to_yuan

    change = result.ledger_change()
    moved = change[change.any(axis=1)]
    rows = [[str(name), *(wan(line[column]) for column in LEDGER)] for name, line in moved.iterrows()]
    sums = [to_yuan(to_fen_signed(change[column]).sum()).item() for column in LEDGER]
    return table(["政策工具", *LEDGER.values()], [*rows, ["合计", *map(wan, sums)]])


def distribution_text(result) -> str:
    """Numbers of enterprises and money by size of change, bands that hold anybody, in 万元."""
    bands = result.distribution()
    rows = [
        [str(name), str(int(band["enterprises"])), wan(band["difference"])]
        for name, band in bands[bands["enterprises"] > 0].iterrows()
    ]
    return table(["增减", "企业数", "差额"], rows)


def moved_text(moved) -> str:
    """Enterprises that gain or lose, with the instrument and the ledger column that moved most, in 万元."""
    rows = [
        [
            f"{line['enterprise']} {line['name']}".strip(),
            line["county"],
            line["instrument"],
            f"{line['column']} {signed(line['column_difference'])}",
            *(wan(line[column]) for column in ("baseline", "reform", "difference")),
        ]
        for line in moved.to_dict("records")
    ]
    headings = ["企业", "县（市、区）", "变动最大的政策工具", "其中变动最大的台账栏", "现行", "改革", "差额"]
    return table(headings, rows, left=4)


def with_sum(rows, counts=None):
    """A table with a last line 合计: money summed to the fen. :param counts: numbers of enterprises, which do not add up."""
    import pandas

    from openfisca_jining.analysis.budget import to_fen_signed
    from openfisca_jining.money import to_yuan

    total = {name: to_yuan(to_fen_signed(rows[name]).sum()).item() for name in rows.select_dtypes("float")}
    texts = dict.fromkeys(rows.columns, "") | {rows.columns[0]: "合计"}
    return pandas.concat([rows, pandas.DataFrame([texts | total | (counts or {})])], ignore_index=True)


def sheets_of(result, name: str, by) -> list:
    """Workbook: by instrument, ledger, by what is asked for, by size of change, every enterprise that gains or loses."""
    import pandas

    from openfisca_jining.analysis.budget import DIMENSIONS, LEDGER
    from openfisca_jining.analysis.compare import MOVED_HEADINGS, SIDE_HEADINGS
    from openfisca_jining.report.workbook import Sheet

    record = result.baseline.record
    made_up = "合成数据，非实际申报。" if record["synthetic"] else ""
    about = f"{made_up}数据：{record['source']}；申报年度 {record['year']}；金额单位：万元。改革：{name}。"
    headings = {"baseline": "现行", "reform": "改革", "difference": "差额"} | SIDE_HEADINGS

    def lines(*dimensions: str) -> pandas.DataFrame:
        named = result.by(*dimensions).rename_axis([DIMENSIONS[one] for one in dimensions]).reset_index()
        return with_sum(named, result.counts()).rename(columns=headings)

    ledger = with_sum(result.ledger_change().rename_axis("政策工具").reset_index()).rename(columns=LEDGER)
    bands = result.distribution().rename(columns={"enterprises": "企业数", "difference": "差额"})
    moved = pandas.concat(
        [part for part in (result.losers(), result.winners()[::-1]) if len(part)] or [result.losers()]
    )
    sheets = [
        Sheet("按政策工具", headline(result), lines("instrument", "payer"), f"{made_up}{answer(result)}"),
        Sheet("台账变化", "台账各栏的变化（改革减现行）", ledger, about),
        Sheet("增减分布", "企业按增减大小的分布", bands.rename_axis("增减").reset_index(), about),
        Sheet("增减企业", "增加和减少的企业（减少最多的在前）", moved.rename(columns=MOVED_HEADINGS), about),
    ]
    for choice in dict.fromkeys(by):
        title = "按" + re.sub("[（、）]", "", DIMENSIONS[BY[choice]])
        if title not in [sheet.name for sheet in sheets]:
            sheets.append(Sheet(title, title, lines(BY[choice]), about))
    return sheets
