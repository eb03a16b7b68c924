"""What the readable documents say is true: their code runs, their samples are real, their paths exist."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import re
import shlex
import shutil
from importlib import resources
from pathlib import Path

import pytest
from openfisca_core.tools.test_runner import run_tests

from openfisca_jining.analysis.budget import budget
from openfisca_jining.cli import main, parser
from openfisca_jining.population.read import read_table
from openfisca_jining.population.synthetic import synthesise
from openfisca_jining.reform_lint import lint
from openfisca_jining.reforming import reform_modules, reformed

ROOT = Path(__file__).parent.parent
READMES = ("README.md", "README.zh-CN.md")
#: What is written by hand below ``docs``; the rest is made from it and from the program (``tests/test_docs.py``).
DOCS = tuple(
    path.relative_to(ROOT).as_posix()
    for folder in ("docs", "docs/questions")
    for path in sorted((ROOT / folder).glob("*.md"))
)
#: The short how-to of the questions; the full one is a page for each.
SHORT = "docs/questions.md"
#: Documents whose code runs; the code of CONTRIBUTING.md is an invented example.
RUNS = (*READMES, *DOCS)
WRITTEN = (*RUNS, "CONTRIBUTING.md", "CHANGELOG.md")
EXAMPLE = Path("openfisca_jining", "population", "example_2021.csv")
#: Folders whose files the documents use.
FOLDERS = (Path("situation_examples"), Path("reforms", "examples"))
#: Targets of the Makefile that only call the program.
MAKE = {"make simulate": "openfisca-jining simulate", "make clauses": "openfisca-jining clauses"}
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: A command in the running text or in a table.
INLINE = re.compile(r"`(openfisca-jining [^`\n]+)`")
#: Made by a run, or by the reader.
NOT_IN_THE_TREE = ("out/", ".venv", "wheels/", "/", "site/", "docs/generated/")


def text_of(name):
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name):
    return BLOCK.findall(text_of(name))


def code(name, *languages):
    return [text for language, text in blocks(name) if language in languages]


def without_code(name):
    return BLOCK.sub("", text_of(name))


@pytest.fixture
def like_the_checkout(tmp_path, monkeypatch):
    """An empty folder with the files that the documents use, at their places."""
    (tmp_path / EXAMPLE).parent.mkdir(parents=True)
    shutil.copy(ROOT / EXAMPLE, tmp_path / EXAMPLE)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    monkeypatch.chdir(tmp_path)


@functools.cache
def answer(command):
    """What a command prints on standard output."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert main(shlex.split(command)[1:]) == 0, command
    return said.getvalue()


def printed(block):
    """What the commands of a shell block print on standard output. Commands of other programs are left out."""
    commands = (MAKE.get(line.strip(), line.strip()) for line in block.splitlines())
    return "".join(answer(command) for command in commands if command.startswith("openfisca-jining "))


@pytest.mark.parametrize("name", RUNS)
def test_python_runs(name, like_the_checkout):
    namespace: dict = {"__name__": "readme"}
    for number, text in enumerate(code(name, "python"), 1):
        exec(compile(text, f"{name}, python block {number}", "exec"), namespace)


@pytest.mark.parametrize("name", RUNS)
def test_commands_run_and_samples_are_what_they_print(name, like_the_checkout):
    before = ""
    for language, text in blocks(name):
        if language in ("bash", "console"):
            before = printed(text)
        elif language == "text" and before:
            real = {line.rstrip() for line in before.splitlines()}
            assert [line for line in text.splitlines() if line not in real | {"..."}] == [], name


@pytest.mark.parametrize("name", RUNS)
def test_commands_in_tables_run(name, like_the_checkout):
    for row in re.findall(r"^\|.*\|$", without_code(name), re.MULTILINE):
        for command in INLINE.findall(row):
            assert answer(command), command


@pytest.mark.parametrize("name", RUNS)
def test_options_named_exist(name):
    commands = next(action.choices for action in parser()._actions if action.dest == "command")
    known = {option for command in commands.values() for option in command._option_string_actions}
    assert set(re.findall(r"`(--[a-z-]+)", without_code(name))) - known == set()
    for command in INLINE.findall(without_code(name)):
        if "--help" not in command:
            parser().parse_args(shlex.split(command)[1:])


@pytest.mark.parametrize("name", RUNS)
def test_reform_files_are_sound(name, tmp_path, system):
    for number, text in enumerate(code(name, "yaml")):
        if text.startswith("title:"):
            file = tmp_path / f"{number}.yaml"
            file.write_text(text, encoding="utf-8")
            assert lint(system, reforms=[str(file)]) == [], text


