"""Laws of the momentums of a year."""

from __future__ import annotations

import numpy as np
import pytest

from sbc_lab.engine.indicators import compute

NAN = float("nan")
# With months of one bar, the last price is 2 and 1, 3, 6 and 12 months ago stood 1, 4, 8 and 16.
YEAR = np.array([16.0, 9, 9, 9, 9, 9, 8, 9, 9, 4, 9, 1, 2])
RETURNS = {1: 1.0, 3: -0.5, 6: -0.75, 12: -0.875}


def test_each_return_counts_at_its_monthly_rate() -> None:
    wanted = 100.0 * (12 * RETURNS[1] + 4 * RETURNS[3] + 2 * RETURNS[6] + RETURNS[12]) / 19.0
    found = compute("momentum_weighted", YEAR, {"month": 1})
    np.testing.assert_allclose(found, [NAN] * 12 + [wanted], rtol=1e-15)


def test_each_return_counts_the_same() -> None:
    found = compute("momentum_unweighted", YEAR, {"month": 1})
    np.testing.assert_allclose(found, [NAN] * 12 + [100.0 * sum(RETURNS.values()) / 4.0], rtol=1e-15)


def test_the_price_is_compared_with_the_mean_of_thirteen_month_ends() -> None:
    found = compute("momentum_sma12", YEAR, {"month": 1})
    np.testing.assert_allclose(found, [NAN] * 12 + [100.0 * (13 * 2.0 / YEAR.sum() - 1.0)], rtol=1e-14)


@pytest.mark.parametrize("name", ["momentum_weighted", "momentum_unweighted", "momentum_sma12"])
def test_a_month_has_21_days_and_only_month_ends_are_read(name: str) -> None:
    x = np.repeat(YEAR, 21)[20:]
    assert np.flatnonzero(np.isfinite(compute(name, x, {})))[0] == 252
    assert compute(name, x, {})[252] == compute(name, YEAR, {"month": 1})[12]


@pytest.mark.parametrize("name", ["momentum_weighted", "momentum_unweighted", "momentum_sma12"])
def test_a_missing_price_anywhere_in_the_year_leaves_no_value(name: str) -> None:
    x = np.append(YEAR, YEAR)
    x[13] = NAN
    assert np.isfinite(compute(name, x, {"month": 1})).nonzero()[0].tolist() == [12]
