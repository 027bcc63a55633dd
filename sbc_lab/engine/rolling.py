"""Metrics over a window that moves along a run, by the same formulas as those of the whole.

Lives here: the moving versions of some metrics of the table. Does not live here: their names and units
(metric_table.py), and the formulas for one stretch of returns (metric_formulas.py), which the tests hold these to.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ..errors import BacktestError
from .metric_formulas import ROOT_YEAR
from .metric_track import NOISE, Floats
from .metrics import METRICS

if TYPE_CHECKING:
    import xarray as xr

    from .result import Backtest

ROLLING = ("total_return", "volatility", "sharpe", "max_drawdown")
ROLLING_BESIDE = ("beta", "correlation")
"""These need a benchmark."""

_BLOCK = 2**21
"""Numbers that are looked at together: a window of years must not fill the memory."""


def rolling_metrics(run: Backtest, window: int) -> xr.Dataset:
    """Metrics of the last `window` returns on every date; see `Backtest.rolling`."""
    import xarray as xr

    most = len(run.dates) - 1
    if isinstance(window, bool) or not isinstance(window, int | np.integer) or not 2 <= window <= most:
        raise BacktestError(
            f"rolling takes a window of 2 to {most} trading days, the returns of this run, got {window!r}"
        )
    equity = run.equity.values
    other = None if run.benchmark is None else run.benchmark.equity.values[: len(equity)]
    found = rolling(equity, int(window), other)
    variables = {
        name: ("date", values, {"long_name": METRICS[name].label, "units": METRICS[name].unit})
        for name, values in found.items()
    }
    attrs = {"window": int(window), "strategy": run.strategy.name, "identity": run.identity}
    return xr.Dataset(variables, coords={"date": run.dates}, attrs=attrs)


def rolling(equity: Floats, window: int, benchmark: Floats | None = None) -> dict[str, Floats]:
    """Metrics of the last `window` returns on every bar.

    Parameters
    ----------
    equity : ndarray (date), growth of 1
        Net of cost; the first cost, which is in its first value, is in no window.
    window : int
        Number of returns, at least 2 and at most bars − 1.
    benchmark : ndarray (date), any unit, optional
        Price or equity of the benchmark on the same dates.

    Returns
    -------
    dict of str to ndarray (date)
        `ROLLING`, and with a benchmark `ROLLING_BESIDE`; NaN before the first full window and where undefined.

    Examples
    --------
    >>> rolling(np.array([0.5, 1.0, 0.8, 1.2]), 2)["total_return"].round(9)
    array([nan, nan, 0.6, 0.2])
    """
    names = ROLLING if benchmark is None else (*ROLLING, *ROLLING_BESIDE)
    found = {name: np.full(len(equity), np.nan) for name in names}
    own = _daily(equity)
    other = None if benchmark is None else _daily(benchmark)
    for rows in _blocks(len(own) - window + 1, window):
        until = slice(rows.start + window, rows.stop + window)
        returns = sliding_window_view(own, window)[rows]
        values = _alone(returns, sliding_window_view(equity, window + 1)[rows])
        if other is not None:
            values |= _beside(returns, sliding_window_view(other, window)[rows])
        for name, row in values.items():
            found[name][until] = row
    return found


def _blocks(count: int, window: int) -> Iterator[slice]:
    step = max(1, _BLOCK // window)
    for first in range(0, count, step):
        yield slice(first, min(first + step, count))


def _alone(returns: Floats, levels: Floats) -> dict[str, Floats]:
    spread = _spread(returns)
    # What was worth nothing before stays so, and there is no bar after a ruin.
    peak = np.maximum.accumulate(levels, axis=1)
    fall = (levels / peak - 1.0).min(axis=1)
    return {
        "total_return": levels[:, -1] / levels[:, 0] - 1.0,
        "volatility": spread * ROOT_YEAR,
        "sharpe": _ratio(returns.mean(axis=1), spread) * ROOT_YEAR,
        "max_drawdown": np.where(fall > -NOISE, 0.0, fall),
    }


def _beside(returns: Floats, other: Floats) -> dict[str, Floats]:
    own, beside = returns - returns.mean(axis=1, keepdims=True), other - other.mean(axis=1, keepdims=True)
    covariance = np.einsum("td,td->t", own, beside) / (returns.shape[1] - 1)
    spread, its_spread = _spread(returns), _spread(other)
    return {
        "beta": _ratio(covariance, np.where(its_spread > 0.0, other.var(axis=1, ddof=1), 0.0), noise=0.0),
        "correlation": np.clip(_ratio(covariance, spread * its_spread, noise=0.0), -1.0, 1.0),
    }


def _spread(returns: Floats) -> Floats:
    spread = returns.std(axis=1, ddof=1)
    return np.where(spread < NOISE, 0.0, spread)


def _ratio(part: Floats, whole: Floats, *, noise: float = NOISE) -> Floats:
    out = np.full(len(part), math.nan)
    np.divide(part, whole, out=out, where=np.abs(whole) > noise)
    return out


def _daily(levels: Floats) -> Floats:
    ratio = np.ones(len(levels) - 1)
    np.divide(levels[1:], levels[:-1], out=ratio, where=levels[:-1] > 0.0)
    return ratio - 1.0
