"""Laws of reading JSON: what the library's reader reads is read alike, at any depth; all else ends with its place."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.importers import Limits
from sbc_lab.engine.importers.json_text import read_json
from sbc_lab.engine.importers.values import Map, Vector
from sbc_lab.engine.importers.writing import json_text
from sbc_lab.errors import StrategyImportError

plain = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
)
documents = st.recursive(
    plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
)


def refused(text: str, says: str, limits: Limits | None = None) -> StrategyImportError:
    with pytest.raises(StrategyImportError) as caught:
        read_json(text, limits=limits)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 400
    return caught.value


@given(documents, st.booleans())
def test_what_the_library_writes_is_read_alike(value: Any, ascii_only: bool) -> None:
    assert read_json(json.dumps(value, ensure_ascii=ascii_only, indent=1)) == value


@given(documents)
def test_what_is_written_here_is_read_by_the_library(value: Any) -> None:
    def tracked(inner: Any) -> Any:
        if isinstance(inner, dict):
            return Map({key: tracked(held) for key, held in inner.items()})
        return Vector(tracked(held) for held in inner) if isinstance(inner, list) else inner

    assert json.loads(json_text(tracked(value))) == value


def test_every_bracket_knows_its_place() -> None:
    read = read_json('{"a": [1,\n {"b": []}]}')
    assert (read.at, read["a"].at, read["a"][1].at, read["a"][1]["b"].at) == (0, 6, 11, 17)


def test_a_document_a_hundred_thousand_brackets_deep_is_read() -> None:
    depth = 100_000
    inner = read_json("[" * depth + "]" * depth)
    for _ in range(depth - 1):
        inner = inner[0]
    assert inner == []


def test_infinities_and_nan_are_read_as_such_numbers() -> None:
    nan, high, low = read_json("[NaN, Infinity, -Infinity]")
    assert math.isnan(nan)
    assert (high, low) == (math.inf, -math.inf)


def test_a_number_with_thousands_of_digits_is_no_integer_to_wait_for() -> None:
    assert read_json("9" * 100_000) == math.inf


def test_half_a_character_is_read_and_left_to_whoever_stores_it() -> None:
    assert read_json('"\\ud800"') == "\ud800"
    assert read_json('"\\ud83d\\ude00"') == "😀"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"a": 1, "a": 1}', "the key 'a' stands twice"),
        ('{"a": [1, 2}', "a comma or the closing bracket is needed, got }"),
        ('{"a" 1}', "a colon is needed, got 1"),
        ("{1: 2}", "a key in quotes or } is needed, got 1"),
        ("[1 2]", "a comma or the closing bracket is needed, got 2"),
        ("[1,]", "a value is needed, got ]"),
        ('{"a": 1,}', "a key in quotes is needed, got }"),
        ("[1]]", "the end of the text is needed, got ]"),
        ("[1] 2", "the end of the text is needed, got 2"),
        ('["abc', "is no JSON here"),
        ("[01]", "is no JSON here"),
        ("[True]", "is no JSON here"),
        ('["\\x"]', "holds a \\ that stands for nothing"),
        ('[{"a": [1', "this [ is never closed, and 2 more around it are open too"),
        ("", "the text ends where a value is needed"),
    ],
)
def test_what_is_no_json_is_refused(text: str, says: str) -> None:
    error = refused(text, says)
    assert error.path
    assert (error.line, error.column) != (None, None)


def test_an_error_says_line_column_and_path() -> None:
    error = refused('{"a": 1,\n "b": [{},\n  {"c": oops}]}', "line 3, column 9 (b[1].c)")
    assert (error.line, error.column, error.path) == (3, 9, "b[1].c")


@pytest.mark.parametrize(
    ("text", "limits", "says"),
    [
        ("[[[[]]]]", Limits(depth=3), "more than 3 brackets are open at once"),
        ("[1, 2, 3]", Limits(values=4), "more than 4 values"),
    ],
)
def test_beyond_a_limit_the_reader_stops_and_says_which(text: str, limits: Limits, says: str) -> None:
    assert "give limits=Limits(" in str(refused(text, says, limits))


@pytest.mark.parametrize(
    "text", ["[" + " " * 3_000_000, '["' + "\\" * 3_000_001, "[" + "1" * 3_000_000, "-" * 3_000_000]
)
def test_long_runs_are_looked_at_once(text: str) -> None:
    with pytest.raises(StrategyImportError):
        read_json(text)
