"""Yanzhou district, opinions 济兖政字〔2020〕14号, in force 2020-08-15 to 2023-08-14."""

from __future__ import annotations

from fractions import Fraction

from .common import (
    Case,
    Date,
    by_largest_remainder,
    day,
    exact,
    fact,
    floor,
    invoice_date,
    is_sme,
    last_open_day,
    money,
    months_before,
    purchase,
    rank,
    ration,
    rounded,
    settle,
    share,
    stated,
    true,
    under_cap,
)

NUMBERS = {
    "yanzhou_2020.equipment.rate": "0.03",
    "yanzhou_2020.equipment.minimum_investment": 5_000_000,
    "yanzhou_2020.equipment.cap_per_enterprise": 1_000_000,
    "yanzhou_2020.robots.rate": "0.05",
    "yanzhou_2020.robots.minimum_investment": 3_000_000,
    "yanzhou_2020.robots.cap_per_enterprise": 1_000_000,
    "yanzhou_2020.informatisation.rate": "0.10",
    "yanzhou_2020.informatisation.minimum_investment": 2_000_000,
    "yanzhou_2020.informatisation.cap_per_enterprise": 500_000,
    "yanzhou_2020.informatisation.one_system": 1,
    "yanzhou_2020.informatisation.several_systems": 2,
    "yanzhou_2020.consortium.rate": "0.03",
    "yanzhou_2020.consortium.investment_to_exceed": 5_000_000,
    "yanzhou_2020.consortium.minimum_sme_share": "0.5",
    "yanzhou_2020.consortium.cap": 1_000_000,
    "yanzhou_2020.consortium.minimum_members": 2,
    "yanzhou_2020.uplift.points": "0.01",
    "yanzhou_2020.applicant.clean_record_months": 36,
    "yanzhou_2020.application.projects_per_year": 1,
    "yanzhou_2020.application.projects_per_year_lead": 2,
    "yanzhou_2020.validity.first_day": "2020-08-15",
    "yanzhou_2020.validity.last_day": "2023-08-14",
    "yanzhou_2020.special_fund.amount": None,
}

READINGS = {
    "yanzhou_2020.city_district_overlap": "looks_back_city_first",
    "yanzhou_2020.robot_base": "project_equipment_investment",
    "yanzhou_2020.same_project_limbs": "choose_one_best",
    "yanzhou_2020.cap_scope": "per_enterprise_per_year_per_measure",
    "yanzhou_2020.one_application": "strict_membership_counts",
    "yanzhou_2020.uplift_double": "single_uplift",
    "yanzhou_2020.uplift_and_cap": "cap_unchanged",
    "yanzhou_2020.validity_event": "application_date",
    "yanzhou_2020.consortium_cap_unit": "per_consortium",
    "yanzhou_2020.d_in_consortium": "forfeit_share",
    "yanzhou_2020.d_lead": "as_member",
    "yanzhou_2020.uplift_scope": "all_measures",
    "yanzhou_2020.it_system_scope": "any_listed_system_project",
    "yanzhou_2020.uplift_in_consortium": "member_own_rate_scaled",
    "yanzhou_2020.consortium_sme_share": "sme_members_over_total_lead_included_if_sme",
    "yanzhou_2020.fund_cap": "uncapped_entitlement",
    "yanzhou_2020.consortium_member_double": "no_same_project_once",
    "yanzhou_2020.lead_two_projects": "one_consortium_one_own_per_year",
    "yanzhou_2020.uplift_meaning": "percentage_point",
    "yanzhou_2020.consortium_eligibility_structure": "either_lead_type_two_members",
    "yanzhou_2020.year_meaning": "calendar_year",
    "yanzhou_2020.d_and_tier": "d_bars",
    "yanzhou_2020.tier_list_period": "latest_before_application",
    "yanzhou_2020.clean_record_window": "rolling_36_months",
    "yanzhou_2020.it_amount_evidence": "invoice_too",
}

MEASURES = ("equipment", "robots", "informatisation")


def open_days(case: Case, on: Date) -> tuple[Date, Date]:
    return case.numbers.date("yanzhou_2020.validity.first_day", on), case.numbers.date(
        "yanzhou_2020.validity.last_day", on
    )


def claim_date(case: Case, project: dict) -> Date:
    return day(project.get("application_date")) or last_open_day(case, *open_days(case, case.last))


