"""Speed of sweeps against simulating every scenario anew, and whether every scenario's fen are the same. Run by ``make bench``.

    python bench/sweeps.py [--projects 100000] [--side 100] [--workers 2] [--check-all]

A grid of a rate and a cap per enterprise, for each of three instruments, because their laws differ: Jining's equipment grant
(a pool over all claims, and enterprises of Yanzhou that weigh it against district money), Yanzhou's (the same choice seen from
the other side), Zaozhuang's (no pool, no choice).

*Honest loop*: for every scenario a fresh reform, a population built the fast way, a full simulation, totals by instrument.
*The field's loop*: the same with OpenFisca-Core's ``SimulationBuilder.join_with_persons`` and ``set_input``. Both are timed on
a sample of scenarios, taking turns with nothing. *Sweep*: everything included from a cold start, traced simulation and forked
processes too; 100 scenarios on one process, the large grid on ``--workers``.

Every scenario of the small grid, and a sample of the large one (all with ``--check-all``), is compared with its simulation to
the fen. Exit status 1 if any differs.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import time

import numpy
import pandas
from openfisca_core.simulations import SimulationBuilder

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.scenarios import ScenarioRunner
from openfisca_jining.analysis.totals import paid_by_instrument
from openfisca_jining.instruments import INSTRUMENTS
from openfisca_jining.population import Population
from openfisca_jining.population.population import IDS, _as_input
from openfisca_jining.population.synthetic import synthesise
from openfisca_jining.reforming import reformed

YEAR, START, SMALL_SIDE, SAMPLE, SLIDER_PROJECTS, MOVES = 2021, "2021-01-01", 10, 60, 5_000, 60
GRIDS = {
    "jining_2017.equipment": ((0.01, 0.06), (1e6, 6e6)),
    "yanzhou_2020.equipment": ((0.01, 0.06), (5e5, 3e6)),
    "zaozhuang_2020.equipment": ((0.02, 0.15), (1e6, 1e7)),
}


def main() -> int:
    """Measure, print, and say whether all compared scenarios agree."""
    options = arguments()
    system = CountryTaxBenefitSystem()
    made = synthesise(YEAR, seed=1, projects=options.projects)
    population = Population(YEAR, made.projects, made.enterprises)
    field = field_seconds(population, system)
    print(f"{options.projects:,} projects; seconds per scenario of the field's loop: {field:.3f}")
    print(
        f"{'grid':<28}{'scenarios':>10}{'sweep s':>10}{'honest ms':>11}{'ratio':>8}  goal{'':<22}{'field ratio':>12}  goal"
    )
    wrong = 0
    for name in GRIDS:
        wrong += measure(name, SMALL_SIDE, 1, population, system, field, (6, None), True)
        wrong += measure(name, options.side, options.workers, population, system, field, (60, 600), options.check_all)
    slider(system)
    print(f"\nscenarios that differ from their simulation: {wrong}")
    return 1 if wrong else 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=100_000)
    parser.add_argument("--side", type=int, default=100, help="values of each parameter in the large grid")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--check-all", action="store_true", help="simulate every scenario of the large grids, too (hours)"
    )
    return parser.parse_args()


def scenarios(name: str, side: int) -> dict[str, list[float]]:
    """Values of the two parameters in every scenario of a grid."""
    rates, caps = (numpy.linspace(low, high, side) for low, high in GRIDS[name])
    grid = list(itertools.product(rates.round(6).tolist(), caps.round().tolist()))
    return {f"{name}.rate": [rate for rate, _ in grid], f"{name}.cap_per_enterprise": [cap for _, cap in grid]}


def measure(name: str, side: int, workers: int, population, system, field: float, goals, check_all: bool) -> int:
    """One line of the table. :returns: number of compared scenarios that differ."""
    changes = scenarios(name, side)
    count = side * side
    start = time.perf_counter()
    fen = ScenarioRunner(population, system, START).totals(changes, workers).fen[:, :, 0]
    took = time.perf_counter() - start
    picked = range(count) if check_all else numpy.random.default_rng(0).choice(count, min(SAMPLE, count), replace=False)
    times, wrong = [], 0
    for scenario in picked:
        start = time.perf_counter()
        honest = honest_totals(population, system, {path: values[scenario] for path, values in changes.items()})
        times.append(time.perf_counter() - start)
        wrong += honest.tolist() != fen[scenario].tolist()
    each = statistics.median(times)
    ratio = each * count / took
    least, least_field = goals
    print(
        f"{name:<28}{count:>10,}{took:>10.2f}{1000 * each:>11.1f}{ratio:>8.1f}  {verdict(ratio, least):<26}"
        f"{field * count / took:>12.0f}  {verdict(field * count / took, least_field) if least_field else ''}"
        f"  ({len(picked)} compared, {wrong} differ)"
    )
    return wrong


def verdict(ratio: float, least: float) -> str:
    """The goal and whether it is met."""
    return f"at least {least:g}: {'met' if ratio >= least else 'missed'}"


def honest_totals(population: Population, system, values: dict[str, float]) -> pandas.Series:
    """Whole fen by instrument of one scenario: fresh reform, fast build, full simulation."""
    law = reformed(system, changes=[(path, value, START) for path, value in values.items()])
    return paid_by_instrument(population, law)


def field_seconds(population: Population, system, repeats: int = 3) -> float:
    """Median seconds of a scenario as users of OpenFisca write it: ``join_with_persons`` and ``set_input``."""
    inputs = {
        name: _as_input(system.get_variable(name), table[name])
        for table in (population.enterprises, population.projects)
        for name in table.columns.difference(list(IDS))
        if table[name].notna().all()
    }
    texts = {key: (numpy.array(ids, dtype=object), members) for key, (members, ids) in population.memberships.items()}
    roles = ["project"] * len(population)
    times = []
    for turn in range(repeats):
        start = time.perf_counter()
        law = reformed(system, changes=[("jining_2017.equipment.rate", 0.03 + turn / 1000, START)])
        builder = SimulationBuilder()
        builder.create_entities(law)
        builder.declare_person_entity("project", population.projects["project_id"].to_numpy())
        for key, (ids, members) in texts.items():
            builder.join_with_persons(builder.declare_entity(key, ids), ids[members], roles)
        simulation = builder.build(law)
        for name, values in inputs.items():
            simulation.set_input(name, str(YEAR), values)
        for name in INSTRUMENTS:
            simulation.calculate(f"{name}__paid", str(YEAR)).sum()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def slider(system) -> None:
    """Moves of two sliders a second, once the first has been made."""
    made = synthesise(YEAR, seed=1, projects=SLIDER_PROJECTS)
    runner = ScenarioRunner(Population(YEAR, made.projects, made.enterprises), system, START)
    draw = numpy.random.default_rng(0)
    paths = ["jining_2017.equipment.rate", "jining_2017.equipment.cap_per_enterprise"]
    moves = [(0.01 + 0.05 * draw.random(), round(1e6 + 5e6 * draw.random())) for _ in range(MOVES)]
    times = []
    for values in moves:
        start = time.perf_counter()
        runner.totals({path: [value] for path, value in zip(paths, values, strict=True)})
        times.append(time.perf_counter() - start)
    rate = 1 / statistics.median(times[1:])
    print(
        f"slider moves a second, {SLIDER_PROJECTS:,} projects: {rate:.0f} (first {times[0]:.2f} s)  {verdict(rate, 20)}"
    )


if __name__ == "__main__":
    sys.exit(main())
