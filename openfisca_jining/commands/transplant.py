"""Command ``transplant``."""

from __future__ import annotations

import sys
from functools import partial

from openfisca_jining.commands.common import add_law, add_question, deliver, law_of, population_of, progress
from openfisca_jining.report.console import table, wan

#: Enterprises listed on the screen on either side.
LISTED = 5
SIDES = ("home", "after", "difference")


def add(commands) -> None:
    """Its grammar."""
    transplant = commands.add_parser(
        "transplant", help="把一个文件的办法用到另一地的企业：谁得谁失，哪些条件在当地没有对应"
    )
    add_question(transplant)
    add_law(transplant)
    transplant.add_argument(
        "--document", required=True, metavar="文件", help="移入的文件，如 zaozhuang_2020、yanzhou_2020"
    )
    transplant.add_argument("--to", required=True, metavar="地方", help="哪里的企业：济宁市、枣庄市，或县（市、区）名")
    transplant.add_argument(
        "--assume", action="append", default=[], metavar="事实=值", help="替没有填这个事实的企业假定一个值，可重复"
    )
    transplant.add_argument("--date", metavar="YYYY-MM-DD", help="把申报日期都移到这一天，使其落在文件的执行期内")
    transplant.add_argument("--pools", action="store_true", help="算到资金池之后（缺省：只算到资金池之前）")
    transplant.set_defaults(run=run_transplant)


def run_transplant(options) -> int:
    """Grants of a place's enterprises at home and under a document of another place."""
    from openfisca_jining.analysis.transplant import transplant
    from openfisca_jining.report.charts.transplant import kinds_chart, sides_chart

    pairs = [item.partition("=") for item in options.assume]
    if not all(name.strip() and value.strip() for name, _, value in pairs):
        print("用法不对：--assume 应写成 事实=值，如 --assume yield_per_mu_class=B类。", file=sys.stderr)
        return 2
    assume = {name.strip(): value.strip() for name, _, value in pairs}
    population, status = population_of(options)
    if population is None:
        return status
    _, system = law_of(options)
    result = transplant(
        population,
        system,
        options.document,
        options.to,
        assume=assume,
        date=options.date,
        pools=options.pools,
        say=progress,
    )
    figures = {"移植前后": partial(kinds_chart, result), "谁增谁减": partial(sides_chart, result)}
    deliver(options, "政策移植", report(result), result, sheets_of(result), figures)
    return status


# ----- the report -----


def answer(result) -> str:
    """The answer in one sentence."""
    from openfisca_jining.report.words import changed

    counts = result.counts()
    stage = "资金池之后" if result.pools else "资金池之前"
    left = f"；{len(result.left_out)} 家缺事实，没有计算" if len(result.left_out) else ""
    return (
        f"{result.title} 的办法用于{result.place}的 {sum(counts.values())} 家企业，{stage}由 {wan(result.total('home'))} 万元"
        f"变为 {wan(result.total('after'))} 万元，{changed(result.total('difference'))}："
        f"{counts['gain']} 家增加，{counts['lose']} 家减少，{counts['same']} 家不变{left}。"
    )


def report(result) -> str:
    """What the screen shows: the answer, money by instrument and by size, winners and losers, and what has no counterpart."""
    from openfisca_jining.analysis.transplant import GROUPS

    record = result.record
    made_up = "（合成数据，非实际申报）" if record["synthetic"] else ""
    lines = [
        answer(result),
        "",
        f"申报年度 {record['year']}{made_up}。其中 {result.relabelled} 家不在该文件的地域内，视同在该地注册；事实不变。金额单位：万元。",
        *date_lines(result),
        *(f"假定：{row.label} = {row.value}（{row.number} 处未填写的）。" for row in result.assumed.itertuples()),
        "",
        money_text(result.instruments[["kind", "instrument", "home", "after", "difference"]], ["种类", "政策工具"]),
    ]
    for group in ("enterprise_size", "yield_per_mu_class"):
        lines += ["", f"按{GROUPS[group]}（本地的情况）：", groups_text(result, group)]
    lines += [*moved_lines(result, -1, "减少"), *moved_lines(result, 1, "增加"), "", *counterpart_lines(result)]
    return "\n".join(lines)


