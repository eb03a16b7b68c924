"""Splitting a project into two halves, in one enterprise or in two of the same owner, and merging an enterprise's like
projects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy
import pandas

from openfisca_jining.analysis.explain import declared
from openfisca_jining.analysis.notch.variants import (
    ONE_YUAN,
    Copies,
    Integers,
    Ties,
    entitled,
    raise_fact,
    scale_of,
    weights,
    whole_numbers,
)
from openfisca_jining.instruments import instruments
from openfisca_jining.money import to_yuan
from openfisca_jining.population.population import IDS
from openfisca_jining.variable_types import Fact

#: What may be done with projects. Under all of them every amount stays the same in sum.
WAYS = {
    "same": "拆成两个项目（同一企业）",
    "two": "拆成两家企业（每家一半）",
    "merge": "合并同类项目（同一企业）",
}
SUMMARY_HEADINGS = {
    "way": "做法",
    "tried": "试算（项目或组）",
    "gain": "多得",
    "same": "不变",
    "lose": "少得",
    "enterprises": "能多得的企业",
    "total": "企业共多得（每家取最好的一个）",
    "largest": "最多的一家多得",
}
ENTERPRISE_HEADINGS = {
    "way": "做法",
    "enterprise_id": "企业编号",
    "project_id": "项目编号",
    "before": "现得（连同共同体）",
    "after": "改后得",
    "gain": "多得",
    "instruments": "多得来自",
}
SIZE_HEADINGS = {
    "project": "典型项目",
    "investment": "投资",
    "whole": "一个项目得",
    "same": "拆成两个项目（同一企业）得",
    "same_gain": "多得（同一企业）",
    "two": "拆成两家企业得",
    "two_gain": "多得（两家企业）",
}
#: Facts that may differ between projects that are merged: dates and ranks say nothing of the project's kind.
FREE = ("application_date", "city_application_date", "invoice_date", "filing_date", "completion_date", "claim_rank")


@dataclass(frozen=True)
class Split:
    """Projects changed in one way, each on its own.

    :ivar rows: row of each project tried. :ivar before, after: whole fen of its unit, one row per instrument.
    """

    way: str
    rows: Integers
    before: Integers
    after: Integers

    @property
    def gain(self) -> Integers:
        """Whole fen that the unit gains by each change; less than one yuan is rounding and counts as nothing."""
        gain = (self.after - self.before).sum(axis=0)
        return numpy.where(numpy.abs(gain) < ONE_YUAN, 0, gain)


def split(ties: Ties, system, rows, way: str) -> Split:
    """Halve projects, each on its own (``same``: in the same enterprise; ``two``: the second half in a copy of the
    enterprise).

    Every amount is halved to the fen; all other facts, also of the second enterprise, stay as they are.
    """
    rows = numpy.asarray(rows)
    copies = Copies(ties, ties.unit[rows])
    places = copies.rows(rows)
    second = copies.projects.iloc[places].copy()
    for name in amounts(copies.projects, system):
        fen = whole_numbers(copies.projects, system.variables[name], places)
        stated = second[name].notna().to_numpy()
        copies.projects[name] = _put(copies.projects[name], places[stated], (fen - fen // 2)[stated] / 100)
        second[name] = _put(second[name], numpy.flatnonzero(stated), (fen // 2)[stated] / 100)
    if way == "two":
        firms = copies.enterprises.iloc[second["enterprise_id"].to_numpy()].copy()
        firms["enterprise_id"] = second["enterprise_id"] = len(copies.enterprises) + numpy.arange(len(firms))
        copies.enterprises = pandas.concat([copies.enterprises, firms], ignore_index=True)
    copies.projects = pandas.concat([copies.projects, second], ignore_index=True)
    copies.copy = numpy.concatenate([copies.copy, numpy.arange(len(rows))])
    return Split(way, rows, _before(ties, system, rows), copies.money(system))


def merge(ties: Ties, system) -> Split:
    """Put together the projects of an enterprise that are alike in all but amounts and dates, each group on its own.

    The merged project stands in the place of the largest and has its other facts. ``rows``: that project of each group.
    """
    groups = alike(ties, system)
    largest = numpy.array([group[0] for group in groups], dtype=int)
    copies = Copies(ties, ties.unit[largest])
    gone = []
    for entry, group in enumerate(groups):
        places = copies.rows(group, numpy.full(len(group), entry))
        gone.append(places[1:])
        for name in amounts(copies.projects, system):
            fen = whole_numbers(copies.projects, system.variables[name], places)
            if copies.projects[name].iloc[places].notna().any():
                copies.projects[name] = _put(copies.projects[name], places[:1], fen.sum() / 100)
    before = _before(ties, system, largest)
    if not groups:
        return Split("merge", largest, before, before)
    kept = numpy.setdiff1d(numpy.arange(len(copies.projects)), numpy.concatenate(gone))
    copies.projects, copies.copy = copies.projects.iloc[kept].reset_index(drop=True), copies.copy[kept]
    return Split("merge", largest, before, copies.money(system))


def alike(ties: Ties, system) -> list[Integers]:
    """Groups of two or more projects of one enterprise that are alike in all but amounts and dates, the largest
    first."""
    projects = ties.population.projects
    free = {*IDS, *FREE, *amounts(projects, system)} - {"enterprise_id", "consortium_id"}
    keys = projects[[name for name in projects if name not in free]].astype(object)
    keys = keys.where(keys.notna(), "")
    every = numpy.arange(len(projects))
    sizes = [whole_numbers(projects, system.variables[name], every) for name in declared()["grows_with"]]
    size = numpy.sum(sizes, axis=0)
    groups = [numpy.asarray(rows) for rows in keys.groupby(list(keys), sort=False).indices.values()]
    return [rows[numpy.argsort(-size[rows], kind="stable")] for rows in groups if len(rows) > 1]


def amounts(projects: pandas.DataFrame, system) -> list[str]:
    """Columns of a project table that are facts in yuan."""
    variables = system.variables
    return [
        name
        for name in projects.columns.tolist()
        if name in variables and isinstance(variables[name], Fact) and scale_of(variables[name]) > 1
    ]


def _put(column: pandas.Series, rows, values) -> pandas.Series:
    numbers = column.to_numpy(dtype=float, copy=True)
    numbers[rows] = values
    return pandas.Series(numbers, index=column.index)


def _before(ties: Ties, system, rows) -> Integers:
    fen = entitled(ties.population, system)
    return numpy.array([ties.money(row)[ties.unit[rows]] for row in fen])


def splitting(ties: Ties, system) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    """What splitting and merging would bring the enterprises of a population, before the pools.

    :returns: a summary by way (:data:`SUMMARY_HEADINGS`; gains weighted by sample weights) and the enterprises for
        which one pays, by their best single change (:data:`ENTERPRISE_HEADINGS`; unweighted yuan, largest gain first).
    """
    rows = numpy.flatnonzero(invested(ties, system))
    summary, enterprises = [], []
    for found in (split(ties, system, rows, "same"), split(ties, system, rows, "two"), merge(ties, system)):
        best = _best_of_enterprise(ties, found)
        weight = weights(ties.population)[found.rows[best]]
        summary.append(
            {
                "way": WAYS[found.way],
                "tried": len(found.rows),
                "gain": int((found.gain > 0).sum()),
                "same": int((found.gain == 0).sum()),
                "lose": int((found.gain < 0).sum()),
                "enterprises": len(best),
                "total": round(float((weight * found.gain[best]).sum())) / 100,
                "largest": found.gain[best].max(initial=0) / 100,
            }
        )
        enterprises += _enterprise_rows(ties, system, found, best)
    return (
        pandas.DataFrame(summary, columns=list(SUMMARY_HEADINGS)),
        pandas.DataFrame(enterprises, columns=list(ENTERPRISE_HEADINGS)),
    )


def invested(ties: Ties, system) -> numpy.ndarray:
    """Projects that state any amount (bool)."""
    projects = ties.population.projects
    return projects[amounts(projects, system)].fillna(0.0).sum(axis=1).to_numpy() > 0


def _best_of_enterprise(ties: Ties, found: Split) -> Integers:
    """For each enterprise that gains, the change that brings it most (numbers into ``found.rows``), largest gain
    first."""
    order = numpy.lexsort((found.rows, -found.gain))
    order = order[found.gain[order] > 0]
    _, first = numpy.unique(ties.population.enterprise_number[found.rows[order]], return_index=True)
    return order[numpy.sort(first)]


def _enterprise_rows(ties: Ties, system, found: Split, best) -> list[dict]:
    labels = [one.label for one in instruments(system)]
    projects = ties.population.projects
    rows = []
    for number in best:
        more = found.after[:, number] - found.before[:, number]
        rows.append(
            {
                "way": WAYS[found.way],
                "enterprise_id": str(projects["enterprise_id"].iloc[found.rows[number]]),
                "project_id": str(projects["project_id"].iloc[found.rows[number]]),
                "before": found.before[:, number].sum() / 100,
                "after": found.after[:, number].sum() / 100,
                "gain": found.gain[number] / 100,
                "instruments": "、".join(label for label, fen in zip(labels, more, strict=True) if fen > 0),
            }
        )
    return rows


def typical_sizes(
    ties: Ties, system, rows, facts: list[str], names: list[str], investments: list[list[int]]
) -> pandas.DataFrame:
    """What splitting brings typical projects of several sizes.

    :param rows, facts, names: typical projects, the fact that is their size, their names. :param investments: sizes
        (fen).
    :returns: columns of :data:`SIZE_HEADINGS` (yuan).
    """
    which = numpy.repeat(numpy.arange(len(rows)), [len(one) for one in investments])
    wanted = numpy.array([value for one in investments for value in one], dtype=numpy.int64)
    if not len(wanted):
        return pandas.DataFrame(columns=list(SIZE_HEADINGS)).astype(
            {name: float for name in SIZE_HEADINGS if name != "project"}
        )
    copies = Copies(ties, ties.unit[numpy.asarray(rows)[which]])
    places = copies.rows(numpy.asarray(rows)[which])
    for number, name in enumerate(facts):
        mine = which == number
        now = whole_numbers(copies.projects, system.variables[name], places[mine])
        raise_fact(copies.projects, system, places[mine], name, wanted[mine] - now)
    sized = Ties(copies.population())
    found = {way: split(sized, system, places, way) for way in ("same", "two")}
    whole = found["same"].before.sum(axis=0)
    table = {"project": numpy.array(names, dtype=object)[which], "investment": to_yuan(wanted), "whole": to_yuan(whole)}
    for way, one in found.items():
        table |= {way: to_yuan(one.after.sum(axis=0)), f"{way}_gain": to_yuan(one.gain)}
    return pandas.DataFrame(table)[list(SIZE_HEADINGS)]
