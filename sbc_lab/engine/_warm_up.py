"""When an indicator's values begin, and when what its recursion was seeded with no longer counts; bars, no prices.

Lives here: one function per shape of formula, each of the indicator's own parameters. Which indicator has which is in
the table of `indicators`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .strategy.vocabulary import TradingDays

_SLOWEST_KAMA = (2.0 / 31.0) ** 2
_LAGUERRE_BARS = 10


def decay(keep: float, tolerance: float) -> TradingDays:
    """Fewest bars m with keep ** m at most `tolerance`."""
    return math.ceil(math.log(tolerance) / math.log(keep)) if keep > 0.0 else 0


def nothing(_tolerance: float, *_values: Any) -> TradingDays:
    """No bar: a window has no seed."""
    return 0


# ---------------------------------------------------------------- index of the first value


def at_once(*_values: Any) -> TradingDays:
    """The first bar."""
    return 0


def window_full(window: int, *_values: Any) -> TradingDays:
    """A window of prices."""
    return window - 1


def changes_full(window: int, *_values: Any) -> TradingDays:
    """A window of changes, which takes one price more."""
    return window


def line_first(short: int, long: int) -> TradingDays:
    """Both averages."""
    return max(short, long) - 1


def signal_first(short: int, long: int, smooth: int) -> TradingDays:
    """Both averages, and an average of their difference."""
    return line_first(short, long) + smooth - 1


def smoothed_first(window: int, smooth: int) -> TradingDays:
    """A window, and a mean of what comes out of it."""
    return window + smooth - 2


def hull_first(window: int) -> TradingDays:
    """A window, and an average over its root."""
    return window + math.isqrt(window) - 2


def twice_first(window: int) -> TradingDays:
    """An average of an average."""
    return 2 * (window - 1)


def thrice_first(window: int) -> TradingDays:
    """An average of an average of an average."""
    return 3 * (window - 1)


def of_changes_first(window: int) -> TradingDays:
    """A window of changes, and a window of what comes out of it."""
    return 2 * window - 1


def year_first(month: int) -> TradingDays:
    """Twelve months."""
    return 12 * month


def filter_first(window: int) -> TradingDays:
    """The bars on which a two-pole filter holds the prices."""
    return max(2, window)


def laguerre_first(_gamma: float) -> TradingDays:
    """The bars that are discarded."""
    return _LAGUERRE_BARS


# ---------------------------------------------------------------- bars after it until the seed no longer counts


def ema_bars(tolerance: float, window: int) -> TradingDays:
    """Of an average with the share 2 / (window + 1)."""
    return decay((window - 1.0) / (window + 1.0), tolerance)


def wilder_bars(tolerance: float, window: int) -> TradingDays:
    """Of an average with the share 1 / window."""
    return decay(1.0 - 1.0 / window, tolerance)


def twice_bars(tolerance: float, window: int) -> TradingDays:
    """Of 2·E₁ − E₂: after k · m bars Eₖ is at most k times as wrong as E₁ after m, so the whole at most 4 times."""
    return 2 * ema_bars(tolerance / 4.0, window)


def thrice_bars(tolerance: float, window: int) -> TradingDays:
    """Of 3·E₁ − 3·E₂ + E₃, at most 12 times as wrong; see `twice_bars`."""
    return 3 * ema_bars(tolerance / 12.0, window)


def kama_bars(tolerance: float, _window: int) -> TradingDays:
    """Of Kaufman's average where the price goes nowhere, its slowest; a trend forgets the seed much sooner."""
    return decay(1.0 - _SLOWEST_KAMA, tolerance)


def filter_bars(tolerance: float, window: int) -> TradingDays:
    """Of a two-pole filter: its waves die with the radius of its poles, begun at most this many times larger."""
    angle = 1.414 * math.pi / window
    radius = math.exp(-angle)
    return decay(radius, tolerance / (1.0 + (1.0 + 1.0 / radius) / abs(math.sin(angle))))


def laguerre_bars(tolerance: float, gamma: float) -> TradingDays:
    """Of a Laguerre filter whose four stages began at a wrong price; differences are a hundredth of the price."""
    stages, bars, last = [1.0] * 4, 0, 0
    while bars <= last + 4 or max(abs(stage) for stage in stages) > tolerance / 100.0:
        before = stages.copy()
        stages[0] = gamma * before[0]
        for k in (1, 2, 3):
            stages[k] = before[k - 1] + gamma * (before[k] - stages[k - 1])
        bars += 1
        if max(abs(stage) for stage in stages) > tolerance / 100.0:
            last = bars
    return last + 1


def line_bars(tolerance: float, short: int, long: int) -> TradingDays:
    """Of the difference of two averages."""
    return max(ema_bars(tolerance, short), ema_bars(tolerance, long))


def signal_bars(tolerance: float, short: int, long: int, smooth: int) -> TradingDays:
    """Of an average of that difference."""
    # After m₁ + m₂ bars a part of the signal is either m₂ bars old, and weighs at most half the tolerance in the
    # smoothing, or was computed from a line that had m₁ bars to settle.
    return line_bars(tolerance / 2.0, short, long) + ema_bars(tolerance / 2.0, smooth)


def stochastic_bars(tolerance: float, window: int) -> TradingDays:
    """Of a place in a range: a range of a tenth of the scale makes every error ten times as large."""
    return wilder_bars(tolerance / 10.0, window)


def adx_bars(tolerance: float, window: int) -> TradingDays:
    """Of Wilder's average of a ratio of Wilder's averages, as for `signal_bars`."""
    return 2 * wilder_bars(tolerance / 2.0, window)
