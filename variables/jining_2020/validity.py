"""Issued 2020-08-15, no validity clause; funds start in the years the clauses name."""

from datetime import date

from openfisca_jining.classifications import JINING, County, located_in
from openfisca_jining.model import NO_DATE, YEAR, Project, Variable, in_force, refuse_unstated, resolve_date, where

REFERENCE = "济发〔2020〕16号 印发日期"


class jining_2020__application_date(Variable):
    value_type = date
    entity = Project
    definition_period = YEAR
    label = "济宁 2020 年意见的申报日期"
    reference = REFERENCE

    def formula(project, period, parameters):
        to_city, stated = project("city_application_date", period), project("application_date", period)
        return resolve_date(project, period, parameters, "jining_2020", where(to_city != NO_DATE, to_city, stated))


class jining_2020__in_force(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "济宁 2020 年意见执行期内的申报"
    reference = REFERENCE

    def formula(project, period, parameters):
        dates = project("jining_2020__application_date", period)
        return in_force(project, period, parameters, "jining_2020", dates)


class jining_2020__in_scope(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "执行期内的济宁企业项目"
    reference = "济发〔2020〕16号 三（六）"

    def formula(project, period):
        county = project.enterprise("county", period)
        refuse_unstated(project, "county", county == County.unstated, lambda: project("has_claim", period))
        return project("jining_2020__in_force", period) & located_in(county, JINING)
