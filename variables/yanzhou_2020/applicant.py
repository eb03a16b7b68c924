"""五.1、五.2: who may apply, and for which project. 四.4 第2句: class D gets nothing."""

from openfisca_jining.classifications import YieldPerMu
from openfisca_jining.model import (
    NO_DATE,
    YEAR,
    Project,
    Variable,
    law_at_application,
    reading,
    refuse_unstated,
)


class yanzhou_2020__clean_record(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "近三年内未发生重大违法违规行为"
    reference = "济兖政字〔2020〕14号 五.1"
    documentation = "三年自违法违规之日起算，届满之日仍在三年之内。"

    def formula(project, period, parameters):
        law = law_at_application(project, period, parameters, "yanzhou_2020")
        applied = project("yanzhou_2020__application_date", period)
        violated = project.enterprise("last_major_violation_date", period)
        months = law.applicant.clean_record_months
        since, until = violated, applied
        if law.readings.clean_record_window == "three_calendar_years":
            since, until = since.astype("datetime64[Y]"), until.astype("datetime64[Y]")
        distance = (until.astype("datetime64[M]") - since.astype("datetime64[M]")).astype(int)
        begun = day_of_month(until) > day_of_month(since)  # 又一个月已经开始
        recent = distance + begun <= months
        return (violated == NO_DATE) | (violated > applied) | ~recent


def day_of_month(date):
    return date.astype("datetime64[D]") - date.astype("datetime64[M]").astype("datetime64[D]")


class yanzhou_2020__class_d(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "亩产效益评价D类，不予支持"
    reference = "济兖政字〔2020〕14号 四.4 第2句"

    def formula(project, period, parameters):
        grade, tier = grade_and_tier(project, period, parameters)
        in_scope = project("yanzhou_2020__in_scope", period)
        refuse_unstated(project, "yield_per_mu_class", in_scope & (grade == YieldPerMu.unstated))
        class_d = in_scope & (grade == YieldPerMu.D)
        if reading(project, period, parameters, "yanzhou_2020.readings.d_and_tier") == "tier_offsets":
            return class_d & ~tier
        return class_d


def grade_and_tier(project, period, parameters):
    """Yield-per-mu class and tier listing that count: the latest before the application, or those of the project's year."""
    period_read = reading(project, period, parameters, "yanzhou_2020.readings.tier_list_period")
    suffix = "_project_year" if period_read == "project_year" else ""
    return (
        project.enterprise(f"yield_per_mu_class{suffix}", period),
        project.enterprise(f"tier_listed{suffix}", period),
    )


class yanzhou_2020__applicant_eligible(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "符合申请企业条件"
    reference = ["济兖政字〔2020〕14号 五.1", "济兖政字〔2020〕14号 四.4 第2句"]

    def formula(project, period):
        met = project("yanzhou_2020__in_scope", period)
        for condition in ("independent_legal_person", "well_managed", "creditworthy"):
            met = met & project.enterprise(condition, period)
        return met & project("yanzhou_2020__clean_record", period) & ~project("yanzhou_2020__class_d", period)


class yanzhou_2020__project_eligible(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "符合项目条件"
    reference = "济兖政字〔2020〕14号 五.2"

    def formula(project, period):
        met = project("yanzhou_2020__in_scope", period)
        for condition in ("filed", "in_statistics_platform", "counted_as_upgrading"):
            met = met & project(condition, period)
        return met


class yanzhou_2020__fit(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "企业和项目都符合申报条件"
    reference = "济兖政字〔2020〕14号 五.1、五.2"

    def formula(project, period):
        return project("yanzhou_2020__applicant_eligible", period) & project("yanzhou_2020__project_eligible", period)
