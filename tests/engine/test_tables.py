"""A table shows what it is given, in text and in HTML that fits a light and a dark page, and nothing that bites."""

from __future__ import annotations

import re

import pytest
import xarray as xr

from sbc_lab.engine.tables import MOST_ROWS, Cell, Table, number, percent, shaded
from sbc_lab.errors import UnknownNameError

EVIL = '<img src="x" onerror="alert(1)">\u202e\n'


def table(*rows: tuple[Cell, ...], title: str = "Title") -> Table:
    return Table(xr.Dataset({"gain": ("row", [0.1])}), title, ("", "Gain"), rows)


def test_text_is_aligned_with_words_left_and_numbers_right() -> None:
    shown = table((Cell("SPY"), Cell("1.00%")), (Cell("longer"), Cell("10.00%")))
    assert repr(shown) == "Title\n          Gain\nSPY      1.00%\nlonger  10.00%"


def test_what_is_too_long_to_show_is_counted() -> None:
    long = table(*((Cell(str(row)), Cell("1")) for row in range(MOST_ROWS + 5)))
    assert repr(long).splitlines()[-1] == "… and 5 more in .data"
    assert len(repr(long).splitlines()) == MOST_ROWS + 3
    assert long._repr_html_().count("<tr>") == MOST_ROWS + 1


def test_names_of_anybody_are_only_text() -> None:
    shown = table((Cell(EVIL, note=EVIL), Cell("1")), title=EVIL)._repr_html_()
    assert "<img" not in shown
    assert "\u202e" not in shown + repr(table((Cell(EVIL), Cell("1")), title=EVIL))
    assert not re.search(r'title="[^"]*"[^ >]', shown)


def test_a_gain_and_a_loss_are_shaded_and_never_opaque() -> None:
    shown = table((shaded(0.5, "50%", 0.5), shaded(-9.0, "-900%", 0.5), shaded(0.0, "0%", 0.5)))._repr_html_()
    shades = re.findall(r"background:rgba\((\d+),(\d+),(\d+),([\d.]+)\)", shown)
    assert [float(opacity) for *_, opacity in shades] == [0.45, 0.45]
    assert shades[0][:3] != shades[1][:3]
    assert "color:" not in shown.replace("background", "")  # the page's own colour of text stays


def test_a_cell_without_a_value_is_empty() -> None:
    assert shaded(float("nan"), "nan%", 1.0) == Cell("")
    assert shaded(0.1, "10%", 0.0) == Cell("10%")
    assert (percent(float("nan")), number(float("nan"))) == ("–", "–")
    assert (percent(-0.00001), number(1234.5)) == ("0.00%", "1,234.50")


def test_a_variable_is_looked_up_by_name() -> None:
    assert float(table()["gain"][0]) == 0.1
    with pytest.raises(UnknownNameError, match="Title: there is no variable 'gian'; known, nearest first: gain"):
        table()["gian"]


def test_a_column_of_words_stands_left_and_one_of_numbers_right() -> None:
    row = (Cell("SPY"), Cell("held"), Cell("7"))
    shown = Table(xr.Dataset(), "Title", ("", "A long role", "Long head"), (row,), words=(0, 1))
    assert repr(shown).splitlines()[-1] == "SPY  held                 7"
    assert re.findall(r"text-align:(left|right)", shown._repr_html_()) == ["left", "left", "right"] * 2
