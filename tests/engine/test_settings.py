"""Laws of the settings: what no run can be made of is refused, with what is allowed."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pytest

from sbc_lab.engine.costs import Bps, CostModel, PerShare, RegulatoryFees, Slippage
from sbc_lab.engine.settings import Settings, settle
from sbc_lab.engine.strategy import Rebalance, threshold
from sbc_lab.errors import BacktestError, StrategyError, UnknownNameError

TYPED: dict[str, Any] = {
    "start": None,
    "end": None,
    "start_policy": "conditions",
    "cost_bps": 5.0,
    "rebalance": "daily",
    "execution": "close",
    "on_missing": "otherwise",
}


def settled(**typed: Any) -> Settings:
    return settle(**{**TYPED, **typed})


def test_what_is_not_said_is_the_default() -> None:
    assert settled() == Settings()
    assert Settings().cost_bps == 5.0
    assert Settings().rebalance == Rebalance("daily")


def test_equal_settings_are_equal_and_hash_alike() -> None:
    first, second = settled(start="2010-01-04", cost_bps=1), settled(start=date(2010, 1, 4), cost_bps=1.0)
    assert first == second
    assert hash(first) == hash(second)
    assert first != settled(start="2010-01-05", cost_bps=1)


def test_start_also_takes_a_policy() -> None:
    found = settled(start="all_assets", start_policy=None)
    assert found.start is None
    assert found.start_policy == "all_assets"
    assert settled(start="conditions", start_policy=None, profile="composer").start_policy == "conditions"
    assert settled(start="all_assets", start_policy="all_assets") == found
    with pytest.raises(BacktestError, match="start='conditions' and start_policy='all_assets' contradict each other"):
        settled(start="conditions", start_policy="all_assets")


def test_an_end_before_the_start_is_refused() -> None:
    with pytest.raises(BacktestError, match="end 2010-01-04 lies before start 2010-01-05"):
        settled(start="2010-01-05", end="2010-01-04")
    assert settled(start="2010-01-04", end="2010-01-04").end == np.datetime64("2010-01-04")


@pytest.mark.parametrize("cost", [0, 5, 2.5, 10_000, np.float32(1.5), np.int64(7)])
def test_a_cost_is_a_number_of_basis_points(cost: Any) -> None:
    assert settled(cost_bps=cost).cost_bps == float(cost)


@pytest.mark.parametrize("cost", [-0.1, 10_000.1, float("nan"), float("inf")])
def test_a_cost_outside_its_range_is_refused(cost: float) -> None:
    with pytest.raises(BacktestError, match=r"cost_bps must be from 0 to 10000 \(1/10,000 of the traded value\), got "):
        settled(cost_bps=cost)


@pytest.mark.parametrize("cost", ["5", None, True, [5]])
def test_a_cost_that_is_no_number_is_refused(cost: object) -> None:
    with pytest.raises(BacktestError, match="cost_bps must be a number such as 5, got"):
        settled(cost_bps=cost)


@pytest.mark.parametrize(
    ("typed", "kind", "nearest"),
    [
        ({"start_policy": "all_asset"}, "start policy", "all_assets"),
        ({"on_missing": "Cash"}, "on_missing", "cash"),
        ({"execution": "next-open"}, "execution", "next_open"),
    ],
)
def test_an_unknown_word_is_refused_with_the_nearest_first(typed: dict[str, str], kind: str, nearest: str) -> None:
    with pytest.raises(UnknownNameError, match=f"backtest: there is no {kind} .*known, nearest first: {nearest}"):
        settled(**typed)


@pytest.mark.parametrize("delay", [-1, 1.5, "1", None, True])
def test_a_delay_is_a_whole_number_of_bars(delay: object) -> None:
    with pytest.raises(BacktestError, match="delay must be a whole number of bars, 0 or more, got "):
        settled(delay=delay)
    assert settled(delay=np.int64(2)) == settled(delay=2)


@pytest.mark.parametrize(
    ("execution", "delay", "lag"),
    [("close", 0, 0), ("close", 2, 2), ("close_to_open", 1, 1), ("next_open", 0, 1), ("open_to_close", 1, 2)],
)
def test_an_open_comes_a_bar_after_the_close_that_decides(execution: str, delay: int, lag: int) -> None:
    assert settled(execution=execution, delay=delay).lag == lag


def test_a_model_takes_the_place_of_the_basis_points() -> None:
    assert settled(costs=Bps(3)) == settled(cost_bps=3)
    found = settled(costs=PerShare() + Slippage(2))
    assert (found.cost_bps, found.model.parts) == (0.0, (PerShare(), Slippage(2)))
    assert settled(cost_bps=7).model == Bps(7)
    with pytest.raises(BacktestError, match=r"cost_bps=7 and costs=PerShare.* type costs=Bps\(7\) \+"):
        settled(cost_bps=7, costs=PerShare())
    for wrong in (5, "Bps", CostModel()):
        with pytest.raises(BacktestError, match="costs must be a model such as PerShare"):
            settled(costs=wrong)


def test_a_rebalance_rule_is_a_word_or_a_rule() -> None:
    assert settled(rebalance="weekly").rebalance == Rebalance("weekly")
    assert settled(rebalance=threshold(0.1)).rebalance.width == 0.1
    with pytest.raises(UnknownNameError, match="no rebalance rule 'weekely'"):
        settled(rebalance="weekely")
    with pytest.raises(StrategyError, match="say the width"):
        settled(rebalance="threshold")


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Settings().cost_bps = 1.0  # type: ignore[misc]  # that is the test


def test_settings_are_plain_json_in_a_fixed_order() -> None:
    found = settled(start="2010-01-04", end=date(2011, 1, 3), rebalance=threshold(0.05), cost_bps=2)
    assert json.loads(json.dumps(found.as_json())) == {
        "start": "2010-01-04",
        "end": "2011-01-03",
        "start_policy": "conditions",
        "cost_bps": 2.0,
        "rebalance": {"rule": "threshold", "width": 0.05},
        "execution": "close",
        "on_missing": "otherwise",
        "delay": 0,
        "costs": None,
        "cash": None,
        "profile": None,
    }
    assert list(found.as_json()) == list(Settings().as_json())
    assert Settings().as_json()["start"] is None


@pytest.mark.parametrize(
    "other",
    [
        {"start": "2010-01-04"},
        {"end": "2010-01-04"},
        {"start_policy": "all_assets"},
        {"cost_bps": 4.9},
        {"rebalance": "weekly"},
        {"rebalance": threshold(0.05)},
        {"on_missing": "hold"},
        {"execution": "next_open"},
        {"delay": 1},
        {"costs": PerShare()},
        {"costs": Bps(5) + RegulatoryFees(trading_activity=False)},
        {"cash": "BIL"},
        {"cash": 0.0},
    ],
)
def test_every_setting_shows_in_the_json(other: dict[str, Any]) -> None:
    assert settled(**other).as_json() != Settings().as_json()


def test_a_profile_chooses_when_to_start_and_is_part_of_the_settings() -> None:
    assert settled(start_policy=None).start_policy == "conditions"
    assert settled(start_policy=None, profile="quantmage").start_policy == "conditions"
    assert settled(start_policy=None, profile="composer").start_policy == "all_assets"
    assert settled(start_policy="conditions", profile="composer").start_policy == "conditions"
    with pytest.raises(UnknownNameError, match="profile 'compose'; known, nearest first: composer"):
        settled(profile="compose")
