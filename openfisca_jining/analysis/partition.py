"""The budget of a population that one process cannot hold: part by part, equal to one simulation to the fen.

Caps bind on enterprises, then on consortia, which cross enterprises, then pools ration everybody's claims. So a partition
holds whole enterprises and consortia and is simulated once, alone, up to what pools read. What pools read is not written
down here: every partition learns it from a trace. Only projects that have a claim travel, with what pools read of them, and
the pools are computed on the claims of all partitions together, by the ordinary formulas. (Pools applied partition by
partition would be wrong.)

A pool that is shared out by something else than claims (``instruments.SHARED_OUT``) comes before the caps; then a first
round computes that pool alone. Nothing is guessed: what a pool reads and nobody sent is asked for, a partition that cuts an
enterprise or a consortium is refused, and so is a law under which a pool comes before the caps in any other way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from itertools import accumulate

import numpy
import pandas
from openfisca_core.indexed_enums import Enum
from openfisca_core.periods import Period
from openfisca_core.periods import period as make_period
from openfisca_core.simulations import Simulation

from openfisca_jining.analysis.budget import Budget, budget
from openfisca_jining.analysis.forecast.runs import LawSpec
from openfisca_jining.analysis.record import run_record
from openfisca_jining.analysis.scenarios import Trace, connected
from openfisca_jining.errors import JiningError
from openfisca_jining.instruments import FUNDS, INSTRUMENTS, POOLED, SHARED_OUT, STAGES
from openfisca_jining.population import Population

#: What results are broken down by (``budget.traits``), and the facts of an enterprise that say whether they are known.
TRAITS = ("county", "yield_per_mu_class", "cluster", "enterprise_size")
TRAIT_FACTS = ("county", "yield_per_mu_class", "cluster", "employees", "revenue")
#: Columns whose values name something that must lie in one partition, and what it is called.
WHOLE = {"enterprise_id": "企业", "consortium_id": "技改共同体", "project_id": "项目"}
#: Variables that have the same amount on every project, claim or not.
EVERYWHERE = frozenset(fund.available for fund in FUNDS)
#: Variable and claim year.
Key = tuple[str, Period]
#: Pools shared out already: name -> (projects of the partition, yuan of each); nothing on the others.
Given = dict[str, tuple[numpy.ndarray, numpy.ndarray]]


class PartitionError(JiningError):
    """A partition that cannot be computed by itself. The message names it."""

    def __init__(self, message: str) -> None:
        super().__init__(["partition"], message)

    def __reduce__(self):
        return type(self), (self.message,)


class NotSent(Exception):
    """A pool reads what no partition was asked for. :ivar key: what."""

    def __init__(self, key: Key) -> None:
        super().__init__(key)
        self.key = key


class ShareFirst(Exception):
    """Pools must be shared out before anything else can be computed. :ivar names: their variables."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(names)
        self.names = names


# ----- partitions -----


@dataclass(frozen=True)
class Partition:
    """Some of a table's enterprises with all their projects and consortia.

    :ivar rows, enterprise_rows: place of each project and enterprise in the whole table (int64). Where money runs out among
        equals, pools go by the order of the table, so it is kept.
    """

    population: Population
    rows: numpy.ndarray
    enterprise_rows: numpy.ndarray


#: What a partition can be given as. A function that loads one is called in the process that computes it.
Source = Population | Partition | Callable[[], Population | Partition]


def split(population: Population, partitions: int) -> Iterator[Partition]:
    """A population in at most so many partitions with about as many projects each; enterprises and consortia stay whole.

    :raises ValueError: fewer than one partition.
    """
    if partitions < 1:
        raise ValueError("至少分为 1 个分区。")
    enterprise = population.enterprise_number
    component = connected(enterprise, population.memberships["consortium"][0])
    sizes = numpy.bincount(component)
    number = (numpy.cumsum(sizes) - sizes) * partitions // len(population)
    of_project = number[component]
    of_enterprise = numpy.full(len(population.enterprises), number[0])  # 没有项目的企业放在第一个分区
    of_enterprise[enterprise] = of_project
    for one in numpy.unique(number):
        rows, enterprise_rows = numpy.flatnonzero(of_project == one), numpy.flatnonzero(of_enterprise == one)
        yield Partition(part_of(population, rows, enterprise_rows), rows, enterprise_rows)


