"""三（二）第5句: 区（市）专项资金. The text states no amount."""

from openfisca_jining.awards import budget_line
from openfisca_jining.classifications import ZAOZHUANG
from openfisca_jining.model import YEAR, City, Money


class zaozhuang_2020_district_funds__paid(Money):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "区（市）专项资金"
    unit = "元"
    reference = "枣政字〔2020〕2号 三（二）第5句"
    documentation = "数额文件未定，由使用者提供；未提供时报错，不按 0 计。"

    def formula(city, period, parameters):
        return budget_line(
            city, period, parameters, "zaozhuang_2020", "district_funds", city("district_funds", period), ZAOZHUANG
        )
