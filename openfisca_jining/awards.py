"""Awards whose amount the text leaves unstated: a count of cases times a supplied amount, never a silent 0."""

from __future__ import annotations

import numpy

from openfisca_jining.classifications import County, located_in
from openfisca_jining.groups import any_member, rounded
from openfisca_jining.law import law_of_year, open_windows
from openfisca_jining.variable_types import refuse_unstated


def award(enterprise, period, parameters, document: str, instrument: str, count, counties, amount: str = "amount"):
    """Count times the supplied amount, for enterprises registered in the document's territory (yuan of each enterprise).

    :param count: cases of each enterprise, or the base of a rate. :param counties: counties of the territory.
    :raises UnstatedParameter: the document is open in the year and the amount is not supplied.
    """
    if not open_windows(enterprise, period, parameters, document):
        return enterprise.filled_array(0.0)
    each = getattr(law_of_year(enterprise, period, parameters, document)[instrument], amount)
    county = enterprise("county", period)
    refuse_unstated(enterprise, "county", (county == County.unstated) & (count > 0))
    return rounded(enterprise, period, parameters, numpy.where(located_in(county, counties), count * each, 0.0))


def budget_line(city, period, parameters, document: str, instrument: str, count, counties, amount: str = "amount"):
    """Count times the supplied amount, on the city group of the paying authority (yuan of each city).

    :param counties: counties of the authority. A group without a known county is taken to be its own.
    :raises UnstatedParameter: see :func:`award`.
    """
    if not open_windows(city, period, parameters, document):
        return city.filled_array(0.0)
    each = getattr(law_of_year(city, period, parameters, document)[instrument], amount)
    return rounded(city, period, parameters, numpy.where(is_of(city, period, counties), count * each, 0.0))


def is_of(city, period, counties):
    """Whether a city group belongs to an authority: it has a member there, or no member with a known county (bool)."""
    county = city.members.enterprise("county", period)
    known = any_member(city, numpy.asarray(county) != County.unstated.index)
    return any_member(city, located_in(county, counties)) | ~known
