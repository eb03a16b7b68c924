"""济宁、兖州、枣庄技术改造奖补政策的 OpenFisca 模型 (rules as code for Chinese enterprise subsidies)."""

from __future__ import annotations

from pathlib import Path

from openfisca_core.taxbenefitsystems import TaxBenefitSystem

import openfisca_jining.parameters
import openfisca_jining.variables
from openfisca_jining import core_guards, entities

__version__ = "0.1.0"

core_guards.install()

PARAMETERS = Path(next(iter(openfisca_jining.parameters.__path__)))
VARIABLES = Path(next(iter(openfisca_jining.variables.__path__)))
#: Examples that the web API's specification shows: a class-A enterprise's robots, 1200 万元 x (5% + 1%).
EXAMPLES = {
    "variable_example": "yanzhou_2020_robots__paid",
    "parameter_example": "yanzhou_2020.robots.rate",
    "simulation_example": {
        "projects": {
            "智能化改造项目": {
                "equipment_investment": {"2022": 12_000_000},
                "robot_investment": {"2022": 3_000_000},
                "yanzhou_2020_robots__paid": {"2022": None},
            }
        },
        "enterprises": {
            "示例机械有限公司": {
                "projects": ["智能化改造项目"],
                "county": {"2022": "yanzhou"},
                "yield_per_mu_class": {"2022": "A"},
            }
        },
    },
}


class CountryTaxBenefitSystem(TaxBenefitSystem):
    """The law of the five documents as it stands, with the default reading of every unclear clause.

    :raises ValueError: a float variable is not in double precision.
    """

    def __init__(self) -> None:
        super().__init__(entities.entities)
        self.load_parameters(str(PARAMETERS))
        self.add_variables_from_directory(str(VARIABLES))
        self.open_api_config = EXAMPLES