def in_force(case: Case, project: dict) -> bool:
    """Last line: validity, of the event the reading names."""
    on = claim_date(case, project)
    first, last = open_days(case, on)
    event = case.reads("yanzhou_2020.validity_event")
    if event == "invoice_date":
        happened = invoice_date(project, on)
    elif event in ("completion_date", "filing_date"):
        happened = day(project.get(event)) or on
    else:
        happened = on
    return first <= on and first <= happened <= last  # nobody can claim before the first day


def in_scope(case: Case, project: dict) -> bool:
    return case.enterprise(project).get("county") == "yanzhou" and in_force(case, project)


def clean(case: Case, project: dict) -> bool:
    """5.1: no major violation within three years."""
    on = claim_date(case, project)
    last = day(case.enterprise(project).get("last_major_violation_date"))
    if last is None or last > on:
        return True
    months = int(case.numbers.at("yanzhou_2020.applicant.clean_record_months", on))
    if case.reads("yanzhou_2020.clean_record_window") == "three_calendar_years":
        return last.year < on.year - months // 12
    return last < months_before(on, months)


def standing(case: Case, project: dict) -> tuple[str, bool]:
    """Class and tier listing by the district, of the period the reading names; it grades and lists its own firms."""
    row = case.enterprise(project)
    if row.get("county") != "yanzhou":
        return "not_graded", False
    grade, tier = fact(row, "yield_per_mu_class"), true(row, "tier_listed")
    if case.reads("yanzhou_2020.tier_list_period") == "project_year":
        if stated(row, "yield_per_mu_class_project_year"):
            grade = row["yield_per_mu_class_project_year"]
        if stated(row, "tier_listed_project_year"):
            tier = true(row, "tier_listed_project_year")
    return grade, tier


def class_d(case: Case, project: dict) -> bool:
    """4.4 sentence 2."""
    grade, tier = standing(case, project)
    return grade == "D" and not (tier and case.reads("yanzhou_2020.d_and_tier") == "tier_offsets")


def fit(case: Case, project: dict) -> bool:
    """4.4 sentence 2, 5.1 and 5.2."""
    row = case.enterprise(project)
    applicant = all(true(row, name) for name in ("independent_legal_person", "well_managed", "creditworthy"))
    sound = all(true(project, name) for name in ("filed", "in_statistics_platform", "counted_as_upgrading"))
    return in_scope(case, project) and applicant and sound and clean(case, project) and not class_d(case, project)


def uplift_times(case: Case, project: dict, measure: str) -> int:
    """4.4 sentence 1: how often the rate is raised."""
    if case.reads("yanzhou_2020.uplift_scope") == "equipment_only" and measure in ("informatisation", "consortium"):
        return 0
    grade, tier = standing(case, project)
    if grade == "D":
        return 0
    count = (grade == "A") + tier
    return count if case.reads("yanzhou_2020.uplift_double") == "cumulative_uplift" else min(count, 1)


def raise_of(case: Case, rate: Fraction, times: int, on: Date) -> Fraction:
    points = case.numbers.at("yanzhou_2020.uplift.points", on) or Fraction(0)
    relative = case.reads("yanzhou_2020.uplift_meaning") == "relative_one_percent"
    return times * points * (rate if relative else 1)


def bought(case: Case, project: dict, net: str) -> Fraction:
    return purchase(case, project, net, claim_date(case, project), case.reads("common.grant_base_vat"))


def software(case: Case, project: dict) -> Fraction:
    """4.2: investment shown by invoice, or the audited amount."""
    if case.reads("yanzhou_2020.it_amount_evidence") == "contract_or_audit":
        if stated(project, "informatisation_audited_investment"):
            return money(project, "informatisation_audited_investment")
        return money(project, "informatisation_investment")
    return bought(case, project, "informatisation_investment")


def measured(case: Case, project: dict, measure: str) -> Fraction:
    if measure == "equipment":
        return bought(case, project, "equipment_investment")
    if measure == "robots":
        return bought(case, project, "robot_investment")
    return software(case, project)


def enough_systems(case: Case, project: dict) -> bool:
    several = case.reads("yanzhou_2020.it_system_scope") == "integration_of_several"
    name = "several_systems" if several else "one_system"
    needed = case.numbers.at("yanzhou_2020.informatisation." + name, claim_date(case, project))
    return exact(fact(project, "informatisation_systems")) >= needed


def policy_year(case: Case, project: dict) -> int:
    on = claim_date(case, project)
    if case.reads("yanzhou_2020.year_meaning") == "calendar_year":
        return case.year
    first, _ = open_days(case, on)
    return on.year if (on.month, on.day) >= (first.month, first.day) else on.year - 1


