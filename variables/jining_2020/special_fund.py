"""三（六）第1句: the 200 million special fund from 2021, as a pool over the 2017-type grants and other claims."""

from openfisca_jining.model import (
    YEAR,
    Money,
    Project,
    Variable,
    law_of_year,
    maximum,
    numpy,
    of_year,
    once,
    ration,
    reading,
    sample_weights,
    settle,
    split_payment,
    where,
)

REFERENCE = "济发〔2020〕16号 三（六）第1句"
#: The 2017-type city grants that the fund merges, in the order of the 2017 document, with their stage before the fund.
MERGED = (
    "jining_2017_equipment__chosen",
    "jining_2017_robots__chosen",
    "jining_2017_special_robots__chosen",
    "jining_2017_zone_pool__rationed",
)


class jining_2020_special_fund__upgrading_claimed(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "向专项资金申请的 2017 年各项补助"
    unit = "元"
    reference = REFERENCE

    def formula(project, period):
        return sum(project(name, period) for name in MERGED)


class jining_2020_special_fund__claimed(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "向专项资金提出的其他申请"
    unit = "元"
    reference = REFERENCE

    def formula(project, period):
        open_to = project("jining_2020__in_scope", period) & project("jining_2020_special_fund__exists", period)
        return where(open_to, project("special_fund_claim", period), 0.0)


class jining_2020_special_fund__chosen(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "向专项资金提出的其他申请（企业选择后）"
    unit = "元"
    reference = [REFERENCE, "济兖政字〔2020〕14号 五.3"]

    def formula(project, period):
        forgone = project("yanzhou_2020_application__forgoes_city", period)
        return where(forgone, 0.0, project("jining_2020_special_fund__claimed", period))


class jining_2020_special_fund__exists(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "当年设有专项资金"
    reference = REFERENCE

    def formula(project, period, parameters):
        law, year = law_of(project, period, parameters), period.start.year
        exists = year >= law.special_fund.first_year
        if law.readings.special_fund_period == "annual_until_2025":
            exists = exists and year <= law.special_fund.last_target_year
        return project.filled_array(exists)


def law_of(project, period, parameters):
    """The document's law on the last day of the claim year (the fund is a yearly sum, not tied to an application date)."""
    return law_of_year(project, period, parameters, "jining_2020")


class jining_2020_special_fund__available(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "当年可用的专项资金（全市总额，每个项目同值）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        law, year = law_of(project, period, parameters), period.start.year
        if not project("jining_2020_special_fund__exists", period).any():
            return project.filled_array(0.0)
        if law.readings.special_fund_period == "one_off_total" and year > law.special_fund.first_year:
            before = period.offset(-1, "year")
            parts = ("paid",) if law.readings.special_fund_relation == "additional" else ("upgrading_paid", "paid")
            spent = [of_year(project, f"jining_2020_special_fund__{part}", before) for part in parts]
            weight = project.enterprise("weight", before)
            left = of_year(project, "jining_2020_special_fund__available", before) - settle((sum(spent) * weight).sum())
            return settle(maximum(left, 0.0))  # 差不再是整分的浮点数
        return project.filled_array(law.special_fund.amount)


def payments(project, period, parameters):
    """What the fund pays on each project: (2017-type grants, other claims), yuan."""
    return once(project, period, "special_fund_payments", lambda: rationed(project, period, parameters))


def rationed(project, period, parameters):
    """See :func:`payments`."""
    grants = project("jining_2020_special_fund__upgrading_claimed", period)
    others = project("jining_2020_special_fund__chosen", period)
    if not project("jining_2020_special_fund__exists", period).any():
        return grants, others
    readings = law_of(project, period, parameters).readings
    pool = project("jining_2020_special_fund__available", period).max()
    weight = sample_weights(project, period)
    in_order = [order_of(project, period, parameters, readings, kind) for kind in ("grants", "others")]
    if readings.special_fund_relation == "consolidates_and_caps":
        if not others.any():
            return ration(grants, pool, in_order[0], weight), others
        key = None if in_order[0] is None else numpy.concatenate(in_order)
        twice = None if weight is None else numpy.concatenate([weight, weight])
        both = ration(numpy.concatenate([grants, others]), pool, key, twice)
        return both[: project.count], both[project.count :]
    if readings.special_fund_relation == "consolidates_no_cap":
        pool = pool - settle((grants * project.enterprise("weight", period)).sum())
    return grants, ration(others, pool, in_order[1], weight)


def order_of(project, period, parameters, readings, kind):
    """Order of service of the claims of one kind (smallest first), or None for pro rata."""
    rationing = readings.special_fund_rationing
    if rationing == "first_come":
        document = "jining_2017" if kind == "grants" else "jining_2020"
        return project(f"{document}__application_date", period).astype(int)
    if rationing == "priority_order":
        uses = numpy.asarray(project("special_fund_use", period))
        return numpy.zeros_like(uses) if kind == "grants" else uses  # 技术改造是列明的第一项用途
    scope = reading(project, period, parameters, "jining_2017.readings.priority_scope")
    if rationing == "protected_first" and scope == "all_of_paragraph":
        return ~project.enterprise("protected_hundred", period)
    return None


class jining_2020_special_fund__upgrading_paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "专项资金支付的 2017 年各项补助"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return payments(project, period, parameters)[0]


class jining_2020_special_fund__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "专项资金支付的其他申请"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        others = project("jining_2020_special_fund__chosen", period)
        return payments(project, period, parameters)[1] if others.any() else others


def part_paid(project, period, name):
    """One merged grant's part of what the fund pays on a project."""

    def parts():
        paid = project("jining_2020_special_fund__upgrading_paid", period)
        return split_payment([project(claim, period) for claim in MERGED], paid)

    return once(project, period, "special_fund_parts", parts)[MERGED.index(name)]


class jining_2020_special_fund__equipment_paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "专项资金支付的设备补助"
    unit = "元"
    reference = REFERENCE

    def formula(project, period):
        return part_paid(project, period, "jining_2017_equipment__chosen")


class jining_2020_special_fund__robots_paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "专项资金支付的机器人奖励"
    unit = "元"
    reference = REFERENCE

    def formula(project, period):
        return part_paid(project, period, "jining_2017_robots__chosen")


class jining_2020_special_fund__special_robots_paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "专项资金支付的特种机器人奖励"
    unit = "元"
    reference = REFERENCE

    def formula(project, period):
        return part_paid(project, period, "jining_2017_special_robots__chosen")


class jining_2020_special_fund__zone_pool_paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "专项资金支付的开发区重大项目奖励"
    unit = "元"
    reference = REFERENCE

    def formula(project, period):
        return part_paid(project, period, "jining_2017_zone_pool__rationed")
