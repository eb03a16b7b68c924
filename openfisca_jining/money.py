"""Exact money: yuan in float64, settled to the fen; shares of a sum that add up to the sum.

House rule (docs/architecture.md): every sum that meets a threshold and every amount that is paid passes through
:func:`settle`. Inside this module amounts are counted in whole fen (int64), so that sums do not depend on their order.
"""

from __future__ import annotations

import numpy
from numpy.typing import NDArray

FEN = 100
NO_CAP = numpy.int64(2**62)
#: Largest amount in yuan: ten trillion; in fen it is still far below 2**53, where float64 stops counting one by one.
LARGEST = 10**13
#: Decimals of a rate (3.03 % = 0.0303 has four) that a product with an amount must keep to be shared out exactly.
RATE_DECIMALS = 4
#: A product of a rate and an amount carries at most four relative roundings of 2**-53 (rate, amount, product, times 100), a
#: sum a few more; ``numpy.spacing`` is at least 2**-53 of its argument. Eight spacings therefore cover the error, and stay
#: below half the smallest step (10**-4 fen for rates of four decimals) up to two hundred million yuan, 10**-2 fen for
#: rates in whole percent up to a trillion yuan. Checked against ``fractions`` in tests/test_money.py.
SLACK_IN_SPACINGS = 8


ROUNDINGS = ("half_up", "half_even", "truncate")
#: Where fewer than one row in so many has any money, only those rows are worked on.
SPARSE = 3


def to_fen(amount, mode: str = "half_up") -> NDArray[numpy.int64]:
    """Count an amount in whole fen.

    :param amount: yuan, array or scalar, not negative.
    :param mode: ``half_up`` (四舍五入), ``half_even`` (四舍六入五成双) or ``truncate`` (舍去厘以下).
    :returns: int64 of the same shape. A value within float error of a fen or of half a fen is taken to be on it.
    :raises ValueError: an amount is not a finite number, or above :data:`LARGEST`.
    """
    if mode not in ROUNDINGS:
        raise ValueError(f"没有这种取整方式：{mode}")
    amount = numpy.asarray(amount, dtype=numpy.float64)
    if amount.ndim != 1:
        return _count(numpy.atleast_1d(amount).ravel(), mode).astype(numpy.int64).reshape(amount.shape)
    rows = rows_with_money(amount)
    if len(rows) * SPARSE > len(amount):
        return _count(amount, mode).astype(numpy.int64)
    return put(_count(amount[rows], mode).astype(numpy.int64), rows, len(amount))


def rows_with_money(amount) -> NDArray[numpy.int64]:
    """Rows whose amount is not zero."""
    return numpy.flatnonzero(amount != 0)


def put(values, rows, size: int) -> NDArray:
    """Values of some rows among zeros."""
    result = numpy.zeros(size, dtype=values.dtype)
    result[rows] = values
    return result


def _count(amount, mode: str) -> NDArray[numpy.float64]:
    """Whole fen, as float64, of a flat array of yuan. See :func:`to_fen`.

    Most amounts are on a fen already: the float64 nearest to a number of fen is recognised by coming back unchanged.
    """
    fen = amount * FEN
    if not (len(fen) == 0 or -LARGEST * FEN <= fen.min() <= fen.max() <= LARGEST * FEN):  # nan is neither
        raise ValueError("金额不是有限的数，或大得无法精确到分。")
    whole = numpy.rint(fen)
    odd = numpy.flatnonzero(whole / FEN != amount)
    if len(odd):
        whole[odd] = _rounded(fen[odd], mode)
    return whole


def _rounded(fen, mode: str) -> NDArray[numpy.float64]:
    """Fen rounded to whole fen, up to float error (:data:`SLACK_IN_SPACINGS`)."""
    slack = SLACK_IN_SPACINGS * numpy.spacing(numpy.abs(fen))
    whole = numpy.floor(fen)
    part = fen - whole
    carry = part >= 1 - slack
    whole, part = whole + carry, numpy.where(carry, 0.0, part)
    if mode == "half_up":
        return whole + (part >= 0.5 - slack)
    if mode == "half_even":
        tie = numpy.abs(part - 0.5) <= slack
        return whole + numpy.where(tie, whole % 2 == 1, part > 0.5)
    return whole


def to_yuan(fen) -> NDArray[numpy.float64]:
    """Whole fen as yuan (the float64 nearest to the decimal amount)."""
    return numpy.asarray(fen, dtype=numpy.int64) / FEN


def settle(amount, mode: str = "half_up") -> NDArray[numpy.float64]:
    """Yuan settled to the fen. See :func:`to_fen` for ``mode`` and errors."""
    return to_yuan(to_fen(amount, mode))


