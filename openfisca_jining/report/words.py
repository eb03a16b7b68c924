"""Results and parameters in a few Chinese words, the same on the screen, in workbooks and in memos."""

from __future__ import annotations

from openfisca_jining.report.console import wan


def signed(yuan: float) -> str:
    """A difference in 万元, a plus before a rise."""
    return ("+" if yuan > 0 else "") + wan(yuan)


def changed(yuan: float) -> str:
    """A change in words: 增加 1.00 万元, 减少 1.00 万元, 不变."""
    return f"{'增加' if yuan > 0 else '减少'} {wan(abs(yuan))} 万元" if yuan else "不变"


def headline(result) -> str:
    """The change of the total in a few words. :param result: ``analysis.compare.Comparison``."""
    before, after = wan(result.baseline.total), wan(result.reform.total)
    if not result.difference:
        pools = result.ledger_change()["pool"].any()
        return f"改革后支出仍为 {after} 万元" + ("：资金池已经用完，改革只改变谁分得多少" if pools else "，不变")
    return f"改革后支出由 {before} 万元变为 {after} 万元，{changed(result.difference)}"


def answer(result) -> str:
    """The answer of a comparison in one sentence: how much, how many, and by which instrument."""
    before = result.baseline.total
    share = f"（{_share(result.difference / before)}）" if before and result.difference else ""
    counts = result.counts()
    enterprises = f"{counts['gain']} 家企业增加，{counts['lose']} 家减少，{counts['same']} 家不变"
    moved = [(words, result.most_moved(sign)) for words, sign in (("增加", 1), ("减少", -1))]
    because = "，".join(f"{words}最多的是{one[0]}（{signed(one[1])} 万元）" for words, one in moved if one)
    return f"{headline(result)}{share}：{enterprises}{'；' if because else ''}{because}。"


def _share(part: float) -> str:
    """A signed share; what is too small to show says so."""
    return f"{part:+.2%}" if abs(part) >= 0.00005 else "不足 0.01%"


def parameter_title(law, parameter) -> str:
    """Document, instrument and label of a parameter."""
    from openfisca_jining.clauses.register import documents
    from openfisca_jining.law import find

    path = parameter.name.split(".")
    label = parameter.metadata.get("label") or parameter.description or parameter.name
    document = documents().get(path[0], {}).get("short", "")
    group = find(law.parameters, ".".join(path[:-1])).description or ""
    about = "" if group in label or "readings" in path else group
    return " ".join(word for word in (document, about, label) if word)


def parameter_value(parameter, value) -> str:
    """A value of a parameter with its unit, large sums in 万元 or 亿元."""
    unit = parameter.metadata.get("unit", "")
    if value is None:
        return "文件未定" if parameter.metadata.get("unstated") else "无"
    if isinstance(value, str):
        return value
    if unit == "/1":
        return f"{100 * value:.6g}%"
    for size, name in ((100_000_000, "亿元"), (10_000, "万元")):
        if unit == "元" and value >= size:
            return f"{value / size:,.10g} {name}"
    return f"{value:,.10g} {unit}"


def exhausted(result) -> list[str]:
    """Why some get less although no rule of theirs changed: funds that run out and whose claims the reform moves.

    :param result: ``analysis.compare.Comparison``. :returns: a sentence for each such fund; none where every fund suffices.
    """
    before, after = (one.funds.set_index("fund").to_dict("index") for one in (result.baseline, result.reform))
    said = []
    for fund in before.keys() & after.keys():
        old, new = before[fund], after[fund]
        short = [one["claimed"] > one["available"] for one in (old, new)]
        if not any(short) or (old["claimed"], old["available"]) == (new["claimed"], new["available"]):
            continue
        claims = f"申请由 {wan(old['claimed'])} 万元变为 {wan(new['claimed'])} 万元"
        if not all(short):
            which, line = ("改革", new) if short[1] else ("现行", old)
            meaning = f"只在{which}下用完，超出的申请不予支付（办法：{line['rule']}）"
            said.append(f"{fund} {wan(line['available'])} 万元{meaning}：{claims}。")
        elif old["available"] != new["available"]:
            money = f"由 {wan(old['available'])} 万元变为 {wan(new['available'])} 万元"
            said.append(f"{fund}{money}，两种政策下都已用完（办法：{new['rule']}）：{claims}。")
        else:
            moved = (
                "增加的申请只能由这笔钱的其他各项少得来抵"
                if new["claimed"] > old["claimed"]
                else "减少的申请让给这笔钱的其他各项"
            )
            said.append(
                f"{fund} {wan(new['available'])} 万元两种政策下都已用完，改革只改变谁分得多少："
                f"{claims}，{moved}（办法：{new['rule']}），它支付的合计{changed(round(new['paid'] - old['paid'], 2))}。"
            )
    return sorted(said)
