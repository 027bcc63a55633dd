"""Can these bars be trusted: the checks that every ticker passes before it enters a snapshot.

Here live the checks, their tolerances and the sentences about what they find. Nothing here changes a price: a ticker
with an error is refused as a whole, a warning is reported and the values stay as they came. Repair is another matter.

The rule behind the severities: close and adj_close decide what a strategy does, so anything that makes them unusable is
an error. Disorder of open, high and low in a few bars is how even an exchange publishes its own index, and a large move
may be real; both are warnings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..engine.candles import COLUMNS, Columns
from ..engine.strategy import Ticker
from ..errors import StrategyError
from . import calendar
from .bars import OPTIONAL, Bars, to_columns

__all__ = ["Finding", "check_bars", "check_columns", "check_ticker", "refusal"]

Severity = Literal["error", "warning"]
Mask = NDArray[np.bool_]

PRICES = ("open", "high", "low", "close", "adj_close")
OHLC_TOLERANCE = 1e-4
"""Fraction of the close by which open or close may leave low..high: rounding of quoted prices."""
OHLC_SHARE = 0.05
"""Above this share of disordered bars the columns are mixed up rather than carelessly kept."""
GAP_SHARE = 0.5
"""Above this share of missing sessions the bars are not daily."""
JUMP = 1.5
"""One-day growth, or its inverse, from which a move is worth a look."""
SPIKE = 1.4
"""The same for a move that the next day takes back."""
SPIKE_LEFT = 0.25
"""Fraction of the move, in logarithms, that may be left after the day that takes it back."""
SPLIT_TOLERANCE = 0.15
"""How near, in logarithms and relative to the split, a move must be to the split's ratio to be caused by it."""
FACTOR_STEP = 1.3
"""One-day step of adj_close / close from which it is a split and no dividend."""
CARRY = 5
"""Sessions that a missing bar is carried in a backtest."""


@dataclass(frozen=True)
class Finding:
    """One thing that one check found in one ticker."""

    ticker: str
    check: str
    severity: Severity
    count: int
    """How many bars, sessions or columns."""
    first: date | None
    last: date | None
    sentence: str

    def __str__(self) -> str:
        """Give severity, ticker and sentence in one line."""
        return f"{self.severity}: {self.ticker}: {self.sentence}"


def refusal(ticker: str, check: str, sentence: str) -> Finding:
    """Build the finding that refuses a ticker as a whole."""
    return Finding(ticker, check, "error", 1, None, None, sentence)


def check_ticker(ticker: object) -> str | None:
    """Why a text cannot be a ticker, or None when it can: the language has to be able to say it."""
    try:
        Ticker(ticker)  # type: ignore[arg-type]  # refusing what is no text is its work
    except StrategyError as mistake:
        return str(mistake)
    return None


def check_bars(
    ticker: str, bars: Bars, *, sessions: NDArray[np.datetime64] | None = None, today: date | None = None
) -> tuple[dict[str, NDArray[Any]] | None, tuple[Finding, ...]]:
    """Bring the bars of one ticker into canonical columns and check them.

    Parameters
    ----------
    ticker : str
        For the findings.
    bars : DataFrame or Table (bar)
        As `to_columns` takes them.
    sessions : datetime64[D] array, optional
        Sessions of the exchange over at least the span of the bars; without them gaps are not looked for.
    today : date, optional
        Bars after it are an error; the present day in UTC when left out.

    Returns
    -------
    columns : dict of arrays (bar), or None when an error was found
    findings : tuple of Finding
    """
    try:
        columns = to_columns(bars)
    except ValueError as mistake:
        return None, (refusal(ticker, "columns", str(mistake)),)
    names = getattr(bars, "column_names", None) or list(bars.columns)
    absent = [name for name in OPTIONAL if name not in names]
    findings = check_columns(ticker, columns, sessions=sessions, today=today)
    if absent:
        sentence = f"there is no column {' and no column '.join(absent)}; taken as none"
        findings = (Finding(ticker, "columns", "warning", len(absent), None, None, sentence), *findings)
    broken = any(finding.severity == "error" for finding in findings)
    return (None if broken else columns), findings


def check_columns(
    ticker: str, columns: Columns, *, sessions: NDArray[np.datetime64] | None = None, today: date | None = None
) -> tuple[Finding, ...]:
    """Check canonical columns; parameters as in `check_bars`.

    Returns
    -------
    tuple of Finding
        Errors alone when there are any: what comes after a broken order or a missing price would be noise.
    """
    days = columns["date"].astype("datetime64[D]")
    if not len(days):
        return (refusal(ticker, "empty", "there is not one bar"),)
    collect = _Collector(ticker, days)
    collect.extend(_order(days, today or calendar.today()))
    if not collect.errors:
        collect.extend(_values(columns))
    if not collect.errors:
        collect.extend(_ohlc(columns))
        collect.extend(_moves(columns))
        if sessions is not None:
            collect.extend(_gaps(days, sessions.astype("datetime64[D]")))
    return tuple(collect.errors or collect.findings)


_Raw = tuple[str, Severity, Mask | NDArray[np.datetime64], str]
"""Check, severity, which bars (or which days), sentence with `{bars}`, `{days}` or `{sessions}` for how many."""


