"""Draws and partitions on a cluster of machines, with Dask: the same figures as on one process, to the fen.

Figures do not depend on who computes what: draws are named by seed and number, sums are of whole fen, results come back in
order. A lost worker costs time only. Dask computes its chunks again elsewhere; and the claims are handed over as the result
of a task, not as scattered data, so that Dask can make them again even where the last worker that held them is gone.

Dask is an extra: ``pip install openfisca-jining[distributed]``. Without a scheduler's address, processes of this machine are
used; a script then needs ``if __name__ == "__main__":``, because they start from a fresh Python.
"""

from __future__ import annotations

import hashlib
import pickle
import threading
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path

import openfisca_jining
import openfisca_jining.reforms
from openfisca_jining.analysis.forecast.forecast import Task, Worker
from openfisca_jining.analysis.forecast.runs import Costs, LawSpec
from openfisca_jining.errors import JiningError
from openfisca_jining.reform_files import is_reform_file
from openfisca_jining.reforming import reform_file_class

#: Seconds to wait for the scheduler and its first worker.
PATIENCE = 30
#: Chunks for each worker, so that a slow or lost one delays little.
CHUNKS_EACH = 4
#: What must be the same on all machines for the figures to be the same: libraries, and files outside of these folders.
LIBRARIES = ("openfisca-core", "numpy", "pandas")
SOURCES, OTHERWISE = (".py", ".yaml", ".csv"), ("commands", "report", "parameters", "variables", "reforms")
#: Processes of this machine, which listen on the loopback address only, without a dashboard, on any free port.
HERE = {
    "processes": True,
    "threads_per_worker": 1,
    "host": "127.0.0.1",
    "dashboard_address": None,
    "scheduler_kwargs": {"dashboard_address": "127.0.0.1:0"},
}


class ClusterError(JiningError):
    """The cluster cannot be used, or a worker refused its part. The message says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(["cluster"], message)

    def __reduce__(self):
        return type(self), (self.message,)


def on_dask(
    task: Task, chunks: list[list[int]], workers: int = 1, *, scheduler: str | None = None
) -> Iterator[list[list[Costs]]]:
    """Costs of chunks of draws, in order: for ``forecast(..., run=on_dask)`` or ``run=partial(on_dask, scheduler=...)``.

    :param workers: processes of this machine, if no scheduler is given. :param scheduler: as ``tcp://host:port``.
    :raises ClusterError: no Dask, no scheduler, no worker, workers with another version, or what a worker says is wrong.
    """
    task = replace(task, laws=tuple(portable(law) for law in task.laws))
    with connected_to(scheduler, workers) as client:
        pieces = finer(chunks, CHUNKS_EACH * sum(client.nthreads().values()))
        yield from in_order(client, _draws, (uuid.uuid4().hex, task), pieces)


def dask_map(function: Callable, items: Iterable, *, scheduler: str | None = None, workers: int = 1) -> Iterator:
    """``map`` on a cluster: for ``partitioned_budget(..., run=partial(dask_map, scheduler=...))``. Raises as :func:`on_dask`."""
    with connected_to(scheduler, workers) as client:
        yield from in_order(client, _call, function, list(items))


def portable(law: LawSpec) -> LawSpec:
    """A law that needs none of this machine's files: reform files are read here."""
    reforms: list = [reform_file_class(reform) if is_reform_file(reform) else reform for reform in law.reforms]
    return replace(law, reforms=tuple(reforms))


