"""What every document needs: facts, numbers at a date, readings, settling to the fen, caps and shares."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

Date = datetime.date
NEVER = Date(9999, 12, 31)

#: Defaults of facts that are simply a value; a fact whose default is a rule is None here.
PLAIN = {
    "meets_robot_conditions": True,
    "existing_land": True,
    "existing_plant": True,
    "land_and_plant_owned": True,
    "filed": True,
    "in_statistics_platform": True,
    "counted_as_upgrading": True,
    "serves_listed_purpose": True,
    "independent_legal_person": True,
    "well_managed": True,
    "creditworthy": True,
    "project_type": "ordinary",
    "catalogue_category": "unstated",
    "yield_per_mu_class": "unstated",
    "special_fund_use": "technology_upgrading",
    "informatisation_systems": 1,
}

COMMON_READINGS = {
    "common.rounding": "half_up",
    "common.grant_base_vat": "net_of_vat",
    "common.threshold_whole_or_excess": "whole_base",
    "common.threshold_unit": "per_project",
    "common.cap_allocation_across_projects": "largest_first",
    "common.cross_cap_levels": "separate_caps",
}

#: National numbers, outside the documents: (from, value).
NATIONAL = {
    "national.vat.machinery": [("1994-01-01", "0.17"), ("2018-05-01", "0.16"), ("2019-04-01", "0.13")],
    "national.lpr.one_year": [
        ("2019-08-20", "0.0425"),
        ("2019-09-20", "0.042"),
        ("2019-11-20", "0.0415"),
        ("2020-02-20", "0.0405"),
        ("2020-04-20", "0.0385"),
        ("2021-12-20", "0.038"),
        ("2022-01-20", "0.037"),
        ("2022-08-22", "0.0365"),
        ("2023-06-20", "0.0355"),
        ("2023-08-21", "0.0345"),
        ("2024-07-22", "0.0335"),
        ("2024-10-21", "0.031"),
        ("2025-05-20", "0.03"),
    ],
    "national.sme.large_employees": 1000,
    "national.sme.large_revenue": 400_000_000,
    "national.interest_days.year_360": 360,
    "national.interest_days.year_365": 365,
    "national.interest_days.longest_year": 366,
}


def day(value: Any) -> Date | None:
    """A date from a date or ISO text; None for what is not stated (1970-01-01 stands for it)."""
    if value is None or value == "":
        return None
    found = value if isinstance(value, Date) else Date.fromisoformat(str(value)[:10])
    return None if found == Date(1970, 1, 1) else found


def exact(value: Any) -> Fraction:
    """A number as an exact fraction; a float is refused."""
    if isinstance(value, float):
        raise TypeError(f"float {value!r}")
    return value if isinstance(value, Fraction) else Fraction(Decimal(str(value)))


class Numbers:
    """Numbers of the law by path: one value, or values each from a date on."""

    def __init__(self, defaults: dict[str, Any], own: dict[str, Any] | None = None):
        self.values = {**defaults, **(own or {})}
        self.cache: dict[tuple[str, Date], Any] = {}

    def raw(self, path: str, on: Date) -> Any:
        value = self.values.get(path)
        if not isinstance(value, list):
            return value
        found = None
        for start, amount in value:
            begin = Date.min if start is None else start if isinstance(start, Date) else Date.fromisoformat(start)
            if begin <= on:
                found = amount
        return found

    def at(self, path: str, on: Date) -> Fraction | None:
        key = (path, on)
        if key not in self.cache:
            value = self.raw(path, on)
            self.cache[key] = None if value is None else exact(value)
        return self.cache[key]

    def fen(self, path: str, on: Date) -> Fraction | None:
        value = self.at(path, on)
        return None if value is None else value * 100

    def date(self, path: str, on: Date) -> Date:
        return day(self.raw(path, on)) or NEVER


class Case:
    """One claim year: its law, its readings and its facts."""

    def __init__(
        self,
        year: int,
        projects: list[dict],
        enterprises: list[dict],
        numbers: Numbers,
        readings: dict,
    ):
        self.year = year
        self.last = Date(year, 12, 31)
        self.projects = projects
        self.enterprises = {row["enterprise_id"]: row for row in enterprises}
        self.numbers = numbers
        self.readings = readings
        self.of: dict[Any, list[dict]] = {}
        for place, project in enumerate(projects):
            project["place"] = place
            self.of.setdefault(project["enterprise_id"], []).append(project)
        self.out: list[dict[str, int]] = [{} for _ in projects]

    def reads(self, name: str) -> str:
        return self.readings[name]

    def enterprise(self, project: dict) -> dict:
        return self.enterprises[project["enterprise_id"]]


def fact(row: dict, name: str) -> Any:
    value = row.get(name)
    return PLAIN.get(name) if value is None else value


def true(row: dict, name: str) -> bool:
    return bool(fact(row, name))


def stated(row: dict, name: str) -> bool:
    return row.get(name) is not None


def money(row: dict, name: str) -> Fraction:
    """A money fact in fen; 0 where not stated."""
    value = row.get(name)
    return Fraction(0) if value is None else exact(value) * 100


def invoice_date(project: dict, claim: Date) -> Date:
    """The invoice date; where not stated the application date, at last the date of the claim."""
    return day(project.get("invoice_date")) or day(project.get("application_date")) or claim


def vat_of(case: Case, project: dict, net: str, claim: Date) -> Fraction:
    """The VAT invoiced with a net amount: as stated, else net times the rate on the invoice date."""
    name = {
        "equipment_investment": "equipment_vat",
        "cumulative_equipment_investment": "cumulative_equipment_vat",
        "robot_investment": "robot_vat",
        "special_robot_investment": "special_robot_vat",
        "intelligent_system_investment": "intelligent_system_vat",
        "informatisation_investment": "informatisation_vat",
    }[net]
    if stated(project, name):
        return money(project, name)
    rate = case.numbers.at("national.vat.machinery", invoice_date(project, claim)) or 0
    taxed, tax = purchase_net(project, net), Fraction(0)
    if net == "cumulative_equipment_investment" and stated(project, "equipment_vat"):
        taxed, tax = max(taxed - money(project, "equipment_investment"), Fraction(0)), money(project, "equipment_vat")
    return tax + Fraction(rounded(taxed * rate, "half_up"))  # an invoice states its tax in whole fen


def purchase_net(project: dict, net: str) -> Fraction:
    if net == "cumulative_equipment_investment" and not stated(project, net):
        net = "equipment_investment"
    return money(project, net)


def purchase(case: Case, project: dict, net: str, claim: Date, vat: str, part: Fraction | None = None) -> Fraction:
    """A purchase as the VAT reading counts it; ``part`` is a net part of it, which carries its share of the VAT."""
    if part is None:
        return purchase_net(project, net) + (0 if vat == "net_of_vat" else vat_of(case, project, net, claim))
    return Fraction(rounded(part_of_purchase(case, project, net, claim, vat, part), "half_up"))


def part_of_purchase(case: Case, project: dict, net: str, claim: Date, vat: str, part: Fraction) -> Fraction:
    """A net part of a purchase with its share of the VAT, not yet in whole fen."""
    whole = purchase_net(project, net)
    if vat == "net_of_vat" or not whole:
        return part
    return part + vat_of(case, project, net, claim) * part / whole


def floor(value: Fraction | int) -> int:
    return value // 1 if isinstance(value, int) else value.numerator // value.denominator


def rounded(value: Fraction, rule: str) -> int:
    """One amount to the fen."""
    low = floor(value)
    rest = value - low
    if rule == "truncate":
        return low
    half = Fraction(1, 2)
    if rest == half and rule == "half_even":
        return low + low % 2
    return low + (rest >= half)


def by_largest_remainder(exacts: Sequence[Fraction], total: int) -> list[int]:
    """Share ``total`` fen so that each gets its floor, the fen left over going to the largest remainders."""
    shares = [floor(value) for value in exacts]
    left = total - sum(shares)
    order = sorted(range(len(shares)), key=lambda i: (shares[i] - exacts[i], i))
    for i in order[:left]:
        shares[i] += 1
    return shares


def settle(exacts: Sequence[Fraction], rule: str) -> list[int]:
    """Settle one grant of one enterprise and share it to its projects."""
    if rule == "half_up_per_project":
        return [rounded(value, "half_up") for value in exacts]
    return by_largest_remainder(exacts, rounded(sum(exacts, Fraction(0)), rule))


def share(weights: Sequence[Fraction | int], total: int) -> list[int]:
    """``total`` fen by weights, to the fen by largest remainder."""
    whole = sum(weights)
    if not whole or total <= 0:
        return [0] * len(weights)
    return by_largest_remainder([Fraction(weight) * total / whole for weight in weights], total)


def ration(claims: Sequence[int], pool: int) -> list[int]:
    """Claims in full where the pool suffices, else pro rata."""
    return list(claims) if sum(claims) <= pool else share(claims, max(pool, 0))


def in_turn(claims: Sequence[int], pool: int, order: Iterable[int]) -> list[int]:
    """Claims one after the other; the last gets what is left."""
    paid = [0] * len(claims)
    left = max(pool, 0)
    for i in order:
        paid[i] = min(claims[i], left)
        left -= paid[i]
    return paid


def by_key(claims: Sequence[int], pool: int, keys: Sequence[Any]) -> list[int]:
    """Claims in the order of a key; those of one key share what is left pro rata."""
    paid = [0] * len(claims)
    left = max(pool, 0)
    for key in sorted(set(keys)):
        members = [i for i in range(len(claims)) if keys[i] == key]
        for i, value in zip(members, ration([claims[i] for i in members], left), strict=True):
            paid[i] = value
        left -= sum(paid[i] for i in members)
    return paid


def under_cap(
    amounts: Sequence[int],
    caps: Sequence[Fraction | int | None],
    rule: str,
    ranks: Sequence[int],
    dates: Sequence[Date],
) -> list[int]:
    """One enterprise's cap on several claims. Where the law moved the cap within the year, claims are booked law by law:
    earlier ones under their own cap, later ones within what theirs leaves."""
    given = [0] * len(amounts)
    used = 0
    steps: list[list[int]] = []
    for i in sorted(range(len(amounts)), key=lambda i: (dates[i], i)):
        if steps and caps[steps[-1][-1]] == caps[i]:
            steps[-1].append(i)
        else:
            steps.append([i])
    for step in steps:
        step.sort()
        cap = caps[step[0]]
        room = sum(amounts) if cap is None else max(0, floor(cap) - used)
        if rule == "pro_rata":
            values = ration([amounts[i] for i in step], room)
        else:
            chosen = rule == "enterprise_choice"
            order = sorted(range(len(step)), key=lambda k: (ranks[step[k]] if chosen else 0, -amounts[step[k]], k))
            values = in_turn([amounts[i] for i in step], room, order)
        for i, value in zip(step, values, strict=True):
            given[i] = value
        used += sum(values)
    return given


def rank(project: dict) -> int:
    return int(fact(project, "claim_rank") or 0)


def groups(items: Iterable[int], key: Any) -> list[list[int]]:
    found: dict[Any, list[int]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return list(found.values())


def is_sme(case: Case, enterprise: dict) -> bool:
    """MIIT 2011 no. 300, 4(2): large only with both 1000 staff and 400 million revenue."""
    staff = case.numbers.at("national.sme.large_employees", case.last)
    revenue = case.numbers.at("national.sme.large_revenue", case.last)
    return not (
        exact(fact(enterprise, "employees") or 0) >= staff and exact(fact(enterprise, "revenue") or 0) >= revenue
    )


def last_open_day(case: Case, first: Date, last: Date) -> Date:
    """The day an undated claim is taken to be made: the last on which the document is open in the claim year."""
    if first <= case.last and last >= Date(case.year, 1, 1):
        return min(last, case.last)
    return case.last


def months_before(on: Date, months: int) -> Date:
    """The same day some months earlier; the last of the month where there is no such day."""
    count = on.year * 12 + on.month - 1 - months
    year, month = divmod(count, 12)
    for wanted in (on.day, 30, 29, 28):
        try:
            return Date(year, month + 1, min(on.day, wanted))
        except ValueError:
            continue
    raise AssertionError