def part_of(population: Population, rows, enterprise_rows, columns: Iterable[str] | None = None) -> Population:
    """Some projects and enterprises of a population. :param columns: those to keep, None for all."""
    projects, enterprises = population.projects.iloc[rows], population.enterprises.iloc[enterprise_rows]
    if columns is not None:
        projects, enterprises = (table[table.columns.intersection(list(columns))] for table in (projects, enterprises))
    return Population(
        population.year,
        projects.reset_index(drop=True),
        enterprises.reset_index(drop=True),
        population.source,
        population.synthetic,
        population.notes,
    )


def read_partition(path, year: int | None = None) -> Population:
    """A table of claims, for ``partial(read_partition, path)`` as a partition. :raises PartitionError: rows that cannot be used."""
    from openfisca_jining.population.read import read_table

    reading = read_table(path, year)
    if reading.population is None or reading.exit_status:
        raise PartitionError(f"{path} 有不能用的行，请先用 check 命令核对并改正。{reading.summary()}")
    return reading.population


# ----- the budget -----


def partitioned_budget(partitions: Iterable[Source], law, *, run: Callable[..., Iterable] = map) -> Budget:
    """``analysis.budget.budget`` of all partitions together, equal to it to the fen.

    :param partitions: functions that load a population (then each process holds one at a time), populations, or what
        :func:`split` gives. Populations stand for one table that has them one after the other.
    :param law: a ``LawSpec``, or a system if ``run`` stays in this process. :param run: used like ``map``; ``pool.map`` of a
        process pool, ``cluster.dask_map``. :returns: a Budget; its record counts the partitions and the projects sent.
    :raises PartitionError: partitions share an enterprise, a consortium or a project, or one cannot be computed (a fact is
        missing ...); the message names it.
    """
    sources = list(partitions)
    if not sources:
        raise PartitionError("没有任何分区，无法测算。")
    try:
        claims, sent = ask(sources, law, run, Question(outputs()), {})
    except ShareFirst as first:
        claims, sent = ask(sources, law, run, Question(first.names, shares_out=True), {})
        given = shares(claims, sent, system_of(law), first.names)
        claims, sent = ask(sources, law, run, Question(outputs()), given)
    system = system_of(law)
    found = budget(claims, system)
    rows = {name: found.claims[name].to_numpy(dtype=int) for name in ("row", "enterprise_row")}
    placed = found.claims.assign(
        row=claims.rows[rows["row"]], enterprise_row=claims.enterprise_rows[rows["enterprise_row"]]
    )
    return replace(found, claims=placed, record=_record(claims, system, sent))


def _record(claims: Claims, system, sent: Sequence[Sent]) -> dict:
    """The run record of all partitions. The hash is of their hashes, in order."""
    return run_record(claims, system) | {
        "projects": sum(one.projects for one in sent),
        "enterprises": sum(one.enterprises for one in sent),
        "data_sha256": hashlib.sha256("".join(one.sha256 for one in sent).encode()).hexdigest(),
        "partitions": len(sent),
        "projects_sent": len(claims),
    }


def system_of(law):
    """The system of a law. A ``LawSpec`` is built once in a process."""
    return _built(law) if isinstance(law, LawSpec) else law


@lru_cache(maxsize=2)
def _built(law: LawSpec):
    return law.build()


def outputs() -> tuple[str, ...]:
    """Variables that results need: all stages of all instruments, and the use of the funds."""
    stages = (f"{name}__{suffix}" for name, suffixes in INSTRUMENTS.items() for suffix in suffixes)
    funds = (name for fund in FUNDS for name in (fund.available, *fund.claimed, *fund.paid))
    return tuple(dict.fromkeys((*stages, *funds)))


