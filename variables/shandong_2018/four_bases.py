"""三（七）: “四基”项目支持. The text states no amount."""

from openfisca_jining.awards import award
from openfisca_jining.classifications import SHANDONG
from openfisca_jining.model import YEAR, Enterprise, Money


class shandong_2018_four_bases__paid(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "“四基”项目支持"
    unit = "元"
    reference = "鲁政办字〔2018〕21号 三（七）"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(enterprise, period, parameters):
        return award(
            enterprise,
            period,
            parameters,
            "shandong_2018",
            "four_bases",
            enterprise("four_bases_projects", period),
            SHANDONG,
        )
