"""Command line: ``openfisca-jining COMMAND``. Exit status 0 done, 1 refusals in the data or a refused request, 2 misuse."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from importlib import resources
from pathlib import Path

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.errors import JiningError
from openfisca_jining.report.console import safe_streams, table, wan

EXAMPLE = "example_2021.csv"
MAIN_REFORM = "yanzhou_cap_and_jining_rate"
#: --by of the command budget: name -> dimension of analysis.budget.DIMENSIONS.
BY = {
    "county": "county",
    "instrument": "instrument",
    "payer": "payer",
    "document": "document",
    "size": "enterprise_size",
    "class": "yield_per_mu_class",
    "cluster": "cluster",
    "enterprise": "enterprise",
}


class ChineseParser(argparse.ArgumentParser):
    """Argparse with its refusals in Chinese."""

    def error(self, message: str):  # type: ignore[override]
        """Print usage and reason, exit with 2."""
        self.print_usage(sys.stderr)
        self.exit(2, f"用法不对：{message}。加 --help 查看说明。\n")


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = ChineseParser(prog="openfisca-jining", description="济宁、兖州、枣庄技术改造奖补测算")
    commands = top.add_subparsers(dest="command", required=True, metavar="命令", parser_class=ChineseParser)

    simulate = commands.add_parser("simulate", help="现行政策与一项改革的全部测算：合计、台账、工作簿、图")
    add_data(simulate, "申报表（缺省：随程序附带的 2021 年示例表，另用合成数据测算一遍）")
    simulate.add_argument("--out", type=Path, default=Path("out"), help="输出目录（缺省：out）")
    add_law(simulate, MAIN_REFORM)

    budget = commands.add_parser("budget", help="一张申报表的支出：合计、台账、分组")
    add_data(budget, "申报表")
    add_law(budget)
    budget.add_argument("--by", action="append", choices=list(BY), default=[], help="分组，可重复")
    budget.add_argument("--out", type=Path, help="写出 .xlsx、.json 或 .html")
    budget.add_argument("--json", action="store_true", help="在屏幕上输出 JSON")

    explain = commands.add_parser("explain", help="一家企业的测算单：逐条条件、金额、改变什么会多得")
    add_data(explain, "申报表")
    add_law(explain)
    explain.add_argument("--enterprise", required=True, help="企业编号")
    explain.add_argument("--json", action="store_true", help="在屏幕上输出 JSON")

    check = commands.add_parser("check", help="检查申报表，列出全部问题")
    add_data(check, "申报表")
    check.add_argument("--out", type=Path, help="把问题写成 Excel，单元格有标记")

    verify = commands.add_parser("verify", help="按运行记录重新计算，看结果是否仍然成立")
    verify.add_argument("result", type=Path, help="budget 写出的 .json")
    verify.add_argument("--data", help="当时的申报表（缺省：结果中的合成数据）")

    population = commands.add_parser("population", help="写出一份合成申报表（虚构）")
    population.add_argument("--year", type=int, default=2021, help="申报年度（缺省：2021）")
    population.add_argument("--seed", type=int, default=1, help="随机种子（缺省：1）")
    population.add_argument("--pace", choices=("realised", "target"), default="realised", help="投资水平：实际或目标")
    population.add_argument("--projects", type=int, help="项目个数（缺省：按校准）")
    population.add_argument("--out", type=Path, required=True, help="写到哪个 .csv")

    template = commands.add_parser("template", help="写出一份空白申报表（Excel）")
    template.add_argument("--out", type=Path, default=Path("申报表.xlsx"), help="写到哪个 .xlsx")

    commands.add_parser("clauses", help="条款登记册的统计：条款、用例、读法、文件未定的数额")
    return top


def add_data(command: argparse.ArgumentParser, text: str) -> None:
    """The table a command works on, or a synthetic population."""
    command.add_argument("data", nargs="?", help=text)
    command.add_argument("--year", type=int, help="申报年度（缺省：表中的年度）")
    if command.prog.split()[-1] not in ("check", "simulate"):
        command.add_argument("--synthetic", action="store_true", help="不用申报表，用合成数据")
        command.add_argument("--seed", type=int, default=1, help="合成数据的随机种子")


def add_law(command: argparse.ArgumentParser, reform: str | None = None) -> None:
    """Options that change the law: reform modules, readings, supplied quantities, single parameters."""
    command.add_argument("--reform", action="append", help=f"改革模块（缺省：{reform or '无'}）")
    command.add_argument("--reading", action="append", default=[], metavar="文件.读法=取值", help="条文不明处的取法")
    command.add_argument("--supply", action="append", default=[], metavar="参数=数", help="提供文件未定的数额")
    command.add_argument("--set", action="append", default=[], metavar="参数=值@日期", help="从某日起改变一个参数")
    command.set_defaults(default_reform=[reform] if reform else [])


def main(arguments=None) -> int:
    """Run a command. :returns: exit status. No stack trace reaches the user for anything the user can mend."""
    safe_streams()
    options = parser().parse_args(arguments)
    try:
        return COMMANDS[options.command](options)
    except JiningError as error:
        print(f"不能计算：{error.message}", file=sys.stderr)
    except BrokenPipeError:
        sys.stderr.close()
    except UnicodeDecodeError:
        print("文件读不出来：编码不是 UTF-8。请另存为 UTF-8 后再试。", file=sys.stderr)
    except OSError as error:
        print(f"文件读写失败：{error.filename or ''}（{error.strerror}）。请检查路径和磁盘空间。", file=sys.stderr)
    return 1


# ----- what a command works on -----


def read_file(path, options):
    """Read a table; its problems go to standard error."""
    from openfisca_jining.population.read import read_table

    progress(f"正在读 {Path(path).name}")
    reading = read_table(path, options.year)
    for problem in reading.problems:
        print(problem, file=sys.stderr)
    if reading.problems:
        print(reading.summary(), file=sys.stderr)
    return reading


def population_of(options):
    """The population a command asks for and the exit status its reading deserves; (None, 1 or 2) if there is none."""
    if options.synthetic:
        from openfisca_jining.population.synthetic import synthesise

        return synthesise(options.year or 2021, options.seed), 0
    if options.data is None:
        print("用法不对：请给出申报表文件，或加 --synthetic 用合成数据。", file=sys.stderr)
        return None, 2
    reading = read_file(Path(options.data), options)
    return reading.population, reading.exit_status if reading.population is not None else 1


def progress(text: str) -> None:
    """Say what is going on, on a terminal only."""
    if sys.stderr.isatty():
        print(f"{text}……", file=sys.stderr, flush=True)


def law_of(options):
    """Current law under the readings and supplies asked for, and the same with the reforms asked for."""
    from openfisca_jining.reforming import reformed

    baseline = reformed(CountryTaxBenefitSystem(), readings=options.reading, supply=options.supply)
    reforms = options.default_reform if options.reform is None and not options.set else options.reform or []
    return baseline, reformed(baseline, reforms=reforms, changes=options.set)


# ----- commands -----


def run_simulate(options) -> int:
    """The main job: baseline and reform, on the table given, or on the bundled table and on a synthetic population."""
    from openfisca_jining.population.synthetic import synthesise

    baseline, after = law_of(options)
    if options.data is not None:
        reading = read_file(Path(options.data), options)
        if reading.population is None:
            return 1
        what_if(reading.population, baseline, after, options.out)
        return reading.exit_status
    with resources.as_file(resources.files("openfisca_jining.population") / EXAMPLE) as path:
        reading = read_file(path, options)
    example = dataclasses.replace(
        reading.population, source=f"随程序附带的示例表 {EXAMPLE}（企业和项目均为虚构）", synthetic=True
    )
    what_if(example, baseline, after, options.out)
    print("\n" + "=" * 100 + "\n")
    what_if(synthesise(options.year or 2021), baseline, after, options.out / "合成数据")
    return reading.exit_status


def what_if(population, baseline, after, out: Path) -> None:
    """Compare two systems on a population: print, and write workbook and charts."""
    from openfisca_jining.analysis.compare import compare
    from openfisca_jining.report import charts
    from openfisca_jining.report.workbook import write_what_if

    name = "；".join(reform_titles(after, baseline)) or "无"
    progress(f"正在测算 {len(population)} 个项目")
    comparison = compare(population, baseline, after)
    print_what_if(comparison, name)
    out.mkdir(parents=True, exist_ok=True)
    written = [
        write_what_if(comparison, after, name, out / "测算.xlsx"),
        charts.save(charts.comparison_chart(comparison, name), out / "现行与改革.png"),
        charts.save(charts.ledger_chart(comparison.baseline), out / "台账.png"),
    ]
    print("\n已写出：" + "、".join(str(path) for path in written))


def reform_titles(system, baseline) -> list[str]:
    """Titles of the reforms stacked on a baseline, and the changed parameters in words."""
    titles: list[str] = []
    while system is not baseline:
        changes = getattr(system, "changes", [])
        words = "；".join(f"{path} 自 {start} 起为 {value}" for path, value, start in changes)
        titles.insert(0, words if system.name == "参数改动" else system.name)
        system = system.baseline
    return titles


def heading(budget) -> str:
    """One line that says what was computed on."""
    record = budget.record
    label = "（合成数据，非实际申报）" if record["synthetic"] else ""
    return (
        f"申报年度 {budget.year}：{record['projects']} 个项目，{record['enterprises']} 家企业{label}。金额单位：万元。"
    )


def print_what_if(comparison, name: str) -> None:
    """Totals by instrument, ledger, and the difference, in 万元, on standard output."""
    base = comparison.baseline
    print(heading(base))
    print(f"改革：{name}\n")
    change = comparison.change("instrument", "payer")
    rows = [[*keys, *(wan(value) for value in money)] for keys, money in change.iterrows()]
    rows.append(["合计", "", wan(base.total), wan(comparison.reform.total), wan(comparison.difference)])
    print(table(["政策工具", "付款财政", "现行", "改革", "差额"], rows, left=2))
    for title, one in (("台账（现行）", base), ("台账（改革）", comparison.reform)):
        print(f"\n{title}：按比例应得 = 各项减少 + 实付")
        print(ledger_text(one.ledger(), "政策工具"))
    counts = comparison.counts()
    print(f"\n改革使 {counts['gain']} 家企业增加、{counts['lose']} 家减少、{counts['same']} 家不变。", end="")
    print(f"另有 {len(base.unstated)} 项数额文件未定，未计入合计（见工作簿「文件未定」）。")


def ledger_text(ledger, first: str) -> str:
    """A ledger as an aligned table in 万元, with its sum."""
    from openfisca_jining.analysis.budget import LEDGER

    rows = []
    for key, money in ledger.iterrows():
        name = " ".join(str(part) for part in key) if isinstance(key, tuple) else str(key)
        rows.append([name, *(wan(money[column]) for column in LEDGER)])
    rows.append(["合计", *(wan(ledger[column].sum()) for column in LEDGER)])
    return table([first, *LEDGER.values()], rows)


def funds_text(funds) -> str:
    """Use of the pools as an aligned table in 万元."""
    from openfisca_jining.analysis.budget import FUND_HEADINGS

    rows = [[wan(cell) if isinstance(cell, float) else str(cell) for cell in row] for row in funds.to_numpy().tolist()]
    return table(list(FUND_HEADINGS.values()), rows, left=2)


def run_budget(options) -> int:
    """Totals and ledger of one population under one law."""
    from openfisca_jining.analysis.budget import DIMENSIONS, budget
    from openfisca_jining.report.html import write_html
    from openfisca_jining.report.workbook import write_budget

    suffix = options.out.suffix if options.out else ".json"
    if suffix not in (".xlsx", ".json", ".html"):
        print(f"用法不对：不认识 {suffix}，--out 请用 .xlsx、.json 或 .html。", file=sys.stderr)
        return 2
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
        if suffix == ".json":
            write_whole(options.out, as_json(result.to_json()))
        else:
            writers[suffix](result, system, options.out)
        print(f"已写出：{options.out}", file=sys.stderr)
    return status


def as_json(value) -> str:
    """JSON with Chinese left readable, keys in the order given."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def write_whole(path: Path, text: str) -> None:
    """Write a text file whole or not at all (UTF-8)."""
    part = path.with_name(path.name + ".part")
    part.write_text(text + "\n", encoding="utf-8")
    part.replace(path)


