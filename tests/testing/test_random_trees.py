"""What random trees may hold: calls name strategies that are kept, and floors and caps can be met."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from sbc_lab.engine.strategy import Call, Node, Strategy, Weight, expand, walk
from sbc_lab.testing import trees

BOTS: dict[str, Strategy] = {}
drawn = trees(bots=BOTS)
plain = trees(bots=BOTS, kinds={"call", "weight", "caps"}, max_leaves=4)


def calls(tree: Node) -> list[Call]:
    return [term for term in walk(tree) if isinstance(term, Call)]


@given(tree=drawn)
@settings(max_examples=20)
def test_every_drawn_call_can_be_expanded(tree: Node) -> None:
    assert not calls(expand(tree, BOTS))


def capped(node: Node) -> bool:
    return isinstance(node, Weight) and node.weighting.cap < 1 and node.weighting.fallback is not None


@pytest.mark.parametrize(
    "wanted",
    [
        lambda tree: any(calls(BOTS[one.bot].root) for one in calls(tree)),
        lambda tree: any(one.version != "latest" for one in calls(tree)),
        lambda tree: any(isinstance(term, Node) and capped(term) for term in walk(tree)),
        lambda tree: any(isinstance(term, Weight) and term.weighting.floor > 0 for term in walk(tree)),
    ],
    ids=["nested calls", "pinned calls", "caps with a fallback", "floors"],
)
def test_every_kind_of_call_and_bound_is_drawn(wanted: Callable[[Node], bool]) -> None:
    find(plain, wanted, settings=settings(max_examples=500, database=None, phases=[Phase.generate]))


@given(st.data())
@settings(max_examples=5)
def test_without_a_place_to_keep_them_calls_name_what_nobody_has(data: st.DataObject) -> None:
    tree = data.draw(trees(kinds={"call", "weight"}, looks=False))
    assert {call.bot for call in calls(tree)} <= {"calm-seas", "hot"}
