"""Where a return came from: gains of drifting holdings belong to the target that they were last brought to."""

from __future__ import annotations

import numpy as np
import xarray as xr

from sbc_lab.engine._earned import decided, earned
from sbc_lab.engine.backtest import backtest
from sbc_lab.engine.strategy import Strategy, equal


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
    np.testing.assert_allclose(found.unassigned, 0.0, atol=1e-15)


def test_what_was_held_before_any_target_was_reached_is_unassigned() -> None:
    dates = np.array(["2024-01-01", "2024-01-02", "2024-01-03"], dtype="datetime64[ns]")
    close = np.array([[10.0, 20.0, 40.0]])
    candles = xr.Dataset({"close": (("ticker", "date"), close)}, coords={"ticker": ["A"], "date": dates})
    run = backtest(Strategy("Try", "A"), candles, cost_bps=0)
    evaluation, portfolio = run._evaluation(), run._portfolio
    evaluation.target[:2] = 0.5
    found = earned(evaluation, portfolio)
    np.testing.assert_allclose(found.unassigned, found.total, rtol=1e-14)
    assert not found.per_unit.any()
