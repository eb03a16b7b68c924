"""Made-up claims of coming years: the claims of a base year, drawn again with other numbers, sizes, dates and classes.

A world is one draw of one year. It repeats connected parts of the base year (an enterprise with its projects, a consortium
with its members) a random number of times, drops what is not approved, and moves amounts, dates and classes by the drivers.
Sizes stay heavy-tailed because the base year's are. Every world has its own random streams, named by seed, draw, year and
part, so worlds do not depend on how many there are or who computes them, and reforms are compared on the same worlds. Within
a world every copy of a row has its own numbers, so a driver that adds claims leaves the others as they were.

Draws work on whole fen and days; amounts of a project move by one factor, cut to the fen, so that parts stay below the whole.
Years before the base year can be made, too; growth is then taken back.
"""

from __future__ import annotations

import zlib
from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy
import pandas
from openfisca_core.indexed_enums import Enum

from openfisca_jining.analysis.forecast.drivers import Drivers
from openfisca_jining.analysis.scenarios import Slice, connected
from openfisca_jining.law import NO_DATE, find
from openfisca_jining.money import FEN, LARGEST
from openfisca_jining.population import Population

#: Facts of enterprises that grow.
GROWING = ("revenue",)
#: The fact that moves with the loan prime rate, too.
INTEREST, LPR = "loan_interest_paid", "national.lpr.one_year"
#: Dates of a project that move together; the others stay on their day of the year.
APPLICATIONS = ("application_date", "city_application_date")
#: Draws and years whose common shocks are remembered.
STATES = 10_000
CLASS, UNSTATED = "yield_per_mu_class", "unstated"
ROBOTS = (
    "robot_investment",
    "special_robot_investment",
    "robot_at_post_investment",
    "special_robot_off_post_investment",
    "robot_vat",
    "special_robot_vat",
)


@dataclass(frozen=True)
class World:
    """One or several draws of one year, side by side.

    :ivar rows: entity key -> row of the base year that each member repeats. :ivar members: group key -> group of each project.
    :ivar part: connected part of each project. :ivar edges: entity key -> first member of each
        draw, and the number of members (len(draws) + 1 numbers).
    :ivar facts: fact -> values (project or enterprise facts that differ from the base year's).
    """

    year: int
    draws: tuple[int, ...]
    rows: dict[str, numpy.ndarray]
    members: dict[str, numpy.ndarray]
    part: numpy.ndarray
    edges: dict[str, numpy.ndarray]
    facts: Facts

    def only(self, projects: numpy.ndarray) -> World:
        """Some of the projects, with their enterprises and consortia. :param projects: rows, ascending, whole parts."""
        among, members = {"project": projects}, {}
        for key, member in self.members.items():
            mine = member[projects]
            used = numpy.zeros(len(self.rows[key]), dtype=bool)
            used[mine] = True
            among[key], members[key] = numpy.flatnonzero(used), (numpy.cumsum(used) - 1)[mine]
        return World(
            self.year,
            self.draws,
            {key: self.rows[key][some] for key, some in among.items()},
            members,
            self.part[projects],
            {key: numpy.searchsorted(some, self.edges[key]) for key, some in among.items()},
            Some(self.facts, among),
        )


