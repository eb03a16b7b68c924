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


class CountryTaxBenefitSystem(TaxBenefitSystem):
    """The law of the five documents as it stands, with the default reading of every unclear clause.

    :raises ValueError: a float variable is not in double precision.
    """

    def __init__(self) -> None:
        super().__init__(entities.entities)
        self.load_parameters(str(PARAMETERS))
        self.add_variables_from_directory(str(VARIABLES))
