"""The outline of an explanation: well formed, nested as the path is, legible on any page, harmless."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import assume, given, settings

from sbc_lab.engine.backtest import backtest
from sbc_lab.engine.explain_display import DEEPEST, Line, page
from sbc_lab.engine.strategy import Asset, Node, Strategy, equal, group, price, when
from sbc_lab.errors import BacktestError
from sbc_lab.testing import KINDS, synthetic_candles, trees

CANDLES = synthetic_candles(("SPY", "TLT", "GLD", "BIL"), days=120, seed=2, holes={"TLT": tuple(range(60, 75))})
RANDOM = trees(("SPY", "TLT", "GLD", "BIL"), kinds=KINDS - {"call", "caps"}, windows=(2, 10), max_leaves=8)


class Reader(HTMLParser):
    """Reads a page strictly: every tag is closed where it was opened, and only harmless ones occur."""

    ALLOWED = frozenset({"div", "b", "i", "bdi", "ul", "li", "details", "summary", "span"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.ALLOWED
        assert {name for name, _ in attrs} <= {"style", "class", "open"}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        assert "bdi" in self.open
        self.words.append((self.open.count("ul"), data))


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


def test_a_path_is_nested_and_what_a_block_looked_at_stands_before_where_it_led() -> None:
    lines = (
        Line(0, "heading", "2024-01-08  Try"),
        Line(1, "block", "if a > 1: true (2.00 > 1)"),
        Line(1, "side", "  a > 1: true (2.00 > 1)  ← decides"),
        Line(2, "block", "then SPY"),
        Line(0, "target", "target: 100% SPY"),
    )
    found = read(page(lines)).words
    joined = [(level, text) for level, text in found if text != "true" and not text.startswith(" (2")]
    assert joined == [
        (0, "2024-01-08  Try"),
        (1, "if a > 1: "),
        (2, "  a > 1: "),
        (2, "then SPY"),
        (0, "target: 100% SPY"),
    ]


def test_outcomes_have_the_colours_of_the_page() -> None:
    for outcome, colour in (("true", "success"), ("false", "error"), ("unknown", "warn")):
        text = page((Line(1, "block", f"if a > 1: {outcome} (2.00 > 1)"),))
        assert f'<span style="color: var(--jp-{colour}-color1, currentColor)">{outcome}</span>' in text
    assert not re.search(r"color: *(#|black|white|rgb\()", page((Line(1, "block", "x"),)))


def test_a_hostile_name_is_only_text() -> None:
    evil = "<script>alert(1)</script>: true (</bdi>"
    run = backtest(Strategy(evil, group(evil, Asset("SPY", title=evil))), CANDLES)
    text = run.explain()._repr_html_()
    read(text)
    assert "&lt;script&gt;" in text


def test_a_deep_path_stays_in_the_outline() -> None:
    node: Node = Asset("SPY")
    for level in range(2_000):
        node = when(price("TLT") > level / 10_000).then(node).otherwise("GLD")
    text = backtest(Strategy("deep", node), CANDLES).explain()._repr_html_()
    assert max(level for level, _ in read(text).words) <= DEEPEST + 2


def test_countless_paths_end_in_a_sentence() -> None:
    node: Node = equal("SPY", "TLT")
    for _ in range(40):
        node = equal(node, node)
    text = backtest(Strategy("wide", node), CANDLES).explain()._repr_html_()
    assert any("nodes or more were not followed" in words for _, words in read(text).words)


@given(tree=RANDOM)
@settings(max_examples=60)
def test_the_outline_says_what_the_text_says(tree: Node) -> None:
    try:
        run = backtest(Strategy("random", tree), CANDLES)
    except BacktestError:
        assume(False)
    explanation = run.explain(run.dates[len(run.dates) // 2])
    written = "".join(words for _, words in read(explanation._repr_html_()).words)
    assert written == "".join(step.words for step in explanation.steps)


@pytest.mark.parametrize("role", ["block", "side", "gap"])
def test_every_role_is_drawn(role: str) -> None:
    assert read(page((Line(1, role, "x"),))).words == [(1, "x")]
