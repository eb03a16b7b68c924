"""Many laws on one population: exact totals of every scenario, with the ordinary formulas, at a fraction of the cost.

A scenario is the base law with other values of some parameters. Its totals are those of a full simulation, to the fen; what
makes them cheap is only what is left out and how it is laid out:

1. *Only what the parameters reach.* The base law is simulated once under OpenFisca's tracer, which says what each variable
   read. A variable that read neither a varied parameter nor a variable that did has the same value in every scenario.
2. *Only who can feel them.* A direct reader of a parameter concerns projects in the scope of its instrument (its
   ``__eligible``, or its document's ``__in_scope`` where eligibility itself varies). Their enterprises and consortia, and
   whoever is connected to them, are recomputed; before pools, nobody else's grant can move.
3. *Many scenarios in one simulation.* The rows concerned are repeated, once per scenario, and :class:`law.Law` hands each
   row the value of its scenario (:class:`law.Scenarios`), as it does for claims under laws of different dates.
4. *A cap that takes nothing takes nothing when it is higher.* Where a cap per enterprise is varied, its values are gone
   through from the lowest; whoever it leaves alone is not looked at again.
5. *Pools last.* Pools ration all claims of a scenario at once (``instruments.POOLED``), so they are computed scenario by
   scenario, on the projects that have a claim in any.

Values that a formula reads once for all claims (dates, readings, national parameters) cannot share a simulation; scenarios
that differ in them take turns, at the price of one traced simulation for each combination.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy
import pandas
from openfisca_core.periods import period as make_period
from openfisca_core.simulations import Simulation

from openfisca_jining import written
from openfisca_jining.analysis.processes import can_fork, forked
from openfisca_jining.instruments import INSTRUMENTS, POOLED, SHARED_OUT, STAGES
from openfisca_jining.law import OneLawOnly, Scenarios, check_value, find
from openfisca_jining.money import FEN, to_fen
from openfisca_jining.population import Population
from openfisca_jining.reforming import reformed

#: Rows of a simulation that holds several scenarios: enough to forget Core's cost per formula, few enough for the cache.
ROWS_AT_ONCE = 300_000
#: Rows of the results of scenarios held at the same time, times about ten variables of 8 bytes.
ROWS_HELD = 2_000_000
#: Last part of the path of a cap per enterprise.
CAP = "cap_per_enterprise"
GROUPS = ("enterprise", "consortium", "city")


@dataclass(frozen=True)
class Totals:
    """Totals of scenarios.

    :ivar scenarios: one row per scenario, one column per varied parameter. :ivar fen: int64, whole fen by scenario,
        instrument (in the order of ``instruments.INSTRUMENTS``) and stage. :ivar stages: names of the stages.
    """

    scenarios: pandas.DataFrame
    fen: numpy.ndarray
    stages: tuple[str, ...]

    def total(self, stage: str = "paid") -> numpy.ndarray:
        """Yuan of each scenario at a stage, all instruments together (float64, one per scenario)."""
        return self.fen[:, :, self.stages.index(stage)].sum(axis=1) / FEN


class ScenarioRunner:
    """Totals of scenarios of one population and one base law. Keeps what scenarios share between calls.

    :param start: first day of the varied values (``YYYY-MM-DD``). :param stages: stages of the ledger to add up
        (``instruments.STAGES``); ``paid`` alone is cheapest.
    """

    def __init__(self, population: Population, system, start: str, stages: Sequence[str] = ("paid",)) -> None:
        self.population, self.system, self.start = population, system, written.day(start)
        self.stages = tuple(stages)
        self.turns: set[str] = set()
        self.shared: dict = {}

    def totals(self, changes: Mapping[str, Sequence], workers: int = 1) -> Totals:
        """Totals of scenarios. :param changes: path -> value in each scenario, all of the same length;
            nothing: the base law alone.

        :param workers: processes to share the work (the figures do not depend on it; where processes cannot be forked, one).
        :raises UnknownParameter, UnknownReading: bad path or value. :raises UnstatedParameter, MissingFact: see ``budget``.
        """
        columns = {path: list(values) for path, values in changes.items()}
        table = pandas.DataFrame(columns, index=None if columns else [0])
        for path in changes:
            parameter = find(self.system.parameters, path)
            for value in table[path].unique():
                check_value(parameter, value)
            if not self._shares_a_simulation(parameter, table[path]):
                self.turns.add(path)
        while True:
            try:
                return Totals(table, self._fen(table, workers), self.stages)
            except OneLawOnly as error:
                self.turns.add(error.path)

    def varied(self, first: Mapping[str, float]) -> VariedLaw:
        """The base law with the numbers at some paths free, for who looks at single components or enterprises.

        :param first: path -> any of its values. :raises UnknownParameter, UnknownReading: bad path or value.
        :raises OneLawOnly: values of a path cannot share a simulation.
        """
        for path, value in first.items():
            parameter = find(self.system.parameters, path)
            check_value(parameter, value)
            if not self._shares_a_simulation(parameter, pandas.Series([value])):
                raise OneLawOnly(path)
        return self._varied_law((), list(first), first)

    def _shares_a_simulation(self, parameter, values) -> bool:
        """Whether scenarios with different values of a parameter can be in one simulation."""
        documents = {name.split("_")[0] for name in INSTRUMENTS}
        if parameter.metadata.get("readings") or parameter.metadata.get("unit") == "date":
            return False
        return parameter.name.split("_")[0] in documents and pandas.api.types.is_numeric_dtype(values)

    def _fen(self, table: pandas.DataFrame, workers: int) -> numpy.ndarray:
        turns = [path for path in table if path in self.turns]
        varied = [path for path in table if path not in self.turns]
        result = numpy.zeros((len(table), len(INSTRUMENTS), len(self.stages)), dtype=numpy.int64)
        groups = table.groupby(turns, sort=False).indices if turns else {(): numpy.arange(len(table))}
        for key, rows in groups.items():
            fixed = tuple(zip(turns, key if isinstance(key, tuple) else (key,), strict=True))
            law = self._varied_law(fixed, varied, table.iloc[rows[0]])
            result[rows] = law.fen({str(path): table[path].to_numpy(dtype=float)[rows] for path in varied}, workers)
        return result

    def _varied_law(self, fixed, varied, first) -> VariedLaw:
        """The law under one combination of values that take turns, ready for scenarios that vary the other paths."""
        key = fixed, tuple(varied)
        if key not in self.shared:
            changes = [*fixed, *((path, float(first[path])) for path in varied)]
            system = reformed(self.system, changes=[(path, value, self.start) for path, value in changes])
            self.shared[key] = VariedLaw(self.population, system, self.start, varied, self.stages)
        return self.shared[key]


# ----- what read what -----


class Trace:
    """What each variable of a traced simulation read.

    :ivar parameters: variable -> paths it read itself. :ivar inputs: variable -> variables it read itself.
    """

    def __init__(self, simulation: Simulation) -> None:
        self.parameters: dict[str, set[str]] = {}
        self.inputs: dict[str, set[str]] = {}
        for node in simulation.tracer.browse_trace():
            self.parameters.setdefault(node.name, set()).update(read.name for read in node.parameters)
            self.inputs.setdefault(node.name, set()).update(child.name for child in node.children)

    def readers(self, paths: Iterable[str]) -> set[str]:
        """Variables that read one of the parameters themselves."""
        wanted = set(paths)
        return {name for name, read in self.parameters.items() if read & wanted}

    def dependents(self, names: Iterable[str]) -> set[str]:
        """The variables given and all that depend on them."""
        users: dict[str, set[str]] = {}
        for name, read in self.inputs.items():
            for one in read:
                users.setdefault(one, set()).add(name)
        found, front = set(), list(names)
        while front:
            name = front.pop()
            if name not in found:
                found.add(name)
                front += users.get(name, ())
        return found


# ----- parts of a simulation, repeated -----


class Slice(Simulation):
    """Some rows of a simulation, in any order and as often as wanted, as a simulation of its own.

    Variables that do not depend on what is varied are taken from the whole simulation when they are asked for.

    :param whole: simulation to take from. :param members: group entity key -> group of each project here.
    :param rows: entity key -> row in ``whole`` of each row here; None: this has the rows of ``whole``, all of them in order.
    :param varying: variables that must be computed anew.
    """

    def __init__(self, system, whole, members, rows, varying, scenarios: Scenarios | None) -> None:
        populations = system.instantiate_entities()
        for key, population in populations.items():
            population.count = whole.populations[key].count if rows is None else len(rows[key])
            population.ids = range(population.count)
            if key in GROUPS:
                population.members_entity_id = members[key]
        super().__init__(system, populations)
        self.whole, self.rows, self.varying, self.scenarios = whole, rows, varying, scenarios

    def _calculate(self, variable_name, period):
        if variable_name not in self.varying:
            self.known(variable_name, period)
        return super()._calculate(variable_name, period)

    def known(self, name: str, period):
        """A variable's values here, if the whole simulation has them (which may be a slice itself)."""
        holder = self.get_holder(name)
        known = holder.get_array(period)
        if known is None:
            known = (
                self.whole.known(name, period) if isinstance(self.whole, Slice) else self.whole.get_array(name, period)
            )
            if known is not None and self.rows is not None:
                known = known[self.rows[holder.population.entity.key]]
            if known is not None:
                holder.put_in_cache(known, period)
        return known

    def forget(self) -> None:
        """Give the memory back at once: a simulation refers to itself, and Python may be slow to see that nobody needs it."""
        for population in self.populations.values():
            population._holders.clear()
        self.__dict__.pop("computed_once", None)

    def stated_elsewhere(self, holder, kind: str) -> dict:
        """Which rows state a fact (see ``variable_types``), taken from the whole simulation."""
        whole = self.whole.get_holder(holder.variable.name)
        taken = getattr(self.whole, "stated_elsewhere", None)
        known = whole.__dict__.get(f"stated_{kind}", {}) if taken is None else taken(whole, kind)
        if self.rows is None:
            return known
        rows = self.rows[holder.population.entity.key]
        return {year: (values[rows], stated[rows]) for year, (values, stated) in known.items()}


