"""The clause register: every clause of the five documents with computable or decidable content."""

from __future__ import annotations

import functools
from importlib import resources
from typing import Any

import yaml

DOCUMENTS = ("jining_2017", "yanzhou_2020", "zaozhuang_2020", "jining_2020", "shandong_2018")


@functools.cache
def load(document: str) -> dict[str, Any]:
    """Register of one document: ``{"document": {...}, "clauses": [...]}`` as written in ``clauses/<document>.yaml``."""
    text = resources.files("openfisca_jining.clauses").joinpath(f"{document}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def documents() -> dict[str, dict[str, Any]]:
    """What is known of each document: id -> title, number, date, issuer, level, payer, validity."""
    return {name: load(name)["document"] for name in DOCUMENTS}


def clauses() -> list[dict[str, Any]]:
    """All entries in document order; each carries its ``document`` id besides what the register says of it."""
    return [{"document": name, **entry} for name in DOCUMENTS for entry in load(name)["clauses"]]
