"""Warnings: each kind on a small panel made for it, the dates they name, and a clean run without any."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
import xarray as xr

from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.run_warnings import MOST_SPANS, RunWarning
from sbc_lab.engine.strategy import (
    Node,
    Strategy,
    Weighting,
    blend,
    bottom,
    cash,
    cumulative_return,
    each,
    ema,
    equal,
    inverse_vol,
    lag,
    latch,
    nav,
    price,
    rsi,
    sma,
    switch,
    top,
    when,
)
from sbc_lab.errors import BacktestError
from sbc_lab.testing import synthetic_candles

INSTEAD = "where the tree asks for it, its share goes to its siblings, or to cash"


def run_of(tree: Node | str, candles: xr.Dataset, **how: object) -> Backtest:
    return backtest(Strategy("Try", tree), candles, **how)  # type: ignore[arg-type]  # settings by name


def flawed(**flaws: object) -> xr.Dataset:
    """60 bars of A and B; bar k is k weekdays after Monday 2015-01-05."""
    return synthetic_candles(("A", "B"), days=60, **flaws)  # type: ignore[arg-type]  # flaws by name


def day(bar: int) -> str:
    return str(np.busday_offset(np.datetime64("2015-01-05"), bar))


def only(run: Backtest, kind: str) -> RunWarning:
    assert [warning.kind for warning in run.warnings] == [kind]
    return run.warnings[0]


def messages(run: Backtest, kind: str) -> Sequence[str]:
    return [str(warning) for warning in run.warnings if warning.kind == kind]


def test_a_clean_run_has_none() -> None:
    tree = when(price("A") > sma("A", 10)).then(equal("A", "B")).otherwise(inverse_vol("A", "B", window=5))
    run = run_of(tree, flawed())
    assert run.warnings == ()
    assert repr(run).endswith("\nno warnings")


def test_one_missing_bar_is_carried() -> None:
    found = only(run_of("A", flawed(holes={"A": (20,)})), "carried")
    assert (found.subject, found.first, found.last) == ("A", day(20), day(20))
    assert str(found) == f"A has no bar on {day(20)}; its last close was carried for 1 bar"


def test_several_missing_bars_are_one_span() -> None:
    run = run_of("A", flawed(holes={"A": (20, 21, 22, 40)}))
    assert [str(warning) for warning in run.warnings] == [
        f"A has no bar from {day(20)} to {day(22)}; its last close was carried for 3 bars",
        f"A has no bar on {day(40)}; its last close was carried for 1 bar",
    ]


def test_a_ticker_that_is_only_looked_at_is_carried_too() -> None:
    run = run_of(when(price("B") > price("A")).then("A").otherwise(cash()), flawed(holes={"B": (20,)}))
    assert only(run, "carried").subject == "B"


def test_a_long_gap_is_carried_for_five_bars_and_then_unavailable() -> None:
    run = run_of(equal("A", "B"), flawed(holes={"B": range(20, 30)}))
    assert messages(run, "carried") == [
        f"B has no bar from {day(20)} to {day(24)}; its last close was carried for 5 bars"
    ]
    assert messages(run, "unavailable") == [f"B has no bars from {day(25)} to {day(29)}; {INSTEAD}"]


def test_a_late_listing_is_unavailable_until_then() -> None:
    found = only(run_of(equal("A", "B"), flawed(listed={"B": 10})), "unavailable")
    assert str(found) == f"B is not listed yet from {day(0)} to {day(9)}; {INSTEAD}"
    assert (found.first, found.last) == (day(0), day(9))


def test_a_delisting_is_unavailable_after_five_bars() -> None:
    run = run_of(equal("A", "B"), flawed(delisted={"B": 50}))
    assert messages(run, "carried") == [
        f"B has no bar from {day(50)} to {day(54)}; its last close was carried for 5 bars"
    ]
    assert messages(run, "unavailable") == [f"B has no bars any more from {day(55)} to {day(59)}; {INSTEAD}"]


def test_a_ticker_without_any_bar_is_said_once() -> None:
    candles = flawed()
    candles["close"].loc[{"ticker": "B"}] = np.nan
    found = only(run_of(equal("A", "B"), candles), "unavailable")
    assert str(found) == f"B has no bar at all from {day(0)} to {day(59)}; {INSTEAD}"


def test_what_lies_before_the_start_or_after_the_end_is_no_warning() -> None:
    candles = flawed(listed={"B": 10}, holes={"A": (20, 50)})
    run = run_of(equal("A", "B"), candles, start=day(21), end=day(49))
    assert run.warnings == ()


@pytest.mark.parametrize("on_missing", ["otherwise", "hold", "cash"])
def test_a_comparison_without_a_value_is_undecided(on_missing: str) -> None:
    candles = flawed(holes={"B": range(20, 30)})
    run = run_of(when(price("B") > 0).then("A").otherwise(cash()), candles, on_missing=on_missing)
    span = f"from {day(25)} to {day(29)} (5 bars)"
    assert messages(run, "undecided") == [
        f"`price('B') > 0` could not be decided {span}; on_missing='{on_missing}' was followed"
    ]


def test_a_condition_inside_others_is_named_by_itself() -> None:
    candles = flawed(holes={"B": range(20, 30)})
    tree = when((price("A") > 0) & ~(price("B") > sma("A", 2))).then("A").otherwise(cash())
    assert [warning.subject for warning in run_of(tree, candles).warnings if warning.kind == "undecided"] == [
        "price('B') > sma('A', 2)"
    ]


def test_a_candidate_without_a_score_is_unranked() -> None:
    run = run_of(top("A", "B", n=1, by=cumulative_return(each, 1)), flawed(holes={"B": range(20, 30)}))
    assert messages(run, "unranked") == [
        f"cumulative_return('B', 1) has no value from {day(25)} to {day(30)}; its child was not ranked"
    ]


def test_a_price_that_does_not_move_is_flat() -> None:
    run = run_of(inverse_vol("A", "B", window=5), flawed(flat={"B": (20, 30)}))
    assert str(only(run, "flat")) == (
        f"stdev_return('B', 5) is 0 or unknown from {day(24)} to {day(29)}; "
        "that child was left out of the weighting by volatility"
    )


def test_where_every_child_is_flat_none_is_left_out() -> None:
    run = run_of(inverse_vol("A", "B", window=5), flawed(flat={"A": (20, 30), "B": (22, 30)}))
    assert messages(run, "flat") == [
        (
            f"stdev_return('A', 5) is 0 or unknown from {day(24)} to {day(25)}; "
            "that child was left out of the weighting by volatility"
        ),
        (
            f"`inverse_vol('A', 'B', window=5)`: no child had a volatility above 0 from {day(26)} to {day(29)}; "
            "they shared equally"
        ),
    ]


def test_a_fallback_beside_children_by_volatility_has_none_itself() -> None:
    tree = inverse_vol("A", window=5, cap=0.5, fallback="B")
    run = run_of(tree, flawed(flat={"A": (20, 30), "B": (20, 30)}))
    assert messages(run, "flat") == [
        f"`{tree}`: no child had a volatility above 0 from {day(24)} to {day(29)}; they shared equally"
    ]


def test_a_flat_child_that_was_not_picked_is_no_warning() -> None:
    weighting = Weighting("inverse_vol", window=5)
    worst = bottom("A", "B", n=1, by=price(each) * 0, weighting=weighting)
    assert messages(run_of(worst, flawed(flat={"B": (20, 30)})), "flat") == []
    gone = flawed(flat={"A": (20, 58)}, delisted={"A": 40})
    assert "A" not in {warning.subject for warning in run_of(equal("A", "B"), gone).warnings if warning.kind == "flat"}


def test_a_condition_inside_a_nav_is_undecided_too() -> None:
    inner = when(price("B") > 0).then("A").otherwise(cash())
    tree = when(cumulative_return(inner, 2) > 0).then("A").otherwise(cash())
    run = run_of(tree, flawed(holes={"B": range(20, 30)}))
    assert messages(run, "undecided") == [
        (
            f"`price('B') > 0` inside a NAV could not be decided from {day(25)} to {day(29)} (5 bars); "
            "on_missing='otherwise' was followed"
        )
    ]
    outside = run_of(equal(tree, inner), flawed(holes={"B": range(20, 30)}))
    assert all("inside a NAV" not in message for message in messages(outside, "undecided"))


def test_tickers_have_their_first_bars_in_the_plural() -> None:
    late = flawed(listed={"A": 10, "B": 10})
    with pytest.raises(BacktestError, match="too early: A and B have their first bar on"):
        run_of(equal("A", "B"), late, start=day(2))


def test_a_recursive_average_that_still_knows_its_seed() -> None:
    tree = when(rsi("A", 10) > 50).then("A").otherwise("B")
    found = only(run_of(tree, flawed()), "seed")
    assert (found.first, found.last) == (day(10), day(10))
    # 0.9 ** 132 is the first power of 0.9 at most one in a million.
    assert str(found) == (
        f"rsi('A', 10) still depends on how it was seeded on {day(10)}: "
        "132 more bars before the start would bring that below 1e-06 of its scale"
    )
    later = run_of(tree, flawed(), start=day(30))
    assert "112 more bars before the start" in str(only(later, "seed"))


def test_a_seed_that_has_been_forgotten_is_no_warning() -> None:
    tree = when(ema("A", 3) > price("B")).then("A").otherwise("B")
    assert messages(run_of(tree, flawed()), "seed")
    assert run_of(tree, flawed(), start=day(40)).warnings == ()


def test_cash_among_siblings_keeps_nothing_aside() -> None:
    found = only(run_of(equal("A", cash()), flawed()), "cash")
    assert "`equal('A', cash())`: cash() among siblings holds nothing, so its share goes to the others" in str(found)
    assert (found.first, found.last) == (day(0), day(59))
    assert run_of(when(price("A") > price("B")).then("A").otherwise(cash()), flawed()).warnings == ()


@pytest.mark.parametrize(
    ("condition", "fragile"),
    [
        (price("A") > 10, True),
        (sma("A", 2) > 10, True),
        (lag(price("A"), 1) * 2 > 10, True),
        (price("A") > sma("A", 2), False),
        (cumulative_return("A", 2) > 1, False),
        (sma(equal("A", "B"), 2) > 1, False),
    ],
)
def test_dollars_against_a_fixed_number_are_fragile(condition: object, fragile: bool) -> None:
    run = run_of(when(condition).then("A").otherwise("B"), flawed())  # type: ignore[arg-type]  # each is a condition
    assert bool(messages(run, "level")) is fragile
    if fragile:
        assert str(only(run, "level")).startswith(f"`{condition!r}` compares dollars with a fixed number: ")


def test_ruin_names_the_day_and_ends_the_run() -> None:
    candles = flawed()
    candles["close"].values[0, 30:] = candles["close"].values[0, 29] * 1e-9
    run = run_of("A", candles, rebalance="daily", cost_bps=10_000)
    assert len(run.dates) == 1
    assert str(only(run, "ruin")) == f"the equity reached 0 on {day(0)}; the run stops there"


def test_more_than_twelve_spans_are_summed_up() -> None:
    holes = tuple(range(10, 10 + 2 * (MOST_SPANS + 4), 2))
    run = run_of("A", flawed(holes={"A": (*holes, 57, 58)}))
    carried = messages(run, "carried")
    assert len(carried) == MOST_SPANS + 1
    last = run.warnings[-1]
    assert (last.first, last.last) == (day(holes[MOST_SPANS]), day(58))
    assert str(last) == (
        f"A has no bar in 5 more spans between {day(holes[MOST_SPANS])} and {day(58)}; "
        "its last close was carried for 6 bars"
    )
    exactly = run_of("A", flawed(holes={"A": holes[:MOST_SPANS]}))
    assert len(exactly.warnings) == MOST_SPANS
    assert "more spans" not in str(exactly.warnings[-1])


def test_a_warning_changes_no_number() -> None:
    run, again = (run_of(equal("A", "B"), flawed(holes={"B": (20,)})) for _ in range(2))
    assert run.warnings
    np.testing.assert_array_equal(run.equity.values, again.equity.values)


def test_both_engines_warn_alike() -> None:
    import sbc_lab as lab

    candles = flawed(listed={"B": 10}, holes={"A": (20,), "B": range(30, 40)})
    tree = top("A", "B", n=1, by=cumulative_return(each, 3))
    with lab.options(engine="numpy"):
        plain = run_of(tree, candles)
    assert plain.engine == "numpy"
    assert plain.warnings == run_of(tree, candles).warnings != ()


# ------------------------------------------------ what was really done where something is unknown


def test_a_condition_that_is_decided_without_an_unknown_part_followed_nothing() -> None:
    # B leaves for good, but A alone decides: any() is certain as soon as one holds
    candles = flawed(delisted={"B": 30})
    tree = when((price("A") > 0) | (price("B") > 0)).then("A").otherwise(cash())
    (found,) = messages(run_of(tree, candles, on_missing="cash"), "undecided")
    assert found == (
        f"`price('B') > 0` could not be decided from {day(35)} to {day(59)} (25 bars); "
        "what asks it was decided without it"
    )
    run = run_of(switch([price("A") > 0, price("B") > 0], ["A", "B"], rule="any"), candles, on_missing="cash")
    assert messages(run, "undecided") == [found]
    assert (run.target.sel(ticker="A").values == 1.0).all()


def test_a_latch_says_that_it_stayed_as_it_was() -> None:
    candles = flawed(delisted={"B": 30})
    tree = latch(enter=price("B") > 0, exit=price("B") < 0, on="A", off=cash())
    found = messages(run_of(tree, candles), "undecided")
    span = f"from {day(35)} to {day(59)} (25 bars)"
    assert found == [
        f"`price('B') > 0` could not be decided {span}; the latch stayed as it was",
        f"`price('B') < 0` could not be decided {span}; the latch stayed as it was",
    ]
    cashed = run_of(tree, candles, on_missing="cash")
    assert any("on_missing='cash' was followed" in message for message in messages(cashed, "undecided"))
    assert cashed.target.values[:, 35:].sum() == 0.0


def test_what_is_undecided_inside_a_nav_is_told_from_where_the_nav_begins() -> None:
    inner = when(price("B") > 0).then("A").otherwise(cash())
    tree = when(sma(nav(inner), 20) > 0).then("A").otherwise(cash())
    run = run_of(tree, flawed(listed={"B": 3}, holes={"B": tuple(range(8, 16))}))
    assert str(run.dates[0])[:10] == day(22)
    (found,) = messages(run, "undecided")
    span = f"from {day(13)} to {day(15)} (3 bars)"
    assert found.startswith(f"`price('B') > 0` inside a NAV could not be decided {span}; on_missing=")


def test_a_blend_without_a_value_is_told() -> None:
    candles = flawed(delisted={"B": 30})
    tree = blend(price("B"), "A", cash(), begin=0, end=1e9)
    found = messages(run_of(tree, candles), "undecided")
    assert found == [f"the blend by price('B') has no value from {day(35)} to {day(59)} (25 bars); nothing was held"]
    (kept,) = messages(run_of(tree, candles, on_missing="hold"), "undecided")
    assert kept.endswith("what it held last stayed")
