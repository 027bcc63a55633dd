"""The benchmark tree as loops written by hand for nothing but this tree: how little work it can be.

Lives here: one compiled function for the whole backtest. It knows its tickers by column, checks nothing, labels
nothing and can do nothing else; what a general engine takes longer is the price of being general.
"""

from __future__ import annotations

import math

import numba
import numpy as np
import numpy.typing as npt

Block = npt.NDArray[np.float64]


@numba.njit(cache=True, error_model="numpy")
def run(close: Block, rate: float, start: int, equity: npt.NDArray[np.float64]) -> None:
    """Decide and trade from bar `start` on.

    Parameters
    ----------
    close : ndarray (date, ticker), USD
        QQQ, SPY, the hedge, three levered funds, eight others.
    rate : float
        Cost of one unit of traded value.
    equity : ndarray (date), written
        Growth of 1 net of cost, from `start` on.
    """
    bars = close.shape[0]
    target, before = np.zeros(12), np.zeros(12)
    gain, loss, mean = 0.0, 0.0, 0.0
    sums, squares = np.zeros(3), np.zeros(3)
    value = 1.0
    for t in range(bars):
        mean += close[t, 1] - (close[t - 200, 1] if t >= 200 else 0.0)
        if t == 0:
            continue
        change = close[t, 0] - close[t - 1, 0]
        if t <= 10:
            gain += max(change, 0.0) / 10.0
            loss += max(-change, 0.0) / 10.0
        else:
            gain = gain * 0.9 + max(change, 0.0) * 0.1
            loss = loss * 0.9 + max(-change, 0.0) * 0.1
        for k in range(3):
            new = close[t, 3 + k] / close[t - 1, 3 + k] - 1.0
            old = close[t - 20, 3 + k] / close[t - 21, 3 + k] - 1.0 if t > 20 else 0.0
            sums[k] += new - old
            squares[k] += new * new - old * old
        if t < start:
            continue
        target[:] = 0.0
        if 100.0 * gain / (gain + loss) > 79.0:
            target[0] = 1.0
        elif close[t, 1] > mean / 200.0:
            whole = 0.0
            for k in range(3):
                target[1 + k] = 1.0 / math.sqrt((squares[k] - sums[k] * sums[k] / 20.0) / 19.0)
                whole += target[1 + k]
            for k in range(3):
                target[1 + k] /= whole
        else:
            best, second = -math.inf, -math.inf
            first, other = 0, 0
            for k in range(8):
                score = close[t, 6 + k] / close[t - 60, 6 + k]
                if score > best:
                    best, second, first, other = score, best, k, first
                elif score > second:
                    second, other = score, k
            target[4 + first] = 0.5
            target[4 + other] = 0.5
        traded = 0.0
        if t == start:
            traded = 1.0
        else:
            total = 0.0
            for k in range(12):
                before[k] *= close[t, 2 + k] / close[t - 1, 2 + k]
                total += before[k]
            value *= total
            for k in range(12):
                traded += abs(target[k] - before[k] / total)
        before[:] = target
        value *= 1.0 - rate * traded
        equity[t] = value
