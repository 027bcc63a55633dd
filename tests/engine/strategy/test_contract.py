"""The fixtures that the builder's own tests run on too: documents, and edit commands with their answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sbc_lab.engine.strategy import (
    Strategy,
    clone,
    count_nodes,
    delete,
    dumps,
    from_wire,
    insert,
    loads,
    move,
    replace,
    replace_ticker,
    text,
    to_code,
    to_wire,
)
from sbc_lab.engine.strategy.wire import unpack
from sbc_lab.errors import StrategyError

CONTRACT = Path(__file__).parents[2] / "contract"
TREES: dict[str, dict[str, Any]] = json.loads((CONTRACT / "trees.json").read_text(encoding="utf-8"))["trees"]
EDITS: list[dict[str, Any]] = json.loads((CONTRACT / "edits.json").read_text(encoding="utf-8"))["edits"]


def answered(strategy: Strategy, command: dict[str, Any]) -> Strategy:
    """Carry out a command as a builder sends it."""
    given = {name: value for name, value in command.items() if name not in ("op", "path")}
    node: Any = unpack(given["value"]) if "value" in given else None
    path = command["path"]
    match command["op"]:
        case "replace":
            return replace(strategy, path, node)
        case "insert":
            return insert(strategy, path, node, share=given.get("share"))
        case "delete":
            return delete(strategy, path)
        case "move":
            return move(strategy, path, given["to"], share=given.get("share"))
        case "clone":
            return clone(strategy, path)
        case "replace_ticker":
            return replace_ticker(strategy, given["old"], given["new"])[0]
    raise AssertionError(command["op"])


@pytest.mark.parametrize("name", TREES)
def test_a_tree_is_read_and_written_exactly_so(name: str) -> None:
    case = TREES[name]
    strategy = from_wire(case["document"])
    assert to_wire(strategy) == case["document"]
    assert loads(dumps(strategy)) is strategy
    assert strategy.fingerprint == case["fingerprint"]
    assert count_nodes(strategy) == case["nodes"]
    assert list(strategy.tickers) == case["tickers"]
    assert text(strategy).splitlines() == case["text"]


@pytest.mark.parametrize("name", TREES)
def test_a_tree_is_written_as_code(name: str) -> None:
    strategy = from_wire(TREES[name]["document"])
    names: dict[str, Any] = {}
    exec(to_code(strategy), names)
    assert names["strategy"] is strategy


@pytest.mark.parametrize("case", EDITS, ids=lambda case: case["name"])
def test_an_edit_is_answered_exactly_so(case: dict[str, Any]) -> None:
    strategy = from_wire(TREES[case["tree"]]["document"])
    if "error" in case:
        with pytest.raises(StrategyError) as caught:
            answered(strategy, case["command"])
        assert str(caught.value) == case["error"]
    else:
        assert to_wire(answered(strategy, case["command"])) == case["document"]


def test_every_kind_of_row_is_in_the_trees() -> None:
    from sbc_lab.engine.strategy.fields import ROWS

    assert {row["kind"] for case in TREES.values() for row in case["document"]["nodes"]} == set(ROWS)
