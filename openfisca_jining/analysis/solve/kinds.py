"""Why totals bend or jump: the first stage of the ledger at which an enterprise's own grants do."""

from __future__ import annotations

import itertools

import numpy
import pandas

from openfisca_jining.analysis.solve.components import Components
from openfisca_jining.analysis.solve.exact import Exact
from openfisca_jining.analysis.solve.kinks import Kinks
from openfisca_jining.instruments import INSTRUMENTS, STAGES
from openfisca_jining.money import FEN

#: What bends a curve: first stage at which it shows -> Chinese name.
KINDS = {
    "promised": "门槛",
    "capped": "限额",
    "best": "改选",
    "open": "改选",
    "chosen": "改选",
    "paid": "其他",
}
POOL = "资金池"
#: Kinks of pools nearer than this part of the range are one.
SAME = 10**6
#: Columns of the table of kinks and their Chinese headings.
KINK_HEADINGS = {
    "value": "参数值",
    "kind": "原因",
    "enterprises": "企业数",
    "jump": "合计跳变（资金池前）",
    "bend": "斜率变化（资金池前）",
    "who": "企业",
}


def kink_table(components: Components, kinks: Kinks, exact: Exact, pools, ids, unit: float) -> pandas.DataFrame:
    """Kinks of components by place and kind, and of pools, by value.

    :param pools: neighbouring steps between which a pool begins or ceases to bind. :param ids: enterprise ids of the population.
    :param unit: amount of the parameter for which ``bend`` is stated.
    :returns: columns of :data:`KINK_HEADINGS`: value; kind; number of enterprises (0: everyone with a claim on the pool);
        ``jump`` (yuan of the instruments wanted); ``bend``: by how much more yuan the total rises for each ``unit`` of the
        parameter; ``who`` (ids); and ``step``.
    """
    wanted = components.of(exact.wanted)
    kind, enterprises = causes(components, kinks, exact)
    _, step, fen = kinks.nodes
    slopes = [
        (fen[node + 1] - fen[node])[:, wanted].sum(axis=1) / numpy.maximum(step[node + 1] - step[node], 1)
        for node in (kinks.node - 1, kinks.node + 1)
    ]
    rows: dict[tuple[int, str], dict] = {}
    for number, at in enumerate(kinks.at.tolist()):
        row = rows.setdefault((at, kind[number]), {"jump": 0.0, "bend": 0.0, "who": []})
        row["jump"] += float(kinks.leap[number, wanted].sum()) / FEN
        row["bend"] += float(slopes[1][number] - slopes[0][number]) * exact.span.steps * unit / FEN
        row["who"] += [ids[one] for one in enterprises[number]]
    for _, at in apart(pools, (exact.span.high - exact.span.low) // SAME):
        rows[at, POOL] = {"jump": 0.0, "bend": float("nan"), "who": []}
    table = [
        {
            "step": at,
            "value": exact.span.value(at),
            "kind": kind,
            "enterprises": len(set(row["who"])),
            "jump": round(row["jump"], 2) if abs(row["jump"]) * FEN > NOISE else 0.0,
            "bend": row["bend"],
            "who": "、".join(map(str, dict.fromkeys(row["who"]))),
        }
        for (at, kind), row in sorted(rows.items())
    ]
    return pandas.DataFrame(table, columns=["step", *KINK_HEADINGS])


def apart(pools, gap: int) -> list[tuple[int, int]]:
    """Kinks of pools without those that come right after another: the last fen of several instruments under one pool."""
    kept: list[tuple[int, int]] = []
    for pair in sorted(pools):
        if not kept or pair[0] - kept[-1][1] > gap:
            kept.append(pair)
    return kept


def causes(components: Components, kinks: Kinks, exact: Exact) -> tuple[list[str], list[list[int]]]:
    """Of each kink: what bends there, and which enterprises (numbers in the population) it bends for."""
    owner, step, _ = kinks.nodes
    if not len(kinks.node):
        return [], []
    pooled = components.law.pooled  # 资金池要全部申请一起算，这里只看池之前
    stages = {
        stage: [
            name
            for name in (f"{key}__{suffixes[place]}" for key, suffixes in INSTRUMENTS.items())
            if name not in pooled
        ]
        for place, stage in enumerate(STAGES)
    }
    names = list(dict.fromkeys([*components.names, *(one for each in stages.values() for one in each)]))
    which, row, fen = components.rows(owner, exact.values(step), names)
    enterprises = components.lists["enterprise"]
    first = numpy.cumsum(enterprises.size[owner]) - enterprises.size[owner]
    member = components.law.concerned.member["enterprise"]
    place = first[which] + enterprises.rank[member[row]]
    sums = numpy.zeros((int(enterprises.size[owner].sum()), len(names)), dtype=numpy.int64)
    numpy.add.at(sums, place, fen)
    number = numpy.zeros(len(sums), dtype=numpy.int64)
    number[place] = components.enterprises(row)
    which, rank = _each(enterprises.size[kinks.component])
    at = [first[kinks.node + shift][which] + rank for shift in (-1, 0, 1, 2)]
    moved = _moves([sums[each] for each in at], [step[kinks.node + shift][which] for shift in (-1, 0, 1, 2)])
    moved &= moved[:, [names.index(name) for name in components.names]].any(axis=1)[:, None]
    of_stage = numpy.stack(
        [moved[:, [names.index(name) for name in each]].any(axis=1) for each in stages.values()], axis=1
    )
    kind, who = [], []
    for first_row, last_row in itertools.pairwise(numpy.searchsorted(which, numpy.arange(len(kinks.node) + 1))):
        shown, mine = of_stage[first_row:last_row], number[at[0]][first_row:last_row]
        kind.append(KINDS[STAGES[int(shown.any(axis=0).argmax())]] if shown.any() else KINDS["paid"])
        who.append((mine[shown.any(axis=1)] if shown.any() else mine).tolist())
    return kind, who


def _each(sizes):
    """Group and place in its group of each item of groups of these sizes."""
    which = numpy.repeat(numpy.arange(len(sizes)), sizes)
    return which, numpy.arange(len(which)) - numpy.repeat(numpy.cumsum(sizes) - sizes, sizes)


#: Fen of rounding that are no kink of an enterprise.
NOISE = 8


def _moves(sums, steps):
    """Which amounts jump between the two inner places or bend there (bool, rows by variables).

    :param sums: amounts at four places. :param steps: the places.
    """
    widths = [numpy.maximum(after - before, 1)[:, None] for before, after in itertools.pairwise(steps)]
    before = (sums[1] - sums[0]) / widths[0] * (steps[1] > steps[0])[:, None]
    after = (sums[3] - sums[2]) / widths[2] * (steps[3] > steps[2])[:, None]
    turn = numpy.abs(after - before)
    jump = numpy.abs(sums[2] - sums[1] - (before + after) / 2 * widths[1])
    bends = turn * numpy.minimum(widths[0], widths[2]) > NOISE
    return bends | (jump > NOISE + turn * widths[1] / 2)
