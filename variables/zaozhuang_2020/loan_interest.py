"""三（二）第2句: loan interest subsidy raised to 50 %. Cap, term and kind of loan are not in the text."""

from openfisca_jining.variables.zaozhuang_2020.terms import capped, chosen, terms_apply, uncapped

from openfisca_jining.model import (
    YEAR,
    Amount,
    Money,
    Project,
    Variable,
    law_at_application,
    minimum,
    national_at,
    ratio,
    refuse_contradiction,
    refuse_missing,
    where,
)

REFERENCE = "枣政字〔2020〕2号 三（二）第2句"


class zaozhuang_2020_loan_interest__interest(Amount):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "可贴息的利息"
    unit = "元"
    reference = REFERENCE
    documentation = "按基准利率或按期限折算的利息不先取整：每项政策取整一次（跨文件读法 rounding）。"

    def formula(project, period, parameters):
        actual, days = project("loan_interest_paid", period), project("loan_days", period)
        counted = days
        claims = project("zaozhuang_2020__in_scope", period) & (actual > 0)
        over = days > parameters(period).national.interest_days.longest_year
        refuse_contradiction(project, "loan_days", over, "超过一年的天数")
        if terms_apply(project, period, parameters, "loan_interest"):
            law = law_at_application(project, period, parameters, "zaozhuang_2020").loan_interest
            longest, _ = law.maximum_days, law.cap_per_enterprise  # 没有提供的，先说文件未定
            need(project, "loan_days", claims & (days == 0))
            counted = minimum(days, where(project("zaozhuang_2020__in_scope", period), longest, days))
            actual = where(days > counted, ratio(actual * counted, days), actual)
        readings = law_at_application(project, period, parameters, "zaozhuang_2020").readings
        if readings.interest_base == "actual_interest_paid":
            return actual
        need(project, "loan_principal", claims & (project("loan_principal", period) == 0))
        need(project, "loan_days", claims & (days == 0))
        applied = project("zaozhuang_2020__application_date", period)
        lpr = national_at(project, period, parameters, applied, "lpr.one_year")
        terms = parameters(period).national.interest_days
        benchmark = project("loan_principal", period) * lpr * counted / terms[readings.interest_days]
        benchmark = where(project("zaozhuang_2020__in_scope", period), benchmark, 0.0)
        return benchmark if readings.interest_base == "benchmark_interest" else minimum(actual, benchmark)


def need(project, name, where_missing):
    """Refuse interest claims without a fact that this reading computes from."""
    refuse_missing(project, project.simulation.tax_benefit_system.get_variable(name), where_missing)


class zaozhuang_2020_loan_interest__eligible(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "符合贷款贴息条件"
    reference = REFERENCE

    def formula(project, period):
        interest = project("zaozhuang_2020_loan_interest__interest", period)
        return project("zaozhuang_2020__in_scope", period) & (interest > 0)


class zaozhuang_2020_loan_interest__base(Amount):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "贷款贴息基数"
    unit = "元"
    reference = REFERENCE

    def formula(project, period):
        interest = project("zaozhuang_2020_loan_interest__interest", period)
        return where(project("zaozhuang_2020_loan_interest__eligible", period), interest, 0.0)


class zaozhuang_2020_loan_interest__uncapped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "贷款贴息（限额前）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return uncapped(project, period, parameters, "loan_interest")


class zaozhuang_2020_loan_interest__capped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "贷款贴息（限额后）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return capped(project, period, parameters, "loan_interest")


class zaozhuang_2020_loan_interest__chosen(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "贷款贴息（企业选择后）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return chosen(project, period, parameters, "loan_interest")


class zaozhuang_2020_loan_interest__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "贷款贴息（实付）"
    unit = "元"
    reference = REFERENCE
    documentation = "按条文比例计算；门槛、限额和期限文件未定，可以提供。专项资金数额文件未定，不构成限制。"

    def formula(project, period):
        return project("zaozhuang_2020_loan_interest__chosen", period)
