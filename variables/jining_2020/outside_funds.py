"""三（六）第3、4句: 上级和社会基金支持. The text states no amount."""

from openfisca_jining.awards import award
from openfisca_jining.classifications import JINING
from openfisca_jining.model import YEAR, Enterprise, Money


class jining_2020_outside_funds__paid(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "上级和社会基金支持"
    unit = "元"
    reference = "济发〔2020〕16号 三（六）第3、4句"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(enterprise, period, parameters):
        return award(
            enterprise,
            period,
            parameters,
            "jining_2020",
            "outside_funds",
            enterprise("outside_fund_projects", period),
            JINING,
        )
