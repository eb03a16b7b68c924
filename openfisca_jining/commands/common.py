"""What commands share: their options, the population and the law they ask for, and how results are written."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.commands.grammar import claim_year, integer
from openfisca_jining.report.console import table, wan

#: --by of commands: name -> dimension of analysis.budget.DIMENSIONS.
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


def add_data(command: argparse.ArgumentParser, text: str) -> None:
    """The table a command works on, or a synthetic population."""
    command.add_argument("data", nargs="?", help=text)
    command.add_argument("--year", type=claim_year, help="申报年度（缺省：表中的年度）")
    if command.prog.split()[-1] not in ("check", "simulate"):
        command.add_argument("--synthetic", action="store_true", help="不用申报表，用合成数据")
        command.add_argument("--seed", type=integer(), default=1, help="合成数据的随机种子")


def add_law(command: argparse.ArgumentParser, reform: str | None = None) -> None:
    """Options that change the law: reform modules and files, readings, supplied quantities, single parameters."""
    command.add_argument(
        "--reform",
        action="append",
        metavar="模块或文件",
        help=f"改革模块名或改革文件（.yaml），可重复，依次叠加（缺省：{reform or '无'}）",
    )
    command.add_argument("--reading", action="append", default=[], metavar="文件.读法=取值", help="条文不明处的取法")
    command.add_argument("--supply", action="append", default=[], metavar="参数=数", help="提供文件未定的数额")
    command.add_argument(
        "--set", action="append", default=[], metavar="参数=值@日期", help="从某日起改变一个参数，值可写 4%% 或 300万元"
    )
    command.set_defaults(default_reform=[reform] if reform else [])


def add_question(command: argparse.ArgumentParser) -> None:
    """Data and output options of a what-if question: the bundled table unless told otherwise."""
    add_data(command, "申报表（缺省：随程序附带的 2021 年示例表）")
    command.add_argument(
        "--out", type=Path, metavar="目录", help="把表（.xlsx）、图（.png）和数据（.json）写进这个目录"
    )
    command.add_argument("--json", action="store_true", help="在屏幕上输出 JSON")
    command.set_defaults(example=True)


def read_file(path, options):
    """Read a table; its problems go to standard error."""
    from openfisca_jining.population.read import read_table

    progress(f"正在读 {Path(path).name}")
    return told(read_table(path, options.year))


def marked(population):
    """The population of a table, labelled as made up if it is the bundled one."""
    from openfisca_jining.population import example

    return None if population is None else example.marked(population)


def told(reading):
    """A reading whose problems have gone to standard error."""
    for problem in reading.problems:
        print(problem, file=sys.stderr)
    if reading.problems:
        print(reading.summary(), file=sys.stderr)
    return reading


def example_population(options):
    """The bundled table and the exit status its reading deserves; (None, 1) if the year asked for has no rows."""
    from openfisca_jining.population.example import example_reading

    reading = told(example_reading(options.year))
    return reading.population, reading.exit_status if reading.population is not None else 1


def population_of(options):
    """The population a command asks for and the exit status its reading deserves; (None, 1 or 2) if there is none."""
    if options.synthetic:
        from openfisca_jining.population.synthetic import synthesise

        return synthesise(options.year or 2021, options.seed), 0
    if options.data is None and getattr(options, "example", False):
        return example_population(options)
    if options.data is None:
        print("用法不对：请给出申报表文件，或加 --synthetic 用合成数据。", file=sys.stderr)
        return None, 2
    reading = read_file(Path(options.data), options)
    return marked(reading.population), reading.exit_status if reading.population is not None else 1


def progress(text: str) -> None:
    """Say what is going on, on a terminal only."""
    if sys.stderr.isatty():
        print(f"{text}……", file=sys.stderr, flush=True)


def law_of(options, population=None):
    """Current law under the readings and supplies asked for, and the same with the reforms asked for.

    Both are linted first: warnings go to standard error and, as ``remarks`` of the reformed system, into the run record.

    :param population: if given, the lint also says which changes nobody in it can feel (a few more runs).
    :raises RefusedReform: the lint finds errors.
    """
    from openfisca_jining.reform_lint import lint, refuse
    from openfisca_jining.reforming import reading_change, reformed

    law = CountryTaxBenefitSystem()
    asked = {"readings": options.reading, "supply": options.supply}
    reforms = options.default_reform if options.reform is None and not options.set else options.reform or []
    changes = [*options.set, *(reading_change(item) for item in getattr(options, "reform_reading", ()))]
    year = getattr(options, "year", None)
    remarks = refuse(lint(law, reforms=reforms, changes=changes, **asked, population=population, year=year))
    for remark in remarks:
        print(remark, file=sys.stderr)
    baseline = reformed(law, **asked)
    after = reformed(baseline, reforms=reforms, changes=changes)
    if remarks:
        after.remarks = [str(remark) for remark in remarks]
    return baseline, after


def reform_titles(system, baseline) -> list[str]:
    """Titles of the reforms stacked on a baseline (of a file: its title), and the changed parameters in words."""
    from openfisca_jining.law import AS_BEFORE
    from openfisca_jining.reforming import SINGLE

    titles: list[str] = []
    while system is not baseline:
        changes = system.changes if system.name == SINGLE else []
        values = ("恢复原值" if value == AS_BEFORE else f"为 {value}" for _, value, _ in changes)
        words = "；".join(
            f"{path} 自 {start} 起{value}" for (path, _, start), value in zip(changes, values, strict=True)
        )
        titles.insert(0, words or str(system.name))
        system = system.baseline
    return titles


def heading(budget) -> str:
    """One line that says what was computed on."""
    record = budget.record
    label = "（合成数据，非实际申报）" if record["synthetic"] else ""
    return (
        f"申报年度 {budget.year}：{record['projects']} 个项目，{record['enterprises']} 家企业{label}。金额单位：万元。"
    )


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


def as_json(value) -> str:
    """JSON with Chinese left readable, keys in the order given."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def deliver(options, name: str, text: str, result, sheets, figures) -> None:
    """Show a result on the screen and write it where the user asked.

    :param name: Chinese name of the question, the name of the files. :param text: what the screen shows.
    :param result: has ``to_json()`` and ``record``. :param sheets: list of ``report.workbook.Sheet``.
    :param figures: file name without suffix -> function that draws the chart (called only if it is written).
    """
    from openfisca_jining.report.charts import save
    from openfisca_jining.report.workbook import write_sheets
    from openfisca_jining.whole import whole_folder, write_whole

    print(as_json(result.to_json()) if options.json else text)
    if options.out is None:
        return
    with whole_folder(options.out) as folder:
        written = [write_sheets(folder / f"{name}.xlsx", sheets, result.record)]
        written += [save(draw(), folder / f"{stem}.png") for stem, draw in figures.items()]
        written.append(write_whole(folder / f"{name}.json", as_json(result.to_json()) + "\n"))
    print("已写出：" + "、".join(str(options.out / path.name) for path in written), file=sys.stderr)
