"""Charts, one module per question. Each function returns a matplotlib figure; :func:`save` writes it."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure


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


def save(drawn: Figure, path: Path) -> Path:
    """Write a figure as PNG (whole or not at all) and close it."""
    from matplotlib import pyplot

    part = path.with_name(path.name + ".part")
    drawn.savefig(part, format="png")
    pyplot.close(drawn)
    part.replace(path)
    return path