def sum_fen(fen, group, size: int) -> NDArray[numpy.int64]:
    """Sum whole fen by group. ``group``: group number of each row, ``size``: number of groups (empty ones included)."""
    if size == 1:
        return numpy.array([numpy.sum(fen, dtype=numpy.int64)])
    total = numpy.zeros(size, dtype=numpy.int64)
    numpy.add.at(total, group, fen)
    return total


def rank_within(group, *keys) -> NDArray[numpy.int64]:
    """Place of each row in its group (0 first) when sorted by ``keys`` (first key first), ties in listed order."""
    order = numpy.lexsort((*reversed(keys), group))  # stable
    start = group_starts(group[order])
    rank = numpy.empty(len(group), dtype=numpy.int64)
    rank[order] = numpy.arange(len(group)) - start
    return rank


def group_starts(sorted_group) -> NDArray[numpy.int64]:
    """Where the group of each row begins, for rows sorted by group."""
    first = numpy.ones(len(sorted_group), dtype=bool)
    numpy.not_equal(sorted_group[1:], sorted_group[:-1], out=first[1:])
    return numpy.flatnonzero(first)[numpy.cumsum(first) - 1]


def _hand_out(floor, left, group, *remainders) -> NDArray[numpy.int64]:
    """Largest remainder: one more fen for the ``left[g]`` rows of group g with the largest remainders (the first decides, the
    next between equals), ties in listed order."""
    rows = numpy.flatnonzero(left[group] > 0)
    if not len(rows):
        return floor
    rank = rank_within(group[rows], *(-remainder[rows] for remainder in remainders))
    result = floor.copy()
    result[rows] += rank < left[group[rows]]
    return result


def _largest(values, count: int) -> NDArray[numpy.bool_]:
    """The ``count`` largest values, ties in listed order (bool)."""
    if not 0 < count < len(values):
        return numpy.full(len(values), count > 0)
    line = numpy.partition(values, len(values) - count)[len(values) - count]
    chosen = values > line
    chosen[numpy.flatnonzero(values == line)[: count - int(chosen.sum())]] = True
    return chosen


def settle_once_per_group(raw, group, size: int, mode: str = "half_up") -> NDArray[numpy.float64]:
    """Settle the sum of each group once, and give each row its share so that the shares add up to that sum.

    :param raw: unrounded yuan of each row, not negative.
    :param group: group number of each row; ``size``: number of groups.
    :param mode: as :func:`to_fen`, or ``half_up_per_project``: every row on its own.
    :returns: yuan of each row; leftover fen go to the largest remainders, ties in listed order.
    """
    if mode == "half_up_per_project":
        return settle(raw)
    raw, group = numpy.asarray(raw, dtype=numpy.float64), numpy.asarray(group)
    result = to_fen(raw, mode)  # right for a row that is alone in its group
    rows = rows_with_money(raw)
    rows = rows[numpy.bincount(group[rows], minlength=size)[group[rows]] > 1]
    if len(rows):
        raw, group = raw[rows], group[rows]
        total = to_fen(numpy.bincount(group, raw, minlength=size), mode)
        floor = to_fen(raw, "truncate")
        left = total - sum_fen(floor, group, size)
        # 余数按比例的小数位取整：同样的余数不因浮点误差分出先后
        remainder = numpy.rint((raw * FEN - floor) * 10**RATE_DECIMALS)
        result[rows] = _hand_out(floor, left, group, remainder)
    return to_yuan(result)


def apportion(total, weight, group, size: int, decimals: int = 0) -> NDArray[numpy.float64]:
    """Share out the total of each group in proportion to weights, by largest remainder.

    :param total: yuan of each group (length ``size``), whole fen.
    :param weight: yuan of each row, not negative, whole fen or (``decimals``) fen to so many decimals, as products of an
        amount and a rate are. A group whose weights are all 0 gets nothing.
    :returns: yuan of each row; per group they add up to ``total`` exactly. Ties in listed order.

    Quotients are estimated in float and their remainders computed exactly in int64 modulo 2**64 (a true remainder is
    smaller than the sum of the weights, so the wrapped value is the true one).
    """
    weight, group = numpy.asarray(weight, dtype=numpy.float64), numpy.asarray(group)
    rows = rows_with_money(weight)
    if len(rows) == 0:
        return numpy.zeros(len(weight))
    if len(rows) < len(weight):
        return put(apportion(total, weight[rows], group[rows], size, decimals), rows, len(weight))
    total_fen, weight_fen = to_fen(total), to_fen(weight * 10**decimals)
    if size == 1:
        return to_yuan(_share_out(int(total_fen[0]), weight_fen))
    whole = sum_fen(weight_fen, group, size)
    quotient, remainder = _divide(total_fen[group], weight_fen, numpy.maximum(whole, 1)[group])
    left = numpy.where(whole > 0, total_fen - sum_fen(quotient, group, size), 0)
    return to_yuan(_hand_out(quotient, left, group, remainder))


