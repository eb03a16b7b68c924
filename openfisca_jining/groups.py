"""What formulas on projects need to know about the groups the projects belong to. All results are arrays over projects."""

from __future__ import annotations

import numpy
import pandas

from openfisca_jining.law import open_windows, reading
from openfisca_jining.money import (
    apportion_columns,
    fill_cap,
    rows_with_money,
    settle,
    settle_once_per_group,
    sum_fen,
    to_fen,
    to_yuan,
)

#: More claim years than any document has been open.
MOST_YEARS_BACK = 100
#: Plans listed for one enterprise that chooses between applications, and steps of looking for them, before it is done otherwise.
MOST_PLANS, MOST_STEPS = 4096, 160_000
#: Rows of copies of enterprises that are tried at a time.
ROWS_AT_ONCE = 200_000


def group_of(project, key: str):
    """Group number of each project and number of groups. ``key``: enterprise, consortium or city."""
    if isinstance(project, Part):
        return project.group_of(key)
    population = project.simulation.populations[key]
    return population.members_entity_id, population.count


class Part:
    """Some of the projects, as a population that the helpers of formulas take: for work that concerns few of them.

    :ivar whole: all projects. :ivar rows: numbers of the projects of this part. Whole enterprises only.
    :ivar copy: number of the copy each row belongs to, where enterprises are repeated to try several things on them at
        once; None: no row is repeated, and rows ascend.
    """

    def __init__(self, project, rows, copy=None) -> None:
        self.whole, self.rows, self.count, self.simulation = project, rows, len(rows), project.simulation
        self.copy = copy
        self.groups: dict = {}
        self.values: dict = {}

    def __call__(self, variable: str, period):
        """Values of a variable on the rows of the part."""
        if (variable, period) not in self.values:
            self.values[variable, period] = self.whole(variable, period)[self.rows]
        return self.values[variable, period]

    def enterprise(self, variable: str, period):
        """A variable of the enterprise, on each project of this part."""
        enterprises = self.simulation.populations["enterprise"]
        return enterprises(variable, period)[enterprises.members_entity_id[self.rows]]

    def group_of(self, key: str):
        """See :func:`group_of`; groups without a project in this part are left out."""
        if key not in self.groups:
            numbers, size = group_of(self.whole, key)
            number = numbers[self.rows] if self.copy is None else numbers[self.rows] + size * self.copy
            codes, known = pandas.factorize(number)
            self.groups[key] = codes, len(known)
        return self.groups[key]


def sample_weights(project, period):
    """Number of real enterprises that each project's enterprise stands for; None if one each."""
    if (project.simulation.populations["enterprise"]("weight", period) == 1).all():
        return None
    return project.enterprise("weight", period)


def combined_group(*numbers):
    """Group number of each distinct combination of the given arrays, and number of such groups."""
    group = numpy.asarray(numbers[0])
    for other in numbers[1:]:
        if not len(other):
            break
        first, second = (pandas.factorize(numpy.asarray(one))[0].astype(numpy.int64) for one in (group, other))
        group = first * (int(second.max()) + 1) + second
    group, known = pandas.factorize(group)
    return group, len(known)


def sum_in(project, key, amount):
    """Exact sum over the group, on each project. ``key``: entity key, or (group numbers, number of groups)."""
    group, size = group_of(project, key) if isinstance(key, str) else key
    amount = numpy.asarray(amount)
    rows = rows_with_money(amount)
    if not len(rows):
        return numpy.zeros(len(amount))
    return to_yuan(sum_fen(to_fen(amount[rows]), group[rows], size))[group]


def any_in(project, key, condition):
    """Whether any project of the group meets a condition, on each project."""
    group, size = group_of(project, key) if isinstance(key, str) else key
    return (numpy.bincount(group, condition, minlength=size) > 0)[group]


def first_of(project, key, score, among, best=True):
    """The one project of each group with the best score among those allowed, ties to the first listed. Bool.

    :param best: highest score if true, lowest otherwise.
    """
    group, _ = group_of(project, key) if isinstance(key, str) else key
    rows = numpy.flatnonzero(among)
    result = numpy.zeros(project.count, dtype=bool)
    if len(rows):
        order = rows[numpy.lexsort((-score[rows] if best else score[rows], group[rows]))]  # stable
        result[order[numpy.r_[True, group[order][1:] != group[order][:-1]]]] = True
    return result


