"""What if, from 2021, Jining's equipment grant has no cap per enterprise?

Title: 取消济宁设备补助单个企业 300 万元的限额（2021 年起）
Idea: what the cap takes; from 2021 the special fund of 200 million still binds on the sum.
Moves: jining_2017.equipment.cap_per_enterprise; Jining equipment, through the fund all 2017 grants, through the choice Yanzhou's.
From: 2021-01-01
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing
from openfisca_jining.money import LARGEST

FROM = "2021-01-01"
#: No amount that the model takes is larger, so this cap never binds; unlike infinity it can stand in JSON and in a workbook.
NO_CAP = LARGEST
CHANGES = [
    ("jining_2017.equipment.cap_per_enterprise", NO_CAP, FROM),
]


class JiningCapRemoved(Reform):
    """See the module's docstring."""

    name = "取消济宁设备补助单个企业限额"
    changes = CHANGES

    def apply(self) -> None:
        """Change the parameters from their day on."""
        self.modify_parameters(changing(self.changes))
