"""Processes that share the work: one that is lost is said, in words a clerk can act on."""

from __future__ import annotations

import os

import pytest

from openfisca_jining.analysis.processes import LostProcess, forked


def test_a_lost_process_is_named():
    with pytest.raises(LostProcess, match=r"一个计算进程中途结束.*--workers 1"), forked(1) as pool:
        pool.submit(os._exit, 1).result()