def settled(project, period, parameters, raw, key="enterprise"):
    """Settle to the fen once per group under the rounding reading; the group's projects share by largest remainder."""
    mode = reading(project, period, parameters, "common.readings.rounding")
    group, size = group_of(project, key) if isinstance(key, str) else key
    return settle_once_per_group(raw, group, size, mode)


def rounded(population, period, parameters, amount):
    """Settle the amounts of any population one by one under the rounding reading (yuan)."""
    mode = reading(population, period, parameters, "common.readings.rounding")
    return settle(amount, "half_up" if mode == "half_up_per_project" else mode)


def under_cap(project, period, parameters, amount, cap, key="enterprise", used=0.0, dates=None):
    """Book amounts under a cap per group, under the reading on how a cap is booked to projects.

    :param cap: scalar, or one value per project when the law changes within the year: then earlier claims are booked first
        under their own cap, and later ones get what their own cap leaves. :param dates: date of each claim (for that order).
    :param used: yuan of the cap used up beforehand, scalar or per project (same value throughout a group).
    :returns: yuan of each project.
    """
    allocation = reading(project, period, parameters, "common.readings.cap_allocation_across_projects")
    rank = project("claim_rank", period) if allocation == "enterprise_choice" else None
    group, size = group_of(project, key) if isinstance(key, str) else key
    if numpy.ndim(cap) == 0 and numpy.ndim(used) == 0:
        return fill_cap(amount, group, size, cap - used, allocation, rank)
    taken = numpy.zeros(size)
    taken[group] = used
    if numpy.ndim(cap) == 0:
        return fill_cap(amount, group, size, cap - taken, allocation, rank)
    caps = numpy.broadcast_to(numpy.asarray(cap, dtype=numpy.float64), (project.count,))
    of_group = numpy.full(size, numpy.inf)
    of_group[group] = caps
    if ((of_group[group] == caps) | numpy.isnan(caps)).all():
        return fill_cap(amount, group, size, of_group - taken, allocation, rank)
    result = numpy.zeros(project.count)
    first_day = {value: dates[caps == value].min() for value in numpy.unique(caps[~numpy.isnan(caps)])}
    for value in sorted(first_day, key=first_day.__getitem__):
        booked = fill_cap(numpy.where(caps == value, amount, 0.0), group, size, value - taken, allocation, rank)
        result += booked
        taken += to_yuan(sum_fen(to_fen(booked), group, size))
    return numpy.where(numpy.isnan(caps), amount, result)


def cap_group(project, period, parameters, instrument, by=None):
    """Groups that share an instrument's cap under its document's reading of the cap's scope: (numbers, how many)."""
    if reading(project, period, parameters, f"{document_of(instrument)}.readings.cap_scope") == "per_project":
        return numpy.arange(project.count), project.count
    if by is None:
        return group_of(project, "enterprise")
    return combined_group(group_of(project, "enterprise")[0], by)


def cap_used(project, period, parameters, instrument):
    """What earlier claim years have used of an enterprise's cap, under the reading of one cap for all years.

    :returns: yuan on each project of the enterprise, or plain 0 under the other readings.
    """
    document = document_of(instrument)
    scope = reading(project, period, parameters, f"{document}.readings.cap_scope")
    if scope in ("per_enterprise_policy_life", "per_enterprise_validity_period"):
        return earlier_years(project, period, parameters, f"{instrument}__chosen", document)
    return 0.0


def capped_per_enterprise(project, period, parameters, instrument, amount, cap, by=None, used=0.0):
    """Book an instrument's amounts under its cap per enterprise, under its document's reading of the cap's scope.

    :param instrument: ``<document>_<instrument>``, e.g. ``jining_2017_equipment``. :param by: array that splits the cap
        further (e.g. invoice years), or None. :param used: more of the cap that is used up. :returns: yuan of each project.
    """
    key = cap_group(project, period, parameters, instrument, by)
    used = used + cap_used(project, period, parameters, instrument)
    dates = project(f"{document_of(instrument)}__application_date", period)
    return under_cap(project, period, parameters, amount, cap, key, used, dates)


