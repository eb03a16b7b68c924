"""Who and when: no validity clause; 「三年左右」 is the only time span. Applicants: enterprises of the city."""

from datetime import date

from openfisca_jining.classifications import ZAOZHUANG, County, located_in
from openfisca_jining.model import YEAR, Project, Variable, in_force, refuse_unstated, resolve_date

REFERENCE = "枣政字〔2020〕2号 一（二）、印发日期"


class zaozhuang_2020__application_date(Variable):
    value_type = date
    entity = Project
    definition_period = YEAR
    label = "枣庄意见的申报日期"
    reference = REFERENCE

    def formula(project, period, parameters):
        return resolve_date(project, period, parameters, "zaozhuang_2020", project("application_date", period))


class zaozhuang_2020__in_force(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "枣庄意见执行期内的申报"
    reference = REFERENCE

    def formula(project, period, parameters):
        dates = project("zaozhuang_2020__application_date", period)
        return in_force(project, period, parameters, "zaozhuang_2020", dates)


class zaozhuang_2020__in_scope(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "执行期内的枣庄企业项目"
    reference = "枣政字〔2020〕2号 三（二）第2句"
    documentation = "项目须属于提质增效、智能化改造、设备更新和绿色发展之一。"

    def formula(project, period):
        county = project.enterprise("county", period)
        refuse_unstated(project, "county", county == County.unstated, lambda: project("has_claim", period))
        in_city = located_in(county, ZAOZHUANG) & project("serves_listed_purpose", period)
        return project("zaozhuang_2020__in_force", period) & in_city
