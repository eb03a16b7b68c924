"""Command ``forecast``: what coming years cost, how sure that is, and when funds run out."""

from __future__ import annotations

import os
import re
import sys
from functools import partial
from typing import Any

import pandas

from openfisca_jining.clauses.register import documents
from openfisca_jining.commands.common import add_question, deliver, population_of, progress
from openfisca_jining.commands.grammar import MOST_PROCESSES, MOST_TIMES, integer
from openfisca_jining.report.console import table, wan

#: Draws unless told otherwise, and years after the claim year.
DRAWS, AHEAD = 200, 5
#: Processes unless told otherwise: as many as there are processors, at most so many (each needs some 300 MB).
MOST_WORKERS = 8
#: Counties listed on the screen that a fund leaves unpaid.
LISTED = 5
GROUNDS = {"已知": "已知", "文献": "文献", "假设": "假设 *", "设定": "设定"}


def add(commands) -> None:
    """Its grammar."""
    command = commands.add_parser(
        "forecast",
        help="今后各年的支出：期望、区间，专项资金会不会用完、在几月，预算安排多少才够",
        description="例：openfisca-jining forecast --synthetic --years 2021-2026 --draws 1000 "
        "--reform jining_2017_to_2025 --reform special_fund_300m --driver approval_rate=90%%",
    )
    add_question(command)
    command.add_argument("--years", metavar="首年-末年", help=f"预测年度（缺省：申报年度起 {AHEAD + 1} 年）")
    command.add_argument(
        "--draws", type=integer(MOST_TIMES), default=DRAWS, metavar="次数", help=f"抽样次数（缺省：{DRAWS}）"
    )
    command.add_argument(
        "--reform",
        action="append",
        default=[],
        metavar="模块或文件",
        help="与现行比较的一种政策；可重复，各自与现行比较，不叠加",
    )
    command.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="参数=值@日期",
        help="从某日起改变一个参数；可重复，合成一种与现行比较的政策",
    )
    command.add_argument(
        "--reading", action="append", default=[], metavar="文件.读法=取值", help="条文不明处的取法，各种政策都用"
    )
    command.add_argument(
        "--supply", action="append", default=[], metavar="参数=数", help="提供文件未定的数额，各种政策都用"
    )
    command.add_argument(
        "--driver", action="append", default=[], metavar="驱动因素=数", help="改变一个驱动因素，如 approval_rate=90%%"
    )
    command.add_argument("--forecast-seed", type=integer(), default=1, metavar="种子", help="抽样的随机种子（缺省：1）")
    command.add_argument("--carry-over", action="store_true", help="资金没有用完的结转到下一年")
    command.add_argument(
        "--workers", type=integer(MOST_PROCESSES), metavar="进程数", help="同时用几个进程，结果不变（缺省：处理器数）"
    )
    command.add_argument("--scheduler", metavar="地址", help="在 Dask 集群上算，如 tcp://10.0.0.1:8786，结果不变")
    command.set_defaults(run=run_forecast)


def run_forecast(options) -> int:
    """Forecast of the current law and of alternatives on the same draws."""
    from openfisca_jining.analysis.forecast.cluster import on_dask
    from openfisca_jining.analysis.forecast.drivers import drivers_from
    from openfisca_jining.analysis.forecast.forecast import forecast, in_processes
    from openfisca_jining.report.charts.forecast import charts

    workers = options.workers if options.workers is not None else min(os.cpu_count() or 1, MOST_WORKERS)
    if workers < 1:
        print("用法不对：--workers 应为正整数。", file=sys.stderr)
        return 2
    population, status = population_of(options)
    if population is None:
        return status
    drivers = drivers_from(options.driver)
    years = years_of(options.years, population.year)
    baseline, reforms, remarks = laws_of(options, years[-1])
    result = forecast(
        population,
        years,
        options.draws,
        reforms=reforms,
        baseline=baseline,
        drivers=drivers,
        seed=options.forecast_seed,
        carry_over=options.carry_over,
        workers=workers,
        run=partial(on_dask, scheduler=options.scheduler) if options.scheduler else in_processes,
        say=progress,
    )
    for remark in result.record["remarks"]:
        print(f"【提醒】{remark}", file=sys.stderr)
    result.record["remarks"] += remarks
    deliver(options, "预测", report(result), result, sheets_of(result), charts(result))
    return status


