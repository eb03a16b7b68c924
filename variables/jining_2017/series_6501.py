"""五（十八）第4段第2句、五（十九）: lists of the 6501 project, title, county awards, elimination and refill by score."""

from openfisca_jining.awards import is_of
from openfisca_jining.classifications import JINING, County, Series6501, located_in
from openfisca_jining.model import (
    YEAR,
    City,
    Enterprise,
    Money,
    Variable,
    law_of_year,
    numpy,
    open_windows,
    where,
)
from openfisca_jining.money import rank_within

TITLE = "济宁市 2017-11-03 意见 五（十八）第4段第2句"
LIST = "济宁市 2017-11-03 意见 五（十九）"


def ranked(group, score, among):
    """Place of each marked row in its group by score (0 first, ties in listed order); what other rows get means nothing."""
    place = numpy.zeros(len(score), dtype=int)
    rows = numpy.flatnonzero(among)
    place[rows] = rank_within(group[rows], -score[rows])
    return place


class jining_2017_6501__listed(Variable):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "在“6501”培育名单内"
    reference = LIST

    def formula(enterprise, period, parameters):
        if not open_windows(enterprise, period, parameters, "jining_2017"):
            return enterprise.filled_array(False)
        in_series = enterprise("series_6501", period) != Series6501.none
        in_city = located_in(enterprise("county", period), (*JINING, County.unstated))
        return in_series & in_city & enterprise("listed_6501", period)


class jining_2017_6501__titled(Variable):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "授予“6501”示范企业称号"
    reference = TITLE

    def formula(enterprise, period, parameters):
        law = law_of_year(enterprise, period, parameters, "jining_2017")
        series = numpy.asarray(enterprise("series_6501", period))
        group = series if law.readings.top10_scope == "per_series" else numpy.zeros_like(series)
        listed = enterprise("jining_2017_6501__listed", period)
        return listed & (ranked(group, enterprise("score_6501", period), listed) < law.series_6501.titles)


class jining_2017_6501__title_cash(Money):
    value_type = float
    entity = Enterprise
    definition_period = YEAR
    label = "示范企业称号奖金"
    unit = "元"
    reference = TITLE
    documentation = "对企业是「授予」称号，没有奖金；另有奖金的读法下数额由使用者提供。"

    def formula(enterprise, period, parameters):
        law = law_of_year(enterprise, period, parameters, "jining_2017")
        titled = enterprise("jining_2017_6501__titled", period)
        if law.readings.top10_scope != "title_with_cash":
            return enterprise.filled_array(0.0)
        return where(titled, law.series_6501.title_cash, 0.0)


def places(enterprise, period, law):
    park = enterprise("series_6501", period) == Series6501.park
    return where(park, law.series_6501.park_places, law.series_6501.places_per_series)


class jining_2017_6501__eliminated(Variable):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "末位淘汰"
    reference = LIST
    documentation = "每次阶段评估后，各系列得分最低的若干家退出；家数文件未定。"

    def formula(enterprise, period, parameters):
        law = law_of_year(enterprise, period, parameters, "jining_2017")
        series = numpy.asarray(enterprise("series_6501", period))
        listed = enterprise("jining_2017_6501__listed", period)
        # 得分相同时，名单在后者先退出：按得分从高到低排，取末尾
        place = ranked(series, enterprise("score_6501", period), listed)
        members = numpy.bincount(series, listed, minlength=len(Series6501))[series]
        return listed & (place >= members - law.series_6501.eliminated_count)


class jining_2017_6501__refilled(Variable):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "评估递补"
    reference = LIST

    def formula(enterprise, period, parameters):
        law = law_of_year(enterprise, period, parameters, "jining_2017")
        series = numpy.asarray(enterprise("series_6501", period))
        kept = enterprise("jining_2017_6501__listed", period) & ~enterprise("jining_2017_6501__eliminated", period)
        candidate = enterprise("candidate_6501", period) & ~enterprise("listed_6501", period)
        candidate = candidate & (series != Series6501.none.index)
        vacant = places(enterprise, period, law) - numpy.bincount(series, kept, minlength=len(Series6501))[series]
        return candidate & (ranked(series, enterprise("score_6501", period), candidate) < vacant)


class jining_2017_6501__listed_after_review(Variable):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "评估后在名单内"
    reference = LIST

    def formula(enterprise, period):
        kept = enterprise("jining_2017_6501__listed", period) & ~enterprise("jining_2017_6501__eliminated", period)
        return kept | enterprise("jining_2017_6501__refilled", period)


class jining_2017_6501__county_awarded(Variable):
    value_type = bool
    entity = Enterprise
    definition_period = YEAR
    label = "所在县（市、区）评定进入前列"
    reference = TITLE

    def formula(enterprise, period, parameters):
        law = law_of_year(enterprise, period, parameters, "jining_2017")
        county = numpy.asarray(enterprise("county", period))
        score = numpy.zeros(len(County))
        numpy.maximum.at(score, county, enterprise("county_score_6501", period))
        competing = located_in(numpy.arange(len(County)), JINING) & (score > 0)
        place = ranked(numpy.zeros(len(County), dtype=int), score, competing)
        return (competing & (place < law.series_6501.counties_awarded))[county]


class jining_2017_6501__county_award(Money):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "县（市、区）评定奖励合计"
    unit = "元"
    reference = TITLE
    documentation = "受奖的是县（市、区）而不是企业；每个名次的数额文件未定。"

    def formula(city, period, parameters):
        if not open_windows(city, period, parameters, "jining_2017"):
            return city.filled_array(0.0)
        law = law_of_year(city, period, parameters, "jining_2017")
        rounds = law.series_6501.reviews_per_year if law.readings.top6_awards == "twice_a_year" else 1
        counties = awarded_counties(city, period)
        places = where(counties > 0, counties, law.series_6501.counties_awarded)
        return where(is_of(city, period, JINING), places * law.series_6501.county_award * rounds, 0.0)


def awarded_counties(city, period):
    """Number of different counties in the top places among a city's enterprises; 0 if no score is stated."""
    awarded = city.members.enterprise("jining_2017_6501__county_awarded", period)
    county = numpy.asarray(city.members.enterprise("county", period))
    pairs = numpy.unique(numpy.stack([city.members_entity_id, county])[:, awarded], axis=1)
    return numpy.bincount(pairs[0], minlength=city.count)
