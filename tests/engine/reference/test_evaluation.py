"""Laws of what each node holds."""

from __future__ import annotations

import numpy as np
import pytest

from sbc_lab.engine.reference.evaluation import Evaluation
from sbc_lab.engine.settings import OnMissing, Settings
from sbc_lab.engine.strategy import (
    Node,
    Weighting,
    all_of,
    blend,
    bottom,
    call,
    cash,
    constant,
    cumulative_return,
    each,
    equal,
    group,
    inverse_vol,
    lag,
    latch,
    nav,
    price,
    sma,
    switch,
    top,
    vol,
    weighted,
    when,
)
from sbc_lab.errors import BacktestError
from tests.engine.reference.hand import NAN, panel

PRICES = panel(
    A=[10, 11, 12, 11, 10],
    B=[20, 20, 20, 20, 20],
    LATE=[NAN, NAN, 5, 5, 5],
    GONE=[5, 5, 5, NAN, NAN],
)


def rows(node: Node | str, on_missing: OnMissing = "otherwise") -> dict[str, list[float]]:
    """Allocation of a node by ticker, without the tickers it never holds."""
    root = group("root", node)
    found = Evaluation(root, PRICES, Settings(on_missing=on_missing)).allocation
    by_ticker = zip(PRICES.tickers, found.round(12).tolist(), strict=True)
    return {ticker: row for ticker, row in by_ticker if any(row)}


def wait(node: Node) -> int:
    return Evaluation(node, PRICES, Settings()).outcome.wait.bar


def test_an_asset_is_empty_where_it_has_no_close() -> None:
    assert rows("LATE") == {"LATE": [0, 0, 1, 1, 1]}
    assert rows(cash()) == {}


def test_the_share_of_an_empty_child_goes_to_its_siblings() -> None:
    node = weighted(("A", 0.5), ("GONE", 0.3), (cash(), 0.2))
    assert rows(node) == {"A": [0.625, 0.625, 0.625, 1, 1], "GONE": [0.375, 0.375, 0.375, 0, 0]}
    assert rows(equal("GONE", cash())) == {"GONE": [1, 1, 1, 0, 0]}


def test_a_child_listed_twice_weighs_twice() -> None:
    third = round(1 / 3, 12)
    assert rows(equal("A", "A", "B")) == {"A": [round(2 / 3, 12)] * 5, "B": [third] * 5}


def test_emptiness_goes_up_through_a_choice() -> None:
    node = equal("B", when(price("A") > 11).then(cash()).otherwise("A"))
    assert rows(node) == {"B": [0.5, 0.5, 1, 0.5, 0.5], "A": [0.5, 0.5, 0, 0.5, 0.5]}


def test_a_blend_mixes_in_both_directions_and_leaves_an_empty_side_as_cash() -> None:
    assert rows(blend(price("A"), "A", "B", begin=10, end=12)) == {"A": [1, 0.5, 0, 0.5, 1], "B": [0, 0.5, 1, 0.5, 0]}
    assert rows(blend(price("A"), "A", "B", begin=12, end=11)) == {"A": [0, 0, 1, 0, 0], "B": [1, 1, 0, 1, 1]}
    assert rows(blend(price("A"), cash(), "B", begin=10, end=14)) == {"B": [0, 0.25, 0.5, 0.25, 0]}


@pytest.mark.parametrize(
    ("on_missing", "expected"),
    [
        ("otherwise", {"A": [0.5, 0.5, 0.5, 0, 0], "B": [0.5, 0.5, 0.5, 0, 0]}),
        ("cash", {"A": [0.5, 0.5, 0.5, 0, 0], "B": [0.5, 0.5, 0.5, 0, 0]}),
        ("hold", {"A": [0.5] * 5, "B": [0.5] * 5}),
    ],
)
def test_a_blend_without_a_value_is_cash_or_stays(on_missing: OnMissing, expected: dict[str, list[float]]) -> None:
    assert rows(blend(price("GONE"), "A", "B", begin=0, end=10), on_missing) == expected