def years_of(text: str | None, first: int) -> list[int]:
    """Years of a text: ``2021-2026``, ``2023`` or ``2021,2023``. :param first: claim year. :raises BadFact: not of this form."""
    from openfisca_jining.errors import BadFact

    if text is None:
        return list(range(first, first + AHEAD + 1))
    if not re.fullmatch(r"\d{4}(-\d{4}|(,\d{4})*)", text.strip(), re.ASCII):
        raise BadFact(["years"], f"预测年度「{text}」的写法不对，应如 2021-2026 或 2021,2023。")
    if "-" not in text:
        return [int(year) for year in text.split(",")]
    start, end = map(int, text.split("-"))
    if start > end:
        raise BadFact(["years"], f"预测年度「{text}」首年晚于末年，应如 {end}-{start}。")
    return list(range(start, end + 1))


def laws_of(options, last: int):
    """The current law and the alternatives that a command asks for, as specifications, and what the lint remarks on them.

    :param last: last year of the forecast. :raises RefusedReform: the lint finds errors.
    """
    from openfisca_jining import CountryTaxBenefitSystem
    from openfisca_jining.analysis.forecast.forecast import CURRENT
    from openfisca_jining.analysis.forecast.runs import LawSpec
    from openfisca_jining.commands.attribute import change_words
    from openfisca_jining.reform_lint import lint, refuse
    from openfisca_jining.reforming import reformed

    law = CountryTaxBenefitSystem()
    asked: dict[str, Any] = {"readings": tuple(options.reading), "supply": tuple(options.supply)}
    remarks = refuse(lint(law, **asked, year=last))
    before = reformed(law, **asked)
    specs = []
    for reform in options.reform:
        remarks += refuse(lint(law, reforms=[reform], **asked, year=last))
        name = str(reformed(before, reforms=[reform]).name)
        specs.append(LawSpec(name, reforms=(reform,), **asked))
    if options.set:
        remarks += refuse(lint(law, changes=options.set, **asked, year=last))
        words = change_words(before, reformed(before, changes=options.set))
        specs.append(LawSpec(words or "与现行相同的参数", changes=tuple(options.set), **asked))
    said = list(dict.fromkeys(map(str, remarks)))
    for remark in said:
        print(remark, file=sys.stderr)
    return LawSpec(CURRENT.name, **asked), specs, said


# ----- words -----


def span(result) -> str:
    """The years in words."""
    years = result.years
    if len(years) == 1:
        return f"{years[0]} 年"
    whole = years[-1] - years[0] + 1 == len(years)
    return f"{years[0]} 至 {years[-1]} 年" if whole else "、".join(map(str, years)) + " 年"


def plain(yuan: float) -> str:
    """Yuan in 万元: whole ones from 100 on, to the second decimal below."""
    return "0" if yuan == 0 else wan(yuan, 0 if abs(yuan) >= 1_000_000 else 2)


def listed(values) -> str:
    """Amounts for the three chances."""
    return "、".join(plain(value) for value in values)


def chance(value: float, draws: int) -> str:
    """A chance in per cent; where no draw or every draw says so, what can be said of it with 95 per cent certainty."""
    if value in (0, 1) and draws > 3:
        return f"{'不到' if value == 0 else '超过'} {abs(value - 3 / draws):.1%}"
    return f"{value:.1%}"


def month_words(row) -> str:
    """Month of exhaustion, with the span that eight in ten of the draws in which the fund runs out fall into."""
    if pandas.isna(row["month"]):
        return ""
    months = [int(row[name]) for name in ("month", "month_early", "month_late")]
    return f"{months[0]} 月（{months[1]} 至 {months[2]} 月）" if months[1] < months[2] else f"{months[0]} 月"


def short_names(result) -> dict[str, str]:
    """Law -> its name in tables of the screen."""
    base, *reforms = result.laws
    return {base: "现行"} | {law: f"改革{number}" for number, law in enumerate(reforms, start=1)}


