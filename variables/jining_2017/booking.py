"""How the city's 2017 grants are booked under their caps. Shared by the stages and by the choice between city and district."""

from openfisca_jining.groups import capped_per_enterprise, sum_in, under_cap
from openfisca_jining.law import NO_DATE, law_at_application, reading
from openfisca_jining.model import where

CITY_GRANTS = ("jining_2017_equipment", "jining_2017_robots", "jining_2017_special_robots", "jining_2017_zone_pool")


def book_equipment(project, period, parameters, amount):
    """Equipment grant under its cap per enterprise (yuan of each project)."""
    cap = law_at_application(project, period, parameters, "jining_2017").equipment.cap_per_enterprise
    by = _cap_year(project, period, parameters)
    return capped_per_enterprise(project, period, parameters, "jining_2017_equipment", amount, cap, by)


def book_robots(project, period, parameters, ordinary, special):
    """Robot awards under their caps and the reading of how the two limbs relate: (5 % limb, 10 % limb), yuan of each project."""
    law = law_at_application(project, period, parameters, "jining_2017").robots
    by = _cap_year(project, period, parameters)
    instrument = "jining_2017_special_robots"
    special = capped_per_enterprise(
        project, period, parameters, instrument, special, law.special_cap_per_enterprise, by
    )
    instrument = "jining_2017_robots"
    ordinary = capped_per_enterprise(project, period, parameters, instrument, ordinary, law.cap_per_enterprise, by)
    relation = reading(project, period, parameters, "jining_2017.readings.robot_limbs_relation")
    if relation == "overall_cap_200":
        left = law.special_cap_per_enterprise - sum_in(project, "enterprise", special)
        ordinary = under_cap(project, period, parameters, ordinary, left)
    if relation == "choose_one_limb":
        first = sum_in(project, "enterprise", ordinary) >= sum_in(project, "enterprise", special)
        ordinary, special = where(first, ordinary, 0.0), where(first, 0.0, special)
    return ordinary, special


def city_money(project, period, parameters, kept):
    """The city's 2017 grants before pools, if only the ``kept`` projects (bool) claim them (yuan of each project)."""
    equipment, robots, special, zone = (kept * project(f"{name}__uncapped", period) for name in CITY_GRANTS)
    robots, special = book_robots(project, period, parameters, robots, special)
    return book_equipment(project, period, parameters, equipment) + robots + special + zone


def _cap_year(project, period, parameters):
    if reading(project, period, parameters, "jining_2017.readings.cap_year") != "invoice_year":
        return None
    bought = project("invoice_date", period)
    bought = where(bought == NO_DATE, project("jining_2017__application_date", period), bought)
    return bought.astype("datetime64[Y]").astype(int)


