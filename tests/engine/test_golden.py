"""Indicators against values that others published or computed; each test states how far apart they may be.

The sources, their conventions and licences are described beside the values.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from sbc_lab.engine.indicators import compute
from sbc_lab.engine.strategy.vocabulary import ParameterValue
from sbc_lab.options import Engine

Series = npt.NDArray[np.float64]

SAMPLE_TO_POPULATION = {n: math.sqrt((n - 1) / n) for n in (10, 14, 20)}
"""Deviations are sample ones here and population ones at the peers; the bands are population ones everywhere."""


@pytest.fixture(params=["numba", "numpy"])
def engine(request: pytest.FixtureRequest) -> Engine:
    """Both engines are held to the same values."""
    return "numba" if request.param == "numba" else "numpy"


def column(table: pd.DataFrame, name: str) -> Series:
    return table[name].to_numpy(dtype=np.float64)


def assert_near(found: Series, wanted: Series, *, relative: float = 0.0, absolute: float = 0.0) -> None:
    """Every value that the source gives is met; where it gives none, nothing is asked."""
    given = np.isfinite(wanted)
    assert given.sum() > 20
    np.testing.assert_allclose(found[given], wanted[given], rtol=relative, atol=absolute)


def assert_same_warm_up(found: Series, wanted: Series) -> None:
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))


# ---------------------------------------------------------------- Stock Indicators for .NET


SKENDER: list[tuple[str, str, str, dict[str, ParameterValue], float]] = [
    ("sma", "sma", "sma", {"window": 20}, 1.0),
    ("sma-analysis", "sma", "sma", {"window": 20}, 1.0),
    ("ema", "ema", "ema", {"window": 20}, 1.0),
    ("rsi", "rsi", "rsi", {"window": 14}, 1.0),
    ("stdev", "mean", "sma", {"window": 14}, 1.0),
    ("stdev", "stdDev", "stdev_price", {"window": 14}, SAMPLE_TO_POPULATION[14]),
    ("bb", "sma", "sma", {"window": 20}, 1.0),
    ("bb", "lowerBand", "lower_bollinger", {"window": 20, "deviations": 2.0}, 1.0),
    ("bb", "upperBand", "upper_bollinger", {"window": 20, "deviations": 2.0}, 1.0),
    ("macd", "macd", "macd", {"short": 12, "long": 26}, 1.0),
    ("macd", "signal", "macd_signal", {"short": 12, "long": 26, "smooth": 9}, 1.0),
    ("macd", "fastEma", "ema", {"window": 12}, 1.0),
    ("macd", "slowEma", "ema", {"window": 26}, 1.0),
    ("roc", "roc", "cumulative_return", {"window": 14}, 1.0),
    ("wma", "wma", "wma", {"window": 14}, 1.0),
    ("bb", "percentB", "bollinger_percent_b", {"window": 20}, 1.0),
    ("bb", "width", "bollinger_bandwidth", {"window": 20}, 0.01),
    ("macd", "histogram", "macd_histogram", {"short": 12, "long": 26, "smooth": 9}, 1.0),
]


@pytest.mark.parametrize(("file", "field", "name", "given", "factor"), SKENDER)
def test_stock_indicators_agree_to_eleven_digits_and_begin_on_the_same_bar(
    file: str, field: str, name: str, given: dict[str, ParameterValue], factor: float, shared: Path, engine: Engine
) -> None:
    folder = shared / "golden" / "stock-indicators"
    close = column(pd.read_csv(folder / "quotes" / "default.csv"), "close")
    rows = json.loads((folder / "results" / f"{file}.standard.json").read_text(encoding="utf-8"))
    wanted = np.array([math.nan if row[field] is None else row[field] for row in rows])
    found = factor * compute(name, close, given, engine=engine)
    assert_near(found, wanted, relative=1e-11, absolute=1e-11)
    if (file, field) != ("macd", "fastEma"):  # which is published from the first bar of the slow one
        assert_same_warm_up(found, wanted)


# ---------------------------------------------------------------- TA-Lib


TALIB: list[tuple[str, str, dict[str, ParameterValue], float, float]] = [
    ("SMA_10", "sma", {"window": 10}, 1.0, 1e-11),
    ("SMA_20", "sma", {"window": 20}, 1.0, 1e-11),
    ("SMA_200", "sma", {"window": 200}, 1.0, 1e-11),
    ("EMA_10", "ema", {"window": 10}, 1.0, 1e-12),
    ("EMA_50", "ema", {"window": 50}, 1.0, 1e-12),
    ("WMA_20", "wma", {"window": 20}, 1.0, 1e-12),
    ("RSI_10", "rsi", {"window": 10}, 1.0, 1e-11),
    ("RSI_14", "rsi", {"window": 14}, 1.0, 1e-11),
    ("RSI_60", "rsi", {"window": 60}, 1.0, 1e-11),
    ("STDDEV_20", "stdev_price", {"window": 20}, SAMPLE_TO_POPULATION[20], 1e-7),
    ("STDDEV_RET_20", "stdev_return", {"window": 20}, SAMPLE_TO_POPULATION[20] / 100.0, 1e-9),
    ("SMA_RET_20", "moving_average_return", {"window": 20}, 0.01, 1e-9),
    ("ROC_1", "cumulative_return", {"window": 1}, 1.0, 1e-9),
    ("ROC_20", "cumulative_return", {"window": 20}, 1.0, 1e-9),
    ("ROC_60", "cumulative_return", {"window": 60}, 1.0, 1e-9),
    ("BB_UP", "upper_bollinger", {"window": 20, "deviations": 2.0}, 1.0, 1e-9),
    ("BB_MID", "sma", {"window": 20}, 1.0, 1e-11),
    ("BB_LOW", "lower_bollinger", {"window": 20, "deviations": 2.0}, 1.0, 1e-9),
]


def bars(shared: Path, ticker: str) -> Series:
    prices = pd.read_parquet(shared / "data" / "eod" / f"{ticker}.parquet")
    inside = prices["date"].between("2015-01-02", "2025-12-24")
    return column(prices[inside], "adj_close")


@pytest.mark.parametrize("ticker", ["SPY", "TLT", "TQQQ", "UVXY"])
@pytest.mark.parametrize(("field", "name", "given", "factor", "relative"), TALIB)
def test_talib_agrees_on_every_bar(
    field: str, name: str, given: dict[str, ParameterValue], factor: float, relative: float, ticker: str, shared: Path
) -> None:
    wanted = column(pd.read_parquet(shared / "golden" / "talib" / f"{ticker}.parquet"), field)
    x = bars(shared, ticker)
    found = factor * compute(name, x, given)
    assert_same_warm_up(found, wanted)
    assert_near(found, wanted, relative=relative, absolute=1e-12)


@pytest.mark.parametrize("ticker", ["SPY", "TLT", "TQQQ", "UVXY"])
def test_talib_macd_agrees_once_the_seeds_are_forgotten(ticker: str, shared: Path) -> None:
    # TA-Lib starts both averages on the bar of the slower one; (25/27)^600 of that difference is left.
    table = pd.read_parquet(shared / "golden" / "talib" / f"{ticker}.parquet")
    x = bars(shared, ticker)
    line = compute("macd", x, {})
    signal = compute("macd_signal", x, {})
    histogram = compute("macd_histogram", x, {})
    for found, field in ((line, "MACD"), (signal, "MACD_SIGNAL"), (histogram, "MACD_HIST")):
        late = slice(600, None)
        assert_near(found[late] / x[late], column(table, field)[late] / x[late], absolute=1e-12)


# ---------------------------------------------------------------- QuantConnect Lean


LEAN: list[tuple[str, str, str, str, dict[str, ParameterValue], float, float]] = [
    ("spy_with_indicators.txt", "Close", "SMA14", "sma", {"window": 14}, 6e-3, 0.0),
    ("spy_with_indicators.txt", "Close", "EMA14", "ema", {"window": 14}, 6e-3, 0.0),
    ("spy_with_indicators.txt", "Close", "RSI 14", "rsi_sma", {"window": 14}, 4e-4, 0.0),
    ("spy_with_indicators.txt", "Close", "RSI 14 Wilder", "rsi", {"window": 14}, 6e-6, 0.0),
    ("spy_ema.csv", "close", "EMA14", "ema", {"window": 14}, 0.0, 1e-13),
    ("spy_bollinger_bands.txt", "Close", "Moving Average 20", "sma", {"window": 20}, 6e-5, 0.0),
    ("spy_bollinger_bands.txt", "Close", "Bollinger Bands® 20 2 Top", "upper_bollinger", {"window": 20}, 6.1e-5, 0.0),
    (
        "spy_bollinger_bands.txt",
        "Close",
        "Bollinger Bands® 20 2 Bottom",
        "lower_bollinger",
        {"window": 20},
        6.1e-5,
        0.0,
    ),
    ("spy_with_rocp50.txt", "Close", "Rate of Change % 50", "cumulative_return", {"window": 50}, 1.1e-5, 0.0),
    # The headings SMA5 and SMA15 of this file are exchanged: the column SMA5 is the mean of 15 closes.
    ("spy_with_rma.csv", "close", "SMA15", "sma", {"window": 5}, 6e-8, 0.0),
    ("spy_with_rma.csv", "close", "SMA10", "sma", {"window": 10}, 6e-8, 0.0),
    ("spy_with_rma.csv", "close", "SMA5", "sma", {"window": 15}, 6e-8, 0.0),
]


def lean(shared: Path, file: str) -> pd.DataFrame:
    return pd.read_csv(shared / "golden" / "lean" / file, encoding="utf-8-sig")


@pytest.mark.parametrize(("file", "price", "field", "name", "given", "absolute", "relative"), LEAN)
def test_lean_agrees_to_the_digits_it_prints(
    file: str,
    price: str,
    field: str,
    name: str,
    given: dict[str, ParameterValue],
    absolute: float,
    relative: float,
    shared: Path,
) -> None:
    table = lean(shared, file)
    found = compute(name, column(table, price), given)
    wanted = np.where(np.isnan(found), np.nan, column(table, field))  # one file gives averages over bars before its own
    assert_near(found, wanted, absolute=absolute, relative=relative)


def test_lean_macd_agrees_once_the_seeds_are_forgotten(shared: Path) -> None:
    monthly = lean(shared, "spy_with_macd.txt")
    line = compute("macd", column(monthly, "Close"), {})
    signal = compute("macd_signal", column(monthly, "Close"), {})
    for found, field in ((line, "MACD"), (signal, "Signal"), (line - signal, "Histogram")):
        assert_near(found[200:], column(monthly, field)[200:], absolute=6e-6)
    daily = lean(shared, "spy_with_indicators.txt")
    found = compute("macd", column(daily, "Close"), {})
    assert_near(found[200:], column(daily, "MACD 12 26")[200:], absolute=6e-4)


def test_lean_variance_is_the_square_of_our_deviation_over_n(shared: Path) -> None:
    table = lean(shared, "spy_var.txt")
    found = compute("stdev_price", column(table, "Close"), {"window": 10}) * SAMPLE_TO_POPULATION[10]
    assert_near(found**2, column(table, "Var"), absolute=1e-9)


def test_lean_log_return_is_the_log_of_our_return(shared: Path) -> None:
    table = lean(shared, "spy_logr14.txt")
    found = np.log1p(compute("cumulative_return", column(table, "Close"), {"window": 14}) / 100.0)
    assert_near(found, column(table, "LOGR14"), absolute=9e-8)


# ---------------------------------------------------------------- Composer


COMPOSER = {
    "price": ("price", 1.0),
    "daily-return": ("cumulative_return", 0.01),
    "cum-return-pct": ("cumulative_return", 0.01),
    "moving-average-return": ("moving_average_return", 0.01),
    "standard-deviation-return": ("stdev_return", 0.01),
    "relative-strength-index": ("rsi", 1.0),
}


def test_composer_published_these_values_for_one_day(shared: Path) -> None:
    # Composer's snapshot is adjusted for splits, not for dividends, and holds whole cents; RSI is printed with 4
    # digits. Our closes are rebuilt from adjusted ones, to 1.5e-5 of the price.
    document = json.loads((shared / "golden" / "composer" / "feature_values_2022-10-24.json").read_text("utf-8"))
    day = pd.Timestamp(document["market_day"])
    known = [row for row in document["values"] if row["reproduced_by_split_adjusted_close"]]
    assert len(known) == 33
    for row in known:
        prices = pd.read_parquet(shared / "data" / "eod" / f"{row['ticker']}.parquet")
        splits = column(prices[prices["date"] > day], "splits")
        later = splits[splits > 0.0].prod()
        x = np.round(column(prices[prices["date"] <= day], "close") * later, 2)
        name, factor = COMPOSER[row["feature"]]
        window = 1 if row["feature"] == "daily-return" else row["window_days"]
        found = factor * compute(name, x, {} if window is None else {"window": window})[-1]
        assert found == pytest.approx(row["value"], rel=2e-5), row


def test_composer_sees_the_drawdown_of_twenty_closes(shared: Path) -> None:
    folder = shared / "golden" / "composer"
    held = pd.read_csv(folder / "max_drawdown_2025_allocations.csv", skiprows=[1], encoding="utf-8-sig")
    prices = pd.read_parquet(folder / "max_drawdown_2025_adj_close.parquet").set_index("date")
    fallen = pd.Series(compute("max_drawdown", column(prices, "SPY"), {"window": 20}), index=prices.index)
    calm = fallen.loc[pd.DatetimeIndex(held["Date"])].to_numpy() < 5.0
    assert len(calm) == 250
    np.testing.assert_array_equal(np.where(calm, "100.0%", "-"), held["SPY"])