def news(result, rows, keys: list[str]):
    """Rows of the current law, and those of reforms that differ from it. :param keys: what a row is about, besides its law."""
    if not len(rows):
        return rows
    plain_rows = rows.drop(columns="law").round(6)
    base = plain_rows[rows["law"] == result.laws[0]]
    known = {tuple(row[key] for key in keys): row for row in base.astype(str).to_dict("records")}
    told = [known.get(tuple(row[key] for key in keys)) == row for row in plain_rows.astype(str).to_dict("records")]
    return rows[(rows["law"] == result.laws[0]) | ~pandas.Series(told, index=rows.index)]


# ----- the answer -----


def answer(result) -> str:
    """The answer: cost over the years with its band, when funds run out, what to ask for, what the reforms change."""
    whole = result.over_years().iloc[0]
    lines = [
        f"{result.laws[0]}，{span(result)}预计共支出 {plain(whole['mean'])} 万元（标准误 {plain(whole['se'])}），"
        f"八成的可能在 {plain(whole['q10'])} 至 {plain(whole['q90'])} 万元之间。",
        *fund_answers(result),
        *ask_answer(result),
    ]
    return "\n".join([*lines, *(reform_answer(result, law) for law in result.laws[1:])])


def fund_answers(result) -> list[str]:
    """Each fund under the current law, the largest first, in the year in which it is most likely to run out."""
    funds = result.exhaustion()
    mine = funds[(funds["law"] == result.laws[0]) & (funds["claimed"] > 0)] if len(funds) else funds
    if not len(mine):
        return ["各项资金都没有申请。"]
    said = []
    for fund, rows in mine.sort_values("available", ascending=False, kind="stable").groupby("fund", sort=False):
        worst = rows.sort_values("chance", ascending=False, kind="stable").iloc[0]
        share = chance(worst["chance"], result.draws)
        words = f"{fund} {worst['year']} 年用完的可能{'为 ' if share[0].isdigit() else ''}{share}"
        if worst["chance"]:
            needs = result.fund_need()
            of = (needs["law"] == result.laws[0]) & (needs["fund"] == fund) & (needs["year"] == worst["year"])
            words += (
                f"，用完的一半不晚于 {int(worst['month'])} 月；要有 80%、90%、95% 的把握够用，"
                f"应有 {listed(needs[of].iloc[0][['q80', 'q90', 'q95']])} 万元（现为 {plain(worst['available'])}）"
            )
        said.append(f"{words}。")
    return said


def ask_answer(result) -> list[str]:
    """What the costliest year takes, all payers together."""
    asked = result.appropriation()
    mine = asked[(asked["law"] == result.laws[0]) & (asked["payer"] == "合计")] if len(asked) else asked
    if not len(mine):
        return []
    row = mine.sort_values("mean", ascending=False, kind="stable").iloc[0]
    return [
        f"各级财政要有 80%、90%、95% 的把握付足资金池之前的应付额，{'支出最多的 ' if result.years[1:] else ''}{row['year']} 年"
        f"共应安排 {listed(row[['q80', 'q90', 'q95']])} 万元。"
    ]


def reform_answer(result, law: str) -> str:
    """What a reform changes, in money and in risk."""
    rows = result.difference_over_years()
    row = rows[rows["law"] == law].iloc[0]
    if not (row["mean"] or row["se"]):
        money = "每次抽样的支出都与现行相同"
    else:
        money = (
            f"{span(result)}共{'多' if row['mean'] > 0 else '少'}支出 {plain(abs(row['mean']))} 万元"
            f"（标准误 {plain(row['se'])}，八成的可能在 {plain(row['q10'])} 至 {plain(row['q90'])} 之间）"
        )
    said = []
    risk = result.risk()
    moved = risk[(risk["law"] == law) & (risk["change"] != 0)] if len(risk) else risk
    for fund, lines in moved.groupby("fund", sort=False) if len(moved) else ():
        most = lines.loc[lines["change"].abs().idxmax()]
        said.append(f"{fund} {most['year']} 年用完的可能由 {most['before']:.1%} 变为 {most['after']:.1%}")
    return f"{short_names(result)[law]}「{law}」：{money}；{'，'.join(said) or '资金用完的可能不变'}。"


# ----- the report -----


