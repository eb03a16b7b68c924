"""Results and parameters in a few Chinese words, the same on the screen, in workbooks and in memos."""

from __future__ import annotations

from openfisca_jining.report.console import wan

#: Rows of the run record: key -> Chinese. A key that is missing here is shown as it is.
RECORD = {
    "package": "测算程序 openfisca-jining 版本",
    "openfisca_core": "OpenFisca-Core 版本",
    "numpy": "NumPy 版本",
    "python": "Python 版本",
    "year": "申报年度",
    "source": "数据来源",
    "synthetic": "合成数据",
    "seed": "合成数据的随机种子",
    "notes": "数据说明",
    "projects": "项目数",
    "enterprises": "企业数",
    "data_sha256": "数据摘要（SHA-256）",
    "reforms": "改革",
    "reform_modules": "改革模块",
    "reform_files": "改革文件",
    "remarks": "检查的提醒",
    "changes": "改动的参数",
    "parts": "各项改动",
    "laws": "各种政策",
    "reform_laws": "各种改革",
    "years": "预测年度",
    "draws": "抽样次数",
    "measure": "衡量的量",
    "forecast_seed": "抽样的随机种子",
    "carry_over": "资金结转",
    "drivers": "驱动因素",
    "name": "名称",
    "modules": "模块",
    "files": "文件",
    "file": "文件",
    "title": "标题",
    "author": "作者",
    "note": "说明",
    "sha256": "SHA-256",
    "code": "代号",
    "value": "数值",
    "ground": "依据",
}


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
