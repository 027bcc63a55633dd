"""Every formula says where it comes from, in which unit it answers and over which dimension it runs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import sbc_lab
from sbc_lab.engine.indicators import INDICATORS
from sbc_lab.engine.metric_table import METRICS

PACKAGE = Path(sbc_lab.__file__).parent
SPOKEN = {"-100-0": "-100 to 0", "-100-100": "-100 to 100", "shares": "USD or shares"}
ELEMENTARY = {
    "price", "open_price", "high_price", "low_price", "volume",
    "sma", "ema", "wma", "price_vs_sma", "linear_regression_value", "linear_regression_slope",
    "trend_clarity", "rsi_sma", "rsi_ema", "cumulative_return", "moving_average_return", "momentum_sma12",
    "stdev_return", "stdev_price", "historical_volatility", "max_drawdown", "drawdown", "vwap_ratio",
}  # fmt: skip
"""Means, deviations, returns and lines, which nobody published first."""


def text_of(name: str) -> str:
    kernel = INDICATORS[name].kernel
    return getattr(kernel, "py_func", kernel).__doc__ or ""


@pytest.mark.parametrize("name", INDICATORS)
def test_a_kernel_says_what_it_reads_and_writes_over_dates_and_in_the_unit_of_its_word(name: str) -> None:
    unit = INDICATORS[name].word.unit
    out = re.search(r"^    out : ndarray \(date\), (.*)$", text_of(name), re.MULTILINE)
    assert out
    assert out[1].startswith(SPOKEN.get(unit, unit))
    # "x : ndarray (date), USD", or several lines of a bar in one paragraph
    assert re.search(r"^    [a-z, ]+ : ndarray \(date\), .+$", text_of(name), re.MULTILINE)


@pytest.mark.parametrize("name", sorted(INDICATORS.keys() - ELEMENTARY))
def test_an_indicator_that_somebody_invented_names_who_and_when(name: str) -> None:
    assert re.search(r"Notes\n    -----\n[\s\S]*[A-Z][^.]+\((19|20)\d\d\)", text_of(name))


def test_the_elementary_indicators_are_indicators() -> None:
    assert INDICATORS.keys() >= ELEMENTARY


def test_every_metric_has_a_formula_a_unit_and_a_label() -> None:
    for metric in METRICS.values():
        assert metric.formula.strip(), metric
        assert metric.unit.strip(), metric
        assert metric.label.strip(), metric


@pytest.mark.parametrize(
    "path", sorted((PACKAGE / "engine").rglob("[!_]*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_every_public_name_of_a_public_module_is_documented(path: Path) -> None:
    module = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(module)
    named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    public = [node for node in module.body if isinstance(node, named) and not node.name.startswith("_")]
    assert [node.name for node in public if not ast.get_docstring(node)] == []
