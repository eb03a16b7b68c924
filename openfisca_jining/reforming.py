"""One way of changing the law, from Python, a command line, a module or a file: (parameter path, value, first day).

What is listed later wins: readings and supplied quantities first, then the reforms in their order (a file after the modules
that it builds on), single changes last. Values and days are understood in one place, ``law.settled_changes``, so the same
words mean the same from every entrance.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

from openfisca_core.reforms import Reform

import openfisca_jining.reforms
from openfisca_jining.errors import JiningError, UnknownParameter
from openfisca_jining.law import changing, settled_changes
from openfisca_jining.readings import ALWAYS, reform_of
from openfisca_jining.reform_files import ReformFile, ReformFileError, is_reform_file, nearest, read_reform_file

#: Name of the layer of single changes (``changes=``, ``--set``, and readings and supplies).
SINGLE = "参数改动"


def reformed(system, *, reforms=(), readings=(), supply=(), changes=(), name: str = SINGLE):
    """A system with reforms applied, leaving the given one as it is.

    :param reforms: module names in ``reforms/`` (``yanzhou_cap_and_jining_rate``), reform files (``*.yaml``) or reform classes.
    :param readings: ``<document>.<reading>=<value>`` or pairs. :param supply: ``<path>=<number>`` or pairs; hold always.
    :param changes: ``<path>=<value>@<YYYY-MM-DD>`` or triples; each holds from its day until the next day given for the path,
        the last one for ever; the value ``原值`` ends a change (see ``law.changing``).
    :returns: the same system if nothing changes.
    :raises UnknownParameter, UnknownReading, ReformFileError: bad path, value or form; nothing has been changed then.
    """
    always = [*map(reading_change, readings), *map(supply_change, supply)]
    dated = [*map(dated_change, changes)]
    if not reforms:
        return _layer(system, name, [*always, *dated])
    system = _layer(system, name, always)
    for reform in reforms:
        system = reform_class(reform)(system)
    return _layer(system, name, dated)


def _layer(system, name: str, wanted):
    return reform_of(name, settled_changes(system.parameters, wanted))(system) if wanted else system


# ----- modules and files -----


def reform_class(reform) -> type[Reform]:
    """The reform class of a module in ``reforms/`` or of a reform file. :raises UnknownParameter, ReformFileError: no such reform."""
    if isinstance(reform, type):
        return reform
    if is_reform_file(reform):
        return reform_file_class(reform)
    whole = f"openfisca_jining.reforms.{reform}"
    try:
        module = importlib.import_module(whole)
    except ModuleNotFoundError as error:
        if not whole.startswith(error.name or whole):
            raise
        near = nearest(Path(str(reform)).stem, reform_modules(), 1)
        hint = f"是不是 {near[0]}？" if near else ""
        raise UnknownParameter(
            ["reforms", str(reform)], f"没有名为 {reform} 的改革模块（reforms/ 目录），也不是 .yaml 改革文件。{hint}"
        ) from None
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, Reform) and value.__module__ == module.__name__:
            return value
    raise UnknownParameter(["reforms", str(reform)], f"模块 {reform} 里没有改革类（Reform）。")


def reform_modules() -> list[str]:
    """Names of the modules in ``reforms/``."""
    return sorted(found.name for found in pkgutil.iter_modules(openfisca_jining.reforms.__path__) if not found.ispkg)


def reform_file_class(path) -> type[Reform]:
    """The reform class of a YAML file (see ``reform_files``). :raises ReformFileError: it cannot be read.

    Applying it raises ReformFileError, too, where a path does not exist or a value does not fit.
    """
    return file_reform(read_reform_file(path))


def file_reform(stated: ReformFile) -> type[Reform]:
    """The reform class of a reform file that has been read. Its ``source`` says where it comes from."""

    def __init__(self, baseline) -> None:  # noqa: N807
        for module in stated.reforms:
            baseline = _of_file(stated, "reforms", reform_class, module)(baseline)
        Reform.__init__(self, baseline)

    def apply(self) -> None:
        settled = [
            one
            for key, change in file_changes(stated)
            for one in _of_file(stated, key, settled_changes, self.baseline.parameters, [change])
        ]
        self.modify_parameters(changing(settled))

    body = {"__init__": __init__, "apply": apply, "name": stated.title, "source": stated.source, "stated": stated}
    body["changes"] = [change for _, change in file_changes(stated)]
    return type(Path(stated.file).stem, (Reform,), body | {"__doc__": f"改革文件 {stated.file}：{stated.title}"})


def file_changes(stated: ReformFile) -> list[tuple[str, tuple]]:
    """Everything that a file itself changes, as (key in the file, (path, value as written, first day))."""
    found = [(f"readings.{path}", reading_change((path, value))) for path, value in stated.readings]
    found += [(f"supply.{path}", supply_change((path, value))) for path, value in stated.supply]
    return found + [(f"changes.{one[0]}.{one[2]}", one) for one in stated.changes]


def _of_file(stated: ReformFile, key: str, function, *arguments):
    try:
        return function(*arguments)
    except JiningError as error:
        raise ReformFileError(stated.file, key, error.message) from None


# ----- words -----


def _split(item: str, form: str) -> tuple[str, str]:
    left, _, right = item.partition("=")
    if not (left.strip() and right.strip()):
        raise UnknownParameter([item], f"「{item}」的写法不对，应为 {form}。")
    return left.strip(), right.strip()


def reading_change(item) -> tuple:
    """``document.reading=value`` or a pair, as (path, value, always). :raises UnknownParameter: not of this form."""
    path, value = _split(item, "文件.读法=取值") if isinstance(item, str) else item
    parts = path.split(".")
    return ".".join([parts[0], "readings", *parts[1:]] if "readings" not in parts else parts), value, ALWAYS


def supply_change(item) -> tuple:
    """``path=number`` or a pair, as (path, number as written, always). :raises UnknownParameter: not of this form."""
    path, value = _split(item, "参数路径=数") if isinstance(item, str) else item
    return path, value, ALWAYS


def dated_change(item) -> tuple:
    """``path=value@YYYY-MM-DD`` or a triple, as (path, value as written, first day). :raises UnknownParameter: not of this form."""
    if not isinstance(item, str):
        return item
    path, _, rest = item.partition("=")
    value, _, date = rest.rpartition("@")
    if not (path.strip() and value.strip() and date.strip()):
        filled = f"如 {item.strip()}@2021-01-01。" if re.fullmatch(r"[^=@]*[^=@\s]\s*=\s*[^=@\s][^=@]*", item) else ""
        raise UnknownParameter([item], f"「{item}」的写法不对，应为 参数路径=值@起始日期。{filled}")
    return path.strip(), value.strip(), date.strip()
