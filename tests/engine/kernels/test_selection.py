"""Laws of ranking and sharing: ties go by document order, NaN never ranks, shares add up to 1."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sbc_lab.engine.kernels import selection
from sbc_lab.engine.reference.sharing import capped_shares

NAN = float("nan")
INF = float("inf")
OUT = -1


def ranked(scores: list[list[float]], count: int, *, top: bool = True) -> list[list[int]]:
    """Ranks of every child, (child, date)."""
    block = np.array(scores, dtype=float)
    ranks = np.full(block.shape, 77, dtype=np.int32)
    selection.pick(block, count, int(top), 0, block.shape[1] - 1, ranks)
    return [[int(rank) for rank in row] for row in ranks]


def column(*scores: float, count: int, top: bool = True) -> list[int]:
    """Ranks of every child on one date."""
    return [row[0] for row in ranked([[score] for score in scores], count, top=top)]


def block(rows: list[list[float]]) -> NDArray[np.float64]:
    return np.array(rows, dtype=float)


def flags(rows: list[list[int]]) -> NDArray[np.uint8]:
    return np.array(rows, dtype=np.uint8)


def places(rows: list[list[int]]) -> NDArray[np.int32]:
    return np.array(rows, dtype=np.int32)


@pytest.mark.parametrize(
    ("score", "expected"),
    [
        (0.0, 0.0),
        (1.0, 1.0),
        # at most nine decimals
        (0.1234567894, 0.123456789),
        (0.1234567896, 0.12345679),
        (4e-10, 0.0),
        (6e-10, 1e-9),
        (5e-324, 0.0),
        # at most ten significant digits
        (12.34567890123, 12.34567890),
        (99.999999999, 100.0),
        (1234567890.4, 1234567890.0),
        (98765432109876.0, 98765432110000.0),
        (1.23456789012e300, 1.23456789e300),
        # half to even, on halves that a float holds exactly
        (2.5e-9, 2e-9),
        (3.5e-9, 4e-9),
        (1234567890.5, 1234567890.0),
        (1234567891.5, 1234567892.0),
        (12345678905.0, 12345678900.0),
        (12345678915.0, 12345678920.0),
    ],
)
def test_a_score_is_rounded_to_ten_digits_and_nine_decimals(score: float, expected: float) -> None:
    assert selection.rounded(score) == pytest.approx(expected, rel=1e-15, abs=0.0)
    assert selection.rounded(-score) == pytest.approx(-expected, rel=1e-15, abs=0.0)


def test_what_is_no_finite_score_is_not_rounded() -> None:
    assert selection.rounded(INF) == INF
    assert selection.rounded(-INF) == -INF
    assert math.isnan(selection.rounded(NAN))


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e250, max_value=1e250))
def test_rounding_is_that_of_the_decimal_number(score: float) -> None:
    exact = Decimal(score)
    unit = Decimal(1).scaleb(max(-9, exact.adjusted() - 9))
    scaled = exact / unit
    whole = scaled.to_integral_value(rounding=ROUND_HALF_EVEN)
    if abs(abs(scaled - whole) - Decimal("0.5")) > Decimal("1e-5"):  # where a float is not sure which side of a half
        assert selection.rounded(score) == pytest.approx(float(whole * unit), rel=1e-15, abs=1e-24)


near = st.floats(-1e3, 1e3).flatmap(
    lambda score: st.integers(-40, 40).map(lambda step: (score, score + step * 1e-10 * max(1.0, abs(score))))
)


@given(near | st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)))
def test_a_score_beats_another_when_it_is_above_it_after_rounding(pair: tuple[float, float]) -> None:
    a, b = pair
    assert selection.beats(a, b) == (selection.rounded(a) > selection.rounded(b))


def test_nan_beats_nothing_and_is_beaten_by_nothing() -> None:
    assert not selection.beats(NAN, 1.0)
    assert not selection.beats(1.0, NAN)


def test_the_highest_or_the_lowest_are_picked_best_first() -> None:
    assert column(1.0, 3.0, 2.0, 0.0, count=2) == [OUT, 0, 1, OUT]
    assert column(1.0, 3.0, 2.0, 0.0, count=2, top=False) == [1, OUT, OUT, 0]
    assert column(-1.0, -3.0, -2.0, count=1) == [0, OUT, OUT]


@pytest.mark.parametrize("top", [True, False])
def test_ties_go_by_document_order_from_both_sides(top: bool) -> None:
    assert column(5.0, 5.0, 5.0, count=2, top=top) == [0, 1, OUT]
    middle = (5.0, 7.0 if top else 3.0, 5.0, 5.0)
    assert column(*middle, count=3, top=top) == [1, 0, 2, OUT]


@pytest.mark.parametrize("top", [True, False])
def test_the_noise_of_floats_is_a_tie_and_a_tenth_digit_is_none(top: bool) -> None:
    sign = 1.0 if top else -1.0
    assert column(sign * 1.0, sign * (1.0 + 4e-16), count=1, top=top) == [0, OUT]
    assert column(sign * 1.0, sign * 1.0000000004, count=1, top=top) == [0, OUT]
    assert column(sign * 1.0, sign * 1.0000000006, count=1, top=top) == [OUT, 0]
    assert column(sign * 1e6, sign * (1e6 + 4e-4), count=1, top=top) == [0, OUT]
    assert column(sign * 1e6, sign * (1e6 + 6e-4), count=1, top=top) == [OUT, 0]


def test_a_tie_with_a_later_and_slightly_higher_score_leaves_the_others_in_order() -> None:
    assert column(1.0, 2.0, 2.0 + 1e-12, 3.0, count=3) == [OUT, 1, 2, 0]


@pytest.mark.parametrize("top", [True, False])
def test_nan_never_ranks(top: bool) -> None:
    assert column(NAN, 1.0, NAN, count=3, top=top) == [OUT, 0, OUT]
    assert column(NAN, NAN, count=1, top=top) == [OUT, OUT]


def test_infinities_rank_at_the_ends() -> None:
    assert column(INF, 1.0, -INF, INF, count=4) == [0, 2, 3, 1]
    assert column(-INF, -INF, count=1) == [0, OUT]


def test_asking_for_more_than_there_are_picks_all() -> None:
    assert column(1.0, 2.0, count=9) == [1, 0]


def test_only_the_dates_asked_for_are_ranked() -> None:
    scores = block([[1.0, 1.0, 5.0, 1.0], [2.0, 2.0, 2.0, 2.0]])
    ranks = np.full((2, 4), 77, dtype=np.int32)
    selection.pick(scores, 1, 1, 1, 2, ranks)
    assert ranks.tolist() == [[77, OUT, 0, 77], [77, 0, OUT, 77]]


few = st.sampled_from((NAN, -1.0, 0.0, 1.0, 1.0 + 1e-12, 1.0 - 1e-13, 1.0 + 1e-9, 2e6, 2e6 + 1e-5, INF, -INF))


@given(st.lists(few, min_size=1, max_size=7), st.integers(1, 8), st.booleans())
def test_ranking_is_a_stable_sort_of_the_rounded_scores(scores: list[float], count: int, top: bool) -> None:
    sign = -1.0 if top else 1.0
    known = [child for child, score in enumerate(scores) if not math.isnan(score)]
    best = sorted(known, key=lambda child: sign * selection.rounded(scores[child]))[:count]
    expected = [best.index(child) if child in best else OUT for child in range(len(scores))]
    assert column(*scores, count=count, top=top) == expected


RANKS = places([[0, 1, OUT, 0], [1, OUT, OUT, 1], [OUT, 0, OUT, 2]])
ALIVE = flags([[1, 1, 1, 0], [1, 1, 1, 0], [1, 0, 1, 0]])


def test_equal_weights_go_to_what_is_picked_and_holds_something() -> None:
    out = np.full((3, 4), 7e77)
    selection.weigh_equal(RANKS, ALIVE, 0, 3, out)
    assert out.tolist() == [[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 0]]


def test_fixed_shares_go_to_the_ranks() -> None:
    out = np.full((3, 4), 7e77)
    selection.weigh_ranks(RANKS, ALIVE, np.array([0.5, 0.3, 0.2]), 0, 3, out)
    assert out.tolist() == [[0.5, 0.3, 0, 0], [0.3, 0, 0, 0], [0, 0, 0, 0]]


@pytest.mark.parametrize(("inverse", "expected"), [(1, [[0.5, 1.0], [0.25, 1.0]]), (0, [[2.0, 1.0], [4.0, 1.0]])])
def test_volatility_weighs_by_itself_or_its_inverse(inverse: int, expected: list[list[float]]) -> None:
    out = np.full((2, 2), 7e77)
    every, both = places([[0, 0], [0, 0]]), flags([[1, 1], [1, 1]])
    assert selection.weigh_volatility(block([[2.0, 1.0], [4.0, 1.0]]), every, both, inverse, 0, 1, out) == 0
    assert out.tolist() == expected


def test_a_flat_or_unknown_volatility_is_dropped_and_counted() -> None:
    sigma = block([[2.0, 2.0, 2.0, 2.0], [NAN, 0.0, 0.9e-10, 1.1e-10]])
    out = np.full((2, 4), 7e77)
    dropped = selection.weigh_volatility(sigma, places([[0] * 4] * 2), flags([[1] * 4] * 2), 0, 0, 3, out)
    assert dropped == 3
    assert out.tolist() == [[2.0, 2.0, 2.0, 2.0], [0.0, 0.0, 0.0, 1.1e-10]]


@pytest.mark.parametrize("inverse", [0, 1])
def test_when_every_volatility_is_dropped_the_active_children_share_equally(inverse: int) -> None:
    sigma, out = block([[0.0], [NAN], [0.0], [0.0]]), np.full((4, 1), 7e77)
    ranks, alive = places([[0], [1], [OUT], [2]]), flags([[1], [1], [1], [0]])
    assert selection.weigh_volatility(sigma, ranks, alive, inverse, 0, 0, out) == 2
    assert out.tolist() == [[1.0], [1.0], [0.0], [0.0]]


def test_a_child_without_a_place_or_a_holding_has_no_weight_whatever_its_volatility() -> None:
    sigma, out = block([[2.0], [2.0], [4.0]]), np.full((3, 1), 7e77)
    selection.weigh_volatility(sigma, places([[OUT], [0], [1]]), flags([[1], [0], [1]]), 1, 0, 0, out)
    assert out.tolist() == [[0.0], [0.0], [0.25]]


def test_weights_are_only_written_on_the_dates_asked_for() -> None:
    ranks, alive, sigma = places([[0] * 4] * 2), flags([[1] * 4] * 2), np.full((2, 4), 2.0)
    for weigh in (
        lambda out: selection.weigh_equal(ranks, alive, 1, 2, out),
        lambda out: selection.weigh_ranks(ranks, alive, np.array([1.0]), 1, 2, out),
        lambda out: selection.weigh_volatility(sigma, ranks, alive, 0, 1, 2, out),
    ):
        out = np.full((2, 4), 8.0)
        weigh(out)
        selection.normalise(1, 2, out)
        assert out.tolist() == [[8.0, 0.5, 0.5, 8.0]] * 2


def test_raw_weights_become_shares_and_nothing_stays_nothing() -> None:
    raw = block([[1.0, 0.0, 3.0], [3.0, 0.0, 0.0]])
    selection.normalise(0, 2, raw)
    assert raw.tolist() == [[0.25, 0.0, 1.0], [0.75, 0.0, 0.0]]


@pytest.mark.parametrize(
    ("begin", "end", "second"),
    [(10.0, 20.0, [0.0, 0.0, 0.5, 1.0, 1.0]), (20.0, 10.0, [1.0, 1.0, 0.5, 0.0, 0.0])],
)
def test_a_blend_goes_straight_between_its_levels_in_both_directions(
    begin: float, end: float, second: list[float]
) -> None:
    out = np.full((2, 5), 7e77)
    selection.mix(np.array([5.0, 10.0, 15.0, 20.0, 99.0]), begin, end, 0, out)
    assert out[1].tolist() == second
    assert out[0].tolist() == [1.0 - share for share in second]


@pytest.mark.parametrize(
    ("hold", "first", "second"),
    [
        (0, [0.0, 0.75, 0.0, 0.0, 0.0], [0.0, 0.25, 0.0, 0.0, 1.0]),
        (1, [0.0, 0.75, 0.75, 0.75, 0.0], [0, 0.25, 0.25, 0.25, 1]),
    ],
)
def test_a_blend_without_a_value_is_cash_or_stays_where_it_was(
    hold: int, first: list[float], second: list[float]
) -> None:
    out = np.full((2, 5), 7e77)
    selection.mix(np.array([NAN, 1.0, NAN, NAN, 4.0]), 0.0, 4.0, hold, out)
    assert out.tolist() == [first, second]


def filled(shares: list[float], floor: float, cap: float) -> list[float]:
    """Shares of one date, brought between floor and cap."""
    rows = block([[share] for share in shares])
    selection.fill(floor, cap, 0, 0, rows)
    return [float(row[0]) for row in rows]


@pytest.mark.parametrize(
    ("shares", "floor", "cap", "expected"),
    [
        ([0.6, 0.3, 0.1], 0.0, 1.0, [0.6, 0.3, 0.1]),
        ([0.6, 0.3, 0.1], 0.0, 0.5, [0.5, 0.375, 0.125]),  # what the first leaves goes to the others in proportion
        ([0.6, 0.3, 0.1], 0.2, 1.0, [0.6 * 0.8 / 0.9, 0.3 * 0.8 / 0.9, 0.2]),
        ([0.8, 0.15, 0.05], 0.1, 0.6, [0.6, 0.3, 0.1]),  # both bounds at once
        ([0.5, 0.4, 0.1], 0.0, 0.45, [0.45, 0.44, 0.11]),  # 0.55 in proportion 4 : 1
        ([0.7, 0.2, 0.1], 0.0, 0.4, [0.4, 0.4, 0.2]),  # the second reaches the cap only after the first gave way
        ([0.6, 0.4], 0.0, 0.4, [0.4, 0.4]),  # even all at the cap are less than 1
        ([0.6, 0.4], 0.5, 0.9, [0.5, 0.5]),
        ([0.9, 0.1, 0.0], 0.2, 0.7, [0.7, 0.3, 0.0]),  # who has no share takes no part, not even the floor
        ([1.0], 0.0, 0.4, [0.4]),
        ([0.0, 0.0], 0.1, 0.4, [0.0, 0.0]),
    ],
)
def test_shares_are_filled_like_water(shares: list[float], floor: float, cap: float, expected: list[float]) -> None:
    np.testing.assert_allclose(filled(shares, floor, cap), expected, atol=1e-15)


@given(
    st.lists(st.floats(1e-9, 1.0), min_size=1, max_size=12),
    st.floats(0.0, 1.0),
    st.floats(0.01, 1.0),
)
def test_filling_is_the_plain_one_keeps_its_bounds_and_adds_to_one(raw: list[float], part: float, cap: float) -> None:
    floor = part * min(cap, 1.0 / len(raw))
    shares = np.array(raw) / sum(raw)
    found = np.array(filled(shares.tolist(), floor, cap))
    np.testing.assert_allclose(found, capped_shares(shares[:, np.newaxis], floor, cap)[:, 0], rtol=0, atol=1e-13)
    assert (found <= cap + 1e-15).all()
    assert (found >= floor - 1e-15).all()
    assert abs(found.sum() - min(1.0, len(raw) * cap)) < 1e-12
    order = np.argsort(shares)
    assert (np.diff(found[order]) >= -1e-15).all()  # who had more has no less


def test_what_the_caps_leave_goes_to_a_fallback_that_holds_something() -> None:
    shares, rest = block([[0.4, 0.4, 0.5, 0.0], [0.4, 0.4, 0.5, 0.0]]), np.full(4, 7.0)
    selection.leave(0.4, np.array([1, 0, 1, 1], dtype=np.uint8), 0, 3, shares, rest)
    np.testing.assert_allclose(rest, [0.2, 0.0, 0.2, 1.0], atol=1e-15)
    tenths, none = block([[0.1]] * 10), np.full(1, 7.0)
    selection.leave(0.1, np.ones(1, dtype=np.uint8), 0, 0, tenths, none)
    assert none.tolist() == [0.0]  # ten times 0.1 is 1, whatever the last digit says


def test_a_blend_leans_to_the_side_that_holds_something() -> None:
    out = block([[0.25, 0.25, 0.25, 0.25, 0.0], [0.75, 0.75, 0.75, 0.75, 0.0]])
    selection.lean(flags([[1, 1, 0, 0, 1], [1, 0, 1, 0, 0]]), out)
    assert out.tolist() == [[0.25, 1.0, 0.0, 0.25, 0.0], [0.75, 0.0, 1.0, 0.75, 0.0]]
