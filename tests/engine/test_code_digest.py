"""The hash of a function changes with everything that it computes with, and with nothing else."""

from __future__ import annotations

import functools
import textwrap
from collections.abc import Callable
from types import SimpleNamespace
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
    [
        (0.3, 0.4),
        ("a", "b"),
        ((1, 2), (1, 3)),
        (np.arange(3), np.arange(4)),
        (np.array([1, "a"], dtype=object), np.arange(2)),
        ([1], [2]),
        (True, 1),
        (np.sin, np.cos),
        (np.int64(2), np.int64(3)),
        (np.float32(2), np.float64(2)),
        ({"fast": 2}, {"fast": 3}),
        ({"fast": [2, (3, None)]}, {"fast": [2, (4, None)]}),
        ({1, 2}, {1, 3}),
        (((1, 2), 3), (1, (2, 3))),
        (functools.partial(np.roll, shift=1), functools.partial(np.roll, shift=2)),
        (SimpleNamespace(fast=2), SimpleNamespace(fast=3)),
    ],
)
def test_what_the_code_refers_to_by_name_counts(one: Any, other: Any) -> None:
    text = "def f(x):\n    return x * SHARE"
    assert code_digest(made(text, SHARE=one)) == code_digest(made(text, SHARE=one))
    assert code_digest(made(text, SHARE=one)) != code_digest(made(text, SHARE=other))
    assert code_digest(made(text, SHARE=one, UNUSED=1)) == code_digest(made(text, SHARE=one, UNUSED=2))


def test_a_class_of_the_notebook_and_its_objects_count() -> None:
    text = """
        class Windows:
            fast = FAST
            def __init__(self, slow):
                self.slow = slow
            def both(self):
                return self.fast + self.slow + ALSO
        windows = Windows(SLOW)
        def f(x):
            return x * windows.both() + Windows.fast
    """

    def of(fast: int, slow: int, also: int) -> str:
        return code_digest(made(text, FAST=fast, SLOW=slow, ALSO=also))

    assert of(1, 2, 3) == of(1, 2, 3)
    assert len({of(1, 2, 3), of(4, 2, 3), of(1, 4, 3), of(1, 2, 4)}) == 4


def test_an_object_that_is_called_like_a_function_counts_with_its_code_and_attributes() -> None:
    text = """
        import functools
        class Called:
            def __init__(self, share):
                self.share = share
            def __call__(self, x):
                return x * self.share * ALSO
        def times(x, share):
            return x * share * ALSO
        objects = Called(SHARE), functools.partial(times, share=SHARE)
        def f():
            return objects
    """

    def of(place: int, share: float, also: float) -> str:
        return code_digest(made(text, SHARE=share, ALSO=also)()[place])

    for place in (0, 1):
        assert of(place, 1.0, 2.0) == of(place, 1.0, 2.0)
        assert len({of(place, 1.0, 2.0), of(place, 3.0, 2.0), of(place, 1.0, 3.0)}) == 3


def test_what_refers_to_itself_is_no_endless_loop() -> None:
    around: dict[str, Any] = {"number": 1}
    around["self"] = [around]
    text = "def f(x):\n    return x * AROUND['number']"
    one = code_digest(made(text, AROUND=around))
    around["number"] = 2
    assert one != code_digest(made(text, AROUND=around))


def test_the_defaults_of_a_helper_count_to_the_last_element() -> None:
    def of(last: float) -> str:
        text = "def g(x, w=WEIGHTS):\n    return x * w[-1]\ndef f(x):\n    return g(x)"
        return code_digest(made(text, WEIGHTS=np.append(np.zeros(5_000), last)))

    assert of(1.0) == of(1.0) != of(2.0)


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
