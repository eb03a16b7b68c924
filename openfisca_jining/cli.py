"""Command line: ``openfisca-jining COMMAND``. Exit status 0 done, 1 refusals in the data or a refused request, 2 misuse.

Every command is a module of ``commands/`` with ``add`` (its grammar) and the function it runs.
"""

from __future__ import annotations

import argparse
import sys

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
    notch,
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
from openfisca_jining.errors import JiningError
from openfisca_jining.report.console import safe_streams

COMMANDS = (
    simulate,
    budget,
    compare,
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
    population,
    template,
    clauses,
)


class ChineseParser(argparse.ArgumentParser):
    """Argparse with its help and refusals in Chinese."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **{**kwargs, "add_help": False})
        self._positionals.title, self._optionals.title = "数据", "选项"
        self.add_argument("-h", "--help", action="help", help="显示这段说明")

    def format_help(self) -> str:
        """Help with its first word in Chinese."""
        return super().format_help().replace("usage: ", "用法：", 1)

    def format_usage(self) -> str:
        """Usage with its first word in Chinese."""
        return super().format_usage().replace("usage: ", "用法：", 1)

    def error(self, message: str):  # type: ignore[override]
        """Print usage and reason, exit with 2."""
        self.print_usage(sys.stderr)
        self.exit(2, f"用法不对：{message}。加 --help 查看说明。\n")


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = ChineseParser(prog="openfisca-jining", description="济宁、兖州、枣庄技术改造奖补测算")
    commands = top.add_subparsers(dest="command", required=True, metavar="命令", parser_class=ChineseParser)
    for command in COMMANDS:
        command.add(commands)
    return top


def main(arguments=None) -> int:
    """Run a command. :returns: exit status. No stack trace reaches the user for anything the user can mend."""
    safe_streams()
    options = parser().parse_args(arguments)
    try:
        return options.run(options)
    except JiningError as error:
        print(f"不能计算：{error.message}", file=sys.stderr)
    except BrokenPipeError:
        sys.stderr.close()
    except UnicodeDecodeError:
        print("文件读不出来：编码不是 UTF-8。请另存为 UTF-8 后再试。", file=sys.stderr)
    except OSError as error:
        print(f"文件读写失败：{error.filename or ''}（{error.strerror}）。请检查路径和磁盘空间。", file=sys.stderr)
    return 1
