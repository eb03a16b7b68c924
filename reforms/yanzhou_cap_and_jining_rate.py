"""What if, from 2021, Yanzhou doubles its equipment cap and Jining raises its equipment rate by one point?

Title: 兖州设备奖补限额由 100 万元提高到 200 万元，济宁设备补助比例由 3% 提高到 4%（2021 年起）
Idea: richer equipment support at both levels; the caps and the 2021 fund decide how much of it is really paid.
Moves: yanzhou_2020.equipment.cap_per_enterprise, jining_2017.equipment.rate
From: 2021-01-01
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

FROM = "2021-01-01"
CHANGES = [
    ("yanzhou_2020.equipment.cap_per_enterprise", 2_000_000, FROM),
    ("jining_2017.equipment.rate", 0.04, FROM),
]


class YanzhouCapAndJiningRate(Reform):
    """See the module's docstring."""

    name = "兖州设备奖补限额提高到 200 万元，济宁设备补助比例提高到 4%"
    changes = CHANGES

    def apply(self) -> None:
        """Change the two parameters from 2021-01-01."""
        self.modify_parameters(changing(self.changes))
