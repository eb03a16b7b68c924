"""What if, from 2021, Zaozhuang's equipment grant has Yanzhou's floor of 5 million and Jining's cap of 3 million?

Title: 枣庄设备奖补设门槛 500 万元（同兖州）、单个企业最高 300 万元（同济宁）（2021 年起）
Idea: the text names neither; the neighbours' numbers show what their absence costs.
Moves: zaozhuang_2020.equipment.minimum_investment, cap_per_enterprise, readings.equipment_grant_terms; Zaozhuang equipment.
From: 2021-01-01
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

FROM = "2021-01-01"
CHANGES = [
    ("zaozhuang_2020.readings.equipment_grant_terms", "supplied_terms", FROM),
    ("zaozhuang_2020.equipment.minimum_investment", 5_000_000, FROM),
    ("zaozhuang_2020.equipment.cap_per_enterprise", 3_000_000, FROM),
]


class ZaozhuangFloorAndCap(Reform):
    """See the module's docstring."""

    name = "枣庄设备奖补设门槛 500 万元、限额 300 万元"
    changes = CHANGES

    def apply(self) -> None:
        """Change the parameters from their day on."""
        self.modify_parameters(changing(self.changes))