class Facts(Mapping[str, numpy.ndarray]):
    """Facts of a world that differ from the base year's, each worked out when it is first asked for."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names, self.known = tuple(names), dict[str, numpy.ndarray]()

    def __getitem__(self, name: str) -> numpy.ndarray:
        if name not in self.names:
            raise KeyError(name)
        if name not in self.known:
            self.known[name] = self.of(name)
        return self.known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    @abstractmethod
    def of(self, name: str, among: dict[str, numpy.ndarray] | None = None) -> numpy.ndarray:
        """Values of a fact. :param among: entity key -> the members wanted (None: all)."""


class Some(Facts):
    """Facts of some members of a world. :param among: entity key -> their numbers."""

    def __init__(self, whole: Facts, among: dict[str, numpy.ndarray]) -> None:
        super().__init__(whole.names)
        self.whole, self.among = whole, among

    def of(self, name, among=None):
        """See :meth:`Facts.of`."""
        if among is not None:
            among = {key: self.among[key][some] for key, some in among.items()}
        return self.whole.of(name, among or self.among)


class BaseYear:
    """The claims that worlds repeat. :param system: any law; only its facts are used."""

    def __init__(self, population: Population, system, drivers: Drivers, seed: int) -> None:
        self.population, self.drivers, self.seed = population, drivers, seed
        self.year = population.year
        self.simulation = population.simulation(system)
        populations = self.simulation.populations
        self.member = {key: populations[key].members_entity_id for key in ("enterprise", "consortium")}
        self.component = connected(self.member["enterprise"], self.member["consortium"])
        self.components = int(self.component.max(initial=-1)) + 1
        self.widest = max(population.count for population in populations.values())
        self.city = population.city_number
        of = {"project": self.component}
        for key, member in self.member.items():
            of[key] = numpy.full(populations[key].count, self.components)  # 没有项目的企业不属于任何一部分，不抽
            of[key][member] = self.component
        self.parts = {key: Parts(each, self.components) for key, each in of.items()}
        self.growing = numpy.ones(self.components, dtype=numpy.int64)  # 1：只有枣庄的项目；0：其他
        self.growing[self.component[self.city != 1]] = 0
        self._state = lru_cache(STATES)(self._shocks)
        self._by_all: dict[str, bool] = {}
        self._fen: dict[str, numpy.ndarray] = {}
        self._in_year: dict[tuple[str, int], numpy.ndarray] = {}

    # ----- facts of the base year -----

    @cached_property
    def stated(self) -> dict[str, tuple[numpy.ndarray, numpy.ndarray]]:
        """Fact -> its values and which rows state it."""
        return {
            name: holder.stated_years[self.year]
            for population in self.simulation.populations.values()
            for name, holder in population._holders.items()
        }

    def entity(self, name: str) -> str:
        """Key of a fact's entity."""
        return self.simulation.tax_benefit_system.get_variable(name).entity.key

    def by_all(self, name: str) -> bool:
        """Whether every row states a fact."""
        if name not in self._by_all:
            self._by_all[name] = bool(self.stated[name][1].all())
        return self._by_all[name]

    def fen(self, name: str) -> numpy.ndarray:
        """A fact in yuan, in whole fen (float64)."""
        if name not in self._fen:
            self._fen[name] = numpy.rint(self.stated[name][0] * FEN)
        return self._fen[name]

    @cached_property
    def moving(self) -> list[str]:
        """Project facts in yuan, which move with the project's size."""
        variables = self.simulation.tax_benefit_system.variables
        return [name for name in self.stated if variables[name].unit == "元" and variables[name].entity.is_person]

    @cached_property
    def dates(self) -> list[str]:
        """Facts that are dates."""
        return [name for name, (values, _) in self.stated.items() if values.dtype.kind == "M"]

    # ----- worlds -----

    def worlds(self, year: int, draws: Sequence[int]) -> World:
        """The draws of one year side by side."""
        common = numpy.array([self.common(year, draw) for draw in draws]).reshape(-1, 2)
        copies = numpy.array([self._copies(year, draw, each[0]) for draw, each in zip(draws, common, strict=True)])
        part = numpy.repeat(numpy.tile(numpy.arange(self.components), len(draws)), copies.ravel())
        copy = numpy.arange(len(part)) - numpy.repeat(numpy.cumsum(copies) - copies.ravel(), copies.ravel())
        which = {key: parts.which(part) for key, parts in self.parts.items()}
        rows = {key: parts.rows(part, which[key]) for key, parts in self.parts.items()}
        last = numpy.cumsum([0, *copies.sum(axis=1)])
        edges = {key: numpy.searchsorted(which[key], last) for key in rows}
        dice = {
            key: Dice(self, year, tuple(draws), rows[key], copy[which[key]], edges[key])
            for key in ("project", "enterprise")
        }
        approved = numpy.flatnonzero(dice["project"].uniform("approval") < self.drivers["approval_rate"])
        projects, own = dice["project"].only(approved), which["project"][approved]
        members = {key: self._members(key, part, own, projects.rows) for key in self.member}
        rows |= {"project": projects.rows, "city": numpy.zeros(len(draws), dtype=numpy.int64)}
        members["city"] = numpy.repeat(numpy.arange(len(draws)), numpy.diff(projects.edges))
        edges |= {"project": projects.edges, "city": numpy.arange(len(draws) + 1)}
        return World(
            year, tuple(draws), rows, members, own, edges, Drawn(self, projects, dice["enterprise"], common[:, 1])
        )

    def _members(self, key: str, part: numpy.ndarray, own: numpy.ndarray, rows: numpy.ndarray) -> numpy.ndarray:
        """Group of some projects: groups follow one another part by part. :param own: part of each. :param rows: rows of the base year."""
        sizes = self.parts[key].sizes[part]
        return (numpy.cumsum(sizes) - sizes)[own] + self.parts[key].within[self.member[key]][rows]

    def as_stated(self, year: int) -> World:
        """The claims of the base year as they are, on the same days of another year."""
        rows = {key: numpy.arange(each.count) for key, each in self.simulation.populations.items()}
        rows["city"] = numpy.zeros(1, dtype=numpy.int64)
        members = self.member | {"city": numpy.zeros(len(rows["project"]), dtype=numpy.int64)}
        edges = {key: numpy.array([0, len(each)]) for key, each in rows.items()}
        return World(year, (-1,), rows, members, self.component, edges, SameDay(self, year))

    def uniform(self, year: int, draw: int, part: str, count: int) -> numpy.ndarray:
        """Uniform numbers of a part of a world; more numbers continue the same row."""
        return self._generator(year, draw, part).random(count)

    def normal(self, year: int, draw: int, part: str, count: int) -> numpy.ndarray:
        """Standard normal numbers of a part of a world; more numbers continue the same row."""
        return self._generator(year, draw, part).standard_normal(count)

    def _generator(self, year: int, draw: int, part: str) -> numpy.random.Generator:
        sequence = numpy.random.SeedSequence([self.seed, draw, year, zlib.crc32(part.encode())])
        return numpy.random.Generator(numpy.random.PCG64(sequence))

    def common(self, year: int, draw: int) -> tuple[float, float]:
        """Factors on the number and the size of all projects of a world, with mean 1, correlated from year to year."""
        sigma = numpy.array([self.drivers["common_count_sigma"], self.drivers["common_size_sigma"]])
        count, size = numpy.exp(sigma * self._state(year, draw) - sigma**2 / 2)
        return float(count), float(size)

    def _shocks(self, year: int, draw: int) -> numpy.ndarray:
        """Standard normal shocks of number and size, correlated from year to year."""
        shock = self.normal(year, draw, "common", 2)
        if year <= self.year:
            return shock
        keep = self.drivers["common_persistence"]
        return keep * self._state(year - 1, draw) + numpy.sqrt(1 - keep**2) * shock

    def _copies(self, year: int, draw: int, common: float) -> numpy.ndarray:
        """How often each connected part of the base year applies: Poisson, by inversion, so that the mean can move smoothly."""
        growth = numpy.array([self.drivers["count_growth_jining"], self.drivers["count_growth_zaozhuang"]])
        mean = (1 + growth) ** (year - self.year) * self.drivers["application_rate"] * common
        draws = self.uniform(year, draw, "copies", self.components)
        copies = numpy.zeros(self.components, dtype=numpy.int64)
        most = int(mean.max() + 12 * numpy.sqrt(mean.max()) + 20)  # 更多的机会小于 1e-16
        chance = below = numpy.exp(-mean)
        for number in range(1, most + 1):
            more = draws >= below[self.growing]
            if not more.any():
                break
            copies += more
            chance = chance * mean / number
            below = below + chance
        return copies

    def rate(self, year: int) -> float:
        """One-year loan prime rate in the middle of a year, with the driver's shift after the base year (share).

        Years before the rate was first published have its first value.
        """
        parameter = find(self.simulation.tax_benefit_system.parameters, LPR)
        published = parameter.get_at_instant(f"{year}-07-01")
        shift = self.drivers["lpr_shift"] if year > self.year else 0.0
        return float(parameter.values_list[-1].value if published is None else published) + shift

    def shifted(self, name: str, year: int) -> numpy.ndarray:
        """A date fact of the base year in another year: same month and day (29 February: the 28th)."""
        if (name, year) not in self._in_year:
            self._in_year[name, year] = in_year_of(self.stated[name][0].astype("datetime64[D]"), year - self.year)
        return self._in_year[name, year]

    def grown(self, name: str, year: int) -> numpy.ndarray:
        """A growing fact of the base year in another year, cut to the fen."""
        if (name, year) not in self._in_year:
            grown = self.stated[name][0] * (1 + self.drivers["revenue_growth"]) ** (year - self.year)
            self._in_year[name, year] = numpy.minimum(numpy.floor(grown * FEN) / FEN, LARGEST)
        return self._in_year[name, year]

    @cached_property
    def unstated_class(self) -> int:
        """Number of the class of those that state none."""
        variable = self.simulation.tax_benefit_system.get_variable(CLASS)
        return variable.possible_values[UNSTATED].index


