"""What is run on a mutant: its YAML cases, then the tests in Python that ask for nothing but the law, then whole test files."""

from __future__ import annotations

import importlib
import inspect
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from .cases import Cases, run_case
from .mutant import ROOT, Mutant

#: Modules of ``tests/`` whose test functions take the law alone or nothing.
LAW_TESTS = ("test_register", "test_house_rules")
#: Test files for what survives all of that.
WIDER = (
    "tests/test_register.py", "tests/test_house_rules.py", "tests/test_ecosystem.py", "tests/properties",
    "tests/analysis/test_budget.py", "tests/analysis/test_explain.py", "tests/analysis/test_readings.py",
)  # fmt: skip
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


class Copy:
    """A copy of the repository in which one file at a time is altered."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="mutation-"))
        for name in ("openfisca_jining", "parameters", "variables", "reforms", "tests", "situation_examples"):
            shutil.copytree(ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "README.md", "README.zh-CN.md", "docs"):
            (self.root / name).symlink_to(ROOT / name)
        for name in ("parameters", "variables", "reforms"):
            (self.root / "openfisca_jining" / name).symlink_to(self.root / name)

    def tried(self, mutant: Mutant) -> str:
        """What of :data:`WIDER` notices a mutant: ``test: <file>``, or :data:`SURVIVED`."""
        file = self.root / mutant.file
        original = file.read_text(encoding="utf-8")
        file.write_text(mutant.altered(), encoding="utf-8")
        environment = {**os.environ, "PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1"}
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "--tb=no", "-rfE", *WIDER]
        try:
            done = subprocess.run(
                command, cwd=self.root, env=environment, capture_output=True, text=True, timeout=1800, check=False
            )
        except subprocess.TimeoutExpired:
            return "test: timeout"
        finally:
            file.write_text(original, encoding="utf-8")
        if done.returncode == 0:
            return SURVIVED
        failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
        return f"test: {failed[0].split(' - ')[0] if failed else done.stdout[-200:]}"

    def remove(self) -> None:
        """Delete the copy."""
        shutil.rmtree(self.root)
