"""Every notebook runs on this Python without an error or a warning, in the time it states, and is stored clean."""

from __future__ import annotations

import base64
import re
import struct
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
STATED = re.compile(r"运行约 (\d+) 秒（about (\d+) s）")

every = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def texts(notebook, kind: str) -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


def test_there_are_eight():
    assert [path.name[:2] for path in NOTEBOOKS] == [f"{number:02}" for number in range(1, 9)]


@every
def test_runs_without_errors_or_warnings(path):
    notebook = nbformat.read(path, nbformat.NO_CONVERT)
    # 没有登记的内核，就是运行测试的这个 Python
    kernel = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
    notebook.cells.append(nbformat.v4.new_code_cell("import sys; print(sys.executable)"))
    NotebookClient(notebook, km=kernel, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert Path(outputs.pop()["text"].strip()) == Path(sys.executable)
    assert [one for one in outputs if one.output_type == "error"] == []
    assert [one.text for one in outputs if one.output_type == "stream" and one.name == "stderr"] == []
    assert [one for one in outputs if "Warning" in one.get("text", "")] == []
    pictures = [one.data["image/png"] for one in outputs if "data" in one and "image/png" in one.data]
    assert pictures
    for picture in pictures:
        wide, tall = struct.unpack(">II", base64.b64decode(picture)[16:24])
        assert 700 <= wide <= 1500 and 150 <= tall <= 1500
    assert not [
        one for one in outputs if "<Figure" in one.get("data", {}).get("text/plain", "") and "image/png" not in one.data
    ]


def stated(notebook) -> int:
    """Seconds that the opening cell states, in Chinese and in English."""
    chinese, english = STATED.search(notebook.cells[0].source).groups()
    assert chinese == english
    return int(chinese)


@every
def test_opens_with_its_question_and_ends_with_things_to_try(path):
    notebook = nbformat.read(path, nbformat.NO_CONVERT)
    first, last = notebook.cells[0].source, notebook.cells[-1].source
    assert "**回答的问题**" in first
    assert 0 < stated(notebook) < 60
    tries = last[last.index("## 改一改") :]
    assert 2 <= len(re.findall(r"^\d\. ", tries, re.MULTILINE)) <= 3
    words = "\n".join(texts(notebook, "markdown"))
    assert "**看什么**" in words and "不要从中得出" in words


@every
def test_each_heading_has_its_english_line(path):
    for text in texts(nbformat.read(path, nbformat.NO_CONVERT), "markdown"):
        lines = text.split("\n")
        for number, line in enumerate(lines):
            if line.startswith("#"):
                assert re.fullmatch(r"\*[A-Z][ -~]+\*", lines[number + 1]), line


@every
def test_is_stored_clean_for_any_python_3(path):
    done = subprocess.run([sys.executable, "-m", "nbstripout", "--verify", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    notebook = nbformat.read(path, nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "python3"
    assert notebook.metadata.language_info.name == "python"
    for cell in notebook.cells:
        assert cell.id
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None
