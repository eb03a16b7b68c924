"""A result gives its table away as a copy: who changes the copy leaves the result alone."""

from __future__ import annotations

import pandas


def assert_copied(result, table: pandas.DataFrame) -> None:
    """``result.to_pandas()`` is as ``table``, which the result keeps, and is another object."""
    copy = result.to_pandas()
    pandas.testing.assert_frame_equal(copy, table, check_exact=True)
    copy.insert(0, "mine", 0)
    assert "mine" not in table
