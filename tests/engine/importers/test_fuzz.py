"""The law of broken documents: each is read, or ends with our error and a path; nothing else, soon, in little memory.

`SBC_FUZZ=100000 python -m pytest tests/engine/importers/test_fuzz.py` runs as many as one likes; the seed is the number
of the document, so that one that fails can be made again.
"""

from __future__ import annotations

import os
import random
import resource
import time

import pytest

from sbc_lab.engine.importers import export, load
from sbc_lab.engine.strategy import dumps
from sbc_lab.errors import StrategyImportError
from tests.engine.importers.documents import BLOCKS, FORMS, MAPS
from tests.engine.importers.mutations import mutated, reshaped

MEASURED = "SBC_FUZZ" in os.environ
"""Whether somebody watches; otherwise how long a document takes depends on who else uses the machine, and is no law."""
EXAMPLES = int(os.environ.get("SBC_FUZZ", "1500"))
PARTS = 3
LONGEST_SECONDS = 2.0
MOST_KILOBYTES = 1_000_000
EDN = (
    '{:step :root :name "Calm" :rebalance :daily :children [{:step :wt-cash-equal :children [{:step :filter '
    ":select-fn :top :select-n 1 :sort-by-fn :cumulative-return :sort-by-fn-params {:window 20} :children "
    '[{:step :asset :ticker "SPY" :price 1.5M} {:step :asset :ticker "TLT"}]}]}]}'
)
LISTS = '["defsymphony", "Calm", {":rebalance-frequency": ":daily"}, ["weight-equal", [["asset", "SPY", null]]]]'
OWN = dumps(load(FORMS).strategy)
DOCUMENTS = (FORMS, MAPS, BLOCKS, EDN, LISTS, OWN)


def broken(number: int) -> bytes:
    """Make the document of this number; as bytes, because a text without brackets would be a path."""
    dice = random.Random(number)
    if dice.random() < 0.5:
        made: str | bytes = reshaped(dice.choice((MAPS, BLOCKS, LISTS, OWN)), dice)
    else:
        made = mutated(dice.choice(DOCUMENTS), dice)
    return made if isinstance(made, bytes) else made.encode("utf-8", "surrogatepass")


def outcome(number: int) -> bool:
    """Whether a broken document is read; any other end than our error with a path fails."""
    try:
        found = load(broken(number), partial=number % 3 == 0)
    except StrategyImportError as error:
        if not error.path or not str(error):
            raise AssertionError(f"document {number}: an error without a path") from error
        return False
    except Exception as error:
        raise AssertionError(f"document {number} ends with {error!r}") from error
    assert found.strategy.fingerprint
    assert found.report.text()
    assert len(found.report.to_json()["blocks"]) == len(found.report.entries)
    return True


@pytest.mark.timeout(0 if MEASURED else 300)
@pytest.mark.parametrize("part", range(PARTS))
def test_a_broken_document_is_read_or_refused_with_a_path(part: int) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read, slowest = 0, (0.0, -1)
    for number in range(part, EXAMPLES, PARTS):
        begin = time.process_time()
        read += outcome(number)
        slowest = max(slowest, (time.process_time() - begin, number))
    assert read > EXAMPLES // PARTS // 50, "the mutator breaks everything, so nothing is learnt"
    # What the process took before is not the reader's; below that, nothing it does can be seen here.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KILOBYTES
    if MEASURED:
        assert slowest[0] < LONGEST_SECONDS, f"document {slowest[1]} took {slowest[0]:.1f} seconds of work"


def test_what_a_broken_document_becomes_can_be_written_and_read_again() -> None:
    for number in range(0, min(EXAMPLES, 3_000), 3):
        try:
            strategy = load(broken(number), partial=True).strategy
            text = export(strategy, "composer-json").text
        except StrategyImportError:
            continue
        assert load(text).report.counts["unsupported"] == 0
