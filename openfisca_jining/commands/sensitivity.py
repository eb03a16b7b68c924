"""Command ``sensitivity``: what a forecast hangs on: drivers, common shocks, and readings, each kept apart."""

from __future__ import annotations

import sys

from openfisca_jining.commands.backtest import add_forecasting, law_spec, workers_of
from openfisca_jining.commands.common import add_law, add_question, deliver, population_of, progress
from openfisca_jining.commands.forecast import years_of
from openfisca_jining.commands.grammar import MOST_TIMES, integer
from openfisca_jining.report.console import table, wan

#: Draws unless told otherwise: for the drivers, for the readings.
DRAWS, READING_DRAWS = 200, 50
#: Drivers and readings listed on the screen.
LISTED = 12


def add(commands) -> None:
    """Its grammar."""
    command = commands.add_parser(
        "sensitivity", help="预测最受什么影响：各驱动因素的低值和高值、全市共同波动、条文的读法，分开看"
    )
    add_question(command)
    command.add_argument("--years", metavar="首年-末年", help="预测年度（缺省：申报年度的下一年）")
    command.add_argument(
        "--draws", type=integer(MOST_TIMES), default=DRAWS, metavar="次数", help=f"抽样次数（缺省：{DRAWS}）"
    )
    command.add_argument(
        "--reading-draws",
        type=integer(MOST_TIMES),
        default=READING_DRAWS,
        metavar="次数",
        help=f"看读法时的抽样次数（缺省：{READING_DRAWS}；0：不看读法）",
    )
    command.add_argument(
        "--laws",
        type=integer(MOST_TIMES),
        default=0,
        metavar="个数",
        help="另找读法的最低和最高组合，每年最多计算多少种取法（缺省：0，不找；4000 种约几分钟）",
    )
    command.add_argument("--measure", default="total", metavar="口径", help="total（缺省）、付款财政或政策工具的名称")
    command.add_argument("--only", nargs="+", default=[], metavar="驱动因素", help="只看这些驱动因素")
    command.add_argument("--forecast-seed", type=integer(), default=1, metavar="种子", help="抽样的随机种子（缺省：1）")
    add_forecasting(command)
    add_law(command)
    command.set_defaults(run=run_sensitivity)


def run_sensitivity(options) -> int:
    """Drivers one at a time, variance explained by the common shocks, and the band of the readings."""
    from openfisca_jining.analysis.forecast.drivers import drivers_from
    from openfisca_jining.analysis.forecast.sensitivity import readings_band, sensitivity
    from openfisca_jining.report.charts.sensitivity import charts

    workers = workers_of(options)
    if workers is None:
        return 2
    if min(options.reading_draws, options.laws) < 0:
        print("用法不对：--reading-draws 和 --laws 应为 0 或正整数。", file=sys.stderr)
        return 2
    population, status = population_of(options)
    if population is None:
        return status
    years = years_of(options.years or str(population.year + 1), population.year)
    law = law_spec(options)
    common = {
        "law": law,
        "drivers": drivers_from(options.driver),
        "measure": options.measure,
        "seed": options.forecast_seed,
        "workers": workers,
        "say": progress,
    }
    result = sensitivity(population, years, options.draws, only=options.only, **common)
    band = None
    if options.reading_draws:
        band = readings_band(population, years, options.reading_draws, joint=options.laws, **common)
    both = Both(result, band)
    deliver(options, "预测敏感性", report(result, band), both, sheets_of(result, band), charts(result, band))
    return status


class Both:
    """Sensitivity to the drivers and the band of the readings, delivered together."""

    def __init__(self, result, band) -> None:
        self.result, self.band, self.record = result, band, result.record

    def to_json(self) -> dict:
        """JSON-ready; money in yuan."""
        readings = None if self.band is None else {key: self.band.to_json()[key] for key in ("band", "alternatives")}
        return self.result.to_json() | {"readings": readings}


# ----- words -----


def year_words(year: int) -> str:
    """A year, or all years together."""
    from openfisca_jining.analysis.forecast.sensitivity import ALL_YEARS

    return "各年合计" if year == ALL_YEARS else f"{year} 年"


def change(yuan: float) -> str:
    """A change in 万元 with its sign."""
    return ("+" if yuan > 0 else "") + wan(yuan)