def apportion_in_turn(total, ahead, behind, group, size: int, decimals: int) -> NDArray[numpy.float64]:
    """Share out the total of each group to one part of every amount first, what is left to the other part, settled once.

    :param total: yuan of each group (length ``size``), whole fen. :param ahead, behind: the two parts of each row, yuan, fen
        to ``decimals`` decimals. The first parts are met in full or, where they exceed the total, pro rata; the second parts
        share the rest pro rata, also a rest above their sum.
    :returns: yuan of each row, by largest remainder of first and second part together; per group they add up to ``total``.
    """
    unit = 10**decimals
    first, second = (to_fen(numpy.asarray(part, dtype=numpy.float64) * unit) for part in (ahead, behind))
    whole = [sum_fen(part, group, size) for part in (first, second)]
    total_fen = to_fen(total)
    left = total_fen * unit - whole[0]
    full = (left > 0) & (whole[1] > 0) | (whole[0] == 0)  # 第一部分全数满足
    weight, by = numpy.where(full[group], second, first), numpy.where(full, whole[1], whole[0])
    shared = numpy.where(full, left, total_fen * unit)
    quotient, remainder = _divide(shared[group], weight, numpy.maximum(by, 1)[group])
    exact = quotient + numpy.where(full[group], first, 0)
    floor = exact // unit
    spare = numpy.where(by > 0, total_fen - sum_fen(floor, group, size), 0)
    return to_yuan(_hand_out(floor, spare, group, exact - floor * unit, remainder))


def ratio(part, whole, otherwise: float = 0.0) -> NDArray[numpy.float64]:
    """``part / whole`` of each row, ``otherwise`` where the whole is 0. Arrays of numbers, the whole not negative."""
    return numpy.divide(part, whole, out=numpy.full(len(whole), otherwise), where=whole > 0)


def _share_out(total: int, weight) -> NDArray[numpy.int64]:
    """:func:`apportion` for one group of weights above 0, in fen."""
    quotient, remainder = _divide(numpy.int64(total), weight, weight.sum())
    return quotient + _largest(remainder, total - int(quotient.sum()))


def _divide(total, weight, whole):
    """Quotient and remainder of total times weight divided by whole, exact for int64 whose product is not."""
    quotient = numpy.floor(total.astype(numpy.float64) * weight / whole).astype(numpy.int64)
    remainder = total * weight - quotient * whole
    for _ in range(2):
        above, below = remainder >= whole, remainder < 0
        if not (above.any() or below.any()):
            break
        step = above.astype(numpy.int64) - below
        quotient, remainder = quotient + step, remainder - step * whole
    return quotient, remainder


def apportion_columns(total, weights) -> NDArray[numpy.float64]:
    """:func:`apportion` for many small groups: share out each total in proportion to its column of weights.

    :param total: yuan of each column, whole fen. :param weights: yuan, few rows by many columns, whole fen.
    :returns: yuan, shaped like ``weights``; ties go to the first row. A column of zeros gets nothing.
    """
    total_fen, weight_fen = to_fen(total), to_fen(weights)
    whole = weight_fen.sum(axis=0)
    quotient, remainder = _divide(total_fen, weight_fen, numpy.maximum(whole, 1))
    left = numpy.where(whole > 0, total_fen - quotient.sum(axis=0), 0)
    for row, own in enumerate(remainder):
        rank = (remainder > own).sum(axis=0) + (remainder[:row] == own).sum(axis=0)
        quotient[row] += rank < left
    return to_yuan(quotient)


def fill_cap(amount, group, size: int, cap, allocation: str, rank=None) -> NDArray[numpy.float64]:
    """Book the amounts of each group under the group's cap.

    :param amount: yuan of each row, whole fen.
    :param cap: yuan of each group (length ``size``), or one for all; ``inf`` or ``nan`` = no cap; below 0 counts as 0.
    :param allocation: ``largest_first`` (rows in order of size until the cap is used), ``pro_rata`` (scale every row) or
        ``enterprise_choice`` (rows in the order of ``rank``, then of size).
    :returns: yuan of each row; the sum of a group is the smaller of its amounts and its cap.
    """
    amount, group = numpy.asarray(amount, dtype=numpy.float64), numpy.asarray(group)
    rows = rows_with_money(amount)
    fen, mine = _count(amount[rows], "half_up").astype(numpy.int64), group[rows]
    if not len(rows):
        return numpy.zeros(len(amount))
    cap = numpy.asarray(cap, dtype=numpy.float64)
    cap = cap if cap.ndim == 0 else cap[mine]
    open_ended = ~numpy.isfinite(cap)
    cap_fen = numpy.where(open_ended, NO_CAP, to_fen(numpy.where(open_ended, 0.0, numpy.maximum(cap, 0.0))))
    over = numpy.flatnonzero(sum_fen(fen, mine, size)[mine] > cap_fen)
    if len(over):
        cap_fen = numpy.broadcast_to(cap_fen, mine.shape)[over]
        first = None if rank is None or allocation == "largest_first" else numpy.asarray(rank)[rows[over]]
        fen[over] = _fill(fen[over], mine[over], size, cap_fen, allocation, first)
    return put(to_yuan(fen), rows, len(amount))