def finer(chunks: Sequence[Sequence[int]], pieces: int) -> list[list[int]]:
    """The same draws in the same order, in at least so many chunks if there are as many draws, none larger than before."""
    draws = [draw for chunk in chunks for draw in chunk]
    size = max(min(max(map(len, chunks)), len(draws) // pieces), 1)
    return [draws[first : first + size] for first in range(0, len(draws), size)]


# ----- this machine -----


@contextmanager
def connected_to(scheduler: str | None, workers: int):
    """A client of a scheduler, or of as many processes of this machine."""
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise ClusterError(
            '没有安装 Dask，不能用集群。请运行 pip install "openfisca-jining[distributed]"；只用本机时不必安装，用 --workers 即可。'
        ) from None
    if scheduler is None:
        with LocalCluster(n_workers=max(workers, 1), **HERE) as cluster, Client(cluster) as client:
            yield client
        return
    try:
        client = Client(scheduler, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise ClusterError(
            f"连不上调度器 {scheduler}（{type(error).__name__}）。请核对地址（形如 tcp://主机:8786），"
            "并确认调度器已用 dask scheduler 启动、端口没有被防火墙拦住。"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise ClusterError(
                f"调度器 {scheduler} 上没有工作进程。请在各台机器上运行 dask worker {scheduler} --nthreads 1。"
            ) from None
        yield client


def in_order(client, function: Callable, shared, items: Sequence) -> Iterator:
    """Results of ``function((fingerprint, shared), item)`` for all items, in order.

    :raises JiningError: what a worker refuses. :raises ClusterError: see :func:`on_dask`.
    """
    from distributed import KilledWorker

    box = client.submit(_itself, (fingerprint(), shared), pure=False)
    waiting = deque(client.submit(function, box, item, pure=False) for item in items)
    try:
        while waiting:
            answer = waiting.popleft().result()
            if isinstance(answer, JiningError):
                raise answer
            yield answer
    except KilledWorker:
        raise ClusterError(
            "有一份计算使工作进程几次中断，多半是内存不够。请减少每个工作进程的线程（--nthreads 1）、给它更多内存，或分成更多分区。"
        ) from None
    except (CancelledError, OSError) as error:
        raise ClusterError(
            f"与调度器的连接断了（{type(error).__name__}），没有算完。请确认调度器还在运行，再算一次。"
        ) from None
    finally:
        client.cancel([box, *waiting])


# ----- workers -----

#: One chunk at a time in each process, whatever number of threads it has.
_turn = threading.Lock()
#: The worker of the forecast that this process is busy with.
_worker: dict[str, Worker] = {}


def _itself(value):
    return value


def _draws(box, draws: list[int]):
    """Costs of some draws, or what is wrong. :param box: fingerprint, and (name of the run, task)."""

    def compute():
        run, task = box[1]
        if run not in _worker:
            _worker.clear()
            _worker[run] = Worker(task)
        return _worker[run].draws(draws)

    return _answer(box[0], compute)


def _call(box, item):
    """``function(item)``, or what is wrong. :param box: fingerprint, and the function."""
    return _answer(box[0], lambda: box[1](item))


def _answer(stamp: str, compute: Callable):
    """What is computed, or the error of this package, as a value: raised here, Dask would print it on every worker."""
    with _turn:
        try:
            refuse_other_version(stamp)
            return compute()
        except JiningError as error:
            try:
                return pickle.loads(pickle.dumps(error))
            except TypeError:
                return ClusterError(error.message)


def refuse_other_version(stamp: str) -> None:
    """:raises ClusterError: this process has another program, other parameters or other libraries than the one that asks."""
    if stamp != fingerprint():
        raise ClusterError(
            "工作进程上的程序、参数或数值库与本机不同，算出的数可能不同，没有计算。请在所有机器上安装同一版本（requirements.txt）。"
        )


@cache
def fingerprint() -> str:
    """SHA-256 of the program, the parameters and the versions of the libraries that figures depend on (hex)."""
    digest = hashlib.sha256()
    for name in LIBRARIES:
        digest.update(f"{name} {metadata.version(name)}\n".encode())
    folders = (openfisca_jining, openfisca_jining.parameters, openfisca_jining.variables, openfisca_jining.reforms)
    for place, package in enumerate(folders):
        folder = Path(next(iter(package.__path__)))
        for file in sorted(file for file in folder.rglob("*") if file.suffix in SOURCES):
            path = file.relative_to(folder)
            if path.parts[0] not in OTHERWISE:
                digest.update(f"{place} {path.as_posix()}\n".encode())
                digest.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()