class _Collector:
    """Turns what a check yields into findings with counts and dates."""

    def __init__(self, ticker: str, days: NDArray[np.datetime64]) -> None:
        self.ticker, self.days = ticker, days
        self.findings: list[Finding] = []

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.severity == "error"]

    def extend(self, raw: Iterator[_Raw]) -> None:
        for check, severity, where, sentence in raw:
            found = self.days[where] if where.dtype == bool else where
            if not len(found):
                continue
            known = found[~np.isnat(found)]
            first, last = (known.min().item(), known.max().item()) if len(known) else (None, None)
            noted = sentence.format_map(_counted(len(found))) + _when(first, last)
            self.findings.append(Finding(self.ticker, check, severity, len(found), first, last, noted))


def _counted(count: int) -> dict[str, str]:
    return {f"{word}s": f"{count} {word}{'' if count == 1 else 's'}" for word in ("bar", "day", "session")}


def _when(first: date | None, last: date | None) -> str:
    if first is None or last is None:
        return ""
    return f" ({first})" if first == last else f" ({first} to {last})"


def _order(days: NDArray[np.datetime64], today: date) -> Iterator[_Raw]:
    yield "missing value", "error", np.isnat(days), "there is no date on {bars}"
    step = np.diff(days).astype("timedelta64[D]").astype(np.int64)
    earlier = np.concatenate([[False], step < 0])
    yield "order", "error", earlier, "dates must ascend, they step back on {bars}"
    unique, counts = np.unique(days, return_counts=True)
    yield "duplicate", "error", unique[counts > 1], "a day may occur once, more often occurs {days}"
    yield (
        "future",
        "error",
        days > np.datetime64(today, "D"),
        f"prices cannot lie after today, {today}, as they do on {{bars}}",
    )


def _values(columns: Columns) -> Iterator[_Raw]:
    for name in COLUMNS[1:]:
        yield "missing value", "error", ~np.isfinite(columns[name]), f"{name} has no number on {{bars}}"
    for name in PRICES:
        yield "non-positive", "error", columns[name] <= 0, f"{name} must be above 0, it is not on {{bars}}"
    for name in ("volume", *OPTIONAL):
        yield "negative", "error", columns[name] < 0, f"{name} must not be below 0, it is on {{bars}}"


def _ohlc(columns: Columns) -> Iterator[_Raw]:
    opened, high, low, close = (columns[name] for name in PRICES[:4])
    room = OHLC_TOLERANCE * close
    crossed = high < low - room
    outside = (np.maximum(opened, close) > high + room) | (np.minimum(opened, close) < low - room)
    share = float(np.mean(crossed | outside))
    severity: Severity = "error" if share > OHLC_SHARE else "warning"
    yield "ohlc", severity, crossed, "high lies below low on {bars}"
    yield "ohlc", severity, outside & ~crossed, "open or close lies outside low..high on {bars}; left as it came"


def _moves(columns: Columns) -> Iterator[_Raw]:
    move = np.diff(np.log(columns["adj_close"]), prepend=np.nan)
    price_move = np.diff(np.log(columns["close"]), prepend=np.nan)
    size = np.abs(move)
    after = np.append(move[1:], np.nan)
    with np.errstate(invalid="ignore"):
        spike = (size > np.log(SPIKE)) & (np.abs(move + after) < SPIKE_LEFT * size)
        splits = columns["splits"]
        ratio = np.abs(np.log(np.where(splits > 0, splits, 1.0)))
        booked = (np.abs(price_move) > np.log(SPIKE)) & (np.abs(np.abs(price_move) - ratio) < SPLIT_TOLERANCE * ratio)
        factor = np.abs(np.diff(np.log(columns["adj_close"] / columns["close"]), prepend=np.nan))
        stepped = factor > np.log(FACTOR_STEP)
        back = np.concatenate([[False], spike[:-1]])
        jump = (size > np.log(JUMP)) & ~spike & ~back & ~booked
    yield (
        "split",
        "warning",
        booked,
        "the price moves by the ratio of a split booked that day on {bars}: perhaps no split",
    )
    yield "spike", "warning", spike, "adj_close moves far on {bars} and comes back the next: perhaps a wrong price"
    yield "jump", "warning", jump, f"adj_close moves by more than a factor of {JUMP:g} in one day on {{bars}}"
    yield (
        "as traded",
        "warning",
        stepped,
        "adj_close / close steps as for a split on {bars}: prices as traded? They must be adjusted for splits",
    )


def _gaps(days: NDArray[np.datetime64], sessions: NDArray[np.datetime64]) -> Iterator[_Raw]:
    inside = sessions[(sessions >= days[0]) & (sessions <= days[-1])]
    off = ~np.isin(days, inside)
    if off.all():
        yield "off session", "error", off, "there is nothing but {bars} outside the sessions of the exchange"
        return
    yield "off session", "warning", off, "outside the sessions of the exchange, and not used: {bars}"
    held = np.isin(inside, days)
    missing = inside[~held]
    edges = np.flatnonzero(np.concatenate([[True], held, [True]]))
    longest = int(np.diff(edges).max()) - 1
    sentence = f"there is no bar on {{sessions}}, at most {longest} in a row"
    if longest > CARRY:
        sentence += f"; more than {CARRY} are not carried over"
    share = len(missing) / len(inside)
    yield "gap", "error" if share > GAP_SHARE else "warning", missing, sentence
