"""Laws of writing for Composer: what is written reads back the same, what cannot be said is refused with its path."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.importers import Export, Limits, export, load
from sbc_lab.engine.strategy import (
    Asset,
    Cash,
    Comparison,
    Filter,
    Group,
    If,
    Indicator,
    Node,
    Rebalance,
    Strategy,
    Term,
    Weight,
    Weighting,
    all_of,
    any_of,
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
    latch,
    month,
    node_at,
    price,
    ratio,
    rsi,
    sma,
    switch,
    threshold,
    top,
    vol,
    walk,
    weighted,
    when,
)
from sbc_lab.engine.strategy.indicators import cci, ppo_signal, upper_bollinger
from sbc_lab.errors import StrategyImportError, UnknownNameError
from sbc_lab.testing import strategies
from tests.engine.importers.documents import FORMS

NOTATIONS = ("composer-json", "defsymphony")
HOT = rsi("QQQ", 10) > 79
COLD = rsi("QQQ", 10) < 30.5


def written(root: Node, notation: str, **how: Any) -> Strategy:
    """Write a tree and read it again."""
    made = export(Strategy("Calm", root, rebalance=threshold(0.05)), notation, **how)
    return load(made.text, strict=True, format=notation).strategy


SAYABLE = (
    equal("SPY", "TLT"),
    equal("BRK-B", "BTC-USD"),
    equal(Asset("SPY", title='SPDR "S&P" 500 \u00e9')),
    weighted(("SPY", 0.57), ("TLT", 0.43)),
    weighted(("SPY", 1 / 3), ("TLT", 2 / 3)),
    weighted(*((f"A{n}", share) for n, share in enumerate((0.1234567890123456, 0.2, 0.6765432109876544)))),
    weighted(("SPY", 1e-7), ("TLT", 1 - 1e-7)),
    inverse_vol("SPY", group("Box", equal("TLT")), window=21),
    equal(group("", "SPY"), group("\u202e(", equal(group("Inner", "SPY")))),
    equal(when(HOT).then("UVXY").otherwise("SPY")),
    equal(when(HOT).then("UVXY").when(COLD).then("TQQQ").otherwise(equal("SPY", "TLT"))),
    equal(when(all_of(HOT, any_of(COLD, price("SPY") > sma("SPY", 200)))).then("UVXY").otherwise("SPY")),
    equal(
        when(ppo_signal("SPY", short=12, long=26, smooth=9) >= upper_bollinger("SPY", 20, deviations=2.5))
        .then("A")
        .otherwise("B")
    ),
    equal(top("SPY", "TLT", n=1, by=sma(each, 20)), bottom(group("G", "A"), "B", n=2, by=cumulative_return(each, 5))),
)


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("root", SAYABLE, ids=range(len(SAYABLE)))
def test_what_composer_can_say_reads_back_as_the_same_tree(root: Node, notation: str) -> None:
    assert written(root, notation).root is root


@pytest.mark.parametrize("notation", NOTATIONS)
@given(st.floats(1e-6, 1 - 1e-6))
def test_a_share_is_written_to_its_last_bit(notation: str, share: float) -> None:
    root = weighted(("SPY", share), ("TLT", 1 - share))
    assert written(root, notation).root is root


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize("rule", ["daily", "weekly", "monthly", "quarterly", "yearly", "none"])
def test_the_rebalance_rule_reads_back(rule: Any, notation: str) -> None:
    made = export(Strategy("Calm", equal("SPY"), rebalance=rule), notation)
    assert load(made.text).strategy.rebalance is Rebalance(rule)


def test_the_name_is_kept_and_the_description_where_there_is_a_place() -> None:
    strategy = Strategy('Cal"m', equal("SPY"), description="why")
    assert load(export(strategy, "composer-json").text).strategy.description == "why"
    forms = export(strategy, "defsymphony")
    assert load(forms.text).strategy.name == 'Cal"m'
    assert [line.status for line in forms.report.lines()] == ["cosmetic"]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_other_words_for_the_same_are_written_and_listed(notation: str) -> None:
    for root, same in (
        (when(HOT).then("A").otherwise("B"), equal(when(HOT).then("A").otherwise("B"))),
        (equal(when(~HOT).then("A").otherwise("B")), equal(when(rsi("QQQ", 10) <= 79).then("A").otherwise("B"))),
        (
            equal(when(~(HOT | ~COLD)).then("A").otherwise("B")),
            equal(when(all_of(rsi("QQQ", 10) <= 79, COLD)).then("A").otherwise("B")),
        ),
        (
            equal(when(constant(79) < rsi("QQQ", 10)).then("A").otherwise("B")),
            equal(when(HOT).then("A").otherwise("B")),
        ),
        (
            equal(switch([HOT, COLD], ["A", "B", "C"], rule="first")),
            equal(when(HOT).then("A").when(COLD).then("B").otherwise("C")),
        ),
        (equal(switch([HOT, COLD], ["A", "B"], rule="any")), equal(when(any_of(HOT, COLD)).then("A").otherwise("B"))),
    ):
        made = export(Strategy("Calm", root), notation)
        assert load(made.text).strategy.root is same
        assert made.report.counts["mapped"] >= 1
        assert made.report.lossless


UNSAYABLE = (
    (equal(blend(rsi("SPY", 10), "A", "B", begin=30, end=70)), "there is no blend there", (0,)),
    (equal(latch(enter=HOT, exit=COLD, on="A", off="B")), "there is no latch there", (0,)),
    (equal("A", call("other")), "there is no call there", (1,)),
    (equal("A", vol("A", "B", window=20)), "there are no weights by vol there", (1,)),
    (equal("A", switch([HOT, COLD], ["A", "B", "C"])), "there is no switch by ladder there", (1,)),
    (equal("^VIX"), "'^VIX' is no ticker there", (0,)),
    (top(group("G", "A"), "B", n=1, by=price(each)), "only tickers can be ranked by price there", ()),
    (top("A", "B", n=1, by=rsi(each, 5) - 1), "a filter ranks by one indicator", ()),
    (equal(when(HOT.for_days(3)).then("A").otherwise("B")), "not on several: `(rsi('QQQ', 10) > 79)", (0,)),
    (equal(when(rsi("A", 5).crosses_above(50)).then("A").otherwise("B")), "there are no crossings there", (0,)),
    (equal(when(month(5)).then("A").otherwise("B")), "there is no such condition there", (0,)),
    (
        equal(when(cci("A", 5) > 1).then("A").otherwise("B")),
        "is nothing that it computes; it knows cumulative_return",
        (0,),
    ),
    (equal(when(rsi(ratio("A", "B"), 5) > 1).then("A").otherwise("B")), "is computed of a ticker there", (0,)),
)


@pytest.mark.parametrize("notation", NOTATIONS)
@pytest.mark.parametrize(("root", "says", "path"), UNSAYABLE, ids=[says for _, says, _ in UNSAYABLE])
def test_what_composer_cannot_say_is_refused_with_its_path(
    root: Node, says: str, path: tuple[int, ...], notation: str
) -> None:
    strategy = Strategy("Calm", root)
    with pytest.raises(StrategyImportError) as caught:
        export(strategy, notation, approximate=True)
    assert says in str(caught.value)
    steps = caught.value.path.split(".condition")[0].removeprefix("root")
    assert tuple(json.loads(steps.replace("][", ",") or "[]")) == path
    assert node_at(strategy, path)


APPROXIMATE = (
    (equal("SPY", cash()), equal("SPY", "BIL"), "there is no cash there"),
    (equal("SPY", "TLT", cap=0.6), equal("SPY", "TLT"), "no floor, cap or fallback"),
    (
        top("A", "B", "C", n=2, by=rsi(each, 5), weighting=Weighting("inverse_vol", window=20)),
        equal(top("A", "B", "C", n=2, by=rsi(each, 5))),
        "a filter weighs equally there",
    ),
)


@pytest.mark.parametrize(("root", "close", "says"), APPROXIMATE)
def test_what_is_close_is_written_only_when_asked_for_and_listed(root: Node, close: Node, says: str) -> None:
    strategy = Strategy("Calm", root)
    with pytest.raises(StrategyImportError, match="approximate=True writes"):
        export(strategy, "defsymphony")
    made = export(strategy, "defsymphony", approximate=True)
    assert load(made.text).strategy.root is close
    assert [says in line.text for line in made.report.losses] == [True]


def test_maps_have_an_empty_block_for_what_holds_nothing() -> None:
    made = export(Strategy("Calm", equal("SPY", cash())), "composer-json")
    assert load(made.text).strategy.root is equal("SPY", cash())
    assert [line.status for line in made.report.lines()] == ["mapped"]


def test_every_block_has_an_id_of_its_own_and_an_export_is_the_same_every_time() -> None:
    shared = group("Box", equal("SPY"))
    strategy = Strategy("Calm", equal(shared, shared))
    made = export(strategy, "composer-json")
    blocks, ids = [json.loads(made.text)], []
    while blocks:
        block = blocks.pop()
        ids.append(block["id"])
        blocks += block.get("children", [])
    assert len(ids) == len(set(ids)) == 8
    assert export(strategy, "composer-json").text == made.text


def test_the_flat_keys_mirror_the_first_clause_of_a_condition_block() -> None:
    root = equal(when(all_of(any_of(HOT, COLD), COLD)).then("A").otherwise("B"))
    document = json.loads(export(Strategy("Calm", root), "composer-json").text)
    yes = document["children"][0]["children"][0]["children"][0]
    assert yes["condition"]["condition-type"] == "compound"
    assert (yes["lhs-val"], yes["comparator"], yes["rhs-val"], yes["rhs-fixed-value?"]) == ("QQQ", "gt", "79", True)


def test_our_own_format_says_everything() -> None:
    strategy = Strategy("Calm", blend(rsi("SPY", 10), "A", "B", begin=30, end=70))
    assert load(export(strategy, "sbc_lab").text).strategy is strategy


def test_a_tree_that_grows_when_it_is_written_out_is_refused() -> None:
    node: Node = equal("SPY")
    for _ in range(60):
        node = equal(node, node)
    strategy = Strategy("Huge", node)
    with pytest.raises(StrategyImportError, match="more than a trillion nodes once shared branches are written out"):
        export(strategy, "composer-json")
    with pytest.raises(StrategyImportError, match="has 4 nodes"):
        export(Strategy("Small", equal("A", "B", "C")), "defsymphony", limits=Limits(blocks=3))


def test_wrong_calls_say_what_to_type() -> None:
    with pytest.raises(UnknownNameError, match="composer-json"):
        export(Strategy("Calm", "SPY"), "composer")
    with pytest.raises(StrategyImportError, match="a Strategy is needed, got Weight"):
        export(equal("SPY"), "defsymphony")  # type: ignore[arg-type]  # wrong on purpose


def test_a_tree_five_thousand_levels_deep_is_written_and_read() -> None:
    node: Node = equal("SPY")
    for _ in range(5_000):
        node = equal(when(HOT).then("TLT").otherwise(node))
    strategy = Strategy("Deep", node)
    for notation in NOTATIONS:
        assert load(export(strategy, notation).text).strategy.root is node


def test_an_export_shows_itself() -> None:
    made = export(load(FORMS).strategy, "defsymphony")
    assert repr(made).startswith("defsymphony: ")
    assert "sbc-lab-report" in made._repr_html_()
    assert load(made.text).strategy is load(FORMS).strategy


# ---------------------------------------------------------------- any tree at all


_SAID = (Asset, Cash, Comparison, Filter, Group, If, Indicator, Weight, Weighting)


def written_or_refused(strategy: Strategy, notation: str) -> Export | None:
    try:
        return export(strategy, notation)
    except StrategyImportError as error:
        if not error.path or not error.report.losses:
            raise AssertionError("a refusal without a path") from error
        return None


@given(strategies())
def test_any_tree_is_written_and_reads_back_or_is_refused(strategy: Strategy) -> None:
    for notation in NOTATIONS:
        made = written_or_refused(strategy, notation)
        if made is None:
            continue
        back = load(made.text).strategy
        if not made.report.counts["mapped"]:
            assert back.fingerprint == strategy.fingerprint
        assert {type(term) for term in walk(back) if isinstance(term, Node)} <= set(_SAID)
        again: Term = load(export(back, notation).text).strategy
        assert again is back
