"""Command ``parameters``."""

from __future__ import annotations

import sys

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.report.console import table

UNITS = {"/1": "比例"}
UNSTATED, NOT_YET = "文件未定", "当日无值"


def add(commands) -> None:
    """Its grammar."""
    parameters = commands.add_parser(
        "parameters", help="列出参数：--set、--over、--reading、--supply 用的路径，名称、单位和某日的值"
    )
    parameters.add_argument(
        "words", nargs="*", metavar="词", help="只列路径、名称、单位或值中含有这些词的（缺省：全部）"
    )
    parameters.add_argument(
        "--date", metavar="日期", help="哪一天的值，YYYY-MM-DD（缺省：2021-12-31）", default="2021-12-31"
    )
    parameters.set_defaults(run=run_parameters)


def run_parameters(options) -> int:
    """Paths, labels, units and values on a day."""
    from openfisca_jining.law import leaves
    from openfisca_jining.written import day

    try:
        on = day(options.date)
    except ValueError as error:
        print(f"用法不对：--date {options.date}：{error}。", file=sys.stderr)
        return 2
    rows = [row(parameter, on) for parameter in leaves(CountryTaxBenefitSystem().parameters)]
    found = [cells for cells in rows if all(word.lower() in " ".join(cells).lower() for word in options.words)]
    if not found:
        print(
            f"没有含有「{' '.join(options.words)}」的参数。请换一个词，或者不写词列出全部 {len(rows)} 个。",
            file=sys.stderr,
        )
        return 1
    print(table(["参数", "名称", "单位", f"{on} 的值"], found, left=4))
    print(
        f"\n{len(found)} 个参数（共 {len(rows)} 个）。读法用 --reading 文件.读法=取值 换，路径中的 readings 不写；文件未定的用 --supply 参数=数 提供。"
    )
    return 0


def row(parameter, on: str) -> list[str]:
    """Path, label, unit and value on a day, as a person reads them."""
    value, about = parameter.get_at_instant(on), parameter.metadata
    unit = "读法" if about.get("readings") else UNITS.get(about.get("unit"), about.get("unit") or "")
    words = said(value, about)
    later = [one for one in parameter.values_list if one.value is not None and one.instant_str > on]
    if value is None and later and not about.get("unstated"):  # values_list 由后到先
        words = f"{later[-1].instant_str} 起 {said(later[-1].value, about)}"
    return [parameter.name, about.get("label") or parameter.description or "", unit, words]


def said(value, about: dict) -> str:
    """A value in words."""
    if value is None:
        return UNSTATED if about.get("unstated") else NOT_YET
    if isinstance(value, float) and about.get("unit") == "/1":
        return f"{value * 100:.10g}%"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:,.10g}" if isinstance(value, float) else f"{value:,}"
    return str(value)