class Measures:
    """4.1 and 4.2 for one enterprise: what each measure promises for each project."""

    def __init__(self, case: Case, projects: list[dict]):
        self.case, self.projects = case, projects
        self.dates = [claim_date(case, p) for p in projects]
        self.fit = [fit(case, p) for p in projects]
        rule = case.reads("common.rounding")
        one = "half_up" if rule == "half_up_per_project" else rule
        self.eligible: dict[str, list[bool]] = {}
        self.off: dict[str, list[Fraction]] = {}
        for measure in ("robots", "equipment", "informatisation"):
            amounts = [measured(case, p, measure) for p in projects]
            if measure == "equipment" and case.reads("yanzhou_2020.same_project_limbs") == "split_by_cost_item":
                robots = [measured(case, p, "robots") for p in projects]
                amounts = [
                    a - b if ok else a for a, b, ok in zip(amounts, robots, self.eligible["robots"], strict=True)
                ]
            if case.reads("common.threshold_unit") == "per_enterprise_sum":
                met = [
                    sum((a for a, p in zip(amounts, projects, strict=True) if in_scope(case, p)), Fraction(0))
                ] * len(amounts)
            else:
                met = amounts
            lines = [
                case.numbers.fen(f"yanzhou_2020.{measure}.minimum_investment", on) or Fraction(0) for on in self.dates
            ]
            self.eligible[measure] = [
                f
                and amount > 0
                and Fraction(rounded(m, one)) >= line
                and (measure != "informatisation" or enough_systems(case, p))
                for f, amount, m, line, p in zip(self.fit, amounts, met, lines, projects, strict=True)
            ]
            excess = case.reads("common.threshold_whole_or_excess") == "excess_only"
            self.off[measure] = [
                line * amount / m if excess and m else Fraction(0)
                for amount, m, line in zip(amounts, met, lines, strict=True)
            ]
        self.parts = {m: [self.promise(i, m) for i in range(len(projects))] for m in MEASURES}

    def promise(self, i: int, measure: str) -> tuple[Fraction, Fraction]:
        """Grant at the plain rate and by the raised rate's part."""
        zero = Fraction(0)
        if not self.eligible[measure][i]:
            return zero, zero
        case, project, on = self.case, self.projects[i], self.dates[i]
        off = self.off[measure][i]
        split = case.reads("yanzhou_2020.same_project_limbs") == "split_by_cost_item"
        times = uplift_times(case, project, measure)
        equipment, robots = bought(case, project, "equipment_investment"), bought(case, project, "robot_investment")
        own = case.numbers.at(f"yanzhou_2020.{measure}.rate", on) or zero
        reading = case.reads("yanzhou_2020.robot_base")
        bases: list[tuple[Fraction, Fraction]]
        if measure == "equipment":
            base = equipment - robots if split and self.eligible["robots"][i] else equipment
            bases = [(max(zero, base - off), own)]
        elif measure == "informatisation":
            bases = [(max(zero, software(case, project) - off), own)]
        elif split or reading == "robot_purchase_only":
            bases = [(max(zero, robots - off), own)]
        elif reading == "project_equipment_investment":
            bases = [(max(zero, equipment - off), own)]
        else:
            other = case.numbers.at("yanzhou_2020.equipment.rate", on) or zero
            bases = [(max(zero, robots - off), own), (max(zero, equipment - robots), other)]
        plain = sum((base * rate for base, rate in bases), zero)
        more = sum((base * raise_of(case, rate, times, on) for base, rate in bases), zero)
        return plain, more

    def settled(self, items: list[tuple[int, str]]) -> dict[tuple[int, str], tuple[int, int]]:
        """Claims made, settled once per measure: (at the plain rate, whole)."""
        rule = self.case.reads("common.rounding")
        found = {}
        for members in groups_of(items, lambda item: item[1]):
            parts = [self.parts[measure][i] for i, measure in members]
            plain = settle([a for a, _ in parts], rule)
            whole = settle([a + b for a, b in parts], rule)
            found.update(zip(members, zip(plain, whole, strict=True), strict=True))
        return found

    def capped(self, items: list[tuple[int, str]]) -> dict[tuple[int, str], int]:
        """The caps on the claims made: (place, measure)."""
        case = self.case
        scope = case.reads("yanzhou_2020.cap_scope")
        rule = case.reads("common.cap_allocation_across_projects")
        before = case.reads("yanzhou_2020.uplift_and_cap") == "cap_before_uplift"
        settled = self.settled(items)

        def unit(item: tuple[int, str]) -> tuple:
            i, measure = item
            if scope == "per_project":
                return i, measure
            if scope == "shared_equipment_cap" and measure != "informatisation":
                return ("shared",)
            return (measure,)

        given: dict[tuple[int, str], int] = {}
        for members in groups_of(items, unit):
            caps = []
            for i, measure in members:
                name = "equipment" if scope == "shared_equipment_cap" and measure == "robots" else measure
                caps.append(case.numbers.fen(f"yanzhou_2020.{name}.cap_per_enterprise", self.dates[i]))
            amounts = [settled[item][0 if before else 1] for item in members]
            ranks = [rank(self.projects[i]) for i, _ in members]
            for item, value in zip(
                members, under_cap(amounts, caps, rule, ranks, [self.dates[i] for i, _ in members]), strict=True
            ):
                given[item] = value + (settled[item][1] - settled[item][0] if before else 0)
        return given