def as_population(base: BaseYear, world: World) -> Population:
    """A world of one draw as a population of its own, in the columns of the base year: what an ordinary simulation takes.

    :raises ValueError: several draws.
    """
    if len(world.draws) != 1:
        raise ValueError("只能把一次抽样写成申报表。")
    projects = base.population.projects.iloc[world.rows["project"]].reset_index(drop=True)
    enterprises = base.population.enterprises.iloc[world.rows["enterprise"]].reset_index(drop=True)
    variables = base.simulation.tax_benefit_system.variables
    for name, values in world.facts.items():
        table, key = (projects, "project") if name in projects else (enterprises, "enterprise")
        stated = base.stated[name][1][world.rows[key]]
        if not variables[name].formulas:  # 没有填的按缺省值，但可以变动（如添了机器人）
            stated = stated | (values != variables[name].default_value)
        if variables[name].value_type is Enum:
            names = numpy.array([member.name for member in variables[name].possible_values], dtype=object)
            values = names[numpy.asarray(values)]
        table[name] = pandas.Series(values).where(pandas.Series(stated), None)
    numbers = pandas.Series(numpy.arange(len(enterprises))).astype(str)
    enterprises["enterprise_id"] = enterprises["enterprise_id"].astype(str) + "#" + numbers
    projects["enterprise_id"] = enterprises["enterprise_id"].to_numpy()[world.members["enterprise"]]
    projects["project_id"] = (
        projects["project_id"].astype(str) + "#" + pandas.Series(numpy.arange(len(projects))).astype(str)
    )
    if "consortium_id" in projects:
        alone = projects["consortium_id"].isna() | (projects["consortium_id"] == "")
        own = "C" + pandas.Series(world.members["consortium"]).astype(str)
        projects["consortium_id"] = own.where(~alone, "")
    source = f"{base.population.source}；预测 {world.year} 年第 {world.draws[0]} 次抽样"
    return Population(world.year, projects, enterprises, source, True)


