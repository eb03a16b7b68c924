"""四.1 第2句: robot purchases from 3 million, 5 % of the equipment investment, 1 million per enterprise."""

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
    refuse_contradiction,
    settle,
    sum_in,
    where,
    with_vat,
)

REFERENCE = "济兖政字〔2020〕14号 四.1 第2句"


class yanzhou_2020_robots__measured(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "与门槛比较的工业机器人投资额"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        amount = with_vat(project, period, parameters, "robot")
        if reading(project, period, parameters, "common.readings.threshold_unit") == "per_enterprise_sum":
            return sum_in(project, "enterprise", where(project("yanzhou_2020__in_scope", period), amount, 0.0))
        return settle(amount)


class yanzhou_2020_robots__eligible(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "符合机器人奖补条件"
    reference = REFERENCE
    documentation = "本句没有设备投资额下限。"

    def formula(project, period, parameters):
        law = law_at_application(project, period, parameters, "yanzhou_2020").robots
        measured = project("yanzhou_2020_robots__measured", period)
        bought = project("robot_investment", period)
        fit = project("yanzhou_2020__fit", period)
        short = fit & (bought > project("equipment_investment", period))
        refuse_contradiction(project, "robot_investment", short, "大于设备投资额，而机器人应包含在设备投资额内")
        return fit & (bought > 0) & (measured >= law.minimum_investment)


class yanzhou_2020_robots__base(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人奖补基数"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        # 门槛用「购置工业机器人投资额」，比例用「设备投资额」：两个词，两个数
        readings = law_at_application(project, period, parameters, "yanzhou_2020").readings
        only_robots = (
            readings.robot_base == "robot_purchase_only" or readings.same_project_limbs == "split_by_cost_item"
        )
        purchase = with_vat(project, period, parameters, "robot" if only_robots else "equipment")
        return settle(where(project("yanzhou_2020_robots__eligible", period), purchase, 0.0))


class yanzhou_2020_robots__other_equipment(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "按设备比例计的其余设备"
    unit = "元"
    reference = REFERENCE
    documentation = "只在机器人 5%、其余设备 3% 的读法下不为 0。"

    def formula(project, period, parameters):
        if reading(project, period, parameters, "yanzhou_2020.readings.robot_base") != "robot_5_rest_3":
            return project.filled_array(0.0)
        robots = with_vat(project, period, parameters, "robot")
        return maximum(project("yanzhou_2020_robots__base", period) - robots, 0.0)


class yanzhou_2020_robots__uncapped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人奖补（限额前）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return promised(project, period, parameters, "robots")


class yanzhou_2020_robots__capped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人奖补（企业限额后）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return capped(project, period, parameters, "robots")


class yanzhou_2020_robots__best(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人奖补（择一之后）"
    unit = "元"
    reference = [REFERENCE, "济兖政字〔2020〕14号 五.3 第2句"]

    def formula(project, period, parameters):
        return best_measure(project, period, parameters, "robots")


class yanzhou_2020_robots__open(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人奖补（不重复奖补之后）"
    unit = "元"
    reference = [REFERENCE, "济兖政字〔2020〕14号 五.3 第2句"]

    def formula(project, period, parameters):
        return not_double(project, period, parameters, "robots")


class yanzhou_2020_robots__chosen(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人奖补（企业选择后）"
    unit = "元"
    reference = [REFERENCE, "济兖政字〔2020〕14号 五.3"]

    def formula(project, period, parameters):
        return chosen(project, period, parameters, "robots")


class yanzhou_2020_robots__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人奖补（实付）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return paid(project, period, parameters, "robots")
