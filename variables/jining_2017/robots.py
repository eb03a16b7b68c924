"""五（十八）第3段第1句: robot awards, 5 % limb (robots and intelligent systems) and 10 % limb (special robots at high-risk posts)."""

from openfisca_jining.variables.jining_2017.booking import after_choice, book_robots

from openfisca_jining.model import (
    YEAR,
    Amount,
    Money,
    Project,
    Variable,
    any_in,
    law_at_application,
    maximum,
    minimum,
    ratio,
    reading,
    refuse_contradiction,
    settle,
    settled,
    where,
    with_vat,
)

FIRST_LIMB = "济宁市 2017-11-03 意见 五（十八）第3段第1句前半"
SECOND_LIMB = "济宁市 2017-11-03 意见 五（十八）第3段第1句后半"
VAT_SWITCH = "jining_2017.readings.robot_base_vat"


class jining_2017_special_robots__purchase(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "按 10% 计的购置设备款"
    unit = "元"
    reference = SECOND_LIMB

    def formula(project, period, parameters):
        special = with_vat(project, period, parameters, "special_robot", VAT_SWITCH)
        robots = with_vat(project, period, parameters, "robot", VAT_SWITCH)
        off_post = part_of(project, period, special, "special_robot_off_post_investment", "special_robot_investment")
        at_post = part_of(project, period, robots, "robot_at_post_investment", "robot_investment")
        meaning = reading(project, period, parameters, "jining_2017.readings.special_robot_definition")
        # 类型和岗位两个条件都要符合；不在高危关键岗位的特种机器人按普通机器人
        qualifying = special if meaning == "type_only" else special - off_post
        if meaning == "post_only":
            qualifying = qualifying + at_post
        qualifying = settle(qualifying)
        uses = project("jining_2017__purchases_count", period) & (qualifying > 0)
        base = reading(project, period, parameters, "jining_2017.readings.special_robot_base")
        if base == "all_robot_invoices":
            return where(any_in(project, "enterprise", uses), special + robots, 0.0)
        if base == "all_equipment_purchases":
            equipment = with_vat(project, period, parameters, "equipment", VAT_SWITCH)
            # 机器人也是设备，漏填设备投资额的按机器人合计
            return where(any_in(project, "enterprise", uses), maximum(equipment, special + robots), 0.0)
        return qualifying


class jining_2017_robots__purchase(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "按 5% 计的购置设备款"
    unit = "元"
    reference = FIRST_LIMB

    def formula(project, period, parameters):
        readings = law_at_application(project, period, parameters, "jining_2017").readings
        special = project("jining_2017_special_robots__purchase", period)
        systems = with_vat(project, period, parameters, "intelligent_system", VAT_SWITCH)
        robots = with_vat(project, period, parameters, "robot", VAT_SWITCH) + with_vat(
            project, period, parameters, "special_robot", VAT_SWITCH
        )
        if readings.robot_limbs_relation == "additive_15_percent":
            special = 0.0  # 特种机器人也在 5% 的基数里
        ordinary = maximum(robots - special, 0.0) + systems  # 系统与机器人分开填写，总按 5%
        counts = project("jining_2017__purchases_count", period)
        if readings.robot_and_system_conjunction == "both_required":
            both = [any_in(project, "enterprise", counts & (bought > 0)) for bought in (robots, systems)]
            ordinary = where(both[0] & both[1], ordinary, 0.0)
        if readings.robot_base == "all_equipment_purchases":
            equipment = with_vat(project, period, parameters, "equipment", VAT_SWITCH)
            buys = any_in(project, "enterprise", counts & (settle(ordinary) > 0))
            ordinary = where(buys, maximum(equipment - special, ordinary), 0.0)
        return settle(ordinary)


def part_of(project, period, amount, part, whole):
    """The part of a purchase, with VAT if the amount has it. Refuses a part larger than the whole."""
    refuse_contradiction(project, part, project(part, period) > project(whole, period), "大于它所属的投资额")
    return ratio(amount * project(part, period), project(whole, period))


def bought(project, period, purchase):
    counts = project("jining_2017__in_scope", period) & project("jining_2017__purchases_count", period)
    return counts & (project(purchase, period) > 0)


class jining_2017_robots__eligible(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "符合机器人奖励条件"
    reference = FIRST_LIMB
    documentation = "没有写明投资额下限，所以不设下限。"

    def formula(project, period):
        purchased = bought(project, period, "jining_2017_robots__purchase")
        return purchased & project("meets_robot_conditions", period)


class jining_2017_special_robots__eligible(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "符合特种机器人奖励条件"
    reference = SECOND_LIMB
    documentation = "「符合……条件」只在前半句，后半句没有这个条件。"

    def formula(project, period):
        return bought(project, period, "jining_2017_special_robots__purchase")


class jining_2017_robots__base(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人奖励基数"
    unit = "元"
    reference = FIRST_LIMB

    def formula(project, period):
        purchase = project("jining_2017_robots__purchase", period)
        return where(project("jining_2017_robots__eligible", period), purchase, 0.0)


class jining_2017_special_robots__base(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "特种机器人奖励基数"
    unit = "元"
    reference = SECOND_LIMB

    def formula(project, period):
        purchase = project("jining_2017_special_robots__purchase", period)
        return where(project("jining_2017_special_robots__eligible", period), purchase, 0.0)


class jining_2017_robots__unsettled(Amount):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人奖励（限额前，未取整）"
    unit = "元"
    reference = FIRST_LIMB
    documentation = "取整是每个企业一次，所以放弃申报的项目不参与取整。"

    def formula(project, period, parameters):
        rate = law_at_application(project, period, parameters, "jining_2017").robots.rate
        eligible = project("jining_2017_robots__eligible", period)
        return where(eligible, rate * project("jining_2017_robots__base", period), 0.0)


class jining_2017_robots__uncapped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人奖励（限额前）"
    unit = "元"
    reference = FIRST_LIMB

    def formula(project, period, parameters):
        return settled(project, period, parameters, project("jining_2017_robots__unsettled", period))


class jining_2017_special_robots__unsettled(Amount):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "特种机器人奖励（限额前，未取整）"
    unit = "元"
    reference = SECOND_LIMB
    documentation = "取整是每个企业一次，所以放弃申报的项目不参与取整。"

    def formula(project, period, parameters):
        rate = law_at_application(project, period, parameters, "jining_2017").robots.special_rate
        eligible = project("jining_2017_special_robots__eligible", period)
        return where(eligible, rate * project("jining_2017_special_robots__base", period), 0.0)


class jining_2017_special_robots__uncapped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "特种机器人奖励（限额前）"
    unit = "元"
    reference = SECOND_LIMB

    def formula(project, period, parameters):
        return settled(project, period, parameters, project("jining_2017_special_robots__unsettled", period))


def booked(project, period, parameters, limb, kept=True):
    limbs = (project(f"jining_2017_{name}__unsettled", period) for name in ("robots", "special_robots"))
    ordinary, special = (settled(project, period, parameters, kept * amount) for amount in limbs)
    return book_robots(project, period, parameters, ordinary, special)[limb]


class jining_2017_robots__capped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人奖励（企业限额后）"
    unit = "元"
    reference = FIRST_LIMB

    def formula(project, period, parameters):
        return booked(project, period, parameters, 0)


class jining_2017_special_robots__capped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "特种机器人奖励（企业限额后）"
    unit = "元"
    reference = SECOND_LIMB

    def formula(project, period, parameters):
        return booked(project, period, parameters, 1)


class jining_2017_robots__leaves_equipment_base(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "因机器人奖励而不计入设备补助基数的发票额"
    unit = "元"
    reference = FIRST_LIMB
    documentation = "一票一奖：获得奖励的那部分机器人发票离开设备补助基数，超过奖励限额的部分仍留在基数内。"

    def formula(project, period, parameters):
        law = law_at_application(project, period, parameters, "jining_2017")
        robots = sum(project(name, period) for name in ("robot_investment", "special_robot_investment"))
        if law.readings.equipment_and_robot_same_invoice == "robot_excluded_from_equipment":
            return robots
        drawn = project("jining_2017_robots__capped", period) / law.robots.rate
        drawn = drawn + project("jining_2017_special_robots__capped", period) / law.robots.special_rate
        return settle(where(project("jining_2017__in_force", period), minimum(drawn, robots), 0.0))


class jining_2017_robots__chosen(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人奖励（企业选择后）"
    unit = "元"
    reference = FIRST_LIMB

    def formula(project, period, parameters):
        def book(part, kept):
            return booked(part, period, parameters, 0, kept)

        return after_choice(project, period, parameters, "jining_2017_robots", book)


class jining_2017_special_robots__chosen(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "特种机器人奖励（企业选择后）"
    unit = "元"
    reference = SECOND_LIMB

    def formula(project, period, parameters):
        def book(part, kept):
            return booked(part, period, parameters, 1, kept)

        return after_choice(project, period, parameters, "jining_2017_special_robots", book)


class jining_2017_robots__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "机器人奖励（实付）"
    unit = "元"
    reference = [FIRST_LIMB, "济发〔2020〕16号 三（六）第1句"]

    def formula(project, period):
        return project("jining_2020_special_fund__robots_paid", period)


class jining_2017_special_robots__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "特种机器人奖励（实付）"
    unit = "元"
    reference = [SECOND_LIMB, "济发〔2020〕16号 三（六）第1句"]

    def formula(project, period):
        return project("jining_2020_special_fund__special_robots_paid", period)