def run_explain(options) -> int:
    """The receipt of one enterprise."""
    from openfisca_jining.analysis.explain import explain
    from openfisca_jining.report.receipt import render

    population, status = population_of(options)
    if population is None:
        return status
    receipt = explain(population, law_of(options)[1], options.enterprise)
    print(as_json(receipt.to_json()) if options.json else render(receipt))
    return status


def run_check(options) -> int:
    """Everything that is wrong with a table."""
    from openfisca_jining.population.problems import write_problems_workbook

    if options.data is None:
        print("用法不对：请给出申报表文件。", file=sys.stderr)
        return 2
    reading = read_file(Path(options.data), options)
    if not reading.problems:
        print(f"共 {reading.rows_read} 行，没有问题。")
    if options.out:
        write_problems_workbook(options.out, reading.problems, reading.tables)
        print(f"已写出：{options.out}", file=sys.stderr)
    return reading.exit_status


def run_verify(options) -> int:
    """Whether a saved result still holds."""
    from openfisca_jining.analysis.verify import verify

    try:
        saved = json.loads(options.result.read_text(encoding="utf-8"))
        record = saved["record"]
    except (json.JSONDecodeError, KeyError, TypeError):
        print(f"不能核对：{options.result} 不是 budget 写出的结果文件。", file=sys.stderr)
        return 1
    options.year, options.synthetic = record["year"], options.data is None
    options.seed, options.reading = record.get("seed") or 1, []
    population, _ = population_of(options)
    if population is None:
        return 1
    findings = verify(saved, population)
    print("\n".join(findings) if findings else "结果仍然成立：数据、参数和每一项金额都与记录一致。")
    return 1 if findings else 0


def run_population(options) -> int:
    """A synthetic table, in the columns the reader takes."""
    from openfisca_jining.population.synthetic import synthesise
    from openfisca_jining.population.write import write_csv

    made = synthesise(options.year, options.seed, pace=options.pace, projects=options.projects)
    write_csv(made, options.out)
    print(f"已写出：{options.out}（{len(made)} 个项目）。{''.join(made.notes)}")
    return 0


def run_template(options) -> int:
    """An empty input workbook."""
    from openfisca_jining.population.template import write_template

    write_template(options.out)
    print(f"已写出：{options.out}")
    return 0


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


COMMANDS = {
    "simulate": run_simulate,
    "budget": run_budget,
    "explain": run_explain,
    "check": run_check,
    "verify": run_verify,
    "population": run_population,
    "template": run_template,
    "clauses": run_clauses,
}
