"""The instruments whose money is computed project by project, in the order in which results show them."""

from __future__ import annotations

from dataclasses import dataclass

from openfisca_jining.clauses.register import documents

#: Document id of each instrument is its first two words. Stages follow the closed list of docs/architecture.md.
INSTRUMENTS = (
    "jining_2017_equipment",
    "jining_2017_robots",
    "jining_2017_special_robots",
    "jining_2017_zone_pool",
    "jining_2020_special_fund",
    "yanzhou_2020_equipment",
    "yanzhou_2020_robots",
    "yanzhou_2020_informatisation",
    "yanzhou_2020_consortium",
    "zaozhuang_2020_equipment",
    "zaozhuang_2020_loan_interest",
)
#: Stages before and after each step of the ledger, first name that the instrument has.
PROMISED = ("uncapped", "claimed")
CAPPED = ("capped", "uncapped", "claimed")
CHOSEN = ("chosen", "claimed")
PAID = ("paid",)


@dataclass(frozen=True)
class Instrument:
    """One instrument of a tax and benefit system.

    :ivar name: ``<document>_<instrument>``. :ivar document: document id. :ivar label: Chinese label.
    :ivar payer: Chinese name of the paying authority. :ivar stages: variables promised, capped, chosen, paid (yuan of each
        project).
    """

    name: str
    document: str
    label: str
    payer: str
    stages: tuple[str, str, str, str]


def instruments(system) -> list[Instrument]:
    """The instruments of a system. :param system: a tax and benefit system of this package, reformed or not."""
    about = documents()
    found = []
    for name in INSTRUMENTS:
        document = "_".join(name.split("_")[:2])
        stages = tuple(
            next(f"{name}__{stage}" for stage in names if f"{name}__{stage}" in system.variables)
            for names in (PROMISED, CAPPED, CHOSEN, PAID)
        )
        label = system.variables[stages[-1]].label.replace("（实付）", "")
        found.append(Instrument(name, document, label, about[document]["payer"], stages))
    return found
