"""Sums over instruments, on each project."""

from openfisca_jining.model import YEAR, Money, Project


class jining_2017__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "济宁 2017 年意见各项实付"
    unit = "元"

    def formula(project, period):
        instruments = ("equipment", "robots", "special_robots", "zone_pool")
        return sum(project(f"jining_2017_{name}__paid", period) for name in instruments)


class yanzhou_2020__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "兖州区意见各项实付"
    unit = "元"

    def formula(project, period):
        return project("yanzhou_2020_special_fund__paid", period)


class zaozhuang_2020__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "枣庄意见各项实付"
    unit = "元"

    def formula(project, period):
        return sum(project(f"zaozhuang_2020_{name}__paid", period) for name in ("equipment", "loan_interest"))


class jining_2020__paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "济宁 2020 年意见专项资金其他申请实付"
    unit = "元"

    def formula(project, period):
        return project("jining_2020_special_fund__paid", period)


class total_paid(Money):
    value_type = float
    entity = Project
    definition_period = YEAR
    label = "各文件实付合计"
    unit = "元"
    documentation = "只含按项目计算的补助；数额未定的奖励和股权投资不在内。"

    def formula(project, period):
        documents = ("jining_2017", "yanzhou_2020", "zaozhuang_2020", "jining_2020")
        return sum(project(f"{name}__paid", period) for name in documents)
