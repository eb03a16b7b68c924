"""What worlds cost under a law: every draw's own pools, in whole fen, equal to a simulation of the draw by itself.

Draws of one year share a simulation up to the pools, where nothing passes from one enterprise's parts to another's; pools are
computed draw by draw, because each draw has its own fund.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy
from openfisca_core.periods import period as make_period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.forecast.worlds import LPR, BaseYear, World, WorldSimulation
from openfisca_jining.analysis.scenarios import Slice, Trace
from openfisca_jining.classifications import County
from openfisca_jining.instruments import FUNDS, INSTRUMENTS, POOLED, STAGES, Fund
from openfisca_jining.law import Scenarios, find
from openfisca_jining.money import FEN, to_fen
from openfisca_jining.reforming import reformed

MONTHS = 12
COUNTIES = len(list(County))


@dataclass(frozen=True)
class LawSpec:
    """A law by what it changes, so that any process can build it. Arguments as in ``reforming.reformed``.

    :ivar name: Chinese name in results.
    """

    name: str
    reforms: tuple[str, ...] = ()
    readings: tuple = ()
    supply: tuple = ()
    changes: tuple = ()

    def build(self, lpr_shift: float = 0.0, after: int = 0):
        """The law. :param lpr_shift: moved loan prime rate after the year ``after`` (share)."""
        system = reformed(
            CountryTaxBenefitSystem(),
            reforms=self.reforms,
            readings=self.readings,
            supply=self.supply,
            changes=self.changes,
        )
        if not lpr_shift:
            return system
        parameter = find(system.parameters, LPR)
        start = f"{after + 1}-01-01"
        days = [start, *(at.instant_str for at in parameter.values_list if at.instant_str > start)]
        return reformed(system, changes=[(LPR, parameter.get_at_instant(day) + lpr_shift, day) for day in days])


@dataclass
class Costs:
    """What draws cost, whole fen (int64), one row for each draw.

    :ivar claimed: by instrument, before pools. :ivar paid: by instrument. :ivar funds: by fund: available, claimed, paid.
    :ivar months: by fund and month of application: claimed. :ivar unpaid: by fund and county: claimed less paid.
    :ivar projects: number of projects.
    """

    claimed: numpy.ndarray
    paid: numpy.ndarray
    funds: numpy.ndarray
    months: numpy.ndarray
    unpaid: numpy.ndarray
    projects: numpy.ndarray

    @classmethod
    def empty(cls, draws: int) -> Costs:
        """All zeros."""
        shapes = {
            "claimed": (draws, len(INSTRUMENTS)),
            "paid": (draws, len(INSTRUMENTS)),
            "funds": (draws, len(FUNDS), 3),
            "months": (draws, len(FUNDS), MONTHS),
            "unpaid": (draws, len(FUNDS), COUNTIES),
            "projects": (draws,),
        }
        return cls(**{name: numpy.zeros(shape, dtype=numpy.int64) for name, shape in shapes.items()})

    @staticmethod
    def join(parts: Sequence[Costs]) -> Costs:
        """Rows of several one after the other."""
        names = list(vars(parts[0]))
        return Costs(**{name: numpy.concatenate([getattr(part, name) for part in parts]) for name in names})


@dataclass
class YearLaw:
    """A law in a claim year, with what its pools depend on (learnt from the first worlds under a tracer)."""

    system: TaxBenefitSystem
    year: int
    pooled: set[str] = field(default_factory=set)
    inputs: set[str] = field(default_factory=set)
    known: bool = False

    chosen = tuple(f"{name}__{suffixes[STAGES.index('chosen')]}" for name, suffixes in INSTRUMENTS.items())
    paid = tuple(f"{name}__{suffixes[STAGES.index('paid')]}" for name, suffixes in INSTRUMENTS.items())
    of_funds = tuple(name for fund in FUNDS for name in (fund.available, *fund.claimed, *fund.paid))

    def learn(self, base: BaseYear, world: World) -> None:
        """Which variables depend on pools, and what they read from before pools."""
        simulation = WorldSimulation(self.system, base, world)
        simulation.trace = True
        for name in dict.fromkeys((*self.chosen, *self.paid, *self.of_funds)):
            simulation.calculate(name, str(self.year))
        trace = Trace(simulation)
        pools = {name for name, path in POOLED.items() if path is None or path in trace.parameters.get(name, ())}
        self.pooled = trace.dependents(pools)
        self.inputs = set().union(*(trace.inputs.get(name, set()) for name in self.pooled)) - self.pooled
        self.known = True

    def costs(self, base: BaseYear, world: World, carried=None) -> Costs:
        """What every draw of a world costs.

        :param carried: yuan added to each fund's money of the year, by draw and fund (None: nothing is carried over).
        """
        if not self.known:
            self.learn(base, world)
        whole = WorldSimulation(self.system, base, world)
        year = make_period(str(self.year))
        for name in sorted(self.inputs):
            whole.calculate(name, year)
        local = [name for name in dict.fromkeys((*self.chosen, *self.paid, *self.of_funds)) if name not in self.pooled]
        weight = whole.persons.enterprise("weight", year)
        edges = world.edges["project"]
        sums = {name: by_draw(fen(whole.calculate(name, year), weight), edges) for name in local}
        months = [month_of(whole.calculate(application_of(fund), year)) for fund in FUNDS]
        county = numpy.asarray(whole.populations["enterprise"]("county", year))[world.members["enterprise"]]
        result = Costs.empty(len(world.draws))
        result.projects[:] = numpy.diff(edges)
        for draw in range(len(world.draws)):
            amounts = None if carried is None else self._with_carried(carried[draw])
            part = one_draw(whole, draw, self.pooled, amounts)
            self._one(result, draw, whole, part, sums, (weight, county, *months))
        return result

    def _with_carried(self, carried) -> dict[str, float]:
        """Path of each fund's amount -> the year's money with what is carried over (yuan); funds without an amount left out."""
        found = {}
        for fund, more in zip(FUNDS, carried, strict=True):
            amount = find(self.system.parameters, fund.amount).get_at_instant(f"{self.year}-12-31")
            if amount is not None and more:
                found[fund.amount] = amount + float(more)
        return found

    def _one(self, result: Costs, draw: int, whole: WorldSimulation, part: Slice, sums, traits) -> None:
        """Fill in the row of one draw."""
        world, year = whole.world, make_period(str(self.year))
        mine = slice(world.edges["project"][draw], world.edges["project"][draw + 1])
        weight, county, *months = (each[mine] for each in traits)

        def amounts(name: str) -> numpy.ndarray:
            return fen(part.calculate(name, year), weight)

        for place, (chosen, paid) in enumerate(zip(self.chosen, self.paid, strict=True)):
            for table, name in ((result.claimed, chosen), (result.paid, paid)):
                table[draw, place] = sums[name][draw] if name in sums else amounts(name).sum()
        for place, fund in enumerate(FUNDS):
            available = part.calculate(fund.available, year).max(initial=0.0)
            if not available:
                continue
            asked = numpy.sum([amounts(name) for name in fund.claimed], axis=0)
            given = numpy.sum([amounts(name) for name in fund.paid], axis=0)
            result.funds[draw, place] = round(available * FEN), asked.sum(), given.sum()
            result.months[draw, place] = whole_sums(months[place], asked, MONTHS)
            result.unpaid[draw, place] = whole_sums(county, asked - given, COUNTIES)


def application_of(fund: Fund) -> str:
    """Variable with the date of application under a fund's document (a claim without a date: its last open day)."""
    return f"{'_'.join(fund.available.split('_')[:2])}__application_date"


