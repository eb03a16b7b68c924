"""The record of a run: what is needed to compute the same figures again."""

from __future__ import annotations

import platform
from importlib import metadata

from openfisca_jining.law import leaves
from openfisca_jining.population import Population


def readings_taken(system) -> dict[str, str]:
    """Reading of every unclear clause in a system: dotted path -> value (the value on the first day of 1900, or later)."""
    return {
        parameter.name: parameter.values_list[0].value
        for parameter in leaves(system.parameters)
        if parameter.metadata.get("readings")
    }


def changed_parameters(system) -> list[dict]:
    """Every dated value of a reformed system that differs from its baseline.

    :returns: list of ``{"parameter", "label", "date", "baseline", "reform"}``; empty for an unreformed system.
    """
    baseline = system
    while getattr(baseline, "baseline", None) is not None:
        baseline = baseline.baseline
    if baseline is system:
        return []
    before = {parameter.name: parameter for parameter in leaves(baseline.parameters)}
    changes = []
    for parameter in leaves(system.parameters):
        old = before[parameter.name]
        dates = {at.instant_str for at in (*parameter.values_list, *old.values_list)}
        for date in sorted(dates):
            values = old.get_at_instant(date), parameter.get_at_instant(date)
            if values[0] != values[1]:
                label = parameter.metadata.get("label") or parameter.description
                changes.append(
                    {
                        "parameter": parameter.name,
                        "label": label,
                        "date": date,
                        "baseline": values[0],
                        "reform": values[1],
                    }
                )
    return changes


def reform_names(system) -> list[str]:
    """Names of the reforms stacked in a system, innermost first."""
    names: list[str] = []
    while getattr(system, "baseline", None) is not None:
        names.insert(0, str(system.name or type(system).__name__))
        system = system.baseline
    return names


def run_record(population: Population, system) -> dict:
    """Versions, data, reforms and readings of a run (JSON-ready). No time stamp: the same run gives the same record."""
    return {
        "package": metadata.version("openfisca-jining"),
        "openfisca_core": metadata.version("openfisca-core"),
        "numpy": metadata.version("numpy"),
        "python": platform.python_version(),
        "year": population.year,
        "source": population.source,
        "synthetic": population.synthetic,
        "notes": list(population.notes),
        "projects": len(population.projects),
        "enterprises": len(population.enterprises),
        "data_sha256": population.content_hash(),
        "reforms": reform_names(system),
        "changes": changed_parameters(system),
        "readings": readings_taken(system),
    }
