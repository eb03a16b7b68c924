"""What moves the claims of coming years: every driver with its default, what supports it, and how to change it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources

import pandas

from openfisca_jining import written
from openfisca_jining.errors import BadFact

#: Columns of ``drivers.csv``.
CODE, LABEL, VALUE, UNIT, GROUND, WHY = "代号", "驱动因素", "数值", "单位", "依据", "来源或理由"
#: Lowest and highest value a driver can take.
BOUNDS = {
    "pace": (0.0, 1.0),
    "count_growth_jining": (-0.9, 3.0),
    "count_growth_zaozhuang": (-0.9, 3.0),
    "size_growth": (-0.9, 3.0),
    "price_growth": (-0.5, 1.0),
    "revenue_growth": (-0.9, 3.0),
    "application_rate": (0.0, 3.0),
    "approval_rate": (0.0, 1.0),
    "tail_share": (0.0, 1.0),
    "tail_exponent": (0.5, 10.0),
    "tail_most": (1.0, 1000.0),
    "common_persistence": (0.0, 0.99),
    "robot_factor": (0.0, 5.0),
    "class_persistence": (0.0, 1.0),
    "month_shift": (-365.0, 365.0),
    "month_sigma": (0.0, 365.0),
    "lag_next_year": (0.0, 1.0),
    "lpr_shift": (-0.03, 0.05),
    "size_sigma": (0.0, 2.0),
    "common_count_sigma": (0.0, 1.0),
    "common_size_sigma": (0.0, 1.0),
}


@cache
def _rows() -> tuple[dict[str, str], ...]:
    text = (resources.files("openfisca_jining.analysis.forecast") / "drivers.csv").read_text(encoding="utf-8-sig")
    return tuple(csv.DictReader(text.splitlines()))


@dataclass(frozen=True)
class Drivers:
    """Values of all drivers. :ivar changed: those the analyst set (code -> value); the others have their documented default."""

    changed: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = [row[CODE] for row in _rows()]
        for code, value in self.changed.items():
            if code not in known:
                raise BadFact(["drivers", code], f"没有名为「{code}」的驱动因素。可选：{'、'.join(known)}。")
            low, high = BOUNDS[code]
            if not low <= value <= high:
                raise BadFact(["drivers", code], f"驱动因素 {code} 应在 {low:g} 至 {high:g} 之间，收到 {value:g}。")

    def __getitem__(self, code: str) -> float:
        """Value of a driver. :raises StopIteration: no such driver (a programming error)."""
        if code in self.changed:
            return float(self.changed[code])
        return float(next(row[VALUE] for row in _rows() if row[CODE] == code))

    def with_(self, **changes: float) -> Drivers:
        """These drivers with some changed."""
        return Drivers({**self.changed, **changes})

    def table(self) -> pandas.DataFrame:
        """All drivers: code, label, value, default, unit, ground (已知, 文献, 假设, 设定), why."""
        rows = []
        for row in _rows():
            set_ = row[CODE] in self.changed
            rows.append(
                {
                    "code": row[CODE],
                    "label": row[LABEL],
                    "value": self[row[CODE]],
                    "default": float(row[VALUE]),
                    "unit": row[UNIT],
                    "ground": "设定" if set_ else row[GROUND],
                    "why": "由使用者设定" if set_ else row[WHY],
                }
            )
        return pandas.DataFrame(rows)


def drivers_from(items: Iterable[str]) -> Drivers:
    """Drivers from ``code=value`` texts (``approval_rate=90%``). :raises BadFact: no such driver, bad form or value."""
    changed = {}
    units = {row[CODE]: row[UNIT] for row in _rows()}
    for item in items:
        code, found, text = item.partition("=")
        code = code.strip()
        if not (found and text.strip()):
            raise BadFact(["drivers", item], f"「{item}」的写法不对，应为 驱动因素=数，如 approval_rate=90%。")
        if code not in units:
            Drivers({code: 0.0})  # 由它说明没有这个驱动因素
        try:
            changed[code] = float(written.number(text, units[code]))
        except ValueError as error:
            reason = error if units[code] else "应为不带单位和百分号的数"
            raise BadFact(["drivers", code], f"驱动因素 {code} 的值「{text.strip()}」：{reason}。") from None
    return Drivers(changed)
