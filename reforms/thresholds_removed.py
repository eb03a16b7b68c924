"""What if, from 2021, no grant asks for a minimum investment?

Title: 取消济宁设备补助和兖州各项奖补的投资门槛（2021 年起）
Idea: how many small projects the lines keep out, and what they would cost; rates and caps stay.
Moves: minimum_investment of jining_2017.equipment (both limbs) and of yanzhou_2020.equipment, robots and informatisation,
    yanzhou_2020.consortium.investment_to_exceed; these grants. Zaozhuang has no line.
From: 2021-01-01
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

FROM = "2021-01-01"
#: One fen: any investment reaches it, and none does not.
ANY = 0.01
CHANGES = [
    ("jining_2017.equipment.minimum_investment", ANY, FROM),
    ("jining_2017.equipment.minimum_investment_zero_land", ANY, FROM),
    ("yanzhou_2020.equipment.minimum_investment", ANY, FROM),
    ("yanzhou_2020.robots.minimum_investment", ANY, FROM),
    ("yanzhou_2020.informatisation.minimum_investment", ANY, FROM),
    ("yanzhou_2020.consortium.investment_to_exceed", 0, FROM),
]


class ThresholdsRemoved(Reform):
    """See the module's docstring."""

    name = "取消济宁设备补助和兖州各项奖补的投资门槛"
    changes = CHANGES

    def apply(self) -> None:
        """Change the parameters from their day on."""
        self.modify_parameters(changing(self.changes))
