"""Wrong input in Python: each mistake has its class and one sentence that says what was given and what to type."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import sbc_lab as lab
from sbc_lab.data import SnapshotStore
from sbc_lab.engine.snapshots import object_path
from sbc_lab.engine.strategy import dumps, loads
from sbc_lab.errors import (
    BacktestError,
    DataError,
    SbcError,
    StrategyError,
    UnknownNameError,
    WireError,
)
from sbc_lab.testing import synthetic_candles

CANDLES = synthetic_candles(("SPY", "TLT"), days=60)
HOLD = lab.Strategy("Hold", "SPY")
TREE = lab.when(lab.rsi("SPY", 10) < 30).then("SPY").otherwise("TLT")


def refused(kind: type[SbcError], says: str, call: Callable[[], object]) -> str:
    with pytest.raises(kind, match=re.escape(says)) as caught:
        call()
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < 400
    assert sentence.count(". ") <= 1, "at most two sentences"
    return sentence


# ---------------------------------------------------------------- the strategy


@pytest.mark.parametrize("window", [0, -1, 1.5, 10**6, float("nan"), "10", None, True])
def test_a_window_is_a_whole_number_of_trading_days(window: object) -> None:
    says = "sma('SPY'): window must be a whole number of trading days from 1 to 5000"
    says = "sma('SPY'): say the window, for example window=20" if window is None else says
    refused(StrategyError, says, lambda: lab.sma("SPY", window))  # type: ignore[arg-type]  # on purpose


def test_weights_that_do_not_add_up_are_named_with_their_sum() -> None:
    says = "weights must add up to 1, these add up to 1.1: SPY=0.6, TLT=0.5"
    refused(StrategyError, says, lambda: lab.weighted(("SPY", 0.6), ("TLT", 0.5)))


def test_a_chain_of_comparisons_says_how_to_split_it() -> None:
    says = "split a < x < b into (a < x) & (x < b)"
    assert "rsi('SPY', 14)" in refused(StrategyError, says, lambda: 30 < lab.rsi("SPY") < 70)


@pytest.mark.parametrize("call", [lambda: bool(lab.rsi("SPY")), lambda: bool(lab.rsi("SPY") > 3)])
def test_an_expression_and_a_condition_have_no_single_truth(call: Callable[[], object]) -> None:
    refused(StrategyError, "date", call)


def test_unknown_names_list_the_nearest_first() -> None:
    refused(UnknownNameError, "no ticker 'SYP'; known, nearest first: SPY", lambda: _run(lab.Strategy("x", "SYP")))
    refused(UnknownNameError, "no indicator 'rsii'; known, nearest first: rsi", lambda: lab.cube("rsii", CANDLES))
    refused(UnknownNameError, "no metric 'sharp'; known, nearest first: sharpe", lambda: _run(HOLD).metrics["sharp"])
    says = "no rebalance rule 'week'; known, nearest first: weekly"
    refused(UnknownNameError, says, lambda: _run(HOLD, rebalance="week"))
    with pytest.raises(AttributeError, match="no name 'backtset'; known, nearest first: Backtest, backtest"):
        lab.backtset  # type: ignore[attr-defined]  # noqa: B018  # on purpose


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: lab.Strategy("x", None), "a node is needed, got None; for nothing held type cash()"),  # type: ignore[arg-type]  # on purpose
        (lab.equal, "equal: give at least one child; for nothing held type cash()"),
        (lambda: lab.top(n=1, by=lab.rsi(lab.each)), "top: give at least one child"),
        (lambda: lab.Strategy("", "SPY"), "name must not be empty"),
        (lambda: lab.Strategy("x", lab.when(lab.rsi("SPY") > 3).then("TLT")), "is not finished; add .otherwise(…)"),  # type: ignore[arg-type]  # on purpose
        (lambda: lab.Strategy("x", "spy"), "capitals without spaces, got 'spy'; type 'SPY'"),
    ],
)
def test_an_empty_or_unfinished_tree_is_refused_where_it_is_written(call: Callable[[], object], says: str) -> None:
    refused(StrategyError, says, call)


def test_a_tree_of_cash_alone_has_no_dates() -> None:
    says = "Strategy('Idle') names no ticker, so there are no dates to run it on; put one such as 'SPY' into it"
    refused(BacktestError, says, lambda: _run(lab.Strategy("Idle", lab.cash())))


# ---------------------------------------------------------------- the run


def _run(strategy: object, candles: object = CANDLES, **how: object) -> lab.Backtest:
    return lab.backtest(strategy, candles, **how)  # type: ignore[arg-type]  # wrong on purpose


@pytest.mark.parametrize(
    ("how", "kind", "says"),
    [
        ({"cost_bps": float("nan")}, BacktestError, "cost_bps must be from 0 to 10000 (1/10,000 of the traded value)"),
        ({"cost_bps": -1}, BacktestError, "cost_bps must be from 0 to 10000"),
        ({"cost_bps": "5"}, BacktestError, "cost_bps must be a number such as 5, got '5'"),
        ({"start": "2015-03-01", "end": "2015-02-01"}, BacktestError, "end 2015-02-01 lies before start 2015-03-01"),
        ({"start": "soon"}, BacktestError, "start must be a date such as '2010-01-04', got 'soon'"),
        ({"end": "2014-01-01"}, BacktestError, "the candles of this tree reach from 2015-01-05 to 2015-03-27"),
        ({"start": "2030-01-01"}, BacktestError, "a run needs two bars"),
        ({"execution": "open"}, UnknownNameError, "no execution 'open'; known, nearest first: open_to_close"),
        ({"delay": -1}, BacktestError, "delay must be a whole number of bars, 0 or more, got -1"),
        ({"cash": "BILL"}, UnknownNameError, "asked for by cash=: there is no ticker 'BILL'; known, nearest first: "),
        ({"cash": -1.0}, BacktestError, "a yearly yield must be above -1, such as 0.03 for 3 %, got -1.0"),
        ({"start": "20150106"}, BacktestError, "type '2015-01-06'"),
        ({"on_missing": "skip"}, UnknownNameError, "backtest: there is no on_missing 'skip'; known, nearest first: "),
        ({"start_policy": "all"}, UnknownNameError, "known, nearest first: all_assets"),
        ({"benchmark": "SPX"}, UnknownNameError, "no ticker 'SPX'; known, nearest first: SPY"),
    ],
)
def test_a_wrong_setting_says_what_is_allowed(how: dict[str, object], kind: type[SbcError], says: str) -> None:
    refused(kind, says, lambda: _run(HOLD, **how))


def test_a_start_before_the_warm_up_names_indicator_and_date() -> None:
    says = (
        "start 2015-01-06 is too early: rsi('SPY', 10) has its first value on 2015-01-19; "
        "ask for start='2015-01-19' or later"
    )
    refused(BacktestError, says, lambda: _run(lab.Strategy("Try", TREE), start="2015-01-06"))
    assert str(_run(lab.Strategy("Try", TREE), start="2015-01-19").dates[0])[:10] == "2015-01-19"


def test_the_plain_engine_names_them_too() -> None:
    says = "start 2015-01-06 is too early: rsi('SPY', 10)"
    with lab.options(engine="numpy"):
        sentence = refused(BacktestError, says, lambda: _run(lab.Strategy("Try", TREE), start="2015-01-06"))
    assert "start='2015-01-19'" in sentence


def test_a_start_before_the_listing_names_the_ticker() -> None:
    late = synthetic_candles(("SPY", "TLT"), days=60, listed={"TLT": 10})
    says = "start 2015-01-06 is too early: TLT has its first bar on 2015-01-19"
    tree = lab.Strategy("Try", lab.equal("SPY", "TLT"))
    refused(BacktestError, says, lambda: _run(tree, late, start="2015-01-06", start_policy="all_assets"))


def test_more_history_than_there_is_names_the_indicator() -> None:
    tree = lab.Strategy("Long", lab.when(lab.sma("SPY", 200) > 1).then("SPY").otherwise("TLT"))
    says = "sma('SPY', 200) has no value on any of the 60 bars from 2015-01-05 to 2015-03-27"
    assert refused(BacktestError, says, lambda: _run(tree)).endswith("load more history or use a shorter window")


@pytest.mark.parametrize("wrong", ["SPY", None, 7, TREE])
def test_what_is_no_strategy_says_how_to_make_one(wrong: object) -> None:
    says = "give the tree a name: Strategy('name', tree)"
    refused(BacktestError, says, lambda: _run(wrong))


def test_a_huge_tree_in_the_place_of_a_strategy_is_not_printed_whole() -> None:
    huge = lab.equal(*[lab.group(f"group {place}", "SPY") for place in range(2_000)])
    refused(BacktestError, "give the tree a name", lambda: _run(huge))


@pytest.mark.parametrize(
    ("candles", "says"),
    [
        (CANDLES.rename(close="closing"), "got one without it; load them with lab.candles(…)"),
        (CANDLES.assign_attrs(adjusted=False), "load them with adjust=True"),
        (CANDLES.isel(date=slice(None, None, -1)), "dates must ascend"),
        (CANDLES.isel(date=[0]), "at least two of them"),
        (xr.concat([CANDLES, CANDLES], "ticker"), "every ticker once; drop the doubled ones"),
        (CANDLES.assign(close=-CANDLES["close"]), "every close must be above 0 or NaN, got -"),
        (CANDLES.assign(close=CANDLES["close"] * np.nan), "candles hold no bar of SPY"),
        ("prices.csv", "with the variable close, got str; load them with lab.candles(…)"),
    ],
    ids=range(8),
)
def test_candles_that_cannot_be_used_say_why(candles: object, says: str) -> None:
    refused(DataError, says, lambda: _run(HOLD, candles))


# ---------------------------------------------------------------- documents and stores


def test_a_misspelt_field_of_a_document_is_named_with_its_path() -> None:
    whole = dumps(lab.Strategy("Try", TREE))
    assert loads(whole).root is TREE
    for right, wrong, says in (
        ('"ticker"', '"tickr"', "nodes[3] (asset): there is no field 'tickr'; known, nearest first: ticker"),
        ('"rsi"', '"rsj"', "nodes[0] (indicator): there is no indicator 'rsj'; known, nearest first: rsi"),
        ('"window": 10', '"window": 0', "nodes[0] (indicator): rsi('SPY'): window must be a whole number"),
        ('"left": 0', '"left": 9', "nodes[2].left: a row may name only rows before it (0 to 1), got 9"),
        ('"rebalance"', '"rebalanse"', "document: there is no field 'rebalanse'; known, nearest first: rebalance"),
        (
            '"daily"',
            '"dayly"',
            "rebalance.rule: one of daily, weekly, monthly, quarterly, yearly, threshold, none is needed",
        ),
        ('"SPY"}', '"spy"}', "capitals without spaces, got 'spy'; type 'SPY'"),
    ):
        refused(WireError, says, partial(loads, whole.replace(right, wrong)))


def test_weights_of_a_document_that_do_not_add_up_are_named_with_their_place() -> None:
    text = dumps(lab.Strategy("Try", lab.weighted(("SPY", 0.6), ("TLT", 0.4)))).replace("0.4", "0.5")
    refused(WireError, "(weighting): weights must add up to 1, these add up to 1.1: 0.6, 0.5", lambda: loads(text))


@pytest.mark.parametrize("kept", [0, 4, 1_000])
def test_truncated_prices_name_the_ticker_and_what_to_run(kept: int, tmp_path: Path) -> None:
    from sbc_lab.data import import_sample

    store = SnapshotStore(tmp_path)
    import_sample(store)
    path = object_path(tmp_path, store.snapshot().bars["IBM"].object)
    path.chmod(0o600)
    path.write_bytes(path.read_bytes()[:kept])
    says = f"IBM: the candle file {path} is missing or damaged; run `sbc data verify` to see all that is"
    refused(DataError, says, lambda: lab.candles("IBM", store=tmp_path))
    assert lab.candles("AAPL", store=tmp_path).sizes["ticker"] == 1
