"""Cliffs: what a project gets just under a line and at it, and up to what distance padding up to the line pays for
itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy
import pandas

from openfisca_jining.analysis.notch.lines import COMPARISONS, Line
from openfisca_jining.analysis.notch.variants import ONE_YUAN, Integers, Ties, Varied, entitled_in, first_true
from openfisca_jining.money import to_fen

#: Where the search for the value that meets a line ends: ten billion yuan, ten thousand of anything that is counted.
FARTHEST = {100: 10**12, 1: 10**4}

HEADINGS = {
    "project": "项目",
    "document": "文件",
    "label": "线",
    "clause": "条款",
    "parameter": "参数",
    "value": "现值",
    "unit": "单位",
    "comparison": "比较",
    "fact": "变动的事实",
    "fact_unit": "事实的单位",
    "at": "到线时",
    "below": "线下一步合计得",
    "reached": "到线合计得",
    "jump": "合计一跳",
    "own_jump": "本项一跳",
    "width": "凑线合算的宽度",
    "start": "合算区间起点",
    "now": "现为",
    "missing": "还差",
    "gain": "凑线多得",
}


@dataclass(frozen=True)
class Case:
    """A line, and the project that comes up to it. :ivar name: of the project, for people."""

    line: Line
    row: int
    name: str


def cliff_table(ties: Ties, system, cases: list[Case], with_now: bool = False) -> pandas.DataFrame:
    """The cliff at each line. Money is before the pools, of the enterprise and those in consortia with it.

    :param with_now: the projects are real, so tell where they stand now.
    :returns: columns of :data:`HEADINGS`. Facts in yuan (or counts), money in yuan. ``at``: the first value of the
        fact that meets the line, nan if none does or the smallest does already. ``jump``: all instruments together;
        ``own_jump``: the instrument's own, under its cap. ``width``: the widest w for which (money at the line - money
        w below it) >= w, and so for every smaller one: an investor w below gains (or loses nothing) by padding, exact
        to the fen; nan = none.
    """
    varied = Varied(
        ties, system, numpy.array([case.row for case in cases], dtype=int), [case.line.fact for case in cases]
    )
    scale = numpy.array([varied.scale(number) for number in range(len(cases))])
    least = numpy.where(scale == 100, numpy.maximum(varied.least, 1), varied.least)  # 一分钱起：没有投资的不算项目
    at = first_true(_meets(varied, cases), least, numpy.array([FARTHEST[one] for one in scale]))
    there = numpy.flatnonzero(at >= 0)
    if not len(there):
        return _table([_about(case, system) for case in cases])
    below, own_below = _money(varied, cases, there, at[there] - 1)
    reached, own_reached = _money(varied, cases, there, at[there])
    width = numpy.where(reached - below >= ONE_YUAN, _widths(varied, there, at[there], reached, scale[there]), 0)
    now = varied.now
    missing = numpy.where(at[there] > now[there], at[there] - now[there], 0)
    standing = varied.money(there, now[there])
    rows = []
    for number, case in enumerate(cases):
        place = numpy.flatnonzero(there == number)
        row = _about(case, system)
        if len(place):
            one = place[0]
            row |= {
                "at": at[number] / scale[number],
                "below": below[one] / 100,
                "reached": reached[one] / 100,
                "jump": (reached[one] - below[one]) / 100,
                "own_jump": (own_reached[one] - own_below[one]) / 100,
            }
            if width[one] > 0:
                row |= {"width": width[one] / 100, "start": (at[number] - width[one]) / 100}
            if with_now:
                row["now"] = now[number] / scale[number]
            if with_now and missing[one]:
                row |= {"missing": missing[one] / scale[number], "gain": (reached[one] - standing[one]) / 100}
        rows.append(row)
    return _table(rows)


def _table(rows: list[dict]) -> pandas.DataFrame:
    texts = ("project", "document", "label", "clause", "parameter", "unit", "comparison", "fact", "fact_unit")
    table = pandas.DataFrame(rows, columns=list(HEADINGS))
    return table.astype({name: float for name in HEADINGS if name not in texts})


def _about(case: Case, system) -> dict:
    line = case.line
    return {
        "project": case.name,
        "document": line.instrument.label,
        "label": line.label,
        "clause": line.locator,
        "parameter": line.parameter,
        "value": line.value,
        "unit": line.unit,
        "comparison": COMPARISONS[line.comparison],
        "fact": system.variables[line.fact].label,
        "fact_unit": system.variables[line.fact].unit or "个",
    }


def _meets(varied: Varied, cases: list[Case]):
    """Whether the line of each case is met at a value of its fact."""

    def test(which, values) -> numpy.ndarray:
        _, facts, rows = varied.computed(which, values)
        met = numpy.zeros(len(rows), dtype=bool)
        for number, case in enumerate(cases):
            mine = which == number
            if mine.any():
                met[mine] = facts.met(case.line.condition)[rows[mine]]
        return met

    return test


def _money(varied: Varied, cases: list[Case], which, values) -> tuple[Integers, Integers]:
    """Whole fen of each case at a value of its fact: all instruments after choice, and the line's own one under its
    cap."""
    copies, facts, _ = varied.computed(which, values)
    total = copies.by_copy(entitled_in(facts.simulation, facts.period.start.year)).sum(axis=0)
    own = numpy.zeros(len(which), dtype=numpy.int64)
    for place, number in enumerate(which):
        capped = to_fen(facts.value(cases[number].line.instrument.stages[1]))
        own[place] = capped[copies.copy == place].sum()
    return total, own


def _widths(varied: Varied, which, at, reached, scale) -> Integers:
    """Width of the range below each line in which padding pays for itself (fen; 0 = none; only for facts in money)."""
    width = numpy.zeros(len(which), dtype=numpy.int64)
    chosen = numpy.flatnonzero(scale == 100)
    deepest = numpy.minimum(at - varied.least[which], reached + 1)  # 多投的不会超过到线后的全部所得

    def loses(places, widths) -> numpy.ndarray:
        one = chosen[places]
        return reached[one] - varied.money(which[one], at[one] - widths) < widths

    first = first_true(loses, numpy.zeros(len(chosen), dtype=int), deepest[chosen])
    width[chosen] = numpy.where(first >= 0, first - 1, deepest[chosen])
    return width
