"""Command ``clauses``."""

from __future__ import annotations

from pathlib import Path

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.report.console import table


def add(commands) -> None:
    """Its grammar."""
    clauses = commands.add_parser("clauses", help="条款登记册的统计：条款、用例、读法、文件未定的数额")
    clauses.set_defaults(run=run_clauses)


def run_clauses(_options) -> int:
    """Counts of the register: entries by document and status, cases, readings, unstated parameters."""
    from openfisca_jining.clauses.register import clauses, documents
    from openfisca_jining.law import leaves

    entries, system = clauses(), CountryTaxBenefitSystem()
    status = {"modelled": "已建模", "target": "目标", "recorded": "仅登记"}
    rows = []
    for document, about in documents().items():
        own = [entry for entry in entries if entry["document"] == document]
        counts = [sum(entry["status"] == one for entry in own) for one in status]
        rows.append([about["short"], str(len(own)), *(str(count) for count in counts)])
    rows.append(["合计", *(str(sum(int(row[place]) for row in rows)) for place in range(1, 5))])
    print(table(["文件", "条款", *status.values()], rows))
    parameters = list(leaves(system.parameters))
    readings = [parameter for parameter in parameters if parameter.metadata.get("readings")]
    choices = sum(len(parameter.metadata["readings"]) for parameter in readings)
    unstated = [parameter for parameter in parameters if parameter.metadata.get("unstated")]
    cases = yaml_cases()
    print(f"\n参数 {len(parameters)} 个，变量 {len(system.variables)} 个。")
    print(f"读法 {len(readings)} 项，共 {choices} 种取法。")
    print(f"文件未定的参数 {len(unstated)} 个。")
    print(f"YAML 用例 {cases} 个。" if cases else "YAML 用例：安装包不带用例，请在源码目录运行。")
    return 0


def yaml_cases() -> int:
    """Number of YAML cases beside the source tree; 0 in an installed package."""
    import yaml

    import openfisca_jining

    tests = Path(openfisca_jining.__file__).parent.parent / "tests"
    return sum(len(yaml.safe_load(path.read_text(encoding="utf-8"))) for path in tests.rglob("*.yaml"))
