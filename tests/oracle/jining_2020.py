"""Jining city, opinions of 2020-08-15 (济发〔2020〕16号), 3(6) sentence 1: the special fund of 200 million from 2021."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from . import jining_2017
from .common import Case, Date, by_key, day, fact, floor, groups, last_open_day, money, settle, share, true

NUMBERS = {
    "jining_2020.special_fund.amount": 200_000_000,
    "jining_2020.special_fund.first_year": 2021,
    "jining_2020.special_fund.last_target_year": 2025,
    "jining_2020.validity.first_day": "2020-08-15",
    "jining_2020.validity.last_day": None,
}
READINGS = {
    "jining_2020.special_fund_period": "annual_appropriation",
    "jining_2020.special_fund_relation": "consolidates_and_caps",
    "jining_2020.special_fund_rationing": "pro_rata",
}
#: The 2017 grants that the fund took over.
SHARERS = ("equipment", "robots", "special_robots", "zone_pool")
#: The uses in the order the sentence lists them; 等 comes last.
USES = [
    "technology_upgrading",
    "loan_interest",
    "bridge_loan",
    "national_platform",
    "investment_promotion",
    "talent_attraction",
    "market_development",
    "talent_training",
    "other",
]


def open_days(case: Case, on: Date) -> tuple[Date, Date]:
    numbers = case.numbers
    return numbers.date("jining_2020.validity.first_day", on), numbers.date("jining_2020.validity.last_day", on)


def claim_date(case: Case, project: dict) -> Date:
    found = day(project.get("city_application_date")) or day(project.get("application_date"))
    return found or last_open_day(case, *open_days(case, case.last))


def in_scope(case: Case, project: dict) -> bool:
    on = claim_date(case, project)
    first, last = open_days(case, on)
    return case.enterprise(project).get("county") in jining_2017.COUNTIES and first <= on <= last


def exists(case: Case) -> bool:
    on = last_open_day(case, *open_days(case, case.last))
    first = case.numbers.at("jining_2020.special_fund.first_year", on)
    last = case.numbers.at("jining_2020.special_fund.last_target_year", on)
    until = case.reads("jining_2020.special_fund_period") == "annual_until_2025"
    return first <= case.year and (not until or case.year <= last)


def available(case: Case) -> int:
    on = last_open_day(case, *open_days(case, case.last))
    if case.reads("jining_2020.special_fund_period") == "one_off_total":  # set up once, in its first year
        on = Date(int(case.numbers.at("jining_2020.special_fund.first_year", on)), 12, 31)
    return floor(case.numbers.fen("jining_2020.special_fund.amount", on) or Fraction(0))


def claimed(case: Case) -> list[int]:
    """Claims of other kinds, settled per enterprise."""
    amounts = [0] * len(case.projects)
    if not exists(case):
        return amounts
    places = [i for i, p in enumerate(case.projects) if in_scope(case, p)]
    for members in groups(places, lambda i: case.projects[i]["enterprise_id"]):
        exacts = [money(case.projects[i], "special_fund_claim") for i in members]
        for i, value in zip(members, settle(exacts, case.reads("common.rounding")), strict=True):
            amounts[i] = value
    return amounts


def pay(case: Case, grants: dict[str, list[int]], other: list[int]) -> tuple[dict[str, list[int]], list[int]]:
    """What the fund pays of the 2017 grants (by instrument) and of the other claims."""
    if not exists(case):
        return grants, [0] * len(other)
    pool = available(case)
    relation = case.reads("jining_2020.special_fund_relation")
    if relation == "consolidates_no_cap":
        pool = max(0, pool - sum(sum(row) for row in grants.values()))
    claims: list[Claim] = []
    if relation == "consolidates_and_caps":
        claims = [Claim(i, SHARERS, tuple(grants[name][i] for name in SHARERS)) for i in range(len(other))]
    claims += [Claim(i, ("other",), (amount,)) for i, amount in enumerate(other)]
    claims = [claim for claim in claims if claim.amount]
    paid = by_key([claim.amount for claim in claims], pool, [key(case, claim) for claim in claims])
    result = {name: [0] * len(other) for name in SHARERS} if relation == "consolidates_and_caps" else dict(grants)
    rest = [0] * len(other)
    for claim, value in zip(claims, paid, strict=True):
        for name, part in zip(claim.names, share(claim.amounts, value), strict=True):
            (rest if name == "other" else result[name])[claim.project] = part
    return result, rest


@dataclass(frozen=True)
class Claim:
    """What one project asks of the fund at one place in the queue: one sum, split to its grants afterwards."""

    project: int
    names: tuple[str, ...]
    amounts: tuple[int, ...]

    @property
    def amount(self) -> int:
        return sum(self.amounts)


def key(case: Case, claim: Claim) -> Any:
    """Place of a claim in the queue; claims at one place share pro rata."""
    project = case.projects[claim.project]
    rule = case.reads("jining_2020.special_fund_rationing")
    if rule == "first_come":
        return claim_date(case, project) if claim.names == ("other",) else jining_2017.claim_date(case, project)
    if rule == "priority_order":
        return USES.index(fact(project, "special_fund_use")) if claim.names == ("other",) else 0
    if rule == "protected_first" and case.reads("jining_2017.priority_scope") != "pool_only":
        return not true(case.enterprise(project), "protected_hundred")
    return 0
