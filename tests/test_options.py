"""Laws of the options: checked at once, true inside their block only, always restored."""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sbc_lab as lab
from sbc_lab.errors import OptionError, SbcError, UnknownNameError
from sbc_lab.options import OPTIONS, options

anything: Any = options
"""The options without their types, to hand over what a checker would refuse."""


def test_every_default_is_allowed_and_holds_at_first() -> None:
    assert options.current() == {name: option.default for name, option in OPTIONS.items()}
    assert all(option.default in option.allowed for option in OPTIONS.values())


def test_an_option_holds_inside_its_block_only() -> None:
    seen: list[str] = [options.engine]
    with options(engine="numpy"):
        seen.append(options.engine)
        assert options.current() == {"engine": "numpy", "memory": "1GiB"}
    seen.append(options.engine)
    assert seen == ["numba", "numpy", "numba"]


@given(st.lists(st.sampled_from(["numba", "numpy"]), max_size=8))
def test_nested_blocks_restore_in_turn(values: list[Any]) -> None:
    def nest(left: list[Any]) -> None:
        before = options.engine
        if left:
            with options(engine=left[0]):
                assert options.engine == left[0]
                nest(left[1:])
        assert options.engine == before

    nest(values)


def test_an_error_inside_the_block_restores_as_well() -> None:
    with suppress(ZeroDivisionError), options(engine="numpy"):
        _ = 1 / 0
    assert options.engine == "numba"


def test_a_block_without_values_changes_nothing() -> None:
    with options(engine="numpy"), options():
        assert options.engine == "numpy"


def test_another_thread_does_not_see_the_block() -> None:
    seen = []
    with options(engine="numpy"):
        thread = threading.Thread(target=lambda: seen.append(options.engine))
        thread.start()
        thread.join()
    assert seen == ["numba"]


def test_what_current_returns_is_a_copy() -> None:
    options.current()["engine"] = "numpy"
    assert options.engine == "numba"


@pytest.mark.parametrize("value", ["numpi", "", "NUMPY", None, 1, True, ["numpy"]])
def test_a_value_that_is_not_allowed_is_refused_before_the_block(value: object) -> None:
    with pytest.raises(OptionError, match=r"engine must be one of .*'numpy'.*, got ") as caught:
        anything(engine=value)
    assert repr(value) in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_an_unknown_option_lists_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match=r"there is no option 'engin'; known, nearest first: engine"):
        anything(engin="numpy")


def test_an_unknown_attribute_lists_the_nearest() -> None:
    with pytest.raises(AttributeError, match=r"there is no option 'engin'; known, nearest first: engine"):
        _ = anything.engin
    assert not hasattr(options, "_repr_html_")


def test_an_assignment_is_refused_and_says_what_to_type() -> None:
    with pytest.raises(OptionError, match=r"type: with options\(engine='numpy'\)"):
        anything.engine = "numpy"
    with pytest.raises(SbcError):
        anything.speed = 3
    assert options.engine == "numba"


def test_the_text_names_every_option_with_its_value() -> None:
    text = repr(options)
    for name, option in OPTIONS.items():
        assert f"{name}={option.default!r}" in text
        assert option.meaning in text


def test_the_package_attribute_is_the_object_and_not_the_module() -> None:
    import sbc_lab.options  # noqa: F401  # what would put the module in the place of the object

    assert lab.options is options