def before_pools() -> tuple[str, ...]:
    """Stages that come before pools."""
    last = STAGES.index("paid")
    return tuple(dict.fromkeys(f"{name}__{one}" for name, suffixes in INSTRUMENTS.items() for one in suffixes[:last]))


@dataclass(frozen=True)
class Question:
    """What partitions are asked for.

    :ivar outputs: variables that will be computed on everybody. :ivar wanted: what to send besides what a partition itself
        finds that pools read. :ivar shares_out: this is the round of the pools that are shared out before the caps.
    """

    outputs: tuple[str, ...]
    wanted: frozenset[Key] = frozenset()
    shares_out: bool = False


def ask(
    sources: Sequence[Source], law, run, question: Question, given: Mapping[int, Given]
) -> tuple[Claims, list[Sent]]:
    """Ask the partitions until nothing that pools read is missing.

    :param given: partition -> pools shared out already. :raises ShareFirst: there are such pools, and they are not given.
    """
    found: dict[int, Sent] = {}
    while True:
        todo = [place for place in range(len(sources)) if place not in found or not found[place].has(question.wanted)]
        items = [(place, sources[place], given.get(place, {})) for place in todo]
        for place, one in zip(todo, run(partial(gather, law, question), items), strict=True):
            if isinstance(one, ShareFirst):
                raise one
            found[place] = one
        sent = [found[place] for place in range(len(sources))]
        refuse_cut(sent)
        wanted = question.wanted.union(*(one.inputs for one in sent))
        if all(one.has(wanted) for one in sent):
            claims = together(sent)
            try:
                _compute(claims.simulation(system_of(law)), question.outputs, make_period(str(claims.year)))
                return claims, sent
            except NotSent as missing:
                wanted |= {missing.key}
        question = replace(question, wanted=wanted)


def _compute(simulation: Simulation, names: Iterable[str], year: Period) -> None:
    for name in names:
        simulation.calculate(name, year)


def shares(claims: Claims, sent: Sequence[Sent], system, names: Iterable[str]) -> dict[int, Given]:
    """What every partition gets of the pools that are shared out before the caps."""
    simulation = claims.simulation(system)
    amounts = {name: simulation.calculate(name, str(claims.year)) for name in names}
    return {
        place: {name: (one.rows, each[claims.origin == place]) for name, each in amounts.items()}
        for place, one in enumerate(sent)
    }


def refuse_cut(sent: Sequence[Sent]) -> None:
    """Refuse partitions that share an enterprise, a consortium or a project. :raises PartitionError: names the first."""
    for column, word in WHOLE.items():
        ids = pandas.Index([one for each in sent for one in each.ids[column]], dtype=object)
        twice = ids[ids.duplicated()].unique()
        if not len(twice):
            continue
        places = "、".join(str(place + 1) for place, one in enumerate(sent) if twice[0] in one.ids[column])
        if column == "project_id":
            raise PartitionError(f"项目编号重复：{twice[0]} 在第 {places} 个分区都有。请核对。")
        raise PartitionError(
            f"{word} {twice[0]} 被分在第 {places} 个分区（这样的{word}共 {len(twice)} 个）。限额按{word}计，"
            f"同一{word}的项目必须在同一个分区，否则算出的数不对。请重新分区（可用 partition.split）。"
        )


# ----- one partition -----


@dataclass(frozen=True)
class Sent:
    """What a partition sends: projects that have a claim, and its ids.

    :ivar population: these projects and their enterprises: ids and what results are broken down by.
    :ivar rows, enterprise_rows: their place in the partition. :ivar places: their places in the whole table, if known.
    :ivar values: what was computed of each of these projects, or of its enterprise or consortium; a single number where all
        are alike. :ivar pooled: variables that depend on pools. :ivar inputs: what these read.
    :ivar ids: all ids of the partition. :ivar projects, enterprises: how many it has. :ivar sha256: of all its rows.
    """

    population: Population
    rows: numpy.ndarray
    enterprise_rows: numpy.ndarray
    places: tuple[numpy.ndarray, numpy.ndarray] | None
    values: dict[Key, numpy.ndarray]
    pooled: frozenset[str]
    inputs: frozenset[Key]
    ids: dict[str, list]
    projects: int
    enterprises: int
    sha256: str

    def has(self, wanted: frozenset[Key]) -> bool:
        """Whether everything wanted was sent."""
        return wanted <= self.values.keys()


