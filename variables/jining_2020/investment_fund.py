"""三（六）第2句: 500 million investment fund within five years. Equity: never added to grants."""

from openfisca_jining.awards import is_of
from openfisca_jining.classifications import JINING
from openfisca_jining.model import YEAR, City, Money, datetime64, law_at, numpy, same_day, settle, where

REFERENCE = "济发〔2020〕16号 三（六）第2句"


def law_of(city, period, parameters):
    new_year = numpy.full(city.count, datetime64(str(period.start), "D"))
    return law_at(city, period, parameters, "jining_2020", new_year, True)


class jining_2020_investment_fund__target(Money):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "工业技改投资基金当年应形成的规模"
    unit = "元"
    reference = REFERENCE
    documentation = "5 年内逐年平均形成，是股权投资，不计入补助。"

    def formula(city, period, parameters):
        law = law_of(city, period, parameters)
        fund, year = law.investment_fund, period.start.year
        if year < fund.first_year:
            return city.filled_array(0.0)
        ours = is_of(city, period, JINING)
        if law.readings.investment_fund_window == "years_2020_2024":
            inside = year < fund.first_year + fund.years
            return where(ours, fund.amount / fund.years if inside else 0.0, 0.0)
        first = datetime64(law.validity.first_day)
        last = same_day(law.validity.first_day, int(fund.first_year + fund.years))
        return where(ours, settle(grown(fund, first, last, year + 1) - grown(fund, first, last, year)), 0.0)


def grown(fund, first, last, year):
    """Size reached by the start of a year, in proportion to the days of the window passed, to the fen."""
    passed = (datetime64(f"{year}-01-01") - first) / (last - first)
    return float(settle(fund.amount * min(max(passed, 0.0), 1.0)))


class jining_2020_investment_fund__fiscal_contribution(Money):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "市县财政当年应出资"
    unit = "元"
    reference = REFERENCE
    documentation = "「市县共同出资」「吸纳社会资本」：市、县份额文件未定，由使用者提供。"

    def formula(city, period, parameters):
        fund = law_of(city, period, parameters).investment_fund
        target = city("jining_2020_investment_fund__target", period)
        if not target.any():
            return target
        return settle(target * (fund.city_share + fund.county_share))
