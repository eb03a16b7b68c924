"""Speed and memory of the package, each figure a ratio within one run with its goal beside it. Run by ``make bench``.

    python bench/run.py [--projects 1000000] [--repeats 5] [--skip-table]

1. Build and simulate against :mod:`numpy_law`, the same instruments in plain NumPy from the same two tables; both must give
   the same fen on every project. The package's time includes the checks of its tables and facts.
2. Groups of the simulation against ``join_with_persons`` of OpenFisca-Core, which starts from the texts of the ids: once
   from the same texts, and once from a population that has read them before, as every simulation after the first does.
3. Peak memory of the full law, in a process of its own.
4. ``read_table.py``: reading an untidy table, if that file is there.

Competing programs take turns; a ratio is that of their median times. Exit status 1 if results differ.
"""

from __future__ import annotations

import argparse
import gc
import re
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import numpy_law
from openfisca_core.simulations import SimulationBuilder

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.errors import UnstatedParameter
from openfisca_jining.money import to_fen
from openfisca_jining.population import Population
from openfisca_jining.population.synthetic import synthesise

HERE = Path(__file__).parent
YEAR, SEED = 2021, 1
GIGABYTE = 10**9
GROUPS = ("enterprise", "consortium", "city")


def main() -> int:
    """Measure, print, and say whether the results agree."""
    options = arguments()
    if options.peak_memory:
        print(full_law(options.projects))
        return 0
    system = CountryTaxBenefitSystem()
    made = synthesise(YEAR, seed=SEED, projects=options.projects)
    tables = Population(YEAR, made.projects, made.enterprises)
    del made
    print(f"{options.projects:,} projects, {len(tables.enterprises):,} enterprises, {options.repeats} repeats, medians")
    print(f"{'measured':<58}{'package':>12}{'other':>12}{'ratio':>9}  goal")
    differing = against_numpy(tables, system, options.repeats)
    against_join(tables, system, options.repeats)
    del tables
    memory(options.projects)
    if not options.skip_table:
        reading()
    print(f"\nprojects on which the package and numpy_law.py differ: {differing}")
    return 1 if differing else 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--projects", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--skip-table", action="store_true", help="leave out read_table.py")
    parser.add_argument("--peak-memory", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def in_turn(programs: dict[str, Callable[[], Any]], repeats: int) -> dict[str, float]:
    """Median seconds of each program, taking turns. One turn more comes first and does not count."""
    seconds: dict[str, list[float]] = {name: [] for name in programs}
    for turn in range(repeats + 1):
        for name, program in programs.items():
            gc.collect()
            start = time.perf_counter()
            result = program()
            if turn:
                seconds[name].append(time.perf_counter() - start)
            del result
    return {name: statistics.median(times) for name, times in seconds.items()}


def show(
    what: str, ours: float, other: float, ratio: float, most: float | None = None, least: float | None = None
) -> None:
    """One line: two times in seconds, their ratio, the goal and whether it is met."""
    goal = ""
    if most is not None:
        goal = f"at most {most:g}: {'met' if ratio <= most else 'missed'}"
    if least is not None:
        goal = f"at least {least:g}: {'met' if ratio >= least else 'missed'}"
    print(f"{what:<58}{ours:>10.3f} s{other:>10.3f} s{ratio:>9.2f}  {goal}")


# ----- 1: build and simulate -----


def against_numpy(tables: Population, system, repeats: int) -> int:
    """Build and simulate against the hand-written program. :returns: number of projects with a different amount."""
    written = numpy_law.compute(tables.projects, tables.enterprises, YEAR)

    def build():
        return Population(YEAR, tables.projects, tables.enterprises).simulation(system)

    def package():
        simulation = build()
        return [simulation.calculate(f"{name}__paid", str(YEAR)) for name in written]

    def by_hand():
        return numpy_law.compute(tables.projects, tables.enterprises, YEAR)

    paid = package()
    differs = numpy.zeros(len(tables), dtype=bool)
    for amount, fen in zip(paid, written.values(), strict=True):
        differs |= to_fen(amount) != fen
    del paid, amount, fen
    written = dict.fromkeys(written)
    programs = {
        "package": package,
        "numpy": by_hand,
        "build": build,
        "read": lambda: numpy_law.read(tables.projects, tables.enterprises, YEAR),
    }
    took = in_turn(programs, repeats)
    show("build and simulate / numpy_law.py", took["package"], took["numpy"], took["package"] / took["numpy"], most=1.5)
    show("  of which build / reading the tables there", took["build"], took["read"], took["build"] / took["read"])
    ours, theirs = took["package"] - took["build"], took["numpy"] - took["read"]
    show("  of which simulate / computing there", ours, theirs, ours / theirs)
    return int(differs.sum())


# ----- 2: groups -----


def against_join(tables: Population, system, repeats: int) -> None:
    """The groups of a simulation against Core's ``join_with_persons``, both from the texts of the ids."""
    ids = tables.projects["project_id"].to_numpy()
    assigned = {}
    for key, (members, names) in tables.memberships.items():
        texts = numpy.array(names, dtype=object)
        assigned[key] = (texts, texts[members])
    roles = ["project"] * len(ids)

    def core():
        builder = SimulationBuilder()
        builder.create_entities(system)
        builder.declare_person_entity("project", ids)
        for key, (names, each) in assigned.items():
            builder.join_with_persons(builder.declare_entity(key, names), each, roles)
        return builder.build(system)

    built, expected = tables.without_facts(system), core()
    for key in GROUPS:
        mine, theirs = (one.populations[key] for one in (built, expected))
        same = numpy.array(mine.ids, dtype=object)[mine.members_entity_id] == theirs.ids[theirs.members_entity_id]
        if not same.all():
            raise SystemExit(f"groups of {key} differ from Core's")
    programs = {
        "core": core,
        "first": lambda: Population(YEAR, tables.projects, tables.enterprises).without_facts(system),
        "again": lambda: tables.without_facts(system),
    }
    took = in_turn(programs, repeats)
    core_took = took["core"]
    show("join_with_persons / groups from texts, ids checked", took["first"], core_took, core_took / took["first"])
    show(
        "join_with_persons / groups, texts read before", took["again"], core_took, core_took / took["again"], least=100
    )


# ----- 3: memory -----


def memory(projects: int) -> None:
    """Peak memory of :func:`full_law` in a child process."""
    command = [sys.executable, __file__, "--peak-memory", "--projects", str(projects)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    tables, law, count = done.stdout.split()
    peak = float(law)
    print(
        f"{'peak memory of the full law (' + count + ' variables), GB':<58}{peak:>10.2f}  {'':>10}{'':>9}"
        f"  under 4: {'met' if peak < 4 else 'missed'} (making the population alone: {tables})"
    )


def full_law(projects: int) -> str:
    """Compute every variable of the law that needs no supplied amount. :returns: peak before and after in GB, variables."""
    system = CountryTaxBenefitSystem()
    made = synthesise(YEAR, seed=SEED, projects=projects)
    tables = Population(YEAR, made.projects, made.enterprises)
    del made
    before = peak_gigabytes()
    simulation = tables.simulation(system)
    count = 0
    for name, variable in system.variables.items():
        if variable.is_input_variable():
            continue
        try:
            simulation.calculate(name, str(YEAR))
            count += 1
        except UnstatedParameter:
            continue
    return f"{before:.2f} {peak_gigabytes():.2f} {count}"


def peak_gigabytes() -> float:
    """Largest resident memory of this process so far (Linux counts kilobytes, macOS bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / GIGABYTE


# ----- 4: reading -----


def reading() -> None:
    """``read_table.py``, if there: the line with its ratio."""
    path = HERE / "read_table.py"
    if not path.exists():
        return
    done = subprocess.run([sys.executable, str(path)], check=True, capture_output=True, text=True, encoding="utf-8")
    found = re.search(r"calamine ([\d.]+) s, read_table ([\d.]+) s, total_paid ([\d.]+) s, ([\d,]+) rows", done.stdout)
    if found is None:
        print(done.stdout)
        return
    calamine, ours = float(found[1]), float(found[2]) + float(found[3])
    show(f"read, check, compute / calamine, {found[4]} untidy rows", ours, calamine, ours / calamine, most=3)


if __name__ == "__main__":
    sys.exit(main())
