"""Where a return came from: gains of drifting holdings belong to the target that they were last brought to."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sbc_lab.engine._earned import decided, earned
from sbc_lab.engine.backtest import backtest
from sbc_lab.engine.strategy import Strategy, equal, price, when


def test_a_date_belongs_to_the_last_one_that_held_the_target() -> None:
    target = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0], [0.4, 0.6]])
    held = np.array([[0.9, 0.1], [0.5, 0.5], [0.6, 0.4], [0.4, 0.6]])
    assert decided(target, held).tolist() == [-1, 1, 1, 3]


def test_gains_of_three_days_by_hand() -> None:
    """Half A, half B, bought once at 1 %: A doubles, then B halves."""
    close = np.array([[10.0, 20.0, 20.0], [4.0, 4.0, 2.0]])
    dates = np.array(["2024-01-01", "2024-01-02", "2024-01-03"], dtype="datetime64[ns]")
    candles = xr.Dataset({"close": (("ticker", "date"), close)}, coords={"ticker": ["A", "B"], "date": dates})
    run = backtest(Strategy("Try", equal("A", "B")), candles, cost_bps=100, rebalance="none")
    found = earned(run._evaluation(), run._portfolio)
    # Per unit of the target of the first day; nothing was decided later.
    np.testing.assert_allclose(found.per_unit, [[0.99, -0.495], [0.0, 0.0], [0.0, 0.0]], rtol=1e-14)
    np.testing.assert_allclose([found.cost, found.total], [-0.01, 0.99 * 1.25 - 1], rtol=1e-14)
    assert found.cash == 0.0


def test_what_was_never_ordered_has_another_owner() -> None:
    order, held = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[1.0, 0.0], [1.0, 1e-15]])
    assert decided(order, held).tolist() == [0, 0]


def candles_of(*closes: list[float], opens: list[list[float]] | None = None) -> xr.Dataset:
    dates = np.datetime64("2024-01-01", "ns") + np.arange(len(closes[0])) * np.timedelta64(1, "D")
    fields = {"close": (("ticker", "date"), list(closes))}
    if opens is not None:
        fields["open"] = (("ticker", "date"), opens)
    return xr.Dataset(fields, coords={"ticker": ["A", "B"][: len(closes)], "date": dates})


def test_a_delayed_fill_belongs_to_the_date_that_decided_it() -> None:
    tree = when(price("A") > 15).then("B").otherwise("A")
    run = backtest(
        Strategy("Try", tree), candles_of([10.0, 20.0, 40.0, 80.0], [1.0, 1.0, 1.0, 3.0]), cost_bps=0, delay=1
    )
    found = earned(run._evaluation(), run._portfolio)
    # B, A. The first date asks for A, bought on the second and doubled; the second for B, which trebles on the last.
    np.testing.assert_allclose(found.per_unit, [[0.0, 1.0], [4.0, 0.0], [0.0, 0.0], [0.0, 0.0]], rtol=1e-14)


def test_a_trip_within_the_day_belongs_to_the_date_before() -> None:
    candles = candles_of([10.0, 20.0, 40.0], opens=[[10.0, 10.0, 20.0]])
    run = backtest(Strategy("Try", "A"), candles, cost_bps=0, execution="open_to_close")
    found = earned(run._evaluation(), run._portfolio)
    np.testing.assert_allclose(found.per_unit, [[1.0], [2.0], [0.0]], rtol=1e-14)


def test_a_trip_over_the_night_belongs_to_the_evening_it_was_bought_on() -> None:
    candles = candles_of([10.0, 20.0, 40.0], opens=[[10.0, 15.0, 40.0]])
    run = backtest(Strategy("Try", "A"), candles, cost_bps=0, execution="close_to_open")
    found = earned(run._evaluation(), run._portfolio)
    np.testing.assert_allclose(found.per_unit, [[0.5], [1.5], [0.0]], rtol=1e-14)