def date_lines(result) -> list[str]:
    """When the claims are made and whether the document is in force then."""
    dates = result.dates
    lines = [f"申报日期都移到 {dates['moved_to']}。"] if dates["moved_to"] else []
    if result.year != result.record["year"]:
        lines.append(f"本地按 {result.record['year']} 年的政策，移入后按 {result.year} 年的政策。")
    days = "、".join(f"{first} 至 {last}" for first, last in dates["windows"])
    lines.append(f"{result.title} 在 {result.year} 年的执行期：{days or '无'}。")
    if dates["projects"]:
        lines.append(
            f"{dates['projects']} 个项目（{dates['enterprises']} 家企业）的申报日期不在执行期内，按该文件没有补助；"
            "可用 --date 移到执行期内。"
        )
    return lines


def money_text(rows, headings) -> str:
    """Home, after and difference with their sums, in 万元. :param rows: words, then home, after, difference (yuan)."""
    from openfisca_jining.commands.compare import with_sum

    words = len(headings)
    body = [
        [*map(str, row[:words]), *(wan(value) for value in row[words:])]
        for row in with_sum(rows.reset_index(drop=True)).to_numpy().tolist()
    ]
    return table([*headings, "本地", "移入后", "差额"], body, left=words)


def groups_text(result, group: str) -> str:
    """Money and numbers of enterprises by a group."""
    rows = [
        [str(name), *(wan(row[side]) for side in ("home", "after", "difference"))]
        + [str(int(row[side])) for side in ("gain", "lose", "same")]
        for name, row in result.by(group).iterrows()
    ]
    return table(["", "本地", "移入后", "差额", "增加家数", "减少家数", "不变家数"], rows)


def moved_lines(result, sign: int, word: str) -> list[str]:
    """The enterprises that move most in one direction."""
    moved = result.enterprises[sign * result.enterprises["difference"] > 0]
    if moved.empty:
        return []
    most = moved.sort_values("difference", ascending=sign < 0, kind="stable").head(LISTED)
    rows = [
        [f"{one['enterprise_id']} {one['name']}".strip(), one["county"], *(wan(one[side]) for side in SIDES)]
        for one in most.to_dict("records")
    ]
    heading = f"{word}最多的 {len(most)} 家（共 {len(moved)} 家{word}）："
    return ["", heading, table(["企业", "注册地", "本地", "移入后", "差额"], rows, left=2)]


def counterpart_lines(result) -> list[str]:
    """What has no counterpart: facts, kinds of instrument, caps and pools, who pays, what is left open, who was left out."""
    from openfisca_jining.clauses.register import documents

    lines = ["没有对应的："]
    if len(result.facts):
        rows = [
            [row.label, f"{row.unstated}/{row.of}", row.taken, row.instruments] for row in result.facts.itertuples()
        ]
        lines += [
            "1. 该文件要看、而企业没有填的事实（未填家数/涉及家数）：",
            table(["事实", "未填", "模型取", "政策工具"], rows, left=4),
        ]
    else:
        lines += ["1. 该文件要看的事实，企业都填了。"]
    alone = result.kinds[result.kinds["note"] != "两边都有"]
    lines += ["2. 只有一边有的政策工具：" + ("" if len(alone) else "无。")]
    lines += [f"  {row.note}：{row.home or row.after}" for row in alone.itertuples()]
    lines += ["3. 该文件的限额和资金池："]
    own = result.terms[(result.terms["side"] == "移入后") & result.terms["instrument"].str.contains(result.title)]
    lines += [f"  {term_words(row)}" for row in own.itertuples()]
    payer = documents()[result.document]["payer"]
    where = (
        f"用于{result.place}时没有对应的付款财政，金额只表示按该文件应付多少"
        if result.relabelled
        else "就是当地的付款财政"
    )
    lines += [f"4. 付款：该文件由{payer}付款；{where}。"]
    open_ones = "；".join(result.unstated["label"])
    lines += [f"5. 该文件没有写明、没有计入的数额：{open_ones or '无'}。"]
    for row in result.left_out.groupby("reason", sort=False).agg({"enterprise_id": list, "home": "sum"}).itertuples():
        named = "、".join(map(str, row.enterprise_id[:LISTED])) + ("等" if len(row.enterprise_id) > LISTED else "")
        lines += [
            f"没有计算的 {len(row.enterprise_id)} 家（{named}，本地 {wan(row.home)} 万元）：{row.Index}。可用 --assume 假定。"
        ]
    return lines