class Parts:
    """Members of each connected part, in order. :ivar sizes: number of members. :ivar within: place of each member in its part.

    Members with a part of ``count`` or above are in none.
    """

    def __init__(self, component: numpy.ndarray, count: int) -> None:
        self.order = numpy.argsort(component, kind="stable")
        every = numpy.bincount(component, minlength=count + 1)
        self.sizes = every[:count]
        self.first = numpy.cumsum(self.sizes) - self.sizes
        start = numpy.cumsum(every) - every
        self.within = numpy.empty(len(component), dtype=numpy.int64)
        self.within[self.order] = numpy.arange(len(component)) - start[component[self.order]]

    def which(self, part: numpy.ndarray) -> numpy.ndarray:
        """Which of the parts listed each of their members is in, part by part."""
        return numpy.repeat(numpy.arange(len(part)), self.sizes[part])

    def rows(self, part: numpy.ndarray, which: numpy.ndarray) -> numpy.ndarray:
        """Members of the parts listed, part by part. :param which: see :meth:`which`."""
        sizes = self.sizes[part]
        start = self.first[part] - (numpy.cumsum(sizes) - sizes)
        return self.order[start[which] + numpy.arange(len(which))]


@dataclass(frozen=True)
class Dice:
    """Random numbers of the projects or enterprises of draws: every copy of a row of the base year has its own.

    :ivar rows: row of the base year that each member repeats. :ivar copy: which copy of it. :ivar edges: first member of each
        draw, and the number of members.
    """

    base: BaseYear
    year: int
    draws: tuple[int, ...]
    rows: numpy.ndarray
    copy: numpy.ndarray
    edges: numpy.ndarray

    def uniform(self, part: str) -> numpy.ndarray:
        """A uniform number for each member."""
        return self._own(self.base.uniform, part, self.rows)

    def normal(self, part: str) -> numpy.ndarray:
        """A standard normal number for each member."""
        return self._own(self.base.normal, part, self.rows)

    def together(self, part: str, group: numpy.ndarray) -> numpy.ndarray:
        """A standard normal number for each copy of a group of rows. :param group: group of each row of the base year."""
        return self._own(self.base.normal, part, group[self.rows])

    def only(self, which: numpy.ndarray) -> Dice:
        """Some of the members. :param which: their numbers, ascending."""
        edges = numpy.searchsorted(which, self.edges)
        return replace(self, rows=self.rows[which], copy=self.copy[which], edges=edges)

    def of_draws(self) -> Iterator[tuple[int, slice]]:
        """Each draw that has members, with where they are."""
        for draw, (first, last) in zip(self.draws, pairwise(self.edges.tolist()), strict=True):
            if last > first:
                yield draw, slice(first, last)

    def _own(self, numbers, part: str, row: numpy.ndarray) -> numpy.ndarray:
        place, found = self.copy * self.base.widest + row, numpy.empty(len(row))
        for draw, mine in self.of_draws():
            wanted = place[mine]
            found[mine] = numbers(self.year, draw, part, int(wanted.max()) + 1)[wanted]
        return found


