"""The mutation score: every value, date, comparison and reading of ``parameters/`` and ``variables/`` altered, one at a time.

    python -m tests.proof.mutation                     all of them, and docs/mutation.md
    python -m tests.proof.mutation --sample 60 --seed 7    some of them, for CI
    python -m tests.proof.mutation --only zaozhuang --again    those of a folder or file that survived unexplained or were not tried

Exit status 1 if one survives that ``tests/proof/mutation/survivors.toml`` does not explain, or one is listed there that is noticed or does not exist.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import os
import random
import sys
import time
from collections import Counter

from . import formulas, parameters
from .cases import Cases
from .checks import SURVIVED, law_tests, of_the_register, tried
from .forks import forked, spread
from .kept import Kept
from .mutant import ROOT, Mutant
from .report import explained, write
from .second import oracle_tests

READS = ROOT / "out" / "mutation-reads.json"


def main() -> int:
    """Run, report, and say whether every survivor is explained."""
    options = arguments()
    began, left_out = time.time(), Counter()
    mutants = [*parameters.mutants(left_out), *formulas.mutants(left_out)]
    kept = Kept(mutants)
    chosen = [one for one in mutants if not options.only or any(word in one.key for word in options.only)]
    if options.again:
        settled = {key for key, outcome in kept.outcomes.items() if outcome != SURVIVED or key in explained()}
        chosen = [one for one in chosen if one.key not in settled]
    if options.sample:
        chosen = random.Random(options.seed).sample(chosen, min(options.sample, len(chosen)))
    print(f"{len(chosen)} of {len(mutants)} mutants, left out by rule: {dict(left_out)}", flush=True)
    results = run(chosen, options, Kept([]) if options.sample else kept)
    if not options.sample:
        results = kept.outcomes
        write(mutants, results, left_out, options.most)
    unexplained = survivors(mutants, results)
    print(f"{len(chosen)} tried now, in {time.time() - began:.0f} s")
    figures = {
        "mutants": len(mutants),
        "tried": len(results),
        "explained": sum(outcome == SURVIVED and key in explained() for key, outcome in results.items()),
    }
    print(json.dumps({"figures": figures | {"unexplained survivors": len(unexplained)}}))
    return 1 if unexplained else 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sample", type=int, default=0, help="so many mutants, chosen at random")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", help="words, one of which a mutant's file or description holds")
    parser.add_argument(
        "--again", action="store_true", help="those that survived without an explanation, or were not tried"
    )
    parser.add_argument(
        "--tests", action="store_true", help="the house rules and the oracle too, not only the register"
    )
    parser.add_argument(
        "--most", type=int, default=0, help="at most so many cases on each mutant, 0 for all (a quick look)"
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--cpu-seconds", type=float, default=120.0, help="limit for one mutant")
    return parser.parse_args()


def run(chosen: list[Mutant], options, kept: Kept) -> dict[str, str]:
    """What notices each chosen mutant (see :func:`checks.tried`). :param kept: earlier outcomes, where these are added."""
    cases = Cases()
    if not options.sample:
        learn(cases, options.processes)
    tests = law_tests() if options.tests else of_the_register(law_tests())
    for test in tests:
        test.function(cases.system)
    if options.tests:
        tests += oracle_tests(cases.system)
    gc.collect()
    gc.freeze()
    gc.disable()

    known = kept.set_of([one.digest for one in (*cases.cases, *tests)] if not options.most else ())

    def one(number):
        mutant = chosen[number]
        passed = kept.passed_before(mutant.key) if options.again else frozenset()
        return number, forked(lambda: tried(cases, tests, mutant, options.most, passed), options.cpu_seconds)

    results = {}
    order = random.Random(0).sample(range(len(chosen)), len(chosen))
    order.sort(key=lambda number: not chosen[number].reads)  # 参数在先
    started = time.time()
    for done, (number, outcome) in enumerate(spread(one, order, options.processes), 1):
        results[chosen[number].key] = outcome
        if not options.sample:
            kept.add(chosen[number].key, outcome, known)
        if done % 100 == 0 or done == len(order):
            if not options.sample:
                kept.save()
            alive = sum(value == SURVIVED for value in results.values())
            print(f"{done} of {len(chosen)}, alive {alive}, {time.time() - started:.0f} s", flush=True)
    return results


def learn(cases: Cases, processes: int) -> None:
    """Let every case say what it reads, in forks; kept in :data:`READS` while neither the law nor the case changes."""
    law = hashlib.sha256()
    for pattern in ("parameters/**/*.yaml", "variables/**/*.py", "openfisca_jining/*.py", "reforms/*.py"):
        for path in sorted(ROOT.glob(pattern)):
            law.update(path.read_bytes())
    names = [hashlib.sha256(law.digest() + case.digest.encode()).hexdigest() for case in cases.cases]
    kept = json.loads(READS.read_text(encoding="utf-8")) if READS.exists() else {}

    def one(number):
        case = cases.cases[number]
        cases.learn(case)
        return number, [case.seconds, {file: sorted(lines) for file, lines in case.lines.items()}, sorted(case.names)]

    new = [number for number, name in enumerate(names) if name not in kept]
    print(f"what {len(new)} cases read", flush=True)
    kept |= {names[number]: learned for number, learned in spread(one, new, processes)}
    READS.parent.mkdir(exist_ok=True)
    READS.write_text(json.dumps({name: kept[name] for name in names}), encoding="utf-8")
    for case, name in zip(cases.cases, names, strict=True):
        case.seconds, lines, read = kept[name]
        case.lines, case.names = {file: set(found) for file, found in lines.items()}, set(read)
    cases.know()


def survivors(mutants: list[Mutant], results: dict[str, str]) -> list[str]:
    """Survivors without an explanation, and explained ones that are noticed after all or exist no more; printed."""
    known = explained()
    gone = sorted(set(known) - {one.key for one in mutants})
    for key in gone:
        print(f"explained as a survivor, but there is no such mutant: {key}")
    alive = sorted(key for key, outcome in results.items() if outcome == SURVIVED and key not in known)
    for key in alive:
        print(f"survived: {key}")
    noticed = sorted(key for key, outcome in results.items() if outcome != SURVIVED and key in known)
    for key in noticed:
        print(f"explained as a survivor, but noticed by {results[key]}: {key}")
    return alive + noticed + gone


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(main())