def groups_of(items: list, key) -> list[list]:
    found: dict = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return list(found.values())


def leading(case: Case, project: dict) -> tuple[bool, bool]:
    """Chain leader, cluster leader."""
    row = case.enterprise(project)
    if stated(row, "chain_leader"):
        chain = true(row, "chain_leader")
    else:
        chain = any(
            true(p, "consortium_lead") and p.get("consortium_id") is not None for p in case.of[row["enterprise_id"]]
        )
    return chain, true(row, "cluster_leader")


def may_join(case: Case, project: dict) -> bool:
    """4.3 sentence 1 and 5.1: firms of the district; chain and cluster leaders wherever they are."""
    return any(leading(case, project)) or case.enterprise(project).get("county") == "yanzhou"


def takes_part(case: Case, project: dict) -> bool:
    """「共同开展技术改造」: in the consortium with equipment of its own."""
    joined = project.get("consortium_id") is not None and in_force(case, project) and may_join(case, project)
    return joined and bought(case, project, "equipment_investment") > 0


def consortia(case: Case) -> tuple[list[int], list[int], set]:
    """4.3: shares before and after the cap, for every project; and the consortia that are ones."""
    qualified = set()
    uncapped, capped = [0] * len(case.projects), [0] * len(case.projects)
    joined = [i for i, p in enumerate(case.projects) if takes_part(case, p)]
    for members in groups_of(joined, lambda i: case.projects[i]["consortium_id"]):
        before, after, good = one_consortium(case, members)
        if good:
            qualified.add(case.projects[members[0]]["consortium_id"])
        for i, a, b in zip(members, before, after, strict=True):
            uncapped[i], capped[i] = a, b
    return uncapped, capped, qualified


def one_consortium(case: Case, members: list[int]) -> tuple[list[int], list[int], bool]:
    rows = [case.projects[i] for i in members]
    nothing = [0] * len(members), [0] * len(members), False
    d = [class_d(case, p) for p in rows]
    reading = case.reads("yanzhou_2020.d_in_consortium")
    led_by_d = any(true(p, "consortium_lead") and class_d(case, p) for p in everybody(case, rows))
    if led_by_d and case.reads("yanzhou_2020.d_lead") == "barred":
        return nothing
    if any(d) and reading == "bar_whole_consortium":
        return nothing
    if any(d) and reading == "exclude_member_and_retest":
        kept = [k for k, flag in enumerate(d) if not flag]
        before, after, good = one_consortium(case, [members[k] for k in kept]) if kept else ([], [], False)
        for k, a, b in zip(kept, before, after, strict=True):
            nothing[0][k], nothing[1][k] = a, b
        return nothing[0], nothing[1], good
    on = law_day(case, rows)
    amounts = [bought(case, p, "equipment_investment") for p in rows]
    if not qualifies(case, rows, amounts, on):
        return nothing
    joint = sum(amounts, Fraction(0))
    line = case.numbers.fen("yanzhou_2020.consortium.investment_to_exceed", on)
    if case.reads("common.threshold_whole_or_excess") == "excess_only":
        amounts = [a * (joint - line) / joint for a in amounts]
    return *shares(case, rows, amounts, d, on), True


def everybody(case: Case, rows: list[dict]) -> list[dict]:
    """All projects of the consortium, also those without equipment: a firm leads whichever project it joins with."""
    return [p for p in case.projects if p.get("consortium_id") == rows[0]["consortium_id"] and in_force(case, p)]


