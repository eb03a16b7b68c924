"""The receipt of one enterprise as Chinese text for a terminal or a letter. Figures are those of ``analysis.explain``."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from openfisca_jining.analysis.explain import (
    Change,
    ConditionShown,
    InstrumentReceipt,
    ProjectReceipt,
    Receipt,
    Shown,
    Step,
    Unstated,
)
from openfisca_jining.report.console import width

COMPARISONS = {"at_least": "须达到", "more_than": "须超过"}
STAGES = (("promised", "按比例应得"), ("capped", "限额后"), ("chosen", "选择后"), ("paid", "实付"))
MET = {True: "符合　", False: "不符合"}
#: Fewest and most decimals of an amount in 万元.
DECIMALS = 2, 6
#: Columns of a line of text.
COLUMNS = 110


def render(receipt: Receipt) -> str:
    """A receipt as text, each line understandable by itself. Money in 万元 with the yuan behind it.

    :param receipt: from :func:`openfisca_jining.analysis.explain.explain`. :returns: lines joined by newlines.
    """
    lines = [
        f"{receipt.year} 年度技术改造奖补测算单",
        f"企业：{receipt.enterprise} {receipt.name}".rstrip(),
        "企业情况：" + "；".join(fact_text(fact) for fact in receipt.facts),
    ]
    if receipt.synthetic:
        lines.append("注意：以下是合成数据，不是实际申报。")
    lines.append(f"各项目合计可得：{money(receipt.paid)}")
    for project in receipt.projects:
        lines += ["", *project_lines(project)]
    lines += ["", *changes_lines(receipt), "", *closing(receipt)]
    return flowing(lines)


def flowing(lines: Iterable[str]) -> str:
    """Lines broken at :data:`COLUMNS`, as one text."""
    return "\n".join(wrapped for line in lines for wrapped in wrap(line))


def changes_lines(receipt: Receipt) -> Iterable[str]:
    """What each single change of a fact would bring."""
    yield "── 怎样会不同（每次只改一个事实，都已连同全部申报重新测算）──"
    several = len(receipt.projects) > 1
    changes = [(f"企业 {receipt.name or receipt.enterprise}", receipt.changes)]
    changes = [(f"项目 {one.project} {one.name}".rstrip(), one.changes) for one in receipt.projects] + changes
    yield f"现在合计 {money(receipt.paid)}。"
    for title, found in changes:
        yield f"{title}：" + ("" if found else "没有哪个单独的改变会改变金额。")
        yield from (line for number, one in enumerate(found, 1) for line in change_lines(number, one, several))
    yield from (f"  {text}。" for text in receipt.refused)


def project_lines(project: ProjectReceipt) -> Iterable[str]:
    """One project: instruments that concern it, one line for the others."""
    yield f"══ 项目 {project.project} {project.name}".rstrip() + f"　可得 {money(project.paid)} ══"
    for one in project.instruments:
        if one.concerns:
            yield from instrument_lines(one)
    for one in project.instruments:
        if not one.concerns:
            yield f"○ {one.label}：{one.absent}，不涉及。"


def instrument_lines(one: InstrumentReceipt) -> Iterable[str]:
    """One instrument: conditions, stages, steps."""
    failed = sum(not each.met for each in one.conditions)
    verdict = f"{failed} 项条件不符合，不能得" if failed else "全部条件符合"
    if one.eligible == bool(failed):
        verdict = f"按改革后的规定{'符合' if one.eligible else '不符合'}条件（下列是现行条件）"
    yield f"● {one.label}（{one.payer}支付）：{verdict}"
    yield f"  依据：{'；'.join(one.locators)}"
    amounts = {each.amount.name for each in one.conditions if each.amount is not None and not each.subject}
    for each in one.conditions:
        repeated = each.subject and each.met and each.amount is not None and each.amount.name in amounts
        if not each.assumed and not repeated:
            yield f"  {MET[each.met]}　{condition_text(each)}"
    assumed = [each for each in one.conditions if each.assumed]
    if assumed:
        yield f"  {MET[True]}　（表中没有填写，按缺省视为符合）{'、'.join(each.text for each in assumed)}"
    if one.eligible:
        yield "  金额：" + " → ".join(f"{heading} {money(getattr(one, name))}" for name, heading in STAGES)
        if one.base is not None and one.base.value and one.promised:
            rate = Decimal(repr(one.promised)) / Decimal(repr(one.base.value)) * 100
            yield f"  算法：基数 {shown_value(one.base)} × {plain_number(rate.quantize(Decimal('0.0001')))}%"
            yield from (f"  说明：{note.text}【{note.locator}】" for note in one.notes)
        for step in one.steps:
            yield f"  {step_text(step)}"


def condition_text(one: ConditionShown) -> str:
    """One condition with its fact and its line."""
    parts = [one.text]
    if one.amount is not None and one.line is not None:
        above_zero = one.comparison == "more_than" and one.line.value == 0
        line = "" if above_zero else f"，{COMPARISONS[one.comparison]} {shown_value(one.line)}"
        parts.append(fact_text(one.amount) if above_zero else f"实为 {shown_value(one.amount)}{line}")
        if not one.met and isinstance(one.amount.value, (int, float)) and isinstance(one.line.value, (int, float)):
            gap = one.line.value - one.amount.value
            if gap > 0 and one.amount.unit == "元":
                parts.append(f"还差 {money(gap)}")
    facts = [fact for fact in one.facts if fact.stated] or one.facts
    if facts:
        parts.append("、".join(fact_text(fact) for fact in facts))
    if one.windows:
        parts.append("本年度可申报的日子是 " + "、".join(f"{first} 至 {last}" for first, last in one.windows))
    elif one.text and "期内申报" in one.text:
        parts.append("本年度没有可申报的日子")
    return f"{parts[0]}{'：' if parts[1:] else ''}{'；'.join(parts[1:])}【{one.locator}】"


def step_text(step: Step) -> str:
    """What one step took and why."""
    took = f"减 {money(step.amount)}" if step.amount > 0 else f"增 {money(-step.amount)}"
    why = step.text
    if step.amount < 0:
        why = "同一企业的其他项目让出了限额或资金"
    if step.names:
        why += f"（{'、'.join(step.names)}）"
    if step.line is not None:
        why += f"；{fact_text(step.line)}"
    if step.facts:
        why += f"；{'、'.join(fact_text(fact) for fact in step.facts)}"
    if step.reading:
        why += f"；办法：{step.reading}"
    return f"{step.heading}：{took}。{why}" + (f"【{step.locator}】" if step.locator else "")


def change_lines(number: int, change: Change, several: bool) -> Iterable[str]:
    """One counterfactual in two lines: what would be different, and what it would bring."""
    yield f"  {number}. {change_text(change)}"
    more = f"多得 {money(change.gain)}" if change.gain > 0 else f"少得 {money(-change.gain)}"
    effects = "；".join(
        f"{f'项目 {project} ' if several else ''}{label} {'+' if amount > 0 else '−'}{money(abs(amount))}"
        for project, label, amount in change.effects
    )
    if len(change.effects) == 1 and not several:
        effects = change.effects[0][1]
    yield f"     → {more}，合计 {money(change.total_after)}（{effects}）"
    if change.per_ten_thousand:
        yield f"     此后每多 1 万元，多得 {money(change.per_ten_thousand)}"


def change_text(change: Change) -> str:
    """What would be different, as a sentence without its result."""
    before, after, label = change.before, change.after, change.before.label
    if change.kind == "zero":
        return f"如果{label}是 0（现为 {shown_value(before)}）"
    if change.kind == "value":
        also = f"（或{'、'.join(value_text(one, after.unit) for one in change.also)}，结果相同）" if change.also else ""
        return f"如果{label}是「{shown_value(after)}」而不是「{shown_value(before)}」{also}"
    if change.kind == "date":
        if before.value is None or change.difference is None:
            return f"如果{label}是 {shown_value(after)}（现在未填写）"
        move = f"提前 {-change.difference:.0f} 天" if change.difference < 0 else f"推迟 {change.difference:.0f} 天"
        other_year = str(after.value)[:4] != str(before.value)[:4]
        note = "（成为另一年度的申报，不在本单之内）" if other_year else ""
        return f"如果{label}由 {shown_value(before)} {move}，到 {shown_value(after)}{note}"
    if after.unit != "元":
        return f"如果{label}由 {shown_value(before)} 改为 {shown_value(after)}"
    if change.kind == "step":
        return f"如果{label}（现为 {shown_value(before)}）再多 {money(change.difference or 0.0)}"
    tail = {"cap": "（此后再多也不再增加）", "limit": "（所属的那笔投资几乎全部是这一项）"}.get(change.kind, "")
    more = money(change.difference or 0.0)
    return f"如果{label}由 {shown_value(before)} 增加到 {shown_value(after)}，即多 {more}{tail}"


def closing(receipt: Receipt) -> Iterable[str]:
    """Documents that do not concern the enterprise, readings, what is unstated, and the run record."""
    if receipt.elsewhere:
        yield "── 不给本企业按项目资金的文件 ──"
        yield from (f"{one.title}：{one.reason}。" for one in receipt.elsewhere)
    if receipt.readings:
        yield "── 条文有不同读法的地方，本单这样取 ──"
        for one in receipt.readings:
            yield f"{one.scope}，{one.label}：{one.taken}{'' if one.default else '（由使用者另选，不是缺省的读法）'}。{one.reason}。"
    if receipt.unstated:
        yield "── 文件未定的数额（本单没有计入，也没有代拟）──"
        yield from unstated_lines(receipt.unstated)
    record = receipt.record
    yield f"数据：{record['source'] or '未注明来源'}，{record['projects']} 个项目、{record['enterprises']} 家企业。"
    if record["reforms"]:
        yield f"改革：{'；'.join(record['reforms'])}。"
    yield f"程序 openfisca-jining {record['package']}，数据指纹 {record['data_sha256'][:12]}。"


def unstated_lines(unstated: Iterable[Unstated]) -> Iterable[str]:
    """Unstated quantities, one line per clause."""
    by_clause: dict[str, list[str]] = {}
    for one in unstated:
        by_clause.setdefault(one.locator, []).append(one.label)
    yield from (f"{locator}：{'、'.join(dict.fromkeys(labels))}" for locator, labels in by_clause.items())


# ----- values in words -----


def fact_text(fact: Shown) -> str:
    """Label and value of a fact; a default says so."""
    return f"{fact.label} {shown_value(fact)}{'' if fact.stated or fact.value is None else '（未填写，按缺省）'}"


def shown_value(fact: Shown) -> str:
    """A value in words."""
    return value_text(fact.value, fact.unit)


def value_text(value, unit: str) -> str:
    """A value of a unit in words: money, share, date, category, yes or no, count with its unit."""
    if value is None:
        return "未填写" if unit == "date" else "文件未定"
    if unit == "元":
        return money(value)
    if unit == "bool":
        return "是" if value else "否"
    if unit == "/1":
        return f"{plain_number(Decimal(repr(value)) * 100)}%"
    if unit in ("date", "enum"):
        return str(value)
    return f"{plain_number(Decimal(repr(value)))}{f' {unit}' if unit else ''}"


def money(yuan: float, *, with_yuan: bool = True) -> str:
    """Yuan as 万元 to the second decimal with the exact yuan behind; without the yuan, as many decimals as the amount has.

    What falls short of whole 万元 is rounded down, so that no amount looks as if it had reached a line.
    """
    fen = round(yuan * 100)
    if fen == 0:
        return "0 元"
    exact = Decimal(fen) / 100
    if abs(exact) < 100:
        return f"{exact:,.2f} 元"
    if with_yuan:
        wan = (exact / 10_000).quantize(Decimal("0.01"))
        if wan == wan.to_integral_value() and abs(wan * 10_000) > abs(exact):
            wan -= Decimal("0.01").copy_sign(wan)
        return f"{wan:,.2f} 万元（{exact:,.2f} 元）"
    in_wan = f"{exact / 10_000:,.{DECIMALS[1]}f}"
    kept = in_wan.rstrip("0")
    least = len(in_wan) - DECIMALS[1] + DECIMALS[0]
    return f"{in_wan[: max(len(kept), least)]} 万元"


def plain_number(number: Decimal) -> str:
    """A number with thousands separators and no trailing zeros."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def wrap(line: str) -> list[str]:
    """A line broken at :data:`COLUMNS` terminal columns, continued under its text."""
    line = line.replace("） ", "）")
    if width(line) <= COLUMNS:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()) + 2)
    lines, current = [], ""
    for char in line:
        if width(current) + width(char) > COLUMNS and char not in "，。；、）】」：":
            kept = _breaking_point(current)
            lines.append(current[:kept].rstrip())
            current = indent + current[kept:].lstrip()
        current += char
    return [*lines, current]


def _breaking_point(text: str) -> int:
    """Where to break a line: not within a number or a word of Latin letters."""
    place = len(text.rstrip("（【「《+−"))
    while place > len(text) * 2 // 3 and text[place - 1] in "0123456789.,-ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        place -= 1
    return place if place > len(text) * 2 // 3 else len(text)