def gather(law, question: Question, item: tuple[int, Source, Given]) -> Sent | ShareFirst:
    """Simulate a partition up to what pools read. Runs in whatever process ``run`` uses.

    :returns: what it sends, or that pools must be shared out first.
    :raises PartitionError: it cannot be computed; the message says which partition and why.
    """
    place, source, given = item
    one = source() if callable(source) else source
    population = one.population if isinstance(one, Partition) else one
    try:
        local = Local(population, system_of(law), given)
        try:
            return local.answer(one, question)
        finally:
            forget(local.simulation)
    except PartitionError:
        raise
    except JiningError as error:
        name = f"（{population.source}）" if population.source else ""
        raise PartitionError(f"第 {place + 1} 个分区{name}：{error.message}") from error


class Local:
    """A partition simulated by itself. What its pools pay means nothing; what they read does."""

    def __init__(self, population: Population, system, given: Given) -> None:
        self.population, self.system, self.given = population, system, given
        self.year = make_period(str(population.year))
        self.simulation = population.simulation(system)
        for name, (rows, amounts) in given.items():
            everyone = numpy.zeros(len(population))
            everyone[rows] = amounts
            self.simulation.get_holder(name).put_in_cache(everyone, self.year)

    def answer(self, one: Population | Partition, question: Question) -> Sent | ShareFirst:
        """See :func:`gather`."""
        if not question.shares_out:
            first, _ = self._traced(SHARED_OUT - set(self.given))
            to_share = self._in_play(first, SHARED_OUT)
            if to_share:
                return ShareFirst(tuple(sorted(to_share)))
            _compute(self.simulation, before_pools(), self.year)
            self._refuse_pools_before_caps()
        trace, reads = self._traced(question.outputs)
        pooled = frozenset(trace.dependents(self._in_play(trace, set(POOLED) - set(self.given))))
        inputs = frozenset(key for name in pooled for key in reads.get(name, ()) if key[0] not in pooled)
        self._refuse_sums_over_cities(inputs)
        results = {(name, self.year) for name in (*question.outputs, *TRAITS, "weight")}
        keys = inputs | question.wanted | {key for key in results if key[0] not in pooled}
        rows = self._claimants(question, keys, pooled)
        sent = self._sent(one, rows, keys, pooled, inputs)
        # What else a pool may go by cannot be told from the kind of a variable, so it is tried.
        if not self._pays_the_same(sent, question.outputs):
            sent = self._sent(one, numpy.arange(len(self.population)), keys, pooled, inputs)
        return sent

    def _traced(self, names: Iterable[str]) -> tuple[Trace, dict[str, set[Key]]]:
        """What variables read, with the period in which it was read. What was computed before is taken as it is."""
        self.simulation.trace = True
        _compute(self.simulation, sorted(names), self.year)
        trace = Trace(self.simulation)
        reads: dict[str, set[Key]] = {}
        for node in self.simulation.tracer.browse_trace():
            reads.setdefault(node.name, set()).update((child.name, child.period) for child in node.children)
            node.value = None  # Core's nodes refer to each other, so they would keep every array
        self.simulation.trace = False
        return trace, reads

    def _in_play(self, trace: Trace, pools: Iterable[str]) -> set[str]:
        """Those pools that were computed and ration or share out something under the readings taken."""
        return {
            name
            for name in pools
            if name in trace.inputs and (POOLED[name] is None or POOLED[name] in trace.parameters[name])
        }

    def _refuse_pools_before_caps(self) -> None:
        """:raises PartitionError: what comes before pools has read one, so it depends on projects of other partitions."""
        for name in POOLED:
            holder = self.simulation.get_holder(name)
            for period in holder.get_known_periods():
                settled = name in SHARED_OUT and period == self.year
                if not settled and holder.get_array(period).any():
                    label = self.system.get_variable(name).label
                    raise PartitionError(
                        f"按现在的读法，限额或企业的选择用到 {period} 年的「{label}」（{name}），"
                        "它取决于所有分区的项目，不能分区计算。请不分区整体计算。"
                    )

    def _refuse_sums_over_cities(self, inputs: frozenset[Key]) -> None:
        for name, _ in inputs:
            variable = self.system.get_variable(name)
            if variable.entity.key == "city":
                raise PartitionError(
                    f"资金池用到全市的「{variable.label}」（{name}），不能分区计算。请不分区整体计算。"
                )

    def _claimants(self, question: Question, keys: Iterable[Key], pooled: frozenset[str]) -> numpy.ndarray:
        """Projects with an amount or a number that pools read or results show, and always the first (of a pool's amount)."""
        has = numpy.zeros(len(self.population), dtype=bool)
        has[0] = True
        for name, period in {*keys, *((name, self.year) for name in pooled.intersection(question.outputs))}:
            variable = self.system.get_variable(name)
            if variable.entity.is_person and variable.value_type in (float, int) and name not in EVERYWHERE:
                has |= self.simulation.calculate(name, period) != 0
        return numpy.flatnonzero(has)

    def _sent(self, one: Population | Partition, rows, keys, pooled, inputs) -> Sent:
        population = self.population
        enterprise_rows = numpy.unique(population.enterprise_number[rows])
        consortia = population.projects.get("consortium_id", pandas.Series([], dtype=object)).dropna()
        ids = {
            "project_id": population.projects["project_id"].tolist(),
            "enterprise_id": population.enterprises["enterprise_id"].tolist(),
            "consortium_id": consortia[consortia != ""].unique().tolist(),
        }
        places = (one.rows[rows], one.enterprise_rows[enterprise_rows]) if isinstance(one, Partition) else None
        return Sent(
            part_of(population, rows, enterprise_rows, (*WHOLE, *TRAIT_FACTS)),
            rows,
            enterprise_rows,
            places,
            {key: self._of_projects(key, rows) for key in keys},
            pooled,
            inputs,
            ids,
            len(population),
            len(population.enterprises),
            population.content_hash(),
        )

    def _of_projects(self, key: Key, rows: numpy.ndarray) -> numpy.ndarray:
        """A variable of some projects (or of their enterprises or consortia); one number if it is the same for all."""
        values = numpy.asarray(self.simulation.calculate(*key))
        entity = self.system.get_variable(key[0]).entity
        if not entity.is_person:
            values = values[self.simulation.populations[entity.key].members_entity_id]
        values = values[rows]
        return values[:1].copy() if (values == values[:1]).all() else values

    def _pays_the_same(self, sent: Sent, names: Iterable[str]) -> bool:
        """Whether the pools of this partition alone pay the same on what it sends as on all of it, and the rest has no money."""
        few = together([sent]).simulation(self.system)
        try:
            for name in names:
                alone = self.simulation.calculate(name, self.year)
                expected = numpy.zeros(len(alone)) if name not in EVERYWHERE else alone.copy()
                expected[sent.rows] = few.calculate(name, self.year)
                if not numpy.array_equal(expected, alone):
                    return False
        except NotSent:
            return False
        finally:
            forget(few)
        return True


