"""Laws of fills: which price an order gets in each execution, and which dates its rows bear; all by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

import sbc_lab as lab
from sbc_lab.errors import DataError
from sbc_lab.options import Engine

HOLD = lab.Strategy("Hold A", "A")
UP = lab.Strategy("Up", lab.when(lab.price("A") > 10).then("A").otherwise(lab.cash()))
DAYS = np.array(["2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05"], dtype="datetime64[D]")
NAN = float("nan")


@pytest.fixture(params=["numba", "numpy"], autouse=True)
def engine(request: pytest.FixtureRequest) -> Any:
    name: Engine = "numba" if request.param == "numba" else "numpy"
    with lab.options(engine=name):
        yield name


def candles(
    opens: tuple[float, ...] = (10, 11, 22, 20), close: tuple[float, ...] = (10, 20, 20, 40), dates: Any = DAYS
) -> xr.Dataset:
    fields = {"open": [list(map(float, opens))], "close": [list(map(float, close))]}
    return xr.Dataset(
        {name: (("ticker", "date"), values) for name, values in fields.items()},
        coords={"ticker": ["A"], "date": dates.astype("datetime64[ns]")},
    )


def rows(run: lab.Backtest, line: str, coordinate: str) -> list[str]:
    return [str(day)[:10] for day in getattr(run, line)[coordinate].values]


def days(*places: int) -> list[str]:
    return [str(DAYS[place]) if 0 <= place < 4 else "NaT" for place in places]


def test_the_next_open_fills_a_bar_later_and_earns_from_open_to_open() -> None:
    run = lab.backtest(HOLD, candles(), execution="next_open", cost_bps=100)
    assert run.equity.values.tolist() == pytest.approx([1.0, 0.99, 1.98, 1.8])
    assert run.turnover.values.tolist() == pytest.approx([0, 1, 0, 0])
    assert rows(run, "allocation", "decision_date") == days(-1, 0, 1, 2)
    assert rows(run, "allocation", "return_date") == days(1, 2, 3, 4)
    assert rows(run, "returns", "decision_date") == days(-1, 0, 0, 1)
    assert rows(run, "target", "return_date") == days(2, 3, 4, 4)


def test_open_to_close_is_cash_over_the_night_and_pays_twice_a_day() -> None:
    run = lab.backtest(HOLD, candles(), execution="open_to_close", cost_bps=100)
    grown = np.cumprod([1.0, 20 / 11 * 0.99**2, 20 / 22 * 0.99**2, 2 * 0.99**2])
    assert run.equity.values.tolist() == pytest.approx(grown.tolist())
    assert run.turnover.values.tolist() == pytest.approx([0, 2, 2, 2])
    assert run.cost.values.tolist() == pytest.approx([0, 0.02, 0.02, 0.02])
    assert run.turnover_one_way.values.tolist() == pytest.approx([0, 2, 2, 2])
    assert rows(run, "allocation", "decision_date") == days(-1, 0, 1, 2)
    assert rows(run, "allocation", "return_date") == days(0, 1, 2, 3)
    assert rows(run, "returns", "decision_date") == days(-1, 0, 1, 2)
    assert rows(run, "target", "return_date") == days(1, 2, 3, 4)


def test_close_to_open_is_cash_over_the_day_and_buys_at_its_own_close() -> None:
    run = lab.backtest(HOLD, candles(), execution="close_to_open", cost_bps=100)
    grown = np.cumprod([0.99, 1.1 * 0.99**2, 1.1 * 0.99**2, 1.0 * 0.99**2])
    assert run.equity.values.tolist() == pytest.approx(grown.tolist())
    assert run.turnover.values.tolist() == pytest.approx([1, 2, 2, 2])
    assert rows(run, "allocation", "decision_date") == days(0, 1, 2, 3)
    assert rows(run, "allocation", "return_date") == days(1, 2, 3, 4)
    assert rows(run, "returns", "decision_date") == days(0, 0, 1, 2)


def test_a_delay_moves_the_fill_by_whole_bars() -> None:
    late = lab.backtest(UP, candles(), delay=1, cost_bps=0)
    assert late.target.values.tolist() == [[0, 1, 1, 1]]
    assert late.allocation.values.tolist() == [[0, 0, 1, 1]]
    assert late.equity.values.tolist() == [1, 1, 1, 2]
    opened = lab.backtest(UP, candles(), execution="next_open", delay=1, cost_bps=0)
    assert opened.allocation.values.tolist() == [[0, 0, 0, 1]]


def test_a_run_too_short_for_its_first_fill_says_so() -> None:
    run = lab.backtest(HOLD, candles(), delay=9)
    assert run.equity.values.tolist() == [1.0] * 4
    assert [warning.kind for warning in run.warnings] == ["unfilled"]


def test_an_order_without_a_bar_stays_cash_and_is_a_warning() -> None:
    dates = np.datetime64("2024-01-01", "D") + np.arange(10)
    gone = lab.when(lab.price("B") > 0).then("A").otherwise("B")
    both = candles((1.0,) * 2 + (NAN,) * 8, (1.0,) * 2 + (NAN,) * 8, dates)
    other = candles((1.0,) * 10, (1.0,) * 10, dates).assign_coords(ticker=["B"])
    run = lab.backtest(lab.Strategy("Gone", gone), xr.concat([both, other], "ticker"), delay=2, cost_bps=0)
    # carried for five bars after the second; the orders of the sixth and seventh come when it is gone
    assert run.allocation.sel(ticker="A").values.tolist() == [0, 0, 1, 1, 1, 1, 1, 0, 0, 0]
    said = [warning for warning in run.warnings if warning.kind == "unfilled"]
    assert [(warning.subject, warning.first, warning.last) for warning in said] == [("A", "2024-01-08", "2024-01-09")]


def test_an_open_that_is_missing_is_the_close_before() -> None:
    run = lab.backtest(HOLD, candles(opens=(10, NAN, 22, 20)), execution="next_open", cost_bps=0)
    assert run.equity.values.tolist() == pytest.approx([1.0, 1.0, 2.2, 2.0])
    assert [(warning.kind, warning.first) for warning in run.warnings] == [("open", "2024-01-03")]


def test_candles_without_opens_are_refused_with_what_reads_them() -> None:
    with pytest.raises(DataError, match="candles hold no open, which execution='next_open' reads; load them with"):
        lab.backtest(HOLD, candles().drop_vars("open"), execution="next_open")


@pytest.mark.parametrize("execution", ["close", "next_open", "open_to_close", "close_to_open"])
def test_what_a_date_decided_is_explained_with_its_fill(execution: Any) -> None:
    said = str(lab.backtest(HOLD, candles(), execution=execution).explain("2024-01-03"))
    words = {
        "close": "held to 2024-01-04",
        "next_open": "filled at the open of 2024-01-04",
        "open_to_close": "bought at the open of 2024-01-04, sold at its close",
        "close_to_open": "bought at the close of 2024-01-03, sold at the open of 2024-01-04",
    }
    assert words[execution] in said


def test_one_way_turnover_counts_cash_in() -> None:
    halves = lab.Strategy("Halves", lab.when(lab.price("A") > 10).then("A").otherwise(lab.cash()))
    run = lab.backtest(halves, candles(close=(10, 20, 10, 10)), cost_bps=0)
    assert run.turnover.values.tolist() == run.turnover_one_way.values.tolist() == [0, 1, 1, 0]
    assert run.metrics["average_turnover_one_way"] == pytest.approx(0.5)
