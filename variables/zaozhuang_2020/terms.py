"""Terms the Zaozhuang text leaves out, and the choice between its two instruments. Shared by both."""

from openfisca_jining.groups import group_of, once, settled, under_cap
from openfisca_jining.law import law_at_application, reading
from openfisca_jining.model import numpy, where
from openfisca_jining.one_of_two import takes_first


def new_ratio(law, period, project, parameters):
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
    amount = where(eligible, new_ratio(law, period, project, parameters) * base, 0.0)
    return settled(project, period, parameters, amount)


def capped(project, period, parameters, instrument):
    """Under the supplied cap per enterprise, if that reading is taken (yuan of each project)."""
    amount = project(f"zaozhuang_2020_{instrument}__uncapped", period)
    return booked(project, period, parameters, instrument, amount)


def booked(project, period, parameters, instrument, amount):
    """Claims under the cap per enterprise (yuan of each project)."""
    if not terms_apply(project, period, parameters, instrument):
        return amount
    dates = project("zaozhuang_2020__application_date", period)
    return under_cap(project, period, parameters, amount, cap_of(project, period, parameters, instrument), dates=dates)


def cap_of(project, period, parameters, instrument):
    """Cap per enterprise (yuan, one or of each project; infinite where no terms are taken)."""
    if not terms_apply(project, period, parameters, instrument):
        return numpy.inf
    return law_at_application(project, period, parameters, "zaozhuang_2020")[instrument].cap_per_enterprise


def chosen(project, period, parameters, instrument):
    """Both instruments, or under the choose-one reading what the enterprise claims for each project, under the caps (yuan)."""
    if reading(project, period, parameters, "zaozhuang_2020.readings.grant_and_interest_stacking") != "choose_one":
        return project(f"zaozhuang_2020_{instrument}__capped", period)
    amount = project(f"zaozhuang_2020_{instrument}__uncapped", period)
    grant = once(project, period, "zaozhuang_2020.grant", lambda: takes_grant(project, period, parameters))
    claimed = where(grant == (instrument == "equipment"), amount, 0.0)
    return booked(project, period, parameters, instrument, claimed)


def takes_grant(project, period, parameters):
    """Which projects claim the equipment grant, so that their enterprise gets the most; on a tie they do (bool)."""
    amounts, caps, steps = [], [], []
    dates = project("zaozhuang_2020__application_date", period)
    for instrument in ("equipment", "loan_interest"):
        amounts.append(project(f"zaozhuang_2020_{instrument}__uncapped", period))
        cap = numpy.broadcast_to(cap_of(project, period, parameters, instrument), (project.count,))
        caps.append(cap)
        steps.append(place_in_time(cap, dates))
    return takes_first(amounts, caps, steps, *group_of(project, "enterprise"))


def place_in_time(caps, dates):
    """Place of each project's cap among the caps of the year, by the first claim under it."""
    values, place = numpy.unique(caps, return_inverse=True)
    first_day = [dates[place == number].min() for number in range(len(values))]
    return numpy.argsort(numpy.argsort(first_day, kind="stable"))[place.ravel()]
