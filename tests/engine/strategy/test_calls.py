"""Laws of calls: what a call stands for, and every way in which it can stand for nothing."""

from __future__ import annotations

import pytest

from sbc_lab.engine.strategy import (
    Asset,
    Call,
    Group,
    Library,
    Node,
    Strategy,
    Weighting,
    axis,
    call,
    cumulative_return,
    each,
    equal,
    expand,
    group,
    nav,
    rsi,
    top,
    walk,
    when,
)
from sbc_lab.errors import StrategyError, UnknownNameError

CALM = Strategy("Calm seas", "BIL", rebalance="yearly")
HOT = Strategy("Hot", when(rsi("SPY", 10) > 30).then("TQQQ").otherwise(call("calm")))
BOTS = {"calm": CALM, "hot": HOT}


class Shelf:
    """A library with versions, which counts how often it is asked."""

    def __init__(self, **kept: list[Strategy]) -> None:
        self.kept, self.asked = kept, 0

    def find(self, bot: str, version: str) -> Strategy | None:
        self.asked += 1
        for found in reversed(self.kept.get(bot, [])):
            if version == "latest" or found.fingerprint.startswith(version):
                return found
        return None

    def names(self) -> list[str]:
        return list(self.kept)


def test_a_call_becomes_a_group_with_the_name_of_the_bot() -> None:
    assert expand(equal("SPY", call("calm")), BOTS) is equal("SPY", group("calm", "BIL"))


def test_title_colour_and_folding_of_the_call_are_kept() -> None:
    box = expand(Call("calm", title="Quiet", color="#00ff00", folded=True), BOTS)
    assert box is Group("calm", Asset("BIL"), title="Quiet", color="#00ff00", folded=True)


def test_the_strategy_keeps_its_name_and_its_own_rule() -> None:
    found = expand(Strategy("Mine", call("calm"), rebalance="weekly", description="d"), BOTS)
    assert found is Strategy("Mine", group("calm", "BIL"), rebalance="weekly", description="d")


def test_a_called_strategy_may_call_others() -> None:
    inner = when(rsi("SPY", 10) > 30).then("TQQQ").otherwise(group("calm", "BIL"))
    assert expand(call("hot"), BOTS) is group("hot", inner)


def test_what_calls_nothing_stays_the_same_object() -> None:
    tree = Strategy("Plain", equal("SPY", "TLT"))
    assert expand(tree, BOTS) is tree
    assert expand(tree, {}) is tree


def test_calls_inside_conditions_filters_and_fallbacks_are_put_in_too() -> None:
    tree = when(rsi(nav(call("hot")), 5) > 50).then(
        top(
            call("calm"), "SPY", n=1, by=cumulative_return(each, 5), weighting=Weighting(cap=0.5, fallback=call("calm"))
        )
    )
    found = expand(tree.otherwise("GLD"), BOTS)
    assert not any(isinstance(term, Call) for term in walk(found))
    assert sum(term == group("calm", "BIL") for term in walk(found)) == 1


def test_a_pinned_version_is_a_fingerprint_or_its_beginning() -> None:
    for version in (CALM.fingerprint, CALM.fingerprint[:8], "latest"):
        assert expand(call("calm", version=version), BOTS) is group("calm", "BIL")
    with pytest.raises(StrategyError, match=rf"call\('calm'\): version '0123abcd' was asked .*{CALM.fingerprint}"):
        expand(call("calm", version="0123abcd"), BOTS)


def test_a_library_keeps_versions_and_is_asked_once_for_each_call() -> None:
    old, new = Strategy("Old", "SPY"), Strategy("New", "TLT")
    shelf = Shelf(bot=[old, new])
    assert isinstance(shelf, Library)
    tree = equal(call("bot"), call("bot", version=old.fingerprint), call("bot"))
    assert expand(tree, shelf) is equal(group("bot", "TLT"), group("bot", "SPY"), group("bot", "TLT"))
    assert shelf.asked == 2
    with pytest.raises(StrategyError, match=r"there is no version '0123abcd' of it; type version='latest'"):
        expand(call("bot", version="0123abcd"), shelf)


def test_a_library_that_gives_another_version_is_not_believed() -> None:
    class Liar(Shelf):
        def find(self, bot: str, version: str) -> Strategy | None:
            return CALM

    with pytest.raises(StrategyError, match="version '0123abcd' was asked for"):
        expand(call("bot", version="0123abcd"), Liar())


@pytest.mark.parametrize("bots", [BOTS, Shelf(calm=[CALM], hot=[HOT])])
def test_an_unknown_bot_lists_the_nearest(bots: dict[str, Strategy] | Shelf) -> None:
    with pytest.raises(UnknownNameError, match="call: there is no bot 'clam'; known, nearest first: calm"):
        expand(equal("SPY", call("clam")), bots)


def test_a_circle_is_an_error_naming_the_path() -> None:
    a, b = (
        Strategy("a", equal("SPY", call("b"))),
        Strategy("b", when(rsi(nav(call("a")), 5) > 50).then("A").otherwise("B")),
    )
    bots = {"a": a, "b": b}
    with pytest.raises(StrategyError, match="in a circle: a → b → a;"):
        expand(a, bots)
    with pytest.raises(StrategyError, match="in a circle: a → b → a;"):
        expand(Strategy("outside", equal("GLD", call("a"))), bots)
    with pytest.raises(StrategyError, match="in a circle: me → me;"):
        expand(call("me"), {"me": Strategy("x", equal("SPY", call("me")))})


def test_a_called_strategy_with_open_axes_says_what_to_type() -> None:
    swept = Strategy("Swept", when(rsi("SPY", axis("window", [5, 10])) > 50).then("SPY").otherwise("TLT"))
    with pytest.raises(StrategyError, match=r"call\('s'\): it has open axes; .*\.at\(window=…\)"):
        expand(call("s"), {"s": swept})
    outer = Strategy("Outer", when(rsi("SPY", axis("window", [5, 10])) > 50).then(call("calm")).otherwise("TLT"))
    assert [one.name for one in expand(outer, BOTS).axes] == ["window"]


@pytest.mark.parametrize("bots", [["calm"], 3, {"calm": "BIL"}])
def test_what_is_no_library_is_refused(bots: object) -> None:
    with pytest.raises(StrategyError, match="got "):
        expand(call("calm"), bots)  # type: ignore[arg-type]  # that is the test


def test_five_thousand_strategies_that_call_each_other_are_expanded() -> None:
    bots = {f"s{place}": Strategy(f"s{place}", equal("SPY", call(f"s{place + 1}"))) for place in range(5_000)}
    bots["s5000"] = CALM
    node: Node = expand(bots["s0"], bots).root
    assert not any(isinstance(term, Call) for term in walk(node))


def test_shared_calls_are_expanded_once() -> None:
    # 2 to the power of 60 places, 60 different trees
    bots = {f"s{place}": Strategy("x", equal(call(f"s{place + 1}"), call(f"s{place + 1}"))) for place in range(60)}
    bots["s60"] = CALM
    assert expand(call("s0"), bots).kind == "group"
