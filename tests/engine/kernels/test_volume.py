"""Laws of what prices do on how much volume."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine.indicators import compute

Series = npt.NDArray[np.float64]
NAN = float("nan")


def bars(close: list[float], volume: list[float]) -> dict[str, Series]:
    line = np.array(close)
    return {"high": line, "low": line, "close": line, "volume": np.array(volume)}


# Up on 20, down on 30, unchanged on 40, up on 50.
BARS = bars([10.0, 11.0, 9.0, 9.0, 12.0], [10.0, 20.0, 30.0, 40.0, 50.0])


def test_money_flows_where_the_typical_price_goes() -> None:
    # 11 · 20 = 220 up, 9 · 30 = 270 down, nothing, 12 · 50 = 600 up
    found = compute("money_flow_index", BARS, {"window": 2})
    np.testing.assert_allclose(found, [NAN, NAN, 100.0 * 220 / 490, 0.0, 100.0])


def test_without_any_flow_neither_side_has_more() -> None:
    np.testing.assert_array_equal(
        compute("money_flow_index", bars([5.0] * 4, [7.0] * 4), {"window": 2}), [NAN, NAN, 50.0, 50.0]
    )
    np.testing.assert_array_equal(
        compute("money_flow_index", bars([5.0, 6.0, 7.0], [0.0] * 3), {"window": 2}), [NAN, NAN, 50.0]
    )


def test_flows_that_left_the_window_leave_no_rounding_error_behind() -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        volume = 10.0 ** rng.uniform(-6.0, 13.0, 18)
        close = np.concatenate([np.linspace(10.0, 11.0, 9), np.linspace(10.0, 9.0, 9)])
        found = compute("money_flow_index", bars(close.tolist(), volume.tolist()), {"window": 8})
        assert found[8] == 100.0
        assert found[-1] == 0.0
        found = compute("money_flow_index", bars((1.0 / close).tolist(), volume.tolist()), {"window": 8})
        assert found[-1] == 100.0


def test_the_balance_changes_by_the_volume_of_rising_less_falling_days() -> None:
    # (20 − 30) / 50, −30 / 70, 50 / 90
    found = compute("obv_rate_of_change", BARS, {"window": 2})
    np.testing.assert_allclose(found, [NAN, NAN, -20.0, -100.0 * 30 / 70, 100.0 * 50 / 90])


@given(st.lists(st.tuples(st.floats(1.0, 9.0), st.integers(0, 9)), min_size=9, max_size=40), st.integers(1, 5))
def test_the_change_of_the_balance_does_not_depend_on_where_history_begins(
    days: list[tuple[float, int]], window: int
) -> None:
    close, volume = np.array([day[0] for day in days]), np.array([float(day[1]) for day in days])
    whole = compute("obv_rate_of_change", {"close": close, "volume": volume}, {"window": window})
    later = compute("obv_rate_of_change", {"close": close[3:], "volume": volume[3:]}, {"window": window})
    np.testing.assert_array_equal(whole[3 + window :], later[window:])
    assert (abs(whole[np.isfinite(whole)]) <= 100.0).all()


def test_a_close_is_compared_with_the_mean_of_closes_by_volume() -> None:
    # means 320/30, 490/50, 630/70, 960/90
    found = compute("vwap_ratio", BARS, {"window": 2})
    wanted = [NAN, 11 / (320 / 30), 9 / (490 / 50), 9 / (630 / 70), 12 / (960 / 90)]
    np.testing.assert_allclose(found, 100.0 * np.array(wanted))


def test_where_nothing_was_traded_there_is_no_mean() -> None:
    idle = bars([5.0, 6.0, 7.0, 8.0], [3.0, 0.1, 0.0, 0.0])
    assert np.isnan(compute("vwap_ratio", idle, {"window": 2})).tolist() == [True, False, False, True]
    assert np.isnan(compute("obv_rate_of_change", idle, {"window": 2})).tolist() == [True, True, False, True]