def report(result) -> str:
    """What the screen shows."""
    record = result.record
    made_up = "（合成数据，非实际申报）" if record["synthetic"] else ""
    carried = "没有用完的资金结转到下一年。" if record["carry_over"] else "没有用完的资金不结转。"
    note = "改革与现行相同的行不列。" if result.laws[1:] else ""
    lines = [
        answer(result),
        *lapsed_lines(result),
        "",
        f"基年 {record['year']}：{record['projects']} 个项目，{record['enterprises']} 家企业{made_up}。每年抽样 {result.draws} 次，"
        f"种子 {record['forecast_seed']}；各种政策用同样的抽样。{carried}金额单位：万元。{note}",
        *given_lines(record),
        *zero_lines(result),
        "",
        "各年支出（实付；10%、50%、90% 是分位数，它们的标准误见工作簿）：",
        years_text(result, result.summary(), result.over_years()),
        "",
        "各付款财政各年实付的均值（合计带标准误）：",
        across_text(result, "payer", "付款财政"),
        "",
        "各政策工具各年实付的均值（合计带标准误）：",
        across_text(result, "instrument", "政策工具"),
        "",
        *funds_lines(result),
        "",
        "要有 80%、90%、95% 的把握付足资金池之前的应付额，应安排：",
        appropriation_text(result),
    ]
    if result.laws[1:]:
        lines += ["", *difference_lines(result)]
    if result.drivers["lag_next_year"]:
        about = "当年实际付出（当年核定的一部分次年支付；首年以前核定的未知，不含）："
        lines += ["", about, years_text(result, result.cash_flow(), None)]
    lines += ["", *convergence_lines(result), "", *driver_lines(result), "", documents_text(result)]
    return "\n".join(lines)


def given_lines(record) -> list[str]:
    """Readings and quantities given for all laws."""
    given = "、".join(dict.fromkeys(f"{change['label']}（{change['reform']}）" for change in record["changes"]))
    return [f"各种政策都用给定的读法和数额：{given}。"] if given else []


def zero_lines(result) -> list[str]:
    """Why years cost nothing under the current law: which documents take no claims then."""
    total = result.amounts(result.laws[0]).any(axis=0)
    zero = [year for year, paid in zip(result.years, total, strict=True) if not paid]
    if not zero:
        return []
    base = result.documents[result.documents["law"] == result.laws[0]]
    words, ended = [], False
    for label, rows in base.groupby("label", sort=False):
        days = rows.dropna(subset=["first"])
        if set(zero) & set(days["year"]):
            words.append(f"{label} 可以申报，但没有它付的申请")
        else:
            ended = True
            words.append(f"{label} 只到 {days['last'].max()}" if len(days) else f"{label} 不在执行期")
    more = "延长后的支出可用 --reform 或 --reading 看。" if ended else ""
    return [f"现行政策下 {'、'.join(map(str, zero))} 年支出为 0：{'；'.join(words)}。{more}"]


def lapsed_lines(result) -> list[str]:
    """Which payers pay nothing in a year in which others do, because none of their documents takes claims then (current law)."""
    law = result.laws[0]
    base, everything = result.documents[result.documents["law"] == law], result.amounts(law).any(axis=0)
    lines = []
    for payer in dict.fromkeys(result.payers):
        own = base[base["label"].isin([about["short"] for about in documents().values() if about["payer"] == payer])]
        open_ = own.dropna(subset=["first"])
        paid = result.amounts(law, of=payer).any(axis=0)
        years = [
            year
            for year, some, all_ in zip(result.years, paid, everything, strict=True)
            if all_ and not some and year not in set(open_["year"])
        ]
        if years and len(own):
            ends = open_.groupby("label", sort=False)["last"].max().to_dict()
            why = "；".join(
                f"{label} 只到 {ends[label]}" if label in ends else f"{label} 不在执行期"
                for label in own["label"].unique()
            )
            lines.append(f"现行政策下{payer} {'、'.join(map(str, years))} 年为 0：{why}。")
    return lines


FIGURES = ("mean", "se", "q10", "q50", "q90")


def years_text(result, rows, sums) -> str:
    """Mean, standard error and quantiles by law and year, with the sum over the years (None: without)."""
    names, body = short_names(result), []
    for law, mine in rows.groupby("law", sort=False) if len(rows) else ():
        total = (
            [] if sums is None or len(mine) == 1 else sums[sums["law"] == law].assign(year="合计").to_dict("records")
        )
        for row in [*mine.to_dict("records"), *total]:
            body.append([names[law], str(row["year"]), *(plain(row[name]) for name in FIGURES)])
    return table(["政策", "年度", "均值", "标准误", "10%", "50%", "90%"], body, left=2)


