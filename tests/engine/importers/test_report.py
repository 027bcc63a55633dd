"""Laws of the report: every block once, every remark with its place, equal remarks together, nothing unescaped."""

from __future__ import annotations

import json

from sbc_lab.engine.importers import load
from sbc_lab.engine.importers.report import LOSSES, STATUSES, Entry, Note, Report
from sbc_lab.engine.importers.report_html import html
from tests.engine.importers.documents import MAPS, asset, root, text, weight

BLOCKS = (
    Entry(0, -1, "", "root", "Top", line=1, column=1),
    Entry(1, 0, "children[0]", "group", "<b>&", (Note("dropped", "key 'x'"), Note("cosmetic", "id")), 2, 3),
    Entry(2, 1, "then[1]", "asset", "SPY", (Note("cosmetic", "id"),)),
)
REPORT = Report("composer-json", BLOCKS)


def test_a_block_has_the_gravest_status_of_its_remarks() -> None:
    assert [entry.status for entry in BLOCKS] == ["kept", "dropped", "cosmetic"]
    assert REPORT.counts == {"kept": 1, "cosmetic": 1, "mapped": 0, "repaired": 0, "dropped": 1, "unsupported": 0}
    assert list(REPORT.counts) == list(STATUSES)


def test_paths_lead_from_the_document_to_the_block() -> None:
    assert [REPORT.path(number) for number in range(3)] == ["", "children[0]", "children[0].then[1]"]


def test_losses_are_what_is_more_than_looks() -> None:
    assert {"repaired", "dropped", "unsupported"} == LOSSES
    assert not REPORT.lossless
    assert [str(line) for line in REPORT.losses] == ["line 2, column 3, children[0] (group '<b>&'): key 'x'"]
    assert Report("x", BLOCKS[2:]).lossless


def test_equal_remarks_are_one_line_with_their_number() -> None:
    summary = REPORT.summary()
    assert [(line.status, line.times) for line in summary] == [("dropped", 1), ("cosmetic", 2)]
    assert "id  (×2)" in REPORT.text()
    assert REPORT.text(most=1).endswith("… and 1 more remarks; .lines() has all of them")


def test_the_text_shows_nothing_invisible() -> None:
    report = Report("x", (Entry(0, -1, "", "group", "a\n\u202eb", (Note("mapped", "c\nd"),)),))
    assert report.text().count("\n") == 2
    assert "\u202e" not in report.text()


def test_html_is_escaped_and_cut() -> None:
    page = html(REPORT)
    assert "<b>" not in page
    assert "&lt;b&gt;&amp;" in page
    assert "… and 1 more remarks" in html(REPORT, most=1)
    assert REPORT._repr_html_() == page


def test_json_holds_every_block() -> None:
    found = load(MAPS).report
    document = json.loads(json.dumps(found.to_json()))
    assert document["format"] == "composer-json"
    assert document["counts"] == found.counts
    assert document["kinds"] == found.kinds
    assert len(document["blocks"]) == len(found.entries) == sum(found.kinds.values())
    assert [block["parent"] for block in document["blocks"]] == [entry.parent for entry in found.entries]
    assert all(("path" in block) == bool(block["notes"]) for block in document["blocks"])


def test_blocks_come_before_what_is_inside_them() -> None:
    for entry in load(text(root(weight(asset("A"), weight(asset("B")))))).report.entries:
        assert entry.parent < entry.number
