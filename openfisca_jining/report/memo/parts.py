"""What a memo is made of, before it is written anywhere: headings, paragraphs, tables, pictures. All texts are final."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

#: What XML forbids (control characters, surrogates, noncharacters) or what turns the direction of the text around it.
UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
#: Rows of a table that is not broken over pages.
SHORT = 8
NUMERALS = "〇一二三四五六七八九"


@dataclass(frozen=True)
class Heading:
    """A heading with its number (一、（一）1.). :ivar level: 1 to 3."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """A paragraph. :ivar note: set small, without indent (sources, remarks under a table)."""

    text: str
    note: bool = False


@dataclass(frozen=True)
class Table:
    """A table under its numbered caption.

    :ivar rows: cells as shown. :ivar left: leading columns that hold text; the others hold figures, set flush right.
    :ivar widths: share of the width of each column. :ivar total: the last row is a sum.
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left: int
    widths: tuple[float, ...]
    total: bool = False

    @property
    def short(self) -> bool:
        """Whether it is kept on one page."""
        return len(self.rows) <= SHORT


@dataclass(frozen=True)
class Picture:
    """A picture over its numbered caption. :ivar alt: what it shows, in words. :ivar png: the file. :ivar shape: height / width."""

    caption: str
    alt: str
    png: bytes = field(repr=False)
    shape: float


@dataclass(frozen=True)
class Memo:
    """A memo, from results only. :ivar subtitle: lines under the title. :ivar running: what every page says on top."""

    title: str
    subtitle: tuple[str, ...]
    running: str
    blocks: tuple[Heading | Paragraph | Table | Picture, ...]

    def text(self) -> str:
        """Every character that is set in type."""
        said = [self.title, *self.subtitle, self.running]
        for block in self.blocks:
            if isinstance(block, Table):
                said += [block.caption, *block.headings, *(cell for row in block.rows for cell in row)]
            else:
                said.append(block.caption if isinstance(block, Picture) else block.text)
        return "".join(said)


class Draft:
    """A memo under construction: numbers its headings, tables and pictures, and makes every text printable."""

    def __init__(self) -> None:
        self.blocks: list[Heading | Paragraph | Table | Picture] = []
        self._headings, self._tables, self._pictures = [0, 0, 0], 0, 0

    def heading(self, level: int, text: str) -> None:
        """A heading; lower levels start again."""
        self._headings[level - 1 :] = [self._headings[level - 1] + 1] + [0] * (3 - level)
        number = self._headings[level - 1]
        before = {1: f"{chinese(number)}、", 2: f"（{chinese(number)}）", 3: f"{number}. "}[level]
        self.blocks.append(Heading(level, before + printable(text)))

    def say(self, text: str, note: bool = False) -> None:
        """A paragraph."""
        self.blocks.append(Paragraph(printable(text), note))

    def table(self, caption: str, headings, rows, *, left: int = 1, widths=None, total: bool = False) -> None:
        """A table. :param widths: of the columns in any unit; all alike if none are given."""
        self._tables += 1
        widths = tuple(widths or [1] * len(headings))
        self.blocks.append(
            Table(
                f"表 {self._tables}　{printable(caption)}",
                tuple(printable(text) for text in headings),
                tuple(tuple(printable(str(cell)) for cell in row) for row in rows),
                left,
                tuple(width / sum(widths) for width in widths),
                total,
            )
        )

    def picture(self, caption: str, alt: str, png: bytes, shape: float) -> None:
        """A picture."""
        self._pictures += 1
        self.blocks.append(Picture(f"图 {self._pictures}　{printable(caption)}", printable(alt), png, shape))


def chinese(number: int) -> str:
    """A number from 1 to 99 as headings write it."""
    tens, ones = divmod(number, 10)
    if not tens:
        return NUMERALS[ones]
    return ("" if tens == 1 else NUMERALS[tens]) + "十" + (NUMERALS[ones] if ones else "")


def printable(text: str) -> str:
    """A text on one line, with a replacement sign (U+FFFD) for each character that a document cannot hold."""
    return UNPRINTABLE.sub("�", re.sub(r"[\t\r\n]+", " ", text))
