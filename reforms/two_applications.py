"""What if, from 2021, every Yanzhou enterprise may apply for two projects a year?

Title: 兖州每个企业每年可申报两个项目（2021 年起，现行一个）
Idea: what the rule of one application takes; the caps per enterprise still bind over both.
Moves: yanzhou_2020.application.projects_per_year; all Yanzhou measures, through the choice Jining's grants.
From: 2021-01-01
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

FROM = "2021-01-01"
CHANGES = [
    ("yanzhou_2020.application.projects_per_year", 2, FROM),
]


class TwoApplications(Reform):
    """See the module's docstring."""

    name = "兖州每个企业每年可申报两个项目"
    changes = CHANGES

    def apply(self) -> None:
        """Change the parameters from their day on."""
        self.modify_parameters(changing(self.changes))
