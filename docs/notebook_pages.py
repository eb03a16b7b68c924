"""The notebooks as pages: executed at build time, with what they print and draw."""

from __future__ import annotations

from pathlib import Path

from pages import GENERATED, ROOT, toctree

NOTEBOOKS = ROOT / "notebooks"
PAGES = GENERATED / "notebooks"


def write(execute: bool) -> None:
    """Write ``docs/generated/notebooks``. :param execute: run them; without, the index says that they were left out."""
    PAGES.mkdir(parents=True, exist_ok=True)
    for old in PAGES.iterdir():
        old.unlink()
    paths = sorted(NOTEBOOKS.glob("*.ipynb")) if execute else []
    for path in paths:
        render(path)
    words = (
        "在自己的机器上打开：`notebooks/`。以下各页是构建文档时运行的结果。"
        if paths
        else "这次构建没有运行笔记本，请看 `notebooks/`。"
    )
    listing = toctree(path.stem for path in paths) if paths else ""
    (PAGES / "index.md").write_text(f"# 笔记本\n\n{words}\n\n{listing}", encoding="utf-8")


def render(path: Path) -> None:
    """Run one notebook and write it as Markdown, its pictures beside it."""
    import nbformat
    from nbclient import NotebookClient
    from nbconvert import MarkdownExporter

    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
    for cell in notebook.cells:
        if cell.cell_type == "code":  # commands to the kernel are no Python
            cell.source = "\n".join(line for line in cell.source.split("\n") if not line.startswith("%")).strip()
    options = {"output_files_dir": ".", "unique_key": path.stem}
    text, found = MarkdownExporter().from_notebook_node(notebook, resources=options)
    for name, picture in found["outputs"].items():
        (PAGES / name).write_bytes(picture)
    (PAGES / f"{path.stem}.md").write_text(text, encoding="utf-8")
