"""The sample prices: converted to our columns, and true to what is known of these stocks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sbc_lab.data import sample
from sbc_lab.data.sample import import_sample, load_sample, split_adjusted
from sbc_lab.data.store import SnapshotStore
from sbc_lab.engine.candles import COLUMNS
from sbc_lab.errors import DataError


@pytest.fixture(scope="module")
def bars() -> dict[str, pd.DataFrame]:
    return load_sample()


def traded(closes: list[float], adjusted: list[float]) -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=len(closes))
    prices = dict.fromkeys(("open", "high", "low", "close"), closes)
    return pd.DataFrame({"date": days, **prices, "adj_close": adjusted, "volume": 100})


def test_prices_before_a_split_are_divided_and_volume_is_multiplied() -> None:
    found = split_adjusted("X", traded([40.0, 20.0, 20.0], [10.0, 10.0, 10.0]), {"2024-01-02": 2.0})
    assert found["close"].tolist() == [20.0, 20.0, 20.0]
    assert found["volume"].tolist() == [200, 100, 100]
    assert found["adj_close"].tolist() == [20.0, 20.0, 20.0]
    assert found["splits"].tolist() == [0.0, 2.0, 0.0]
    assert found["dividends"].tolist() == [0.0, 0.0, 0.0]
    assert tuple(found.columns) == COLUMNS


def test_a_step_of_the_adjusted_close_is_a_dividend() -> None:
    factors = [1 / 1.05, 1.0]
    found = split_adjusted("X", traded([21.0, 20.0], [21.0 * factors[0], 20.0]), {})
    assert found["dividends"].tolist() == [0.0, 1.0]


@pytest.mark.parametrize(
    ("adjusted", "splits"),
    [([10.0, 20.0], {}), ([20.0, 10.0], {}), ([20.0, 20.0], {"2024-01-09": 2.0}), ([20.0, 20.0], {"2024-01-02": 2.0})],
)
def test_steps_that_no_known_split_explains_are_an_error(adjusted: list[float], splits: dict[str, float]) -> None:
    with pytest.raises(DataError, match="X: the sample's adjusted close does not fit its known splits"):
        split_adjusted("X", traded([20.0, 20.0], adjusted), splits)


def test_every_ticker_passes_the_checks_and_can_be_verified(tmp_path: Path) -> None:
    store = SnapshotStore(tmp_path / "candles")
    report = import_sample(store)
    assert report.snapshot.tickers == ("AAPL", "FB", "GOOG", "IBM", "MSFT", "^GSPC", "^IXIC", "^VIX")
    assert report.refused == ()
    assert {finding.check for finding in report.findings} == {"jump"}
    assert store.verify().ok
    assert "bokeh_sampledata" in report.snapshot.source
    assert import_sample(store.path).snapshot == report.snapshot
    assert len(store.snapshots()) == 1


def test_dividends_are_the_declared_ones(bars: dict[str, pd.DataFrame]) -> None:
    paid = bars["MSFT"].set_index("date")["dividends"]
    assert paid[pd.Timestamp("2004-11-15")] == 3.08
    assert paid[pd.Timestamp("2003-02-19")] == 0.08
    assert paid[paid > 0].index[0] == pd.Timestamp("2003-02-19")
    assert bars["IBM"].loc[lambda held: held["dividends"] > 0, "dividends"].tolist()[:2] == [0.13, 0.13]


def test_close_dividend_and_adjusted_close_agree_every_day(bars: dict[str, pd.DataFrame]) -> None:
    for held in bars.values():
        close, adjusted = held["close"].to_numpy(), held["adj_close"].to_numpy()
        total = (close[1:] + held["dividends"].to_numpy()[1:]) / close[:-1]
        assert np.allclose(adjusted[1:] / adjusted[:-1], total, rtol=1e-12)
        assert adjusted[-1] == pytest.approx(close[-1], rel=1e-15)


def test_no_day_falls_by_a_split(bars: dict[str, pd.DataFrame]) -> None:
    apple = bars["AAPL"].set_index("date")["close"]
    assert apple[pd.Timestamp("2005-02-25")] == 44.495
    assert apple[pd.Timestamp("2005-02-28")] == 44.86
    assert apple[pd.Timestamp("2000-06-20")] == pytest.approx(101.25 / 4)


def test_the_volatility_index_has_closes_only_and_no_holes(bars: dict[str, pd.DataFrame]) -> None:
    index = bars["^VIX"]
    assert not index.isna().any().any()
    assert all((index[name] == index["close"]).all() for name in ("open", "high", "low", "adj_close"))
    assert index["close"].between(9, 41).all()
    assert (index["volume"] == 0).all()


def test_a_missing_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "find_spec", lambda _: None)
    with pytest.raises(
        DataError, match=r"sample data needs the package bokeh_sampledata; run: pip install 'sbc-lab\[demo\]'"
    ):
        load_sample()


def test_five_stocks_are_the_traded_prices_of_another_copy(shared: Path, bars: dict[str, pd.DataFrame]) -> None:
    for ticker in ("FB", "GOOG", "IBM"):
        other = pd.read_parquet(shared / "data" / "eod_raw" / "wiki" / f"{ticker}.parquet")
        assert np.array_equal(bars[ticker]["close"].to_numpy(), other["close"].to_numpy())
        assert np.array_equal(bars[ticker]["volume"].to_numpy(), other["volume"].to_numpy())