@pytest.mark.parametrize(
    ("on_missing", "expected"),
    [
        ("otherwise", {"A": [1, 1, 1, 0, 0], "B": [0, 0, 0, 1, 1]}),
        ("hold", {"A": [1, 1, 1, 1, 1]}),
        ("cash", {"A": [1, 1, 1, 0, 0]}),
    ],
)
def test_a_choice_without_an_answer_follows_on_missing(on_missing: OnMissing, expected: dict[str, list[float]]) -> None:
    assert rows(when(price("GONE") > 1).then("A").otherwise("B"), on_missing) == expected
    assert rows(switch([price("GONE") > 1], ["B", "A"]), on_missing) == expected
    # what is false anyway decides, whatever is unknown beside it
    both = all_of(price("GONE") > 1, price("A") < 12)
    assert rows(when(both).then("A").otherwise("B"), on_missing)["B"][2] == 1


def test_a_latch_advances_on_bars_on_which_nothing_asks_it() -> None:
    sleeper = latch(enter=price("A") > 10.5, exit=price("A") > 100, on="GONE", off="B")
    node = when(price("A") > 11.5).then(sleeper).otherwise(cash())
    assert rows(node) == {"GONE": [0, 0, 1, 0, 0]}


def test_a_filter_keeps_the_best_and_redistributes_what_is_empty() -> None:
    by = lag(price(each), 1)
    # on the last bar GONE has no score; the bar before it is still picked, and its share goes to the other one
    assert rows(bottom("A", "B", "GONE", n=2, by=by)) == {
        "A": [0, 0.5, 0.5, 1, 0.5],
        "B": [0, 0, 0, 0, 0.5],
        "GONE": [0, 0.5, 0.5, 0, 0],
    }


def test_fixed_shares_of_a_filter_belong_to_the_ranks() -> None:
    by, weighting = price(each), Weighting("fixed", shares=(0.75, 0.25))
    assert rows(top("A", "B", "GONE", n=2, by=by, weighting=weighting)) == {"A": [0.25] * 5, "B": [0.75] * 5}
    shares = Weighting("fixed", shares=(0.6, 0.2, 0.1, 0.1))
    expected = {"A": [0.2 / 0.9, 0.2 / 0.9, 0.2 / 0.9, 0.25, 0.25], "B": [0.6 / 0.9, 0.6 / 0.9, 0.6 / 0.9, 0.75, 0.75]}
    found = rows(top("A", "B", "GONE", n=4, by=by, weighting=shares))
    assert {ticker: pytest.approx(row) for ticker, row in expected.items()} == {key: found[key] for key in expected}


def test_a_filter_without_any_score_is_empty() -> None:
    assert rows(equal("B", top("GONE", n=1, by=price(each)))) == {
        "B": [0.5, 0.5, 0.5, 1, 1],
        "GONE": [0.5, 0.5, 0.5, 0, 0],
    }


def test_a_filter_ranks_what_is_no_ticker_by_its_nav() -> None:
    down = when(price("A") > 0).then("A").otherwise("B")  # not one ticker, though it always is A
    by = price(each)  # 1, 1.1, 1.2, 1.1, 1 against the 20 of B
    assert rows(bottom("B", down, n=1, by=by)) == {"A": [1] * 5}
    assert rows(bottom("B", equal("A"), n=1, by=by - 10.5)) == {"A": [1] * 5}


def test_equal_scores_stay_in_document_order() -> None:
    same = top(equal("A", cash()), equal(cash(), "A"), "B", n=1, by=cumulative_return(each, 1))
    assert rows(same)["A"][1:] == [1, 1, 0, 0]


