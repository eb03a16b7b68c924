"""Command ``template``."""

from __future__ import annotations

from pathlib import Path


def add(commands) -> None:
    """Its grammar."""
    template = commands.add_parser("template", help="写出一份空白申报表（Excel）")
    template.add_argument("--out", type=Path, default=Path("申报表.xlsx"), help="写到哪个 .xlsx")
    template.set_defaults(run=run_template, writes=(".xlsx",))


def run_template(options) -> int:
    """An empty input workbook."""
    from openfisca_jining.population.template import write_template

    write_template(options.out)
    print(f"已写出：{options.out}")
    return 0
