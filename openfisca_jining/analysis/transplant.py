"""One document's rules on another place's enterprises, and what has no counterpart there.

The enterprises of the place are taken to be registered in the document's territory. A document that covers both places (a city's over
one of its districts) goes on; one that covers only the old place ceases; what else is in force in the new place does not come along.
Facts stay as they are stated. A fact that the document asks for and nobody has stated is not made up: the default that the model takes
is named, and an enterprise that lacks a fact without a default is left out and listed.

Nothing here knows a clause: what a document asks for, its caps and its pools are read from ``clauses/conditions.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy
import pandas

from openfisca_jining import written
from openfisca_jining.analysis.budget import to_fen_signed, traits, unstated_lines
from openfisca_jining.analysis.explain import Facts, declared, members
from openfisca_jining.analysis.record import run_record
from openfisca_jining.classifications import JINING, ZAOZHUANG, County, EnterpriseSize, YieldPerMu
from openfisca_jining.clauses.register import documents
from openfisca_jining.errors import BadFact, MissingFact, UnknownParameter
from openfisca_jining.instruments import Instrument, instruments
from openfisca_jining.law import NO_DATE, find, leaves
from openfisca_jining.money import sum_fen, to_yuan
from openfisca_jining.population import Population
from openfisca_jining.population.columns import COLUMNS, read_column
from openfisca_jining.reforming import reformed
from openfisca_jining.variable_types import Fact

CITIES: dict[str, tuple[Any, ...]] = {"济宁市": JINING, "枣庄市": ZAOZHUANG}
#: What results can be broken down by (as at home), with headings.
GROUPS = {"enterprise_size": "企业规模", "yield_per_mu_class": "亩产效益评价", "county": "县（市、区）"}
_ORDER: dict[str, Any] = {"enterprise_size": EnterpriseSize, "yield_per_mu_class": YieldPerMu, "county": County}
#: A day before every document, on which a document ends that is closed.
NEVER = "1900-01-02"
#: Name of an Enum's member that says that nothing was stated.
UNSTATED = "unstated"
TERMS = {"cap": "限额", "pool": "资金池"}
#: Variables about the place and the day of a claim, which the move sees to.
PLACE_AND_TIME = ("__application_date", "__in_force", "__in_scope")


@dataclass(frozen=True)
class Transplant:
    """Grants of a place's enterprises at home and under a document of another place.

    Money is in yuan, weighted by the sample weights, before the pools, or after them if ``pools``. Enterprises that were left out count
    on neither side.

    :ivar document: id. :ivar title: its short name. :ivar place: whose enterprises. :ivar year: claim year of the transplanted claims.
    :ivar relabelled: enterprises that are not in the document's territory by themselves.
    :ivar enterprises: one row per enterprise: ``enterprise_id``, ``name``, ``county``, ``enterprise_size``, ``yield_per_mu_class`` (as at
        home), ``home``, ``after``, ``difference``.
    :ivar instruments: one row per instrument with money on either side: ``document``, ``instrument``, ``kind``, ``home``, ``after``,
        ``difference``.
    :ivar facts: facts the document asks for that somebody does not state: ``fact``, ``label``, ``instruments``, ``asked`` (what for),
        ``unstated`` and ``of`` (enterprises concerned), ``taken`` (what the model takes for it).
    :ivar kinds: kinds of instrument: ``kind``, ``home`` and ``after`` (labels), ``note``. :ivar terms: caps and pools: ``side``,
        ``instrument``, ``payer``, ``term``, ``words``, ``amount`` (nan: not stated), ``note``.
    :ivar unstated: quantities that the document leaves open: ``clause``, ``label``, ``parameter``.
    :ivar dates: ``windows`` (open days of the document in the year), ``projects`` and ``enterprises`` with a claim outside them,
        ``moved_to`` (ISO date or None).
    :ivar left_out: enterprises that could not be computed: ``enterprise_id``, ``name``, ``county``, ``home``, ``fact``, ``reason``.
    :ivar assumed: facts supplied: ``fact``, ``label``, ``value``, ``number`` (rows that did not state it).
    :ivar record: run record of the law and the data at home.
    """

    document: str
    title: str
    place: str
    year: int
    pools: bool
    relabelled: int
    enterprises: pandas.DataFrame
    instruments: pandas.DataFrame
    facts: pandas.DataFrame
    kinds: pandas.DataFrame
    terms: pandas.DataFrame
    unstated: pandas.DataFrame
    dates: dict
    left_out: pandas.DataFrame
    assumed: pandas.DataFrame
    record: dict

    def total(self, side: str) -> float:
        """Sum over the enterprises of ``home``, ``after`` or ``difference``, yuan."""
        return float(to_yuan(to_fen_signed(self.enterprises[side]).sum()))

    def counts(self) -> dict[str, int]:
        """Enterprises that gain, lose and stay the same."""
        sign = numpy.sign(self.enterprises["difference"])
        return {"gain": int((sign > 0).sum()), "lose": int((sign < 0).sum()), "same": int((sign == 0).sum())}

    def by(self, group: str) -> pandas.DataFrame:
        """Home, after, difference (yuan), and enterprises that gain, lose and stay, by one of :data:`GROUPS`."""
        sign = numpy.sign(self.enterprises["difference"])
        table = self.enterprises.assign(gain=sign > 0, lose=sign < 0, same=sign == 0)
        table = _summed(table, group, "gain", "lose", "same")
        in_order = [member.value for member in _ORDER[group] if member.value in table.index]
        return table.loc[in_order + [name for name in table.index if name not in in_order]]

    def by_kind(self) -> pandas.DataFrame:
        """Home, after and difference (yuan) by kind of instrument."""
        return _summed(self.instruments, "kind")

    def to_pandas(self) -> pandas.DataFrame:
        """One row per enterprise."""
        return self.enterprises.copy()

    def to_json(self) -> dict:
        """JSON-ready; money in yuan."""
        plain = ("document", "title", "place", "year", "pools", "relabelled", "dates", "record")
        tables = ("enterprises", "instruments", "facts", "kinds", "terms", "unstated", "left_out", "assumed")
        totals = {side: self.total(side) for side in ("home", "after", "difference")}
        rows = {name: getattr(self, name).astype(object) for name in tables}
        rows = {name: table.where(table.notna(), None).to_dict("records") for name, table in rows.items()}
        return {**{name: getattr(self, name) for name in plain}, **totals, "counts": self.counts(), **rows}


def _summed(table: pandas.DataFrame, group: str, *counted: str) -> pandas.DataFrame:
    """Money summed to the fen, and numbers counted, by a column, in the order of first use."""
    money = ["home", "after", "difference"]
    fen = table.assign(**{name: to_fen_signed(table[name]) for name in money})
    result = fen.groupby(group, sort=False)[[*money, *counted]].sum()
    return result.assign(**{name: to_yuan(result[name].to_numpy(dtype=numpy.int64)) for name in money})


def transplant(
    population: Population,
    system,
    document: str,
    place: str,
    *,
    assume: Mapping[str, object] | None = None,
    date: str | None = None,
    pools: bool = False,
    say: Callable[[str], None] = lambda text: None,
) -> Transplant:
    """Compute a place's enterprises under a document of another place, and name what has no counterpart.

    :param document: id of a document with instruments, e.g. ``zaozhuang_2020``. :param place: 济宁市, 枣庄市 or a county-level unit, in
        Chinese or by its name in ``classifications.County``: whose enterprises.
    :param assume: fact -> value (as a table states it, or a Python value), for the enterprises and projects that do not state it.
    :param date: ``YYYY-MM-DD``: the claims are taken to be made on that day, and in its year, so that the document is in force.
    :param pools: after the pools. By default before them: who pays has no counterpart. :param say: called with what is going on.
    :raises UnknownParameter: no such document or fact. :raises BadFact: no such place, nobody there, a date or value that does not fit.
    :raises MissingFact, UnstatedParameter: the law at home cannot be computed, or the document needs a quantity it does not state.
    """
    case = Case(population, system, document, place, pools)
    moved, assumed = case.moved(assume or {}, date)
    say("正在测算本地政策")
    home = grants(population, system, case.listed, pools)
    say("正在测算移入的政策")
    left_out = refused(moved, case, say)
    compared = [one for one in case.ids if one not in left_out]
    after, facts = home.loc[[]], case.lacking(left_out)
    dates: dict = {"windows": [], "projects": 0, "enterprises": 0}
    if compared:
        rest = _only(moved, ~moved.enterprises["enterprise_id"].isin(left_out).to_numpy())
        after = grants(rest, case.law, case.listed, pools).loc[compared]
        facts, dates = facts + case.facts(rest), case.dates(rest)
    return Transplant(
        document,
        documents()[document]["short"],
        place,
        moved.year,
        pools,
        case.relabelled,
        case.enterprises(home.loc[compared], after),
        case.instruments(home.loc[compared], after),
        _table(facts, FACT_COLUMNS),
        case.kinds(),
        case.terms(moved.year),
        case.unstated(),
        dates | {"moved_to": date},
        case.left_out(home, left_out),
        assumed,
        run_record(population, system),
    )


NOT_COMPUTED = "没有可用的缺省值：这些企业没有计算。"
FACT_COLUMNS = ("fact", "label", "instruments", "asked", "unstated", "of", "taken")
TERM_COLUMNS = ("side", "instrument", "payer", "term", "words", "amount", "note")


# ----- money -----


def grants(population: Population, system, listed: Sequence[Instrument], pools: bool) -> pandas.DataFrame:
    """Whole fen, weighted, by enterprise id (rows) and instrument (columns), before or after the pools."""
    simulation, year = population.simulation(system), str(population.year)
    weight = simulation.populations["project"].enterprise("weight", year)
    size, group = len(population.enterprises), population.enterprise_number
    fen = {
        one.name: sum_fen(
            to_fen_signed(weight * simulation.calculate(one.stages[-1 if pools else -2], year)), group, size
        )
        for one in listed
    }
    return pandas.DataFrame(fen, index=pandas.Index(population.enterprises["enterprise_id"]))


def closed(system, names: Iterable[str]):
    """A system in which some documents were never in force."""
    ends = [leaf.name for name in names for leaf in leaves(find(system.parameters, f"{name}.validity.last_day"))]
    return reformed(system, changes=[(path, NEVER, NEVER) for path in ends], name="未随同移入的文件不执行")


def refused(moved: Population, case: Case, say: Callable[[str], None]) -> dict[str, tuple[str, str]]:
    """Enterprises of the place that cannot be computed after the move: id -> (fact, reason). The others can, together.

    Consortium partners stand and fall together. Found by halving; those that state the missing fact are kept apart from the others.
    """
    ids = moved.enterprises["enterprise_id"].to_numpy()
    host = numpy.isin(ids, case.ids)
    unit = _units(moved)
    found: dict[str, tuple[str, str]] = {}
    waiting = [numpy.unique(unit[host])]
    while waiting:
        units = waiting.pop()
        say(f"正在找缺事实的企业，已找到 {len(found)} 家")
        mine = numpy.isin(unit, units)
        try:
            grants(_only(moved, mine), case.law, case.listed, case.pools)
        except (MissingFact, BadFact) as error:
            fact = _fact_named(error)
            if len(units) == 1:
                reason = _reason(error, case.law, fact)
                partner = states(moved, fact) if isinstance(error, MissingFact) else numpy.zeros(len(ids), dtype=bool)
                for row in numpy.flatnonzero(mine & host):
                    found[ids[row]] = fact, f"同一共同体的企业{reason}" if partner[row] else reason
                continue
            lacking = numpy.unique(unit[mine & ~states(moved, fact)])
            first = lacking if 0 < len(lacking) < len(units) else units[: len(units) // 2]
            waiting += [first, numpy.setdiff1d(units, first)]
    return found


def _units(population: Population) -> numpy.ndarray:
    """Number of the group of enterprises that share consortia, directly or through others, on each enterprise."""
    members, _ = population.memberships["consortium"]
    unit = numpy.arange(len(population.enterprises))
    while True:
        lowest = numpy.full(members.max() + 1, len(unit))
        numpy.minimum.at(lowest, members, unit[population.enterprise_number])
        joined = unit.copy()
        numpy.minimum.at(joined, population.enterprise_number, lowest[members])
        if (joined == unit).all():
            return unit
        unit = joined


def _fact_named(error) -> str:
    """The fact that an error is about: the last name on its path."""
    node, name = error.error, ""
    while isinstance(node, dict):
        ((name, node),) = node.items()
    return name


def _reason(error, system, fact: str) -> str:
    if isinstance(error, MissingFact):
        return f"没有填「{system.variables[fact].label}」，它决定金额，没有可用的缺省值"
    return re.sub(r"^第 \d+ 个[^「]*(「[^」]*」)?的", "", error.message)


# ----- tables -----


def states(population: Population, fact: str) -> numpy.ndarray:
    """Whether each enterprise states a fact, on all its projects if it is a fact of projects (bool)."""
    if fact in population.enterprises:
        return stated(population.enterprises[fact])
    result = numpy.full(len(population.enterprises), fact in population.projects)
    if fact in population.projects:
        result[population.enterprise_number[~stated(population.projects[fact])]] = False
    return result


def stated(column: pandas.Series) -> numpy.ndarray:
    """Which cells of a fact's column say anything (blank, unstated member of an Enum, 1970-01-01: nothing)."""
    result = column.notna().to_numpy()
    if column.dtype.kind == "M":
        return result & (column.to_numpy().astype("datetime64[D]") != NO_DATE)
    return result & (column != UNSTATED).to_numpy() if column.dtype == object else result