def test_the_short_how_to_has_no_code_of_its_own():
    full = [block for name in DOCS if name != SHORT for block in blocks(name)]
    assert [block for block in blocks(SHORT) if block not in full] == []


def test_make_targets_call_the_program():
    makefile = text_of("Makefile")
    for target, command in MAKE.items():
        assert f"{target.split()[1]}: setup\n\t@$(BIN)/{command}\n" in makefile


@pytest.mark.parametrize("name", RUNS)
def test_yaml_cases_hold(name, tmp_path, system):
    for number, text in enumerate(code(name, "yaml")):
        if text.startswith("- name:"):
            case = tmp_path / f"{number}.yaml"
            case.write_text(text, encoding="utf-8")
            assert run_tests(system, str(case), {}) == 0, text


def test_the_readmes_are_in_step():
    english, chinese = (text_of(name) for name in READMES)
    assert blocks(READMES[0]) == blocks(READMES[1])
    marks = [re.findall(r"^#+(?= )", without_code(name), re.MULTILINE) for name in READMES]
    assert marks[0] == marks[1]
    rows = [re.findall(r"^\|", text, re.MULTILINE) for text in (english, chinese)]
    assert len(rows[0]) == len(rows[1])


def test_the_table_of_readings_is_what_they_move(system):
    said = text_of("docs/questions/readings.md")
    rows = re.findall(r"^\| `([\w.]+=\w+)` \|.*\| (-?[\d,.]+) \| (-?[\d,.]+) \|$", said, re.MULTILINE)
    assert len(rows) == 5
    with resources.as_file(resources.files("openfisca_jining.population") / EXAMPLE.name) as path:
        populations = [synthesise(2021), read_table(path).population]
    usual = [budget(population, system).total for population in populations]
    assert f"{usual[0] / 10_000:,.2f}" in said
    for reading, *figures in rows:
        law = reformed(system, readings=[reading])
        moved = [budget(population, law).total - total for population, total in zip(populations, usual, strict=True)]
        assert [f"{one / 10_000:,.2f}" for one in moved] == figures, reading


def test_the_counts_in_the_readmes_are_those_of_the_register():
    counts = printed("openfisca-jining clauses")
    total = re.search(r"^合计 +(\d+) +(\d+) +(\d+) +(\d+)$", counts, re.MULTILINE).groups()
    readings = re.search(r"读法 (\d+) 项，共 (\d+) 种取法", counts).groups()
    unstated = re.search(r"文件未定的参数 (\d+) 个", counts).groups()
    modules = str(len(reform_modules()))
    for name in READMES:
        numbers = re.findall(r"\d+", without_code(name))
        assert [one for one in (*total, *readings, *unstated, modules) if one not in numbers] == [], name


@pytest.mark.parametrize("name", WRITTEN)
def test_paths_exist(name):
    text = without_code(name)
    quoted = [one for one in re.findall(r"`([^`\n]+)`", text) if re.fullmatch(r"[\w./-]+", one)]
    top = {path.name for path in ROOT.iterdir()}
    paths = [one for one in quoted if ("/" in one and one.split("/")[0] in top) or one in top]
    links = [one.split("#")[0] for one in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in one]
    links = [Path(os.path.normpath(Path(name).parent / one)).as_posix() for one in links if one]
    named = [one for one in (*paths, *links) if not one.startswith(NOT_IN_THE_TREE)]
    assert [one for one in named if not (ROOT / one).exists()] == []


def test_parameters_and_variables_named_exist(system):
    for name in WRITTEN:
        quoted = re.findall(r"`([a-z]+_20[12]\d_\w+|total_paid)`", without_code(name))
        assert [one for one in quoted if "__" in one and one not in system.variables] == [], name


@pytest.mark.parametrize("name", ["simulate.bat", "test.bat"])
def test_windows_files_are_what_cmd_reads(name):
    raw = (ROOT / name).read_bytes()
    assert raw.count(b"\n") == raw.count(b"\r\n") > 0
    assert not raw.startswith(b"\xef\xbb\xbf")
    lines = raw.decode("utf-8").split("\r\n")
    chinese = [number for number, line in enumerate(lines) if not line.isascii()]
    assert not chinese or chinese[0] > next(
        number for number, line in enumerate(lines) if line.startswith("chcp 65001")
    )
