"""How a comparison is explained: both sides with their units, and which part of a condition decided.

Everything is asked on the last of six days, on which UP closes at 15 and DOWN at 11 after 22.
"""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from sbc_lab.engine.backtest import Backtest, backtest
from sbc_lab.engine.strategy import (
    Condition,
    Indicator,
    Strategy,
    all_of,
    any_of,
    at_least,
    constant,
    crosses_above,
    cumulative_return,
    equal,
    lag,
    month,
    nav,
    price,
    ratio,
    sentence,
    sma,
    when,
)

DAYS = ("2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "2024-01-05", "2024-01-08")
LAST = DAYS[-1]
YES, NO = price("UP") > 12, price("UP") > 20
HIGH, LOW = "price('UP') > 12: true (15.00 > 12 USD)", "price('UP') > 20: false (15.00, not > 20 USD)"


def candles(last: float = 15.0) -> xr.Dataset:
    close = [[10.0, 11.0, 12.0, 13.0, 14.0, last], [50.0, 40.0, 44.0, 33.0, 22.0, 11.0]]
    dates = np.array(DAYS, dtype="datetime64[ns]")
    return xr.Dataset({"close": (("ticker", "date"), close)}, coords={"ticker": ["UP", "DOWN"], "date": dates})


def run_of(term: Condition, last: float = 15.0) -> Backtest:
    return backtest(Strategy("Try", when(term).then("UP").otherwise("DOWN")), candles(last))


def condition(term: Condition) -> list[str]:
    """The lines between the heading and the branch that was taken."""
    return list(run_of(term).explain(LAST).lines[1:-2])


def test_a_nested_condition_shows_every_part_and_which_decided() -> None:
    term = all_of(YES, any_of(NO, at_least(2, YES, NO, month(1))), ~NO)
    assert condition(term) == [
        f"  if {sentence(term)[:109]}…: true",
        f"      {HIGH}  ← decides",
        "      (price('UP') > 20) | at_least(2, price('UP') > 12, price('UP') > 20, month(1)): true",
        f"        {LOW}",
        "        at_least(2, price('UP') > 12, price('UP') > 20, month(1)): true",
        f"          {HIGH}  ← decides",
        f"          {LOW}",
        "          month(1): true  ← decides",
        "      ~(price('UP') > 20): true",
        f"        {LOW}  ← decides",
    ]


def test_where_every_part_was_needed_none_is_marked() -> None:
    assert condition(YES & (price("UP") < 16)) == [
        "  if (price('UP') > 12) & (price('UP') < 16): true",
        f"      {HIGH}",
        "      price('UP') < 16: true (15.00 < 16 USD)",
    ]


def test_a_false_condition_marks_what_made_it_false() -> None:
    assert condition(YES & NO)[1:] == [f"      {HIGH}", f"      {LOW}  ← decides"]
    assert condition(~(YES | NO))[1:] == [
        "      (price('UP') > 12) | (price('UP') > 20): true",
        f"        {HIGH}  ← decides",
        f"        {LOW}",
    ]


def test_a_part_of_what_did_not_decide_is_not_marked() -> None:
    assert condition(YES | ((price("UP") < 16) & NO))[1:] == [
        f"      {HIGH}  ← decides",
        "      (price('UP') < 16) & (price('UP') > 20): false",
        "        price('UP') < 16: true (15.00 < 16 USD)",
        f"        {LOW}",
    ]


def test_a_condition_of_many_parts_is_cut() -> None:
    lines = condition(any_of(*[price("UP") > level for level in range(20, 120)]))
    assert len(lines) == 42
    assert lines[-1].strip() == "… and more than 40 parts"


@pytest.mark.parametrize(
    ("term", "sides"),
    [
        (price("UP") > sma("DOWN", 2), "false (15.00, not > 16.50 USD)"),
        (price("UP") > lag(price("UP"), 1), "true (15.00 > 14.00 USD)"),
        (price("UP") * 100 > 1234, "true (1,500.00 > 1,234 USD)"),
        (price("UP") / price("DOWN") > 1, "true (1.36 > 1)"),
        (price(ratio("UP", "DOWN")) >= 1, "true (1.36 >= 1)"),
        (cumulative_return("UP", 1) > 7, "true (7.14% > 7%)"),
        (cumulative_return("UP", 1) > price("UP"), "false (7.14%, not > 15.00 USD)"),
        (cumulative_return("UP", 1) / 1000 < 0.01, "true (0.007143% < 0.01%)"),
        (price(nav(equal("UP", "DOWN"))) < 1, "true (0.65 < 1)"),
        (sma(nav("UP"), 1) > 1, "true (1.50 > 1)"),
        (crosses_above(price("UP"), 15), "true (14.00 → 15.00 against 15 USD)"),
        (crosses_above(price("UP"), price("DOWN")), "true (14.00 → 15.00 against 22.00 → 11.00 USD)"),
        ((price("UP") > 12).for_days(3), "true (15.00 > 12 USD, on 3 of the last 3 dates)"),
        ((price("UP") > 13).for_days(3), "false (15.00 > 13 USD, on 2 of the last 3 dates)"),
        (constant(3) < price("UP"), "true (3 < 15.00 USD)"),
    ],
)
def test_sides_have_their_units_and_few_digits(term: Condition, sides: str) -> None:
    assert condition(term)[0].split(": ", 1)[1].startswith(sides)


def test_two_sides_that_differ_never_look_the_same() -> None:
    close = candles()
    close["close"].values[0, -1] = 15.0000004
    run = backtest(Strategy("Try", when(price("UP") > 15).then("UP").otherwise("DOWN")), close)
    assert "true (15.0000004 > 15 USD)" in run.explain(LAST).lines[1]


def test_the_number_shown_is_the_number_compared() -> None:
    term = cumulative_return("DOWN", 2) < -50
    assert isinstance(term.left, Indicator)
    assert condition(term)[0].endswith("true (-66.67% < -50%)")


def test_what_is_left_of_rounding_is_written_by_its_power_of_ten() -> None:
    first = condition((price("UP") - price("UP") * (1 + 1e-13)) < 0)[0]
    assert first.endswith("(-1.50e-12 < 0 USD)")
