"""What if, from 2021, Zaozhuang pays 5 % of equipment instead of 10 %?

Title: 枣庄设备奖补比例由 10% 降到 5%（2021 年起）
Idea: the grant has no floor, cap or fund in the text, so its cost is the rate times all equipment.
Moves: zaozhuang_2020.equipment.rate; Zaozhuang equipment.
From: 2021-01-01
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

FROM = "2021-01-01"
CHANGES = [
    ("zaozhuang_2020.equipment.rate", 0.05, FROM),
]


class ZaozhuangRateHalved(Reform):
    """See the module's docstring."""

    name = "枣庄设备奖补比例降到 5%"
    changes = CHANGES

    def apply(self) -> None:
        """Change the parameters from their day on."""
        self.modify_parameters(changing(self.changes))