def month_of(date) -> numpy.ndarray:
    """Month of dates, 0 to 11."""
    return date.astype("datetime64[M]").astype(int) % MONTHS


def one_draw(whole: WorldSimulation, draw: int, pooled, amounts=None) -> Slice:
    """One draw of a world as a simulation of its own: what comes before pools is taken from the whole.

    :param amounts: path -> value of parameters that differ in this draw (money of the funds).
    """
    edges, world = whole.world.edges, whole.world
    rows = {key: numpy.arange(each[draw], each[draw + 1]) for key, each in edges.items()}
    members = {
        key: each[edges["project"][draw] : edges["project"][draw + 1]] - edges[key][draw]
        for key, each in world.members.items()
    }
    scenarios = None
    if amounts:
        numbers = {key: numpy.zeros(len(each), dtype=numpy.int64) for key, each in rows.items()}
        values = {path: numpy.array([value]) for path, value in amounts.items()}
        scenarios = Scenarios(values, f"{world.year}-01-01", numbers)
    return Slice(whole.tax_benefit_system, whole, members, rows, pooled, scenarios)


def fen(amount, weight) -> numpy.ndarray:
    """Whole fen of settled amounts times sample weights (int64), as ``analysis.budget`` adds them up."""
    if (weight == 1).all():
        return numpy.rint(amount * FEN).astype(numpy.int64)
    return to_fen(weight * amount)


def by_draw(amount: numpy.ndarray, edges: numpy.ndarray) -> numpy.ndarray:
    """Sums of whole fen between edges (int64)."""
    running = numpy.concatenate([[0], numpy.cumsum(amount)])
    return running[edges[1:]] - running[edges[:-1]]


def whole_sums(group, amount, size: int) -> numpy.ndarray:
    """Sums of whole fen by group (int64)."""
    total = numpy.zeros(size, dtype=numpy.int64)
    numpy.add.at(total, group, amount)
    return total
