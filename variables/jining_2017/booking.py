"""How the city's 2017 grants are booked under their caps. Shared by the stages and by the choice between city and district."""

from openfisca_jining.variables.jining_2017.validity import bought_on

from openfisca_jining.groups import (
    Part,
    any_in,
    cap_group,
    cap_used,
    capped_per_enterprise,
    combined_group,
    earlier_periods,
    group_of,
    of_year,
    settled,
    sum_in,
    under_cap,
)
from openfisca_jining.law import law_at_application, reading
from openfisca_jining.model import numpy, where

ROBOT_AWARDS = ("jining_2017_robots", "jining_2017_special_robots")
CITY_GRANTS = ("jining_2017_equipment", "jining_2017_robots", "jining_2017_special_robots", "jining_2017_zone_pool")


def book_equipment(project, period, parameters, amount):
    """Equipment grant under its cap per enterprise (yuan of each project)."""
    cap = law_at_application(project, period, parameters, "jining_2017").equipment.cap_per_enterprise
    return _book(project, period, parameters, "jining_2017_equipment", amount, cap)


def book_robots(project, period, parameters, ordinary, special):
    """Robot awards under their caps and the reading of how the two limbs relate: (5 % limb, 10 % limb), yuan of each project."""
    law = law_at_application(project, period, parameters, "jining_2017").robots
    cap = law.special_cap_per_enterprise
    special = _book(project, period, parameters, "jining_2017_special_robots", special, cap)
    ordinary = _book(project, period, parameters, "jining_2017_robots", ordinary, law.cap_per_enterprise)
    relation = reading(project, period, parameters, "jining_2017.readings.robot_limbs_relation")
    if relation == "overall_cap_200":  # 10% 的一项先计；合计的限额与各项的限额同样按企业、按项目或按政策期
        by, drawn = _per_invoice_year(project, period, parameters, ROBOT_AWARDS)
        key = cap_group(project, period, parameters, "jining_2017_robots", by)
        used = drawn + sum_in(project, key, special)
        used = used + sum(cap_used(project, period, parameters, name) for name in ROBOT_AWARDS)
        dates = project("jining_2017__application_date", period)
        ordinary = under_cap(project, period, parameters, ordinary, cap, key, used, dates)
    if relation == "choose_one_limb":
        first = sum_in(project, "enterprise", ordinary) >= sum_in(project, "enterprise", special)
        ordinary, special = where(first, ordinary, 0.0), where(first, 0.0, special)
    return ordinary, special


def after_choice(project, period, parameters, name, book):
    """A grant after the enterprise's choice: booked again where it gives up a project, as capped elsewhere (yuan of each project).

    :param book: function of (part of the projects, which of them are kept) that gives the grant of the part.
    """
    given_up = project("yanzhou_2020_application__forgoes_city", period)
    capped = project(f"{name}__capped", period)
    if not given_up.any():
        return capped
    rows = numpy.flatnonzero(any_in(project, "enterprise", given_up))
    result = capped.copy()
    result[rows] = book(Part(project, rows), ~given_up[rows])
    return result


def city_claims(project, period):
    """Projects that claim any city money: a 2017 grant, or the special fund where there is one (bool)."""
    grants = sum(project(f"{name}__uncapped", period) for name in CITY_GRANTS)
    return grants + project("jining_2020_special_fund__claimed", period) > 0


def city_money(project, period, parameters, kept):
    """The city's money before pools, if only the ``kept`` projects (bool) claim it (yuan of each project)."""
    return sum(city_grants(project, period, parameters, kept))


def city_grants(project, period, parameters, kept):
    """:func:`city_money` by grant: equipment, robots, special robots, zone pool, special fund."""
    equipment, robots, special = (
        settled(project, period, parameters, kept * project(f"{name}__unsettled", period)) for name in CITY_GRANTS[:-1]
    )
    robots, special = book_robots(project, period, parameters, robots, special)
    zone = kept * project("jining_2017_zone_pool__uncapped", period)
    other = kept * project("jining_2020_special_fund__claimed", period)
    return book_equipment(project, period, parameters, equipment), robots, special, zone, other


def _book(project, period, parameters, instrument, amount, cap):
    """Book under the cap of the claim year, or under the reading of the invoice year (with earlier claims of those invoices)."""
    by, used = _per_invoice_year(project, period, parameters, (instrument,))
    return capped_per_enterprise(project, period, parameters, instrument, amount, cap, by, used)


def _per_invoice_year(project, period, parameters, instruments):
    """What a cap per invoice year needs: the invoice year of each project, and what earlier claims drew on it (yuan).

    A cap for the whole life of the policy or for each project is no cap of a year: (None, 0).
    """
    of_a_year = reading(project, period, parameters, "jining_2017.readings.cap_scope") == "per_enterprise_per_year"
    if not of_a_year or reading(project, period, parameters, "jining_2017.readings.cap_year") == "claim_year":
        return None, 0.0
    by = _invoice_year(project, period)
    enterprise = group_of(project, "enterprise")[0]
    used = numpy.zeros(project.count)
    for before in earlier_periods(project, period, parameters, "jining_2017"):
        drawn = sum(of_year(project, f"{instrument}__chosen", before) for instrument in instruments)
        both = combined_group(numpy.tile(enterprise, 2), numpy.concatenate([by, _invoice_year(project, before)]))
        total = numpy.bincount(both[0][project.count :], drawn, minlength=both[1])
        used = used + total[both[0][: project.count]]
    return by, used


def _invoice_year(project, period):
    return bought_on(project, period).astype("datetime64[Y]").astype(int)
