"""Work in forks of a warmed-up process: what a mutant does to it is gone with the fork."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator


def forked(work: Callable[[], str], cpu_seconds: float) -> str:
    """What a function returns in a fork of this process; "timeout" if it takes longer, "crash" if it ends otherwise."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        answer = b"crash"
        try:
            answer = work().encode()
        finally:
            os.write(write, answer)
            os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        answer = pipe.read().decode()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return "timeout" if os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGXCPU) else "crash"
    return answer


def spread(work: Callable[[object], object], items: Iterable[object], processes: int) -> Iterator[object]:
    """Answers of a function on items, from so many forks of this process, in any order. Answers are JSON."""
    items = list(items)
    sys.stdout.flush()
    read, write = os.pipe()
    workers = []
    for number in range(processes):
        worker = os.fork()
        if worker == 0:
            os.close(read)
            with os.fdopen(write, "w", encoding="utf-8") as pipe:
                for item in items[number::processes]:
                    pipe.write(json.dumps(work(item)) + "\n")
                    pipe.flush()
            os._exit(0)
        workers.append(worker)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        for line in pipe:
            yield json.loads(line)
    for worker in workers:
        _, status = os.waitpid(worker, 0)
        if status:
            raise RuntimeError(f"a worker ended with status {status}")
