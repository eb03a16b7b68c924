"""Terms the Zaozhuang text leaves out, and the choice between its two instruments. Shared by both."""

from openfisca_jining.groups import settled, under_cap
from openfisca_jining.law import law_at_application, reading
from openfisca_jining.model import where


def ratio(law, period, project, parameters):
    """The new ratio (「提高至」), or under the increment reading the unstated earlier ratio plus that figure."""
    if reading(project, period, parameters, "zaozhuang_2020.readings.raised_to_or_by") == "increment":
        return law.prior_rate + law.rate
    return law.rate


def terms_apply(project, period, parameters, instrument):
    """Whether floor, cap or term are needed: under every reading but the default one, which computes by the ratio alone."""
    name = "equipment_grant_terms" if instrument == "equipment" else "interest_subsidy_terms"
    return reading(project, period, parameters, f"zaozhuang_2020.readings.{name}") != "rate_only_uncapped"


def uncapped(project, period, parameters, instrument):
    """Ratio times base, to the fen, once per enterprise (yuan of each project)."""
    law = law_at_application(project, period, parameters, "zaozhuang_2020")[instrument]
    base = project(f"zaozhuang_2020_{instrument}__base", period)
    eligible = project(f"zaozhuang_2020_{instrument}__eligible", period)
    amount = where(eligible, ratio(law, period, project, parameters) * base, 0.0)
    return settled(project, period, parameters, amount)


def capped(project, period, parameters, instrument):
    """Under the supplied cap per enterprise, if that reading is taken (yuan of each project)."""
    amount = project(f"zaozhuang_2020_{instrument}__uncapped", period)
    if not terms_apply(project, period, parameters, instrument):
        return amount
    law = law_at_application(project, period, parameters, "zaozhuang_2020")[instrument]
    dates = project("zaozhuang_2020__application_date", period)
    return under_cap(project, period, parameters, amount, law.cap_per_enterprise, dates=dates)


def chosen(project, period, parameters, instrument):
    """Both instruments, or under the choose-one reading the better one for the project, the equipment grant on a tie."""
    amount = project(f"zaozhuang_2020_{instrument}__capped", period)
    if reading(project, period, parameters, "zaozhuang_2020.readings.grant_and_interest_stacking") != "choose_one":
        return amount
    grant = project("zaozhuang_2020_equipment__capped", period)
    interest = project("zaozhuang_2020_loan_interest__capped", period)
    wins = grant >= interest if instrument == "equipment" else interest > grant
    return where(wins, amount, 0.0)
