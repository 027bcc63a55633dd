"""The indicators in compiled libraries: what `indicators.py` measures the kernels against besides pandas.

Lives here: which library has which indicator, what pip calls the library, and who computes exactly the same numbers.
Does not live here: timing.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import numpy.typing as npt

Series = npt.NDArray[np.float64]

COMPILED = ("sma", "ema", "rsi", "cumulative_return", "stdev_price", "atr")
"""The indicators that compiled libraries have too."""
LIBRARIES = {"talib": "TA-Lib", "bottleneck": "bottleneck", "numbagg": "numbagg"}
"""Module, and what pip calls it."""


def compiled_peers(lines: dict[str, Series]) -> dict[str, dict[str, Callable[[int], object]]]:
    """The same indicators in the compiled libraries that are installed, by library and indicator; they take a window.

    The deviation of TA-Lib divides by n, and numbagg begins its exponential average with the first price; the work is
    the same.
    """
    close, high, low = lines["close"], lines["high"], lines["low"]
    found: dict[str, dict[str, Callable[[int], object]]] = {}
    if find_spec("talib"):
        import talib

        found["talib"] = {
            "sma": lambda n: talib.SMA(close, n),
            "ema": lambda n: talib.EMA(close, n),
            "rsi": lambda n: talib.RSI(close, n),
            "cumulative_return": lambda n: talib.ROC(close, n),
            "stdev_price": lambda n: talib.STDDEV(close, n, 1.0),
            "atr": lambda n: talib.ATR(high, low, close, n),
        }
    if find_spec("bottleneck"):
        import bottleneck

        found["bottleneck"] = {
            "sma": lambda n: bottleneck.move_mean(close, n),
            "stdev_price": lambda n: bottleneck.move_std(close, n, ddof=1),
        }
    if find_spec("numbagg"):
        import numba
        import numbagg

        numba.set_num_threads(1)  # one thread for everybody
        found["numbagg"] = {
            "sma": lambda n: numbagg.move_mean(close, window=n, min_count=n),
            "ema": lambda n: numbagg.move_exp_nanmean(close, alpha=2.0 / (n + 1.0)),
            "stdev_price": lambda n: numbagg.move_std(close, window=n, min_count=n),
        }
    return found


AGREE = {
    ("talib", "sma"), ("talib", "ema"), ("talib", "rsi"), ("talib", "cumulative_return"), ("talib", "atr"),
    ("bottleneck", "sma"), ("bottleneck", "stdev_price"), ("numbagg", "sma"), ("numbagg", "stdev_price"),
}  # fmt: skip
"""Who computes the same numbers; their last thousand are compared before a time is shown."""