def test_inverse_volatility_reads_the_childs_own_returns() -> None:
    prices = panel(A=[100, 110, 99], B=[100, 105, 99.75])
    # returns +10 %, -10 % and +5 %, -5 %: half the volatility, double the share
    root = inverse_vol("A", group("g", when(price("A") > 0).then("B").otherwise("A")), window=2)
    evaluation = Evaluation(root, prices, Settings())
    assert evaluation.allocation[:, 2].tolist() == pytest.approx([1 / 3, 2 / 3])
    assert evaluation.outcome.wait.bar == 2
    other = Evaluation(vol("A", "B", window=2), prices, Settings())
    assert other.allocation[:, 2].tolist() == pytest.approx([2 / 3, 1 / 3])


def test_a_child_that_never_moves_is_dropped_from_a_volatility_weight() -> None:
    assert rows(inverse_vol("A", "B", window=2))["A"][2:] == [1, 1, 1]
    assert rows(vol("B", equal("B", cash()), window=2))["B"] == [1] * 5


def test_a_filter_weights_only_what_it_kept_by_volatility() -> None:
    prices = panel(A=[100, 110, 99], B=[50, 52.5, 49.875], C=[1, 3, 1])
    root = top("A", "B", "C", n=2, by=price(each), weighting=Weighting("inverse_vol", window=2))
    assert Evaluation(root, prices, Settings()).allocation[:, 2].tolist() == pytest.approx([1 / 3, 2 / 3, 0])


def test_a_node_knows_what_it_can_hold_and_what_it_looks_at() -> None:
    never = when(constant(1) > 0).then("A").otherwise("GONE")
    asked = when(price("B") > price(nav(equal("LATE", cash())))).then(never).otherwise(cash())
    outcome = Evaluation(asked, PRICES, Settings()).outcome
    assert sorted(outcome.held) == ["A"]
    assert sorted(outcome.tickers) == ["A", "B", "LATE"]


@pytest.mark.parametrize(
    ("node", "bar"),
    [
        (equal("A", "LATE"), 0),  # being listed is no item
        (when(sma("A", 3) > 1).then("A").otherwise("B"), 2),
        (when(sma("A", 2) > sma("LATE", 2)).then("A").otherwise("B"), 3),
        (when((sma("A", 2) > 1).for_days(3)).then("A").otherwise("B"), 3),
        (when(sma("A", 2).crosses_above(11)).then("A").otherwise("B"), 2),
        (top("A", "LATE", n=1, by=sma(each, 2)), 3),
        (inverse_vol("A", "LATE", window=2), 4),
        (top("A", "LATE", n=1, by=price(each), weighting=Weighting("vol", window=2)), 4),
        (blend(sma("A", 4), "A", "B", begin=1, end=2), 3),
        (latch(enter=sma("A", 2) > 1, exit=sma("A", 4) > 1, on="A", off="B"), 3),
        (group("g", equal("B", when(sma("A", 3) > 1).then("A").otherwise("B"))), 2),
        # a NAV begins when its node is known, and only then its average can begin
        (when(sma(nav(when(sma("A", 3) > 1).then("A").otherwise("B")), 2) > 1).then("A").otherwise("B"), 3),
        # what can never be reached does not count, what could be does
        (when(constant(1) > 0).then("A").otherwise(inverse_vol("A", "LATE", window=3)), 0),
        (when(all_of(constant(1) > 0, price("A") > 0)).then("A").otherwise(inverse_vol("A", "B", window=3)), 3),
        (switch([constant(1) > 0, price("A") > 0], [inverse_vol("A", "B", window=3), "A", "B"]), 0),
    ],
)
def test_a_node_waits_for_every_item_in_its_subtree(node: Node, bar: int) -> None:
    assert wait(node) == bar


def test_a_call_is_refused_where_it_can_be_reached() -> None:
    with pytest.raises(BacktestError, match=r"call\('calm-seas'\)"):
        wait(equal("A", call("calm-seas")))
    assert wait(when(constant(0) > 1).then(call("calm-seas")).otherwise("A")) == 0


def test_five_thousand_levels_are_settled() -> None:
    node: Node = equal("A")
    for level in range(5_000):
        node = when(price("A") > level % 13).then(node).otherwise("B")
    assert np.array_equal(Evaluation(node, PRICES, Settings()).allocation[1], np.ones(5))
