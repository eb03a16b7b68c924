"""How a rate, the uplift of 四.4, the threshold and the cap make an amount. Shared by the measures."""

from openfisca_jining.groups import capped_alone
from openfisca_jining.law import law_at_application, reading
from openfisca_jining.model import maximum, rounded, settled, where

UPGRADING = ("equipment", "robots")


def raised(project, period, parameters, measure, rate):
    """A measure's rate with the enterprise's uplift (share)."""
    readings = law_at_application(project, period, parameters, "yanzhou_2020").readings
    points = project("yanzhou_2020_uplift__points", period)
    if readings.uplift_scope == "equipment_only" and measure not in UPGRADING:
        points = 0.0 * points
    if readings.uplift_meaning == "relative_one_percent":
        return rate * (1 + points)
    return rate + points


def counted(project, period, parameters, base, line):
    """The part of a base the rate applies to: all of it, or what is above the line (yuan)."""
    if reading(project, period, parameters, "common.readings.threshold_whole_or_excess") == "excess_only":
        return maximum(base - line, 0.0)
    return base


def uncapped(project, period, parameters, measure, less=0.0):
    """Rate times base of a measure, to the fen, for the project alone (yuan). ``less``: yuan taken off before settling."""
    law = law_at_application(project, period, parameters, "yanzhou_2020")[measure]
    base = project(f"yanzhou_2020_{measure}__base", period)
    amount = raised(project, period, parameters, measure, law.rate) * counted(
        project, period, parameters, base, law.minimum_investment
    )
    amount = amount - less
    eligible = project(f"yanzhou_2020_{measure}__eligible", period)
    amount = where(eligible, amount, 0.0)
    if reading(project, period, parameters, "yanzhou_2020.readings.one_application") == "soft_exceptions":
        return settled(project, period, parameters, amount)  # 一个企业可得几个项目，合计取整一次
    return rounded(project, period, parameters, amount)


def capped(project, period, parameters, measure):
    """A measure's amount under the cap per enterprise, as if it were the enterprise's only application (yuan)."""
    instrument = f"yanzhou_2020_{measure}"
    amount = project(f"{instrument}__uncapped", period)
    law = law_at_application(project, period, parameters, "yanzhou_2020")[measure]
    if reading(project, period, parameters, "yanzhou_2020.readings.uplift_and_cap") == "cap_unchanged":
        return capped_alone(project, period, parameters, instrument, amount, law.cap_per_enterprise)
    raised_rate = raised(project, period, parameters, measure, law.rate)
    unraised = rounded(project, period, parameters, where(amount > 0, amount * law.rate / raised_rate, 0.0))
    limited = capped_alone(project, period, parameters, instrument, unraised, law.cap_per_enterprise)
    return limited + (amount - unraised)
