"""Laws of comparing two runs: what traded the same passes, every difference is named with its date."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sbc_lab import options
from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.strategy import Node, Strategy, each, equal, group, price, sma, top, weighted, when
from sbc_lab.testing import assert_same, synthetic_candles
from tests.engine.reference.hand import NAN

CANDLES = synthetic_candles(("A", "B"), days=30, seed=1)
MOVING = when(price("A") > sma("A", 3)).then("A").otherwise("B")
HALVES = equal("A", "B")


def run(root: Node, **how: Any) -> Backtest:
    return backtest(Strategy("compared", root), CANDLES, **how)


def changed(found: Backtest, name: str, bar: int, by: float | NDArray[np.float64]) -> Backtest:
    """The same run with one number of its portfolio moved."""
    rows = getattr(found._portfolio, name).copy()
    rows[bar] += by
    return replace(found, _portfolio=replace(found._portfolio, **{name: rows}))


def difference(found: Backtest, other: Backtest, **how: float) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_same(found, other, **how)
    return str(caught.value)


def test_a_run_is_the_same_as_itself_and_as_the_one_of_the_other_engine() -> None:
    found = run(MOVING)
    assert_same(found, found)
    with options(engine="numpy"):
        assert_same(found, run(MOVING))


def test_boxes_make_no_difference() -> None:
    assert_same(run(MOVING), run(group("box", MOVING)))


def test_the_order_of_the_tickers_makes_no_difference() -> None:
    swapped = run(equal("B", "A"))
    assert swapped.target["ticker"].values.tolist() == ["B", "A"]
    assert_same(run(HALVES), swapped)


def test_runs_over_different_dates_are_named_with_their_dates() -> None:
    found = run(HALVES)
    message = difference(found, run(HALVES, start=found.dates[1]))
    assert message.startswith("the runs cover different dates: 2015-01-05")
    assert "(30 bars)" in message
    assert "(29 bars)" in message


def test_the_same_number_of_other_dates_is_a_difference() -> None:
    found = run(HALVES)
    early, late = run(HALVES, end=found.dates[-2]), run(HALVES, start=found.dates[1])
    assert len(early.dates) == len(late.dates)
    assert "different dates" in difference(early, late)


def test_another_target_is_a_difference() -> None:
    message = difference(run(weighted(("A", 0.5), ("B", 0.5))), run(weighted(("A", 0.6), ("B", 0.4))))
    assert message.startswith("target differs by 0.1 on 2015-01-05")


def test_a_ticker_that_only_one_run_knows_is_a_difference() -> None:
    assert "target differs" in difference(run(HALVES), run(group("one", equal("A"))))
    assert "target differs" in difference(run(group("one", equal("A"))), run(HALVES))


@pytest.mark.parametrize("name", ["turnover", "cost"])
def test_a_moved_number_is_found_with_its_date(name: str) -> None:
    found = run(MOVING)
    for bar in (0, 7, len(found.dates) - 1):
        message = difference(found, changed(found, name, bar, 1e-9))
        assert message.startswith(f"{name} differs by 1e-09 on {found.dates[bar]}")


def test_an_allocation_that_moved_is_found() -> None:
    found = run(HALVES, rebalance="none")
    assert difference(found, changed(found, "allocation", 5, 1e-9)).startswith("allocation differs by 1e-09 on ")


def test_an_equity_is_compared_by_its_ratio() -> None:
    found = run(HALVES)
    big, small = found.equity.values[5] * 1e-9, found.equity.values[5] * 1e-14
    assert difference(found, changed(found, "equity", 5, big)).startswith(
        f"equity differs by 1e-09 on {found.dates[5]}"
    )
    assert_same(found, changed(found, "equity", 5, small))


def test_a_wider_tolerance_lets_more_pass() -> None:
    found = run(MOVING)
    moved = changed(found, "turnover", 3, 1e-9)
    assert_same(found, moved, tolerance=1e-8)
    difference(found, moved, tolerance=1e-10)


def test_a_number_that_is_missing_is_a_difference() -> None:
    found = run(HALVES)
    for name in ("turnover", "cost", "equity", "allocation"):
        assert f"{name} differs" in difference(found, changed(found, name, 4, NAN))
        assert f"{name} differs" in difference(changed(found, name, 4, NAN), found)


def test_ruin_in_both_runs_is_the_same_and_in_one_is_not() -> None:
    # on the first bar everything is bought and everything is paid
    ruined = run(HALVES, cost_bps=10_000)
    assert ruined.equity.values.tolist() == [0.0]
    assert_same(ruined, ruined)
    assert "equity differs" in difference(changed(ruined, "equity", 0, 0.5), ruined)
    assert "equity differs" in difference(ruined, changed(ruined, "equity", 0, 0.5))


def test_what_is_held_is_the_same_tickers_exactly() -> None:
    found = run(top("A", "B", n=1, by=sma(each, 3)))
    idle = int(found.allocation.values[0].argmin())
    dust = changed(found, "allocation", idle, np.array([1e-14, 0.0]))
    message = f"allocation of A on {found.dates[idle]}: one run holds it, one does not"
    assert difference(found, dust) == message
    assert difference(dust, found, tolerance=0.5) == message


def test_a_ticker_that_is_never_held_makes_no_difference() -> None:
    never = when(price("A") < 0).then("B").otherwise("A")
    assert_same(run(never), run(when(price("A") > 0).then("A").otherwise("A")))
    assert_same(run(when(price("A") > 0).then("A").otherwise("A")), run(never))
