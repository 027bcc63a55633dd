"""What reads more than closes, from the candles to the decision: carrying, loading, refusing, in both engines."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from sbc_lab import options
from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.compile import compile_strategy
from sbc_lab.engine.cube import cube
from sbc_lab.engine.panel import load_panel
from sbc_lab.engine.reference import simulate
from sbc_lab.engine.settings import Settings
from sbc_lab.engine.strategy import (
    Node,
    Strategy,
    atr,
    atr_percent,
    branch,
    constant,
    each,
    equal,
    group,
    money_flow_index,
    nav,
    price,
    ratio,
    sma,
    top,
    vwap_ratio,
    when,
    williams_r,
)
from sbc_lab.errors import DataError, StrategyError
from sbc_lab.testing import assert_same, synthetic_candles

NAN = float("nan")
CANDLES = synthetic_candles(("SPY", "TLT"), days=120, seed=4, holes={"SPY": (50,), "TLT": tuple(range(60, 70))})
CLOSES = CANDLES[["close"]]


def hand() -> xr.Dataset:
    """One ticker with a hole of one bar."""
    fields = {
        "open": [9.0, NAN, 11.0],
        "high": [12.0, NAN, 14.0],
        "low": [8.0, NAN, 10.0],
        "close": [10.0, NAN, 13.0],
        "volume": [5.0, NAN, 7.0],
    }
    days = np.datetime64("2024-01-01", "ns") + np.arange(3) * np.timedelta64(1, "D")
    values = {name: (("ticker", "date"), [row]) for name, row in fields.items()}
    return xr.Dataset(values, coords={"ticker": ["SPY"], "date": days})


def both(tree: Node, candles: xr.Dataset = CANDLES) -> Backtest:
    fast = backtest(Strategy("t", tree), candles)
    with options(engine="numpy"):
        assert_same(fast, backtest(Strategy("t", tree), candles))
    return fast


def test_a_carried_bar_is_the_last_close_on_no_volume() -> None:
    panel = load_panel(hand(), ("open", "high", "low", "volume"))
    assert panel.values_of("open").tolist() == [[9.0, 10.0, 11.0]]
    assert panel.values_of("high").tolist() == [[12.0, 10.0, 14.0]]
    assert panel.values_of("low").tolist() == [[8.0, 10.0, 10.0]]
    assert panel.values_of("volume").tolist() == [[5.0, 0.0, 7.0]]


def test_a_ticker_that_is_gone_has_no_bars_at_all() -> None:
    panel = load_panel(CANDLES, ("high", "volume"))
    row = panel.rows["TLT"]
    for name in ("close", "high", "volume"):
        missing = np.flatnonzero(np.isnan(panel.values_of(name)[row]))
        assert missing.tolist() == [65, 66, 67, 68, 69]


def test_only_what_is_asked_for_is_read() -> None:
    broken = CANDLES.assign(high=-CANDLES["high"])
    assert not load_panel(broken).others
    assert tuple(load_panel(broken, ("low",)).others) == ("low",)
    with pytest.raises(DataError, match="every high must be above 0 or NaN, got -"):
        load_panel(broken, ("high",))
    with pytest.raises(DataError, match=r"this panel was read without high; type load_panel\(candles, \('high',\)\)"):
        load_panel(broken).values_of("high")


def test_a_volume_may_be_nothing_but_not_less() -> None:
    assert load_panel(CANDLES.assign(volume=CANDLES["volume"] * 0.0), ("volume",)).others
    with pytest.raises(DataError, match="every volume must be at least 0 or NaN, got -1 for SPY on 2015-01-05"):
        load_panel(CANDLES.assign(volume=CANDLES["volume"] * 0.0 - 1.0), ("volume",))


def test_the_same_candles_are_read_once_and_again_when_they_were_written_to() -> None:
    candles = CANDLES.copy(deep=True)
    first = load_panel(candles, ("high",))
    assert load_panel(candles, ("high",)) is first
    assert load_panel(candles, ("low", "high")) is not first
    assert load_panel(candles, ("high",)) is first
    candles["high"].values[0, 3] *= 2.0
    again = load_panel(candles, ("high",))
    assert again.values_of("high")[0, 3] == 2.0 * first.values_of("high")[0, 3]
    assert again.select(("TLT", "SPY")).values_of("high")[1, 3] == again.values_of("high")[0, 3]


def test_candles_without_a_field_say_who_reads_it_and_how_to_load_it() -> None:
    says = (
        r"candles hold no high, which atr\('SPY', 5\) reads; "
        r"load them with lab.candles\(…, fields=\('close', 'high', 'low'\)\)"
    )
    with pytest.raises(DataError, match=says):
        backtest(Strategy("t", when(atr("SPY", 5) > 1).then("SPY").otherwise("TLT")), CLOSES)


def test_a_branch_that_is_never_taken_needs_no_field() -> None:
    asks = when(atr("SPY", 5) > 1).then("SPY").otherwise("TLT")
    run = both(when(constant(1) > 2).then(asks).otherwise("TLT"), CLOSES)
    assert not compile_strategy(run.strategy).fields
    assert run.strategy.fields == ("close", "high", "low")


def test_both_engines_read_the_same_bars() -> None:
    calm = (atr_percent("SPY", 5) < 3) & (williams_r("TLT", 9) > -60)
    run = both(when(calm).then(top("SPY", "TLT", n=1, by=money_flow_index(each, 5))).otherwise("SPY"))
    assert run.target.values.std() > 0.0
    assert compile_strategy(run.strategy).fields.keys() == {"high", "low", "volume"}
    assert run.strategy.fields == ("close", "high", "low", "volume")


def test_the_decision_is_that_of_the_cube() -> None:
    run = both(when(vwap_ratio("SPY", 8) > 100).then("SPY").otherwise("TLT"))
    values = cube("vwap_ratio", CANDLES, window=8).sel(window=8, ticker="SPY", date=run.dates)
    known = np.isfinite(values.values)
    np.testing.assert_array_equal(run.target.sel(ticker="SPY").values[known], values.values[known] > 100)


def test_what_the_bars_say_is_part_of_the_identity_only_when_they_are_read() -> None:
    higher = CANDLES.assign(high=CANDLES["high"] * 1.01)
    closes = Strategy("closes", when(price("SPY") > sma("SPY", 5)).then("SPY").otherwise("TLT"))
    ranges = Strategy("ranges", when(atr("SPY", 5) > 1).then("SPY").otherwise("TLT"))
    assert backtest(closes, CANDLES).identity == backtest(closes, higher).identity == backtest(closes, CLOSES).identity
    assert backtest(ranges, CANDLES).identity != backtest(ranges, higher).identity


SHELTER = equal("SPY", "TLT")
REFUSED = {
    "ratio": when(atr(ratio("SPY", "TLT"), 5) > 1).then("SPY").otherwise("TLT"),
    "nav": when(atr(nav(SHELTER), 5) > 1).then("SPY").otherwise("TLT"),
    "branch": when(atr(branch("then"), 5) > 1).then(SHELTER).otherwise("TLT"),
    "each": top("SPY", group("both", SHELTER), n=1, by=atr(each, 5)),
}


@pytest.mark.parametrize("where", sorted(REFUSED))
def test_only_a_ticker_has_bars(where: str) -> None:
    strategy = Strategy(where, REFUSED[where])
    says = r"atr reads high, low, close, which only a ticker has, and `.+` is one line of prices; use a ticker"
    with pytest.raises(StrategyError, match=says):
        compile_strategy(strategy)
    with pytest.raises(StrategyError, match=says):
        simulate(strategy, load_panel(CANDLES, ("high", "low")), Settings())


def test_a_branch_or_child_that_is_one_ticker_has_its_bars() -> None:
    both(when(atr(branch("then"), 5) > 1).then(group("box", equal("SPY"))).otherwise("TLT"))
    both(top("TLT", group("box", equal("SPY")), n=1, by=atr_percent(each, 5)))
