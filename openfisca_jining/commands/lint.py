"""Command ``lint``."""

from __future__ import annotations

import sys
from pathlib import Path

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.commands.common import add_law, population_of, progress
from openfisca_jining.commands.grammar import claim_year, integer

#: Endings of tables; anything else is a reform module or file.
TABLES = (".csv", ".txt", ".tsv", ".xlsx", ".xlsm", ".xls", ".et", ".ods")


def add(commands) -> None:
    """Its grammar."""
    lint = commands.add_parser("lint", help="测算之前检查改革：参数、单位、日期、相互冲突、有没有人感觉得到")
    lint.add_argument(
        "what",
        nargs="*",
        metavar="改革或申报表",
        help="改革模块名、改革文件（.yaml），至多一张申报表（.csv、.xlsx 等）",
    )
    add_law(lint)
    lint.add_argument("--year", type=claim_year, help="申报年度（缺省：表中的年度）")
    lint.add_argument("--synthetic", action="store_true", help="用合成数据看有没有人感觉得到")
    lint.add_argument("--seed", type=integer(), default=1, help="合成数据的随机种子")
    lint.set_defaults(run=run_lint)


def run_lint(options) -> int:
    """Findings on what is asked for; 1 if there is an error among them."""
    from openfisca_jining.reform_lint import ERROR, lint

    tables = [one for one in options.what if Path(one).suffix.lower() in TABLES]
    reforms = [*(one for one in options.what if one not in tables), *(options.reform or [])]
    if len(tables) > 1 or (tables and options.synthetic):
        print("用法不对：申报表只能给一张，也不能同时用 --synthetic。", file=sys.stderr)
        return 2
    if not (reforms or options.set or options.reading or options.supply):
        print("用法不对：请给出改革模块、改革文件，或 --set、--reading、--supply。", file=sys.stderr)
        return 2
    population, status = None, 0
    if tables or options.synthetic:
        options.data = tables[0] if tables else None
        population, status = population_of(options)
        if population is None:
            return status
        progress(f"正在用 {len(population)} 个项目检查")
    asked = {"readings": options.reading, "supply": options.supply, "changes": options.set}
    findings = lint(CountryTaxBenefitSystem(), reforms=reforms, **asked, population=population, year=options.year)
    print(findings_text(findings))
    return 1 if any(one.severity == ERROR for one in findings) else status


def findings_text(findings) -> str:
    """Findings as an aligned list under the reform they concern; what to do stands under what is wrong. Their number last."""
    from openfisca_jining.reform_lint import ERROR

    lines = []
    for source in dict.fromkeys(one.source for one in findings):
        lines.append(f"{source}：")
        for one in findings:
            if one.source == source:
                lines.append(f"  {one.severity}  {one.message}")
                lines += [" " * 8 + one.suggestion] if one.suggestion else []
    wrong = sum(one.severity == ERROR for one in findings)
    count = f"{wrong} 个错误，{len(findings) - wrong} 个提醒。" if findings else "没有发现问题。"
    return "\n".join([*lines, count])
