"""Command ``backtest``: how good the forecasts are, on made-up years that they have not seen."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from openfisca_jining.commands.common import add_law, deliver, law_of, progress, reform_titles
from openfisca_jining.commands.grammar import MOST_PROCESSES, MOST_TIMES, claim_year, integer
from openfisca_jining.report.console import table, wan

#: Processes unless told otherwise: as many as there are processors, at most so many.
MOST_WORKERS = 8


def add(commands) -> None:
    """Its grammar."""
    command = commands.add_parser("backtest", help="回测：预测对没有见过的（合成）年度有多准，与朴素预测和公布数对照")
    command.add_argument("--years", type=claim_year, nargs="+", metavar="基年", help="基年（缺省 2018 2019 2020）")
    command.add_argument("--replicates", type=integer(MOST_TIMES), metavar="个数", help="每个基年的起点数（缺省 30）")
    command.add_argument("--draws", type=integer(MOST_TIMES), metavar="次数", help="每次预测的抽样次数（缺省 60）")
    command.add_argument(
        "--stage",
        choices=["claimed", "paid"],
        default="claimed",
        help="口径：claimed 资金池之前的应付（缺省），paid 实付",
    )
    command.add_argument("--seed", type=integer(), default=1, help="随机种子")
    add_forecasting(command)
    add_law(command)
    command.add_argument(
        "--out", type=Path, metavar="目录", help="把表（.xlsx）、图（.png）和数据（.json）写进这个目录"
    )
    command.add_argument("--json", action="store_true", help="在屏幕上输出 JSON")
    command.set_defaults(run=run_backtest)


def add_forecasting(command: argparse.ArgumentParser) -> None:
    """Options of a forecast: drivers, and how many processes share the work."""
    command.add_argument(
        "--driver",
        action="append",
        default=[],
        metavar="驱动因素=数",
        help="改变一个驱动因素，可重复，如 approval_rate=100%%",
    )
    command.add_argument(
        "--workers", type=integer(MOST_PROCESSES), metavar="进程数", help="同时用几个进程，结果不变（缺省：处理器数）"
    )


def workers_of(options) -> int | None:
    """Number of processes asked for; None, after saying so, if there can be no such number."""
    workers = options.workers if options.workers is not None else min(os.cpu_count() or 1, MOST_WORKERS)
    if workers < 1:
        print("用法不对：--workers 应为正整数。", file=sys.stderr)
        return None
    return workers


def law_spec(options):
    """The law asked for, as any process can build it. :raises RefusedReform: the lint finds errors."""
    from openfisca_jining.analysis.forecast.forecast import CURRENT
    from openfisca_jining.analysis.forecast.runs import LawSpec

    baseline, system = law_of(options)
    titles = "；".join(reform_titles(system, baseline)) or CURRENT.name
    asked = (options.reform or [], options.reading, options.supply, options.set)
    return LawSpec(titles, *(tuple(each) for each in asked))


def run_backtest(options) -> int:
    """Scores of forecasts on held-out years, and published totals beside the forecast of their year."""
    from openfisca_jining.analysis.forecast.backtest import DRAWS, REPLICATES, YEARS, backtest
    from openfisca_jining.analysis.forecast.drivers import drivers_from
    from openfisca_jining.analysis.forecast.published import DRAWS as PUBLISHED_DRAWS
    from openfisca_jining.analysis.forecast.published import beside_published
    from openfisca_jining.report.charts.backtest import charts

    workers = workers_of(options)
    if workers is None:
        return 2
    drivers, law = drivers_from(options.driver), law_spec(options)
    common = {"law": law, "drivers": drivers, "seed": options.seed, "workers": workers, "say": progress}
    result = backtest(
        REPLICATES if options.replicates is None else options.replicates,
        DRAWS if options.draws is None else options.draws,
        years=options.years or YEARS,
        stage=options.stage,
        **common,
    )
    published = beside_published(options.draws or PUBLISHED_DRAWS, **common)
    both = Both(result, published)
    deliver(options, "回测", report(result, published), both, sheets_of(result, published), charts(result))
    return 0


class Both:
    """A back-test and the published totals, delivered together."""

    def __init__(self, result, published) -> None:
        self.result, self.published = result, published
        self.record = result.record

    def to_json(self) -> dict:
        """JSON-ready; money in yuan."""
        return self.result.to_json() | {"published": self.published.to_json()["published"]}


# ----- the report -----


def report(result, published) -> str:
    """What the screen shows: the answer, scores by process, by payer and years ahead, published totals."""
    from openfisca_jining.analysis.forecast.backtest import WORDS

    record = result.record
    lines = [
        answer(result),
        "",
        f"合成数据，非实际申报。基年 {'、'.join(map(str, record['base_years']))}，各 {record['replicates']} 个起点；"
        f"每次预测抽样 {result.draws} 次；口径：{WORDS[result.stage]}。",
        *(f"  {line}" for line in process_lines(result)),
        "",
        "合计，各预测年数合并（括号内：标准误）：",
        process_text(result),
        "  CRPS 越小越好，此处为占真值的比例；“比去年数”“比只重抽”为 CRPS 小多少，负数表示不如朴素预测。",
        "  误差比：实际误差（不含偏差）的标准差与预测的标准差之比，大于 1 为区间太窄。",
        "",
        "80% 区间的覆盖率和偏差，按付款财政和预测年数：",
        payer_text(result),
        "",
        "与公布数对照（由上一年的合成申报预测，万元；没有一个公布数是全年补助合计，只看量级）：",
        published_text(published),
    ]
    return "\n".join(lines)


def process_lines(result) -> list[str]:
    """What each process does to the held-out years, in words."""
    from openfisca_jining.analysis.forecast.backtest import SELF

    lines = []
    for one in result.processes:
        if one == SELF:
            lines.append(f"{one.label}，只检验打分。")
        elif not (one.count_sigma or one.size_sigma or one.days_sigma):
            lines.append(f"{one.label}：另一批虚构企业的申报，投资总额各年相同，项目数随企业数增长，全部获批。")
        else:
            lines.append(
                f"{one.label}：再加各年共同波动，项目数、规模的对数标准差 {one.count_sigma:g}、{one.size_sigma:g}，"
                f"申报日期 {one.days_sigma:g} 天，年度自相关 {one.persistence:g}。"
            )
    return lines


def answer(result) -> str:
    """The answer in one sentence."""
    from openfisca_jining.analysis.forecast.backtest import SELF, TOTAL

    scores = result.scores("payer")
    scores = scores[scores["payer"] == TOTAL].set_index("process")
    shown = [one for one in result.processes if one != SELF] or list(result.processes)
    parts = []
    for one in shown:
        row = scores.loc[one.name]
        parts.append(
            f"{one.label.removeprefix('合成年度，')}时覆盖 {row['coverage']:.0%}、偏{'低' if row['bias'] < 0 else '高'} "
            f"{abs(row['bias']):.0%}、CRPS 比去年数{better(row['skill_last'])}"
        )
    return f"回测 {result.origins} 个起点，预测合计的 80% 区间：{'；'.join(parts)}。"


def better(skill: float) -> str:
    """A share of CRPS in words: 好 5%, 差 5%."""
    return f"{'好' if skill > 0 else '差'} {abs(skill):.0%}"


def process_text(result) -> str:
    """Scores of the total by process."""
    from openfisca_jining.analysis.forecast.backtest import TOTAL

    scores = result.scores("payer")
    labels = {one.name: one.label for one in result.processes}
    rows = [
        [
            labels[row["process"]],
            str(row["cases"]),
            f"{row['coverage']:.0%}({row['coverage_se']:.0%})",
            f"{row['bias']:+.0%}({row['bias_se']:.0%})",
            f"{row['bias_last']:+.0%}({row['bias_last_se']:.0%})",
            f"{row['crps_share']:.1%}",
            f"{row['skill_last']:+.0%}({row['skill_last_se']:.0%})",
            f"{row['skill_plain']:+.0%}({row['skill_plain_se']:.0%})",
            f"{row['error_ratio']:.2f}",
            row["verdict"],
        ]
        for row in scores[scores["payer"] == TOTAL].to_dict("records")
    ]
    return table(
        ["真值", "次数", "覆盖率", "偏差", "去年数偏差", "CRPS", "比去年数", "比只重抽", "误差比", "判断"], rows
    )


def payer_text(result) -> str:
    """Coverage and bias by payer, years ahead and process."""
    scores = result.scores()
    names = [one.name for one in result.processes]
    short = [one.label.removeprefix("合成年度，").partition("：")[0] for one in result.processes]
    found = {(row["payer"], row["horizon"], row["process"]): row for row in scores.to_dict("records")}
    rows = []
    for payer in scores["payer"].drop_duplicates():
        for horizon in sorted(scores["horizon"].unique()):
            cells = [found.get((payer, horizon, name)) for name in names]
            if not any(cells):
                continue
            shown = ["" if cell is None else f"{cell['coverage']:.0%} {cell['bias']:+.0%}" for cell in cells]
            rows.append([str(payer), f"后 {horizon} 年", *shown])
    return table(["付款财政", "预测", *short], rows, left=2)


def published_text(published) -> str:
    """Published totals beside the forecasts."""
    rows = [
        [
            row["item"],
            str(row["year"]),
            wan(row["published"], 0),
            row["payer"],
            wan(row["mean"], 0),
            f"{wan(row['low'], 0)} 至 {wan(row['high'], 0)}",
            row["comparable"],
        ]
        for row in published.table.to_dict("records")
    ]
    return table(["公布的", "年度", "公布数", "付款财政", "预测实付", "80% 区间", "可比"], rows)


# ----- the workbook -----

SCORES = {
    "label": "真值",
    "horizon": "预测年数",
    "payer": "付款财政",
    "cases": "次数",
    "truth": "真值平均",
    "mean": "预测平均",
    "bias": "偏差",
    "bias_se": "偏差标准误",
    "bias_last": "去年数的偏差",
    "coverage": "80%区间覆盖率",
    "coverage_se": "覆盖率标准误",
    "crps": "CRPS",
    "crps_share": "CRPS占真值",
    "skill_last": "比去年数好",
    "skill_last_se": "比去年数好：标准误",
    "skill_plain": "比只重抽好",
    "skill_plain_se": "比只重抽好：标准误",
    "error_ratio": "误差比",
    "pit_mean": "真值平均位置",
    "verdict": "判断",
}
CASES = {
    "label": "真值",
    "base": "基年",
    "seed": "种子",
    "horizon": "预测年数",
    "payer": "付款财政",
    "truth": "真值数",
    "mean": "预测平均",
    "low": "区间下端",
    "high": "区间上端",
    "pit": "真值位置",
    "crps": "CRPS",
    "last": "去年数",
    "crps_last": "CRPS：去年数",
    "crps_plain": "CRPS：只重抽",
}
PUBLISHED = {
    "item": "公布的",
    "year": "年度",
    "published": "公布数",
    "payer": "付款财政",
    "mean": "预测实付",
    "low": "区间下端",
    "high": "区间上端",
    "claimed": "预测应付（资金池之前）",
    "comparable": "可比",
    "why": "差在哪里",
    "source": "来源",
    "confidence": "置信度",
}
SHARES = ("偏差", "去年数的偏差", "覆盖率", "CRPS占真值", "比去年数", "比只重抽", "80%区间覆盖率")


def sheets_of(result, published) -> list:
    """Workbook: scores, all cases, published totals, drivers."""
    import pandas

    from openfisca_jining.analysis.forecast.backtest import WORDS
    from openfisca_jining.report.workbook import Sheet

    labels = {one.name: one.label for one in result.processes}
    about = f"合成数据，非实际申报。{result.record['source']}。口径：{WORDS[result.stage]}。金额单位：万元。{''.join(process_lines(result))}"

    def named(rows, headings):
        rows = rows.assign(label=rows["process"].map(labels)) if "process" in rows else rows
        return rows[[key for key in headings if key in rows]].rename(columns=headings)

    shares = {heading: "share" for heading in SCORES.values() if heading.startswith(SHARES)}
    plain = {"误差比": "number", "真值平均位置": "number"}
    years = {"基年": "text", "种子": "text", "年度": "text"}
    drivers = pandas.DataFrame(result.record["drivers"]).rename(
        columns={"code": "驱动因素", "value": "数值", "ground": "依据"}
    )
    return [
        Sheet("得分", answer(result), named(result.scores("payer"), SCORES), about, shares | plain),
        Sheet("按预测年数", "各付款财政、各预测年数的得分", named(result.scores(), SCORES), about, shares | plain),
        Sheet(
            "逐次", "每个起点、每个年度的预测与真值", named(result.cases, CASES), about, years | {"真值位置": "number"}
        ),
        Sheet("公布数", "公布数与由上一年合成申报预测的同年实付", named(published.table, PUBLISHED), about, years),
        Sheet("驱动因素", "预测所用的驱动因素", drivers, about, {"数值": "number"}),
    ]
