"""Command ``readings``."""

from __future__ import annotations

import dataclasses
import sys
from functools import partial

from openfisca_jining.commands.common import add_law, add_question, deliver, law_of, population_of, progress
from openfisca_jining.commands.grammar import MOST_TIMES, integer
from openfisca_jining.report.console import table, wan


def add(commands) -> None:
    """Its grammar."""
    readings = commands.add_parser("readings", help="条文不明处值多少钱：逐一换取法，并找合计最低和最高的组合")
    add_question(readings)
    add_law(readings)
    readings.add_argument("--measure", default="total", metavar="口径", help="total（缺省）、付款财政或政策工具的名称")
    readings.add_argument("--only", nargs="+", default=[], metavar="文件.读法", help="只看这些读法")
    readings.add_argument(
        "--laws", type=integer(MOST_TIMES), metavar="个数", help="找组合时最多计算多少种取法（0：不找组合）"
    )
    readings.set_defaults(run=run_readings)


def run_readings(options) -> int:
    """Spread of a total over the readings, and the lowest and highest combination."""
    from openfisca_jining.analysis.reading_search import MOST_LAWS, search
    from openfisca_jining.analysis.readings import spread
    from openfisca_jining.report.charts.readings import band_chart, tornado_chart

    most = MOST_LAWS if options.laws is None else options.laws
    if most < 0:
        print("用法不对：--laws 应为 0 或正整数。", file=sys.stderr)
        return 2
    population, status = population_of(options)
    if population is None:
        return status
    _, system = law_of(options)
    result = spread(population, system, only=options.only, measure=options.measure, say=progress)
    if most:
        result = dataclasses.replace(result, search=search(population, system, result, most, progress))
    figures = {"逐一换取法": partial(tornado_chart, result)}
    if result.search is not None:
        figures["最低和最高"] = partial(band_chart, result)
    deliver(options, "读法影响", report(result), result, sheets_of(result), figures)
    return status


# ----- the report -----


def report(result) -> str:
    """What the screen shows: the answer, each reading that moves the total, the combinations, and what moves nothing."""
    from openfisca_jining.analysis.readings import MOVES, NOTHING, REFUSED, SHIFTS

    record = result.record
    made_up = "（合成数据，非实际申报）" if record["synthetic"] else ""
    lines = [
        answer(result),
        "",
        f"申报年度 {record['year']}：{record['projects']} 个项目，{record['enterprises']} 家企业{made_up}。金额单位：万元。"
        f"以{result.measure}为准。",
        "",
        f"一次只换一种取法，{result.measure}变动的（按变动幅度）：",
        moving_text(result),
    ]
    against = result.having(MOVES).query("reason != ''")
    if len(against):
        lines += ["  * 与其他读法现在的取法抵触，组合里不与它同用。"]
    if result.search is not None:
        lines += ["", *search_text(result)]
    shifting = result.having(SHIFTS)
    if len(shifting):
        lines += ["", f"合计不变、只改变分给谁的（{len(shifting)} 种取法）："]
        lines += [
            table(
                ["读法", "取法", "增加家数", "减少家数"],
                [
                    [f"{row.document}：{row.label}", row.words, str(row.gain), str(row.lose)]
                    for row in shifting.itertuples()
                ],
                left=2,
            )
        ]
    refused = result.having(REFUSED)
    if len(refused):
        lines += ["", f"不能计算的（{len(refused)} 种取法）："]
        lines += [f"  {row.document}：{row.label}：{row.words}。{row.reason}" for row in refused.itertuples()]
    still = result.having(NOTHING)
    if len(still):
        lines += [
            "",
            f"对这份数据没有影响的：{len(still)} 种取法，涉及 {still['reading'].nunique()} 个读法（见工作簿）。",
        ]
    return "\n".join(lines)


def answer(result) -> str:
    """The answer in one sentence."""
    from openfisca_jining.analysis.readings import MOVES
    from openfisca_jining.report.charts.readings import change

    widest = result.tornado()
    moving = result.having(MOVES)["reading"].nunique()
    text = f"{len(result.readings)} 个读法中，{moving} 个单独换取法会改变{result.measure}（现为 {wan(result.default)} 万元）"
    if len(widest):
        first = widest.iloc[0]
        text += f"；影响最大的是「{first['title']}」（{change(first['low'])} 至 {change(first['high'])} 万元）"
    found = result.search
    if found is not None:
        text += f"；各读法一起取，最低 {wan(found.lowest.total)} 万元，最高 {wan(found.highest.total)} 万元"
        text += "（已证明）" if found.lowest.proven and found.highest.proven else "（找到的最好结果）"
    return text + "。"


def moving_text(result) -> str:
    """Every value that moves the total, reading by reading, widest first."""
    from openfisca_jining.analysis.readings import MOVES
    from openfisca_jining.report.charts.readings import change

    moving = result.having(MOVES)
    rows = []
    for name in result.tornado()["reading"]:
        mine = moving[moving["reading"] == name].sort_values("difference", kind="stable")
        for number, row in enumerate(mine.itertuples()):
            title = f"{row.document}：{row.label}" if number == 0 else ""
            star = " *" if row.reason else ""
            rows.append([title, row.words + star, change(row.difference), str(row.gain), str(row.lose)])
    return table(["读法", "改取", "变动", "增加家数", "减少家数"], rows, left=2)


