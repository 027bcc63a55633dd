"""Laws of `load`: what counts as a path, which encodings and formats are known for certain, and which losses pass."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest

import sbc_lab as lab
from sbc_lab.engine.importers import Import, Limits, load
from sbc_lab.engine.importers.formats import formats
from sbc_lab.engine.strategy import dumps
from sbc_lab.errors import StrategyImportError, UnknownNameError
from tests.engine.importers.documents import FORMS, MAPS, asset, root, text, weight
from tests.engine.importers.native import payloads
from tests.engine.importers.quantmage import spells

HOLD = '(defsymphony "Hold" {:rebalance-frequency :daily} (weight-equal [(asset "SPY" nil)]))'


def refused(source: object, says: str, **how: object) -> StrategyImportError:
    with pytest.raises(StrategyImportError) as caught:
        load(source, **how)  # type: ignore[arg-type]  # wrong on purpose
    assert says in str(caught.value)
    assert caught.value.path
    return caught.value


# ---------------------------------------------------------------- the source


def test_a_path_a_text_and_bytes_give_the_same(tmp_path: Path) -> None:
    file = tmp_path / "hold.clj"
    file.write_text(HOLD, encoding="utf-8")
    found = {load(source).strategy for source in (file, str(file), HOLD, HOLD.encode(), bytearray(HOLD.encode()))}
    assert len(found) == 1


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_the_encoding(encoding: str) -> None:
    assert load(HOLD.replace("Hold", "Höld").encode(encoding)).strategy.name == "Höld"
    assert load("\ufeff" + HOLD).strategy.name == "Hold"


def test_a_nameless_document_is_called_like_its_file(tmp_path: Path) -> None:
    file = tmp_path / "my_rule.clj"
    file.write_text('(asset "SPY")', encoding="utf-8")
    assert load(file).strategy.name == "SPY"
    file.write_text('(weight-equal [(asset "SPY")])', encoding="utf-8")
    assert load(file).strategy.name == "my_rule"


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("no_such_file.json", "'no_such_file.json' is no file here, and no document either"),
        ("", "the text is empty"),
        (" \n", "the text is empty"),
        (b"", "the bytes is empty"),
        (HOLD.replace("Hold", "Höld").encode("latin-1"), "byte 15 is no UTF-8"),
        (5, "give a path, a text or bytes, got int"),
        (None, "give a path, a text or bytes, got NoneType"),
        (Path("/"), "is a folder"),
        ("a\x00b", "cannot be read"),
        ("name: The Holy Grail\nroot: x", "begins with 'n'; a strategy begins with one of { [ ( \" ;"),
    ],
)
def test_what_is_no_source_is_refused(source: object, says: str) -> None:
    refused(source, says)


def test_a_file_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    file = tmp_path / "long.clj"
    file.write_text(HOLD, encoding="utf-8")
    refused(file, "give limits=Limits(size=…)", limits=Limits(size=50))
    refused(HOLD, "is larger than 50 bytes", limits=Limits(size=50))
    assert load(file, limits=Limits(size=500)).strategy.name == "Hold"


def test_more_blocks_than_allowed_are_refused() -> None:
    refused(FORMS, "more than 5 blocks", limits=Limits(blocks=5))


@pytest.mark.parametrize("bad", [0, -1, 1.5, True, "10"])
def test_a_limit_is_a_count(bad: object) -> None:
    with pytest.raises(StrategyImportError, match="depth must be a whole number"):
        Limits(depth=bad)  # type: ignore[arg-type]  # wrong on purpose


# ---------------------------------------------------------------- formats


def test_every_format_is_told_from_the_others() -> None:
    inside = '{:step :wt-cash-equal :children [{:step :asset :ticker "SPY"}]}'
    edn = f'{{:step :root :name "Hold" :rebalance :daily :children [{inside}]}}'
    lists = '["defsymphony", "Hold", {"rebalance-frequency": "daily"}, ["weight-equal", [["asset", "SPY", null]]]]'
    hold = load(HOLD).strategy
    documents = {
        "defsymphony": HOLD,
        "defsymphony-json": lists,
        "composer-edn": edn,
        "composer-json": text(root(weight(asset("SPY")), name="Hold")),
        "quantmage": text(spells.spell(spells.weighted(spells.ticker("SPY")), name="Hold")),
        "native": text(payloads.bot(payloads.basic(payloads.position("SPY")), name="Hold")),
        "sbc_lab": dumps(hold),
    }
    assert set(documents) == set(formats())
    for name, document in documents.items():
        found = load(document)
        assert found.format == name
        assert found.strategy.fingerprint == hold.fingerprint
        assert load(document, format=name).strategy is found.strategy


def test_a_text_in_quotes_is_read_once_more() -> None:
    found = load(json.dumps(json.dumps(FORMS)))
    assert found.strategy is load(FORMS).strategy
    assert found.report.entries[0].status == "mapped"
    refused(json.dumps(""), "nothing but a text in quotes")


def test_an_unknown_document_says_what_was_looked_for() -> None:
    error = refused('{"alpha": 1}', "it is a map with 'alpha'. Looked for")
    assert all(name in str(error) for name in formats())


def test_a_document_of_another_format_than_asked_for_is_refused() -> None:
    refused(FORMS, "is no composer-json", format="composer-json")
    with pytest.raises(UnknownNameError, match="composer-json"):
        load(FORMS, format="composer")


def test_a_document_that_fits_two_formats_is_refused_with_their_names() -> None:
    both = {**json.loads(dumps(load(HOLD).strategy)), **root(weight(asset("SPY")))}
    error = refused(text(both), "can be read as composer-json and sbc_lab; say which it is")
    assert "format='composer-json'" in str(error)


def test_a_broken_document_of_our_own_says_its_path() -> None:
    document = json.loads(dumps(load(HOLD).strategy))
    document["nodes"][0]["kind"] = "nothing"
    refused(json.dumps(document), "nodes[0]")


# ---------------------------------------------------------------- losses


def test_strict_refuses_every_loss_and_partial_none() -> None:
    assert load(FORMS, strict=True).report.lossless
    assert load(MAPS, strict=True).report.lossless
    lossy = text(root(weight(asset("SPY", odd=1))))
    assert not load(lossy).report.lossless
    error = refused(lossy, "would lose something", strict=True)
    assert error.report.losses[0].status == "dropped"
    refused(FORMS, "give one of them", strict=True, partial=True)


def test_both_notations_of_one_strategy_are_the_same_strategy() -> None:
    assert load(FORMS).strategy.fingerprint == load(MAPS).strategy.fingerprint


def test_what_is_returned_shows_itself_and_can_be_stored() -> None:
    found = load(MAPS)
    assert isinstance(found, Import)
    assert repr(found).startswith("Strategy 'Calm'")
    assert "backtest(.strategy, profile='composer')" in repr(found)
    assert "sbc-lab-report" in found._repr_html_()
    copy = pickle.loads(pickle.dumps(found))
    assert copy.strategy is found.strategy
    assert copy.report.to_json() == found.report.to_json()


def test_an_error_keeps_its_place_on_the_way_to_another_process() -> None:
    error = refused('(asset "A/B/C")', "ticker")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.path, copy.line, copy.column) == (str(error), error.path, 1, 1)
    assert copy.report.losses == error.report.losses


def test_the_facade_has_it() -> None:
    assert lab.load is load
