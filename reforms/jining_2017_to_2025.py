"""What if Jining goes on with the grants of 2017 until the end of 2025, the horizon of its 2020 document?

Title: 济宁 2017 年意见的各项补助延长到 2025 年底（2022 年起）
Idea: the special fund goes on after 2021 while the grants it merges end; here they go on together.
Moves: jining_2017.validity.last_day, under every reading of the document's life that ends sooner; all 2017 grants and the
    claims that share the fund with them, from 2022 on.
From: 2022-01-01
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

FROM = "2022-01-01"
CHANGES = [
    (f"jining_2017.validity.last_day.{life}", "2025-12-31", FROM)
    for life in ("target_period_2017_2021", "until_consolidated_2020_12_31", "five_years_from_issue")
]


class Jining2017To2025(Reform):
    """See the module's docstring."""

    name = "济宁 2017 年意见的各项补助延长到 2025 年底"
    changes = CHANGES

    def apply(self) -> None:
        """Change the parameters from their day on."""
        self.modify_parameters(changing(self.changes))
