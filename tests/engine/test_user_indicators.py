"""Indicators of users: declared, refused or used like ours, in both engines, stored by the hash of their code."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import xarray as xr

import sbc_lab as lab
from sbc_lab.engine import indicators as registry
from sbc_lab.engine.compile import compile_strategy
from sbc_lab.engine.indicators import compute, load_indicator
from sbc_lab.engine.strategy import (
    Strategy,
    WordFunction,
    call,
    cash,
    cumulative_return,
    dumps,
    each,
    equal,
    formula,
    lag,
    loads,
    price,
    ratio,
    to_code,
    top,
    user_words,
    when,
)
from sbc_lab.engine.user_indicators import indicator
from sbc_lab.errors import StrategyError, UnknownNameError, WireError
from sbc_lab.testing import assert_same, synthetic_candles

Line = npt.NDArray[np.float64]
CANDLES = synthetic_candles(("SPY", "TLT"), days=260, seed=4)
FLAWED = synthetic_candles(("SPY", "TLT"), days=260, seed=5, listed={"TLT": 40}, holes={"SPY": tuple(range(100, 112))})


@pytest.fixture(autouse=True)
def own_register(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the register of this process as it was."""
    monkeypatch.setattr(user_words, "_CURRENT", dict(user_words._CURRENT))
    monkeypatch.setattr(user_words, "_VERSIONS", dict(user_words._VERSIONS))
    monkeypatch.setattr(registry, "_OF_USERS", dict(registry._OF_USERS))


def registered(scale: float = 100.0) -> WordFunction:
    @indicator(unit="percent", first_valid=lambda window: window, bounds={"window": (1, 500)})
    def stretch(close: Line, window: int = 20) -> Line:
        """Price above that of some days ago.

        In percent points.
        """
        out = np.full(close.size, np.nan)
        out[window:] = scale * ((close[window:] - close[:-window]) / close[:-window])
        return out

    return stretch


def strategy_of(word: WordFunction) -> Strategy:
    return Strategy(
        "Mine", when(word("SPY", 5) > 1).then(top("SPY", "TLT", n=1, by=word(each, 10))).otherwise(equal("SPY", "TLT"))
    )


def test_the_word_is_typed_like_ours() -> None:
    stretch = registered()
    term = stretch("SPY", 5)
    assert repr(term > 3) == "stretch('SPY', 5) > 3"
    assert stretch("SPY", window=5) is term
    assert stretch("SPY").window == 20
    assert stretch().series is each
    assert term.word.label == "Price above that of some days ago"
    assert "In percent points." in str(stretch.__doc__)
    assert repr(stretch) == "<indicator stretch(series, window=20), percent>"
    assert not term.word.price_level
    with pytest.raises(StrategyError, match=r"stretch\('SPY'\): window must be a whole number .* from 1 to 500, got 0"):
        stretch("SPY", 0)
    with pytest.raises(UnknownNameError, match="stretch: there is no parameter 'windw'; known, nearest first: window"):
        stretch("SPY", windw=5)
    with pytest.raises(StrategyError, match="stretch: it takes window, got 2 values"):
        stretch("SPY", 5, 6)
    with pytest.raises(StrategyError, match="stretch: window was given twice, 5 and 6"):
        stretch("SPY", 5, window=6)


@pytest.mark.parametrize("candles", [CANDLES, FLAWED], ids=["clean", "flawed"])
def test_it_computes_what_the_same_of_ours_does_in_both_engines(candles: Any) -> None:
    stretch = registered()
    mine = strategy_of(stretch)
    ours = Strategy(
        "Ours",
        when(cumulative_return("SPY", 5) > 1)
        .then(top("SPY", "TLT", n=1, by=cumulative_return(each, 10)))
        .otherwise(equal("SPY", "TLT")),
    )
    run, same = lab.backtest(mine, candles), lab.backtest(ours, candles)
    np.testing.assert_array_equal(run.allocation.values, same.allocation.values)
    with lab.options(engine="numpy"):
        assert_same(run, lab.backtest(mine, candles))
    assert "stretch('SPY', 5)" in str(run.explain(str(run.dates[50])[:10]))


