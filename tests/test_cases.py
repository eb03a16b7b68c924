"""Every YAML case is one test of its own, also when the tests are shared out among processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from openfisca_jining.case_reforms import check_reform
from openfisca_jining.core_guards import read_cases

ROOT = Path(__file__).parent.parent
CASE = {"period": 2019, "input": {"county": "rencheng"}}
RIGHT, WRONG = ({"output": {"jining_2017_equipment__capped": amount}} for amount in (0, 1))


def test_processes_run_every_case_of_a_file(tmp_path):
    cases = [
        {"name": name} | CASE | output
        for name, output in (("第一个", RIGHT), ("第二个", WRONG), ("第三个", RIGHT), ("第三个", WRONG))
    ]
    path = tmp_path / "cases.yaml"
    path.write_text(yaml.safe_dump(cases, allow_unicode=True), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-n", "2", "--dist", "loadfile", str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert "2 failed, 2 passed" in done.stdout
    assert "cases.yaml::2" in done.stdout
    assert "cases.yaml::4" in done.stdout


def test_a_reform_that_lacks_what_it_imports_is_not_called_misspelt(tmp_path, monkeypatch):
    (tmp_path / "own_reform.py").write_text("import no_such_module\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        check_reform("own_reform.Mine")


def test_a_number_with_a_nought_in_front_is_what_it_looks_like(tmp_path):
    """YAML 1.1 takes 010 for eight."""
    (tmp_path / "cases.yaml").write_text("- [010, 1_000, -5, +5, 0]", encoding="utf-8")
    assert read_cases(tmp_path / "cases.yaml") == [[10, 1000, -5, 5, 0]]
