"""Jining city, opinions of 2017-11-03, 5(18) paragraphs 2 and 3."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import product

from .common import (
    Case,
    Date,
    by_key,
    day,
    fact,
    floor,
    groups,
    invoice_date,
    last_open_day,
    money,
    part_of_purchase,
    purchase,
    purchase_net,
    rank,
    ration,
    rounded,
    settle,
    share,
    stated,
    true,
    under_cap,
)

COUNTIES = frozenset(
    [
        "rencheng",
        "yanzhou",
        "weishan",
        "yutai",
        "jinxiang",
        "jiaxiang",
        "wenshang",
        "sishui",
        "liangshan",
        "qufu",
        "zoucheng",
        "jining_gaoxin",
        "taibaihu",
        "jining_jingkai",
        "qufu_wenhua",
    ]
)

NUMBERS = {
    "jining_2017.equipment.rate": "0.03",
    "jining_2017.equipment.minimum_investment": 20_000_000,
    "jining_2017.equipment.minimum_investment_zero_land": 10_000_000,
    "jining_2017.equipment.cap_per_enterprise": 3_000_000,
    "jining_2017.zone_pool.amount": 20_000_000,
    "jining_2017.robots.rate": "0.05",
    "jining_2017.robots.cap_per_enterprise": 1_000_000,
    "jining_2017.robots.special_rate": "0.10",
    "jining_2017.robots.special_cap_per_enterprise": 2_000_000,
    "jining_2017.validity.first_day.from_issue_date": "2017-11-03",
    "jining_2017.validity.first_day.thirty_days_after_issue": "2017-12-03",
    "jining_2017.validity.first_day.whole_2017": "2017-01-01",
    "jining_2017.validity.first_day.purchases_from_issue_date": "2017-11-03",
    "jining_2017.validity.first_day.from_2018": "2018-01-01",
    "jining_2017.validity.first_purchase_day": "2017-11-03",
    "jining_2017.validity.last_day.target_period_2017_2021": "2021-12-31",
    "jining_2017.validity.last_day.until_consolidated_2020_12_31": "2020-12-31",
    "jining_2017.validity.last_day.five_years_from_issue": "2022-11-02",
    "jining_2017.validity.last_day.open_until_repealed": None,
}

READINGS = {
    "jining_2017.life": "target_period_2017_2021",
    "jining_2017.first_year": "from_issue_date",
    "jining_2017.cap_scope": "per_enterprise_per_year",
    "jining_2017.cap_year": "claim_year",
    "jining_2017.equipment_and_robot_same_invoice": "cumulative",
    "jining_2017.robot_base": "robot_and_system_invoices",
    "jining_2017.robot_base_vat": "net_of_vat",
    "jining_2017.year_scope": "year_ordinary_only_encouraged_both",
    "jining_2017.zero_land_plant": "both_existing_any_title",
    "jining_2017.grant_year": "invoices_of_qualifying_year_paid_when_in_use",
    "jining_2017.in_use": "all_in_use",
    "jining_2017.base_productive_only": "same_quantity",
    "jining_2017.robot_and_system_conjunction": "either",
    "jining_2017.robot_limbs_relation": "separate_bases_separate_caps",
    "jining_2017.special_robot_base": "special_robot_invoices",
    "jining_2017.special_robot_definition": "type_and_post",
    "jining_2017.zone_pool_scope": "citywide_ceiling",
    "jining_2017.zone_pool_allocation": "assessed_awards",
    "jining_2017.zone_pool_rationing": "protected_first_then_pro_rata",
    "jining_2017.priority_scope": "all_of_paragraph",
}

GRANTS = ("equipment", "robots", "special_robots")
NAMES = {grant: f"jining_2017_{grant}" for grant in GRANTS} | {"zone_pool": "jining_2017_zone_pool"}


def open_days(case: Case, on: Date) -> tuple[Date, Date]:
    first = case.numbers.date("jining_2017.validity.first_day." + case.reads("jining_2017.first_year"), on)
    return first, case.numbers.date("jining_2017.validity.last_day." + case.reads("jining_2017.life"), on)


def claim_date(case: Case, project: dict) -> Date:
    """The day the claim reached the city; an undated claim is taken as made on the last open day."""
    found = day(project.get("city_application_date")) or day(project.get("application_date"))
    return found or last_open_day(case, *open_days(case, case.last))


def in_scope(case: Case, project: dict) -> bool:
    on = claim_date(case, project)
    first, last = open_days(case, on)
    return case.enterprise(project).get("county") in COUNTIES and first <= on <= last


def purchases_count(case: Case, project: dict) -> bool:
    """Reading first_year: whether purchases before the day of issue count."""
    if case.reads("jining_2017.first_year") != "purchases_from_issue_date":
        return True
    on = claim_date(case, project)
    return invoice_date(project, on) >= case.numbers.date("jining_2017.validity.first_purchase_day", on)


def zero_land(case: Case, project: dict) -> bool:
    """No new building land and on the enterprise's existing land and plant."""
    if fact(project, "project_type") != "zero_land":
        return False
    land, plant = true(project, "existing_land"), true(project, "existing_plant")
    reading = case.reads("jining_2017.zero_land_plant")
    if reading == "either_land_or_plant":
        return land or plant
    return land and plant and (reading != "owned_only" or true(project, "land_and_plant_owned"))


