"""One way of changing the law, from Python, a command line or a module: a list of (parameter path, value, first day)."""

from __future__ import annotations

import importlib

from openfisca_core.reforms import Reform

from openfisca_jining.errors import UnknownParameter
from openfisca_jining.law import find
from openfisca_jining.readings import ALWAYS, reform_of


def reformed(system, *, reforms=(), readings=(), supply=(), changes=(), name: str = "参数改动"):
    """A system with reforms applied, leaving the given one as it is.

    :param reforms: module names in ``reforms/`` (``yanzhou_cap_and_jining_rate``) or reform classes.
    :param readings: ``<document>.<reading>=<value>`` or pairs. :param supply: ``<path>=<number>`` or pairs; hold always.
    :param changes: ``<path>=<value>@<YYYY-MM-DD>`` or triples; hold from that day on.
    :returns: the same system if nothing changes. :raises UnknownParameter, UnknownReading: bad path, value or form.
    """
    for reform in reforms:
        system = reform_class(reform)(system)
    wanted = [_reading(item) for item in readings] + [_supply(item) for item in supply]
    wanted += [_change(item) for item in changes]
    if wanted:
        for path, _, _ in wanted:
            find(system.parameters, path)
        system = reform_of(name, wanted)(system)
    return system


def reform_class(reform) -> type[Reform]:
    """The reform class of a module in ``reforms/``. :raises UnknownParameter: no such module."""
    if isinstance(reform, type):
        return reform
    try:
        module = importlib.import_module(f"openfisca_jining.reforms.{reform}")
    except ModuleNotFoundError:
        raise UnknownParameter(["reforms", str(reform)], f"没有名为 {reform} 的改革模块（reforms/ 目录）。") from None
    return next(
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Reform) and value.__module__ == module.__name__
    )


def _split(item: str, separator: str, form: str) -> tuple[str, str]:
    left, found, right = item.partition(separator)
    if not (left and found and right):
        raise UnknownParameter([item], f"「{item}」的写法不对，应为 {form}。")
    return left.strip(), right.strip()


def _reading(item):
    path, value = _split(item, "=", "文件.读法=取值") if isinstance(item, str) else item
    parts = path.split(".")
    return ".".join([parts[0], "readings", *parts[1:]] if "readings" not in parts else parts), value, ALWAYS


def _supply(item):
    path, value = _split(item, "=", "参数路径=数") if isinstance(item, str) else item
    return path, _number(value), ALWAYS


def _change(item):
    if not isinstance(item, str):
        return item
    path, rest = _split(item, "=", "参数路径=值@起始日期")
    value, date = _split(rest, "@", "参数路径=值@起始日期")
    return path, _number(value), date


def _number(value):
    try:
        return float(value)
    except ValueError:
        return value
