"""Sample prices out of two small packages, with no network: five stocks, two stock indices, one volatility index.

Here live the conversion of what the packages hold into our columns and the splits that it takes. The files are read
where the packages lie; neither package is imported, because one of them would load statistics and SciPy with it.

| ticker | package | what it holds |
|---|---|---|
| AAPL FB GOOG IBM MSFT | bokeh_sampledata | as-traded OHLCV and an adjusted close, 2000-03-01 to 2013-03-01 |
| ^GSPC ^IXIC | arch | index points and volume, 1999-01-04 to 2018-12-31 |
| ^VIX | arch | close only, in points, 2014-01-03 to 2019-01-03; days without a value are holidays |
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from ..engine.candles import COLUMNS
from ..errors import DataError
from .report import ImportReport
from .store import SnapshotStore

__all__ = ["import_sample", "load_sample", "split_adjusted"]

SPLITS: Mapping[str, Mapping[str, float]] = {
    "AAPL": {"2000-06-21": 2.0, "2005-02-28": 2.0},
    "MSFT": {"2003-02-18": 2.0},
}
"""Ratio new / old by the first day at the new price; the other stocks had none in these years."""

LARGEST_DIVIDEND = 0.2
"""Fraction of the price; a larger step of adj_close / close would be a split that `SPLITS` does not know."""
DIVIDEND_DIGITS = 4
"""Decimals of a dollar to which dividends are declared."""


def import_sample(store: SnapshotStore | str | os.PathLike[str] | None = None) -> ImportReport:
    """Publish the sample prices.

    Parameters
    ----------
    store : SnapshotStore or path, optional
        Where to publish; `default_store()` when left out.

    Returns
    -------
    ImportReport
    """
    target = store if isinstance(store, SnapshotStore) else SnapshotStore(store)
    bars = load_sample()
    origin = ", ".join(f"{name} {version(name)}" for name in ("bokeh_sampledata", "arch"))
    return target.publish(bars, source=f"sample data of {origin}")


def load_sample() -> dict[str, pd.DataFrame]:
    """Sample prices by ticker, in the columns of `COLUMNS`, adjusted for the splits of their years."""
    stocks = pd.read_csv(_file("bokeh_sampledata", "_data/stocks.csv.gz"), parse_dates=["Date"])
    bars = {
        str(ticker): split_adjusted(str(ticker), _named(held), SPLITS.get(str(ticker), {}))
        for ticker, held in stocks.groupby("Ticker")
    }
    for ticker, name in (("^GSPC", "sp500"), ("^IXIC", "nasdaq")):
        bars[ticker] = _index(_named(_read(name)))
    volatility = _read("vix").dropna(subset=["vix"])
    prices = dict.fromkeys(("open", "high", "low", "close", "adj_close"), volatility["vix"])
    bars["^VIX"] = _index(pd.DataFrame({"date": volatility["Date"], **prices, "volume": 0.0}))
    return bars


def split_adjusted(ticker: str, traded: pd.DataFrame, splits: Mapping[str, float]) -> pd.DataFrame:
    """Turn prices as traded into prices adjusted for splits, and find the dividends.

    A dividend D on its first day without it makes adj_close / close step by 1 + D / close, a split by its ratio.
    The adjusted close is scaled so that it ends at the last close: later dividends and splits are in the source's
    level, and only ratios of it are used.

    Parameters
    ----------
    ticker : str
        For the error.
    traded : DataFrame (bar), USD and shares
        Columns date, open, high, low, close, adj_close, volume; ascending.
    splits : mapping of day to ratio
        New / old shares by the first day at the new price.

    Returns
    -------
    DataFrame (bar)
        The columns of `COLUMNS`.
    """
    bars = traded.sort_values("date").reset_index(drop=True)
    days = bars["date"].to_numpy().astype("datetime64[D]").astype(str)
    booked = np.array([splits.get(day, 0.0) for day in days])
    ratio = np.where(booked > 0, booked, 1.0)
    later = np.append(np.cumprod(ratio[::-1])[::-1][1:], 1.0)
    factor = (bars["adj_close"] / bars["close"]).to_numpy()
    step = np.append(1.0, factor[1:] / factor[:-1]) / ratio
    wrong = (step < 1 - 1e-6) | (step > 1 + LARGEST_DIVIDEND)
    if wrong.any() or np.count_nonzero(booked) != len(splits):
        place = days[wrong][0] if wrong.any() else "a split's day is missing"
        raise DataError(
            f"{ticker}: the sample's adjusted close does not fit its known splits ({place}); install another version"
        )
    for name in ("open", "high", "low", "close"):
        bars[name] = bars[name] / later
    bars["volume"] = bars["volume"] * later
    bars["adj_close"] = bars["adj_close"] / factor[-1]
    bars["dividends"] = np.round(bars["close"].to_numpy() * (step - 1), DIVIDEND_DIGITS) + 0.0
    bars["splits"] = booked
    return bars[list(COLUMNS)]


def _index(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.assign(dividends=0.0, splits=0.0)[list(COLUMNS)].reset_index(drop=True)


def _named(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.rename(columns=lambda name: str(name).lower().replace(" ", "_"))


def _read(name: str) -> pd.DataFrame:
    frame = pd.read_csv(_file("arch", f"data/{name}/{name}.csv.gz"), na_values=["."])
    return frame.assign(Date=pd.to_datetime(frame["Date"], format="%m/%d/%Y"))


def _file(package: str, path: str) -> Path:
    found = find_spec(package)
    places = found.submodule_search_locations if found else None
    file = Path(places[0]) / path if places else None
    if file is None or not file.exists():
        raise DataError(f"sample data needs the package {package}; run: pip install 'sbc-lab[demo]'")
    return file
