"""Base classes of variables. Core reads class attributes from each class itself, so bases set only what Core lets them."""

from __future__ import annotations

import numpy
from openfisca_core.variables import Variable

from openfisca_jining.errors import BadFact, MissingFact
from openfisca_jining.money import LARGEST, settle


class Amount(Variable):
    """A computed float quantity (money, share, rate), in float64."""

    def __init__(self, baseline_variable=None) -> None:
        super().__init__(baseline_variable)
        self.dtype = numpy.dtype(numpy.float64)


#: A computed sum of money in yuan. The same class under the name that formulas should use for money.
Money = Amount


#: Core's defaults are float32 and int32, which round 19,999,999 up and refuse counts above 2.1 billion.
DOUBLE: dict[type, numpy.dtype] = {float: numpy.dtype(numpy.float64), int: numpy.dtype(numpy.int64)}


class Fact(Variable):
    """What an applicant states. Floats are float64, counts int64; impossible values are refused on input.

    Money facts (``unit = "元"``) are settled to the fen when they enter, so that six invoices that add up to exactly 20
    million are 20 million. A fact may have a formula for its default, or one that refuses its absence
    (:func:`required`); rows that state nothing take it, also where other rows do state the fact.
    """

    def __init__(self, baseline_variable=None) -> None:
        super().__init__(baseline_variable)
        if self.value_type in DOUBLE:
            self.dtype = DOUBLE[self.value_type]
        self.set_input = set_fact
        for start, formula in list(self.formulas.items()):
            self.formulas[start] = _with_stated_rows(self.name, formula)


def _with_stated_rows(name: str, formula):
    """A fact's formula, overlaid with the rows that do state the fact."""

    def overlaid(population, period, parameters):
        arguments = (population, period, parameters)[: formula.__code__.co_argcount]
        result = formula(*arguments)
        partly = _stated(population.get_holder(name), "partly").get(period.start.year)
        if partly is not None:
            values, rows = partly
            result = result.copy()
            result[rows] = values[rows]
        return result

    return overlaid


def _stated(holder, kind: str) -> dict:
    """What was stated of a fact, by claim year: ``years`` (arrays), ``partly`` (arrays and the rows that state it)."""
    taken_from = getattr(holder.simulation, "stated_elsewhere", None)
    if taken_from is not None:
        return taken_from(holder, kind)
    return holder.__dict__.setdefault(f"stated_{kind}", {})


def set_fact(holder, period, array, rows=None) -> None:
    """Store a stated fact after checking it, and remember for which rows of which year it was stated.

    :param rows: bool array, the rows that state the fact; None = all, or those that Core's builder marked.
    :raises BadFact: negative or not a finite number; the message names the fact, the first bad value and its place.
    """
    if rows is None:
        rows = holder.__dict__.get("marked_rows", {}).get(str(period))
    value = checked_number(holder, array) if holder.variable.value_type in (float, int) else holder._to_array(array)
    if rows is None or rows.all() or not holder.variable.formulas:
        holder._set(period, value)
    else:
        _stated(holder, "partly")[period.start.year] = value, rows
    everyone = numpy.ones(holder.population.count, dtype=bool)
    _stated(holder, "years")[period.start.year] = value, everyone if rows is None else rows


def checked_number(holder, array):
    """A numeric fact, money to the fen. :raises BadFact: see :func:`set_fact`."""
    variable = holder.variable
    raw = numpy.asarray(array)
    value = holder._to_array(array)
    shown, bad = value, ~numpy.isfinite(value) | (value < 0) | (value > LARGEST)
    if raw.dtype.kind == "f" and variable.value_type is int:
        shown, bad = raw, ~numpy.isfinite(raw) | (raw != numpy.floor(raw)) | (raw < 0)
    if bad.any():
        first = int(numpy.flatnonzero(bad)[0])
        step, who = _place(holder.population, first)
        raise BadFact(
            [holder.population.entity.plural, step, variable.name],
            f"{who}的「{variable.label}」是 {shown[first]}，不能为负数、非数字或大得无法精确到分。请核对。",
            first,
        )
    return settle(value) if variable.unit == "元" else value


def required(population, period, name: str, where):
    """Formula of a fact that decides money and has no safe default.

    :param where: bool array; rows that need the fact. A row that needs it and does not state it is an error.
    :returns: for an enterprise, what it stated for the nearest other year (earlier ones first), as its facts are stated
        once; otherwise the default value, for claims that do not need the fact.
    :raises MissingFact: names the fact.
    """
    holder = population.get_holder(name)
    year, years = period.start.year, _stated(holder, "years")
    result = holder.default_array()
    unknown = numpy.ones(population.count, dtype=bool)
    if year in years:
        unknown &= ~years[year][1]
    if not population.entity.is_person:
        for other in sorted(years, key=lambda other: (other > year, abs(other - year))):
            values, rows = years[other]
            fill = unknown & rows
            result[fill] = values[fill]
            unknown &= ~rows
    refuse_missing(population, holder.variable, unknown & where)
    return result


def is_stated(population, period, name: str):
    """Which rows state a fact for the claim year (bool)."""
    years = _stated(population.get_holder(name), "years")
    if period.start.year in years:
        return years[period.start.year][1]
    return numpy.zeros(population.count, dtype=bool)


def refuse_unstated(population, name: str, unstated, needed=None) -> None:
    """Refuse if an Enum fact was left at its ``unstated`` value where it is needed. See :func:`required`.

    :param needed: function without arguments that says where, asked only if there is any such row (or under a tracer).
    """
    if needed is not None and (population.simulation.trace or unstated.any()):
        unstated = unstated & needed()
    refuse_missing(population, population.simulation.tax_benefit_system.get_variable(name), unstated)


def refuse_missing(population, variable, where) -> None:
    """Refuse rows that need a fact and lack it. :raises MissingFact: names the fact, how many need it, the first place."""
    where = numpy.asarray(where)
    if where.any():
        first = int(numpy.flatnonzero(where)[0])
        raise MissingFact(
            [population.entity.plural, variable.name],
            f"缺少事实「{variable.label}」（{variable.name}）：有 {int(where.sum())} 个{population.entity.label}需要它，"
            f"第一个是{_place(population, first)[1]}。它决定金额，没有可用的缺省值，请填写。",
        )


def refuse_contradiction(population, name: str, where, why: str) -> None:
    """Refuse facts that contradict each other. :raises BadFact: names the fact and the first place."""
    where = numpy.asarray(where)
    if where.any():
        variable = population.simulation.tax_benefit_system.get_variable(name)
        first = int(numpy.flatnonzero(where)[0])
        step, who = _place(population, first)
        raise BadFact([population.entity.plural, step, name], f"{who}的「{variable.label}」{why}。请核对。", first)


def _place(population, row: int) -> tuple[str, str]:
    """A row as a step of an error's path, and in words: by its id where it was given one."""
    where, ids = f"第 {row + 1} 个{population.entity.label}", population.ids
    named = len(ids) == population.count and isinstance(ids[row], str)
    return (str(ids[row]), f"{where}「{ids[row]}」") if named else (str(row + 1), where)
