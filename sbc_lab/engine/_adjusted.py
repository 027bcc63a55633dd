"""The one question asked of all candles before anything is computed from them: are they adjusted?

Everything else about candles is checked where they become arrays (panel.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import DataError

if TYPE_CHECKING:
    import xarray as xr


def refuse_unadjusted(candles: xr.Dataset) -> None:
    """Refuse candles that say of themselves that dividends and splits are still in them."""
    if not bool(getattr(candles, "attrs", {}).get("adjusted", True)):
        raise DataError(
            "these candles are not adjusted, so dividends and splits would look like losses; load them with adjust=True"
        )
