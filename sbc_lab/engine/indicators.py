"""The registry of indicators: behind every word of the language its kernel, its twin, and when its values begin.

The names, units and bounds are in `strategy.vocabulary`, the arithmetic in `kernels`; labels are put on in `cube`.
Importing this file does not import numba: a kernel is loaded when it is first asked for.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import DataError, StrategyError, unknown_name
from .kernels import reference
from .strategy.vocabulary import WORDS, IndicatorWord, ParameterValue, TradingDays, load_word

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..options import Engine

    Parameters = Mapping[str, object] | tuple[tuple[str, ParameterValue], ...] | tuple[ParameterValue, ...]
    """By name, checked and completed; or in the order of the table and taken as they are: the pairs that
    `IndicatorWord.settle` returns, or bare values."""

SEED_TOLERANCE = 1e-6
"""A seed whose weight is below this share of the scale no longer counts."""


@dataclass(frozen=True)
class Indicator:
    """One number per date of a series, computed from data up to that date.

    Attributes
    ----------
    word : IndicatorWord
        Name, long name, unit and parameters with their bounds.
    inputs : tuple of str
        Fields of the candles that it reads, in the order the kernel takes them.
    module : str
        File in `kernels` that holds the kernel.
    bars_before : callable
        Parameters in order → index of the first value on a series without gaps.
    bars_to_settle : callable
        Weight, then parameters in order → bars after the first value until the seed weighs less.
    """

    word: IndicatorWord
    inputs: tuple[str, ...]
    module: str
    bars_before: Callable[..., TradingDays]
    bars_to_settle: Callable[..., TradingDays]

    @cached_property
    def kernel(self) -> Callable[..., None]:
        """The compiled loop ``kernel(x, *values, out)``; the first access imports numba.

        It takes C-contiguous writable float64 arrays that do not overlap and writes every element of `out`.
        """
        module = import_module(f"{__package__}.kernels.{self.module}")
        loop: Callable[..., None] = getattr(module, self.word.name)
        return loop

    @property
    def twin(self) -> Callable[..., NDArray[np.float64]]:
        """The plain NumPy function ``twin(x, *values)`` that the kernel is checked against."""
        function: Callable[..., NDArray[np.float64]] = getattr(reference, self.word.name)
        return function

    def values(self, parameters: Parameters = ()) -> tuple[ParameterValue, ...]:
        """Parameters in the order in which kernel and twin take them.

        Parameters
        ----------
        parameters : mapping or tuple
            A mapping by name is checked and completed with the defaults. A tuple holds all of them in the order of
            the table, bare or as (name, value) pairs, and is not checked again.

        Returns
        -------
        tuple of int or float
        """
        if isinstance(parameters, Mapping):
            return tuple(value for _, value in self.word.settle(parameters, where=self.word.name))
        bare = tuple(value[1] if isinstance(value, tuple) else value for value in parameters)
        if len(bare) != len(self.word.parameters):
            names = ", ".join(parameter.name for parameter in self.word.parameters) or "no parameters"
            raise StrategyError(f"{self.word.name} takes {names}, in this order; got {parameters!r}")
        return bare

    def first_valid(self, parameters: Parameters = ()) -> TradingDays:
        """Index of the first value on a series that starts at bar 0 and has no gaps.

        Parameters
        ----------
        parameters : mapping or tuple
            As for `values`.

        Returns
        -------
        int, trading days
        """
        return self.bars_before(*self.values(parameters))

    def settled(self, parameters: Parameters = (), tolerance: float = SEED_TOLERANCE) -> TradingDays:
        """Bars after the first value until what the recursion was seeded with no longer counts.

        Parameters
        ----------
        parameters : mapping or tuple
            As for `values`.
        tolerance : float
            Weight of the seed, as a share of the scale of the indicator, between 0 and 1.

        Returns
        -------
        int, trading days
            0 for windowed indicators, which have no seed.
        """
        if not 0.0 < tolerance < 1.0:
            raise StrategyError(f"{self.word.name}: tolerance must lie between 0 and 1, got {tolerance!r}")
        return self.bars_to_settle(tolerance, *self.values(parameters))


def load_indicator(name: str) -> Indicator:
    """Look an indicator up by name.

    Parameters
    ----------
    name : str
        Name in the language; aliases of other formats are refused with the name used here.

    Returns
    -------
    Indicator
    """
    return INDICATORS[load_word(name).name]


def compute(
    name: str,
    series: NDArray[np.float64],
    parameters: Parameters = (),
    *,
    engine: Engine = "numba",
    out: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    """Values of one indicator on one series.

    Parameters
    ----------
    name : str
        Name of the indicator.
    series : ndarray (date), USD
        Prices on the common date axis, NaN where there is none.
    parameters : mapping or tuple
        By name, checked and completed with defaults; or all of them in the order of the table, not checked again.
    engine : "numba" or "numpy"
        Compiled kernel, or the plain twin.
    out : ndarray (date), optional
        Receives the values; C-contiguous, and no view of `series`. A new array when missing.

    Returns
    -------
    ndarray (date), in the unit of the indicator
        NaN before the first value and where a price that is needed is missing.

    Examples
    --------
    >>> compute("sma", np.array([1.0, 2.0, 6.0]), {"window": 2}, engine="numpy")
    array([nan, 1.5, 4. ])
    """
    indicator = load_indicator(name)
    values = indicator.values(parameters)
    # The kernels are compiled for this layout alone; any other one would be compiled again, which takes seconds.
    x = np.require(series, dtype=np.float64, requirements=("C", "W"))
    if x.ndim != 1:
        raise DataError(f"{name}: a series has the one dimension date, got {x.ndim} dimensions; give it row by row")
    filled = np.empty_like(x) if out is None else out
    if engine == "numba":
        indicator.kernel(x, *values, filled)
    elif engine == "numpy":
        filled[...] = indicator.twin(x, *values)
    else:
        raise unknown_name("engine", engine, ("numba", "numpy"), where=name)
    return filled


def _decay(keep: float, tolerance: float) -> TradingDays:
    """Fewest bars m with keep ** m at most `tolerance`."""
    return math.ceil(math.log(tolerance) / math.log(keep)) if keep > 0.0 else 0


def _ema_bars(tolerance: float, window: int) -> TradingDays:
    return _decay((window - 1.0) / (window + 1.0), tolerance)


def _wilder_bars(tolerance: float, window: int) -> TradingDays:
    return _decay(1.0 - 1.0 / window, tolerance)


def _line_bars(tolerance: float, short: int, long: int) -> TradingDays:
    return max(_ema_bars(tolerance, short), _ema_bars(tolerance, long))


def _signal_bars(tolerance: float, short: int, long: int, smooth: int) -> TradingDays:
    # After m₁ + m₂ bars a part of the signal is either m₂ bars old, and weighs at most half the tolerance in the
    # smoothing, or was computed from a line that had m₁ bars to settle.
    return _line_bars(tolerance / 2.0, short, long) + _ema_bars(tolerance / 2.0, smooth)


def _nothing(_tolerance: float, *_values: Any) -> TradingDays:
    return 0


def _window_full(window: int, *_values: Any) -> TradingDays:
    return window - 1


def _changes_full(window: int) -> TradingDays:
    return window


def _line_first(short: int, long: int) -> TradingDays:
    return max(short, long) - 1


def _signal_first(short: int, long: int, smooth: int) -> TradingDays:
    return _line_first(short, long) + smooth - 1


_TABLE: Mapping[str, tuple[str, Callable[..., TradingDays], Callable[..., TradingDays]]] = {
    "price": ("returns", lambda: 0, _nothing),
    "sma": ("moving", _window_full, _nothing),
    "ema": ("moving", _window_full, _ema_bars),
    "rsi": ("oscillators", _changes_full, _wilder_bars),
    "cumulative_return": ("returns", _changes_full, _nothing),
    "moving_average_return": ("moving", _changes_full, _nothing),
    "stdev_return": ("spread", _changes_full, _nothing),
    "stdev_price": ("spread", _window_full, _nothing),
    "max_drawdown": ("extremes", _window_full, _nothing),
    "ppo": ("oscillators", _line_first, _line_bars),
    "ppo_signal": ("oscillators", _signal_first, _signal_bars),
    "macd": ("oscillators", _line_first, _line_bars),
    "macd_signal": ("oscillators", _signal_first, _signal_bars),
    "lower_bollinger": ("spread", _window_full, _nothing),
    "upper_bollinger": ("spread", _window_full, _nothing),
}

INDICATORS: Mapping[str, Indicator] = MappingProxyType(
    {name: Indicator(WORDS[name], ("close",), *row) for name, row in _TABLE.items()}
)
"""Every indicator that can be computed, by name."""