def counted_over(case: Case, project: dict) -> str:
    """The fact the line is compared with: the year's invoices, or the project's where 'within the year' is not asked."""
    year_asked = not zero_land(case, project) or case.reads("jining_2017.year_scope") == "both_tests_both_limbs"
    return "equipment_investment" if year_asked else "cumulative_equipment_investment"


def granted_over(case: Case, project: dict) -> str:
    if case.reads("jining_2017.grant_year") == "all_project_invoices_when_completed":
        return "cumulative_equipment_investment"
    return counted_over(case, project)


def invoiced(case: Case, project: dict, net: str, productive: bool) -> Fraction:
    if not purchases_count(case, project):
        return Fraction(0)
    on = claim_date(case, project)
    part = None
    if productive:
        part = max(Fraction(0), purchase_net(project, net) - nonproductive(project, net))
    vat = case.reads("common.grant_base_vat")
    return purchase(case, project, net, on, vat, part)


def nonproductive(project: dict, net: str) -> Fraction:
    """The part of a purchase, of the year or of all years, that is no productive equipment."""
    whole = "cumulative_nonproductive_equipment"
    of_all = net == "cumulative_equipment_investment" and stated(project, whole)
    return money(project, whole if of_all else "nonproductive_equipment")


def in_use_net(project: dict, net: str) -> Fraction:
    """Productive equipment in use, of the year or of all years."""
    whole = "cumulative_equipment_in_use"
    if net == "cumulative_equipment_investment" and stated(project, whole):
        return money(project, whole)
    if stated(project, "equipment_in_use"):
        return money(project, "equipment_in_use")
    return purchase_net(project, net) if true(project, "in_use") else Fraction(0)


def equipment_terms(case: Case, project: dict) -> tuple[Fraction, Fraction, Fraction]:
    """What is compared with the line, the line, and the base of the 3 %."""
    on = claim_date(case, project)
    productive_line = case.reads("jining_2017.base_productive_only") == "same_quantity"
    measured = invoiced(case, project, counted_over(case, project), productive_line)
    suffix = "_zero_land" if zero_land(case, project) else ""
    line = case.numbers.fen("jining_2017.equipment.minimum_investment" + suffix, on) or Fraction(0)
    net = granted_over(case, project)
    base = invoiced(case, project, net, True)
    if case.reads("jining_2017.in_use") == "pay_on_part_in_use" and base:
        vat = case.reads("common.grant_base_vat")
        base = min(base, purchase(case, project, net, on, vat, in_use_net(project, net)))
    return measured, line, base


