"""What commands say in positions that the bundled table does not bring about, and how they end."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import pytest

from openfisca_jining import cli
from openfisca_jining.cli import main, parser, said_of

RATE = "jining_2017.equipment.rate"
#: One permitted project of an enterprise of Tengzhou: 1,000,000 x 10 % by Zaozhuang, no fund concerned.
ONE = "申报年度,企业编号,注册地,项目编号,设备投资额（元）,产业目录,投入使用\n2021,a,滕州市,p,1000000,允许类,是\n"
HELP = "加 --help 查看说明。\n"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch, system):
    """Commands build the law anew; here they take the one at hand."""
    monkeypatch.chdir(tmp_path)
    Path("one.csv").write_text(ONE, encoding="utf-8")
    Path("none.csv").write_text(ONE.replace("1000000", "坏"), encoding="utf-8")
    for module in ("common", "attribute", "lint"):
        monkeypatch.setattr(f"openfisca_jining.commands.{module}.CountryTaxBenefitSystem", lambda: system)


# ----- how a run ends -----


@pytest.mark.parametrize(
    "command",
    [
        ["attribute", "--change", f"{RATE}=4%@2021-01-01", "--change", f"{RATE}=5%@2021-01-01"],
        ["budget"],
        ["compare", "--set", f"{RATE}=4%@2021-01-01"],
        ["explain", "--enterprise", "a"],
        ["forecast", "--workers", "1"],
        ["lint", "--set", f"{RATE}=4%@2021-01-01"],
        ["memo", "--out", "m"],
        ["notch"],
        ["readings"],
        ["sensitivity", "--workers", "1"],
        ["simulate", "--out", "o"],
        ["solve", f"--over={RATE}=1%:8%", "--target", "1亿"],
        ["sweep", "--over", f"{RATE}=1%,2%"],
        ["transplant", "--document", "zaozhuang_2020", "--to", "任城区"],
    ],
    ids=lambda command: command[0],
)
def test_a_table_without_a_usable_row_gives_its_problems_and_status_1(command, capsys):
    name, *options = command
    assert main([name, "none.csv", *options]) == 1
    printed = capsys.readouterr()
    assert printed.out == "" and "原值「坏」" in printed.err and "接受 0 行" in printed.err
    assert {path.name for path in Path().iterdir()} == {"one.csv", "none.csv"}


def test_a_year_without_rows_in_the_bundled_table_leaves_nothing_behind(capsys):
    assert main(["simulate", "--year", "2019", "--out", "o"]) == 1
    printed = capsys.readouterr()
    assert printed.out == "" and "2019" in printed.err
    assert not Path("o").exists()


def test_verify_needs_a_table_with_rows(capsys):
    assert main(["budget", "one.csv", "--out", "b.json"]) == 0
    assert main(["verify", "b.json", "--data", "none.csv"]) == 1
    assert "接受 0 行" in capsys.readouterr().err


def test_without_options_of_its_own_a_forecast_has_workers(capsys):
    assert main(["sensitivity", "--workers", "0"]) == 2
    assert capsys.readouterr().err == "用法不对：--workers 应为正整数。\n"


def test_a_reader_that_leaves_early_ends_the_run_in_silence(monkeypatch, capsys):
    reading, writing = os.pipe()
    os.close(reading)
    with monkeypatch.context() as put, open(writing, "w", encoding="utf-8", closefd=False) as stream:
        put.setattr("sys.stdout", stream)
        assert main(["parameters", RATE]) == 1
    assert os.fstat(writing).st_rdev == os.stat(os.devnull).st_rdev  # 结束时 Python 还要写一次，不能再失败
    os.close(writing)
    assert capsys.readouterr().err == ""


def failing(monkeypatch, fail) -> int:
    """Exit status of a command that does something else. (``parameters`` asks for nothing.)"""
    monkeypatch.setattr("openfisca_jining.commands.parameters.run_parameters", fail)
    return main(["parameters"])


def test_ctrl_c_is_130_even_where_a_library_makes_another_error_of_it(monkeypatch, capsys):
    def interrupted(options):
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt:
            raise ValueError("a library's own") from None

    assert failing(monkeypatch, interrupted) == 130
    assert capsys.readouterr().err == f"{cli.AT_CTRL_C}\n"


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (KeyboardInterrupt(), 130, "已中断。输出文件没有写了一半的"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), 1, "编码不是 UTF-8。请另存为 UTF-8"),
        (MemoryError(), 1, "内存不够，没有算完。"),
        (ZeroDivisionError("x"), 3, "程序内部出错（ZeroDivisionError：x；test_commands.py 第 "),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, BaseException) else "",
)
def test_what_nobody_foresaw_is_said_in_chinese(error, status, words, monkeypatch, capsys):
    def fail(options):
        raise error

    monkeypatch.delenv(cli.TRACEBACK, raising=False)
    assert failing(monkeypatch, fail) == status
    said = capsys.readouterr().err
    assert words in said and "Traceback" not in said


def test_a_maintainer_may_ask_for_the_stack_trace_of_a_fault(monkeypatch):
    monkeypatch.setenv(cli.TRACEBACK, "1")
    with pytest.raises(ZeroDivisionError):
        said_of(ZeroDivisionError("x"))
    assert said_of(MemoryError())[1] == 1


def test_a_command_runs_in_a_thread_which_cannot_take_ctrl_c(capsys):
    found = []
    one = threading.Thread(target=lambda: found.append(main(["parameters", RATE])))
    one.start()
    one.join()
    assert found == [0] and "3%" in capsys.readouterr().out


def test_the_help_and_what_argparse_does_not_say_in_english(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["budget", "--help"])
    printed = capsys.readouterr().out
    assert stopped.value.code == 0 and printed.startswith("用法：openfisca-jining budget") and "usage" not in printed
    with pytest.raises(SystemExit) as stopped:
        parser().error("不成")
    assert stopped.value.code == 2 and capsys.readouterr().err.endswith(f"用法不对：不成。{HELP}")


def test_on_a_terminal_a_command_says_what_it_is_doing(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert main(["explain", "one.csv", "--enterprise", "a"]) == 0
    assert "正在读 one.csv……\n" in capsys.readouterr().err
