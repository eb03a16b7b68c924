"""有效期: 2020-08-15 to 2023-08-14, both days included. Which date must fall in it is a reading."""

from datetime import date

from openfisca_jining.classifications import County
from openfisca_jining.model import (
    NO_DATE,
    YEAR,
    Project,
    Variable,
    datetime64,
    in_force,
    reading,
    refuse_unstated,
    resolve_date,
    where,
)

REFERENCE = "济兖政字〔2020〕14号 末行"


class yanzhou_2020__application_date(Variable):
    value_type = date
    entity = Project
    definition_period = YEAR
    label = "兖州区意见的申报日期"
    reference = REFERENCE

    def formula(project, period, parameters):
        return resolve_date(project, period, parameters, "yanzhou_2020", project("application_date", period))


class yanzhou_2020__in_force(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "兖州区意见有效期内的申报"
    reference = REFERENCE

    def formula(project, period, parameters):
        applied = project("yanzhou_2020__application_date", period)
        event = reading(project, period, parameters, "yanzhou_2020.readings.validity_event")
        if event == "application_date":
            return in_force(project, period, parameters, "yanzhou_2020", applied)
        stated = project(event, period)
        decisive = where(stated == NO_DATE, applied, stated)
        # 文件施行之前不能依它申报；期满之后仍可就期内的事项申报
        first = datetime64(parameters(period).yanzhou_2020.validity.first_day)
        return in_force(project, period, parameters, "yanzhou_2020", applied, decisive) & (applied >= first)


class yanzhou_2020__in_scope(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "有效期内的兖州区企业项目"
    reference = "济兖政字〔2020〕14号 五.1"

    def formula(project, period):
        county = project.enterprise("county", period)
        claims = project("has_claim", period)
        refuse_unstated(project, "county", (county == County.unstated) & claims)
        return project("yanzhou_2020__in_force", period) & (county == County.yanzhou) & claims