def put_in_use(case: Case, project: dict) -> bool:
    """「购置的生产性设备投入使用后」: of the invoices that are paid for, what is productive."""
    net = granted_over(case, project)
    used = in_use_net(project, net)
    if case.reads("jining_2017.in_use") == "all_in_use":
        return used > 0 and used >= purchase_net(project, net) - nonproductive(project, net)
    return used > 0


def encouraged(case: Case, project: dict) -> bool:
    if zero_land(case, project) and case.reads("jining_2017.year_scope") == "both_tests_ordinary_only":
        return True
    return fact(project, "catalogue_category") == "encouraged"


def robot_parts(case: Case, project: dict) -> dict[str, Fraction]:
    """Robot money by kind and post, as the robot VAT reading counts it."""
    if not purchases_count(case, project):
        return dict.fromkeys(("robots", "at_post", "special", "off_post", "systems", "equipment"), Fraction(0))
    on, vat = claim_date(case, project), case.reads("jining_2017.robot_base_vat")

    def of(net: str, part: str | None = None) -> Fraction:
        if part is None:
            return purchase(case, project, net, on, vat)
        return part_of_purchase(case, project, net, on, vat, money(project, part))

    return {
        "robots": of("robot_investment"),
        "at_post": of("robot_investment", "robot_at_post_investment"),
        "special": of("special_robot_investment"),
        "off_post": of("special_robot_investment", "special_robot_off_post_investment"),
        "systems": of("intelligent_system_investment"),
        "equipment": of("equipment_investment"),
    }


def split_limbs(case: Case, parts: dict[str, Fraction]) -> tuple[Fraction, Fraction]:
    """Robots under the 5 % limb and robots under the 10 % limb."""
    definition = case.reads("jining_2017.special_robot_definition")
    everything = parts["robots"] + parts["special"]
    ten = {
        "type_and_post": parts["special"] - parts["off_post"],
        "type_only": parts["special"],
        "post_only": parts["special"] - parts["off_post"] + parts["at_post"],
    }[definition]
    ten = Fraction(rounded(ten, "half_up"))
    five = everything if case.reads("jining_2017.robot_limbs_relation") == "additive_15_percent" else everything - ten
    return five, ten


def robot_bases(case: Case, projects: list[dict]) -> list[dict[str, Fraction]]:
    """Bases of the 5 % and of the 10 %, for one enterprise's projects; the document asks both of the enterprise."""
    parts = [robot_parts(case, p) for p in projects]
    limbs = [split_limbs(case, part) for part in parts]
    asked = [in_scope(case, p) and true(p, "meets_robot_conditions") for p in projects]
    has_robots = any(part["robots"] + part["special"] > 0 for part in parts)
    has_systems = any(part["systems"] > 0 for part in parts)
    both = case.reads("jining_2017.robot_and_system_conjunction") == "both_required"
    first_limb = has_systems or any(five > 0 for five, _ in limbs)
    five_open = has_robots and has_systems if both else first_limb
    scoped = [in_scope(case, p) for p in projects]
    ten_open = any(ten > 0 for _, ten in limbs)
    bases = []
    additive = case.reads("jining_2017.robot_limbs_relation") == "additive_15_percent"
    for part, (_, ten), a, s in zip(parts, limbs, asked, scoped, strict=True):
        everything = part["robots"] + part["special"]
        whole = max(part["equipment"], everything + part["systems"])
        special = {
            "special_robot_invoices": ten,
            "all_robot_invoices": everything,
            "all_equipment_purchases": max(part["equipment"], everything),
        }[case.reads("jining_2017.special_robot_base")]
        special = special if s and ten_open else Fraction(0)
        wide = case.reads("jining_2017.robot_base") == "all_equipment_purchases"
        taken = Fraction(0) if additive else max(special, ten)
        robots = max(Fraction(0), whole - taken) if wide else max(Fraction(0), everything - taken) + part["systems"]
        bases.append({"robots": robots if a and five_open else Fraction(0), "special_robots": special})
    return bases


