"""Numbers and days as people write them: ``3%``, ``300万元``, ``3,000,000``, ``2021-07-01``. Exact: decimal, not float."""

from __future__ import annotations

import datetime
import re
import unicodedata
from decimal import Decimal

_NUMBER = re.compile(
    r"(?P<digits>[+-]?(?:\d{1,3}(?:[,_]\d{3})+(?:\.\d*)?|\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?)"
    r"\s*(?P<scale>[%万亿]?)\s*(?P<unit>\D*)",
    re.ASCII,
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_LOOSE_DAY = re.compile(r"(\d{4})\D(\d{1,2})\D(\d{1,2})\D?", re.ASCII)
SCALES = {"": Decimal(1), "%": Decimal("0.01"), "万": Decimal(10**4), "亿": Decimal(10**8)}
#: Unit of a share (比例): the only one that a percent sign goes with.
SHARE = "/1"


def number(text: str, unit: str):
    """The number that a text states, as ``int`` if it is whole and as ``float`` otherwise.

    :param text: digits, optionally in groups of three, with ``%`` (shares only), ``万`` or ``亿`` (anything else) and the unit
        of the parameter, e.g. ``0.04``, ``4%``, ``300万元``, ``5,000,000元``, ``36月``.
    :param unit: unit of the parameter as its metadata state it (``/1``, ``元``, ``家`` ...).
    :raises ValueError: in Chinese: not a number, full-width digits, or a number of another unit.
    """
    text = _half_width(text.strip())
    if text.lower().lstrip("+-.") in ("nan", "inf", "infinity"):
        return float("nan")
    found = _NUMBER.fullmatch(text)
    if not found:
        raise ValueError("应为数字，如 0.04、4%、3000000、300万元")
    scale, own = found["scale"], found["unit"].strip()
    if scale == "%" and unit != SHARE:
        raise ValueError(f"单位是「{unit}」，不是比例，不能带百分号")
    if unit == SHARE and (scale in ("万", "亿") or own):
        raise ValueError("是比例，不能带金额或数量的单位，请写成 0.04 或 4%")
    if own not in ("", unit):
        raise ValueError(f"单位是「{unit}」，不能写成「{scale}{own}」")
    return plain(Decimal(found["digits"].replace(",", "").replace("_", "")) * SCALES[scale])


def plain(value):
    """A number as ``int`` if it is whole and counts one by one in float64, as ``float`` otherwise."""
    return int(value) if value == value and abs(value) < 2**53 and value == int(value) else float(value)


def states_unit(value) -> bool:
    """Whether a value was written with its unit (``300元``, ``4%``), so that its scale is meant."""
    return isinstance(value, str) and value.strip()[-1:] not in (*"0123456789.", "")


def day(value) -> str:
    """A day as ``YYYY-MM-DD``. :param value: such a text, or a ``datetime.date``. :raises ValueError: in Chinese."""
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    if not isinstance(value, str):
        raise ValueError("日期应写成 YYYY-MM-DD")
    text = _half_width(value.strip())
    if not _DAY.fullmatch(text):
        loose = _LOOSE_DAY.fullmatch(text)
        instead = f"，这里是「{loose[1]}-{int(loose[2]):02d}-{int(loose[3]):02d}」" if loose else ""
        raise ValueError(f"日期应写成 YYYY-MM-DD{instead}")
    try:
        return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("历法上没有这一天，日期应写成 YYYY-MM-DD") from None


def _half_width(text: str) -> str:
    """The text with ``％`` taken as ``%``. :raises ValueError: other full-width characters, with what to write instead."""
    text = text.replace("％", "%")
    half = unicodedata.normalize("NFKC", text)
    if half != text:
        raise ValueError(f"有全角字符，数字和日期请用半角写成「{half}」")
    return text
