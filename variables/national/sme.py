"""工信部联企业〔2011〕300号 四（二）(industry). Not one of the five documents: it settles 「中小企业」 in 济兖政字〔2020〕14号 四.3."""

from openfisca_jining.classifications import EnterpriseSize
from openfisca_jining.model import YEAR, Enterprise, Enum, Variable, numpy

REFERENCE = "工信部联企业〔2011〕300号 四（二）"


class enterprise_size(Variable):
    value_type = Enum
    possible_values = EnterpriseSize
    default_value = EnterpriseSize.micro
    entity = Enterprise
    definition_period = YEAR
    label = "企业规模（工业）"
    reference = REFERENCE
    documentation = "两项指标都须达到下限，否则下划一档。"

    def formula(enterprise, period, parameters):
        law = parameters(period).national.sme
        staff, revenue = enterprise("employees", period), enterprise("revenue", period)
        large = (staff >= law.large_employees) & (revenue >= law.large_revenue)
        medium = (staff >= law.medium_employees) & (revenue >= law.medium_revenue)
        small = (staff >= law.small_employees) & (revenue >= law.small_revenue)
        sizes = (EnterpriseSize.large, EnterpriseSize.medium, EnterpriseSize.small)
        return numpy.select([large, medium, small], sizes, EnterpriseSize.micro)


class is_sme(Variable):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "中小企业"
    reference = REFERENCE

    def formula(enterprise, period):
        return enterprise("enterprise_size", period) != EnterpriseSize.large
