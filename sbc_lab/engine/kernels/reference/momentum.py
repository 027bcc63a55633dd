"""Twins of returns, strength and momentum; units and first values are those of the kernels."""

from __future__ import annotations

import numpy as np

from .averages import ema, simple_returns
from .windows import Series, changes, known, mean, rolled, runs, whole

LAGUERRE_BARS, STILL, NARROWEST = 10, 1e-13, 1e-9
"""As in the kernels: bars without a value, and what counts as no difference."""


def cumulative_return(x: Series, window: int) -> Series:
    """Return over `window` bars in percent points."""
    return known(100.0 * changes(x, window) * whole(x, window + 1))


def moving_average_return(x: Series, window: int) -> Series:
    """Mean of the last `window` simple returns in percent points."""
    return 100.0 * rolled(simple_returns(x), window, mean)


def momentum_weighted(x: Series, month: int) -> Series:
    """Mean of the returns of 1, 3, 6 and 12 months, each times 12 / months."""
    one, three, six, twelve = (changes(x, months * month) for months in (1, 3, 6, 12))
    return known(100.0 * (12.0 * one + 4.0 * three + 2.0 * six + twelve) / 19.0 * whole(x, 12 * month + 1))


def momentum_unweighted(x: Series, month: int) -> Series:
    """Mean of the returns of 1, 3, 6 and 12 months."""
    total = sum(changes(x, months * month) for months in (1, 3, 6, 12))
    return known(100.0 * total / 4.0 * whole(x, 12 * month + 1))


def momentum_sma12(x: Series, month: int) -> Series:
    """Price less the mean of itself and of the twelve month ends before, in percent of that mean."""

    def above(rows: Series) -> Series:
        ends = rows[:, ::month].astype(np.longdouble)
        found: Series = ((rows[:, -1] - ends.mean(axis=1)) / ends.mean(axis=1)).astype(np.float64)
        return found

    with np.errstate(divide="ignore", invalid="ignore"):
        return known(100.0 * rolled(x, 12 * month + 1, above))


def rsi(x: Series, window: int) -> Series:
    """Relative strength index with Wilder's averages."""
    return _smoothed_strength(x, window, 1.0 / window)


def rsi_ema(x: Series, window: int) -> Series:
    """Relative strength index with exponential averages."""
    return _smoothed_strength(x, window, 2.0 / (window + 1.0))


def _smoothed_strength(x: Series, window: int, share: float) -> Series:
    out = np.full(x.size, np.nan)
    for run in runs(x):
        steps = np.diff(x[run])
        if steps.size < window:
            continue
        gains, losses = np.maximum(steps, 0.0), np.maximum(-steps, 0.0)
        gain, loss = float(gains[:window].mean()), float(losses[:window].mean())
        levels = [_strength(gain, loss)]
        for new_gain, new_loss in zip(gains[window:].tolist(), losses[window:].tolist(), strict=True):
            gain = (1.0 - share) * gain + share * new_gain
            loss = (1.0 - share) * loss + share * new_loss
            levels.append(_strength(gain, loss))
        out[run.start + window : run.stop] = levels
    return out


def _strength(gain: float, loss: float) -> float:
    return 100.0 * (gain / (gain + loss)) if gain + loss > 0.0 else 50.0


def rsi_sma(x: Series, window: int) -> Series:
    """Relative strength index with plain means."""

    def strength(rows: Series) -> Series:
        steps = np.diff(rows, axis=1)
        gains, losses = np.maximum(steps, 0.0).sum(axis=1), np.maximum(-steps, 0.0).sum(axis=1)
        share: Series = np.divide(gains, gains + losses, out=np.full(len(rows), 0.5), where=gains + losses > 0.0)
        return 100.0 * share

    return rolled(x, window + 1, strength)


def stochastic_rsi(x: Series, window: int) -> Series:
    """Place of the index in the range of its last `window` values."""

    def place(rows: Series) -> Series:
        lowest, highest = rows.min(axis=1), rows.max(axis=1)
        moved = highest - lowest > NARROWEST
        share: Series = np.divide(rows[:, -1] - lowest, highest - lowest, out=np.full(len(rows), np.nan), where=moved)
        return share

    return 100.0 * rolled(rsi(x, window), window, place)


def laguerre_rsi(x: Series, gamma: float) -> Series:
    """Share of the rising stages of a four-stage Laguerre filter that begins at the first price."""
    out = np.full(x.size, np.nan)
    for run in runs(x):
        values = x[run].tolist()
        stages = [values[0]] * 4
        for bar, value in enumerate(values):
            before = stages.copy()
            stages[0] = before[0] + (1.0 - gamma) * (value - before[0])
            for k in (1, 2, 3):
                stages[k] = before[k - 1] + gamma * (before[k] - stages[k - 1])
            steps = [stages[k] - stages[k + 1] for k in range(3)]
            up, down = sum(max(step, 0.0) for step in steps), sum(max(-step, 0.0) for step in steps)
            if bar >= LAGUERRE_BARS and up + down > STILL * (abs(stages[0]) + abs(stages[3])):
                out[run.start + bar] = 100.0 * (up / (up + down))
    return out


def macd(x: Series, short: int, long: int) -> Series:
    """Short exponential average less the long one."""
    return ema(x, short) - ema(x, long)


def macd_signal(x: Series, short: int, long: int, smooth: int) -> Series:
    """Exponential average of the MACD."""
    return ema(macd(x, short, long), smooth)


def macd_histogram(x: Series, short: int, long: int, smooth: int) -> Series:
    """MACD less its exponential average."""
    return macd(x, short, long) - macd_signal(x, short, long, smooth)


def ppo(x: Series, short: int, long: int) -> Series:
    """Short exponential average less the long one, in percent of the long one."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return known(100.0 * (macd(x, short, long) / ema(x, long)))


def ppo_signal(x: Series, short: int, long: int, smooth: int) -> Series:
    """Exponential average of the PPO."""
    return ema(ppo(x, short, long), smooth)


def ppo_histogram(x: Series, short: int, long: int, smooth: int) -> Series:
    """PPO less its exponential average."""
    return ppo(x, short, long) - ppo_signal(x, short, long, smooth)
