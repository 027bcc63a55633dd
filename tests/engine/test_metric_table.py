"""Laws of the METRICS table: complete, told once, shown everywhere the same way."""

from __future__ import annotations

import pytest

from sbc_lab.engine.metrics import METRICS, Metric, Value

FORMATS = {"fraction": "z,.2%", "ratio": "z,.2f", "count": "z,.2f", "days": ",.0f", "date": ""}


def test_the_table_holds_every_metric_of_the_semantics() -> None:
    assert list(METRICS) == [
        *("total_return", "cagr", "mean_return", "volatility", "sharpe", "sortino", "downside_risk", "calmar"),
        *("max_drawdown", "max_drawdown_peak", "max_drawdown_trough", "max_drawdown_recovery", "longest_under_water"),
        *("average_drawdown", "ulcer_index", "stability"),
        *("beta", "alpha", "treynor", "correlation", "r_squared", "tracking_error", "information_ratio"),
        *("up_capture", "down_capture", "win_rate", "payoff_ratio", "profit_factor"),
        *("median_day", "best_day", "worst_day", "value_at_risk", "expected_shortfall"),
        *("average_turnover", "annual_turnover", "average_turnover_one_way", "average_holdings"),
        *("herfindahl", "time_in_market", "timar"),
        *("skew", "kurtosis", "tail_ratio", "best_5_days", "best_10_days", "days"),
    ]


@pytest.mark.parametrize("metric", METRICS.values(), ids=list(METRICS))
def test_a_metric_is_told_in_one_line(metric: Metric) -> None:
    assert METRICS[metric.name] is metric
    assert metric.name.isidentifier()
    assert 0 < len(metric.label) <= 60
    assert metric.formula
    assert "\n" not in metric.formula
    assert metric.format == FORMATS[metric.unit]
    assert metric.needs <= {"returns", "allocation", "turnover", "one_way", "benchmark"}
    assert metric.needs


def test_no_two_metrics_share_a_label() -> None:
    assert len({metric.label for metric in METRICS.values()}) == len(METRICS)


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        METRICS["sharpe"] = METRICS["cagr"]  # type: ignore[index]  # that it is refused is the law


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("total_return", 27.3293288, "2,732.93%"),
        ("max_drawdown", -0.3371726, "-33.72%"),
        ("max_drawdown", -0.0, "0.00%"),
        ("alpha", -1e-9, "0.00%"),
        ("sharpe", 0.8024935, "0.80"),
        ("average_holdings", 2.25, "2.25"),
        ("longest_under_water", 1234, "1,234"),
        ("longest_under_water", 1234.0, "1,234"),
        ("max_drawdown_peak", "2020-02-19", "2020-02-19"),
        ("max_drawdown_recovery", None, "–"),
        ("sharpe", None, "–"),
        ("sharpe", float("nan"), "–"),
        ("sharpe", "of another kind", "of another kind"),
    ],
)
def test_a_value_is_shown_with_its_unit(name: str, value: Value, text: str) -> None:
    assert METRICS[name].show(value) == text
