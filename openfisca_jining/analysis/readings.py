"""What unclear clauses are worth: totals under every reading, one at a time, and the lowest and highest combination.

A reading is a string parameter that lists its values (``parameters/<document>/readings.yaml``). Every value that is not taken is
computed as a law of its own. Which readings contradict each other is data (``clauses/reading_conflicts.yaml``); nothing here
knows a clause. The combinations are searched in ``analysis.reading_search``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import numpy
import pandas
import yaml

from openfisca_jining.analysis.budget import to_fen_signed
from openfisca_jining.analysis.record import run_record
from openfisca_jining.clauses.register import documents
from openfisca_jining.errors import JiningError, UnknownParameter, UnknownReading
from openfisca_jining.instruments import INSTRUMENTS, Instrument, instruments
from openfisca_jining.law import leaves
from openfisca_jining.money import sum_fen, to_yuan
from openfisca_jining.population import Population
from openfisca_jining.reforming import reformed

if TYPE_CHECKING:
    from openfisca_jining.analysis.reading_search import Search

#: What a value of a reading does on a population.
MOVES, SHIFTS, NOTHING, REFUSED = "合计变动", "只改变分配", "没有影响", "不能计算"
TOTAL = "total"


@dataclass(frozen=True)
class Reading:
    """An unclear clause and the ways it can be read.

    :ivar path: parameter. :ivar scope: Chinese short name of its document (各文件 for what is common to all).
    :ivar label: what is unclear. :ivar taken: value in the law given. :ivar words: value -> Chinese, the default first.
    :ivar clauses: register ids.
    """

    path: str
    scope: str
    label: str
    taken: str
    words: Mapping[str, str]
    clauses: tuple[str, ...]

    @property
    def name(self) -> str:
        """``<document>.<reading>``, as ``--reading`` takes it."""
        return self.path.replace(".readings.", ".")

    @property
    def title(self) -> str:
        """Document and what is unclear, in Chinese."""
        return f"{self.scope}：{self.label}"

    @property
    def alternatives(self) -> tuple[str, ...]:
        """The values that are not taken."""
        return tuple(value for value in self.words if value != self.taken)


@dataclass(frozen=True)
class Conflict:
    """Two readings that deny each other under some of their values. :ivar reason: why, in Chinese."""

    first: str
    first_values: frozenset[str]
    second: str
    second_values: frozenset[str]
    reason: str

    def holds(self, taken: Mapping[str, str]) -> bool:
        """Whether an assignment (path -> value; what it leaves out contradicts nothing) contains the contradiction."""
        return taken.get(self.first) in self.first_values and taken.get(self.second) in self.second_values


@dataclass(frozen=True)
class Spread:
    """Totals under every reading, one at a time.

    :ivar measure: Chinese words for what is measured. :ivar counted: instruments that count. :ivar default: what the law given pays
        under the measure (yuan). :ivar paid_by_payer: all that the law given has each payer pay (yuan).
    :ivar readings: the readings looked at. :ivar alternatives: one row per value not taken: reading, document, label, value,
        words, effect (:data:`MOVES` ...), total and difference (yuan, nan if refused), gain and lose (enterprises), reason (of a
        refusal, or of a contradiction with what the law given takes elsewhere).
    :ivar payers, instruments: the same by payer and by instrument (``name``), of what could be computed: total, difference
        (yuan) and enterprises that gain and lose. Of all the money, whatever the measure.
    :ivar record: run record.
    :ivar search: lowest and highest combination, where they were searched (``reading_search.search``).
    """

    measure: str
    counted: tuple[str, ...]
    default: float
    paid_by_payer: dict[str, float]
    readings: tuple[Reading, ...]
    alternatives: pandas.DataFrame
    payers: pandas.DataFrame
    instruments: pandas.DataFrame
    record: dict
    search: Search | None = None

    @property
    def counts_all(self) -> bool:
        """Whether all money counts (the measure is the total)."""
        return set(self.counted) == set(INSTRUMENTS)

    def having(self, effect: str) -> pandas.DataFrame:
        """The alternatives with one effect (:data:`MOVES`, :data:`SHIFTS`, :data:`NOTHING`, :data:`REFUSED`)."""
        return self.alternatives[self.alternatives["effect"] == effect]

    def tornado(self) -> pandas.DataFrame:
        """Readings that move the total, widest spread first: title, low, low_words, high, high_words, spread (yuan).

        ``low`` and ``high`` are differences to the law given, 0 with the words of the value taken where no value lies on that side.
        """
        moving = self.having(MOVES)
        rows = []
        for reading in self.readings:
            mine = moving[moving["reading"] == reading.name]
            if not len(mine):
                continue
            ends = [(0.0, reading.words[reading.taken]), *zip(mine["difference"], mine["words"], strict=True)]
            low, high = min(ends, key=lambda end: end[0]), max(ends, key=lambda end: end[0])
            rows.append((reading.name, reading.title, *low, *high, round(high[0] - low[0], 2)))
        columns = ["reading", "title", "low", "low_words", "high", "high_words", "spread"]
        table = pandas.DataFrame(rows, columns=columns)
        return table.sort_values("spread", ascending=False, kind="stable", ignore_index=True)

    def payer_matrix(self) -> pandas.DataFrame:
        """Readings (rows, by title) by payer (columns): the widest change of what the payer pays, with its sign (yuan)."""
        table = self.payers.assign(size=self.payers["difference"].abs())
        table = table[table["size"] > 0].sort_values("size", ascending=False, kind="stable")
        table = table.drop_duplicates(["reading", "name"])
        wide = table.pivot(index="reading", columns="name", values="difference").fillna(0.0)
        order = wide.abs().max(axis=1).sort_values(ascending=False, kind="stable").index
        titles = {reading.name: reading.title for reading in self.readings}
        return wide.loc[order].rename(index=titles).rename_axis(index="读法", columns=None)

    def to_pandas(self) -> pandas.DataFrame:
        """One row per value of a reading that the law given does not take."""
        return self.alternatives.copy()

    def to_json(self) -> dict:
        """JSON-ready; money in yuan."""
        return {
            "measure": self.measure,
            "default": self.default,
            "default_by_payer": self.paid_by_payer,
            "alternatives": _plain(self.alternatives),
            "payers": _plain(self.payers[self.payers["difference"] != 0]),
            "instruments": _plain(self.instruments[self.instruments["difference"] != 0]),
            "search": None if self.search is None else self.search.to_json(),
            "record": self.record,
        }


def spread(
    population: Population,
    system,
    *,
    only: Iterable[str] = (),
    measure: str = TOTAL,
    say: Callable[[str], None] = lambda text: None,
) -> Spread:
    """Compute a population under every reading of every unclear clause, one at a time.

    :param only: ``<document>.<reading>`` of the readings to look at (none: all). :param measure: ``total``, a payer's Chinese
        name, or an instrument's name or label: whose money counts as the total.
    :param say: called with what is going on. :raises UnknownReading, UnknownParameter: no such reading or measure.
    :raises MissingFact, BadFact, UnstatedParameter: the law given cannot be computed; what an alternative lacks is a result.
    """
    known, listed = readings_of(system, only), instruments(system)
    words, measured = measured_by(listed, measure)
    columns = numpy.array([one in measured for one in listed])
    base = paid(population, system, listed)
    contradictions, everywhere = conflicts(system), {reading.path: reading for reading in readings_of(system)}
    rows: list[tuple] = []
    parts: dict[str, list[tuple]] = {"payer": [], "label": []}
    for number, reading in enumerate(known):
        say(f"正在逐一换取法：{number + 1}/{len(known)} {reading.title}")
        for value in reading.alternatives:
            about = (reading.name, reading.scope, reading.label, value, reading.words[value])
            against = _contradiction(contradictions, everywhere, reading.path, value)
            try:
                fen = paid(population, reformed(system, readings=[(reading.path, value)]), listed)
            except JiningError as error:
                rows.append((*about, REFUSED, numpy.nan, numpy.nan, 0, 0, error.message))
                continue
            change = (fen - base)[columns]
            effect = MOVES if change.sum() else SHIFTS if change.any() else NOTHING
            rows.append((*about, effect, *_sums(fen[columns], base[columns]), against))
            for key, kept in parts.items():
                kept += _by(listed, key, (reading.name, value), fen, base)
    return Spread(
        words,
        tuple(one.name for one in measured),
        float(to_yuan(base[columns].sum())),
        {name: float(to_yuan(base[mine].sum())) for name, mine in _groups(listed, "payer").items()},
        tuple(known),
        pandas.DataFrame(rows, columns=[*_ABOUT, "effect", *_SUMS, "reason"]),
        pandas.DataFrame(parts["payer"], columns=["reading", "value", "name", *_SUMS]),
        pandas.DataFrame(parts["label"], columns=["reading", "value", "name", *_SUMS]),
        run_record(population, system),
    )


_ABOUT = ("reading", "document", "label", "value", "words")
_SUMS = ("total", "difference", "gain", "lose")


def readings_of(system, only: Iterable[str] = ()) -> list[Reading]:
    """The readings of a law, those of single documents first. :raises UnknownReading: ``only`` names one that is not there."""
    about = documents()
    found = []
    for parameter in leaves(system.parameters):
        words = parameter.metadata.get("readings")
        if words:
            clauses = parameter.metadata["clause"]
            scope = about.get(parameter.name.split(".")[0], {"short": "各文件"})["short"]
            listed = tuple(clauses) if isinstance(clauses, list) else (clauses,)
            taken = parameter.values_list[0].value
            found.append(Reading(parameter.name, scope, parameter.metadata["label"], taken, words, listed))
    wanted = {name.replace(".readings.", ".") for name in only}
    for name in sorted(wanted - {reading.name for reading in found}):
        raise UnknownReading([name], f"没有名为 {name} 的读法，应写成 文件.读法，如 {found[0].name}。")
    return [reading for reading in found if not wanted or reading.name in wanted]


def measured_by(listed: Sequence[Instrument], measure: str) -> tuple[str, list[Instrument]]:
    """Chinese words for a measure, and the instruments that count. :raises UnknownParameter: no such measure."""
    if measure == TOTAL:
        return "实付合计", list(listed)
    chosen = [one for one in listed if measure in (one.payer, one.name, one.label)]
    if not chosen:
        options = [TOTAL, *dict.fromkeys(one.payer for one in listed), *(one.label for one in listed)]
        raise UnknownParameter(["measure"], f"不能以「{measure}」为准。可选：{'、'.join(options)}。")
    return (measure if measure == chosen[0].payer else chosen[0].label) + "实付", chosen


def paid(population: Population, system, listed: Sequence[Instrument], simulation=None) -> numpy.ndarray:
    """Paid by instrument and enterprise (rows, columns), whole fen, weighted by the enterprises' sample weights."""
    simulation = simulation or population.simulation(system)
    year, size = str(population.year), len(population.enterprises)
    weight = simulation.populations["project"].enterprise("weight", year)
    fen = [to_fen_signed(weight * simulation.calculate(one.stages[-1], year)) for one in listed]
    return numpy.array([sum_fen(one, population.enterprise_number, size) for one in fen])


