"""Laws of a program: its steps can be run in their order, and its layout is the tree under the root."""

from __future__ import annotations

import pytest

from sbc_lab.engine.compile import compile_strategy
from sbc_lab.engine.program import Op, Program, Step
from sbc_lab.engine.strategy import (
    Node,
    Strategy,
    at_least,
    blend,
    cash,
    each,
    equal,
    group,
    inverse_vol,
    lag,
    latch,
    month,
    nav,
    percentile,
    price,
    rsi,
    top,
    when,
)

ASK, OTHER = rsi("LOOK", 10) > 50, rsi("LOOK", 20) > 50


def compiled(root: Node) -> Program:
    return compile_strategy(Strategy("tested", root))


VALUES_OF: dict[Op, slice] = {
    Op.RATIO: slice(0, 2),
    Op.REBASE: slice(0, 1),
    Op.INDICATOR: slice(2, 3),
    Op.ARITHMETIC: slice(1, 3),
    Op.PERCENTILE: slice(0, 1),
    Op.LAG: slice(0, 1),
    Op.COMPARE: slice(1, 3),
    Op.CROSS: slice(1, 3),
}


def used_and_made(program: Program, step: Step) -> tuple[set[tuple[str, object]], tuple[str, int]]:
    """What a step reads, and what it writes."""
    if step.op is Op.NODE:
        block = program.nodes[step.out]
        used: set[tuple[str, object]] = {("node", child) for child in block.children}
        used |= {("truth", truth) for truth in block.truths}
        return used | {("value", value) for value in (*block.values, *block.volatilities)}, ("node", step.out)
    if step.op is Op.RETURNS:
        below = {("returns", child) for child in program.nodes[step.out].children}
        return below | {("node", step.out)}, ("returns", step.out)
    if step.op is Op.NAV:
        return {("returns", step.args[0])}, ("value", step.out)
    read = {("value", number) for number in step.args[VALUES_OF.get(step.op, slice(0))]}
    if step.op in (Op.HOLD_FOR, Op.NOT):
        read = {("truth", step.args[0])}
    elif step.op in (Op.ALL, Op.ANY, Op.AT_LEAST):
        read = {("truth", part) for part in step.args[1]}  # type: ignore[attr-defined]  # numbers
    truths = (Op.COMPARE, Op.CROSS, Op.CALENDAR, Op.HOLD_FOR, Op.NOT, Op.ALL, Op.ANY, Op.AT_LEAST)
    return read, ("truth" if step.op in truths else "value", step.out)


MIXED: list[Node] = [
    equal("SPY", when(ASK).then("TLT").otherwise(equal("SPY", "GLD"))),
    top(group("a", equal("SPY", "TLT")), "GLD", n=1, by=lag(rsi(each, 5), 2) - rsi("SPY/TLT", 5)),
    latch(enter=ASK, exit=rsi(nav(equal("SPY", "TLT")), 3) < 30, on=inverse_vol("SPY", "TLT", window=4), off=cash()),
    when(~(ASK & OTHER.for_days(2)) | at_least(1, ASK, month(3))).then("SPY").otherwise("TLT"),
    blend(percentile(price(nav("SPY")), 5), when(ASK).then("A").otherwise("B"), "C", begin=0, end=100),
]


@pytest.mark.parametrize("root", MIXED)
def test_nothing_is_used_before_it_is_made_and_nothing_is_made_twice(root: Node) -> None:
    program = compiled(root)
    done: set[tuple[str, object]] = set()
    for step in program.steps:
        used, made = used_and_made(program, step)
        assert used <= done
        assert made not in done
        done.add(made)
    assert {number for what, number in done if what == "value"} == set(range(len(program.values)))
    assert {number for what, number in done if what == "truth"} == set(range(len(program.truths)))


@pytest.mark.parametrize("root", MIXED)
def test_the_layout_holds_the_nodes_under_the_root_parents_first(root: Node) -> None:
    program = compiled(root)
    layout = program.layout
    assert layout.nodes[0] == program.root
    assert len(set(layout.nodes.tolist())) == len(layout.nodes)
    for position, number in enumerate(layout.nodes.tolist()):
        block = program.nodes[number]
        links = layout.links[layout.begin[position] : layout.end[position]]
        assert layout.nodes[links].tolist() == list(block.children)
        assert (links > position).all()
        assert (layout.kind[position], layout.slot[position]) == (block.kind, block.slot)
