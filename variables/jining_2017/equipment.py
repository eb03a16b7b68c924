"""五（十八）第2段第1句: equipment grant; ordinary limb and zero-land limb under one cap per enterprise."""

from openfisca_jining.variables.jining_2017.booking import after_choice, book_equipment

from openfisca_jining.classifications import CatalogueCategory, ProjectType
from openfisca_jining.model import (
    YEAR,
    Amount,
    Money,
    Project,
    Variable,
    fmax,
    law_at_application,
    maximum,
    minimum,
    numpy,
    ratio,
    reading,
    refuse_unstated,
    settle,
    settled,
    sum_in,
    where,
    with_vat,
)

REFERENCE = "济宁市 2017-11-03 意见 五（十八）第2段第1句"


class jining_2017_equipment__zero_land(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "「零土地」技术改造项目"
    reference = REFERENCE

    def formula(project, period, parameters):
        land, plant = project("existing_land", period), project("existing_plant", period)
        meaning = reading(project, period, parameters, "jining_2017.readings.zero_land_plant")
        existing = land | plant if meaning == "either_land_or_plant" else land & plant
        if meaning == "owned_only":
            existing = existing & project("land_and_plant_owned", period)
        return (project("project_type", period) == ProjectType.zero_land) & existing


class jining_2017_equipment__invoiced(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "计数的设备发票额"
    unit = "元"
    reference = REFERENCE
    documentation = "「当年内」只管普通项目：零土地项目计 2017 年至申报年度全部发票。"

    def formula(project, period, parameters):
        year = with_vat(project, period, parameters, "equipment")
        whole = with_vat(project, period, parameters, "cumulative_equipment")
        return where(counts_all_years(project, period, parameters), whole, year)


def counts_all_years(project, period, parameters):
    """Whether a project counts its invoices of all years."""
    scope = reading(project, period, parameters, "jining_2017.readings.year_scope")
    return project("jining_2017_equipment__zero_land", period) & (scope != "both_tests_both_limbs")


class jining_2017_equipment__productive(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "计数的生产性设备发票额"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        invoiced = project("jining_2017_equipment__invoiced", period)
        all_years = counts_all_years(project, period, parameters)
        return settle(maximum(invoiced - nonproductive(project, period, parameters, all_years), 0.0))


def of_years(project, period, name, all_years):
    """A fact of the year, or of all years (yuan)."""
    return where(all_years, project(f"cumulative_{name}", period), project(name, period))


def nonproductive(project, period, parameters, all_years):
    """What is not productive of the invoices of the year, or of all years, as invoiced (yuan)."""
    net = of_years(project, period, "nonproductive_equipment", all_years)
    return as_invoiced(project, period, parameters, net, all_years)


def as_invoiced(project, period, parameters, net, all_years):
    """A part of the invoices of the year, or of all years, with VAT in their proportion if the reading counts gross (yuan)."""

    def of(name):
        return with_vat(project, period, parameters, name), project(f"{name}_investment", period)

    pairs = zip(of("cumulative_equipment"), of("equipment"), strict=True)
    counted, without = (where(all_years, whole, year) for whole, year in pairs)
    return net * ratio(counted, without, 1.0)


class jining_2017_equipment__measured(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "与门槛比较的设备投资额"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        quantity = reading(project, period, parameters, "jining_2017.readings.base_productive_only")
        stage = "invoiced" if quantity == "threshold_all_base_productive" else "productive"
        amount = project(f"jining_2017_equipment__{stage}", period)
        if reading(project, period, parameters, "common.readings.threshold_unit") == "per_enterprise_sum":
            counts = project("jining_2017__in_scope", period) & project("jining_2017__purchases_count", period)
            return sum_in(project, "enterprise", where(counts, amount, 0.0))
        return settle(amount)


class jining_2017_equipment__line(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备投资额门槛"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        law = law_at_application(project, period, parameters, "jining_2017").equipment
        zero_land = project("jining_2017_equipment__zero_land", period)
        return where(zero_land, law.minimum_investment_zero_land, law.minimum_investment)


class jining_2017_equipment__in_use(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "购置的生产性设备投入使用"
    reference = REFERENCE

    def formula(project, period, parameters):
        all_years = pays_all_years(project, period, parameters)
        in_use, bought, other = (
            of_years(project, period, name, all_years)
            for name in ("equipment_in_use", "equipment_investment", "nonproductive_equipment")
        )
        if reading(project, period, parameters, "jining_2017.readings.in_use") != "all_in_use":
            return in_use > 0
        return (in_use > 0) & (in_use >= settle(bought - other))


def pays_all_years(project, period, parameters):
    """Whether a project is paid for its invoices of all years: where they are counted, or under the reading that pays when it is completed."""
    if reading(project, period, parameters, "jining_2017.readings.grant_year") == "all_project_invoices_when_completed":
        return numpy.ones(project.count, dtype=bool)
    return counts_all_years(project, period, parameters)


class jining_2017_equipment__eligible(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "符合设备补助条件"
    reference = REFERENCE

    def formula(project, period, parameters):
        readings = law_at_application(project, period, parameters, "jining_2017").readings
        measured = project("jining_2017_equipment__measured", period)
        category = project("catalogue_category", period)
        in_scope = project("jining_2017__in_scope", period) & (measured > 0)
        refuse_unstated(project, "catalogue_category", in_scope & (category == CatalogueCategory.unstated))
        # 「鼓励类」在句首，两类项目都要求
        encouraged = category == CatalogueCategory.encouraged
        if readings.year_scope == "both_tests_ordinary_only":
            encouraged = encouraged | project("jining_2017_equipment__zero_land", period)
        # 「及以上」含本数（民法总则第二百零五条）
        met = in_scope & encouraged & (measured >= project("jining_2017_equipment__line", period))
        met = met & project("jining_2017__purchases_count", period)
        if readings.zone_pool_scope == "absorbs_3_percent":
            met = met & ~project("jining_2017_zone_pool__awarded", period)
        return met & project("jining_2017_equipment__in_use", period)


class jining_2017_equipment__base(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备补助基数"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        readings = law_at_application(project, period, parameters, "jining_2017").readings
        base = project("jining_2017_equipment__productive", period)
        all_years = pays_all_years(project, period, parameters)
        if readings.grant_year == "all_project_invoices_when_completed":
            whole = with_vat(project, period, parameters, "cumulative_equipment")
            base = maximum(whole - nonproductive(project, period, parameters, all_years), 0.0)
        if readings.in_use == "pay_on_part_in_use":
            in_use = of_years(project, period, "equipment_in_use", all_years)
            base = minimum(base, as_invoiced(project, period, parameters, in_use, all_years))
        if readings.equipment_and_robot_same_invoice != "cumulative":
            robots = project("jining_2017_robots__leaves_equipment_base", period)
            base = maximum(base - as_invoiced(project, period, parameters, robots, all_years), 0.0)
        return where(project("jining_2017_equipment__eligible", period), settle(base), 0.0)


class jining_2017_equipment__unsettled(Amount):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备补助（限额前，未取整）"
    unit = "元"
    reference = REFERENCE
    documentation = "取整是每个企业一次，所以放弃申报的项目不参与取整。"

    def formula(project, period, parameters):
        rate = law_at_application(project, period, parameters, "jining_2017").equipment.rate
        base = project("jining_2017_equipment__base", period)
        if reading(project, period, parameters, "common.readings.threshold_whole_or_excess") == "excess_only":
            line = project("jining_2017_equipment__line", period)
            above = settle(fmax(base - line, 0.0))  # 执行期外没有门槛（nan），也没有补助
            if reading(project, period, parameters, "common.readings.threshold_unit") == "per_enterprise_sum":
                measured = project("jining_2017_equipment__measured", period)
                above = maximum(base - line * minimum(ratio(base, measured), 1.0), 0.0)
            base = above
        return where(project("jining_2017_equipment__eligible", period), rate * base, 0.0)


class jining_2017_equipment__uncapped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备补助（限额前）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return settled(project, period, parameters, project("jining_2017_equipment__unsettled", period))


class jining_2017_equipment__capped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备补助（企业限额后）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return book_equipment(project, period, parameters, project("jining_2017_equipment__uncapped", period))


class jining_2017_equipment__chosen(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备补助（企业选择后）"
    unit = "元"
    reference = REFERENCE
    documentation = "兖州企业可以放弃一个项目的市级资金改报区级（济兖政字〔2020〕14号 五.3）。"

    def formula(project, period, parameters):
        def book(part, kept):
            amount = kept * part("jining_2017_equipment__unsettled", period)
            return book_equipment(part, period, parameters, settled(part, period, parameters, amount))

        return after_choice(project, period, parameters, "jining_2017_equipment", book)


class jining_2017_equipment__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "设备补助（实付）"
    unit = "元"
    reference = [REFERENCE, "济发〔2020〕16号 三（六）第1句"]

    def formula(project, period):
        return project("jining_2020_special_fund__equipment_paid", period)
