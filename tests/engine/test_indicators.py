"""Laws that hold for every indicator: kernel and twin agree, no look-ahead, gaps, scale, warm-up, and the registry."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sbc_lab.engine.indicators import INDICATORS, compute, load_indicator
from sbc_lab.engine.kernels import reference
from sbc_lab.engine.kernels.reference.windows import rolled
from sbc_lab.engine.strategy.vocabulary import WORDS, ParameterValue
from sbc_lab.errors import DataError, StrategyError, UnknownNameError
from sbc_lab.options import Engine

Series = npt.NDArray[np.float64]
Values = tuple[ParameterValue, ...]
NAMES = sorted(INDICATORS)
UNWRITTEN = 7e77
REAL = ("SPY", "BIL", "UVXY", "SVXY", "TQQQ", "TLT")
"""Long, nearly still, collapsing from 5e11 to 10, jumping, and two that everybody holds."""

Lines = dict[str, Series]


def above(x: Series, window: int) -> Series:
    return 100.0 * (1.0 + x / reference.sma(x, window))


def decaying(x: Series, window: int) -> Series:
    """The largest price that the poles of a smoother have not yet forgotten."""
    keep = np.exp(-1.414 * np.pi / window)
    out, level = np.empty(x.size), 0.0
    for i, value in enumerate(x):
        level = 0.0 if np.isnan(value) else max(abs(value), keep * level)
        out[i] = level
    return 2.0 * window * out


def months(x: Series, month: int) -> Series:
    return sum((1.0 + abs(reference.cumulative_return(x, k * month)) for k in (1, 3, 6, 12)), start=np.zeros(x.size))


def line_ends(x: Series, window: int) -> Series:
    return 4.0 * reference.sma(x, window)


def hundred(x: Series, *_: Series | float) -> Series:
    return np.full(x.size, 100.0)


def rsi_range(x: Series, window: int) -> Series:
    """A place in a range is as uncertain as the range is narrow."""
    spread = reference.rsi(x, window)
    highest = rolled(spread, window, lambda rows: rows.max(axis=1) - rows.min(axis=1))
    return 1e3 + 1e4 / np.maximum(highest, 1e-9)


# What a value is small against: the terms it is the difference of. Every other indicator is held to its own size.
TERMS: dict[str, Callable[..., Series]] = {
    "macd": lambda x, short, long: reference.ema(x, short) + reference.ema(x, long),
    "macd_signal": lambda x, short, long, smooth: reference.ema(
        reference.ema(x, short) + reference.ema(x, long), smooth
    ),
    "macd_histogram": lambda x, short, long, smooth: (
        reference.ema(x, short)
        + reference.ema(x, long)
        + reference.ema(reference.ema(x, short) + reference.ema(x, long), smooth)
    ),
    "ppo": lambda x, short, long: 100.0 * (1.0 + reference.ema(x, short) / reference.ema(x, long)),
    "ppo_signal": lambda x, short, long, smooth: reference.ema(
        100.0 * (1.0 + reference.ema(x, short) / reference.ema(x, long)), smooth
    ),
    "ppo_histogram": lambda x, short, long, smooth: (
        TERMS["ppo"](x, short, long) + reference.ema(TERMS["ppo"](x, short, long), smooth)
    ),
    "lower_bollinger": reference.upper_bollinger,
    "bollinger_percent_b": lambda x, *values: 1.0 + abs(reference.bollinger_percent_b(x, *values)),
    "moving_average_return": lambda x, window: 100.0 * reference.sma(abs(reference.simple_returns(x)), window),
    "hma": lambda x, window: reference.wma(
        2.0 * reference.wma(x, window // 2) + reference.wma(x, window), math.isqrt(window)
    ),
    "dema": lambda x, window: 2.0 * reference.ema(x, window) + reference.ema(reference.ema(x, window), window),
    "tema": lambda x, window: (
        4.0 * reference.ema(reference.ema(x, window) + reference.ema(reference.ema(x, window), window), window)
        + 4.0 * reference.ema(x, window)
        + 4.0 * reference.ema(reference.ema(x, window), window)
    ),
    "price_vs_sma": above,
    "linear_regression_value": line_ends,
    "linear_regression_slope": hundred,
    "trend_clarity": hundred,
    "super_smoother": decaying,
    "ultimate_smoother": decaying,
    "stochastic_rsi": rsi_range,
    "momentum_weighted": months,
    "momentum_unweighted": months,
    **dict.fromkeys(("williams_r", "stochastic_k", "stochastic_d", "adx", "money_flow_index"), hundred),
    **dict.fromkeys(("obv_rate_of_change", "aroon_oscillator"), hundred),
    "cci": lambda *lines: 1e2 + abs(reference.cci(*lines)),
    "momentum_sma12": lambda x, month: 100.0 + abs(reference.momentum_sma12(x, month)),
}


def kernel(name: str, lines: Lines | Series, values: Values) -> Series:
    size = len(lines) if isinstance(lines, np.ndarray) else len(next(iter(lines.values())))
    return compute(name, lines, values, out=np.full(size, UNWRITTEN))


def assert_agree(name: str, lines: Lines, values: Values) -> None:
    read = [lines[field] for field in WORDS[name].inputs]
    found, wanted = kernel(name, lines, values), INDICATORS[name].twin(*read, *values)
    scale = TERMS[name](*read, *values) if name in TERMS else abs(wanted)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
    wrong = abs(found - wanted) > 1e-12 * scale
    assert not wrong.any(), (name, values, found[wrong], wanted[wrong])


def cut(lines: Lines, stop: int) -> Lines:
    return {field: line[:stop].copy() for field, line in lines.items()}


def joined(*parts: Lines | float) -> Lines:
    """Stretches one after the other; a number is one bar of it in every field."""
    fields = next(part for part in parts if isinstance(part, dict))
    return {
        field: np.concatenate([part[field] if isinstance(part, dict) else [part] for part in parts]) for field in fields
    }


def around(close: Series) -> Lines:
    """Bars of a tenth of the close on either side, all on the same volume."""
    high, low = 1.1 * close, 0.9 * close
    return {"close": close, "open": close, "high": high, "low": low, "volume": np.full(close.size, 7.0)}


def length(lines: Lines) -> int:
    return len(lines["close"])


@st.composite
def series(draw: st.DrawFn, most: int = 80) -> Series:
    """Prices that walk, stand still, are missing, collapse by many orders and come back."""
    step = st.tuples(st.just("walk"), st.integers(-300, 300))
    pause = st.tuples(st.sampled_from(["flat", "gap"]), st.integers(1, 12))
    leap = st.tuples(st.just("fall"), st.integers(1, 11))
    prices: list[float] = []
    price = draw(st.floats(0.5, 5e11))
    for kind, size in draw(st.lists(st.one_of(step, step, step, pause, leap), max_size=most)):
        if kind == "walk":
            price *= 1.0 + size / 1000.0
        elif kind == "fall":
            price *= 10.0**-size
            price = price if price > 1e-3 else 3e11 + size
        prices += [math.nan if kind == "gap" else price] * (size if kind in {"flat", "gap"} else 1)
    return np.array(prices, dtype=np.float64)


@st.composite
def bars(draw: st.DrawFn, most: int = 80) -> Lines:
    """Candles around such prices: wide, narrow and shut ones, on volume and on none."""
    close = draw(series(most))
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    wide = draw(st.sampled_from((0.0, 0.0, 0.01, 0.2)))
    high, low = close * (1.0 + rng.uniform(0.0, wide, close.size)), close * (1.0 - rng.uniform(0.0, wide, close.size))
    volume = np.where(
        rng.random(close.size) < draw(st.sampled_from((0.0, 0.3))), 0.0, rng.integers(1, 10**9, close.size)
    )
    volume = np.where(np.isnan(close), np.nan, volume)
    opened = low + rng.uniform(0.0, 1.0, close.size) * (high - low)
    return {"open": opened, "high": high, "low": low, "close": close, "volume": volume}


@st.composite
def parameters(draw: st.DrawFn, name: str, longest: int = 24) -> Values:
    """Parameters that the vocabulary accepts, small enough for short series."""
    given_: dict[str, ParameterValue] = {}
    for parameter in WORDS[name].parameters:
        if parameter.kind is float:
            # A number next to nothing leaves the range of numbers together with a scale; nothing itself does not.
            some = st.floats(max(parameter.low, 1e-6), min(parameter.high, 4.0))
            given_[parameter.name] = draw(some | st.just(float(parameter.low)))
            continue
        if parameter.name == "month":
            given_[parameter.name] = draw(st.integers(1, 4))
            continue
        low = given_["short"] + 1 if parameter.name == "long" else parameter.low
        given_[parameter.name] = draw(st.integers(int(low), longest + 1 if parameter.name == "long" else longest))
    return INDICATORS[name].values(given_)


def test_every_word_has_an_indicator_and_no_other_is_registered() -> None:
    assert set(INDICATORS) == set(WORDS)
    assert all(INDICATORS[name].word is WORDS[name] for name in WORDS)


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_kernel_equals_its_twin(name: str, data: st.DataObject) -> None:
    assert_agree(name, data.draw(bars()), data.draw(parameters(name)))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_later_prices_never_change_a_value_not_even_its_last_bit(name: str, data: st.DataObject) -> None:
    lines, values = data.draw(bars()), data.draw(parameters(name))
    stop = data.draw(st.integers(0, length(lines)))
    np.testing.assert_array_equal(kernel(name, cut(lines, stop), values), kernel(name, lines, values)[:stop])


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"drawdown"}))  # a maximum is no recursion: it has its own test
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_behind_a_missing_price_everything_is_as_if_the_series_began_there(name: str, data: st.DataObject) -> None:
    lines, before, values = data.draw(bars()), data.draw(bars(20)), data.draw(parameters(name))
    found = kernel(name, joined(before, math.nan, lines), values)
    np.testing.assert_array_equal(found[length(before) + 1 :], kernel(name, lines, values))
    assert np.isnan(found[length(before)])


@pytest.mark.parametrize("name", [name for name in NAMES if len(WORDS[name].inputs) > 1])
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_bar_that_lacks_one_of_the_fields_is_missing(name: str, data: st.DataObject) -> None:
    lines, values = data.draw(bars().filter(length)), data.draw(parameters(name))
    bar, field = data.draw(st.integers(0, length(lines) - 1)), data.draw(st.sampled_from(WORDS[name].inputs))
    whole = {key: line.copy() for key, line in lines.items()}
    lines[field][bar] = math.inf
    for line in whole.values():
        line[bar] = math.nan
    np.testing.assert_array_equal(kernel(name, lines, values), kernel(name, whole, values))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_price_level_scales_with_the_price_and_nothing_else_does(name: str, data: st.DataObject) -> None:
    lines, values, power = data.draw(bars()), data.draw(parameters(name)), data.draw(st.integers(-40, 40))
    factor = 2.0**power if WORDS[name].price_level else 1.0
    scaled = {field: line if field == "volume" else line * 2.0**power for field, line in lines.items()}
    np.testing.assert_array_equal(kernel(name, scaled, values), factor * kernel(name, lines, values))


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_the_first_value_comes_where_the_registry_says(name: str, data: st.DataObject) -> None:
    values = data.draw(parameters(name))
    rng = np.random.default_rng(0)
    lines = around(100.0 + np.resize([-1.0, 1.0], 80) * rng.uniform(5.0, 50.0, 80))  # nothing ever stands still
    first = INDICATORS[name].first_valid(values)
    np.testing.assert_array_equal(np.isfinite(kernel(name, lines, values)), np.arange(80) >= first)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ema", (30,)),
        ("rsi", (14,)),
        ("macd", (12, 26)),
        ("ppo", (1, 40)),
        ("macd_signal", (12, 26, 9)),
        ("ppo_signal", (5, 9, 60)),
        ("macd_histogram", (12, 26, 9)),
        ("ppo_histogram", (5, 9, 60)),
        ("wilder_ma", (14,)),
        ("dema", (10,)),
        ("tema", (20,)),
        ("kama", (10,)),
        ("super_smoother", (20,)),
        ("ultimate_smoother", (100,)),
        ("laguerre_rsi", (0.8,)),
        ("laguerre_rsi", (0.5,)),
        ("rsi_ema", (14,)),
        ("stochastic_rsi", (14,)),
        ("adx", (14,)),
        ("atr", (10,)),
        ("atr_percent", (20,)),
    ],
)
def test_when_settled_the_seed_no_longer_counts(name: str, values: Values) -> None:
    indicator = INDICATORS[name]
    first, settled = indicator.first_valid(values), indicator.settled(values)
    one = np.random.default_rng(3).uniform(90.0, 110.0, first + settled + 20)
    other = one.copy()
    other[: first + 1] *= np.random.default_rng(4).uniform(0.9, 1.1, first + 1)
    apart = abs(kernel(name, around(one), values) - kernel(name, around(other), values))[first + settled :]
    assert apart.max() <= 1e-6 * 100.0
    assert indicator.settled(values, 1e-3) < settled


def test_a_window_of_one_has_nothing_to_settle() -> None:
    assert INDICATORS["ema"].settled((1,)) == 0
    assert INDICATORS["rsi"].settled((1,)) == 0


@pytest.mark.parametrize("name", NAMES)
def test_only_recursive_indicators_have_a_seed(name: str) -> None:
    given_ = {"window": 20} if WORDS[name].parameters and WORDS[name].parameters[0].name == "window" else {}
    lines = {f"{line}{part}" for line in ("macd", "ppo") for part in ("", "_signal", "_histogram")}
    smooth = {"ema", "wilder_ma", "dema", "tema", "kama", "super_smoother", "ultimate_smoother", "laguerre_rsi"}
    recursive = {*lines, *smooth, "rsi", "rsi_ema", "stochastic_rsi", "adx", "atr", "atr_percent"}
    assert (INDICATORS[name].settled(given_) > 0) == (name in recursive)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_kernel_equals_its_twin_on_real_prices(name: str, shared: Path) -> None:
    bars_alone = ("open_price", "high_price", "low_price", "volume")
    some: dict[str, tuple[Values, ...]] = {
        **dict.fromkeys(("price", "drawdown", *bars_alone), ((),)),
        **dict.fromkeys(("macd", "ppo"), ((12, 26),)),
        **dict.fromkeys(("macd_signal", "ppo_signal", "macd_histogram", "ppo_histogram"), ((12, 26, 9),)),
        **dict.fromkeys([name for name in NAMES if "bollinger" in name], ((20, 2.0), (200, 2.0))),
        **dict.fromkeys([name for name in NAMES if name.startswith("momentum")], ((21,),)),
        "laguerre_rsi": ((0.8,), (0.3,)),
        "stochastic_d": ((14, 3), (200, 50)),
        "trend_clarity": ((3,), (20,), (252,)),
    }
    for ticker in REAL:
        file = shared / "data" / "eod" / f"{ticker}.parquet"
        table = pd.read_parquet(file, columns=["open", "high", "low", "close", "adj_close", "volume"]).astype(
            np.float64
        )
        lines = {field: table[field].to_numpy() for field in ("open", "high", "low", "close", "volume")}
        for values in some.get(name, ((2,), (20,), (252,))):
            assert_agree(name, lines, values)


def test_the_same_series_gives_the_same_bits_as_plain_floats() -> None:
    # A fused multiply-add, which a compiler may slip in, would show here.
    x = np.random.default_rng(6).uniform(50.0, 150.0, 500)
    np.testing.assert_array_equal(kernel("ema", x, (20,)), reference.ema(x, 20))


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_parameters_are_completed_with_their_defaults(engine: Engine) -> None:
    x = np.random.default_rng(7).uniform(50.0, 150.0, 40)
    one = compute("rsi", x, {}, engine=engine)
    other = compute("rsi", x, (("window", 14),), engine=engine)
    np.testing.assert_array_equal(one, other)


def test_a_result_goes_into_the_array_that_is_given() -> None:
    out = np.empty(3)
    assert compute("sma", np.array([1.0, 2.0, 6.0]), (2,), out=out) is out
    assert compute("sma", np.array([1.0, 2.0, 6.0]), (2,), engine="numpy", out=out) is out
    np.testing.assert_array_equal(out, [math.nan, 1.5, 4.0])


def test_a_series_of_another_layout_is_understood() -> None:
    wide = np.arange(12.0).reshape(4, 3)
    wide.flags.writeable = False
    np.testing.assert_array_equal(compute("sma", wide[:, 1], (2,)), [math.nan, 2.5, 5.5, 8.5])
    np.testing.assert_array_equal(compute("sma", np.arange(4.0, dtype=np.float32), (2,)), [math.nan, 0.5, 1.5, 2.5])


def test_an_unknown_indicator_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"no indicator 'smaa'.*nearest first: sma"):
        load_indicator("smaa")
    with pytest.raises(StrategyError, match="it is called 'rsi'"):
        load_indicator("relative-strength-index")


def test_a_wrong_parameter_says_what_is_allowed() -> None:
    x = np.ones(3)
    with pytest.raises(StrategyError, match="sma: window must be a whole number of trading days from 1 to 5000, got 0"):
        compute("sma", x, {"window": 0})
    with pytest.raises(StrategyError, match=r"macd takes short, long, in this order; got \(12,\)"):
        compute("macd", x, (12,))
    with pytest.raises(StrategyError, match="ppo: short must be below long, got short=26 and long=26"):
        compute("ppo", x, {"short": 26})
    with pytest.raises(StrategyError, match="rsi: tolerance must lie between 0 and 1, got 0"):
        load_indicator("rsi").settled({}, 0)


def test_a_wrong_series_or_engine_is_refused() -> None:
    with pytest.raises(DataError, match="sma: a series has the one dimension date, got 2 dimensions"):
        compute("sma", np.ones((2, 2)), (2,))
    with pytest.raises(UnknownNameError, match="sma: there is no engine 'julia'; known, nearest first: numba, numpy"):
        compute("sma", np.ones(2), (2,), engine="julia")  # type: ignore[arg-type]  # the mistake under test


def test_the_registry_and_the_twins_work_without_numba() -> None:
    program = (
        "import sys, numpy as np\n"
        "sys.modules['numba'] = None\n"
        "from sbc_lab.engine.indicators import INDICATORS, compute\n"
        "print(compute('sma', np.array([1.0, 2.0, 6.0]), (2,), engine='numpy'))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "[nan 1.5 4. ]", done.stderr


@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_the_highest_close_before_a_gap_still_counts(engine: Engine) -> None:
    found = compute("drawdown", np.array([8.0, 10.0, math.nan, 5.0, 20.0]), (), engine=engine)
    np.testing.assert_array_equal(found, [0.0, 0.0, math.nan, 50.0, 0.0])


def test_only_indicators_in_dollars_are_price_levels() -> None:
    assert {name for name in NAMES if WORDS[name].price_level} == {name for name in NAMES if WORDS[name].unit == "USD"}
