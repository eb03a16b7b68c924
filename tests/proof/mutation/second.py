"""``tests/oracle/test_oracle.py`` on an altered law: the second implementation's answers are worked out once, before forking."""

from __future__ import annotations

import inspect
import random
from collections.abc import Iterator
from functools import partial

from tests.oracle import compare, test_oracle
from tests.oracle.populations import draw
from tests.oracle.whole import EMPTY, judge

from .checks import LawTest

#: The test whose populations are run here one by one, without its processes.
RANDOM = "test_five_thousand_random_enterprises_to_the_fen"


def oracle_tests(system) -> list[LawTest]:
    """Every random claim year and every example of the tests of the oracle, run once on the law as it stands.

    :raises AssertionError: the law as it stands fails.
    """
    tests = [*random_years(), *examples()]
    for test in tests:
        test.learn(system)
    return tests


def random_years() -> Iterator[LawTest]:
    """The random claim years, laws near the law as it stands first: of their claims most are granted."""
    drawn = {seed: draw(random.Random(seed), test_oracle.SIZE) for seed in test_oracle.SEEDS}
    for seed, one in sorted(drawn.items(), key=lambda item: len(item[1].law.readings)):
        expected = judge(one.year, one.projects, one.enterprises, one.law.numbers(), one.law.readings)
        yield LawTest(f"test_oracle::{RANDOM} {seed}", partial(same, one, compare.population_of(one), expected))


def same(drawn, population, expected, system) -> None:
    """Hold a law to the oracle's answers. :raises AssertionError: an amount differs by a fen or more."""
    found = compare.run_model(drawn, list(EMPTY), system, population)
    assert not compare.differences(drawn, expected, found)


def examples() -> Iterator[LawTest]:
    """The other tests of the oracle, each with each of its parameters."""
    for name, function in vars(test_oracle).items():
        if not name.startswith("test_") or name == RANDOM:
            continue
        marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name == "parametrize"]
        for values in marks[0].args[1] if marks else [()]:
            one = len(inspect.signature(function).parameters) == 1
            yield LawTest(f"test_oracle::{name}", partial(example, function, (values,) if one else values))


def example(function, values, system) -> None:
    """Run one test of the oracle on a law. :raises AssertionError: it fails."""
    compare.law = lambda: system
    function(*values)
