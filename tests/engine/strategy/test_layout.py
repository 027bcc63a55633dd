"""Line breaks never change what a line says, and look past brackets and commas inside texts."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.strategy.layout import wrapped


def test_a_short_line_stays() -> None:
    assert wrapped("x = f(1, 2)") == "x = f(1, 2)"


def test_the_last_bracket_opens_first() -> None:
    assert wrapped("x = f(1).g(22222, 33333)", width=16) == "x = f(1).g(\n    22222,\n    33333\n)"


def test_all_brackets_open_when_the_head_is_long() -> None:
    assert wrapped("x = ffff(11111).gggg(2)", width=14) == "x = ffff(\n    11111\n).gggg(\n    2\n)"


def test_inner_brackets_open_when_they_must() -> None:
    assert wrapped("x = f(g(1111, 2222))", width=12) == "x = f(\n    g(\n        1111,\n        2222\n    )\n)"


def test_many_short_items_share_lines() -> None:
    text = f"x = [{', '.join(map(str, range(100)))}]"
    assert max(map(len, wrapped(text, width=40).splitlines())) <= 40
    assert len(wrapped(text, width=40).splitlines()) < 20


@pytest.mark.parametrize("line", ["x = 'a, (b'", 'x = "it\'s (, "', "x = '\\'(,'", "x = f('((', \"))\", ',')"])
def test_brackets_and_commas_in_texts_are_left_alone(line: str) -> None:
    assert ast.dump(ast.parse(wrapped(line, width=5))) == ast.dump(ast.parse(line))


def test_what_cannot_be_broken_stays_long() -> None:
    assert wrapped("x = " + "1" * 50, width=20) == "x = " + "1" * 50


VALUES = st.recursive(
    st.one_of(st.integers(0, 99), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.tuples(inner, inner), st.dictionaries(st.text(max_size=3), inner)
    ),
)


@given(VALUES, st.integers(10, 60))
def test_any_line_says_the_same_when_it_is_broken(value: object, width: int) -> None:
    assert ast.literal_eval(wrapped(repr(value), width=width)) == value
