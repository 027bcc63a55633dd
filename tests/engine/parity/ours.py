"""The five strategies in the words of the language; their twins are in `in_bt.py` and `in_pandas.py`."""

from __future__ import annotations

from sbc_lab.engine.strategy import (
    Strategy,
    cumulative_return,
    each,
    equal,
    inverse_vol,
    price,
    rsi,
    sma,
    top,
    weighted,
    when,
)

SECTORS = ("XLK", "XLF", "XLV", "XLE", "XLU", "XLP", "XLI", "XLY")

BULL = when(rsi("QQQ", 10) > 79).then("UVXY").otherwise(equal("TQQQ", "UPRO"))
BEAR = when(rsi("SPY", 10) < 31).then("QQQ").otherwise(equal("TLT", "GLD"))

STRATEGIES = {
    "condition": Strategy("condition", when(rsi("SPY", 10) > 70).then("SHY").otherwise("SPY")),
    "nested conditions": Strategy("nested conditions", when(price("SPY") > sma("SPY", 200)).then(BULL).otherwise(BEAR)),
    "inverse volatility": Strategy("inverse volatility", inverse_vol("SPY", "TLT", "GLD", window=20)),
    "best two": Strategy("best two", top(*SECTORS, n=2, by=cumulative_return(each, 60))),
    "monthly": Strategy("monthly", weighted(("SPY", 0.6), ("TLT", 0.4)), rebalance="monthly"),
}
"""One for each way to decide: RSI, SMA with branches in branches, volatility, rank, and shares that drift."""
