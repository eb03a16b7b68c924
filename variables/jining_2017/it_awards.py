"""五（十八）第4段第1句: 信息产业奖励资金. The text states no amount."""

from openfisca_jining.awards import budget_line
from openfisca_jining.classifications import JINING
from openfisca_jining.model import YEAR, City, Money


class jining_2017_it_awards__paid(Money):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "信息产业奖励资金"
    unit = "元"
    reference = "济宁市 2017-11-03 意见 五（十八）第4段第1句"
    documentation = "年度预算总额，文件未定；与项目上计算的补助重叠，不能相加。"

    def formula(city, period, parameters):
        return budget_line(city, period, parameters, "jining_2017", "it_awards", 1, JINING)
