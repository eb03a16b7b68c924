"""The ledger as a waterfall: one figure whose bars and labels are moved, never built again. Current law in grey behind it."""

from __future__ import annotations

import io

import matplotlib
import numpy
from matplotlib.figure import Figure

from openfisca_jining.analysis.budget import LEDGER
from openfisca_jining.money import FEN
from openfisca_jining.page.outcome import Change
from openfisca_jining.report import style
from openfisca_jining.report.console import wan

#: Inches of the picture; the page scales it.
SIZE = (11.0, 2.9)
#: Widths of the reform's bars and of current law's behind them.
NARROW, WIDE = 0.42, 0.74
PALE = "#D6D6D6"
TITLE = "台账（万元）：按比例应得，减去各项限制，得实付。彩色为改革，灰色为现行"


class Waterfall:
    """One figure, kept. Text stays text: the page carries the font."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=SIZE)
        axes = self.axes = self.figure.add_axes((0.01, 0.17, 0.98, 0.7))
        marks, zero = numpy.arange(len(LEDGER)), numpy.zeros(len(LEDGER))
        ends = (0, len(LEDGER) - 1)
        colours = [style.BLUE if mark in ends else style.ORANGE for mark in marks]
        self.before = axes.bar(marks, zero, width=WIDE, color=PALE)
        self.after = axes.bar(marks, zero, width=NARROW, color=colours)
        self.labels = [axes.text(float(mark), 0, "", ha="center", va="bottom", fontsize=10.5) for mark in marks]
        axes.set_xticks(marks, [style.wrapped(name, 14) for name in LEDGER.values()], fontsize=10.5)
        axes.set_yticks([])
        axes.tick_params(axis="x", length=0)
        axes.set_xlim(-0.5, len(LEDGER) - 0.5)
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.set_title(TITLE, loc="left", fontsize=11, color=style.DARK)

    def svg(self, change: Change) -> str:
        """The ledger of the reform against that of current law, as SVG without a fixed size."""
        self._move(change)
        buffer = io.StringIO()
        with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "jining"}):
            self.figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
        text = buffer.getvalue()
        return text[text.index("<svg") :]

    def _move(self, change: Change) -> None:
        """Put bars and labels where a change wants them."""
        tops = numpy.zeros(len(LEDGER))
        for bars, one in ((self.before, change.before), (self.after, change.after)):
            amounts = one.ledger.sum(axis=0) / FEN
            bottoms = numpy.concatenate([[0.0], amounts[0] - numpy.cumsum(amounts[1:-1]), [0.0]])
            for bar, bottom, amount in zip(bars, bottoms, amounts, strict=True):
                bar.set(y=bottom, height=amount)
            tops = numpy.maximum(tops, bottoms + amounts)
        highest = max(tops[0], 1.0)
        for place, (label, top) in enumerate(zip(self.labels, tops, strict=True)):
            taken = 0 < place < len(LEDGER) - 1 and amounts[place] > 0
            label.set(text=f"{'-' if taken else ''}{wan(amounts[place])}", y=top + 0.015 * highest)
        self.axes.set_ylim(0, 1.12 * highest)
