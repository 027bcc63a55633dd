"""The published JSON Schema fits what is written, and refuses what the reader refuses by its shape."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from sbc_lab.engine.strategy import Strategy, from_wire, rsi, schema, to_wire, when
from sbc_lab.engine.strategy.fields import ROWS
from sbc_lab.engine.strategy.schema import PUBLISHED, published
from sbc_lab.errors import WireError
from sbc_lab.testing import strategies, trees

VALIDATOR = Draft202012Validator(schema())
SMALL = strategies(trees(max_leaves=4, looks=True))


def refused_by_both(broken: dict[str, Any]) -> bool:
    with pytest.raises(WireError):
        from_wire(broken)
    return not VALIDATOR.is_valid(broken)


def test_the_published_file_is_current() -> None:
    # To write it anew: python -c "from sbc_lab.engine.strategy.schema import publish; publish()"
    assert PUBLISHED.read_text(encoding="utf-8") == published()


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(schema())
    assert json.loads(published()) == schema()


def test_every_kind_is_described() -> None:
    assert set(schema()["$defs"]) == set(ROWS)
    assert all(part["description"] for part in schema()["$defs"].values())


@given(SMALL)
def test_every_document_that_is_written_fits(strategy: Strategy) -> None:
    VALIDATOR.validate(to_wire(strategy))


@given(SMALL, st.data())
def test_an_unknown_field_is_refused_by_both(strategy: Strategy, data: st.DataObject) -> None:
    broken = copy.deepcopy(to_wire(strategy))
    data.draw(st.sampled_from([broken, broken["rebalance"], *broken["nodes"]]))["colour"] = "red"
    assert refused_by_both(broken)


@given(SMALL, st.data())
def test_a_missing_field_is_refused_by_both(strategy: Strategy, data: st.DataObject) -> None:
    broken = copy.deepcopy(to_wire(strategy))
    needed = [(broken, name) for name in ("format", "version", "name", "rebalance", "root", "nodes")]
    needed += [(row, name) for row in broken["nodes"] for name in row if name not in ROWS[row["kind"]].defaults]
    where, name = data.draw(st.sampled_from(needed))
    del where[name]
    assert refused_by_both(broken)


@given(SMALL, st.data(), st.sampled_from([None, [[]], {"a": {}}, [None]]))
def test_a_wrong_type_is_refused_by_both(strategy: Strategy, data: st.DataObject, value: Any) -> None:
    broken = copy.deepcopy(to_wire(strategy))
    where = data.draw(st.sampled_from([broken, *broken["nodes"]]))
    where[data.draw(st.sampled_from(sorted(where)))] = value
    assert refused_by_both(broken)


@given(SMALL, st.data())
def test_an_unknown_kind_is_refused_by_both(strategy: Strategy, data: st.DataObject) -> None:
    broken = copy.deepcopy(to_wire(strategy))
    data.draw(st.sampled_from(broken["nodes"]))["kind"] = "astes"
    assert refused_by_both(broken)


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "month", "months": [13]},
        {"kind": "lag", "of": 0, "days": -5},
        {"kind": "percentile", "of": 0, "lookback": 1},
        {"kind": "weighting", "mode": "equal", "cap": 1.5},
    ],
)
def test_a_number_out_of_its_bounds_is_refused_by_both(row: dict[str, Any]) -> None:
    broken = copy.deepcopy(to_wire(Strategy("Hold", when(rsi("SPY") > 70).then("SPY").otherwise("TLT"))))
    broken["nodes"].append(row)
    assert refused_by_both(broken)
