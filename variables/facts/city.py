"""What a city states."""

from openfisca_jining.model import YEAR, City, Fact


class new_land_quota(Fact):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "全市新增用地指标"
    unit = "亩"
    documentation = "缺省：0。"


class new_coal_quota(Fact):
    value_type = float
    entity = City
    definition_period = YEAR
    label = "全市新增煤耗指标"
    unit = "吨标准煤"
    documentation = "缺省：0。"
