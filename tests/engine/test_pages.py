"""What is written as HTML is escaped, aligned by what it holds, and scrolls inside its own box."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from sbc_lab.engine import pages

EVIL = '"><script>alert(1)</script>'


class Reader(HTMLParser):
    """Reads a page strictly: every tag is closed where it was opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag != "script"
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def words(text: str) -> list[str]:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader.words


def test_words_stand_left_and_numbers_right() -> None:
    shown = pages.table(("name", "gain"), [(pages.cell("SPY", left=True), pages.cell("1.00%"))])
    assert re.findall(r"text-align:(left|right)", shown) == ["left", "right", "left", "right"]
    assert words(shown) == ["name", "gain", "SPY", "1.00%"]


def test_a_table_scrolls_inside_its_box_and_its_digits_are_of_one_width() -> None:
    shown = pages.table((), [(pages.cell("1"),)])
    assert shown.startswith('<div style="overflow-x:auto;max-width:100%"><table ')
    assert "font-variant-numeric:tabular-nums" in shown
    assert "<thead>" not in shown


def test_no_colour_of_text_is_set() -> None:
    every = pages.title("a", "b") + pages.figures([("CAGR", "1%")]) + pages.faint("c") + pages.folded("d", ["e"])
    shown = every + pages.beside([pages.table(("f",), [(pages.cell("g", note="h"),)])])
    assert not re.search(r"(?<![-\w])(color|background)\s*:", shown)


def test_what_anybody_wrote_is_only_text() -> None:
    cell = pages.cell(EVIL, left=True, note=EVIL)
    parts = (pages.title(EVIL, EVIL), pages.table((EVIL,), [(cell,)]), pages.faint(EVIL), pages.folded(EVIL, [EVIL]))
    assert words("".join((*parts, pages.figures([(EVIL, EVIL)])))) == [EVIL, " ", EVIL, *[EVIL] * 7]


def test_nothing_left_out_is_not_said() -> None:
    assert pages.faint("") == ""
