"""Command line: ``openfisca-jining COMMAND``. Exit status 0 done, 1 refusals in the data or a refused request, 2 misuse,
3 a fault of the program, 130 interrupted.

Every command is a module of ``commands/`` with ``add`` (its grammar) and the function it runs.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import traceback
from pathlib import Path

from openfisca_jining.commands import (
    attribute,
    backtest,
    budget,
    check,
    clauses,
    compare,
    explain,
    forecast,
    lint,
    memo,
    notch,
    page,
    parameters,
    population,
    readings,
    sensitivity,
    simulate,
    solve,
    sweep,
    template,
    transplant,
    verify,
)
from openfisca_jining.commands.grammar import ChineseParser
from openfisca_jining.errors import JiningError
from openfisca_jining.report.console import safe_streams
from openfisca_jining.whole import OutputError, refused_output

COMMANDS = (
    simulate,
    budget,
    compare,
    memo,
    sweep,
    solve,
    attribute,
    explain,
    readings,
    transplant,
    notch,
    forecast,
    sensitivity,
    backtest,
    lint,
    check,
    verify,
    page,
    population,
    template,
    parameters,
    clauses,
)

#: Exit status of a fault of the program, and of Ctrl-C. Variable that asks for the stack trace of a fault.
FAULT, INTERRUPTED = 3, 130
AT_CTRL_C = "\n已中断。输出文件没有写了一半的：要么还是原来的，要么整套是新的。"
TRACEBACK = "OPENFISCA_JINING_TRACEBACK"


def parser() -> ChineseParser:
    """The command line's grammar."""
    top = ChineseParser(prog="openfisca-jining", description="济宁、兖州、枣庄技术改造奖补测算")
    top.set_defaults(writes=())
    commands = top.add_subparsers(
        title="命令", dest="command", required=True, metavar="命令", parser_class=ChineseParser
    )
    for command in COMMANDS:
        command.add(commands)
    return top


def main(arguments=None) -> int:
    """Run a command. :returns: exit status. No stack trace reaches the user, whatever happens."""
    safe_streams()
    options = parser().parse_args(arguments)
    interrupts = _noted_interrupts()
    try:
        asked = getattr(options, "out", None) and options.writes is not None
        refused = refused_output(options.out, options.writes) if asked else ""
        if refused:
            print(f"用法不对：{refused}", file=sys.stderr)
            return 2
        status = options.run(options)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        _leave_stdout()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 办事人员不该看到堆栈
        said, status = (AT_CTRL_C, INTERRUPTED) if interrupts else said_of(error)
        print(said, file=sys.stderr)
        _leave_stdout()
        return status
    return 1


def _noted_interrupts() -> list[int]:
    """A list that gets an entry with every Ctrl-C. (Libraries turn a KeyboardInterrupt that meets them into other errors.)"""
    noted: list[int] = []

    def note(number, frame):
        noted.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, note)
    return noted


def said_of(error: BaseException) -> tuple[str, int]:
    """What the user is told of an error, and the exit status."""
    if isinstance(error, KeyboardInterrupt):
        return AT_CTRL_C, INTERRUPTED
    if isinstance(error, OutputError):
        return error.message, 1
    if isinstance(error, JiningError):
        return f"不能计算：{error.message}", 1
    if isinstance(error, UnicodeDecodeError):
        return "文件读不出来：编码不是 UTF-8。请另存为 UTF-8 后再试。", 1
    if isinstance(error, OSError):
        return f"文件读写失败：{error.filename or ''}（{error.strerror or error}）。请检查路径和磁盘空间。", 1
    if isinstance(error, MemoryError):
        return "内存不够，没有算完。请减少项目、抽样次数或进程数，或换一台内存更大的机器。", 1
    if os.environ.get(TRACEBACK):
        raise error
    where = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"程序内部出错（{type(error).__name__}：{error}；{Path(where.filename).name} 第 {where.lineno} 行）。"
        f"这是程序的缺陷，没有给出结果。请把命令、申报表和这一行交给维护人员（设 {TRACEBACK}=1 再运行可看到详情）。",
        FAULT,
    )


def _leave_stdout() -> None:
    """Let nothing that is still to be printed fail once more when Python ends."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
