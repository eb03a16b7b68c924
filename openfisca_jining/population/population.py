"""A population of one claim year: projects, the enterprises they belong to, and their consortia."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

import numpy
import pandas
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import period as make_period
from openfisca_core.simulations import Simulation
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_jining.classifications import JINING, ZAOZHUANG
from openfisca_jining.errors import BadFact
from openfisca_jining.variable_types import set_fact

#: Columns that identify rather than state a fact.
IDS = ("project_id", "project_name", "enterprise_id", "enterprise_name", "consortium_id")
CITIES = ("济宁市", "枣庄市", "其他")


@dataclass(frozen=True)
class Population:
    """Claims of one year, ready for a simulation.

    :ivar year: claim year.
    :ivar projects: one row per project: ``project_id``, ``enterprise_id``, optionally ``consortium_id`` (empty = none) and
        ``project_name``, and one column per project fact, named like the OpenFisca variable (money in yuan, dates as
        datetime64[D], Enums by member name). Facts without a column, and blank cells, take their default.
    :ivar enterprises: one row per enterprise, in the order of first use: ``enterprise_id``, optionally
        ``enterprise_name``, and one column per enterprise fact.
    :ivar source: where the rows come from, shown in every result. :ivar synthetic: made up, not observed.
    """

    year: int
    projects: pandas.DataFrame
    enterprises: pandas.DataFrame
    source: str = ""
    synthetic: bool = False
    notes: tuple[str, ...] = field(default=())
    _enterprise_number: numpy.ndarray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        known = pandas.Index(self.enterprises["enterprise_id"])
        if not known.is_unique:
            raise BadFact(["enterprises"], f"企业编号重复：{known[known.duplicated()][0]}。")
        if not len(self.projects):
            raise BadFact(["projects"], "没有任何项目，无法测算。")
        number = known.get_indexer(self.projects["enterprise_id"])
        object.__setattr__(self, "_enterprise_number", number)
        missing = number < 0
        if missing.any():
            row = self.projects.loc[missing].iloc[0]
            raise BadFact(["projects"], f"项目 {row['project_id']} 的企业 {row['enterprise_id']} 不在企业表中。")
        ids = self.projects["project_id"]
        if not ids.is_unique:
            raise BadFact(["projects"], f"项目编号重复：{ids[ids.duplicated()].iloc[0]}。")

    def __len__(self) -> int:
        return len(self.projects)

    @property
    def enterprise_number(self) -> numpy.ndarray:
        """Row of each project's enterprise in ``enterprises`` (int64, one per project)."""
        return self._enterprise_number

    @property
    def city_number(self) -> numpy.ndarray:
        """City of each project: 0 Jining, 1 Zaozhuang, 2 elsewhere (int64, one per project)."""
        names = self.enterprises.get("county", pandas.Series("unstated", index=self.enterprises.index))
        cities = {member.name: 0 for member in JINING} | {member.name: 1 for member in ZAOZHUANG}
        city = names.map(cities).fillna(2).to_numpy(dtype=numpy.int64)
        return city[self.enterprise_number]

    def content_hash(self) -> str:
        """SHA-256 of the rows (hex), the same for the same facts whatever file they came from.

        :raises BadFact: a name has half a character (a lone surrogate), which no file can hold.
        """
        digest = hashlib.sha256(str(self.year).encode())
        for table in (self.projects, self.enterprises):
            ordered = table.reindex(sorted(table.columns), axis=1)
            try:
                digest.update(ordered.to_csv(index=False, lineterminator="\n").encode())
            except UnicodeEncodeError:
                raise self._half_character(table) from None
        return digest.hexdigest()

    def _half_character(self, table: pandas.DataFrame) -> BadFact:
        """Where a table has half a character."""
        label = "企业" if table is self.enterprises else "项目"
        for column in table.columns[table.dtypes.map(lambda kind: kind.kind == "O")]:
            for row, value in enumerate(table[column].astype(str), 1):
                shown = (
                    value.encode("ascii", "backslashreplace").decode()
                    if any("\ud800" <= one <= "\udfff" for one in value)
                    else ""
                )
                if shown:
                    return BadFact(
                        [f"{label}表", column],
                        f"第 {row} 个{label}的 {column} 是「{shown}」，含有半个字符（不成对的代理码位），不能写进任何文件。"
                        "多半是数据导出时截断的，请改正后再算。",
                    )
        raise AssertionError(table)

    def simulation(self, system: TaxBenefitSystem) -> Simulation:
        """A fresh simulation of the claim year.

        :raises BadFact: a fact is negative or not a number. :raises KeyError: a column names no variable.
        """
        simulation = self.without_facts(system)
        year = make_period(str(self.year))
        for table in (self.enterprises, self.projects):
            for name in table.columns.difference(list(IDS)):
                _state(simulation, system.get_variable(name, check_existence=True), year, table[name])
        return simulation

    def without_facts(self, system: TaxBenefitSystem) -> Simulation:
        """A simulation with its groups and no facts. Memberships are written straight into the arrays."""
        populations = system.instantiate_entities()
        populations["project"].count = len(self.projects)
        populations["project"].ids = self.projects["project_id"].tolist()
        for key, (members, ids) in self.memberships.items():
            group = populations[key]
            group.members_entity_id, group.ids, group.count = members, ids, len(ids)  # 角色只有一种，Core 用到时自己填
        return Simulation(system, populations)

    @cached_property
    def memberships(self) -> dict[str, tuple[numpy.ndarray, list[str]]]:
        """Group of each project (int64) and ids of the groups, by kind of group. Worked out once for all simulations."""
        city, cities = pandas.factorize(self.city_number)
        groups = {
            "enterprise": (self.enterprise_number, self.enterprises["enterprise_id"].tolist()),
            "consortium": self._consortia(),
            "city": (city, [CITIES[number] for number in cities]),
        }
        return {key: (numpy.asarray(members, dtype=numpy.int64), ids) for key, (members, ids) in groups.items()}

    def _consortia(self) -> tuple[numpy.ndarray, list[str]]:
        """Number of each project's consortium, in the order of first use, and their ids; a project without one is its own."""
        count = len(self.projects)
        first = numpy.arange(count)
        ids = numpy.array([f"({number})" for number in range(count)], dtype=object)
        if "consortium_id" in self.projects:
            column = self.projects["consortium_id"]
            rows = numpy.flatnonzero((column.notna() & (column != "")).to_numpy())
            codes, names = pandas.factorize(column.iloc[rows])
            leading = numpy.full(len(names), count)
            numpy.minimum.at(leading, codes, rows)
            first[rows], ids[leading] = leading[codes], numpy.asarray(names, dtype=object)
        own = first == numpy.arange(count)
        return (numpy.cumsum(own) - 1)[first], ids[own].tolist()


def _state(simulation: Simulation, variable, year, column: pandas.Series) -> None:
    """Set one fact. Blank cells (None, NaN, NaT) state nothing: they take the default, or are refused where it matters."""
    rows = column.notna().to_numpy()
    stated = column
    if not rows.all():
        default = variable.default_value
        stated = column.where(column.notna(), default.name if variable.value_type is Enum else default)
    holder = simulation.populations[variable.entity.key].get_holder(variable.name)
    set_fact(holder, year, _as_input(variable, stated), rows)


def _as_input(variable, column: pandas.Series) -> numpy.ndarray:
    if variable.value_type is Enum:
        numbers = column.map({member.name: member.index for member in variable.possible_values})
        if numbers.isna().any():
            value = column[numbers.isna()].iloc[0]
            raise BadFact([variable.name], f"「{variable.label}」没有「{value}」这一类。")
        return variable.possible_values.encode(numbers.to_numpy().astype(numpy.int16))
    if variable.value_type.__name__ == "date":
        return column.to_numpy().astype("datetime64[D]")
    return column.to_numpy()
