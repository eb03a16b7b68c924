"""Base classes of variables. Core reads class attributes from each class itself, so bases set only what Core lets them."""

from __future__ import annotations

import numpy
from openfisca_core.variables import Variable

from openfisca_jining.errors import BadFact, MissingFact
from openfisca_jining.money import settle


class Amount(Variable):
    """A computed float quantity (money, share, rate), in float64."""

    def __init__(self, baseline_variable=None) -> None:
        super().__init__(baseline_variable)
        self.dtype = numpy.dtype(numpy.float64)


#: A computed sum of money in yuan. The same class under the name that formulas should use for money.
Money = Amount


class Fact(Variable):
    """What an applicant states. Floats are float64, counts int64; impossible values are refused on input.

    Money facts (``unit = "元"``) are settled to the fen when they enter, so that six invoices that add up to exactly 20
    million are 20 million.
    """

    def __init__(self, baseline_variable=None) -> None:
        super().__init__(baseline_variable)
        if self.value_type is float:
            self.dtype = numpy.dtype(numpy.float64)
        elif self.value_type is int:
            self.dtype = numpy.dtype(numpy.int64)
        self.set_input = set_fact


def set_fact(holder, period, array) -> None:
    """Store a stated fact, numbers after checking them, and remember that it was stated for that year.

    :raises BadFact: negative or not a finite number; the message names the fact, the first bad value and its place.
    """
    if holder.variable.value_type in (float, int):
        set_checked_number(holder, period, array)
    else:
        holder._set(period, array)
    holder.__dict__.setdefault("stated_years", {})[period.start.year] = holder.get_array(period)


def set_checked_number(holder, period, array) -> None:
    """Store a numeric fact after checking it. :raises BadFact: see :func:`set_fact`."""
    variable = holder.variable
    value = holder._to_array(array)
    if numpy.asarray(array).dtype.kind == "f" and variable.value_type is int:
        raw = numpy.asarray(array, dtype=numpy.float64)
        bad = ~numpy.isfinite(raw) | (raw != numpy.floor(raw)) | (raw < 0)
        value_shown = raw
    else:
        bad = ~numpy.isfinite(value) | (value < 0)
        value_shown = value
    if bad.any():
        first = int(numpy.flatnonzero(bad)[0])
        plural = holder.population.entity.plural
        raise BadFact(
            [plural, str(first + 1), variable.name],
            f"第 {first + 1} 个{holder.population.entity.label}的「{variable.label}」是 {value_shown[first]}，"
            "不能为负数或非数字。请填写不小于 0 的数。",
        )
    holder._set(period, settle(value) if variable.unit == "元" else value)


def required(population, period, name: str, where):
    """Formula of a fact that decides money and has no safe default.

    :param where: bool array; if any is true the fact is needed and its absence is an error.
    :returns: what was stated for the nearest other year (earlier ones first), as these facts are stated once; otherwise
        the default value, for claims that do not need the fact.
    :raises MissingFact: names the fact.
    """
    variable = population.simulation.tax_benefit_system.get_variable(name)
    stated = population.get_holder(name).__dict__.get("stated_years", {})
    if stated:
        year = period.start.year
        return stated[min(stated, key=lambda other: (other > year, abs(other - year)))]
    refuse_missing(population, variable, where)
    return variable.default_array(population.count)


def refuse_unstated(population, name: str, unstated) -> None:
    """Refuse if an Enum fact was left at its ``unstated`` value where it is needed. See :func:`required`."""
    refuse_missing(population, population.simulation.tax_benefit_system.get_variable(name), unstated)


def refuse_missing(population, variable, where) -> None:
    where = numpy.asarray(where)
    if where.any():
        first = int(numpy.flatnonzero(where)[0])
        label = population.entity.label
        raise MissingFact(
            [population.entity.plural, variable.name],
            f"缺少事实「{variable.label}」（{variable.name}）：有 {int(where.sum())} 个{label}需要它，"
            f"第一个是第 {first + 1} 个{label}。它决定金额，没有可用的缺省值，请填写。",
        )


def refuse_contradiction(population, name: str, where, why: str) -> None:
    """Refuse facts that contradict each other. :raises BadFact: names the fact and the first place."""
    where = numpy.asarray(where)
    if where.any():
        variable = population.simulation.tax_benefit_system.get_variable(name)
        first = int(numpy.flatnonzero(where)[0])
        raise BadFact(
            [population.entity.plural, str(first + 1), name],
            f"第 {first + 1} 个{population.entity.label}的「{variable.label}」{why}。请核对。",
        )
