"""三（十三）第2句: 智能产品（装备）重点支持. The text states no amount."""

from openfisca_jining.awards import award
from openfisca_jining.classifications import JINING
from openfisca_jining.model import YEAR, Enterprise, Money


class jining_2017_intelligent_products__paid(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "智能产品（装备）重点支持"
    unit = "元"
    reference = "济宁市 2017-11-03 意见 三（十三）第2句"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(enterprise, period, parameters):
        return award(
            enterprise,
            period,
            parameters,
            "jining_2017",
            "intelligent_products",
            enterprise("intelligent_products", period),
            JINING,
        )
