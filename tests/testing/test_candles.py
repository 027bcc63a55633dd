"""Laws of synthetic candles: the same seed is the same candles, and their flaws are where they were asked for."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from sbc_lab.engine.panel import load_panel
from sbc_lab.testing import synthetic_candles
from sbc_lab.testing.candles import FIELDS


def present(candles: xr.Dataset, ticker: str) -> list[bool]:
    """Where a ticker has a bar; every field says the same."""
    rows = [candles[field].sel(ticker=ticker).notnull().values.tolist() for field in FIELDS]
    assert all(row == rows[0] for row in rows)
    found: list[bool] = rows[0]
    return found


def test_they_have_the_shape_of_loaded_candles() -> None:
    candles = synthetic_candles(("A", "B"), days=7, seed=3)
    assert list(candles.data_vars) == list(FIELDS)
    assert all(candles[field].dims == ("ticker", "date") for field in FIELDS)
    assert candles["ticker"].values.tolist() == ["A", "B"]
    assert candles["date"].dtype == "datetime64[ns]"
    assert candles.sizes["date"] == 7
    assert candles.attrs == {"adjusted": True, "snapshot": "synthetic-3"}
    assert load_panel(candles).close.shape == (2, 7)


def test_dates_are_weekdays_from_the_start_on() -> None:
    dates = synthetic_candles(("A",), days=6, start="2024-01-04")["date"].values.astype("datetime64[D]")
    weekdays = ["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09", "2024-01-10", "2024-01-11"]
    assert dates.astype(str).tolist() == weekdays
    from_a_sunday = synthetic_candles(("A",), days=2, start="2024-01-07")["date"].values.astype("datetime64[D]")
    assert from_a_sunday.astype(str).tolist() == ["2024-01-08", "2024-01-09"]


def test_the_same_seed_is_the_same_candles_and_another_seed_is_not() -> None:
    first, second, other = (synthetic_candles(days=30, seed=seed) for seed in (4, 4, 5))
    assert first.identical(second)
    assert not first.equals(other)
    assert (first["date"] == other["date"]).all()


def test_prices_are_positive_and_lie_between_their_low_and_high() -> None:
    candles = synthetic_candles(days=300, seed=6)
    assert (candles["low"] > 0).all()
    for field in ("open", "close"):
        assert (candles["low"] <= candles[field]).all()
        assert (candles[field] <= candles["high"]).all()
    assert (candles["adj_close"] == candles["close"]).all()
    assert (candles["volume"] == candles["volume"].round()).all()
    assert (candles["volume"] >= 0).all()


def test_without_flaws_every_bar_is_there() -> None:
    candles = synthetic_candles(days=50)
    assert all(all(present(candles, ticker)) for ticker in candles["ticker"].values.tolist())


def test_flaws_are_where_they_were_asked_for_and_nowhere_else() -> None:
    candles = synthetic_candles(
        ("A", "B", "C"), days=6, listed={"A": 2}, delisted={"A": 5, "B": 4}, holes={"B": [1, 2]}
    )
    assert present(candles, "A") == [False, False, True, True, True, False]
    assert present(candles, "B") == [True, False, False, True, False, False]
    assert present(candles, "C") == [True] * 6


def test_flaws_change_nothing_else() -> None:
    whole = synthetic_candles(("A", "B"), days=20, seed=7)
    flawed = synthetic_candles(("A", "B"), days=20, seed=7, listed={"A": 3}, holes={"B": [5]})
    for field in FIELDS:
        there = flawed[field].notnull().values
        np.testing.assert_array_equal(flawed[field].values[there], whole[field].values[there])


def test_a_flat_stretch_does_not_move_and_ends_before_its_end() -> None:
    close = synthetic_candles(("A", "B"), days=20, seed=8, flat={"A": (5, 9)})["close"]
    moves = np.diff(close.sel(ticker="A").values)
    assert np.flatnonzero(moves == 0.0).tolist() == [4, 5, 6, 7]
    assert (np.diff(close.sel(ticker="B").values) != 0.0).all()


@pytest.mark.parametrize("tickers", [["A"], ("A", "B", "C")])
def test_any_tickers_will_do(tickers: list[str]) -> None:
    assert synthetic_candles(tickers, days=3)["ticker"].values.tolist() == list(tickers)
