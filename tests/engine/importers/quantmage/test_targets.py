"""Laws of writing spells: what is written reads back the same, what cannot be said is refused with its path."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.importers import export, load
from sbc_lab.engine.importers.quantmage.words import NAMES
from sbc_lab.engine.strategy import (
    WORDS,
    Comparison,
    Indicator,
    Node,
    Strategy,
    Weighting,
    all_of,
    any_of,
    at_least,
    between,
    blend,
    branch,
    call,
    cash,
    constant,
    crosses_above,
    cumulative_return,
    each,
    equal,
    group,
    inverse_vol,
    lag,
    latch,
    macd_histogram,
    month,
    nav,
    node_at,
    percentile,
    price,
    ratio,
    rolling_max,
    rolling_min,
    rsi,
    sma,
    stdev_price,
    switch,
    threshold,
    top,
    vol,
    weighted,
    when,
)
from sbc_lab.errors import StrategyImportError
from sbc_lab.testing import trees
from tests.engine.importers.quantmage.spells import ALL, read

heat = rsi("QQQ", 10)
hot = heat > 79
cold = heat <= 30.5
late = month(*range(3, 13))
low = rolling_min(heat, 9)


def written(root: Node, **how: Any) -> Strategy:
    """Write a tree and read it again."""
    made = export(Strategy("Calm", root, rebalance=threshold(0.05)), "quantmage", **how)
    return load(made.text, strict=True, format="quantmage").strategy


SAYABLE = (
    equal("SPY", "BRK-B", "BTC-USD"),
    weighted(("SPY", 0.57), ("TLT", 0.43)),
    weighted(("SPY", 1 / 3), ("TLT", 2 / 3)),
    inverse_vol("SPY", equal("TLT"), window=21),
    equal(call("Calm seas"), cash(), "SPY"),
    when(hot).then("UVXY").otherwise(cash()),
    when(all_of(hot, any_of(cold, price("SPY") > sma("SPY", 200)))).then("UVXY").otherwise("SPY"),
    when(Comparison(lag(heat, 2), ">", lag(sma("SPY", 200), 1) * 0.9 + -2, 3)).then("A").otherwise("B"),
    when(percentile(lag(heat, 1), 90) <= 20).then("A").otherwise("B"),
    when((heat - low) / (rolling_max(heat, 9) - low) * 100 > 80).then("A").otherwise("B"),
    when(month(11, 12)).then("A").when(month(1)).then("B").otherwise("C"),
    when(constant(1) < 0).then("A").otherwise("B"),
    when(rsi(branch("then"), 10) > 79).then(equal("A", "B")).otherwise("C"),
    when(rsi(nav(call("Other")), 10) > 79).then("A").otherwise("C"),
    switch([hot, cold], ["A", equal("B", "C"), "D"]),
    blend(rsi(branch("to"), 20), "A", "B", begin=30, end=70.5),
    latch(enter=hot, exit=rsi(branch("off"), 20) > 79, on="A", off="B"),
    top("SPY", "TLT", n=1, by=cumulative_return(each, 5)),
    top("SPY", "TLT", "GLD", n=2, by=cumulative_return(each, 5), weighting=Weighting("fixed", shares=(0.7, 0.3))),
    top("SPY", "TLT", n=1, by=macd_histogram(each), weighting=Weighting("inverse_vol", window=9)),
)  # fmt: skip


@pytest.mark.parametrize("root", SAYABLE, ids=range(len(SAYABLE)))
def test_what_a_spell_can_say_reads_back_as_the_same_tree(root: Node) -> None:
    assert written(root).root is root


@given(st.floats(1e-6, 1 - 1e-6))
def test_a_share_is_written_to_its_last_bit(share: float) -> None:
    root = weighted(("SPY", share), ("TLT", 1 - share))
    assert written(root).root is root


@given(st.floats(-1e6, 1e6))
def test_a_level_is_written_to_its_last_bit(level: float) -> None:
    root = when(heat > level).then("A").otherwise("B")
    assert written(root).root is root


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_indicator_reads_back(name: str) -> None:
    given_window = any(parameter.name == "window" for parameter in WORDS[name].parameters)
    term = Indicator(name, "SPY", (("window", 9),) if given_window else ())  # type: ignore[arg-type]  # a ticker becomes a series there
    root = when(term > 1).then("A").otherwise("B")
    assert written(root).root is root


@pytest.mark.parametrize(
    ("root", "same"),
    [
        (group("Box", "SPY"), equal("SPY").replaced(title="Box")),
        (when(~hot).then("A").otherwise("B"), when(heat <= 79).then("A").otherwise("B")),
        (when(~(hot | cold)).then("A").otherwise("B"), when((heat <= 79) & (heat > 30.5)).then("A").otherwise("B")),
        (when(heat < price("SPY")).then("A").otherwise("B"), when(price("SPY") > heat).then("A").otherwise("B")),
        (when(heat >= price("SPY")).then("A").otherwise("B"), when(price("SPY") <= heat).then("A").otherwise("B")),
        (when(constant(79) < heat).then("A").otherwise("B"), when(heat > 79).then("A").otherwise("B")),
        (when(heat < 30).then("A").otherwise("B"), when(heat <= 29.999999999999996).then("A").otherwise("B")),
        (when(heat >= 30).then("A").otherwise("B"), when(heat > 29.999999999999996).then("A").otherwise("B")),
        (when(month(3, 4)).then("A").otherwise("B"), when(late & month(1, 2, 3, 4)).then("A").otherwise("B")),
        (when(at_least(1, hot, cold)).then("A").otherwise("B"), when(hot | cold).then("A").otherwise("B")),
        (switch([hot, cold], ["A", "B"], rule="all"), when(hot & cold).then("A").otherwise("B")),
        (switch([hot, cold], ["A", "B"], rule="none"), when(hot | cold).then("B").otherwise("A")),
        (switch([hot, cold], ["A", "B"], rule="at_most", count=1), when(hot & cold).then("B").otherwise("A")),
        (switch([hot, cold], ["A", "B", "C"], rule="first"), when(hot).then("A").when(cold).then("B").otherwise("C")),
    ],
)  # fmt: skip
def test_other_words_for_the_same_are_written_and_listed(root: Node, same: Node) -> None:
    made = export(Strategy("Calm", root), "quantmage")
    assert made.report.counts["mapped"] > 0
    assert made.report.lossless
    assert load(made.text).strategy.root is same


@pytest.mark.parametrize(
    ("root", "path", "says"),
    [
        (equal("A", vol("A", "B", window=9)), "[1]", "no weights by vol"),
        (equal("A", equal("A", "B", cap=0.6)), "[1]", "no floor, cap or fallback"),
        (when(crosses_above(heat, 70)).then("A").otherwise("B"), "condition", "no crossings"),
        (when(between("11-01", "04-30")).then("A").otherwise("B"), "condition", "no such condition"),
        (when(~(hot.for_days(2))).then("A").otherwise("B"), "condition.not", "several days in a row"),
        (when(at_least(2, hot, cold, month(1))).then("A").otherwise("B"), "condition", "joined by all or any"),
        (when(heat + 1 > price("SPY")).then("A").otherwise("B"), "condition", "nothing that it computes"),
        (when(rsi(ratio("SPY", "TLT"), 9) > 3).then("A").otherwise("B"), "condition", "computed of a ticker"),
        (when(rsi(nav(equal("A", "B")), 9) > 3).then("A").otherwise("B"), "condition", "computed of a ticker"),
        (when(stdev_price("SPY", 9) > 3).then("A").otherwise("B"), "condition", "nothing that it computes"),
        (when(macd_histogram("SPY", short=5) > 3).then("A").otherwise("B"), "condition", "always 12 there"),
        (switch([hot, cold, month(1)], ["A", "B"], rule="exactly", count=2), "root", "no switch by exactly"),
        (top("A", "B", n=1, by=rsi(each, 9) + 1), "root", "ranks by one indicator"),
        (blend(heat * 2, "A", "B", begin=1, end=2), "root", "goes by one indicator"),
        (equal("A", call("Then")), "[1]", "cannot be called by the name"),
    ],
)
def test_what_a_spell_cannot_say_is_refused_with_its_path(root: Node, path: str, says: str) -> None:
    with pytest.raises(StrategyImportError, match="quantmage cannot say this") as caught:
        export(Strategy("Calm", root), "quantmage")
    assert says in str(caught.value)
    assert caught.value.path == path
    numbers = [int(step.strip("[]")) for step in path.split(".") if step.startswith("[")]
    assert isinstance(node_at(root, numbers), Node)


def test_approximations_are_made_only_when_asked_and_are_listed() -> None:
    root = equal("A", "B", cap=0.6)
    made = export(Strategy("Calm", root), "quantmage", approximate=True)
    assert load(made.text).strategy.root is equal("A", "B")
    assert [line.status for line in made.report.losses] == ["dropped"]


def test_called_strategies_stand_in_the_place_of_their_calls_when_they_are_given() -> None:
    bots = {"calm": Strategy("calm", equal("BIL", "TLT"))}
    made = export(Strategy("Half", equal("SPY", call("calm"))), "quantmage", bots=bots)
    assert load(made.text).strategy.root is equal("SPY", equal(equal("BIL", "TLT")).replaced(title="calm"))


def test_rules_without_a_word_there_are_refused() -> None:
    with pytest.raises(StrategyImportError, match="no rebalance rule 'none'"):
        export(Strategy("Calm", equal("SPY"), rebalance="none"), "quantmage")


def test_every_real_spell_reads_back_with_the_same_fingerprint(shared: Path) -> None:
    for path in sorted((shared / "strategies").glob("quantmage*/*.json")):
        found = load(path).strategy
        again = load(export(found, "quantmage").text, strict=True).strategy
        assert again.fingerprint == found.fingerprint
        assert (again.name, again.rebalance) == (found.name, found.rebalance)
    everything = read(ALL).strategy
    assert load(export(everything, "quantmage").text).strategy.fingerprint == everything.fingerprint


@given(
    trees(
        kinds=("weight", "if", "switch", "filter", "blend", "latch", "branch", "month", "all", "any", "for_days"),
        modes=("equal", "fixed", "inverse_vol"),
        indicators=("price", "rsi", "sma", "cumulative_return", "max_drawdown", "drawdown"),
    )
)
def test_random_trees_read_back_or_are_refused_with_a_path(root: Node) -> None:
    try:
        made = export(Strategy("Random", root), "quantmage")
    except StrategyImportError as error:
        if not error.path:
            raise
        return
    again = load(made.text).strategy
    assert made.report.lossless
    if made.report.counts["mapped"] == 0:
        assert again.root is root
    else:  # what is said in other words once is said in the same words from then on
        assert load(export(again, "quantmage").text).strategy.fingerprint == again.fingerprint
