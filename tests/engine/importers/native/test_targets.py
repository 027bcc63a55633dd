"""Laws of writing native documents: what is written reads back the same, what cannot be said is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.importers import export, load
from sbc_lab.engine.importers.native.words import NAMES
from sbc_lab.engine.strategy import (
    WORDS,
    Asset,
    Indicator,
    Node,
    Strategy,
    any_of,
    at_least,
    atr,
    between,
    blend,
    bottom,
    branch,
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
    max_drawdown,
    month,
    on_or_after,
    price,
    ratio,
    rsi,
    sma,
    switch,
    top,
    vol,
    weighted,
    when,
)
from sbc_lab.errors import StrategyImportError
from sbc_lab.testing import trees
from tests.engine.importers.native.payloads import ALL, read

heat = rsi("QQQ", 10)
hot = heat > 79
cold = heat < 30.5


def written(root: Node, **how: Any) -> Strategy:
    """Write a tree and read it again."""
    return load(export(Strategy("Calm", root), "native", **how).text, strict=True, format="native").strategy


SAYABLE = (
    equal("SPY", cash(), call("Shelter")),
    equal(Asset("SPY", title="Core", color="#aa3300", folded=True)),
    weighted(("SPY", 0.57), ("TLT", 0.43)),
    weighted(("SPY", 1 / 3), ("TLT", 2 / 3)),
    inverse_vol("SPY", equal("TLT"), window=21, floor=0.07, cap=0.6),
    vol("SPY", "TLT", window=21),
    equal("SPY", "TLT", "GLD", floor=0.1, cap=0.35, fallback="BIL"),
    when(hot).then("UVXY").otherwise(cash()),
    when((hot & cold) | (price("SPY") > sma("SPY", 200)).for_days(3)).then("UVXY").otherwise("SPY"),
    when(heat.crosses_above(70)).then("A").otherwise("B"),
    when(between("11-01", "04-30")).then("A").otherwise("B"),
    when(constant(1) < 0).then("A").otherwise("B"),
    when(max_drawdown("SPY", 9) > 7).then("A").otherwise("B"),
    when(rsi(ratio("SPY", "XLU"), 9) > rsi(branch("then"), 9)).then(equal("A", "B")).otherwise("B"),
    switch([hot, cold | hot], ["A", equal("B", "C"), "D"]),
    switch([hot, cold], ["A", "B"], rule="exactly", count=1),
    switch([hot, cold], ["A", "B"], rule="none"),
    top("A", equal("B", "C"), n=1, by=cumulative_return(each, 9)),
    bottom("A", "B", n=2, by=atr(each, 9), weighting=inverse_vol("A", window=20).weighting),
    blend(max_drawdown(branch("from"), 9), "A", "B", begin=7, end=20.5),
    latch(enter=hot, exit=rsi(branch("on"), 9) < 50, on="A", off=equal("B", "C")),
)


@pytest.mark.parametrize("root", SAYABLE, ids=range(len(SAYABLE)))
def test_what_a_native_document_can_say_reads_back_as_the_same_tree(root: Node) -> None:
    assert written(root).root is root


@given(st.floats(1e-6, 1 - 1e-6))
def test_a_share_is_written_to_its_last_bit(share: float) -> None:
    root = weighted(("SPY", share), ("TLT", 1 - share))
    again = written(root).root
    assert again is root


@given(st.floats(-1e6, 1e6).filter(lambda level: level == 0.0 or abs(level) > 1e-20))
def test_a_fraction_is_written_to_its_last_bit(level: float) -> None:
    root = when(max_drawdown("SPY", 9) > level).then("A").otherwise("B")
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
        (when(constant(79) < heat).then("A").otherwise("B"), when(hot).then("A").otherwise("B")),
        (when(heat >= 30).then("A").otherwise("B"), when(heat > 29.999999999999996).then("A").otherwise("B")),
        (when(any_of(hot)).then("A").otherwise("B"), when(hot).then("A").otherwise("B")),
        (switch([hot, cold], ["A", "B", "C"], rule="first"), when(hot).then("A").when(cold).then("B").otherwise("C")),
        (
            weighted((top("A", "B", n=1, by=rsi(each, 9)), 0.6), ("C", 0.4)),
            weighted((equal(top("A", "B", n=1, by=rsi(each, 9))), 0.6), ("C", 0.4)),
        ),
        (when(on_or_after("03-15")).then("A").otherwise("B"), when(on_or_after("03-15")).then("A").otherwise("B")),
    ],
)
def test_other_words_for_the_same_are_written_and_listed(root: Node, same: Node) -> None:
    made = export(Strategy("Calm", root), "native")
    assert made.report.counts["mapped"] > 0
    assert made.report.lossless
    assert load(made.text).strategy.root is same


@pytest.mark.parametrize(
    ("root", "path", "says"),
    [
        (equal("A", when(heat <= price("SPY")).then("A").otherwise("B")), "[1]", "only above and below"),
        (equal("A", when(~(hot & cold)).then("A").otherwise("B")), "[1]", "only above and below"),
        (when(hot & (cold | hot)).then("A").otherwise("B"), "root", "stands deeper"),
        (when(month(1)).then("A").otherwise("B"), "root", "is no line there"),
        (when(at_least(1, hot, cold)).then("A").otherwise("B"), "root", "is no line there"),
        (when(lag(heat, 1) > 3).then("A").otherwise("B"), "root", "is no metric there"),
        (when(max_drawdown("SPY", 9) > heat).then("A").otherwise("B"), "root", "different units"),
        (weighted(("A", 0.6), ("B", 0.4), cap=0.7), "root", "no floor, cap or fallback"),
        (equal("A", "B", cap=0.4, fallback=equal("C")), "root", "it is a ticker"),
        (top("A", "B", n=1, by=rsi(each, 9) + 1), "root", "ranks by one metric"),
        (blend(heat * 2, "A", "B", begin=1, end=2), "root", "goes by one metric"),
        (equal("A", call("x", version="0123456789")), "[1]", "no version there"),
    ],
)
def test_what_a_native_document_cannot_say_is_refused_with_its_path(root: Node, path: str, says: str) -> None:
    with pytest.raises(StrategyImportError, match="native cannot say this") as caught:
        export(Strategy("Calm", root), "native")
    assert says in str(caught.value)
    assert caught.value.path == path


def test_only_daily_rebalancing_is_known_there() -> None:
    weekly = Strategy("Calm", equal("SPY"), rebalance="weekly")
    with pytest.raises(StrategyImportError, match="everything is rebalanced daily there"):
        export(weekly, "native")
    made = export(weekly, "native", approximate=True)
    assert load(made.text).strategy.rebalance.rule == "daily"
    assert not made.report.lossless


def test_called_strategies_are_taken_along_as_chains() -> None:
    bots = {
        "calm": Strategy("calm", equal("BIL", call("gold"))),
        "gold": Strategy("gold", equal("GLD")),
        "x": Strategy("x", "A"),
    }
    half = Strategy("Half", equal("SPY", call("calm")))
    found = load(export(half, "native", bots=bots).text)
    assert found.strategy.root is half.root
    assert found.bots == {"calm": bots["calm"], "gold": bots["gold"]}


def test_documents_read_back_with_the_same_fingerprint(shared: Path) -> None:
    real = load(shared / "strategies" / "quantnexus" / "complex_strategy.json").strategy
    assert load(export(real, "native").text).strategy.fingerprint == real.fingerprint
    without = {**ALL, "payload": {**ALL["payload"], "children": {"next": ALL["payload"]["children"]["next"][1:]}}}
    found = read(without)
    again = load(export(found.strategy, "native", bots=found.bots).text)
    assert again.strategy.fingerprint == found.strategy.fingerprint
    assert {name: one.fingerprint for name, one in again.bots.items()} == {
        name: one.fingerprint for name, one in found.bots.items()
    }


@given(
    trees(
        kinds=(
            "weight",
            "if",
            "switch",
            "filter",
            "blend",
            "latch",
            "branch",
            "crossing",
            "all",
            "any",
            "for_days",
            "caps",
        ),
        indicators=("price", "rsi", "sma", "cumulative_return", "max_drawdown", "drawdown", "cci"),
    )
)
def test_random_trees_read_back_or_are_refused_with_a_path(root: Node) -> None:
    try:
        made = export(Strategy("Random", root), "native")
    except StrategyImportError as error:
        if not error.path:
            raise
        return
    again = load(made.text).strategy
    assert made.report.lossless
    if made.report.counts["mapped"] == 0:
        assert again.root is root
    else:
        assert load(export(again, "native").text).strategy.fingerprint == again.fingerprint
