"""What formulas on projects need to know about the groups the projects belong to. All results are arrays over projects."""

from __future__ import annotations

import numpy

from openfisca_jining.law import open_windows, reading
from openfisca_jining.money import apportion, fill_cap, settle, settle_once_per_group, sum_fen, to_fen, to_yuan

#: More claim years than any document has been open.
MOST_YEARS_BACK = 100


def group_of(project, key: str):
    """Group number of each project and number of groups. ``key``: enterprise, consortium or city."""
    population = project.simulation.populations[key]
    return population.members_entity_id, population.count


def combined_group(*numbers):
    """Group number of each distinct combination of the given arrays, and number of such groups."""
    _, group = numpy.unique(numpy.stack(numbers), axis=1, return_inverse=True)
    group = group.reshape(-1)
    return group, int(group.max()) + 1 if len(group) else 0


def sum_in(project, key, amount):
    """Exact sum over the group, on each project. ``key``: entity key, or (group numbers, number of groups)."""
    group, size = group_of(project, key) if isinstance(key, str) else key
    return to_yuan(sum_fen(to_fen(amount), group, size)[group])


def any_in(project, key, condition):
    """Whether any project of the group meets a condition, on each project."""
    group, size = group_of(project, key) if isinstance(key, str) else key
    return (numpy.bincount(group, condition, minlength=size) > 0)[group]


def first_of(project, key, score, among, best=True):
    """The one project of each group with the best score among those allowed, ties to the first listed. Bool.

    :param best: highest score if true, lowest otherwise.
    """
    group, size = group_of(project, key) if isinstance(key, str) else key
    rows = numpy.flatnonzero(among)
    result = numpy.zeros(project.count, dtype=bool)
    if len(rows):
        order = rows[numpy.lexsort((rows, -score[rows] if best else score[rows], group[rows]))]
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
    used_by_group = numpy.zeros(size)
    used_by_group[group] = used
    caps = numpy.broadcast_to(numpy.asarray(cap, dtype=numpy.float64), (project.count,))
    result = numpy.zeros(project.count)
    distinct = numpy.unique(caps)
    if dates is not None and len(distinct) > 1:
        distinct = sorted(distinct, key=lambda value: dates[_same(caps, value)].min())
    for value in distinct:
        mine = _same(caps, value)
        booked = fill_cap(numpy.where(mine, amount, 0.0), group, size, value - used_by_group, allocation, rank)
        result += booked
        used_by_group += to_yuan(sum_fen(to_fen(booked), group, size))
    return result


def _same(caps, value):
    return numpy.isnan(caps) if numpy.isnan(value) else caps == value


def capped_per_enterprise(project, period, parameters, instrument, amount, cap, by=None):
    """Book an instrument's amounts under its cap per enterprise, under its document's reading of the cap's scope.

    :param instrument: ``<document>_<instrument>``, e.g. ``jining_2017_equipment``. :param by: array that splits the cap
        further (e.g. invoice years), or None. :returns: yuan of each project.
    """
    document = document_of(instrument)
    scope = reading(project, period, parameters, f"{document}.readings.cap_scope")
    if scope == "per_project":
        key = numpy.arange(project.count), project.count
    elif by is None:
        key = group_of(project, "enterprise")
    else:
        key = combined_group(group_of(project, "enterprise")[0], by)
    used = 0.0
    if scope in ("per_enterprise_policy_life", "per_enterprise_validity_period"):
        used = earlier_years(project, period, parameters, f"{instrument}__chosen", document)
    dates = project(f"{document}__application_date", period)
    return under_cap(project, period, parameters, amount, cap, key, used, dates)


def document_of(instrument: str) -> str:
    """``jining_2017_equipment`` -> ``jining_2017``."""
    place, year, *_ = instrument.split("_")
    return f"{place}_{year}"


def earlier_years(project, period, parameters, variable: str, document: str):
    """What a project's enterprise has drawn under a variable in earlier claim years of the document (yuan)."""
    first_year = period.start.year
    while open_windows(project, period.offset(first_year - 1 - period.start.year, "year"), parameters, document):
        first_year -= 1
    total = numpy.zeros(project.count)
    for year in range(first_year, period.start.year):
        total = total + of_year(project, variable, period.offset(year - period.start.year, "year"))
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


def capped_alone(project, period, parameters, instrument, amount, cap):
    """Cap each project's amount as if it were the enterprise's only one (what one application can bring), in yuan."""
    document = document_of(instrument)
    if reading(project, period, parameters, f"{document}.readings.cap_scope") == "per_enterprise_validity_period":
        cap = cap - earlier_years(project, period, parameters, f"{instrument}__chosen", document)
    return numpy.fmin(amount, numpy.where(numpy.isnan(cap), numpy.inf, numpy.maximum(cap, 0.0)))


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
    enterprise = consortium.simulation.populations["enterprise"].members_entity_id[among]
    pairs = numpy.unique(numpy.stack([consortium.members_entity_id[among], enterprise]), axis=1)
    return numpy.bincount(pairs[0], minlength=consortium.count)


def split_payment(claims, paid):
    """Split what each project is paid over its claims, in proportion, by largest remainder (earlier claims first on ties).

    :param claims: list of arrays, yuan of each project. :param paid: yuan of each project, at most the sum of its claims.
    :returns: list of arrays like ``claims``.
    """
    size = len(paid)
    group = numpy.tile(numpy.arange(size), len(claims))
    shares = apportion(paid, numpy.concatenate(claims), group, size)
    return list(shares.reshape(len(claims), size))


def max_in(project, key, amount):
    """Largest amount of the group, on each project."""
    group, size = group_of(project, key)
    top = numpy.full(size, -numpy.inf)
    numpy.maximum.at(top, group, amount)
    return top[group]