def value(number: float, unit: str) -> str:
    """A driver's value in its unit."""
    return f"{100 * number:g}%" if unit == "/1" else f"{number:g}{unit}"


def measure_words(result) -> str:
    """Whose money, unless it is all."""
    return "" if result.record["measure"] == "total" else result.record["measure"]


def answer(result, band) -> str:
    """The answer in one sentence: the driver that matters most, the shocks, the readings."""
    first, base = result.tornado().iloc[0], result.base.iloc[0]
    if not first["spread"]:
        return f"{measure_words(result)}预测支出（期望 {wan(base['mean'])} 万元）不受所看的驱动因素影响。"
    ends = "、".join(
        f"{value(first[end], first['unit'])} 时 {change(first[f'{end}_effect'])} 万元" for end in ("low", "high")
    )
    said = f"{measure_words(result)}预测支出（期望 {wan(base['mean'])} 万元）最受「{first['label']}」影响：{ends}"
    if len(result.shares):
        shares = result.shares[["count", "size"]].sum(axis=1)
        said += f"；抽样的波动中，全市共同波动占 {shares.iloc[0]:.0%}"
    if band is not None:
        row = band.table.iloc[0]
        said += (
            f"；{row['year']} 年换一种读法，期望支出在 {wan(row['low'])} 至 {wan(row['high'])} 万元之间"
            f"（抽样的 80% 区间：{wan(row['dice_low'])} 至 {wan(row['dice_high'])} 万元）"
        )
    return said + "。"


# ----- the report -----


def report(result, band) -> str:
    """What the screen shows: the answer, drivers, shocks, readings."""
    record = result.record
    made_up = "（合成数据，非实际申报）" if record["synthetic"] else ""
    lines = [
        answer(result, band),
        "",
        f"申报年度 {record['year']}：{record['projects']} 个项目{made_up}；预测 {'、'.join(map(str, result.years))} 年，"
        f"抽样 {result.draws} 次。金额单位：万元（括号内：标准误）。",
        "",
        "逐一改变驱动因素，对期望支出（实付）和 90% 把握的预算安排（资金池之前）的影响，各年合计：",
        drivers_text(result),
        "",
        *shares_text(result),
    ]
    if band is not None:
        lines += ["", *band_text(band)]
    return "\n".join(lines)


def drivers_text(result) -> str:
    """Drivers by their effect on the expected cost; those without any in one line."""
    cost, ask = result.tornado(), result.tornado("q90").set_index("driver")
    rows, still = [], []
    for row in cost.to_dict("records"):
        other = ask.loc[row["driver"]]
        if not row["spread"] and not other["spread"]:
            still.append(row["label"].partition("（")[0].partition("：")[0])
            continue
        for end, word in (("low", "低"), ("high", "高")):
            rows.append(
                [
                    row["label"] if end == "low" else "",
                    f"{word} {value(row[end], row['unit'])}",
                    f"{change(row[f'{end}_effect'])}({wan(row[f'{end}_se'], 0)})",
                    f"{change(other[f'{end}_effect'])}({wan(other[f'{end}_se'], 0)})",
                ]
            )
    text = table(["驱动因素", "改为", "期望支出", "90%预算安排"], rows[: 2 * LISTED], left=2)
    if len(rows) > 2 * LISTED:
        text += f"\n  另有 {len(rows) // 2 - LISTED} 个影响更小，见工作簿。"
    return text + (f"\n  没有影响：{'、'.join(still)}。" if still else "")


def shares_text(result) -> list[str]:
    """Shares of the variance by year."""
    lines = ["抽样波动（方差）的来源（回归，共同波动与其余）："]
    for row in result.shares.to_dict("records"):
        lines.append(
            f"  {row['year']} 年：全市项目数 {row['count']:.0%}，全市规模 {row['size']:.0%}，其余（哪些项目来、多大、何时）{row['rest']:.0%}"
        )
    return lines if len(lines) > 1 else ["各年支出没有波动。"]


