"""Floors, caps and fallbacks on prices small enough to work out by hand, in both engines."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

import sbc_lab as lab
from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.strategy import (
    Asset,
    Node,
    Strategy,
    Weighting,
    cash,
    cumulative_return,
    each,
    equal,
    group,
    inverse_vol,
    nav,
    price,
    top,
    weighted,
    when,
)
from sbc_lab.errors import StrategyError
from sbc_lab.options import Engine

NAN = float("nan")
DAYS = np.arange(np.datetime64("2024-01-01"), np.datetime64("2024-01-07")).astype("datetime64[ns]")
CLOSES = {
    "A": [10.0, 11, 12, 13, 14, 15],
    "B": [20.0, 22, 20, 22, 20, 22],
    "C": [5.0, 5, 5, 5, 5, 10],
    "LATE": [NAN, NAN, NAN, 7, 7, 7],
}
CANDLES = xr.Dataset(
    {"close": (("ticker", "date"), list(CLOSES.values()))}, coords={"ticker": list(CLOSES), "date": DAYS}
)


@pytest.fixture(params=["numba", "numpy"])
def engine(request: pytest.FixtureRequest) -> Engine:
    return "numba" if request.param == "numba" else "numpy"


def run_of(tree: Node | str, engine: Engine = "numba", **how: object) -> Backtest:
    with lab.options(engine=engine):
        return backtest(Strategy("Capped", tree), CANDLES, cost_bps=0, **how)  # type: ignore[arg-type]  # settings by name


def held(run: Backtest, bar: int = -1) -> dict[str, float]:
    shares = run.target.values[:, bar].round(12)
    return {str(name): float(share) for name, share in zip(run.target["ticker"].values, shares, strict=True) if share}


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (equal("A", "B", cap=0.4), {"A": 0.4, "B": 0.4}),
        (equal("A", "B", cap=0.4, fallback="C"), {"A": 0.4, "B": 0.4, "C": 0.2}),
        (equal("A", "B", cap=0.4, fallback="A"), {"A": 0.6, "B": 0.4}),
        (equal("A", "B", cap=0.4, fallback=cash()), {"A": 0.4, "B": 0.4}),
        (equal("A", cap=0.4), {"A": 0.4}),
        (equal("A", "B", cap=0.6), {"A": 0.5, "B": 0.5}),
        (weighted(("A", 0.7), ("B", 0.2), ("C", 0.1), cap=0.4), {"A": 0.4, "B": 0.4, "C": 0.2}),
        (weighted(("A", 0.7), ("B", 0.2), ("C", 0.1), floor=0.2), {"A": 0.6, "B": 0.2, "C": 0.2}),
        (equal(cash(), cap=0.4, fallback="C"), {"C": 1.0}),
        (equal(cash(), fallback="C"), {"C": 1.0}),
        (equal("A", equal("B", cap=0.5)), {"A": 0.5, "B": 0.25}),
        (
            top(
                "A",
                "B",
                "C",
                n=2,
                by=cumulative_return(each, 1),
                weighting=Weighting("fixed", shares=(0.9, 0.1), cap=0.6),
            ),
            {"C": 0.6, "B": 0.4},
        ),
        (top("A", "B", n=1, by=price(each), weighting=Weighting(cap=0.3, fallback=Asset("C"))), {"B": 0.3, "C": 0.7}),
    ],
)
def test_what_is_held_on_the_last_day(tree: Node, expected: dict[str, float], engine: Engine) -> None:
    found = held(run_of(tree, engine))
    assert found == pytest.approx(expected, abs=1e-12)


def test_volatility_shares_are_capped_too(engine: Engine) -> None:
    plain = held(run_of(inverse_vol("A", "B", window=2), engine))
    assert plain["A"] > 0.8
    capped = held(run_of(inverse_vol("A", "B", window=2, cap=0.8), engine))
    assert capped == pytest.approx({"A": 0.8, "B": 0.2}, abs=1e-12)


def test_who_is_not_listed_leaves_room_that_only_the_fallback_fills(engine: Engine) -> None:
    run = run_of(equal("A", "B", "LATE", cap=0.4, fallback="C"), engine)
    assert held(run, 0) == pytest.approx({"A": 0.4, "B": 0.4, "C": 0.2}, abs=1e-12)
    assert held(run) == pytest.approx({"A": 1 / 3, "B": 1 / 3, "LATE": 1 / 3}, abs=1e-12)


def test_a_fallback_that_is_not_listed_leaves_cash(engine: Engine) -> None:
    run = run_of(equal("A", cap=0.4, fallback="LATE"), engine)
    assert held(run, 0) == {"A": 0.4}
    assert held(run) == {"A": 0.4, "LATE": 0.6}


def test_the_nav_of_a_capped_node_keeps_its_cash(engine: Engine) -> None:
    half = equal("C", cap=0.5)  # C doubles on the last day, so the half of it earns 50 %
    tree = when(price(nav(half)) > 1.4).then("A").otherwise(cash())
    assert held(run_of(tree, engine)) == {"A": 1.0}
    assert held(run_of(when(price(nav(half)) > 1.6).then("A").otherwise(cash()), engine)) == {}
    by = cumulative_return(each, 1)
    assert held(run_of(top(half, "B", n=1, by=by), engine)) == {"C": 0.5}


def test_floors_that_cannot_all_be_kept_are_refused_when_building() -> None:
    with pytest.raises(StrategyError, match=r"equal: 4 children with floor=0.3 need 1.2 in all, which is more than 1"):
        equal("A", "B", "C", "D", floor=0.3)
    with pytest.raises(StrategyError, match=r"top: 2 children with floor=0.6 need 1.2 in all"):
        top("A", "B", "C", n=2, by=price(each), weighting=Weighting(floor=0.6))
    top("A", "B", "C", n=1, by=price(each), weighting=Weighting(floor=0.6))  # only what is kept counts
    equal(*"ABC", floor=1 / 3)


def test_an_explanation_says_who_stands_at_a_bound() -> None:
    run = run_of(weighted(("A", 0.7), ("B", 0.2), ("C", 0.1), cap=0.4, floor=0.15))
    assert list(run.explain("2024-01-03").lines[1:-1]) == [
        "  weighted",
        "    A at its cap 40%",
        "    40% of it: A  → 40% of the portfolio",
        "    40% of it: B  → 40% of the portfolio",
        "    20% of it: C  → 20% of the portfolio",
    ]


def test_an_explanation_says_where_the_rest_goes() -> None:
    run = run_of(equal("A", "B", cap=0.4, fallback=group("rest", "C")))
    assert list(run.explain("2024-01-03").lines[1:]) == [
        "  equal",
        "    A at its cap 40%",
        "    B at its cap 40%",
        "    40% of it: A  → 40% of the portfolio",
        "    40% of it: B  → 40% of the portfolio",
        "    20% of it: left by the caps for the fallback: group 'rest'",
        "      C  → 20% of the portfolio",
        "target: 40% A, 40% B, 20% C",
    ]
    assert "    the caps leave 60% of it in cash" in run_of(equal("A", cap=0.4)).explain("2024-01-03").lines


def test_the_bounds_of_a_date_are_rows() -> None:
    run = run_of(weighted(("A", 0.80), ("B", 0.15), ("C", 0.05), floor=0.1, cap=0.6))
    evaluation = run._evaluation()
    bounds = evaluation.rows.bounds(evaluation.program.root)
    assert bounds[:, evaluation.start].tolist() == [1, 0, -1]


def test_a_cash_fallback_is_no_idle_sibling() -> None:
    assert run_of(equal("A", "B", cap=0.4, fallback=cash())).warnings == ()
