"""What if, from 2021, Jining pays 5 % of equipment instead of 3 %?

Title: 济宁设备补助比例由 3% 提高到 5%（2021 年起）
Idea: a richer city grant; from 2021 the special fund of 200 million decides how much of it is paid, and Yanzhou's enterprises forgo it less.
Moves: jining_2017.equipment.rate; Jining equipment, through the fund all 2017 grants, through the choice Yanzhou's.
From: 2021-01-01
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

FROM = "2021-01-01"
CHANGES = [
    ("jining_2017.equipment.rate", 0.05, FROM),
]


class JiningRateUp(Reform):
    """See the module's docstring."""

    name = "济宁设备补助比例提高到 5%"
    changes = CHANGES

    def apply(self) -> None:
        """Change the parameters from their day on."""
        self.modify_parameters(changing(self.changes))
