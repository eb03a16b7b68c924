"""What a person waits for, against one simulation of the same claims. Run by ``make bench``.

    python bench/interactive.py [--projects 5000] [--repeats 5]

A receipt of one enterprise with its counterfactuals, and the two charts of the page redrawn. Ratios within one run.
"""

from __future__ import annotations

import argparse
import sys

from matplotlib.figure import Figure
from run import SEED, YEAR, in_turn, show

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.budget import budget
from openfisca_jining.analysis.compare import compare
from openfisca_jining.analysis.explain import explain
from openfisca_jining.population.synthetic import synthesise
from openfisca_jining.reforming import reformed
from openfisca_jining.report import style
from openfisca_jining.report.charts.budget import ledger_chart
from openfisca_jining.report.charts.compare import bands_chart


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=5000)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    system = CountryTaxBenefitSystem()
    claims = synthesise(YEAR, seed=SEED, projects=options.projects)
    counts = claims.projects["enterprise_id"].value_counts(sort=False)
    name = str(counts[counts == 1].index[0])
    comparison = compare(claims, system, reformed(system, reforms=["jining_rate_up"]))
    figure = Figure(figsize=(11, 4.5), dpi=style.SCREEN)
    left, right = figure.subplots(1, 2)

    def redraw() -> None:
        left.clear()
        right.clear()
        ledger_chart(comparison.reform, axes=left)
        bands_chart(comparison, "", axes=right)
        figure.savefig("/dev/null", format="png")

    programs = {
        "simulation": lambda: budget(claims, system),
        "receipt": lambda: explain(claims, system, name),
        "redraw": redraw,
    }
    took = in_turn(programs, options.repeats)
    print(f"{options.projects:,} projects, {options.repeats} repeats, medians")
    for what, words in (("receipt", "receipt of an enterprise / budget"), ("redraw", "two charts redrawn / budget")):
        show(words, took[what], took["simulation"], took[what] / took["simulation"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
