"""The lowest and the highest total that readings which do not contradict each other can bring about together.

All combinations cannot be computed. Two things are known without computing them:

* A law is computed under the readings it looks at, and comes out the same whatever the others say. What it looks at is traced, so
  the combinations of a part of the law are the leaves of a tree that branches only on readings that were looked at.
* Instruments that look at no reading of a document in common are independent of each other, once the readings that hold for all
  documents are fixed. Tracing finds such parts, too.

A part whose tree is small is computed leaf by leaf, so that its lowest and highest totals are proven. The rest is searched: from
several starts, one reading after another is set to its best value until nothing moves; then all combinations of the readings that
matter most are tried around the result. That proves nothing, and the result says so. What is found is computed once more as one
whole law; that total is reported.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy

from openfisca_jining.analysis.readings import MOVES, REFUSED, SHIFTS, Spread, conflicts, paid, readings_of
from openfisca_jining.analysis.totals import paid_by_instrument
from openfisca_jining.clauses.register import documents
from openfisca_jining.errors import JiningError
from openfisca_jining.instruments import Instrument, instruments
from openfisca_jining.money import to_fen, to_yuan
from openfisca_jining.population import Population
from openfisca_jining.reforming import reformed

#: Largest tree of a part that is computed leaf by leaf, and largest block of combinations tried around what was found.
LARGEST_TREE, LARGEST_BLOCK = 1500, 200
#: Laws that a search may compute unless told otherwise.
MOST_LAWS = 4000
LOWEST, HIGHEST = "最低", "最高"
SIGNS = {LOWEST: -1, HIGHEST: 1}

#: Values of readings by path.
Values = dict[str, str]


@dataclass(frozen=True)
class Part:
    """Instruments that are computed apart from the others.

    :ivar labels: the instruments. :ivar laws: laws computed for it. :ivar proven: every combination was computed.
    """

    labels: tuple[str, ...]
    laws: int
    proven: bool


@dataclass(frozen=True)
class Combination:
    """Readings taken together, and what they pay.

    :ivar name: :data:`LOWEST` or :data:`HIGHEST`. :ivar taken: the readings that are not read as in the law given, without
        those that make no difference here. :ivar total: under the measure, yuan, computed as one whole law.
    :ivar payers: all that each payer pays, whatever the measure (yuan). :ivar additive: the parts add up to the total to the fen.
    :ivar proven: no combination goes further. False: the best that was found.
    """

    name: str
    taken: Values
    total: float
    payers: dict[str, float]
    additive: bool
    proven: bool


@dataclass(frozen=True)
class Search:
    """Result of :func:`search`.

    :ivar lowest, highest: the combinations. :ivar parts: how each part was treated. :ivar laws: laws computed in all.
    :ivar complete: the search ended by itself; False: the number of laws allowed was used up.
    :ivar block: readings and combinations of the block tried around each result that is not proven; (0, 0) if none was.
    """

    lowest: Combination
    highest: Combination
    parts: tuple[Part, ...]
    laws: int
    complete: bool
    block: tuple[int, int]

    def to_json(self) -> dict:
        """JSON-ready; money in yuan."""
        parts = [vars(part) for part in self.parts]
        return {**vars(self), "lowest": vars(self.lowest), "highest": vars(self.highest), "parts": parts}


def search(
    population: Population,
    system,
    spread: Spread,
    most: int = MOST_LAWS,
    say: Callable[[str], None] = lambda text: None,
) -> Search:
    """Search the lowest and highest total over the readings of a spread jointly, without contradictions.

    Values that the spread found impossible to compute take no part. The same call gives the same result.

    :param spread: of the same population and law: its readings, its measure. :param most: most laws to compute.
    :param say: called with what is going on.
    """
    choices = Choices(system, spread)
    laws = Laws(population, system, choices, most, say)
    listed = [one for one in instruments(system) if one.name in spread.counted]
    trees, searched, parts = [], [], []
    for part in independent_parts(population, system, listed, choices):
        before, tree = laws.count, Tree.of(part, choices, laws)
        if tree is None:
            searched += part
        else:
            trees.append(tree)
            parts.append(Part(tuple(one.label for one in part), laws.count - before, tree.whole))
    before, hunt = laws.count, Hunt(choices, laws, trees, searched, int(to_fen(spread.default)))
    best = [
        hunt.run(sign, laws.count + (most - laws.count) // left)
        for sign, left in zip(SIGNS.values(), (2, 1), strict=True)
    ]
    if searched:
        parts.append(Part(tuple(one.label for one in searched), laws.count - before, False))
    proven = all(part.proven for part in parts) and laws.apart()
    ends = {}
    for name, (fen, taken) in zip(SIGNS, best, strict=True):
        whole = paid_by_instrument(population, reformed(system, readings=list(taken.items())))
        payers = {one.payer: 0 for one in instruments(system)}
        for one in instruments(system):
            payers[one.payer] += int(whole[one.name])
        total = int(whole[list(spread.counted)].sum())
        in_yuan = {payer: float(to_yuan(each)) for payer, each in payers.items()}
        ends[name] = Combination(name, taken, float(to_yuan(total)), in_yuan, total == fen, proven and total == fen)
    return Search(ends[LOWEST], ends[HIGHEST], tuple(parts), laws.count + len(ends), hunt.complete, hunt.block)


class Choices:
    """The readings that can be chosen, their values, and what contradicts what.

    :ivar taken: every reading of the law given. :ivar values: readings with a choice -> values that can be computed, the one taken
        first. :ivar order: those readings, the ones that move most money first. :ivar moving: how many of them move any alone.
    """

    def __init__(self, system, spread: Spread) -> None:
        self.taken: Values = {reading.path: reading.taken for reading in readings_of(system)}
        table = spread.alternatives
        computed = table[table["effect"] != REFUSED]
        self.values: dict[str, list[str]] = {}
        for reading in spread.readings:
            others = computed.loc[computed["reading"] == reading.name, "value"].tolist()
            if others:
                self.values[reading.path] = [reading.taken, *others]
        paths = {reading.name: reading.path for reading in spread.readings}
        touching = computed[computed["effect"].isin([MOVES, SHIFTS])]
        width = (
            touching["difference"].abs().groupby(touching["reading"]).max().sort_values(ascending=False, kind="stable")
        )
        first = [paths[name] for name in width.index]
        self.order = first + [path for path in self.values if path not in first]
        self.moving = len(first)
        self.alone: dict[tuple[str, str], float] = {
            (paths[name], value): difference
            for name, value, difference in touching[["reading", "value", "difference"]].to_numpy().tolist()
        }
        self.conflicts = [one for one in conflicts(system) if not one.holds(self.taken)]

    def consistent(self, values: Mapping[str, str]) -> bool:
        """Whether no two readings deny each other; a reading that is left out denies nothing."""
        return not any(one.holds(values) for one in self.conflicts)

    def fits(self, changes: Mapping[str, str]) -> bool:
        """Whether the law given with these changes holds no contradiction."""
        return self.consistent({**self.taken, **changes})

    def moves(self, changes: Values, path: str) -> Iterator[Values]:
        """Changes with another value of one reading; what contradicts it is changed along, one reading at most."""
        for value in self.values[path]:
            moved = changes | {path: value}
            if self.fits(moved):
                yield moved
                continue
            against = {
                one for each in self.conflicts if each.holds(self.taken | moved) for one in (each.first, each.second)
            }
            for other in sorted(against & set(self.values) - {path}):
                yield from (both for instead in self.values[other] if self.fits(both := moved | {other: instead}))

    def plain(self, values: Mapping[str, str]) -> Values:
        """Without what is as in the law given, in the order of the readings."""
        return {path: values[path] for path in self.taken if values.get(path, self.taken[path]) != self.taken[path]}


def of_one_document(path: str) -> bool:
    """Whether a reading is of a single document (and not common to all)."""
    return path.split(".")[0] in documents()


class EnoughError(Exception):
    """The number of laws allowed is used up."""


class Laws:
    """Computes what the instruments of a part pay under changed readings, each law once, and counts.

    :ivar read: readings that were looked at, by part (names of its instruments), as far as traced.
    """

    def __init__(self, population: Population, system, choices: Choices, most: int, say) -> None:
        self.population, self.system, self.choices, self.limit, self.say = population, system, choices, most, say
        self.known: dict[tuple, tuple[int, frozenset[str]] | None] = {}
        self.read: dict[tuple[str, ...], set[str]] = {}

    @property
    def count(self) -> int:
        """Laws computed so far."""
        return len(self.known)

    def __call__(self, part: Sequence[Instrument], values: Mapping[str, str], trace: bool = False):
        """(fen paid, readings looked at if traced), or None if the law cannot be computed. :raises EnoughError:"""
        changes = self.choices.plain(values)
        names = tuple(one.name for one in part)
        key = (names, *changes.items())
        if key not in self.known:
            if self.count >= self.limit:
                raise EnoughError
            if self.count % 50 == 0:
                self.say(f"正在找最低和最高的组合，已计算 {self.count} 种取法")
            law = reformed(self.system, readings=list(changes.items()))
            try:
                fen, read = total_paid(self.population, law, part, trace)
            except JiningError:
                self.known[key] = None
            else:
                read &= set(self.choices.values)
                self.known[key] = fen, read
                self.read.setdefault(names, set()).update(read)
        return self.known[key]

    def apart(self) -> bool:
        """Whether no two parts ever looked at the same reading of a document."""
        own = [{path for path in read if of_one_document(path)} for read in self.read.values()]
        return not any(one & other for one, other in itertools.combinations(own, 2))


def total_paid(population: Population, system, part: Sequence[Instrument], trace: bool) -> tuple[int, frozenset[str]]:
    """Fen paid by some instruments in all, and if traced the parameters that were looked at for it."""
    simulation = population.simulation(system)
    simulation.trace = trace
    fen = paid(population, system, part, simulation).sum()
    nodes = simulation.tracer.browse_trace() if trace else ()
    return int(fen), frozenset(access.name for node in nodes for access in node.parameters)


def independent_parts(population: Population, system, listed: Sequence[Instrument], choices: Choices):
    """Instruments put together wherever they look at readings of the same document, or of two that contradict each other."""
    linked = [{one.first.split(".")[0], one.second.split(".")[0]} for one in choices.conflicts]
    parts: list[tuple[set[str], list[Instrument]]] = []
    for one in listed:
        _, read = total_paid(population, system, [one], trace=True)
        own = {path.split(".")[0] for path in read & set(choices.values) if of_one_document(path)}
        own = own.union(*(both for both in linked if both & own))
        together = [part for part in parts if part[0] & own]
        parts = [part for part in parts if not part[0] & own]
        members = [member for part in together for member in part[1]]
        parts.append((own.union(*(part[0] for part in together)), [*members, one]))
    return [members for _, members in parts]


class Tree:
    """Every combination of the readings that a part of the law looks at.

    :ivar leaves: (values, fen). :ivar whole: none of them failed to compute.
    """

    def __init__(self, choices: Choices, leaves: list[tuple[Values, int]], whole: bool) -> None:
        self.choices, self.leaves, self.whole = choices, leaves, whole
        self.own = {path for values, _ in leaves for path in values if of_one_document(path)}
        self.common = sorted({path for values, _ in leaves for path in values} - self.own)
        self._best: dict[tuple, tuple[int, Values] | None] = {}

    @classmethod
    def of(cls, part: Sequence[Instrument], choices: Choices, laws: Laws) -> Tree | None:
        """The tree of a part, or None if it is larger than :data:`LARGEST_TREE` or than half of the laws allowed."""
        most = min(LARGEST_TREE, laws.limit // 2)
        known = laws(part, {}, trace=True)
        if known is None or prod(len(choices.values[path]) for path in known[1]) > most:
            return None
        leaves: list[tuple[Values, int]] = []
        waiting: list[Values] = [{}]
        whole = True
        while waiting:
            values = waiting.pop()
            outcome = laws(part, values, trace=True)
            if outcome is None:
                whole = False
                continue
            open_ones = [path for path in choices.values if path in outcome[1] and path not in values]
            if open_ones:
                branches = [values | {open_ones[0]: value} for value in choices.values[open_ones[0]]]
                waiting += [branch for branch in branches if choices.consistent(branch)]
            elif (leaf := _mended(values, choices)) is not None:
                leaves.append((leaf, outcome[0]))
            if len(leaves) + len(waiting) > most:
                return None
        return cls(choices, leaves, whole)

    def best(self, sign: int, changes: Mapping[str, str]) -> tuple[int, Values] | None:
        """(fen, changes) of the best leaf under the common readings of some changes; on a tie the one that changes least."""
        common = {path: changes.get(path, self.choices.taken[path]) for path in self.common}
        key = (sign, *common.values())
        if key not in self._best:
            fitting = [
                leaf for leaf in self.leaves if all(leaf[0].get(path, value) == value for path, value in common.items())
            ]
            plain = [(sign * fen, self.choices.plain(values)) for values, fen in fitting]
            top = max(plain, key=lambda leaf: (leaf[0], -len(leaf[1])), default=None)
            self._best[key] = None if top is None else (sign * top[0], top[1])
        return self._best[key]


def _mended(values: Values, choices: Choices) -> Values | None:
    """A leaf with what was not looked at set so that nothing is contradicted; None if that cannot be."""
    if choices.fits(values):
        return values
    for path in choices.values:
        for value in choices.values[path] if path not in values else ():
            if choices.fits(values | {path: value}):
                return values | {path: value}
    return None


class Hunt:
    """Searches the changes of what is no tree, together with the readings that trees share with it.

    :ivar complete: it was never cut short. :ivar block: readings and combinations of the block around a result.
    """

    def __init__(
        self, choices: Choices, laws: Laws, trees: Sequence[Tree], searched: Sequence[Instrument], default: int
    ):
        self.choices, self.laws, self.trees, self.searched, self.default = choices, laws, trees, searched, default
        of_trees = set().union(*(tree.own for tree in trees))
        self.paths = [path for path in choices.order if path not in of_trees]
        self.moving = [path for path in choices.order[: choices.moving] if path not in of_trees]
        self.complete, self.block = True, (0, 0)

    def run(self, sign: int, limit: int) -> tuple[int, Values]:
        """(fen, changes) of the best found in one direction; the law given if nothing is better."""
        self.sign, self.laws.limit = sign, limit
        self.found: tuple[int, Values] = self.default, {}
        try:
            self.value({})
            if self.searched:
                self._search()
            else:
                self._all(sorted({path for tree in self.trees for path in tree.common}), {})
            self._simplify()
        except EnoughError:
            self.complete = False
        fen, changes = self.found
        for tree in self.trees:
            best = tree.best(sign, changes)
            changes = changes | (best[1] if best else {})
        return fen, self.choices.plain(changes)

    def value(self, changes: Values) -> int | None:
        """Fen under some changes, with the best leaves of the trees; None if not computable. Keeps the best."""
        own = self.laws(self.searched, changes) if self.searched else (0, frozenset())
        leaves = [tree.best(self.sign, changes) for tree in self.trees]
        if own is None or None in leaves:
            return None
        fen = own[0] + sum(leaf[0] for leaf in leaves if leaf)
        if self.sign * fen > self.sign * self.found[0]:
            self.found = fen, dict(changes)
        return fen

    def _search(self) -> None:
        for start in self._starts():
            self._descend(start, self.moving)
        self._descend(self.found[1], self.paths)
        names, number = [], 1
        for path in self.moving:
            if number * len(self.choices.values[path]) > LARGEST_BLOCK:
                break
            names.append(path)
            number *= len(self.choices.values[path])
        before = None
        while names and before != self.found:
            before = self.found
            self._all(names, before[1])
            if before != self.found:
                self._descend(self.found[1], self.paths)
        self.block = len(names), number

    def _starts(self) -> Iterator[Values]:
        """Every reading at the value that is best alone; the law given; readings at random (always the same)."""
        best: Values = {}
        drawn: Values = {}
        draw = numpy.random.default_rng(0)
        for path in self.moving:
            values = self.choices.values[path]
            value = max(values, key=lambda value: self.sign * self.choices.alone.get((path, value), 0.0))
            best |= {path: value} if self.choices.fits(best | {path: value}) else {}
            value = values[int(draw.integers(len(values)))]
            drawn |= {path: value} if self.choices.fits(drawn | {path: value}) else {}
        yield from (best, {}, drawn)

    def _descend(self, changes: Values, paths: Sequence[str]) -> None:
        """Set one reading after another to its best value until none helps."""
        now, before = self.value(changes), None
        while now is not None and now != before:
            before = now
            for path in paths:
                changes, now = self._step(changes, now, path)

    def _step(self, changes: Values, now: int, path: str) -> tuple[Values, int]:
        for moved in list(self.choices.moves(changes, path)):
            fen = self.value(moved)
            if fen is not None and self.sign * fen > self.sign * now:
                changes, now = moved, fen
        return changes, now

    def _all(self, names: Sequence[str], around: Values) -> None:
        """Every combination of some readings, the others as they are."""
        for values in itertools.product(*(self.choices.values[path] for path in names)):
            changes = around | dict(zip(names, values, strict=True))
            if self.choices.fits(changes):
                self.value(changes)

    def _simplify(self) -> None:
        """Take back what makes no difference in the best found."""
        fen, changes = self.found[0], self.choices.plain(self.found[1])
        for path in reversed(self.choices.order):
            less = {other: value for other, value in changes.items() if other != path}
            if path in changes and self.choices.fits(less) and self.value(less) == fen:
                changes = less
        self.found = fen, changes
