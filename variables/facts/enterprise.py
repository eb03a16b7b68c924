"""What an enterprise states, once for all its projects."""

from datetime import date

from openfisca_jining.classifications import Cluster, County, Series6501, YieldPerMu
from openfisca_jining.model import YEAR, Enterprise, Enum, Fact, Project, Variable, any_member, required

#: A project that states any of these makes a claim, and then its enterprise's county is needed.
CLAIMED_AMOUNTS = (
    "equipment_investment",
    "cumulative_equipment_investment",
    "robot_investment",
    "special_robot_investment",
    "intelligent_system_investment",
    "informatisation_investment",
    "informatisation_audited_investment",
    "assessed_award",
    "loan_interest_paid",
    "loan_principal",
    "special_fund_claim",
)


class county(Fact):
    value_type = Enum
    possible_values = County
    default_value = County.unstated
    entity = Enterprise
    definition_period = YEAR
    label = "注册地"
    documentation = "企业注册的县（市、区）或功能区。有申报的企业必填。"

    def formula(enterprise, period):
        needed = any_member(enterprise, enterprise.members("has_claim", period))
        return required(enterprise, period, "county", needed | (enterprise("cloud_contract_price", period) > 0))


class has_claim(Variable):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "填有任何一项金额"

    def formula(project, period):
        return sum(project(name, period) for name in CLAIMED_AMOUNTS) > 0


class yield_per_mu_class(Fact):
    value_type = Enum
    possible_values = YieldPerMu
    default_value = YieldPerMu.unstated
    entity = Enterprise
    definition_period = YEAR
    label = "亩产效益评价"
    documentation = "申报时最近一次公布的评价结果。兖州区企业必填，未参加评价的填「未评价」。"

    def formula(enterprise, period):
        needed = any_member(enterprise, enterprise.members("yanzhou_2020__in_scope", period))
        return required(enterprise, period, "yield_per_mu_class", needed)


class yield_per_mu_class_project_year(Fact):
    value_type = Enum
    possible_values = YieldPerMu
    default_value = YieldPerMu.unstated
    entity = Enterprise
    definition_period = YEAR
    label = "项目年度的亩产效益评价"
    documentation = "只在按项目年度认定的读法下使用。缺省：等于亩产效益评价。"

    def formula(enterprise, period):
        return enterprise("yield_per_mu_class", period)


class tier_listed(Fact):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "梯队企业"
    documentation = "列入梯队企业培育名单。缺省：否。"


class tier_listed_project_year(Fact):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "项目年度的梯队企业"
    documentation = "只在按项目年度认定的读法下使用。缺省：等于梯队企业。"

    def formula(enterprise, period):
        return enterprise("tier_listed", period)


class protected_hundred(Fact):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "百企护航"
    documentation = "列入「百企护航」的企业。缺省：否。"


class independent_legal_person(Fact):
    value_type = bool
    default_value = True
    entity = Enterprise
    definition_period = YEAR
    label = "独立法人"
    documentation = "缺省：是。"


class well_managed(Fact):
    value_type = bool
    default_value = True
    entity = Enterprise
    definition_period = YEAR
    label = "管理规范"
    documentation = "缺省：是。"


class creditworthy(Fact):
    value_type = bool
    default_value = True
    entity = Enterprise
    definition_period = YEAR
    label = "信用良好"
    documentation = "缺省：是。"


class last_major_violation_date(Fact):
    value_type = date
    entity = Enterprise
    definition_period = YEAR
    label = "最近一次重大违法违规日期"
    documentation = "未填写：没有重大违法违规。"


class chain_leader(Fact):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "链主企业"
    documentation = "产业链「链主」企业。缺省：牵头技改共同体的企业视为链主。"

    def formula(enterprise, period):
        return any_member(enterprise, enterprise.members("consortium_lead", period))


class cluster_leader(Fact):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "产业集群龙头企业"
    documentation = "缺省：否。"


class employees(Fact):
    value_type = int
    entity = Enterprise
    definition_period = YEAR
    label = "从业人员"
    documentation = "人数。技改共同体成员必填。"

    def formula(enterprise, period):
        needed = any_member(enterprise, enterprise.members("yanzhou_2020_consortium__member", period))
        return required(enterprise, period, "employees", needed)


class revenue(Fact):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "营业收入"
    unit = "元"
    documentation = "年营业收入。技改共同体成员必填。"

    def formula(enterprise, period):
        needed = any_member(enterprise, enterprise.members("yanzhou_2020_consortium__member", period))
        return required(enterprise, period, "revenue", needed)


class cloud_contract_price(Fact):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "云服务合同价"
    unit = "元"
    documentation = "缺省：0。"


class on_cloud(Fact):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "已上云"
    documentation = "缺省：否。"


class cloud_claim_date(Fact):
    value_type = date
    entity = Enterprise
    definition_period = YEAR
    label = "云服务券申请日期"
    documentation = "未填写：排在最后。"


class cloud_use_date(Fact):
    value_type = date
    entity = Enterprise
    definition_period = YEAR
    label = "核实上云日期"
    documentation = "未填写：排在最后。"


class series_6501(Fact):
    value_type = Enum
    possible_values = Series6501
    default_value = Series6501.none
    entity = Enterprise
    definition_period = YEAR
    label = "6501 系列"
    documentation = "缺省：未列入。"


class listed_6501(Fact):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "6501 在册"
    documentation = "评估时在培育名单内。缺省：否。"


class candidate_6501(Fact):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "6501 候补"
    documentation = "县（市、区）申报的递补候选。缺省：否。"


class score_6501(Fact):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "6501 评估得分"
    unit = "分"
    documentation = "缺省：0。"


class county_score_6501(Fact):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "所在县（市、区）6501 评定得分"
    unit = "分"
    documentation = "缺省：0。"


class cluster(Fact):
    value_type = Enum
    possible_values = Cluster
    default_value = Cluster.unstated
    entity = Enterprise
    definition_period = YEAR
    label = "产业集群"
    documentation = "所属「231」产业集群，只用于分组。缺省：未填写。"


class weight(Fact):
    value_type = float
    default_value = 1.0
    entity = Enterprise
    definition_period = YEAR
    label = "样本权数"
    unit = "个"
    documentation = "该企业在总体中代表的企业数。缺省：1。"


class import_value(Fact):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "关键技术、设备及零部件进口额"
    unit = "元"
    documentation = "缺省：0。"


class military_certificates(Fact):
    value_type = int
    entity = Enterprise
    definition_period = YEAR
    label = "新获得的军工资质证书数"
    documentation = "申报年度新获得的证书个数，0 至 3。缺省：0。"


class generic_varieties(Fact):
    value_type = int
    entity = Enterprise
    definition_period = YEAR
    label = "通过仿制药一致性评价的品种数"
    documentation = "申报年度通过的品种数。缺省：0。"


class platform_supported(Fact):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "绩效评估合格的公共平台机构"
    documentation = "缺省：否。"


class first_introducer_cases(Fact):
    value_type = int
    entity = Enterprise
    definition_period = YEAR
    label = "引荐产业链关键缺失企业的件数"
    documentation = "作为第一引荐人。缺省：0。"


class equity_pilot_investment(Fact):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "股权投资试点项目投资额"
    unit = "元"
    documentation = "枣庄一事一议项目的投资额。缺省：0。"


class demonstration_projects(Fact):
    value_type = int
    entity = Enterprise
    definition_period = YEAR
    label = "两化融合、5G、上云示范项目数"
    documentation = "枣庄。缺省：0。"
