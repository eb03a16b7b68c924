"""How a rate, the uplift of 四.4, the threshold and the cap make an amount. Shared by the measures."""

from openfisca_jining.groups import cap_used
from openfisca_jining.law import law_at_application, reading
from openfisca_jining.model import maximum, minimum, numpy, ratio, rounded, settle, settled, where

UPGRADING = ("equipment", "robots")


def raised(project, period, parameters, measure, rate, points=None):
    """A measure's rate with the enterprise's uplift, or with the given points (share)."""
    readings = law_at_application(project, period, parameters, "yanzhou_2020").readings
    points = project("yanzhou_2020_uplift__points", period) if points is None else points
    if readings.uplift_scope == "equipment_only" and measure not in UPGRADING:
        points = numpy.zeros_like(points)
    if readings.uplift_meaning == "relative_one_percent":
        return rate * (1 + points)
    return rate + points


def counted(project, period, parameters, measure):
    """The part of a measure's base the rate applies to: all of it, or what is above the line (yuan)."""
    base = project(f"yanzhou_2020_{measure}__base", period)
    if reading(project, period, parameters, "common.readings.threshold_whole_or_excess") == "whole_base":
        return base
    line = law_at_application(project, period, parameters, "yanzhou_2020")[measure].minimum_investment
    if reading(project, period, parameters, "common.readings.threshold_unit") == "per_enterprise_sum":
        measured = project(f"yanzhou_2020_{measure}__measured", period)
        return maximum(base - line * minimum(ratio(base, measured), 1.0), 0.0)
    return settle(where(base > 0, maximum(base - line, 0.0), 0.0))


def unsettled(project, period, parameters, measure, with_uplift):
    """Rate times base of a measure, with or without the uplift (yuan, before settling)."""
    law = law_at_application(project, period, parameters, "yanzhou_2020")

    def rate_of(one):
        return raised(project, period, parameters, one, law[one].rate) if with_uplift else law[one].rate

    base = counted(project, period, parameters, measure)
    amount = rate_of(measure) * base
    if law.readings.robot_base == "robot_5_rest_3" and measure == "robots":
        other = minimum(project("yanzhou_2020_robots__other_equipment", period), base)
        amount = rate_of("robots") * settle(base - other) + rate_of("equipment") * other
    return where(project(f"yanzhou_2020_{measure}__eligible", period), amount, 0.0)


def promised(project, period, parameters, measure):
    """A measure's amount for the project as the enterprise's only application, to the fen (yuan)."""
    return rounded(project, period, parameters, unsettled(project, period, parameters, measure, with_uplift=True))


def limited_and_free(project, period, parameters, measure):
    """A measure's amount alone, split into the part under the cap and the part on top of it (yuan, yuan)."""
    return split_by_cap(project, period, parameters, measure, rounded, 1.0)


def together(project, period, parameters, measure, applied):
    """A measure's amounts if an enterprise makes these applications, settled once for all of them (yuan, yuan).

    :param applied: bool of each project. :returns: the part under the cap and the part on top of it.
    """
    return split_by_cap(project, period, parameters, measure, settled, applied)


def split_by_cap(project, period, parameters, measure, settling, applied):
    """Amounts that the cap limits, and what the uplift adds on top of it under that reading (yuan, yuan)."""

    def amount(with_uplift):
        whole = applied * unsettled(project, period, parameters, measure, with_uplift)
        return settling(project, period, parameters, whole)

    whole = amount(with_uplift=True)
    if reading(project, period, parameters, "yanzhou_2020.readings.uplift_and_cap") == "cap_unchanged":
        return whole, numpy.zeros_like(whole)
    limited = minimum(amount(with_uplift=False), whole)
    return limited, whole - limited


def room(project, period, parameters, measure):
    """What the cap per enterprise leaves a measure before this year's claims (yuan, inf = no cap across projects)."""
    cap = law_at_application(project, period, parameters, "yanzhou_2020")[measure].cap_per_enterprise
    left = maximum(cap - cap_used(project, period, parameters, f"yanzhou_2020_{measure}"), 0.0)
    return where(numpy.isnan(left), numpy.inf, left)


def capped(project, period, parameters, measure):
    """A measure's amount under the cap per enterprise, as if it were the enterprise's only application (yuan)."""
    limited, free = limited_and_free(project, period, parameters, measure)
    return minimum(limited, room(project, period, parameters, measure)) + free
