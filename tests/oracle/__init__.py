"""A second implementation of the subsidy documents, written from the documents alone.

It shares no code, data or number with ``openfisca_jining``: plain Python, exact fractions, one enterprise at a
time, in the order of the clauses. Money is in fen.
"""

from .whole import judge

__all__ = ["judge"]