def document_of(instrument: str) -> str:
    """``jining_2017_equipment`` -> ``jining_2017``."""
    place, year, *_ = instrument.split("_")
    return f"{place}_{year}"


def earlier_periods(project, period, parameters, document: str):
    """Claim years before a period in which a document was open, latest first."""
    before = period.offset(-1, "year")
    while open_windows(project, before, parameters, document):
        yield before
        before = before.offset(-1, "year")


def earlier_years(project, period, parameters, variable: str, document: str):
    """What a project's enterprise has drawn under a variable in earlier claim years of the document (yuan)."""
    years = earlier_periods(project, period, parameters, document)
    total = sum((of_year(project, variable, year) for year in years), numpy.zeros(project.count))
    return sum_in(project, "enterprise", total)


def of_year(population, variable: str, year):
    """A variable of an earlier claim year, from within a formula.

    Core answers 0 in silence when a variable is asked for an earlier year while it is being computed for a later one
    ("spiral"), after ``max_spiral_loops``; a claim year that leads back to itself is still an error.
    """
    simulation = population.simulation
    simulation.max_spiral_loops = max(simulation.max_spiral_loops, MOST_YEARS_BACK)
    return population(variable, year)


def with_vat(project, period, parameters, name: str, switch: str = "common.readings.grant_base_vat"):
    """A purchase as the VAT reading counts it: ``<name>_investment``, plus ``<name>_vat`` if gross (yuan)."""
    net = project(f"{name}_investment", period)
    if reading(project, period, parameters, switch) == "gross_of_vat":
        return net + project(f"{name}_vat", period)
    return net


def sum_members(group, amount):
    """Exact sum of the members' amounts on each group. ``group``: population of a group entity."""
    return to_yuan(sum_fen(to_fen(amount), group.members_entity_id, group.count))


def any_member(group, condition):
    """Whether any member meets a condition, on each group."""
    return numpy.bincount(group.members_entity_id, condition, minlength=group.count) > 0


def max_member(group, amount):
    """Largest amount among the members, on each group (0 for a group without members)."""
    top = numpy.zeros(group.count)
    numpy.maximum.at(top, group.members_entity_id, amount)
    return top


def count_enterprises(consortium, among):
    """Number of different enterprises among the marked member projects, on each consortium."""
    enterprises = consortium.simulation.populations["enterprise"]
    rows = numpy.flatnonzero(among)
    group = consortium.members_entity_id[rows]
    number = numpy.bincount(group, minlength=consortium.count)
    together = number[group] > 1  # 只有一个项目的组不用比
    rows, group = rows[together], group[together]
    pairs = numpy.unique(group * enterprises.count + enterprises.members_entity_id[rows])
    number[group] = 0
    return number + numpy.bincount(pairs // max(enterprises.count, 1), minlength=consortium.count)


def split_payment(claims, paid):
    """Split what each project is paid over its claims, in proportion, by largest remainder (earlier claims first on ties).

    :param claims: list of arrays, yuan of each project. :param paid: yuan of each project, at most the sum of its claims.
    :returns: list of arrays like ``claims``.
    """
    stated = [claim != 0 for claim in claims]
    shares = [numpy.where(has, paid, 0.0) for has in stated]  # 只有一项申请的，全归那一项
    several = sum(has.view(numpy.uint8) for has in stated) > 1
    rows = numpy.flatnonzero(several & (paid != 0))
    if len(rows):
        parts = apportion_columns(paid[rows], numpy.array([claim[rows] for claim in claims]))
        for share, part in zip(shares, parts, strict=True):
            share[rows] = part
    return shares


def once(population, period, name: str, compute):
    """What several formulas of a simulation share: computed by the first that asks, kept for the others.

    Under a tracer it is computed for each, so that the trace says of every variable what it depends on.

    :param compute: function without arguments. :param name: unique name of the result.
    """
    if population.simulation.trace:
        return compute()
    kept = population.simulation.__dict__.setdefault("computed_once", {})
    if (name, period) not in kept:
        kept[name, period] = compute()
    return kept[name, period]


def max_in(project, key, amount):
    """Largest amount of the group, on each project."""
    group, size = group_of(project, key)
    top = numpy.full(size, -numpy.inf)
    numpy.maximum.at(top, group, amount)
    return top[group]
