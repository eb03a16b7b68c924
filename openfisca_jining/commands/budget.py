"""Command ``budget``."""

from __future__ import annotations

import sys
from pathlib import Path

from openfisca_jining.commands.common import (
    BY,
    add_data,
    add_law,
    as_json,
    funds_text,
    heading,
    law_of,
    ledger_text,
    population_of,
    progress,
)
from openfisca_jining.report.console import table, wan
from openfisca_jining.whole import write_whole

#: Kinds of files that it writes.
SUFFIXES = (".xlsx", ".json", ".html")


def add(commands) -> None:
    """Its grammar."""
    budget = commands.add_parser("budget", help="一张申报表的支出：合计、台账、分组")
    add_data(budget, "申报表")
    add_law(budget)
    budget.add_argument("--by", action="append", choices=list(BY), default=[], help="分组，可重复")
    budget.add_argument("--out", type=Path, help="写出 .xlsx、.json 或 .html")
    budget.add_argument("--json", action="store_true", help="在屏幕上输出 JSON")
    budget.set_defaults(run=run_budget, writes=SUFFIXES)


def run_budget(options) -> int:
    """Totals and ledger of one population under one law."""
    from openfisca_jining.analysis.budget import DIMENSIONS, budget
    from openfisca_jining.report.html import write_html
    from openfisca_jining.report.workbook import write_budget

    population, status = population_of(options)
    if population is None:
        return status
    _, system = law_of(options)
    progress(f"正在测算 {len(population)} 个项目")
    result = budget(population, system)
    if options.json:
        print(as_json(result.to_json()))
    else:
        print(heading(result))
        print("\n台账：按比例应得 = 各项减少 + 实付")
        print(ledger_text(result.ledger(), "政策工具"))
        print(f"\n获补 {result.enterprises_paid} 家企业，平均 {wan(result.average)} 万元。资金池：")
        print(funds_text(result.funds))
        for name in options.by:
            print(f"\n按{DIMENSIONS[BY[name]]}：")
            print(ledger_text(result.by(BY[name]), DIMENSIONS[BY[name]]))
        print("\n文件未定（未计入合计，提供后可以计算：--supply 参数=数）：")
        rows = [[line["clause"], line["label"], line["parameter"]] for line in result.unstated.to_dict("records")]
        print(table(["条款", "未写明的数额", "参数"], rows, left=3))
    if options.out:
        writers = {".xlsx": write_budget, ".html": write_html}
        suffix = options.out.suffix.lower()
        if suffix == ".json":
            write_whole(options.out, as_json(result.to_json()) + "\n")
        else:
            writers[suffix](result, system, options.out)
        print(f"已写出：{options.out}", file=sys.stderr)
    return status
