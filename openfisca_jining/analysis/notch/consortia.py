"""Forming a consortium: what enterprises that get nothing alone could get together with a leader, and with one
another."""

from __future__ import annotations

import itertools

import numpy
import pandas

from openfisca_jining.analysis.explain import Facts, declared, set_cells
from openfisca_jining.analysis.notch.lines import Line
from openfisca_jining.analysis.notch.variants import (
    ONE_YUAN,
    Copies,
    Integers,
    Ties,
    entitled,
    entitled_in,
    named_consortia,
    whole_numbers,
)
from openfisca_jining.errors import JiningError
from openfisca_jining.money import sum_fen

#: Most enterprises under the line that are tried (the largest investments), and most groups of them with a leader.
MOST_CANDIDATES, MOST_GROUPS = 40, 20_000

HEADINGS = {
    "enterprise_id": "企业编号",
    "project_id": "项目编号",
    "investment": "设备投资",
    "leader": "牵头企业",
    "others": "另一家",
    "joint": "合计投资",
    "own": "本企业得",
    "gain": "各家共多得",
}


def forming(ties: Ties, system, lines: list[Line]) -> tuple[pandas.DataFrame, str]:
    """The best consortium for each enterprise of the territory that is entitled to nothing now, before the pools.

    Tried are all pairs with a project of an enterprise that may lead (alone or in a consortium it leads already), and
    all groups of two such enterprises with one. Each is computed on its own: they cannot be added up, as a leader
    leads once.

    :returns: columns of :data:`HEADINGS` (yuan), only where something is gained, largest gain first; and a note: how
        many were tried, or why nothing could be.
    """
    line = next((one for one in lines if one.instrument.by_consortium and one.fact and one.unit == "元"), None)
    if line is None:
        return _empty(), "现行法下没有以共同体为单位的门槛。"
    facts = Facts(ties.population.simulation(system), ties.population.year)
    candidates, leaders = under_the_line(ties, facts, line), may_lead(ties, facts, line)
    groups = _groups(ties, candidates, leaders)
    tried = groups[:MOST_GROUPS]
    if not tried:
        return (
            _empty(),
            f"区内有 {len(candidates)} 家企业什么都得不到，可以牵头的项目 {len(leaders)} 个，组不成共同体。",
        )
    try:
        table = _computed(ties, system, line, tried)
    except JiningError as error:
        return _empty(), f"不能测算：{error.message}"
    rest = f"（共 {len(groups)} 种，先试两家的）" if len(groups) > len(tried) else ""
    return table, (
        f"区内有 {len(candidates)} 家企业什么都得不到，可以牵头的项目 {len(leaders)} 个；试了 {len(tried)} 种组合{rest}，"
        f"{len(table)} 家组成共同体后有钱可得。"
    )


def under_the_line(ties: Ties, facts: Facts, line: Line) -> Integers:
    """Projects of the territory that invest, are in no consortium and whose enterprise gets nothing, largest first."""
    territory = declared()["documents"][line.instrument.document]["territory"]
    money = ties.money(entitled_in(facts.simulation, ties.population.year).sum(axis=0))[ties.unit]
    invested = facts.value(line.fact)
    wanted = facts.met(territory) & (money == 0) & (invested > 0) & (named_consortia(ties.population) == "")
    rows = numpy.flatnonzero(wanted)
    return rows[numpy.argsort(-invested[rows], kind="stable")][:MOST_CANDIDATES]


def may_lead(ties: Ties, facts: Facts, line: Line) -> Integers:
    """Projects that invest, of enterprises that may lead a consortium."""
    leads = numpy.any([facts.value(name) for name in declared()["forming"]["leads"]], axis=0)
    return numpy.flatnonzero(leads & (facts.value(line.fact) > 0))


