"""The law of broken documents for spells and native documents: read, or ended with our error and a path.

`SBC_FUZZ=100000 python -m pytest tests/engine/importers/test_fuzz_maps.py` runs as many as one likes; the seed is the
number of the document, so that one that fails can be made again.
"""

from __future__ import annotations

import json
import random
import resource
import time

import pytest

from sbc_lab.engine.importers import export, load
from sbc_lab.errors import StrategyImportError
from tests.engine.importers.mutations import mutated, reshaped
from tests.engine.importers.native.payloads import ALL as NATIVE
from tests.engine.importers.quantmage.spells import ALL as SPELL
from tests.engine.importers.test_fuzz import EXAMPLES, LONGEST_SECONDS, MEASURED, MOST_KILOBYTES, PARTS

TEXTS = (json.dumps(SPELL), json.dumps(NATIVE))


def broken(number: int) -> bytes:
    """Make the document of this number."""
    dice = random.Random(f"maps {number}")
    text = dice.choice(TEXTS)
    made = reshaped(text, dice) if dice.random() < 0.7 else mutated(text, dice)
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
        for target in ("quantmage", "native"):
            try:
                strategy = load(broken(number), partial=True).strategy
                text = export(strategy, target).text
            except StrategyImportError:
                continue
            assert load(text).report.counts["unsupported"] == 0, number