def test_it_reads_ratios_navs_and_formulas() -> None:
    stretch = registered()
    for series in (ratio("SPY", "TLT"), equal("SPY", "TLT")):
        tree = when(stretch(series, 5) > cumulative_return(series, 5)).then("SPY").otherwise("TLT")
        assert (lab.backtest(Strategy("s", tree), CANDLES).allocation.sel(ticker="SPY").values[6:] == 0.0).all()
    assert formula("stretch(N) - stretch(SPY, 3)")("TLT", 5).of is stretch("TLT", 5) - stretch("SPY", 3)


def test_a_missing_price_is_never_seen_and_the_function_starts_again_behind_it() -> None:
    registered()
    x = np.array([np.nan, 1.0, 2.0, 4.0, np.nan, 5.0, np.inf, 1.0, 3.0, 9.0])
    wanted = [np.nan, np.nan, np.nan, 300.0, np.nan, np.nan, np.nan, np.nan, np.nan, 800.0]
    for engine in ("numba", "numpy"):
        np.testing.assert_array_equal(compute("stretch", x, {"window": 2}, engine=engine), wanted)


def test_an_indicator_of_bars_is_for_tickers_alone() -> None:
    @indicator(unit="USD", inputs=("high", "low"), first_valid=0)
    def spread(high: Line, low: Line) -> Line:
        """Width of the bar."""
        return high - low

    assert spread.word.price_level
    strategy = Strategy("s", when(spread("SPY") > lag(spread("SPY"), 1)).then("SPY").otherwise("TLT"))
    assert strategy.fields == ("close", "high", "low")
    lab.backtest(strategy, synthetic_candles(("SPY", "TLT"), days=60))
    with pytest.raises(StrategyError, match="spread reads high, low, which only a ticker has"):
        compile_strategy(Strategy("s", when(spread("SPY/TLT") > 1).then("SPY").otherwise("TLT")))


def test_a_compiled_function_works_whatever_its_signature() -> None:
    import numba

    def plain(close: Line, window: int) -> Line:
        out = np.full(close.size, np.nan)
        for i in range(window - 1, close.size):
            out[i] = close[i - window + 1 : i + 1].max()
        return out

    for jit in (numba.njit, numba.njit("float64[:](float64[:], int64)")):
        word = indicator(unit="USD", name="highest", first_valid=lambda window: window - 1)(jit(plain))
        np.testing.assert_array_equal(compute("highest", np.array([3.0, 1.0, 2.0]), {"window": 2}), [np.nan, 3.0, 2.0])
        assert word.word.parameters[0].kind is int


def test_a_lint_finds_dollars_of_a_user_too() -> None:
    @indicator(unit="USD", first_valid=0)
    def doubled(close: Line) -> Line:
        return 2.0 * close

    def levels(tree: Any) -> list[str]:
        return [w.subject for w in lab.backtest(Strategy("s", tree), CANDLES).warnings if w.kind == "level"]

    assert levels(when(doubled("SPY") > 100).then("SPY").otherwise("TLT")) == ["doubled('SPY') > 100"]
    assert levels(when(doubled("SPY") / price("SPY") > 1).then("SPY").otherwise("TLT")) == []


def test_other_code_is_another_meaning() -> None:
    one = strategy_of(registered())
    other = strategy_of(registered(101.0))
    assert one is not other
    assert one.fingerprint != other.fingerprint
    assert strategy_of(registered()) is one


def test_registering_anew_takes_effect_and_what_was_built_before_is_refused() -> None:
    one = strategy_of(registered())
    before = lab.backtest(one, CANDLES)
    other = strategy_of(registered(-100.0))
    assert not (lab.backtest(other, CANDLES).allocation.values == before.allocation.values).all()
    with pytest.raises(
        StrategyError, match=r"Strategy\('Mine'\) was built with an earlier stretch, .* build the strategy"
    ):
        lab.backtest(one, CANDLES)
    assert "stretch" in str(before.explain(str(before.dates[50])[:10]))  # a run keeps the code it was made with
    registered()
    np.testing.assert_array_equal(lab.backtest(one, CANDLES).allocation.values, before.allocation.values)


