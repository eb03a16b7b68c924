"""Shifting an application across the dates on which the law changes, and by a day or a year from where it is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy
import pandas
from openfisca_core.periods import period as make_period

from openfisca_jining.analysis.explain import Facts
from openfisca_jining.analysis.notch.variants import ONE_YUAN, Integers, entitled, weights
from openfisca_jining.clauses.register import documents
from openfisca_jining.errors import JiningError
from openfisca_jining.instruments import instruments
from openfisca_jining.law import DAY, leaves, open_windows
from openfisca_jining.money import sum_fen
from openfisca_jining.population import Population

HEADINGS = {
    "shift": "改变",
    "what": "当天变的",
    "before": "改前共得",
    "after": "改后共得",
    "difference": "差额",
    "gain": "多得的企业",
    "gained": "多得",
    "lose": "少得的企业",
    "lost": "少得",
    "note": "说明",
}
#: Shifts from each claim's own date: Chinese name -> (days, years). A claim without a date can be moved by years only.
SHIFTS = {"每家提前一天": (-1, 0), "每家推后一天": (1, 0), "每家提前一年": (0, -1), "每家推后一年": (0, 1)}
#: Folder of a document with what it aims at: nobody's money depends on it.
AIMS = "targets"


def shifting(population: Population, system) -> pandas.DataFrame:
    """What the population's enterprises gain or lose by applying on another day, before the pools.

    Across each date on which something changes: all apply on the day before, and all on the day itself (``before`` and
    ``after``). By a day or a year: from their own dates (the last open day where none is stated). A claim belongs to
    the claim year of its day. Other dates (invoices, completion) stay.

    :returns: columns of :data:`HEADINGS`, money in yuan weighted by sample weights; dates that change nobody's money
        are left out. ``note``: why a line could not be computed.
    """
    table = [_across(population, system, day, what) for day, what in changing_days(population, system).items()]
    rows = [row for row in table if row.get("note") or row["gain"] or row["lose"]]
    here = entitled_by_enterprise(population, system)
    rows += [_shifted(population, system, name, shift, here) for name, shift in SHIFTS.items()]
    return pandas.DataFrame([_plain(row) for row in rows], columns=list(HEADINGS))


def changing_days(population: Population, system) -> dict[numpy.datetime64, list[str]]:
    """Days from which on the law of the instruments' documents differs from the day before, and what changes
    (Chinese)."""
    facts = Facts(population.simulation(system), population.year)
    found: dict[numpy.datetime64, list[str]] = {}
    for name in dict.fromkeys(one.document for one in instruments(system)):
        for day in _window_edges(facts, name):
            closes = f"{documents()[name]['short']}停止受理"
            found.setdefault(day, []).append(_opens(name) if is_open(facts, name, day) else closes)
    if not found:
        return {}
    first, last = min(found), max(found)
    opened = {
        (name, day) for day, words in found.items() for name in documents() if any(_opens(name) == one for one in words)
    }
    folders = (*dict.fromkeys(one.document for one in instruments(system)), "national")
    for folder in folders:
        for parameter in leaves(system.parameters.children[folder]):
            for day in _changes(parameter):
                if first <= day <= last and (folder, day) not in opened and parameter.name.split(".")[1] != AIMS:
                    found.setdefault(day, []).append(f"{parameter.metadata.get('label') or parameter.name}改变")
    return dict(sorted(found.items()))


def _opens(document: str) -> str:
    return f"{documents()[document]['short']} 开始受理"


def _changes(parameter) -> Iterable[numpy.datetime64]:
    """Days on which a parameter gets another value (or its first one)."""
    for at in parameter.values_list:
        day = numpy.datetime64(at.instant_str, "D")
        if at.value is not None and parameter.get_at_instant(str(day - 1)) != at.value:
            yield day


def _window_edges(facts: Facts, document: str) -> list[numpy.datetime64]:
    """Days on which a document opens, or on which it has just closed."""
    stated = {
        numpy.datetime64(at.value, "D")
        for leaf in leaves(facts.system.parameters.children[document].children["validity"])
        for at in leaf.values_list
        if leaf.metadata.get("unit") == "date" and at.value is not None
    }
    days = sorted({day + more for day in stated for more in (0, 1) if day < numpy.datetime64("9999-01-01")})
    return [day for day in days if is_open(facts, document, day) != is_open(facts, document, day - 1)]


def is_open(facts: Facts, document: str, day) -> bool:
    """Whether a document takes claims on a day, in whichever year it lies."""
    windows = open_windows(facts.project, make_period(str(day)[:4]), facts.parameters, document)
    return any(first <= day <= last for first, last in windows)


def _across(population: Population, system, day, what: list[str]) -> dict:
    words = "；".join(what[:3]) + (f"等 {len(what)} 项" if len(what) > 3 else "")
    name = f"{day - 1} 改到 {day}"
    try:
        money = [_money(population, system, numpy.full(len(population), one, dtype=DAY)) for one in (day - 1, day)]
    except JiningError as error:
        return {"shift": name, "what": words, "note": f"不能测算：{error.message}"}
    return _row(name, words, population, *money)


def _shifted(population: Population, system, name: str, shift: tuple[int, int], before: Integers) -> dict:
    stated = _stated(population)
    days = _years(stated + shift[0], shift[1])
    try:
        return _row(name, "", population, before, _money(population, system, days, shift[1]))
    except JiningError as error:
        return {"shift": name, "what": "", "note": f"不能测算：{error.message}"}


def _row(name: str, what: str, population: Population, before: Integers, after: Integers) -> dict:
    """One line of the table from the whole fen of each enterprise before and after."""
    weight = numpy.zeros(len(population.enterprises))
    weight[population.enterprise_number] = weights(population)
    more = numpy.where(numpy.abs(after - before) < ONE_YUAN, 0, after - before)
    row: dict = {"shift": name, "what": what, "note": ""}
    row |= {"gain": int((more > 0).sum()), "lose": int((more < 0).sum())}
    sums = {"before": before, "after": before + more, "difference": more}
    sums |= {"gained": numpy.maximum(more, 0), "lost": numpy.maximum(-more, 0)}
    return row | {key: round(float((weight * fen).sum())) / 100 for key, fen in sums.items()}


def _plain(row: dict) -> dict:
    return {name: row.get(name, numpy.nan) for name in HEADINGS}


def _stated(population: Population) -> numpy.ndarray:
    """Stated application dates (NaT where there is none)."""
    if "application_date" not in population.projects:
        return numpy.full(len(population), "NaT", dtype=DAY)
    return population.projects["application_date"].to_numpy().astype(DAY)


def _years(days, more: int):
    """The same day of another year; 29 February becomes 28 February."""
    month = days.astype("datetime64[M]")
    moved = month + 12 * more
    last = (moved + 1).astype(DAY) - 1
    return numpy.minimum(moved.astype(DAY) + (days - month.astype(DAY)), last)


def entitled_by_enterprise(population: Population, system) -> Integers:
    """Whole fen of each enterprise before the pools."""
    fen = entitled(population, system).sum(axis=0)
    return sum_fen(fen, population.enterprise_number, len(population.enterprises))


def _money(population: Population, system, days, years: int = 0) -> Integers:
    """Whole fen of each enterprise if its projects are applied for on other days; a claim falls in the year of its day.

    :param years: by how many years a claim without a date is moved.
    """
    projects = population.projects.assign(application_date=days.astype("datetime64[s]"))
    if "city_application_date" in projects:
        moved = projects["city_application_date"].to_numpy().astype(DAY) + (days - _stated(population))
        projects["city_application_date"] = moved.astype("datetime64[s]")
    own = days.astype("datetime64[Y]").astype(int) + 1970
    year = numpy.where(numpy.isnat(days), population.year + years, own)
    total = numpy.zeros(len(population.enterprises), dtype=numpy.int64)
    for one in numpy.unique(year):
        rows = numpy.flatnonzero(year == one)
        used = numpy.unique(population.enterprise_number[rows])
        tables = projects.iloc[rows].reset_index(drop=True), population.enterprises.iloc[used].reset_index(drop=True)
        total[used] += entitled_by_enterprise(Population(int(one), *tables), system)
    return total
