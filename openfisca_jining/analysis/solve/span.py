"""A range of one parameter as whole steps, so that values are found, compared and halved exactly.

A step is the finest difference that a value can make: a fen for money, one for counts, and 10**-15 for shares (a share times
the investment of a whole city moves by less than a fen). What an analyst sees is the shortest decimal that does the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from openfisca_core.parameters import Parameter

from openfisca_jining import written
from openfisca_jining.errors import UnknownParameter
from openfisca_jining.law import check_value, find
from openfisca_jining.money import FEN

MONEY = "元"
#: Steps in one unit of a parameter, by its unit; everything else is counted one by one.
STEPS = {written.SHARE: 10**15, MONEY: FEN}
#: Steps within which kinks are told apart: 10**-9 for shares, otherwise one step.
RESOLUTION = {written.SHARE: 10**6}
#: Steps of the values that a document states: 0.1 % and 0.01 %; 10,000 yuan; one.
STATED = {written.SHARE: (10**12, 10**11), MONEY: (10_000 * FEN,)}
#: Money in whole hundreds of yuan is written in 万元.
HUNDRED_YUAN = 100 * FEN
#: Most steps: beyond, float64 no longer counts one by one.
MOST = 2**53


@dataclass(frozen=True)
class Span:
    """A range of one parameter. :ivar path: its path. :ivar unit: its unit. :ivar start: first day of its values.

    :ivar low, high: ends of the range, both included, in steps. :ivar stated: steps of values a document would state.
    """

    path: str
    unit: str
    start: str
    low: int
    high: int
    stated: tuple[int, ...]

    @property
    def steps(self) -> int:
        """Steps in one unit."""
        return STEPS.get(self.unit, 1)

    @property
    def resolution(self) -> int:
        """Steps within which kinks are told apart."""
        return RESOLUTION.get(self.unit, 1)

    def value(self, step: int):
        """The value of the parameter at a step: a number as a law takes it."""
        return written.plain(int(step) / self.steps)

    def text(self, step: int) -> str:
        """The value at a step with all its digits: ``3.42173913%``, ``213.45 万元``, ``2,134,567.89 元``, ``2 家``."""
        number = Decimal(int(step)) / self.steps
        if self.unit == written.SHARE:
            return f"{(100 * number).normalize():f}%"
        if self.unit == MONEY and step % HUNDRED_YUAN == 0:
            return f"{(number / 10_000).normalize():,f} 万元"
        return f"{number.normalize():,f} {self.unit}".strip()

    def step_of(self, value) -> int | None:
        """The step of a value, or None if it is not a number."""
        return round(value * self.steps) if isinstance(value, (int, float)) and not isinstance(value, bool) else None

    def rounded(self, low: int, high: int) -> list[int]:
        """Values a document would state around a stretch of solutions: at each of :attr:`stated`, the next below ``low`` and
        above ``high``, and the first in between."""
        found = []
        for unit in self.stated:
            inside = -(-low // unit) * unit
            found += [inside] if inside <= high else [inside - unit, inside]
        return sorted({step for step in found if self.low <= step <= self.high})


def shortest(low: int, high: int) -> int:
    """The roundest whole number between two (both included), the nearest to the middle of those."""
    if low <= 0:
        return 0
    power = 1
    while -(-low // (10 * power)) * 10 * power <= high:
        power *= 10
    middle = round((low + high) / 2 / power) * power
    return min(max(middle, -(-low // power) * power), high // power * power)


def span(system, path: str, low, high, start: str, step=None) -> Span:
    """The range of a parameter from ``low`` to ``high`` (numbers, or as people write them: ``3%``, ``300万元``).

    :param start: first day of the values (``YYYY-MM-DD``). :param step: the values a document would state are multiples of this.
    :raises UnknownParameter: no number, no such path, or an empty range.
    """
    parameter = find(system.parameters, path)
    if not isinstance(parameter, Parameter) or parameter.metadata.get("readings") or _unit(parameter) == "date":
        raise UnknownParameter([path], f"{path} 不是数值参数，不能反求。读法和日期请用 sweep 逐一列举。")
    unit = _unit(parameter)
    steps = STEPS.get(unit, 1)
    ends = [check_value(parameter, value) for value in (low, high)]
    first, last = (round(end * steps) for end in ends)
    if not 0 <= first < last < MOST:
        raise UnknownParameter(
            [path], f"参数 {path} 的范围「{low}:{high}」不对：下限不小于 0，上限要大于下限，比例不超过 900%。"
        )
    stated = STATED.get(unit, (1,)) if step is None else (max(round(check_value(parameter, step) * steps), 1),)
    return Span(path, unit, start, first, last, stated)


def _unit(parameter) -> str:
    return parameter.metadata.get("unit", "")
