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
        old = before.get(parameter.name)  # None: the reform adds the parameter
        dates = {at.instant_str for one in (parameter, old) if one is not None for at in one.values_list}
        for date in sorted(dates):
            values = None if old is None else old.get_at_instant(date), parameter.get_at_instant(date)
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


def reform_modules(system) -> list[str]:
    """The modules of ``reforms/`` stacked in a system, innermost first."""
    modules: list[str] = []
    while getattr(system, "baseline", None) is not None:
        folder, _, name = type(system).__module__.rpartition(".")
        modules = [name, *modules] if folder == "openfisca_jining.reforms" else modules
        system = system.baseline
    return modules


def reform_files(system) -> list[dict]:
    """The reform files stacked in a system, innermost first: file, title, author, note, sha256 of its bytes."""
    files: list[dict] = []
    while getattr(system, "baseline", None) is not None:
        source = vars(type(system)).get("source")  # an instance would answer with its baseline's
        files = [source, *files] if source else files
        system = system.baseline
    return files


def run_record(population: Population, system) -> dict:
    """Versions, data, reforms and readings of a run (JSON-ready). No time stamp: the same run gives the same record."""
    seed = getattr(population, "seed", None)  # of a synthetic one
    return {
        "package": metadata.version("openfisca-jining"),
        "openfisca_core": metadata.version("openfisca-core"),
        "numpy": metadata.version("numpy"),
        "python": platform.python_version(),
        "year": population.year,
        "source": population.source,
        "synthetic": population.synthetic,
        **({"seed": seed} if seed is not None else {}),
        "notes": list(population.notes),
        "projects": len(population.projects),
        "enterprises": len(population.enterprises),
        "data_sha256": population.content_hash(),
        "reforms": reform_names(system),
        "reform_modules": reform_modules(system),
        "reform_files": reform_files(system),
        "remarks": list(getattr(system, "remarks", ())),
        "changes": changed_parameters(system),
        "readings": readings_taken(system),
    }
