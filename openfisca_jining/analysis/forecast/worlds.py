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
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy
import pandas
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import period as make_period

from openfisca_jining.analysis.forecast.drivers import Drivers
from openfisca_jining.analysis.scenarios import Slice, connected
from openfisca_jining.law import NO_DATE, find
from openfisca_jining.money import FEN, LARGEST
from openfisca_jining.population import Population
from openfisca_jining.variable_types import Fact

#: Facts of enterprises that grow.
GROWING = ("revenue",)
#: The fact that moves with the loan prime rate, too.
INTEREST, LPR = "loan_interest_paid", "national.lpr.one_year"
#: Dates of a project that move together; the others stay on their day of the year.
APPLICATIONS = ("application_date", "city_application_date")
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
    :ivar edges: entity key -> first member of each draw, and the number of members (len(draws) + 1 numbers).
    :ivar facts: fact -> values (project or enterprise facts that differ from the base year's).
    """

    year: int
    draws: tuple[int, ...]
    rows: dict[str, numpy.ndarray]
    members: dict[str, numpy.ndarray]
    edges: dict[str, numpy.ndarray]
    facts: dict[str, numpy.ndarray]


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
        self.zaozhuang = numpy.ones(self.components, dtype=bool)
        self.zaozhuang[self.component[self.city != 1]] = False

    # ----- facts of the base year -----

    @cached_property
    def stated(self) -> dict[str, tuple[numpy.ndarray, numpy.ndarray]]:
        """Fact -> its values and which rows state it."""
        period = make_period(str(self.year))
        found = {}
        for population in self.simulation.populations.values():
            for name, holder in population._holders.items():
                if isinstance(holder.variable, Fact):
                    years = holder.__dict__.get("stated_years", {})
                    if period.start.year in years:
                        found[name] = years[period.start.year]
        return found

    def entity(self, name: str) -> str:
        """Key of a fact's entity."""
        return self.simulation.tax_benefit_system.get_variable(name).entity.key

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
        made = [self._world(year, draw) for draw in draws]
        rows = {key: numpy.concatenate([one.rows[key] for one in made]) for key in made[0].rows}
        edges = {key: numpy.cumsum([0, *(len(one.rows[key]) for one in made)]) for key in made[0].rows}
        members = {
            key: numpy.concatenate([one.members[key] + edges[key][place] for place, one in enumerate(made)])
            for key in made[0].members
        }
        facts = {name: numpy.concatenate([one.facts[name] for one in made]) for name in made[0].facts}
        return World(year, tuple(draws), rows, members, edges, facts)

    def as_stated(self, year: int) -> World:
        """The claims of the base year as they are, on the same days of another year."""
        rows = {key: numpy.arange(each.count) for key, each in self.simulation.populations.items()}
        rows["city"] = numpy.zeros(1, dtype=numpy.int64)
        members = self.member | {"city": numpy.zeros(len(rows["project"]), dtype=numpy.int64)}
        edges = {key: numpy.array([0, len(each)]) for key, each in rows.items()}
        facts = {name: self.shifted(name, year) for name in self.dates}
        return World(year, (-1,), rows, members, edges, facts)

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
        keep = self.drivers["common_persistence"]
        first = min(self.year, year)
        state = numpy.zeros(2)
        for at in range(first, year + 1):
            shock = self.normal(at, draw, "common", 2)
            state = shock if at == first else keep * state + numpy.sqrt(1 - keep**2) * shock
        sigma = numpy.array([self.drivers["common_count_sigma"], self.drivers["common_size_sigma"]])
        count, size = numpy.exp(sigma * state - sigma**2 / 2)
        return float(count), float(size)

    def _world(self, year: int, draw: int) -> World:
        common_count, common_size = self.common(year, draw)
        copies = self._copies(year, draw, common_count)
        rows = {key: parts.repeat(copies) for key, parts in self.parts.items()}
        members = {key: self._members(key, copies) for key in self.member}
        dice = {
            key: Dice(self, year, draw, rows[key], self.parts[key].copy(copies)) for key in ("project", "enterprise")
        }
        approved = dice["project"].uniform("approval") < self.drivers["approval_rate"]
        projects = dice["project"].only(approved)
        rows["project"] = projects.rows
        members = {key: each[approved] for key, each in members.items()}
        members["city"], rows["city"] = (
            numpy.zeros(len(rows["project"]), dtype=numpy.int64),
            numpy.zeros(1, dtype=numpy.int64),
        )
        facts = self._amounts(projects, common_size)
        facts |= self._dates(projects)
        facts |= self._enterprises(dice["enterprise"])
        return World(year, (draw,), rows, members, {}, facts)

    def _copies(self, year: int, draw: int, common: float) -> numpy.ndarray:
        """How often each connected part of the base year applies: Poisson, by inversion, so that the mean can move smoothly."""
        ahead = year - self.year
        growth = numpy.where(
            self.zaozhuang, self.drivers["count_growth_zaozhuang"], self.drivers["count_growth_jining"]
        )
        mean = (1 + growth) ** ahead * self.drivers["application_rate"] * common
        draws = self.uniform(year, draw, "copies", self.components)
        most = int(mean.max(initial=0) + 12 * numpy.sqrt(mean.max(initial=0)) + 20)  # 更多的机会小于 1e-16
        copies = numpy.zeros(self.components, dtype=numpy.int64)
        chance = numpy.exp(-mean)
        below = chance.copy()
        for number in range(1, most + 1):
            more = draws >= below
            if not more.any():
                break
            copies += more
            chance = chance * mean / number
            below = below + chance
        return copies

    def _members(self, key: str, copies: numpy.ndarray) -> numpy.ndarray:
        """Group of each project of a world before approval: groups follow one another copy by copy."""
        parts, projects = self.parts[key], self.parts["project"]
        component = numpy.repeat(numpy.arange(self.components), copies)
        first = numpy.cumsum(parts.sizes[component]) - parts.sizes[component]
        return numpy.repeat(first, projects.sizes[component]) + parts.within[self.member[key]][projects.repeat(copies)]

    def _amounts(self, dice: Dice, common: float) -> dict[str, numpy.ndarray]:
        """Facts in yuan: one factor for each project, cut to the fen."""
        drivers, year, rows = self.drivers, dice.year, dice.rows
        ahead = year - self.year
        pace = 1 + drivers["pace"] * (target_over_realised() - 1)
        trend = ((1 + drivers["size_growth"]) * (1 + drivers["price_growth"])) ** ahead
        sigma = drivers["size_sigma"]
        factor = numpy.exp(sigma * dice.normal("size") - sigma**2 / 2)
        power, most = drivers["tail_exponent"], drivers["tail_most"]
        tail = (1 - dice.uniform("tail size") * (1 - most**-power)) ** (-1 / power)
        in_tail = dice.uniform("tail") < drivers["tail_share"]
        mean = 1 + drivers["tail_share"] * (mean_of_tail(power, most) - 1)
        factor = factor * numpy.where(in_tail, tail, 1.0) / mean * common * trend
        factor = numpy.where(self.city[rows] == 0, factor * pace, factor)
        found = {}
        for name in self.moving:
            fen = numpy.rint(self.stated[name][0][rows] * FEN)
            moved = fen * factor * self.rate(year) / self.rate(self.year) if name == INTEREST else fen * factor
            found[name] = numpy.minimum(numpy.floor(moved), LARGEST * FEN) / FEN
        return found | self._robots(dice, found)

    def rate(self, year: int) -> float:
        """One-year loan prime rate in the middle of a year, with the driver's shift after the base year (share).

        Years before the rate was first published have its first value.
        """
        parameter = find(self.simulation.tax_benefit_system.parameters, LPR)
        published = parameter.get_at_instant(f"{year}-07-01")
        shift = self.drivers["lpr_shift"] if year > self.year else 0.0
        return float(parameter.values_list[-1].value if published is None else published) + shift

    def _robots(self, dice: Dice, found) -> dict[str, numpy.ndarray]:
        """Robots given up by some projects, or taken over from others (as the same share of equipment)."""
        factor = self.drivers["robot_factor"]
        names = [name for name in ROBOTS if name in found]
        if factor == 1 or not names or "equipment_investment" not in found:
            return {}
        has = sum(found[name] for name in names) > 0
        chance = dice.uniform("robots")
        if factor < 1:
            return {name: numpy.where(chance < factor, found[name], 0.0) for name in names}
        share = has.mean() if len(has) else 0.0
        gains = ~has & (chance < min((factor - 1) * share / max(1 - share, 1e-9), 1.0))
        donors = numpy.flatnonzero(has)
        if not len(donors) or not gains.any():
            return {}
        pick = donors[(dice.uniform("robots from") * len(donors)).astype(numpy.int64)]
        equipment = found["equipment_investment"]
        ratio = numpy.divide(equipment, equipment[pick], out=numpy.zeros(len(has)), where=equipment[pick] > 0)
        return {
            name: numpy.where(gains, numpy.floor(found[name][pick] * ratio * FEN) / FEN, found[name]) for name in names
        }

    def _dates(self, dice: Dice) -> dict[str, numpy.ndarray]:
        """Dates: the same day of the world's year; applications of the base year moved by days, within their year.

        The projects of an enterprise or consortium move together, so its members still apply on one day.
        """
        year, rows = dice.year, dice.rows
        found = {name: self.shifted(name, year)[rows] for name in self.dates if self.entity(name) == "project"}
        days = self.drivers["month_shift"] + self.drivers["month_sigma"] * dice.together("date", self.component)
        days = numpy.rint(days).astype("timedelta64[D]")
        first, last = numpy.datetime64(f"{year}-01-01"), numpy.datetime64(f"{year}-12-31")
        for name in set(APPLICATIONS) & found.keys():
            date = found[name]
            inside = (first <= date) & (date <= last)  # 未填写的、别的年度的不动
            found[name] = numpy.where(inside, numpy.clip(date + days, first, last), date)
        return found

    def shifted(self, name: str, year: int) -> numpy.ndarray:
        """A date fact of the base year in another year: same month and day (29 February: the 28th)."""
        values = self.stated[name][0].astype("datetime64[D]")
        months = values.astype("datetime64[M]")
        day = (values - months.astype("datetime64[D]")).astype(int)
        target = months + 12 * (year - self.year)
        length = ((target + 1).astype("datetime64[D]") - target.astype("datetime64[D]")).astype(int)
        moved = target.astype("datetime64[D]") + numpy.minimum(day, length - 1)
        return numpy.where(values == NO_DATE, values, moved)

    def _enterprises(self, dice: Dice) -> dict[str, numpy.ndarray]:
        """Growing facts of enterprises, and yield-per-mu classes: kept, or assessed anew by the shares of the base year."""
        ahead, rows = dice.year - self.year, dice.rows
        found = {}
        for name in GROWING:
            if name in self.stated:
                grown = self.stated[name][0][rows] * (1 + self.drivers["revenue_growth"]) ** ahead
                found[name] = numpy.minimum(numpy.floor(grown * FEN) / FEN, LARGEST)
        if CLASS in self.stated:
            values, stated = self.stated[CLASS]
            values = numpy.asarray(values)
            known = stated & (values != self._unstated_class)
            stays = dice.uniform("class stays") < self.drivers["class_persistence"] ** abs(ahead)
            pick = (dice.uniform("class") * known.sum()).astype(numpy.int64)
            new = values[known][pick] if known.any() else values[rows]
            found[CLASS] = numpy.where(stays | ~known[rows], values[rows], new)
        dates = (name for name in self.dates if self.entity(name) == "enterprise")
        return found | {name: self.shifted(name, dice.year)[rows] for name in dates}

    @property
    def _unstated_class(self) -> int:
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

    def repeat(self, copies: numpy.ndarray) -> numpy.ndarray:
        """Members of all parts, part by part, each part as often as asked."""
        component = numpy.repeat(numpy.arange(len(self.sizes)), copies)
        sizes = self.sizes[component]
        start = numpy.repeat(self.first[component], sizes)
        place = numpy.arange(int(sizes.sum())) - numpy.repeat(numpy.cumsum(sizes) - sizes, sizes)
        return self.order[start + place]

    def copy(self, copies: numpy.ndarray) -> numpy.ndarray:
        """Which copy of its part each of the repeated members belongs to (0 first)."""
        number = numpy.arange(int(copies.sum())) - numpy.repeat(numpy.cumsum(copies) - copies, copies)
        return numpy.repeat(number, numpy.repeat(self.sizes, copies))


@dataclass(frozen=True)
class Dice:
    """Random numbers of the projects or enterprises of a world: every copy of a row of the base year has its own.

    :ivar rows: row of the base year that each member repeats. :ivar copy: which copy of it.
    """

    base: BaseYear
    year: int
    draw: int
    rows: numpy.ndarray
    copy: numpy.ndarray

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
        """Some of the members."""
        return replace(self, rows=self.rows[which], copy=self.copy[which])

    def _own(self, numbers, part: str, row: numpy.ndarray) -> numpy.ndarray:
        if not len(row):
            return numpy.zeros(0)
        wide, most = self.base.widest, int(self.copy.max()) + 1
        return numbers(self.year, self.draw, part, most * wide)[self.copy * wide + row]


class WorldSimulation(Slice):
    """The claims of a world under a law: facts of the base year, with those that moved put in."""

    def __init__(self, system, base: BaseYear, world: World) -> None:
        super().__init__(system, base.simulation, world.members, world.rows, frozenset(), None)
        self.base, self.world = base, world
        year = make_period(str(world.year))
        variables = system.variables
        for name, values in world.facts.items():
            variable = variables[name]
            if variable.value_type is Enum:
                values = variable.possible_values.encode(values.astype(numpy.int16))
            everyone = base.stated[name][1].all()
            if everyone or not variable.formulas:
                self.get_holder(name).put_in_cache(values, year)

    def known(self, name: str, period):
        """A fact of the base year, in the world's year."""
        holder = self.get_holder(name)
        known = holder.get_array(period)
        if known is None and name in self.base.stated and period.start.year == self.world.year:
            values, stated = self.base.stated[name]
            if stated.all() or not holder.variable.formulas:
                known = values[self.rows[holder.population.entity.key]]
                holder.put_in_cache(known, period)
        return known

    def stated_elsewhere(self, holder, kind: str) -> dict:
        """Which rows state a fact, with the values of the world."""
        name = holder.variable.name
        if name not in self.base.stated:
            return {}
        values, stated = self.base.stated[name]
        rows = self.rows[holder.population.entity.key]
        if kind == "partly" and (stated.all() or not holder.variable.formulas):
            return {}
        values = self.world.facts[name] if name in self.world.facts else values[rows]
        if holder.variable.value_type is Enum and name in self.world.facts:
            values = holder.variable.possible_values.encode(numpy.asarray(values).astype(numpy.int16))
        return {self.world.year: (values, stated[rows])}


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
