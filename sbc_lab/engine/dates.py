"""What a person types for a date, and the bars between which a run goes.

Lives here: every way to write a day, and the sentences with which both engines refuse a start or an end. When a tree
knows what it needs is found by each engine for itself.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

import numpy as np

from ..errors import BacktestError

if TYPE_CHECKING:
    from numpy.typing import NDArray

DateLike = str | np.datetime64 | object

LONGEST_CLOSURE = np.timedelta64(10, "D")
"""A start this long before the first bar is no holiday: the prices that were asked for are not there."""
_PERIOD = re.compile(r"\d{4}(-\d{2})?")
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})([T ].+)?")
_RUN_TOGETHER = re.compile(r"(\d{4})(\d{2})(\d{2})")
_NOT_A_DAY = np.datetime64("NaT", "D")


def as_date(value: DateLike | None, *, name: str, last: bool = False) -> np.datetime64 | None:
    """Take what a person typed for a date and return the day, or say what is wrong with it.

    Parameters
    ----------
    value : str, date, datetime or datetime64
        '2010-01-04'; or '2010' or '2010-05', the first day of that year or month. A time of day is left out, and so is
        its zone: the day is the one that was written.
    name : str
        What the date is for, such as "start".
    last : bool
        A year or a month means its last day.

    Returns
    -------
    datetime64[D] or None
        None for None.
    """
    if value is None:
        return None
    try:
        day = _day(value, last)
    except (TypeError, ValueError, OverflowError):
        day = _NOT_A_DAY
    if np.isnat(day):
        raise BacktestError(f"{name} must be a date such as '2010-01-04', got {value!r}{_meant(value)}")
    return day


def _day(value: object, last: bool) -> np.datetime64:
    if isinstance(value, str):
        text = value.strip()
        if _PERIOD.fullmatch(text):
            return _end_of(np.datetime64(text), last)
        found = _DAY.fullmatch(text)
        if not found:
            return _NOT_A_DAY
        if found[2]:
            dt.datetime.fromisoformat(text)  # refuses what is no time of day
        return np.datetime64(found[1], "D")
    if isinstance(value, np.datetime64):
        return _end_of(value, last) if np.datetime_data(value)[0] in ("Y", "M") else value.astype("datetime64[D]")
    # NumPy would turn an hour with a zone into that of Greenwich, which can be another day.
    if isinstance(value, dt.datetime):
        return np.datetime64("NaT" if value != value else value.date(), "D")  # noqa: PLR0124  # only NaT is not itself
    if isinstance(value, dt.date):
        return np.datetime64(value, "D")
    found_value = np.asarray(value)
    if found_value.ndim == 0 and found_value.dtype.kind == "M":
        return _day(found_value[()], last)
    return _NOT_A_DAY


def _end_of(period: np.datetime64, last: bool) -> np.datetime64:
    # A whole number is added in the unit of the period: one year or one month.
    day: np.datetime64 = (period + 1).astype("datetime64[D]") - 1 if last else period.astype("datetime64[D]")
    return day


def _meant(value: object) -> str:
    found = _RUN_TOGETHER.fullmatch(str(value).strip()) if not isinstance(value, bool) else None
    return f"; type '{found[1]}-{found[2]}-{found[3]}'" if found else ""


def too_early(start: np.datetime64, what: str, first: object) -> BacktestError:
    """Refuse a start on which something has no value yet.

    Parameters
    ----------
    start : datetime64
        What was asked for.
    what : str
        What the run waits for, such as "sma('SPY', 200) has its first value".
    first : str or datetime64
        The date of that.
    """
    return BacktestError(f"start {start} is too early: {what} on {first}; ask for start='{first}' or later")


def begins_before_prices(start: np.datetime64, days: NDArray[np.datetime64]) -> bool:
    """Tell whether a start lies so long before the first bar that no holiday explains it."""
    return bool(start < days[0] - LONGEST_CLOSURE)


def too_short(start: object, end: np.datetime64 | None, days: NDArray[np.datetime64]) -> BacktestError:
    """Refuse a run of fewer than two bars.

    Parameters
    ----------
    start : str or datetime64
        Where it would begin.
    end : datetime64 or None
        What was asked for.
    days : ndarray (date) of datetime64[D]
        All that the candles of the tree hold.
    """
    until = f"end {end}" if end is not None else f"the last bar, {days[-1]}"
    return BacktestError(
        f"a run needs two bars, but it would begin on {start} and stop at {until}; "
        f"the candles of this tree reach from {days[0]} to {days[-1]}"
    )
