"""The command line's grammar in Chinese: refusals, and what may stand behind an option."""

from __future__ import annotations

import argparse
import difflib
import re
import sys

from openfisca_jining.population.columns import FIRST_YEAR, LAST_YEAR

#: Limits that keep a slip of the keyboard from filling the memory: processes, draws or laws, projects made up.
MOST_PROCESSES, MOST_TIMES, MOST_PROJECTS = 256, 1_000_000, 10_000_000
#: What stands in the help for the value of an argument that names nothing itself.
VALUES = {
    "data": "申报表",
    "result": "结果文件",
    "year": "年度",
    "seed": "种子",
    "out": "文件",
    "enterprise": "编号",
    "projects": "个数",
    "port": "端口",
    "ip": "地址",
}
#: What argparse says, and how a clerk is told. What it does not say in English passes as it is.
_REFUSALS = [
    (r"the following arguments are required: (.*)", r"缺少 \1"),
    (r"one of the arguments (.*) is required", r"请给出其中一个：\1"),
    (r"unrecognized arguments: (.*)", r"不认识「\1」"),
    (r"argument (.*): invalid choice: (.*) \(choose from (.*)\)", r"\1 没有 \2 这一种，可选：\3"),
    (r"argument (.*): expected one argument", r"\1 后面要有一个值（值以减号开头的，写成「选项=值」）"),
    (r"argument (.*): expected at least one argument", r"\1 后面至少要有一个值"),
    (r"argument (.*): not allowed with argument (.*)", r"\1 不能与 \2 同用"),
    (r"argument (.*): ignored explicit argument (.*)", r"\1 后面不带值，这里是 \2"),
    (r"ambiguous option: (.*) could match (.*)", r"「\1」可能是 \2，请写全"),
    (r"argument (.*?): (.*)", r"\1 \2"),
]


class ChineseParser(argparse.ArgumentParser):
    """Argparse with its help and refusals in Chinese."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **{**kwargs, "add_help": False})
        self._positionals.title, self._optionals.title = "数据", "选项"
        self.add_argument("-h", "--help", action="help", help="显示这段说明")

    def add_argument(self, *names, **about):
        """Argparse's, with a Chinese word for the value."""
        word = VALUES.get(names[-1].lstrip("-"))
        if word and "action" not in about and "choices" not in about:
            about.setdefault("metavar", word)
        return super().add_argument(*names, **about)

    def format_help(self) -> str:
        """Help with its first word in Chinese."""
        return super().format_help().replace("usage: ", "用法：", 1)

    def format_usage(self) -> str:
        """Usage with its first word in Chinese."""
        return super().format_usage().replace("usage: ", "用法：", 1)

    def error(self, message: str):
        """Print usage and reason, exit with 2."""
        self.print_usage(sys.stderr)
        for english, chinese in _REFUSALS:
            if found := re.fullmatch(english, message, re.S):
                message = found.expand(chinese)
                if "invalid choice" in english:
                    choices = re.findall(r"[\w-]+", found[3])
                    close = difflib.get_close_matches(found[2].strip("'"), choices, 1)
                    message += f"。是不是要写 {close[0]}？" if close else ""
                break
        self.exit(
            2, f"用法不对：{message.removesuffix('？')}{'？' if message.endswith('？') else '。'}加 --help 查看说明。\n"
        )


def integer(most: int = 10**18):
    """Type of an option: a whole number in plain digits, of at most so much. Full-width digits and ``1_000`` are refused."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[+-]?\d{1,19}", text.strip(), re.ASCII):
            raise argparse.ArgumentTypeError(f"应为半角数字写的整数，这里是「{text}」")
        if int(text) > most:
            raise argparse.ArgumentTypeError(f"至多 {most:,}，这里是「{text}」")
        return int(text)

    return read


def claim_year(text: str) -> int:
    """Type of an option: a claim year that a table may have."""
    year = integer()(text)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise argparse.ArgumentTypeError(f"年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间，这里是「{text}」")
    return year
