"""The documents together: promises, the enterprise's choice, the pools."""

from __future__ import annotations

from itertools import product
from typing import Any

from . import jining_2017, jining_2020, yanzhou_2020, zaozhuang_2020
from .common import COMMON_READINGS, NATIONAL, Case, Numbers, day, floor, money, rank, under_cap

NUMBERS: dict[str, Any] = {
    **NATIONAL,
    **jining_2017.NUMBERS,
    **jining_2020.NUMBERS,
    **yanzhou_2020.NUMBERS,
    **zaozhuang_2020.NUMBERS,
}
READINGS = {
    **COMMON_READINGS,
    **jining_2017.READINGS,
    **jining_2020.READINGS,
    **yanzhou_2020.READINGS,
    **zaozhuang_2020.READINGS,
}
CITY = ("equipment", "robots", "special_robots", "zone_pool", "fund")
DISTRICT = (*yanzhou_2020.MEASURES, "consortium")


def judge(
    year: int,
    projects: list[dict],
    enterprises: list[dict],
    numbers: dict[str, Any] | None = None,
    readings: dict[str, str] | None = None,
) -> list[dict[str, int]]:
    """What each project gets, per instrument and stage, in fen."""
    case = Case(
        year,
        [dict(p) for p in projects],
        enterprises,
        Numbers(NUMBERS, numbers),
        {**READINGS, **(readings or {})},
    )
    zone = jining_2017.zone_awards(case)
    claims = jining_2020.claimed(case)
    before, after, qualified = yanzhou_2020.consortia(case)
    city = {name: [0] * len(projects) for name in CITY}
    district = {name: [0] * len(projects) for name in DISTRICT}
    for rows in case.of.values():
        places = [row["place"] for row in rows]
        county = case.enterprise(rows[0]).get("county")
        for i in places:
            put(case, i, "jining_2017_zone_pool", uncapped=zone[i])
            put(case, i, "jining_2020_special_fund", claimed=claims[i])
            put(case, i, "yanzhou_2020_consortium", uncapped=before[i], capped=after[i])
        if county in zaozhuang_2020.COUNTIES:
            in_zaozhuang(case, rows)
            continue
        if county not in jining_2017.COUNTIES:
            continue
        choice = Choice(case, rows, zone, claims, after, qualified)
        for k, i in enumerate(places):
            for name in CITY:
                city[name][i] = choice.city[name][k]
            for name in DISTRICT:
                district[name][i] = choice.district[name][k]
    in_pools(case, city, district)
    return [{**EMPTY, **row} for row in case.out]


def put(case: Case, i: int, instrument: str, **stages: int) -> None:
    for stage, value in stages.items():
        case.out[i][f"{instrument}__{stage}"] = value


def in_zaozhuang(case: Case, rows: list[dict]) -> None:
    claims = zaozhuang_2020.Claims(case, rows)
    chosen = claims.chosen()
    for limb in zaozhuang_2020.LIMBS:
        capped = claims.capped(limb, list(range(len(rows))))
        for k, row in enumerate(rows):
            name = "zaozhuang_2020_" + limb
            put(
                case,
                row["place"],
                name,
                uncapped=claims.uncapped[limb][k],
                capped=capped[k],
                chosen=chosen[limb][k],
                paid=chosen[limb][k],
            )


def in_pools(case: Case, city: dict[str, list[int]], district: dict[str, list[int]]) -> None:
    rationed = jining_2017.zone_rationed(case, city["zone_pool"])
    grants = {name: city[name] for name in jining_2017.GRANTS} | {"zone_pool": rationed}
    paid, other = jining_2020.pay(case, grants, city["fund"])
    out = yanzhou_2020.fund(case, district)
    for i in range(len(case.projects)):
        for name in jining_2017.GRANTS:
            put(case, i, "jining_2017_" + name, chosen=city[name][i], paid=paid[name][i])
        put(
            case,
            i,
            "jining_2017_zone_pool",
            chosen=city["zone_pool"][i],
            rationed=rationed[i],
            paid=paid["zone_pool"][i],
        )
        put(case, i, "jining_2020_special_fund", chosen=city["fund"][i], paid=other[i])
        for name in DISTRICT:
            put(case, i, "yanzhou_2020_" + name, chosen=district[name][i], paid=out[name][i])


