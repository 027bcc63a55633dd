"""What random trees may hold: calls name strategies that are kept, and floors and caps can be met."""

from __future__ import annotations

from hypothesis import find, given, settings
from hypothesis import strategies as st

from sbc_lab.engine.strategy import Call, Filter, Node, Strategy, Weight, expand, walk
from sbc_lab.testing import trees

BOTS: dict[str, Strategy] = {}
drawn = trees(bots=BOTS)


def calls(tree: Node) -> list[Call]:
    return [term for term in walk(tree) if isinstance(term, Call)]


@given(tree=drawn)
@settings(max_examples=50)
def test_every_drawn_call_can_be_expanded(tree: Node) -> None:
    assert not calls(expand(tree, BOTS))


def test_nested_and_pinned_calls_are_drawn() -> None:
    quick = settings(max_examples=2_000, database=None)
    find(drawn, lambda tree: any(calls(BOTS[call.bot].root) for call in calls(tree)), settings=quick)
    find(drawn, lambda tree: any(call.version != "latest" for call in calls(tree)), settings=quick)


def test_caps_floors_and_fallbacks_are_drawn() -> None:
    quick = settings(max_examples=2_000, database=None)

    def capped(tree: Node) -> bool:
        nodes = [term for term in walk(tree) if isinstance(term, (Weight, Filter))]
        return any(node.weighting.cap < 1 and node.weighting.fallback is not None for node in nodes)

    find(drawn, capped, settings=quick)


@given(st.data())
@settings(max_examples=5)
def test_without_a_place_to_keep_them_calls_name_what_nobody_has(data: st.DataObject) -> None:
    tree = data.draw(trees(kinds={"call", "weight"}, looks=False))
    assert {call.bot for call in calls(tree)} <= {"calm-seas", "hot"}
