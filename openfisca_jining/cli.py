"""Command line: ``openfisca-jining COMMAND``. Exit status 0 done, 1 data with refusals or a refused request, 2 misuse."""

from __future__ import annotations

import argparse
import sys
from importlib import resources
from pathlib import Path

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.errors import JiningError
from openfisca_jining.report.console import safe_streams, table, wan

EXAMPLE = "example_2021.csv"
MAIN_REFORM = "yanzhou_cap_and_jining_rate"


class ChineseParser(argparse.ArgumentParser):
    """Argparse with its refusals in Chinese."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Print usage and reason, exit with 2."""
        self.print_usage(sys.stderr)
        self.exit(2, f"用法不对：{message}。加 --help 查看说明。\n")


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = ChineseParser(prog="openfisca-jining", description="济宁、兖州、枣庄技术改造奖补测算")
    commands = top.add_subparsers(dest="command", required=True, metavar="命令", parser_class=ChineseParser)
    simulate = commands.add_parser("simulate", help="现行政策与一项改革的全部测算：合计、台账、工作簿、图")
    simulate.add_argument("data", nargs="?", help="申报表（缺省：随程序附带的 2021 年示例表）")
    simulate.add_argument("--year", type=int, help="申报年度（缺省：表中的年度）")
    simulate.add_argument("--out", type=Path, default=Path("out"), help="输出目录（缺省：out）")
    add_law_options(simulate, MAIN_REFORM)
    commands.add_parser("clauses", help="条款登记册的统计：条款、用例、读法、文件未定的数额")
    return top


def add_law_options(command: argparse.ArgumentParser, reform: str | None = None) -> None:
    """Options that change the law: reform modules, readings, supplied quantities, single parameters."""
    default = [reform] if reform else []
    command.add_argument("--reform", action="append", default=None, help=f"改革模块（缺省：{reform or '无'}）")
    command.add_argument("--reading", action="append", default=[], metavar="文件.读法=取值", help="条文不明处的取法")
    command.add_argument("--supply", action="append", default=[], metavar="参数=数", help="提供文件未定的数额")
    command.add_argument("--set", action="append", default=[], metavar="参数=值@日期", help="从某日起改变一个参数")
    command.set_defaults(default_reform=default)


def main(arguments=None) -> int:
    """Run a command. :returns: exit status. No stack trace reaches the user for anything the user can mend."""
    safe_streams()
    options = parser().parse_args(arguments)
    try:
        return {"simulate": run_simulate, "clauses": run_clauses}[options.command](options)
    except JiningError as error:
        print(f"不能计算：{error.message}", file=sys.stderr)
    except OSError as error:
        print(f"文件读写失败：{error.filename or ''}（{error.strerror}）。请检查路径和磁盘空间。", file=sys.stderr)
    return 1


def read(options):
    """The population of a command's table; its problems go to standard error. :returns: population or None, exit status."""
    from openfisca_jining.population.read import read_table

    if options.data is None:
        with resources.as_file(resources.files("openfisca_jining.population") / EXAMPLE) as path:
            reading = read_table(path, options.year)
    else:
        reading = read_table(Path(options.data), options.year)
    for problem in reading.problems:
        print(problem, file=sys.stderr)
    return reading


def run_simulate(options) -> int:
    """The main job: baseline and reform on one table; totals, ledger, difference; workbook and charts."""
    from openfisca_jining.analysis.compare import compare
    from openfisca_jining.reforming import reformed
    from openfisca_jining.report import charts
    from openfisca_jining.report.workbook import write_what_if

    reading = read(options)
    if reading.population is None:
        return 1
    law = CountryTaxBenefitSystem()
    baseline = reformed(law, readings=options.reading, supply=options.supply)
    reforms = options.default_reform if options.reform is None and not options.set else options.reform or []
    after = reformed(baseline, reforms=reforms, changes=options.set)
    name = "；".join(str(one) for one in reform_titles(after, baseline)) or "无"
    comparison = compare(reading.population, baseline, after)
    print_what_if(comparison, name)
    options.out.mkdir(parents=True, exist_ok=True)
    written = [
        write_what_if(comparison, after, name, options.out / "测算.xlsx"),
        charts.save(charts.comparison_chart(comparison, name), options.out / "现行与改革.png"),
        charts.save(charts.ledger_chart(comparison.baseline), options.out / "台账.png"),
    ]
    print("\n已写出：" + "、".join(str(path) for path in written))
    return reading.exit_status


def reform_titles(system, baseline) -> list[str]:
    """Titles of the reforms stacked on a baseline, and the changed parameters in words."""
    titles = []
    while system is not baseline:
        changes = getattr(system, "changes", [])
        plain = system.name == "参数改动"
        titles.insert(0, "；".join(f"{path} 自 {start} 起为 {value}" for path, value, start in changes) if plain else system.name)
        system = system.baseline
    return titles


def print_what_if(comparison, name: str) -> None:
    """Totals by document and instrument, ledger, and the difference, in 万元, on standard output."""
    from openfisca_jining.analysis.budget import LEDGER
    base = comparison.baseline
    record = base.record
    label = "（合成数据，非实际申报）" if record["synthetic"] else ""
    print(f"申报年度 {base.year}：{record['projects']} 个项目，{record['enterprises']} 家企业{label}。金额单位：万元。")
    print(f"改革：{name}\n")
    change = comparison.change("instrument", "payer")
    rows = [[*keys, *(wan(value) for value in money)] for keys, money in change.iterrows()]
    rows.append(["合计", "", wan(base.total), wan(comparison.reform.total), wan(comparison.difference)])
    print(table(["政策工具", "付款财政", "现行", "改革", "差额"], rows, left=2))
    for title, one in (("台账（现行）", base), ("台账（改革）", comparison.reform)):
        ledger = one.ledger()
        rows = [[instrument, *(wan(money[column]) for column in LEDGER)] for instrument, money in ledger.iterrows()]
        rows.append(["合计", *(wan(ledger[column].sum()) for column in LEDGER)])
        print(f"\n{title}：应得 = 各项减少 + 实付")
        print(table(["政策工具", *LEDGER.values()], rows))
    counts = comparison.counts()
    print(f"\n改革使 {counts['gain']} 家企业增加、{counts['lose']} 家减少、{counts['same']} 家不变。", end="")
    print(f"另有 {len(base.unstated)} 项数额文件未定，未计入合计（见工作簿「文件未定」）。")


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
