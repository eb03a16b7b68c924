"""The same run gives the same bytes, whatever the process, hash seed, time zone, locale or number of workers."""

from __future__ import annotations

import hashlib
import locale
import os
import subprocess
import sys
from pathlib import Path

import pytest

#: Commands whose files and words must not depend on where they run; ``WORKERS`` is put in.
RUN = """
import os, sys
from openfisca_jining.cli import main
out, workers = sys.argv[1], sys.argv[2]
table = os.path.join(sys.argv[3], "openfisca_jining", "population", "example_2021.csv")
for command in (
    ["budget", table, "--out", os.path.join(out, "budget.json")],
    ["budget", "--synthetic", "--out", os.path.join(out, "made_up.json")],
    ["compare", table, "--reform", "jining_rate_up", "--by", "county", "--out", os.path.join(out, "compare")],
    ["sweep", table, "--over", "jining_2017.equipment.rate=1%:3%:1%", "--out", os.path.join(out, "sweep")],
    ["forecast", table, "--years", "2021-2022", "--draws", "24", "--workers", workers, "--out", os.path.join(out, "forecast")],
):
    assert main(command) == 0, command
"""
ROOT = Path(__file__).parent.parent
PLAIN = {"PYTHONHASHSEED": "1", "TZ": "UTC", "LC_ALL": "C.UTF-8"}


def chinese() -> dict[str, str]:
    """The settings of a Chinese console. Where the system has no such locale (`.ci/run` makes it), what is read and printed is in its encoding."""
    was = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "zh_CN.GBK")
    except locale.Error:
        return {"PYTHONIOENCODING": "gbk"}
    finally:
        locale.setlocale(locale.LC_CTYPE, was)
    return {"LC_ALL": "zh_CN.GBK", "PYTHONUTF8": "0"}


ELSEWHERE = {
    "two workers, west of Greenwich": ({"PYTHONHASHSEED": "2", "TZ": "America/New_York"}, "2"),
    "a Chinese console, far east": ({"TZ": "Pacific/Kiritimati"} | chinese(), "1"),
    "no locale": ({"TZ": "Asia/Shanghai", "LC_ALL": "C", "PYTHONHASHSEED": "0"}, "1"),
}


def written(folder: Path, workers: str, settings: dict) -> dict[str, str]:
    """Hash of every file written and of what was printed."""
    folder.mkdir()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHONUTF8"))
    }
    command = [sys.executable, "-c", RUN, str(folder), workers, str(ROOT)]
    answer = subprocess.run(
        command, env=environment | PLAIN | settings, cwd=folder.parent, capture_output=True, check=False, timeout=600
    )
    assert answer.returncode == 0, answer.stderr.decode("utf-8", "replace")
    of_names = "gbk" if "GBK" in settings.get("LC_ALL", "") else "utf-8"
    files = {
        os.fsencode(path.relative_to(folder)).decode(of_names): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    words = answer.stdout.decode(settings.get("PYTHONIOENCODING", of_names)).replace(str(folder), "")
    return files | {"printed": hashlib.sha256(words.encode()).hexdigest()}


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return written(tmp_path_factory.mktemp("plain") / "out", "1", {})


def test_the_same_run_writes_something_worth_comparing(plain):
    assert {Path(name).suffix for name in plain} >= {".json", ".xlsx", ".png"}
    assert len(plain) > 12


@pytest.mark.parametrize("where", ELSEWHERE)
def test_the_same_bytes_elsewhere(plain, tmp_path, where):
    settings, workers = ELSEWHERE[where]
    found, expected = written(tmp_path / "out", workers, settings), dict(plain)
    assert found.keys() == expected.keys()
    if "GBK" in settings.get("LC_ALL", ""):
        # matplotlib 3.11 排多行文字时不传语言，字距随系统语言差一个像素；数字、文字、工作簿仍须逐字节相同
        for name in [name for name in expected if name.endswith(".png")]:
            del found[name], expected[name]
    assert found == expected
