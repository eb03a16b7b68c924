"""四 首句: the district's special fund. Its amount is unstated; what it pays is the sum of the measures."""

from openfisca_jining.variables.yanzhou_2020.choice import MEASURES

from openfisca_jining.model import YEAR, Money, Project


class yanzhou_2020_special_fund__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "区技术改造专项资金支付的奖补"
    unit = "元"
    reference = "济兖政字〔2020〕14号 四 首句"

    def formula(project, period):
        return sum(project(f"yanzhou_2020_{measure}__paid", period) for measure in MEASURES)
