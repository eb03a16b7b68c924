"""What worlds cost under a law: every draw's own pools, in whole fen, equal to a simulation of the draw by itself.

Draws of one year share simulations up to the pools, where nothing passes from one connected part to another. Pools are computed
draw by draw, because each draw has its own fund, on the parts with a claim. What makes draws cheap is only what is left out:

1. A document is computed on the parts with a claim in its scope; elsewhere its grants are 0 (``YearLaw.nothing``).
2. Facts are made up when a formula asks for them, for the claims on which it asks.
3. A draw without a claim on any pool has what every such draw has.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy
from openfisca_core.periods import period as make_period
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.forecast.worlds import LPR, BaseYear, World, WorldSimulation
from openfisca_jining.analysis.scenarios import Slice, Trace
from openfisca_jining.classifications import County
from openfisca_jining.instruments import FUNDS, INSTRUMENTS, POOLED, SHARED_OUT, STAGES, Fund
from openfisca_jining.law import Scenarios, find
from openfisca_jining.money import FEN, to_fen
from openfisca_jining.reforming import reformed
from openfisca_jining.variable_types import Fact

MONTHS = 12
COUNTIES = len(list(County))
#: Documents that pay, and the variables that hold what funds pay.
DOCUMENTS = tuple(dict.fromkeys("_".join(name.split("_")[:2]) for name in INSTRUMENTS))
DRAWN = tuple(dict.fromkeys(name for fund in FUNDS for name in fund.paid))


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
    :ivar drawn: by variable of a fund's payments (:data:`DRAWN`). :ivar months: by fund and month of application: claimed.
    :ivar unpaid: by fund and county: claimed less paid. :ivar projects: number of projects.
    """

    claimed: numpy.ndarray
    paid: numpy.ndarray
    funds: numpy.ndarray
    drawn: numpy.ndarray
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
            "drawn": (draws, len(DRAWN)),
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
    """A law in a claim year, with what its pools depend on (learnt from the claims of the base year under a tracer).

    :ivar pooled: variables that depend on pools. :ivar inputs: what they read from before pools.
    :ivar nothing: document -> its variables that are 0 wherever no claim is in its scope, as far as others read them.
    :ivar everyone: whether what pools hold or pay depends on more than the claims on them.
    :ivar running: funds whose money is what the year before left of it.
    """

    system: TaxBenefitSystem
    year: int
    pooled: set[str] = field(default_factory=set)
    inputs: set[str] = field(default_factory=set)
    nothing: dict[str, set[str]] = field(default_factory=dict)
    everyone: bool = False
    running: tuple[Fund, ...] = ()
    known: bool = False

    chosen = tuple(f"{name}__{suffixes[STAGES.index('chosen')]}" for name, suffixes in INSTRUMENTS.items())
    paid = tuple(f"{name}__{suffixes[STAGES.index('paid')]}" for name, suffixes in INSTRUMENTS.items())
    of_funds = tuple(name for fund in FUNDS for name in (fund.available, *fund.claimed, *fund.paid))

    @property
    def period(self):
        """The claim year."""
        return make_period(str(self.year))

    # ----- what depends on what -----

    def learn(self, base: BaseYear) -> None:
        """See the attributes."""
        simulation = WorldSimulation(self.system, base, base.as_stated(self.year))
        simulation.trace = True
        outputs = {*self.chosen, *self.paid, *self.of_funds}
        for name in sorted(outputs):
            simulation.calculate(name, self.period)
        trace, nodes = Trace(simulation), list(simulation.tracer.browse_trace())
        simulation.trace = False
        pools = {name for name, path in POOLED.items() if path is None or path in trace.parameters.get(name, ())}
        self.pooled = trace.dependents(pools)
        self.inputs = set().union(*(trace.inputs.get(name, set()) for name in self.pooled)) - self.pooled
        before = {node.name for node in nodes if node.period.start.year < self.year}
        self.running = tuple(fund for fund in FUNDS if fund.available in before)
        read_by_others = {
            name for user, read in trace.inputs.items() for name in read if document_of(name) != document_of(user)
        }
        for document in DOCUMENTS:
            mine = {name for name in (read_by_others | outputs) - self.pooled if document_of(name) == document}
            self.nothing[document] = {name for name in mine if self._nothing_outside(document, name, simulation)}
        of_facts = any(
            isinstance(self.system.variables[child.name], Fact)
            for node in nodes
            if node.name in {fund.available for fund in FUNDS} and node.period == self.period
            for child in node.children
            if child.period == self.period
        )
        elsewhere = {*self.chosen, *self.paid} - self.pooled - set().union(*self.nothing.values())
        self.everyone = bool(pools & SHARED_OUT or of_facts or elsewhere)
        self.known = True

    def _nothing_outside(self, document: str, name: str, simulation: WorldSimulation) -> bool:
        """Whether a variable has its default on all claims connected to none in the scope of its document."""
        variable = self.system.variables[name]
        if not variable.entity.is_person or variable.value_type not in (bool, float):
            return False
        outside = numpy.flatnonzero(~reached(simulation, document)[simulation.world.part])
        return bool((simulation.calculate(name, self.period)[outside] == variable.default_value).all())

    # ----- what draws cost -----

    def costs(self, base: BaseYear, world: World, past: Costs | None = None, carry_over: bool = False) -> Costs:
        """What every draw of a world costs.

        :param past: what the same draws cost in the year before (None: not known, nothing was paid).
        :param carry_over: whether what a fund had left is added to its money of the year.
        """
        if not self.known:
            self.learn(base)
        result = Costs.empty(len(world.draws))
        result.projects[:] = numpy.diff(world.edges["project"])
        parts = list(self._parts(base, world))
        for part in parts:
            weight = part.persons.enterprise("weight", self.period)
            for table, names in ((result.claimed, self.chosen), (result.paid, self.paid)):
                for place, name in enumerate(names):
                    if name not in self.pooled and name not in part.nothing:
                        amount = fen(part.calculate(name, self.period), weight)
                        table[:, place] += by_draw(amount, part.world.edges["project"])
        claims = parts[0] if self.everyone else self._claims(base, world, parts)
        asking = numpy.diff(claims.world.edges["project"]) > 0
        pasts = [self._past(past, carry_over, draw) for draw in range(len(world.draws))]
        self._pools(result, claims, numpy.flatnonzero(asking), pasts)
        self._idle(result, base, numpy.flatnonzero(~asking), pasts)
        for part in (claims, *parts):
            part.forget()
        return result

    def _parts(self, base: BaseYear, world: World) -> Iterator[WorldSimulation]:
        """The claims, those with claims in the scope of the same documents together; claims in none are left out."""
        whole = WorldSimulation(self.system, base, world)
        if self.everyone:
            yield whole
            return
        kind = numpy.zeros(int(world.part.max(initial=-1)) + 1, dtype=numpy.int64)
        for number, document in enumerate(DOCUMENTS):
            if whole.calculate(f"{document}__in_force", self.period).any():
                kind += reached(whole, document).astype(numpy.int64) << number
        kind = kind[world.part]
        for one in numpy.unique(kind[kind > 0]).tolist():
            absent = [document for number, document in enumerate(DOCUMENTS) if not one >> number & 1]
            nothing = frozenset().union(*(self.nothing[document] for document in absent))
            yield whole.only(numpy.flatnonzero(kind == one), nothing)

    def _claims(self, base: BaseYear, world: World, parts: Sequence[WorldSimulation]) -> WorldSimulation:
        """The claims on pools and whatever is connected to them, with what pools read."""
        variables = self.system.variables
        inputs = [
            name
            for name in sorted(self.inputs)
            if variables[name].entity.is_person and variables[name].value_type is float
        ]
        asks = numpy.zeros(int(world.part.max(initial=-1)) + 1, dtype=bool)
        for part in parts:
            for name in inputs:
                if name not in part.nothing:
                    asks[part.world.part[part.calculate(name, self.period) != 0]] = True
        rows = numpy.flatnonzero(asks[world.part])
        claims = WorldSimulation(self.system, base, world.only(rows))
        for name in inputs:
            amount = numpy.zeros(len(rows))
            for part in parts:
                if name not in part.nothing:
                    mine = numpy.flatnonzero(asks[part.world.part])
                    amount[numpy.searchsorted(rows, part.projects[mine])] = part.calculate(name, self.period)[mine]
            claims.get_holder(name).put_in_cache(amount, self.period)
        return claims

    def _past(self, past: Costs | None, carry_over: bool, draw: int) -> Past:
        """What the pools of a draw know of the year before."""
        if past is None:
            return Past()
        amounts: list[tuple[str, float]] = []
        for fund, (available, _, paid) in zip(FUNDS, past.funds[draw].tolist(), strict=True):
            amount = find(self.system.parameters, fund.amount).get_at_instant(f"{self.year}-12-31")
            if carry_over and amount is not None and available > paid:
                amounts.append((fund.amount, amount + (available - paid) / FEN))
        spent: list[tuple[str, int]] = []
        for fund in self.running:
            spent.append((fund.available, int(past.funds[draw, FUNDS.index(fund), 0])))
            spent += [(name, int(past.drawn[draw, DRAWN.index(name)])) for name in fund.paid]
        return Past(tuple(amounts), tuple(spent))

    def _pools(self, result: Costs, claims: WorldSimulation, draws, pasts: Sequence[Past]) -> None:
        """Fill in what depends on the pools, draw by draw. :param draws: those with claims."""
        weight = claims.persons.enterprise("weight", self.period)
        county = numpy.asarray(claims.persons.enterprise("county", self.period))
        months = [month_of(claims.calculate(application_of(fund), self.period)) for fund in FUNDS]
        traits = (weight, county, *months)
        for draw in draws.tolist():
            part = one_draw(claims, draw, self.pooled, pasts[draw])
            mine = slice(*claims.world.edges["project"][draw : draw + 2])
            self._one(result, draw, part, tuple(each[mine] for each in traits))
            part.forget()

    def _one(self, result: Costs, draw: int, part: Slice, traits) -> None:
        """Fill in the row of one draw."""
        weight, county, *months = traits
        known: dict[str, numpy.ndarray] = {}

        def amounts(name: str) -> numpy.ndarray:
            if name not in known:
                known[name] = fen(part.calculate(name, self.period), weight)
            return known[name]

        for table, names in ((result.claimed, self.chosen), (result.paid, self.paid), (result.drawn, DRAWN)):
            for place, name in enumerate(names):
                if name in self.pooled or table is result.drawn:
                    table[draw, place] = amounts(name).sum()
        for place, fund in enumerate(FUNDS):
            available = part.calculate(fund.available, self.period).max(initial=0.0)
            if not available:
                continue
            asked, given = (numpy.sum([*map(amounts, names)], axis=0) for names in (fund.claimed, fund.paid))
            result.funds[draw, place] = round(available * FEN), asked.sum(), given.sum()
            result.months[draw, place] = whole_sums(months[place], asked, MONTHS)
            result.unpaid[draw, place] = whole_sums(county, asked - given, COUNTIES)

    def _idle(self, result: Costs, base: BaseYear, draws, pasts: Sequence[Past]) -> None:
        """Fill in the money of the funds on which nobody has a claim. :param draws: those without claims."""
        money: dict[Past, list[int]] = {}
        for draw in draws.tolist():
            if pasts[draw] not in money:
                money[pasts[draw]] = self.money(base, pasts[draw])
            result.funds[draw, :, 0] = money[pasts[draw]]

    def money(self, base: BaseYear, past: Past) -> list[int]:
        """Money of each fund, claims as in the base year (whole fen). :param past: what is known of the year before."""
        whole = WorldSimulation(self.system, base, base.as_stated(self.year))
        simulation = one_draw(whole, 0, self.pooled, past)
        return [round(simulation.calculate(fund.available, self.period).max(initial=0.0) * FEN) for fund in FUNDS]