def test_a_document_holds_the_hash_and_python_text_looks_the_word_up() -> None:
    stretch = registered()
    strategy = strategy_of(stretch)
    assert f'"code": "{stretch.code}"' in dumps(strategy)
    assert loads(dumps(strategy)) is strategy
    names: dict[str, Any] = {}
    exec(to_code(strategy), names)
    assert names["strategy"] is strategy
    assert pickle.loads(pickle.dumps(strategy)) is strategy
    assert pickle.loads(pickle.dumps(stretch))("SPY", 5) is stretch("SPY", 5)
    run = lab.backtest(strategy, CANDLES)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(run)).equity.values, run.equity.values)


def test_a_document_with_an_indicator_that_is_not_here_says_how_to_register_it(monkeypatch: pytest.MonkeyPatch) -> None:
    text = dumps(strategy_of(registered()))
    monkeypatch.setattr(user_words, "_CURRENT", {})
    with pytest.raises(WireError, match=r"'stretch' is an indicator that a user wrote, .* @lab.indicator, or install"):
        loads(text)


def test_a_document_with_other_code_is_refused_unless_the_new_one_is_adopted(monkeypatch: pytest.MonkeyPatch) -> None:
    text = dumps(strategy_of(registered()))
    monkeypatch.setattr(user_words, "_CURRENT", {})
    monkeypatch.setattr(user_words, "_VERSIONS", {})
    other = strategy_of(registered(101.0))
    with pytest.raises(WireError, match=r"'stretch' was written with other code \(hash .*…\) than is registered here"):
        loads(text)
    assert loads(text, adopt=True) is other


def test_a_fresh_process_reads_a_pickle_when_the_indicator_is_registered_there(tmp_path: Path) -> None:
    module = tmp_path / "mine.py"
    module.write_text(
        "import numpy as np\nimport sbc_lab as lab\n\n"
        "@lab.indicator(unit='USD', first_valid=0)\ndef doubled(close):\n    return 2.0 * close\n"
    )
    build = (
        "import mine, sbc_lab as lab, pickle, sys; s = lab.Strategy('s', lab.when(mine.doubled('SPY') > 1).then('SPY')"
    )
    build += ".otherwise('TLT')); sys.stdout.buffer.write(pickle.dumps(s))"
    read = "import mine, pickle, sys; print(pickle.loads(sys.stdin.buffer.read()).needs)"
    root = Path(lab.__file__).parents[1]
    paths = {"PYTHONPATH": f"{root}:{tmp_path}", "PATH": "", "HOME": str(tmp_path)}

    def run(program: str, given: bytes = b"") -> bytes:
        found = subprocess.run([sys.executable, "-c", program], env=paths, input=given, capture_output=True, check=True)
        return found.stdout

    assert run(read, run(build)).decode().strip() == "(doubled('SPY'),)"


def refused(message: str, function: Any, **declared: Any) -> None:
    with pytest.raises((StrategyError, UnknownNameError), match=message):
        indicator(**{"unit": "number", "first_valid": 0, **declared})(function)


def test_a_declaration_is_checked() -> None:
    def f(close: Line, window: int = 5) -> Line:
        return close * window

    refused("an indicator has a name of small letters", lambda close: close)
    refused("'rsi' is a word of this lab already", f, name="rsi")
    refused("'rmax' is a word of this lab already", f, name="rmax")
    refused("'when' is a word of this lab already", f, name="when")
    refused("there is no field 'hgih'; known, nearest first: high", f, inputs=("hgih",))
    refused("inputs name each field once", f, inputs=("close", "close"))
    refused("it has 3 inputs, and its function takes only 2 arguments", f, inputs=("open", "high", "low"))
    refused("there is no parameter 'windw'", f, bounds={"windw": (1, 2)})
    refused(r"bounds of window are \(low, high\), got \(5, 1\)", f, bounds={"window": (5, 1)})
    refused(
        "the default: window must be a whole number of trading days from 1 to 3, got 5", f, bounds={"window": (1, 3)}
    )
    refused("first_valid must be a whole number of bars from 0, got -1", f, first_valid=-1)
    refused("first_valid must take window by name", f, first_valid=lambda days: days)


