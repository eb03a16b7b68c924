"""Random claim years: facts crowded at the edges of every threshold and cap, readings switched, numbers reformed.

Everything comes from one ``random.Random``; money is kept as decimal text, exact to the fen.
"""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from .disputes import AVOIDED
from .jining_2017 import COUNTIES as JINING
from .readings import CHOICES
from .whole import NUMBERS, READINGS
from .zaozhuang_2020 import COUNTIES as ZAOZHUANG

FEN = Decimal("0.01")
#: Numbers of the law that a reform may move, with values it may take.
RATES = [
    "jining_2017.equipment.rate",
    "jining_2017.robots.rate",
    "jining_2017.robots.special_rate",
    "yanzhou_2020.equipment.rate",
    "yanzhou_2020.robots.rate",
    "yanzhou_2020.informatisation.rate",
    "yanzhou_2020.consortium.rate",
    "yanzhou_2020.uplift.points",
    "zaozhuang_2020.equipment.rate",
    "zaozhuang_2020.loan_interest.rate",
]
AMOUNTS = [
    "jining_2017.equipment.minimum_investment",
    "jining_2017.equipment.minimum_investment_zero_land",
    "jining_2017.equipment.cap_per_enterprise",
    "jining_2017.robots.cap_per_enterprise",
    "jining_2017.robots.special_cap_per_enterprise",
    "jining_2017.zone_pool.amount",
    "jining_2020.special_fund.amount",
    "yanzhou_2020.equipment.minimum_investment",
    "yanzhou_2020.equipment.cap_per_enterprise",
    "yanzhou_2020.robots.minimum_investment",
    "yanzhou_2020.robots.cap_per_enterprise",
    "yanzhou_2020.informatisation.minimum_investment",
    "yanzhou_2020.informatisation.cap_per_enterprise",
    "yanzhou_2020.consortium.investment_to_exceed",
    "yanzhou_2020.consortium.cap",
]
DATES = {
    "yanzhou_2020.validity.first_day": ("2020-10-01", "2021-01-01"),
    "yanzhou_2020.validity.last_day": ("2022-12-31", "2024-12-31", "2023-05-31"),
}
#: What the documents leave open; supplied with a law, where a reading asks for it always.
SUPPLIES = {
    "zaozhuang_2020.equipment.minimum_investment": (1_000_000, 5_000_000, "3000000.5"),
    "zaozhuang_2020.equipment.cap_per_enterprise": (500_000, 1_000_000, 2_000_000),
    "zaozhuang_2020.equipment.prior_rate": ("0.02", "0.05", "0.033"),
    "zaozhuang_2020.loan_interest.cap_per_enterprise": (100_000, 500_000, 1_000_000),
    "zaozhuang_2020.loan_interest.maximum_days": (180, 360, 90),
    "zaozhuang_2020.loan_interest.prior_rate": ("0.1", "0.2", "0.333"),
    "yanzhou_2020.special_fund.amount": (1_000_000, 3_000_000, 20_000_000),
}
NEEDS = {
    ("zaozhuang_2020.equipment_grant_terms", "supplied_terms"): [
        "equipment.minimum_investment",
        "equipment.cap_per_enterprise",
    ],
    ("zaozhuang_2020.interest_subsidy_terms", "supplied_terms"): [
        "loan_interest.cap_per_enterprise",
        "loan_interest.maximum_days",
    ],
    ("zaozhuang_2020.raised_to_or_by", "increment"): ["equipment.prior_rate", "loan_interest.prior_rate"],
}


@dataclass
class Law:
    """Readings taken, quantities supplied, changes as (path, value, first day)."""

    readings: dict[str, str] = field(default_factory=dict)
    supply: dict[str, Any] = field(default_factory=dict)
    changes: list[tuple[str, Any, str]] = field(default_factory=list)

    def numbers(self) -> dict[str, Any]:
        """The numbers as the oracle takes them."""
        found: dict[str, Any] = dict(self.supply)
        for path, value, first in self.changes:
            found[path] = [(None, NUMBERS[path]), (first, value)]
        return found

    def now(self, path: str) -> Decimal:
        """One of the values a number has, for facts that are to stand at an edge."""
        for changed, value, _ in self.changes:
            if changed == path:
                return Decimal(str(value))
        return Decimal(str(self.supply.get(path) or NUMBERS[path] or 0))


@dataclass
class Draw:
    """One claim year with its law."""

    year: int
    law: Law
    projects: list[dict[str, Any]]
    enterprises: list[dict[str, Any]]


