"""The names of the room `data`."""

from __future__ import annotations

import pytest

from sbc_lab import data


def test_every_public_name_can_be_loaded() -> None:
    assert all(getattr(data, name) is not None for name in data.__all__)
    assert set(data.__all__) == set(data._HOMES)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = data.nothing
