"""Whether two runs are the same: the sentence that a test of an engine, a store or a pipeline ends with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..engine.backtest import Backtest

TOLERANCE = 1e-12


def assert_same(run: Backtest, other: Backtest, *, tolerance: float = TOLERANCE) -> None:
    """Raise `AssertionError` unless two runs traded the same on the same dates.

    Parameters
    ----------
    run, other : Backtest
    tolerance : float, default 1e-12
        Largest difference of a share or a turnover, and largest relative difference of an equity.

    Notes
    -----
    What is held on a date must be the same tickers exactly; the tolerance is for the last digits of their shares. A
    ticker that one run never heard of is one that it does not hold.
    """
    if len(run.dates) != len(other.dates) or (run.dates != other.dates).any():
        raise AssertionError(f"the runs cover different dates: {_span(run)} and {_span(other)}")
    for name in ("target", "allocation"):
        shares = getattr(run, name), getattr(other, name)
        tickers = list(dict.fromkeys(ticker for rows in shares for ticker in rows["ticker"].values.tolist()))
        left, right = (rows.reindex(ticker=tickers, fill_value=0.0).values for rows in shares)
        _assert_close(name, left, right, run, tolerance)
        different = (left > 0.0) != (right > 0.0)
        if different.any():
            row, bar = (int(place[0]) for place in np.nonzero(different))
            raise AssertionError(f"{name} of {tickers[row]} on {run.dates[bar]}: one run holds it, one does not")
    _assert_close("turnover", run.turnover.values, other.turnover.values, run, tolerance)
    _assert_close("cost", run.cost.values, other.cost.values, run, tolerance)
    ratio = run.equity.values / np.where(other.equity.values == 0.0, np.nan, other.equity.values)
    both_ruined = (run.equity.values == 0.0) & (other.equity.values == 0.0)
    _assert_close(
        "equity", np.where(both_ruined, 1.0, ratio), np.ones_like(ratio), run, tolerance * max(1, len(ratio)) ** 0.5
    )


def _span(run: Backtest) -> str:
    return f"{run.dates[0]} to {run.dates[-1]} ({len(run.dates)} bars)"


def _assert_close(
    name: str,
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    run: Backtest,
    tolerance: float,
) -> None:
    gap = np.abs(left - right)
    if not (gap <= tolerance).all():
        worst = np.unravel_index(int(np.nanargmax(np.where(np.isnan(gap), np.inf, gap))), gap.shape)
        raise AssertionError(
            f"{name} differs by {gap[worst]:.3g} on {run.dates[worst[-1]]}: {left[worst]!r} and {right[worst]!r}"
        )
