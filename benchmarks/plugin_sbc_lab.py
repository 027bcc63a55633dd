"""sbc_lab as a contender of a harness that measures many libraries: the functions such a harness asks for.

Lives here: one function for each job, from plain arrays and frames to plain arrays. What the engine does not offer
raises NotImplementedError, which the harness shows as such.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

WARMUP = 200
FUNDS = ("TQQQ", "UPRO", "SOXL")
POOL = ("XLK", "XLF", "XLV", "XLE", "XLU", "XLP", "TLT", "GLD")
WORDS = {
    "RSI(14)": ("rsi", 14),
    "SMA(200)": ("sma", 200),
    "EMA(50)": ("ema", 50),
    "STD(20)": ("stdev_price", 20),
    "MDD(60)": ("max_drawdown", 60),
    "RET(20)": ("cumulative_return", 20),
    "ATR(14)": ("atr", 14),
}
PERCENT = frozenset({"MDD(60)", "RET(20)"})
_KNOWN: dict[int, tuple[pd.DataFrame, object]] = {}


def indicators(kind: str, panel: dict[str, np.ndarray]) -> dict[str, Callable[[], np.ndarray]]:
    """Every indicator as a call: kind 'single' gives (bars,), 'panel' gives (bars, tickers)."""
    from sbc_lab.engine.indicators import INDICATORS

    lines = {name: np.ascontiguousarray(np.atleast_2d(values.T)) for name, values in panel.items()}

    def call(label: str) -> np.ndarray:
        name, window = WORDS[label]
        indicator = INDICATORS[name]
        out = np.empty_like(lines["close"])
        for row in range(len(out)):
            indicator.kernel(*[lines[field][row] for field in indicator.word.inputs], window, out[row])
        if label in PERCENT:
            out *= -0.01 if label == "MDD(60)" else 0.01
        return out[0] if kind == "single" else out.T

    return {label: partial(call, label) for label in WORDS}


def _candles(prices: pd.DataFrame) -> object:
    """The same candles for the same frame, as a researcher has them in a variable."""
    import xarray as xr

    known = _KNOWN.get(id(prices))
    if known is None or known[0] is not prices:
        close = (("ticker", "date"), np.ascontiguousarray(prices.to_numpy().T))
        candles = xr.Dataset({"close": close}, {"ticker": list(prices.columns), "date": prices.index.to_numpy()})
        known = _KNOWN[id(prices)] = (prices, candles)
    return known[1]


def tree_full(prices: pd.DataFrame) -> np.ndarray:
    """Signals and simulation of the tree: equity, one value per bar, 1 before the first trade."""
    import sbc_lab as lab

    best = lab.top(*POOL, n=2, by=lab.cumulative_return(lab.each, 60))
    rest = lab.when(lab.price("SPY") > lab.sma("SPY", 200)).then(lab.inverse_vol(*FUNDS, window=20)).otherwise(best)
    strategy = lab.Strategy("tree", lab.when(lab.rsi("QQQ", 10) > 79).then("UVXY").otherwise(rest))
    run = lab.backtest(strategy, _candles(prices), start=prices.index[WARMUP], cost_bps=5)
    return np.concatenate((np.ones(len(prices) - len(run.dates)), run.equity.values))


def tree_simulate(prices: pd.DataFrame, weights: pd.DataFrame) -> np.ndarray:
    """Simulation only, from ready target weights: equity, one value per bar."""
    from sbc_lab.engine.kernels import portfolio

    held = prices[list(weights.columns)].to_numpy()
    growth = np.ones_like(held)
    growth[1:] = held[1:] / held[:-1]
    equity, turnover = np.empty(len(held)), np.empty(len(held))
    portfolio.trade_daily(growth, np.ascontiguousarray(weights.to_numpy()), 5e-4, equity, turnover)
    return equity


def sweep(prices: pd.DataFrame, windows: np.ndarray, thresholds: np.ndarray) -> np.ndarray:
    """Final equity per (window, threshold)."""
    raise NotImplementedError("sbc_lab offers no sweep that shares indicators between variants")


def correlation(returns: np.ndarray) -> np.ndarray:
    """Pairwise-complete correlation of (days, curves) daily returns."""
    raise NotImplementedError("sbc_lab offers no correlation of equity curves")
