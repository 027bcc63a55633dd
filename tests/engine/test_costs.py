"""Laws of the models of cost: what each takes from an order worked out by hand, and what no model can be made of."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import xarray as xr

import sbc_lab as lab
from sbc_lab.engine import fees
from sbc_lab.engine.costs import Bps, CostModel, CostSum, PerShare, RegulatoryFees, Slippage
from sbc_lab.errors import BacktestError
from sbc_lab.options import Engine

HOLD = lab.Strategy("Hold A", "A")
LEAVE = lab.Strategy("Leave", lab.when(lab.price("A") > 15).then(lab.cash()).otherwise("A"))


@pytest.fixture(params=["numba", "numpy"], autouse=True)
def engine(request: pytest.FixtureRequest) -> Any:
    name: Engine = "numba" if request.param == "numba" else "numpy"
    with lab.options(engine=name):
        yield name


def candles(close: tuple[float, ...] = (10, 10, 20, 20), first: str = "2024-06-03", **more: list[float]) -> xr.Dataset:
    dates = (np.datetime64(first, "D") + np.arange(len(close))).astype("datetime64[ns]")
    fields = {"close": [list(map(float, close))], **{name: [values] for name, values in more.items()}}
    return xr.Dataset(
        {name: (("ticker", "date"), values) for name, values in fields.items()},
        coords={"ticker": ["A"], "date": dates},
    )


def test_a_commission_counts_shares_and_has_a_least_and_a_most() -> None:
    def first(**how: Any) -> float:
        return float(lab.backtest(HOLD, candles(), costs=PerShare(**how)).cost.values[0])

    # 100,000 USD are 10,000 shares at 10 USD
    assert first(rate=0.005, minimum=0.0) == pytest.approx(50 / 100_000)
    assert first(rate=0.005, minimum=70.0) == pytest.approx(70 / 100_000)
    assert first(rate=0.005, minimum=70.0, maximum=0.0001) == pytest.approx(10 / 100_000)
    assert first(rate=0.005, minimum=0.0, capital=50.0) == pytest.approx(0.025 / 50)


def test_shares_are_counted_at_the_prices_of_their_day() -> None:
    split = candles(raw_close=[40.0, 40.0, 40.0, 20.0])
    run = lab.backtest(HOLD, split, costs=PerShare(minimum=0.0))
    assert run.cost.values[0] == pytest.approx(0.005 * 2_500 / 100_000)
    assert "shares" not in {warning.kind for warning in run.warnings}
    assert "shares" in {warning.kind for warning in lab.backtest(HOLD, candles(), costs=PerShare()).warnings}


def test_regulators_take_from_sales_alone_by_the_rate_of_the_day() -> None:
    run = lab.backtest(LEAVE, candles(), costs=RegulatoryFees())
    assert run.cost.values[[0, 1, 3]].tolist() == [0.0, 0.0, 0.0]
    # 200,000 USD sold: 10,000 shares at 20 USD, on 2024-06-05
    assert run.cost.values[2] == pytest.approx(27.80e-6 + 10_000 * 0.000166 / 200_000)
    large = lab.backtest(LEAVE, candles(), costs=RegulatoryFees(section_31=False, capital=1e9))
    assert large.cost.values[2] == pytest.approx(8.30 / 2e9)


def test_dates_outside_the_tables_are_a_warning() -> None:
    old = lab.backtest(LEAVE, candles(first="2008-03-28"), costs=RegulatoryFees())
    assert old.cost.values.tolist() == [0.0] * 4
    assert any("rates known here begin on 2008-04-01" in str(warning) for warning in old.warnings)
    late = lab.backtest(LEAVE, candles(first="2026-03-02"), costs=RegulatoryFees())
    assert any("known on 2025-12-31" in str(warning) for warning in late.warnings)


def test_the_tables_ascend_and_begin_together() -> None:
    for table in (fees.SECTION_31, fees.TRADING_ACTIVITY):
        firsts = [str(row[0]) for row in table]
        assert firsts == sorted(set(firsts))
        assert firsts[0] == fees.KNOWN_FROM < firsts[-1] < fees.KNOWN_TO
    days = np.array(["2008-03-31", "2008-04-01", "2024-05-21", "2024-05-22", "2030-01-01"], dtype="datetime64[D]")
    assert fees.section_31(days).tolist() == pytest.approx([0.0, 5.6e-6, 8e-6, 27.8e-6, 0.0])


def test_slippage_may_differ_from_ticker_to_ticker() -> None:
    assert Slippage(3).rate_of("A") == 3.0
    assert Slippage({"A": 1, "B": 2}).rate_of("B") == 2.0
    assert Slippage({"B": 2}, others=7).rate_of("A") == 7.0
    with pytest.raises(BacktestError, match="Slippage names B but not 'A', which is traded; add it, or type others=5"):
        lab.backtest(HOLD, candles(), costs=Slippage({"B": 2}))


def test_a_sum_is_paid_model_by_model() -> None:
    run = lab.backtest(HOLD, candles(), costs=Bps(5) + PerShare(minimum=0.0) + Slippage(1))
    assert run.costs["model"].values.tolist() == ["Bps", "PerShare", "Slippage"]
    assert run.costs.values[:, 0].tolist() == pytest.approx([5e-4, 5e-4, 1e-4])
    assert run.cost.values[0] == pytest.approx(11e-4)
    assert run.equity.values[0] == pytest.approx(1 - 11e-4)


def test_a_portfolio_that_cannot_pay_is_ruined_and_says_so() -> None:
    run = lab.backtest(LEAVE, candles(), costs=PerShare(minimum=60.0, capital=50.0))
    assert run.equity.values.tolist() == [0.0]
    assert run.warnings[0].kind == "ruin"


@pytest.mark.parametrize("model", [Bps(2), Slippage({"A": 1.0}), PerShare(maximum=0.01), RegulatoryFees()])
def test_a_model_is_a_value_and_plain_json(model: CostModel) -> None:
    assert hash(model) == hash(type(model)(**{k: getattr(model, k) for k in model.__dataclass_fields__}))
    assert json.loads(json.dumps(model.as_json()))["model"] == model.name
    assert (model + Bps(1)).as_json() != (model + Bps(2)).as_json()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Bps(-1), r"Bps: bps must be a number from 0 to 10,000, got -1"),
        (lambda: Slippage({"A": "1"}), r"Slippage: A must be a number from 0 to 10,000, got '1'"),  # type: ignore[dict-item]  # refused
        (lambda: PerShare(rate=float("nan")), r"PerShare: rate must be a number at least 0, got nan"),
        (lambda: PerShare(maximum=1.5), r"PerShare: maximum must be a number from 0 to 1, got 1.5"),
        (lambda: PerShare(capital=0), r"PerShare: capital must be more than 0 USD, got 0"),
        (lambda: RegulatoryFees(section_31=1), r"section_31 must be True or False, got 1"),  # type: ignore[arg-type]  # refused
        (
            lambda: PerShare() + RegulatoryFees(capital=5),
            r"these models say 5 and 100,000 USD; give all of them the same",
        ),
        (lambda: CostSum(()), r"CostSum takes models such as"),
    ],
)
def test_what_no_broker_charges_is_refused(make: Any, says: str) -> None:
    with pytest.raises(BacktestError, match=says):
        make()
