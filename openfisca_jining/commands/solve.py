"""Command ``solve``: which value of a parameter spends a given sum."""

from __future__ import annotations

import argparse
import re
import sys
from decimal import Decimal

import pandas

from openfisca_jining import written
from openfisca_jining.commands.common import add_law, add_question, deliver, law_of, population_of, progress
from openfisca_jining.commands.sweep import axes_of, in_unit
from openfisca_jining.errors import UnknownParameter
from openfisca_jining.report.console import table, wan

#: Rows of the table of kinks shown on the screen; the whole is in the workbook.
SHOWN = 12
#: Stretches into which the first parameter of a frontier is cut, if no step is given.
GRID = 10
QUESTION = "反求"
#: Kinds of rows of a frontier in words.
MEETS = {"solution": "正好", "rounding": "只差几分", "leap": "跳过目标", "none": "到不了"}


def add(commands) -> None:
    """Its grammar."""
    command = commands.add_parser(
        "solve",
        help="反求参数：定多少正好花这么多、不超过资金、无一企业受损",
        description="例：openfisca-jining solve --over jining_2017.equipment.rate=1%:6% --target 2.1亿；"
        "两个 --over 求等预算线：前一个逐档取值，后一个求解",
    )
    add_question(command)
    add_law(command)
    command.add_argument(
        "--over",
        action="append",
        required=True,
        metavar="参数=下限:上限[:步长]",
        help="要求的参数和范围；步长是文件里会写的最小单位（缺省：比例 0.1%% 和 0.01%%，金额万元）",
    )
    goal = command.add_mutually_exclusive_group(required=True)
    goal.add_argument("--target", metavar="金额", help="合计正好是多少，如 2.1亿")
    goal.add_argument("--change", metavar="百分比或金额", help="合计比现行增减多少，如 -5%% 或 +300万；0 为收支不变")
    goal.add_argument("--at-most", metavar="金额", help="合计不超过多少：最高可以定到哪里")
    goal.add_argument(
        "--nobody-loses", action="store_true", help="无一企业少于现行，且合计最省（与 --set、--reform 合用）"
    )
    command.add_argument("--measure", metavar="付款财政或政策工具", help="只算这一付款财政或政策工具的钱（缺省：全部）")
    command.add_argument("--from", dest="start", metavar="日期", help="从哪天起变动（缺省：申报年度的 1 月 1 日）")
    # argparse 把「-5%」当成选项；以减号和数字开头的，这里都是数
    command._negative_number_matcher = re.compile(r"^-[\d.]")
    command.set_defaults(run=run_solve)


def run_solve(options) -> int:
    """Goal seek."""
    from openfisca_jining.report.charts.solve import charts

    if len(options.over) > 2 or (len(options.over) == 2 and (options.nobody_loses or options.at_most)):
        print("用法不对：--over 至多两个；两个时只能与 --target 或 --change 合用。", file=sys.stderr)
        return 2
    population, status = population_of(options)
    if population is None:
        return status
    baseline, system = law_of(options)
    progress(f"正在反求 {len(population)} 个项目")
    result = answer(options, population, baseline, system)
    deliver(options, QUESTION, text_of(result), result, sheets(result), charts(result))
    return status


def answer(options, population, baseline, system):
    """The result of the question asked. :raises JiningError: bad range, amount or measure."""
    from openfisca_jining.analysis import solve as seek

    start = options.start or f"{population.year}-01-01"
    wanted = span_of(system, options.over[-1], start)
    if options.nobody_loses:
        return seek.nobody_loses(population, baseline, system, wanted, options.measure)
    if options.at_most:
        return seek.affordable(population, system, wanted, amount(options.at_most), options.measure, baseline)
    target = target_of(options, population, baseline)
    if len(options.over) == 1:
        return seek.solve(population, system, wanted, target, options.measure, baseline)
    first = grid_of(system, options.over[0], start)
    return seek.frontier(population, system, first, wanted, target, options.measure, baseline)


def amount(text: str) -> float:
    """Yuan as written. :raises UnknownParameter: not an amount."""
    try:
        return float(written.number(text, "元"))
    except ValueError as error:
        raise UnknownParameter([text], f"金额「{text}」：{error}。") from None


