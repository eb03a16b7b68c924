"""What if, from 2021, Zaozhuang pays 30 % of loan interest instead of 50 %?

Title: 枣庄贷款贴息比例由 50% 降到 30%（2021 年起）
Idea: what the interest subsidy costs beside the equipment grant.
Moves: zaozhuang_2020.loan_interest.rate; Zaozhuang loan interest.
From: 2021-01-01
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

FROM = "2021-01-01"
CHANGES = [
    ("zaozhuang_2020.loan_interest.rate", 0.3, FROM),
]


class ZaozhuangInterestDown(Reform):
    """See the module's docstring."""

    name = "枣庄贷款贴息比例降到 30%"
    changes = CHANGES

    def apply(self) -> None:
        """Change the parameters from their day on."""
        self.modify_parameters(changing(self.changes))
