"""What is run on a mutant: its YAML cases, then the tests in Python that ask for nothing but the law."""

from __future__ import annotations

import importlib
import inspect
import sys

from .cases import Cases, run_case
from .mutant import ROOT, Mutant

#: Modules of ``tests/`` whose test functions take the law alone or nothing.
LAW_TESTS = ("test_register", "test_house_rules")
SURVIVED = "survived"


def law_tests() -> list:
    """Test functions that take the law alone: (name, function). The quick ones of the register come first."""
    sys.path.insert(0, str(ROOT / "tests"))
    found = []
    for module in LAW_TESTS:
        for name, function in vars(importlib.import_module(module)).items():
            if name.startswith("test_") and list(inspect.signature(function).parameters) == ["system"]:
                found.append((f"{module}::{name}", function))
    return found


def of_the_register(tests: list) -> list:
    """Those that hold the law to the clause register: quick, and all that concerns a number that no formula reads."""
    return [test for test in tests if test[0].startswith("test_register")][::-1]  # 数与日期的在末尾


def tried(cases: Cases, tests: list, mutant: Mutant, most: int = 0) -> str:
    """What notices a mutant: ``yaml: <case>``, ``test: <name>``, or :data:`SURVIVED`. Alters this process.

    Days and metadata are tried on the register first, as no case reads most of them. :param most: cases tried, 0 for all.
    """
    try:
        cases.alter(mutant)
    except Exception as error:  # noqa: BLE001 - whatever stops it notices it
        return f"yaml: does not load ({type(error).__name__})"
    concerned, quick = cases.concerned(mutant), of_the_register(tests)
    if (not cases.learned or not mutant.value) and (noticed := noticed_by_tests(cases.system, quick)):
        return noticed
    for case in concerned[: most or None]:
        try:
            run_case(cases.system, case)
        except Exception:  # noqa: BLE001
            return f"yaml: {case.path.relative_to(ROOT)} {case.stated['name']}"
    return noticed_by_tests(cases.system, tests if concerned else quick) or SURVIVED


def noticed_by_tests(system, tests: list) -> str:
    """The first of some tests that fails: ``test: <name>``, or ""."""
    for name, function in tests:
        try:
            function(system)
        except BaseException:  # noqa: BLE001 - pytest's Failed is one
            return f"test: {name}"
    return ""