class Drawn(Facts):
    """Facts of draws: amounts, dates and classes moved by the drivers.

    :param common: factor on the size of all projects of each draw.
    """

    def __init__(self, base: BaseYear, projects: Dice, enterprises: Dice, common: numpy.ndarray) -> None:
        self.base, self.projects, self.enterprises, self.common = base, projects, enterprises, common
        self.year = projects.year
        self.swapped = [name for name in ROBOTS if name in base.moving]
        if base.drivers["robot_factor"] == 1 or "equipment_investment" not in base.moving:
            self.swapped = []
        dates = sorted(base.dates, key=lambda name: base.entity(name) != "project")  # 先项目，后企业
        growing = [name for name in GROWING if name in base.stated]
        classes = [CLASS] if CLASS in base.stated else []
        days = {key: [name for name in dates if base.entity(name) == key] for key in ("project", "enterprise")}
        super().__init__([*base.moving, *days["project"], *growing, *classes, *days["enterprise"]])

    def of(self, name, among=None):
        """See :meth:`Facts.of`."""
        base = self.base
        if name in self.swapped:
            return _some(self.robots[name], among, "project")
        if name in base.moving:
            return self._amount(name, None if among is None else among["project"])
        if name in APPLICATIONS:
            return self._application(name, None if among is None else among["project"])
        if name == CLASS:
            return _some(self.classes, among, "enterprise")
        dice = self.projects if base.entity(name) == "project" else self.enterprises
        values = base.grown(name, self.year) if name in GROWING else base.shifted(name, self.year)
        return values[_some(dice.rows, among, base.entity(name))]

    @cached_property
    def factor(self) -> numpy.ndarray:
        """What amounts of each project are multiplied by."""
        base, drivers, dice = self.base, self.base.drivers, self.projects
        ahead = self.year - base.year
        pace = 1 + drivers["pace"] * (target_over_realised() - 1)
        trend = ((1 + drivers["size_growth"]) * (1 + drivers["price_growth"])) ** ahead
        sigma = drivers["size_sigma"]
        factor = numpy.exp(sigma * dice.normal("size") - sigma**2 / 2)
        power, most, share = drivers["tail_exponent"], drivers["tail_most"], drivers["tail_share"]
        if share:
            tail = dice.only(numpy.flatnonzero(in_tail := dice.uniform("tail") < share))
            factor[in_tail] *= (1 - tail.uniform("tail size") * (1 - most**-power)) ** (-1 / power)
        mean = 1 + share * (mean_of_tail(power, most) - 1)
        factor = factor / mean * numpy.repeat(self.common, numpy.diff(dice.edges)) * trend
        return factor if pace == 1 else numpy.where(base.city[dice.rows] == 0, factor * pace, factor)

    def _amount(self, name: str, among) -> numpy.ndarray:
        """A fact in yuan: one factor for each project, cut to the fen. :param among: projects wanted (None: all)."""
        base = self.base
        rows, factor = (each if among is None else each[among] for each in (self.projects.rows, self.factor))
        moved = base.fen(name)[rows] * factor
        if name == INTEREST:
            moved = moved * base.rate(self.year) / base.rate(base.year)
        return numpy.minimum(numpy.floor(moved), LARGEST * FEN) / FEN

    @cached_property
    def robots(self) -> dict[str, numpy.ndarray]:
        """Robots given up by some projects, or taken over from others of the same draw (as the same share of equipment)."""
        factor = self.base.drivers["robot_factor"]
        found = {name: self._amount(name, None) for name in self.swapped}
        has = numpy.sum(list(found.values()), axis=0) > 0
        chance = self.projects.uniform("robots")
        if factor < 1:
            return {name: numpy.where(chance < factor, values, 0.0) for name, values in found.items()}
        equipment, dice = self["equipment_investment"], self.projects.uniform("robots from")
        for _, mine in self.projects.of_draws():
            own, all_of = has[mine], equipment[mine]
            share = own.mean()
            gains = ~own & (chance[mine] < min((factor - 1) * share / max(1 - share, 1e-9), 1.0))
            donors = numpy.flatnonzero(own)
            if not len(donors) or not gains.any():
                continue
            pick = donors[(dice[mine] * len(donors)).astype(numpy.int64)]
            ratio = numpy.divide(all_of, all_of[pick], out=numpy.zeros(len(own)), where=all_of[pick] > 0)
            for values in found.values():
                gained = numpy.floor(values[mine][pick] * ratio * FEN) / FEN
                values[mine] = numpy.where(gains, gained, values[mine])
        return found

    @cached_property
    def days(self) -> numpy.ndarray:
        """Days by which each project applies later; the projects of an enterprise or consortium move together, so its members still
        apply on one day."""
        drivers = self.base.drivers
        days = drivers["month_shift"] + drivers["month_sigma"] * self.projects.together("date", self.base.component)
        return numpy.rint(days).astype("timedelta64[D]")

    def _application(self, name: str, among) -> numpy.ndarray:
        """The same day of the world's year, moved by days within the year. :param among: projects wanted (None: all)."""
        rows, days = (each if among is None else each[among] for each in (self.projects.rows, self.days))
        first, last = numpy.datetime64(f"{self.year}-01-01"), numpy.datetime64(f"{self.year}-12-31")
        date = self.base.shifted(name, self.year)[rows]
        inside = (first <= date) & (date <= last)  # 未填写的、别的年度的不动
        return numpy.where(inside, numpy.clip(date + days, first, last), date)

    @cached_property
    def classes(self) -> numpy.ndarray:
        """Yield-per-mu classes: kept, or assessed anew by the shares of the base year."""
        base, dice = self.base, self.enterprises
        values, stated = base.stated[CLASS]
        values = numpy.asarray(values)
        known = stated & (values != base.unstated_class)
        found = values[dice.rows]
        stays = dice.uniform("class stays") < base.drivers["class_persistence"] ** abs(self.year - base.year)
        anew = numpy.flatnonzero(~stays & known[dice.rows])
        found[anew] = values[known][(dice.only(anew).uniform("class") * known.sum()).astype(numpy.int64)]
        return found


