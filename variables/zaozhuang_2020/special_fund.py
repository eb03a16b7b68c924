"""三（二）第2句: 市技术改造专项资金. The text states no amount."""

from openfisca_jining.awards import budget_line
from openfisca_jining.classifications import ZAOZHUANG
from openfisca_jining.model import YEAR, City, Money


class zaozhuang_2020_special_fund__paid(Money):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "市技术改造专项资金"
    unit = "元"
    reference = "枣政字〔2020〕2号 三（二）第2句"
    documentation = "年度预算总额，文件未定；与项目上计算的补助重叠，不能相加。"

    def formula(city, period, parameters):
        return budget_line(city, period, parameters, "zaozhuang_2020", "special_fund", 1, ZAOZHUANG)
