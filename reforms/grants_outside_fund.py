"""What if, from 2021, the 2017 grants are not paid out of the special fund?

Title: 济宁 2017 年各项补助在工业发展专项资金之外足额支付（2021 年起）
Idea: the 2017 grants are paid in full by the city, and the fund is left to its other uses.
Moves: jining_2020.readings.special_fund_relation; all 2017 grants and the other claims on the fund.
From: 2021-01-01
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

FROM = "2021-01-01"
CHANGES = [
    ("jining_2020.readings.special_fund_relation", "additional", FROM),
]


class GrantsOutsideFund(Reform):
    """See the module's docstring."""

    name = "济宁 2017 年各项补助在专项资金之外足额支付"
    changes = CHANGES

    def apply(self) -> None:
        """Change the parameters from their day on."""
        self.modify_parameters(changing(self.changes))
