"""Command ``simulate``."""

from __future__ import annotations

from pathlib import Path

from openfisca_jining.commands.common import (
    add_data,
    add_law,
    example_population,
    heading,
    law_of,
    ledger_text,
    progress,
    read_file,
    reform_titles,
)
from openfisca_jining.report.console import table, wan
from openfisca_jining.report.words import exhausted

MAIN_REFORM = "yanzhou_cap_and_jining_rate"


def add(commands) -> None:
    """Its grammar."""
    simulate = commands.add_parser("simulate", help="现行政策与一项改革的全部测算：合计、台账、工作簿、图")
    add_data(simulate, "申报表（缺省：随程序附带的 2021 年示例表，另用合成数据测算一遍）")
    simulate.add_argument("--out", type=Path, default=Path("out"), help="输出目录（缺省：out）")
    add_law(simulate, MAIN_REFORM)
    simulate.set_defaults(run=run_simulate)


def run_simulate(options) -> int:
    """The main job: baseline and reform, on the table given, or on the bundled table and on a synthetic population."""
    from openfisca_jining.population.synthetic import synthesise
    from openfisca_jining.whole import whole_folder

    baseline, after = law_of(options)
    if options.data is not None:
        reading = read_file(Path(options.data), options)
        if reading.population is None:
            return 1
        with whole_folder(options.out) as folder:
            written = what_if(reading.population, baseline, after, folder)
        status = reading.exit_status
    else:
        example, status = example_population(options)
        if example is None:
            return status
        with whole_folder(options.out) as folder:
            written = what_if(example, baseline, after, folder)
            print("\n" + "=" * 100 + "\n")
            written += what_if(synthesise(options.year or 2021), baseline, after, folder / "合成数据")
    print("\n已写出：" + "、".join(str(options.out / path.relative_to(folder)) for path in written))
    return status


def what_if(population, baseline, after, out: Path) -> list[Path]:
    """Compare two systems on a population: print, and write workbook and charts. :returns: the files."""
    from openfisca_jining.analysis.compare import compare
    from openfisca_jining.report.charts import save
    from openfisca_jining.report.charts.budget import comparison_chart, ledger_chart
    from openfisca_jining.report.workbook import write_what_if

    name = "；".join(reform_titles(after, baseline)) or "无"
    progress(f"正在测算 {len(population)} 个项目")
    comparison = compare(population, baseline, after)
    print_what_if(comparison, name)
    out.mkdir(exist_ok=True)
    return [
        write_what_if(comparison, after, name, out / "测算.xlsx"),
        save(comparison_chart(comparison, name), out / "现行与改革.png"),
        save(ledger_chart(comparison.baseline, "现行政策"), out / "台账.png"),
    ]


def print_what_if(comparison, name: str) -> None:
    """Totals by instrument, ledger, and the difference, in 万元, on standard output."""
    base = comparison.baseline
    print(heading(base))
    print(f"改革：{name}\n")
    change = comparison.change("instrument", "payer")
    rows = [[*keys, *(wan(value) for value in money)] for keys, money in change.iterrows()]
    rows.append(["合计", "", wan(base.total), wan(comparison.reform.total), wan(comparison.difference)])
    print(table(["政策工具", "付款财政", "现行", "改革", "差额"], rows, left=2))
    for sentence in exhausted(comparison):
        print(sentence)
    for title, one in (("台账（现行）", base), ("台账（改革）", comparison.reform)):
        print(f"\n{title}：按比例应得 = 各项减少 + 实付")
        print(ledger_text(one.ledger(), "政策工具"))
    counts = comparison.counts()
    others = base.record["enterprises"] - sum(counts.values())
    print(f"\n改革使 {counts['gain']} 家企业增加、{counts['lose']} 家减少、{counts['same']} 家不变", end="")
    print(f"；另有 {others} 家两种政策下都没有按比例应得的资金。" if others else "。")
    print(f"另有 {len(base.unstated)} 项数额文件未定，未计入合计（见工作簿「文件未定」）。")
