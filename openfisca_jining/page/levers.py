"""What the page lets move: numbers of the law (levers) and readings of unclear clauses (switches).

Here stand only the paths. Labels, clauses, units and present values come from the parameters, ranges from the present values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from openfisca_jining.clauses.register import documents
from openfisca_jining.law import check_value, find
from openfisca_jining.written import SHARE

#: Document -> paths within it, in the order of the clauses.
NUMBERS = {
    "jining_2017": (
        "equipment.rate",
        "equipment.minimum_investment",
        "equipment.minimum_investment_zero_land",
        "equipment.cap_per_enterprise",
        "robots.rate",
        "robots.cap_per_enterprise",
        "robots.special_rate",
        "robots.special_cap_per_enterprise",
        "zone_pool.amount",
    ),
    "yanzhou_2020": (
        "equipment.rate",
        "equipment.minimum_investment",
        "equipment.cap_per_enterprise",
        "robots.rate",
        "robots.minimum_investment",
        "robots.cap_per_enterprise",
        "informatisation.rate",
        "informatisation.minimum_investment",
        "informatisation.cap_per_enterprise",
        "consortium.rate",
        "consortium.investment_to_exceed",
        "consortium.minimum_sme_share",
        "consortium.cap",
        "uplift.points",
        "application.projects_per_year",
        "special_fund.amount",
    ),
    "zaozhuang_2020": (
        "equipment.rate",
        "equipment.minimum_investment",
        "equipment.cap_per_enterprise",
        "loan_interest.rate",
        "loan_interest.cap_per_enterprise",
        "loan_interest.maximum_days",
    ),
    "jining_2020": ("special_fund.amount",),
}
#: Document -> readings that move most money, or that a lever needs to have an effect.
READINGS = {
    "common": ("grant_base_vat", "cap_allocation_across_projects", "rounding"),
    "jining_2017": ("life", "cap_scope", "equipment_and_robot_same_invoice", "zone_pool_rationing"),
    "yanzhou_2020": ("robot_base", "city_district_overlap", "same_project_limbs", "uplift_and_cap", "fund_cap"),
    "zaozhuang_2020": ("grant_and_interest_stacking", "equipment_grant_terms", "interest_subsidy_terms"),
    "jining_2020": ("special_fund_relation", "special_fund_rationing"),
}
#: A slider reaches from 0 to so many times the present value (a share at most to 1), in so many steps per present value.
TIMES, STEPS = 3, 20
WAN = 10_000


@dataclass(frozen=True)
class Lever:
    """One number of the law that can be moved.

    :ivar path: parameter. :ivar group: Chinese name of the parameters beside it. :ivar label: Chinese label. :ivar clause: register id.
    :ivar unit: of the parameter. :ivar present: value in the claim year, None where the text leaves it unstated.
    :ivar scale: parameter units per shown unit (10,000 for 元 shown in 万元, 0.01 for shares shown in per cent, else 1).
    :ivar high, step: of the slider, in shown units, exact.
    """

    path: str
    group: str
    label: str
    clause: str
    unit: str
    present: float | None
    scale: Decimal
    high: Decimal
    step: Decimal

    @property
    def document(self) -> str:
        """Document id."""
        return self.path.partition(".")[0]

    @property
    def title(self) -> str:
        """Group and label, the group only where the label does not say it."""
        return self.label if self.group.partition("（")[0] in self.label else f"{self.group} {self.label}"

    @property
    def shown_unit(self) -> str:
        """Chinese unit of the slider."""
        return {SHARE: "%", "元": "万元"}.get(self.unit, self.unit)

    def shown(self, value: float) -> Decimal:
        """A value of the parameter in shown units, exact."""
        return Decimal(str(value)) / self.scale

    def value(self, shown: float) -> int | float:
        """The value of the parameter at a slider's position. :param shown: in shown units, as a float near a step."""
        exact = round(Decimal(str(shown)) / self.step) * self.step * self.scale
        return int(exact) if exact == int(exact) else float(exact)

    def words(self, value: float | None) -> str:
        """A value as people write it and as reforms read it: ``3.5%``, ``300万元``, ``2个``."""
        if value is None:
            return "文件未定"
        return f"{plain(self.shown(value))}{self.shown_unit}"

    def read(self, parameter, text: str) -> int | float | None:
        """The value of a text (``500万元``), None if empty. :raises UnknownParameter: in Chinese."""
        text = text.strip()
        return check_value(parameter, text) if text else None


@dataclass(frozen=True)
class Switch:
    """One reading that can be taken otherwise.

    :ivar path: parameter. :ivar clause: register ids. :ivar choices: value -> Chinese. :ivar present: the default.
    """

    path: str
    label: str
    clause: str
    reason: str
    choices: dict[str, str]
    present: str

    @property
    def document(self) -> str:
        """Document id, ``common`` for what holds in all."""
        return self.path.partition(".")[0]


def plain(amount: Decimal) -> str:
    """A decimal number without exponent and without zeros at its end."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def levers(system, year: int) -> list[Lever]:
    """The levers of a law in a claim year, in the order of :data:`NUMBERS`."""
    return [_lever(system, f"{document}.{path}", year) for document, paths in NUMBERS.items() for path in paths]


def _lever(system, path: str, year: int) -> Lever:
    parameter = find(system.parameters, path)
    about = parameter.metadata
    last_day = parameter.get_at_instant(f"{year:04d}-12-31")
    # 文件还没有印发的年度：用它最早的数
    present = last_day if last_day is not None else parameter.values_list[-1].value
    unit = about["unit"]
    scale = {SHARE: Decimal("0.01"), "元": Decimal(WAN)}.get(unit, Decimal(1))
    high, step = _range(None if present is None else Decimal(str(present)) / scale, unit)
    # 括号里写着现行数额的，移动后就不对了
    group = re.sub(r"（[^）]*\d[^）]*）", "", find(system.parameters, path.rpartition(".")[0]).description or "")
    return Lever(path, group, about["label"], about["clause"], unit, present, scale, high, step)


def _range(present: Decimal | None, unit: str) -> tuple[Decimal, Decimal]:
    """Upper end and step of a slider in shown units; the present value lies on a step."""
    if present is None:
        return Decimal(0), Decimal(1)
    high = min(present * TIMES, Decimal(100)) if unit == SHARE else present * TIMES
    if unit not in (SHARE, "元"):
        return high, Decimal(1)
    if unit == "元":
        return high, present / STEPS
    ten = Decimal(10) ** (present.adjusted() - 1)  # 3% 以 0.1 个百分点为一步，50% 以 1 个百分点
    return high, ten


def switches(system) -> list[Switch]:
    """The switches of a law, in the order of :data:`READINGS`."""
    found = []
    for document, names in READINGS.items():
        for name in names:
            parameter = find(system.parameters, f"{document}.readings.{name}")
            about = parameter.metadata
            clause = "、".join(about["clause"])
            present = parameter.values_list[0].value
            found.append(Switch(parameter.name, about["label"], clause, about["reason"], about["readings"], present))
    return found


def document_names() -> dict[str, str]:
    """Document id -> short Chinese name, with what holds in all documents."""
    return {"common": "各文件共同"} | {name: about["short"] for name, about in documents().items()}
