"""How much of the population sits just under a line: what padding up to it would take and bring, and what all of it
would cost."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy
import pandas

from openfisca_jining.analysis.budget import budget
from openfisca_jining.analysis.explain import Facts
from openfisca_jining.analysis.notch.lines import Line, concerned_by
from openfisca_jining.analysis.notch.variants import Integers, Ties, Varied, entitled, first_true, raise_fact, weights
from openfisca_jining.money import to_fen

#: Padding is looked for up to so many times the distance to the line (a share of a sum moves less than what is added).
REACH = 64
#: Share of a line within which projects are shown around it.
AROUND = 0.3

HEADINGS = {
    "document": "文件",
    "label": "线",
    "parameter": "参数",
    "value": "现值",
    "unit": "单位",
    "concerned": "涉及的项目",
    "near": "线下附近的项目",
    "share": "占涉及项目",
    "above": "线上附近的项目",
    "able": "凑线有钱可得的项目",
    "extra": "须多投（有钱可得的）",
    "grant": "凑线多得（有钱可得的）",
    "worth": "凑线合算的项目",
    "cost": "都凑线：资金池前多给",
    "paid": "都凑线：资金池后多付",
}
NEAR_HEADINGS = {
    "document": "文件",
    "label": "线",
    "enterprise_id": "企业编号",
    "project_id": "项目编号",
    "measured": "与线比较的数额",
    "line": "线为",
    "extra": "须多投",
    "grant": "凑线多得",
    "worth": "合算",
}


@dataclass(frozen=True)
class Near:
    """Projects just under one line. Arrays over ``rows``.

    :ivar measured, wanted: what is compared with the line, and the line (yuan or counts). :ivar extra: what the fact
        lacks (fen or counts; -1: no amount of it meets the line). :ivar gain: whole fen more for the unit at the line.
        :ivar alone: False for a project that another one's padding brings up as well (one sum for several projects).
    """

    line: Line
    rows: Integers
    measured: numpy.ndarray
    wanted: numpy.ndarray
    extra: Integers
    gain: Integers
    alone: numpy.ndarray

    @property
    def pads(self) -> numpy.ndarray:
        """Projects that would pad up to the line if all of them did (bool)."""
        return self.alone & (self.extra > 0)


@dataclass(frozen=True)
class Bunches:
    """See :func:`bunches`. :ivar table: one row per line (:data:`HEADINGS`). :ivar near: projects just under one
    (:data:`NEAR_HEADINGS`).
    :ivar around: ``document``, ``label`` and ``ratio`` (what is compared over the line) of the projects around each
        line.
    :ivar padding: ``cost`` and ``paid`` (yuan) if all projects padded up to all lines.
    """

    table: pandas.DataFrame
    near: pandas.DataFrame
    around: pandas.DataFrame
    padding: dict[str, float]


def bunches(ties: Ties, system, lines: list[Line], within: float) -> Bunches:
    """Projects just under (and above) each line, by the share ``within`` of the line.

    ``cost`` is before the pools, ``paid`` after them, computed on the whole population with all of these projects
    padded. ``extra`` and ``grant`` are sums over the projects that would get anything by padding. Yuan, weighted by
    sample weights.
    """
    population = ties.population
    facts = Facts(population.simulation(system), population.year)
    now = entitled(population, system).sum(axis=0)
    paid_now = budget(population, system).total
    weight = weights(population)
    table, projects, around, everything = [], [], [], []
    for line in lines:
        if not line.fact or line.value is None:
            continue
        concerned = concerned_by(line, facts, population)
        near = _near(ties, system, line, facts, concerned, within)
        everything.append(near)
        cost = _cost(ties, system, [near], now, paid_now) if near.pads.any() else {"cost": 0.0, "paid": 0.0}
        table.append(_summary(near, facts, concerned, within, weight) | cost)
        projects.append(_projects(ties, near))
        around.append(_around(line, facts, concerned))
    total = _cost(ties, system, everything, now, paid_now)
    listed = pandas.concat(projects) if projects else pandas.DataFrame(columns=list(NEAR_HEADINGS))
    listed = listed.sort_values("grant", ascending=False, kind="stable", ignore_index=True)
    ratios = (
        pandas.concat(around, ignore_index=True) if around else pandas.DataFrame(columns=["document", "label", "ratio"])
    )
    return Bunches(pandas.DataFrame(table, columns=list(HEADINGS)), listed, ratios, total)


def _compared(line: Line, facts: Facts) -> tuple[numpy.ndarray, numpy.ndarray]:
    """What is compared with the line, and the line, on each project (yuan or counts; 0 where there is no line)."""
    return facts.value(line.condition["amount"]), numpy.nan_to_num(facts.line(line.condition))


def _near(ties: Ties, system, line: Line, facts: Facts, concerned, within: float) -> Near:
    measured, wanted = _compared(line, facts)
    least = to_fen((1 - within) * wanted)
    under = concerned & ~facts.met(line.condition) & (to_fen(measured) >= least) & (measured > 0)
    rows = numpy.flatnonzero(under)
    varied = Varied(ties, system, rows, [line.fact] * len(rows))
    now = varied.now
    scale = numpy.array([varied.scale(number) for number in range(len(rows))], dtype=numpy.int64)
    gap = numpy.maximum(numpy.ceil((wanted - measured)[rows] * scale).astype(numpy.int64), 0) + 1

    def met(which, values) -> numpy.ndarray:
        _, found, places = varied.computed(which, values)
        return found.met(line.condition)[places]

    reached = first_true(met, now, now + REACH * gap)
    extra = numpy.where(reached >= 0, reached - now, -1)
    gain, alone = _padded(ties, varied, line, rows, extra)
    return Near(line, rows, measured[rows], wanted[rows], extra, gain, alone)


def _padded(ties: Ties, varied: Varied, line: Line, rows: Integers, extra: Integers) -> tuple[Integers, numpy.ndarray]:
    """What each project gains by padding alone, and whether it is to be counted: not if a better one's padding lifts
    it too."""
    gain, alone = numpy.zeros(len(rows), dtype=numpy.int64), numpy.ones(len(rows), dtype=bool)
    which = numpy.flatnonzero(extra > 0)
    if not len(which):
        return gain, alone
    before = ties.money(entitled(ties.population, varied.system).sum(axis=0))[ties.unit[rows[which]]]
    copies, facts, _ = varied.computed(which, (varied.now + extra)[which])
    gain[which] = copies.money(varied.system).sum(axis=0) - before
    lifted = facts.met(line.condition) & numpy.isin(copies.source, rows)
    for place in sorted(range(len(which)), key=lambda one: -gain[which[one]]):
        number = which[place]
        others = copies.source[lifted & (copies.copy == place)]
        if alone[number]:
            alone[numpy.isin(rows, others) & (numpy.arange(len(rows)) != number)] = False
    return gain, alone


def _summary(near: Near, facts: Facts, concerned, within: float, weight) -> dict:
    measured, wanted = _compared(near.line, facts)
    above = concerned & facts.met(near.line.condition) & (to_fen(measured) <= to_fen((1 + within) * wanted))
    able = near.pads & (near.gain > 0)
    money = facts.system.variables[near.line.fact].unit == "元"
    extra = (weight[near.rows] * near.extra)[able].sum()
    return {
        "document": near.line.instrument.label,
        "label": near.line.label,
        "parameter": near.line.parameter,
        "value": float(near.line.value or 0.0),
        "unit": near.line.unit,
        "concerned": int(concerned.sum()),
        "near": len(near.rows),
        "share": len(near.rows) / int(concerned.sum()) if concerned.any() else 0.0,
        "above": int(above.sum()),
        "able": int(able.sum()),
        "extra": round(float(extra)) / 100 if money else numpy.nan,
        "grant": round(float((weight[near.rows] * near.gain)[able].sum())) / 100,
        "worth": int((able & (near.gain >= near.extra)).sum()) if money else int(able.sum()),
    }


def _around(line: Line, facts: Facts, concerned) -> pandas.DataFrame:
    measured, wanted = _compared(line, facts)
    ratio = measured / numpy.where(wanted > 0, wanted, numpy.nan)
    shown = concerned & (numpy.abs(ratio - 1) <= AROUND)
    return pandas.DataFrame({"document": line.instrument.label, "label": line.label, "ratio": ratio[shown]})


def _projects(ties: Ties, near: Near) -> pandas.DataFrame:
    ids = ties.population.projects.iloc[near.rows]
    return pandas.DataFrame(
        {
            "document": near.line.instrument.label,
            "label": near.line.label,
            "enterprise_id": ids["enterprise_id"].astype(str).to_numpy(),
            "project_id": ids["project_id"].astype(str).to_numpy(),
            "measured": near.measured.astype(float),
            "line": near.wanted,
            "extra": numpy.where(near.extra >= 0, near.extra / 100, numpy.nan),
            "grant": near.gain / 100,
            "worth": near.pads & (near.gain > 0) & (near.gain >= near.extra),
        }
    )


def _cost(ties: Ties, system, found: list[Near], now: Integers, paid_now: float) -> dict[str, float]:
    """What padding all projects near some lines costs: yuan before and after the pools, the law run on the whole
    population."""
    projects = ties.population.projects.copy()
    wanted: dict[tuple[str, int], int] = {}
    for near in found:
        for row, extra in zip(near.rows[near.pads].tolist(), near.extra[near.pads].tolist(), strict=True):
            key = (near.line.fact, row)
            wanted[key] = max(extra, wanted.get(key, 0))
    for fact in dict.fromkeys(name for name, _ in wanted):
        rows = [row for name, row in wanted if name == fact]
        raise_fact(projects, system, rows, fact, [wanted[fact, row] for row in rows])
    padded = dataclasses.replace(ties.population, projects=projects)
    more = entitled(padded, system).sum(axis=0) - now
    cost = round(float((weights(padded) * more).sum())) / 100
    return {"cost": cost, "paid": round(float(budget(padded, system).total - paid_now), 2)}
