"""Two independent programs hold what this engine holds, and are worth as much, on every day of seven real years.

Prices are real and dividends are reinvested. The conventions that had to be brought together are in README.md.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from sbc_lab.engine.backtest import Backtest, backtest
from tests.engine.parity import in_bt, in_pandas
from tests.engine.parity.ours import STRATEGIES

RATE_BPS = 5.0
RATE = RATE_BPS * 1e-4
CLOSE_ENOUGH = 1e-9
NAMES = tuple(STRATEGIES)
PAGE = Path(__file__).with_name("README.md")

# bt 1.4 sorts in place, which pandas 3.1 no longer likes; the warning stands on the line of the library
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword:DeprecationWarning")


@pytest.fixture(scope="session")
def close(shared: Path) -> pd.DataFrame:
    """Adjusted closes from 2012 to 2018 of every ticker of the five, (date, ticker), USD."""
    tickers = sorted({ticker for strategy in STRATEGIES.values() for ticker in strategy.tickers})
    read = {t: pd.read_parquet(shared / f"data/eod/{t}.parquet", columns=["date", "adj_close"]) for t in tickers}
    table = pd.concat({t: frame.set_index("date")["adj_close"] for t, frame in read.items()}, axis=1, sort=True)
    table = table.loc["2012":"2018"]
    assert len(table) == 1760
    assert table.notna().all(axis=None)
    return table


def ours(name: str, close: pd.DataFrame, cost_bps: float = RATE_BPS) -> Backtest:
    candles = xr.Dataset(
        {"close": (("ticker", "date"), np.ascontiguousarray(close.to_numpy().T))},
        coords={"ticker": list(close.columns), "date": close.index.to_numpy()},
        attrs={"adjusted": True},
    )
    return backtest(STRATEGIES[name], candles, cost_bps=cost_bps)


def assert_same_every_day(run: Backtest, weights: pd.DataFrame, equity: pd.Series[float]) -> None:
    """Same dates, weights to 1e-9 of the portfolio, equity to 1e-9 of itself."""
    dates = weights.index
    first = int(weights.any(axis=1).to_numpy().argmax())
    assert (run.equity["date"].to_index() == dates[first:]).all()
    held = run.allocation.reindex(ticker=weights.columns.to_numpy(), fill_value=0.0).transpose("date", "ticker")
    np.testing.assert_allclose(held.values, weights.to_numpy()[first:], rtol=0, atol=CLOSE_ENOUGH)
    np.testing.assert_allclose(run.equity.values, equity.to_numpy()[first:], rtol=CLOSE_ENOUGH, atol=0)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_bt_holds_the_same_and_is_worth_the_same_every_day(name: str, close: pd.DataFrame) -> None:
    assert_same_every_day(ours(name, close), *in_bt.run(name, close, rate=RATE))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_without_costs_bt_needs_nothing_added_to_agree_on_the_money(name: str, close: pd.DataFrame) -> None:
    assert_same_every_day(ours(name, close, 0.0), *in_bt.run(name, close, rate=0.0, own_commission=True))


@pytest.mark.parametrize("name", NAMES)
def test_plain_pandas_holds_the_same_and_is_worth_the_same_every_day(name: str, close: pd.DataFrame) -> None:
    assert_same_every_day(ours(name, close), *in_pandas.run(name, close, rate=RATE))


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_the_commission_of_bt_costs_the_same_to_a_thousandth_in_seven_years(name: str, close: pd.DataFrame) -> None:
    run = ours(name, close)
    _, equity = in_bt.run(name, close, rate=RATE, own_commission=True)
    apart = np.abs(equity.to_numpy()[-len(run.equity) :] / run.equity.values - 1.0)
    assert CLOSE_ENOUGH < apart.max() < 1e-3


def test_every_strategy_decides_differently_over_the_years(close: pd.DataFrame) -> None:
    """Parity of constants would prove nothing: all branches are taken, ranks change, and shares drift."""
    held = {name: ours(name, close).allocation.values for name in NAMES}
    for name in ("condition", "nested conditions", "best two"):
        assert (held[name].max(axis=1) > 0.0).all(), name
    for name in ("inverse volatility", "monthly"):
        assert (np.ptp(held[name], axis=1) > 0.02).all(), name


def test_the_page_names_the_strategies_that_are_compared() -> None:
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert tuple(row.split("`")[1] for row in rows) == NAMES
