"""Run one drawn claim year through the model and through the oracle, and list what differs."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cache

import pandas

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.population import Population
from openfisca_jining.reforming import reformed

from .populations import Draw, draw
from .whole import EMPTY, READINGS, STAGES, judge

#: Facts that are numbers in yuan or counts; everything else is kept as drawn.
TEXT = {
    "project_id",
    "enterprise_id",
    "consortium_id",
    "county",
    "yield_per_mu_class",
    "yield_per_mu_class_project_year",
}
TEXT |= {"catalogue_category", "project_type", "special_fund_use"}


@dataclass
class Tally:
    """What a run covered and found."""

    enterprises: int = 0
    projects: int = 0
    laws: int = 0
    readings: set[tuple[str, str]] = field(default_factory=set)
    nonzero: Counter = field(default_factory=Counter)
    differences: list[tuple] = field(default_factory=list)
    errors: list[tuple] = field(default_factory=list)
    seconds: Counter = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        self.enterprises += other.enterprises
        self.projects += other.projects
        self.laws += other.laws
        self.readings |= other.readings
        self.nonzero += other.nonzero
        self.differences += other.differences
        self.errors += other.errors
        self.seconds += other.seconds


@cache
def law():
    return CountryTaxBenefitSystem()


def frame(rows: list[dict]) -> pandas.DataFrame:
    """Facts as the model takes them: money float64, dates, names; blank where nothing is stated."""
    columns: dict[str, list] = {}
    for name in sorted({key for row in rows for key in row}):
        values = [row.get(name) for row in rows]
        if name.endswith("_date"):
            columns[name] = pandas.Series(pandas.to_datetime(values))
        elif name not in TEXT and any(isinstance(v, (str, int)) and not isinstance(v, bool) for v in values):
            columns[name] = pandas.Series([None if v is None else float(v) for v in values], dtype="float64")
        else:
            columns[name] = pandas.Series(values, dtype="object")
    return pandas.DataFrame(columns)


def population_of(drawn: Draw) -> Population:
    """The drawn facts as the model takes them."""
    return Population(drawn.year, frame(drawn.projects), frame(drawn.enterprises))


def run_model(drawn: Draw, names: list[str], system=None, population=None) -> dict[str, list[int]]:
    """Amounts of the model by variable, in fen."""
    changed = reformed(
        system or law(),
        readings=list(drawn.law.readings.items()),
        supply=[(path, str(value)) for path, value in drawn.law.supply.items()],
        changes=[(path, str(value), first) for path, value, first in drawn.law.changes],
    )
    simulation = (population or population_of(drawn)).simulation(changed)
    found = {}
    for name in names:
        amounts = simulation.calculate(name, str(drawn.year))
        fen = (amounts * 100).round()
        assert (abs(fen / 100 - amounts) < 1e-9 * (1 + abs(amounts))).all(), name
        found[name] = [int(value) for value in fen]
    return found


def compare(drawn: Draw, system=None) -> list[tuple]:
    """(project, variable, model, oracle) wherever they differ by a fen or more."""
    expected = judge(drawn.year, drawn.projects, drawn.enterprises, drawn.law.numbers(), drawn.law.readings)
    return differences(drawn, expected, run_model(drawn, list(EMPTY), system))


def differences(drawn: Draw, expected: list[dict[str, int]], found: dict[str, list[int]]) -> list[tuple]:
    return [
        (project["project_id"], name, found[name][i], expected[i][name])
        for i, project in enumerate(drawn.projects)
        for name in EMPTY
        if found[name][i] != expected[i][name]
    ]


def batch(seed: str, enterprises: int, system=None) -> Tally:
    """One claim year with one law."""
    drawn = draw(random.Random(seed), enterprises)
    start = time.perf_counter()
    expected = judge(drawn.year, drawn.projects, drawn.enterprises, drawn.law.numbers(), drawn.law.readings)
    middle = time.perf_counter()
    tally = Tally(len(drawn.enterprises), len(drawn.projects), 1)
    try:
        found = run_model(drawn, list(EMPTY), system)
    except Exception as error:  # noqa: BLE001 - a refusal of the model is a finding as well
        tally.errors.append((seed, enterprises, type(error).__name__, str(error)[:300]))
        return tally
    tally.seconds = Counter(oracle=middle - start, model=time.perf_counter() - middle)
    tally.readings = set({**READINGS, **drawn.law.readings}.items())
    for row in expected:
        tally.nonzero.update(name for name in STAGES if row[f"{name}__paid"])
    tally.differences = [(seed, enterprises, *one) for one in differences(drawn, expected, found)]
    return tally
