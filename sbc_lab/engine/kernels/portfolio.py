"""From decisions to shares: allocations from the root down, and returns of nodes from the leaves up.

Nodes are numbered children first, so a parent always has the higher number. What trading does to them is in `trading`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ._jit import kernel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Row = NDArray[np.float64]
    Block = NDArray[np.float64]
    Alive = NDArray[np.uint8]
    Numbers = NDArray[np.int64]

ASSET, CASH_LEAF, CHOOSE, STATIC, ROWS = 0, 1, 2, 3, 4
TILE = 128
"""Allocations go down the tree for this many dates at a time: enough for loops that the processor takes in steps of
several dates, and few enough that the shares of a large tree stay in its cache and whole branches can be skipped."""


@kernel
def allocate(
    kind: Numbers,
    slot: Numbers,
    begin: Numbers,
    end: Numbers,
    links: Numbers,
    alive_row: Numbers,
    choices: NDArray[np.int32],
    shares: Block,
    statics: Row,
    alive: Alive,
    available: Alive,
    first: int,
    last: int,
    out: Block,
) -> None:
    """Hand the portfolio down the tree on every date from `first` to `last`, the root being node 0.

    Parameters
    ----------
    kind, slot, begin, end : ndarray (node)
        What a node is; where its asset, choice row, static shares or share rows begin; its part of `links`.
    links : ndarray
        The children of every node, by number; parents come before children here.
    alive_row : ndarray (node)
        The row of `alive` that says when a node holds something, -1 when it always does.
    out : ndarray (date, asset), written
        Share of the portfolio of every asset.
    """
    handed = np.zeros((kind.size, TILE))
    reached = np.zeros(kind.size, dtype=np.bool_)
    for t in range(first, last + 1, TILE):
        until = min(t + TILE, last + 1)
        target = out[t - first : until - first]
        target[:] = 0.0
        handed[0, : until - t] = 1.0
        reached[0] = True
        for node in range(kind.size):
            if not reached[node]:
                continue
            reached[node] = False
            share, at, below = handed[node, : until - t], slot[node], links[begin[node] : end[node]]
            if kind[node] == ASSET:
                _hold(share, available[at, t:until], target[:, at])
            elif kind[node] == CHOOSE:
                for j in range(below.size):
                    reached[below[j]] |= _hand_chosen(share, choices[at, t:until], j, handed[below[j]])
            elif kind[node] == STATIC:
                _hand_static(share, statics[at:], below, alive_row, alive[:, t:until], handed)
                reached[below] = True
            elif kind[node] == ROWS:
                for j in range(below.size):
                    _hand_part(share, shares[at + j, t:until], handed[below[j]])
                reached[below] = True
            share[:] = 0.0


@kernel
def _hold(share: Row, available: Alive, target: Row) -> None:
    """Let an asset keep what it was handed; where it is not available, that stays in cash."""
    for t in range(share.size):
        target[t] = share[t] if available[t] == 1 else 0.0


@kernel
def _hand_chosen(share: Row, choice: NDArray[np.int32], number: int, child: Row) -> bool:
    """Hand everything to a branch on the dates that chose it, and tell whether there are any."""
    some = False
    for t in range(share.size):
        chosen = (choice[t] == number) & (share[t] != 0.0)
        child[t] += share[t] if chosen else 0.0
        some |= chosen
    return some


@kernel
def _hand_static(share: Row, weights: Row, below: Numbers, alive_row: Numbers, alive: Alive, handed: Block) -> None:
    """Hand everything to the children that hold something, by their raw weights."""
    # Loops instead of max() and sum(): their code on disk would bring half of numba and SciPy into a fresh process.
    whole, total = True, 0.0
    for j in range(below.size):
        whole = whole and alive_row[below[j]] < 0
        total += weights[j]
    if whole:
        for j in range(below.size):
            child = handed[below[j]]
            for t in range(share.size):
                child[t] += share[t] * (weights[j] / total)
        return
    for t in range(share.size):
        total = 0.0
        for j in range(below.size):
            row = alive_row[below[j]]
            if row < 0 or alive[row, t] == 1:
                total += weights[j]
        for j in range(below.size):
            row = alive_row[below[j]]
            if row < 0 or alive[row, t] == 1:
                handed[below[j], t] += share[t] * (weights[j] / total)


@kernel
def _hand_part(share: Row, part: Row, child: Row) -> None:
    """Hand a child its part."""
    for t in range(share.size):
        child[t] += share[t] * part[t] if (part[t] != 0.0) & (share[t] != 0.0) else 0.0


@kernel
def earn(share: Row, child: Row, out: Row) -> None:
    """Add what a child earned to its parent's daily returns: yesterday's share times today's return."""
    for t in range(1, out.size):
        out[t] += share[t - 1] * child[t]


@kernel
def earn_static(weight: float, total: Row, alive: Alive, child: Row, out: Row) -> None:
    """Add what a child with a fixed raw weight earned; `total` is the raw weight of all that hold something."""
    for t in range(1, out.size):
        out[t] += weight / total[t - 1] * child[t] if alive[t - 1] == 1 else 0.0


@kernel
def earn_choice(choice: NDArray[np.int32], number: int, child: Row, out: Row) -> None:
    """Write what a branch earned on the dates after it was chosen."""
    for t in range(1, out.size):
        out[t] = child[t] if choice[t - 1] == number else out[t]


@kernel
def compound(returns: Row, begin: int, out: Row) -> None:
    """Write the NAV: NaN before `begin`, 1 there, then one daily return after the other."""
    for t in range(min(begin, out.size)):
        out[t] = math.nan
    value = 1.0
    for t in range(begin, out.size):
        if t > begin:
            value *= 1.0 + returns[t]
        out[t] = value