def _only(population: Population, keep: numpy.ndarray) -> Population:
    """The population without some enterprises and their projects. :param keep: bool of each enterprise."""
    projects = population.projects[keep[population.enterprise_number]].reset_index(drop=True)
    enterprises = population.enterprises[keep].reset_index(drop=True)
    return Population(population.year, projects, enterprises, population.source, population.synthetic, population.notes)


def _table(rows: list, columns: Sequence[str]) -> pandas.DataFrame:
    return pandas.DataFrame(rows, columns=list(columns))


# ----- places -----


def counties_of(place: str) -> tuple[Any, ...]:
    """County-level units of 济宁市 or 枣庄市, or the one of that name. :raises BadFact: no such place."""
    if place in CITIES:
        return CITIES[place]
    known = [county for county in (*JINING, *ZAOZHUANG) if place in (county.value, county.name)]
    if not known:
        options = "、".join([*CITIES, *(county.value for county in (*JINING, *ZAOZHUANG))])
        raise BadFact(["to"], f"不认识「{place}」。可选：{options}。")
    return tuple(known)


class Case:
    """A document, the place that it is moved to, and the law there afterwards.

    :ivar listed: all instruments. :ivar ids: enterprises of the place that have projects. :ivar at_home: documents that cover the
        place. :ivar afterwards: documents that hold there after the move. :ivar law: with all others closed.
    """

    def __init__(self, population: Population, system, document: str, place: str, pools: bool) -> None:
        self.population, self.system, self.document, self.place, self.pools = population, system, document, place, pools
        self.listed = instruments(system)
        known = list(dict.fromkeys(one.document for one in self.listed))
        if document not in known:
            raise UnknownParameter([document], f"没有按项目计算资金的文件 {document}。可选：{'、'.join(known)}。")
        if "county" not in population.enterprises:
            raise BadFact(["county"], "数据里没有注册地，无法知道哪些企业在当地。")
        counties = {county.name for county in counties_of(place)}
        here = population.enterprises["county"].isin(counties).to_numpy()
        self.here = here & (numpy.bincount(population.enterprise_number, minlength=len(here)) > 0)
        if not self.here.any():
            raise BadFact(["county"], f"数据里没有注册在{place}的企业。")
        self.ids = population.enterprises["enterprise_id"][self.here].tolist()
        self.territory = {name: self._territory(name) for name in known}
        self.outside = self.here & ~population.enterprises["county"].isin(self.territory[document]).to_numpy()
        self.relabelled = int(self.outside.sum())
        self.target = self._target()
        self.at_home = [name for name in known if self.territory[name] & counties]
        then = counties & self.territory[document] | ({self.target} if self.relabelled else set())
        covering = [name for name in known if self.territory[name] & then]
        self.afterwards = [name for name in covering if name in (*self.at_home, document)]
        self.law = closed(system, [name for name in covering if name not in self.afterwards])

    def _territory(self, name: str) -> set[str]:
        county = self.system.get_variable("county")
        return {member.name for member in members(county, declared()["documents"][name]["territory"]["among"])}

    def _target(self) -> str:
        """The county of the document's territory that the fewest other documents cover."""
        others = [territory for name, territory in self.territory.items() if name != self.document]
        inside = [county.name for county in County if county.name in self.territory[self.document]]
        return min(inside, key=lambda county: sum(county in territory for territory in others))

    # ----- the move -----

    def moved(self, assume: Mapping[str, object], date: str | None) -> tuple[Population, pandas.DataFrame]:
        """The population after the move, and what was supplied."""
        enterprises, projects = self.population.enterprises.copy(), self.population.projects.copy()
        here, mine = self.here, self.here[self.population.enterprise_number]
        enterprises.loc[self.outside, "county"] = self.target
        supplied = []
        for fact, value in assume.items():
            variable, given = self._supplied(fact, value)
            table, rows = (projects, mine) if variable.entity.key == "project" else (enterprises, here)
            blank = rows & ~stated(table[fact]) if fact in table else rows
            table[fact] = _filled(table.get(fact), blank, given)
            supplied.append([fact, variable.label, str(value), int(blank.sum())])
        year = self.population.year
        if date is not None:
            year = self._day(date).year
            projects["application_date"] = _filled(projects.get("application_date"), mine, numpy.datetime64(date, "s"))
            if "city_application_date" in projects:
                projects.loc[mine, "city_application_date"] = pandas.NaT
        moved = Population(
            year, projects, enterprises, self.population.source, self.population.synthetic, self.population.notes
        )
        if self.pools:
            moved = _only(moved, here | self._same_city())
        if date is not None:
            self._refuse_closed(moved, date)
        return moved, _table(supplied, ("fact", "label", "value", "number"))

    def _same_city(self) -> numpy.ndarray:
        """Enterprises of the city of the place."""
        county = self.population.enterprises["county"]
        first = county[self.here].iloc[0]
        city = next(city for city in CITIES.values() if first in {one.name for one in city})
        return county.isin([one.name for one in city]).to_numpy()

    def _supplied(self, fact: str, value):
        """The variable of a fact and its value as a population holds it. :raises UnknownParameter, BadFact:"""
        variable = self.system.variables.get(fact)
        if not isinstance(variable, Fact) or fact not in COLUMNS or fact == "county":
            raise UnknownParameter([fact], f"不能假定「{fact}」：没有这个事实，或不能由使用者假定。")
        if not isinstance(value, str):
            return variable, value
        if COLUMNS[fact].kind == "money":
            try:
                return variable, float(written.number(value, variable.unit))
            except ValueError as error:
                raise BadFact([fact], f"假定的「{variable.label}」读不出来：{error}。") from None
        read = read_column([value], COLUMNS[fact])
        if not read.stated[0] or read.faults:
            why = read.faults[0][0] if read.faults else "是空的"
            raise BadFact([fact], f"假定的「{variable.label}」读不出来：{why}")
        given = read.values[0]
        return variable, int(given) if COLUMNS[fact].kind == "count" else given

    def _day(self, date: str):
        try:
            return pandas.Timestamp(pandas.to_datetime(date, format="%Y-%m-%d"))
        except ValueError:
            raise BadFact(["date"], f"「{date}」不是日期，请写成 YYYY-MM-DD。") from None

    def _refuse_closed(self, moved: Population, date: str) -> None:
        windows = Facts(moved.simulation(self.law), moved.year).windows(self.document)
        if not any(first <= date <= last for first, last in windows):
            days = "、".join(f"{first} 至 {last}" for first, last in windows)
            short = documents()[self.document]["short"]
            raise BadFact(["date"], f"{date} 不在{short} 的执行期内（{moved.year} 年的执行期：{days or '无'}）。")

    # ----- results -----

    def enterprises(self, home: pandas.DataFrame, after: pandas.DataFrame) -> pandas.DataFrame:
        """See :class:`Transplant`."""
        table = self.population.enterprises
        rows = table.index[table["enterprise_id"].isin(home.index)]
        about = traits(self.population, self.population.simulation(self.system), rows.to_numpy())
        before, then = home.sum(axis=1).to_numpy(), after.sum(axis=1).to_numpy()
        return pandas.DataFrame(
            {
                "enterprise_id": table["enterprise_id"][rows].to_numpy(),
                "name": self._names(rows),
                **{name: about[name] for name in ("county", "enterprise_size", "yield_per_mu_class")},
                "home": to_yuan(before),
                "after": to_yuan(then),
                "difference": to_yuan(then - before),
            }
        )

    def _names(self, rows) -> list[str]:
        names = self.population.enterprises.get("enterprise_name")
        return [""] * len(rows) if names is None else names[rows].fillna("").astype(str).tolist()

    def instruments(self, home: pandas.DataFrame, after: pandas.DataFrame) -> pandas.DataFrame:
        """See :class:`Transplant`."""
        words = self.kind_words()
        rows = []
        for one in self.listed:
            before, then = int(home[one.name].sum()), int(after[one.name].sum())
            if before or then:
                yuan = (float(to_yuan(fen)) for fen in (before, then, then - before))
                rows.append([one.document, one.label, words[kind_of(one)], *yuan])
        money = ("home", "after", "difference")
        return _table(rows, ("document", "instrument", "kind", *money)).astype(dict.fromkeys(money, float))

    def kind_words(self) -> dict[str, str]:
        """Chinese words of each kind of instrument: what the documents call it, each name once."""
        words: dict[str, list[str]] = {}
        for one in self.listed:
            plain = one.label.removeprefix(documents()[one.document]["short"]).strip()
            words.setdefault(kind_of(one), []).append(plain)
        return {kind: "/".join(dict.fromkeys(names)) for kind, names in words.items()}

    def kinds(self) -> pandas.DataFrame:
        """See :class:`Transplant`."""
        rows = []
        for kind, words in self.kind_words().items():
            here, then = (
                "、".join(one.label for one in self.listed if one.document in side and kind_of(one) == kind)
                for side in (self.at_home, self.afterwards)
            )
            if here or then:
                note = "两边都有" if here and then else "本地没有同类" if then else "移入后没有同类"
                rows.append([words, here, then, note])
        return _table(rows, ("kind", "home", "after", "note"))

    def terms(self, year: int) -> pandas.DataFrame:
        """See :class:`Transplant`. Amounts at the end of the claim year. :param year: claim year after the move."""
        found: dict[tuple, list[str]] = {}
        for side, names in (("本地", self.at_home), ("移入后", self.afterwards)):
            for one in self.listed:
                for step in declared()["instruments"][one.name]["steps"] if one.document in names else ():
                    if step["step"] in TERMS:
                        about = (side, one.payer, TERMS[step["step"]], step["text"], step["line"])
                        found.setdefault(about, []).append(one.label)
        rows = []
        for (side, payer, term, words, line), labels in found.items():
            parameter = find(self.law.parameters, line)
            amount = parameter.get_at_instant(f"{self.population.year if side == '本地' else year}-12-31")
            open_one = "文件未定" if parameter.metadata.get("unstated") else "当年没有"
            notes = [f"{open_one}，没有这项限制"] if amount is None else []
            if term == TERMS["pool"] and not self.pools:
                notes.append("未计入，只算到资金池之前")
            rows.append([side, "、".join(labels), payer, term, words, amount, "；".join(notes)])
        return _table(rows, TERM_COLUMNS).astype({"amount": float})

    def unstated(self) -> pandas.DataFrame:
        """See :class:`Transplant`. The label says of what."""
        rows = []
        for line in unstated_lines(self.system).to_dict("records"):
            if line["document"] == self.document:
                about = find(self.system.parameters, line["parameter"].rpartition(".")[0]).description
                label = line["label"] if about in line["label"] else f"{about}：{line['label']}"
                rows.append([line["clause"], label, line["parameter"]])
        return _table(rows, ("clause", "label", "parameter"))

    def left_out(self, home: pandas.DataFrame, refused: Mapping[str, tuple[str, str]]) -> pandas.DataFrame:
        """See :class:`Transplant`."""
        table = self.population.enterprises
        rows = table.index[table["enterprise_id"].isin(refused)]
        ids = table["enterprise_id"][rows].tolist()
        about = [
            [one, name, County[county].value, float(to_yuan(home.loc[one].sum())), *refused[one]]
            for one, name, county in zip(ids, self._names(rows), table["county"][rows], strict=True)
        ]
        return _table(about, ("enterprise_id", "name", "county", "home", "fact", "reason"))

    def dates(self, moved: Population) -> dict:
        """See :class:`Transplant`."""
        about = Facts(moved.simulation(self.law), moved.year)
        mine = moved.enterprises["enterprise_id"].isin(self.ids).to_numpy()[moved.enterprise_number]
        shut = mine & about.value("has_claim") & ~about.value(f"{self.document}__in_force")
        return {
            "windows": [list(window) for window in about.windows(self.document)],
            "projects": int(shut.sum()),
            "enterprises": len(numpy.unique(moved.enterprise_number[shut])),
        }

    def lacking(self, refused: Mapping[str, tuple[str, str]]) -> list[list]:
        """The facts for want of which enterprises were left out, as rows of ``Transplant.facts``."""
        rows = []
        for fact in dict.fromkeys(fact for fact, _ in refused.values()):
            conditions = [
                (one.label, condition["text"])
                for one in self.listed
                if one.document == self.document
                for condition in declared()["instruments"][one.name]["conditions"]
                if fact in _names_of(condition)
            ]
            labels, texts = ("、".join(dict.fromkeys(words)) for words in zip(*conditions or [("", "")], strict=True))
            number = sum(fact == other for other, _ in refused.values())
            rows.append([fact, self.law.variables[fact].label, labels, texts, number, len(self.ids), NOT_COMPUTED])
        return rows

    def facts(self, moved: Population) -> list[list]:
        """Rows of ``Transplant.facts`` for the enterprises that could be computed."""
        simulation = moved.simulation(self.law)
        simulation.trace = True
        about = Facts(simulation, moved.year)
        host = moved.enterprises["enterprise_id"].isin(self.ids).to_numpy()
        needs: dict[str, list[Need]] = {}
        for one in self.listed:
            if one.document != self.document:
                continue
            listed = [each for each in declared()["instruments"][one.name]["conditions"] if about.applies(each)]
            subject = [about.met(each) for each in listed if each.get("subject")]
            projects = numpy.logical_and.reduce([host[moved.enterprise_number], *subject])
            mine = numpy.bincount(moved.enterprise_number, projects, minlength=len(host)) > 0
            for condition in listed:
                if "window" in condition or condition.get("fact") == "county":
                    continue
                about.met(condition)
                for fact, named in self.rests_on(condition, simulation):
                    reach = host if condition.get("subject") else mine
                    needs.setdefault(fact, []).append(Need(one.label, condition["text"], named, reach))
        rows = []
        for fact, found in needs.items():
            uses = [one for one in found if one.named] or found
            concerned = numpy.logical_or.reduce([one.enterprises for one in uses])
            missing = concerned & ~states(moved, fact)
            if missing.any():
                labels, texts = (
                    "、".join(dict.fromkeys(words))
                    for words in zip(*((one.label, one.text) for one in uses), strict=True)
                )
                variable = self.law.variables[fact]
                counts = int(missing.sum()), int(concerned.sum())
                rows.append([fact, variable.label, labels, texts, *counts, _taken(variable)])
        return rows

    def rests_on(self, condition: dict, simulation) -> list[tuple[str, bool]]:
        """Facts that decide a condition, and whether it names them: besides, those that the document's own variables read for it."""
        uses: dict[str, list[str]] = {}
        for node in simulation.tracer.browse_trace():
            uses.setdefault(node.name, []).extend(child.name for child in node.children)
        found: dict[str, bool] = {}
        waiting = [(name, True, name in condition.get("facts", ())) for name in _names_of(condition)]
        seen = set()
        while waiting:
            name, own, follow = waiting.pop(0)
            if name in seen:
                continue
            seen.add(name)
            if isinstance(self.law.variables[name], Fact):
                found[name] = own or follow
            elif follow or (name.startswith(self.document) and not name.endswith(PLACE_AND_TIME)):
                waiting += [(child, False, follow) for child in uses.get(name, ())]
        left_aside = {"county", *declared()["facts_not_varied"]}
        return [(name, named) for name, named in found.items() if name not in left_aside]


