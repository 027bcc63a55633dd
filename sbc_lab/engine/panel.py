"""Candles as the engine reads them: carried bars on one axis, and what is known of each ticker's listing.

`load_panel` is the only door from labelled candles to arrays; it is paid once per candles. No indicator lives here.
"""

from __future__ import annotations

import hashlib
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DataError, unknown_name
from ._panel_values import (
    CARRY_LIMIT,
    OTHER_FIELDS,
    carried,
    carried_raw,
    check_closes,
    dates_of,
    labels_of,
    missing_field,
    unusable,
    values_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr
    from numpy.typing import NDArray

    from .alignment import Bars
    from .executions import Fills

__all__ = ["CARRY_LIMIT", "OTHER_FIELDS", "Panel", "load_panel", "panel_of_bars"]


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
    others : mapping of str to ndarray (ticker, date) of float64
        The other fields that were asked for, "open", "high" and "low" in USD and "volume" in shares. A carried bar is
        the last close in all four prices, on no volume: nothing was traded. "raw_close" is the close as it was traded
        on that day, before later splits and dividends, in USD.
    cash : mapping of str to ndarray (date) of float64, USD
        Carried "close" and "open" of the ticker that idle money is in; empty when it is in none.
    """

    tickers: tuple[str, ...]
    dates: NDArray[np.datetime64]
    close: NDArray[np.float64]
    traded: NDArray[np.bool_]
    snapshot: str = ""
    others: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    cash: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    sessions: bool = False
    """The dates are the sessions of an exchange, so one without a bar of any ticker is a date all the same."""

    def values_of(self, name: str) -> NDArray[np.float64]:
        """Read one field of the bars, (ticker, date)."""
        if name != "close" and name not in self.others:
            raise DataError(f"this panel was read without {name}; type load_panel(candles, ({name!r},))")
        return self.close if name == "close" else self.others[name]

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

    def _on(self, tickers: tuple[str, ...], dates: NDArray[np.intp]) -> Panel:
        """Take some tickers on some dates; what was carried over dates that are left out is carried anew."""
        place = np.ix_(np.array([self.rows[ticker] for ticker in tickers], dtype=np.intp), dates)
        traded = np.ascontiguousarray(self.traded[place])
        whole = len(dates) == dates[-1] - dates[0] + 1
        close = np.ascontiguousarray(self.close[place])
        if not whole:
            close = carried(np.where(traded, close, np.nan), traded)
        panel = Panel(tickers, self.dates[dates], close, traded, self.snapshot, sessions=self.sessions)
        others = {name: np.ascontiguousarray(values[place]) for name, values in self.others.items()}
        return replace(panel, others=others) if whole else _with_others(panel, others)

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
    def fills(self) -> dict[tuple[str, int], Fills]:
        """The prices of executions, as far as they were asked for; `executions.load_fills` keeps them here."""
        return {}

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
        for name in sorted(self.others):
            sha.update(name.encode())
            sha.update(np.ascontiguousarray(self.others[name]).tobytes())
        for name in sorted(self.cash):
            sha.update(f"cash {name}".encode())
            sha.update(np.ascontiguousarray(self.cash[name]).tobytes())
        return sha.hexdigest()

    def select(self, tickers: Sequence[str]) -> Panel:
        """Take some tickers on the dates of their union.

        Those are the dates on which one of them has a bar. Where the dates of the candles are the sessions of an
        exchange (`candles["date"].attrs["calendar"]` says of which), they are all sessions between the first and the
        last of these: a session on which none of them traded is a missing bar of each.
        """
        kept = self._selections.get(tuple(tickers))
        if kept is None:
            kept = self._selections[tuple(tickers)] = self.take(tickers)
        return kept

    def places(self, tickers: Sequence[str]) -> NDArray[np.intp]:
        """Number the dates that `select` takes for some tickers."""
        for ticker in tickers:
            if ticker not in self.rows:
                raise unknown_name("ticker", ticker, self.tickers, where="candles")
        days = np.flatnonzero(self.traded[[self.rows[ticker] for ticker in tickers]].any(axis=0))
        if not len(days):
            raise DataError(f"candles hold no bar of {', '.join(tickers[:8])}; load other tickers or other dates")
        return np.arange(days[0], days[-1] + 1) if self.sessions else days

    def take(self, tickers: Sequence[str]) -> Panel:
        """Do what `select` does without keeping it for the next time."""
        return self._on(tuple(tickers), self.places(tickers))

    @cached_property
    def _funded(self) -> dict[str, Panel]:
        return {}

    def with_cash(self, ticker: str, selected: Panel) -> Panel:
        """Add the prices of the ticker that idle money is in to a selection of this panel, on its dates."""
        funded = selected._funded
        if ticker not in funded:
            if ticker not in self.rows:
                raise unknown_name("ticker", ticker, self.tickers, where="candles, asked for by cash=")
            days = np.searchsorted(self.dates, selected.dates)
            lines = {"close": self.close, **({"open": self.others["open"]} if "open" in self.others else {})}
            prices = {name: values[self.rows[ticker], days] for name, values in lines.items()}
            funded[ticker] = replace(selected, cash=prices)
        return funded[ticker]

    def select_beside(self, tickers: Sequence[str], run: Panel) -> Panel:
        """Take some tickers on the dates of `run`, and before and after it on their own: what is compared with it."""
        own = self.select(tickers)
        between = (own.dates >= run.dates[0]) & (own.dates <= run.dates[-1])
        if self.sessions or np.array_equal(own.dates[between], run.dates):
            return own
        dates = np.union1d(own.dates[~between], run.dates)
        return self._on(tuple(tickers), np.searchsorted(self.dates, dates))


@dataclass(frozen=True, eq=False)
class _Reading:
    """The panels of some candles, with all that must still be so in the candles for them to be theirs."""

    candles: weakref.ref[Any]
    labels: tuple[object, ...]
    seen: dict[str, NDArray[np.float64]]
    """Every field that was read, as it was."""
    panels: dict[tuple[str, ...], Panel]
    """By the fields they hold besides closes."""

    def still_holds(self, candles: xr.Dataset, given: Mapping[str, NDArray[np.float64]]) -> bool:
        """Tell whether the candles say what they said when they were read; they can be written to in place."""
        if self.candles() is not candles or any(
            a is not b for a, b in zip(self.labels, labels_of(candles), strict=True)
        ):
            return False
        # Bits, because NaN is NaN here; a checksum would not see two closes that changed places.
        return all(
            np.array_equal(self.seen[name].view(np.uint64), values.view(np.uint64))
            for name, values in given.items()
            if name in self.seen
        )


_KNOWN: dict[int, _Reading] = {}


def load_panel(candles: xr.Dataset, fields: Iterable[str] = (), *, reader: Mapping[str, str] | None = None) -> Panel:
    """Read labelled candles into a panel, once for the same unchanged candles and fields.

    Parameters
    ----------
    candles : Dataset (ticker, date)
        With the variable `close`, adjusted, USD; NaN where there is no bar.
    fields : iterable of str
        Fields to read besides closes, out of `OTHER_FIELDS`; others are never looked at.
    reader : mapping of str to str, optional
        For each field what asks for it, for the message when the candles do not hold it.

    Raises
    ------
    DataError
        When the dimensions, the dates or a field are not usable, or one that is asked for is missing.
    """
    wanted = tuple(name for name in OTHER_FIELDS if name in set(fields))
    given = {"close": values_of(candles, "close")}
    for name in wanted:
        if name not in candles.variables:
            raise missing_field(name, wanted, (reader or {}).get(name, "what is asked for"))
        given[name] = values_of(candles, name)
    key = id(candles)
    known = _KNOWN.get(key)
    if known is None or not known.still_holds(candles, given):
        gone = weakref.ref(candles, lambda _: _KNOWN.pop(key, None))
        known = _KNOWN[key] = _Reading(gone, labels_of(candles), {}, {(): _read(candles, given["close"])})
    known.seen.update({name: values.copy() for name, values in given.items() if name not in known.seen})
    if wanted not in known.panels:
        known.panels[wanted] = _with_others(known.panels[()], {name: given[name] for name in wanted})
    return known.panels[wanted]


def _with_others(panel: Panel, given: Mapping[str, NDArray[np.float64]]) -> Panel:
    """The same panel with more fields, their missing bars carried as those of the closes are."""
    others = {}
    for name, values in given.items():
        finite = np.isfinite(values) & (values >= 0.0) if name == "volume" else np.isfinite(values) & (values > 0.0)
        wrong = ~(np.isnan(values) | finite)
        if wrong.any():
            least = "at least 0" if name == "volume" else "above 0"
            raise unusable(name, least, values, wrong, panel.tickers, panel.dates)
        if name == "raw_close":
            others[name] = carried_raw(values, panel)
            continue
        carried = np.zeros_like(values) if name == "volume" else panel.close
        others[name] = np.where(panel.traded, values, np.where(np.isfinite(panel.close), carried, np.nan))
    return replace(panel, others=others)


def _read(candles: xr.Dataset, close: NDArray[np.float64]) -> Panel:
    tickers = tuple(str(ticker) for ticker in candles["ticker"].values)
    snapshot, calendar = str(candles.attrs.get("snapshot", "")), candles["date"].attrs.get("calendar")
    return _of_closes(tickers, dates_of(candles), close, snapshot, sessions=bool(calendar))


def _of_closes(
    tickers: tuple[str, ...],
    dates: NDArray[np.datetime64],
    close: NDArray[np.float64],
    snapshot: str,
    *,
    sessions: bool,
) -> Panel:
    check_closes(tickers, dates, close)
    traded = np.isfinite(close)
    return Panel(tickers, dates, carried(close, traded), traded, snapshot, sessions=sessions)


def panel_of_bars(bars: Bars, fields: Iterable[str] = ()) -> Panel:
    """Make the panel that `load_panel` would read from the same bars with labels.

    Parameters
    ----------
    bars : Bars
        Adjusted, with closes, on the sessions of the exchange.
    fields : iterable of str
        Fields to take besides closes, out of `OTHER_FIELDS`.
    """
    panel = _of_closes(bars.tickers, bars.dates, bars.values["close"], bars.snapshot, sessions=True)
    return _with_others(panel, {name: bars.values[name] for name in OTHER_FIELDS if name in set(fields)})
