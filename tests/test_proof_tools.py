"""What the proof finds by itself: interpreters, and places that no test runs."""

from __future__ import annotations

import json
import sys

from tests.proof import coverage, portability

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"


def test_an_interpreter_that_fails_is_passed_over_for_one_that_works(tmp_path, monkeypatch):
    broken, working = tmp_path / "shims", tmp_path / "bin"
    for folder, does in ((broken, "exit 127"), (working, f'exec "{sys.executable}" "$@"')):
        folder.mkdir()
        program = folder / f"python{VERSION}"
        program.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{broken}:{working}")
    assert portability.interpreters() == {VERSION: sys.executable}
    monkeypatch.setenv("PATH", str(broken))
    assert portability.interpreters() == {}


def test_a_shim_is_asked_with_all_the_versions_there_are(tmp_path, monkeypatch):
    manager, shim = tmp_path / "pyenv", tmp_path / f"python{VERSION}"
    manager.write_text("#!/bin/sh\necho 3.99.0\necho 3.98.0\n", encoding="utf-8")
    shim.write_text(
        f'#!/bin/sh\n[ "$PYENV_VERSION" = 3.99.0:3.98.0 ] && exec "{sys.executable}" "$@"\n', encoding="utf-8"
    )
    for program in (manager, shim):
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert portability.interpreters() == {VERSION: sys.executable}


CODE = """def half(number):
    if number < 0:
        print(1)
        number = 0
    if number:
        number /= 2
    return number
"""


def measured(folder, code, calls):
    """What coverage measures of ``code`` when ``calls`` run it."""
    import coverage as measure

    (folder / "small.py").write_text(code, encoding="utf-8")
    session = measure.Coverage(data_file=None, branch=True, include=[str(folder / "*")], config_file=False)
    names: dict = {}
    with session.collect():
        exec(compile(code, str(folder / "small.py"), "exec"), names)
        for call in calls:
            names["half"](call)
    session.json_report(outfile=str(folder / "coverage.json"))
    found = json.loads((folder / "coverage.json").read_text(encoding="utf-8"))
    found["files"] = {"small.py": next(iter(found["files"].values()))}
    return found


def test_lines_and_branches_without_a_test_are_found_and_shown(tmp_path, monkeypatch):
    monkeypatch.setattr(coverage, "ROOT", tmp_path)
    found = measured(tmp_path, CODE, [2])
    places = list(coverage.places(found))
    assert [(place.key, place.lines) for place in places] == [
        ("small.py: half: print(1)", "3-4"),
        ("small.py: half: if number: -> return number", "5"),
    ]
    page = coverage.page(found, places, {places[0].key: "Why."}, "2030-01-01")
    why, without = page.split("## ")[-2:]
    assert "Why.\n\n- `small.py: half: print(1)` (3-4)" in why
    assert "if number: -> return number" in without
    assert list(coverage.places(measured(tmp_path, CODE, [2, 0, -1]))) == []


def test_every_reason_is_about_code_that_is_there():
    for place in coverage.reasons():
        name, _, rest = place.partition(": ")
        code = {line.strip() for line in (coverage.ROOT / name).read_text(encoding="utf-8").splitlines()}
        start = rest.partition(" -> ")[0]
        assert any(start == line or start.endswith(f": {line}") for line in code if line), place
