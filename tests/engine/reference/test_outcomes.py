"""Laws of waiting for a value."""

from __future__ import annotations

import numpy as np

from sbc_lab.engine.reference.outcomes import NOTHING, Wait, first_value, last_of


def test_the_first_value_is_the_first_that_is_not_missing() -> None:
    assert first_value(np.array([np.nan, np.nan, 1.0, np.nan])) == 2
    assert first_value(np.array([np.nan, np.nan])) == 2
    assert first_value(np.array([])) == 0


def test_the_last_wait_is_named_and_the_first_of_equals() -> None:
    waits = [NOTHING, Wait(3, lambda: "one"), Wait(3, lambda: "other"), Wait(2, lambda: "early")]
    assert last_of(waits).says() == "one"
