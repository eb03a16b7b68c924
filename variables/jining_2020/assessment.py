"""四（三）第2句: 引进集群项目考核加分. The text states no amount."""

from openfisca_jining.awards import budget_line
from openfisca_jining.classifications import JINING
from openfisca_jining.model import YEAR, Amount, City


class jining_2020_assessment__points(Amount):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "引进集群项目考核加分"
    unit = "分"
    reference = "济发〔2020〕16号 四（三）第2句"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(city, period, parameters):
        return budget_line(
            city,
            period,
            parameters,
            "jining_2020",
            "assessment",
            city("new_cluster_projects", period),
            JINING,
            "points",
        )
