"""Ranges of values as an analyst writes them: ``路径=1%:6%:0.5%`` or ``路径=100万,200万,300万``."""

from __future__ import annotations

import math
from decimal import Decimal

from openfisca_jining import written
from openfisca_jining.analysis.sweep import Axis
from openfisca_jining.errors import UnknownParameter
from openfisca_jining.law import check_value, find

#: Most values of one axis.
MOST = 100_000


def axis(system, text: str, start: str) -> Axis:
    """An axis from ``path=low:high:step`` (both ends included) or ``path=value,value,...``.

    :param start: first day of the values, ``YYYY-MM-DD``. :raises UnknownParameter, UnknownReading: in Chinese, with the form.
    """
    path, found, range_ = text.partition("=")
    path, range_ = path.strip(), range_.strip()
    if not (found and path and range_):
        raise UnknownParameter([text], f"「{text}」的写法不对，应为 参数=下限:上限:步长 或 参数=值,值。")
    parameter = find(system.parameters, path)
    try:
        start = written.day(start)
    except ValueError as error:
        raise UnknownParameter([path], f"起始日期「{start}」：{error}。") from None
    values = _range(path, range_, parameter) if range_.count(":") == 2 else _list(range_, parameter)
    for value in values:
        check_value(parameter, value)
    return Axis(path, values, start)


def _list(text: str, parameter) -> tuple:
    if parameter.metadata.get("readings") or parameter.metadata.get("unit") == "date":
        return tuple(part.strip() for part in text.split(","))
    return tuple(_number(part, parameter) for part in text.split(","))


def _range(path: str, text: str, parameter) -> tuple:
    low, high, step = (Decimal(str(_number(part, parameter))) for part in text.split(":"))
    if step <= 0 or high < low or (high - low) / step > MOST:
        raise UnknownParameter(
            [path], f"参数 {path} 的范围「{text}」不对：步长要大于 0，上限不小于下限，至多 {MOST} 档。"
        )
    count = int((high - low) / step) + 1
    return tuple(written.plain(low + step * number) for number in range(count))


def _number(text: str, parameter):
    try:
        number = written.number(text, parameter.metadata.get("unit", ""))
        if not math.isfinite(number):
            raise ValueError("应为有限的数字，不能是无穷大或非数（inf、nan）")
        return number
    except ValueError as error:
        raise UnknownParameter(
            parameter.name.split("."), f"参数 {parameter.name} 的值「{text.strip()}」：{error}。"
        ) from None
