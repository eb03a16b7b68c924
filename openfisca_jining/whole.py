"""Outputs whole or not at all, whatever interrupts a run: a kill, Ctrl-C, a full disk, another run that writes the same.

A file is written beside its place under a name of its own and moved there when all of it is on the disk. A folder of several
files is written as a set beside them, and its files are moved in one after the other at the end. What a kill leaves behind are
hidden ``.openfisca-jining-*.part``, which a later run removes, and, if it falls into that last moment, a folder :data:`MOVING`
with the files still to be moved: it shows that the set is mixed, and the next run into the folder moves them.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from os import PathLike
from pathlib import Path

from openfisca_jining.errors import JiningError

#: Names of what is being written.
PREFIX, SUFFIX = ".openfisca-jining-", ".part"
#: Name of a set whose files are being moved to their places.
MOVING = "未换完-请重新运行"
#: Seconds after which a set that nobody moves on is taken for abandoned, and something half-written for forgotten.
PATIENCE, FORGOTTEN = 5.0, 86_400.0
#: Names that mean a device under Windows, with any ending.
DEVICES = frozenset(
    ("con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10)))
)
_REASONS = {
    errno.ENOSPC: "磁盘已满。请清理磁盘，或用 --out 换一个位置",
    errno.EDQUOT: "磁盘配额已用完。请清理磁盘，或用 --out 换一个位置",
    errno.EFBIG: "超过了系统允许的文件大小。请用 --out 换一个位置",
    errno.EACCES: "没有写入权限，或文件正被其他程序（如 Excel）打开。请关闭它，或用 --out 换一个位置",
    errno.EPERM: "没有写入权限。请用 --out 换一个位置",
    errno.EROFS: "这个磁盘是只读的。请用 --out 换一个位置",
    errno.ENOENT: "没有这个文件夹。请先建立它，或用 --out 换一个位置",
    errno.ENOTDIR: "路径中有一段是文件，不是文件夹。请用 --out 换一个位置",
    errno.EEXIST: "这里已有一个同名的文件，不是文件夹。请用 --out 换一个位置",
    errno.EISDIR: "这是一个文件夹，不是文件。请给出文件名",
    errno.ENAMETOOLONG: "名称太长。请用短一些的名称",
    errno.ELOOP: "链接绕成了圈。请用 --out 换一个位置",
    errno.EIO: "磁盘出错。请检查磁盘，或用 --out 换一个位置",
}


class OutputError(JiningError):
    """An output that could not be written. The message says why, what became of the earlier files, and what to do."""

    def __init__(self, path: str | PathLike[str], message: str) -> None:
        super().__init__([str(path)], f"没有写成「{path}」：{message}")


@contextlib.contextmanager
def whole_file(path: str | PathLike[str]) -> Iterator[Path]:
    """A path to write to, which takes the place of ``path`` at the end and is removed if anything goes wrong.

    :raises OutputError: it cannot be written; what was there before is untouched.
    """
    place = Path(os.path.realpath(path))
    part = place.with_name(f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}")
    with _said(path):
        _refuse_place(place)
        _forget(place.parent)
        try:
            yield part
            _to_disk(part)
            os.replace(part, place)
        finally:
            part.unlink(missing_ok=True)


def write_whole(path: str | PathLike[str], content: str | bytes) -> Path:
    """Write a file whole or not at all; text in UTF-8. :returns: its path. :raises OutputError: it cannot be written."""
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    with whole_file(path) as part:
        part.write_bytes(data)
    return Path(path)


@contextlib.contextmanager
def whole_folder(path: str | PathLike[str]) -> Iterator[Path]:
    """A folder to write a set of files to, which take their places in ``path`` at the end; other files there stay.

    :raises OutputError: the set cannot be written; the message says if some of its files are new already.
    """
    folder = Path(os.path.realpath(path))
    with _said(path):
        new = not folder.exists()
        folder.mkdir(parents=True, exist_ok=True)
        _forget(folder)
        stage = folder / f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}"
        try:
            stage.mkdir()
            yield stage
            _move_set(path, stage, folder)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
            if new:
                with contextlib.suppress(OSError):
                    folder.rmdir()


def refused_output(path: str | PathLike[str], suffixes: tuple[str, ...] = ()) -> str:
    """Why something cannot be written to a path, in Chinese, or empty. Asked before anything is computed.

    :param suffixes: endings a file may have; empty: the path is a folder for several files.
    """
    place = Path(path)
    if "\0" in str(path) or not place.name:
        return f"--out 「{str(path).replace(chr(0), '?')}」不是{'文件' if suffixes else '文件夹'}名。"
    if place.name.split(".")[0].strip().lower() in DEVICES:
        return f"--out 「{path}」：{place.name.split('.')[0]} 是 Windows 的设备名，不能作文件名。请换一个名称。"
    if suffixes and place.suffix.lower() not in suffixes:
        kinds = "、".join(suffixes)
        return f"不认识 {place.suffix or '没有扩展名的文件'}，--out 请用 {kinds}。"
    try:
        if suffixes:
            if not place.parent.exists():
                return f"--out 「{path}」：没有「{place.parent}」这个文件夹。请先建立它，或换一个位置。"
            _refuse_place(Path(os.path.realpath(place)))
        there = place.parent if suffixes else next(one for one in (place, *place.absolute().parents) if one.exists())
        if not there.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "")
        if not os.access(there, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, "")
    except OSError as error:
        return f"--out 「{path}」：{_why(error)}。"
    return ""


# ----- one file -----


@contextlib.contextmanager
def _said(path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(path, f"{_why(error)}，再运行一次。原有的文件没有改动。") from None


def _why(error: OSError) -> str:
    return _REASONS.get(error.errno or 0, f"{error.strerror or error}。请检查路径和磁盘")


def _refuse_place(place: Path) -> None:
    """:raises OSError: there is a folder, a device, or a file that may not be replaced."""
    if place.is_dir():
        raise IsADirectoryError(errno.EISDIR, "")
    if place.exists():
        if not place.is_file():
            raise OSError(errno.EINVAL, "不是普通文件")
        with place.open("r+b"):
            pass


def _to_disk(file: Path) -> None:
    with file.open("r+b") as opened:
        os.fsync(opened.fileno())


def _forget(folder: Path) -> None:
    """Remove what killed runs left half-written long ago."""
    for left in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with contextlib.suppress(OSError):
            if time.time() - left.lstat().st_mtime > FORGOTTEN:
                if left.is_dir():
                    shutil.rmtree(left)
                else:
                    left.unlink()


# ----- a set of files -----


def _move_set(path, stage: Path, folder: Path) -> None:
    """Move the files of a finished set to their places, one run at a time."""
    files = [file.relative_to(stage) for file in sorted(stage.rglob("*")) if file.is_file()]
    for file in files:
        _refuse_place(folder / file)
        _to_disk(stage / file)
    moving = folder / MOVING
    try:
        _wait_for_turn(path, stage, moving)
        _move_or_say(path, files, moving, folder)
    except KeyboardInterrupt:
        if not stage.exists():  # a moment longer, and the set is whole
            _move_files(moving, folder)
        raise


def _move_or_say(path, files: list[Path], moving: Path, folder: Path) -> None:
    """Move a set. :param files: names. :raises OutputError: only some of them could be moved."""
    try:
        _move_files(moving, folder)
    except OSError as error:
        left = [file.relative_to(moving) for file in sorted(moving.rglob("*")) if file.is_file()]
        moved = [name for name in files if name not in left]
        new, old = ("、".join(map(str, names)) or "无" for names in (moved, left))
        raise OutputError(
            path, f"{_why(error)}，再运行一次。已换成新的：{new}；还没有换的：{old}（新的在「{moving}」里）。"
        ) from None


def _wait_for_turn(path, stage: Path, moving: Path) -> None:
    """Rename a set to :data:`MOVING`. If another is there, let it be moved first; move it if its run is gone.

    :raises OutputError: there is something else than a folder.
    """
    seen, since = None, time.monotonic()
    while True:
        try:
            os.rename(stage, moving)
            return
        except OSError as error:
            if moving.is_file() or moving.is_symlink():
                raise OutputError(
                    path,
                    f"新文件换上之前要放在名为「{moving}」的文件夹里，而这里已有一个同名的文件。"
                    "请把它移走或改名，再运行一次。原有的文件没有改动。",
                ) from None
            gone = error.errno in (errno.ENOTEMPTY, errno.EEXIST)  # the other set has just been moved
            if not (moving.is_dir() or gone):
                raise
        with contextlib.suppress(FileNotFoundError):
            now = sorted(moving.rglob("*"))
            if now != seen:
                seen, since = now, time.monotonic()
        if time.monotonic() - since > PATIENCE:
            _move_files(moving, moving.parent)
        time.sleep(0.05)


def _move_files(moving: Path, folder: Path) -> None:
    for file in sorted(moving.rglob("*")):
        if file.is_file():
            place = folder / file.relative_to(moving)
            place.parent.mkdir(parents=True, exist_ok=True)
            with contextlib.suppress(FileNotFoundError):  # another run has moved it
                os.replace(file, place)
    for emptied in sorted((one for one in moving.rglob("*") if one.is_dir()), reverse=True):
        with contextlib.suppress(OSError):
            emptied.rmdir()
    with contextlib.suppress(OSError):
        moving.rmdir()
