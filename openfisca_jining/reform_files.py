"""Reforms that an analyst writes as a YAML file, without Python.

.. code-block:: yaml

    title: 济宁设备补助比例提高到 4%，只在 2021 年下半年   # shown in every result
    author: 测算组
    note: 供讨论。
    reforms: [yanzhou_cap_and_jining_rate]               # modules of reforms/ that come first
    changes:                                             # parameter -> day -> value
      jining_2017.equipment.rate:
        2021-07-01: 4%
        2022-01-01: 原值
    readings: {yanzhou_2020.robot_base: robot_purchase_only}
    supply: {zaozhuang_2020.equipment.minimum_investment: 500万元}

Every key may be left out, but something must change. What the keys mean is what they mean everywhere (``reformed``, ``--set``):

- A dated value holds **from that day on, until the next day that the file gives** for the parameter; the last one holds for
  ever. Later values of the law in between are replaced, and the lint says which.
- ``原值`` ends a change: from that day on the parameter is again what it was before this file, later values of the law
  included. (``null`` would mean that the text does not state the quantity, so an empty value is refused.)
- Readings and supplied quantities hold always.
- Numbers are read exactly: ``4%``, ``0.04``, ``3000000``, ``3,000,000``, ``300万元``, ``2家``; the unit must be the parameter's.

Everything is read as text and understood by :mod:`openfisca_jining.written`, so a file cannot mean something else than the command line (no octal or
sexagesimal numbers, no YES for a number). Files are UTF-8, or GB18030 as Chinese Windows writes them.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from os import PathLike
from pathlib import Path

import yaml

from openfisca_jining import written
from openfisca_jining.errors import JiningError

SUFFIXES = (".yaml", ".yml")
#: Keys of a file and what they are called in messages.
KEYS = {
    "title": "标题",
    "author": "作者",
    "note": "说明",
    "reforms": "先套用的改革模块",
    "changes": "改动",
    "readings": "读法",
    "supply": "提供的数额",
}
#: Limits against damaged and hostile files: bytes, levels of nesting.
MOST_BYTES, DEEPEST = 256 * 1024, 8
COLON = "有全角冒号「：」，键后面请用半角冒号加一个空格。"


class ReformFileError(JiningError):
    """A reform file that cannot be used. The message names the file, the key and what to do."""

    def __init__(self, file, key: str, message: str) -> None:
        self.file, self.key, self.reason = str(file), key, message
        super().__init__([str(file), *([key] if key else [])], f"改革文件 {file}{f'，{key}' if key else ''}：{message}")


@dataclass(frozen=True)
class ReformFile:
    """A reform as its file states it; values are text as written.

    :ivar file: its name, as given. :ivar sha256: of its bytes (hex). :ivar reforms: modules of ``reforms/`` that come first.
    :ivar changes: (path, value, first day). :ivar readings: (``document.reading``, value). :ivar supply: (path, number).
    """

    file: str
    sha256: str
    title: str
    author: str
    note: str
    reforms: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]
    readings: tuple[tuple[str, str], ...]
    supply: tuple[tuple[str, str], ...]

    @property
    def source(self) -> dict[str, str]:
        """Where the reform comes from, for the run record."""
        name = Path(self.file).name
        return {"file": name, "title": self.title, "author": self.author, "note": self.note, "sha256": self.sha256}


def is_reform_file(reform) -> bool:
    """Whether a reform is named by a file."""
    return isinstance(reform, (str, PathLike)) and Path(reform).suffix.lower() in SUFFIXES


def examples() -> list[Path]:
    """The reform files that come with the package."""
    folder = resources.files("openfisca_jining.reforms") / "examples"
    return sorted(Path(str(file)) for file in folder.iterdir() if Path(str(file)).suffix in SUFFIXES)


def read_reform_file(path) -> ReformFile:
    """Read a reform file.

    :param path: the file; a bare name that is not in the working folder is looked for among :func:`examples`.
    :raises ReformFileError: it cannot be read, has unknown keys, or states something that is no change at all. Whether paths
        exist and values fit their parameters is seen when it is applied, or by the lint.
    """
    data = _bytes(path)
    tree = _tree(path, _text(path, data))
    if tree is None:
        raise ReformFileError(path, "", f"文件里没有内容。可用的键：{_known()}。")
    if not isinstance(tree, dict):
        kind = "列表" if isinstance(tree, list) else "一段文字"
        colon = COLON if isinstance(tree, str) and "：" in tree else ""
        raise ReformFileError(path, "", f"最外层应是「键: 值」，这里是{kind}。{colon}可用的键：{_known()}。")
    for key in tree:
        if key not in KEYS:
            near = nearest(key, [*KEYS, *KEYS.values()], 1)
            near = [name for name, label in KEYS.items() if near and near[0] in (name, label)]
            hint = f"是不是 {near[0]}（{KEYS[near[0]]}）？" if near else ""
            raise ReformFileError(path, key, f"没有这个键。{hint}可用的键：{_known()}。")
    found = ReformFile(
        file=str(path),
        sha256=hashlib.sha256(data).hexdigest(),
        title=_words(path, tree, "title") or Path(path).stem,
        author=_words(path, tree, "author"),
        note=_words(path, tree, "note"),
        reforms=_modules(path, tree),
        changes=_changes(path, tree),
        readings=_pairs(path, tree, "readings", "文件.读法: 取值"),
        supply=_pairs(path, tree, "supply", "参数路径: 数"),
    )
    if not (found.reforms or found.changes or found.readings or found.supply):
        raise ReformFileError(path, "", "没有任何改动：changes、readings、supply、reforms 都是空的。")
    return found


def nearest(name: str, names: Sequence[str], count: int = 3) -> list[str]:
    """Names most like a misspelt one: those of which it is the end, or the most alike; none if nothing is."""
    ends = [one for one in names if one.endswith(f".{name}")]
    return ends[:count] or difflib.get_close_matches(name, names, count)


def _known() -> str:
    return "、".join(f"{key}（{label}）" for key, label in KEYS.items())


# ----- bytes, text, tree -----


def _bytes(path) -> bytes:
    try:
        with open(_place(path), "rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except (FileNotFoundError, ValueError):  # a name with NUL
        bundled = "、".join(file.name for file in examples())
        raise ReformFileError(path, "", f"没有这个文件，请核对路径和文件名。随程序附带的例子：{bundled}。") from None
    except OSError as error:
        raise ReformFileError(path, "", f"文件打不开（{error.strerror or error}）。请确认它是文件并且可读。") from None
    if len(data) > MOST_BYTES:
        raise ReformFileError(path, "", f"文件超过 {MOST_BYTES // 1024} KB，不像是改革文件。请核对是否选错了文件。")
    return data


def _place(path) -> Path:
    place = Path(path)
    if place.parent == Path(".") and not place.exists():
        return next((file for file in examples() if file.name == place.name), place)
    return place


def _text(path, data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReformFileError(path, "", "编码不对，既不是 UTF-8 也不是 GB18030。请用记事本打开，另存为 UTF-8 后再试。")


class _Refused(Exception):
    """What a file may not use, and the line (from 1) where it does."""

    def __init__(self, message: str, mark) -> None:
        self.line = mark.line + 1
        super().__init__(message)


class _Loader(yaml.BaseLoader):
    """YAML as text, lists and mappings only: no anchors, no tags, no key twice, not too deep."""

    depth = 0

    def compose_node(self, parent, index):
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _Refused(
                "用了锚点或别名（& 或 *），请把内容直接写出来；文字里要用这些符号时，请加引号。", event.start_mark
            )
        if getattr(event, "tag", None) is not None:
            raise _Refused("用了标签（!），请去掉；文字里要用这个符号时，请加引号。", event.start_mark)
        self.depth += 1
        if self.depth > DEEPEST:
            raise _Refused(f"嵌套超过 {DEEPEST} 层，改革文件用不着。", event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node, deep=False):
        keys = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _Refused("键应是文字，这里是列表或对照表。", key.start_mark)
            if key.value in keys:
                raise _Refused(f"「{key.value}」写了两次，只能写一次。", key.start_mark)
            keys.add(key.value)
        return super().construct_mapping(node, deep=True)


def _tree(path, text: str):
    try:
        loader = _Loader(text)
        return loader.get_single_data()
    except _Refused as error:
        raise ReformFileError(path, f"第 {error.line} 行", str(error)) from None
    except yaml.reader.ReaderError as error:
        raise ReformFileError(path, "", f"第 {error.position + 1} 个字符无法显示，文件可能已损坏或编码不对。") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ReformFileError(
            path, f"第 {mark.line + 1} 行" if mark else "", _why(error, text, mark.line if mark else 0)
        ) from None


def _why(error, text: str, line: int) -> str:
    problem = str(error.problem)
    if "\\t" in problem or "tab" in problem:
        return "用了制表符（Tab）。YAML 只能用空格缩进，请把 Tab 换成空格。"
    if "expected a single document" in str(error.context):
        return "一个文件只能写一项改革，请去掉「---」分隔的第二部分。"
    if "mapping values are not allowed" in problem:
        for number in range(line, -1, -1):
            written_line = text.splitlines()[number].split(" #")[0].strip()
            if re.fullmatch(r"[\w.]+", written_line):
                return f"第 {number + 1} 行「{_short(written_line)}」的末尾缺一个半角冒号。"
            if re.match(r"[\w.-]+:[^\s:/]", written_line):
                return f"第 {number + 1} 行「{_short(written_line)}」的冒号后缺一个空格。"
    return f"YAML 写法不对，请检查这一行前后的缩进、冒号和引号。{COLON if '：' in text else ''}"


# ----- what the keys hold -----


def _words(path, tree: dict, key: str) -> str:
    value = tree.get(key, "")
    if not isinstance(value, str):
        raise ReformFileError(path, key, "应是一段文字。")
    hidden = next(
        (place for place, sign in enumerate(value, 1) if unicodedata.category(sign) == "Cc" and sign not in "\n\t"), 0
    )
    if hidden:
        raise ReformFileError(path, key, f"第 {hidden} 个字符是控制字符，无法显示。请删去。")
    return value.strip()


def _modules(path, tree: dict) -> tuple[str, ...]:
    names = tree.get("reforms") or []
    names = [names] if isinstance(names, str) else names
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise ReformFileError(path, "reforms", "应是改革模块名的列表，如 [yanzhou_cap_and_jining_rate]。")
    for name in names:
        if is_reform_file(name):
            raise ReformFileError(
                path, "reforms", f"「{name}」是文件，这里只能写模块名。几个文件请依次写几个 --reform。"
            )
    return tuple(names)


def _changes(path, tree: dict) -> tuple[tuple[str, str, str], ...]:
    form = "应写成「参数路径:」，下一行缩进写「2021-07-01: 4%」"
    changes = []
    for parameter, dated in _mapping(path, tree, "changes", form).items():
        key = f"changes.{parameter}"
        if not dated:
            raise ReformFileError(path, key, f"下面没有内容，请检查缩进：{form}。")
        if not isinstance(dated, dict):
            tight = f"冒号后缺一个空格。{form}" if re.match(r"\d{4}-\d{1,2}-\d{1,2}:\S", str(dated)) else form
            raise ReformFileError(path, key, f"没有写从哪天起：{tight}。收到「{_short(dated)}」。")
        for start, value in dated.items():
            try:
                start = written.day(start)
            except ValueError as error:
                raise ReformFileError(path, key, f"「{_short(start)}」不能作起始日期：{error}。") from None
            changes.append((parameter, _scalar(path, f"{key}.{start}", value), start))
    return tuple(changes)


def _pairs(path, tree: dict, key: str, form: str) -> tuple[tuple[str, str], ...]:
    pairs = _mapping(path, tree, key, f"应写成「{form}」").items()
    return tuple((name, _scalar(path, f"{key}.{name}", value)) for name, value in pairs)


def _mapping(path, tree: dict, key: str, form: str) -> dict:
    value = tree.get(key) or {}
    if not isinstance(value, dict):
        raise ReformFileError(path, key, f"{form}。收到「{_short(value)}」。")
    return value


def _scalar(path, key: str, value) -> str:
    if not isinstance(value, str):
        raise ReformFileError(path, key, f"应是一个值，收到「{_short(value)}」。")
    if value.strip().lower() in ("", "null", "~"):
        raise ReformFileError(path, key, "没有写值。要结束一项改动、恢复改革前的规定，请写「原值」。")
    return value.strip()


def _short(value) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:60] + "..."
