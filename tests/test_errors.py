"""Laws of the errors: one class per kind of mistake, and an unknown name always answered with the nearest ones."""

from __future__ import annotations

import inspect
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab import errors
from sbc_lab.errors import NEAREST, SbcError, UnknownNameError, nearest, unknown_name

CLASSES = [cls for _, cls in inspect.getmembers(errors, inspect.isclass) if issubclass(cls, SbcError)]
names = st.text(st.characters(codec="ascii", exclude_categories=["Cc"]), min_size=1, max_size=8)


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if cls is not SbcError])
def test_every_error_is_an_sbc_error_and_a_builtin(cls: type[SbcError]) -> None:
    builtin = [base for base in cls.__mro__ if base.__module__ == "builtins"]
    assert builtin[0] not in {Exception, BaseException}
    assert issubclass(cls, SbcError)


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_is_documented_and_keeps_its_sentence(cls: type[SbcError]) -> None:
    assert cls.__doc__
    assert cls.__doc__.endswith(".")
    assert str(cls("got 0, at least 1 is allowed; type window=1")) == "got 0, at least 1 is allowed; type window=1"


@pytest.mark.parametrize("cls", CLASSES)
def test_an_error_survives_the_way_to_another_process(cls: type[SbcError]) -> None:
    copy = pickle.loads(pickle.dumps(cls("a sentence")))
    assert type(copy) is cls
    assert str(copy) == "a sentence"


def test_the_nearest_name_comes_first() -> None:
    assert nearest("smaa", ["rsi", "sma", "ema"])[0] == "sma"
    assert nearest("SPYY", ["QQQ", "SPY", "TLT"])[0] == "SPY"
    assert nearest("spy", ["QQQ", "SPY"])[0] == "SPY"
    assert nearest("draw", ["drawdown", "raw"])[0] == "drawdown"


@given(names, st.lists(names, max_size=20), st.integers(1, 12))
def test_nearest_returns_known_names_once_and_no_more_than_asked(name: str, known: list[str], limit: int) -> None:
    found = nearest(name, known, limit=limit)
    assert set(found) <= set(known)
    assert len(found) == len(set(found)) == min(limit, len(set(known)))


@given(names, st.lists(names, max_size=20))
def test_nearest_does_not_depend_on_the_order(name: str, known: list[str]) -> None:
    assert nearest(name, known) == nearest(name, reversed(known))


@given(st.lists(names, min_size=1, max_size=20), st.data())
def test_a_name_that_is_known_is_its_own_nearest(known: list[str], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(known))
    assert nearest(name, known)[0].lower() == name.lower()


def test_an_unknown_name_is_answered_with_what_was_given_and_what_is_known() -> None:
    error = unknown_name("indicator", "rsj", ["rsi", "sma"], where="cube")
    assert isinstance(error, UnknownNameError)
    assert isinstance(error, LookupError)
    assert str(error) == "cube: there is no indicator 'rsj'; known, nearest first: rsi, sma"


def test_an_unknown_name_counts_the_ones_it_does_not_list() -> None:
    known = [f"t{number}" for number in range(NEAREST + 3)]
    assert str(unknown_name("ticker", "t1", known)).endswith(" and 3 more")
    assert "more" not in str(unknown_name("ticker", "t1", known[:NEAREST]))


def test_an_unknown_name_among_none_says_so() -> None:
    assert str(unknown_name("bot", "calm", [])) == "there is no bot 'calm'; there is no bot to choose from"


@pytest.mark.parametrize("name", [3, None, 2.5])
def test_an_unknown_name_need_not_be_text(name: object) -> None:
    assert repr(str(name)) in str(unknown_name("ticker", name, ["SPY"]))


def test_a_very_long_name_is_not_repeated_as_a_whole() -> None:
    assert len(str(unknown_name("ticker", "X" * 100_000, ["SPY"]))) < 200
