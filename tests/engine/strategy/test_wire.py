"""Stored documents: what is written is read back as the same object, and nothing else is ever read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sbc_lab.engine.strategy import (
    SCHEMA_VERSION,
    Node,
    Strategy,
    axis,
    dumps,
    equal,
    from_wire,
    group,
    loads,
    price,
    rsi,
    sma,
    threshold,
    to_wire,
    weighted,
    when,
    wire,
)
from sbc_lab.errors import StrategyError, WireError
from sbc_lab.testing import strategies, trees

HOLD = Strategy("Hold", weighted(("SPY", 0.6), ("TLT", 0.4)), rebalance=threshold(0.05))
CALM = Strategy(
    "Calm seas",
    when(rsi("QQQ", 10) > 79)
    .then("UVXY")
    .otherwise(when(price("SPY") > sma("SPY", 200)).then("TQQQ").otherwise("BIL")),
)
HOLD_TEXT = """{
  "format": "sbc_lab.strategy",
  "version": 1,
  "name": "Hold",
  "rebalance": {"rule": "threshold", "width": 0.05},
  "root": 3,
  "nodes": [
    {"kind": "weighting", "mode": "fixed", "shares": [0.6, 0.4]},
    {"kind": "asset", "ticker": "SPY"},
    {"kind": "asset", "ticker": "TLT"},
    {"kind": "weight", "weighting": 0, "members": [1, 2]}
  ]
}
"""


def document(*rows: dict[str, Any], **changes: Any) -> dict[str, Any]:
    plain = {"format": "sbc_lab.strategy", "version": 1, "name": "X", "rebalance": {"rule": "daily"}}
    return {**plain, "root": len(rows) - 1, "nodes": list(rows), **changes}


ASSET = {"kind": "asset", "ticker": "SPY"}
EQUAL = {"kind": "weighting", "mode": "equal"}
CONSTANT = {"kind": "constant", "value": 1}


def test_a_document_reads_like_a_table() -> None:
    assert dumps(HOLD) == HOLD_TEXT
    assert loads(HOLD_TEXT) is HOLD


def test_tickers_and_ratios_stay_inside_the_row_that_reads_them() -> None:
    strategy = Strategy("X", when(rsi("SPY/TLT", 10) > 79.5).then("SPY").otherwise("SPY"))
    assert to_wire(strategy)["nodes"] == [
        {"kind": "indicator", "name": "rsi", "series": "SPY/TLT", "parameters": {"window": 10}},
        {"kind": "constant", "value": 79.5},
        {"kind": "comparison", "left": 0, "op": ">", "right": 1},
        {"kind": "asset", "ticker": "SPY"},
        {"kind": "if", "condition": 2, "then": 3, "otherwise": 3},
    ]


@given(strategies(trees(looks=True)))
def test_what_is_written_is_read_as_the_same_object(strategy: Strategy) -> None:
    assert from_wire(to_wire(strategy)) is strategy
    assert loads(dumps(strategy)) is strategy
    assert json.loads(dumps(strategy)) == to_wire(strategy)


@given(strategies(trees(looks=True)))
def test_rows_come_once_and_after_what_they_name(strategy: Strategy) -> None:
    rows = to_wire(strategy)["nodes"]
    assert len({json.dumps(row, sort_keys=True) for row in rows}) == len(rows)


def test_name_description_and_looks_are_kept() -> None:
    tree = equal("SPY", group("Größe <b>", "TLT").replaced(title="t", color="#fff", folded=True))
    strategy = Strategy('Größe\t„quoted"', tree, description="two\nlines")
    assert loads(dumps(strategy)) is strategy


def test_open_axes_are_refused_with_what_to_type() -> None:
    hot = Strategy("Hot", when(rsi("SPY", axis("n", [5, 10])) > 70).then("SPY").otherwise("BIL"))
    with pytest.raises(
        WireError, match=r"axis\('n', \[5, 10\]\) is still open and cannot be stored; call .at\(n=…\) first"
    ):
        to_wire(hot)
    assert from_wire(to_wire(hot.at(n=5))) is hot.at(n=5)


def test_only_a_strategy_is_written() -> None:
    with pytest.raises(WireError, match=r"type Strategy\('name', node\)"):
        to_wire(equal("SPY"))  # type: ignore[arg-type]  # that is the point


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (document(), r"^nodes: a list of at least one row"),
        (document(ASSET, nodes={}), r"^nodes: a list"),
        (document("SPY"), r"^nodes\[0\]: a row is an object, got 'SPY'"),  # type: ignore[arg-type]  # that is the point
        (document({}), r"^nodes\[0\]: a kind is a text such as 'nav', got None"),
        (document({"kind": "aset"}), r"^nodes\[0\]: there is no kind 'aset'; known, nearest first: asset"),
        (document({"kind": "ticker", "symbol": "SPY"}), r"^nodes\[0\]: there is no kind 'ticker'"),
        (document({"kind": ["asset"]}), r"^nodes\[0\]: a kind is a text"),
        (document({"kind": "asset"}), r"^nodes\[0\].ticker: this field is missing"),
        (
            document({**ASSET, "tilte": "x"}),
            r"^nodes\[0\] \(asset\): there is no field 'tilte'; .*nearest first: title",
        ),
        (document({**ASSET, "ticker": 5}), r"^nodes\[0\].ticker: a text is needed, got 5"),
        (document({**ASSET, "ticker": "spy"}), r"^nodes\[0\] \(asset\): .*type 'SPY'"),
        (document({**ASSET, "folded": "yes"}), r"^nodes\[0\].folded: true or false is needed, got 'yes'"),
        (document({**ASSET, "title": "\x00"}), r"^nodes\[0\] \(asset\): .*control characters"),
        (document({**ASSET, "title": "\ud800"}), r"^nodes\[0\] \(asset\): .*half a character"),
        (document({"kind": "group", "name": "x", "child": 0}), r"^nodes\[0\].child: .*rows before it \(none\), got 0"),
        (
            document(ASSET, {"kind": "group", "name": "x", "child": 1}),
            r"^nodes\[1\].child: .*before it \(0 to 0\), got 1",
        ),
        (document(ASSET, {"kind": "group", "name": "x", "child": -1}), r"got -1"),
        (document(ASSET, {"kind": "group", "name": "x", "child": True}), r"the number of a row that holds a node"),
        (document(ASSET, {"kind": "group", "name": "x", "child": 0.0}), r"the number of a row that holds a node"),
        (
            document(EQUAL, {"kind": "group", "name": "x", "child": 0}),
            r"a node is needed, but row 0 is of kind 'weighting'",
        ),
        (document(EQUAL, {"kind": "weight", "weighting": 0, "members": 0}), r"^nodes\[1\].members: a list is needed"),
        (document(ASSET, EQUAL, {"kind": "weight", "weighting": 1, "members": [0, 7]}), r"^nodes\[2\].members\[1\]: "),
        (
            document(EQUAL, {"kind": "weight", "weighting": 0, "members": []}),
            r"^nodes\[1\] \(weight\): .*at least one child",
        ),
        (document({"kind": "weighting", "mode": "even"}), r"^nodes\[0\].mode: one of equal, fixed"),
        (document({"kind": "weighting", "mode": "fixed", "shares": [0.6, 0.5]}), r"^nodes\[0\].*these add up to 1.1"),
        (document({"kind": "constant", "value": float("nan")}), r"^nodes\[0\].value: a finite number"),
        (document({"kind": "constant", "value": 10**400}), r"^nodes\[0\].value: a finite number below 2\*\*63"),
        (document({"kind": "constant", "value": "1"}), r"^nodes\[0\].value: a number is needed, got '1'"),
        (document({"kind": "constant", "value": True}), r"^nodes\[0\].value: a number is needed, got True"),
        (
            document({"kind": "constant", "value": {"axis": "n", "points": [1]}}),
            r"^nodes\[0\].value: a number is needed",
        ),
        (
            document({"kind": "indicator", "name": "rsii", "series": "SPY"}),
            r"^nodes\[0\] \(indicator\): there is no indicator 'rsii'; known, nearest first: rsi",
        ),
        (
            document({"kind": "indicator", "name": "rsi", "series": "SPY", "parameters": {"window": 0}}),
            r"^nodes\[0\] \(indicator\): rsi\('SPY'\): window must be",
        ),
        (
            document({"kind": "indicator", "name": "rsi", "series": "SPY", "parameters": {"window": 1.5}}),
            r"window must be",
        ),
        (
            document({"kind": "indicator", "name": "rsi", "series": "SPY", "parameters": [5]}),
            r"parameters: an object such",
        ),
        (document({"kind": "indicator", "name": "rsi", "series": "spy"}), r"^nodes\[0\].series: .*type 'SPY'"),
        (document({"kind": "indicator", "name": "rsi", "series": None}), r"^nodes\[0\].series: the number of a row"),
        (document({"kind": "month", "months": [1.5]}), r"^nodes\[0\].months\[0\]: a whole number is needed, got 1.5"),
        (document({"kind": "on_or_after", "day": "2-1"}), r"^nodes\[0\].day: a day such as '11-30'"),
        (document({"kind": "on_or_after", "day": "02-30"}), r"^nodes\[0\] \(on_or_after\): "),
        (document({"kind": "branch", "which": "else"}), r"^nodes\[0\] \(branch\): "),
        (document({"kind": "branch", "which": None}), r"^nodes\[0\].which: a branch such as"),
        (document(ASSET, ASSET), r"^nodes\[0\]: no row uses this one"),
        (document(CONSTANT), r"^root: a node is needed, but row 0 is of kind 'constant'"),
        (document(ASSET, root=1), r"^root: the number of a row from 0 to 0"),
        (document(ASSET, root="0"), r"^root: the number of a row"),
        (document(ASSET, name=5), r"^name: a text is needed, got 5"),
        (document(ASSET, name=""), r"^document: .*must not be empty"),
        (document(ASSET, description=None), r"^description: a text is needed"),
        (document(ASSET, rebalance="daily"), r"^rebalance: an object such as"),
        (document(ASSET, rebalance={}), r"^rebalance.rule: this field is missing"),
        (document(ASSET, rebalance={"rule": "hourly"}), r"^rebalance.rule: one of daily"),
        (document(ASSET, rebalance={"rule": "threshold"}), r"^rebalance .*say the width"),
        (document(ASSET, rebalance={"rule": "daily", "when": 5}), r"^rebalance .*no field 'when'"),
        (document(ASSET, colour="red"), r"^document: there is no field 'colour'"),
        (document(ASSET, format="other"), r"^format: this is no strategy of sbc_lab"),
        (document(ASSET, version=0), r"^version: a whole number from 1"),
        (document(ASSET, version="1"), r"^version: a whole number from 1"),
        (document(ASSET, version=True), r"^version: a whole number from 1"),
        (document(ASSET, version=2), r"^version: the document was written by a newer sbc_lab \(version 2,"),
        ([], r"^a document is an object"),
        (None, r"^a document is an object"),
        ({}, r"^format: this is no strategy of sbc_lab"),
    ],
)
def test_what_is_no_strategy_is_refused_with_its_path(broken: dict[str, Any], sentence: str) -> None:
    with pytest.raises(WireError, match=sentence):
        from_wire(broken)


@pytest.mark.parametrize("missing", ["format", "version", "name", "rebalance", "root", "nodes"])
def test_every_field_of_a_document_is_needed(missing: str) -> None:
    whole = document(ASSET)
    del whole[missing]
    with pytest.raises(WireError, match=missing):
        from_wire(whole)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "is no JSON"),
        ("not a strategy", "is no JSON"),
        ("{", "is no JSON"),
        ("\x00\x01", "is no JSON"),
        ("[" * 100_000, "nests too deeply|is no JSON"),
        ('{"a":' * 100_000, "nests too deeply|is no JSON"),
        ('{"name": 1, "name": 2}', "the key 'name' stands twice"),
        ("NaN", "holds NaN"),
        ('{"a": -Infinity}', "holds -Infinity"),
        ("9" * 5_000, "is no JSON"),
        (HOLD_TEXT.replace("0.6", "1e999"), "a finite number"),
        (HOLD_TEXT.replace("0.6", "9" * 400), "a finite number"),
        ('{"format": "composer"}', "this is no strategy of sbc_lab; 'sbc_lab.strategy' is needed, got 'composer'"),
    ],
)
def test_a_file_that_is_no_strategy_says_so(text: str, sentence: str) -> None:
    with pytest.raises(WireError, match=sentence):
        loads(text)


def test_only_text_is_read() -> None:
    with pytest.raises(WireError, match="a text is needed"):
        loads(b"{}")  # type: ignore[arg-type]  # that is the point


def test_what_is_too_large_is_refused_before_it_is_read() -> None:
    with pytest.raises(WireError, match=r"the text has \d+ characters, at most 100 are read"):
        loads(HOLD_TEXT, most_text=100)
    with pytest.raises(WireError, match="nodes: 4 rows, at most 3 are read"):
        loads(HOLD_TEXT, most_nodes=3)


JSON_VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    with pytest.raises(WireError):
        loads(text)


@given(strategies(trees(max_leaves=4)), st.data())
def test_any_change_of_a_document_is_read_or_refused(strategy: Strategy, data: st.DataObject) -> None:
    changed = json.loads(dumps(strategy))
    where = data.draw(st.sampled_from([changed, changed["rebalance"], *changed["nodes"]]))
    name = data.draw(st.one_of(st.sampled_from(sorted(where)), st.text(max_size=4)))
    where[name] = data.draw(JSON_VALUES)
    text = json.dumps(changed)
    try:
        read = loads(text)
    except WireError:
        return
    assert loads(dumps(read)) is read


@given(strategies(trees(max_leaves=4)), st.data())
@example(CALM, None)
def test_any_cut_of_a_text_is_refused(strategy: Strategy, data: st.DataObject | None) -> None:
    text = dumps(strategy).rstrip()
    end = data.draw(st.integers(0, len(text) - 1)) if data is not None else len(text) - 1
    with pytest.raises(WireError):
        loads(text[:end])


def test_an_older_document_is_brought_up_one_version_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []

    def upgrade(version: int) -> Any:
        def step(old: dict[str, Any]) -> dict[str, Any]:
            steps.append(version)
            renamed = {("name" if name == f"title{version}" else name): value for name, value in old.items()}
            return {**renamed, **({"title2": renamed.pop("name")} if version == 1 else {})} if version == 1 else renamed

        return step

    monkeypatch.setattr(wire, "SCHEMA_VERSION", 3)
    monkeypatch.setattr(wire, "UPGRADES", {1: upgrade(1), 2: upgrade(2)})
    old = document(ASSET)
    old["title1"] = old.pop("name")
    assert wire.from_wire(old) is Strategy("X", "SPY")
    assert steps == [1, 2]


def test_a_broken_older_document_and_a_missing_step_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "SCHEMA_VERSION", 2)
    with pytest.raises(WireError, match="no way from version 1 to 2"):
        wire.from_wire(document(ASSET))
    monkeypatch.setattr(wire, "UPGRADES", {1: lambda old: old["gone"]})
    with pytest.raises(WireError, match="no whole document of version 1"):
        wire.from_wire(document(ASSET))


def test_every_version_has_its_step() -> None:
    assert sorted(wire.UPGRADES) == list(range(1, SCHEMA_VERSION))


def test_defaults_may_be_written_out() -> None:
    spelled = {**ASSET, "title": "", "color": "", "folded": False}
    assert from_wire(document(spelled)) is Strategy("X", "SPY")


def test_the_sentence_of_a_constructor_stays_the_cause() -> None:
    with pytest.raises(WireError) as caught:
        from_wire(document({"kind": "weighting", "mode": "fixed", "shares": [0.5]}))
    assert isinstance(caught.value.__cause__, StrategyError)


def test_deep_wide_and_shared_trees_are_written_and_read() -> None:
    deep: Node = group("x", "SPY")
    shared: Node = group("x", "SPY")
    for level in range(5_000):
        deep = when(rsi("QQQ", 10) > level).then("TLT").otherwise(deep)
    for _ in range(60):
        shared = equal(shared, shared)
    wide = equal(*(f"T{number}" for number in range(10_000)))
    for tree in (deep, shared, wide):
        strategy = Strategy("X", tree)
        assert loads(dumps(strategy)) is strategy
    assert len(to_wire(Strategy("X", shared))["nodes"]) == 63