def across_text(result, by: str, heading: str) -> str:
    """Means of each year side by side."""
    found, sums = result.summary("paid", by), result.over_years("paid", by)
    names, body = short_names(result), []
    keep = set(zip(*(news(result, sums, ["of"])[name] for name in ("law", "of")), strict=True))
    for (law, of), mine in found.groupby(["law", "of"], sort=False) if len(found) else ():
        if (law, of) in keep:
            total = sums[(sums["law"] == law) & (sums["of"] == of)].iloc[0]
            whole = f"{plain(total['mean'])} ± {plain(total['se'])}"
            body.append([names[law], of, *map(plain, mine["mean"]), whole])
    return table(["政策", heading, *(f"{year}" for year in result.years), "合计"], body, left=2)


def funds_lines(result) -> list[str]:
    """Funds: chance and month of exhaustion, shortfall, and who is left unpaid."""
    funds = result.exhaustion()
    used = funds[funds["claimed"] > 0] if len(funds) else funds
    if not len(used):
        return ["资金：各年都没有申请。"]
    names = short_names(result)
    rows = [
        [
            names[row["law"]],
            row["fund"],
            str(row["year"]),
            plain(row["available"]),
            f"{plain(row['claimed'])} ± {plain(row['claimed_se'])}",
            f"{row['chance']:.1%} ± {row['chance_se']:.1%}",
            month_words(row),
            f"{plain(row['shortfall'])} ± {plain(row['shortfall_se'])}",
            plain(row["shortfall_if_out"]),
        ]
        for row in news(result, used, ["fund", "year"]).to_dict("records")
    ]
    head = ["政策", "资金", "年度", "可用", "申请均值", "用完的可能", "用完的月份", "缺口均值", "用完时的缺口"]
    lines = [
        "资金（用完：有申请得不到足额支付；月份是用完的抽样的中位数，括号内为其中八成；没有申请的年度不列）：",
        table(head, rows, left=3),
    ]
    for (fund, year), short in result.left_unpaid(result.laws[0]).groupby(["fund", "year"], sort=False):
        named = "、".join(f"{row.county} {plain(row.shortfall)}" for row in short.head(LISTED).itertuples())
        lines.append(f"现行政策下 {fund} {year} 年少付给（期望数）：{named}{' 等' if len(short) > LISTED else ''}。")
    return lines


def appropriation_text(result) -> str:
    """Claims before pools with 80, 90 and 95 per cent certainty, by law, payer and year."""
    names, found = short_names(result), news(result, result.appropriation(), ["payer", "year"])
    rows = [
        [names[row["law"]], row["payer"], str(row["year"])]
        + [plain(row[name]) for name in ("mean", "se", "q80", "q90", "q95")]
        for row in found.to_dict("records")
    ]
    return table(["政策", "付款财政", "年度", "均值", "标准误", "80%", "90%", "95%"], rows, left=3)


def difference_lines(result) -> list[str]:
    """Reforms less the current law on the same draws: money and the chance that funds run out."""
    names = short_names(result)
    lines = [
        "与现行政策的差额（同样的抽样，逐次相减）：",
        years_text(result, result.difference(), result.difference_over_years()),
    ]
    risk = result.risk()
    moved = risk[risk["change"] != 0] if len(risk) else risk
    if len(risk) and not len(moved):
        lines += ["", "资金用完的可能都不变。"]
    if len(moved):
        rows = [
            [
                names[row["law"]],
                row["fund"],
                str(row["year"]),
                f"{row['before']:.1%}",
                f"{row['after']:.1%}",
                f"{100 * row['change']:+.1f} ± {100 * row['change_se']:.1f}",
            ]
            for row in moved.to_dict("records")
        ]
        head = ["政策", "资金", "年度", "现行", "改革", "变动（百分点）"]
        lines += ["", "资金用完的可能（只列有变动的）：", table(head, rows, left=3)]
    return lines