@dataclass(frozen=True)
class Need:
    """A fact's part in a condition. :ivar named: the condition names it. :ivar enterprises: whom it concerns (bool)."""

    label: str
    text: str
    named: bool
    enterprises: numpy.ndarray


def kind_of(one: Instrument) -> str:
    """What an instrument is, whatever the document: its name without the document."""
    return one.name.removeprefix(f"{one.document}_")


def _names_of(condition: dict) -> list[str]:
    own = [condition[key] for key in ("variable", "amount", "fact") if key in condition]
    return [
        *own,
        *condition.get("facts", ()),
        *(name for one in condition.get("any_of", ()) for name in _names_of(one)),
    ]


def _taken(variable) -> str:
    """What the model takes where a fact is not stated, in the words of its documentation."""
    said = [
        part for part in re.findall(r"[^。]+。", variable.documentation or "") if re.search("缺省|未填写|必填", part)
    ]
    return "".join(said) or "没有缺省值。"


def _filled(column, blank: numpy.ndarray, value) -> pandas.Series:
    """A column with a value where it is blank."""
    cells = numpy.full(len(blank), None, dtype=object) if column is None else column.to_numpy(dtype=object)
    filled = pandas.Series([value if empty else cell for empty, cell in zip(blank, cells, strict=True)])
    return filled.infer_objects()
