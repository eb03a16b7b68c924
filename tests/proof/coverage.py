"""Line and branch coverage of all tests, in every process that they start, and docs/coverage.md: each uncovered place with the reason why.

    python -m tests.proof.coverage
    python -m tests.proof.coverage --report     the page again, from what the last run measured

What is measured stands in pyproject.toml. Reasons stand in ``uncovered.toml``, by file, function and the code of the first line, so that they outlive
a shifted line. Exit status 1 if a test fails or a place has no reason.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
MEASURED = ROOT / "out" / "coverage" / "coverage.json"
REASONS = Path(__file__).with_name("uncovered.toml")
PAGE = ROOT / "docs" / "coverage.md"
COVERAGE = [sys.executable, "-m", "coverage"]
#: Processes are measured in whatever folder they are started.
PLACE = os.environ | {"MEASURED_ROOT": str(ROOT)}
HEAD = """# Line and branch coverage 行与分支的覆盖

Written by `python -m tests.proof.coverage` on {day}; edit `tests/proof/uncovered.toml`, not this page. 由程序写入，理由在 `tests/proof/uncovered.toml`。

All tests of `tests/` but those in the browser, in every process that they start: commands, forked workers, notebooks, servers. A process that is killed, as the tests
of crash safety do, can report nothing. Statements and branches of `openfisca_jining/`, `variables/`, `reforms/` and the start of the command.

| | Statements | not run | Branches | not taken | covered |
|---|---:|---:|---:|---:|---:|"""


@dataclass(frozen=True)
class Place:
    """Statements that follow one another and did not run, or a branch that was not taken. :ivar key: how reasons name it."""

    key: str
    lines: str


def run(processes: int, paths: list[str]) -> tuple[int, str]:
    """Tests, measured. :param paths: which. :returns: exit status and what pytest printed."""
    MEASURED.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([*COVERAGE, "erase"], cwd=ROOT, env=PLACE, check=True)
    command = [sys.executable, "-m", "pytest", "--cov", "--cov-report=", "-n", str(processes), "--dist", "loadfile"]
    tests = subprocess.run(
        [*command, *paths], cwd=ROOT, env=PLACE, stdout=subprocess.PIPE, text=True, encoding="utf-8", check=False
    )
    subprocess.run(
        [*COVERAGE, "combine", "--append", "--quiet"], cwd=ROOT, env=PLACE, check=False
    )  # 没有别的进程就没有别的文件
    return tests.returncode, tests.stdout


def places(measured: dict) -> Iterator[Place]:
    """Every place not covered, in order of files and lines."""
    for name, file in sorted(measured["files"].items()):
        code = (ROOT / name).read_text(encoding="utf-8").splitlines()
        missing, executed = set(file["missing_lines"]), set(file["executed_lines"])
        statements = sorted(missing | executed)
        for function, part in file["functions"].items():
            before = f"{name}: {function}: " if function else f"{name}: "
            for run in runs(part["missing_lines"], statements):
                yield Place(before + code[run[0] - 1].strip(), span(run))
            for start, end in part["missing_branches"]:
                if start in executed and end not in missing:
                    target = code[end - 1].strip() if end > 0 else "exit"
                    yield Place(f"{before}{code[start - 1].strip()} -> {target}", str(start))


def runs(missing: list[int], statements: list[int]) -> Iterator[list[int]]:
    """Missing lines, those together that no statement that ran stands between."""
    number = {line: place for place, line in enumerate(statements)}
    run: list[int] = []
    for line in missing:
        if run and number[line] != number[run[-1]] + 1:
            yield run
            run = []
        run.append(line)
    if run:
        yield run


def span(run: list[int]) -> str:
    """First and last line."""
    return str(run[0]) if run[0] == run[-1] else f"{run[0]}-{run[-1]}"


def reasons() -> dict[str, str]:
    """Place -> why no test runs it."""
    groups = tomllib.loads(REASONS.read_text(encoding="utf-8")).get("group", [])
    return {place: group["reason"] for group in groups for place in group["places"]}


def page(measured: dict, uncovered: list[Place], known: dict[str, str], day: str) -> str:
    """docs/coverage.md."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for name, file in measured["files"].items():
        one = file["summary"]
        for row in (folder(name), "all 合计"):
            figures = (one["num_statements"], one["missing_lines"], one["num_branches"], one["missing_branches"])
            counts[row] = [old + new for old, new in zip(counts[row], figures, strict=True)]
    text = [HEAD.format(day=day)]
    for row, (statements, missing, branches, untaken) in sorted(
        counts.items(), key=lambda one: (one[0][:3] == "all", one)
    ):
        share = 1 - (missing + untaken) / max(statements + branches, 1)
        text.append(f"| {row} | {statements:,} | {missing:,} | {branches:,} | {untaken:,} | {100 * share:.2f} % |")
    groups: dict[str, list[Place]] = defaultdict(list)
    for place in uncovered:
        groups[known.get(place.key, "")].append(place)
    text += ["", "## 未覆盖之处与理由（not covered, and why）", ""]
    for reason in dict.fromkeys(known.values()):
        if reason in groups:
            text += [reason, "", *map(item, groups[reason]), ""]
    text += ["## 未说明理由的（without a reason）", "", *(map(item, groups[""]) if groups[""] else ["None. 无。"])]
    return "\n".join(text) + "\n"


def item(place: Place) -> str:
    """A place as an item of a list: key and lines."""
    return f"- `{place.key.replace('`', '')}` ({place.lines})"


def folder(name: str) -> str:
    """The two outer folders of a file."""
    return "/".join(Path(name).parent.parts[:2]) or name


def main() -> int:
    """Measure, write the page, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--report", action="store_true", help="do not run the tests")
    parser.add_argument("paths", nargs="*", default=["tests"], help="tests to run (all)")
    options = parser.parse_args()
    status, printed = (0, "") if options.report else run(options.processes, options.paths)
    print(printed[-6000:])
    report = [*COVERAGE, "json", "--quiet", "-o", str(MEASURED)]
    subprocess.run(report, cwd=ROOT, env=PLACE, check=True)
    measured, known = json.loads(MEASURED.read_text(encoding="utf-8")), reasons()
    uncovered = list(places(measured))
    unexplained = [place for place in uncovered if place.key not in known]
    PAGE.write_text(
        page(measured, uncovered, known, datetime.datetime.now(tz=datetime.UTC).date().isoformat()), "utf-8"
    )
    print("\n".join(f"no reason: {place.key} ({place.lines})" for place in unexplained))
    print("\n".join(f"covered after all: {key}" for key in sorted(set(known) - {place.key for place in uncovered})))
    totals, passed = measured["totals"], re.findall(r"(\d+) passed", printed)
    figures = {
        "passed": int(passed[-1]) if passed else None,
        "failed": sum(map(int, re.findall(r"(\d+) (?:failed|error)", printed))),
        "statements": totals["num_statements"],
        "branches": totals["num_branches"],
        "covered": f"{totals['percent_covered']:.2f} %",
        "places not covered": len(uncovered),
        "of them without a reason": len(unexplained),
    }
    print(json.dumps({"figures": figures}))
    return 1 if status or unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
