"""On Dask: the same figures as on one process, to the fen, also when workers are killed; clear words when it cannot be used."""

from __future__ import annotations

import dataclasses
import os
import pickle
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import cloudpickle
import numpy
import pandas
import pytest
from distributed import KilledWorker, LocalCluster

from openfisca_jining.analysis.budget import budget
from openfisca_jining.analysis.forecast import cluster
from openfisca_jining.analysis.forecast.cluster import HERE, ClusterError, dask_map, finer, in_order, on_dask, portable
from openfisca_jining.analysis.forecast.drivers import Drivers
from openfisca_jining.analysis.forecast.forecast import CURRENT, Task, Worker, forecast
from openfisca_jining.analysis.forecast.runs import LawSpec
from openfisca_jining.analysis.partition import PartitionError, partitioned_budget, split
from openfisca_jining.errors import JiningError
from openfisca_jining.law import find
from openfisca_jining.population import Population
from openfisca_jining.population.synthetic import synthesise

TIGHT = LawSpec("专项资金 2000 万元", changes=(("jining_2020.special_fund.amount", 20_000_000, "2021-01-01"),))


@pytest.fixture(scope="module")
def two():
    """A scheduler with two workers on this machine."""
    with LocalCluster(n_workers=2, **HERE) as found:
        yield found


@pytest.fixture(scope="module")
def made_up():
    return synthesise(2021, seed=4, projects=300)


def task_of(population, *laws):
    return Task(population, (2021, 2022), (CURRENT, *laws), Drivers(), 7)


def assert_same(found, expected):
    """Costs of draws: by chunk, law and year; the chunks may be cut otherwise."""
    assert len(found) >= len(expected) > 0
    for law in range(len(expected[0])):
        for year in range(len(expected[0][0])):
            for name in vars(expected[0][law][year]):
                mine, others = (
                    numpy.concatenate([getattr(chunk[law][year], name) for chunk in chunks])
                    for chunks in (found, expected)
                )
                assert numpy.array_equal(mine, others), name


def alone(task, chunks):
    worker = Worker(task)
    return [worker.draws(chunk) for chunk in chunks]


def processes(client) -> dict[str, int]:
    return client.run(os.getpid)


# ----- draws -----


def test_a_forecast_on_dask_is_that_of_one_process(two, made_up):
    same = {"draws": 12, "reforms": [TIGHT], "seed": 3}
    here = forecast(made_up, (2021, 2022), **same)
    there = forecast(made_up, (2021, 2022), **same, run=partial(on_dask, scheduler=two.scheduler_address))
    for law in here.costs:
        for name, fen in here.costs[law].items():
            assert numpy.array_equal(there.costs[law][name], fen)
    assert here.costs["现行政策"]["paid"].any()
    pandas.testing.assert_frame_equal(here.summary(), there.summary())


def test_processes_of_this_machine_when_no_scheduler_is_given(made_up):
    task = task_of(made_up)
    assert_same(list(on_dask(task, [[5, 6, 7]], 1)), alone(task, [[5, 6, 7]]))


def test_killing_a_worker_in_mid_run_loses_nothing(two, made_up):
    """kill -9 on one of two workers while both compute."""
    task, chunks = task_of(made_up), [list(range(first, first + 3)) for first in range(0, 36, 3)]
    expected = alone(task, chunks)
    with two.get_client() as client:
        before = processes(client)
        with ThreadPoolExecutor(1) as pool:
            found = pool.submit(list, on_dask(task, chunks, scheduler=two.scheduler_address))
            victim = busy(two, before, found)
            os.kill(victim, signal.SIGKILL)
            got = found.result()
        assert_same(got, expected)
        assert len(got) == 12
        client.wait_for_workers(2, timeout=30)
        assert victim not in processes(client).values()


def busy(two, pids, found) -> int:
    """Process of a worker that is computing a chunk just now, looked for until all is found."""
    while not found.done():
        for address, worker in list(two.scheduler.workers.items()):
            if any(key.startswith("_draws") for key in map(str, (one.key for one in list(worker.processing)))):
                return pids[address]
        time.sleep(0.002)
    raise AssertionError("没有在算的工作进程")


def test_killing_the_only_worker_loses_nothing(made_up):
    """The last copy of the claims dies with it; Dask hands them out again."""
    task, chunks = task_of(made_up), [[0, 1], [2, 3], [4, 5], [6, 7]]
    with LocalCluster(n_workers=1, **HERE) as one, one.get_client() as client:
        found = on_dask(task, chunks, scheduler=one.scheduler_address)
        got = [next(found)]
        (victim,) = processes(client).values()
        os.kill(victim, signal.SIGKILL)
        assert_same(got + list(found), alone(task, chunks))
        assert victim not in processes(client).values()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (KilledWorker("一份", None, 3), "工作进程几次中断，多半是内存不够"),
        (OSError(), r"与调度器的连接断了（OSError），没有算完"),
    ],
)
def test_work_that_cannot_go_on_is_told_in_words(error, words):
    def lost():
        raise error

    future = SimpleNamespace(result=lost, cancel=lambda: None)
    client = SimpleNamespace(submit=lambda *_, **__: future, cancel=lambda *_, **__: None)
    with pytest.raises(ClusterError, match=words):
        list(in_order(client, len, None, [1]))


