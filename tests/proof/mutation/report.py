"""The list of explained survivors, and docs/mutation.md."""

from __future__ import annotations

from collections import Counter

import yaml

from .mutant import ROOT, Mutant

SURVIVORS = ROOT / "proof" / "mutation" / "survivors.yaml"


def explained() -> dict[str, str]:
    """Known survivors: key of the mutant -> why it changes nothing that can be seen."""
    if not SURVIVORS.exists():
        return {}
    stated = yaml.safe_load(SURVIVORS.read_text(encoding="utf-8")) or []
    return {key: group["reason"] for group in stated for key in group["mutants"]}


def write(mutants: list[Mutant], results: dict[str, str], left_out: Counter[str], seconds: float) -> None:
    """Write docs/mutation.md."""
    raise NotImplementedError
