"""What is run on a mutant: its YAML cases, then the tests in Python that ask for nothing but the law, those of the oracle last."""

from __future__ import annotations

import functools
import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .cases import Cases, lines_run, run_case
from .mutant import ROOT, Mutant

#: Modules of ``tests/`` whose test functions take the law alone or nothing.
LAW_TESTS = ("test_register", "test_house_rules", "test_plans", "test_choice", "test_terms")
SURVIVED = "survived"


@dataclass
class LawTest:
    """A test in Python. :ivar function: takes the law, raises if it does not hold. :ivar lines: lines of ``variables/`` that it
    runs, by file, once :meth:`learn` has noted them."""

    name: str
    function: Callable[[Any], object]
    lines: dict[str, set[int]] = field(default_factory=dict)

    def learn(self, system) -> None:
        """Run it on the law as it stands and note what it runs. :raises Exception: it fails."""
        _, self.lines = lines_run(lambda: self.function(system))

    @property
    def digest(self) -> str:
        """Its name and the digest of what it is written in."""
        return f"{self.name} {written_in(self.name.partition('::')[0])}"

    def concerns(self, mutant: Mutant) -> bool:
        """Whether it runs the altered line, or nothing is known of what it runs."""
        return not self.lines or mutant.line in self.lines.get(mutant.file, ())


@functools.cache
def written_in(module: str) -> str:
    """Digest of a module of ``tests/``, or of all of the oracle."""
    files = [ROOT / "tests" / f"{module}.py"]
    if not files[0].exists():
        files = sorted((ROOT / "tests" / "oracle").glob("*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]


def law_tests() -> list[LawTest]:
    """Test functions that take the law alone. The quick ones of the register come first."""
    sys.path.insert(0, str(ROOT / "tests"))
    found = []
    for module in LAW_TESTS:
        for name, function in vars(importlib.import_module(module)).items():
            if name.startswith("test_") and list(inspect.signature(function).parameters) == ["system"]:
                found.append(LawTest(f"{module}::{name}", function))
    return found


def of_the_register(tests: list[LawTest]) -> list[LawTest]:
    """Those that hold the law to the clause register: quick, and all that concerns a number that no formula reads."""
    return [test for test in tests if test.name.startswith("test_register")][::-1]  # 数与日期的在末尾


def tried(
    cases: Cases, tests: list[LawTest], mutant: Mutant, most: int = 0, passed: frozenset[str] = frozenset()
) -> str:
    """What notices a mutant: ``yaml: <case>``, ``test: <name>``, or :data:`SURVIVED`. Alters this process.

    Days and metadata are tried on the register first, as no case reads most of them. :param most: cases tried, 0 for all.
    :param passed: digests of the cases and tests that it is known to pass, which are left out.
    """
    try:
        cases.alter(mutant)
    except Exception as error:  # noqa: BLE001 - whatever stops it notices it
        return f"yaml: does not load ({type(error).__name__})"
    concerned = cases.concerned(mutant)
    running = tests if concerned else of_the_register(tests)
    if not mutant.reads:
        running = [test for test in tests if test.concerns(mutant)]
        if not concerned and running == [test for test in tests if not test.lines]:  # 写在类里，不在公式里
            running = tests
    tests, running = ([test for test in some if test.digest not in passed] for some in (tests, running))
    quick = of_the_register(tests)
    if (not cases.learned or not mutant.value) and (noticed := noticed_by_tests(cases.system, quick)):
        return noticed
    for case in [case for case in concerned[: most or None] if case.digest not in passed]:
        try:
            run_case(cases.system, case)
        except Exception:  # noqa: BLE001
            return f"yaml: {case.path.relative_to(ROOT)} {case.stated['name']}"
    return noticed_by_tests(cases.system, running) or SURVIVED


def noticed_by_tests(system, tests: list[LawTest]) -> str:
    """The first of some tests that fails: ``test: <name>``, or ""."""
    for test in tests:
        try:
            test.function(system)
        except BaseException:  # noqa: BLE001 - pytest's Failed is one
            return f"test: {test.name}"
    return ""