def target_of(options, population, baseline) -> float:
    """The sum to be spent, yuan: as given, or as a change of what current law pays."""
    from openfisca_jining.analysis.solve.questions import total_of

    if options.target is not None:
        return amount(options.target)
    current = total_of(population, baseline, options.measure)
    if "%" not in options.change and "％" not in options.change:
        return current + amount(options.change)
    try:
        share = written.number(options.change, written.SHARE)
    except ValueError as error:
        raise UnknownParameter([options.change], f"增减「{options.change}」：{error}。") from None
    return round(current * (1 + share), 2)


def parts_of(text: str) -> tuple[str, list[str]]:
    """``path=low:high:step`` in parts. :raises UnknownParameter: not of this form."""
    path, _, range_ = text.partition("=")
    parts = [part.strip() for part in range_.split(":")]
    if not path.strip() or len(parts) not in (2, 3) or not all(parts):
        raise UnknownParameter([text], f"「{text}」的写法不对，应为 参数=下限:上限 或 参数=下限:上限:步长。")
    return path.strip(), parts


def span_of(system, text: str, start: str):
    """The range that is solved for. :raises RefusedReform: the lint finds errors at an end."""
    from openfisca_jining.analysis.solve import span

    path, parts = parts_of(text)
    axis = ends_of(system, path, parts, start)
    step = parts[2] if len(parts) > 2 else None
    return span(system, path, axis.values[0], axis.values[1], axis.start, step)


def ends_of(system, path: str, parts, start: str):
    """Both ends of a range as an axis, linted."""
    return axes_of(argparse.Namespace(over=[f"{path}={parts[0]},{parts[1]}"]), system, start)[0]


def grid_of(system, text: str, start: str):
    """The first parameter of a frontier: a range with a step, a list, or a range in ten steps."""
    from openfisca_jining.analysis.sweep import Axis

    if text.partition("=")[2].count(":") != 1:
        return axes_of(argparse.Namespace(over=[text]), system, start)[0]
    path, parts = parts_of(text)
    ends = ends_of(system, path, parts, start)
    low, high = (Decimal(str(value)) for value in ends.values)
    values = tuple(dict.fromkeys(written.plain(low + (high - low) * part / GRID) for part in range(GRID + 1)))
    return Axis(path, values, ends.start)


# ----- text -----


def text_of(result) -> str:
    """What the screen shows: the answer in a sentence, then tables."""
    from openfisca_jining.analysis.solve import Affordable, Frontier, Solved

    if isinstance(result, Frontier):
        return frontier_text(result)
    if isinstance(result, Solved):
        lines = solved_text(result)
    elif isinstance(result, Affordable):
        lines = affordable_text(result)
    else:
        lines = no_losers_text(result)
    return "\n".join([*lines, *stated_text(result), *kinks_text(result.course)])


def setting(course) -> str:
    """What the answer starts from."""
    span = course.span
    ends = " 至 ".join(in_unit(span.value(step), span.unit) for step in (span.low, span.high))
    now = "未定" if course.current is None else in_unit(course.current, span.unit)
    return f"现行规定下{course.measure}合计 {total_text(course.baseline)}；参数现值 {now}，在 {ends} 之间求，自 {span.start} 起变动。"


def money(yuan: float) -> str:
    """An amount in 万元, or in yuan to the fen where 万元 with two decimals would hide something."""
    return f"{wan(yuan)} 万元" if round(yuan * 100) % 10_000 == 0 else f"{yuan:,.2f} 元"


def total_text(yuan: float | None) -> str:
    """What current law pays, in 万元; 文件未定 if it leaves a quantity open."""
    return "文件未定" if yuan is None else f"{wan(yuan)} 万元"


def stretch(row, unit: str) -> str:
    """A stretch of values in words."""
    low, high = in_unit(row["low"], unit), in_unit(row["high"], unit)
    return row["text"] if low == high or not row.get("flat", True) else f"{low} 至 {high} 之间的任何值"


