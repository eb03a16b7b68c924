"""Outputs are whole or not at all: runs killed, interrupted, out of disk, or writing the same output at once."""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
import traceback
import zipfile
from pathlib import Path

import pytest

from openfisca_jining import whole
from openfisca_jining.cli import main
from openfisca_jining.whole import MOVING, OutputError, refused_output, whole_file, whole_folder, write_whole

#: Moments at which each command is stopped, besides the forty of :func:`test_killed_in_the_very_act`.
MOMENTS = 2
REFORM = "jining_2017.equipment.rate={}@2021-01-01"
#: Command, its output, and what makes a second run give something else.
COMMANDS = {
    "budget json": (["budget", "t.csv", "--out", "o.json"], ["--set", REFORM.format("4%")]),
    "budget xlsx": (["budget", "t.csv", "--out", "o.xlsx"], ["--set", REFORM.format("4%")]),
    "budget html": (["budget", "t.csv", "--out", "o.html"], ["--set", REFORM.format("4%")]),
    "population": (["population", "--projects", "50", "--out", "o.csv"], ["--seed", "2"]),
    "template": (["template", "--out", "o.xlsx"], []),
    "check": (["check", "bad.csv", "--out", "o.xlsx"], ["--year", "2021"]),
    "simulate": (["simulate", "t.csv", "--out", "o"], ["--set", REFORM.format("4%")]),
    "compare": (
        ["compare", "t.csv", "--out", "o", "--set", REFORM.format("4%")],
        ["--reform", "special_fund_300m"],
    ),
    "forecast": (
        ["forecast", "t.csv", "--years", "2021", "--draws", "4", "--workers", "1", "--out", "o"],
        ["--draws", "6"],
    ),
}
TABLE = """申报年度,企业编号,注册地,项目编号,设备投资额（元）,产业目录,投入使用,申报日期
2021,E1,任城区,P1,30000000,鼓励类,是,2021-05-01
2021,E2,滕州市,P2,9000000,鼓励类,是,2021-06-01
2021,E3,邹城市,P3,8000000,鼓励类,是,2021-07-01
"""


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text(TABLE, encoding="utf-8")
    Path("bad.csv").write_text("企业编号,项目编号,设备投资额（元）\nE1,P1,坏\nE2,P2,5\n", encoding="utf-8")


def started(arguments, prepare=lambda: None) -> int:
    """A run in a process of its own that needs no loading; what it says on standard error goes to ``said``.

    :param arguments: of a command, or a function to run. :returns: id of the process.
    """
    process = os.fork()
    if process:
        return process
    status = 70
    try:
        with open("said", "wb", buffering=0) as said, open(os.devnull, "wb") as nowhere:
            os.dup2(said.fileno(), 2)
            os.dup2(nowhere.fileno(), 1)
            prepare()
            sys.stdout, sys.stderr = os.fdopen(1, "w"), os.fdopen(2, "w")
            status = arguments() if callable(arguments) else main(arguments)
    except KeyboardInterrupt:
        status = 130
    except BaseException:  # noqa: BLE001 分叉出来的进程不许回到 pytest
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()
        os._exit(status)