class SameDay(Facts):
    """Facts of the base year in another year: dates, on the same day."""

    def __init__(self, base: BaseYear, year: int) -> None:
        super().__init__(base.dates)
        self.base, self.year = base, year

    def of(self, name, among=None):
        """See :meth:`Facts.of`."""
        return _some(self.base.shifted(name, self.year), among, self.base.entity(name))


def _some(values, among, key: str):
    """Values of the members wanted (None: all)."""
    return values if among is None else values[among[key]]


class WorldSimulation(Slice):
    """The claims of a world under a law: facts of the base year, with those that moved put in when they are asked for.

    :ivar of, projects: larger simulation whose values are taken where it has them, and the projects of it that are here, or None.
    :ivar nothing: variables that are known to have their default on all of these claims.
    """

    of: WorldSimulation | None = None
    projects: numpy.ndarray
    nothing: frozenset[str] = frozenset()

    def __init__(self, system, base: BaseYear, world: World) -> None:
        super().__init__(system, base.simulation, world.members, world.rows, frozenset(), None)
        self.base, self.world = base, world

    def only(self, projects: numpy.ndarray, nothing: frozenset[str] = frozenset()) -> WorldSimulation:
        """Some of the projects. :param projects: rows, ascending, whole connected parts. :param nothing: see above."""
        part = WorldSimulation(self.tax_benefit_system, self.base, self.world.only(projects))
        part.of, part.projects, part.nothing = self, projects, nothing
        return part

    def known(self, name: str, period):
        """What the larger simulation has, or a fact of the base year, in the world's year."""
        holder = self.get_holder(name)
        known = holder.get_array(period)
        if known is None and period.start.year == self.world.year:
            if name in self.nothing:
                known = holder.default_array()
            elif (
                holder.variable.entity.is_person and self.of and (found := self.of.get_array(name, period)) is not None
            ):
                known = found[self.projects]
            elif name in self.base.stated and (self.base.by_all(name) or not holder.variable.formulas):
                known = self.fact(name)
            if known is not None:
                holder.put_in_cache(known, period)
        return known

    def forget(self) -> None:
        """See :meth:`Slice.forget`; the larger simulation is forgotten, too."""
        super().forget()
        if self.of:
            self.of.forget()

    def fact(self, name: str) -> numpy.ndarray:
        """Values of a stated fact."""
        variable = self.tax_benefit_system.get_variable(name)
        if name not in self.world.facts:
            return self.base.stated[name][0][self.rows[variable.entity.key]]
        values = self.world.facts[name]
        return variable.possible_values.encode(values.astype(numpy.int16)) if variable.value_type is Enum else values

    def stated_elsewhere(self, holder, kind: str) -> dict:
        """Which rows state a fact, with the values of the world."""
        name = holder.variable.name
        if name not in self.base.stated or (
            kind == "partly" and (self.base.by_all(name) or not holder.variable.formulas)
        ):
            return {}
        stated = self.base.stated[name][1][self.rows[holder.population.entity.key]]
        return {self.world.year: (self.fact(name), stated)}


def in_year_of(dates: numpy.ndarray, later: int) -> numpy.ndarray:
    """The same days so many years later (29 February: the 28th); ``NO_DATE`` stays."""
    months = dates.astype("datetime64[M]")
    day = (dates - months.astype("datetime64[D]")).astype(int)
    target = months + 12 * later
    length = ((target + 1).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(int)
    moved = target.astype("datetime64[D]") + numpy.minimum(day, length - 1)
    return numpy.where(dates == NO_DATE, dates, moved)


def mean_of_tail(power: float, most: float) -> float:
    """Mean of a Pareto variable above 1 cut off at ``most`` (1: always 1)."""
    if most == 1:
        return 1.0
    if power == 1:
        return float(numpy.log(most) / (1 - 1 / most))
    return float(power / (power - 1) * (1 - most ** (1 - power)) / (1 - most**-power))


def target_over_realised() -> float:
    """Upgrading investment of Jining as targeted over the realised pace."""
    from openfisca_jining.population.synthetic import upgrading_investment

    return upgrading_investment("target") / upgrading_investment("realised")
