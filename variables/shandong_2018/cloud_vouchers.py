"""三（九）末句: the province's part of the cloud vouchers, beside what city and county pay."""

from openfisca_jining.variables.jining_2017.cloud_vouchers import shares_of

from openfisca_jining.model import YEAR, Enterprise, Money, ratio, rounded, where


class shandong_2018_cloud_vouchers__paid(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "云服务券（省级综合奖补）"
    unit = "元"
    reference = ["鲁政办字〔2018〕21号 三（九）末句", "济宁市 2017-11-03 意见 五（十八）第5段第5句"]
    documentation = "「省级综合奖补为辅」：随市县部分按同一比例补。"

    def formula(enterprise, period, parameters):
        province = shares_of(enterprise, period, parameters)[2]
        claim = enterprise("jining_2017_cloud_vouchers__uncapped", period)
        paid = enterprise("jining_2017_cloud_vouchers__paid", period)
        whole = enterprise("cloud_contract_price", period) * province
        amount = where(paid > 0, whole * ratio(paid, claim), 0.0)
        return rounded(enterprise, period, parameters, amount)
