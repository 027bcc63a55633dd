"""Small bars to publish, and a store to publish them in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sbc_lab.data.calendar import sessions
from sbc_lab.data.store import SnapshotStore

MakeBars = Callable[..., pd.DataFrame]


@pytest.fixture(scope="session")
def make_bars() -> MakeBars:
    """Bars with the closes given, on consecutive sessions from `start` on."""

    def make(closes: Sequence[float] = (10.0, 11.0, 12.0), *, start: str = "2024-01-02") -> pd.DataFrame:
        days = sessions(start, np.datetime64(start) + 20 + 2 * len(closes))[: len(closes)]
        close = np.array(closes, dtype=float)
        return pd.DataFrame(
            {
                "date": days.astype("datetime64[ns]"),
                "open": close * 0.99,
                "high": close * 1.01,
                "low": close * 0.98,
                "close": close,
                "adj_close": close * 0.5,
                "volume": np.arange(len(close)) * 100,
                "dividends": np.zeros(len(close)),
                "splits": np.zeros(len(close)),
            }
        )

    return make


@pytest.fixture
def store(tmp_path: Path) -> SnapshotStore:
    return SnapshotStore(tmp_path / "candles")
