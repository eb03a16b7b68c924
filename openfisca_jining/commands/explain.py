"""Command ``explain``."""

from __future__ import annotations

from openfisca_jining.commands.common import add_data, add_law, as_json, law_of, population_of


def add(commands) -> None:
    """Its grammar."""
    explain = commands.add_parser("explain", help="一家企业的测算单：逐条条件、金额、改变什么会多得")
    add_data(explain, "申报表")
    add_law(explain)
    explain.add_argument("--enterprise", required=True, help="企业编号")
    explain.add_argument("--json", action="store_true", help="在屏幕上输出 JSON")
    explain.set_defaults(run=run_explain)


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
