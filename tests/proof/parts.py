"""The parts of the proof: what each shows, its command, and where its figures stand in what it prints."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Part:
    """One part of the proof.

    :ivar name: for ``--only``. :ivar title: Chinese and English. :ivar command: after ``python -m``.
    :ivar patterns: what a figure is called -> regular expression with one group; the last match counts.
    :ivar about: what it tries, in a sentence. :ivar more: page with details.
    """

    name: str
    title: tuple[str, str]
    command: tuple[str, ...]
    about: str
    patterns: dict[str, str] = field(default_factory=dict)
    more: str = ""

    def figures(self, printed: str) -> dict:
        """The figures in what the command printed."""
        found: dict = {}
        for name, pattern in self.patterns.items():
            matches = re.findall(pattern, printed)
            found[name] = matches[-1] if matches else None
        for line in printed.splitlines():
            if line.startswith('{"figures"'):
                found |= json.loads(line)["figures"]
        return found | COUNTED.get(self.name, lambda _: {})(printed)


PASSED = {"passed": r"(\d+) passed", "failed": r"(\d+) (?:failed|error)"}


def tests(*paths: str) -> tuple[str, ...]:
    """Command of some of the tests."""
    return ("pytest", "-o", "addopts=", "--strict-markers", "-q", *paths)


PARTS = [
    Part(
        "cases",
        ("条款用例", "Cases of the clauses"),
        tests(
            *[f"tests/{name}" for name in ("national", "jining_2017", "yanzhou_2020", "zaozhuang_2020")],
            "tests/jining_2020",
            "tests/shandong_2018",
            "tests/reforms",
        ),
        "Every clause, reading and reform below, at and above each number, by hand arithmetic from the document.",
        PASSED,
    ),
    Part(
        "oracle",
        ("另一套独立的程序", "A second, independent implementation"),
        ("tests.oracle", "--enterprises", "100000", "--seed", "1"),
        "Plain Python with exact fractions, written from the documents by somebody who had not read the formulas, and since changed only at the points that "
        "docs/differences.md lists, by people who know both; random enterprises, dates, readings and reforms, every ledger stage of every project compared in whole fen.",
        {
            "enterprises": r"(\d+) enterprises",
            "projects": r"(\d+) projects, \d+ laws",
            "laws": r"projects, (\d+) laws,",
            "differences": r"(\d+) differences",
            "in so many laws": r"differences in (\d+) laws",
            "refusals": r"(\d+) refusals",
        },
        "differences.md",
    ),
    Part(
        "mutation",
        ("变异测试", "Mutation score"),
        ("tests.proof.mutation", "--tests", "--again"),
        "Every value, date, comparison and reading altered, one at a time. What an earlier run noticed, or what is explained, is not tried again while its file stays "
        "as it is; in a fresh copy all are tried.",
        more="mutation.md",
    ),
    Part(
        "properties",
        ("性质", "Properties"),
        tests("tests/properties", "--hypothesis-profile=proof"),
        "What must hold for every population, law and reading: caps, bases, ledger sums, pools, strangers, order of rows, inverses, sweeps.",
        PASSED,
    ),
    Part(
        "bad-input",
        ("错误的输入", "Bad input"),
        tests(
            "tests/badinput",
            "tests/population",
            "tests/test_web_api.py",
            "tests/test_reform_lint.py",
            "tests/test_reform_files.py",
        ),
        "Malformed tables, reform files, requests and command lines: each its message and exit status, no stack trace, no lost row.",
        PASSED,
    ),
    Part(
        "fuzz",
        ("模糊测试", "Fuzzing"),
        ("tests.fuzz", "--seconds", "400"),
        "An hour of coverage-guided fuzzing (atheris, with choices of hypothesis) of readers and grammars: nine targets, 400 seconds each. Nothing but a Chinese "
        "refusal may be raised, and no row or fen may go missing.",
    ),
    Part(
        "web-api",
        ("网页接口", "Web API under schemathesis"),
        ("tests.proof.api", "--examples", "100"),
        "Requests made from the interface's own specification: no failure of the server's own.",
    ),
    Part(
        "load",
        ("并发", "Web API under load"),
        ("tests.proof.load", "--seconds", "120", "--clients", "8"),
        "Concurrent clients for two minutes; every answer compared with the one the same request gets alone.",
    ),
    Part(
        "determinism",
        ("同一次运行，同样的字节", "Same run, same bytes"),
        tests("tests/test_determinism.py"),
        "One and two workers, hash seeds, time zones, GBK, C and UTF-8 locales.",
        PASSED,
    ),
    Part(
        "portability",
        ("各版本", "Pythons and versions of dependencies"),
        ("tests.proof.portability",),
        "Cases, money, house rules and budgets on every Python from 3.11 on, with the lowest and highest versions allowed, and from wheel and sdist alone in a clean "
        "environment; the same ledgers.",
    ),
    Part(
        "crash",
        ("中断", "Crash safety"),
        tests("tests/test_whole.py"),
        "Kills at random moments and in the act of writing, Ctrl-C, full disk, two writers: outputs are whole or not at all.",
        PASSED,
    ),
    Part(
        "coverage",
        ("覆盖", "Line and branch coverage of all tests"),
        ("tests.proof.coverage",),
        "All tests, lines run in other processes too. What no test runs is listed with the reason.",
        more="coverage.md",
    ),
    Part(
        "audit",
        ("依赖审计", "Dependency audit"),
        ("pip_audit", "-r", "requirements.txt", "--no-deps", "--disable-pip"),
        "Known weaknesses of the pinned versions, from the advisories that pip-audit finds at the package index. It asks for the page of the pinned version; an "
        "index that has none (404) gives it nothing, and what cannot be looked up is not audited.",
    ),
]


def audited(printed: str) -> dict:
    """How many of the pins were looked up, and what was found."""
    pins = len(re.findall(r"^\S+==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.M))
    missing = len(re.findall("could not be audited", printed))
    return {
        "pins": pins,
        "looked up": pins - missing,
        "known weaknesses": len(re.findall(r"(?:PYSEC|GHSA|CVE)-", printed)),
    }


#: A figure worked out from a whole output. :returns: what to show.
COUNTED: dict[str, Callable[[str], dict]] = {
    "audit": audited,
    "fuzz": lambda printed: {
        "targets": len(re.findall(r": \d+ runs", printed)),
        "executions": sum(map(int, re.findall(r": (\d+) runs", printed))),
        "failed": len(re.findall("FAILED", printed)),
    },
}
