"""Plain pytest runs the YAML cases too, in float64, with the runner of OpenFisca-Core."""

from __future__ import annotations

import pytest
from openfisca_core.tools.test_runner import OpenFiscaPlugin

from openfisca_jining import CountryTaxBenefitSystem

SYSTEM = CountryTaxBenefitSystem()


def pytest_configure(config):
    if not any(
        isinstance(one, OpenFiscaPlugin) for one in config.pluginmanager.get_plugins()
    ):  # `openfisca test` brings its own
        config.pluginmanager.register(OpenFiscaPlugin(SYSTEM, {}), "openfisca")


@pytest.fixture(scope="session")
def system():
    return SYSTEM
