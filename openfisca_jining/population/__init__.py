"""Tables in: read, check or synthesise a :class:`Population`, and turn it into a simulation."""

from openfisca_jining.population.population import Population

__all__ = ["Population"]
