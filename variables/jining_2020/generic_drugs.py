"""二（六）3 第2段: 仿制药一致性评价扶持. The text states no amount."""

from openfisca_jining.awards import award
from openfisca_jining.classifications import JINING
from openfisca_jining.model import YEAR, Enterprise, Money


class jining_2020_generic_drugs__paid(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "仿制药一致性评价扶持"
    unit = "元"
    reference = "济发〔2020〕16号 二（六）3 第2段"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(enterprise, period, parameters):
        return award(
            enterprise,
            period,
            parameters,
            "jining_2020",
            "generic_drugs",
            enterprise("generic_varieties", period),
            JINING,
        )
