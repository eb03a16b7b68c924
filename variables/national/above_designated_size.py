"""规模以上工业企业 (statistics). Not one of the five documents."""

from openfisca_jining.model import YEAR, Enterprise, Variable


class above_designated_size(Variable):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "规模以上工业企业"
    reference = "国家统计局 规模以上工业企业口径"

    def formula(enterprise, period, parameters):
        line = parameters(period).national.above_designated_size.minimum_revenue
        return enterprise("revenue", period) >= line