@dataclass(frozen=True)
class Past:
    """What pools of a draw know of the year before.

    :ivar amounts: path -> money of the fund this year, with what is carried over (yuan). :ivar spent: variable -> its sum in the
        year before (whole fen), where the law asks for it.
    """

    amounts: tuple[tuple[str, float], ...] = ()
    spent: tuple[tuple[str, int], ...] = ()


def document_of(name: str) -> str:
    """Document of a variable ("": none that pays)."""
    return next((document for document in DOCUMENTS if name.startswith(f"{document}_")), "")


def reached(simulation: WorldSimulation, document: str) -> numpy.ndarray:
    """Which connected parts of a world have a claim in the scope of a document."""
    inside = simulation.calculate(f"{document}__in_scope", make_period(str(simulation.world.year)))
    found = numpy.zeros(int(simulation.world.part.max(initial=-1)) + 1, dtype=bool)
    found[simulation.world.part[inside]] = True
    return found


def application_of(fund: Fund) -> str:
    """Variable with the date of application under a fund's document (a claim without a date: its last open day)."""
    return f"{'_'.join(fund.available.split('_')[:2])}__application_date"


def month_of(date) -> numpy.ndarray:
    """Month of dates, 0 to 11."""
    return date.astype("datetime64[M]").astype(int) % MONTHS


