"""Laws of reading EDN: forms, vectors, maps, keywords and numbers; missing brackets at the end are closed and told."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sbc_lab.engine.importers import Limits
from sbc_lab.engine.importers.edn_text import Unclosed, read_edn
from sbc_lab.engine.importers.values import Form, Map, Symbol, Vector
from sbc_lab.engine.importers.writing import Keyword, Lines, edn_text
from sbc_lab.errors import StrategyImportError


def read(text: str) -> Any:
    value, unclosed = read_edn(text)
    assert unclosed == ()
    return value


def refused(text: str, says: str, limits: Limits | None = None) -> StrategyImportError:
    with pytest.raises(StrategyImportError) as caught:
        read_edn(text, limits=limits)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 400
    return caught.value


def test_forms_vectors_and_maps_are_told_apart() -> None:
    form = read('(if [1 2.5] {:window 10, "b" nil} true)')
    assert type(form) is Form
    assert (form[0], type(form[0])) == ("if", Symbol)
    assert (form[1], type(form[1])) == ([1, 2.5], Vector)
    assert form[2] == {"window": 10, "b": None}
    assert form[3] is True


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("57.2128M", 57.2128),
        ("10N", 10),
        ("-2", -2),
        ("+3.", 3.0),
        ("1/4", 0.25),
        ("1e-05", 1e-05),
        ("##Inf", math.inf),
    ],
)
def test_numbers_are_read(text: str, value: float) -> None:
    assert read(f"[{text}]") == [value]


def test_nan_comments_commas_and_tags() -> None:
    value = read('; a comment\n[##NaN, ; another ) "\n #inst "2020-01-01" :a/b]')
    assert math.isnan(value[0])
    assert value[1:] == ["2020-01-01", "a/b"]


def test_texts_keep_their_escapes() -> None:
    assert read(r'["a\"b" "\n\u00e9" "\\"]') == ['a"b', "\né", "\\"]
    assert read(r'["\ud83d\ude00" "\ud800"]') == ["😀", "\ud800"]


def test_a_map_as_a_key_is_kept_out_of_the_way() -> None:
    value = read("{{:feature :price} 1, {:feature :price} 2}")
    assert list(value.values()) == [1, 2]


def test_a_document_a_hundred_thousand_brackets_deep_is_read() -> None:
    depth = 100_000
    inner = read("(" * depth + ")" * depth)
    for _ in range(depth - 1):
        inner = inner[0]
    assert inner == []


def test_brackets_missing_at_the_end_are_closed_and_told_innermost_first() -> None:
    value, unclosed = read_edn("(a\n [(b)")
    assert value == ["a", [["b"]]]
    assert unclosed == (Unclosed("[", 2, 2), Unclosed("(", 1, 1))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("(a [b)", "this ) does not close the [ that is open"),
        ("(a))", "this ) closes nothing"),
        ("(a) (b)", "a text holds one strategy"),
        ("(a b", "this ( is never closed"),
        ('(a "b', "is not closed"),
        ("{:a 1 :a 2}", "the key 'a' stands twice"),
        ("{:a 1 :b}", "the key 'b' has no value"),
        ("#{1}", "# is nothing that a strategy is written with"),
        ("(#foo 1)", "#foo is nothing"),
        (r'("\q")', "which stands for nothing"),
        ("; only a comment", "nothing but comments"),
        ("(" * 18 + "a)", "is never closed, and 16 more around it are open too"),
    ],
)
def test_what_is_no_edn_is_refused(text: str, says: str) -> None:
    error = refused(text, says)
    assert error.path
    assert (error.line, error.column) != (None, None)


def test_an_error_says_line_column_and_path() -> None:
    error = refused("{:a [1\n  #oops]}", "line 2, column 3 (a[1])")
    assert (error.line, error.column, error.path) == (2, 3, "a[1]")


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (Limits(depth=2), "more than 2 brackets"),
        (Limits(values=5), "more than 5 values"),
        (Limits(unclosed=0), "is never closed"),
    ],
)
def test_beyond_a_limit_the_reader_stops(limits: Limits, says: str) -> None:
    refused("(a (b (c)) (d)", says, limits)


@pytest.mark.parametrize(
    "text", ["(" + " " * 3_000_000, '("' + "\\" * 3_000_001, "(" + "9" * 3_000_000, "(,;" + ",;\n" * 1_000_000]
)
def test_long_runs_are_looked_at_once(text: str) -> None:
    with pytest.raises(StrategyImportError):
        read_edn(text)


def test_what_is_written_here_is_read_again() -> None:
    form = Form([Symbol("if"), Lines([1.5, 'a"\né', None]), Map({"window": 10, "rule": Keyword("daily")}), True])
    assert edn_text(form) == '(if\n [\n  1.5\n  "a\\"\\né"\n  nil] {:window 10, :rule :daily} true)\n'
    assert read(edn_text(form)) == ["if", [1.5, 'a"\né', None], {"window": 10, "rule": "daily"}, True]
