"""The five strategies in plain pandas, as one would write them without any library for it.

Lives here: targets by date, and money as units that are held between trades. Does not live here: anything of the
engine, or of the other twin; an indicator is written out from its definition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

import pandas as pd

NAN = float("nan")
SECTORS = ["XLK", "XLF", "XLV", "XLE", "XLU", "XLP", "XLI", "XLY"]


def rsi(close: pd.Series[float], window: int) -> pd.Series[float]:
    """Wilder's RSI, one bar after the other."""
    prices = close.tolist()
    changes = [after - before for before, after in pairwise(prices)]
    gain = sum(max(change, 0.0) for change in changes[:window]) / window
    loss = sum(max(-change, 0.0) for change in changes[:window]) / window
    found = [NAN] * window + [100.0 * gain / (gain + loss)]
    for change in changes[window:]:
        gain = (gain * (window - 1) + max(change, 0.0)) / window
        loss = (loss * (window - 1) + max(-change, 0.0)) / window
        found.append(100.0 * gain / (gain + loss))
    return pd.Series(found, close.index)


def _equally(close: pd.DataFrame, *tickers: str) -> pd.DataFrame:
    weights = pd.DataFrame(0.0, close.index, close.columns)
    weights[list(tickers)] = 1.0 / len(tickers)
    return weights


def _condition(close: pd.DataFrame) -> pd.DataFrame:
    strength = rsi(close["SPY"], 10)
    weights = _equally(close, "SHY").where(strength > 70, _equally(close, "SPY"))
    return weights[strength.notna()]


def _nested(close: pd.DataFrame) -> pd.DataFrame:
    mean = close["SPY"].rolling(200).mean()
    bull = _equally(close, "UVXY").where(rsi(close["QQQ"], 10) > 79, _equally(close, "TQQQ", "UPRO"))
    bear = _equally(close, "QQQ").where(rsi(close["SPY"], 10) < 31, _equally(close, "TLT", "GLD"))
    return bull.where(close["SPY"] > mean, bear)[mean.notna()]


def _inverse_volatility(close: pd.DataFrame) -> pd.DataFrame:
    inverse = 1.0 / close[["SPY", "TLT", "GLD"]].pct_change().rolling(20).std()
    weights = inverse.div(inverse.sum(axis=1), axis=0).dropna()
    return weights.reindex(columns=close.columns, fill_value=0.0)


def _best_two(close: pd.DataFrame) -> pd.DataFrame:
    rank = close[SECTORS].pct_change(60).dropna().rank(axis=1, ascending=False, method="first")
    return (rank <= 2).astype(float).div(2.0).reindex(columns=close.columns, fill_value=0.0)


def _monthly(close: pd.DataFrame) -> pd.DataFrame:
    month = close.index.to_series().dt.to_period("M")
    weights = pd.DataFrame(0.0, close.index[month != month.shift()], close.columns)
    weights["SPY"], weights["TLT"] = 0.6, 0.4
    return weights


TARGETS: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "condition": _condition,
    "nested conditions": _nested,
    "inverse volatility": _inverse_volatility,
    "best two": _best_two,
    "monthly": _monthly,
}


def run(name: str, close: pd.DataFrame, *, rate: float) -> tuple[pd.DataFrame, pd.Series[float]]:
    """Trade to the target on every date that has one, and hold the units until the next.

    Parameters
    ----------
    close : DataFrame (date, ticker), USD
        Adjusted closes.
    rate : float, fraction
        Cost of one unit of traded value.

    Returns
    -------
    weights : DataFrame (date, ticker), fraction
        Held after the trade of the date.
    equity : Series (date), growth of 1
    """
    targets = TARGETS[name](close)
    prices, wanted = close.to_numpy(), targets.to_numpy()
    trades = {date: row for row, date in enumerate(targets.index)}
    value, units = 1.0, prices[0] * 0.0
    equity, held = [], []
    for row, date in enumerate(close.index):
        worth = units * prices[row]
        value = worth.sum() if worth.any() else value
        if date in trades:
            target = wanted[trades[date]]
            value -= rate * abs(target * value - worth).sum()
            units = target * value / prices[row]
        equity.append(value)
        held.append(units * prices[row] / value)
    return pd.DataFrame(held, close.index, close.columns), pd.Series(equity, close.index)
