"""Look of all charts: Chinese legible without system fonts, 万元 axes, colours that colour-blind readers can tell apart.

Figures are matplotlib figures without pyplot: no backend is chosen, nothing has to be closed, and a notebook shows each once.
"""

from __future__ import annotations

import re
from importlib import resources

import matplotlib
import numpy
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from openfisca_jining.report.console import width

#: Okabe and Ito (2008), a palette for all kinds of colour vision.
BLUE, ORANGE, GREEN, PINK, SKY, RED, YELLOW, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#7F7F7F",
)
#: Letters beside marks, and letters of footnotes.
DARK, FAINT = "#404040", "#595959"
FONT = "Noto Sans SC"
#: Points of type: title of a figure, title of an axes drawn into, footnote.
TITLE, SMALL_TITLE, NOTE = 14, 11, 8
#: Dots per inch: on a screen; in a file, for print.
SCREEN, PRINT = 100, 200
#: Inches: edge of a figure, height of a row of the legend above the axes, of the axis label and ticks below.
EDGE, LEGEND, BELOW = 0.12, 0.3, 0.62
#: What a line break may not cut: a short remark in brackets, a number and its unit, a word, a sign with what it belongs to.
PIECE = re.compile(r"（[^（）]{1,16}）[，。；：、」”]*|[（「“]*(?:[!-~]+(?: [一-鿿]{1,2})?|.)[，。；：、）」”]*")
#: Signs after which a line is best broken.
SIGNS = tuple("，；：。、）")


def _register_font() -> None:
    """Make the Noto Sans SC that the package zhplot carries the first font of all text."""
    for path in resources.files("zhplot").rglob("NotoSansSC*.ttf"):  # type: ignore[attr-defined]
        font_manager.fontManager.addfont(str(path))
    matplotlib.rcParams.update({"font.family": [FONT, "DejaVu Sans"], "axes.unicode_minus": False})
    if "text.language" in matplotlib.rcParams:  # 3.11 起：否则标点的位置随系统的语言变
        matplotlib.rcParams["text.language"] = "zh-Hans"


_register_font()


def figure(
    title: str,
    note: str,
    size: tuple[float, float] = (10, 4.4),
    axes: Axes | None = None,
    left: float = 0.12,
    right: float = 0.95,
    legend: bool = False,
    below: float = BELOW,
) -> tuple[Figure, Axes]:
    """A figure of one axes with one message in its title, source and reading in a footnote; or the axes given, with the title only.

    :param size: width of the figure and height of the axes, in inches; title and footnote come on top of it.
    :param axes: draw into these, as they are: no footnote, no layout. Clear them first. :param left, right: edges of the axes as
        shares of the width. :param legend: leave room for a row above the axes (:func:`legend_above`).
    :param below: inches for tick and axis labels. :returns: figure and axes.
    """
    if axes is None:
        drawn, grid = panels(title, note, size, left=left, right=right, above=LEGEND * legend, below=below)
        return drawn, grid[0, 0]
    root = axes.get_figure(root=True)
    assert root is not None, "axes belong to a figure"
    inches = axes.get_position().width * root.get_figwidth()
    axes.set_title(fitted(title, inches, SMALL_TITLE), loc="left", fontsize=SMALL_TITLE, pad=26 if legend else 8)
    axes.spines[["top", "right"]].set_visible(False)
    return root, axes


def panels(
    title: str,
    note: str,
    size: tuple[float, float],
    rows: int = 1,
    columns: int = 1,
    figure: Figure | None = None,
    left: float = 0.12,
    right: float = 0.95,
    above: float = 0.0,
    below: float = BELOW,
    wspace: float = 0.2,
    hspace: float = 0.3,
    **subplots,
) -> tuple[Figure, numpy.ndarray]:
    """A figure of several axes with title and footnote, broken into lines that fit.

    :param size: width of the figure and height of all axes, in inches. :param figure: draw into this one, of whatever size; clear it
        first. :param above, below: inches over and under the axes for legends, titles of panels, ticks and labels.
    :param subplots: see ``Figure.subplots``. :returns: figure and axes, rows by columns.
    """
    wide = size[0] if figure is None else figure.get_figwidth()
    heading, foot = fitted(title, wide, TITLE), fitted(note, wide, NOTE)
    top = EDGE + 0.14 + 0.28 * (heading.count("\n") + 1) + above
    bottom = EDGE + 0.165 * (foot.count("\n") + 1) + below
    drawn = Figure(figsize=(wide, size[1] + top + bottom), dpi=SCREEN) if figure is None else figure
    tall = drawn.get_figheight()
    drawn.suptitle(heading, x=EDGE / wide, y=1 - EDGE / tall, ha="left", va="top", fontsize=TITLE, linespacing=1.2)
    drawn.text(EDGE / wide, EDGE / tall, foot, fontsize=NOTE, color=FAINT, ha="left", va="bottom", linespacing=1.3)
    frame = {"left": left, "right": right, "top": 1 - top / tall, "bottom": bottom / tall}
    grid = drawn.subplots(rows, columns, squeeze=False, **subplots)
    drawn.subplots_adjust(**frame, wspace=wspace, hspace=hspace)
    for axes in grid.ravel():
        axes.spines[["top", "right"]].set_visible(False)
    return drawn, grid


def legend_above(axes: Axes, columns: int) -> None:
    """A legend in one row between title and axes."""
    axes.legend(
        frameon=False, ncols=columns or 1, loc="lower left", bbox_to_anchor=(0, 1), borderpad=0.2, fontsize=10,
        borderaxespad=0.2, handlelength=1.4, columnspacing=1.6,
    )  # fmt: skip


def say(axes: Axes, text: str) -> None:
    """An empty chart that says why."""
    axes.set_axis_off()
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", fontsize=12)


def fitted(text: str, inches: float, points: float) -> str:
    """A text in lines that fit a width. :param points: size of the type."""
    room = int(0.95 * (inches - 2 * EDGE) * 72 / points * 2)
    return "\n".join(wrapped(line, room) for line in text.split("\n"))


def wrapped(text: str, columns: int, at_signs: bool = True) -> str:
    """Text in lines of about so many terminal columns, broken between pieces.

    :param at_signs: break after a sign where one stands in the latter half of a line.
    """
    lines: list[str] = []
    held: list[str] = []
    for piece in PIECE.findall(text):
        if held and width("".join(held) + piece.rstrip()) > columns:
            signs = (place for place in range(len(held), 0, -1) if held[place - 1].rstrip()[-1:] in SIGNS)
            long = (place for place in signs if at_signs and width("".join(held[:place])) >= columns / 2)
            cut = next(long, len(held))
            lines.append("".join(held[:cut]))
            held = held[cut:]
        held.append(piece)
    return "\n".join(line.strip() for line in [*lines, "".join(held)])


def wan_axis(axis) -> None:
    """Label an axis that carries yuan in 万元, without scientific notation; decimals only where ticks need them."""
    axis.set_major_formatter(FuncFormatter(lambda yuan, _: f"{yuan / 10_000:,.10g}" if abs(yuan) >= 0.005 else "0"))
