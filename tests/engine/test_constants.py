"""Laws of what is constant: Kleene's logic over numbers, and nothing left of what cannot matter."""

from __future__ import annotations

import pytest

from sbc_lab.engine._constants import ALWAYS, NEVER, Constants, enough
from sbc_lab.engine.strategy import Condition, all_of, any_of, at_least, constant, crosses_above, month, rsi

YES, NO = constant(1) > 0, constant(1) < 0
ASK, OTHER = rsi("SPY", 10) > 50, rsi("TLT", 10) > 50
UNKNOWN = constant(1) / constant(0) > 0


@pytest.mark.parametrize(
    ("condition", "truth"),
    [
        (YES, True),
        (NO, False),
        (ASK, None),
        (UNKNOWN, None),
        (month(1), None),
        (ASK & NO, False),
        (ASK | YES, True),
        (UNKNOWN & NO, False),
        (~(ASK & NO), True),
        (at_least(2, YES, ASK, YES), True),
        (at_least(2, YES, ASK, NO), None),
        (at_least(2, NO, ASK, NO), False),
        (constant(3).crosses_above(3), False),
        (YES.for_days(9), True),
    ],
)
def test_constants_decide_what_they_can(condition: Condition, truth: bool | None) -> None:
    assert Constants().truth(condition) is truth


@pytest.mark.parametrize(
    ("condition", "settled"),
    [
        (ASK & OTHER, ASK & OTHER),
        (ASK & NO, NEVER),
        (any_of(ASK & NO, OTHER), any_of(NEVER, OTHER)),
        (all_of(ASK | YES, OTHER), all_of(ALWAYS, OTHER)),
        (any_of(crosses_above(constant(1), 0), OTHER), any_of(NEVER, OTHER)),
        (all_of(YES.for_days(5), OTHER), all_of(ALWAYS, OTHER)),
        # a comparison of two numbers waits for nothing as it is
        (all_of(constant(7) > 3, OTHER), all_of(constant(7) > 3, OTHER)),
        (UNKNOWN | ASK, UNKNOWN | ASK),
    ],
)
def test_what_cannot_matter_is_left_out(condition: Condition, settled: Condition) -> None:
    assert Constants().settled(condition) is settled


@pytest.mark.parametrize("count", range(4))
def test_enough_is_what_every_completion_says(count: int) -> None:
    for first in (True, False, None):
        for second in (True, False, None):
            ends = {
                (a + b) >= count
                for a in ((True, False) if first is None else (first,))
                for b in ((True, False) if second is None else (second,))
            }
            assert enough([first, second], count) is (ends.pop() if len(ends) == 1 else None)


def test_a_condition_of_5000_levels_is_decided() -> None:
    condition: Condition = ASK
    for _ in range(5_000):
        condition = all_of(~condition, YES)
    assert Constants().truth(condition) is None
    assert Constants().truth(condition & NO) is False
