"""Candles as the engine reads them: carried closes on one axis, and what is known of each ticker's listing.

`load_panel` is the only door from labelled candles to arrays; it is paid once per candles. No indicator lives here.
"""

from __future__ import annotations

import hashlib
import weakref
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DataError, unknown_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from numpy.typing import NDArray

CARRY_LIMIT = 5
"""A missing bar carries the last close for this many bars, then the ticker is unavailable."""


@dataclass(frozen=True, eq=False)
class Panel:
    """Adjusted closes of some tickers on one axis of dates.

    Attributes
    ----------
    tickers : tuple of str
    dates : ndarray (date) of datetime64[ns], ascending
    close : ndarray (ticker, date) of float64, USD
        NaN before the listing and where a ticker is unavailable; at most `CARRY_LIMIT` missing bars are carried.
    traded : ndarray (ticker, date) of bool
        True where the ticker has a bar of its own, False where its close is carried or missing.
    snapshot : str
        The id of the snapshot the candles came from, or "" when they were made by hand.
    """

    tickers: tuple[str, ...]
    dates: NDArray[np.datetime64]
    close: NDArray[np.float64]
    traded: NDArray[np.bool_]
    snapshot: str = ""

    @cached_property
    def rows(self) -> dict[str, int]:
        """The row of each ticker."""
        return {ticker: row for row, ticker in enumerate(self.tickers)}

    @cached_property
    def available(self) -> NDArray[np.uint8]:
        """Where each ticker can be held: 1 or 0, (ticker, date)."""
        return np.isfinite(self.close).view(np.uint8)

    @cached_property
    def first(self) -> NDArray[np.int64]:
        """The bar of each ticker's first close; the number of dates when it has none."""
        found = self.available.argmax(axis=1)
        return np.where(self.available.any(axis=1), found, len(self.dates)).astype(np.int64)

    @cached_property
    def steady(self) -> NDArray[np.int64]:
        """The bar from which each ticker is available to the end; the number of dates when it is not at the end."""
        gone = self.available[:, ::-1].argmin(axis=1)
        whole = self.available.all(axis=1)
        return np.where(whole, 0, len(self.dates) - gone).astype(np.int64)

    @cached_property
    def _selections(self) -> dict[tuple[str, ...], Panel]:
        return {}

    @cached_property
    def days(self) -> NDArray[np.datetime64]:
        """The day of each date, whatever hour it is stamped with, datetime64[D]."""
        return self.dates.astype("datetime64[D]")

    @cached_property
    def month_day(self) -> NDArray[np.int64]:
        """Day of the year of each date as 100 · month + day."""
        months = self.dates.astype("datetime64[M]")
        days: NDArray[np.int64] = (self.dates.astype("datetime64[D]") - months.astype("datetime64[D]")).astype(
            np.int64
        ) + 1
        return (months.astype(np.int64) % 12 + 1) * 100 + days

    @cached_property
    def growth(self) -> NDArray[np.float64]:
        """Close divided by the close before, (date, ticker); 1 where either is missing, so that nothing is earned."""
        ratio = np.ones((len(self.dates), len(self.tickers)))
        close = np.ascontiguousarray(self.close.T)
        np.divide(close[1:], close[:-1], out=ratio[1:])
        ratio[~np.isfinite(ratio)] = 1.0
        return ratio

    @cached_property
    def _asset_growths(self) -> dict[int, NDArray[np.float64]]:
        return {}

    def asset_growth(self, count: int) -> NDArray[np.float64]:
        """Growth of the first `count` tickers alone, (date, ticker), contiguous."""
        if count not in self._asset_growths:
            self._asset_growths[count] = np.ascontiguousarray(self.growth[:, :count])
        return self._asset_growths[count]

    @cached_property
    def returns(self) -> NDArray[np.float64]:
        """Simple daily returns, (ticker, date), fraction; 0 where nothing can be earned."""
        return np.ascontiguousarray(self.growth.T) - 1.0

    @cached_property
    def digest(self) -> str:
        """Hash of everything in the panel, hex."""
        sha = hashlib.sha256("\n".join(self.tickers).encode())
        sha.update(self.dates.astype("datetime64[ns]").tobytes())
        sha.update(np.ascontiguousarray(self.close).tobytes())
        sha.update(np.packbits(self.traded).tobytes())
        return sha.hexdigest()

    def select(self, tickers: Sequence[str]) -> Panel:
        """Take some tickers, on the dates between the first and the last bar that any of them has."""
        kept = self._selections.get(tuple(tickers))
        if kept is not None:
            return kept
        for ticker in tickers:
            if ticker not in self.rows:
                raise unknown_name("ticker", ticker, self.tickers, where="candles")
        wanted = [self.rows[ticker] for ticker in tickers]
        traded = self.traded[wanted]
        days = np.flatnonzero(traded.any(axis=0))
        if not len(days):
            raise DataError(f"candles hold no bar of {', '.join(tickers[:8])}; load other tickers or other dates")
        span = slice(int(days[0]), int(days[-1]) + 1)
        close = np.ascontiguousarray(self.close[wanted, span])
        selected = Panel(tuple(tickers), self.dates[span], close, np.ascontiguousarray(traded[:, span]), self.snapshot)
        self._selections[tuple(tickers)] = selected
        return selected