def law_day(case: Case, rows: list[dict]) -> Date:
    """The lead's claim makes the consortium's claim; without a lead the last of the members'."""
    lead = [claim_date(case, p) for p in rows if true(p, "consortium_lead")]
    return max(lead or [claim_date(case, p) for p in rows])


def qualifies(case: Case, rows: list[dict], amounts: list[Fraction], on: Date) -> bool:
    numbers = case.numbers
    firms = {p["enterprise_id"] for p in rows}
    if len(firms) < numbers.at("yanzhou_2020.consortium.minimum_members", on):
        return False
    chain = {p["enterprise_id"] for p in rows if leading(case, p)[0]}
    cluster = {p["enterprise_id"] for p in rows if leading(case, p)[1]}
    if case.reads("yanzhou_2020.consortium_eligibility_structure") == "both_lead_types" and not (chain and cluster):
        return False
    small = {p["enterprise_id"] for p in rows if is_sme(case, case.enterprise(p))}
    local = {e for e in small if case.enterprises[e].get("county") == "yanzhou"}
    if not any(local - {leader} for leader in chain | cluster):
        return False
    small = local  # 「其中，中小企业」 takes up 「区内中小企业」
    if case.reads("yanzhou_2020.consortium_sme_share") == "non_lead_smes_only":
        small = small - {p["enterprise_id"] for p in everybody(case, rows) if true(p, "consortium_lead")}
    joint = sum(amounts, Fraction(0))
    of_small = sum((a for a, p in zip(amounts, rows, strict=True) if p["enterprise_id"] in small), Fraction(0))
    rule = case.reads("common.rounding")
    one = "half_up" if rule == "half_up_per_project" else rule
    exceeds = rounded(joint, one) > numbers.fen("yanzhou_2020.consortium.investment_to_exceed", on)
    return exceeds and of_small >= numbers.at("yanzhou_2020.consortium.minimum_sme_share", on) * joint


def shares(
    case: Case, rows: list[dict], amounts: list[Fraction], d: list[bool], on: Date
) -> tuple[list[int], list[int]]:
    """4.3 sentences 2 and 3 with 4.4: each member's share before and after the cap."""
    rule = case.reads("common.rounding")
    how = case.reads("yanzhou_2020.uplift_in_consortium")
    times = [0 if how == "no_uplift" else uplift_times(case, p, "consortium") for p in rows]
    dates = [claim_date(case, p) for p in rows]
    raised_on = list(dates)
    if how == "lead_status_governs":  # the lead's uplift, as of the lead's claim
        lead = [k for k, p in enumerate(rows) if true(p, "consortium_lead")]
        times = [times[lead[0]] if lead else 0] * len(rows)
        raised_on = [dates[lead[0]] if lead else when for when in dates]
    rates = [case.numbers.at("yanzhou_2020.consortium.rate", when) for when in dates]
    plain = [a * r for a, r in zip(amounts, rates, strict=True)]
    more = [a * raise_of(case, r, t, when) for a, r, t, when in zip(amounts, rates, times, raised_on, strict=True)]
    whole = [a + b for a, b in zip(plain, more, strict=True)]
    uncapped, plain_fen = settle(whole, rule), settle(plain, rule)
    caps = [case.numbers.fen("yanzhou_2020.consortium.cap", when) for when in dates]
    before = case.reads("yanzhou_2020.uplift_and_cap") == "cap_before_uplift"
    if case.reads("yanzhou_2020.consortium_cap_unit") == "per_member":
        if before:
            capped = [
                a + u - p for a, u, p in zip(each_member(case, rows, plain_fen, caps), uncapped, plain_fen, strict=True)
            ]
        else:
            capped = each_member(case, rows, uncapped, caps)
    else:
        cap = floor(caps[0])
        if len(set(caps)) > 1:
            return own_caps(case, rows, uncapped, whole, caps, dates)
        extra = [u - p for u, p in zip(uncapped, plain_fen, strict=True)]
        if before:
            capped = [a + b for a, b in zip(over(plain_fen, plain, cap), extra, strict=True)]
        elif how == "pooled_then_pro_rata":
            capped = share(amounts, min(cap, sum(uncapped)))
        elif sum(uncapped) <= cap:
            capped = list(uncapped)
        elif how in ("uplift_last", "base_last"):
            ahead, behind = (plain, more) if how == "uplift_last" else (more, plain)
            capped = one_after_the_other(ahead, behind, cap)
        else:
            capped = over(uncapped, whole, cap)
    if any(d) and case.reads("yanzhou_2020.d_in_consortium") == "redistribute_share":
        uncapped = pass_on(case, rows, amounts, d, uncapped)
        capped = pass_on(case, rows, amounts, d, capped)
        if case.reads("yanzhou_2020.consortium_cap_unit") == "per_member" and not before:
            capped = each_member(case, rows, capped, caps)
    ok = [fit(case, p) for p in rows]
    return [v if o else 0 for v, o in zip(uncapped, ok, strict=True)], [
        v if o else 0 for v, o in zip(capped, ok, strict=False)
    ]