def convergence_lines(result) -> list[str]:
    """Whether the draws were enough."""
    rows = [
        [str(row["draws"]), plain(row["mean"]), plain(row["se"]), f"{row['share']:.2%}", plain(row["q90"])]
        for row in result.convergence().to_dict("records")
    ]
    return [
        f"抽样够不够（{result.laws[0]}，各年合计）：{enough(result)}",
        table(["抽样次数", "均值", "标准误", "占均值", "90% 分位"], rows),
    ]


def enough(result) -> str:
    """Whether the draws were enough, in words."""
    needed, last = result.draws_needed(), result.convergence().iloc[-1]
    now = f"{result.draws} 次时标准误是均值的 {last['share']:.2%}，"
    return now + ("已在 1% 以内。" if needed <= result.draws else f"要到 1% 约需 {needed} 次（--draws {needed}）。")


def driver_lines(result) -> list[str]:
    """Drivers with their ground."""
    drivers = result.drivers.table()
    rows = [
        [row["code"], row["label"], shown(row["value"], row["unit"]), GROUNDS[row["ground"]]]
        for row in drivers.to_dict("records")
    ]
    assumed = int((drivers["ground"] == "假设").sum())
    return [
        f"驱动因素（* 为假设，共 {assumed} 项，没有公布数支持；理由见工作簿；用 --driver 代号=数 改变）：",
        table(["代号", "驱动因素", "数值", "依据"], rows, left=2),
    ]


def shown(value: float, unit: str) -> str:
    """A driver's value in its unit."""
    return f"{100 * value:g}%" if unit == "/1" else f"{value:g}{f' {unit}' if unit else ''}"


def documents_text(result) -> str:
    """When documents take claims, by law and year."""
    names, rows = short_names(result), []
    for (law, label), mine in result.documents.groupby(["law", "label"], sort=False):
        rows.append([names[law], label, *(spans_of(mine[mine["year"] == year]) for year in result.years)])
    base = [row[1:] for row in rows if row[0] == "现行"]
    rows = [row for row in rows if row[0] == "现行" or row[1:] not in base]
    return f"各文件可申报的日子：\n{table(['政策', '文件', *map(str, result.years)], rows, left=2)}"


def spans_of(rows) -> str:
    """Open days of a document in a year: 全年, 无, or from and to."""
    open_ = rows.dropna(subset=["first"])
    days = [(first[5:], last[5:]) for first, last in zip(open_["first"], open_["last"], strict=True)]
    return "、".join("全年" if day == ("01-01", "12-31") else f"{day[0]} 至 {day[1]}" for day in days) or "无"


# ----- the workbook -----

HEADINGS = {
    "law": "政策",
    "fund": "资金",
    "payer": "付款财政",
    "year": "年度",
    "month": "月份",
    "county": "县（市、区）",
    "mean": "均值",
    "se": "均值的标准误",
    "q10": "10% 分位",
    "q25": "25% 分位",
    "q50": "50% 分位",
    "q75": "75% 分位",
    "q80": "80% 分位",
    "q90": "90% 分位",
    "q95": "95% 分位",
    "available": "可用",
    "claimed": "申请均值",
    "paid": "支付均值",
    "chance": "用完的可能",
    "shortfall": "缺口均值",
    "shortfall_if_out": "用完时的缺口均值",
    "month_early": "最早一成的月份",
    "month_late": "最晚一成的月份",
    "enough": "现有资金够用的可能",
    "before": "现行用完的可能",
    "after": "改革后用完的可能",
    "change": "变动",
    "draws": "抽样次数",
    "share": "标准误占均值",
}
SHARES = ("chance", "enough", "before", "after", "change", "share")


def sheet(name: str, title: str, rows, note: str, **more: str):
    """A sheet with Chinese headings. :param more: column -> heading, where it differs from the usual one."""
    from openfisca_jining.report.workbook import Sheet

    names = HEADINGS | more
    headings = {
        column: names.get(column) or f"{names[column.removesuffix('_se')].removesuffix('均值')}的标准误"
        for column in rows.columns
    }
    formats = {headings[column]: "share" for column in rows if column.removesuffix("_se") in SHARES}
    formats |= {headings[column]: "number" for column in rows if column in ("month", "month_early", "month_late")}
    formats |= {headings[column]: "text" for column in rows if column == "year"}
    return Sheet(name, title, rows.rename(columns=headings), note, formats)


