"""Laws of shares: who holds what, and what it earns."""

from __future__ import annotations

import numpy as np
import pytest

from sbc_lab.engine.kernels import portfolio

NAN = float("nan")

# One tree, parents first. 0 shares 1:3 between 1 and 2; 1 chooses between assets A and B; 2 has share rows for B, C
# and cash.
KIND = [portfolio.STATIC, portfolio.CHOOSE, portfolio.ROWS, portfolio.ASSET, portfolio.ASSET, portfolio.ASSET, 1]
SLOT = [0, 0, 0, 2, 1, 0, -1]
BEGIN = [0, 2, 4, 7, 7, 7, 7]
END = [2, 4, 7, 7, 7, 7, 7]
LINKS = [1, 2, 5, 4, 4, 3, 6]
STATICS = [0.25, 0.75]
SHARES = [0.5, 0.25, 0.25]


def allocated(
    choices: list[int],
    *,
    alive: dict[int, list[int]] | None = None,
    available: list[list[int]] | None = None,
    first: int = 0,
    last: int = 3,
) -> list[list[float]]:
    """What A, B and C get on every date."""
    rows = alive or {}
    alive_row = np.full(len(KIND), -1, dtype=np.int64)
    for row, node in enumerate(rows):
        alive_row[node] = row
    bars = len(choices)
    out = np.full((last + 1 - first, 3), 7e77)
    kind, slot, begin, end, links = (np.array(row, dtype=np.int64) for row in (KIND, SLOT, BEGIN, END, LINKS))
    portfolio.allocate(
        kind,
        slot,
        begin,
        end,
        links,
        alive_row,
        np.array([choices], dtype=np.int32),
        np.array([[part] * bars for part in SHARES]),
        np.array(STATICS),
        np.array(list(rows.values()) or [[1] * bars], dtype=np.uint8),
        np.array(available or [[1] * bars] * 3, dtype=np.uint8),
        first,
        last,
        out,
    )
    rounded: list[list[float]] = out.round(12).tolist()
    return rounded


def test_the_portfolio_is_handed_down_and_a_ticker_on_several_paths_is_summed() -> None:
    # 1/4 to A or B; of 3/4 half to B, a quarter to C, a quarter stays cash
    assert allocated([0, 1, 0, 1]) == [[0.25, 0.375, 0.1875], [0, 0.625, 0.1875]] * 2


def test_a_choice_of_nothing_leaves_its_part_in_cash() -> None:
    assert allocated([-1, 0, -1, -1])[0] == [0, 0.375, 0.1875]


def test_the_share_of_a_child_that_holds_nothing_goes_to_its_siblings() -> None:
    found = allocated([0, 0, 0, 0], alive={1: [1, 0, 1, 0], 2: [1, 1, 0, 0]})
    assert found == [[0.25, 0.375, 0.1875], [0, 0.5, 0.25], [1, 0, 0], [0, 0, 0]]


def test_what_is_not_available_is_not_held() -> None:
    assert allocated([0] * 4, available=[[1, 0, 1, 1], [1, 1, 0, 1], [1, 1, 1, 0]]) == [
        [0.25, 0.375, 0.1875],
        [0, 0.375, 0.1875],
        [0.25, 0, 0.1875],
        [0.25, 0.375, 0],
    ]


def test_only_the_dates_asked_for_are_allocated() -> None:
    assert allocated([0, 1, 0, -1], first=1, last=2) == allocated([0, 1, 0, -1])[1:3]


def test_a_long_run_is_the_same_on_every_date_as_a_short_one() -> None:
    pattern = [0, 1, -1]
    asked = {1: [1, 1, 0] * 200, 2: [1, 0, 1] * 200}
    found = allocated(pattern * 200, alive=asked, first=5, last=598)
    short = allocated(pattern, alive={1: [1, 1, 0], 2: [1, 0, 1]}, last=2)
    assert short == [[0.25, 0.375, 0.1875], [0, 1, 0], [0, 0.5, 0.25]]
    assert found == (short * 200)[5:599]


def test_a_node_earns_on_the_date_after_what_it_held() -> None:
    out = np.zeros(4)
    portfolio.earn(np.array([0.5, 0.0, 1.0, 9.0]), np.array([9.0, 0.1, 0.2, 0.3]), out)
    portfolio.earn(np.array([0.5, 1.0, 0.0, 9.0]), np.array([9.0, 0.2, 0.4, 0.5]), out)
    assert out.tolist() == pytest.approx([0.0, 0.15, 0.4, 0.3])


def test_fixed_weights_earn_among_those_that_hold_something() -> None:
    out = np.zeros(4)
    total = np.array([1.0, 0.5, 0.0, 1.0])
    child, alive = np.array([9.0, 0.1, 0.2, 0.4]), np.array([1, 1, 0, 1], dtype=np.uint8)
    portfolio.earn_static(0.25, total, alive, child, out)
    assert out.tolist() == pytest.approx([0.0, 0.025, 0.1, 0.0])


def test_a_branch_earns_on_the_date_after_it_was_chosen() -> None:
    out = np.zeros(4)
    choice = np.array([0, 1, -1, 1], dtype=np.int32)
    portfolio.earn_choice(choice, 0, np.array([9.0, 0.1, 0.2, 0.3]), out)
    portfolio.earn_choice(choice, 1, np.array([9.0, 0.4, 0.5, 0.6]), out)
    assert out.tolist() == [0.0, 0.1, 0.5, 0.0]


@pytest.mark.parametrize(
    ("begin", "expected"),
    [
        (0, [1.0, 1.5, 0.75, 0.75]),
        (1, [NAN, 1.0, 0.5, 0.5]),
        (3, [NAN, NAN, NAN, 1.0]),
        (4, [NAN] * 4),
        (9, [NAN] * 4),
    ],
)
def test_a_nav_starts_at_one_on_its_first_bar(begin: int, expected: list[float]) -> None:
    out = np.full(4, 7e77)
    portfolio.compound(np.array([9.0, 0.5, -0.5, 0.0]), begin, out)
    np.testing.assert_array_equal(out, expected)
