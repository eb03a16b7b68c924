"""三（二）第2句: equipment grant raised to 10 %. Floor, cap and base are not in the text."""

from openfisca_jining.variables.zaozhuang_2020.terms import capped, chosen, terms_apply, uncapped

from openfisca_jining.model import (
    YEAR,
    Money,
    Project,
    Variable,
    law_at_application,
    maximum,
    reading,
    settle,
    where,
    with_vat,
)

REFERENCE = "枣政字〔2020〕2号 三（二）第2句"


class zaozhuang_2020_equipment__measured(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "与门槛比较的设备投资额"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return settle(with_vat(project, period, parameters, "equipment"))


class zaozhuang_2020_equipment__purchase(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "技术改造设备额"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        equipment = project("zaozhuang_2020_equipment__measured", period)
        stacking = reading(project, period, parameters, "zaozhuang_2020.readings.grant_and_interest_stacking")
        if stacking == "split_financing":
            equipment = maximum(equipment - project("loan_principal", period), 0.0)
        return settle(equipment)


class zaozhuang_2020_equipment__eligible(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "符合设备奖补条件"
    reference = REFERENCE

    def formula(project, period, parameters):
        purchase = project("zaozhuang_2020_equipment__purchase", period)
        met = project("zaozhuang_2020__in_scope", period) & (purchase > 0)
        if not terms_apply(project, period, parameters, "equipment"):
            return met
        law = law_at_application(project, period, parameters, "zaozhuang_2020").equipment
        return met & (project("zaozhuang_2020_equipment__measured", period) >= law.minimum_investment)


class zaozhuang_2020_equipment__base(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备奖补基数"
    unit = "元"
    reference = REFERENCE

    def formula(project, period):
        purchase = project("zaozhuang_2020_equipment__purchase", period)
        return where(project("zaozhuang_2020_equipment__eligible", period), purchase, 0.0)


class zaozhuang_2020_equipment__uncapped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备奖补（限额前）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return uncapped(project, period, parameters, "equipment")


class zaozhuang_2020_equipment__capped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备奖补（限额后）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return capped(project, period, parameters, "equipment")


class zaozhuang_2020_equipment__chosen(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备奖补（企业选择后）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return chosen(project, period, parameters, "equipment")


class zaozhuang_2020_equipment__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备奖补（实付）"
    unit = "元"
    reference = REFERENCE
    documentation = "按条文比例计算；门槛、限额和期限文件未定，可以提供。专项资金数额文件未定，不构成限制。"

    def formula(project, period):
        return project("zaozhuang_2020_equipment__chosen", period)
