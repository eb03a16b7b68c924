"""五（十八）第5段: cloud vouchers. Cost split between enterprise, provider and fiscal levels; total under control, queue."""

from openfisca_jining.classifications import JINING, County, located_in
from openfisca_jining.errors import UnknownParameter
from openfisca_jining.model import (
    NO_DATE,
    YEAR,
    Enterprise,
    Money,
    Variable,
    datetime64,
    in_force,
    law_at,
    law_of_year,
    numpy,
    open_windows,
    ration,
    refuse_unstated,
    resolve_date,
    rounded,
    where,
)
from openfisca_jining.money import settle_once_per_group

REFERENCE = "济宁市 2017-11-03 意见 五（十八）第5段第4句"


class jining_2017_cloud_vouchers__eligible(Variable):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "已上云且可申请云服务券"
    reference = REFERENCE
    documentation = "「先上后补」：已上云的企业才能申请。"

    def formula(enterprise, period, parameters):
        claimed = resolve_date(enterprise, period, parameters, "jining_2017", enterprise("cloud_claim_date", period))
        in_time = in_force(enterprise, period, parameters, "jining_2017", claimed)
        county = enterprise("county", period)
        priced = enterprise("cloud_contract_price", period) > 0
        refuse_unstated(enterprise, "county", (county == County.unstated) & priced)
        in_city = located_in(county, JINING)
        return in_time & in_city & enterprise("on_cloud", period) & priced


def shares_of(enterprise, period, parameters):
    """Fiscal shares of city, county and province. Refuses shares that are unstated or do not make up the whole price."""
    law = law_of_year(enterprise, period, parameters, "jining_2017").cloud_vouchers
    is_open = bool(open_windows(enterprise, period, parameters, "jining_2017"))
    dates = numpy.full(enterprise.count, datetime64(str(period.start), "D"))
    shandong = law_at(enterprise, period, parameters, "shandong_2018", dates, is_open).cloud_vouchers
    city, county, province = shares = (law.city_share, law.county_share, shandong.provincial_share)
    if not is_open:
        return shares
    everyone, both = law.enterprise_share + law.provider_share + sum(shares), city + county
    if abs(everyone - 1) > 1e-9:
        raise UnknownParameter(
            ["jining_2017", "cloud_vouchers"], f"上云费用各方份额之和是 {everyone:.6g}，应为 1。请核对五个份额参数。"
        )
    if both <= province:
        raise UnknownParameter(
            ["jining_2017", "cloud_vouchers"],
            f"市县份额合计 {both:.6g} 没有超过省级份额 {province:.6g}，不符合「市县投入为主」。请核对份额参数。",
        )
    return shares


class jining_2017_cloud_vouchers__uncapped(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "云服务券市县部分（总额控制前）"
    unit = "元"
    reference = REFERENCE

    def formula(enterprise, period, parameters):
        eligible = enterprise("jining_2017_cloud_vouchers__eligible", period)
        city, county, _ = shares_of(enterprise, period, parameters)
        price = enterprise("cloud_contract_price", period)
        return rounded(enterprise, period, parameters, where(eligible, price * (city + county), 0.0))


class jining_2017_cloud_vouchers__paid(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "云服务券市县部分（实付）"
    unit = "元"
    reference = REFERENCE
    documentation = "「总额控制、先到先补、补完为止」：总额控制市县投入，省级奖补另计。"

    def formula(enterprise, period, parameters):
        law = law_of_year(enterprise, period, parameters, "jining_2017")
        claim = enterprise("jining_2017_cloud_vouchers__uncapped", period)
        queue = law.readings.cloud_rationing
        if queue == "register_order":
            key = numpy.arange(enterprise.count)
        else:
            fact = "cloud_use_date" if queue == "verified_use_time_last_partial" else "cloud_claim_date"
            date = enterprise(fact, period)
            key = where(date == NO_DATE, numpy.iinfo(numpy.int32).max, date.astype(int))
        whole = queue == "claim_time_all_or_nothing"
        total = numpy.nan_to_num(law.cloud_vouchers.total)
        return ration(claim, float(total), key, enterprise("weight", period), whole)


def level(enterprise, period, parameters, number):
    """What the city (0) or the county (1) pays: the voucher split by the two shares, to the fen."""
    paid = enterprise("jining_2017_cloud_vouchers__paid", period)
    city, county, _ = shares_of(enterprise, period, parameters)
    raw = numpy.concatenate([where(paid > 0, paid * share / (city + county), 0.0) for share in (city, county)])
    each = numpy.arange(enterprise.count)
    both = settle_once_per_group(raw, numpy.concatenate([each, each]), enterprise.count)
    return both.reshape(2, enterprise.count)[number]


class jining_2017_cloud_vouchers__city(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "云服务券（市级）"
    unit = "元"
    reference = "济宁市 2017-11-03 意见 五（十八）第5段第5句"

    def formula(enterprise, period, parameters):
        return level(enterprise, period, parameters, 0)


class jining_2017_cloud_vouchers__county(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "云服务券（县级）"
    unit = "元"
    reference = "济宁市 2017-11-03 意见 五（十八）第5段第5句"

    def formula(enterprise, period, parameters):
        return level(enterprise, period, parameters, 1)
