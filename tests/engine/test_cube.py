"""Laws of the labelled cube: dimensions, coordinates, units, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

from sbc_lab.engine import cube as module
from sbc_lab.engine.cube import cube
from sbc_lab.engine.indicators import INDICATORS, compute
from sbc_lab.engine.strategy.vocabulary import WORDS
from sbc_lab.errors import DataError, StrategyError, UnknownNameError
from sbc_lab.options import Engine, options
from sbc_lab.testing import synthetic_candles

NAN = float("nan")


def candles(*rows: list[float]) -> xr.Dataset:
    dates = np.datetime64("2024-01-01", "ns") + np.arange(len(rows[0])) * np.timedelta64(1, "D")
    tickers = ["SPY", "QQQ", "TLT"][: len(rows)]
    close = np.array(rows, dtype=np.float64)
    fields = {"open": close, "high": 1.1 * close, "low": 0.9 * close, "close": close, "volume": 3.0 + close % 5.0}
    values = {name: (("ticker", "date"), field) for name, field in fields.items()}
    return xr.Dataset(values, coords={"ticker": tickers, "date": dates})


TWO = candles([1.0, 2.0, 6.0, 10.0], [8.0, 4.0, 2.0, 1.0])


def test_many_windows_are_the_first_dimension() -> None:
    found = cube("sma", TWO, window=[2, 1])
    assert found.dims == ("window", "ticker", "date")
    assert found.window.values.tolist() == [2, 1]
    assert found.ticker.values.tolist() == ["SPY", "QQQ"]
    np.testing.assert_array_equal(found.date, TWO.date)
    np.testing.assert_array_equal(found.sel(window=2, ticker="SPY"), [NAN, 1.5, 4.0, 8.0])
    np.testing.assert_array_equal(found.sel(window=1), TWO["close"])


def test_one_window_is_a_dimension_of_length_one() -> None:
    one = cube("sma", TWO, window=2)
    assert one.shape == (1, 2, 4)
    xr.testing.assert_identical(one, cube("sma", TWO, window=iter([2])))
    assert cube("rsi", TWO).window.values.tolist() == [14]


def test_an_indicator_without_a_window_has_no_such_dimension() -> None:
    found = cube("macd", TWO, short=1, long=2)
    assert found.dims == ("ticker", "date")
    assert found.attrs == {
        "units": "USD",
        "long_name": "Moving average convergence divergence",
        "short": 1,
        "long": 2,
    }
    np.testing.assert_array_equal(cube("price", TWO), TWO["close"])


def test_a_cube_says_what_it_is() -> None:
    found = cube("lower_bollinger", TWO, window=[2], deviations=1)
    assert found.name == "lower_bollinger"
    assert found.attrs == {"units": "USD", "long_name": "Lower Bollinger band", "deviations": 1.0}
    assert found.window.attrs == {"units": "trading days", "long_name": "Look-back"}


@pytest.mark.parametrize("engine", ["numba", "numpy"])
@pytest.mark.parametrize("name", sorted(WORDS))
def test_every_layer_is_the_indicator_of_its_ticker(name: str, engine: Engine) -> None:
    rng = np.random.default_rng(1)
    many = candles(*(rng.uniform(50.0, 150.0, 60).tolist() for _ in range(3)))
    names = [parameter.name for parameter in WORDS[name].parameters]
    found = cube(name, many, window=[5, 9] if "window" in names else None, engine=engine)
    for layer, parameters in zip(found.values if "window" in names else [found.values], [5, 9], strict=False):
        given = {"window": parameters} if "window" in names else {}
        for ticker, row in zip(many["ticker"].values, layer, strict=True):
            lines = {field: many[field].sel(ticker=ticker).values for field in WORDS[name].inputs}
            np.testing.assert_array_equal(row, compute(name, lines, given, engine=engine))


def test_a_missing_bar_inside_a_listing_carries_the_last_close() -> None:
    found = cube("sma", candles([1.0, NAN, 3.0]), window=2)
    np.testing.assert_array_equal(found.values[0, 0], [NAN, 1.0, 2.0])


def test_an_indicator_of_more_than_closes_says_which_field_is_missing() -> None:
    with pytest.raises(
        DataError, match=r"candles hold no high, which atr reads; load them with lab.candles\(…, fields="
    ):
        cube("atr", TWO[["close"]], window=2)
    np.testing.assert_array_equal(cube("atr", TWO, window=[2]).values[0, 0, :2], [NAN, NAN])


def test_the_candles_are_left_as_they_were() -> None:
    given = candles([1.0, NAN, 3.0])
    before = given.copy(deep=True)
    cube("price", given)[:] = 7.0
    xr.testing.assert_identical(given, before)
    np.testing.assert_array_equal(cube("price", given).values[0], [1.0, 1.0, 3.0])


def test_an_unknown_indicator_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"no indicator 'rsy'.*nearest first: rsi"):
        cube("rsy", TWO)


@pytest.mark.parametrize("window", [0, 1.5, 10**6, True, "20", [5, 0], [5, 1.5]])
def test_a_wrong_window_says_what_is_allowed(window: object) -> None:
    with pytest.raises(StrategyError, match=r"rsi: window must be a whole number of trading days from 1 to 5000, got "):
        cube("rsi", TWO, window=window)  # type: ignore[arg-type]  # the mistake under test


def test_a_window_that_has_no_default_must_be_said() -> None:
    with pytest.raises(StrategyError, match="sma: say the window, for example window=20"):
        cube("sma", TWO)


def test_windows_come_each_once_and_at_least_one() -> None:
    with pytest.raises(StrategyError, match="rsi: every window once, got 5 2 times"):
        cube("rsi", TWO, window=[5, 6, 5])
    with pytest.raises(StrategyError, match="rsi: window holds no number of trading days"):
        cube("rsi", TWO, window=[])


def test_a_parameter_that_the_indicator_does_not_take_is_refused() -> None:
    with pytest.raises(UnknownNameError, match="price: there is no parameter 'window'"):
        cube("price", TWO, window=5)
    with pytest.raises(UnknownNameError, match="sma: there is no parameter 'short'; known, nearest first: window"):
        cube("sma", TWO, window=[5], short=3)
    with pytest.raises(StrategyError, match="macd: short must be below long, got short=30 and long=26"):
        cube("macd", TWO, short=30)


def test_a_cube_that_is_too_large_is_refused_before_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 100)
    with pytest.raises(
        DataError, match=r"2 windows × 2 tickers × 4 dates take 128 bytes, more than 100; ask for fewer"
    ):
        cube("sma", TWO, window=[1, 2])
    assert cube("sma", TWO, window=1).nbytes == 64


def test_every_indicator_can_be_a_cube() -> None:
    assert set(INDICATORS) == set(WORDS)


def test_candles_that_are_not_adjusted_are_refused() -> None:
    with pytest.raises(DataError, match=r"these candles are not adjusted, .*; load them with adjust=True"):
        cube("sma", TWO.assign_attrs(adjusted=False), window=2)
    assert cube("sma", TWO.assign_attrs(adjusted=True), window=2).shape == (1, 2, 4)


def test_the_engine_is_what_the_options_say_unless_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    used: list[str] = []

    def noted(*arguments: Any, engine: Engine, **more: Any) -> Any:
        used.append(engine)
        return compute(*arguments, engine=engine, **more)

    monkeypatch.setattr(module, "compute", noted)
    one = TWO.isel(ticker=[0])
    with options(engine="numpy"):
        plain = cube("sma", one, window=2)
        cube("sma", one, window=2, engine="numba")
    xr.testing.assert_allclose(plain, cube("sma", one, window=2), rtol=1e-12)
    assert used == ["numpy", "numba", "numba"]


MANY = synthetic_candles(("SPY", "TLT"), days=60)


def test_parameters_of_any_name_are_given_as_a_mapping() -> None:
    same = cube("macd", MANY, short=3, long=5)
    xr.testing.assert_identical(cube("macd", MANY, parameters={"short": 3, "long": 5}), same)
    xr.testing.assert_identical(cube("macd", MANY, short=3, parameters={"long": 5}), same)
    both = cube("sma", MANY, parameters={"window": [2, 3]})
    xr.testing.assert_identical(both, cube("sma", MANY, window=[2, 3]))


def test_a_parameter_is_given_once_and_has_to_be_one() -> None:
    with pytest.raises(StrategyError, match="sma: window was given twice, as a keyword and in parameters; leave one"):
        cube("sma", MANY, window=2, parameters={"window": 2})
    with pytest.raises(StrategyError, match=r"parameters must be a mapping such as \{'window': 20\}, got 20"):
        cube("sma", MANY, parameters=20)  # type: ignore[arg-type]  # that is the mistake
    with pytest.raises(UnknownNameError, match="span"):
        cube("sma", MANY, window=2, parameters={"span": 2})
