"""``python -m tests.oracle --enterprises 100000 --seed 1``: the full comparison of model and oracle."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from functools import partial

from .compare import Tally, batch
from .disputes import AVOIDED
from .populations import every_reading
from .whole import STAGES

SIZE = 60


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--enterprises", type=int, default=100_000)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--processes", type=int, default=2)
    asked = parser.parse_args()
    start, total = time.perf_counter(), Tally()
    seeds = [f"{asked.seed}-{number}" for number in range(-(-asked.enterprises // SIZE))]
    with multiprocessing.Pool(asked.processes) as pool:
        for done in pool.imap_unordered(partial(batch, enterprises=SIZE), seeds):
            total.add(done)
            for found in [*done.differences[:3], *done.errors]:
                print(*found, flush=True)
    report(total, time.perf_counter() - start)
    return 1 if total.differences or total.errors else 0


def report(total: Tally, seconds: float) -> None:
    print(f"{total.enterprises} enterprises, {total.projects} projects, {total.laws} laws, {seconds:.0f} s")
    print(f"{len(total.readings)} of {every_reading()} reading values ({len(AVOIDED)} left out)")
    for name in STAGES:
        print(f"  {name}: {total.nonzero[name]} projects paid")
    laws = {found[0] for found in total.differences}
    print(f"{len(total.differences)} differences in {len(laws)} laws, {len(total.errors)} refusals")


if __name__ == "__main__":
    sys.exit(main())
