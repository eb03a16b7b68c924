"""四.3: upgrading consortium. Joint equipment over 5 million, SMEs at least half, 3 %, 1 million in all, shared by investment."""

from openfisca_jining.variables.yanzhou_2020.choice import best_measure, chosen, not_double, paid
from openfisca_jining.variables.yanzhou_2020.rates import raised

from openfisca_jining.classifications import County
from openfisca_jining.model import (
    YEAR,
    Amount,
    Consortium,
    Money,
    Project,
    Variable,
    any_in,
    any_member,
    apportion,
    combined_group,
    count_enterprises,
    group_of,
    law_at_application,
    max_in,
    max_member,
    maximum,
    minimum,
    numpy,
    ratio,
    reading,
    settle,
    settled,
    sum_in,
    sum_members,
    under_cap,
    where,
    with_vat,
)
from openfisca_jining.money import RATE_DECIMALS, apportion_in_turn

REFERENCE = "济兖政字〔2020〕14号 四.3"
SENTENCE_2 = "济兖政字〔2020〕14号 四.3 第2句"
SENTENCE_3 = "济兖政字〔2020〕14号 四.3 第3句"


class yanzhou_2020_consortium__member(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "技改共同体成员项目"
    reference = REFERENCE
    documentation = "与至少另一家企业的项目同在一个共同体，且有设备投资额。"

    def formula(project, period):
        invests = project("yanzhou_2020__in_force", period) & (project("equipment_investment", period) > 0)
        population = project.simulation.populations["consortium"]
        return invests & (count_enterprises(population, invests) > 1)[population.members_entity_id]


class yanzhou_2020_consortium__may_join(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "属于共同体可有的企业"
    reference = "济兖政字〔2020〕14号 四.3 第1句"
    documentation = "「区内中小企业」和它们围绕的「链主」、产业集群龙头企业；区外的其他企业不算成员。"

    def formula(project, period):
        in_district = project.enterprise("county", period) == County.yanzhou
        return in_district | project.enterprise("chain_leader", period) | project.enterprise("cluster_leader", period)


class yanzhou_2020_consortium__counted(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "计入共同体合计的设备投资额"
    unit = "元"
    reference = SENTENCE_2
    documentation = "「所有企业」的投资都计入，不予支持的企业也计入。"

    def formula(project, period, parameters):
        counts = project("yanzhou_2020_consortium__member", period) & project(
            "yanzhou_2020_consortium__may_join", period
        )
        if reading(project, period, parameters, "yanzhou_2020.readings.d_in_consortium") == "exclude_member_and_retest":
            counts = counts & ~project("yanzhou_2020__class_d", period)
        return settle(where(counts, with_vat(project, period, parameters, "equipment"), 0.0))


class yanzhou_2020_consortium__joint_investment(Money):
    value_type = float
    entity = Consortium
    definition_period = YEAR
    label = "共同体设备投资额合计"
    unit = "元"
    reference = SENTENCE_2

    def formula(consortium, period):
        return sum_members(consortium, consortium.members("yanzhou_2020_consortium__counted", period))


class yanzhou_2020_consortium__sme_investment(Money):
    value_type = float
    entity = Consortium
    definition_period = YEAR
    label = "共同体中小企业设备投资额"
    unit = "元"
    reference = [SENTENCE_2, "工信部联企业〔2011〕300号 四（二）"]

    def formula(consortium, period, parameters):
        counted = consortium.members("yanzhou_2020_consortium__counted", period)
        if not counted.any():
            return consortium.filled_array(0.0)
        # 「其中，中小企业」指前句的「区内中小企业」
        small = (counted > 0) & (consortium.members.enterprise("county", period) == County.yanzhou)
        small = small & consortium.members.enterprise("is_sme", period)
        if (
            reading(consortium, period, parameters, "yanzhou_2020.readings.consortium_sme_share")
            == "non_lead_smes_only"
        ):
            lead = consortium.members("yanzhou_2020__in_force", period) & consortium.members("consortium_lead", period)
            small = small & ~any_in(consortium.members, of_member(consortium.members), lead)
        return sum_members(consortium, where(small, counted, 0.0))


def of_member(project):
    """Groups of the projects with which one enterprise takes part in one consortium: (numbers, how many)."""
    return combined_group(group_of(project, "consortium")[0], group_of(project, "enterprise")[0])


class yanzhou_2020_consortium__qualifies(Variable):
    value_type = bool
    entity = Consortium
    definition_period = YEAR
    label = "技改共同体符合条件"
    reference = REFERENCE

    def formula(consortium, period, parameters):
        counts = consortium.members("yanzhou_2020_consortium__counted", period) > 0
        if not counts.any():
            return consortium.filled_array(False)
        law = law_at_application(consortium.members, period, parameters, "yanzhou_2020")

        def limit(value):
            """A limit at the members' application dates, on the consortium (the largest, if the law changes between them)."""
            return max_member(consortium, where(counts, value, 0.0))

        joint = consortium("yanzhou_2020_consortium__joint_investment", period)
        small = consortium("yanzhou_2020_consortium__sme_investment", period)
        chain = any_member(consortium, counts & consortium.members.enterprise("chain_leader", period))
        cluster = any_member(consortium, counts & consortium.members.enterprise("cluster_leader", period))
        both = law.readings.consortium_eligibility_structure == "both_lead_types"
        led = chain & cluster if both else chain | cluster
        in_district = counts & (consortium.members.enterprise("county", period) == County.yanzhou)
        small_local = in_district & consortium.members.enterprise("is_sme", period)
        local_sme = any_member(consortium, small_local)
        enough = count_enterprises(consortium, counts) >= limit(law.consortium.minimum_members)
        # 中小企业「围绕」链主或龙头：牵头的自己是中小企业，也还要另一家
        leading = consortium.members.enterprise("chain_leader", period) | consortium.members.enterprise(
            "cluster_leader", period
        )
        around = count_enterprises(consortium, (counts & leading) | small_local) > 1
        structure = led & enough & local_sme & around
        # 「超过500万元」不含本数；「50%以上」含本数
        met = structure & (joint > limit(law.consortium.investment_to_exceed))
        met = met & (small >= settle(limit(law.consortium.minimum_sme_share) * joint))
        class_d = consortium.members("yanzhou_2020__class_d", period)
        if law.readings.d_in_consortium == "bar_whole_consortium":
            met = met & ~any_member(consortium, counts & class_d)
        if law.readings.d_lead == "barred":
            met = met & ~any_member(consortium, class_d & consortium.members("consortium_lead", period))
        return met


class yanzhou_2020_consortium__eligible(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "可得共同体奖补份额"
    reference = [REFERENCE, "济兖政字〔2020〕14号 四.4 第2句"]

    def formula(project, period):
        qualifies = project.consortium("yanzhou_2020_consortium__qualifies", period)
        counted = project("yanzhou_2020_consortium__counted", period) > 0
        return qualifies & counted & project("yanzhou_2020__fit", period)


class yanzhou_2020_consortium__rate(Amount):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "共同体成员适用的比例"
    unit = "/1"
    reference = [SENTENCE_2, "济兖政字〔2020〕14号 四.4 第1句"]

    def formula(project, period, parameters):
        law = law_at_application(project, period, parameters, "yanzhou_2020")
        base = law.consortium.rate + project.filled_array(0.0)
        uplift = law.readings.uplift_in_consortium
        if uplift == "no_uplift":
            return base
        points = project("yanzhou_2020_uplift__points", period)
        if uplift == "lead_status_governs":  # 提高多少看牵头企业，3% 仍按各成员申报之日
            lead = project("consortium_lead", period) & project("yanzhou_2020_consortium__member", period)
            points = max_in(project, "consortium", where(lead, points, 0.0))
        return raised(project, period, parameters, "consortium", base, points)


class yanzhou_2020_consortium__promised(Amount):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "共同体成员按自身比例的奖补（未结算）"
    unit = "元"
    reference = [SENTENCE_2, SENTENCE_3]
    documentation = "包括不予支持的成员，因为其投资计入合计。"

    def formula(project, period, parameters):
        amount = project("yanzhou_2020_consortium__rate", period) * counted_part(project, period, parameters)
        counted = project("yanzhou_2020_consortium__counted", period) > 0
        return where(counted & project.consortium("yanzhou_2020_consortium__qualifies", period), amount, 0.0)


def counted_part(project, period, parameters):
    """Investment the rate applies to: all that is counted, or each member's part of the excess over the line (yuan)."""
    counted = project("yanzhou_2020_consortium__counted", period)
    if reading(project, period, parameters, "common.readings.threshold_whole_or_excess") == "whole_base":
        return counted
    joint = project.consortium("yanzhou_2020_consortium__joint_investment", period)
    law = law_at_application(project, period, parameters, "yanzhou_2020").consortium
    excess = settle(numpy.fmax(joint - law.investment_to_exceed, 0.0))  # 执行期外没有门槛（nan）
    return counted * ratio(excess, joint)


class yanzhou_2020_consortium__uncapped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "共同体奖补份额（限额前）"
    unit = "元"
    reference = [SENTENCE_2, SENTENCE_3]

    def formula(project, period, parameters):
        promised = project("yanzhou_2020_consortium__promised", period)
        return payable(project, period, parameters, settled(project, period, parameters, promised, "consortium"))


class yanzhou_2020_consortium__capped(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "共同体奖补份额（限额后）"
    unit = "元"
    reference = [SENTENCE_2, SENTENCE_3]

    def formula(project, period, parameters):
        law = law_at_application(project, period, parameters, "yanzhou_2020")
        promised = project("yanzhou_2020_consortium__promised", period)
        amount = settled(project, period, parameters, promised, "consortium")
        cap = max_in(project, "consortium", where(amount > 0, law.consortium.cap, 0.0))
        plain = where(promised > 0, law.consortium.rate * counted_part(project, period, parameters), 0.0)
        base = settled(project, period, parameters, plain, "consortium")
        on_top = numpy.zeros(project.count)
        if law.readings.uplift_and_cap == "cap_before_uplift":
            amount, promised, on_top = base, plain, amount - base
        if law.readings.consortium_cap_unit == "per_member":
            within = under_cap(project, period, parameters, amount, cap, of_member(project))
            return payable(project, period, parameters, within + on_top)
        over = sum_in(project, "consortium", amount) > cap
        weight = project("yanzhou_2020_consortium__counted", period)
        uplift = law.readings.uplift_in_consortium
        if uplift in ("uplift_last", "base_last"):
            parts = [plain, maximum(promised - plain, 0.0)]
            ahead, behind = parts if uplift == "uplift_last" else reversed(parts)
            group, size = group_of(project, "consortium")
            limit = numpy.zeros(size)
            limit[group] = cap
            in_turn = apportion_in_turn(limit, ahead, behind, group, size, RATE_DECIMALS)
            return payable(project, period, parameters, where(over, in_turn, amount) + on_top)
        if uplift == "pooled_then_pro_rata":
            total = minimum(cap, sum_in(project, "consortium", amount))
            shares = shared_out(project, total, where(amount > 0, weight, 0.0))
            return payable(project, period, parameters, shares + on_top)
        shares = where(over, shared_out(project, cap, promised), amount)
        return payable(project, period, parameters, shares + on_top)


def shared_out(project, total, weight):
    """Share out a consortium's total (same value on all its projects) by weight, to the fen, by largest remainder."""
    group, size = group_of(project, "consortium")
    by_consortium = numpy.zeros(size)
    by_consortium[group] = total
    return apportion(by_consortium, weight, group, size, decimals=RATE_DECIMALS)


def payable(project, period, parameters, shares):
    """The shares that are paid: those of fit members; the others' are lost, or redistributed under that reading."""
    eligible = project("yanzhou_2020_consortium__eligible", period)
    if reading(project, period, parameters, "yanzhou_2020.readings.d_in_consortium") != "redistribute_share":
        return where(eligible, shares, 0.0)
    class_d = project("yanzhou_2020__class_d", period)
    kept = where(eligible | ~class_d, shares, 0.0)
    lost = sum_in(project, "consortium", shares - kept)
    total = where(any_in(project, "consortium", eligible), sum_in(project, "consortium", kept) + lost, 0.0)
    return where(eligible, shared_out(project, total, kept), 0.0)


class yanzhou_2020_consortium__best(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "共同体奖补份额（择一之后）"
    unit = "元"
    reference = [REFERENCE, "济兖政字〔2020〕14号 五.3 第2句"]

    def formula(project, period, parameters):
        return best_measure(project, period, parameters, "consortium")


class yanzhou_2020_consortium__open(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "共同体奖补份额（不重复奖补之后）"
    unit = "元"
    reference = [REFERENCE, "济兖政字〔2020〕14号 五.3 第2句"]

    def formula(project, period, parameters):
        return not_double(project, period, parameters, "consortium")


class yanzhou_2020_consortium__chosen(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "共同体奖补份额（企业选择后）"
    unit = "元"
    reference = [REFERENCE, "济兖政字〔2020〕14号 五.3"]

    def formula(project, period, parameters):
        return chosen(project, period, parameters, "consortium")


class yanzhou_2020_consortium__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "共同体奖补份额（实付）"
    unit = "元"
    reference = REFERENCE

    def formula(project, period, parameters):
        return paid(project, period, parameters, "consortium")
