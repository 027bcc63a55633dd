"""The five strategies as the library bt writes them: stacks of algos that bt runs bar by bar.

Lives here: the stacks, the signals they look at, and the algos that bring bt to the conventions of this engine; the
table in README.md says why each is needed. Does not live here: anything of the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import bt
import pandas as pd
from bt import algos

CAPITAL = 1e6
Signal: TypeAlias = "pd.Series[bool]"
Stack: TypeAlias = list[Any]


class On(bt.Algo):  # type: ignore[misc]  # bt carries no types
    """Let a stack go on while a signal is true."""

    def __init__(self, signal: Signal) -> None:
        super().__init__()
        self.signal = signal

    def __call__(self, target: Any) -> bool:
        """Look up the signal of today."""
        return bool(self.signal.loc[target.now])


class WeighInvVolBars(bt.Algo):  # type: ignore[misc]  # bt carries no types
    """bt.algos.WeighInvVol over a number of bars; its own look-back is a span of the calendar."""

    def __init__(self, window: int) -> None:
        super().__init__()
        self.window = window

    def __call__(self, target: Any) -> bool:
        """Weigh what is selected."""
        prices = target.universe.loc[: target.now, target.temp["selected"]].iloc[-self.window - 1 :]
        target.temp["weights"] = bt.ffn.calc_inv_vol_weights(prices.to_returns().dropna())
        return True


class ChargeTradedValue(bt.Algo):  # type: ignore[misc]  # bt carries no types
    """Pay for the difference between target and drifted weights before trading, out of the value of the portfolio."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def __call__(self, target: Any) -> bool:
        """Take the fee out of the cash; bt counts it as a loss, not as a withdrawal."""
        wanted = target.temp["weights"]
        held = {name: child.weight for name, child in target.children.items()}
        traded = sum(abs(wanted.get(name, 0.0) - held.get(name, 0.0)) for name in {*wanted.keys(), *held})
        fee = self.rate * traded * target.value
        target.adjust(-fee, flow=False, fee=fee)
        return True


def _rsi(close: pd.Series[float], window: int) -> pd.Series[float]:
    """Wilder's averages as exponential ones whose first value is the mean of the first changes."""
    change = close.diff().iloc[1:]

    def smooth(part: pd.Series[float]) -> pd.Series[float]:
        seeded = part.iloc[window - 1 :].copy()
        seeded.iloc[0] = part.iloc[:window].mean()
        return seeded.ewm(alpha=1.0 / window, adjust=False).mean()

    strength = smooth(change.clip(lower=0.0)) / smooth(-change.clip(upper=0.0))
    return (100.0 - 100.0 / (1.0 + strength)).reindex(close.index)


def _hold(signal: Signal, *tickers: str) -> Any:
    return bt.AlgoStack(On(signal), algos.SelectThese(list(tickers)))


def _condition(close: pd.DataFrame) -> Stack:
    hot = _rsi(close["SPY"], 10) > 70
    return [algos.RunAfterDays(10), algos.Or([_hold(hot, "SHY"), _hold(~hot, "SPY")]), algos.WeighEqually()]


def _nested(close: pd.DataFrame) -> Stack:
    rising = close["SPY"] > close["SPY"].rolling(200).mean()
    hot, cold = _rsi(close["QQQ"], 10) > 79, _rsi(close["SPY"], 10) < 31
    branches = [
        _hold(rising & hot, "UVXY"),
        _hold(rising & ~hot, "TQQQ", "UPRO"),
        _hold(~rising & cold, "QQQ"),
        _hold(~rising & ~cold, "TLT", "GLD"),
    ]
    return [algos.RunAfterDays(199), algos.Or(branches), algos.WeighEqually()]


def _inverse_volatility(_close: pd.DataFrame) -> Stack:
    return [algos.RunAfterDays(20), algos.SelectThese(["SPY", "TLT", "GLD"]), WeighInvVolBars(20)]


def _best_two(close: pd.DataFrame) -> Stack:
    sectors = ["XLK", "XLF", "XLV", "XLE", "XLU", "XLP", "XLI", "XLY"]
    gained = close[sectors].pct_change(60)
    today = pd.DateOffset(days=0)
    return [algos.RunAfterDays(60), algos.SetStat(gained, lag=today), algos.SelectN(2), algos.WeighEqually()]


def _monthly(_close: pd.DataFrame) -> Stack:
    return [algos.RunMonthly(), algos.WeighSpecified(SPY=0.6, TLT=0.4)]


STACKS: Mapping[str, Callable[[pd.DataFrame], Stack]] = {
    "condition": _condition,
    "nested conditions": _nested,
    "inverse volatility": _inverse_volatility,
    "best two": _best_two,
    "monthly": _monthly,
}


def run(name: str, close: pd.DataFrame, *, rate: float, own_commission: bool = False) -> tuple[pd.DataFrame, Any]:
    """Run one strategy in bt.

    Parameters
    ----------
    close : DataFrame (date, ticker), USD
        Adjusted closes.
    rate : float, fraction
        Cost of one unit of traded value.
    own_commission : bool
        Charge as bt does, inside of every order, instead of before the trade.

    Returns
    -------
    weights : DataFrame (date, ticker), fraction
        Held after the trade of the date.
    equity : Series (date), growth of 1
    """
    before_trade = [] if own_commission else [ChargeTradedValue(rate)]
    strategy = bt.Strategy(name, [*STACKS[name](close), *before_trade, algos.Rebalance()])

    def commission(quantity: float, price: float) -> float:
        return abs(quantity) * price * rate if own_commission else 0.0

    test = bt.Backtest(
        strategy, close, initial_capital=CAPITAL, commissions=commission, integer_positions=False, progress_bar=False
    )
    test.run()
    weights = test.security_weights.reindex(index=close.index, columns=close.columns, fill_value=0.0)
    return weights, test.strategy.values.reindex(close.index) / CAPITAL