def zone_eligible(case: Case, project: dict) -> bool:
    return (
        in_scope(case, project) and true(project, "major_project") and int(fact(project, "development_zone") or 0) > 0
    )


def year_day(case: Case) -> Date:
    """The day whose law governs the year's pool."""
    return last_open_day(case, *open_days(case, case.last))


def pool_amount(case: Case) -> int:
    return floor(case.numbers.fen("jining_2017.zone_pool.amount", year_day(case)) or Fraction(0))


def pools(case: Case, places: list[int]) -> list[list[int]]:
    if case.reads("jining_2017.zone_pool_scope") == "per_zone":
        return groups(places, lambda i: int(case.projects[i]["development_zone"]))
    return [places] if places else []


def zone_awards(case: Case) -> list[int]:
    """Awards before the ceiling, for every project of the city."""
    awards = [0] * len(case.projects)
    rule = case.reads("jining_2017.zone_pool_allocation")
    eligible = [i for i, p in enumerate(case.projects) if zone_eligible(case, p)]
    if rule == "assessed_awards":
        for members in groups(eligible, lambda i: case.projects[i]["enterprise_id"]):
            exacts = [money(case.projects[i], "assessed_award") for i in members]
            for i, amount in zip(members, settle(exacts, case.reads("common.rounding")), strict=True):
                awards[i] = amount
        return awards
    for members in pools(case, eligible):
        if rule == "equal_shares":
            weights = [Fraction(1)] * len(members)
        else:
            weights = [money(case.projects[i], "equipment_investment") for i in members]
        for i, amount in zip(members, share(weights, pool_amount(case)), strict=True):
            awards[i] = amount
    return awards


def prioritised(case: Case, project: dict) -> bool:
    """'优先' of paragraph 2 (百企护航) and of article 7 (removal of major hazards)."""
    return true(case.enterprise(project), "protected_hundred") or true(project, "removes_major_hazard")


def first_then_pro_rata(claims: list[int], first: list[bool], pool: int) -> list[int]:
    return by_key(claims, pool, [not f for f in first])


def zone_rationed(case: Case, chosen: list[int]) -> list[int]:
    """The chosen awards within the yearly amount."""
    paid = [0] * len(chosen)
    amount = pool_amount(case)
    for members in pools(case, [i for i, c in enumerate(chosen) if c]):
        claims = [chosen[i] for i in members]
        rows = [case.projects[i] for i in members]
        rule = case.reads("jining_2017.zone_pool_rationing")
        if sum(claims) <= amount:
            committed = case.reads("jining_2017.zone_pool_scope") == "citywide_committed"
            given = share(claims, amount) if committed else claims
        elif rule == "pro_rata":
            given = ration(claims, amount)
        elif rule == "first_come":
            given = by_key(claims, amount, [claim_date(case, row) for row in rows])
        else:
            given = first_then_pro_rata(claims, [prioritised(case, row) for row in rows], amount)
        for i, value in zip(members, given, strict=True):
            paid[i] = value
    return paid