def solved_text(result) -> list[str]:
    """The answer to: which value spends exactly the sum."""
    course, goal = result.course, money(result.target)
    unit = course.span.unit
    rows = result.solutions.to_dict("records")
    if rows:
        values = "；".join(stretch(row, unit) for row in rows)
        first = f"「{course.label}」定为 {values}，{course.measure}合计正好 {goal}。"
    elif len(result.leaps):
        first = f"「{course.label}」没有一个值使{course.measure}合计正好 {goal}：合计在 {len(result.leaps)} 处跳过它。"
        near = nearest_leap(result)
        if near["cause"] == "四舍五入到分":
            first = f"「{course.label}」定为 {near['text']}，{course.measure}合计与 {goal} 相差 {near['off']:.2f} 元；四舍五入到分，不能更近。"
    else:
        row = result.reach.iloc[0]
        how = "最多" if row["total"] < result.target else "最少"
        first = (
            f"「{course.label}」在范围内到不了 {goal}：{course.measure}合计{how} {wan(row['total'])} 万元"
            f"（{row['text']}）。"
        )
    lines = [first, setting(course)]
    if len(result.leaps):
        table_ = [
            [
                row["below_text"],
                f"{row['below_total']:,.2f}",
                row["above_text"],
                f"{row['above_total']:,.2f}",
                row["cause"],
            ]
            for row in result.leaps.to_dict("records")
        ]
        head = ["低于目标的值", "合计（元）", "高于目标的值", "合计（元）", "原因"]
        lines += ["", "合计跳过目标之处", table(head, table_, left=1)]
    return lines


def nearest_leap(result) -> dict:
    """The value nearest to the sum beside a leap: its text, how far off it is (yuan), and why the total leaps."""
    found = [
        {"text": row[f"{side}_text"], "off": abs(row[f"{side}_total"] - result.target), "cause": row["cause"]}
        for row in result.leaps.to_dict("records")
        for side in ("below", "above")
    ]
    return min(found, key=lambda one: one["off"])


def affordable_text(result) -> list[str]:
    """The answer to: how far within a fund."""
    course, limit = result.course, money(result.limit)
    if result.dearest.empty:
        low = course.curve["total"].min()
        return [
            f"「{course.label}」在范围内无论定为多少，{course.measure}合计都超过 {limit}，最少 {wan(low)} 万元。",
            setting(course),
        ]
    unit = course.span.unit
    values = "；".join(stretch(row, unit) for row in result.dearest.to_dict("records"))
    lines = [
        f"「{course.label}」在 {limit} 以内最高可到 {wan(result.dearest['total'].iloc[0])} 万元：定为 {values}。",
        setting(course),
        "",
        "不超过上限的范围",
        ends_table(result.stretches),
    ]
    if len(result.beyond):
        rows = [[row["text"], wan(row["total"]), wan(row["over"])] for row in result.beyond.to_dict("records")]
        lines += ["", "范围外紧邻的值", table(["值", "合计（万元）", "超出"], rows)]
    return lines


def ends_table(stretches) -> str:
    """Stretches of values with the totals at their ends."""
    rows = [
        [row["low_text"], row["high_text"], wan(row["low_total"]), wan(row["high_total"])]
        for row in stretches.to_dict("records")
    ]
    return table(["从", "到", "起点合计（万元）", "终点合计（万元）"], rows)


def no_losers_text(result) -> list[str]:
    """The answer to: the cheapest without losers."""
    course, always = result.course, result.always
    if result.cheapest.empty:
        first = f"「{course.label}」在范围内无论定为多少，都有企业少于现行"
        lines = [
            first
            + (
                f"：{len(always)} 家总是受损，其余企业也没有一个值能都不受损。"
                if len(always)
                else "，虽然没有一家总是受损。"
            ),
            setting(course),
        ]
        few = result.fewest.iloc[0]
        others = "另有 " if len(always) else ""
        lines.append(
            f"拐点中受损最少的是 {few['text']}：{others}{few['losers']} 家受损，合计 {wan(few['total'])} 万元。"
        )
    else:
        best = result.cheapest.iloc[0]
        value, total = stretch(best, course.span.unit), wan(best["total"])
        more = _more(best["total"] - course.baseline)
        first = f"「{course.label}」定为 {value}，无一企业少于现行，合计最省：{total} 万元（比现行{more}）。"
        if len(always):
            first = f"「{course.label}」在范围内无论定为多少，都有 {len(always)} 家企业少于现行；除它们以外，定为 {value} 时无一企业受损而合计最省："
            first += f"{total} 万元（比现行{more}）。"
        word = "其余企业无一受损的范围" if len(always) else "无一企业受损的范围"
        lines = [first, setting(course), "", word, ends_table(result.stretches)]
    if len(always):
        rows = [
            [row["enterprise"], row["name"], wan(row["before"]), wan(row["most"]), wan(row["loss"])]
            for row in always.head(SHOWN).to_dict("records")
        ]
        part = f"，列损失最大的 {len(rows)} 家" if len(rows) < len(always) else ""
        lines += ["", f"总是受损的企业（{len(always)} 家{part}；万元）"]
        lines.append(table(["企业编号", "企业名称", "现行", "至多可得", "至少损失"], rows, left=2))
    if len(result.binding):
        rows = [
            [row["text"], row["enterprise"], row["name"], f"{row['loss']:,.2f}"]
            for row in result.binding.head(SHOWN).to_dict("records")
        ]
        lines += ["", f"再动一步就会受损的企业（{len(result.binding)} 家次）"]
        lines.append(table(["值", "企业编号", "企业名称", "少得（元）"], rows, left=3))
    return lines


