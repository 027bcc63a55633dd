"""The laws that a function is held to before it is an indicator, each broken once."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import count

import numpy as np
import numpy.typing as npt
import pytest

from sbc_lab.engine.indicators import INDICATORS
from sbc_lab.engine.purity import check_purity, scales
from sbc_lab.errors import StrategyError

Line = npt.NDArray[np.float64]
Lines = Sequence[Line]


def twin(name: str, *values: float) -> Callable[[Lines], Line]:
    return lambda lines: INDICATORS[name].twin(*lines, *values)


def usual(name: str) -> tuple[float, ...]:
    return tuple(parameter.example for parameter in INDICATORS[name].word.parameters)


@pytest.mark.parametrize("name", sorted(set(INDICATORS) - {"stochastic_rsi"}))
def test_our_own_indicators_pass(name: str) -> None:
    indicator, values = INDICATORS[name], usual(name)
    check_purity(name, twin(name, *values), indicator.word.inputs, indicator.first_valid(values))
    level = scales(twin(name, *values), indicator.word.inputs, indicator.first_valid(values))
    assert level == indicator.word.price_level


def ahead(bars: int) -> Callable[[Lines], Line]:
    def function(lines: Lines) -> Line:
        (x,) = lines
        out: Line = x.copy()
        out[: max(0, x.size - bars)] = x[bars:]
        return out

    return function


@pytest.mark.parametrize("bars", [1, 2, 7])
def test_looking_ahead_is_found_with_the_date_and_both_values(bars: int) -> None:
    with pytest.raises(StrategyError) as caught:
        check_purity("mine", ahead(bars), ("close",), 0)
    found = re.match(
        rf"mine looks {bars} bars? ahead: on a walk its value on date (\d+) is ([\d.]+) when all 240 bars are known, "
        r"but ([\d.]+) with the first (\d+); use nothing after the date itself",
        str(caught.value),
    )
    assert found is not None
    assert int(found[4]) - int(found[1]) == bars
    assert found[2] != found[3]


@pytest.mark.parametrize(
    "function",
    [
        lambda lines: lines[0] / lines[0].max(),
        lambda lines: (lines[0] - lines[0].mean()) / 100.0,
        lambda lines: lines[0][::-1].copy(),
        lambda lines: np.full(lines[0].size, float(lines[0].size)),
        lambda lines: np.argsort(np.argsort(lines[0])).astype(np.float64),
        lambda lines: np.convolve(lines[0], [0.2, 0.2, 0.2, 0.2, 0.2], mode="same"),
    ],
)
def test_any_knowledge_of_the_whole_series_is_looking_ahead(function: Callable[[Lines], Line]) -> None:
    with pytest.raises(StrategyError, match=r"mine looks \d+ bars? ahead: on a walk"):
        check_purity("mine", function, ("close",), 0)


def test_a_random_number_or_a_memory_is_refused() -> None:
    calls = count()
    with pytest.raises(
        StrategyError, match=r"gives two answers to the same prices \(a walk\): on date 0 first .*, then"
    ):
        check_purity("mine", lambda lines: lines[0] + next(calls), ("close",), 0)


def test_a_function_that_fills_one_array_again_and_again_hides_nothing() -> None:
    kept = np.empty(10_000)

    def same(lines: Lines, scale: Callable[[Line], float]) -> Line:
        (x,) = lines
        kept[: x.size] = x / scale(x)
        return kept[: x.size]

    with pytest.raises(StrategyError, match="ahead: on a walk"):
        check_purity("mine", lambda lines: same(lines, lambda x: float(x[-1])), ("close",), 0)
    assert scales(lambda lines: same(lines, np.size), ("close",), 0)


def test_writing_into_the_input_is_refused() -> None:
    def function(lines: Lines) -> Line:
        lines[0][3] = 1.0
        return lines[0].copy()

    with pytest.raises(StrategyError, match=r"mine writes into its input: on a walk date 3 was .* and is 1 afterwards"):
        check_purity("mine", function, ("close",), 0)


def test_the_first_value_is_where_it_is_declared() -> None:
    check_purity("sma", twin("sma", 5), ("close",), 4)
    with pytest.raises(StrategyError, match="on date 4, before the first valid bar 5 that it declares"):
        check_purity("sma", twin("sma", 5), ("close",), 5)
    with pytest.raises(StrategyError, match="has the value nan on date 3 of a walk, at or after the first valid bar 3"):
        check_purity("sma", twin("sma", 5), ("close",), 3)


def test_infinity_is_no_value() -> None:
    with pytest.raises(StrategyError, match="has the value inf on date 0 of a walk"):
        check_purity("mine", lambda lines: np.full(lines[0].size, np.inf), ("close",), 0)


def test_what_is_not_defined_on_a_still_price_may_have_no_value() -> None:
    check_purity("stochastic_rsi", twin("stochastic_rsi", 5), ("close",), 9)
    with pytest.raises(StrategyError, match="has the value inf on date 1 of a price that stands still"):
        check_purity("mine", inverse_move, ("close",), 1)


def inverse_move(lines: Lines) -> Line:
    out: Line = np.full(lines[0].size, np.nan)
    with np.errstate(divide="ignore"):
        out[1:] = 1.0 / np.abs(np.diff(lines[0]))
    return out
