"""五（十八）第2段第2至3句: 20 million a year for major projects in development zones; 百企护航 projects come first."""

from openfisca_jining.model import (
    YEAR,
    Money,
    Part,
    Project,
    Variable,
    law_of_year,
    numpy,
    open_windows,
    ration,
    share_pool,
    where,
)

REFERENCE = "济宁市 2017-11-03 意见 五（十八）第2段第2句"


class jining_2017_zone_pool__eligible(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "开发区内的重大技术改造项目"
    reference = REFERENCE

    def formula(project, period):
        in_zone = project("development_zone", period) > 0
        return project("jining_2017__in_scope", period) & in_zone & project("major_project", period)


class jining_2017_zone_pool__available(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "当年可用的开发区重大项目奖励资金（每个项目同值）"
    unit = "元"
    reference = REFERENCE
    documentation = "「每年拿出2000万元」：当年用不完的不结转。"

    def formula(project, period, parameters):
        if not open_windows(project, period, parameters, "jining_2017"):
            return project.filled_array(0.0)
        law = law_of_year(project, period, parameters, "jining_2017")
        pools = 1
        if law.readings.zone_pool_scope == "per_zone":
            zones = project("development_zone", period)
            pools = len(numpy.unique(zones[zones > 0]))
        return project.filled_array(law.zone_pool.amount * pools)


class jining_2017_zone_pool__uncapped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "开发区重大项目奖励（评定额）"
    unit = "元"
    reference = REFERENCE
    documentation = "文件没有写明分到项目的办法，按市级评定的奖励额。"

    def formula(project, period, parameters):
        law = law_of_year(project, period, parameters, "jining_2017")
        eligible = project("jining_2017_zone_pool__eligible", period)
        if law.readings.zone_pool_allocation == "assessed_awards":
            return where(eligible, project("assessed_award", period), 0.0)
        equal = law.readings.zone_pool_allocation == "equal_shares"
        weight = eligible if equal else eligible * project("equipment_investment", period)
        return spend_whole_pools(project, period, law, weight)


class jining_2017_zone_pool__awarded(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "评定了开发区重大项目奖励"
    reference = REFERENCE

    def formula(project, period):
        return project("jining_2017_zone_pool__uncapped", period) > 0


class jining_2017_zone_pool__chosen(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "开发区重大项目奖励（企业选择后）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period):
        forgone = project("yanzhou_2020_application__forgoes_city", period)
        return where(forgone, 0.0, project("jining_2017_zone_pool__uncapped", period))


class jining_2017_zone_pool__rationed(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "开发区重大项目奖励（2000 万元资金池后）"
    unit = "元"
    reference = [REFERENCE, "济宁市 2017-11-03 意见 五（十八）第2段第3句"]

    def formula(project, period, parameters):
        law = law_of_year(project, period, parameters, "jining_2017")
        claim = project("jining_2017_zone_pool__chosen", period)
        if not claim.any():
            return claim
        claims = Part(project, numpy.flatnonzero(claim))
        key = None
        if law.readings.zone_pool_rationing == "first_come":
            key = claims("jining_2017__application_date", period).astype(int)
        elif law.readings.zone_pool_rationing == "protected_first_then_pro_rata":
            # 「优先予以支持」：百企护航和消除重大安全隐患的项目在先
            first = claims.enterprise("protected_hundred", period) | claims("removes_major_hazard", period)
            key = ~first
        weight = claims.enterprise("weight", period)
        pool = pools_of(claims, period, law)[0]
        paid = project.filled_array(0.0)
        for one in numpy.unique(pool):
            mine = pool == one
            among = None if key is None else key[mine]
            rows = claims.rows[mine]
            paid[rows] = ration(claim[rows], law.zone_pool.amount, among, weight[mine])
        if law.readings.zone_pool_scope == "citywide_committed" and (paid == claim).all():
            return spend_whole_pools(project, period, law, claim)  # 每年用完：没有人被削减，余下的也分下去
        return paid


def pools_of(project, period, law):
    """Number of the pool each project claims on, and of pools: one for the city, or one per development zone."""
    per_zone = law.readings.zone_pool_scope == "per_zone"
    zones = project("development_zone", period) if per_zone else numpy.zeros(project.count)
    known, pool = numpy.unique(zones, return_inverse=True)
    return pool, len(known)


def spend_whole_pools(project, period, law, weight):
    """Every pool with a claim is spent in full, in proportion to the weights."""
    pool, number = pools_of(project, period, law)
    total = numpy.full(number, law.zone_pool.amount)
    return share_pool(total, weight, project.enterprise("weight", period), pool, number)


class jining_2017_zone_pool__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "开发区重大项目奖励（实付）"
    unit = "元"
    reference = [REFERENCE, "济发〔2020〕16号 三（六）第1句"]

    def formula(project, period):
        return project("jining_2020_special_fund__zone_pool_paid", period)
