"""Indicators of highs, lows and volume against values that others published; as `test_golden` for those of closes.

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

Series = npt.NDArray[np.float64]
Lines = dict[str, Series]
FIELDS = ("high", "low", "close", "volume")


def lines_of(table: pd.DataFrame) -> Lines:
    named = {str(name).strip().lower(): name for name in table.columns}
    return {field: table[named[field]].to_numpy(dtype=np.float64) for field in FIELDS if field in named}


def assert_near(found: Series, wanted: Series, *, relative: float = 0.0, absolute: float = 0.0) -> None:
    given = np.isfinite(wanted)
    assert given.sum() > 200
    np.testing.assert_allclose(found[given], wanted[given], rtol=relative, atol=absolute)


SKENDER: list[tuple[str, str, str, dict[str, ParameterValue]]] = [
    ("atr", "atr", "atr", {"window": 14}),
    ("atr", "atrp", "atr_percent", {"window": 14}),
    # Their oscillator is the slow %K: a mean of 3 values of ours.
    ("stoch", "oscillator", "stochastic_d", {"window": 14, "smooth": 3}),
]


@pytest.mark.parametrize(("file", "field", "name", "given"), SKENDER)
def test_stock_indicators_agree_to_eleven_digits_and_begin_on_the_same_bar(
    file: str, field: str, name: str, given: dict[str, ParameterValue], shared: Path
) -> None:
    folder = shared / "golden" / "stock-indicators"
    lines = lines_of(pd.read_csv(folder / "quotes" / "default.csv"))
    rows = json.loads((folder / "results" / f"{file}.standard.json").read_text(encoding="utf-8"))
    wanted = np.array([math.nan if row[field] is None else row[field] for row in rows])
    for engine in ("numba", "numpy"):
        found = compute(name, lines, given, engine=engine)
        np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
        assert_near(found, wanted, relative=1e-11)


@pytest.mark.parametrize("ticker", ["SPY", "TLT", "TQQQ", "UVXY"])
def test_talib_agrees_on_every_bar(ticker: str, shared: Path) -> None:
    wanted = pd.read_parquet(shared / "golden" / "talib" / f"{ticker}.parquet")
    prices = pd.read_parquet(shared / "data" / "eod" / f"{ticker}.parquet")
    prices = prices[prices["date"].between("2015-01-02", "2025-12-24")]
    lines = lines_of(prices)
    assert_near(compute("atr", lines, {"window": 14}), wanted["ATR_14"].to_numpy(), relative=1e-12)
    # A true range is its own average over one bar.
    assert_near(compute("atr", lines, {"window": 1}), wanted["TRANGE"].to_numpy(), relative=1e-12)
    # The place in the range of 20 adjusted closes, from the two ends that are published.
    x = prices["adj_close"].to_numpy(dtype=np.float64)
    lowest, highest = wanted["MIN_20"].to_numpy(), wanted["MAX_20"].to_numpy()
    closes = {"high": x, "low": x, "close": x}
    assert_near(
        compute("stochastic_k", closes, {"window": 20}), 100.0 * (x - lowest) / (highest - lowest), absolute=1e-11
    )
    assert_near(
        compute("williams_r", closes, {"window": 20}), -100.0 * (highest - x) / (highest - lowest), absolute=1e-11
    )


def lean(shared: Path, file: str) -> tuple[Lines, Series]:
    table = pd.read_csv(shared / "golden" / "lean" / file, encoding="utf-8-sig")
    return lines_of(table), table.iloc[:, -1].to_numpy(dtype=np.float64)


@pytest.mark.parametrize(
    ("file", "name", "given", "absolute"),
    [
        ("spy_with_williamsR14.txt", "williams_r", {"window": 14}, 4e-4),
        ("spy_with_cci.txt", "cci", {"window": 14}, 2.3e-3),
    ],
)
def test_lean_agrees_to_the_digits_it_prints(
    file: str, name: str, given: dict[str, ParameterValue], absolute: float, shared: Path
) -> None:
    lines, wanted = lean(shared, file)
    assert_near(compute(name, lines, given), wanted, absolute=absolute)


def test_lean_slow_stochastics_are_means_of_ours(shared: Path) -> None:
    file = shared / "golden" / "lean" / "spy_with_stoch12k3.txt"
    lines, slow = lean(shared, file.name)
    fast = compute("stochastic_d", lines, {"window": 12, "smooth": 3})
    assert_near(fast, pd.read_csv(file, encoding="utf-8-sig").iloc[:, -2].to_numpy(dtype=np.float64), absolute=4e-4)
    assert_near(compute("sma", fast, {"window": 5}), slow, absolute=4e-4)


def test_lean_true_range_agrees_in_both_averages(shared: Path) -> None:
    lines, wanted = lean(shared, "spy_atr.txt")
    assert_near(compute("sma", compute("atr", lines, {"window": 1}), {"window": 14}), wanted, absolute=6e-6)
    # Its Wilder average is seeded one bar earlier, with the range of a first bar that has no close before it.
    lines, wanted = lean(shared, "spy_atr_wilder.txt")
    assert_near(compute("atr", lines, {"window": 14})[250:], wanted[250:], absolute=6e-6)


def test_lean_on_balance_volume_changes_as_ours(shared: Path) -> None:
    # Ours is the change over the window in percent of its volume, so what was traded undoes the division.
    lines, balance = lean(shared, "spy_with_obv.txt")
    window = 10
    traded = window * compute("sma", lines["volume"], {"window": window})
    found = compute("obv_rate_of_change", lines, {"window": window}) * traded / 100.0
    wanted = np.full(balance.size, np.nan)
    wanted[window:] = balance[window:] - balance[:-window]
    assert_near(found, wanted, absolute=2e3)  # seven digits of 1e9 shares
