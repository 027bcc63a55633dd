"""Laws of a whole run, a real one among them."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sbc_lab.engine.panel import Panel
from sbc_lab.engine.reference import Reference, simulate
from sbc_lab.engine.settings import Settings
from sbc_lab.engine.strategy import (
    Node,
    Rebalance,
    Strategy,
    axis,
    cash,
    constant,
    cumulative_return,
    each,
    equal,
    group,
    max_drawdown,
    price,
    sma,
    top,
    when,
)
from sbc_lab.errors import BacktestError, UnknownNameError
from sbc_lab.testing import KINDS, TICKERS, trees
from tests.engine.reference.hand import FLAT, NAN, held, panel, run

PRICES = panel(A=[10, 11, 12, 11, 10, 9], LATE=[NAN, NAN, 5, 5, 5, 10])


def day(text: str) -> np.datetime64:
    return np.datetime64(text, "D")


# ---------------------------------------------------------------- from where to where


def test_a_run_begins_when_its_conditions_are_known() -> None:
    result = run(when(sma("A", 2) > 10.6).then("A").otherwise("LATE"), PRICES)
    assert (result.start, str(result.dates[0])[:10]) == (1, "2024-01-02")
    assert held(result, "A") == [0, 1, 1, 0, 0]
    assert held(result, "LATE") == [0, 0, 0, 1, 1]  # wanted on the first bar too, but not listed yet


def test_all_assets_waits_for_every_ticker_that_is_held_or_looked_at() -> None:
    assert run(equal("A", "LATE"), PRICES).start == 0
    assert run(equal("A", "LATE"), PRICES, start_policy="all_assets").start == 2
    late = when(price("LATE") > 0).then("A").otherwise(cash())
    assert run(late, PRICES, start_policy="all_assets").start == 2
    never = when(constant(1) > 0).then("A").otherwise("LATE")
    assert run(never, PRICES, start_policy="all_assets").start == 0


def test_a_run_waits_for_something_to_hold_unless_there_is_only_cash() -> None:
    assert run("LATE", PRICES).start == 2
    assert run(cash(), PRICES).equity.tolist() == [1.0] * 6


def test_dates_asked_for_are_cut_to_bars() -> None:
    prices = panel("2024-01-05", A=FLAT)
    result = run("A", prices, start=day("2024-01-06"), end=day("2024-01-08"))
    assert [str(date)[:10] for date in result.dates] == ["2024-01-06", "2024-01-07", "2024-01-08"]
    assert run("A", prices, start=day("2023-12-30")).start == 0
    assert len(run("A", prices, end=day("2030-01-01")).dates) == 6


@pytest.mark.parametrize(
    ("root", "asked", "words"),
    [
        (when(sma("A", 3) > 1).then("A").otherwise(cash()), {"start": "2024-01-02"}, r"sma\('A', 3\).*'2024-01-03'"),
        (top("A", "LATE", n=1, by=cumulative_return(each, 1)), {"start": "2024-01-02"}, r"of 'LATE'.*'2024-01-04'"),
        ("LATE", {"start": "2024-01-02"}, "LATE has its first bar on 2024-01-03.*'2024-01-03'"),
        ("A", {"start": "2020-01-02"}, "start 2020-01-02 is too early: A.* has its first bar on 2024-01-01"),
        ("A", {"start": "2024-02-01"}, "would begin on 2024-02-01 and stop at the last bar, 2024-01-06"),
        ("A", {"end": "2023-02-01"}, "would begin on 2024-01-01 and stop at end 2023-02-01"),
        ("LATE", {"end": "2024-01-02"}, "would begin on 2024-01-03 and stop at end 2024-01-02"),
        ("A", {"start": "2024-01-05", "end": "2024-01-03"}, "lies before"),
        (when(sma("A", 7) > 1).then("A").otherwise(cash()), {}, r"sma\('A', 7\) has no value on any of the 6 bars"),
        (when((sma("A", 5) > 1).for_days(3)).then("A").otherwise(cash()), {}, r"sma\('A', 5\) has no value on any"),
        (when(constant(1) / 0 > 1).then("A").otherwise(cash()), {}, r"constant\(1\) / 0 has no value on any"),
    ],
)
def test_dates_that_cannot_be_run_are_refused_with_the_reason(
    root: Node | str, asked: dict[str, str], words: str
) -> None:
    with pytest.raises(BacktestError, match=words):
        run(root, PRICES, **{name: day(text) for name, text in asked.items()})


def test_open_axes_and_missing_tickers_are_refused() -> None:
    with pytest.raises(BacktestError, match=r"\.at\(window=2\)"):
        run(when(sma("A", axis("window", [2, 3])) > 1).then("A").otherwise(cash()), PRICES)
    with pytest.raises(UnknownNameError, match="LATE"):
        run("LATER", PRICES)
    with pytest.raises(UnknownNameError, match="LATE"):
        run(when(price("LATER") > 1).then("A").otherwise(cash()), PRICES)
    assert run(when(constant(1) > 0).then("A").otherwise("LATER"), PRICES).start == 0


# ---------------------------------------------------------------- what comes out


def test_returns_are_those_of_the_equity_and_the_first_one_is_the_cost() -> None:
    result = run("A", PRICES, cost_bps=100.0)
    assert result.returns.tolist() == pytest.approx([-0.01, 0.1, 1 / 11, -1 / 12, -1 / 11, -0.1])
    assert np.cumprod(1.0 + result.returns).tolist() == pytest.approx(result.equity.tolist())
    assert result.cost.tolist() == [0.01, 0, 0, 0, 0, 0]


def test_the_rule_of_the_settings_counts_and_targets_are_shown_beside_what_is_held() -> None:
    strategy = Strategy("by hand", when(price("A") > 10.5).then("A").otherwise("LATE"), rebalance=Rebalance("none"))
    daily = simulate(strategy, PRICES, Settings())
    assert np.array_equal(daily.target, daily.allocation)
    once = simulate(strategy, PRICES, Settings(rebalance=strategy.rebalance, start=day("2024-01-02")))
    assert held(once, "A") == [1, 1, 1, 0, 0]
    assert once.allocation[0].tolist() == [1, 1, 1, 1, 1]


def test_a_ruined_run_ends_early_in_every_array() -> None:
    flip = when(price("A") > 11.5).then(cash()).otherwise("A")
    result = run(flip, PRICES, cost_bps=10_000.0)
    assert (result.equity.tolist(), result.returns.tolist()) == ([0.0], [-1.0])
    assert {array.shape[-1] for array in (result.dates, result.target, result.allocation, result.cost)} == {1}


def test_composers_own_allocations_of_2025_come_out_on_every_day(shared: Path) -> None:
    from pyarrow import parquet

    golden = shared / "golden" / "composer"
    closes = parquet.read_table(golden / "max_drawdown_2025_adj_close.parquet").to_pydict()
    close = np.array([closes["SPY"], closes["TSLA"]], dtype=np.float64)
    dates = np.array(closes["date"], dtype="datetime64[ns]")
    prices = Panel(("SPY", "TSLA"), dates, close, np.isfinite(close))
    strategy = Strategy("Test_SPY_QQQ_max_drawdown", when(max_drawdown("SPY", 20) < 5).then("SPY").otherwise("TSLA"))
    result = simulate(strategy, prices, Settings(start=day("2025-01-02"), end=day("2025-12-31")))

    with (golden / "max_drawdown_2025_allocations.csv").open(encoding="utf-8-sig", newline="") as lines:
        published = {row["Date"]: row["SPY"] == "100.0%" for row in csv.DictReader(lines) if row["Date"][:2] == "20"}
    ours = dict(zip(np.datetime_as_string(result.dates, unit="D").tolist(), held(result, "SPY"), strict=True))
    assert len(published) == 250
    assert ours == {date: float(spy) for date, spy in published.items()}


# ---------------------------------------------------------------- laws over random trees

GRAMMAR: dict[str, Any] = {"kinds": KINDS - {"call", "caps"}, "windows": (2, 6), "max_leaves": 5, "condition_leaves": 2}
BARS = 70


def market() -> Panel:
    """Four tickers that wander, one of them listed late and gone before the end."""
    steps = np.random.default_rng(7).normal(0.0, 0.03, (len(TICKERS), BARS))
    close = 100.0 * np.exp(np.cumsum(steps, axis=1))
    close[1, :9] = NAN
    close[1, 60:] = NAN
    prices = panel("2023-11-15", **dict(zip(TICKERS, close.tolist(), strict=True)))
    others = {"open": close, "high": 1.02 * close, "low": 0.97 * close, "volume": close * 0.0 + 5.0}
    return replace(prices, others=others)


MARKET = market()
RULES = st.sampled_from(["otherwise", "hold", "cash"])


def attempt(root: Node, prices: Panel = MARKET, **chosen: Any) -> Reference | None:
    """Run a random tree; None where it has no first bar."""
    try:
        return run(root, prices, **chosen)
    except BacktestError:
        return None


def head(prices: Panel, bars: int) -> Panel:
    others = {name: values[:, :bars] for name, values in prices.others.items()}
    cut = Panel(prices.tickers, prices.dates[:bars], prices.close[:, :bars], prices.traded[:, :bars])
    return replace(cut, others=others)


@settings(max_examples=60, deadline=None)
@given(trees(**GRAMMAR), RULES, st.sampled_from(["conditions", "all_assets"]), st.integers(30, BARS - 1))
def test_cutting_the_tail_changes_nothing_before_it(root: Node, on_missing: str, policy: str, bars: int) -> None:
    whole = attempt(root, on_missing=on_missing, start_policy=policy)
    if whole is None or whole.start >= bars - 1:  # what is cut to a single bar is no run
        return
    cut = run(root, head(MARKET, bars), on_missing=on_missing, start_policy=policy)
    kept = bars - whole.start
    assert cut.start == whole.start
    assert np.array_equal(cut.target, whole.target[:, :kept])
    assert np.array_equal(cut.equity, whole.equity[:kept])


@settings(max_examples=60, deadline=None)
@given(trees(**GRAMMAR), RULES)
def test_allocations_are_no_debt_and_no_short_sale(root: Node, on_missing: str) -> None:
    result = attempt(root, on_missing=on_missing)
    if result is None:
        return
    assert (result.target >= 0.0).all()
    assert (result.target.sum(axis=0) <= 1.0 + 1e-12).all()
    assert not result.target[np.isnan(MARKET.close[:, result.start :])].any()


@settings(max_examples=40, deadline=None)
@given(trees(**GRAMMAR))
def test_what_changes_nothing_changes_nothing(root: Node) -> None:
    plain = attempt(root)
    unreached = when(constant(0) > 1).then(when(sma("SPY", 60) > 1).then("TLT").otherwise("GLD"))
    for wrapped in (
        group("g", root),
        equal(root),
        unreached.otherwise(root),
        when(constant(1) > 0).then(root).otherwise("TLT"),
    ):
        other = attempt(wrapped)
        assert (plain is None) == (other is None)
        if plain is not None and other is not None:
            assert plain.start == other.start
            assert np.array_equal(plain.target, other.target)


@settings(max_examples=40, deadline=None)
@given(trees(**GRAMMAR), st.floats(0.0, 50.0), st.floats(0.0, 50.0))
def test_costs_take_never_give_and_grow_with_their_rate(root: Node, one: float, other: float) -> None:
    low, high = sorted((one, other))
    cheap, dear = attempt(root, cost_bps=low), attempt(root, cost_bps=high)
    if cheap is not None and dear is not None:
        assert (cheap.cost >= 0.0).all()
        assert (dear.equity <= cheap.equity * (1.0 + 1e-12)).all()
        assert (cheap.cost[cheap.turnover == 0.0] == 0.0).all()