class Choice:
    """5.3 of Yanzhou and the forgoing of city money: what brings one enterprise the most, before the pools."""

    def __init__(
        self, case: Case, rows: list[dict], zone: list[int], claims: list[int], consortium: list[int], qualified: set
    ):
        self.qualified = qualified
        self.case, self.rows = case, rows
        self.count = len(rows)
        self.places = [row["place"] for row in rows]
        self.promise = jining_2017.Promise(case, rows, zone)
        self.zone = [zone[i] for i in self.places]
        self.claims = [claims[i] for i in self.places]
        self.consortium = [consortium[i] for i in self.places]
        self.overlap = case.reads("yanzhou_2020.city_district_overlap")
        self.kept_cache: dict[tuple[bool, ...], dict[str, list[int]]] = {}
        everything = self.city_money((True,) * self.count)
        for k, i in enumerate(self.places):
            for name in jining_2017.GRANTS:
                put(case, i, "jining_2017_" + name, uncapped=self.promise.uncapped[name][k], capped=everything[name][k])
        self.city = everything
        self.district = {name: [0] * self.count for name in DISTRICT}
        if case.enterprise(rows[0]).get("county") == "yanzhou":
            self.choose()

    def city_money(self, kept: tuple[bool, ...]) -> dict[str, list[int]]:
        if kept not in self.kept_cache:
            money_rows = self.promise.capped(self.promise.unsettled, [k for k in range(self.count) if kept[k]])
            money_rows["zone_pool"] = [v if k else 0 for v, k in zip(self.zone, kept, strict=True)]
            money_rows["fund"] = [v if k else 0 for v, k in zip(self.claims, kept, strict=True)]
            self.kept_cache[kept] = money_rows
        return self.kept_cache[kept]

    def choose(self) -> None:
        case, rows = self.case, self.rows
        self.measures = yanzhou_2020.Measures(case, rows)
        every = [(k, m) for k in range(self.count) for m in yanzhou_2020.MEASURES]
        for one in every:
            promised, capped = self.measures.settled([one])[one][1], self.measures.capped([one])[one]
            put(case, self.places[one[0]], "yanzhou_2020_" + one[1], uncapped=promised, capped=capped)
        self.years = [yanzhou_2020.policy_year(case, row) for row in rows]
        self.before_city = [self.district_first(row) for row in rows]
        # The reading's own words: other fiscal money is of no level, so it adds up or is topped up like the city's.
        self.shut, self.other_money = [money(row, "other_fiscal_money") > 0 for row in rows], [0] * len(rows)
        if self.overlap in ("cumulative", "top_up_difference"):
            self.shut = [False] * self.count
        if self.overlap == "top_up_difference":
            self.other_money = [floor(money(row, "other_fiscal_money")) for row in rows]
        whole = self.city_money((True,) * self.count)
        some_city = any(sum(whole[name]) for name in CITY)
        may_forgo = self.overlap in ("looks_back_city_first", "never_both_better_of_two") and some_city
        options = [self.options(k) for k in range(self.count)]
        outcomes = []
        for plan in product(*options):
            if not self.allowed(plan):
                continue
            choices = [
                (False, True) if may_forgo and plan[k] != (False, ()) and not self.free_of_bar(k) else (False,)
                for k in range(self.count)
            ]
            for forgone in product(*choices):
                city, district = self.outcome(plan, forgone)
                total = sum(map(sum, city.values())) + sum(map(sum, district.values()))
                outcomes.append((total, plan, forgone, city, district))
        most = max(one[0] for one in outcomes)
        ties = [one for one in outcomes if one[0] == most]
        _, _, _, self.city, self.district = max(ties, key=lambda one: self.preference(one[1], one[2]))

    def preference(self, plan: tuple, forgone: tuple[bool, ...]) -> tuple:
        """Among equal plans: the fewest applications, then consortia, then the first listed, then city money kept."""
        stakes = {self.stake(k) for k in range(self.count) if plan[k][0]}
        own = sum(bool(measures) for _, measures in plan)
        return (
            -len(stakes) - own,
            len(stakes),
            tuple(bool(plan[k][1]) or self.stake(k) in stakes for k in range(self.count)),
            -sum(forgone),
            tuple(-yanzhou_2020.MEASURES.index(one[0]) if len(one) == 1 else 0 for _, one in plan),
        )

    def stake(self, k: int) -> tuple | None:
        """What the enterprise has in a consortium in one year of applications."""
        if not self.consortium[k] or self.shut[k]:
            return None
        return self.rows[k]["consortium_id"], self.years[k]

    def options(self, k: int) -> list[tuple[bool, tuple[str, ...]]]:
        """(with the consortium, own measures) the enterprise may ask for one project."""
        found: list[tuple[bool, tuple[str, ...]]] = [(False, ())]
        if self.shut[k]:
            return found
        open_measures = tuple(m for m in yanzhou_2020.MEASURES if sum(self.measures.parts[m][k]))
        if self.case.reads("yanzhou_2020.same_project_limbs") == "choose_one_best":
            own = [(m,) for m in open_measures]
        else:
            own = [open_measures] if open_measures else []
        if self.consortium[k]:
            found.append((True, ()))
            if self.case.reads("yanzhou_2020.consortium_member_double") == "both":
                found += [(True, m) for m in own]
        return found + [(False, m) for m in own]

    def allowed(self, plan: tuple) -> bool:
        """One application a year, a lead two."""
        case = self.case
        rule = case.reads("yanzhou_2020.one_application")
        if case.reads("yanzhou_2020.consortium_member_double") != "both":
            # A consortium is joined with all one's projects in it.
            inside = {self.rows[k]["consortium_id"] for k in range(self.count) if plan[k][0]}
            if any(
                plan[k][1] and self.consortium[k] and self.rows[k].get("consortium_id") in inside
                for k in range(self.count)
            ):
                return False
        if rule == "soft_exceptions":
            return True
        for year in set(self.years):
            here = [k for k in range(self.count) if self.years[k] == year]
            asked = [k for k in here if plan[k] != (False, ())]
            if not asked:
                continue
            on = max(self.measures.dates[k] for k in asked)
            ordinary = case.numbers.at("yanzhou_2020.application.projects_per_year", on)
            lead_number = case.numbers.at("yanzhou_2020.application.projects_per_year_lead", on)
            lead = any(self.leads(k) for k in here)
            joined = {self.rows[k]["consortium_id"] for k in asked if plan[k][0]}
            own = sum(bool(plan[k][1]) for k in asked)
            if rule == "strict_membership_free":
                joined = {self.rows[k]["consortium_id"] for k in asked if plan[k][0] and self.leads(k)}
            together = len(joined) + own
            if together <= ordinary:
                continue
            if not lead or together > lead_number:
                return False
            kind = case.reads("yanzhou_2020.lead_two_projects")
            led = {self.rows[k]["consortium_id"] for k in here if self.leads(k)}
            if kind == "one_consortium_one_own_per_year" and not joined <= led:
                return False
            if kind == "two_consortia" and own:
                return False
            if kind == "one_consortium_one_own_per_year" and (own > ordinary or len(joined) > lead_number - ordinary):
                return False
        return True

    def leads(self, k: int) -> bool:
        return bool(self.rows[k].get("consortium_lead")) and self.rows[k].get("consortium_id") in self.qualified

    def district_first(self, row: dict) -> bool:
        """Whether the dates say that the district was asked before the city."""
        city = day(row.get("city_application_date"))
        return city is not None and yanzhou_2020.claim_date(self.case, row) < city

    def free_of_bar(self, k: int) -> bool:
        return self.overlap == "looks_back_city_first" and self.before_city[k]

    def outcome(self, plan: tuple, forgone: tuple[bool, ...]) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        city = self.city_money(tuple(not f for f in forgone))
        if self.overlap in ("looks_back_city_first", "never_both_better_of_two"):
            # Who turns to the district drops the project's claim on the city, also one that gets nothing there.
            drops = [
                plan[k] != (False, ())
                and not self.free_of_bar(k)
                and not sum(city[name][k] for name in CITY)
                and sum(row[k] for row in self.promise.uncapped.values()) > 0
                for k in range(self.count)
            ]
            city = self.city_money(tuple(not (f or d) for f, d in zip(forgone, drops, strict=True)))
        of_city = [sum(city[name][k] for name in CITY) for k in range(self.count)]
        items = [(k, m) for k in range(self.count) for m in plan[k][1]]
        district = {name: [0] * self.count for name in DISTRICT}
        for (k, m), value in self.measures.capped(
            [item for item in items if not self.barred(item[0], of_city)]
        ).items():
            district[m][k] = value
        for k in range(self.count):
            if plan[k][0] and not self.barred(k, of_city):
                district["consortium"][k] = self.consortium[k]
        if self.overlap == "top_up_difference":
            for k in range(self.count):
                against = of_city[k] + self.other_money[k]
                for name in DISTRICT:
                    less = min(against, district[name][k])
                    district[name][k] -= less
                    against -= less
        if self.case.reads("common.cross_cap_levels") == "joint_cap":
            self.join_caps(city, district)
        return city, district

    def barred(self, k: int, of_city: list[int]) -> bool:
        """5.3 sentence 3."""
        if self.shut[k]:
            return True
        if not of_city[k] or self.overlap in ("district_first", "top_up_difference", "cumulative"):
            return False
        return not self.free_of_bar(k)

    def join_caps(self, city: dict[str, list[int]], district: dict[str, list[int]]) -> None:
        """Reading cross_cap_levels: city and district together within the higher cap of the two."""
        numbers = self.case.numbers
        rule = self.case.reads("common.cap_allocation_across_projects")
        ranks = [rank(row) for row in self.rows]
        for name in ("equipment", "robots"):
            caps = []
            for k in range(self.count):
                of_city = numbers.fen(f"jining_2017.{name}.cap_per_enterprise", self.promise.dates[k])
                of_district = numbers.fen(f"yanzhou_2020.{name}.cap_per_enterprise", self.measures.dates[k])
                caps.append(max(0, floor(max(of_city, of_district)) - sum(city[name])))
            district[name] = under_cap(district[name], caps, rule, ranks, [self.case.last] * self.count)


STAGES = {
    "jining_2017_equipment": ("uncapped", "capped", "chosen", "paid"),
    "jining_2017_robots": ("uncapped", "capped", "chosen", "paid"),
    "jining_2017_special_robots": ("uncapped", "capped", "chosen", "paid"),
    "jining_2017_zone_pool": ("uncapped", "chosen", "rationed", "paid"),
    "jining_2020_special_fund": ("claimed", "chosen", "paid"),
    "yanzhou_2020_equipment": ("uncapped", "capped", "chosen", "paid"),
    "yanzhou_2020_robots": ("uncapped", "capped", "chosen", "paid"),
    "yanzhou_2020_informatisation": ("uncapped", "capped", "chosen", "paid"),
    "yanzhou_2020_consortium": ("uncapped", "capped", "chosen", "paid"),
    "zaozhuang_2020_equipment": ("uncapped", "capped", "chosen", "paid"),
    "zaozhuang_2020_loan_interest": ("uncapped", "capped", "chosen", "paid"),
}
EMPTY = {f"{name}__{stage}": 0 for name, stages in STAGES.items() for stage in stages}