def draw(rng: random.Random, enterprises: int) -> Draw:
    year = rng.choice([2017, 2018, 2019, 2020, 2020, 2021, 2021, 2021, 2022, 2022, 2023, 2023, 2024])
    law = draw_law(rng, year)
    return Maker(rng, year, law).make(enterprises)


def draw_law(rng: random.Random, year: int) -> Law:
    law = Law()
    share = rng.choice([0, 0.03, 0.06, 0.1])
    for name, values in CHOICES.items():
        if rng.random() < share:
            law.readings[name] = rng.choice([value for value in values if (name, value) not in AVOIDED])
    if law.readings.get("common.threshold_whole_or_excess") == "excess_only":
        law.readings.pop("common.threshold_unit", None)  # nothing says how an excess over a joint sum is shared
    if law.readings.get("jining_2017.special_robot_base", "special_robot_invoices") != "special_robot_invoices":
        # Nothing says how two wide bases, a wide base and 15 %, or a wide base and 「和」, share one robot.
        law.readings.pop("jining_2017.robot_base", None)
        law.readings.pop("jining_2017.robot_limbs_relation", None)
        law.readings.pop("jining_2017.robot_and_system_conjunction", None)
    for (reading, value), paths in NEEDS.items():
        if law.readings.get(reading) == value:
            law.supply |= {f"zaozhuang_2020.{path}": rng.choice(SUPPLIES[f"zaozhuang_2020.{path}"]) for path in paths}
    if law.readings.get("yanzhou_2020.fund_cap") == "capped_supply_amount":
        law.supply["yanzhou_2020.special_fund.amount"] = rng.choice(SUPPLIES["yanzhou_2020.special_fund.amount"])
    if "refuse_without_terms" in law.readings.values():
        law.supply |= {path: rng.choice(values) for path, values in SUPPLIES.items() if path.startswith("zaozhuang")}
    if rng.random() < 0.6:
        for path in rng.sample(RATES + AMOUNTS, rng.randint(1, 6)):
            # Whose date decides for a consortium when its cap or line moves within the year is open: from January only.
            whole = path in ("yanzhou_2020.consortium.cap", "yanzhou_2020.consortium.investment_to_exceed")
            law.changes.append((path, new_value(rng, path), f"{year - 1}-01-01" if whole else first_day(rng, year)))
    if rng.random() < 0.5:
        pools = {"jining_2017.zone_pool.amount": 10, "jining_2020.special_fund.amount": 30}
        for path, part in pools.items():
            if all(path != changed for changed, _, _ in law.changes):
                law.changes.append((path, rng.randint(1, 60) * NUMBERS[path] // part // 10, f"{year - 1}-01-01"))
    if rng.random() < 0.1:
        path = rng.choice(list(DATES))
        law.changes.append((path, rng.choice(DATES[path]), "1900-01-01"))
    if law.readings.get("yanzhou_2020.cap_scope") == "shared_equipment_cap":
        # Nor which of two caps is the shared one once they differ.
        caps = [f"yanzhou_2020.{measure}.cap_per_enterprise" for measure in ("equipment", "robots")]
        law.changes = [one for one in law.changes if one[0] not in caps]
    return law


def new_value(rng: random.Random, path: str) -> Any:
    old = Decimal(str(NUMBERS[path]))
    if path in RATES:
        return str((old * rng.choice([Decimal("0.5"), Decimal("1.1"), Decimal("1.37"), Decimal(2)])).normalize())
    new = old * Decimal(str(rng.choice(["0.1", "0.5", "0.333", "1.25", "2"]))) + rng.choice([0, 0, 1, Decimal("0.37")])
    return str(new.quantize(FEN))


def first_day(rng: random.Random, year: int) -> str:
    if rng.random() < 0.3:
        return f"{year - 1}-01-01"
    return str(datetime.date(year, 1, 1) + datetime.timedelta(days=rng.randrange(365)))


class Maker:
    """Makes the facts of one claim year."""

    def __init__(self, rng: random.Random, year: int, law: Law):
        self.rng, self.year, self.law = rng, year, law
        self.projects: list[dict[str, Any]] = []
        self.enterprises: list[dict[str, Any]] = []
        edges = [law.now(path) for path in AMOUNTS if "minimum" in path or "exceed" in path]
        for cap, rate in (
            ("jining_2017.equipment.cap_per_enterprise", "jining_2017.equipment.rate"),
            ("jining_2017.robots.cap_per_enterprise", "jining_2017.robots.rate"),
            ("jining_2017.robots.special_cap_per_enterprise", "jining_2017.robots.special_rate"),
            ("yanzhou_2020.equipment.cap_per_enterprise", "yanzhou_2020.equipment.rate"),
            ("yanzhou_2020.robots.cap_per_enterprise", "yanzhou_2020.robots.rate"),
            ("yanzhou_2020.informatisation.cap_per_enterprise", "yanzhou_2020.informatisation.rate"),
            ("zaozhuang_2020.equipment.cap_per_enterprise", "zaozhuang_2020.equipment.rate"),
        ):
            for uplift in (0, law.now("yanzhou_2020.uplift.points")):
                edges.append((law.now(cap) / (law.now(rate) + uplift)).quantize(FEN))
        edges += [(edge / Decimal("1.13")).quantize(FEN) for edge in edges] + [
            (edge / 2).quantize(FEN) for edge in edges
        ]
        self.edges = sorted({edge for edge in edges if edge > 1})

    def yes(self, chance: float) -> bool:
        return self.rng.random() < chance

    def money(self, low: float = 1e5, high: float = 1.5e8) -> Decimal:
        """An amount: at an edge, a fen beside one, or anywhere."""
        rng = self.rng
        if self.yes(0.45):
            edge = rng.choice(self.edges) if self.yes(0.7) else Decimal(rng.choice([5, 10, 20, 3, 2, 100])) * 1_000_000
            return max(FEN, (edge + rng.choice([-1, 0, 0, 1]) * FEN).quantize(FEN))
        return Decimal(int(low * (high / low) ** rng.random() * 100)) / 100

    def part(self, whole: Decimal) -> Decimal:
        rng = self.rng
        if self.yes(0.2):
            return whole
        if self.yes(0.4):
            return min(whole, self.money(1e4, 2e7))
        return (whole * rng.randint(1, 99) / 100).quantize(FEN)

    def date(self, *near: str) -> datetime.date:
        rng = self.rng
        edges = [
            *near,
            "2017-11-03",
            "2017-12-03",
            "2020-03-12",
            "2020-04-11",
            "2020-08-15",
            "2023-08-14",
            "2022-11-02",
        ]
        edges += [first for _, _, first in self.law.changes]
        here = [day for day in map(datetime.date.fromisoformat, edges) if day.year == self.year]
        if here and self.yes(0.4):
            found = rng.choice(here) + datetime.timedelta(days=rng.choice([-1, 0, 0, 1]))
            if found.year == self.year:
                return found
        return datetime.date(self.year, 1, 1) + datetime.timedelta(days=rng.randrange(365))

    def make(self, count: int) -> Draw:
        for number in range(count):
            self.enterprise(f"E{number}")
        self.consortia()
        self.rng.shuffle(self.projects)
        return Draw(self.year, self.law, self.projects, self.enterprises)

    def enterprise(self, key: str) -> None:
        rng = self.rng
        where = rng.random()
        if where < 0.5:
            county = "yanzhou"
        elif where < 0.7:
            county = rng.choice(sorted(JINING - {"yanzhou"}))
        elif where < 0.92:
            county = rng.choice(sorted(ZAOZHUANG))
        else:
            county = "elsewhere"
        row: dict[str, Any] = {
            "enterprise_id": key,
            "county": county,
            "employees": rng.choice([10, 299, 300, 999, 1000, 1001, 5000]),
            "revenue": rng.choice(["3000000", "399999999.99", "400000000", "400000000.01", "9000000000"]),
            "yield_per_mu_class": rng.choice(["A", "A", "B", "C", "D", "not_graded"]),
        }
        if self.yes(0.25):
            row["tier_listed"] = True
        if self.yes(0.15):
            row["tier_listed_project_year"] = self.yes(0.5)
        if self.yes(0.15):
            row["yield_per_mu_class_project_year"] = rng.choice(["A", "B", "C", "D", "not_graded"])
        if self.yes(0.2):
            row["protected_hundred"] = True
        for name, chance in (("independent_legal_person", 0.03), ("well_managed", 0.03), ("creditworthy", 0.03)):
            if self.yes(chance):
                row[name] = False
        if self.yes(0.15):
            row["last_major_violation_date"] = self.violation()
        if self.yes(0.1):
            row["cluster_leader"] = True
        if self.yes(0.1):
            row["chain_leader"] = self.yes(0.5)
        self.enterprises.append(row)
        mine: list[dict[str, Any]] = []
        for place in range(rng.choices([1, 2, 3, 4], [0.45, 0.33, 0.16, 0.06])[0]):
            mine.append(self.project(f"{key}P{place}", row, mine))
        self.projects += mine

    def violation(self) -> datetime.date:
        rng = self.rng
        if self.yes(0.5):
            return datetime.date(
                self.year - rng.choice([2, 3, 3, 4]), rng.choice([1, 8, 12]), rng.choice([1, 14, 15, 31])
            )
        back = datetime.date(self.year - 3, 6, 1)
        return back + datetime.timedelta(days=rng.randint(-400, 400))

    def project(self, key: str, owner: dict[str, Any], before: list[dict[str, Any]]) -> dict[str, Any]:
        rng = self.rng
        row: dict[str, Any] = {"project_id": key, "enterprise_id": owner["enterprise_id"]}
        equipment = self.money() if self.yes(0.9) else Decimal(0)
        if before and self.yes(0.25):  # stand at an edge together with another project
            rest = (
                rng.choice(self.edges)
                - Decimal(before[0].get("equipment_investment", "0"))
                + rng.choice([-1, 0, 1]) * FEN
            )
            equipment = rest if rest > 0 else equipment
        row["equipment_investment"] = str(equipment)
        room = equipment
        if self.yes(0.45):
            robots = self.part(room)
            row["robot_investment"] = str(robots)
            room -= robots
            if self.yes(0.3):
                row["robot_at_post_investment"] = str(self.part(robots))
        if self.yes(0.3):
            special = self.part(room)
            row["special_robot_investment"] = str(special)
            if self.yes(0.4):
                row["special_robot_off_post_investment"] = str(max(Decimal(0), self.part(special) - FEN))
        if self.yes(0.2):
            row["intelligent_system_investment"] = str(self.money(1e5, 3e7))
        if self.yes(0.2):
            row["nonproductive_equipment"] = str(self.part(room))
        if self.yes(0.35):
            row["informatisation_investment"] = str(self.money(5e5, 2e7))
            row["informatisation_systems"] = rng.choice([1, 1, 2, 3])
            if self.yes(0.3):
                row["informatisation_audited_investment"] = str(self.money(5e5, 2e7))
        if self.yes(0.25):
            earlier = self.money() if self.yes(0.7) else Decimal(0)
            row["cumulative_equipment_investment"] = str(equipment + earlier)
            if self.yes(0.4):
                of_the_year = Decimal(row.get("nonproductive_equipment", 0))
                row["cumulative_nonproductive_equipment"] = str(of_the_year + self.part(earlier))
        self.state_vat(row)
        row["catalogue_category"] = rng.choices(
            ["encouraged", "permitted", "restricted", "eliminated"], [0.85, 0.09, 0.03, 0.03]
        )[0]
        if self.yes(0.3):
            row["project_type"] = "zero_land"
            for name in ("existing_land", "existing_plant", "land_and_plant_owned"):
                if self.yes(0.15):
                    row[name] = False
        row["in_use"] = self.yes(0.85)
        if not row["in_use"] and equipment and self.yes(0.7):
            self.part_in_use(row)
        for name in (
            "meets_robot_conditions",
            "filed",
            "in_statistics_platform",
            "counted_as_upgrading",
            "serves_listed_purpose",
        ):
            if self.yes(0.04):
                row[name] = False
        if self.yes(0.15):
            row["removes_major_hazard"] = True
        if self.yes(0.35):
            row["development_zone"] = rng.choice([1, 1, 2, 3])
            row["major_project"] = self.yes(0.8)
            if self.yes(0.9):
                row["assessed_award"] = str(self.money(1e5, 8e6))
        if self.yes(0.15):
            row["special_fund_claim"] = str(self.money(1e4, 2e7))
            row["special_fund_use"] = rng.choice(
                [
                    "technology_upgrading",
                    "loan_interest",
                    "bridge_loan",
                    "national_platform",
                    "talent_training",
                    "other",
                ]
            )
        if owner["county"] in ZAOZHUANG and self.yes(0.6):
            row["loan_principal"] = str(self.money(1e5, 5e7))
            row["loan_interest_paid"] = str(self.money(1e3, 3e6))
            row["loan_days"] = rng.choice([30, 90, 91, 180, 181, 360, 365])
        if owner["county"] == "yanzhou" and self.yes(0.08):
            row["other_fiscal_money"] = str(self.money(1, 1e6)) if self.yes(0.8) else "0.01"
        self.state_dates(row, owner)
        if self.yes(0.5):
            row["claim_rank"] = rng.randint(0, 3)
        return row

    def part_in_use(self, row: dict[str, Any]) -> None:
        """What is in use of the productive equipment, of the year and of all years: often all of it, or a fen less."""

        def used(bought: Decimal) -> Decimal:
            return max(Decimal(0), bought - self.rng.choice([0, 1]) * FEN) if self.yes(0.4) else self.part(bought)

        year, other = (Decimal(row.get(name, 0)) for name in ("equipment_investment", "nonproductive_equipment"))
        row["equipment_in_use"] = str(used(year - other))
        if "cumulative_equipment_investment" in row and self.yes(0.6):
            all_years = Decimal(row["cumulative_equipment_investment"])
            earlier = all_years - year - (Decimal(row.get("cumulative_nonproductive_equipment", other)) - other)
            row["cumulative_equipment_in_use"] = str(Decimal(row["equipment_in_use"]) + used(max(Decimal(0), earlier)))

    def state_vat(self, row: dict[str, Any]) -> None:
        if not self.yes(0.25):
            return
        rate = self.rng.choice([13, 16, 6, 3])
        for net, vat in (
            ("equipment_investment", "equipment_vat"),
            ("robot_investment", "robot_vat"),
            ("special_robot_investment", "special_robot_vat"),
            ("intelligent_system_investment", "intelligent_system_vat"),
            ("informatisation_investment", "informatisation_vat"),
            ("cumulative_equipment_investment", "cumulative_equipment_vat"),
        ):
            if net in row:
                row[vat] = str((Decimal(row[net]) * rate / 100).quantize(FEN))

    def state_dates(self, row: dict[str, Any], owner: dict[str, Any]) -> None:
        if self.yes(0.65):
            row["application_date"] = self.date()
        if self.yes(0.3) and owner["county"] in JINING:
            row["city_application_date"] = row.get("application_date") if self.yes(0.2) else self.date()
        if self.yes(0.25):
            row["invoice_date"] = self.past("2017-11-03", "2018-05-01", "2019-04-01", "2020-08-15", "2023-08-14")
        for name in ("completion_date", "filing_date"):
            if self.yes(0.15):
                row[name] = self.past("2020-08-15", "2023-08-14")

    def any_date(self, *edges: str) -> datetime.date:
        if self.yes(0.5):
            return datetime.date.fromisoformat(self.rng.choice(edges)) + datetime.timedelta(
                days=self.rng.choice([-1, 0, 1])
            )
        return datetime.date(self.year, 12, 31) - datetime.timedelta(days=self.rng.randrange(700))

    def past(self, *edges: str) -> datetime.date:
        return min(self.any_date(*edges), datetime.date(self.year, 12, 31))

    def consortia(self) -> None:
        """Consortia across enterprises: mostly Yanzhou, some outside leads and class-D members, investments at the lines."""
        rng = self.rng
        local = [row for row in self.enterprises if row["county"] == "yanzhou"]
        others = [row for row in self.enterprises if row["county"] != "yanzhou"]
        taken: set[str] = set()
        for number in range(max(1, len(local) // 4)):
            pool = [p for p in self.projects if p["project_id"] not in taken]
            firms = rng.sample(local, min(len(local), rng.choice([1, 2, 2, 3, 3, 4])))
            if others and self.yes(0.25):
                firms.append(rng.choice(others))
            members = []
            for firm in firms:
                mine = [p for p in pool if p["enterprise_id"] == firm["enterprise_id"]]
                members += rng.sample(mine, min(len(mine), rng.choice([1, 1, 1, 2])))
            if not members:
                continue
            for member in members:
                member["consortium_id"] = f"C{number}"
                taken.add(member["project_id"])
                member.pop("cumulative_equipment_investment", None)
                member.pop("cumulative_equipment_vat", None)
                member.pop("cumulative_nonproductive_equipment", None)
                member.pop("cumulative_equipment_in_use", None)
            lead = rng.choice(members)
            if self.yes(0.93):
                lead["consortium_lead"] = True
            if self.yes(0.4):
                self.small_members(members, firms)

    def small_members(self, members: list[dict[str, Any]], firms: list[dict[str, Any]]) -> None:
        """Plain equipment whose sum stands at the line, or half of it with small and medium firms."""
        rng = self.rng
        line = self.law.now("yanzhou_2020.consortium.investment_to_exceed")
        total = rng.choice([line, line + FEN, line - FEN, line * 2, line * 20])
        half = (total / 2).quantize(FEN)
        sums = [half + rng.choice([-1, 0, 0, 1]) * FEN]
        rest = total - sums[0]
        for _ in members[2:]:
            piece = (rest * rng.randint(10, 90) / 100).quantize(FEN)
            sums.append(piece)
            rest -= piece
        sums.append(rest)
        for member, amount in zip(members, sums, strict=False):
            for name in list(member):
                if "robot" in name or "nonproductive" in name or "equipment_in_use" in name or name == "equipment_vat":
                    del member[name]
            member["equipment_investment"] = str(amount)


def every_reading() -> int:
    return sum(map(len, CHOICES.values()))


assert set(CHOICES) == set(READINGS), set(CHOICES) ^ set(READINGS)
