"""Who and when: the 2017 document has no validity clause and names no applicant conditions beyond being in the city."""

from datetime import date

from openfisca_jining.classifications import JINING, County, located_in
from openfisca_jining.model import (
    NO_DATE,
    YEAR,
    Project,
    Variable,
    datetime64,
    in_force,
    law_at,
    reading,
    refuse_unstated,
    resolve_date,
    where,
)


class jining_2017__application_date(Variable):
    value_type = date
    entity = Project
    definition_period = YEAR
    label = "济宁 2017 年意见的申报日期"
    reference = "济宁市 2017-11-03 意见"

    def formula(project, period, parameters):
        to_city, stated = project("city_application_date", period), project("application_date", period)
        return resolve_date(project, period, parameters, "jining_2017", where(to_city != NO_DATE, to_city, stated))


class jining_2017__in_force(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "济宁 2017 年意见执行期内的申报"
    reference = "济宁市 2017-11-03 意见 一（二）、印发日期"

    def formula(project, period, parameters):
        dates = project("jining_2017__application_date", period)
        inside = in_force(project, period, parameters, "jining_2017", dates)
        if reading(project, period, parameters, "jining_2017.readings.first_year") == "purchases_from_issue_date":
            law = law_at(project, period, parameters, "jining_2017", dates, inside)
            bought = project("invoice_date", period)
            return inside & ((bought == NO_DATE) | (bought >= datetime64(law.validity.first_purchase_day)))
        return inside


class jining_2017__in_scope(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "执行期内的济宁企业项目"
    reference = "济宁市 2017-11-03 意见 五（十八）"

    def formula(project, period):
        county = project.enterprise("county", period)
        refuse_unstated(project, "county", county == County.unstated, lambda: project("has_claim", period))
        return project("jining_2017__in_force", period) & located_in(county, JINING)
