"""The grammar of formulas: precedence, calls, and errors that point at the place."""

from __future__ import annotations

import ast
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.strategy.formula_text import DEEPEST, LONGEST, Step, read
from sbc_lab.errors import StrategyError


def written(text: str) -> str:
    """The steps as a Polish sentence, values first."""
    return " ".join(f"{step.word}/{step.count}" if step.kind == "call" else step.word for step in read(text, where="f"))


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("1", "1"),
        ("a", "a"),
        ("a + b * c", "a b c * +"),
        ("(a + b) * c", "a b + c *"),
        ("a - b - c", "a b - c -"),
        ("a / b % c", "a b / c %"),
        ("-a * b", "a negate b *"),
        ("a * -b", "a b negate *"),
        ("a - -b", "a b negate -"),
        ("--a", "a negate negate"),
        ("+a", "a"),
        ("-(a + b)", "a b + negate"),
        ("f()", "f/0"),
        ("f(a)", "a f/1"),
        ("f(a + 1, -b)", "a 1 + b negate f/2"),
        ("f(g(a), h())", "a g/1 h/0 f/2"),
        ("f((a), ((b)))", "a b f/2"),
        ("f( 'SPY/TLT' ,\n \"Q\")", "SPY/TLT Q f/2"),
        (".5 + 1. + 2e3 - 1.5E-2", ".5 1. + 2e3 + 1.5E-2 -"),
        ("f (a)", "a f/1"),
    ],
)
def test_signs_bind_as_usual(text: str, steps: str) -> None:
    assert written(text) == steps


@pytest.mark.parametrize(
    ("text", "message", "at"),
    [
        ("", "the formula is empty", 0),
        ("   ", "the formula is empty", 3),
        ("a +", "a value is missing at the end", 3),
        ("a + * b", r"a value is missing before '\*'", 4),
        ("()", r"a value is missing before '\)'", 1),
        ("f(a,)", r"a value is missing before '\)'", 4),
        ("f(,a)", "a value is missing before ','", 2),
        ("a b", r"a sign such as \+ or \* is missing before 'b'", 2),
        ("2(a)", r"a sign such as \+ or \* is missing before '\('", 1),
        ("(a", "this bracket is never closed", 0),
        ("f(a", "this bracket is never closed", 0),
        ("a)", "this bracket closes none", 1),
        ("a, b", "a comma stands only between the values of a call", 1),
        ("f((a, b))", "a comma stands only between the values of a call", 4),
        ("a ** 2", r"a power is typed pow\(x, y\)", 2),
        ("a ^ 2", r"a power is typed pow\(x, y\)", 2),
        ("a > 2", "a formula is a number; compare it where you use it", 2),
        ("a == 2", "a formula is a number", 2),
        ("f('SPY)", "this text is not closed", 2),
        ("a[0]", "only round brackets are used", 1),
        ("a.b", "this character has no meaning in a formula", 1),
        ("ä", "this character has no meaning in a formula", 0),
        ("a + \u0663", "this character has no meaning in a formula", 4),
        ("lambda: 0", "this character has no meaning in a formula", 6),
    ],
)
def test_a_mistake_is_pointed_at(text: str, message: str, at: int) -> None:
    with pytest.raises(StrategyError, match=f"^f: {message}") as caught:
        read(text, where="f")
    shown, mark = str(caught.value).splitlines()[-2:]
    assert shown == f"    {text}"
    assert mark == " " * (4 + at) + "^"


def test_the_caret_of_a_long_formula_stays_under_its_place() -> None:
    text = "close + " * 100 + "?"
    with pytest.raises(StrategyError) as caught:
        read(text, where="f")
    shown, mark = str(caught.value).splitlines()[-2:]
    assert shown[mark.index("^")] == "?"
    assert len(shown) <= 104


def test_what_would_turn_the_line_round_is_not_shown() -> None:
    with pytest.raises(StrategyError) as caught:
        read("close\u202e + sma", where="f")
    assert str(caught.value).splitlines()[-2:] == ["    close  + sma", "         ^"]


def test_length_and_depth_are_bounded() -> None:
    with pytest.raises(StrategyError, match=f"a formula may have {LONGEST} characters, got {LONGEST + 1}"):
        read("1" * (LONGEST + 1), where="f")
    with pytest.raises(StrategyError, match=f"it nests deeper than {DEEPEST} levels here"):
        read("(" * (DEEPEST + 1) + "a", where="f")
    assert len(read("(" * DEEPEST + "a" + ")" * DEEPEST, where="f")) == 1
    assert len(read("+".join("a" * 900), where="f")) == 1799


SIGNS = {"+": operator.add, "-": operator.sub, "*": operator.mul}
sums = st.recursive(
    st.integers(0, 9).map(str),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(sorted(SIGNS)), inner).map(" ".join),
        inner.map("({})".format),
        inner.map("-{}".format),
    ),
    max_leaves=20,
)


def calculated(steps: tuple[Step, ...]) -> int:
    pile: list[int] = []
    for step in steps:
        if step.kind == "number":
            pile.append(int(step.word))
        elif step.word == "negate":
            pile.append(-pile.pop())
        else:
            right, left = pile.pop(), pile.pop()
            pile.append(SIGNS[step.word](left, right))
    (found,) = pile
    return found


@given(sums)
def test_numbers_come_out_as_everywhere(text: str) -> None:
    assert calculated(read(text, where="f")) == eval(compile(ast.parse(text, mode="eval"), "sum", "eval"))


@given(st.text(alphabet="ab(),+-*/% 12.'\"N<\n", max_size=30))
def test_any_text_is_read_or_pointed_at(text: str) -> None:
    said = ""
    try:
        assert read(text, where="f")
    except StrategyError as error:
        said = str(error)
    assert not said or said.endswith("^")
