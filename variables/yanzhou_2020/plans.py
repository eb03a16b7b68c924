"""五.3: the plans an enterprise may choose between, listed in the order in which it prefers them if they bring the same.

A plan says of each project what it is applied for: 0 nothing; 1, 2, 3 an own application under that measure; :data:`ALL`
under every measure it meets; plus :data:`SHARE` if it draws its share of a consortium.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations, product
from typing import NamedTuple

import numpy
from numpy.typing import NDArray

from openfisca_jining.groups import MOST_PLANS, MOST_STEPS

OWN_MEASURES = ("equipment", "robots", "informatisation")
ALL = len(OWN_MEASURES) + 1
SHARE = ALL + 1


class Row(NamedTuple):
    """A project with something to apply for.

    :ivar own: plans of an own application open to it. :ivar stake: number of the enterprise's stake in a consortium, which
        its projects there in one year make up together; -1: no share. :ivar consortium: number of the consortium.
    :ivar led: the stake is the leader's. :ivar unit: number of the year in which applications are counted.
    :ivar of_leader: the enterprise leads a consortium that year. :ivar forgoes: district money means forgoing city money.
    :ivar day: order of the application dates, if the law changes between them. :ivar ordinary, of_lead: applications
        allowed on that day.
    """

    own: tuple[int, ...]
    stake: int
    consortium: int
    led: bool
    unit: int
    of_leader: bool
    forgoes: bool
    day: int
    ordinary: int
    of_lead: int


class Rules(NamedTuple):
    """Readings of 五.3: ``one_application``, ``lead_two_projects``, and whether a project may be used twice."""

    one_application: str
    lead_two_projects: str
    both: bool


class TooMany(Exception):
    """More than :data:`MOST_PLANS` plans."""


def numbered(rows: list[Row]) -> tuple[Row, ...]:
    """The same rows with stakes, consortia, units and days numbered from 0 in the order they come in, so that enterprises in
    the same position are equal."""
    names = ("stake", "consortium", "unit")
    known: dict[str, dict[int, int]] = {name: {-1: -1} for name in names}
    days = sorted({row.day for row in rows})
    return tuple(
        row._replace(
            day=days.index(row.day),
            **{name: known[name].setdefault(getattr(row, name), len(known[name]) - 1) for name in names},
        )
        for row in rows
    )


@lru_cache(maxsize=MOST_PLANS)
def plans(rows: tuple[Row, ...], rules: Rules) -> NDArray[numpy.int8] | None:
    """Every allowed plan of an enterprise, one in each row, the most preferred first; None if there are too many.

    Preferred are the fewest applications, then most consortia, then the first projects listed, then the least city money
    forgone, then the first measure.
    """
    try:
        found = list(_plans(rows, rules))
    except TooMany:
        return None
    found.sort(key=lambda plan: preference(plan, rows))
    return numpy.array(found, dtype=numpy.int8)


def _plans(rows, rules) -> Iterator[tuple[int, ...]]:
    """Every allowed plan. :raises TooMany: see there."""
    steps = given = 0
    for drawn in product(*(_draws(rows, stake) for stake in sorted({row.stake for row in rows if row.stake >= 0}))):
        shares = {number for one in drawn for number in one}
        free = free_for_own(rows, rules, shares)
        for count in range(len(free) + 1):
            any_allowed = False
            for chosen in combinations(free, count):
                steps += 1
                bare = _plan(rows, shares, dict.fromkeys(chosen, 1))
                if steps > MOST_STEPS:
                    raise TooMany
                if not allowed(bare, rows, rules):
                    continue
                any_allowed = True
                for codes in product(*(rows[number].own for number in chosen)):
                    given += 1
                    if given > MOST_PLANS:
                        raise TooMany
                    yield _plan(rows, shares, dict(zip(chosen, codes, strict=True)))
            if not any_allowed:  # 再多一项也不许
                break


def _draws(rows, stake) -> list[tuple[int, ...]]:
    """Ways to draw on a stake: not at all, or all shares that cost nothing and some of those that cost city money."""
    costly = [number for number, row in enumerate(rows) if row.stake == stake and row.forgoes]
    costless = tuple(number for number, row in enumerate(rows) if row.stake == stake and not row.forgoes)
    if len(costly) > MOST_PLANS.bit_length():
        raise TooMany
    some = [one for count in range(len(costly) + 1) for one in combinations(costly, count)]
    return [(), *(costless + one for one in some if costless + one)]


def _plan(rows, shares, own) -> tuple[int, ...]:
    """The plan of projects that draw a share and own applications (number of the project -> plan)."""
    return tuple(own.get(number, 0) + SHARE * (number in shares) for number in range(len(rows)))


def free_for_own(rows, rules, shares) -> list[int]:
    """Projects that may be applied for by themselves beside these shares: each project is used once, a consortium's in it."""
    inside = set() if rules.both else {rows[number].consortium for number in shares}
    return [number for number, row in enumerate(rows) if row.own and not (row.stake >= 0 and row.consortium in inside)]


