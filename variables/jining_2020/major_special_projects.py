"""三（二）: 揭榜重大专项支持. The text states no amount."""

from openfisca_jining.awards import award
from openfisca_jining.classifications import JINING
from openfisca_jining.model import YEAR, Enterprise, Money


class jining_2020_major_special_projects__paid(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "揭榜重大专项支持"
    unit = "元"
    reference = "济发〔2020〕16号 三（二）"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(enterprise, period, parameters):
        return award(
            enterprise,
            period,
            parameters,
            "jining_2020",
            "major_special_projects",
            enterprise("major_special_projects", period),
            JINING,
        )
