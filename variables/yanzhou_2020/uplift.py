"""四.4 第1句: class A or tier-listed, one percentage point more."""

from openfisca_jining.variables.yanzhou_2020.applicant import grade_and_tier

from openfisca_jining.classifications import YieldPerMu
from openfisca_jining.model import YEAR, Amount, Project, law_at_application, where


class yanzhou_2020_uplift__points(Amount):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "补助比例提高的百分点"
    unit = "/1"
    reference = "济兖政字〔2020〕14号 四.4 第1句"

    def formula(project, period, parameters):
        law = law_at_application(project, period, parameters, "yanzhou_2020")
        grade, tier = grade_and_tier(project, period, parameters)
        grounds = (grade == YieldPerMu.A).astype(int) + (tier & (grade != YieldPerMu.D))
        if law.readings.uplift_double == "single_uplift":
            grounds = grounds > 0  # 两类对象共用一个谓语，只提高一次
        in_scope = project("yanzhou_2020__in_scope", period)
        return where(in_scope, grounds * law.uplift.points, 0.0)