def allowed(plan, rows, rules) -> bool:
    """Whether a plan keeps to 「原则上每年只能申报一个项目」 and 「牵头企业可申报两个项目」 in every year."""
    if rules.one_application == "soft_exceptions":
        return True
    for unit in {row.unit for row in rows}:
        asked = [(code, row) for code, row in zip(plan, rows, strict=True) if code and row.unit == unit]
        own = sum(code % SHARE > 0 for code, _ in asked)
        joined = {row.stake: row.led for code, row in asked if code >= SHARE}
        if rules.one_application == "strict_membership_free":  # 参加共同体不算，牵头申报的算
            joined = {stake: led for stake, led in joined.items() if led}
        if not own and not joined:
            continue
        last = max((row for _, row in asked), key=lambda row: row.day)
        number = own + len(joined)
        if number <= last.ordinary:
            continue
        if not last.of_leader or number > last.of_lead:
            return False
        if rules.lead_two_projects == "two_consortia" and own:
            return False
        if rules.lead_two_projects == "one_consortium_one_own_per_year" and (
            not all(joined.values()) or own > last.ordinary or len(joined) > last.of_lead - last.ordinary
        ):
            return False
    return True


def preference(plan, rows) -> tuple:
    """What an enterprise goes by between plans that bring the same; the smallest is preferred."""
    stakes = {row.stake for code, row in zip(plan, rows, strict=True) if code >= SHARE}
    own = sum(code % SHARE > 0 for code in plan)
    return (
        len(stakes) + own,
        -len(stakes),
        [not (code or row.stake in stakes) for code, row in zip(plan, rows, strict=True)],
        sum(code > 0 for code in plan),  # 只有份额可以不全领，少领的都是要放弃市级资金的
        [code % SHARE for code in plan],
    )


def neighbours(plan, rows, rules, changes=1) -> list[tuple[int, ...]]:
    """The allowed plans that a plan becomes by some new applications at most, in the place of one it has or beside them; most
    preferred first. :param changes: how many new applications."""
    options: list[dict[int, int]] = [{number: code} for number, row in enumerate(rows) for code in row.own]
    for stake in sorted({row.stake for row in rows if row.stake >= 0}):
        mine = [number for number, row in enumerate(rows) if row.stake == stake]
        costless = [number for number in mine if not rows[number].forgoes]
        draws = [mine, costless, *([*costless, number] for number in mine if number not in costless)]
        options += [dict.fromkeys(some, SHARE) for some in draws]
    found = set()
    for left in [plan, *_less_one(plan, rows)]:
        for new in combinations([{}, *options], changes):
            changed = left
            for option in new:
                changed = tuple(_with(code, option.get(number, 0)) for number, code in enumerate(changed))
            shares = {number for number, code in enumerate(changed) if code >= SHARE}
            free = free_for_own(rows, rules, shares)
            changed = tuple(code if number in free else code // SHARE * SHARE for number, code in enumerate(changed))
            if allowed(changed, rows, rules):
                found.add(changed)
    return sorted(found, key=lambda one: preference(one, rows))


def _with(code, more) -> int:
    """A project's plan with one more application: a share beside its own application, or another own one in its place."""
    if more >= SHARE:
        return code % SHARE + SHARE
    return more + code // SHARE * SHARE if more else code


def _less_one(plan, rows) -> Iterator[tuple[int, ...]]:
    """A plan without one of its applications, for each of them."""
    for number, code in enumerate(plan):
        yield (*plan[:number], code // SHARE * SHARE, *plan[number + 1 :])
    for stake in sorted({row.stake for code, row in zip(plan, rows, strict=True) if code >= SHARE}):
        yield tuple(code % SHARE if row.stake == stake else code for code, row in zip(plan, rows, strict=True))
