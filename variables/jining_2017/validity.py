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
    law_at_application,
    of_year,
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
        return in_force(project, period, parameters, "jining_2017", dates)


class jining_2017__purchases_count(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "购置可以计入"
    reference = "济宁市 2017-11-03 意见 印发日期"
    documentation = (
        "只在「印发之日起的购置才计入」的读法下有区别，只管按购置额计算的补助和奖励；评定的奖励不按购置计算。"
    )

    def formula(project, period, parameters):
        if reading(project, period, parameters, "jining_2017.readings.first_year") != "purchases_from_issue_date":
            return project.filled_array(True)
        first_day = law_at_application(project, period, parameters, "jining_2017").validity.first_purchase_day
        return bought_on(project, period) >= datetime64(first_day)


def bought_on(project, period):
    """Date of the invoice; where none is stated the date of application, at last that of the claim on the city."""
    invoiced, applied = project("invoice_date", period), project("application_date", period)
    claimed = of_year(project, "jining_2017__application_date", period)
    return where(invoiced != NO_DATE, invoiced, where(applied != NO_DATE, applied, claimed))


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