def sheets_of(result) -> list:
    """Workbook: every table with standard errors, drivers, documents, convergence."""
    from openfisca_jining.report.workbook import Sheet

    record = result.record
    made_up = "合成数据，非实际申报。" if record["synthetic"] else ""
    about = (
        f"{made_up}数据：{record['source']}；基年 {record['year']}；每年抽样 {result.draws} 次，种子 {record['forecast_seed']}；"
        f"金额单位：万元。"
    )
    of = {"total": "范围", "payer": "付款财政", "instrument": "政策工具"}
    said = pandas.DataFrame(
        {"结论": [*answer(result).split("\n"), *lapsed_lines(result), *zero_lines(result), enough(result)]}
    )
    sheets = [Sheet("结论", f"{span(result)}支出预测", said, about)]
    for by, name in (("total", "各年支出"), ("payer", "按付款财政"), ("instrument", "按政策工具")):
        rows = with_sums(result.summary("paid", by), result.over_years("paid", by))
        sheets.append(sheet(name, f"{name}（实付）", rows, about, of=of[by]))
    sheets += [
        sheet("资金", "资金用完的可能、月份和缺口", result.exhaustion(), f"{about}月份：用完的抽样的中位数。"),
        sheet("资金按月", "到各月底资金已经用完的可能", result.exhaustion_by_month(), about),
        sheet("少付给谁", "资金用完时少付的（期望数）", unpaid(result), about),
        sheet("资金应有多少", "资金要有多少才够付申请", result.fund_need(), f"{about}分位数即有这么大把握够用的数。"),
        sheet("应安排多少", "付足资金池之前的应付额", result.appropriation(), f"{about}分位数即有这么大把握够用的数。"),
        sheet("当年付出", "当年付出的现金", result.cash_flow(), f"{about}首年以前核定的未知，不含。"),
    ]
    if result.laws[1:]:
        for by, name in (("total", "差额"), ("payer", "差额按付款财政"), ("instrument", "差额按政策工具")):
            rows = with_sums(result.difference("paid", by), result.difference_over_years("paid", by))
            sheets.append(sheet(name, "与现行政策的差额（同样的抽样，逐次相减）", rows, about, of=of[by]))
        sheets.append(sheet("风险", "资金用完的可能，与现行比较", result.risk(), about, change="变动"))
    return [*sheets, *ground_sheets(result, about)]


def with_sums(rows, sums) -> pandas.DataFrame:
    """Rows by year and the sums over the years, of what is not 0 in every draw."""
    both = pandas.concat([rows, sums.assign(year="合计")], ignore_index=True)
    order = ["law", "year", "of", *(name for name in both if name not in ("law", "year", "of"))]
    moves = (both["mean"] != 0) | (both["se"] != 0)
    return both.loc[moves.groupby([both["law"], both["of"]]).transform("any"), order]


def unpaid(result) -> pandas.DataFrame:
    """Who is left unpaid, all laws."""
    parts = [result.left_unpaid(law).assign(law=law) for law in result.laws]
    return pandas.concat(parts, ignore_index=True)[["law", "fund", "year", "county", "shortfall", "shortfall_se"]]


def ground_sheets(result, about: str) -> list:
    """What the figures rest on: convergence, drivers, documents."""
    from openfisca_jining.report.workbook import Sheet

    drivers = result.drivers.table()
    table_ = pandas.DataFrame(
        {
            "代号": drivers["code"],
            "驱动因素": drivers["label"],
            "数值": drivers["value"],
            "缺省": drivers["default"],
            "单位": drivers["unit"].replace("/1", "比例"),
            "依据": drivers["ground"].map(GROUNDS),
            "来源或理由": drivers["why"],
        }
    )
    documents = result.documents.drop(columns="document").fillna("不在执行期")
    documents.columns = pandas.Index(["政策", "文件", "年度", "最早申报日", "最后申报日"])
    return [
        sheet("收敛", "抽样够不够", result.convergence(), f"{enough(result)}{about}", mean="均值", se="标准误"),
        Sheet(
            "驱动因素", "驱动因素及其依据", table_, "* 为假设，没有公布数支持。", {"数值": "number", "缺省": "number"}
        ),
        Sheet("执行期", "各文件可申报的日子", documents, about, {"年度": "text"}),
    ]
