"""The look-back that an expression says is the one that its values have."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from sbc_lab.engine.look_back import look_back
from sbc_lab.engine.panel import load_panel
from sbc_lab.engine.reference.evaluation import Evaluation
from sbc_lab.engine.settings import settle
from sbc_lab.engine.strategy import (
    Expression,
    Ticker,
    constant,
    formula,
    lag,
    percentile,
    price,
    rolling_change,
    rolling_mean,
    rsi,
    sma,
    walk,
)
from sbc_lab.engine.strategy.nodes import Asset
from sbc_lab.errors import StrategyError
from sbc_lab.testing import expressions, synthetic_candles

PANEL = load_panel(synthetic_candles(("SPY",), days=400, seed=3), ("open", "high", "low", "volume"))
SETTINGS = settle(
    start=None,
    end=None,
    start_policy="conditions",
    cost_bps=0.0,
    rebalance="daily",
    execution="close",
    on_missing="hold",
)


def values(term: Expression) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    found = Evaluation(Asset("SPY"), PANEL, SETTINGS).reader.answers((term,), {}).values[term]
    return np.asarray(found)


@pytest.mark.parametrize(
    ("term", "first"),
    [
        (price("SPY"), 0),
        (constant(3), 0),
        (sma("SPY", 20), 19),
        (rsi("SPY", 14), 14),
        (rsi("SPY", 14) - sma("SPY", 20), 19),
        (rolling_mean(rsi("SPY", 14), 5), 18),
        (rolling_change(sma("SPY", 5), 5), 9),
        (lag(percentile(rsi("SPY", 3), 10), 4), 16),
        (formula("ema(sma(rsi(N), N), N) / close")("SPY", 6), 16),
        (formula("sma(min(roc(close, 3), rsi(7)), 2)")("SPY"), 8),
    ],
)
def test_the_first_value_is_where_the_formula_says(term: Expression, first: int) -> None:
    assert look_back(term) == first
    np.testing.assert_array_equal(np.isfinite(values(term)), np.arange(400) >= first)


@settings(deadline=None)
@given(
    expressions(("SPY",), kinds=("arithmetic", "percentile", "lag", "function", "rolling", "named"), windows=(2, 12))
)
def test_no_value_is_ever_earlier(term: Expression) -> None:
    assert not np.isfinite(values(term)[: look_back(term)]).any()
    assert any(isinstance(part, Ticker) for part in walk(term))


def test_an_open_axis_is_no_length() -> None:
    from sbc_lab.engine.strategy import axis

    with pytest.raises((StrategyError, TypeError)):
        look_back(lag(price("SPY"), axis("days", [1, 2])))
