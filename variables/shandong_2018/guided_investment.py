"""四（二）: 股权投资和引导基金. The text states no amount."""

from openfisca_jining.awards import award
from openfisca_jining.classifications import SHANDONG
from openfisca_jining.model import YEAR, Enterprise, Money


class shandong_2018_guided_investment__paid(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "股权投资和引导基金"
    unit = "元"
    reference = "鲁政办字〔2018〕21号 四（二）"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(enterprise, period, parameters):
        return award(
            enterprise,
            period,
            parameters,
            "shandong_2018",
            "guided_investment",
            enterprise("guided_projects", period),
            SHANDONG,
        )
