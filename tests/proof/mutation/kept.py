"""What runs found, kept in ``out/mutation.json``: a run that is broken off, or a test that is written for a survivor, does not mean
trying everything again.

An outcome holds while the file of its mutant stays as it is. A survivor is tried again on the tests that it has not passed yet.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable

from .checks import SURVIVED
from .mutant import ROOT, Mutant

LAST = ROOT / "out" / "mutation.json"


class Kept:
    """Outcomes of mutants. :param mutants: all that there are now; what is known of others is forgotten.

    :ivar outcomes: key of a mutant -> what noticed it, or :data:`checks.SURVIVED`. :ivar passed: key of a survivor -> name of the
        set of tests it has passed. :ivar tests: name of a set -> digests of its tests.
    """

    def __init__(self, mutants: list[Mutant]) -> None:
        earlier = json.loads(LAST.read_text(encoding="utf-8")) if LAST.exists() else {}
        self.mutants = {one.key: of_file(one.file) for one in mutants}
        self.tests: dict[str, list[str]] = earlier.get("tests", {})
        self.outcomes: dict[str, str] = {}
        self.passed: dict[str, str] = {}
        for file, known in earlier.get("files", {}).items():
            for key, (outcome, passed) in known.items():
                if self.mutants.get(key) == file:
                    self.add(key, outcome, passed)

    def add(self, key: str, outcome: str, passed: str) -> None:
        """Note an outcome. :param passed: the set of tests that a survivor has passed."""
        self.outcomes[key] = outcome
        if outcome == SURVIVED:
            self.passed[key] = passed
        else:
            self.passed.pop(key, None)

    def set_of(self, tests: Iterable[str]) -> str:
        """Name of a set of tests. :param tests: their digests."""
        digests = sorted(tests)
        name = hashlib.sha256("\n".join(digests).encode()).hexdigest()[:16]
        self.tests[name] = digests
        return name

    def passed_before(self, key: str) -> frozenset[str]:
        """Digests of the tests that a survivor has passed."""
        return frozenset(self.tests[self.passed[key]]) if key in self.passed else frozenset()

    def save(self) -> None:
        """Write them."""
        files: dict[str, dict[str, list[str]]] = {}
        for key, outcome in self.outcomes.items():
            files.setdefault(self.mutants[key], {})[key] = [outcome, self.passed.get(key, "")]
        used = {name: self.tests[name] for name in sorted(set(self.passed.values()))}
        LAST.parent.mkdir(exist_ok=True)
        LAST.write_text(json.dumps({"files": files, "tests": used}, ensure_ascii=False, indent=0), encoding="utf-8")


@functools.cache
def of_file(file: str) -> str:
    """A file and the digest of what it holds."""
    return f"{file} {hashlib.sha256((ROOT / file).read_bytes()).hexdigest()[:16]}"