def forget(simulation: Simulation) -> None:
    """Give a simulation's arrays back at once: it and its populations refer to each other, so they would wait for Python."""
    for population in simulation.populations.values():
        population._holders.clear()


# ----- all partitions together -----


@dataclass(frozen=True)
class Claims(Population):
    """Projects with a claim, of all partitions, as a population of which computed values are known instead of facts.

    :ivar rows, enterprise_rows: place of each in the whole table. :ivar origin: partition of each project.
    :ivar values, pooled: as in :class:`Sent`.
    """

    rows: numpy.ndarray = field(default_factory=lambda: numpy.zeros(0, dtype=int), compare=False)
    enterprise_rows: numpy.ndarray = field(default_factory=lambda: numpy.zeros(0, dtype=int), compare=False)
    origin: numpy.ndarray = field(default_factory=lambda: numpy.zeros(0, dtype=int), compare=False)
    values: dict[Key, numpy.ndarray] = field(default_factory=dict, compare=False, repr=False)
    pooled: frozenset[str] = frozenset()

    def simulation(self, system) -> Simulation:
        """A simulation that computes what depends on pools, and nothing else."""
        simulation = PoolsOnly(system, self.without_facts(system).populations)
        simulation.pooled = self.pooled
        for (name, period), values in self.values.items():
            variable = system.get_variable(name)
            population = simulation.populations[variable.entity.key]
            if not variable.entity.is_person:
                of_project, values = values, numpy.zeros(population.count, dtype=values.dtype)
                values[population.members_entity_id] = of_project
            if variable.value_type is Enum:
                values = variable.possible_values.encode(values.astype(numpy.int16))
            population.get_holder(name).put_in_cache(values, period)
        return simulation


