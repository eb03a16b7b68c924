"""Short ways to a simulation in Python tests."""

from __future__ import annotations

from openfisca_core.simulations import SimulationBuilder


def simulate(system, year, situation):
    """Simulation of a situation written as in a YAML case (values without periods are of ``year``)."""
    builder = SimulationBuilder()
    builder.set_default_period(str(year))
    return builder.build_from_dict(system, situation)


def yanzhou(equipment, **facts):
    """One Yanzhou project alone in a class-B enterprise."""
    return {"county": "yanzhou", "yield_per_mu_class": "B", "equipment_investment": equipment, **facts}


def jining(equipment, **facts):
    """One encouraged project in use, alone in a Rencheng enterprise."""
    stated = {"county": "rencheng", "catalogue_category": "encouraged", "in_use": True}
    return {**stated, "equipment_investment": equipment, **facts}
