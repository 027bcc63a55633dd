"""What a formula means: the terms it becomes, which series and window its names read, and mistakes in it."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import sbc_lab.engine.strategy as language
from sbc_lab.engine.strategy import (
    WORDS,
    Expression,
    Formula,
    Named,
    Strategy,
    Ticker,
    axis,
    branch,
    each,
    equal,
    fingerprint,
    formula,
    loads,
    nav,
    price,
    ratio,
    replace_ticker,
    rolling_max,
    rolling_stdev_population,
    rsi,
    sma,
    stdev_price,
    top,
    when,
)
from sbc_lab.engine.strategy.vocabulary import LIBRARY
from sbc_lab.errors import StrategyError, UnknownNameError


def of(text: str, series: Any = "SPY", window: Any = None) -> Expression:
    return formula(text)(series, window).of


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("(close - sma(close, 20)) / stdev(close, 20)", "(price('SPY') - sma('SPY', 20)) / stdev_price('SPY', 20)"),
        ("open - high * low", "open_price('SPY') - high_price('SPY') * low_price('SPY')"),
        ("volume / sma(volume, 5)", "volume('SPY') / rolling_mean(volume('SPY'), 5)"),
        ("rsi(7)", "rsi('SPY', 7)"),
        ("rsi", "rsi('SPY', 14)"),
        ("rsi()", "rsi('SPY', 14)"),
        ("rsi(close, 7)", "rsi('SPY', 7)"),
        ("rsi(QQQ, 7) - rsi('QQQ')", "rsi('QQQ', 7) - rsi('QQQ', 14)"),
        ("rsi('SPY/TLT', 7)", "rsi('SPY/TLT', 7)"),
        ("close(QQQ) / close", "price('QQQ') / price('SPY')"),
        ("sma(QQQ, 5)", "sma('QQQ', 5)"),
        ("sma(close(QQQ), 5)", "sma('QQQ', 5)"),
        ("sma(5)", "sma('SPY', 5)"),
        ("ema(rsi(7), 5)", "rolling_ema(rsi('SPY', 7), 5)"),
        ("ema(close, 5)", "ema('SPY', 5)"),
        ("roc(close, 5) - roc(5)", "cumulative_return('SPY', 5) - cumulative_return('SPY', 5)"),
        ("stdev(5)", "stdev_return('SPY', 5)"),
        ("stdev(close, 5)", "stdev_price('SPY', 5)"),
        ("stdev(rsi, 5)", "rolling_stdev(rsi('SPY', 14), 5)"),
        ("stdev_population(close, 5)", "rolling_stdev_population(price('SPY'), 5)"),
        ("rmax(high, 5) - rmin(low, 2 * 3)", "rolling_max(high_price('SPY'), 5) - rolling_min(low_price('SPY'), 6)"),
        ("macd_hist", "macd_histogram('SPY', short=12, long=26, smooth=9)"),
        ("macd(5, 9)", "macd('SPY', short=5, long=9)"),
        ("bbpctb(10, 1.5)", "bollinger_percent_b('SPY', 10, deviations=1.5)"),
        ("-close % 3", "(0 - price('SPY')) % 3"),
        ("-2", "-2"),
        ("pow(close, 2) + min(close, 5)", "price('SPY') ** 2 + smaller(price('SPY'), 5)"),
        ("abs(sign(floor(ceil(round(log10(exp(log(sqrt(close)))))))))", None),
        ("1 / 2 * close", "constant(1) / 2 * price('SPY')"),
    ],
)
def test_a_formula_becomes_ordinary_terms(text: str, said: str | None) -> None:
    found = of(text)
    assert said is None or repr(found) == said
    assert eval(repr(found), vars(language)) is found or repr(found) == "-2"


def test_the_window_of_the_formula_is_that_of_every_indicator_that_has_none() -> None:
    assert repr(of("rsi - rsi(5) + sma(close) * N", window=9)) == ("rsi('SPY', 9) - rsi('SPY', 5) + sma('SPY', 9) * 9")
    assert of("sma(close, 2 * N + 1)", window=10) is sma("SPY", 21)
    assert of("rmax(rsi, N)", window=3) is rolling_max(rsi("SPY", 3), 3)
    assert of("bollinger_percent_b", window=9).window == 9  # type: ignore[attr-defined]  # of an indicator


def test_a_window_that_is_needed_is_asked_for_and_one_that_is_not_is_refused() -> None:
    with pytest.raises(StrategyError, match=r"formula 'f': sma takes the window it is used with; say it, for example"):
        formula("close / sma(close)", name="f")("SPY")
    with pytest.raises(StrategyError, match="formula 'f': the formula takes the window"):
        formula("close / N", name="f")("SPY")
    with pytest.raises(StrategyError, match="formula 'f' has no window N, got window=5; leave it out"):
        formula("close / sma(close, 3)", name="f")("SPY", 5)


def test_an_axis_can_be_the_window() -> None:
    days = axis("days", [5, 10])
    swept = Strategy(
        "s", when(formula("close / sma(close, N)", name="f")("SPY", days) > 1).then("SPY").otherwise("TLT")
    )
    assert swept.at(days=5) is Strategy(
        "s", when(Named("f", price("SPY") / sma("SPY", 5)) > 1).then("SPY").otherwise("TLT")
    )


@pytest.mark.parametrize("series", [each, branch("then"), ratio("SPY", "TLT"), nav(equal("SPY", "TLT")), Ticker("QQQ")])
def test_any_series_can_be_read(series: Any) -> None:
    assert of("close / sma(close, 5)", series) is price(series) / sma(series, 5)


def test_equal_formulas_are_one_object_however_they_are_written() -> None:
    one, other = formula("close/sma(close,N)", name="f"), formula(" price / ( sma( price , 20 ) )", name="f")
    assert one("SPY", 20) is other("SPY")
    assert fingerprint(formula("close / sma(close, 20)", name="g")("SPY")) == fingerprint(one("SPY", 20))


@pytest.mark.parametrize("name", sorted({*WORDS, *LIBRARY}))
def test_every_indicator_can_be_called_by_its_name_and_by_its_short_name(name: str) -> None:
    word = WORDS[LIBRARY.get(name, name)]
    found: Any = of(name, window=20) if any(p.name == "window" for p in word.parameters) else of(name)
    assert found.name == word.name
    if "window" in dict(found.parameters):
        assert found.window == 20


LIBRARY_OF_THE_ANCESTOR = frozenset(
    """
    close open high low volume sma ema hma wma wilderma dema tema kama rsi rsi_sma rsi_ema stochrsi laguerrersi
    momentum_w momentum_u momentum_sma12 roc willr cci stochk stochd adx macd_hist ppo_hist stdev stdev_price maxdd
    drawdown bbpctb bbwidth atr atr_pct hvol ulcer cumret sma_ret r2 linreg_slope linreg_value price_vs_sma ultsmooth
    aroon_up aroon_down aroon_osc mfi obv_roc vwap_ratio
    """.strip().split()  # a list of fifty quoted words is no table that anybody reads
)


def test_every_variable_of_the_ancestors_library_is_known() -> None:
    assert set(LIBRARY) <= LIBRARY_OF_THE_ANCESTOR <= {*WORDS, *LIBRARY}
    assert not set(LIBRARY) & set(WORDS)
    assert set(LIBRARY.values()) <= set(WORDS)
    assert "stdev" in LIBRARY


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("clse", UnknownNameError, "there is no name 'clse'; known, nearest first: close"),
        ("RSI(14)", UnknownNameError, r"there is no name 'RSI'; known, nearest first: rsi"),
        ("__import__('os')", UnknownNameError, "there is no name '__import__'"),
        ("mean(close)", UnknownNameError, "there is no name 'mean'"),
        ("min(close)", StrategyError, r"min is of 2 values, got 1; type min\(close, open\)"),
        ("log(close, 2)", StrategyError, r"log is of 1 value, got 2; type log\(close\)"),
        ("abs", StrategyError, "abs is of 1 value, got 0"),
        ("rmax(close, 5, 6)", StrategyError, r"rmax is of a value and a window, got 3 values; type rmax\(close, 20\)"),
        ("rmax", StrategyError, "rmax is of a value and a window, got 0 values"),
    ],
)
def test_a_wrong_name_is_refused_when_the_formula_is_written(text: str, kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=f"^formula 'f': {message}") as caught:
        formula(f"1 + {text}", name="f")
    assert str(caught.value).splitlines()[-1] == "        ^"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("QQQ + 1", r"a ticker alone is no number; type close\('QQQ'\) for its price"),
        ("QQQ", "a ticker alone is no number"),
        ("rsi(volume, 3)", "rsi reads prices, not a calculated value; what measures any value is sma, ema, stdev"),
        ("rsi(close / 2)", "rsi reads prices, not a calculated value"),
        ("rsi(3, 4)", "rsi takes window, got 2 values"),
        ("close(3)", "close takes no parameters, got 1 values"),
        ("rsi(0)", r"rsi\('SPY'\): window must be a whole number of trading days from 1 to 5000, got 0"),
        ("rsi(2.5)", r"rsi\('SPY'\): window must be a whole number"),
        ("sma(rsi, close)", r"the window of sma is a number or N, got price\('SPY'\)"),
        ("rsi(QQQ, close)", "the window of rsi is a number or N"),
        ("rmax(5, 6)", "there is no indicator 'rmax'"),
        ("sma(rsi, 1.5)", "rolling_mean: window must be a whole number"),
        ("macd(26, 12)", "short must be below long"),
        ("rsi('spy', 5)", "tickers are written in capitals"),
    ],
)
def test_a_wrong_use_is_pointed_at_when_the_formula_is_used(text: str, message: str) -> None:
    with pytest.raises((StrategyError, UnknownNameError), match=f"^formula 'f': .*{message}") as caught:
        formula(text, name="f")("SPY")
    assert str(caught.value).endswith("^")


def test_a_formula_is_a_text_with_a_name() -> None:
    with pytest.raises(StrategyError, match=r"formula: a text such as .* is needed, got 5"):
        formula(5)  # type: ignore[arg-type]  # the mistake under test
    with pytest.raises(StrategyError, match="formula: name must not be empty"):
        formula("close", name="")


def test_a_formula_lives_in_the_tree_like_anything_else() -> None:
    zscore = formula("(close - sma(close, N)) / stdev(close, N)", name="zscore")
    tree = when(zscore("QQQ", 20) > 2).then("BIL").otherwise(top("SPY", "TLT", n=1, by=zscore(each, 10)))
    strategy = Strategy("Formulas", tree)
    assert loads(language.dumps(strategy)) is strategy
    assert pickle.loads(pickle.dumps(strategy)) is strategy
    assert {repr(item) for item in strategy.needs} >= {"price('QQQ')", "sma('QQQ', 20)", "stdev_price('TLT', 10)"}
    other, places = replace_ticker(strategy, "QQQ", "IWM")
    assert places > 0
    assert "sma('IWM', 20)" in repr(other)
    assert Strategy("v", when(formula("volume")("SPY") > 1).then("SPY").otherwise("TLT")).fields == ("close", "volume")
    names: dict[str, Any] = {}
    exec(language.to_code(strategy), names)
    assert names["strategy"] is strategy


def test_a_formula_can_be_pickled_copied_and_compared() -> None:
    stretch = formula("close / sma(close, N)", name="stretch")
    assert pickle.loads(pickle.dumps(stretch)) == stretch == copy.deepcopy(stretch)
    assert stretch == Formula("close / sma(close, N)", "stretch") != formula("close", name="stretch")
    assert repr(rolling_stdev_population(price("SPY"), 5)) != repr(stdev_price("SPY", 5))
