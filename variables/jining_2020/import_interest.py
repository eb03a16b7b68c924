"""三（一）: 进口贴息. The text states no amount."""

from openfisca_jining.awards import award
from openfisca_jining.classifications import JINING
from openfisca_jining.model import YEAR, Enterprise, Money


class jining_2020_import_interest__paid(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "进口贴息"
    unit = "元"
    reference = "济发〔2020〕16号 三（一）"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(enterprise, period, parameters):
        return award(
            enterprise,
            period,
            parameters,
            "jining_2020",
            "import_interest",
            enterprise("import_value", period),
            JINING,
            "rate",
        )
