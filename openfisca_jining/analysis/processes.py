"""Forked processes that share the work, and that end with the run: on Ctrl-C at once, and when the run is killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from openfisca_jining.errors import JiningError

#: Seconds between two looks of a process at whether its run is still there.
LOOK = 1.0


class LostProcess(JiningError):
    """A process ended in the middle of its work, most often for want of memory."""

    def __init__(self) -> None:
        message = "一个计算进程中途结束，多半是内存不够，没有算完。请用 --workers 1 或减少抽样次数、项目再算一次。"
        super().__init__(["processes"], message)


def can_fork() -> bool:
    """Whether processes can be forked here (not under Windows)."""
    return "fork" in multiprocessing.get_all_start_methods()


@contextmanager
def forked(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that share this one's memory. :raises LostProcess: one of them was killed."""
    context = multiprocessing.get_context("fork")
    try:
        with ProcessPoolExecutor(workers, context, initializer=_begin, initargs=(os.getpid(),)) as pool:
            yield pool
    except BrokenProcessPool:
        raise LostProcess from None


def _begin(run: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(run,), daemon=True).start()


def _end_with(run: int) -> None:
    while os.getppid() == run:
        time.sleep(LOOK)
    os._exit(1)
