"""Command ``check``."""

from __future__ import annotations

import sys
from pathlib import Path

from openfisca_jining.commands.common import add_data, read_file


def add(commands) -> None:
    """Its grammar."""
    check = commands.add_parser("check", help="检查申报表，列出全部问题")
    add_data(check, "申报表")
    check.add_argument("--out", type=Path, help="把问题写成 Excel，单元格有标记")
    check.set_defaults(run=run_check, writes=(".xlsx",))


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