def _more(yuan: float) -> str:
    return f"多 {wan(yuan)} 万元" if yuan >= 0 else f"少 {wan(-yuan)} 万元"


def stated_text(result) -> list[str]:
    """Values a document would state."""
    stated = getattr(result, "stated", None)
    if stated is None or stated.empty:
        return []
    rows = [[row["text"], wan(row["total"]), wan(row["difference"])] for row in stated.to_dict("records")]
    return ["", "写进文件的取值（取整）", table(["值", "合计（万元）", "与目标相差"], rows)]


def kinks_text(course) -> list[str]:
    """Why the total bends: how many kinks of which kind, and the largest."""
    kinks = course.kinks
    if kinks.empty:
        return ["", "范围内没有拐点：合计随参数直线变动。"]
    counts = "，".join(f"{kind} {count} 处" for kind, count in kinks["kind"].value_counts(sort=False).items())
    order = kinks.assign(size=kinks["jump"].abs(), turn=kinks["bend"].abs().fillna(0))
    shown = order.sort_values(["size", "turn"], ascending=False).head(SHOWN).sort_values("value")
    rows = [
        [in_unit(row["value"], course.span.unit), row["kind"], _who(row), wan(row["jump"]), _bend(row["bend"])]
        for row in shown.to_dict("records")
    ]
    part = f"，列最大的 {len(shown)} 处" if len(shown) < len(kinks) else ""
    head = ["值", "原因", "企业", "跳变（万元）", f"斜率变化（万元/{slope_unit(course.span.unit)}）"]
    return ["", f"拐点（{counts}{part}）", table(head, rows, left=2)]


def slope_unit(unit: str) -> str:
    """Amount of the parameter for which a change of slope is stated."""
    return {written.SHARE: "百分点", "元": "万元"}.get(unit, unit or "1")


def _who(row) -> str:
    if row["kind"] == "资金池":
        return "全部申请"
    return f"{row['enterprises']} 家"


def _bend(yuan: float) -> str:
    return "-" if pandas.isna(yuan) else wan(yuan)


def frontier_text(result) -> str:
    """Pairs of values that spend the sum."""
    first, second = result.first.path, result.span.path
    count = result.table.groupby("kind")["first"].nunique()
    rows = []
    for row in result.table.to_dict("records"):
        unit = result.units[second]
        value = stretch(row, unit) if row["kind"] == "solution" else row["text"]
        off = "" if row["kind"] == "solution" else f"{row['total'] - result.target:+,.2f} 元"
        rows.append([in_unit(row["first"], result.units[first]), value, MEETS[row["kind"]], wan(row["total"]), off])
    parts = [f"{count[kind]} 种{word}" for kind, word in MEETS.items() if kind in count.index]
    now = "，".join(
        f"{result.labels[path]} {in_unit(result.current[path], result.units[path])}" for path in (first, second)
    )
    return "\n".join(
        [
            f"「{result.labels[first]}」的 {len(result.first.values)} 种取值，各配上「{result.labels[second]}」的一个值，"
            f"使{result.measure}合计为 {money(result.target)}：{'，'.join(parts)}。",
            f"现行：{now}，合计 {total_text(result.baseline)}。参数自 {result.span.start} 起变动。",
            "",
            table([result.labels[first], result.labels[second], "结果", "合计（万元）", "与目标相差"], rows, left=3),
        ]
    )


