"""四（一）: 产业链发展基金. The text states no amount."""

from openfisca_jining.awards import budget_line
from openfisca_jining.classifications import JINING
from openfisca_jining.model import YEAR, City, Money


class jining_2020_chain_funds__paid(Money):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "产业链发展基金"
    unit = "元"
    reference = "济发〔2020〕16号 四（一）"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(city, period, parameters):
        return budget_line(city, period, parameters, "jining_2020", "chain_funds", city("chain_funds", period), JINING)
