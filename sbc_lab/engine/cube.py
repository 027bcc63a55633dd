"""One indicator for many tickers and windows, as a labelled array; no arithmetic.

The kernels are in `kernels`, their table in `indicators`; candles become arrays in `panel`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

from ..errors import DataError, StrategyError
from ..options import options
from ._adjusted import refuse_unadjusted
from .indicators import Indicator, compute, load_indicator
from .panel import load_panel

if TYPE_CHECKING:
    from ..options import Engine
    from .strategy.vocabulary import ParameterValue

LARGEST = 2 * 1024**3
"""Bytes of the largest cube that is made."""


def cube(
    name: str,
    candles: xr.Dataset,
    *,
    window: int | Iterable[int] | None = None,
    short: int | None = None,
    long: int | None = None,
    smooth: int | None = None,
    month: int | None = None,
    deviations: float | None = None,
    gamma: float | None = None,
    parameters: Mapping[str, float | Iterable[int]] | None = None,
    engine: Engine | None = None,
) -> xr.DataArray:
    """One indicator of every ticker, for one window or for many.

    Parameters
    ----------
    name : str
        Name of the indicator, such as "rsi".
    candles : Dataset (ticker, date)
        Adjusted; with the variable `close`, USD, and the others that the indicator reads, such as `high`.
    window : int or iterable of int, trading days, optional
        Look-backs of a windowed indicator, in the order wanted, each once. Needed unless the indicator has a default.
    short, long, smooth : int, trading days, optional
        Windows of `macd`, `ppo` and their signals; `smooth` also of `stochastic_d`.
    month : int, trading days, optional
        Length of a month for the momentums of a year.
    deviations : float, optional
        Half width of the Bollinger bands, in standard deviations.
    gamma : float, optional
        Damping of `laguerre_rsi`.
    parameters : mapping of str to number, optional
        The same by name, for indicators of one's own, whose parameters can be called anything: {"span": 20}. A window
        may be many here too.
    engine : "numba" or "numpy", optional
        Compiled kernels, or the plain twins; by default what `lab.options` says.

    Returns
    -------
    DataArray (window, ticker, date), or (ticker, date) for an indicator without a window
        In the unit named by `attrs["units"]`; NaN before the first value and where prices are missing. A single
        window is a dimension of length 1, so that code does not change its shape with the number of windows.

    Raises
    ------
    DataError
        When the candles are not adjusted, lack a field that the indicator reads, or the cube would be too large.
    StrategyError
        When a parameter is not one of this indicator, or out of its bounds.
    UnknownNameError
        When there is no such indicator or engine; the message lists the nearest.

    Examples
    --------
    >>> dates = np.array(["2024-01-02", "2024-01-03", "2024-01-04"], dtype="datetime64[ns]")
    >>> candles = xr.Dataset(
    ...     {"close": (("ticker", "date"), [[1.0, 2.0, 6.0]])},
    ...     coords={"ticker": ["SPY"], "date": dates},
    ... )
    >>> cube("sma", candles, window=[1, 2]).sel(ticker="SPY", window=2).values
    array([nan, 1.5, 4. ])
    """
    refuse_unadjusted(candles)
    indicator = load_indicator(name)
    engine = options.engine if engine is None else engine
    asked = {"window": window, "short": short, "long": long, "smooth": smooth, "month": month, "gamma": gamma}
    asked["deviations"] = deviations
    given: dict[str, object] = {key: value for key, value in asked.items() if value is not None}
    given = _merged(name, given, parameters)
    rows = _settled(indicator, given)
    fields = indicator.word.inputs
    panel = load_panel(candles, fields, reader=dict.fromkeys(fields, name))
    _refuse_too_large(name, len(rows), *panel.close.shape)
    filled = np.empty((len(rows), *panel.close.shape))
    for layer, settled in zip(filled, rows, strict=True):
        values = tuple(settled.values())
        for row, out in enumerate(layer):
            lines = {field: panel.values_of(field)[row] for field in fields}
            compute(name, lines, values, engine=engine, out=out)
    return _labelled(indicator, rows, filled, panel.tickers, panel.dates)


def _merged(name: str, given: dict[str, object], named: Mapping[str, object] | None) -> dict[str, object]:
    """Put what was given by name in a mapping beside what was given as keywords."""
    if named is None:
        return given
    if not isinstance(named, Mapping):
        raise StrategyError(f"{name}: parameters must be a mapping such as {{'window': 20}}, got {named!r:.80}")
    twice = sorted(given.keys() & named.keys())
    if twice:
        raise StrategyError(f"{name}: {twice[0]} was given twice, as a keyword and in parameters; leave one out")
    return {**given, **named}


def _settled(indicator: Indicator, given: Mapping[str, object]) -> list[dict[str, ParameterValue]]:
    """Checked parameters of every layer of the cube; one layer when there is no window."""
    word, windows = indicator.word, given.get("window")
    if not isinstance(windows, Iterable) or isinstance(windows, str | bytes):
        return [dict(word.settle(given, where=word.name))]
    layers = [dict(word.settle({**given, "window": window}, where=word.name)) for window in windows]
    if not layers:
        raise StrategyError(
            f"{word.name}: window holds no number of trading days; give at least one, as in window=[20]"
        )
    seen = [layer["window"] for layer in layers]
    doubled = [window for window in dict.fromkeys(seen) if seen.count(window) > 1]
    if doubled:
        raise StrategyError(f"{word.name}: every window once, got {doubled[0]} {seen.count(doubled[0])} times")
    return layers


def _refuse_too_large(name: str, windows: int, tickers: int, dates: int) -> None:
    size = math.prod((windows, tickers, dates, np.dtype(np.float64).itemsize))
    if size > LARGEST:
        raise DataError(
            f"cube({name!r}): {windows} windows × {tickers} tickers × {dates} dates take {size:,} bytes, "
            f"more than {LARGEST:,}; ask for fewer windows, or for fewer tickers at a time"
        )


def _labelled(
    indicator: Indicator,
    rows: list[dict[str, ParameterValue]],
    filled: np.ndarray[tuple[int, ...], np.dtype[np.float64]],
    tickers: tuple[str, ...],
    dates: np.ndarray[tuple[int, ...], np.dtype[np.datetime64]],
) -> xr.DataArray:
    word = indicator.word
    windowed = "window" in rows[0]
    coordinates: dict[str, object] = {"ticker": list(tickers), "date": dates}
    if windowed:
        days = xr.Variable(
            "window", [row["window"] for row in rows], {"units": "trading days", "long_name": "Look-back"}
        )
        coordinates = {"window": days, **coordinates}
    others = {key: value for key, value in rows[0].items() if key != "window"}
    return xr.DataArray(
        filled if windowed else filled[0],
        coords=coordinates,
        dims=("window", "ticker", "date") if windowed else ("ticker", "date"),
        name=word.name,
        attrs={**others, "units": word.unit, "long_name": word.label},
    )