def test_chunks_are_cut_finer_for_many_workers_and_never_larger():
    chunks = [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert finer(chunks, 1) == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert finer(chunks, 5) == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]
    assert finer(chunks, 4) == [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]
    assert finer(chunks, 99) == [[draw] for draw in range(10)]


# ----- partitions -----


def test_partitions_on_dask_are_one_simulation(two, made_up):
    law = dataclasses.replace(TIGHT, readings=("jining_2017.zone_pool_allocation=equal_shares",))
    run = partial(dask_map, scheduler=two.scheduler_address)
    found, whole = partitioned_budget(split(made_up, 3), law, run=run), budget(made_up, law.build())
    pandas.testing.assert_frame_equal(found.claims, whole.claims, check_exact=True)
    pandas.testing.assert_frame_equal(found.funds, whole.funds, check_exact=True)


def nowhere(population) -> Population:
    return dataclasses.replace(population, enterprises=population.enterprises.drop(columns="county"))


def test_what_a_partition_lacks_is_said_in_chinese(two, made_up):
    run = partial(dask_map, scheduler=two.scheduler_address)
    first, second = (one.population for one in split(made_up, 2))
    with pytest.raises(PartitionError, match=r"第 2 个分区.*缺少事实「注册地」"):
        partitioned_budget([first, nowhere(second)], TIGHT, run=run)


# ----- laws that travel -----


def test_a_reform_file_travels_with_the_law(tmp_path):
    path = tmp_path / "更高比例.yaml"
    path.write_text("title: 比例 5%\nchanges:\n  jining_2017.equipment.rate:\n    2021-01-01: 5%\n", encoding="utf-8")
    sent = cloudpickle.dumps(portable(LawSpec("改革", reforms=("jining_rate_up", str(path)))))
    path.unlink()
    system = cloudpickle.loads(sent).build()
    assert find(system.parameters, "jining_2017.equipment.rate").get_at_instant("2021-06-01") == 0.05


# ----- when it cannot be used -----


def test_without_dask_it_says_what_to_install(made_up, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"没有安装 Dask.*pip install"):
        forecast(made_up, (2021,), 2, run=on_dask)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "不是地址", "http://127.0.0.1:8786"])
def test_a_scheduler_out_of_reach(made_up, monkeypatch, address):
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with pytest.raises(ClusterError, match=f"连不上调度器 {address}"):
        forecast(made_up, (2021,), 2, run=partial(on_dask, scheduler=address))


def test_a_scheduler_without_workers(made_up, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    with LocalCluster(n_workers=0, **HERE) as empty, pytest.raises(ClusterError, match="没有工作进程"):
        list(on_dask(task_of(made_up), [[0]], scheduler=empty.scheduler_address))


def test_a_worker_with_another_version_refuses(two, made_up, monkeypatch):
    monkeypatch.setattr(cluster, "fingerprint", lambda: "另一个版本")
    with pytest.raises(ClusterError, match=r"与本机不同.*没有计算"):
        list(on_dask(task_of(made_up), [[0]], scheduler=two.scheduler_address))


def test_what_a_worker_refuses_comes_back_in_the_same_words(two, made_up):
    with pytest.raises(JiningError, match="缺少事实「注册地」"):
        list(on_dask(task_of(nowhere(made_up)), [[0]], scheduler=two.scheduler_address))


def test_the_fingerprint_is_of_what_decides_figures(tmp_path, monkeypatch):
    before = cluster.fingerprint()
    assert len(before) == 64
    monkeypatch.setattr(cluster, "SOURCES", (".py",))
    assert cluster.fingerprint.__wrapped__() != before
    monkeypatch.undo()
    monkeypatch.setattr(cluster, "LIBRARIES", ("numpy",))
    assert cluster.fingerprint.__wrapped__() != before
    monkeypatch.undo()
    assert cluster.fingerprint.__wrapped__() == before


@pytest.mark.parametrize("error", [ClusterError("甲"), PartitionError("乙")])
def test_errors_travel(error):
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))


def test_the_extra_is_declared_and_pinned():
    root = Path(__file__).parents[2]
    assert "distributed = [" in (root / "pyproject.toml").read_text(encoding="utf-8")
    assert "\ndistributed==" in (root / "requirements.txt").read_text(encoding="utf-8")
