"""三（二）第4句: 两化融合、5G、上云示范支持. The text states no amount."""

from openfisca_jining.awards import award
from openfisca_jining.classifications import ZAOZHUANG
from openfisca_jining.model import YEAR, Enterprise, Money


class zaozhuang_2020_demonstration_awards__paid(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "两化融合、5G、上云示范支持"
    unit = "元"
    reference = "枣政字〔2020〕2号 三（二）第4句"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(enterprise, period, parameters):
        return award(
            enterprise,
            period,
            parameters,
            "zaozhuang_2020",
            "demonstration_awards",
            enterprise("demonstration_projects", period),
            ZAOZHUANG,
        )
