"""The lines of the law: thresholds that a condition of an instrument compares something with, found from the declared
conditions (``clauses/conditions.yaml``) and from the metadata of the parameter tree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy
import pandas
from numpy.typing import NDArray

from openfisca_jining.analysis.explain import Facts, declared, locators
from openfisca_jining.instruments import Instrument, instruments
from openfisca_jining.law import find, leaves
from openfisca_jining.population import Population
from openfisca_jining.readings import ALWAYS
from openfisca_jining.reforming import reformed

#: Comparisons that make a line, as metadata and conditions state them.
COMPARISONS = {"at_least": "达到（含本数）", "more_than": "超过（不含本数）"}


@dataclass(frozen=True)
class Line:
    """One threshold of the law.

    :ivar parameter: dotted path. :ivar label, clause, locator: Chinese label, register id, where it is written.
    :ivar value: at the end of the year's open days (None: not stated); ``unit`` as in its metadata.
    :ivar instrument: the instrument that asks for it. :ivar condition: as declared. :ivar fact: the fact by which a
        project comes up to it ("" if no typical project says so).
    """

    parameter: str
    label: str
    clause: str
    locator: str
    value: float | None
    unit: str
    comparison: str
    instrument: Instrument
    condition: dict
    fact: str

    @property
    def at_variable(self) -> bool:
        """The condition compares with a variable that chooses between several parameters."""
        return str(self.condition["line"]) != self.parameter


def find_lines(facts: Facts) -> list[Line]:
    """Every line that a condition of an instrument names, under the readings taken, in the order of the instruments.

    :param facts: any simulation of the claim year under the law in question.
    """
    found = []
    for instrument in instruments(facts.system):
        for condition in declared()["instruments"][instrument.name]["conditions"]:
            for one in condition.get("any_of", [condition]):
                if "amount" in one and facts.applies(one):
                    found += [_line(facts, instrument, one, path) for path in _paths(facts.system, instrument, one)]
    return found


def _paths(system, instrument: Instrument, condition: dict) -> Iterable[str]:
    """Parameters behind a condition's line: the one it names, or those of the instrument's folder with its
    comparison."""
    source = condition["line"]
    if not isinstance(source, str):
        return []
    if source not in system.variables:
        return [source]
    folder = f"{instrument.document}.{instrument.name.removeprefix(instrument.document + '_')}"
    return [
        leaf.name
        for leaf in leaves(find(system.parameters, folder))
        if leaf.metadata.get("comparison") == condition["comparison"]
    ]


def _line(facts: Facts, instrument: Instrument, condition: dict, path: str) -> Line:
    about = find(facts.system.parameters, path)
    windows = facts.windows(instrument.document)
    day = windows[-1][1] if windows else f"{facts.period.start.year}-12-31"
    clause = about.metadata["clause"]
    return Line(
        parameter=path,
        label=about.metadata["label"],
        clause=clause,
        locator=locators().get(clause, clause),
        value=about.get_at_instant(day),
        unit=about.metadata["unit"],
        comparison=condition["comparison"],
        instrument=instrument,
        condition=condition,
        fact=next((one["varied"] for one in declared()["typical"] if one.get("line") == path), ""),
    )


def governed(line: Line, facts: Facts, population: Population) -> NDArray[numpy.bool_]:
    """Projects whose condition is measured against this very parameter (bool), told by what moves when it does."""
    if not line.at_variable or line.value is None:
        return numpy.ones(len(population), dtype=bool)
    moved = reformed(facts.system, changes=[(line.parameter, line.value + 1, ALWAYS)])
    after = Facts(population.simulation(moved), population.year)
    return numpy.nan_to_num(after.line(line.condition)) != numpy.nan_to_num(facts.line(line.condition))


def concerned_by(line: Line, facts: Facts, population: Population) -> NDArray[numpy.bool_]:
    """Projects that a line is for: of the territory, in time, with something the instrument is about (bool)."""
    wanted = facts.met(declared()["documents"][line.instrument.document]["territory"])
    for one in declared()["instruments"][line.instrument.name]["conditions"]:
        if facts.applies(one) and (one.get("subject") or "window" in one):
            wanted = wanted & facts.met(one)
    return wanted & governed(line, facts, population)


def other_thresholds(system, year: int, found: list[Line]) -> pandas.DataFrame:
    """Thresholds of the parameter tree that no project's money depends on (targets, sums of places): parameter, label,
    value."""
    named = {line.parameter for line in found}
    rows = []
    for leaf in leaves(system.parameters):
        if leaf.metadata.get("comparison") in COMPARISONS and leaf.name not in named:
            clause = leaf.metadata["clause"]
            value = leaf.get_at_instant(f"{year}-12-31")
            rows.append(
                {
                    "parameter": leaf.name,
                    "label": leaf.metadata["label"],
                    "clause": clause if isinstance(clause, str) else "、".join(clause),
                    "value": numpy.nan if value is None else float(value),
                    "unit": leaf.metadata["unit"],
                }
            )
    return pandas.DataFrame(rows, columns=["parameter", "label", "clause", "value", "unit"])


# ----- typical projects -----


def typical_population(year: int) -> tuple[Population, list[dict], NDArray[numpy.int64]]:
    """The typical projects of ``clauses/conditions.yaml`` as a population: it, their entries, and the row of each."""
    projects: list[dict] = []
    enterprises: list[dict] = []
    rows = []
    entries = declared()["typical"]
    for number, entry in enumerate(entries):
        rows.append(len(projects))
        for place, one in enumerate([entry, *entry.get("partners", [])]):
            key = f"T{number + 1}" if place == 0 else f"T{number + 1}-{place + 1}"
            enterprises.append({"enterprise_id": key, "enterprise_name": entry["name"], **one["enterprise"]})
            projects.append(
                {
                    "project_id": key,
                    "project_name": entry["name"],
                    "enterprise_id": key,
                    "consortium_id": f"T{number + 1}" if "partners" in entry else "",
                    **one["project"],
                }
            )
    tables = _numbers_as_float(projects), _numbers_as_float(enterprises)
    return Population(year, tables[0], tables[1], source="典型项目"), entries, numpy.array(rows)


def _numbers_as_float(rows: list[dict]) -> pandas.DataFrame:
    table = pandas.DataFrame(rows)
    whole = table.select_dtypes("int").columns
    return table.astype(dict.fromkeys(whole, float))
