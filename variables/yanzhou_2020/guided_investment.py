"""六.3: 股权投资和引导基金. The text states no amount."""

from openfisca_jining.awards import award
from openfisca_jining.classifications import County
from openfisca_jining.model import YEAR, Enterprise, Money


class yanzhou_2020_guided_investment__paid(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "股权投资和引导基金"
    unit = "元"
    reference = "济兖政字〔2020〕14号 六.3"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(enterprise, period, parameters):
        return award(
            enterprise,
            period,
            parameters,
            "yanzhou_2020",
            "guided_investment",
            enterprise("guided_projects", period),
            (County.yanzhou,),
        )
