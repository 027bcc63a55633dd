"""The law of `simplify`: not a date, not a share and not a cent of a run changes, in either engine.

What the random trees of the grammar seldom hold, constants and joins of one, is put around them here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
import xarray as xr
from hypothesis import assume, given
from hypothesis import strategies as st

from sbc_lab import options
from sbc_lab.engine.strategy import (
    Condition,
    Node,
    all_of,
    cash,
    constant,
    cumulative_return,
    each,
    equal,
    expand,
    group,
    lag,
    latch,
    month,
    simplify,
    switch,
    tickers,
    top,
    when,
)
from sbc_lab.testing import conditions
from tests.engine.money import TICKERS, missing, policies, profiles
from tests.engine.test_laws import (
    ALWAYS,
    BOTS,
    NEVER,
    candles_of,
    held,
    random_trees,
    rebalances,
    run_or_skip,
    scaled,
)

spring = month(3, 4, 5)

FRAMES: Sequence[Callable[[Node, Node, Condition], Node]] = (
    lambda tree, _other, _asked: tree,
    lambda tree, other, asked: when(~~(asked | NEVER)).then(equal(tree)).otherwise(other),
    lambda tree, other, _asked: when(constant(1) > constant(2) - 0).then(other).otherwise(group("", tree)),
    lambda tree, other, _asked: equal(tree, cash(), other),
    lambda tree, _other, _asked: when(spring & ~(constant(1) > 2)).then(tree).otherwise(tree),
    lambda tree, _other, _asked: latch(enter=spring, exit=month(9), on=tree, off=tree),
    lambda tree, other, asked: switch([asked, NEVER, spring], [tree, other, "SPY", "TLT"], rule="first"),
    lambda tree, other, asked: switch([asked, NEVER, ALWAYS], [tree, other, "SPY", "TLT"]),
    lambda tree, other, asked: switch([asked], [tree, other], rule="any"),
    lambda tree, other, asked: switch(
        [asked, NEVER, ALWAYS, all_of(asked, asked)], [tree, other], rule="exactly", count=2
    ),
    lambda tree, other, _asked: top(
        equal(tree), group("x", other), "SPY", n=1, by=lag(lag(cumulative_return(each, 5) * 1 + 0, 1), 0)
    ),
)

hows = st.fixed_dictionaries(
    {"rebalance": rebalances, "on_missing": missing, "start_policy": policies, "profile": profiles}
)


@given(
    tree=random_trees,
    other=random_trees,
    asked=conditions(TICKERS, windows=(2, 25)),
    frame=st.sampled_from(FRAMES),
    boxes=st.booleans(),
    candles=candles_of,
    how=hows,
    engine=st.sampled_from(("numba", "numpy")),
)
@scaled(150)
def test_no_number_of_a_run_changes(
    tree: Node,
    other: Node,
    asked: Condition,
    frame: Callable[[Node, Node, Condition], Node],
    boxes: bool,
    candles: xr.Dataset,
    how: dict[str, object],
    engine: Literal["numba", "numpy"],
) -> None:
    written = frame(tree, other, asked)
    found = simplify(written, boxes=boxes)
    assume(found.changes)
    # Candles made by hand have the dates of the tree's tickers, so both must look at the same ones.
    assume(set(tickers(expand(written, BOTS))) == set(tickers(expand(found.tree, BOTS))))
    with options(engine=engine):
        run, simpler = run_or_skip(written, candles, **how), run_or_skip(found.tree, candles, **how)
    assert (run.dates == simpler.dates).all()
    nothing = np.zeros(len(run.dates))
    left, right = held(run), held(simpler)
    for ticker in left.keys() | right.keys():
        np.testing.assert_array_equal(left.get(ticker, nothing), right.get(ticker, nothing))
    np.testing.assert_allclose(run.equity.values, simpler.equity.values, rtol=1e-12)


@given(tree=random_trees, other=random_trees, asked=conditions(TICKERS), frame=st.sampled_from(FRAMES))
@scaled(100)
def test_simplifying_twice_changes_nothing_more(
    tree: Node, other: Node, asked: Condition, frame: Callable[[Node, Node, Condition], Node]
) -> None:
    found = simplify(frame(tree, other, asked)).tree
    assert simplify(found).tree is found