def connected(*groupings: numpy.ndarray) -> numpy.ndarray:
    """Component of each row, where rows that share a group of any grouping belong together (int64, dense)."""
    label = numpy.arange(len(groupings[0]))
    while True:
        before = label
        for group in groupings:
            lowest = numpy.full(int(group.max(initial=-1)) + 1, len(label))
            numpy.minimum.at(lowest, group, label)
            label = lowest[group]
        if (label == before).all():
            return pandas.factorize(label)[0].astype(numpy.int64)


@dataclass(frozen=True)
class Block:
    """Scenarios that are computed together.

    :ivar count: number of combinations of values, the cap left out. :ivar values: path -> values of the combinations.
    :ivar cap: the cap climbed, or None. :ivar scenarios: numbers of the scenarios of the block.
    :ivar which: combination of each. :ivar own: path -> value in each scenario of the block, the cap included.
    """

    count: int
    values: dict[str, numpy.ndarray]
    cap: str | None
    scenarios: numpy.ndarray
    which: numpy.ndarray
    own: dict[str, numpy.ndarray]


class VariedLaw:
    """One law whose numbers at some paths vary from scenario to scenario. See the module's docstring."""

    def __init__(self, population: Population, system, start: str, paths: Sequence[str], stages) -> None:
        self.system, self.start, self.paths, self.stages = system, start, tuple(paths), stages
        self.year = make_period(str(population.year))
        self.base = population.simulation(system)
        self.base.trace = True
        wanted = {
            name: [f"{name}__{dict(zip(STAGES, suffixes, strict=True))[stage]}" for stage in stages]
            for name, suffixes in INSTRUMENTS.items()
        }
        self.outputs = list(dict.fromkeys(itertools.chain(*wanted.values())))
        self.place = [[self.outputs.index(name) for name in names] for names in wanted.values()]
        for name in self.outputs:
            self.base.calculate(name, self.year)
        self.weight = self.base.persons.enterprise("weight", self.year)
        self.sampled = bool((self.weight != 1).any())
        self.trace = Trace(self.base)
        self.base.trace = False
        readers = self.trace.readers(self.paths)
        varying = self.trace.dependents(readers)
        self.pools = {
            name for name, path in POOLED.items() if path is None or path in self.trace.parameters.get(name, ())
        }
        pooled = self.trace.dependents(varying & self.pools) & varying
        self.varying, self.pooled, self.local = varying, pooled, varying - pooled
        self.local_outputs = [name for name in self.outputs if name in self.local]
        self.pooled_outputs = [name for name in self.outputs if name in self.pooled]
        self.pool_inputs = (
            sorted(set().union(*(self.trace.inputs[name] for name in pooled)) & self.local) if pooled else []
        )
        self.constant = {
            name: self._sum(self.base.calculate(name, self.year), self.weight)
            for name in self.outputs
            if name not in varying
        }
        self.concerned = Concerned(self, readers & self.local)

    # ----- sums -----

    def _sum(self, amount, weight) -> int:
        """Whole fen of weighted amounts, as ``analysis.budget`` adds them up (sums of whole numbers are exact in float64)."""
        return int(to_fen(weight * amount).sum() if self.sampled else numpy.rint(amount * FEN).sum())

    # ----- scenarios -----

    def fen(self, changes: Mapping[str, numpy.ndarray], workers: int = 1) -> numpy.ndarray:
        """Whole fen by scenario, instrument and stage. :param changes: path -> value in each scenario."""
        count = len(next(iter(changes.values()))) if changes else 1
        cap = self._cap_to_climb(changes)
        others = [path for path in self.paths if path != cap]
        table = numpy.column_stack([changes[path] for path in others] or [numpy.zeros(count)])
        outer, which = numpy.unique(table, axis=0, return_inverse=True)
        at_once = max(ROWS_HELD // max(self.concerned.count, 1), 1)
        at_once = min(at_once, -(-len(outer) // workers))
        blocks = []
        for first in range(0, len(outer), at_once):
            values = {path: outer[first : first + at_once, number] for number, path in enumerate(others)}
            mine = numpy.flatnonzero((which.ravel() >= first) & (which.ravel() < first + at_once))
            own = {path: each[mine] for path, each in changes.items()}
            blocks.append(Block(min(at_once, len(outer) - first), values, cap, mine, which.ravel()[mine] - first, own))
        result = numpy.zeros((count, len(INSTRUMENTS), len(self.stages)), dtype=numpy.int64)
        for block, found in zip(blocks, in_turns_or_parallel(self, blocks, workers), strict=True):
            result[block.scenarios] = found
        return result

    def block(self, block: Block) -> numpy.ndarray:
        """Whole fen by scenario of a block, instrument and stage."""
        result = numpy.zeros((len(block.scenarios), len(INSTRUMENTS), len(self.stages)), dtype=numpy.int64)
        steps = block.own[block.cap] if block.cap else numpy.zeros(len(block.scenarios))
        for step, state in self._climb(block, numpy.unique(steps)):
            for number in numpy.flatnonzero(steps == step):
                own = {path: float(each[number]) for path, each in block.own.items()}
                result[number] = self._add_up(state, block.which[number], own)
        return result

    def _cap_to_climb(self, changes) -> str | None:
        """The varied cap per enterprise with the most values, if any."""
        caps = [
            path
            for path in self.paths
            if path.endswith(f".{CAP}") and path.replace(".", "_").removesuffix(f"_{CAP}") in INSTRUMENTS
        ]
        caps = [path for path in caps if not (self.trace.readers([path]) & self.pooled)]
        return max(caps, key=lambda path: len(numpy.unique(changes[path])), default=None)

    def _climb(self, block: Block, steps):
        """State of the concerned rows under a block of scenarios, for each value of the cap from the lowest on.

        :yields: (value of the cap, state). A state holds, by variable, an array of combinations by concerned rows.
        """
        concerned, cap, count = self.concerned, block.cap, block.count
        if not concerned.count:
            for step in steps:
                yield step, {}
            return
        values = block.values | ({cap: numpy.full(count, numpy.inf)} if cap else {})
        chunks = [
            Tall(concerned, {path: each[chunk] for path, each in values.items()}, chunk.stop - chunk.start)
            for chunk in in_chunks(numpy.full(count, concerned.count), ROWS_AT_ONCE)
        ]
        free = {name: numpy.concatenate([tall.of(name) for tall in chunks]) for name in self.kept}
        if cap is None:
            yield steps[0], free
            return
        watched = sorted(self.trace.readers([cap]) & self.local)
        varying = self.trace.dependents(watched) & self.local
        state = {name: array.copy() for name, array in free.items()}
        for step in steps:
            first = 0
            for tall in chunks:
                tall.step(
                    cap, step, watched, varying, {name: state[name][first : first + tall.count] for name in self.kept}
                )
                first += tall.count
            yield step, state

    @property
    def kept(self) -> list[str]:
        """Local variables that sums and pools need."""
        return sorted({*self.local_outputs, *self.pool_inputs})

    def _add_up(self, state, number: int, own: Mapping[str, float]) -> numpy.ndarray:
        """Whole fen by instrument and stage of one scenario of a block."""
        sums = dict(self.constant)
        concerned = self.concerned
        for name in self.local_outputs:
            moved = self._sum(state[name][number], concerned.weight) if concerned.count else 0
            sums[name] = concerned.others[name] + moved
        if self.pooled_outputs:
            sums.update(concerned.pools(state, number, own))
        return numpy.array([[sums[self.outputs[place]] for place in row] for row in self.place], dtype=numpy.int64)


def in_turns_or_parallel(law: VariedLaw, blocks: Sequence[Block], workers: int):
    """Results of the blocks of scenarios, one after the other or on forked processes, which share the base law's memory."""
    if workers <= 1 or len(blocks) <= 1 or not can_fork():
        yield from map(law.block, blocks)
        return
    _forked.append(law)
    try:
        with forked(min(workers, len(blocks))) as pool:
            yield from pool.map(_forked_block, blocks)
    finally:
        _forked.pop()


#: The law that forked processes work on.
_forked: list[VariedLaw] = []


def _forked_block(block: Block) -> numpy.ndarray:
    return _forked[-1].block(block)


def in_chunks(sizes, most: int) -> list[slice]:
    """Consecutive items in chunks of at most so much in all (or of one item)."""
    chunk = numpy.cumsum(sizes) // most
    edges = [0, *(numpy.flatnonzero(numpy.diff(chunk)) + 1), len(sizes)]
    return [slice(first, last) for first, last in itertools.pairwise(edges)]


class Concerned:
    """The rows of a base simulation whose grants before pools can move, with their groups.

    :ivar rows: their numbers. :ivar component: component of each (rows that share an enterprise or a consortium).
    """

    def __init__(self, law: VariedLaw, readers: set[str]) -> None:
        self.law = law
        populations = law.base.populations
        member = {key: populations[key].members_entity_id for key in GROUPS}
        whole = self.connected = connected(member["enterprise"], member["consortium"])
        felt = numpy.zeros(len(whole), dtype=bool)
        for scope in {self._scope(name) for name in readers}:
            felt |= True if scope is None else law.base.calculate(scope, law.year)
        self.rows = numpy.flatnonzero((numpy.bincount(whole, felt) > 0)[whole]) if len(whole) else numpy.zeros(0, int)
        self.count = len(self.rows)
        self.component = pandas.factorize(whole[self.rows])[0]
        self.components = int(self.component.max(initial=-1)) + 1
        self.groups, self.member = {}, {}
        for key in GROUPS:
            numbers, place = numpy.unique(member[key][self.rows], return_inverse=True)
            self.groups[key], self.member[key] = numbers, place.ravel()
        self.weight = law.weight[self.rows]
        self.others = {
            name: law._sum(law.base.calculate(name, law.year), law.weight)
            - law._sum(law.base.calculate(name, law.year)[self.rows], self.weight)
            for name in law.local_outputs
        }
        everything = {"project": self.rows, **self.groups}
        self.whole = Slice(law.system, law.base, self.member, everything, law.varying, Scenarios({}, law.start, {}))

    def _scope(self, name: str) -> str | None:
        """Variable that says which projects a direct reader can concern, None for all."""
        stem = name.partition("__")[0]
        document = "_".join(stem.split("_")[:2])
        known = self.law.base.tax_benefit_system.variables
        for scope in (f"{stem}__eligible", f"{document}__in_scope"):
            traced = scope in self.law.trace.inputs and scope not in self.law.varying
            if traced and known[scope].entity.is_person:
                return scope
        return None

    # ----- pools -----

    @cached_property
    def claimants(self) -> numpy.ndarray:
        """Rows that take part in pools: whoever has a claim in the base law or a grant that can move, with all that is connected.

        Everyone, where a pool that is shared out by something else than claims varies.
        """
        law = self.law
        persons = law.base.persons
        if law.pools & law.varying & SHARED_OUT:
            return numpy.arange(persons.count)
        has = numpy.zeros(persons.count, dtype=bool)
        has[self.rows] = True
        for name in set().union(*(law.trace.inputs[name] for name in law.pooled)) - set(POOLED):
            variable = law.system.get_variable(name)
            if variable.entity.is_person and variable.value_type is float:
                has |= law.base.calculate(name, law.year) != 0
        return numpy.flatnonzero((numpy.bincount(self.connected, has) > 0)[self.connected])

    @cached_property
    def claimants_weight(self) -> numpy.ndarray:
        """Sample weight of each claimant."""
        return self.law.weight[self.claimants]

    @cached_property
    def pool_part(self) -> PoolPart:
        """What the pools of all scenarios share."""
        return PoolPart(self)

    def pools(self, state, number: int, own: Mapping[str, float]) -> dict[str, int]:
        """Sums of the pooled outputs of one scenario, whole fen."""
        return self.pool_part.sums({name: each[number] for name, each in state.items()}, own)


class Tall:
    """The concerned rows, repeated once for each of some combinations of values, as one simulation.

    :ivar count: number of combinations. :ivar active: components (of each combination) that the cap climbed still binds.
    """

    def __init__(self, concerned: Concerned, values: Mapping[str, numpy.ndarray], count: int) -> None:
        law = concerned.law
        self.law, self.concerned, self.values, self.count = law, concerned, values, count
        self.rows = {"project": numpy.tile(numpy.arange(concerned.count), count)}
        self.scenario = {"project": numpy.repeat(numpy.arange(count), concerned.count)}
        members = {}
        for key in GROUPS:
            size = len(concerned.groups[key])
            self.rows[key] = numpy.tile(numpy.arange(size), count)
            self.scenario[key] = numpy.repeat(numpy.arange(count), size)
            members[key] = (concerned.member[key] + size * numpy.arange(count)[:, None]).ravel()
        scenarios = Scenarios(dict(values), law.start, self.scenario)
        self.simulation = Slice(law.system, concerned.whole, members, self.rows, law.varying, scenarios)
        self.active = numpy.ones((count, concerned.components), dtype=bool)

    def of(self, name: str) -> numpy.ndarray:
        """A variable, combinations by concerned rows, without the cap."""
        return self.simulation.calculate(name, self.law.year).reshape(self.count, self.concerned.count)

    def step(self, cap: str, value: float, watched, varying, state: Mapping[str, numpy.ndarray]) -> None:
        """Put into a state what the cap makes of the components that it still binds.

        :param watched: direct readers of the cap; a component in which they all are as without a cap is left alone from
            here on. :param varying: what depends on the cap. :param state: variable -> combinations by concerned rows.
        """
        if not self.active.any():
            return
        law, concerned = self.law, self.concerned
        rows = {"project": numpy.flatnonzero(self.active[:, concerned.component])}
        members = {}
        for key in GROUPS:
            of = self.simulation.populations[key].members_entity_id[rows["project"]]
            used = numpy.zeros(len(self.rows[key]), dtype=bool)
            used[of] = True
            rows[key] = numpy.flatnonzero(used)
            members[key] = (numpy.cumsum(used) - 1)[of]
        values = {**self.values, cap: numpy.full(self.count, value)}
        scenarios = Scenarios(values, law.start, {key: self.scenario[key][each] for key, each in rows.items()})
        part = Slice(law.system, self.simulation, members, rows, varying, scenarios)
        held = numpy.zeros_like(self.active)
        scenario, row = self.scenario["project"][rows["project"]], self.rows["project"][rows["project"]]
        for name in watched:
            free = self.simulation.calculate(name, law.year)[rows["project"]]
            moved = numpy.flatnonzero(part.calculate(name, law.year) != free)
            held[scenario[moved], concerned.component[row[moved]]] = True
        for name, array in state.items():
            array[scenario, row] = part.calculate(name, law.year)
        self.active = held


class PoolPart:
    """The claimants of a base law, on which the pools of every scenario are computed.

    :ivar place: where the concerned rows are among the claimants. :ivar inputs: what comes before pools in the base law.
    """

    def __init__(self, concerned: Concerned) -> None:
        law = self.law = concerned.law
        self.claimants, self.weight = concerned.claimants, concerned.claimants_weight
        rows, self.member = {"project": self.claimants}, {}
        for key in GROUPS:
            of = law.base.populations[key].members_entity_id
            rows[key], place = numpy.unique(of[self.claimants], return_inverse=True)
            self.member[key] = place.ravel()
        self.part = Slice(law.system, law.base, self.member, rows, law.varying, Scenarios({}, law.start, {}))
        self.numbers = {key: numpy.zeros(len(each), dtype=numpy.int64) for key, each in rows.items()}
        self.inputs = {name: law.base.calculate(name, law.year)[self.claimants] for name in law.pool_inputs}
        self.place = numpy.searchsorted(self.claimants, concerned.rows)
        self.before = {name: each[self.place] for name, each in self.inputs.items()}
        self.readers = law.trace.readers(law.paths) & law.pooled
        self.in_base = {name: law._sum(law.base.calculate(name, law.year), law.weight) for name in law.pooled_outputs}
        self.dependents: dict[frozenset[str], set[str]] = {}

    def sums(self, state: Mapping[str, numpy.ndarray], own: Mapping[str, float]) -> dict[str, int]:
        """Whole fen of the pooled outputs. :param state: what comes before pools, on the concerned rows."""
        law = self.law
        simulation, varying = self._simulation(state, own)
        return {
            name: law._sum(simulation.calculate(name, law.year), self.weight) if name in varying else self.in_base[name]
            for name in law.pooled_outputs
        }

    def amounts(self, state: Mapping[str, numpy.ndarray], own: Mapping[str, float]) -> dict[str, numpy.ndarray]:
        """Yuan of the pooled outputs on each claimant. :param state: as for :meth:`sums`."""
        simulation, _ = self._simulation(state, own)
        return {name: simulation.calculate(name, self.law.year) for name in self.law.pooled_outputs}

    def _simulation(self, state, own) -> tuple[Slice, set[str]]:
        """The claimants of one scenario, and what may differ from the base law."""
        law = self.law
        moved = {
            name for name in self.inputs if len(self.place) and not numpy.array_equal(state[name], self.before[name])
        }
        varying = self._depending(frozenset(moved | self.readers))
        values = {path: numpy.array([value]) for path, value in own.items()}
        simulation = Slice(
            law.system, self.part, self.member, None, varying, Scenarios(values, law.start, self.numbers)
        )
        for name in moved:
            amount = self.inputs[name].copy()
            amount[self.place] = state[name]
            simulation.get_holder(name).put_in_cache(amount, law.year)
        return simulation, varying

    def _depending(self, names: frozenset[str]) -> set[str]:
        """What must be computed anew if these variables have other values than in the base law."""
        if names not in self.dependents:
            self.dependents[names] = self.law.trace.dependents(names)
        return self.dependents[names]
