"""Draws of coming years against one simulation for each, and a population in partitions. Run by ``make bench``.

    python bench/forecast.py [--draws 1000] [--years 2021-2026] [--projects 5000] [--workers 2] [--sample 4]
                             [--partitioned 200000] [--partitions 16]

1. All draws of all years as ``forecast`` computes them, in a process of its own that forks its workers: time from a
   population to the costs of every draw, claims made up on the way, and peak memory.
2. The loop that users of the field write: for each draw and year a population, a simulation, the same sums. It is measured on
   a sample of draw-years and extrapolated, on one core, **its claims made up beforehand and not counted**, half of the
   sample before 1 and half after.
3. Every sampled draw-year must cost the same both ways, to the fen: projects, instruments before and after pools, funds.
4. The budget of one larger population from files, in partitions one after the other and whole, each in a process of its
   own: time and peak memory; every project must be paid the same. ``--partitioned 0`` leaves it out, ``--draws 0`` leaves out 1 to 3.

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

import numpy
from run import GIGABYTE, SEED, YEAR, peak_gigabytes, show

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.budget import budget, to_fen_signed
from openfisca_jining.analysis.forecast.drivers import Drivers
from openfisca_jining.analysis.forecast.forecast import CURRENT, Task, Worker, chunks_of, in_processes
from openfisca_jining.analysis.forecast.runs import Costs, YearLaw
from openfisca_jining.analysis.forecast.worlds import as_population
from openfisca_jining.analysis.partition import partitioned_budget, split
from openfisca_jining.instruments import FUNDS
from openfisca_jining.money import FEN
from openfisca_jining.population.synthetic import synthesise

#: Draws that tell how fast one process is, in chunks as large as those of the whole.
ON_ONE = 80


def main() -> int:
    """Measure, print, and say whether the results agree."""
    options = arguments()
    if options.run is not None:
        return compute(options)
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
    one = on_one_process(worker)
    more, others = naive(worker, sample[half:])
    each = statistics.mean([*seconds, *more])
    differing = [*differing, *others]
    wrong = sum(not same(costs[year], draw, expected) for (draw, year), expected in differing)
    show(
        f"one simulation for each (from {len(sample)} draw-years) / draws",
        took,
        each * count,
        each * count / took,
        least=7,
    )
    show("  for each draw-year, on one process", one, each, each / one)
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
    parser.add_argument("--run", choices=["draws", "partitions", "whole"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def task_of(options) -> Task:
    """The forecast that is measured."""
    first, _, last = options.years.partition("-")
    years = tuple(range(int(first), int(last or first) + 1))
    return Task(synthesise(YEAR, seed=SEED, projects=options.projects), years, (CURRENT,), Drivers(), SEED)


# ----- in a process of its own -----


def in_child(options, what: str, folder: Path):
    """What :func:`compute` finds, seconds, and GB of the process and all its workers (memory that they share counts in each)."""
    command: list = [sys.executable, __file__, "--run", what, "--folder", folder]
    for name in ("draws", "years", "projects", "workers"):
        command += [f"--{name}", getattr(options, name)]
    subprocess.run(list(map(str, command)), check=True)
    found, took, peak, child = pickle.loads((folder / what).read_bytes())
    return found, took, peak + options.workers * child


def compute(options) -> int:
    """Compute what is asked for, and write it down with the time it took and the peak memory."""
    prepared = PREPARE[options.run](options)
    start = time.perf_counter()
    found = RUN[options.run](prepared, options)
    took = time.perf_counter() - start
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
}
RUN: dict[str, Callable] = {"draws": all_draws, "partitions": in_partitions, "whole": whole}


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
    show("budget in partitions, one process / whole", took, once_took, took / once_took)
    print(f"{'peak memory, GB':<58}{peak:>10.2f}  {once_peak:>10.2f}  {peak / once_peak:>9.2f}")
    differ = not all(numpy.array_equal(*each) for each in zip(once, parts, strict=True))
    print(f"projects that are paid something else in partitions: {'some' if differ else 'none'}")
    return int(differ)


# ----- 1: all draws -----


def on_one_process(worker: Worker) -> float:
    """Seconds for a draw-year, one process computing on its own."""
    chunks = chunks_of(worker.task, ON_ONE)
    worker.draws(chunks[0])
    start = time.perf_counter()
    for chunk in chunks:
        worker.draws(chunk)
    return (time.perf_counter() - start) / ON_ONE / len(worker.task.years)


# ----- 2: one by one -----


def sampled(worker: Worker, options) -> list[tuple[int, int]]:
    """Draws spread over all draws, in every year; years take turns."""
    draws = numpy.linspace(0, options.draws - 1, options.sample, dtype=int).tolist()
    return [(draw, year) for draw in draws for year in worker.task.years]


def naive(worker: Worker, sample) -> tuple[list[float], list]:
    """Seconds of each draw-year by itself, and what it costs. The first is computed twice, so that nothing is cold."""
    seconds, found = [], []
    for draw, year in [*sample[:1], *sample]:
        population = as_population(worker.base, worker.base.worlds(year, [draw]))
        gc.collect()
        start = time.perf_counter()
        costs = by_itself(population, worker.systems[0], str(year))
        seconds.append(time.perf_counter() - start)
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


if __name__ == "__main__":
    sys.exit(main())