def _fill(fen, group, size: int, cap_fen, allocation: str, rank) -> NDArray[numpy.int64]:
    """:func:`fill_cap` for rows of groups above their cap, in fen; the cap is given for each row."""
    if allocation == "pro_rata":
        total = numpy.zeros(size, dtype=numpy.int64)
        total[group] = cap_fen
        return to_fen(apportion(to_yuan(total), to_yuan(fen), group, size))
    if allocation not in ("largest_first", "enterprise_choice"):
        raise ValueError(f"没有这种分摊方式：{allocation}")
    result = numpy.clip(cap_fen, 0, fen)  # right for a row that is alone in its group
    rows = numpy.flatnonzero(numpy.bincount(group, minlength=size)[group] > 1)
    if not len(rows):
        return result
    fen, group, cap_fen, rank = fen[rows], group[rows], cap_fen[rows], None if rank is None else rank[rows]
    order = numpy.lexsort((-fen, group) if rank is None else (-fen, rank, group))  # stable
    running = numpy.cumsum(fen[order])
    before = running - fen[order]
    before = before - before[group_starts(group[order])]
    result[rows[order]] = numpy.clip(cap_fen[order] - before, 0, fen[order])
    return result


def ration(claim, pool: float, key=None, weight=None, whole_claims_only: bool = False) -> NDArray[numpy.float64]:
    """Pay claims out of a pool of limited size.

    :param claim: yuan of each claim, whole fen. :param pool: yuan in the pool.
    :param key: order of service, smallest first; claims with the same key are served together and, where the money runs
        out among them, share what is left pro rata by largest remainder. ``None``: all together (plain pro rata).
    :param weight: number of real claims each row stands for (sample weights); ``None`` = 1.
    :param whole_claims_only: the queue, in listed order within a key, stops before the first claim that is not covered whole.
    :returns: yuan paid on each claim. Weighted, the sum is never above the pool; unweighted it is the smaller of the pool
        and the sum of the claims, to the fen.
    """
    claim = numpy.asarray(claim, dtype=numpy.float64)
    rows = rows_with_money(claim)
    fen = to_fen(claim[rows])
    pool_fen = int(to_fen(max(pool, 0.0), "truncate"))
    n = len(fen)
    weight = numpy.ones(n) if weight is None else numpy.asarray(weight, dtype=numpy.float64)[rows]
    unit = bool((weight == 1).all())
    real = fen if unit else fen * weight
    if real.sum() <= pool_fen:
        return put(to_yuan(fen), rows, len(claim))
    if key is None and unit and not whole_claims_only:
        return put(to_yuan(_share_out(pool_fen, fen)), rows, len(claim))
    key = numpy.zeros(n) if key is None else numpy.asarray(key)[rows]
    if whole_claims_only:
        order = numpy.argsort(key, kind="stable")
        served = numpy.zeros(n, dtype=bool)
        served[order] = numpy.cumsum(real[order]) <= pool_fen
        return put(to_yuan(numpy.where(served, fen, 0)), rows, len(claim))
    _, place = numpy.unique(key, return_inverse=True)
    by_place = numpy.bincount(place, real)
    before = numpy.r_[0.0, numpy.cumsum(by_place)[:-1]]
    left = numpy.clip(pool_fen - before, 0.0, by_place)
    partly = (left > 0) & (left < by_place)
    paid = numpy.where(left[place] >= by_place[place], fen, 0)
    cut = numpy.flatnonzero(partly[place])
    if len(cut) and unit:
        paid[cut] = _share_out(int(left[place[cut[0]]]), fen[cut])
    elif len(cut):
        paid[cut] = numpy.floor(fen[cut] * (left[place[cut]] / by_place[place[cut]]))
    return put(to_yuan(paid), rows, len(claim))


def share_pool(pool, weight, sample, group, size: int) -> NDArray[numpy.float64]:
    """Spend the whole pool of each group on its rows in proportion to weights.

    :param pool: yuan of each group. :param weight: yuan (or any fen-like number) of each row.
    :param sample: number of real claims each row stands for.
    :returns: yuan paid on one real claim of each row; unsampled, each group's pool is spent to the fen.
    """
    if (numpy.asarray(sample) == 1).all():
        return apportion(pool, weight, group, size)
    whole = numpy.bincount(group, weight * sample, minlength=size)[group]
    share = numpy.asarray(pool)[group] * weight / numpy.where(whole > 0, whole, 1.0)
    return settle(share, "truncate")
