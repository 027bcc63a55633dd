"""What a panel is made of, taken out of labelled candles or checked: numbers, names, carried bars.

The panel itself, and what is kept of candles that were read before, are in `panel`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

OTHER_FIELDS = ("open", "high", "low", "volume")
"""What a panel can hold besides closes; only what is asked for is read."""
CARRY_LIMIT = 5
"""A missing bar carries the last close for this many bars, then the ticker is unavailable."""


def missing_field(name: str, wanted: tuple[str, ...], reader: str) -> DataError:
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
    row, day = (int(place[0]) for place in np.nonzero(wrong))
    when = np.datetime_as_string(dates[day], unit="D")
    return DataError(
        f"candles: every {name} must be {least} or NaN, got {values[row, day]:g} for {tickers[row]} on {when}"
    )


def labels_of(candles: xr.Dataset) -> tuple[object, ...]:
    """What names and dates the bars: objects that are put in the place of others, never written to."""
    return candles.variables["ticker"], candles.variables["date"], candles.attrs.get("snapshot")


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


def check_bars(tickers: tuple[str, ...], dates: NDArray[np.datetime64], close: NDArray[np.float64]) -> None:
    """Refuse names, dates and closes that no run can be made of."""
    if len(set(tickers)) < len(tickers):
        raise DataError("candles: every ticker once; drop the doubled ones")
    if len(dates) < 2 or not (np.diff(dates) > np.timedelta64(0, "ns")).all():
        raise DataError("candles: dates must ascend, each once, at least two of them")
    wrong = ~(np.isnan(close) | ((close > 0.0) & np.isfinite(close)))
    if wrong.any():
        raise unusable("close", "above 0", close, wrong, tickers, dates)


def carried(close: NDArray[np.float64], traded: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fill missing bars with the last close, at most `CARRY_LIMIT` in a row, (ticker, date)."""
    if traded.all():
        return close.copy()
    days = np.arange(close.shape[1])
    last = np.maximum.accumulate(np.where(traded, days, -1), axis=1)
    near = (last >= 0) & (days - last <= CARRY_LIMIT)
    filled = np.take_along_axis(close, np.maximum(last, 0), axis=1)
    return np.where(near, filled, np.nan)
