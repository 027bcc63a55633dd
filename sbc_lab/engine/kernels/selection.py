"""How siblings share: ranking, shares by volatility, shares among those that hold something. Blocks are (child, date).

A child's raw weight is 0 where it takes no part; `normalise` makes shares of raw weights, added up in document order.
Weighing walks one child after the other: dates lie side by side, so that the processor takes several in one step.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ._jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Block = NDArray[np.float64]
    Alive = NDArray[np.uint8]
    Ranks = NDArray[np.int32]

DIGITS, DECIMALS = 10, 9
TILE = 128
"""Children are ranked on this many dates at a time, so that the processor compares several dates in one step; it would
not if the comparison were a function of its own."""
MARGIN = 2.1e-9
"""Rounding moves a score by at most half of 1e-9 of its size, or 5e-10: beyond twice that the order is settled."""
NOTHING = 1e-12
"""Less than this share left by caps is a rounding error."""
FLAT_PERCENT = 1e-10
"""A volatility below this many percent points is none: 1e-12 as a fraction."""


@kernel
def rounded(x: float) -> float:
    """Round a score to 10 significant digits and at most 9 decimals, half to even."""
    if x == 0.0 or math.isnan(x) or math.isinf(x):
        return x
    decimals = min(DECIMALS, DIGITS - 1 - int(math.floor(math.log10(abs(x)))))
    if decimals >= 0:
        scale = 10.0**decimals
        return float(np.rint(x * scale) / scale)
    scale = 10.0 ** (-decimals)
    return float(np.rint(x / scale) * scale)


@kernel
def beats(a: float, b: float) -> bool:
    """Tell whether score `a` is above score `b` after rounding; only near ties pay for the rounding."""
    gap = a - b
    margin = MARGIN * max(1.0, abs(a), abs(b))
    if gap > margin:
        return True
    if gap < -margin:
        return False
    return rounded(a) > rounded(b)


@kernel
def pick(scores: Block, count: int, top: int, first: int, last: int, ranks: Ranks) -> None:
    """Rank the best `count` children on every date: 0 is the best, -1 is left out; ties go by document order.

    `ranks` is written on the dates from `first` to `last`, both included. NaN never ranks.
    """
    size = scores.shape[0]
    sign = 1.0 if top == 1 else -1.0
    left = np.empty((size, TILE))
    best = np.empty(TILE)
    place = np.empty(TILE, dtype=np.int64)
    for t in range(first, last + 1, TILE):
        bars = min(TILE, last + 1 - t)
        for i in range(size):
            row, rank, score = left[i], ranks[i, t : t + bars], scores[i, t : t + bars]
            for b in range(bars):
                row[b] = sign * score[b]
                rank[b] = -1
        for k in range(min(count, size)):
            best[:] = -math.inf
            place[:] = -1
            for i in range(size):
                row = left[i]
                for b in range(bars):
                    better = (row[b] > best[b]) | ((place[b] < 0) & (row[b] == best[b]))
                    best[b] = row[b] if better else best[b]
                    place[b] = i if better else place[b]
            for b in range(bars):
                found = place[b]
                near = best[b] - MARGIN * max(1.0, abs(best[b]))
                for i in range(found):
                    if left[i, b] >= near and not beats(best[b], left[i, b]):
                        found = i
                        break
                if found >= 0:
                    ranks[found, t + b] = k
                    left[found, b] = math.nan


@kernel
def weigh_equal(ranks: Ranks, alive: Alive, first: int, last: int, out: Block) -> None:
    """Give every child that is picked and holds something the raw weight 1."""
    for i in range(out.shape[0]):
        rank, active, raw = ranks[i, first : last + 1], alive[i, first : last + 1], out[i, first : last + 1]
        for t in range(raw.size):
            raw[t] = 1.0 if (rank[t] >= 0) & (active[t] == 1) else 0.0


@kernel
def weigh_ranks(ranks: Ranks, alive: Alive, shares: NDArray[np.float64], first: int, last: int, out: Block) -> None:
    """Give every child that is picked and holds something the share of its rank."""
    for i in range(out.shape[0]):
        for t in range(first, last + 1):
            k = ranks[i, t]
            out[i, t] = shares[k] if k >= 0 and alive[i, t] == 1 else 0.0


@kernel
def weigh_volatility(sigma: Block, ranks: Ranks, alive: Alive, inverse: int, first: int, last: int, out: Block) -> int:
    """Give every active child 1/σ (or σ); a flat or unknown one is dropped, all dropped means equal.

    Returns
    -------
    int
        On how many (child, date) a flat or unknown volatility dropped an active child.
    """
    dropped = 0
    some = np.zeros(last + 1 - first, dtype=np.uint8)
    for i in range(out.shape[0]):
        rank, active, raw = ranks[i, first : last + 1], alive[i, first : last + 1], out[i, first : last + 1]
        row = sigma[i, first : last + 1]
        for t in range(raw.size):
            s = row[t]
            asked = (rank[t] >= 0) & (active[t] == 1)
            usable = s >= FLAT_PERCENT  # NaN is not
            weight = 1.0 / s if inverse == 1 else s
            raw[t] = weight if asked & usable else 0.0
            some[t] |= asked & usable
            dropped += asked & (not usable)
    for t in range(some.size):
        if some[t] == 0:
            for i in range(out.shape[0]):
                if ranks[i, first + t] >= 0 and alive[i, first + t] == 1:
                    out[i, first + t] = 1.0
    return dropped


@kernel
def normalise(first: int, last: int, block: Block) -> None:
    """Divide the raw weights of every date by their sum, in place; a date without any stays 0."""
    total = np.zeros(last + 1 - first)
    for i in range(block.shape[0]):
        raw = block[i, first : last + 1]
        for t in range(raw.size):
            total[t] += raw[t]
    for t in range(total.size):
        if not total[t] > 0.0:
            total[t] = 1.0
    for i in range(block.shape[0]):
        raw = block[i, first : last + 1]
        for t in range(raw.size):
            raw[t] /= total[t]


@kernel
def fill(floor: float, cap: float, first: int, last: int, block: Block) -> None:
    """Bring the shares of every date between `floor` and `cap`, in place: clip(λ · share) with the λ that adds to 1.

    A child whose share is 0 takes no part. When even all at the cap do not add to 1, all are there and the rest is
    left; when all at the floor add to 1, they share equally. Otherwise those that cannot keep to their bounds are set
    to them, on the side on which more is missing, until all others can; that side is final, because λ only moves away.
    """
    size = block.shape[0]
    raw = np.empty(size)
    bound = np.empty(size, dtype=np.int8)
    for t in range(first, last + 1):
        count = 0
        outside = False
        for i in range(size):
            raw[i] = block[i, t]
            bound[i] = 0
            if raw[i] > 0.0:
                count += 1
                outside |= (raw[i] < floor) | (raw[i] > cap)
        if count * cap <= 1.0 or count * floor >= 1.0:
            level = cap if count * cap <= 1.0 else 1.0 / count
            for i in range(size):
                block[i, t] = level if raw[i] > 0.0 else 0.0
            continue
        while outside:
            room = _room(raw, bound, floor, cap)
            balance = 0.0
            for i in range(size):
                if raw[i] > 0.0 and bound[i] == 0:
                    share = room * raw[i]
                    balance += max(floor - share, 0.0) - max(share - cap, 0.0)
            outside = False
            for i in range(size):
                if raw[i] > 0.0 and bound[i] == 0:
                    share = room * raw[i]
                    if share < floor and balance >= 0.0:
                        bound[i] = -1
                        outside = True
                    elif share > cap and balance <= 0.0:
                        bound[i] = 1
                        outside = True
            for i in range(size):
                if raw[i] > 0.0:
                    block[i, t] = floor if bound[i] < 0 else (cap if bound[i] > 0 else room * raw[i])


@kernel
def _room(raw: NDArray[np.float64], bound: NDArray[np.int8], floor: float, cap: float) -> float:
    """Find the λ that makes those without a bound add to what the others leave."""
    left = 1.0
    free = 0.0
    for i in range(raw.size):
        if raw[i] > 0.0:
            if bound[i] == 0:
                free += raw[i]
            else:
                left -= floor if bound[i] < 0 else cap
    return left / free if free > 0.0 else 0.0


@kernel
def leave(cap: float, alive: NDArray[np.uint8], first: int, last: int, block: Block, rest: NDArray[np.float64]) -> None:
    """Give what the caps leave of 1 to the fallback on the dates on which it holds something."""
    for t in range(first, last + 1):
        count = 0
        for i in range(block.shape[0]):
            count += block[i, t] > 0.0
        short = 1.0 - count * cap
        rest[t] = short if short > NOTHING and alive[t] == 1 else 0.0


@kernel
def mix(row: NDArray[np.float64], begin: float, end: float, hold: int, out: Block) -> None:
    """Write the shares of a blend: the second's is clip((x - begin)/(end - begin), 0, 1), the first has the rest.

    A date without a value holds nothing, or with `hold` = 1 what the last date with a value held.
    """
    first = 0.0
    second = 0.0
    for t in range(row.size):
        share = (row[t] - begin) / (end - begin)
        if not math.isnan(share):
            second = min(max(share, 0.0), 1.0)
            first = 1.0 - second
        elif hold == 0:
            first = 0.0
            second = 0.0
        out[0, t] = first
        out[1, t] = second


@kernel
def lean(alive: Alive, out: Block) -> None:
    """Give the whole of a blend to the side that holds something, in place, where the other side holds nothing."""
    for t in range(out.shape[1]):
        if out[0, t] + out[1, t] > 0.0 and alive[0, t] != alive[1, t]:
            out[0, t] = 1.0 if alive[0, t] == 1 else 0.0
            out[1, t] = 1.0 - out[0, t]
