"""四.2: ERP, MES, SCM, WMS from 2 million, 10 %, 500,000 per enterprise."""

from openfisca_jining.variables.yanzhou_2020.choice import best_measure, chosen, not_double, paid
from openfisca_jining.variables.yanzhou_2020.rates import capped, promised

from openfisca_jining.model import (
    YEAR,
    Money,
    Project,
    Variable,
    law_at_application,
    reading,
    settle,
    sum_in,
    where,
    with_vat,
)

REFERENCE = "济兖政字〔2020〕14号 四.2"


class yanzhou_2020_informatisation__purchase(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "软硬件投资额"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        if reading(project, period, parameters, "yanzhou_2020.readings.it_amount_evidence") == "contract_or_audit":
            return project("informatisation_audited_investment", period)
        return settle(with_vat(project, period, parameters, "informatisation"))


class yanzhou_2020_informatisation__measured(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "与门槛比较的软硬件投资额"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        amount = project("yanzhou_2020_informatisation__purchase", period)
        if reading(project, period, parameters, "common.readings.threshold_unit") == "per_enterprise_sum":
            return sum_in(project, "enterprise", where(project("yanzhou_2020__in_scope", period), amount, 0.0))
        return amount


class yanzhou_2020_informatisation__eligible(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "符合信息化提升奖补条件"
    reference = REFERENCE

    def formula(project, period, parameters):
        law = law_at_application(project, period, parameters, "yanzhou_2020")
        measured = project("yanzhou_2020_informatisation__measured", period)
        several = law.readings.it_system_scope == "integration_of_several"
        systems = law.informatisation.several_systems if several else law.informatisation.one_system
        enough = project("informatisation_systems", period) >= systems
        return project("yanzhou_2020__fit", period) & enough & (measured >= law.informatisation.minimum_investment)


class yanzhou_2020_informatisation__base(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "信息化提升奖补基数"
    unit = "元"
    reference = REFERENCE

    def formula(project, period):
        purchase = project("yanzhou_2020_informatisation__purchase", period)
        return where(project("yanzhou_2020_informatisation__eligible", period), purchase, 0.0)


class yanzhou_2020_informatisation__uncapped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "信息化提升奖补（限额前）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return promised(project, period, parameters, "informatisation")


class yanzhou_2020_informatisation__capped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "信息化提升奖补（企业限额后）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return capped(project, period, parameters, "informatisation")


class yanzhou_2020_informatisation__best(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "信息化提升奖补（择一之后）"
    unit = "元"
    reference = [REFERENCE, "济兖政字〔2020〕14号 五.3 第2句"]

    def formula(project, period, parameters):
        return best_measure(project, period, parameters, "informatisation")


class yanzhou_2020_informatisation__open(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "信息化提升奖补（不重复奖补之后）"
    unit = "元"
    reference = [REFERENCE, "济兖政字〔2020〕14号 五.3 第2句"]

    def formula(project, period, parameters):
        return not_double(project, period, parameters, "informatisation")


class yanzhou_2020_informatisation__chosen(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "信息化提升奖补（企业选择后）"
    unit = "元"
    reference = [REFERENCE, "济兖政字〔2020〕14号 五.3"]

    def formula(project, period, parameters):
        return chosen(project, period, parameters, "informatisation")


class yanzhou_2020_informatisation__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "信息化提升奖补（实付）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return paid(project, period, parameters, "informatisation")
