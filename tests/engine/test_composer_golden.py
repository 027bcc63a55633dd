"""A published allocation, day by day: what another platform held in 2025 is what this engine holds.

The source exported the allocation of every session of 2025 for one strategy; where it and its prices come from is
written beside them.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sbc_lab import Strategy, backtest, max_drawdown, options, when
from sbc_lab.engine._rows import RSI_DECIMALS
from sbc_lab.engine.settings import Profile
from sbc_lab.options import Engine

STRATEGY = Strategy("Calm", when(max_drawdown("SPY", 20) < 5).then("SPY").otherwise("TSLA"))


@pytest.fixture
def candles(shared: Path) -> xr.Dataset:
    """The adjusted closes that belong to the export, as candles."""
    table = pd.read_parquet(shared / "golden" / "composer" / "max_drawdown_2025_adj_close.parquet")
    prices = table.set_index("date")[["SPY", "TSLA"]]
    return xr.Dataset(
        {"close": (("ticker", "date"), prices.to_numpy(dtype=np.float64).T)},
        coords={"ticker": list(prices.columns), "date": prices.index.to_numpy()},
        attrs={"adjusted": True},
    )


@pytest.fixture
def published(shared: Path) -> pd.DataFrame:
    """Shares by date, oldest first, as fractions."""
    path = shared / "golden" / "composer" / "max_drawdown_2025_allocations.csv"
    table = pd.read_csv(path, skiprows=[1], encoding="utf-8-sig", index_col="Date").sort_index()
    shares: pd.DataFrame = (
        table[["SPY", "TSLA"]].replace("-", "0%").apply(lambda column: column.str.rstrip("%").astype(float) / 100)
    )
    assert (shares.sum(axis=1) == 1.0).all()
    return shares


@pytest.mark.parametrize("profile", [None, "composer"])
@pytest.mark.parametrize("engine", ["numba", "numpy"])
def test_every_day_of_2025_is_allocated_as_published(
    engine: Engine, profile: Profile | None, candles: xr.Dataset, published: pd.DataFrame
) -> None:
    with options(engine=engine):
        run = backtest(STRATEGY, candles, profile=profile)
    assert run.engine == engine
    dates = pd.DatetimeIndex(published.index)
    assert (len(dates), dates[0], dates[-1]) == (250, pd.Timestamp("2025-01-02"), pd.Timestamp("2025-12-31"))
    assert {0.0, 1.0} == set(published["SPY"])  # both branches were taken
    held = run.allocation.sel(date=dates.to_numpy()).transpose("date", "ticker").sel(ticker=["SPY", "TSLA"])
    np.testing.assert_array_equal(held.values, published.to_numpy())


@pytest.mark.parametrize("window", [19, 21])
def test_another_window_would_have_held_something_else(
    window: int, candles: xr.Dataset, published: pd.DataFrame
) -> None:
    other = Strategy("Other", when(max_drawdown("SPY", window) < 5).then("SPY").otherwise("TSLA"))
    held = backtest(other, candles).allocation.sel(date=pd.DatetimeIndex(published.index).to_numpy(), ticker="SPY")
    assert (held.values != published["SPY"].to_numpy()).any()


def test_the_branch_of_a_day_is_explained_with_the_published_rule(candles: xr.Dataset, published: pd.DataFrame) -> None:
    run = backtest(STRATEGY, candles)
    for date, share in published["SPY"].iloc[::25].items():
        lines = run.explain(str(date)[:10]).lines
        assert f"max_drawdown('SPY', 20) < 5: {'true' if share else 'false'} (" in lines[1]
        assert lines[-1] == f"target: 100% {'SPY' if share else 'TSLA'}"


def test_a_published_rsi_has_the_decimals_of_the_profile(shared: Path) -> None:
    document = json.loads((shared / "golden" / "composer" / "feature_values_2022-10-24.json").read_text("utf-8"))
    published = [row["value"] for row in document["values"] if "relative-strength" in row["feature"]]
    assert len(published) > 3
    assert all(round(value, RSI_DECIMALS) == value for value in published)
    assert any(round(value, RSI_DECIMALS - 1) != value for value in published)
