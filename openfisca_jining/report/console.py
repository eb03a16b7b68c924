"""Tables that align Chinese characters on a terminal, also on a GBK one."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """Columns a text takes on a terminal: two for East Asian wide and full-width characters."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def pad(text: str, columns: int, right: bool = False) -> str:
    """Text filled up with spaces to a number of terminal columns."""
    space = " " * max(columns - width(text), 0)
    return space + text if right else text + space


def wan(yuan: float, decimals: int = 2) -> str:
    """Yuan as 万元 with thousands separators; a difference keeps its sign."""
    return f"{yuan / 10_000:,.{decimals}f}"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """A table as text. :param left: number of leading columns set flush left; the others are flush right."""
    cells = [list(headings), *[list(row) for row in rows]]
    widths = [max(width(row[place]) for row in cells) for place in range(len(headings))]
    lines = [
        "  ".join(pad(cell, widths[place], place >= left) for place, cell in enumerate(row)).rstrip() for row in cells
    ]
    lines.insert(1, "-" * (sum(widths) + 2 * (len(widths) - 1)))
    return "\n".join(lines)


def safe_streams() -> None:
    """Never fail on a character that the terminal's encoding lacks (GBK consoles)."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
