"""三（七）第3句: 65 % of the new land quota and of the new coal quota for cluster and upgrading projects. No money."""

from openfisca_jining.awards import is_of
from openfisca_jining.classifications import JINING
from openfisca_jining.model import YEAR, Amount, City, law_of_year, numpy, where

REFERENCE = "济发〔2020〕16号 三（七）第3句"


def set_aside(city, period, parameters, kind):
    """A quota's part: a fixed share, a floor or an aim under the three readings; the number is the same."""
    share = getattr(law_of_year(city, period, parameters, "jining_2020").quotas, f"{kind}_share")
    quota = city(f"new_{kind}_quota", period)
    return where(is_of(city, period, JINING), quota * numpy.nan_to_num(share), 0.0)


class jining_2020_quotas__land(Amount):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "用于集群重大项目和技改项目的新增用地指标"
    unit = "亩"
    reference = REFERENCE

    def formula(city, period, parameters):
        return set_aside(city, period, parameters, "land")


class jining_2020_quotas__coal(Amount):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "用于集群重大项目和技改项目的新增煤耗指标"
    unit = "吨标准煤"
    reference = REFERENCE

    def formula(city, period, parameters):
        return set_aside(city, period, parameters, "coal")