# ----- workbook -----

HEADINGS = {
    "value": "值",
    "text": "值（全部位数）",
    "low": "从",
    "high": "到",
    "low_text": "从",
    "high_text": "到",
    "total": "合计",
    "low_total": "起点合计",
    "high_total": "终点合计",
    "below_text": "低于目标的值",
    "below_total": "合计（低）",
    "above_text": "高于目标的值",
    "above_total": "合计（高）",
    "cause": "原因",
    "difference": "与目标相差",
    "over": "超出",
    "enterprise": "企业编号",
    "name": "企业名称",
    "loss": "少得",
    "before": "现行",
    "most": "至多可得",
    "losers": "受损企业数",
    "enterprises": "企业数",
    "kind": "原因",
    "jump": "跳变",
    "bend": "斜率变化",
    "who": "企业",
}
TITLES = {
    "solutions": ("解", "合计正好是目标的值"),
    "leaps": ("跳过目标", "合计跳过目标之处"),
    "reach": ("最近", "到不了目标时最近的合计"),
    "stretches": ("可取范围", "可以取的值"),
    "dearest": ("最高", "上限以内合计最高的值"),
    "beyond": ("范围外", "范围外紧邻的值"),
    "cheapest": ("最省", "无一企业受损而合计最省的值"),
    "binding": ("再动一步", "再动一步就会受损的企业"),
    "always": ("总是受损", "无论定为多少都受损的企业"),
    "fewest": ("受损最少", "受损企业最少的拐点"),
    "stated": ("取整", "写进文件的取值"),
}


def sheets(result):
    """Tables of the workbook."""
    from openfisca_jining.analysis.solve import Frontier
    from openfisca_jining.report.workbook import Sheet

    if isinstance(result, Frontier):
        first, second = result.first.path, result.span.path
        shown = pandas.DataFrame(
            {
                result.labels[first]: [in_unit(value, result.units[first]) for value in result.table["first"]],
                "结果": result.table["kind"].map(MEETS),
                result.labels[second]: result.table["text"],
                "从": [_cell(value, result.units[second]) for value in result.table["low"]],
                "到": [_cell(value, result.units[second]) for value in result.table["high"]],
                "合计": result.table["total"],
            }
        )
        note = f"目标 {wan(result.target)} 万元，现行 {total_text(result.baseline)}；金额单位：万元。数据：{result.record['source']}"
        return [Sheet("等预算线", "使合计为目标的搭配", shown, note)]
    course = result.course
    unit = course.span.unit
    note = f"{course.label}；{course.measure}现行合计 {total_text(course.baseline)}；金额单位：万元。数据：{course.record['source']}"
    made = []
    for name, (short, title) in TITLES.items():
        part = getattr(result, name, None)
        if part is not None and len(part):
            made.append(Sheet(short, title, _table(part, unit), note))
    kinks = course.kinks.assign(value=[in_unit(value, unit) for value in course.kinks["value"]]).drop(columns="step")
    kinks = kinks.rename(columns=HEADINGS | {"bend": f"斜率变化（每{slope_unit(unit)}）"})
    made.append(Sheet("拐点", "合计在何处转折、为什么", kinks, note))
    curve = course.curve.assign(value=[in_unit(value, unit) for value in course.curve["value"]])
    made.append(Sheet("曲线", "合计随参数的变化", curve.rename(columns=HEADINGS), note))
    return made


def _table(part: pandas.DataFrame, unit: str) -> pandas.DataFrame:
    """A table of a result with Chinese headings and values as text."""
    if "low_text" in part:
        part = part.drop(columns=["low", "high"])
    part = part.drop(columns=[name for name in ("value", "below", "above", "flat") if name in part])
    for name in {"low", "high"} & set(part.columns):
        part = part.assign(**{name: [in_unit(value, unit) for value in part[name]]})
    return part.rename(columns=HEADINGS)


def _cell(value, unit: str) -> str:
    return "" if pandas.isna(value) else in_unit(value, unit)
