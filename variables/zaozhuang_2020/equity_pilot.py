"""三（二）第3句: 财政资金股权投资试点. The text states no amount."""

from openfisca_jining.awards import award
from openfisca_jining.classifications import ZAOZHUANG
from openfisca_jining.model import YEAR, Enterprise, Money


class zaozhuang_2020_equity_pilot__paid(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "财政资金股权投资试点"
    unit = "元"
    reference = "枣政字〔2020〕2号 三（二）第3句"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(enterprise, period, parameters):
        return award(
            enterprise,
            period,
            parameters,
            "zaozhuang_2020",
            "equity_pilot",
            enterprise("equity_pilot_investment", period),
            ZAOZHUANG,
            "ratio",
        )
