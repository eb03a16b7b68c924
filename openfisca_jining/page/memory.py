"""Files that are written only to be handed on: they lie in a temporary folder for as long as that takes."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path


def bytes_of(write: Callable[[Path], Path]) -> bytes:
    """What a function writes. :param write: folder -> the file it wrote there."""
    with tempfile.TemporaryDirectory(prefix="jining-") as folder:
        return write(Path(folder)).read_bytes()
