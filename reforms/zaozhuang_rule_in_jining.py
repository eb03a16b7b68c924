"""What if, from 2021, Zaozhuang's equipment clause held in Jining, with Jining's floor and cap?

Title: 济宁企业的设备补助改按枣庄条款（10%，属列明的改造方向即可），门槛和限额仍按济宁（2021 年起）
Idea: one city's rule on another city's enterprises. Zaozhuang asks neither for the encouraged category nor that the equipment
    be in use, and leaves floor and cap open; Jining's fill the gap. The rate is the one Zaozhuang has when the reform is applied.
Moves: jining_2017.equipment.rate, jining_2017.equipment.by_listed_purpose (new); Jining equipment, through the fund all 2017
    grants, through the choice Yanzhou's.
From: 2021-01-01
"""

from openfisca_core.reforms import Reform
from openfisca_jining.reforms import New, amend, enacting, reformed_law

from openfisca_jining.law import find
from openfisca_jining.model import reading, where

FROM = "2021-01-01"
RATE, OF_ZAOZHUANG = "jining_2017.equipment.rate", "zaozhuang_2020.equipment.rate"
NEW = [
    New(
        "jining_2017.equipment.by_listed_purpose",
        1,
        FROM,
        "按列明的改造方向认定，不问目录类别和投入使用（1 是，0 否）",
        "是否",
        clause="JN2017-18-2-s1c",
    ),
]


def eligible_as_in_zaozhuang(project, period, parameters, eligible):
    """Who is eligible so far; under the reform, projects of a listed purpose that reach Jining's line."""
    law = reformed_law(project, period, parameters, "jining_2017").equipment
    measured = project("jining_2017_equipment__measured", period)
    met = project("jining_2017__in_scope", period) & project("serves_listed_purpose", period) & (measured > 0)
    met = met & (measured >= project("jining_2017_equipment__line", period))
    if reading(project, period, parameters, "jining_2017.readings.zone_pool_scope") == "absorbs_3_percent":
        met = met & ~project("jining_2017_zone_pool__awarded", period)
    return where(law.by_listed_purpose == 1, met, eligible)


class ZaozhuangRuleInJining(Reform):
    """See the module's docstring."""

    name = "济宁设备补助改按枣庄条款，门槛和限额仍按济宁"
    changes = []

    def apply(self) -> None:
        """Take over the rate and who is eligible."""
        rate = find(self.baseline.parameters, OF_ZAOZHUANG).get_at_instant(FROM)
        self.changes = [(RATE, rate, FROM)]
        self.modify_parameters(enacting(self.name, self.changes, NEW))
        amend(self, "jining_2017_equipment__eligible", eligible_as_in_zaozhuang)
