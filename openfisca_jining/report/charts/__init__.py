"""Charts, one module per question. Each function returns a matplotlib figure; :func:`save` writes it.

Charts of one axes also draw into the ``axes`` given (title, no footnote, no layout), charts of several into the ``figure`` given
(all of it). Whoever gives them clears them first.
"""

from __future__ import annotations

import io
from pathlib import Path

from matplotlib.figure import Figure

from openfisca_jining.report import style
from openfisca_jining.whole import write_whole


def footnote(record: dict, more: str = "") -> str:
    """Source, population size and readings of a chart, in one line. :param record: run record (see ``analysis.record``)."""
    kind = "合成数据，非实际申报" if record["synthetic"] else "数据"
    other = "、".join(
        f"{change['label']}（{change['reform']}）"
        for change in record.get("changes", ())
        if ".readings." in change["parameter"]
    )
    readings = f"条文不明处另取读法：{other}；其余按缺省读法。" if other else "条文不明处按缺省读法。"
    return (
        f"{kind}：{record['source']}；{record['year']} 年申报 {record['projects']} 个项目、"
        f"{record['enterprises']} 家企业。{readings}{more}"
    )


def png(drawn: Figure) -> bytes:
    """A figure as a PNG picture, fine enough to print."""
    buffer = io.BytesIO()
    drawn.savefig(buffer, format="png", dpi=style.PRINT)
    return buffer.getvalue()


def save(drawn: Figure, path: Path) -> Path:
    """Write a figure as PNG, whole or not at all. :returns: the path."""
    return write_whole(path, png(drawn))