def _groups(ties: Ties, candidates: Integers, leaders: Integers) -> list[tuple[int, ...]]:
    """(leader, enterprise) and (leader, enterprise, enterprise), all of different units."""
    unit = ties.unit
    pairs: list[tuple[int, ...]] = [
        (int(one), int(two)) for one in leaders for two in candidates if unit[one] != unit[two]
    ]
    triples: list[tuple[int, ...]] = [
        (int(one), int(two), int(three))
        for one in leaders
        for two, three in itertools.combinations(candidates, 2)
        if len({unit[one], unit[two], unit[three]}) == 3
    ]
    return pairs + triples


def _computed(ties: Ties, system, line: Line, groups: list[tuple[int, ...]]) -> pandas.DataFrame:
    """The best group of each enterprise: the one that brings it most, then the one that brings most to all."""
    members = numpy.array([row for group in groups for row in group])
    number = numpy.repeat(numpy.arange(len(groups)), [len(group) for group in groups])
    copies = joined(ties, system, members, number)
    fen = entitled(copies.population(), system).sum(axis=0)
    before = ties.money(entitled(ties.population, system).sum(axis=0))[ties.unit[members]]
    own = sum_fen(fen, copies.entry, len(members))
    invested = whole_numbers(copies.projects, system.variables[line.fact], numpy.arange(len(copies.projects)))
    place = copies.rows(members)
    together = pandas.Series(invested).groupby(copies.projects["consortium_id"]).sum()
    table = pandas.DataFrame(
        {
            "row": members,
            "group": number,
            "investment": invested[place] / 100,
            "joint": together[copies.projects["consortium_id"].iloc[place]].to_numpy() / 100,
            "own": own / 100,
            "gain": sum_fen(own - before, number, len(groups))[number] / 100,
        }
    )
    follows = numpy.diff(number, prepend=-1) == 0
    table = table[follows & (table["own"] * 100 >= ONE_YUAN) & (table["gain"] * 100 >= ONE_YUAN)]
    table = table.sort_values(["own", "gain"], ascending=False, kind="stable").drop_duplicates("row")
    return _named(ties, table, groups)[list(HEADINGS)]


def joined(ties: Ties, system, members: Integers, number: Integers) -> Copies:
    """Copies of groups of projects as consortia: the first of each group leads, or takes the others into the one it is
    in."""
    copies = Copies(ties, ties.unit[members], number)
    leads = numpy.diff(number, prepend=-1) != 0
    existing = named_consortia(ties.population)[members[leads]]
    names = numpy.array([f"{name or '新'}#{copy}" for copy, name in enumerate(existing)], dtype=object)
    if "consortium_id" not in copies.projects:
        copies.projects["consortium_id"] = ""
    places = copies.rows(members)
    copies.projects.loc[places, "consortium_id"] = names[number]
    new = places[leads][existing == ""]
    marks = system.variables[declared()["forming"]["marks_lead"]]
    set_cells(copies.projects, marks, new.tolist(), [True] * len(new))
    return copies


def _named(ties: Ties, table: pandas.DataFrame, groups: list[tuple[int, ...]]) -> pandas.DataFrame:
    """The table with the ids of the enterprise, the leader and the third."""
    projects, existing = ties.population.projects, named_consortia(ties.population)

    def firm(row: int) -> str:
        return str(projects["enterprise_id"].iloc[row])

    leaders, others = [], []
    for row, number in zip(table["row"], table["group"], strict=True):
        leader, *rest = groups[number]
        leaders.append(firm(leader) + (f"（已有共同体 {existing[leader]}）" if existing[leader] else ""))
        others.append("、".join(firm(one) for one in rest if one != row))
    ids = {name: projects[name].iloc[table["row"]].astype(str).to_numpy() for name in ("enterprise_id", "project_id")}
    return table.assign(**ids, leader=leaders, others=others).reset_index(drop=True)


def _empty() -> pandas.DataFrame:
    return pandas.DataFrame(columns=list(HEADINGS)).astype(dict.fromkeys(("investment", "joint", "own", "gain"), float))
