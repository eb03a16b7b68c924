"""五（二十二）: 工业云平台. The text states no amount."""

from openfisca_jining.awards import budget_line
from openfisca_jining.classifications import JINING
from openfisca_jining.model import YEAR, City, Money


class jining_2017_industrial_cloud__paid(Money):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "工业云平台"
    unit = "元"
    reference = "济宁市 2017-11-03 意见 五（二十二）"
    documentation = "年度预算总额，文件未定；与项目上计算的补助重叠，不能相加。"

    def formula(city, period, parameters):
        return budget_line(city, period, parameters, "jining_2017", "industrial_cloud", 1, JINING)
