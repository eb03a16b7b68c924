"""二（一）末句: 智能制造试点示范扶持. The text states no amount."""

from openfisca_jining.awards import award
from openfisca_jining.classifications import ZAOZHUANG
from openfisca_jining.model import YEAR, Enterprise, Money


class zaozhuang_2020_intelligent_pilots__paid(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "智能制造试点示范扶持"
    unit = "元"
    reference = "枣政字〔2020〕2号 二（一）末句"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(enterprise, period, parameters):
        return award(
            enterprise,
            period,
            parameters,
            "zaozhuang_2020",
            "intelligent_pilots",
            enterprise("intelligent_pilots", period),
            ZAOZHUANG,
        )
