"""Look of all charts: Chinese legible without system fonts, 万元 axes, colours that colour-blind readers can tell apart."""

from __future__ import annotations

import functools
from importlib import resources

import matplotlib

matplotlib.use("Agg")

from matplotlib import font_manager, pyplot
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
FONT = "Noto Sans SC"


@functools.cache
def register_font() -> str:
    """Register the Noto Sans SC that the package zhplot carries. :returns: its family name."""
    for path in resources.files("zhplot").rglob("NotoSansSC*.ttf"):  # type: ignore[attr-defined]
        font_manager.fontManager.addfont(str(path))
    return FONT


def figure(title: str, note: str, size: tuple[float, float] = (10, 6)) -> tuple[Figure, Axes]:
    """A figure with one message in its title and source and reading in a footnote.

    :param size: inches. :returns: figure and axes; close the figure after saving.
    """
    pyplot.rcParams.update({"font.family": [register_font(), "DejaVu Sans"], "axes.unicode_minus": False})
    drawn, axes = pyplot.subplots(figsize=size, dpi=150)
    axes.set_title(title, loc="left", fontsize=14, pad=14)
    axes.spines[["top", "right"]].set_visible(False)
    drawn.text(0.01, 0.01, wrapped(note, size[0]), fontsize=8, color=GREY, ha="left", va="bottom")
    drawn.subplots_adjust(left=0.26, right=0.94, top=0.88, bottom=0.16)
    return drawn, axes


def wrapped(note: str, inches: float, points: float = 8) -> str:
    """Break a Chinese text into lines that fit a width. :param points: size of the type."""
    room = 0.97 * inches * 72 / points * 2
    lines = [""]
    for char in note:
        if char == "\n" or width(lines[-1] + char) > room:
            lines.append("")
        lines[-1] += char if char != "\n" else ""
    return "\n".join(lines)


def wan_axis(axis) -> None:
    """Label an axis that carries yuan in 万元, without scientific notation."""
    axis.set_major_formatter(FuncFormatter(lambda yuan, _: f"{yuan / 10_000:,.0f}"))