@functools.cache
def _declared() -> dict:
    text = resources.files("openfisca_jining.clauses").joinpath("reading_conflicts.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def conflicts(system) -> list[Conflict]:
    """The readings that contradict each other (``clauses/reading_conflicts.yaml``)."""
    found = [
        Conflict(
            entry["first"]["reading"],
            frozenset(entry["first"]["values"]),
            entry["second"]["reading"],
            frozenset(entry["second"]["values"]),
            entry["reason"],
        )
        for entry in _declared()["conflicts"]
    ]
    values = {reading.path: list(reading.words) for reading in readings_of(system)}
    for entry in _declared()["alike"]:
        first, second = entry["readings"]
        for value in values[first]:
            others = frozenset(values[second]) - {value}
            found.append(Conflict(first, frozenset([value]), second, others, entry["reason"]))
    return found


def _contradiction(contradictions, about: Mapping[str, Reading], path: str, value: str) -> str:
    taken = {reading.path: reading.taken for reading in about.values()} | {path: value}
    for one in contradictions:
        if path in (one.first, one.second) and one.holds(taken):
            other = about[one.second if path == one.first else one.first]
            return f"与「{other.label}：{other.words[other.taken]}」抵触：{one.reason}"
    return ""


def _sums(fen, base) -> tuple[float, float, int, int]:
    change = fen - base
    sign = numpy.sign(change.sum(axis=0))
    return float(to_yuan(fen.sum())), float(to_yuan(change.sum())), int((sign > 0).sum()), int((sign < 0).sum())


def _by(listed, key: str, about: tuple, fen, base) -> list[tuple]:
    return [(*about, name, *_sums(fen[mine], base[mine])) for name, mine in _groups(listed, key).items()]


def _groups(listed: Sequence[Instrument], key: str) -> dict[str, list[bool]]:
    """Which instruments have each value of an attribute."""
    names = [getattr(one, key) for one in listed]
    return {name: [one == name for one in names] for name in dict.fromkeys(names)}


def _plain(table: pandas.DataFrame) -> list[dict]:
    """Rows as JSON takes them (no nan)."""
    return table.astype(object).where(table.notna(), None).to_dict("records")
