"""The receipt of one enterprise: each condition with its fact, what every step took, and what would have changed the money.

What an instrument asks for is data (``clauses/conditions.yaml``); nothing here knows a clause. Counterfactuals are found on
the enterprise and its consortium partners alone, many candidates at once as copies in one simulation, up to the stage
before the pools; each one that is reported has then been computed again with the whole population.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy
import pandas
import yaml
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import period as make_period

from openfisca_jining import classifications
from openfisca_jining.analysis.budget import LEDGER, unstated_lines
from openfisca_jining.analysis.record import run_record
from openfisca_jining.clauses.register import clauses, documents
from openfisca_jining.errors import BadFact, JiningError
from openfisca_jining.instruments import Instrument, instruments
from openfisca_jining.law import NO_DATE, find, law_at_application, leaves, open_windows, reading
from openfisca_jining.money import settle, to_fen
from openfisca_jining.population import Population
from openfisca_jining.variable_types import Fact

#: Most counterfactuals kept per project (and for the enterprise's own facts), and most of them that lose money.
MOST_CHANGES, MOST_LOSSES = 8, 3
#: Whole-population runs allowed for one receipt, shared out over its projects.
MOST_RUNS = 90
#: Rows of one batch of copies.
MOST_ROWS = 40_000
#: Steps of the ledger between two stages of an instrument, in order.
STEPS = ("cap", "choose_one", "no_double_funding", "one_application", "pool")
#: Fen by which slopes are measured (10,000 yuan), and the jump from one fen to the next that makes a threshold (1 yuan).
SLOPE, JUMP = 1_000_000, 100
#: Fen below a kink within which rounding may already give the full amount.
NEAR = 256

#: Above every amount that the model accepts, in fen.
LARGEST_FEN = 10**18

Value = float | int | bool | str | None


# ----- declared conditions -----


@functools.cache
def declared() -> dict[str, Any]:
    """``clauses/conditions.yaml`` with its groups put in place: instruments (conditions, steps, ...) and documents."""
    text = resources.files("openfisca_jining.clauses").joinpath("conditions.yaml").read_text(encoding="utf-8")
    data = yaml.safe_load(text)
    for about in data["instruments"].values():
        about["conditions"] = [
            one
            for entry in about["conditions"]
            for one in (data["groups"][entry["use"]] if "use" in entry else [entry])
        ]
    return data


class Facts:
    """Values of one simulation on its projects, and the truth of declared conditions on them.

    :ivar simulation: a simulation of this package. :ivar period: its claim year.
    """

    def __init__(self, simulation, year: int) -> None:
        self.simulation, self.period = simulation, make_period(str(year))
        self.system = simulation.tax_benefit_system
        self.project = simulation.populations["project"]
        self._met: dict[str, numpy.ndarray] = {}

    def value(self, name: str) -> numpy.ndarray:
        """A variable on each project (a group's value on its members). :raises MissingFact: a fact it needs is not stated."""
        result = self.simulation.calculate(name, self.period)
        key = self.system.get_variable(name).entity.key
        return result if key == "project" else result[self.simulation.populations[key].members_entity_id]

    def line(self, condition: dict) -> numpy.ndarray:
        """The line of a condition on each project: a number, the parameter at each claim's date, or a variable."""
        line = self.quantity(condition["line"])
        if "line_times" in condition:
            line = settle(numpy.nan_to_num(line * self.quantity(condition["line_times"])))
        return line

    def quantity(self, source) -> numpy.ndarray:
        """A number, the parameter of that path at each claim's date, or the variable of that name, on each project."""
        if isinstance(source, (int, float)):
            return numpy.full(self.project.count, float(source))
        if "." not in source:
            return self.value(source)
        name, _, rest = source.partition(".")
        law: Any = law_at_application(self.project, self.period, self.parameters, name)
        for part in rest.split("."):
            law = getattr(law, part)
        return numpy.broadcast_to(numpy.asarray(law, dtype=numpy.float64), (self.project.count,))

    @property
    def parameters(self) -> Callable:
        """Parameters at an instant, as formulas get them."""
        return self.system.get_parameters_at_instant

    def applies(self, condition: dict) -> bool:
        """Whether a condition holds under the readings taken (one that names none always does)."""
        return "under" not in condition or self.reading(condition["reading"]) in condition["under"]

    def reading(self, path: str) -> str:
        """The reading taken at a path."""
        return reading(self.project, self.period, self.parameters, path)

    def windows(self, document: str) -> tuple[tuple[str, str], ...]:
        """First and last days (ISO) between which a document takes claims in the claim year."""
        found = open_windows(self.project, self.period, self.parameters, document)
        return tuple((str(first), str(last)) for first, last in found)

    def met(self, condition: dict) -> numpy.ndarray:
        """Whether a condition is met, on each project (bool)."""
        key = json.dumps(condition, sort_keys=True, default=str)
        if key not in self._met:
            self._met[key] = numpy.asarray(self._truth(condition), dtype=bool)
        return self._met[key]

    def _truth(self, condition: dict):
        if "any_of" in condition:
            return numpy.any([self.met(one) for one in condition["any_of"]], axis=0)
        if "fact" in condition:
            variable = self.system.get_variable(condition["fact"])
            numbers = [member.index for member in members(variable, condition["among"])]
            return numpy.isin(numpy.asarray(self.value(variable.name)), numbers)
        if "variable" in condition:
            return self.value(condition["variable"]) != bool(condition.get("not"))
        amount, line = self.value(condition["amount"]), self.line(condition)
        return amount > line if condition["comparison"] == "more_than" else amount >= line

    def all_met(self, instrument: str) -> numpy.ndarray:
        """Whether all declared conditions of an instrument are met, on each project (bool)."""
        listed = declared()["instruments"][instrument]["conditions"]
        return numpy.all([self.met(one) for one in listed if self.applies(one)], axis=0)


def members(variable, among) -> list[Enum]:
    """Members of an Enum variable: the tuple of that name in ``classifications``, or those of a list of names."""
    if isinstance(among, str):
        return list(getattr(classifications, among))
    return [variable.possible_values[name] for name in among]


# ----- the receipt -----


class Plain:
    """Gives a frozen dataclass a JSON-ready form."""

    def to_json(self) -> dict[str, Any]:
        """Fields as plain Python values, keys as in the class; money in yuan, dates ISO, tuples as lists."""
        return json.loads(json.dumps(dataclasses.asdict(self), ensure_ascii=False))  # type: ignore[call-overload]


@dataclass(frozen=True)
class Shown(Plain):
    """A value that the receipt shows.

    :ivar name: variable, or dotted path of a parameter. :ivar label: Chinese. :ivar value: number, bool, ISO date or Chinese
        label of a category; None = 未填写 (a date) or 文件未定 (a parameter). :ivar unit: 元, date, bool, enum, or what the
        variable says ("" for counts). :ivar stated: False if nobody stated it and a default was taken.
    """

    name: str
    label: str
    value: Value
    unit: str
    stated: bool = True


@dataclass(frozen=True)
class ConditionShown(Plain):
    """One condition on one project.

    :ivar text: what is asked. :ivar met: 符合 or 不符合. :ivar amount: what is compared, None if it is a yes-or-no matter.
    :ivar line: what it is compared with. :ivar comparison: at_least or more_than, "" otherwise. :ivar windows: first and
        last days for a condition about dates. :ivar facts: further facts. :ivar clause, locator: where it is written.
    :ivar subject: the instrument does not concern a project that fails it. :ivar assumed: met by default facts alone.
    """

    text: str
    met: bool
    amount: Shown | None
    comparison: str
    line: Shown | None
    windows: tuple[tuple[str, str], ...]
    facts: tuple[Shown, ...]
    clause: str
    locator: str
    subject: bool
    assumed: bool


@dataclass(frozen=True)
class Step(Plain):
    """What one step of the ledger took from a project.

    :ivar kind: step (see :data:`STEPS`). :ivar heading: Chinese name. :ivar amount: yuan taken, negative if it gave.
    :ivar text: why. :ivar names: what it is about (the measure chosen, the other projects). :ivar line: its cap or fund.
    :ivar facts: facts that decided. :ivar reading: the reading taken, in Chinese, or "". :ivar clause, locator: where.
    """

    kind: str
    heading: str
    amount: float
    text: str
    names: tuple[str, ...]
    line: Shown | None
    facts: tuple[Shown, ...]
    reading: str
    clause: str
    locator: str


@dataclass(frozen=True)
class Note(Plain):
    """Something to know of an amount, and where it is written."""

    text: str
    clause: str
    locator: str


@dataclass(frozen=True)
class InstrumentReceipt(Plain):
    """One instrument on one project.

    :ivar concerns: False if the project has nothing the instrument is about; ``absent`` says so.
    :ivar eligible: all conditions are met. :ivar base: what the rate applies to (None: there is no rate). :ivar promised, capped, chosen, paid: yuan (按比例应得, 限额后, 选择后, 实付).
    """

    name: str
    label: str
    document: str
    payer: str
    locators: tuple[str, ...]
    concerns: bool
    absent: str
    eligible: bool
    conditions: tuple[ConditionShown, ...]
    base: Shown | None
    promised: float
    capped: float
    chosen: float
    paid: float
    steps: tuple[Step, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Change(Plain):
    """A counterfactual: one fact changed, everything computed again with the whole population.

    :ivar project: project id, None for a fact of the enterprise. :ivar kind: threshold (达到一条线), cap (到最高限额), limit (nearly
        all of the whole that it is part of), step (the next amount that brings a fen more), zero, value or date. :ivar before, after: the fact. :ivar also: other
        values with the same result. :ivar difference: after - before, yuan or count, days for dates, None for categories.
    :ivar total_before, total_after, gain: the enterprise's money from all instruments (yuan).
    :ivar effects: (project id, instrument label, yuan more or less) where money changes.
    :ivar per_ten_thousand: for a step, yuan more for 10,000 yuan more of the fact.
    """

    project: str | None
    kind: str
    before: Shown
    after: Shown
    also: tuple[Value, ...]
    difference: float | None
    total_before: float
    total_after: float
    gain: float
    effects: tuple[tuple[str, str, float], ...]
    per_ten_thousand: float | None = None


@dataclass(frozen=True)
class ProjectReceipt(Plain):
    """One project: its instruments and its counterfactuals, best first. :ivar paid: yuan from all instruments."""

    project: str
    name: str
    paid: float
    instruments: tuple[InstrumentReceipt, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Elsewhere(Plain):
    """A document that gives this enterprise nothing by project, and why in one line."""

    document: str
    title: str
    reason: str


@dataclass(frozen=True)
class ReadingTaken(Plain):
    """The reading of an unclear clause. :ivar scope: short name of the document, or 各文件. :ivar default: it is the one
    taken unless the user says otherwise.
    """

    path: str
    scope: str
    label: str
    taken: str
    reason: str
    default: bool
    locators: tuple[str, ...]


@dataclass(frozen=True)
class Unstated(Plain):
    """A quantity that a document of the territory leaves unstated (文件未定)."""

    parameter: str
    label: str
    document: str
    locator: str


@dataclass(frozen=True)
class Receipt(Plain):
    """The receipt of one enterprise and claim year.

    :ivar enterprise, name: id and name. :ivar facts: facts of the enterprise that the table states. :ivar paid: yuan from
        all instruments. :ivar changes: counterfactuals of the enterprise's own facts. :ivar refused: single changes that
        cannot be computed without further facts, in words. :ivar record: run record (see ``analysis.record``).
    """

    year: int
    enterprise: str
    name: str
    synthetic: bool
    facts: tuple[Shown, ...]
    paid: float
    projects: tuple[ProjectReceipt, ...]
    changes: tuple[Change, ...]
    refused: tuple[str, ...]
    elsewhere: tuple[Elsewhere, ...]
    readings: tuple[ReadingTaken, ...]
    unstated: tuple[Unstated, ...]
    record: dict[str, Any]


def explain(population: Population, system, enterprise_id: str) -> Receipt:
    """The receipt of one enterprise of a population.

    :param system: a tax and benefit system of this package, reformed or not. :param enterprise_id: as in the population.
    :raises BadFact: no such enterprise, or it has no project. :raises MissingFact, UnstatedParameter: as ``budget``.
    """
    ids = population.enterprises["enterprise_id"].astype(str)
    places = numpy.flatnonzero((ids == str(enterprise_id)).to_numpy())
    if not len(places):
        raise BadFact(["enterprises", str(enterprise_id)], f"没有企业编号为 {enterprise_id} 的企业。")
    place = int(places[0])
    rows = numpy.flatnonzero(population.enterprise_number == place)
    if not len(rows):
        raise BadFact(["enterprises", str(enterprise_id)], f"企业 {enterprise_id} 没有申报任何项目。")
    return Explainer(population, system, place, rows).receipt()


@functools.cache
def locators() -> dict[str, str]:
    """Where each clause of the register is written: id -> document number (or short name) and place."""
    about = documents()
    return {
        entry["id"]: f"{about[entry['document']]['number'] or '《' + about[entry['document']]['short'] + ' 年意见》'} "
        f"{entry['locator']}"
        for entry in clauses()
    }


class Explainer:
    """Builds one receipt. See :func:`explain`."""

    def __init__(self, population: Population, system, place: int, rows: numpy.ndarray) -> None:
        self.population, self.system, self.place, self.rows = population, system, place, rows
        self.simulation = population.simulation(system)
        self.facts = Facts(self.simulation, population.year)
        self.instruments = instruments(system)
        self.stages = {one.name: self._stages(one) for one in self.instruments}

    def _stages(self, instrument: Instrument) -> list[list[int]]:
        """Whole fen at each stage: list of stages, each a list over the enterprise's projects."""
        return [to_fen(self.facts.value(name)[self.rows]).tolist() for name in instrument.stages]

    def receipt(self) -> Receipt:
        """The whole receipt."""
        population = self.population
        firm = population.enterprises.iloc[self.place]
        territory = {
            name: bool(self.facts.met(about["territory"])[self.rows[0]])
            for name, about in declared()["documents"].items()
        }
        search = Search(self)
        changes = search.changes()
        projects = tuple(self.project(number, territory, changes) for number in range(len(self.rows)))
        total = sum(fen for stages in self.stages.values() for fen in stages[-1])
        return Receipt(
            year=population.year,
            enterprise=str(firm["enterprise_id"]),
            name=_name(firm.get("enterprise_name")),
            synthetic=population.synthetic,
            facts=tuple(
                self.shown(name, 0)
                for name in population.enterprises.columns
                if name in self.system.variables and self.stated(name, 0)
            ),
            paid=total / 100,
            projects=projects,
            changes=changes.get(None, ()),
            refused=search.refused,
            elsewhere=tuple(self.elsewhere(territory)),
            readings=tuple(self.readings(projects)),
            unstated=tuple(self.unstated(territory)),
            record=run_record(population, self.system),
        )

    def project(self, number: int, territory: dict[str, bool], changes: dict) -> ProjectReceipt:
        """One project of the enterprise (``number`` among its rows)."""
        row = self.population.projects.iloc[self.rows[number]]
        project = str(row["project_id"])
        return ProjectReceipt(
            project=project,
            name=_name(row.get("project_name")),
            paid=sum(stages[-1][number] for stages in self.stages.values()) / 100,
            instruments=tuple(
                self.instrument(one, number) for one in self.instruments if territory.get(one.document, True)
            ),
            changes=changes.get(project, ()),
        )

    def instrument(self, instrument: Instrument, number: int) -> InstrumentReceipt:
        """One instrument on one project."""
        about = declared()["instruments"][instrument.name]
        shown = tuple(self.condition(one, number) for one in about["conditions"] if self.facts.applies(one))
        stages = [fen[number] for fen in self.stages[instrument.name]]
        return InstrumentReceipt(
            name=instrument.name,
            label=instrument.label,
            document=instrument.document,
            payer=instrument.payer,
            locators=tuple(locators()[clause] for clause in about["clauses"]),
            concerns=all(one.met for one in shown if one.subject),
            absent=about["absent"],
            eligible=self.eligible(instrument, number, shown),
            conditions=shown,
            base=self.shown(about["base"], number) if "base" in about else None,
            promised=stages[0] / 100,
            capped=stages[1] / 100,
            chosen=stages[-2] / 100,
            paid=stages[-1] / 100,
            steps=tuple(self.steps(instrument, about["steps"], number)),
            notes=tuple(
                Note(one["text"], one["clause"], locators()[one["clause"]])
                for one in about.get("notes", [])
                if self._speaks(one, number)
            ),
        )

    def eligible(self, instrument: Instrument, number: int, shown: Sequence[ConditionShown]) -> bool:
        """What the law computes, which a reform may have changed; where it has no such stage, whether all conditions are met."""
        name = f"{instrument.name}__eligible"
        if name not in self.facts.system.variables:
            return all(one.met for one in shown)
        return bool(self.facts.value(name)[self.rows[number]])

    def condition(self, condition: dict, number: int) -> ConditionShown:
        """One condition on one project."""
        row = self.rows[number]
        met = bool(self.facts.met(condition)[row])
        names = list(condition.get("facts", []))
        amount = line = None
        if "amount" in condition:
            amount = self.shown(condition["amount"], number)
            value = float(self.facts.line(condition)[row])
            known = None if numpy.isnan(value) else value
            source = str(condition["line"])
            line = Shown(source, self.label(source), known, amount.unit)
        elif "fact" in condition:
            names.insert(0, condition["fact"])
        facts = tuple(self.shown(name, number) for name in names)
        known_facts = (*facts, amount) if amount is not None and not facts else facts
        return ConditionShown(
            text=condition["text"],
            met=met,
            amount=amount,
            comparison=condition.get("comparison", ""),
            line=line,
            windows=self.facts.windows(condition["window"]) if "window" in condition else (),
            facts=facts,
            clause=condition["clause"],
            locator=locators()[condition["clause"]],
            subject=bool(condition.get("subject")),
            assumed=met and amount is None and bool(facts) and not any(one.stated for one in known_facts),
        )

    def steps(self, instrument: Instrument, entries: list[dict], number: int) -> Iterable[Step]:
        """What each step took from one project under one instrument; steps that took nothing are left out."""
        stages = [fen[number] for fen in self.stages[instrument.name]]
        for kind, before, after in zip(STEPS, stages, stages[1:], strict=False):
            if before == after:
                continue
            entry = next((one for one in entries if one["step"] == kind and self._speaks(one, number)), None)
            heading = LEDGER[
                ("consortium_cap" if instrument.by_consortium else "enterprise_cap") if kind == "cap" else kind
            ]
            if entry is None:
                yield Step(kind, heading, (before - after) / 100, "", (), None, (), "", "", "")
                continue
            line = None
            if "line" in entry:
                value = self._amount(entry["line"], number)
                line = Shown(entry["line"], self.label(entry["line"]), value, self.unit(entry["line"]))
            yield Step(
                kind=kind,
                heading=heading,
                amount=(before - after) / 100,
                text=entry["text"],
                names=tuple(self.names(entry.get("names", ""), instrument, number)),
                line=line,
                facts=tuple(self.shown(name, number) for name in entry.get("facts", [])),
                reading=self.reading_taken(entry["reading"]).taken if "reading" in entry else "",
                clause=entry["clause"],
                locator=locators()[entry["clause"]],
            )

    def _speaks(self, entry: dict, number: int) -> bool:
        return "when" not in entry or bool(self.facts.met(entry["when"])[self.rows[number]])

    def _amount(self, path: str, number: int) -> float | None:
        value = float(self.facts.quantity(path)[self.rows[number]])
        return None if numpy.isnan(value) else value

    def names(self, kind: str, instrument: Instrument, number: int) -> Iterable[str]:
        """What a step is about: the measure chosen, money under other documents, or the projects applied for instead."""
        if kind == "other_projects":
            for other in range(len(self.rows)):
                if other != number and any(
                    self.stages[one.name][-2][other] for one in self.instruments if one.document == instrument.document
                ):
                    row = self.population.projects.iloc[self.rows[other]]
                    yield f"{row['project_id']} {_name(row.get('project_name'))}".strip()
            return
        for one in self.instruments:
            same = one.document == instrument.document
            stage = {"chosen_measure": 2, "other_document": -2}.get(kind)
            wanted = same if kind == "chosen_measure" else not same
            if stage is not None and one.name != instrument.name and wanted and self.stages[one.name][stage][number]:
                yield one.label

    def elsewhere(self, territory: dict[str, bool]) -> Iterable[Elsewhere]:
        """Documents that give the enterprise nothing by project."""
        counted = {one.document for one in self.instruments}
        county = self.shown("county", 0).value
        for name, about in declared()["documents"].items():
            title = locator_title(name)
            if not territory[name]:
                yield Elsewhere(name, title, f"{about['others']}，本企业注册在{county}，不涉及")
            elif name not in counted:
                yield Elsewhere(name, title, "没有按项目计算的资金")

    def readings(self, projects: Sequence[ProjectReceipt]) -> Iterable[ReadingTaken]:
        """Readings of the clauses of every instrument that concerns one of the projects, and of what it met with."""
        concerned = [one for project in projects for one in project.instruments if one.concerns]
        wanted = {clause for one in concerned for clause in declared()["instruments"][one.name]["clauses"]}
        wanted |= {each.clause for one in concerned for each in one.conditions}
        wanted |= {each.clause for one in concerned for each in one.steps}
        wanted |= {each.clause for one in concerned for each in one.notes}
        paths = {path for entry in clauses() if entry["id"] in wanted for path in entry["readings"]}
        for parameter in leaves(self.system.parameters):
            if parameter.name in paths:
                yield self.reading_taken(parameter.name)

    def reading_taken(self, path: str) -> ReadingTaken:
        """The reading at a path, in words."""
        about = find(self.system.parameters, path).metadata
        taken = self.facts.reading(path)
        listed = about["clause"] if isinstance(about["clause"], list) else [about["clause"]]
        return ReadingTaken(
            path=path,
            scope=documents().get(path.partition(".")[0], {"short": "各文件"})["short"],
            label=about["label"],
            taken=about["readings"][taken],
            reason=about["reason"],
            default=taken == next(iter(about["readings"])),
            locators=tuple(locators()[clause] for clause in listed if clause in locators()),
        )

    def unstated(self, territory: dict[str, bool]) -> Iterable[Unstated]:
        """Quantities that the documents of the enterprise's territory leave unstated."""
        for row in unstated_lines(self.system).to_dict("records"):
            if territory.get(row["document"], True):
                yield Unstated(row["parameter"], row["label"], row["document"], locators()[row["clause"]])

    # ----- values -----

    def label(self, source: str) -> str:
        """Chinese label of a variable or parameter ("" for a number)."""
        if source in self.system.variables:
            return self.system.variables[source].label
        return find(self.system.parameters, source).metadata["label"] if "." in source else ""

    def unit(self, source: str) -> str:
        """Unit of a variable or parameter."""
        if source in self.system.variables:
            return unit_of(self.system.variables[source])
        return find(self.system.parameters, source).metadata["unit"]

    def stated(self, name: str, number: int) -> bool:
        """Whether the table states a fact for a project of the enterprise; what is computed counts as stated."""
        if not isinstance(self.system.variables[name], Fact):
            return True
        if self.system.variables[name].entity.key == "project":
            table, row = self.population.projects, self.rows[number]
        else:
            table, row = self.population.enterprises, self.place
        return name in table.columns and bool(pandas.notna(table[name].iloc[row]))

    def shown(self, name: str, number: int) -> Shown:
        """A variable's value on a project of the enterprise."""
        value = self.facts.value(name)[self.rows[number]]
        variable = self.system.variables[name]
        return Shown(name, variable.label, plain(variable, value), unit_of(variable), self.stated(name, number))


def locator_title(document: str) -> str:
    """A document's number, or its title where it has none."""
    about = documents()[document]
    return about["number"] or about["title"]


def _name(value) -> str:
    return "" if value is None or pandas.isna(value) else str(value)


def unit_of(variable) -> str:
    """元, date, bool, enum, or the unit the variable states ("" for counts)."""
    if variable.value_type is Enum:
        return "enum"
    if variable.value_type in (datetime.date, bool):
        return "date" if variable.value_type is datetime.date else "bool"
    return variable.unit or ""


def plain(variable, value) -> Value:
    """A value of a variable as a plain Python value: Chinese label of a category, ISO date (None = 未填写), number, bool."""
    if variable.value_type is Enum:
        return next(member.value for member in variable.possible_values if member.index == int(value))
    if variable.value_type is datetime.date:
        day = numpy.datetime64(value, "D")
        return None if day == NO_DATE else str(day)
    return numpy.asarray(value).item()


# ----- counterfactuals -----


@dataclass(frozen=True)
class Target:
    """A fact of one project or of the enterprise, which may be changed.

    :ivar table: projects or enterprises. :ivar row: its row there, in the whole population. :ivar now: whole fen, count, days
        since 1970 or category number; :ivar stated: the table states it.
    """

    table: str
    row: int
    name: str
    kind: str
    now: int
    stated: bool
    project: str | None
    number: int


@dataclass(frozen=True)
class Outcome:
    """What a candidate brings before the pools: yuan in fen, and the truth of everything that decides (bytes)."""

    fen: int
    state: bytes


@dataclass(frozen=True)
class Candidate:
    """A value of a target to be tried on the whole population."""

    target: Target
    value: int
    kind: str
    fen: int


class Search:
    """Finds the single changes that would change the enterprise's money, and computes each with everybody."""

    def __init__(self, explainer: Explainer) -> None:
        self.about = explainer
        self.population, self.system = explainer.population, explainer.system
        self.refused: tuple[str, ...] = ()
        self._runs: dict[tuple, tuple | None] = {}
        #: Smallest value of each number that the model refuses, as far as known.
        self.limits: dict[Target, int] = {}
        self._take_neighbourhood()
        self.now = Outcome(0, b"")

    def _take_neighbourhood(self) -> None:
        """The enterprise, the enterprises it shares a consortium with, and so on."""
        number = self.population.enterprise_number
        consortium = self.population.projects.get("consortium_id")
        chosen = number == self.about.place
        if consortium is not None:
            named = consortium.fillna("").astype(str).to_numpy()
            while True:
                joined = (named != "") & numpy.isin(named, named[chosen & (named != "")])
                grown = numpy.isin(number, number[chosen | joined])
                if (grown == chosen).all():
                    break
                chosen = grown
        self.near = numpy.flatnonzero(chosen)
        self.near_enterprises = numpy.unique(number[self.near])
        self.own = numpy.searchsorted(self.near, self.about.rows)
        self.conditions = {
            json.dumps(one, sort_keys=True): one
            for about in declared()["instruments"].values()
            for one in about["conditions"]
            if self.about.facts.applies(one)
        }

    # ----- many candidates at once, without pools -----

    def near_outcomes(self, wanted: Sequence[tuple[Target, int]], upward: bool = False) -> list[Outcome | None]:
        """What each candidate brings before the pools; None where the facts would contradict or not suffice.

        :param upward: what is refused at one value of a number is taken to be refused at every larger one.
        """
        size = max(1, MOST_ROWS // len(self.near))
        result: list[Outcome | None] = []
        for start in range(0, len(wanted), size):
            part = wanted[start : start + size]
            found = dict.fromkeys(range(len(part)))
            self._outcomes(part, list(range(len(part))), found, upward)
            result += found.values()
        return result

    def _outcomes(self, wanted, places: list[int], found: dict[int, Outcome | None], upward: bool) -> None:
        """Fill in the outcomes of the candidates at some places, leaving out those that the model refuses."""
        while places:
            if upward:
                places = [
                    place for place in places if wanted[place][1] < self.limits.get(wanted[place][0], LARGEST_FEN)
                ]
            try:
                found.update(zip(places, self._copies([wanted[place] for place in places]), strict=True))
                return
            except JiningError as error:
                if len(places) == 1:
                    self._limit(*wanted[places[0]])
                    return
                bad = self._culprit(error, len(places))
                same = [] if bad is None else [place for place in places if wanted[place][0] == wanted[places[bad]][0]]
                if upward and bad is not None:
                    self._limit(*wanted[places[bad]])
                elif same and len(same) < len(places):
                    self._outcomes(wanted, same, found, upward)
                    places = [place for place in places if place not in set(same)]
                else:
                    half = len(places) // 2
                    self._outcomes(wanted, places[:half], found, upward)
                    places = places[half:]

    def _limit(self, target: Target, value: int) -> None:
        self.limits[target] = min(value, self.limits.get(target, value))

    def _culprit(self, error: JiningError, count: int) -> int | None:
        """Which of the copies an error speaks of, if it names a row."""
        sizes = {"projects": len(self.near), "enterprises": len(self.near_enterprises)}
        (entity,) = error.error
        if entity not in sizes or error.row is None:
            return None
        copy = error.row // sizes[entity]
        return copy if copy < count else None

    def _copies(self, wanted: Sequence[tuple[Target, int] | None]) -> list[Outcome]:
        simulation = self.copied(wanted).simulation(self.system)
        facts = Facts(simulation, self.population.year)
        count, size = len(wanted), len(self.near)

        def own(values) -> numpy.ndarray:
            return numpy.asarray(values).reshape(count, size)[:, self.own]

        total = numpy.zeros(count, dtype=numpy.int64)
        truths = [own(facts.met(one)) for one in self.conditions.values()]
        for instrument in self.about.instruments:
            stages = [own(to_fen(facts.value(name))) for name in dict.fromkeys(instrument.stages[:-1])]
            total += stages[-1].sum(axis=1)
            truths += [stage > 0 for stage in stages]
            truths += [before != after for before, after in itertools.pairwise(stages)]
        state = numpy.concatenate(truths, axis=1)
        return [Outcome(int(fen), row.tobytes()) for fen, row in zip(total, state, strict=True)]

    def copied(self, wanted: Sequence[tuple[Target, int] | None]) -> Population:
        """One copy of the neighbourhood per candidate, each with its change (None: as it is)."""
        count, near, firms = len(wanted), self.near, self.near_enterprises
        projects = self.population.projects.iloc[numpy.tile(near, count)].reset_index(drop=True)
        enterprises = self.population.enterprises.iloc[numpy.tile(firms, count)].reset_index(drop=True)
        copy = numpy.repeat(numpy.arange(count), len(near))
        local = numpy.searchsorted(firms, self.population.enterprise_number[near])
        projects["project_id"] = numpy.arange(len(projects))
        projects["enterprise_id"] = numpy.tile(local, count) + copy * len(firms)
        enterprises["enterprise_id"] = numpy.arange(len(enterprises))
        if "consortium_id" in projects:
            named = projects["consortium_id"].fillna("").astype(str)
            if (named != "").any():
                projects["consortium_id"] = named.where(named == "", named + "#" + pandas.Series(copy).astype(str))
        tables = {"projects": projects, "enterprises": enterprises}
        places = {"projects": near, "enterprises": firms}
        by_fact: dict[tuple[str, str], list[tuple[int, int, Target]]] = {}
        for number, change in enumerate(wanted):
            if change is None:
                continue
            target, value = change
            here = int(numpy.searchsorted(places[target.table], target.row))
            row = number * len(places[target.table]) + here
            by_fact.setdefault((target.table, target.name), []).append((row, value, target))
        for (table, name), found in by_fact.items():
            values = [self.as_stated(target, value) for _, value, target in found]
            set_cells(tables[table], self.system.variables[name], [row for row, _, _ in found], values)
        return Population(self.population.year, projects, enterprises)

    def as_stated(self, target: Target, value: int):
        """A candidate value as a table states it."""
        variable = self.system.variables[target.name]
        if target.kind == "fen":
            return value / 100
        if target.kind == "date":
            return numpy.datetime64(value, "D")
        if target.kind == "enum":
            return list(variable.possible_values)[value].name
        return bool(value) if target.kind == "bool" else value

    # ----- one candidate with everybody -----

    def whole(self, target: Target, value: int) -> tuple | None:
        """Paid fen by instrument and project with one change, for the whole population; None if it cannot be computed."""
        key = (target.table, target.row, target.name, value)
        if key not in self._runs:
            table = getattr(self.population, target.table).copy()
            set_cells(table, self.system.variables[target.name], [target.row], [self.as_stated(target, value)])
            changed = dataclasses.replace(self.population, **{target.table: table})
            try:
                simulation = changed.simulation(self.system)
                rows, year = self.about.rows, str(self.population.year)
                self._runs[key] = tuple(
                    tuple(to_fen(simulation.calculate(one.stages[-1], year)[rows]).tolist())
                    for one in self.about.instruments
                )
            except JiningError:
                self._runs[key] = None
        return self._runs[key]

    def paid_now(self) -> tuple:
        """Paid fen by instrument and project as things are."""
        return tuple(tuple(self.about.stages[one.name][-1]) for one in self.about.instruments)

    # ----- which facts -----

    def touched(self) -> tuple[list[str], set[str]]:
        """Facts that the enterprise's money is computed from, and those among them that the pools use directly."""
        simulation = self.copied([None]).simulation(self.system)
        simulation.trace = True
        year = str(self.population.year)
        before = {name for one in self.about.instruments for name in one.stages[:-1]}
        for name in before:
            simulation.calculate(name, year)
        first = len(simulation.tracer.trees)
        for one in self.about.instruments:
            simulation.calculate(one.stages[-1], year)
        uses: dict[str, set[str]] = {}
        for tree in simulation.tracer.trees:
            _collect(tree, uses)
        reached: set[str] = set()
        for tree in simulation.tracer.trees[first:]:
            pool: dict[str, set[str]] = {}
            _collect(tree, pool)
            reached |= set(pool)
        facts = {name for name in uses if isinstance(self.system.variables[name], Fact)}
        pooled, waiting = set(), list(reached - before)
        while waiting:
            name = waiting.pop()
            if name not in pooled:
                pooled.add(name)
                waiting += [other for other in uses.get(name, ()) if other not in before]
        varied = [name for name in self.system.variables if name in facts - set(declared()["facts_not_varied"])]
        return varied, facts & pooled

    def targets(self, names: Iterable[str]) -> list[Target]:
        """The facts of the enterprise and its projects that may be changed. Numbers that follow from others are not."""
        found = []
        for name in names:
            variable = self.system.variables[name]
            kind = _kind(variable)
            of_project = variable.entity.key == "project"
            if kind is None or variable.entity.key not in ("project", "enterprise"):
                continue
            for number in range(len(self.about.rows)) if of_project else [0]:
                stated = self.about.stated(name, number)
                if kind in ("fen", "int") and variable.formulas and not stated:
                    continue
                value = numpy.asarray(self.about.facts.value(name))[self.about.rows[number]]
                now = int(to_fen(value)) if kind == "fen" else int(numpy.asarray(value).astype(numpy.int64))
                row = int(self.about.rows[number]) if of_project else self.about.place
                project = str(self.population.projects["project_id"].iloc[row]) if of_project else None
                table = "projects" if of_project else "enterprises"
                found.append(Target(table, row, name, kind, now, stated, project, number))
        return found

    # ----- the search -----

    def changes(self) -> dict[str | None, tuple[Change, ...]]:
        """Counterfactuals by project id (None: the enterprise's own facts), best first."""
        names, pooled = self.touched()
        targets = self.targets(names)
        if not targets:
            return {}
        self.now = self._copies([None])[0]
        found = self.categories(targets, pooled) + self.numbers(targets) + self.dates(targets, pooled)
        scopes: dict[str | None, list[Candidate]] = {}
        for candidate in found:
            scopes.setdefault(candidate.target.project, []).append(candidate)
        runs = max(MOST_CHANGES, MOST_RUNS // max(len(scopes), 1))
        return {scope: self.best(candidates, runs) for scope, candidates in scopes.items()}

    def categories(self, targets: Sequence[Target], pooled: set[str]) -> list[Candidate]:
        """Every other value of the booleans and categories that changes the money before the pools, or that pools use."""
        wanted = []
        for target in targets:
            if target.kind in ("bool", "enum"):
                variable = self.system.variables[target.name]
                values = range(2) if target.kind == "bool" else range(len(list(variable.possible_values)))
                skipped = {target.now}
                if target.kind == "enum" and variable.default_value.name == "unstated":
                    skipped.add(variable.default_value.index)
                wanted += [(target, value) for value in values if value not in skipped]
        outcomes = self.near_outcomes(wanted)
        refused: dict[str, list[str]] = {}
        for (target, value), outcome in zip(wanted, outcomes, strict=True):
            if outcome is None:
                variable = self.system.variables[target.name]
                where = f"项目 {target.project} 的" if target.project else ""
                label = plain(variable, value)
                refused.setdefault(f"{where}{variable.label}", []).append(
                    str(label) if target.kind == "enum" else "是" if value else "否"
                )
        self.refused = tuple(
            f"{what}改为{'、'.join(values)}：须同时改填其他事实，不能单独测算" for what, values in refused.items()
        )
        return [
            Candidate(target, value, "value", outcome.fen)
            for (target, value), outcome in zip(wanted, outcomes, strict=True)
            if outcome is not None and (outcome.fen != self.now.fen or target.name in pooled)
        ]

    def numbers(self, targets: Sequence[Target]) -> list[Candidate]:
        """Upward, to the next thresholds and caps; where there is none, the next fen; and without it altogether."""
        chosen = [target for target in targets if target.kind in ("fen", "int")]
        for target in chosen:
            if target.name in declared()["parts"]:
                self._limit(target, self.largest_part(target) + 1)
        chosen = [target for target in chosen if self.limits.get(target, LARGEST_FEN) > target.now + 1]
        knots = self.knots()
        grids = [self.upward(target, knots) for target in chosen]
        known = self.boundaries(chosen, grids)
        probes: list[tuple[Target, int]] = []
        for target, outcomes in zip(chosen, known, strict=True):
            probes.append((target, 0))
            if target.kind == "fen":
                probes += [(target, target.now + SLOPE)]
                if target.name in declared()["parts"]:
                    limit = self.limits[target]
                    probes += [(target, value) for value in range(max(target.now, limit - NEAR), limit)]
                probes += [(target, target.now + step) for step in range(1, NEAR + 1)] if target.now else []
                for low, high in _steps(outcomes):
                    probes += [(target, high + SLOPE), (target, max(target.now, high - SLOPE))]
                    probes += [(target, value) for value in range(max(target.now, low - NEAR), low)]
        for (target, value), outcome in zip(probes, self.near_outcomes(probes, upward=True), strict=True):
            known[chosen.index(target)][value] = outcome
        found = []
        for target, outcomes in zip(chosen, known, strict=True):
            found += self.upward_candidates(target, {key: one.fen for key, one in outcomes.items() if one is not None})
        return found

    def largest_part(self, target: Target) -> int:
        """What the whole of a declared part leaves it, at least what it is now (fen)."""
        parts, row = declared()["parts"], self.about.rows[target.number]
        whole = parts[target.name]
        others = [name for name, other in parts.items() if other == whole and name != target.name]
        amounts = [self.about.facts.value(name)[row] for name in (whole, *others)]
        return max(target.now, int(to_fen(amounts[0])) - sum(int(to_fen(amount)) for amount in amounts[1:]))

    def upward_candidates(self, target: Target, fen: dict[int, int]) -> list[Candidate]:
        """Thresholds, caps, next fen and zero of one number, from what is known of its values."""
        now = self.now.fen
        gains, losses = [], []
        for low in sorted(fen):
            high = low + 1
            if low < target.now or high not in fen:
                continue
            change = fen[high] - fen[low]
            if abs(change) >= (JUMP if target.kind == "fen" else 1):
                if fen[high] > now:
                    gains.append(Candidate(target, high, "threshold", fen[high]))
                elif fen[high] < now:
                    losses.append(Candidate(target, high, "threshold", fen[high]))
            elif high + SLOPE in fen and target.kind == "fen":
                before = max(target.now, high - SLOPE)
                if fen[high] > now and fen[high + SLOPE] == fen[high] and fen.get(before, fen[high]) < fen[high]:
                    full = min(
                        value
                        for value in fen
                        if value > target.now and high - NEAR <= value and fen[value] == fen[high]
                    )
                    gains.append(Candidate(target, full, "cap", fen[high]))
        found = _first_of_each_value(gains)[:4]
        limit = self.limits.get(target, 0) - 1
        if not found and target.name in declared()["parts"] and limit > target.now and fen.get(limit, now) > now:
            full = min(value for value in fen if value > target.now and fen[value] == fen[limit])
            found.append(Candidate(target, full, "limit" if limit - full <= NEAR else "cap", fen[limit]))
        if not found and target.now and target.stated and target.kind == "fen":
            more = [value for value in fen if target.now < value <= target.now + NEAR and fen[value] > now]
            if more:
                found.append(Candidate(target, min(more), "step", fen[min(more)]))
        if target.now > 0 and fen.get(0, now) > now:
            found.append(Candidate(target, 0, "zero", fen[0]))
        return found + (losses[:1] if target.stated else [])

    def dates(self, targets: Sequence[Target], pooled: set[str]) -> list[Candidate]:
        """The nearest earlier and later day that changes the money."""
        chosen = [target for target in targets if target.kind == "date"]
        bases = [self.base_day(target) for target in chosen]
        year = self.population.year
        marks = [_day(f"{other}-{month:02d}-01") for other in range(year - 4, year + 2) for month in range(1, 13)]
        marks += [mark - 1 for mark in marks]
        near = [sign * step for step in (1, 2, 3, 5, 8, 13, 21) for sign in (1, -1)]
        grids = [sorted({base, *marks, *(base + step for step in near)}) for base in bases]
        found = []
        for target, base, outcomes in zip(chosen, bases, self.boundaries(chosen, grids, now=bases), strict=True):
            differing = [day for day, one in outcomes.items() if one is not None and one.fen != self.now.fen]
            later = [day for day in differing if day >= base]
            earlier = [day for day in differing if day < base]
            days = ([min(later)] if later else []) + ([max(earlier)] if earlier else [])
            for day in days:
                outcome = outcomes[day]
                assert outcome is not None
                found.append(Candidate(target, day, "date", outcome.fen))
            if target.name in pooled:
                found += [one for one in self.pooled_days(target, base) if one.value not in days]
        return found

    def pooled_days(self, target: Target, base: int) -> list[Candidate]:
        """Days on which the enterprise's place in a queue changes what the pools pay: by bisection with everybody."""
        now, found = self.paid_now(), []
        for edge in (_day(f"{self.population.year}-01-01"), _day(f"{self.population.year}-12-31")):
            same, other = base, edge
            if edge == base or self.whole(target, edge) in (None, now):
                continue
            while abs(other - same) > 1:
                middle = (same + other) // 2
                if self.whole(target, middle) in (None, now):
                    same = middle
                else:
                    other = middle
            found.append(Candidate(target, other, "date", self.now.fen))
        return found

    def base_day(self, target: Target) -> int:
        """The day from which nearer and farther days count: the stated one, the application's, or the year's last."""
        dates = [target.now]
        if target.project is not None and "application_date" in self.system.variables:
            dates.append(
                int(self.about.facts.value("application_date")[target.row].astype("datetime64[D]").astype(int))
            )
        return next((day for day in dates if day != int(NO_DATE.astype(int))), _day(f"{self.population.year}-12-31"))

    def knots(self) -> list[int]:
        """Values at which something may happen: lines and caps named in the declared conditions, and caps over rates (fen)."""
        found: set[float] = set()
        for about in declared()["instruments"].values():
            for entry in (*about["conditions"], *about["steps"]):
                source = str(entry.get("line", ""))
                if "." not in source or find(self.system.parameters, source).metadata["unit"] != "元":
                    continue
                lines = {at.value for at in find(self.system.parameters, source).values_list if at.value}
                folder = find(self.system.parameters, source.rpartition(".")[0])
                rates = {
                    at.value
                    for one in leaves(folder)
                    if one.metadata.get("unit") == "/1"
                    for at in one.values_list
                    if at.value
                }
                found |= lines | {line / rate for line in lines for rate in rates}
        return sorted({round(100 * value) for value in found})

    def upward(self, target: Target, knots: Sequence[int]) -> list[int]:
        """Values to try from the present one up."""
        if target.kind == "int":
            steps = {1, 2, 3, 5, *numpy.geomspace(1, 100_000, 40).astype(int).tolist()}
            return sorted({target.now, *(target.now + step for step in steps)})
        top = 4 * max([*knots, 10**9])
        lines = set(knots) | {knot - 1 for knot in knots}
        lines |= {target.now + gap for gap in self.gaps(target)} | {self.limits.get(target, 0) - 1}
        steps = numpy.geomspace(1, top, 60).astype(numpy.int64).tolist()
        return sorted(
            {target.now, *(value for value in lines if value > target.now), *(target.now + step for step in steps)}
        )

    def gaps(self, target: Target) -> set[int]:
        """What is missing to each line of a declared condition, in fen, and one fen less or more."""
        facts, row = self.about.facts, self.about.rows[target.number]
        found = set()
        for condition in self.conditions.values():
            if "amount" in condition and unit_of(self.system.variables[condition["amount"]]) == "元":
                gap = facts.line(condition)[row] - facts.value(condition["amount"])[row]
                if numpy.isfinite(gap) and gap > 0:
                    found |= {round(100 * gap) + more for more in (-1, 0, 1)}
        return {gap for gap in found if gap > 0}

    def boundaries(self, targets, grids, now=None) -> list[dict[int, Outcome | None]]:
        """Outcomes on a grid of values of each target, refined until every change of state lies between two neighbours."""
        known: list[dict[int, Outcome | None]] = [{} for _ in targets]
        centres = now or [target.now for target in targets]
        wanted = [(number, value) for number, grid in enumerate(grids) for value in grid]
        while wanted:
            outcomes = self.near_outcomes([(targets[number], value) for number, value in wanted], upward=now is None)
            for (number, value), outcome in zip(wanted, outcomes, strict=True):
                known[number][value] = outcome
            wanted = []
            for number, outcomes_of in enumerate(known):
                open_pairs = sorted(
                    _pairs(outcomes_of),
                    key=lambda pair: min(abs(pair[0] - centres[number]), abs(pair[1] - centres[number])),
                )
                for low, high in open_pairs[:8]:
                    if high - low > 1:
                        inner = numpy.unique(numpy.linspace(low, high, 17).astype(numpy.int64))[1:-1]
                        wanted += [(number, int(value)) for value in inner if int(value) not in known[number]]
        return known

    # ----- computed with everybody -----

    def best(self, candidates: Sequence[Candidate], runs: int) -> tuple[Change, ...]:
        """The best changes of one scope, each computed with the whole population."""
        ordered = sorted(candidates, key=lambda one: (-one.fen, one.target.name, one.value))
        gains = [one for one in ordered if one.fen > self.now.fen]
        same = [one for one in ordered if one.fen == self.now.fen]
        losses = [one for one in ordered if one.fen < self.now.fen and self._stated(one.target)]
        groups: dict[tuple, list[Candidate]] = {}
        for one in gains + same + losses:
            joint = (one.target.name, one.target.row, one.fen, "value") if one.kind == "value" else (id(one),)
            groups.setdefault(joint, []).append(one)
        changes = []
        for group in list(groups.values())[:runs]:
            change = self.change(group[0])
            if change is not None and change.gain != 0:
                changes.append((change, group))
        up = sorted((pair for pair in changes if pair[0].gain > 0), key=lambda pair: -pair[0].gain)[:MOST_CHANGES]
        down: dict[tuple, tuple[Change, list[Candidate]]] = {}
        for change, group in sorted(changes, key=lambda pair: (pair[0].kind != "date", -pair[0].gain)):
            if change.gain < 0:
                later = change.kind == "date" and (change.difference or 0) > 0
                down.setdefault((change.before.name, later), (change, group))
        room = min(MOST_LOSSES, MOST_CHANGES - len(up))
        kept = up + sorted(list(down.values())[: max(room, 0)], key=lambda pair: -pair[0].gain)
        return tuple(self.with_equals(change, group) for change, group in kept)

    def _stated(self, target: Target) -> bool:
        return target.stated or target.name == "application_date"

    def change(self, candidate: Candidate) -> Change | None:
        """One candidate computed with the whole population; None if it cannot be."""
        target, now = candidate.target, self.paid_now()
        paid = self.whole(target, candidate.value)
        if paid is None:
            return None
        effects = []
        for one, before, after in zip(self.about.instruments, now, paid, strict=True):
            for number, (old, new) in enumerate(zip(before, after, strict=True)):
                if old != new:
                    project = str(self.population.projects["project_id"].iloc[self.about.rows[number]])
                    effects.append((project, one.label, (new - old) / 100))
        old, new = _sum(now), _sum(paid)
        per = None
        if candidate.kind == "step":
            more = self.whole(target, target.now + SLOPE)
            per = None if more is None else (_sum(more) - old) / 100
        before = self.about.shown(target.name, target.number)
        difference: float | None = None
        if target.kind in ("fen", "int", "date") and before.value is not None:
            difference = (candidate.value - target.now) / (100 if target.kind == "fen" else 1)
        after = dataclasses.replace(before, value=self.plain_value(target, candidate.value), stated=True)
        totals = old / 100, new / 100, (new - old) / 100
        return Change(target.project, candidate.kind, before, after, (), difference, *totals, tuple(effects), per)

    def plain_value(self, target: Target, value: int) -> Value:
        """A candidate value as a receipt shows it."""
        if target.kind == "fen":
            return value / 100
        if target.kind == "date":
            return str(numpy.datetime64(value, "D"))
        if target.kind == "bool":
            return bool(value)
        return plain(self.system.variables[target.name], value)

    def with_equals(self, change: Change, group: Sequence[Candidate]) -> Change:
        """The change with the other values of the same fact that pay exactly the same, each computed with everybody."""
        paid = self.whole(group[0].target, group[0].value)
        also = tuple(
            self.plain_value(one.target, one.value) for one in group[1:] if self.whole(one.target, one.value) == paid
        )
        return dataclasses.replace(change, also=also)


def set_cells(table: pandas.DataFrame, variable, rows: Sequence[int], values: Sequence) -> None:
    """State a fact in some rows of a table, making its column if there is none (other rows state nothing)."""
    if variable.name in table:
        column = table[variable.name]
    elif variable.value_type is datetime.date:
        column = pandas.Series(numpy.full(len(table), numpy.datetime64("NaT", "s")), index=table.index)
    else:
        numeric = variable.value_type in (float, int)
        column = pandas.Series(numpy.full(len(table), numpy.nan if numeric else None), index=table.index)
    filled = column.to_numpy().copy()
    if filled.dtype.kind in "iu" and any(value != int(value) for value in values):
        filled = filled.astype(numpy.float64)
    filled[list(rows)] = numpy.array(values, dtype=filled.dtype)
    table[variable.name] = filled


def _kind(variable) -> str | None:
    if variable.value_type is Enum:
        return "enum"
    if variable.value_type is bool:
        return "bool"
    if variable.value_type is datetime.date:
        return "date"
    if variable.value_type is int:
        return "int"
    return "fen" if variable.unit == "元" else None


def _pairs(outcomes: dict[int, Outcome | None]) -> list[tuple[int, int]]:
    """Neighbouring known values between which the state changes."""
    values = sorted(value for value, one in outcomes.items() if one is not None)
    return [
        (low, high)
        for low, high in itertools.pairwise(values)
        if outcomes[low].state != outcomes[high].state  # type: ignore[union-attr]
    ]


def _steps(outcomes: dict[int, Outcome | None]) -> list[tuple[int, int]]:
    return [(low, high) for low, high in _pairs(outcomes) if high - low == 1]


def _first_of_each_value(candidates: list[Candidate]) -> list[Candidate]:
    seen: dict[int, Candidate] = {}
    for one in candidates:
        seen.setdefault(one.value, one)
    return list(seen.values())


def _collect(node, uses: dict[str, set[str]]) -> None:
    uses.setdefault(node.name, set()).update(child.name for child in node.children)
    for child in node.children:
        _collect(child, uses)


def _day(text: str) -> int:
    return int(numpy.datetime64(text, "D").astype(int))


def _sum(paid: tuple) -> int:
    return sum(sum(one) for one in paid)
