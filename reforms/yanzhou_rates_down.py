"""What if, from mid 2021, Yanzhou pays one point less for equipment and robots?

Title: 兖州设备奖补比例由 3% 降到 2%，机器人由 5% 降到 4%（2021-07-01 起）
Idea: saves district money; enterprises that can choose fall back on the city.
Moves: yanzhou_2020.equipment.rate, yanzhou_2020.robots.rate; Yanzhou equipment and robots, through the choice Jining's grants.
From: 2021-07-01
"""

from openfisca_core.reforms import Reform

from openfisca_jining.law import changing

FROM = "2021-07-01"
CHANGES = [
    ("yanzhou_2020.equipment.rate", 0.02, FROM),
    ("yanzhou_2020.robots.rate", 0.04, FROM),
]


class YanzhouRatesDown(Reform):
    """See the module's docstring."""

    name = "兖州设备奖补比例降到 2%，机器人降到 4%"
    changes = CHANGES

    def apply(self) -> None:
        """Change the parameters from their day on."""
        self.modify_parameters(changing(self.changes))
