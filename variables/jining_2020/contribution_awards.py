"""四（三）第4、5句: 集群发展贡献表扬激励. The text states no amount."""

from openfisca_jining.awards import budget_line
from openfisca_jining.classifications import JINING
from openfisca_jining.model import YEAR, City, Money


class jining_2020_contribution_awards__paid(Money):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "集群发展贡献表扬激励"
    unit = "元"
    reference = "济发〔2020〕16号 四（三）第4、5句"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(city, period, parameters):
        return budget_line(
            city,
            period,
            parameters,
            "jining_2020",
            "contribution_awards",
            city("commended_contributors", period),
            JINING,
        )
