"""Draws of coming years against one simulation for each, and a population in partitions. Run by ``make bench``.

    python bench/forecast.py [--draws 1000] [--years 2021-2026] [--projects 5000] [--workers 2] [--sample 4]
                             [--partitioned 200000] [--partitions 16] [--scale]

1. All draws of all years as ``forecast`` computes them, in a process of its own that forks its workers: time from a
   population to the costs of every draw, claims made up on the way, and peak memory.
2. The loop that users of the field write: for each draw and year a population, a simulation, the same sums. It is measured on
   a sample of draw-years and extrapolated, on one core, **its claims made up beforehand and not counted**, half of the
   sample before 1 and half after. Two ratios: of *wall time*, which depends on who else uses the machine, and of *processor
   time* (all processes together), which hardly does; processes times the latter is the wall ratio on as many free cores.
3. Every sampled draw-year must cost the same both ways, to the fen: projects, instruments before and after pools, funds.
4. The budget of one larger population from files, in partitions one after the other and whole, each in a process of its
   own: time and peak memory; every project must be paid the same. ``--partitioned 0`` leaves it out, ``--draws 0`` leaves out 1 to 3.
5. ``--scale`` alone measures populations of several sizes instead, and what a province and the country would take.

Exit status 1 if results differ.
"""

from __future__ import annotations

import argparse
import gc
import pickle
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy
from run import GIGABYTE, SEED, YEAR, peak_gigabytes, show

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.budget import budget, to_fen_signed
from openfisca_jining.analysis.forecast.drivers import Drivers
from openfisca_jining.analysis.forecast.forecast import (
    CURRENT,
    ROWS_AT_ONCE,
    Task,
    Worker,
    chunks_of,
    in_processes,
)
from openfisca_jining.analysis.forecast.runs import Costs, YearLaw
from openfisca_jining.analysis.forecast.worlds import as_population
from openfisca_jining.analysis.partition import partitioned_budget, split
from openfisca_jining.instruments import FUNDS
from openfisca_jining.money import FEN
from openfisca_jining.population.synthetic import synthesise

#: Chunks of draws that tell how fast one process is.
REPEATS = 3
#: Projects of the populations of ``--scale``, and the largest of them with twice the draws in a chunk.
SIZES, TWICE = (5_000, 20_000, 80_000), 80_000
#: Projects, and draws at once, on which what the sizes say is checked.
CHECK, CHECK_DRAWS = 200_000, 1
#: Enterprises and draws that are extrapolated to.
WANTED = (("city, as measured", 3_782, 1_000), ("province", 30_000, 10_000), ("country", 500_000, 10_000))
#: GB of a process that has imported the package and built a law, before any claims.
AT_REST = 0.09
#: Projects in a partition of ``--scale``.
IN_PARTITION = 5_000


def main() -> int:
    """Measure, print, and say whether the results agree."""
    options = arguments()
    if options.run is not None:
        return compute(options)
    if options.scale:
        return scale(options)
    print(f"{'measured':<58}{'package':>12}{'other':>12}{'ratio':>9}  goal")
    wrong = draws(options) if options.draws else 0
    if options.partitioned:
        wrong += partitions(options)
    return 1 if wrong else 0