class Promise:
    """The three grants of one enterprise before its choice."""

    def __init__(self, case: Case, projects: list[dict], zone: list[int]):
        self.case, self.projects = case, projects
        self.dates = [claim_date(case, p) for p in projects]
        terms = [equipment_terms(case, p) for p in projects]
        rule = case.reads("common.rounding")
        one = "half_up" if rule == "half_up_per_project" else rule
        if case.reads("common.threshold_unit") == "per_enterprise_sum":
            met = [
                sum((m for p, (m, _, _) in zip(projects, terms, strict=True) if in_scope(case, p)), Fraction(0))
            ] * len(terms)
        else:
            met = [m for m, _, _ in terms]
        absorbs = case.reads("jining_2017.zone_pool_scope") == "absorbs_3_percent"
        self.eligible = [
            in_scope(case, p)
            and encouraged(case, p)
            and put_in_use(case, p)
            and Fraction(rounded(m, one)) >= line
            and not (absorbs and zone[p["place"]] > 0)
            for p, m, (_, line, _) in zip(projects, met, terms, strict=True)
        ]
        self.whole_bases = [base for _, _, base in terms]
        excess = case.reads("common.threshold_whole_or_excess") == "excess_only"
        self.off = [
            (line * own / m if m else Fraction(0)) if excess else Fraction(0)
            for (own, line, _), m in zip(terms, met, strict=True)
        ]
        self.robot_bases = robot_bases(case, projects)
        self.unsettled = self.place_invoices()
        self.uncapped = self.settled(self.unsettled, range(len(projects)))

    def rates(self, path: str) -> list[Fraction]:
        return [self.case.numbers.at(path, on) or Fraction(0) for on in self.dates]

    def caps(self, path: str) -> list[Fraction | None]:
        return [self.case.numbers.fen(path, on) for on in self.dates]

    def robot_money(self, i: int, kind: str) -> Fraction:
        """Robot invoices of one project within the equipment base."""
        case, p = self.case, self.projects[i]
        net = {"robots": "robot_investment", "special_robots": "special_robot_investment"}[kind]
        return (
            purchase(case, p, net, self.dates[i], case.reads("common.grant_base_vat"))
            if purchases_count(case, p)
            else Fraction(0)
        )

    def award_of(self, i: int, kind: str) -> str | None:
        """The award the robots of this kind would take."""
        five, ten = self.robot_bases[i]["robots"], self.robot_bases[i]["special_robots"]
        if kind == "robots":
            wide = self.case.reads("jining_2017.special_robot_base") != "special_robot_invoices"
            return "robots" if five else "special_robots" if ten and wide else None
        return "special_robots" if ten else "robots" if five else None

    def exact(self, leaves: list[Fraction], robots: list[dict[str, Fraction]]) -> dict[str, list[Fraction]]:
        equipment = [
            max(Fraction(0), base - away - off) * rate if ok else Fraction(0)
            for base, away, off, rate, ok in zip(
                self.whole_bases, leaves, self.off, self.rates("jining_2017.equipment.rate"), self.eligible, strict=True
            )
        ]
        five = [b["robots"] * r for b, r in zip(robots, self.rates("jining_2017.robots.rate"), strict=True)]
        ten = [
            b["special_robots"] * r for b, r in zip(robots, self.rates("jining_2017.robots.special_rate"), strict=True)
        ]
        return {"equipment": equipment, "robots": five, "special_robots": ten}

    def settled(self, exact: dict[str, list[Fraction]], kept: Iterable[int]) -> dict[str, list[int]]:
        """The claims made, settled once per grant."""
        kept, found = list(kept), {}
        for grant in GRANTS:
            row = [0] * len(self.projects)
            for i, value in zip(
                kept, settle([exact[grant][i] for i in kept], self.case.reads("common.rounding")), strict=True
            ):
                row[i] = value
            found[grant] = row
        return found

    def place_invoices(self) -> dict[str, list[Fraction]]:
        """Reading equipment_and_robot_same_invoice."""
        count = len(self.projects)
        reading = self.case.reads("jining_2017.equipment_and_robot_same_invoice")
        none = [Fraction(0)] * count
        if reading == "cumulative":
            return self.exact(none, self.robot_bases)
        units = [
            (i, kind)
            for i in range(count)
            for kind in ("robots", "special_robots")
            if self.robot_money(i, kind) and self.award_of(i, kind)
        ]
        if reading == "robot_excluded_from_equipment":
            leaves = [self.robot_money(i, "robots") + self.robot_money(i, "special_robots") for i in range(count)]
            return self.exact(leaves, self.robot_bases)
        best: tuple[int, dict] | None = None
        real = [u for u in units if self.eligible[u[0]]]
        for keep in product((False, True), repeat=len(real)):
            leaves = list(none)
            bases = [dict(b) for b in self.robot_bases]
            stay = {u for u, k in zip(real, keep, strict=True) if k}
            for i, kind in units:
                if (i, kind) not in stay:
                    leaves[i] += self.robot_money(i, kind)
                else:
                    self.give_up(bases[i], i, kind)
            amounts = self.exact(leaves, bases)
            total = sum(sum(row) for row in self.capped(amounts, list(range(count))).values())
            if best is None or total > best[0]:
                best = (total, amounts)
        assert best
        return best[1]

    def give_up(self, base: dict[str, Fraction], i: int, kind: str) -> None:
        """Take the robots of one kind out of the awards' bases."""
        parts = robot_parts(self.case, self.projects[i])
        amount = parts["robots"] if kind == "robots" else parts["special"]
        for grant in ("robots", "special_robots"):
            if kind == "robots":
                inside = amount if grant == "robots" else amount - self.five_part(parts, kind)
            else:
                inside = self.five_part(parts, kind) if grant == "robots" else self.ten_part(parts)
            base[grant] = max(Fraction(0), base[grant] - inside)

    def five_part(self, parts: dict[str, Fraction], kind: str) -> Fraction:
        additive = self.case.reads("jining_2017.robot_limbs_relation") == "additive_15_percent"
        definition = self.case.reads("jining_2017.special_robot_definition")
        if kind == "robots":
            return parts["robots"] if additive or definition != "post_only" else parts["robots"] - parts["at_post"]
        return parts["special"] if additive else parts["special"] - self.ten_part(parts)

    def ten_part(self, parts: dict[str, Fraction]) -> Fraction:
        only_type = self.case.reads("jining_2017.special_robot_definition") == "type_only"
        return parts["special"] if only_type else parts["special"] - parts["off_post"]

    def capped(self, exact: dict[str, list[Fraction]], kept: list[int]) -> dict[str, list[int]]:
        """The caps on the claims the enterprise keeps (places in its list)."""
        amounts = self.settled(exact, kept)
        case, count = self.case, len(self.projects)
        rule = case.reads("common.cap_allocation_across_projects")
        scope = case.reads("jining_2017.cap_scope")
        ranks = [rank(p) for p in self.projects]
        result: dict[str, list[int]] = {}
        paths = {
            "equipment": "jining_2017.equipment.cap_per_enterprise",
            "robots": "jining_2017.robots.cap_per_enterprise",
            "special_robots": "jining_2017.robots.special_cap_per_enterprise",
        }
        for grant in GRANTS:
            caps, row = self.caps(paths[grant]), [0] * count
            by_invoice = case.reads("jining_2017.cap_year") == "invoice_year"

            def unit(i: int, by_invoice: bool = by_invoice) -> int:
                if scope == "per_project":
                    return i
                if by_invoice and scope == "per_enterprise_per_year":
                    return invoice_date(self.projects[i], self.dates[i]).year
                return 0

            for members in groups(kept, unit):
                given = under_cap(
                    [amounts[grant][i] for i in members],
                    [caps[i] for i in members],
                    rule,
                    [ranks[i] for i in members],
                    [self.dates[i] for i in members],
                )
                for i, value in zip(members, given, strict=True):
                    row[i] = value
            result[grant] = row
        relation = case.reads("jining_2017.robot_limbs_relation")
        five, ten = result["robots"], result["special_robots"]
        if relation == "choose_one_limb":
            loser = ten if sum(five) >= sum(ten) else five
            loser[:] = [0] * count
        elif relation == "overall_cap_200":
            # The 10 % first, as the model publishes; the higher cap on both, for whatever each cap is for.
            caps = self.caps(paths["special_robots"])
            for members in groups(kept, unit):
                given = under_cap(
                    [five[i] for i in members],
                    [None if caps[i] is None else caps[i] - sum(ten[i] for i in members) for i in members],
                    rule,
                    [ranks[i] for i in members],
                    [self.dates[i] for i in members],
                )
                for i, value in zip(members, given, strict=True):
                    five[i] = value
        return result
