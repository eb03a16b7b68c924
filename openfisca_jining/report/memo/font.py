"""The glyphs of a text from Noto Sans SC, small enough to travel inside a page."""

from __future__ import annotations

import io
from importlib import resources

from fontTools import subset
from fontTools.ttLib import TTFont


def woff(text: str) -> bytes:
    """A WOFF font with the characters of a text (those that Noto Sans SC has). Same text, same bytes."""
    font = _font()
    options = subset.Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 13, 14])
    cutter = subset.Subsetter(options)
    cutter.populate(text=text)
    cutter.subset(font)
    font.flavor = "woff"
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def _font() -> TTFont:
    """The font that the package zhplot carries (SIL Open Font License)."""
    path = next(resources.files("zhplot").rglob("NotoSansSC-Regular.ttf"))  # type: ignore[attr-defined]
    return TTFont(path, recalcTimestamp=False, lazy=True)