def band_text(band) -> list[str]:
    """The band of the readings beside that of the dice."""
    lines = [
        f"读法是条文不明，不是机会，不与抽样相加（抽样 {band.draws} 次；读法一栏都是期望支出）：",
    ]
    rows = []
    for row in band.table.to_dict("records"):
        joint = "" if row["joint_low"] != row["joint_low"] else f"{wan(row['joint_low'])} 至 {wan(row['joint_high'])}"
        rows.append(
            [
                f"{row['year']} 年",
                wan(row["mean"]),
                f"{wan(row['dice_low'])} 至 {wan(row['dice_high'])}",
                f"{wan(row['low'])} 至 {wan(row['high'])}",
                joint,
            ]
        )
    headings = ["年度", "期望支出", "抽样 80% 区间", "只换一种读法", "读法组合"]
    if not any(row[-1] for row in rows):
        headings, rows = headings[:-1], [row[:-1] for row in rows]
    lines.append(table(headings, rows))
    for row in band.table.to_dict("records"):
        for end, word in (("low", "最低"), ("high", "最高")):
            if row[f"{end}_words"]:
                lines.append(f"  {row['year']} 年{word}：{row[f'{end}_words']}")
    if not band.complete:
        lines.append("  组合没有找完（--laws 用尽），真正的最低和最高可能更远。")
    return lines


# ----- the workbook -----


def sheets_of(result, band) -> list:
    """Workbook: drivers, base, shares of variance, readings."""
    import pandas

    from openfisca_jining.report.workbook import Sheet

    record = result.record
    made_up = "合成数据，非实际申报。" if record["synthetic"] else ""
    about = f"{made_up}数据：{record['source']}；申报年度 {record['year']}；抽样 {result.draws} 次；金额单位：万元。"
    order = {code: place for place, code in enumerate(result.tornado()["driver"])}
    effects = result.effects.assign(
        place=result.effects["driver"].map(order),
        when=result.effects["year"].map(year_words),
        word=result.effects["end"].map({"low": "低", "high": "高"}),
    ).sort_values(["place", "year", "end"], ascending=[True, True, False], kind="stable")
    headings = {
        "label": "驱动因素",
        "driver": "代号",
        "when": "年度",
        "word": "一端",
        "default": "现在的值",
        "value": "改为",
        "mean": "期望支出变动",
        "mean_se": "标准误",
        "q90": "90%预算安排变动",
        "q90_se": "其标准误",
        "ground": "取值依据",
        "why": "取值理由",
    }
    numbers = {"现在的值": "number", "改为": "number"}
    base = result.base.assign(when=result.base["year"].map(year_words))
    base = base[["when", "mean", "se", "q90", "q90_se"]].set_axis(
        ["年度", "期望支出", "标准误", "90%预算安排", "其标准误"], axis=1
    )
    shares = result.shares.set_axis(["年度", "全市项目数", "全市规模", "其余"], axis=1).astype({"年度": str})
    sheets = [
        Sheet("驱动因素", answer(result, band), effects[list(headings)].rename(columns=headings), about, numbers),
        Sheet("现在的预测", "各驱动因素不变时的预测", base, about),
        Sheet(
            "波动来源",
            "抽样波动（方差）的来源",
            shares,
            about,
            dict.fromkeys(("全市项目数", "全市规模", "其余"), "share"),
        ),
    ]
    if band is not None:
        columns = {
            "year": "年度",
            "mean": "期望支出",
            "se": "标准误",
            "dice_low": "抽样80%区间下端",
            "dice_high": "抽样80%区间上端",
            "low": "最低读法的期望支出",
            "low_words": "最低的读法",
            "high": "最高读法的期望支出",
            "high_words": "最高的读法",
            "joint_low": "最低组合的期望支出",
            "joint_high": "最高组合的期望支出",
        }
        more = f"{about}看读法时抽样 {band.draws} 次。"
        sheets.append(
            Sheet("读法", "换读法的期望支出，与抽样分开", band.table[list(columns)].rename(columns=columns), more, YEAR)
        )
        columns = {
            "title": "读法",
            "words": "改取",
            "year": "年度",
            "mean": "期望支出",
            "difference": "变动",
            "se": "变动的标准误",
        }
        rows = band.alternatives.assign(size=band.alternatives["difference"].abs())
        rows = pandas.DataFrame(rows.sort_values("size", ascending=False, kind="stable"))[list(columns)]
        sheets.append(Sheet("逐一换读法", "每一种读法的期望支出", rows.rename(columns=columns), more, YEAR))
    return sheets


YEAR = {"年度": "text"}