def one_after_the_other(ahead: list[Fraction], behind: list[Fraction], cap: int) -> list[int]:
    """A cap shared first to one part of the grants, what is left to the other; settled once."""
    first = min(Fraction(1), Fraction(cap) / sum(ahead)) if sum(ahead) else Fraction(0)
    left = cap - first * sum(ahead)
    second = left / sum(behind) if sum(behind) else Fraction(0)
    return by_largest_remainder([a * first + b * second for a, b in zip(ahead, behind, strict=True)], cap)


def own_caps(case: Case, rows: list[dict], uncapped: list[int], whole: list[Fraction], caps: list, dates: list[Date]):
    """A cap that the law moved within the year: earlier members are booked first under theirs."""
    capped, used = [0] * len(rows), 0
    steps: list[list[int]] = []
    for k in sorted(range(len(rows)), key=lambda k: (dates[k], k)):
        if steps and caps[steps[-1][0]] == caps[k]:
            steps[-1].append(k)
        else:
            steps.append([k])
    for step in steps:
        step.sort()
        given = over([uncapped[k] for k in step], [whole[k] for k in step], floor(caps[step[0]]) - used)
        for k, value in zip(step, given, strict=True):
            capped[k] = value
        used += sum(given)
    ok = [fit(case, p) for p in rows]
    return [v if o else 0 for v, o in zip(uncapped, ok, strict=True)], [
        v if o else 0 for v, o in zip(capped, ok, strict=True)
    ]


def each_member(case: Case, rows: list[dict], amounts: list[int], caps: list) -> list[int]:
    """A cap for each member enterprise, whose projects share it."""
    rule = case.reads("common.cap_allocation_across_projects")
    capped = [0] * len(rows)
    for members in groups_of(list(range(len(rows))), lambda k: rows[k]["enterprise_id"]):
        ranks, dates = [rank(rows[k]) for k in members], [claim_date(case, rows[k]) for k in members]
        given = under_cap([amounts[k] for k in members], [caps[k] for k in members], rule, ranks, dates)
        for k, value in zip(members, given, strict=True):
            capped[k] = value
    return capped


def over(amounts: list[int], exacts: list[Fraction], cap: int) -> list[int]:
    """Amounts where they fit below the cap, else the cap shared by the exact sums."""
    return list(amounts) if sum(amounts) <= cap else share(exacts, max(0, cap))


def pass_on(case: Case, rows: list[dict], amounts: list[Fraction], d: list[bool], values: list[int]) -> list[int]:
    """A class-D member's share goes to the other members in proportion to theirs."""
    spare = sum(v for v, flag in zip(values, d, strict=True) if flag)
    takers = [k for k in range(len(rows)) if not d[k]]
    result = [0 if flag else v for v, flag in zip(values, d, strict=True)]
    for k, value in zip(takers, share([values[k] for k in takers], spare), strict=True):
        result[k] += value
    return result


def fund(case: Case, rows: dict[str, list[int]]) -> dict[str, list[int]]:
    """4, first sentence: the district's fund, limited only in one reading and where its amount is supplied."""
    on = last_open_day(case, *open_days(case, case.last))
    amount = case.numbers.fen("yanzhou_2020.special_fund.amount", on)
    if case.reads("yanzhou_2020.fund_cap") != "capped_supply_amount" or amount is None:
        return rows
    names = [*MEASURES, "consortium"]
    asked = [[rows[name][i] for name in names] for i in range(len(case.projects))]
    paid = [
        share(parts, sum_) for parts, sum_ in zip(asked, ration([sum(p) for p in asked], floor(amount)), strict=True)
    ]
    return {name: [row[k] for row in paid] for k, name in enumerate(names)}
