"""One alteration of one file of ``parameters/`` or ``variables/``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Mutant:
    """One altered file.

    :ivar file: path from the repository's root. :ivar line: line of the alteration (from 1). :ivar what: where and how, without
        line numbers, so that it stays when lines move. :ivar reads: parameter path that must be read, or "" (formulas).
    :ivar altered: gives the altered text of the file.
    """

    file: str
    line: int
    what: str
    reads: str
    altered: Callable[[], str]

    @property
    def key(self) -> str:
        """Name of the mutant, unique within a run."""
        return f"{self.file}: {self.what}"

    @property
    def value(self) -> bool:
        """Whether a value or a formula is altered, and not a day or what is said of a value."""
        return not self.reads or " at " in self.what

    @property
    def folder(self) -> str:
        """``parameters/<document>`` or ``variables/<document>``."""
        return self.file.rpartition("/")[0]


def numbered(mutants: Iterable[Mutant]) -> list[Mutant]:
    """The same mutants, those of equal words told apart by a number."""
    seen: Counter[str] = Counter()
    result = []
    for one in mutants:
        seen[one.key] += 1
        again = seen[one.key]
        result.append(one if again == 1 else replace(one, what=f"{one.what} #{again}"))
    return result
