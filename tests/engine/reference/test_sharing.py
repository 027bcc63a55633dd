"""Laws of ranking and sharing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.reference.sharing import NOT_PICKED, ranks, rounded, shares, volatility, volatility_claims

NAN = np.nan


def column(*values: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """One date, a child per row."""
    return np.array(values, dtype=float)[:, np.newaxis]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (0.0, 0.0),
        (0.12345678949, 0.123456789),  # at most 9 decimals
        (123.45678949, 123.4567895),  # 10 significant digits
        (12345678901234.0, 12345678900000.0),
        (-2.00000000049, -2.0),
        (9.9999999999, 10.0),
        (0.5e-9, 0.0),  # half to even
        (1.5e-9, 2e-9),
        (1e-300, 0.0),
        (1.23456789012e300, 1.234567890e300),
    ],
)
def test_scores_are_compared_at_ten_digits_and_nine_decimals(raw: float, expected: float) -> None:
    assert rounded(np.array([raw]))[0] == pytest.approx(expected, rel=1e-15, abs=0.0)


@given(st.floats(-1e12, 1e12))
def test_rounding_twice_is_rounding_once(raw: float) -> None:
    once = rounded(np.array([raw]))
    assert rounded(once)[0] == once[0]


def picked(scores: list[float], count: int, *, highest_first: bool) -> list[int]:
    rank = ranks([np.array([score]) for score in scores], count, highest_first=highest_first)
    return [int(row[0]) for row in rank]


def test_the_best_come_first() -> None:
    assert picked([1.0, 3.0, 2.0], 2, highest_first=True) == [NOT_PICKED, 0, 1]
    assert picked([1.0, 3.0, 2.0], 2, highest_first=False) == [0, NOT_PICKED, 1]


def test_equal_scores_stay_in_document_order_from_either_end() -> None:
    almost = 1.0 + 1e-12
    assert picked([1.0, almost, 1.0], 2, highest_first=True) == [0, 1, NOT_PICKED]
    assert picked([almost, 1.0, 1.0], 2, highest_first=False) == [0, 1, NOT_PICKED]


def test_a_missing_score_never_ranks_and_more_than_there_are_is_all() -> None:
    assert picked([NAN, 3.0, 2.0], 9, highest_first=True) == [NOT_PICKED, 0, 1]
    assert picked([NAN, NAN], 1, highest_first=False) == [NOT_PICKED, NOT_PICKED]


def test_what_the_inactive_claim_goes_to_the_active_in_proportion() -> None:
    active = np.array([[True], [False], [True]])
    assert shares(column(0.5, 0.3, 0.2), active)[:, 0].tolist() == pytest.approx([0.5 / 0.7, 0.0, 0.2 / 0.7])
    assert shares(column(0.5, 0.3, 0.2), active & False)[:, 0].tolist() == [0.0, 0.0, 0.0]


def test_volatility_is_the_sample_deviation_of_the_last_returns() -> None:
    row = volatility(np.array([NAN, 0.01, 0.03, 0.02, 0.02]), 2)
    assert np.isnan(row[:2]).all()
    assert row[2:].tolist() == pytest.approx([0.02 / np.sqrt(2), 0.01 / np.sqrt(2), 0.0], abs=1e-15)
    assert np.isnan(volatility(np.array([0.01]), 2)).all()


@pytest.mark.parametrize(
    ("mode", "sigma", "expected"),
    [
        ("inverse_vol", (0.01, 0.03), [0.75, 0.25]),
        ("vol", (0.01, 0.03), [0.25, 0.75]),
        ("inverse_vol", (0.01, 0.9e-12), [1.0, 0.0]),
        ("vol", (NAN, 0.03), [0.0, 1.0]),
        ("inverse_vol", (NAN, 0.0), [0.5, 0.5]),
    ],
)
def test_a_child_without_volatility_is_dropped_and_all_dropped_is_equal(
    mode: str, sigma: tuple[float, float], expected: list[float]
) -> None:
    active = np.array([[True], [True]])
    assert shares(volatility_claims(mode, column(*sigma), active), active)[:, 0].tolist() == pytest.approx(expected)


def test_an_inactive_child_neither_gets_nor_saves_a_share_by_its_volatility() -> None:
    active = np.array([[True], [False]])
    claims = volatility_claims("inverse_vol", column(0.0, 0.02), active)
    assert shares(claims, active)[:, 0].tolist() == [1.0, 0.0]
