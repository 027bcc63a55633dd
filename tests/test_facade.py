"""Laws of the façade: few names, each real, documented and found by tools; an unknown one is answered."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import sbc_lab as lab

MOST_NAMES = 40
SOURCE = Path(lab.__file__)


def test_the_facade_has_at_most_forty_names() -> None:
    assert len(lab.__all__) <= MOST_NAMES
    assert len(lab.__all__) == len(set(lab.__all__))


@pytest.mark.parametrize("name", [name for name in lab.__all__ if name != "__version__"])
def test_every_name_resolves_and_is_documented(name: str) -> None:
    value = getattr(lab, name)
    assert value is getattr(lab, name)
    assert (value.__doc__ or "").strip()


@pytest.mark.slow
@pytest.mark.parametrize("name", lab.__all__)
def test_every_name_can_be_imported_first_of_all(name: str) -> None:
    subprocess.run([sys.executable, "-c", f"from sbc_lab import {name}"], check=True, capture_output=True)


@pytest.mark.parametrize("name", ["Strategy", "backtest", "cube", "candles", "to_code", "rsi"])
def test_a_lazy_name_is_the_object_of_its_room(name: str) -> None:
    value = getattr(lab, name)
    assert value.__module__.startswith("sbc_lab.engine.")
    assert getattr(sys.modules[value.__module__], value.__name__) is value


def typed_names() -> set[str]:
    """The names that a type checker sees under TYPE_CHECKING."""
    tree = ast.parse(SOURCE.read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    assert ast.unparse(block.test) == "TYPE_CHECKING"
    return {
        alias.asname or alias.name for node in block.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }


def test_a_type_checker_sees_exactly_the_lazy_names() -> None:
    eager = {"__version__", "errors", "options"}
    assert typed_names() == set(lab.__all__) - eager


def test_the_table_names_nothing_that_is_not_public() -> None:
    assert set(lab._HOMES) <= set(lab.__all__)


def test_dir_lists_the_public_names_only() -> None:
    assert dir(lab) == sorted(lab.__all__)


def test_an_unknown_name_lists_the_nearest() -> None:
    with pytest.raises(
        AttributeError, match=r"there is no name 'backtst'; known, nearest first: [Bb]acktest"
    ) as caught:
        _ = lab.backtst  # type: ignore[attr-defined]  # the mistake is the test
    assert caught.value.name == "backtst"
    assert not hasattr(lab, "_repr_html_")


def test_a_name_that_does_not_exist_cannot_be_imported() -> None:
    with pytest.raises(ImportError, match="backtst"):
        exec("from sbc_lab import backtst")


def test_the_version_is_the_one_of_the_distribution() -> None:
    from importlib.metadata import version

    assert version("sbc-lab") == lab.__version__
