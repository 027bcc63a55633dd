"""The benchmark trees in the programs that others would use, each in its own idiom.

Lives here: one function per peer, from closes to equity, and which package each needs. Does not live here: timing, and
the words of the language in pandas (`_pandas_words.py`).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from _pandas_words import PandasWords

Equity = npt.NDArray[np.float64]
RATE = 5e-4
START = 199
"""The first bar on which SMA(200) has a value."""
FUNDS = ["TQQQ", "UPRO", "SOXL"]
POOL = ["XLK", "XLF", "XLV", "XLE", "XLU", "XLP", "TLT", "GLD"]
HELD = ["UVXY", *FUNDS, *POOL]
TREES: dict[str, Callable[[Any], Any]] = {}
"""The trees by name, in any vocabulary; `tree.py` fills it."""


def wanted(close: pd.DataFrame, tree: str) -> pd.DataFrame:
    """Decide with plain pandas: targets (date, ticker) from the first bar that can be decided."""
    root = TREES[tree](PandasWords(close))
    return root.weights.iloc[root.first :]


def with_pandas(close: pd.DataFrame, tree: str) -> Equity:
    """Decide and trade in plain pandas."""
    words = PandasWords(close)
    return words.simulate(TREES[tree](words), RATE).to_numpy()


def with_floor(close: pd.DataFrame, _tree: str) -> Equity:
    """Run the loops that were written for the benchmark tree alone."""
    import _floor

    columns = ["QQQ", "SPY", *HELD]
    table = close if list(close.columns) == columns else close[columns]
    equity = np.empty(len(table))
    _floor.run(np.ascontiguousarray(table.to_numpy()), RATE, START, equity)
    return equity[START:]


def _traded(prices: npt.NDArray[np.float64], target: npt.NDArray[np.float64]) -> Equity:
    """Trade to the target on every date in plain NumPy, (date, ticker) in."""
    grown = target[:-1] * (prices[1:] / prices[:-1])
    total = grown.sum(axis=1) + (1.0 - target[:-1].sum(axis=1))
    traded = np.abs(target[1:] - grown / total[:, None]).sum(axis=1)
    first = 1.0 - RATE * np.abs(target[0]).sum()
    return np.cumprod(np.concatenate(([first], total * (1.0 - RATE * traded))))


def with_talib(close: pd.DataFrame, _tree: str) -> Equity:
    """Decide and trade in NumPy, with the indicators of TA-Lib."""
    import talib

    def column(ticker: str) -> npt.NDArray[np.float64]:
        return np.ascontiguousarray(close[ticker].to_numpy())

    hot = talib.RSI(column("QQQ"), 10)[START:] > 79
    rising = column("SPY")[START:] > talib.SMA(column("SPY"), 200)[START:]
    target = np.zeros((len(close) - START, len(HELD)))
    target[hot, 0] = 1.0
    funds = np.column_stack([column(ticker) for ticker in FUNDS])
    windows = np.lib.stride_tricks.sliding_window_view(funds[1:] / funds[:-1] - 1.0, 20, axis=0)
    inverse = 1.0 / windows.std(axis=-1, ddof=1)[START - 20 :]
    bull = ~hot & rising
    target[bull, 1:4] = (inverse / inverse.sum(axis=1, keepdims=True))[bull]
    score = np.column_stack([talib.ROC(column(ticker), 60)[START:] for ticker in POOL])
    best = np.argpartition(-score, 1, axis=1)[:, :2]
    kept = np.zeros_like(score)
    np.put_along_axis(kept, best, 0.5, axis=1)
    target[~hot & ~rising, 4:] = kept[~hot & ~rising]
    return _traded(close[HELD].to_numpy()[START:], target)


def with_vectorbt(close: pd.DataFrame, tree: str) -> Equity:
    """Decide in pandas, trade in vectorbt."""
    import vectorbt as vbt

    target = wanted(close, tree)
    portfolio = vbt.Portfolio.from_orders(
        close.loc[target.index], target, size_type="targetpercent", group_by=True, cash_sharing=True,
        call_seq="auto", fees=RATE, init_cash=1e6, freq="1D",
    )  # fmt: skip
    return portfolio.value().to_numpy().ravel() / 1e6


def with_bt(close: pd.DataFrame, tree: str) -> Equity:
    """Decide in pandas, trade in bt."""
    import bt

    target = wanted(close, tree)
    strategy = bt.Strategy("tree", [bt.algos.WeighTarget(target), bt.algos.Rebalance()])
    test = bt.Backtest(
        strategy, close.loc[target.index], initial_capital=1e6, integer_positions=False, progress_bar=False,
        commissions=lambda quantity, price: abs(quantity) * price * RATE,
    )  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        test.run()
    return test.strategy.values.to_numpy()[1:] / 1e6


PEERS: Mapping[str, tuple[Callable[[pd.DataFrame, str], Equity], str, str]] = {
    "floor, by hand": (with_floor, "numba", "numba"),
    "NumPy + TA-Lib": (with_talib, "talib", "TA-Lib"),
    "pandas": (with_pandas, "pandas", "pandas"),
    "pandas + vectorbt": (with_vectorbt, "vectorbt", "vectorbt"),
    "pandas + bt": (with_bt, "bt", "bt"),
}
"""What runs it, the module it needs, and how pip calls that."""
ONE_TREE = ("floor, by hand", "NumPy + TA-Lib")
"""Peers that were written for the benchmark tree alone."""


def missing(module: str, package: str) -> str:
    """Say how to get a peer that is not here; "" when it is."""
    return "" if find_spec(module) is not None else f"not installed: pip install {package}"
