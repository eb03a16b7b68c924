"""What if, from 2021, the district tops up the city's money instead of excluding projects that have it?

Title: 兖州区级补足市级差额，不再「不予重复奖补」（2021 年起）
Idea: an enterprise keeps the city's money and gets from the district what the district's grant is more; nobody has to forgo.
Moves: yanzhou_2020.readings.city_district_overlap; all Yanzhou measures, and the city grants that were forgone.
From: 2021-01-01
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

FROM = "2021-01-01"
CHANGES = [
    ("yanzhou_2020.readings.city_district_overlap", "top_up_difference", FROM),
]


class DistrictTopsUp(Reform):
    """See the module's docstring."""

    name = "兖州区级补足市级差额"
    changes = CHANGES

    def apply(self) -> None:
        """Change the parameters from their day on."""
        self.modify_parameters(changing(self.changes))