@dataclass(frozen=True, eq=False)
class _Reading:
    """A panel, with all that must still be so in the candles for it to be theirs."""

    candles: weakref.ref[Any]
    labels: tuple[object, ...]
    close: NDArray[np.float64]
    panel: Panel

    def still_holds(self, candles: xr.Dataset, close: NDArray[np.float64]) -> bool:
        """Tell whether the candles say what they said when they were read; they can be written to in place."""
        if self.candles() is not candles or any(a is not b for a, b in zip(self.labels, _labels(candles), strict=True)):
            return False
        # Bits, because NaN is NaN here; a checksum would not see two closes that changed places.
        return np.array_equal(self.close.view(np.uint64), close.view(np.uint64))


_KNOWN: dict[int, _Reading] = {}


def load_panel(candles: xr.Dataset) -> Panel:
    """Read labelled candles into a panel, once for the same unchanged candles.

    Parameters
    ----------
    candles : Dataset (ticker, date)
        With the variable `close`, adjusted, USD; NaN where there is no bar.

    Raises
    ------
    DataError
        When the dimensions, the dates or the closes are not usable.
    """
    close = _close(candles)
    key = id(candles)
    known = _KNOWN.get(key)
    if known is not None and known.still_holds(candles, close):
        return known.panel
    panel = _read(candles, close)
    gone = weakref.ref(candles, lambda _: _KNOWN.pop(key, None))
    _KNOWN[key] = _Reading(gone, _labels(candles), close.copy(), panel)
    return panel


def _labels(candles: xr.Dataset) -> tuple[object, ...]:
    """What names and dates the closes: objects that are put in the place of others, never written to."""
    return candles.variables["ticker"], candles.variables["date"], candles.attrs.get("snapshot")


def _close(candles: xr.Dataset) -> NDArray[np.float64]:
    variables = getattr(candles, "variables", None)
    if variables is None or "close" not in variables:
        wanted = "a Dataset (ticker, date) with the variable close"
        given = "one without it" if variables is not None else type(candles).__name__
        raise DataError(f"candles must be {wanted}, got {given}; load them with lab.candles(…)")
    variable = variables["close"]
    if set(variable.dims) != {"ticker", "date"} or not {"ticker", "date"} <= set(variables):
        named = ", ".join(str(name) for name in candles.coords) or "none"
        raise DataError(
            f"candles: close must have the named dimensions (ticker, date), got {variable.dims} with names for {named}"
        )
    values = variable.values if variable.dims == ("ticker", "date") else variable.values.T
    return np.ascontiguousarray(values, dtype=np.float64)


def _read(candles: xr.Dataset, close: NDArray[np.float64]) -> Panel:
    tickers = tuple(str(ticker) for ticker in candles["ticker"].values)
    if len(set(tickers)) < len(tickers):
        raise DataError("candles: every ticker once; drop the doubled ones")
    dates = candles["date"].values.astype("datetime64[ns]")
    if len(dates) < 2 or not (np.diff(dates) > np.timedelta64(0, "ns")).all():
        raise DataError("candles: dates must ascend, each once, at least two of them")
    wrong = ~(np.isnan(close) | ((close > 0.0) & np.isfinite(close)))
    if wrong.any():
        row, day = (int(place[0]) for place in np.nonzero(wrong))
        when = np.datetime_as_string(dates[day], unit="D")
        given = f"{close[row, day]:g} for {tickers[row]} on {when}"
        raise DataError(f"candles: every close must be above 0 or NaN, got {given}")
    traded = np.isfinite(close)
    return Panel(tickers, dates, _carried(close, traded), traded, str(candles.attrs.get("snapshot", "")))


def _carried(close: NDArray[np.float64], traded: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fill missing bars with the last close, at most `CARRY_LIMIT` in a row, (ticker, date)."""
    if traded.all():
        return close.copy()
    days = np.arange(close.shape[1])
    last = np.maximum.accumulate(np.where(traded, days, -1), axis=1)
    near = (last >= 0) & (days - last <= CARRY_LIMIT)
    filled = np.take_along_axis(close, np.maximum(last, 0), axis=1)
    return np.where(near, filled, np.nan)
