"""Every way to trade, for tests over random settings: candles with flaws, rules, executions, models of cost, cash.

Lives here: what several files of tests draw from. Does not live here: random trees, which ship with the package.
"""

from __future__ import annotations

import numpy as np
import xarray as xr
from hypothesis import strategies as st

from sbc_lab.engine.costs import Bps, PerShare, RegulatoryFees, Slippage
from sbc_lab.engine.strategy import Rebalance, threshold
from sbc_lab.testing import synthetic_candles

TICKERS = ("SPY", "TLT", "GLD", "BIL")

CLEAN = synthetic_candles(TICKERS, days=260, seed=1)
FLAWED = synthetic_candles(
    TICKERS,
    days=260,
    seed=2,
    listed={"TLT": 25, "GLD": 60},
    delisted={"SPY": 240},
    holes={"SPY": (80, 81), "TLT": tuple(range(120, 132)), "BIL": (100,)},
    flat={"BIL": (130, 190)},
)
FLAWED["open"].values[:, 70:78:3] = np.nan
RAW = FLAWED.assign(raw_close=FLAWED["close"] * np.where(np.arange(260) < 150, 4.0, 1.0))
PANELS = {"clean": CLEAN, "flawed": FLAWED, "with raw closes": RAW}

REBALANCES = (
    *(Rebalance(rule) for rule in ("daily", "weekly", "monthly", "quarterly", "yearly", "none")),
    threshold(0.05),
)

YIELDS = xr.DataArray(
    [0.05, np.nan, -0.5, 0.9],
    dims="date",
    coords={"date": np.array(["2015-02-01", "2015-03-02", "2015-06-06", "2015-09-01"], dtype="datetime64[ns]")},
)
MODELS = (
    PerShare(),
    PerShare(rate=0.01, minimum=0.0, maximum=0.001, capital=5_000) + Bps(1),
    RegulatoryFees(),
    Slippage({"SPY": 3.0}, others=8.0) + RegulatoryFees(capital=2e9) + PerShare(capital=2e9),
)
money = st.fixed_dictionaries(
    {
        "execution": st.sampled_from(("close", "next_open", "open_to_close", "close_to_open")),
        "delay": st.sampled_from((0, 0, 1, 3)),
        "costs": st.sampled_from((None, *MODELS)),
        "cash": st.sampled_from((None, "BIL", 0.04, -0.3, YIELDS)),
    }
)
missing = st.sampled_from(("otherwise", "hold", "cash"))
policies = st.sampled_from(("conditions", "all_assets"))
profiles = st.sampled_from((None, "composer", "quantmage"))
rebalances = st.sampled_from(REBALANCES)
