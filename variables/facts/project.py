"""What else a project states."""

from openfisca_jining.classifications import CatalogueCategory, FundUse, ProjectType
from openfisca_jining.model import YEAR, Enum, Fact, Project, required


class in_use(Fact):
    value_type = bool
    entity = Project
    definition_period = YEAR
    label = "设备投入使用"
    documentation = "购置的生产性设备全部投入使用。济宁 2017 年设备补助必填。"

    def formula(project, period):
        needed = project("jining_2017__in_scope", period) & (project("cumulative_equipment_investment", period) > 0)
        return required(project, period, "in_use", needed)


class catalogue_category(Fact):
    value_type = Enum
    possible_values = CatalogueCategory
    default_value = CatalogueCategory.unstated
    entity = Project
    definition_period = YEAR
    label = "产业目录类别"
    documentation = "国家产业政策目录类别。济宁 2017 年设备补助必填。"

    def formula(project, period):
        needed = project("jining_2017__in_scope", period) & (project("cumulative_equipment_investment", period) > 0)
        return required(project, period, "catalogue_category", needed)


class project_type(Fact):
    value_type = Enum
    possible_values = ProjectType
    default_value = ProjectType.ordinary
    entity = Project
    definition_period = YEAR
    label = "项目类别"
    documentation = "普通或零土地（不新增建设用地、利用原有土地厂房）。缺省：普通。"


class existing_land(Fact):
    value_type = bool
    default_value = True
    entity = Project
    definition_period = YEAR
    label = "利用原有土地"
    documentation = "零土地项目：利用企业原有土地。缺省：是。"


class existing_plant(Fact):
    value_type = bool
    default_value = True
    entity = Project
    definition_period = YEAR
    label = "利用原有厂房"
    documentation = "零土地项目：利用企业原有厂房。缺省：是。"


class land_and_plant_owned(Fact):
    value_type = bool
    default_value = True
    entity = Project
    definition_period = YEAR
    label = "土地厂房为自有"
    documentation = "零土地项目：土地厂房为自有而非租用。缺省：是。"


class meets_robot_conditions(Fact):
    value_type = bool
    default_value = True
    entity = Project
    definition_period = YEAR
    label = "符合机器人购置条件"
    documentation = (
        "符合购置机器人和智能化制造系统「条件」，5% 的奖励要求，10% 的不要求；文件未写明条件的内容。缺省：是。"
    )


class major_project(Fact):
    value_type = bool
    default_value = False
    entity = Project
    definition_period = YEAR
    label = "重大技术改造项目"
    documentation = "由市级认定。缺省：否。"


class removes_major_hazard(Fact):
    value_type = bool
    default_value = False
    entity = Project
    definition_period = YEAR
    label = "消除重大安全隐患"
    documentation = "济宁 2017 年意见（七）优先支持的安全生产技改项目。缺省：否。"


class serves_listed_purpose(Fact):
    value_type = bool
    default_value = True
    entity = Project
    definition_period = YEAR
    label = "属于列明的改造方向"
    documentation = "枣庄意见三（二）所列改造方向之一。缺省：是。"


class filed(Fact):
    value_type = bool
    default_value = True
    entity = Project
    definition_period = YEAR
    label = "已核准或备案"
    documentation = "缺省：是。"


class in_statistics_platform(Fact):
    value_type = bool
    default_value = True
    entity = Project
    definition_period = YEAR
    label = "纳入联网直报平台"
    documentation = "缺省：是。"


class counted_as_upgrading(Fact):
    value_type = bool
    default_value = True
    entity = Project
    definition_period = YEAR
    label = "属工业技改投资统计范畴"
    documentation = "缺省：是。"


class consortium_lead(Fact):
    value_type = bool
    default_value = False
    entity = Project
    definition_period = YEAR
    label = "共同体牵头"
    documentation = "本项目的企业是所在技改共同体的牵头企业。缺省：否。"


class development_zone(Fact):
    value_type = int
    entity = Project
    definition_period = YEAR
    label = "所在开发区编号"
    documentation = "由使用者编号；0 表示不在开发区内。缺省：0。"


class informatisation_systems(Fact):
    value_type = int
    default_value = 1
    entity = Project
    definition_period = YEAR
    label = "集成的信息系统数"
    documentation = "ERP、MES、SCM、WMS 等系统的个数。缺省：1。"


class loan_days(Fact):
    value_type = int
    entity = Project
    definition_period = YEAR
    label = "贷款计息天数"
    documentation = "贷款在申报年度内的计息天数。缺省：0。"


class claim_rank(Fact):
    value_type = int
    entity = Project
    definition_period = YEAR
    label = "企业自定的项目顺序"
    documentation = "只在由企业自选项目的读法下使用，小者在先。缺省：0。"


class special_fund_use(Fact):
    value_type = Enum
    possible_values = FundUse
    default_value = FundUse.technology_upgrading
    entity = Project
    definition_period = YEAR
    label = "工业发展专项资金用途"
    documentation = "其他申请额的用途。缺省：技术改造。"
