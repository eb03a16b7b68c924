"""Dates of a project. 1970-01-01 means 未填写."""

from datetime import date

from openfisca_jining.model import YEAR, Fact, Project


class application_date(Fact):
    value_type = date
    entity = Project
    definition_period = YEAR
    label = "申报日期"
    documentation = "向兖州区（或唯一受理财政）申报的日期。未填写：按该文件在申报年度内最后一个可申报日。"


class city_application_date(Fact):
    value_type = date
    entity = Project
    definition_period = YEAR
    label = "向市级申报的日期"
    documentation = "只在与申报日期不同时填写，用来判断市、区资金的先后。未填写：先后不明，按市级在先。"


class invoice_date(Fact):
    value_type = date
    entity = Project
    definition_period = YEAR
    label = "发票日期"
    documentation = "设备购置增值税发票的日期，决定增值税税率。未填写：按申报日期。"


class completion_date(Fact):
    value_type = date
    entity = Project
    definition_period = YEAR
    label = "项目完工日期"
    documentation = "只在完工日期读法下使用。未填写：按申报日期。"


class filing_date(Fact):
    value_type = date
    entity = Project
    definition_period = YEAR
    label = "项目核准或备案日期"
    documentation = "只在备案日期读法下使用。未填写：按申报日期。"
