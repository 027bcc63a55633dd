"""Laws of what idle money earns: by ticker, by yield, by dated yields; in the portfolio and in the NAV of a node."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

import sbc_lab as lab
from sbc_lab.engine.idle_money import settle_cash
from sbc_lab.errors import BacktestError
from sbc_lab.options import Engine

IDLE = lab.Strategy("Idle", lab.when(lab.price("A") > 100).then("A").otherwise(lab.cash()))
DAYS = np.array(["2024-01-04", "2024-01-05", "2024-01-08", "2024-01-09"], dtype="datetime64[D]")


@pytest.fixture(params=["numba", "numpy"], autouse=True)
def engine(request: pytest.FixtureRequest) -> Any:
    name: Engine = "numba" if request.param == "numba" else "numpy"
    with lab.options(engine=name):
        yield name


def candles() -> xr.Dataset:
    close, opens = [[1.0, 2.0, 1.0, 2.0], [10.0, 11.0, 11.0, 22.0]], [[1.0] * 4, [10.0, 10.5, 11.0, 20.0]]
    return xr.Dataset(
        {"close": (("ticker", "date"), close), "open": (("ticker", "date"), opens)},
        coords={"ticker": ["A", "B"], "date": DAYS.astype("datetime64[ns]")},
    )


def yields(*pairs: tuple[str, float]) -> xr.DataArray:
    dates = np.array([day for day, _ in pairs], dtype="datetime64[ns]")
    return xr.DataArray([rate for _, rate in pairs], dims="date", coords={"date": dates})


def equity(cash: Any, **how: Any) -> list[float]:
    found: list[float] = lab.backtest(IDLE, candles(), cash=cash, cost_bps=0, **how).equity.values.tolist()
    return found


def test_nothing_is_earned_unless_it_is_said() -> None:
    assert equity(None) == [1.0] * 4


def test_a_yield_is_earned_by_calendar_days() -> None:
    assert equity(0.05) == pytest.approx([1.05 ** (days / 365) for days in (0, 1, 4, 5)])
    assert equity(-0.5)[3] == pytest.approx(0.5 ** (5 / 365))


def test_a_yield_is_earned_from_the_date_it_is_known_on() -> None:
    found = equity(yields(("2024-01-05", 0.05), ("2024-01-06", np.nan), ("2024-01-09", 9.0)))
    assert found == pytest.approx([1.0, 1.0, 1.05 ** (3 / 365), 1.05 ** (4 / 365)])


def test_a_ticker_lends_its_returns() -> None:
    assert equity("B") == pytest.approx([1.0, 1.1, 1.1, 2.2])
    assert equity("B", execution="next_open") == pytest.approx([1.0, 1.05, 1.1, 2.0])
    for execution in ("open_to_close", "close_to_open"):
        assert equity("B", execution=execution) == pytest.approx([1.0, 1.1, 1.1, 2.2])


def test_the_ticker_of_cash_does_not_move_the_axis_of_the_tree() -> None:
    more = xr.concat(
        [candles(), candles().isel(date=[3]).assign_coords(date=[np.datetime64("2024-01-10", "ns")])], "date"
    )
    more["close"].values[0, 4] = np.nan
    more["open"].values[0, 4] = np.nan
    assert len(lab.backtest(IDLE, more, cash="B").dates) == 4


def test_a_node_earns_it_in_its_own_nav() -> None:
    empty = lab.when(lab.price("A") > 100).then("A").otherwise(lab.cash())
    tree = lab.top(
        lab.group("idle", empty), lab.group("held", lab.equal("A", "B")), n=1, by=lab.cumulative_return(lab.each, 1)
    )
    poor = lab.backtest(lab.Strategy("x", tree), candles(), cost_bps=0)
    rich = lab.backtest(lab.Strategy("x", tree), candles(), cost_bps=0, cash=1e200)
    assert (poor.target.sum("ticker") > 0).any()
    assert (rich.target.values == 0.0).all()


def test_a_date_without_a_yield_is_a_warning() -> None:
    run = lab.backtest(IDLE, candles(), cash=yields(("2024-01-08", 0.05)))
    assert [warning.last for warning in run.warnings if warning.kind == "interest"] == ["2024-01-05"]


def test_equal_yields_are_equal_and_others_are_not() -> None:
    first, second = (settle_cash(yields(("2024-01-05", 0.05))) for _ in range(2))
    assert first == second != settle_cash(yields(("2024-01-05", 0.06)))
    assert hash(first) == hash(second)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (-1.0, "must be above -1"),
        (float("nan"), "must be above -1"),
        (True, "cash must be a ticker such as 'BIL'"),
        ("", "cash must be a ticker such as 'BIL'"),
        ([0.1], "cash must be a ticker such as 'BIL'"),
        (xr.DataArray([0.1], dims="x"), "one dimension date"),
        (xr.DataArray([0.1], dims="date", coords={"date": [1]}), "as datetime64"),
        (yields(("2024-01-05", np.nan)), "none of the yields has a value"),
        (yields(("2024-01-05", 0.1), ("2024-01-05", 0.1)), "must ascend"),
        (yields(("2024-01-05", -2.0)), "must be above -1"),
    ],
)
def test_what_nobody_earns_is_refused(typed: object, says: str) -> None:
    with pytest.raises(BacktestError, match=says):
        settle_cash(typed)
