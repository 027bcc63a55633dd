"""Laws of the panel: what is carried, what can be held, and that it is always that of the candles at hand."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from sbc_lab.engine._panel_values import CARRY_LIMIT
from sbc_lab.engine.panel import Panel, load_panel
from sbc_lab.errors import DataError, UnknownNameError
from tests.engine.reference.hand import panel

NAN = float("nan")
INF = float("inf")


def candles(first: str = "2024-01-01", /, **closes: list[float]) -> xr.Dataset:
    """Candles with closes alone, one bar per calendar day from `first` on."""
    rows = np.array(list(closes.values()), dtype=float)
    dates = (np.datetime64(first, "D") + np.arange(rows.shape[1])).astype("datetime64[ns]")
    return xr.Dataset({"close": (("ticker", "date"), rows)}, coords={"ticker": list(closes), "date": dates})


def closes(**rows: list[float]) -> list[list[float]]:
    found: list[list[float]] = load_panel(candles(**rows)).close.tolist()
    return found


def same(left: object, right: object) -> None:
    np.testing.assert_array_equal(np.asarray(left, dtype=float), np.asarray(right, dtype=float))


def test_a_gap_carries_the_last_close_for_at_most_five_bars() -> None:
    assert CARRY_LIMIT == 5
    same(closes(A=[1.0, *[NAN] * 7, 2.0], B=[1.0] * 9)[0], [1.0] * 6 + [NAN, NAN, 2.0])


def test_every_gap_carries_anew_from_its_own_last_close() -> None:
    same(closes(A=[NAN, 3.0, NAN, 4.0, NAN, NAN, 5.0])[0], [NAN, 3.0, 3.0, 4.0, 4.0, 4.0, 5.0])


def test_nothing_is_carried_before_the_first_bar_and_a_delisting_is_carried_five_bars() -> None:
    found = closes(LATE=[NAN, NAN, *[1.0] * 8], GONE=[7.0, 8.0, *[NAN] * 8])
    same(found[0], [NAN, NAN] + [1.0] * 8)
    same(found[1], [7.0] + [8.0] * 6 + [NAN] * 3)


def test_a_carried_close_is_no_bar_of_its_own() -> None:
    found = load_panel(candles(A=[1.0, NAN, 2.0], B=[NAN, 1.0, 1.0]))
    assert found.traded.tolist() == [[True, False, True], [False, True, True]]
    assert found.available.tolist() == [[1, 1, 1], [0, 1, 1]]


@given(st.lists(st.sampled_from((NAN, 1.0, 2.0, 3.0)), min_size=2, max_size=40))
def test_carrying_is_the_plain_loop(row: list[float]) -> None:
    last, age, expected = NAN, 0, []
    for close in row:
        last, age = (close, 0) if close == close else (last, age + 1)  # noqa: PLR0124  # NaN is not itself
        expected.append(last if age <= CARRY_LIMIT else NAN)
    same(closes(A=row, B=[1.0] * len(row))[0], expected)


def test_a_ticker_is_first_and_steady_where_its_closes_say_so() -> None:
    found = panel(
        WHOLE=[1, 1, 1, 1], LATE=[NAN, NAN, 1, 1], GONE=[1, 1, NAN, NAN], BROKEN=[1, NAN, 1, 1], NEVER=[NAN] * 4
    )
    assert found.first.tolist() == [0, 2, 0, 0, 4]
    assert found.steady.tolist() == [0, 2, 4, 2, 4]
    assert found.rows == {"WHOLE": 0, "LATE": 1, "GONE": 2, "BROKEN": 3, "NEVER": 4}


def test_growth_is_one_where_either_close_is_missing() -> None:
    found = panel(A=[1, 2, 3], LATE=[NAN, 4, 8], GONE=[4, 2, NAN])
    same(found.growth, [[1, 1, 1], [2, 1, 0.5], [1.5, 2, 1]])
    same(found.returns, [[0, 1, 0.5], [0, 0, 1], [0, -0.5, 0]])


def test_the_growth_of_the_first_tickers_is_theirs_alone() -> None:
    found = panel(A=[1, 2], B=[1, 3], C=[1, 5])
    same(found.asset_growth(2), [[1, 1], [2, 3]])
    same(found.asset_growth(3), found.growth)
    assert found.asset_growth(2).flags["C_CONTIGUOUS"]


def test_the_day_of_the_year_is_month_and_day() -> None:
    assert panel("2023-12-30", A=[1] * 4).month_day.tolist() == [1230, 1231, 101, 102]
    assert panel("2024-02-28", A=[1] * 3).month_day.tolist() == [228, 229, 301]
    assert panel("1969-12-31", A=[1] * 2).month_day.tolist() == [1231, 101]


def test_selecting_puts_tickers_in_order_on_the_dates_that_any_of_them_has() -> None:
    whole = panel(A=[1, 1, 1, 1, 1], B=[NAN, 2, 2, NAN, NAN], C=[NAN, NAN, 3, 3, NAN])
    found = whole.select(["C", "B"])
    assert found.tickers == ("C", "B")
    same(found.close, [[NAN, 3, 3], [2, 2, NAN]])
    assert found.traded.tolist() == [[False, True, True], [True, True, False]]
    assert found.dates.tolist() == whole.dates[1:4].tolist()
    assert found.close.flags["C_CONTIGUOUS"]


def test_carried_closes_do_not_stretch_the_dates_of_a_selection() -> None:
    whole = load_panel(candles(A=[1.0] * 6, GONE=[2.0, 2.0, NAN, NAN, NAN, NAN]))
    same(whole.select(["GONE"]).close, [[2.0, 2.0]])
    same(whole.select(["GONE", "A"]).close, [[2.0] * 6, [1.0] * 6])


def test_selecting_keeps_the_snapshot_and_the_same_selection_is_the_same_panel() -> None:
    prices = candles(A=[1.0, 2.0], B=[1.0, 2.0])
    prices.attrs["snapshot"] = "abc"
    whole = load_panel(prices)
    assert whole.select(("A",)).snapshot == "abc"
    assert whole.select(("A", "B")) is whole.select(["A", "B"])
    assert whole.select(("B", "A")) is not whole.select(("A", "B"))


def test_an_unknown_ticker_is_refused_with_the_nearest_first() -> None:
    with pytest.raises(UnknownNameError, match="candles: there is no ticker 'SPX'; known, nearest first: SPY"):
        panel(TLT=[1, 1], SPY=[1, 1]).select(["SPX"])


def test_tickers_without_any_bar_are_refused_by_name() -> None:
    with pytest.raises(DataError, match="candles hold no bar of B; load other tickers or other dates"):
        panel(A=[1, 1], B=[NAN, NAN]).select(["B"])


def test_the_digest_is_that_of_the_contents() -> None:
    base = panel(A=[1, 2, 3])
    assert base.digest == panel(A=[1, 2, 3]).digest
    others = [panel(B=[1, 2, 3]), panel(A=[1, 2, 4]), panel("2024-01-02", A=[1, 2, 3]), panel(A=[1, 2, 3], B=[1, 1, 1])]
    carried = Panel(base.tickers, base.dates, base.close, np.array([[True, False, True]]))
    assert len({found.digest for found in (base, carried, *others)}) == 6


def test_candles_are_read_whatever_the_order_of_their_dimensions() -> None:
    prices = candles(A=[1.0, 2.0, 3.0], B=[4.0, 5.0, 6.0])
    found = load_panel(prices.transpose("date", "ticker"))
    assert found.tickers == ("A", "B")
    same(found.close, [[1, 2, 3], [4, 5, 6]])
    assert found.close.flags["C_CONTIGUOUS"]
    assert found.dates.dtype == "datetime64[ns]"


def test_the_same_candles_are_read_once() -> None:
    prices = candles(A=[1.0, NAN, 3.0])
    assert load_panel(prices) is load_panel(prices)


def test_a_panel_does_not_change_with_the_candles_it_was_read_from() -> None:
    prices = candles(A=[1.0, 2.0, 3.0])
    found = load_panel(prices)
    prices["close"].values[0, 1] = 9.0
    same(found.close, [[1, 2, 3]])


def test_candles_that_were_written_to_are_read_again() -> None:
    prices = candles(A=[1.0, 2.0, 3.0])
    load_panel(prices)
    prices["close"].values[0, 1] = 9.0
    same(load_panel(prices).close, [[1, 9, 3]])
    prices["close"].values[0, 0] = NAN
    same(load_panel(prices).close, [[NAN, 9, 3]])


def test_closes_that_changed_places_are_read_again() -> None:
    prices = candles(A=[1.0, 2.0, 3.0], B=[4.0, 5.0, 6.0])
    load_panel(prices)
    prices["close"].values[:] = prices["close"].values[:, ::-1].copy()
    same(load_panel(prices).close, [[3, 2, 1], [6, 5, 4]])


def test_candles_with_other_names_dates_or_snapshot_are_read_again() -> None:
    prices = candles(A=[1.0, 2.0], B=[3.0, 4.0])
    assert load_panel(prices).tickers == ("A", "B")
    prices["ticker"] = ["B", "A"]
    assert load_panel(prices).tickers == ("B", "A")
    prices["date"] = prices["date"] + np.timedelta64(1, "D")
    assert str(load_panel(prices).dates[0])[:10] == "2024-01-02"
    prices.attrs["snapshot"] = "abc"
    assert load_panel(prices).snapshot == "abc"


def test_candles_and_their_panel_are_freed_together() -> None:
    prices = candles(A=[1.0, 2.0])
    seen = weakref.ref(prices), weakref.ref(load_panel(prices))
    del prices
    gc.collect()
    assert [ref() for ref in seen] == [None, None]


def test_what_is_no_dataset_of_closes_is_refused() -> None:
    given: list[object] = [None, [1, 2], candles(A=[1.0, 2.0]).rename(close="adj"), np.ones((2, 2))]
    for wrong in given:
        with pytest.raises(DataError, match=r"Dataset \(ticker, date\) with the variable close.*load them with lab"):
            load_panel(wrong)  # type: ignore[arg-type]  # that is the test


def test_wrong_or_nameless_dimensions_are_refused() -> None:
    prices = candles(A=[1.0, 2.0])
    for wrong in (
        prices.rename(ticker="symbol"),
        prices.isel(ticker=0),
        prices.drop_vars("ticker"),
        prices.drop_vars("date"),
    ):
        with pytest.raises(DataError, match=r"close must have the named dimensions \(ticker, date\), got \("):
            load_panel(wrong)


def test_a_doubled_ticker_is_refused() -> None:
    prices = candles(A=[1.0, 2.0], B=[1.0, 2.0]).assign_coords(ticker=["A", "A"])
    with pytest.raises(DataError, match="every ticker once"):
        load_panel(prices)


def test_dates_that_do_not_ascend_are_refused() -> None:
    prices = candles(A=[1.0, 2.0, 3.0])
    for wrong in (prices.isel(date=[0, 2, 1]), prices.isel(date=[0, 0, 1]), prices.isel(date=[0])):
        with pytest.raises(DataError, match="dates must ascend, each once, at least two of them"):
            load_panel(wrong)


@pytest.mark.parametrize("close", [0.0, -2.5, INF, -INF])
def test_a_close_that_is_no_price_is_refused_with_its_place(close: float) -> None:
    with pytest.raises(DataError, match=r"every close must be above 0 or NaN, got .* for B on 2024-01-03") as caught:
        load_panel(candles(A=[1.0, 1.0, 1.0], B=[1.0, NAN, close]))
    assert f"got {close:g} for" in str(caught.value)


# ---------------------------------------------------------------- dates


def dated(*dates: object) -> xr.Dataset:
    return xr.Dataset({"close": (("ticker", "date"), [[1.0] * len(dates)])}, coords={"ticker": ["A"], "date": [*dates]})


@pytest.mark.parametrize(
    ("dates", "says"),
    [
        (("2020-01-02T10:00", "2020-01-02T16:00"), r"one bar a day, there are two on 2020-01-02"),
        (("1899-12-29", "2020-01-02"), r"must not lie before 1900-01-01, got 1899-12-29"),
        (("2020-01-03", "2020-01-02"), r"dates must ascend"),
        (("NaT", "2020-01-02"), r"dates must ascend"),
    ],
)
def test_dates_that_no_daily_bar_has_are_refused(dates: tuple[str, str], says: str) -> None:
    with pytest.raises(DataError, match=says):
        load_panel(dated(*(np.datetime64(date, "ns") for date in dates)))


def test_numbers_in_the_place_of_dates_are_refused() -> None:
    with pytest.raises(DataError, match="dates must be days, got int64 such as"):
        load_panel(dated(20130107, 20130108))
    hidden = [np.datetime64(number, "ns") for number in (20130107, 20130108)]
    with pytest.raises(DataError, match=r"two on 1970-01-01 .*numbers such as 20100104 are no dates"):
        load_panel(dated(*hidden))


def test_hours_with_a_zone_stay_on_the_day_that_was_written() -> None:
    index = pd.DatetimeIndex(["2013-01-07 20:00", "2013-01-08 20:00"], tz="America/New_York")
    candles = dated(1, 2).assign_coords(date=np.array(list(index), dtype=object))
    assert load_panel(candles).days.astype(str).tolist() == ["2013-01-07", "2013-01-08"]


def test_a_raw_close_is_carried_and_must_be_there_for_every_close() -> None:
    dates = [np.datetime64("2020-01-01", "ns") + np.timedelta64(day, "D") for day in range(3)]
    candles = dated(*dates)
    candles["close"].values[0, 1] = np.nan
    found = load_panel(candles.assign(raw_close=candles["close"] * 4), ("raw_close",))
    assert found.others["raw_close"].tolist() == [[4.0, 4.0, 4.0]]
    missing = candles.assign(raw_close=candles["close"].where(candles["date"] < dates[2]))
    with pytest.raises(DataError, match="A has a close on 2020-01-03 but no raw_close; give one for every close"):
        load_panel(missing, ("raw_close",))


# ---------------------------------------------------------------- axes


def sessions(**rows: list[float]) -> xr.Dataset:
    """The same closes on dates that say that they are the sessions of an exchange."""
    found = candles(**rows)
    found["date"].attrs["calendar"] = "exchange"
    return found


GAPPY = {"A": [1.0, NAN, 2.0, NAN, 3.0], "B": [NAN, 5.0, 6.0, NAN, 7.0], "OTHER": [1.0] * 5}


def test_the_dates_of_handmade_candles_are_those_on_which_one_of_the_tickers_traded() -> None:
    found = load_panel(candles(**GAPPY)).select(["A"])
    assert [str(date)[:10] for date in found.dates] == ["2024-01-01", "2024-01-03", "2024-01-05"]
    same(found.close, [[1.0, 2.0, 3.0]])
    assert found.traded.all()
    both = load_panel(candles(**GAPPY)).select(["A", "B"])
    assert [str(date)[8:10] for date in both.dates] == ["01", "02", "03", "05"]
    same(both.close, [[1.0, 1.0, 2.0, 3.0], [NAN, 5.0, 6.0, 7.0]])


def test_a_session_of_the_exchange_is_a_date_whoever_traded() -> None:
    found = load_panel(sessions(**GAPPY)).select(["A"])
    assert len(found.dates) == 5
    same(found.close, [[1.0, 1.0, 2.0, 2.0, 3.0]])
    assert found.traded.tolist() == [[True, False, True, False, True]]


def test_a_close_is_carried_over_five_dates_of_the_tickers_own_axis() -> None:
    rows = {"A": [1.0, *[NAN] * 12, 2.0], "B": [5.0, *[NAN, 6.0] * 6, 7.0], "OTHER": [1.0] * 14}
    found = load_panel(candles(**rows)).select(["A", "B"])
    same(found.close[0], [1.0] * 6 + [NAN, 2.0])  # six dates of B lie between the two of A
    same(load_panel(sessions(**rows)).select(["A", "B"]).close[0], [1.0] * 6 + [NAN] * 7 + [2.0])


def test_the_other_fields_go_the_same_way() -> None:
    found = candles(**GAPPY)
    found["volume"] = found["close"] * 10.0
    panel = load_panel(found, ("volume",)).select(["A", "B"])
    same(panel.values_of("volume"), [[10.0, 0.0, 20.0, 30.0], [NAN, 50.0, 60.0, 70.0]])


def test_dates_that_become_sessions_are_read_again() -> None:
    found = candles(**GAPPY)
    assert not load_panel(found).sessions
    found["date"].attrs["calendar"] = "exchange"
    assert load_panel(found).sessions


def test_what_stands_beside_a_run_is_taken_on_its_dates() -> None:
    whole = load_panel(candles(A=[NAN, NAN, 1.0, NAN, 2.0, NAN], B=[5.0, 6.0, 7.0, 8.0, 9.0, 10.0]))
    run = whole.select(["A"])
    beside = whole.select_beside(["B"], run)
    assert [str(date)[8:10] for date in beside.dates] == ["01", "02", "03", "05", "06"]
    same(beside.close, [[5.0, 6.0, 7.0, 9.0, 10.0]])
