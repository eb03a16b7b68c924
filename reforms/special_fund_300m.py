"""What if the special fund that starts in 2021 holds 300 million instead of 200 million?

Title: 济宁工业发展专项资金由 2 亿元增加到 3 亿元（2021 年起）
Idea: how much of what the 2017 grants promise is lost to the fund alone.
Moves: jining_2020.special_fund.amount; all 2017 grants and the other claims on the fund.
From: 2021-01-01
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

FROM = "2021-01-01"
CHANGES = [
    ("jining_2020.special_fund.amount", 300_000_000, FROM),
]


class SpecialFund300m(Reform):
    """See the module's docstring."""

    name = "济宁工业发展专项资金增加到 3 亿元"
    changes = CHANGES

    def apply(self) -> None:
        """Change the parameters from their day on."""
        self.modify_parameters(changing(self.changes))
