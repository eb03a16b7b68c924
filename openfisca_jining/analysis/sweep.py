"""What moving numbers of the law does to what it costs: totals over a grid, elasticities, how far the caps bind."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from dataclasses import dataclass

import numpy
import pandas

from openfisca_jining.analysis.record import run_record
from openfisca_jining.analysis.scenarios import ScenarioRunner
from openfisca_jining.clauses.register import documents
from openfisca_jining.errors import UnknownParameter
from openfisca_jining.instruments import instruments
from openfisca_jining.law import find
from openfisca_jining.money import FEN
from openfisca_jining.population import Population

#: Stages a sweep adds up: what rates promise, what caps leave, what is paid.
STAGES = ("promised", "capped", "paid")
#: Relative step of an elasticity.
STEP = 0.01
#: Scenarios from which on it pays to start a second process.
MANY = 400


@dataclass(frozen=True)
class Axis:
    """A varied parameter. :ivar path: its path. :ivar values: its values, ascending as given. :ivar start: first day."""

    path: str
    values: tuple
    start: str


@dataclass(frozen=True)
class Sweep:
    """Totals over a grid of values.

    :ivar axes: the varied parameters. :ivar labels: path -> Chinese label with the document's short name.
    :ivar units: path -> unit. :ivar current: path -> value under the current law (None: it has none or none in that year).
    :ivar table: one row per scenario: a column for each path; ``total`` paid, ``difference`` to the current law, ``promised``,
        ``cap`` (what caps took), ``after_caps`` (what choices, bars and pools took), all yuan; ``cap_share`` (cap by promised);
        and what each instrument pays (columns by its label, yuan). :ivar baseline: total paid under the current law, yuan.
    :ivar elasticity: one row per path whose current value is a number above 0: change of the total in per cent for one per
        cent more (``up``) and for one per cent less (``down``), and the total's change in yuan for each.
    """

    axes: tuple[Axis, ...]
    labels: dict[str, str]
    units: dict[str, str]
    current: dict
    table: pandas.DataFrame
    baseline: float
    elasticity: pandas.DataFrame
    record: dict

    def to_pandas(self) -> pandas.DataFrame:
        """The table of scenarios (a copy)."""
        return self.table.copy()

    def to_json(self) -> dict:
        """Axes, table, elasticities and run record, JSON-ready; money in yuan."""
        return {
            "axes": [
                {
                    "parameter": axis.path,
                    "label": self.labels[axis.path],
                    "start": axis.start,
                    "values": list(axis.values),
                }
                for axis in self.axes
            ],
            "current": self.current,
            "baseline_total": round(self.baseline, 2),
            "scenarios": self.table.to_dict("records"),
            "elasticity": self.elasticity.to_dict("records"),
            "record": self.record,
        }

    def grid(self, column: str = "total") -> pandas.DataFrame:
        """A column as a grid of the first two axes (rows: the first, columns: the second). :raises ValueError: one axis only."""
        if len(self.axes) < 2:
            raise ValueError("只有一个参数，没有网格。")
        return self.table.pivot_table(index=self.axes[0].path, columns=self.axes[1].path, values=column, sort=True)


def sweep(population: Population, system, axes: Sequence[Axis], workers: int | None = None) -> Sweep:
    """Totals of every combination of the axes' values.

    :param workers: processes; None: as many as pay. The figures do not depend on it.
    :raises UnknownParameter, UnknownReading: bad path or value, no axis, or axes that start on different days.
    """
    if not axes:
        raise UnknownParameter([], "请至少给出一个要变动的参数。")
    if len({axis.start for axis in axes}) > 1 or len({axis.path for axis in axes}) < len(axes):
        raise UnknownParameter([axes[0].path], "各参数须从同一天起变动，且每个参数只给一次。")
    start = axes[0].start
    combinations = list(itertools.product(*(axis.values for axis in axes)))
    changes = {axis.path: [row[place] for row in combinations] for place, axis in enumerate(axes)}
    if workers is None:
        workers = (os.cpu_count() or 1) if len(combinations) >= MANY else 1
    runner = ScenarioRunner(population, system, start, STAGES)
    fen = runner.totals(changes, workers).fen
    baseline = runner.totals({}).fen[0]
    current = {axis.path: value_at(system, axis.path, start, population.year) for axis in axes}
    table = pandas.DataFrame(changes)
    promised, capped, paid = (fen[:, :, place].sum(axis=1) for place in range(len(STAGES)))
    table["total"] = paid / FEN
    table["difference"] = (paid - baseline[:, 2].sum()) / FEN
    table["promised"] = promised / FEN
    table["cap"] = (promised - capped) / FEN
    table["after_caps"] = (capped - paid) / FEN
    table["cap_share"] = numpy.where(promised > 0, (promised - capped) / numpy.maximum(promised, 1), 0.0)
    for number, instrument in enumerate(instruments(system)):
        if fen[:, number].any():
            table[instrument.label] = fen[:, number, 2] / FEN
    paths = [axis.path for axis in axes]
    return Sweep(
        tuple(axes),
        {path: label_of(system, path) for path in paths},
        {path: find(system.parameters, path).metadata.get("unit", "") for path in paths},
        current,
        table,
        float(baseline[:, 2].sum() / FEN),
        elasticities(runner, current),
        run_record(population, system),
    )


def label_of(system, path: str) -> str:
    """Chinese label of a parameter with its document and clause: ``济宁 2017 设备补助：单个企业最高补助``."""
    parameter, document = find(system.parameters, path), path.split(".")[0]
    clause = find(system.parameters, path.rpartition(".")[0]).description or ""
    own = parameter.metadata.get("label") or parameter.description or path
    short = documents().get(document, {}).get("short", "")
    return f"{short} {own if clause in own else f'{clause}：{own}'}".strip()


def value_at(system, path: str, start: str, year: int):
    """Value of a parameter on the later of a day and the first day of a year."""
    return find(system.parameters, path).get_at_instant(max(start, f"{year:04d}-01-01"))


def elasticities(runner: ScenarioRunner, current: dict) -> pandas.DataFrame:
    """Change of the total for one per cent more or less of each parameter. See :class:`Sweep`."""
    rows = []
    before = int(runner.totals({}).fen[0, :, -1].sum())
    for path, value in current.items():
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0 or not before:
            continue
        up, down = (
            int(total)
            for total in runner.totals({path: [value * (1 + STEP), value * (1 - STEP)]}).fen[:, :, -1].sum(axis=1)
        )
        rows.append(
            {
                "parameter": path,
                "value": value,
                "up": (up - before) / before / STEP,
                "up_yuan": (up - before) / FEN,
                "down": (down - before) / before / STEP,
                "down_yuan": (down - before) / FEN,
            }
        )
    return pandas.DataFrame(rows, columns=["parameter", "value", "up", "up_yuan", "down", "down_yuan"])