def draws(options) -> int:
    """Measure and print 1 to 3. :returns: number of sampled draw-years that cost something else by themselves."""
    task = task_of(options)
    years, projects = len(task.years), len(task.population)
    count = options.draws * years
    print(f"{options.draws:,} draws x {years} years x {projects:,} projects, {options.workers} processes:")
    worker = Worker(task)
    sample = sampled(worker, options)
    half = len(sample) // 2
    seconds, differing = naive(worker, sample[:half])
    with tempfile.TemporaryDirectory() as folder:
        costs, took, peak = in_child(options, "draws", Path(folder))
    more, others = naive(worker, sample[half:])
    wall, processor = (statistics.mean(each) for each in zip(*seconds, *more, strict=True))
    differing = [*differing, *others]
    wrong = sum(not same(costs[year], draw, expected) for (draw, year), expected in differing)
    show(
        f"wall time: one simulation for each, one core / {options.workers} processes",
        took.wall,
        wall * count,
        wall * count / took.wall,
    )
    ratio = processor * count / took.processor
    show("processor time: one simulation for each / all processes", took.processor, processor * count, ratio)
    show("  for each draw-year", took.processor / count, processor, ratio)
    goal = "met" if ratio * options.workers >= 7 else "missed"
    print(
        f"{f'on {options.workers} free cores (processes x processor ratio)':<82}{ratio * options.workers:>9.2f}  at least 7: {goal}"
    )
    goal = "met" if peak < 3 else "missed"
    print(f"{'peak memory of all processes, GB':<58}{peak:>10.2f}  {'':>10}{'':>9}  under 3: {goal}")
    print(f"draw-years that cost something else in a simulation of their own: {wrong} of {len(sample)}\n")
    return wrong


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--years", default=f"{YEAR}-{YEAR + 5}")
    parser.add_argument("--projects", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--sample", type=int, default=4, help="draws measured one by one, in every year")
    parser.add_argument("--partitioned", type=int, default=200_000, help="projects of the population in partitions")
    parser.add_argument("--partitions", type=int, default=16)
    parser.add_argument("--scale", action="store_true", help="measure several sizes and extrapolate")
    parser.add_argument("--run", choices=list(RUN), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def task_of(options) -> Task:
    """The forecast that is measured."""
    first, _, last = options.years.partition("-")
    years = tuple(range(int(first), int(last or first) + 1))
    return Task(synthesise(YEAR, seed=SEED, projects=options.projects), years, (CURRENT,), Drivers(), SEED)


# ----- in a process of its own -----


class Took(NamedTuple):
    """Seconds: by the clock, and of all processors."""

    wall: float
    processor: float


def clock() -> Took:
    """Now: by the clock, and processor time of this process and its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return Took(time.perf_counter(), sum(each.ru_utime + each.ru_stime for each in used))


def since(start: Took) -> Took:
    """Time passed."""
    return Took(*(now - before for now, before in zip(clock(), start, strict=True)))


def in_child(options, what: str, folder: Path, **other):
    """What :func:`compute` finds, the time, and GB of the process and all its workers (memory that they share counts in each).

    :param other: options with other values.
    """
    command: list = [sys.executable, __file__, "--run", what, "--folder", folder]
    for name in ("draws", "years", "projects", "workers", "partitions"):
        command += [f"--{name}", other.get(name, getattr(options, name))]
    subprocess.run(list(map(str, command)), check=True)
    found, took, peak, child = pickle.loads((folder / what).read_bytes())
    return found, took, peak + options.workers * child


def compute(options) -> int:
    """Compute what is asked for, and write it down with the time it took and the peak memory."""
    prepared = PREPARE[options.run](options)
    start = clock()
    found = RUN[options.run](prepared, options)
    took = since(start)
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    (options.folder / options.run).write_bytes(pickle.dumps((found, took, peak_gigabytes(), child / GIGABYTE)))
    return 0


def all_draws(task: Task, options) -> dict[int, Costs]:
    """Costs of all draws by year, as ``forecast`` computes them."""
    parts = list(in_processes(task, chunks_of(task, options.draws, options.workers), options.workers))
    return {year: Costs.join([part[0][place] for part in parts]) for place, year in enumerate(task.years)}


def load(path: Path):
    """A population or a partition."""
    return pickle.loads(path.read_bytes())


def paid(found) -> tuple:
    """What a budget pays on every project."""
    return found.claims["row"].to_numpy(), found.claims["instrument"].to_numpy(), found.claims["paid"].to_numpy()


def in_partitions(files: list[Path], options) -> tuple:
    """The budget of partitions that are loaded one after the other."""
    return paid(partitioned_budget([partial(load, file) for file in files], CountryTaxBenefitSystem()))


def whole(file: Path, options) -> tuple:
    """The budget of the same population, loaded whole."""
    return paid(budget(load(file), CountryTaxBenefitSystem()))


PREPARE: dict[str, Callable] = {
    "draws": task_of,
    "partitions": lambda options: sorted(options.folder.glob("part*")),
    "whole": lambda options: options.folder / "all",
    "one process": lambda options: Worker(task_of(options)),
}
RUN: dict[str, Callable] = {
    "draws": all_draws,
    "partitions": in_partitions,
    "whole": whole,
    "one process": lambda worker, options: [worker.draws(range(options.draws)) for _ in range(REPEATS)] and None,
}


# ----- 4: partitions -----


def partitions(options) -> int:
    """Measure and print 4. :returns: 1 if any project is paid something else."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = synthesise(YEAR, seed=SEED, projects=options.partitioned)
        (folder / "all").write_bytes(pickle.dumps(made))
        for place, one in enumerate(split(made, options.partitions)):
            (folder / f"part{place:04}").write_bytes(pickle.dumps(one))
        print(f"{len(made):,} projects, {len(made.enterprises):,} enterprises, {options.partitions} partitions:")
        del made
        once, once_took, once_peak = in_child(options, "whole", folder)
        parts, took, peak = in_child(options, "partitions", folder)
    for at, what in enumerate(("wall", "processor")):
        show(
            f"budget in partitions, one process / whole, {what} time", took[at], once_took[at], took[at] / once_took[at]
        )
    print(f"{'peak memory, GB':<58}{peak:>10.2f}  {once_peak:>10.2f}  {peak / once_peak:>9.2f}")
    differ = not all(numpy.array_equal(*each) for each in zip(once, parts, strict=True))
    print(f"projects that are paid something else in partitions: {'some' if differ else 'none'}")
    return int(differ)


# ----- 2: one by one -----


def sampled(worker: Worker, options) -> list[tuple[int, int]]:
    """Draws spread over all draws, in every year; years take turns."""
    draws = numpy.linspace(0, options.draws - 1, options.sample, dtype=int).tolist()
    return [(draw, year) for draw in draws for year in worker.task.years]


def naive(worker: Worker, sample) -> tuple[list[Took], list]:
    """Time of each draw-year by itself, and what it costs. The first is computed twice, so that nothing is cold."""
    seconds, found = [], []
    for draw, year in [*sample[:1], *sample]:
        population = as_population(worker.base, worker.base.worlds(year, [draw]))
        gc.collect()
        start = clock()
        costs = by_itself(population, worker.systems[0], str(year))
        seconds.append(since(start))
        found.append(((draw, year), costs))
    return seconds[1:], found[1:]


def by_itself(population, system, year: str) -> tuple:
    """A draw-year as an ordinary simulation: projects, claimed and paid by instrument, and money of the funds, whole fen."""
    simulation = population.simulation(system)
    weight = simulation.populations["project"].enterprise("weight", year)

    def total(*names: str) -> int:
        return sum(int(to_fen_signed(weight * simulation.calculate(name, year)).sum()) for name in names)

    claimed, paid = ([total(name) for name in names] for names in (YearLaw.chosen, YearLaw.paid))
    funds = []
    for fund in FUNDS:
        available = simulation.calculate(fund.available, year).max(initial=0.0)
        funds.append([round(available * FEN), total(*fund.claimed), total(*fund.paid)] if available else [0, 0, 0])
    return len(population), claimed, paid, funds


def same(costs: Costs, draw: int, expected: tuple) -> bool:
    """Whether a draw of many costs what it costs by itself."""
    found = (int(costs.projects[draw]), *(each[draw].tolist() for each in (costs.claimed, costs.paid, costs.funds)))
    return found == expected


# ----- 5: other sizes -----


def of_size(options, projects: int, draws: int, years: int) -> tuple:
    """Measure one size and print it: projects, draws at once, seconds for a draw-year, peak GB, enterprises."""
    enterprises = len(synthesise(YEAR, seed=SEED, projects=projects).enterprises)
    with tempfile.TemporaryDirectory() as folder:
        _, took, peak = in_child(options, "one process", Path(folder), projects=projects, draws=draws)
    each = took.processor / REPEATS / draws / years
    print(f"{projects:>10,}{enterprises:>13,}{draws:>15}{each:>16.4f}{peak:>9.2f}", flush=True)
    return projects, draws, each, peak, enterprises


def scale(options) -> int:
    """Measure and print 5."""
    print(f"years {options.years}, current law, one process; processor time")
    print(f"{'projects':>10}{'enterprises':>13}{'draws at once':>15}{'s, a draw-year':>16}{'peak GB':>9}")
    plan = [
        *((size, max(ROWS_AT_ONCE // size, 1)) for size in SIZES),
        (TWICE, 2 * ROWS_AT_ONCE // TWICE),
        (CHECK, CHECK_DRAWS),
    ]
    years = len(task_of(options).years)
    *lines, check = (of_size(options, size, draws, years) for size, draws in plan)
    projects, draws, each, peak, enterprises = (numpy.array(column, dtype=float) for column in zip(*lines, strict=True))
    slope, fixed = numpy.polyfit(projects[:-1], each[:-1], 1)
    rows = numpy.column_stack([projects, projects * draws])
    memory = numpy.linalg.lstsq(rows, peak - AT_REST, rcond=None)[0]
    print(f"seconds of a draw-year = {fixed:.4f} + {1e6 * slope:.3f} x millions of projects")
    print(
        f"GB = {AT_REST} + {1e6 * memory[0]:.2f} x millions of projects + {1e6 * memory[1]:.2f} x millions of projects x draws at once"
    )
    said = fixed + slope * CHECK, AT_REST + memory @ [CHECK, CHECK * CHECK_DRAWS]
    print(
        f"{CHECK:,} projects, not fitted: said {said[0]:.3f} s, {said[1]:.2f} GB; measured {check[2]:.3f} s, {check[3]:.2f} GB"
    )
    print(f"{'':<20}{'enterprises':>12}{'projects':>11}{'draws':>8}{'hours of a processor':>22}{'GB, a process':>15}")
    for name, firms, number in WANTED:
        size = firms * projects[-1] / enterprises[-1]
        hours = (fixed + slope * size) * number * years / 3600
        need = AT_REST + memory @ [size, max(size, ROWS_AT_ONCE)]
        print(f"{name:<20}{firms:>12,}{size:>11,.0f}{number:>8,}{hours:>22.2f}{need:>15.1f}")
    for size in SIZES[1:]:
        options.partitioned, options.partitions = size, size // IN_PARTITION
        if partitions(options):
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
