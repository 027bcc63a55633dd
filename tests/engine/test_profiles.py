"""What a profile changes, in both engines, and that it changes nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import sbc_lab as lab
from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.cube import cube
from sbc_lab.engine.strategy import Node, Strategy, blend, cash, each, equal, price, rsi, top, when
from sbc_lab.options import Engine
from sbc_lab.testing import assert_same, synthetic_candles

CANDLES = synthetic_candles(("A", "B"), days=120, listed={"B": 30})


@pytest.fixture(params=["numba", "numpy"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return "numba" if request.param == "numba" else "numpy"


def run_of(tree: Node | str, engine: Engine, candles: xr.Dataset = CANDLES, **how: object) -> Backtest:
    with lab.options(engine=engine):
        return backtest(Strategy("Try", tree), candles, **how)  # type: ignore[arg-type]  # settings by name


def near(bar: int, side: float) -> float:
    """A level less than half of the fourth decimal beside the RSI of one bar, or beyond it."""
    return float(cube("rsi", CANDLES.sel(ticker=["A"]), window=5).values.reshape(-1)[bar]) + side


def test_composer_starts_when_every_ticker_trades(engine: Engine) -> None:
    tree = when(rsi("A", 5) > 50).then("A").otherwise("B")
    assert run_of(tree, engine).dates[0] == CANDLES["date"].values[5]
    assert run_of(tree, engine, profile="composer").dates[0] == CANDLES["date"].values[30]
    assert run_of(tree, engine, profile="composer", start="conditions").dates[0] == CANDLES["date"].values[5]
    assert run_of(tree, engine, profile="quantmage").dates[0] == CANDLES["date"].values[5]


def test_composer_compares_an_rsi_of_four_decimals(engine: Engine) -> None:
    level = round(near(60, 0.0), 4)  # equal after rounding, and only then
    assert level != near(60, 0.0)
    for condition, holds in (
        (rsi("A", 5) >= level, True),
        (rsi("A", 5) <= level, True),
        (rsi("A", 5) > level, False),
        (rsi("A", 5) < level, False),
    ):
        run = run_of(when(condition).then("A").otherwise(cash()), engine, profile="composer")
        assert bool(run.target.sel(ticker="A", date=CANDLES["date"].values[60]) == 1.0) is holds
    exact = near(60, 0.0)
    ours = [
        run_of(when(rsi("A", 5) >= level).then("A").otherwise("B"), engine, start=CANDLES["date"].values[60]),
        run_of(when(rsi("A", 5) <= level).then("A").otherwise("B"), engine, start=CANDLES["date"].values[60]),
    ]
    assert [bool(run.target.sel(ticker="A").values[0]) for run in ours] == [exact >= level, exact <= level]


def test_composer_ranks_by_the_rounded_rsi_and_ties_go_by_the_tree(engine: Engine) -> None:
    close = CANDLES["close"].values[0]
    # B is A but for a breath on one bar: their RSI differ after the fourth decimal
    other = close * np.where(np.arange(len(close)) == 60, 1 + 1e-9, 1.0)
    twins = xr.Dataset(
        {"close": (("ticker", "date"), [close, other])},
        coords={"ticker": ["A", "B"], "date": CANDLES["date"].values},
    )
    for side in (("A", "B"), ("B", "A")):
        run = run_of(top(*side, n=1, by=rsi(each, 5)), engine, twins, profile="composer")
        assert (run.target.sel(ticker=side[0]).values == 1.0).all()


def test_other_indicators_keep_their_digits(engine: Engine) -> None:
    tree = when(price("A") > lab.sma("A", 7)).then("A").otherwise("B")
    ours = run_of(tree, engine, start="all_assets")
    assert_same(ours, run_of(tree, engine, profile="composer"), tolerance=0.0)


def test_quantmage_gives_a_blend_to_the_side_that_holds_something(engine: Engine) -> None:
    tree = blend(price("A"), "A", cash(), begin=0, end=1e6)
    assert (run_of(tree, engine).target.values < 1.0).all()
    assert (run_of(tree, engine, profile="quantmage").target.values == 1.0).all()
    full = blend(price("A"), "A", equal("A", "B"), begin=0, end=1e6)
    assert_same(run_of(full, engine), run_of(full, engine, profile="quantmage"), tolerance=0.0)


def test_a_profile_is_part_of_the_identity_and_not_of_the_tree() -> None:
    runs = [run_of("A", "numba", profile=profile) for profile in (None, "composer", "quantmage")]
    assert len({run.identity for run in runs}) == 3
    assert len({run.strategy.fingerprint for run in runs}) == 1


def test_a_benchmark_follows_the_same_profile() -> None:
    run = run_of("A", "numba", profile="composer", benchmark="B", start=CANDLES["date"].values[40])
    assert run.benchmark is not None
    assert run.benchmark.settings.profile == "composer"