class PoolsOnly(Simulation):
    """A simulation without facts: what is not known and does not depend on pools is an error, never a default."""

    pooled: frozenset[str] = frozenset()

    def _calculate(self, variable_name, period):
        if variable_name not in self.pooled and self.get_holder(variable_name).get_array(period) is None:
            raise NotSent((variable_name, period))
        return super()._calculate(variable_name, period)


def together(sent: Sequence[Sent]) -> Claims:
    """The claims of all partitions, in the order of the whole table. :raises PartitionError: they are not of one year."""
    years = sorted({one.population.year for one in sent})
    if len(years) > 1:
        raise PartitionError(f"各分区的申报年度应当相同，现在有 {'、'.join(map(str, years))} 年。")
    if len({one.places is None for one in sent}) > 1:
        raise PartitionError("分区要么都由 partition.split 给出，要么都是申报表，不能混用。")
    starts = accumulate((one.projects for one in sent), initial=0)
    enterprise_starts = accumulate((one.enterprises for one in sent), initial=0)
    places = [
        one.places or (one.rows + start, one.enterprise_rows + enterprise_start)
        for one, start, enterprise_start in zip(sent, starts, enterprise_starts, strict=False)
    ]
    rows, enterprise_rows = (numpy.concatenate(each) for each in zip(*places, strict=True))
    order, enterprise_order = numpy.argsort(rows), numpy.argsort(enterprise_rows)
    sizes = [len(one.rows) for one in sent]
    pooled = frozenset().union(*(one.pooled for one in sent))
    keys = {key for key in set.intersection(*(set(one.values) for one in sent)) if key[0] not in pooled}

    def values(key: Key) -> numpy.ndarray:
        each = [numpy.broadcast_to(one.values[key], size) for one, size in zip(sent, sizes, strict=True)]
        return numpy.concatenate(each)[order]

    def table(each: Iterable[pandas.DataFrame], in_order) -> pandas.DataFrame:
        return pandas.concat(list(each), ignore_index=True).iloc[in_order].reset_index(drop=True)

    first = sent[0].population
    more = f"等 {len(sent)} 个分区" if len(sent) > 1 else ""
    return Claims(
        first.year,
        table((one.population.projects for one in sent), order),
        table((one.population.enterprises for one in sent), enterprise_order),
        first.source + more,
        any(one.population.synthetic for one in sent),
        tuple(dict.fromkeys(note for one in sent for note in one.population.notes)),
        rows=rows[order],
        enterprise_rows=enterprise_rows[enterprise_order],
        origin=numpy.repeat(numpy.arange(len(sent)), sizes)[order],
        values={key: values(key) for key in keys},
        pooled=pooled,
    )
