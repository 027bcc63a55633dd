"""The hash of a function changes with everything that it computes with, and with nothing else."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sbc_lab.engine.code_digest import code_digest


def made(text: str, **around: Any) -> Callable[..., Any]:
    names: dict[str, Any] = {"np": np, "__name__": "notebook", **around}
    exec(textwrap.dedent(text), names)
    found: Callable[..., Any] = names["f"]
    return found


BASE = """
def f(x, window=20):
    return np.roll(x, window) * 2.0
"""


def written(x: float) -> float:
    return x + 1.0


def test_it_is_32_digits_and_stays_the_same() -> None:
    assert code_digest(written) == code_digest(written)
    assert len(code_digest(written)) == 32
    assert code_digest(made(BASE)) == code_digest(made(BASE))


@pytest.mark.parametrize(("old", "new"), [("2.0", "2.5"), ("*", "+"), ("window=20", "window=21"), ("roll", "tile")])
def test_another_code_is_another_hash(old: str, new: str) -> None:
    assert code_digest(made(BASE)) != code_digest(made(BASE.replace(old, new)))


def test_what_is_declared_beside_it_counts() -> None:
    assert code_digest(written, "1") != code_digest(written, "2")


@pytest.mark.parametrize(
    ("one", "other"),
    [(0.3, 0.4), ("a", "b"), ((1, 2), (1, 3)), (np.arange(3), np.arange(4)), ([1], [2]), (True, 1), (np.sin, np.cos)],
)
def test_what_the_code_refers_to_by_name_counts(one: Any, other: Any) -> None:
    text = "def f(x):\n    return x * SHARE"
    assert code_digest(made(text, SHARE=one)) == code_digest(made(text, SHARE=one))
    assert code_digest(made(text, SHARE=one)) != code_digest(made(text, SHARE=other))
    assert code_digest(made(text, SHARE=one, UNUSED=1)) == code_digest(made(text, SHARE=one, UNUSED=2))


def test_a_helper_counts_however_deep_and_even_when_it_calls_itself() -> None:
    def around(number: float) -> Callable[..., Any]:
        text = f"""
            def h(x):
                return h(x) if x else {number}
            def g(x):
                return [h(y) for y in x]
            def f(x):
                return (lambda y: g(y))(x)
        """
        return made(text)

    assert code_digest(around(1.0)) == code_digest(around(1.0)) != code_digest(around(2.0))


def test_a_value_that_a_closure_holds_counts() -> None:
    def outer(share: float) -> Callable[[float], float]:
        def inner(x: float) -> float:
            return share * x

        return inner

    assert code_digest(outer(1.0)) == code_digest(outer(1.0)) != code_digest(outer(2.0))


def test_a_compiled_function_is_as_its_plain_one() -> None:
    import numba

    text = "def f(x):\n    return x * SHARE"
    assert code_digest(numba.njit(made(text, SHARE=1.0))) == code_digest(made(text, SHARE=1.0))
    assert code_digest(numba.njit(made(text, SHARE=1.0))) != code_digest(numba.njit(made(text, SHARE=2.0)))
