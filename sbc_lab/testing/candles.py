"""Candles made by a seeded generator, with the flaws of real ones on request: late listings, holes, delistings.

They have the shape that `sbc_lab.candles` gives, so a test needs no store. They are no model of any market.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import xarray as xr

FIELDS = ("open", "high", "low", "close", "adj_close", "volume")


def synthetic_candles(
    tickers: Sequence[str] = ("SPY", "TLT", "GLD", "BIL"),
    *,
    days: int = 500,
    seed: int = 0,
    start: str = "2015-01-05",
    listed: Mapping[str, int] | None = None,
    delisted: Mapping[str, int] | None = None,
    holes: Mapping[str, Sequence[int]] | None = None,
    flat: Mapping[str, tuple[int, int]] | None = None,
) -> xr.Dataset:
    """Make adjusted candles of random walks on weekdays.

    Parameters
    ----------
    tickers : sequence of str
    days : int
        Number of dates.
    seed : int
        The same seed makes the same candles.
    start : str
        First date; the dates that follow are Mondays to Fridays.
    listed, delisted : mapping of ticker to int, optional
        First bar, and first bar no longer there.
    holes : mapping of ticker to sequence of int, optional
        Bars that are missing.
    flat : mapping of ticker to (int, int), optional
        A stretch of bars, the end excluded, on which the price does not move.

    Returns
    -------
    Dataset (ticker, date)
        open, high, low, close, adj_close in USD and volume in shares, NaN where there is no bar.
    """
    import xarray as xr

    rng = np.random.default_rng(seed)
    moves = rng.normal(0.0003, 0.012, (len(tickers), days)) * rng.uniform(0.2, 3.0, (len(tickers), 1))
    for row, ticker in enumerate(tickers):
        first, last = (flat or {}).get(ticker, (0, 0))
        moves[row, first:last] = 0.0
    close = rng.uniform(20.0, 400.0, (len(tickers), 1)) * np.exp(np.cumsum(moves, axis=1))
    spread = np.abs(rng.normal(0.0, 0.004, (3, len(tickers), days)))
    opened = close * (1.0 + spread[0] - 0.004)
    values = {
        "open": opened,
        "high": np.maximum(opened, close) * (1.0 + spread[1]),
        "low": np.minimum(opened, close) * (1.0 - spread[2]),
        "close": close,
        "adj_close": close.copy(),
        "volume": np.round(rng.lognormal(13.0, 0.5, (len(tickers), days))),
    }
    for row, ticker in enumerate(tickers):
        gone = np.zeros(days, dtype=bool)
        gone[: (listed or {}).get(ticker, 0)] = True
        gone[(delisted or {}).get(ticker, days) :] = True
        gone[list((holes or {}).get(ticker, ()))] = True
        for field in FIELDS:
            values[field][row, gone] = np.nan
    dates = np.busday_offset(np.datetime64(start, "D"), np.arange(days), roll="forward").astype("datetime64[ns]")
    return xr.Dataset(
        {field: (("ticker", "date"), values[field]) for field in FIELDS},
        coords={"ticker": list(tickers), "date": ("date", dates, {"calendar": "weekdays"})},
        attrs={"adjusted": True, "snapshot": f"synthetic-{seed}"},
    )
