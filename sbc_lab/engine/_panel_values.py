"""From labelled candles to plain arrays: the checks of what comes in, and the carrying of missing bars.

What becomes of the arrays, and that they are read only once, is in `panel`.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

    from .panel import Panel

OTHER_FIELDS = ("open", "high", "low", "volume", "raw_close")
"""What a panel can hold besides closes; only what is asked for is read."""
CARRY_LIMIT = 5
"""A missing bar carries the last close for this many bars, then the ticker is unavailable."""
EARLIEST = np.datetime64("1900-01-01", "D")
"""No daily prices are older, so an older date is a mistake."""
_EPOCH = np.datetime64("1970-01-01", "D")


def missing_field(name: str, wanted: tuple[str, ...], reader: str) -> DataError:
    """Say which field is missing, and what reads it."""
    fields = ", ".join(repr(field) for field in ("close", *wanted))
    return DataError(f"candles hold no {name}, which {reader} reads; load them with lab.candles(…, fields=({fields}))")


def unusable(
    name: str,
    least: str,
    values: NDArray[np.float64],
    wrong: NDArray[np.bool_],
    tickers: tuple[str, ...],
    dates: NDArray[np.datetime64],
) -> DataError:
    """Say where a field first holds what it must not."""
    row, day = (int(place[0]) for place in np.nonzero(wrong))
    when = np.datetime_as_string(dates[day], unit="D")
    return DataError(
        f"candles: every {name} must be {least} or NaN, got {values[row, day]:g} for {tickers[row]} on {when}"
    )


def values_of(candles: xr.Dataset, name: str) -> NDArray[np.float64]:
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


def dates_of(candles: xr.Dataset) -> NDArray[np.datetime64]:
    """Read the dates, (date) of datetime64[ns]; ascending, one bar a day, none of them a number in disguise."""
    given = candles["date"].values
    if given.dtype.kind == "O" and all(isinstance(one, date) for one in given):
        # An hour with a zone would become that of Greenwich, which can be another day.
        written = [one.replace(tzinfo=None) if isinstance(one, datetime) else one for one in given]
        given = np.array(written, dtype="datetime64[ns]")
    if given.dtype.kind != "M":
        raise DataError(
            f"candles: dates must be days, got {given.dtype} such as {given[:1].tolist()}; "
            "type candles.assign_coords(date=np.array(['2010-01-04', …], 'datetime64[ns]'))"
        )
    dates = given.astype("datetime64[ns]")
    if len(dates) < 2 or np.isnat(dates).any() or not (np.diff(dates) > np.timedelta64(0, "ns")).all():
        raise DataError("candles: dates must ascend, each once, at least two of them")
    days = dates.astype("datetime64[D]")
    twice = np.flatnonzero(days[1:] == days[:-1])
    if len(twice):
        hint = "; numbers such as 20100104 are no dates, write '2010-01-04'" if days[twice[0]] == _EPOCH else ""
        raise DataError(f"candles: one bar a day, there are two on {days[twice[0]]} ({dates[twice[0]]} …){hint}")
    if days[0] < EARLIEST:
        raise DataError(f"candles: dates must not lie before {EARLIEST}, got {days[0]}; correct the dates")
    return dates


def labels_of(candles: xr.Dataset) -> tuple[object, ...]:
    """What names and dates the bars: objects that are put in the place of others, never written to."""
    date = candles.variables["date"]
    return candles.variables["ticker"], date, candles.attrs.get("snapshot"), date.attrs.get("calendar")


def check_closes(tickers: tuple[str, ...], dates: NDArray[np.datetime64], close: NDArray[np.float64]) -> None:
    """Refuse names and closes that no run can be made of."""
    if len(set(tickers)) < len(tickers):
        raise DataError("candles: every ticker once; drop the doubled ones")
    if len(dates) < 2:
        raise DataError("candles: dates must ascend, each once, at least two of them")
    wrong = ~(np.isnan(close) | ((close > 0.0) & np.isfinite(close)))
    if wrong.any():
        raise unusable("close", "above 0", close, wrong, tickers, dates)


def carried_raw(values: NDArray[np.float64], panel: Panel) -> NDArray[np.float64]:
    """Fill missing closes as they were traded, (ticker, date), USD; every bar must have one."""
    missing = panel.traded & np.isnan(values)
    if missing.any():
        row, day = (int(place[0]) for place in np.nonzero(missing))
        when = np.datetime_as_string(panel.dates[day], unit="D")
        raise DataError(
            f"candles: {panel.tickers[row]} has a close on {when} but no raw_close; give one for every close or none"
        )
    return carried(values, panel.traded)


def carried(close: NDArray[np.float64], traded: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fill missing bars with the last close, at most `CARRY_LIMIT` in a row, (ticker, date)."""
    if traded.all():
        return close.copy()
    days = np.arange(close.shape[1])
    last = np.maximum.accumulate(np.where(traded, days, -1), axis=1)
    near = (last >= 0) & (days - last <= CARRY_LIMIT)
    filled = np.take_along_axis(close, np.maximum(last, 0), axis=1)
    return np.where(near, filled, np.nan)