def term_words(row) -> str:
    """A cap or pool in words."""
    amount = "" if row.amount != row.amount else f" {wan(row.amount, 0)} 万元"
    note = f"（{row.note}）" if row.note else ""
    return f"{row.term}{amount}{note}：{row.instrument}。{row.words}"


# ----- the workbook -----


def sheets_of(result) -> list:
    """Workbook: instruments, enterprises, groups, facts, kinds, caps and pools, and who was left out."""
    from openfisca_jining.analysis.transplant import GROUPS
    from openfisca_jining.commands.compare import with_sum
    from openfisca_jining.report.workbook import Sheet

    record = result.record
    made_up = "合成数据，非实际申报。" if record["synthetic"] else ""
    about = f"{made_up}数据：{record['source']}；申报年度 {record['year']}；金额单位：万元。"
    sides = {"home": "本地", "after": "移入后", "difference": "差额"}
    counted = {"gain": "增加家数", "lose": "减少家数", "same": "不变家数"}
    words = {"kind": "种类", "instrument": "政策工具", "enterprise_id": "企业编号", "name": "企业名称"} | GROUPS
    sheets = [
        Sheet(
            "按政策工具",
            f"{result.title} 的办法用于{result.place}企业",
            with_sum(result.instruments.drop(columns="document")).rename(columns=words | sides)[
                ["种类", "政策工具", *sides.values()]
            ],
            answer(result) + about,
        )
    ]
    for group, heading in GROUPS.items():
        rows = with_sum(result.by(group).reset_index(), result.counts()).rename(columns=words | sides | counted)
        name = {"enterprise_size": "按规模", "yield_per_mu_class": "按亩产效益", "county": "按县市区"}[group]
        sheets.append(Sheet(name, f"按{heading}（本地的情况）", rows, about))
    enterprises = result.enterprises.sort_values("difference", kind="stable").rename(columns=words | sides)
    sheets.append(Sheet("企业", "每家企业在本地和移入后的所得（减少最多的在前）", enterprises, about))
    facts = result.facts.rename(
        columns={
            "fact": "变量",
            "label": "事实",
            "instruments": "政策工具",
            "asked": "用来判断",
            "unstated": "未填家数",
            "of": "涉及家数",
            "taken": "模型取",
        }
    )
    sheets.append(Sheet("没有填的事实", "该文件要看、而企业没有填的事实", facts, about))
    kinds = result.kinds.rename(columns={"kind": "种类", "home": "本地", "after": "移入后", "note": "对应"})
    sheets.append(Sheet("政策工具对应", "两边的政策工具按种类对应", kinds, about))
    terms = result.terms.rename(
        columns={
            "side": "哪一边",
            "instrument": "政策工具",
            "payer": "付款财政",
            "term": "限制",
            "words": "内容",
            "amount": "数额",
            "note": "备注",
        }
    )
    sheets.append(Sheet("限额和资金池", "两边的限额和资金池", terms, about))
    left = result.left_out.rename(columns=words | sides | {"fact": "事实", "reason": "原因", "county": "注册地"})
    sheets.append(Sheet("没有计算的企业", "缺事实、没有计算的企业", left, about))
    return sheets
