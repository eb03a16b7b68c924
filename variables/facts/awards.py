"""Counts of cases under clauses that promise support without stating an amount."""

from openfisca_jining.model import YEAR, City, Enterprise, Fact


class intelligent_products(Fact):
    value_type = int
    entity = Enterprise
    definition_period = YEAR
    label = "入选重点支持的智能产品（装备）数"
    documentation = "缺省：0。"


class trained_heads(Fact):
    value_type = int
    entity = Enterprise
    definition_period = YEAR
    label = "参加培训的负责人数"
    documentation = "缺省：0。"


class one_to_one_target(Fact):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "列入一对一招商对象"
    documentation = "缺省：否。"


class guided_projects(Fact):
    value_type = int
    entity = Enterprise
    definition_period = YEAR
    label = "股权投资或引导基金支持的项目数"
    documentation = "缺省：0。"


class four_bases_projects(Fact):
    value_type = int
    entity = Enterprise
    definition_period = YEAR
    label = "“四基”项目数"
    documentation = "缺省：0。"


class intelligent_pilots(Fact):
    value_type = int
    entity = Enterprise
    definition_period = YEAR
    label = "智能制造试点示范项目数"
    documentation = "缺省：0。"


class district_funds(Fact):
    value_type = int
    entity = City
    definition_period = YEAR
    label = "设立专项资金的区（市）数"
    documentation = "缺省：0。"


class major_special_projects(Fact):
    value_type = int
    entity = Enterprise
    definition_period = YEAR
    label = "揭榜重大专项数"
    documentation = "缺省：0。"


class supported_talents(Fact):
    value_type = int
    entity = Enterprise
    definition_period = YEAR
    label = "获扶持的人才数"
    documentation = "缺省：0。"


class outside_fund_projects(Fact):
    value_type = int
    entity = Enterprise
    definition_period = YEAR
    label = "获上级或社会基金支持的项目数"
    documentation = "缺省：0。"


class chain_funds(Fact):
    value_type = int
    entity = City
    definition_period = YEAR
    label = "设立产业链发展基金的县（市、区）数"
    documentation = "缺省：0。"


class commended_contributors(Fact):
    value_type = int
    entity = City
    definition_period = YEAR
    label = "受表扬激励的单位和个人数"
    documentation = "缺省：0。"


class new_cluster_projects(Fact):
    value_type = int
    entity = City
    definition_period = YEAR
    label = "年度引进新上集群重大项目数"
    documentation = "缺省：0。"
