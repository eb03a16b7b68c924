"""Where the law pays for investing up to a line, splitting, shifting a date or forming a consortium, and who sits
under a line.

Everything is computed by running the law on variants of facts, many at once; no formula is repeated here. The lines
are found from ``clauses/conditions.yaml`` and the parameter tree (``lines``), typical projects stand in the same file.
Money is before the pools and after the enterprise's choice (stage ``chosen``), as an enterprise cannot foresee the
pools, and is that of an enterprise together with those it shares a consortium with; only the cost of padding is also
given after the pools.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy
import pandas

from openfisca_jining.analysis.explain import Facts
from openfisca_jining.analysis.notch import bunching, cliffs, consortia, dates, margins, splitting
from openfisca_jining.analysis.notch.cliffs import Case, cliff_table
from openfisca_jining.analysis.notch.lines import Line, concerned_by, find_lines, other_thresholds, typical_population
from openfisca_jining.analysis.notch.variants import Ties, Varied, whole_numbers
from openfisca_jining.analysis.record import run_record
from openfisca_jining.errors import BadFact
from openfisca_jining.population import Population

#: Share of a line within which a project is close to it, unless told otherwise.
WITHIN = 0.05
OTHER_HEADINGS = {"parameter": "参数", "label": "门槛", "clause": "条款", "value": "现值", "unit": "单位"}


@dataclass(frozen=True)
class Part:
    """One part of the answer. :ivar table: rows. :ivar headings: column -> Chinese heading. :ivar note: what else to
    know."""

    table: pandas.DataFrame
    headings: dict[str, str]
    note: str = ""

    def to_pandas(self) -> pandas.DataFrame:
        """The table; money in yuan, shares as shares."""
        return self.table

    def in_chinese(self) -> pandas.DataFrame:
        """The table under its Chinese headings, with 是 and 否."""
        table = self.table.copy()
        for name in table.select_dtypes("bool").columns:
            table[name] = table[name].map({True: "是", False: "否"})
        return table.rename(columns=self.headings)

    def to_json(self) -> list[dict]:
        """Rows, JSON-ready (None where there is no number)."""
        plain = self.table.astype(object)
        return plain.where(plain.notna(), None).to_dict("records")


@dataclass(frozen=True)
class Notch:
    """Cliffs, kinks and gaming under one law.

    :ivar within: share of a line within which a project is close to it. :ivar enterprise: whose projects came up to
        the lines ("" = the typical ones). :ivar cliffs: see ``cliffs.HEADINGS``; ``others``: thresholds that move no
        project's money.
    :ivar margins: straight pieces along investment (``margins.HEADINGS``); ``panels``: panel of the chart -> names of
        its curves.
    :ivar splits, split_enterprises, sizes: splitting and merging: summary, enterprises, typical projects of several
        sizes.
    :ivar dates: applying on another day. :ivar consortia: forming one. :ivar bunching, near: lines and the projects
        under them; ``around``: where projects stand around each line (for the chart); ``padding``: cost if all of them
        padded up (``cost`` before, ``paid`` after the pools, yuan).
    :ivar about: typical project -> what it is. :ivar record: run record.
    """

    year: int
    within: float
    enterprise: str
    cliffs: Part
    others: Part
    margins: Part
    splits: Part
    split_enterprises: Part
    sizes: Part
    dates: Part
    consortia: Part
    bunching: Part
    near: Part
    around: pandas.DataFrame
    padding: dict[str, float]
    about: dict[str, str]
    record: dict
    panels: dict[str, list[str]] = field(default_factory=dict)

    #: Names of the parts.
    PARTS = (
        "cliffs", "others", "margins", "splits", "split_enterprises", "sizes", "dates", "consortia", "bunching", "near",
    )  # fmt: skip

    def to_pandas(self) -> pandas.DataFrame:
        """The cliff table. The other parts have their own ``to_pandas``."""
        return self.cliffs.table

    def to_json(self) -> dict:
        """All parts, JSON-ready; money in yuan."""
        parts = {name: getattr(self, name).to_json() for name in self.PARTS}
        about = {"year": self.year, "within": self.within, "enterprise": self.enterprise, "typical": self.about}
        return about | parts | {"padding": self.padding, "consortia_note": self.consortia.note, "record": self.record}


def notch(population: Population, system, *, within: float = WITHIN, enterprise: str = "") -> Notch:
    """Look for cliffs, kinks and ways of gaming.

    :param system: a tax and benefit system, reformed or not. :param within: share of a line, above 0 and below 1.
    :param enterprise: id of an enterprise of the population whose projects come up to the lines instead of the typical
        ones.
    :raises BadFact: no such enterprise, or ``within`` out of range. :raises MissingFact, UnstatedParameter: as
        ``budget``.
    """
    if not 0 < within < 1:
        raise BadFact(["within"], f"within 应大于 0、小于 1（如 0.05），收到 {within}。")
    ties = Ties(population)
    facts = Facts(population.simulation(system), population.year)
    found = find_lines(facts)
    subject = (
        real_projects(ties, facts, found, enterprise)
        if enterprise
        else typical_projects(population.year, system, found)
    )
    pieces = _margins(subject, system)
    summary, enterprises = splitting.splitting(ties, system)
    day_table = dates.shifting(population, system)
    groups, group_note = consortia.forming(ties, system, found)
    near = bunching.bunches(ties, system, found, within)
    jumps = cliff_table(subject.ties, system, subject.cases, with_now=bool(enterprise))
    return Notch(
        year=population.year,
        within=within,
        enterprise=enterprise,
        cliffs=Part(jumps[jumps["at"].notna()].reset_index(drop=True) if enterprise else jumps, cliffs.HEADINGS),
        others=Part(other_thresholds(system, population.year, found), OTHER_HEADINGS),
        margins=Part(pieces, margins.HEADINGS),
        splits=Part(summary, splitting.SUMMARY_HEADINGS),
        split_enterprises=Part(enterprises, splitting.ENTERPRISE_HEADINGS),
        sizes=Part(_sizes(subject, system, pieces), splitting.SIZE_HEADINGS),
        dates=Part(day_table, dates.HEADINGS),
        consortia=Part(groups, consortia.HEADINGS, group_note),
        bunching=Part(near.table, bunching.HEADINGS),
        near=Part(near.near, bunching.NEAR_HEADINGS),
        around=near.around,
        padding=near.padding,
        about=subject.about,
        record=run_record(population, system),
        panels=subject.panels,
    )


@dataclass(frozen=True)
class Subject:
    """The projects that come up to the lines.

    :ivar ties: their population. :ivar cases: lines and projects. :ivar curves: (row, fact, name) along which support
        is traced.
    :ivar about: name -> what it is. :ivar panels: panel of the chart -> names.
    """

    ties: Ties
    cases: list[Case]
    curves: list[tuple[int, str, str]]
    about: dict[str, str]
    panels: dict[str, list[str]]


def typical_projects(year: int, system, found: list[Line]) -> Subject:
    """The typical projects of ``clauses/conditions.yaml``, each with the line it is about."""
    population, entries, rows = typical_population(year)
    places = list(zip(entries, rows.tolist(), strict=True))
    cases = [
        Case(line, row, entry["name"]) for line in found for entry, row in places if entry.get("line") == line.parameter
    ]
    curves = [(row, one["varied"], one["name"]) for one, row in places if system.variables[one["varied"]].unit == "元"]
    panels: dict[str, list[str]] = {}
    for entry in entries:
        if "panel" in entry:
            panels.setdefault(entry["panel"], []).append(entry["name"])
    return Subject(Ties(population), cases, curves, {one["name"]: one["about"] for one in entries}, panels)


def real_projects(ties: Ties, facts: Facts, found: list[Line], enterprise: str) -> Subject:
    """The projects of one enterprise, each with the lines that are for it and that a fact it states comes up to."""
    population = ties.population
    mine = numpy.flatnonzero((population.projects["enterprise_id"].astype(str) == str(enterprise)).to_numpy())
    if not len(mine):
        raise BadFact(["enterprises", str(enterprise)], f"没有企业编号为 {enterprise} 的企业，或它没有申报任何项目。")
    ids = population.projects["project_id"].astype(str)
    cases, curves = [], {}
    for line in found:
        if not line.fact:
            continue
        wanted = concerned_by(line, facts, population)
        variable = facts.system.variables[line.fact]
        for row in mine[wanted[mine]].tolist():
            if whole_numbers(population.projects, variable, [row])[0] > 0:
                cases.append(Case(line, row, ids[row]))
                if variable.unit == "元":
                    curves[row, line.fact] = f"{ids[row]}（{variable.label}）"
    names = list(curves.values())
    listed = [(row, fact, name) for (row, fact), name in curves.items()]
    return Subject(
        ties, cases, listed, dict.fromkeys(names, f"企业 {enterprise} 的项目"), {f"企业 {enterprise}": names}
    )


def _varied(subject: Subject, system) -> Varied:
    rows = numpy.array([row for row, _, _ in subject.curves], dtype=int)
    return Varied(subject.ties, system, rows, [fact for _, fact, _ in subject.curves])


def _margins(subject: Subject, system) -> pandas.DataFrame:
    varied = _varied(subject, system)
    names = [name for _, _, name in subject.curves]
    return margins.pieces_table(names, varied.money, varied.least)


def _sizes(subject: Subject, system, pieces: pandas.DataFrame) -> pandas.DataFrame:
    """Splitting at one and a half times and twice every place where a curve bends or jumps."""
    investments = []
    for _, _, name in subject.curves:
        starts = pieces.loc[(pieces["project"] == name) & ~pieces["curved"], "start"].to_numpy()[1:]
        fen = (starts * 100).round().astype(numpy.int64)
        investments.append(sorted({value for one in fen.tolist() for value in (one * 3 // 2, one * 2)}))
    rows, facts, names = zip(*subject.curves, strict=True) if subject.curves else ((), (), ())
    return splitting.typical_sizes(subject.ties, system, list(rows), list(facts), list(names), investments)
