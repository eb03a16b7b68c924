"""Zaozhuang city, opinions 枣政字〔2020〕2号 of 2020-03-12, 3(2) sentence 2: equipment 10 %, loan interest 50 %."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

from .common import Case, Date, day, exact, fact, last_open_day, money, purchase, rank, settle, true, under_cap

COUNTIES = frozenset(
    ["zaozhuang_shizhong", "xuecheng", "yicheng", "taierzhuang", "shanting", "tengzhou", "zaozhuang_gaoxin"]
)

NUMBERS = {
    "zaozhuang_2020.equipment.rate": "0.10",
    "zaozhuang_2020.equipment.minimum_investment": None,
    "zaozhuang_2020.equipment.cap_per_enterprise": None,
    "zaozhuang_2020.equipment.prior_rate": None,
    "zaozhuang_2020.loan_interest.rate": "0.50",
    "zaozhuang_2020.loan_interest.cap_per_enterprise": None,
    "zaozhuang_2020.loan_interest.maximum_days": None,
    "zaozhuang_2020.loan_interest.prior_rate": None,
    "zaozhuang_2020.validity.first_day.from_issue_date": "2020-03-12",
    "zaozhuang_2020.validity.first_day.thirty_days_after_issue": "2020-04-11",
    "zaozhuang_2020.validity.first_day.whole_2020": "2020-01-01",
    "zaozhuang_2020.validity.last_day.three_years_2020_2022": "2022-12-31",
    "zaozhuang_2020.validity.last_day.five_years_from_issue": "2025-03-11",
    "zaozhuang_2020.validity.last_day.open_until_repealed": None,
}
READINGS = {
    "zaozhuang_2020.life": "three_years_2020_2022",
    "zaozhuang_2020.first_day": "from_issue_date",
    "zaozhuang_2020.equipment_grant_terms": "rate_only_uncapped",
    "zaozhuang_2020.interest_subsidy_terms": "rate_only_uncapped",
    "zaozhuang_2020.interest_base": "actual_interest_paid",
    "zaozhuang_2020.interest_days": "year_360",
    "zaozhuang_2020.grant_and_interest_stacking": "cumulative",
    "zaozhuang_2020.raised_to_or_by": "new_level",
}
LIMBS = ("equipment", "loan_interest")


def open_days(case: Case, on: Date) -> tuple[Date, Date]:
    first = case.numbers.date("zaozhuang_2020.validity.first_day." + case.reads("zaozhuang_2020.first_day"), on)
    return first, case.numbers.date("zaozhuang_2020.validity.last_day." + case.reads("zaozhuang_2020.life"), on)


def claim_date(case: Case, project: dict) -> Date:
    return day(project.get("application_date")) or last_open_day(case, *open_days(case, case.last))


def in_scope(case: Case, project: dict) -> bool:
    on = claim_date(case, project)
    first, last = open_days(case, on)
    return case.enterprise(project).get("county") in COUNTIES and first <= on <= last


class Claims:
    """Both limbs for one enterprise."""

    def __init__(self, case: Case, projects: list[dict]):
        self.case, self.projects = case, projects
        self.dates = [claim_date(case, p) for p in projects]
        rule = case.reads("common.rounding")
        self.uncapped = {
            "equipment": settle([self.equipment(i) for i in range(len(projects))], rule),
            "loan_interest": settle([self.interest(i) for i in range(len(projects))], rule),
        }

    def open(self, i: int) -> bool:
        return in_scope(self.case, self.projects[i]) and true(self.projects[i], "serves_listed_purpose")

    def rate(self, limb: str, on: Date) -> Fraction:
        numbers = self.case.numbers
        rate = numbers.at(f"zaozhuang_2020.{limb}.rate", on) or Fraction(0)
        if self.case.reads("zaozhuang_2020.raised_to_or_by") == "increment":
            prior = numbers.at(f"zaozhuang_2020.{limb}.prior_rate", on)
            return Fraction(0) if prior is None else prior + rate
        return rate

    def terms(self, limb: str, on: Date) -> tuple[bool, Fraction | None, Fraction | None]:
        """Whether the limb can be computed at all; its cap; its threshold (fen) or longest term (days)."""
        numbers = self.case.numbers
        name = {"equipment": "equipment_grant_terms", "loan_interest": "interest_subsidy_terms"}[limb]
        reading = self.case.reads("zaozhuang_2020." + name)
        if reading == "rate_only_uncapped":
            return True, None, None
        cap = numbers.fen(f"zaozhuang_2020.{limb}.cap_per_enterprise", on)
        if limb == "equipment":
            other = numbers.fen("zaozhuang_2020.equipment.minimum_investment", on)
        else:
            other = numbers.at("zaozhuang_2020.loan_interest.maximum_days", on)
        if reading == "refuse_without_terms":
            return cap is not None and other is not None, cap, other
        return True, cap, other

    def equipment(self, i: int) -> Fraction:
        case, project, on = self.case, self.projects[i], self.dates[i]
        computable, _, line = self.terms("equipment", on)
        if not (computable and self.open(i)):
            return Fraction(0)
        amount = purchase(case, project, "equipment_investment", on, case.reads("common.grant_base_vat"))
        if line is not None and amount < line:
            return Fraction(0)
        if case.reads("zaozhuang_2020.grant_and_interest_stacking") == "split_financing":
            amount = max(Fraction(0), amount - money(project, "loan_principal"))
        return amount * self.rate("equipment", on)

    def interest(self, i: int) -> Fraction:
        case, project, on = self.case, self.projects[i], self.dates[i]
        computable, _, longest = self.terms("loan_interest", on)
        if not (computable and self.open(i)):
            return Fraction(0)
        days = exact(fact(project, "loan_days") or 0)
        counted = days if longest is None else min(days, longest)
        actual = money(project, "loan_interest_paid")
        if days:
            actual = actual * counted / days
        year = case.numbers.at("national.interest_days." + case.reads("zaozhuang_2020.interest_days"), on)
        lpr = case.numbers.at("national.lpr.one_year", on) or Fraction(0)
        benchmark = money(project, "loan_principal") * lpr * counted / year
        reading = case.reads("zaozhuang_2020.interest_base")
        base = {
            "actual_interest_paid": actual,
            "benchmark_interest": benchmark,
            "lower_of_actual_and_benchmark": min(actual, benchmark),
        }[reading]
        return base * self.rate("loan_interest", on)

    def capped(self, limb: str, places: list[int]) -> list[int]:
        rule = self.case.reads("common.cap_allocation_across_projects")
        caps = [self.terms(limb, self.dates[i])[1] for i in places]
        amounts = [self.uncapped[limb][i] for i in places]
        row = [0] * len(self.projects)
        for i, value in zip(
            places,
            under_cap(amounts, caps, rule, [rank(self.projects[i]) for i in places], [self.dates[i] for i in places]),
            strict=True,
        ):
            row[i] = value
        return row

    def chosen(self) -> dict[str, list[int]]:
        """Both limbs, or the one that brings the enterprise more for each project."""
        places = list(range(len(self.projects)))
        if self.case.reads("zaozhuang_2020.grant_and_interest_stacking") != "choose_one":
            return {limb: self.capped(limb, places) for limb in LIMBS}
        best: tuple[int, dict] | None = None
        for picks in product((0, 1), repeat=len(places)):
            rows = {limb: self.capped(limb, [i for i in places if picks[i] == k]) for k, limb in enumerate(LIMBS)}
            total = sum(sum(row) for row in rows.values())
            if best is None or total > best[0]:
                best = (total, rows)
        assert best
        return best[1]