def ended(process: int) -> int:
    """Exit status; minus the signal if one ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def said() -> str:
    return Path("said").read_text(encoding="utf-8", errors="replace")


def files() -> dict[str, bytes]:
    """All files by name, but for what the tests put there."""
    found = (file for file in Path().rglob("*") if file.is_file() and file.name not in ("said", "bad.csv", "t.csv"))
    return {str(file): file.read_bytes() for file in found}


def readable(name: str, content: bytes) -> bool:
    """Whether a file is whole by what its kind says of itself."""
    if name.endswith(".xlsx"):
        Path("said").write_bytes(content)
        with zipfile.ZipFile("said") as archive:
            return archive.testzip() is None
    if name.endswith(".png"):
        return content.endswith(b"IEND\xaeB`\x82")
    if name.endswith(".json"):
        return bool(json.loads(content))
    return content.endswith(b"</html>\n" if name.endswith(".html") else b"\r\n")


def one_set(found: dict[str, bytes], old: dict[str, bytes]) -> None:
    """All files are the old ones, or all are whole and none of a set is old."""
    kept = [name for name in found if found[name] == old.get(name)]
    assert set(found) == set(old), set(found) ^ set(old)
    for name, content in found.items():
        assert readable(name, content), name
    changed = {name for name in found if name not in kept}
    same_anyway = {name for name in kept if name.endswith((".png", ".csv"))}
    assert not changed or not set(kept) - same_anyway, (changed, kept)


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill", "ctrl-c"])
def test_interrupted_at_random_moments(command, number, capsys):
    arguments, other = COMMANDS[command]
    main(arguments)
    old = files()
    start = time.monotonic()
    assert ended(started([*arguments, *other])) == (1 if command == "check" else 0)
    takes = time.monotonic() - start
    for name, content in old.items():
        Path(name).write_bytes(content)
    moments = random.Random(f"{command} {number}")
    for _ in range(MOMENTS):
        process = started([*arguments, *other])
        time.sleep(moments.uniform(0, 1.05 * takes))
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, number)
        status = ended(process)
        left = files()
        parts = {name for name in left if whole.PREFIX in name}
        if number == signal.SIGINT:
            assert status in (0, 1, 130) and not parts, said()
            assert "Traceback" not in said() and (status != 130 or not said() or "已中断" in said())
        if not any(MOVING in name for name in left):
            one_set({name: content for name, content in left.items() if name not in parts}, old)
        for name in left.keys() - old.keys():
            Path(name).unlink()
        for name, content in old.items():
            Path(name).write_bytes(content)


NAMES = ("a", "b", "sub/c", "d")


def writing(mark: str):
    """A function that writes one set and one file after the other until it is ended."""

    def write():
        for turn in itertools.count():
            with whole_folder("o") as folder:
                (folder / "sub").mkdir()
                for name in NAMES:
                    write_whole(folder / name, f"{mark}{turn} " * 3000)
            write_whole("one", f"{mark}{turn} " * 3000)

    return write


def set_in(folder: str) -> set[str]:
    return {(Path(folder) / name).read_text() for name in NAMES}


def test_killed_in_the_very_act():
    """Killed where nothing but writing goes on: one set or the other, or a folder that says what is still to be moved."""
    moments = random.Random(1)
    for _ in range(40):
        run = started(writing("x"))
        deadline = time.monotonic() + 30
        while not Path("one").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(moments.uniform(0.02, 0.1))
        os.kill(run, signal.SIGKILL)
        ended(run)
        if not (Path("o") / MOVING).exists():
            assert len(set_in("o")) == 1
        assert len(set(Path("one").read_text().split())) == 1
    with whole_folder("o") as folder:
        write_whole(folder / "e", "later")
    assert not (Path("o") / MOVING).exists() and len(set_in("o")) == 1


def test_a_set_abandoned_while_it_was_moved_is_moved_by_the_next_run(monkeypatch):
    monkeypatch.setattr(whole, "PATIENCE", 0.1)
    write_whole("a", "new")
    (Path("o") / MOVING).mkdir(parents=True)
    for name, text in (("o/a", "new"), ("o/b", "old"), (f"o/{MOVING}/b", "new"), ("o/theirs", "theirs")):
        write_whole(name, text)
    with whole_folder("o") as folder:
        write_whole(folder / "c", "newer")
    texts = {file.name: file.read_text() for file in Path("o").iterdir()}
    assert texts == {"a": "new", "b": "new", "c": "newer", "theirs": "theirs"}


def test_two_runs_write_the_same_set_at_once():
    for _ in range(10):
        runs = [started(writing(mark)) for mark in "xy"]
        time.sleep(0.4)
        for run in runs:
            os.kill(run, signal.SIGINT)
        assert [ended(run) for run in runs] == [130, 130], said()
        assert not (Path("o") / MOVING).exists() and len(set_in("o")) == 1
    assert {file.name for file in Path("o").iterdir()} == {"a", "b", "sub", "d"}


def test_two_commands_write_the_same_output_at_once():
    arguments, other = COMMANDS["compare"]
    first, second = started([*arguments, "--json"]), started([*arguments, *other, "--json"])
    assert ended(first) == ended(second) == 0
    found = files()
    assert all(readable(name, content) for name, content in found.items())
    shown = json.loads(found["o/改革比较.json"])["record"]["changes"]
    assert len(found) == 4 and len(shown) in (1, 2)


@pytest.mark.parametrize(("command", "room"), [("budget json", 0), *((command, 3_000) for command in COMMANDS)])
def test_no_room_left(command, room):
    """No file may grow beyond so many bytes: as on a full disk, and without privileges."""
    arguments, other = COMMANDS[command]
    main(arguments)
    old = files()
    told, tell = os.pipe()

    def say():
        os.dup2(tell, 2)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

    status = ended(started([*arguments, *other], say))
    os.close(tell)
    with os.fdopen(told, encoding="utf-8") as words:
        message = words.read()
    assert status == 1, message
    assert "没有写成" in message and "超过了系统允许的文件大小" in message and "原有的文件没有改动" in message
    assert "Traceback" not in message
    assert files() == old


def test_disk_full(monkeypatch, capsys):
    def full(number):
        raise OSError(errno.ENOSPC, "No space left on device")

    write_whole("b.json", "{}\n")
    monkeypatch.setattr(whole.os, "fsync", full)
    assert main(["budget", "t.csv", "--out", "b.json"]) == 1
    assert (
        "没有写成「b.json」：磁盘已满。请清理磁盘，或用 --out 换一个位置，再运行一次。原有的文件没有改动。"
        in capsys.readouterr().err
    )
    assert main(["compare", "--set", REFORM.format("4%"), "--out", "o"]) == 1
    assert "磁盘已满" in capsys.readouterr().err
    assert files() == {"b.json": b"{}\n"} and not Path("o").exists()


def test_a_set_that_cannot_be_moved_whole_says_which_files_are_new(monkeypatch):
    with whole_folder("o") as folder:
        for name in "abc":
            write_whole(folder / name, "old")
    real = os.replace

    def fails_at_b(source, target):
        if Path(target).name == "b" and MOVING in str(source):
            raise OSError(errno.EIO, "")
        real(source, target)

    with pytest.raises(OutputError) as caught, whole_folder("o") as folder:
        for name in "abc":
            write_whole(folder / name, "new")
        monkeypatch.setattr(whole.os, "replace", fails_at_b)
    assert "已换成新的：a；还没有换的：b、c" in caught.value.message
    assert Path("o/a").read_text() == "new" and Path("o/b").read_text() == "old" and Path(f"o/{MOVING}/b").exists()


def test_refused_before_anything_is_computed(capsys):
    Path("file").touch()
    Path("folder.json").mkdir()
    wanted = {
        "no/b.json": "没有「no」这个文件夹",
        "b.pdf": "不认识 .pdf",
        "b": "不认识 没有扩展名的文件",
        "folder.json": "这是一个文件夹",
        "file/b.json": "是文件，不是文件夹",
        "CON.json": "Windows 的设备名",
        f"{'长' * 100}.json": "名称太长",
        "a\0b.json": "不是文件名",
    }
    for out, words in wanted.items():
        assert main(["budget", "t.csv", "--out", out]) == 2, out
        assert words in capsys.readouterr().err, out
    for out, words in {"file": "是文件，不是文件夹", "file/o": "是文件，不是文件夹", "nul": "设备名"}.items():
        assert main(["compare", "--set", REFORM.format("4%"), "--out", out]) == 2, out
        assert words in capsys.readouterr().err, out
    assert refused_output("/dev/null", (".json", "")) == "--out 「/dev/null」：不是普通文件。请检查路径和磁盘。"
    assert not refused_output("new/folder") and not refused_output("b.JSON", (".json",))


def test_a_folder_that_takes_nothing(capsys):
    """``/proc`` takes no files, not even from root."""
    assert main(["budget", "t.csv", "--out", "/proc/b.json"]) in (1, 2)
    assert "/proc/b.json" in capsys.readouterr().err


def test_a_folder_that_may_not_be_written_to_is_refused_before(monkeypatch):
    monkeypatch.setattr(whole.os, "access", lambda path, mode: False)  # root 什么都能写，只好这样试
    assert refused_output("b.json", (".json",)).startswith("--out 「b.json」：没有写入权限")


def test_a_file_where_the_set_waits_is_said(capsys):
    Path("o").mkdir()
    (Path("o") / MOVING).write_text("theirs")
    assert main(COMMANDS["simulate"][0]) == 1
    said = capsys.readouterr().err
    assert "Traceback" not in said and "没有写成「o」：" in said
    assert f"「{Path('o').resolve() / MOVING}」" in said and "请把它移走或改名，再运行一次。" in said
    assert [file.name for file in Path("o").iterdir()] == [MOVING]
    (Path("o") / MOVING).rename("elsewhere")
    assert main(COMMANDS["simulate"][0]) == 0
    assert (Path("o") / "测算.xlsx").exists() and Path("elsewhere").read_text() == "theirs"


def test_a_link_where_the_set_waits_is_not_followed():
    for folder in ("o", "theirs"):
        Path(folder).mkdir()
    write_whole("theirs/a", "theirs")
    os.symlink(Path("theirs").resolve(), Path("o") / MOVING)
    with pytest.raises(OutputError, match="请把它移走或改名"), whole_folder("o") as folder:
        write_whole(folder / "a", "new")
    assert [file.name for file in Path("o").iterdir()] == [MOVING] and Path("theirs/a").read_text() == "theirs"


def test_another_set_that_has_just_been_moved_is_waited_for(monkeypatch):
    """Between the refusal of the name and the look at who has it, the other run may have finished."""
    real, refusals = os.rename, [errno.ENOTEMPTY, errno.EEXIST]

    def refused_twice(source, target):
        if refusals:
            raise OSError(refusals.pop(), "")
        real(source, target)

    monkeypatch.setattr(whole.os, "rename", refused_twice)
    with whole_folder("o") as folder:
        write_whole(folder / "a", "new")
    assert not refusals and [file.name for file in Path("o").iterdir()] == ["a"]


def test_a_set_that_cannot_take_its_turn_says_why(monkeypatch):
    def fails(source, target):
        raise OSError(errno.EIO, "")

    with pytest.raises(OutputError) as refused, whole_folder("o") as folder:
        write_whole(folder / "a", "new")
        monkeypatch.setattr(whole.os, "rename", fails)
    assert "磁盘出错。请检查磁盘，或用 --out 换一个位置，再运行一次。原有的文件没有改动。" in str(refused.value.message)
    assert files() == {}


@pytest.mark.parametrize(("moved", "left"), [(True, ["a", "b"]), (False, [])])
def test_ctrl_c_at_the_turn_of_a_set_leaves_it_whole_or_unmoved(monkeypatch, moved, left):
    rename = os.rename

    def interrupted(source, target):
        if moved:
            rename(source, target)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), whole_folder("o") as folder:
        for name in "ab":
            write_whole(folder / name, "new")
        monkeypatch.setattr(whole.os, "rename", interrupted)
    assert sorted(files()) == [f"o/{name}" for name in left]


def test_ctrl_c_while_a_set_is_moved_waits_until_it_is_whole(monkeypatch):
    real, interrupts = os.replace, [KeyboardInterrupt]

    def interrupted_at_b(source, target):
        if Path(target).name == "b" and MOVING in str(source) and interrupts:
            raise interrupts.pop()
        real(source, target)

    with pytest.raises(KeyboardInterrupt), whole_folder("o") as folder:
        for name in "abc":
            write_whole(folder / name, "new")
        monkeypatch.setattr(whole.os, "replace", interrupted_at_b)
    assert {file.name: file.read_text() for file in Path("o").iterdir()} == dict.fromkeys("abc", "new")


def test_a_link_stays_a_link_and_forgotten_parts_go():
    write_whole("real", "old")
    os.symlink("real", "link")
    left = Path(f"{whole.PREFIX}1{whole.SUFFIX}")
    left.touch()
    os.utime(left, (0, 0))
    half = Path(f"{whole.PREFIX}0{whole.SUFFIX}")
    half.mkdir()
    (half / "a").touch()
    os.utime(half, (0, 0))
    fresh = Path(f"{whole.PREFIX}2{whole.SUFFIX}")
    fresh.touch()
    write_whole("link", "new")
    assert Path("link").is_symlink() and Path("real").read_text() == "new"
    assert not left.exists() and not half.exists() and fresh.exists()
    with pytest.raises(RuntimeError), whole_file("real") as part:
        part.write_text("half")
        raise RuntimeError
    assert Path("real").read_text() == "new" and set(files()) == {"real", "link", fresh.name}


STARTING = """
import os, signal, sys, threading
import openfisca_jining_command
timer = threading.Timer(float(sys.argv[1]), os.kill, (os.getpid(), getattr(signal, sys.argv[2])))
sys.argv[1:] = ["budget", "t.csv", "--out", "b.json"]
timer.start()
sys.exit(openfisca_jining_command.main())
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("moment", [0.05, 0.2, 0.4, 0.8])
def test_interrupted_while_the_package_is_loaded(name, moment):
    run = subprocess.run(
        [sys.executable, "-c", STARTING, str(moment), name], capture_output=True, text=True, encoding="utf-8"
    )
    assert run.returncode == {"SIGINT": 130, "SIGTERM": 143}[name], run.stderr
    assert "Traceback" not in run.stderr and ("已中断" in run.stderr or name == "SIGTERM")
    assert files() == {}


def children_of(process: int) -> list[str]:
    return Path(f"/proc/{process}/task/{process}/children").read_text().split()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT], ids=["kill", "ctrl-c"])
def test_no_process_outlives_its_run(number):
    arguments = ["forecast", "--synthetic", "--years", "2021-2026", "--draws", "4000", "--workers", "2", "--out", "o"]
    process = started(arguments, os.setsid)
    deadline = time.monotonic() + 60
    while len(children_of(process)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.5)
    workers = children_of(process)
    assert len(workers) == 2
    os.killpg(process, number) if number == signal.SIGINT else os.kill(process, number)
    assert ended(process) == (130 if number == signal.SIGINT else -number)
    deadline = time.monotonic() + 20
    while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]
    assert "Traceback" not in said() and files() == {}
    if number == signal.SIGINT:
        assert "已中断" in said()
