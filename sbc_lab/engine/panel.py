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

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import xarray as xr
    from numpy.typing import NDArray

OTHER_FIELDS = ("open", "high", "low", "volume")
"""What a panel can hold besides closes; only what is asked for is read."""
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
    others : mapping of str to ndarray (ticker, date) of float64
        The other fields that were asked for, "open", "high" and "low" in USD and "volume" in shares. A carried bar is
        the last close in all four prices, on no volume: nothing was traded.
    """

    tickers: tuple[str, ...]
    dates: NDArray[np.datetime64]
    close: NDArray[np.float64]
    traded: NDArray[np.bool_]
    snapshot: str = ""
    others: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
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
            close = _carried(np.where(traded, close, np.nan), traded)
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
        return sha.hexdigest()

    def select(self, tickers: Sequence[str]) -> Panel:
        """Take some tickers on the dates of their union.

        Those are the dates on which one of them has a bar. Where the dates of the candles are the sessions of an
        exchange (`candles["date"].attrs["calendar"]` says of which), they are all sessions between the first and the
        last of these: a session on which none of them traded is a missing bar of each.
        """
        kept = self._selections.get(tuple(tickers))
        if kept is not None:
            return kept
        for ticker in tickers:
            if ticker not in self.rows:
                raise unknown_name("ticker", ticker, self.tickers, where="candles")
        days = np.flatnonzero(self.traded[[self.rows[ticker] for ticker in tickers]].any(axis=0))
        if not len(days):
            raise DataError(f"candles hold no bar of {', '.join(tickers[:8])}; load other tickers or other dates")
        if self.sessions:
            days = np.arange(days[0], days[-1] + 1)
        selected = self._selections[tuple(tickers)] = self._on(tuple(tickers), days)
        return selected

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
        if self.candles() is not candles or any(a is not b for a, b in zip(self.labels, _labels(candles), strict=True)):
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
    given = {"close": _values(candles, "close")}
    for name in wanted:
        if name not in candles.variables:
            raise _missing(name, wanted, (reader or {}).get(name, "what is asked for"))
        given[name] = _values(candles, name)
    key = id(candles)
    known = _KNOWN.get(key)
    if known is None or not known.still_holds(candles, given):
        gone = weakref.ref(candles, lambda _: _KNOWN.pop(key, None))
        known = _KNOWN[key] = _Reading(gone, _labels(candles), {}, {(): _read(candles, given["close"])})
    known.seen.update({name: values.copy() for name, values in given.items() if name not in known.seen})
    if wanted not in known.panels:
        known.panels[wanted] = _with_others(known.panels[()], {name: given[name] for name in wanted})
    return known.panels[wanted]


def _missing(name: str, wanted: tuple[str, ...], reader: str) -> DataError:
    fields = ", ".join(repr(field) for field in ("close", *wanted))
    return DataError(f"candles hold no {name}, which {reader} reads; load them with lab.candles(…, fields=({fields}))")


def _with_others(panel: Panel, given: Mapping[str, NDArray[np.float64]]) -> Panel:
    """The same panel with more fields, their missing bars carried as those of the closes are."""
    others = {}
    for name, values in given.items():
        finite = np.isfinite(values) & (values >= 0.0) if name == "volume" else np.isfinite(values) & (values > 0.0)
        wrong = ~(np.isnan(values) | finite)
        if wrong.any():
            least = "at least 0" if name == "volume" else "above 0"
            raise _unusable(name, least, values, wrong, panel.tickers, panel.dates)
        carried = np.zeros_like(values) if name == "volume" else panel.close
        others[name] = np.where(panel.traded, values, np.where(np.isfinite(panel.close), carried, np.nan))
    return replace(panel, others=others)


def _unusable(
    name: str,
    least: str,
    values: NDArray[np.float64],
    wrong: NDArray[np.bool_],
    tickers: tuple[str, ...],
    dates: NDArray[np.datetime64],
) -> DataError:
    row, day = (int(place[0]) for place in np.nonzero(wrong))
    when = np.datetime_as_string(dates[day], unit="D")
    return DataError(
        f"candles: every {name} must be {least} or NaN, got {values[row, day]:g} for {tickers[row]} on {when}"
    )


def _labels(candles: xr.Dataset) -> tuple[object, ...]:
    """What names and dates the bars: objects that are put in the place of others, never written to."""
    date = candles.variables["date"]
    return candles.variables["ticker"], date, candles.attrs.get("snapshot"), date.attrs.get("calendar")


def _values(candles: xr.Dataset, name: str) -> NDArray[np.float64]:
    """One field as plain numbers, (ticker, date)."""
    variables = getattr(candles, "variables", None)
    if variables is None or name not in variables:
        wanted = "a Dataset (ticker, date) with the variable close"
        given = "one without it" if variables is not None else type(candles).__name__
        raise DataError(f"candles must be {wanted}, got {given}; load them with lab.candles(…)")
    variable = variables[name]
    if set(variable.dims) != {"ticker", "date"} or not {"ticker", "date"} <= set(variables):
        named = ", ".join(str(label) for label in candles.coords) or "none"
        raise DataError(
            f"candles: {name} must have the named dimensions (ticker, date), got {variable.dims} with names for {named}"
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
        raise _unusable("close", "above 0", close, wrong, tickers, dates)
    traded = np.isfinite(close)
    snapshot, calendar = str(candles.attrs.get("snapshot", "")), candles["date"].attrs.get("calendar")
    return Panel(tickers, dates, _carried(close, traded), traded, snapshot, sessions=bool(calendar))


def _carried(close: NDArray[np.float64], traded: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fill missing bars with the last close, at most `CARRY_LIMIT` in a row, (ticker, date)."""
    if traded.all():
        return close.copy()
    days = np.arange(close.shape[1])
    last = np.maximum.accumulate(np.where(traded, days, -1), axis=1)
    near = (last >= 0) & (days - last <= CARRY_LIMIT)
    filled = np.take_along_axis(close, np.maximum(last, 0), axis=1)
    return np.where(near, filled, np.nan)
