"""The page of the proof says what its runs printed, and nothing else."""

from __future__ import annotations

from tests.proof.page import PAGE, load, rendered
from tests.proof.parts import PARTS


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
    assert figures["audit"]("x could not be audited: x\nPYSEC-1")["known weaknesses"] == 1
