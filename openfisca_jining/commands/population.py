"""Command ``population``."""

from __future__ import annotations

from pathlib import Path

from openfisca_jining.commands.grammar import MOST_PROJECTS, claim_year, integer


def add(commands) -> None:
    """Its grammar."""
    population = commands.add_parser("population", help="写出一份合成申报表（虚构）")
    population.add_argument("--year", type=claim_year, default=2021, help="申报年度（缺省：2021）")
    population.add_argument("--seed", type=integer(), default=1, help="随机种子（缺省：1）")
    population.add_argument("--pace", choices=("realised", "target"), default="realised", help="投资水平：实际或目标")
    population.add_argument("--projects", type=integer(MOST_PROJECTS), help="项目个数（缺省：按校准）")
    population.add_argument("--out", type=Path, required=True, help="写到哪个 .csv")
    population.set_defaults(run=run_population, writes=(".csv",))


def run_population(options) -> int:
    """A synthetic table, in the columns the reader takes."""
    from openfisca_jining.population.synthetic import synthesise
    from openfisca_jining.population.write import write_csv

    made = synthesise(options.year, options.seed, pace=options.pace, projects=options.projects)
    write_csv(made, options.out)
    print(f"已写出：{options.out}（{len(made)} 个项目）。{''.join(made.notes)}")
    return 0