def one_draw(whole: WorldSimulation, draw: int, pooled, past: Past) -> Slice:
    """One draw of a world as a simulation of its own: what comes before pools is taken from the whole.

    :param pooled: variables to compute. :param past: what is known of the year before.
    """
    edges, world = whole.world.edges, whole.world
    rows = {key: numpy.arange(each[draw], each[draw + 1]) for key, each in edges.items()}
    members = {
        key: each[edges["project"][draw] : edges["project"][draw + 1]] - edges[key][draw]
        for key, each in world.members.items()
    }
    scenarios = None
    if past.amounts:
        numbers = {key: numpy.zeros(len(each), dtype=numpy.int64) for key, each in rows.items()}
        values = {path: numpy.array([value]) for path, value in past.amounts}
        scenarios = Scenarios(values, f"{world.year}-01-01", numbers)
    part = Slice(whole.tax_benefit_system, whole, members, rows, pooled, scenarios)
    if past.spent:
        state_past(part, make_period(str(world.year - 1)), past)
    return part


def state_past(simulation, year, past: Past) -> None:
    """State what a fund had and paid in an earlier year: all of it to the first project, of an enterprise that stands for itself."""
    simulation.get_holder("weight").put_in_cache(numpy.ones(simulation.populations["enterprise"].count), year)
    for name, amount in past.spent:
        stated = numpy.zeros(simulation.persons.count)
        stated[slice(None) if name in {fund.available for fund in FUNDS} else slice(1)] = amount / FEN
        simulation.get_holder(name).put_in_cache(stated, year)


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
