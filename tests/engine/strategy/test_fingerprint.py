"""The hash of meaning: looks never change it, anything that can change a number does."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.strategy import (
    All,
    Arithmetic,
    Asset,
    AtLeast,
    Blend,
    Branch,
    Call,
    Cash,
    Comparison,
    Constant,
    DateRange,
    Each,
    Filter,
    Function,
    Group,
    If,
    Indicator,
    IndicatorWord,
    Lag,
    Latch,
    Month,
    Named,
    Nav,
    Node,
    Not,
    OnOrAfter,
    Percentile,
    Ratio,
    Rebalance,
    Rolling,
    Strategy,
    Switch,
    Term,
    Ticker,
    Weight,
    Weighting,
    axis,
    dumps,
    each,
    equal,
    fingerprint,
    group,
    loads,
    node_at,
    paths,
    replace,
    rsi,
    user_words,
    walk,
    when,
)
from sbc_lab.engine.strategy import (
    Any as AnyOf,
)
from sbc_lab.errors import StrategyError
from sbc_lab.testing import strategies, trees

A, B, C = Asset("SPY"), Asset("TLT"), Asset("GLD")
X, Y = rsi("SPY", 10), rsi("SPY", 20)
HOT, COLD = X > 70, X < 30
ONE_CODE, OTHER_CODE = "0" * 32, "1" * 32
for code in (ONE_CODE, OTHER_CODE):
    user_words.register(IndicatorWord("of_a_user", "What a user wrote", "number", ()), code)
FIXED = Weighting("fixed", shares=(0.6, 0.4))

EVERY_FIELD: list[tuple[Term, dict[str, Any]]] = [
    (Ticker("SPY"), {"symbol": "TLT"}),
    (Ratio("SPY", "TLT"), {"above": "GLD", "below": "GLD"}),
    (Nav(A), {"node": B}),
    (Branch("then"), {"which": "otherwise"}),
    (Each(), {}),
    (Constant(1.0), {"value": 1.0000000000000002}),
    (X, {"name": "sma", "series": Ticker("TLT"), "parameters": (("window", 11),)}),
    (Arithmetic("-", X, Y), {"op": "/", "left": Y, "right": X}),
    (Percentile(X, 20), {"of": Y, "lookback": 21}),
    (Lag(X, 1), {"of": Y, "days": 2}),
    (Function("min", (X, Y)), {"name": "max", "of": (Y, X)}),
    (Rolling("mean", X, 5), {"name": "max", "of": Y, "window": 6}),
    (Named("z", X), {"of": Y}),
    (Indicator("of_a_user", Ticker("SPY"), (), ONE_CODE), {"code": OTHER_CODE}),
    (Comparison(X, ">", Y), {"left": Y, "op": ">=", "right": X, "days": 2}),
    (All((HOT, COLD)), {"conditions": (COLD, HOT)}),
    (AnyOf((HOT, COLD)), {"conditions": (HOT,)}),
    (Not(HOT), {"condition": COLD}),
    (AtLeast(1, (HOT, COLD)), {"count": 2, "conditions": (HOT, HOT)}),
    (Month((1, 2)), {"months": (1, 3)}),
    (DateRange((1, 1), (2, 2)), {"first": (1, 2), "last": (2, 3)}),
    (OnOrAfter((1, 1)), {"day": (1, 2)}),
    (A, {"ticker": "TLT"}),
    (Cash(), {}),
    (FIXED, {"shares": (0.4, 0.6), "floor": 0.1, "cap": 0.7, "fallback": A}),
    (Weighting("vol", window=20), {"mode": "inverse_vol", "window": 21}),
    (Weight(FIXED, (A, B)), {"weighting": Weighting("equal"), "members": (B, A)}),
    (Group("Core", A), {"child": B}),
    (If(HOT, A, B), {"condition": COLD, "then": B, "otherwise": A}),
    (
        Switch("exactly", (HOT, COLD), (A, B), 1),
        {"rule": "at_least", "conditions": (COLD, HOT), "cases": (B, A), "count": 2},
    ),
    (
        Filter("top", 1, rsi(each), Weighting("equal"), (A, B)),
        {"side": "bottom", "count": 2, "by": rsi(each, 5), "weighting": Weighting("vol", window=20), "members": (B, A)},
    ),
    (Blend(X, 1.0, 2.0, A, B), {"by": Y, "begin": 3.0, "end": 3.0, "first": B, "second": A}),
    (Latch(HOT, COLD, A, B), {"enter": COLD, "exit": HOT, "on": B, "off": A}),
    (Call("hot"), {"bot": "cold", "version": "0123abcd"}),
    (Rebalance("threshold", 0.05), {"width": 0.06}),
    (Rebalance("daily"), {"rule": "weekly"}),
    (Strategy("X", A), {"root": B, "rebalance": Rebalance("weekly")}),
]


def test_the_list_below_names_every_class_and_field() -> None:
    listed: dict[type[Term], set[str]] = {}
    for term, changes in EVERY_FIELD:
        listed.setdefault(type(term), set()).update(changes)
    for cls, names in listed.items():
        assert names | cls.look == set(cls._names()), cls
    kinds = {cls.kind for cls in listed}
    concrete = {cls.kind for cls in _classes(Term) if cls.kind}
    assert kinds == concrete


def _classes(cls: type[Term]) -> set[type[Term]]:
    found, queue = set(), [cls]
    while queue:
        found.update(subclasses := queue.pop().__subclasses__())
        queue += subclasses
    return found


@pytest.mark.parametrize(
    ("term", "name", "value"), [(t, n, v) for t, changes in EVERY_FIELD for n, v in changes.items()]
)
def test_every_field_that_can_change_a_number_changes_it(term: Term, name: str, value: object) -> None:
    assert fingerprint(term.replaced(**{name: value})) != fingerprint(term)


LOOKS = {"title": "new", "color": "#123456", "folded": True, "name": "new", "description": "new"}


@pytest.mark.parametrize(("term", "name"), [(t, n) for t, _ in EVERY_FIELD for n in sorted(type(t).look)])
def test_looks_never_change_it(term: Term, name: str) -> None:
    changed = term.replaced(**{name: LOOKS[name]})
    assert changed is not term
    assert fingerprint(changed) == fingerprint(term)


def test_all_that_differs_in_meaning_differs_in_hash() -> None:
    terms = {term for listed, _ in EVERY_FIELD for term in walk(listed)}
    plain = {term for term in terms if not any(getattr(term, look) for look in term.look - {"name"})}
    assert len({fingerprint(term) for term in plain}) == len(plain)


@given(trees(), trees())
def test_two_trees_have_one_hash_only_when_they_differ_by_looks(first: Node, second: Node) -> None:
    def bare(node: Node) -> str:
        return dumps(Strategy("X", node)).replace('"Core"', '""').replace('"Shelter"', '""').replace('"風"', '""')

    assert (fingerprint(first) == fingerprint(second)) == (bare(first) == bare(second))


@given(strategies(trees(looks=True)))
def test_it_is_64_hexadecimal_digits_and_survives_storing(strategy: Strategy) -> None:
    assert len(strategy.fingerprint) == 64
    assert set(strategy.fingerprint) <= set("0123456789abcdef")
    assert loads(dumps(strategy)).fingerprint == fingerprint(strategy)


def test_a_part_tells_the_same_as_a_whole() -> None:
    assert fingerprint(Asset("SPY")) != fingerprint(Ticker("SPY"))
    assert fingerprint(equal("SPY")) != fingerprint(Asset("SPY"))


def test_the_order_of_children_counts() -> None:
    assert fingerprint(equal("SPY", "TLT")) != fingerprint(equal("TLT", "SPY"))


def test_whole_numbers_hash_as_the_fields_they_fill() -> None:
    assert fingerprint(rsi("SPY", 10) > 70) == fingerprint(rsi("SPY", 10) > 70.0)


def test_an_open_axis_has_no_single_meaning() -> None:
    hot = Strategy("Hot", when(rsi("SPY", axis("n", [5, 10])) > 70).then("SPY").otherwise("BIL"))
    with pytest.raises(StrategyError, match=r"call .at\(n=…\) first"):
        fingerprint(hot)
    assert fingerprint(hot.at(n=5)) == fingerprint(hot.at(n=5))


def test_an_edit_hashes_only_the_changed_path(monkeypatch: pytest.MonkeyPatch) -> None:
    tree: Node = Asset("SPY")
    for level in range(200):
        tree = when(rsi("QQQ", 10) > level).then(equal("TLT", f"A{level}")).otherwise(tree)
    fingerprint(tree)
    hashed: list[bytes] = []

    def counted(data: bytes) -> Any:
        hashed.append(data)
        return original(data)

    original = hashlib.sha256
    monkeypatch.setattr(hashlib, "sha256", counted)
    fingerprint(tree)
    assert hashed == []
    fingerprint(replace(tree, (1, 1, 0, 1), "EDITED"))
    # The new ticker, the weight around it, and three conditions above.
    assert len(hashed) == 5


@given(trees(looks=True), st.data())
def test_any_edit_that_changes_a_ticker_changes_the_hash(tree: Node, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path in paths(tree) if not node_at(tree, path).children]))
    assert fingerprint(replace(tree, path, "EDITED")) != fingerprint(tree)


def test_it_never_changes_between_releases() -> None:
    # A stored fingerprint names a version of a bot for ever: if this fails, SCHEME must get a new number.
    assert fingerprint(Strategy("Any", when(rsi("QQQ", 10) > 79).then("UVXY").otherwise(equal("SPY", "TLT")))) == GOLDEN


GOLDEN = "ed556806bffce17fa98543ea08e7f45354a6a7953273103b3cf377baf0afc014"


def test_it_is_the_same_in_every_process() -> None:
    program = (
        "from sbc_lab.engine.strategy import *; print(fingerprint(Strategy('X', equal('SPY', group('g', 'TLT')))))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", program],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {fingerprint(Strategy("Y", equal("SPY", group("other", "TLT"))))}


def test_deep_wide_and_shared_trees_are_hashed() -> None:
    deep: Node = Asset("SPY")
    shared: Node = Asset("SPY")
    for level in range(5_000):
        deep = when(rsi("QQQ", 10) > level).then("TLT").otherwise(deep)
    for _ in range(60):
        shared = equal(shared, shared)
    wide = equal(*(f"T{number}" for number in range(10_000)))
    assert len({fingerprint(tree) for tree in (deep, shared, wide)}) == 3


def test_an_indicator_is_hashed_with_all_its_parameters() -> None:
    assert fingerprint(Indicator("rsi", Ticker("SPY"))) == fingerprint(rsi("SPY", 14))
