"""The list of explained survivors, and docs/mutation.md."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict
from datetime import UTC, datetime

from .mutant import ROOT, Mutant

SURVIVORS = ROOT / "tests" / "proof" / "mutation" / "survivors.toml"
REPORT = ROOT / "docs" / "mutation.md"
SURVIVED, NOT_RUN = "survived", "not run"


def explained() -> dict[str, str]:
    """Known survivors: key of the mutant -> why nothing can tell it from the law."""
    groups = tomllib.loads(SURVIVORS.read_text(encoding="utf-8"))["equivalent"]
    return {key: group["reason"] for group in groups for key in group["mutants"]}


def write(mutants: list[Mutant], results: dict[str, str], left_out: Counter[str], most: int) -> None:
    """Write docs/mutation.md. :param most: cases tried on each mutant, 0 for all."""
    known = explained()
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    for one in mutants:
        outcome = results.get(one.key, NOT_RUN)
        kind = (
            NOT_RUN
            if outcome == NOT_RUN
            else "yaml"
            if outcome.startswith("yaml")
            else "equivalent"
            if one.key in known
            else "survived"
        )
        kind = kind if outcome.startswith("yaml") or outcome in (SURVIVED, NOT_RUN) else "tests"
        for name in (one.folder, one.folder.partition("/")[0]):
            rows[name][kind] += 1
    text = [
        HEAD.format(
            cases=MOST.format(most=most) if most else "",
            day=datetime.now(UTC).date().isoformat(),
        )
    ]
    text += [row(name, rows[name]) for name in sorted(rows, key=lambda name: (name.partition("/")[0], name))]
    text += ["", "## 按规则不改的（left out by rule）", "", "| Rule | Number |", "|---|---:|"]
    text += [f"| {rule} | {number:,} |" for rule, number in sorted(left_out.items())]
    text += ["", "## 存活而等价的（survivors that change nothing）", ""]
    reasons: dict[str, list[str]] = defaultdict(list)
    for key, reason in known.items():
        reasons[reason].append(key)
    for reason, keys in reasons.items():
        text += [f"{reason} ({len(keys)})", "", *(f"- `{key.replace('`', '')}`" for key in sorted(keys)), ""]
    alive = sorted(one.key for one in mutants if results.get(one.key) == SURVIVED and one.key not in known)
    text += ["## 存活而未说明的（survivors without an explanation）", ""]
    text += [f"- `{key.replace('`', '')}`" for key in alive] or ["None."]
    REPORT.write_text("\n".join(text) + "\n", encoding="utf-8")


def row(name: str, counts: Counter[str]) -> str:
    """One row of the table."""
    total = counts.total()
    tried = total - counts[NOT_RUN]
    able = tried - counts["equivalent"]
    shares = (counts["yaml"], counts["yaml"] + counts["tests"])
    cells = [f"{total:,}", f"{tried:,}", *(f"{one:,} ({100 * one / max(able, 1):.1f} %)" for one in shares)]
    cells += [f"{counts['equivalent']:,}", f"{counts['survived']:,}"]
    return f"| {name} | {' | '.join(cells)} |"


MOST = """
Formulas were tried on at most {most} of the cases that run them and on the register only, so that further cases
and tests may catch some of the survivors."""
HEAD = """# Mutation score（变异测试）

Written by `make mutate` on {day}; edit `tests/proof/mutation/`, not this page. What was noticed
once, or is explained, is not tried again when a run is gone on with, unless its file has changed; a full run tries all.

Every value, date, comparison and reading in `parameters/` and `variables/` is altered, one at a time, and the tests are run on the
altered law. Numbers go up and down by the smallest step that means something (a fen, one ten-millionth of a share, one of what is
counted), dates a day earlier and later, dated entries are left out, readings are taken otherwise, unstated quantities get a number, comparisons
turn. Formulas are altered with the operators of Cosmic Ray and four of our own: another reading or Enum member, a condition less, the
other end (`maximum`, `minimum`). A mutant is caught by the YAML cases, else by the tests in Python that take the law: the clause
register, the house rules, and the claim years and examples of the second implementation (`tests/oracle/test_oracle.py`). Shares leave
out the equivalent ones.

Days, comparisons and what is said of a value are tried on the tests of the register first, so the share of the YAML cases is a
lower bound.{cases}

| Folder | Mutants | Tried | Caught by YAML cases | Caught by all tests | Equivalent | Survivors |
|---|---:|---:|---:|---:|---:|---:|"""
