"""四.1 第1句: equipment from 5 million, 3 %, 1 million per enterprise."""

from openfisca_jining.variables.yanzhou_2020.choice import best_measure, chosen, not_double, paid
from openfisca_jining.variables.yanzhou_2020.rates import capped, promised

from openfisca_jining.model import (
    YEAR,
    Money,
    Project,
    Variable,
    law_at_application,
    maximum,
    reading,
    settle,
    sum_in,
    where,
    with_vat,
)

REFERENCE = "济兖政字〔2020〕14号 四.1 第1句"


class yanzhou_2020_equipment__measured(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "与门槛比较的设备投资额"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        amount = project("yanzhou_2020_equipment__purchase", period)
        if reading(project, period, parameters, "common.readings.threshold_unit") == "per_enterprise_sum":
            return sum_in(project, "enterprise", where(project("yanzhou_2020__in_scope", period), amount, 0.0))
        return amount


class yanzhou_2020_equipment__purchase(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备投资额"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        equipment = with_vat(project, period, parameters, "equipment")
        limbs = reading(project, period, parameters, "yanzhou_2020.readings.same_project_limbs")
        if limbs == "split_by_cost_item":
            robots = with_vat(project, period, parameters, "robot")
            equipment = equipment - where(project("yanzhou_2020_robots__eligible", period), robots, 0.0)
        return settle(maximum(equipment, 0.0))


class yanzhou_2020_equipment__eligible(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "符合设备奖补条件"
    reference = REFERENCE

    def formula(project, period, parameters):
        law = law_at_application(project, period, parameters, "yanzhou_2020").equipment
        measured = project("yanzhou_2020_equipment__measured", period)
        # 「及以上」含本数（民法典第一千二百五十九条）
        return project("yanzhou_2020__fit", period) & (measured >= law.minimum_investment)


class yanzhou_2020_equipment__base(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备奖补基数"
    unit = "元"
    reference = REFERENCE

    def formula(project, period):
        purchase = project("yanzhou_2020_equipment__purchase", period)
        return where(project("yanzhou_2020_equipment__eligible", period), purchase, 0.0)


class yanzhou_2020_equipment__uncapped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备奖补（限额前）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return promised(project, period, parameters, "equipment")


class yanzhou_2020_equipment__capped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备奖补（企业限额后）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return capped(project, period, parameters, "equipment")


class yanzhou_2020_equipment__best(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备奖补（择一之后）"
    unit = "元"
    reference = [REFERENCE, "济兖政字〔2020〕14号 五.3 第2句"]

    def formula(project, period, parameters):
        return best_measure(project, period, parameters, "equipment")


class yanzhou_2020_equipment__open(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备奖补（不重复奖补之后）"
    unit = "元"
    reference = [REFERENCE, "济兖政字〔2020〕14号 五.3 第2句"]

    def formula(project, period, parameters):
        return not_double(project, period, parameters, "equipment")


class yanzhou_2020_equipment__chosen(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备奖补（企业选择后）"
    unit = "元"
    reference = [REFERENCE, "济兖政字〔2020〕14号 五.3"]

    def formula(project, period, parameters):
        return chosen(project, period, parameters, "equipment")


class yanzhou_2020_equipment__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备奖补（实付）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return paid(project, period, parameters, "equipment")