def search_text(result) -> list[str]:
    """The lowest and the highest combination, what they take, and how they were found."""
    from openfisca_jining.report.charts.readings import change

    found = result.search
    ends = (found.lowest, found.highest)
    payers = [payer for payer in found.lowest.payers if any(end.payers[payer] for end in ends)]
    rows = [
        [end.name, wan(end.total), change(end.total - result.default), *(wan(end.payers[payer]) for payer in payers)]
        for end in ends
    ]
    lines = ["各读法一起取（不含互相抵触的取法）：", table(["组合", result.measure, "比现在", *payers], rows)]
    about = {reading.path: reading for reading in result.readings}
    for end in ends:
        lines += [f"{end.name}的组合：" + ("" if end.taken else "与现在的取法相同。")]
        lines += [f"  {about[path].title}：{about[path].words[value]}" for path, value in end.taken.items()]
    return lines + proof(found)


def proof(found) -> list[str]:
    """What is proven and what is only the best that was found, in words."""
    lines = []
    proven = [part for part in found.parts if part.proven]
    if proven:
        names = "、".join(label for part in proven for label in part.labels)
        lines.append(f"已证明：{names}，全部组合都算过（{sum(part.laws for part in proven)} 种）。")
    for part in found.parts:
        if not part.proven:
            names = "、".join(part.labels)
            lines.append(f"未证明：{names}，是从几个起点逐项改进找到的最好结果（计算 {part.laws} 种取法）。")
    if found.block[1] > 1:
        lines.append(
            f"在找到的组合处，影响最大的 {found.block[0]} 个读法的 {found.block[1]} 种组合也都算过，没有更低或更高的。"
        )
    if not found.complete:
        lines.append("已达到允许计算的个数，没有找完；可用 --laws 放宽。")
    added = all(end.additive for end in (found.lowest, found.highest))
    lines.append(
        f"共计算 {found.laws} 种取法。最低和最高各按整部政策重算一次，"
        + ("与分开计算的各部分之和逐分相等。" if added else "与分开计算的各部分之和不等，以整部政策的结果为准。")
    )
    return lines


# ----- the workbook -----


def sheets_of(result) -> list:
    """Workbook: every value of every reading, by payer, the combinations."""
    import pandas

    from openfisca_jining.report.workbook import Sheet

    record = result.record
    made_up = "合成数据，非实际申报。" if record["synthetic"] else ""
    about = f"{made_up}数据：{record['source']}；申报年度 {record['year']}；金额单位：万元。以{result.measure}为准。"
    headings = {
        "reading": "读法编号",
        "document": "文件",
        "label": "不明之处",
        "words": "改取",
        "effect": "影响",
        "total": result.measure,
        "difference": "变动",
        "gain": "增加家数",
        "lose": "减少家数",
        "reason": "不能计算的原因，或与现在取法的抵触",
    }
    order = {name: place for place, name in enumerate(result.tornado()["reading"])}
    rows = result.alternatives.assign(place=result.alternatives["reading"].map(order).fillna(len(order)))
    rows = rows.sort_values("place", kind="stable")[list(headings)].rename(columns=headings)
    titles = {reading.name: reading.title for reading in result.readings}
    words = {(reading.name, value): text for reading in result.readings for value, text in reading.words.items()}
    sheets = [
        Sheet("逐一换取法", f"每种取法对{result.measure}的影响", rows, answer(result) + about),
        Sheet("读法与付款财政", "每个读法对每个付款财政的最大影响", result.payer_matrix().reset_index(), about),
    ]
    for name, heading, part in (
        ("按付款财政", "付款财政", result.payers),
        ("按政策工具", "政策工具", result.instruments),
    ):
        moved = part[part["difference"] != 0].copy()
        moved.insert(0, "读法", moved["reading"].map(titles))
        moved.insert(1, "改取", [words[key] for key in zip(moved["reading"], moved["value"], strict=True)])
        columns = {"name": heading, "total": "实付", "difference": "变动", "gain": "增加家数", "lose": "减少家数"}
        moved = moved[["读法", "改取", *columns]].rename(columns=columns)
        sheets.append(Sheet(name, f"每种取法对各{heading}的影响", moved, about))
    if result.search is not None:
        ends = (result.search.lowest, result.search.highest)
        paths = [reading.path for reading in result.readings if any(reading.path in end.taken for end in ends)]
        known = {reading.path: reading for reading in result.readings}
        taken = pandas.DataFrame(
            [
                [known[path].title, known[path].words[known[path].taken]]
                + [known[path].words[end.taken.get(path, known[path].taken)] for end in ends]
                for path in paths
            ],
            columns=["读法", "现在", *(f"{end.name} {wan(end.total)} 万元" for end in ends)],
        )
        sheets.append(Sheet("最低和最高", "合计最低和最高的组合", taken, about + "".join(proof(result.search))))
    return sheets
