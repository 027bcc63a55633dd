"""The registry of indicators: behind every word of the language its kernel, its twin, and when its values begin.

The names, units and bounds are in `strategy.vocabulary`, the arithmetic in `kernels`; labels are put on in `cube`.
Importing this file does not import numba: a kernel is loaded when it is first asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataError, StrategyError, unknown_name
from . import _warm_up as begin
from .kernels import reference
from .strategy.user_words import current_code
from .strategy.vocabulary import WORDS, IndicatorWord, ParameterValue, TradingDays, load_word

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..options import Engine

    Parameters = Mapping[str, object] | tuple[tuple[str, ParameterValue], ...] | tuple[ParameterValue, ...]
    """By name, checked and completed; or in the order of the table and taken as they are: the pairs that
    `IndicatorWord.settle` returns, or bare values."""
    Lines = NDArray[np.float64] | Mapping[str, NDArray[np.float64]]
    """The closes alone, or some fields of a ticker's candles by name, (date) each."""

SEED_TOLERANCE = 1e-6
"""A seed whose weight is below this share of the scale no longer counts."""


@dataclass(frozen=True)
class Indicator:
    """One number per date of a series, computed from data up to that date.

    Attributes
    ----------
    word : IndicatorWord
        Name, long name, unit and parameters with their bounds.
    module : str
        File in `kernels` that holds the kernel.
    bars_before : callable
        Parameters in order → index of the first value on a series without gaps.
    bars_to_settle : callable
        Weight, then parameters in order → bars after the first value until the seed weighs less.
    """

    word: IndicatorWord
    module: str
    bars_before: Callable[..., TradingDays]
    bars_to_settle: Callable[..., TradingDays]

    @cached_property
    def kernel(self) -> Callable[..., None]:
        """The compiled loop ``kernel(*lines, *values, out)``; the first access imports numba.

        The lines are those of `word.inputs`, in that order. It takes C-contiguous writable float64
        arrays that do not overlap and writes every element of `out`.
        """
        module = import_module(f"{__package__}.kernels.{self.module}")
        loop: Callable[..., None] = getattr(module, self.word.name)
        return loop

    @property
    def twin(self) -> Callable[..., NDArray[np.float64]]:
        """The plain NumPy function ``twin(*lines, *values)`` that the kernel is checked against."""
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
        Name in the language; aliases of other formats are refused with the name used here. A user's own indicator is
        found by its name as it is registered now, or by "name@hash" in an earlier version.

    Returns
    -------
    Indicator
    """
    found = INDICATORS.get(name)
    if found is not None:
        return found
    word = load_word(name)
    return _OF_USERS[name if "@" in name else f"{word.name}@{current_code(word.name)}"]


def register_indicator(indicator: Indicator, code: str) -> None:
    """Put a user's own indicator behind its word.

    Parameters
    ----------
    indicator : Indicator
    code : str
        The hash under which the word was registered.
    """
    _OF_USERS[f"{indicator.word.name}@{code}"] = indicator


def compute(
    name: str,
    series: Lines,
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
    series : ndarray (date), USD, or mapping of str to ndarray (date)
        Closes on the common date axis, NaN where there is none; or the fields of a ticker's candles by name, for an
        indicator that reads more than closes. What it does not read is left alone.
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
    lines = _lines(indicator.word, series)
    filled = np.empty_like(lines[0]) if out is None else out
    if engine == "numba":
        indicator.kernel(*lines, *values, filled)
    elif engine == "numpy":
        filled[...] = indicator.twin(*lines, *values)
    else:
        raise unknown_name("engine", engine, ("numba", "numpy"), where=name)
    return filled


def only_for_tickers(word: IndicatorWord, said: str) -> StrategyError:
    """Build the error for an indicator of more than closes on a series that has nothing but closes.

    Parameters
    ----------
    word : IndicatorWord
    said : str
        The series as it is written.
    """
    return StrategyError(
        f"{word.name} reads {', '.join(word.inputs)}, which only a ticker has, and {said} is one line of prices; "
        f"use a ticker, or an indicator of closes such as rsi"
    )


def _lines(word: IndicatorWord, series: Lines) -> list[NDArray[np.float64]]:
    """The lines that an indicator reads, in its order and in the layout of its kernel."""
    if isinstance(series, Mapping):
        missing = [field for field in word.inputs if field not in series]
        if missing:
            raise DataError(
                f"{word.name} reads {', '.join(word.inputs)}; there is no {missing[0]} among {', '.join(series)}"
            )
        given = [series[field] for field in word.inputs]
    elif word.reads_bars:
        example = ", ".join(f"{field!r}: …" for field in word.inputs)
        raise DataError(f"{word.name} reads {', '.join(word.inputs)}, got one series; give each by name: {{{example}}}")
    else:
        given = [series]
    # The kernels are compiled for this layout alone; any other one would be compiled again, which takes seconds.
    lines = [np.require(line, dtype=np.float64, requirements=("C", "W")) for line in given]
    for line in lines:
        if line.ndim != 1:
            raise DataError(
                f"{word.name}: a series has the one dimension date, got {line.ndim} dimensions; give it row by row"
            )
        if line.size != lines[0].size:
            raise DataError(f"{word.name}: all its series have the same dates, got {line.size} and {lines[0].size}")
    return lines


_OF_USERS: dict[str, Indicator] = {}
"""What users wrote, by "name@hash of the code"; earlier versions stay, for runs that were made with them."""

_TABLE: Mapping[str, tuple[str, Callable[..., TradingDays], Callable[..., TradingDays]]] = {
    "price": ("returns", begin.at_once, begin.nothing),
    "open_price": ("returns", begin.at_once, begin.nothing),
    "high_price": ("returns", begin.at_once, begin.nothing),
    "low_price": ("returns", begin.at_once, begin.nothing),
    "volume": ("returns", begin.at_once, begin.nothing),
    "sma": ("moving", begin.window_full, begin.nothing),
    "ema": ("moving", begin.window_full, begin.ema_bars),
    "wma": ("averages", begin.window_full, begin.nothing),
    "hma": ("averages", begin.hull_first, begin.nothing),
    "wilder_ma": ("averages", begin.window_full, begin.wilder_bars),
    "dema": ("averages", begin.twice_first, begin.twice_bars),
    "tema": ("averages", begin.thrice_first, begin.thrice_bars),
    "kama": ("averages", begin.changes_full, begin.kama_bars),
    "price_vs_sma": ("averages", begin.window_full, begin.nothing),
    "linear_regression_value": ("trend", begin.window_full, begin.nothing),
    "linear_regression_slope": ("trend", begin.window_full, begin.nothing),
    "trend_clarity": ("trend", begin.window_full, begin.nothing),
    "ultimate_smoother": ("filters", begin.filter_first, begin.filter_bars),
    "super_smoother": ("filters", begin.filter_first, begin.filter_bars),
    "laguerre_rsi": ("filters", begin.laguerre_first, begin.laguerre_bars),
    "rsi": ("oscillators", begin.changes_full, begin.wilder_bars),
    "rsi_sma": ("strength", begin.changes_full, begin.nothing),
    "rsi_ema": ("strength", begin.changes_full, begin.ema_bars),
    "stochastic_rsi": ("strength", begin.of_changes_first, begin.stochastic_bars),
    "cumulative_return": ("returns", begin.changes_full, begin.nothing),
    "moving_average_return": ("moving", begin.changes_full, begin.nothing),
    "momentum_weighted": ("momentum", begin.year_first, begin.nothing),
    "momentum_unweighted": ("momentum", begin.year_first, begin.nothing),
    "momentum_sma12": ("momentum", begin.year_first, begin.nothing),
    "ppo": ("oscillators", begin.line_first, begin.line_bars),
    "ppo_signal": ("oscillators", begin.signal_first, begin.signal_bars),
    "ppo_histogram": ("oscillators", begin.signal_first, begin.signal_bars),
    "macd": ("oscillators", begin.line_first, begin.line_bars),
    "macd_signal": ("oscillators", begin.signal_first, begin.signal_bars),
    "macd_histogram": ("oscillators", begin.signal_first, begin.signal_bars),
    "stdev_return": ("spread", begin.changes_full, begin.nothing),
    "stdev_price": ("spread", begin.window_full, begin.nothing),
    "historical_volatility": ("spread", begin.changes_full, begin.nothing),
    "lower_bollinger": ("spread", begin.window_full, begin.nothing),
    "upper_bollinger": ("spread", begin.window_full, begin.nothing),
    "bollinger_percent_b": ("spread", begin.window_full, begin.nothing),
    "bollinger_bandwidth": ("spread", begin.window_full, begin.nothing),
    "max_drawdown": ("extremes", begin.window_full, begin.nothing),
    "drawdown": ("extremes", begin.at_once, begin.nothing),
    "ulcer_index": ("extremes", begin.window_full, begin.nothing),
    "williams_r": ("ranges", begin.window_full, begin.nothing),
    "cci": ("ranges", begin.window_full, begin.nothing),
    "stochastic_k": ("ranges", begin.window_full, begin.nothing),
    "stochastic_d": ("ranges", begin.smoothed_first, begin.nothing),
    "aroon_up": ("ranges", begin.changes_full, begin.nothing),
    "aroon_down": ("ranges", begin.changes_full, begin.nothing),
    "aroon_oscillator": ("ranges", begin.changes_full, begin.nothing),
    "adx": ("directional", begin.of_changes_first, begin.adx_bars),
    "atr": ("directional", begin.changes_full, begin.wilder_bars),
    "atr_percent": ("directional", begin.changes_full, begin.wilder_bars),
    "money_flow_index": ("volume", begin.changes_full, begin.nothing),
    "obv_rate_of_change": ("volume", begin.changes_full, begin.nothing),
    "vwap_ratio": ("volume", begin.window_full, begin.nothing),
}
"""The file of each kernel, the index of its first value, and the bars until its seed no longer counts."""

INDICATORS: Mapping[str, Indicator] = MappingProxyType(
    {name: Indicator(WORDS[name], *row) for name, row in _TABLE.items()}
)
"""Every indicator that can be computed, by name."""
