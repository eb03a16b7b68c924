"""The page of the proof says what its runs printed, and nothing else."""

from __future__ import annotations

import ast

from tests.proof.page import PAGE, load, rendered, section
from tests.proof.parts import PARTS, ROOT


def test_the_page_is_made_from_the_results():
    assert PAGE.read_text(encoding="utf-8") == rendered(load())


def test_every_result_belongs_to_a_part_and_has_figures():
    names = {part.name for part in PARTS}
    for name, result in load().items():
        assert name in names
        assert result["figures"] or result["status"], name


def test_figures_are_read_from_what_commands_print():
    figures = {part.name: part.figures for part in PARTS}
    assert figures["cases"]("....\n12 passed in 3 s")["passed"] == "12"
    assert figures["load"]('x\n{"figures": {"answers": 5}}')["answers"] == 5
    assert figures["fuzz"]("a: 10 runs, 3 places, ok\nb: 5 runs, 1 places, FAILED")["executions"] == 15
    audit = figures["audit"]("x could not be audited: x\nPYSEC-1")
    assert (audit["pins"] - audit["looked up"], audit["known weaknesses"]) == (1, 1)
    oracle = figures["oracle"](
        "law 9: 3 differences in 1 laws\n100020 enterprises, 183244 projects, 1667 laws, 201 s\n"
        "80 of 90 reading values (9 left out, 1 points conceded)\n  paid: 7 projects paid\n103 differences in 4 laws, 2 refusals"
    )
    names = ("enterprises", "projects", "laws", "differences", "in so many laws", "refusals")
    assert [oracle[name] for name in names] == ["100020", "183244", "1667", "103", "4", "2"]


def test_nothing_is_said_to_be_audited_that_was_not_looked_up():
    part = next(part for part in PARTS if part.name == "audit")
    result = {"day": "2030-01-01", "commit": "x", "seconds": 1, "status": 0}
    said = ["\n".join(section(part, result | {"figures": {"pins": 2, "looked up": number}})) for number in (0, 2)]
    assert ["as it should" in text for text in said] == [False, True]


def test_fuzzing_takes_an_hour():
    code = ast.parse((ROOT / "tests" / "fuzz" / "targets.py").read_text(encoding="utf-8"))
    targets = next(one.value for one in code.body if isinstance(one, ast.Assign) and one.targets[0].id == "TARGETS")
    fuzz = next(part for part in PARTS if part.name == "fuzz")
    assert len(targets.keys) * int(fuzz.command[-1]) == 3600
