"""The instruments whose money is computed project by project, in the order in which results show them."""

from __future__ import annotations

from dataclasses import dataclass

from openfisca_jining.clauses.register import documents

#: Stages of the ledger, in order. What lies between two of them is what one constraint took (see ``analysis.budget``).
STAGES = ("promised", "capped", "best", "open", "chosen", "paid")
_GRANT = ("uncapped", "capped", "capped", "chosen", "chosen", "paid")
_MEASURE = ("uncapped", "capped", "best", "open", "chosen", "paid")
_PARALLEL = ("uncapped", "capped", "chosen", "chosen", "chosen", "paid")

#: Instruments and the suffix of their variable at each stage. The document id is the first two words of the name.
INSTRUMENTS = {
    "jining_2017_equipment": _GRANT,
    "jining_2017_robots": _GRANT,
    "jining_2017_special_robots": _GRANT,
    "jining_2017_zone_pool": ("uncapped", "uncapped", "uncapped", "chosen", "chosen", "paid"),
    "jining_2020_special_fund": ("claimed", "claimed", "claimed", "chosen", "chosen", "paid"),
    "yanzhou_2020_equipment": _MEASURE,
    "yanzhou_2020_robots": _MEASURE,
    "yanzhou_2020_informatisation": _MEASURE,
    "yanzhou_2020_consortium": _MEASURE,
    "zaozhuang_2020_equipment": _PARALLEL,
    "zaozhuang_2020_loan_interest": _PARALLEL,
}
#: Instruments whose cap binds on a consortium and not on an enterprise.
CAPPED_BY_CONSORTIUM = {"yanzhou_2020_consortium"}


#: Variables that ration or share out a pool, so that their value on a project depends on all projects of the simulation. What
#: is computed before them depends on the project's enterprise and consortium only. Where a pool is in play only under some
#: reading or once its amount is supplied: the parameter that is then read, else None.
POOLED: dict[str, str | None] = {
    "jining_2017_zone_pool__available": None,
    "jining_2017_zone_pool__uncapped": "jining_2017.zone_pool.amount",
    "jining_2017_zone_pool__rationed": None,
    "jining_2020_special_fund__available": None,
    "jining_2020_special_fund__upgrading_paid": None,
    "jining_2020_special_fund__paid": None,
    "yanzhou_2020_equipment__paid": "yanzhou_2020.special_fund.amount",
    "yanzhou_2020_robots__paid": "yanzhou_2020.special_fund.amount",
    "yanzhou_2020_informatisation__paid": "yanzhou_2020.special_fund.amount",
    "yanzhou_2020_consortium__paid": "yanzhou_2020.special_fund.amount",
}
#: Those of them that, under some reading, share a pool out by something else than the claims on it.
SHARED_OUT = frozenset({"jining_2017_zone_pool__uncapped"})


@dataclass(frozen=True)
class Instrument:
    """One instrument of a tax and benefit system.

    :ivar name: ``<document>_<instrument>``. :ivar document: document id. :ivar label: Chinese label with the document's short name, unique.
    :ivar payer: Chinese name of the paying authority. :ivar stages: variable at each of :data:`STAGES` (yuan of each project).
    :ivar by_consortium: its cap binds on a consortium.
    """

    name: str
    document: str
    label: str
    payer: str
    stages: tuple[str, ...]
    by_consortium: bool


@dataclass(frozen=True)
class Fund:
    """A pool of money over claims.

    :ivar label: Chinese label. :ivar payer: paying authority. :ivar available: variable with the year's money (yuan, the
        same on every project). :ivar claimed, paid: variables whose sums are the claims and the payments.
    :ivar rule: path of the reading that names the rationing rule. :ivar amount: path of the parameter with a year's money.
    """

    label: str
    payer: str
    available: str
    claimed: tuple[str, ...]
    paid: tuple[str, ...]
    rule: str
    amount: str


FUNDS = (
    Fund(
        "济宁 2017 开发区重大项目奖励资金",
        "济宁市级财政",
        "jining_2017_zone_pool__available",
        ("jining_2017_zone_pool__chosen",),
        ("jining_2017_zone_pool__rationed",),
        "jining_2017.readings.zone_pool_rationing",
        "jining_2017.zone_pool.amount",
    ),
    Fund(
        "济宁 2020 工业发展专项资金",
        "济宁市级财政",
        "jining_2020_special_fund__available",
        ("jining_2020_special_fund__upgrading_claimed", "jining_2020_special_fund__chosen"),
        ("jining_2020_special_fund__upgrading_paid", "jining_2020_special_fund__paid"),
        "jining_2020.readings.special_fund_rationing",
        "jining_2020.special_fund.amount",
    ),
)


def instruments(system) -> list[Instrument]:
    """The instruments of a system. :param system: a tax and benefit system of this package, reformed or not."""
    about = documents()
    found = []
    for name, suffixes in INSTRUMENTS.items():
        document = "_".join(name.split("_")[:2])
        stages = tuple(f"{name}__{suffix}" for suffix in suffixes)
        plain = system.variables[stages[-1]].label.removeprefix("专项资金支付的").replace("（实付）", "")
        label = f"{about[document]['short']} {plain}"
        found.append(Instrument(name, document, label, about[document]["payer"], stages, name in CAPPED_BY_CONSORTIUM))
    return found
