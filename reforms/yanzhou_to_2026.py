"""What if Yanzhou extends its document by three years?

Title: 兖州区意见有效期由 2023-08-14 延长到 2026-08-14
Idea: the same rules for three more years; what a renewal costs each year.
Moves: yanzhou_2020.validity.last_day; all Yanzhou measures, of claims from 2023-08-15 to 2026-08-14 only.
From: 2023-08-15
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

FROM = "2023-08-15"
CHANGES = [
    ("yanzhou_2020.validity.last_day", "2026-08-14", FROM),
]


class YanzhouTo2026(Reform):
    """See the module's docstring."""

    name = "兖州区意见有效期延长到 2026-08-14"
    changes = CHANGES

    def apply(self) -> None:
        """Change the parameters from their day on."""
        self.modify_parameters(changing(self.changes))