def test_parameters_have_bounds_and_names_that_are_free() -> None:
    def share(close: Line, alpha: float = 0.5) -> Line:
        return alpha * close

    def taken(close: Line, series: int = 5) -> Line:
        return close * series

    def loose(close: Line, *windows: int) -> Line:
        return close * len(windows)

    refused(r"say what alpha may be, for example bounds={'alpha': \(0.0, 10.0\)}", share)
    refused("a parameter cannot be called 'series'", taken)
    refused("every parameter has a name and a place", loose)
    word = indicator(unit="USD", first_valid=0, bounds={"alpha": (0.0, 1.0)})(share)
    assert word("SPY", 0.25).parameters == (("alpha", 0.25),)
    with pytest.raises(StrategyError, match="alpha must be a number from 0 to 1, got 2"):
        word("SPY", 2)


def test_what_the_function_does_wrong_is_said() -> None:
    def writes(close: Line) -> Line:
        close[0] = 1.0
        return close

    def short(close: Line) -> Line:
        return close[1:]

    def narrow(close: Line) -> Any:
        return close.astype(np.float32)

    def fails(close: Line) -> Line:
        return close / [1.0][close.size]

    def ahead(close: Line) -> Line:
        return np.append(close[1:], close[-1])

    refused("writes writes into its input .*; work on a copy", writes)
    refused(r"short must return an array of float64 with 240 dates, got float64 \(239,\)", short)
    refused(r"narrow must return an array of float64 with 240 dates, got float32 \(240,\)", narrow)
    refused("fails fails on 240 bars with IndexError: list index out of range", fails)
    refused("ahead looks 1 bar ahead", ahead)
    assert not user_words.find_word("ahead")
    with pytest.raises(UnknownNameError, match="there is no indicator 'ahead'"):
        load_indicator("ahead")


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(StrategyError, match="it goes in front of a function of prices, got 5"):
        indicator(unit="number", first_valid=0, name="mine")(5)  # type: ignore[arg-type]  # the point of the test


def test_a_cube_takes_parameters_of_any_name() -> None:
    @indicator(unit="USD", first_valid=lambda span, power: span + 0 * power, bounds={"span": (1, 50), "power": (1, 3)})
    def raised(close: Line, span: int = 4, power: int = 2) -> Line:
        """Price of some days ago, raised to a power.

        In no unit that anybody knows.
        """
        out = np.full(close.size, np.nan)
        out[span:] = close[:-span] ** power
        return out

    found = lab.cube("raised", CANDLES, parameters={"span": 3})
    close = CANDLES["close"].transpose("ticker", "date").values
    np.testing.assert_allclose(found.values[:, 3:], close[:, :-3] ** 2)
    assert found.attrs["span"] == 3
    assert found.dims == ("ticker", "date")
    with pytest.raises(UnknownNameError, match="spam"):
        lab.cube("raised", CANDLES, parameters={"spam": 3})


def test_a_run_with_an_indicator_of_ones_own_a_call_and_every_kind_of_money_can_be_pickled() -> None:
    stretch = registered()
    saved = Strategy("Saved", when(stretch("SPY", 5) > 0).then("SPY").otherwise("TLT"))
    yields = xr.DataArray([0.01, 0.05], dims="date", coords={"date": CANDLES["date"].values[[0, 100]]})
    run = lab.backtest(
        Strategy("Whole", equal(call("saved"), cash())),
        CANDLES,
        bots={"saved": saved},
        costs=lab.costs.PerShare() + lab.costs.Slippage(2),
        cash=yields,
        execution="open_to_close",
        delay=1,
        benchmark="SPY",
    )
    again = pickle.loads(pickle.dumps(run))
    assert again.identity == run.identity
    xr.testing.assert_identical(again.contributions, run.contributions)
    xr.testing.assert_identical(again.costs, run.costs)
    xr.testing.assert_identical(again.trace.nodes, run.trace.nodes)
    assert again.today().as_json() == run.today().as_json()
    assert again.summary() == run.summary()
