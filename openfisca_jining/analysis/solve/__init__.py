"""Goal seek: which value of a parameter spends a given sum, stays within a fund, or leaves nobody worse off.

Totals are piecewise straight in a rate, a cap or a fund, with jumps where a threshold or a choice turns, and flat where caps or
pools bind for everybody. So nothing is searched blindly: first all kinks of all enterprises are found (:mod:`.kinks`), then the
places where pools begin or cease to bind (:mod:`.exact`), then every stretch between that can hold the answer is searched with
exact totals (:mod:`.search`). ``Span`` says how fine values are told apart.

What is guaranteed: every value that is returned gives, put back through ``budget`` with ``reformed``, the total that is stated,
to the fen. (In a sample with weights exhausted pools leave fen over, so there a total within a fen per project meets a sum.)

What limits completeness: (1) two kinks of one enterprise that cancel within 1/128 of the range are not seen; (2) kinks of
shares are told apart from 10**-9 on; (3) where grants rise and fall at the same time between two kinks, roundings let the total
waver by a few fen, and of the places within these few fen not all are returned; (4) a pool is looked at where claims turn and
at some places in between; where it begins and ceases to bind between two looks, that is not seen; (5) what an exhausted pool
pays one enterprise wavers by a fen, and may turn between kinks if it pays in an order (first come, priority). This matters for
:func:`nobody_loses` only: there the ends of stretches and the values shown are looked at, what lies between is not.
"""

from openfisca_jining.analysis.solve.questions import (
    Affordable,
    Course,
    Frontier,
    NoLosers,
    Solved,
    affordable,
    frontier,
    nobody_loses,
    solve,
)
from openfisca_jining.analysis.solve.span import Span, span

__all__ = [
    "Affordable",
    "Course",
    "Frontier",
    "NoLosers",
    "Solved",
    "Span",
    "affordable",
    "frontier",
    "nobody_loses",
    "solve",
    "span",
]
