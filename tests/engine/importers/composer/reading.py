"""What the tests of Composer's maps share: reading a block, and how a refusal is looked at. No tests live here."""

from __future__ import annotations

from typing import Any

import pytest

from sbc_lab.engine.importers import Import, load
from sbc_lab.engine.strategy import (
    Node,
    rsi,
)
from sbc_lab.errors import StrategyImportError
from tests.engine.importers.documents import (
    HOT,
    Block,
    asset,
    branch,
    choose,
    otherwise,
    root,
    text,
    weight,
)

RSI = rsi("QQQ", 10)


def read(block: Block, **how: Any) -> Import:
    return load(text(block), **how)


def tree(block: Block) -> Node:
    """What a single block below an equal weight of one becomes."""
    found = read(root(weight(block))).strategy.root
    (child,) = found.children
    return child


def refused(block: Block, says: str, path: str) -> StrategyImportError:
    with pytest.raises(StrategyImportError) as caught:
        read(root(weight(block)))
    assert says in str(caught.value)
    assert caught.value.path == path
    assert caught.value.line == 1
    return caught.value


def notes(block: Block) -> list[tuple[str, str]]:
    return [(line.status, line.text) for line in read(block).report.lines() if line.status != "cosmetic"]


def asked(**flat: Any) -> Block:
    """An if with one flat condition."""
    return choose(branch(asset("SPY"), **{**HOT, **flat}), otherwise(asset("TLT")))
