"""What if, from 2021, Yanzhou pays 8 % for projects with robots, up to 2 million?

Title: 兖州机器人奖补比例由 5% 提高到 8%，限额由 100 万元提高到 200 万元（2021 年起）
Idea: a rate alone would run into the cap at 12.5 million of equipment, so both move.
Moves: yanzhou_2020.robots.rate, yanzhou_2020.robots.cap_per_enterprise; Yanzhou robots, through the choice equipment and the city's grants.
From: 2021-01-01
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

FROM = "2021-01-01"
CHANGES = [
    ("yanzhou_2020.robots.rate", 0.08, FROM),
    ("yanzhou_2020.robots.cap_per_enterprise", 2_000_000, FROM),
]


class YanzhouRobotsUp(Reform):
    """See the module's docstring."""

    name = "兖州机器人奖补比例提高到 8%，限额提高到 200 万元"
    changes = CHANGES

    def apply(self) -> None:
        """Change the parameters from their day on."""
        self.modify_parameters(changing(self.changes))
