"""What the columns of a trace are called, and their units; no numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

Words = tuple[str, str]

NODE_WORDS: dict[str, Words] = {
    "active_days": ("Dates on which some of the portfolio reached it", "1"),
    "active": ("Share of the dates on which it was reached", "fraction"),
    "share": ("Mean share of the portfolio", "fraction"),
    "contribution": ("Contribution to the total return, in parts of the first value", "fraction"),
    "first_active": ("First date on which it was reached", ""),
    "last_active": ("Last date on which it was reached", ""),
    "at_cap_days": ("Dates on which the block above held as much of it as its cap allows", "1"),
    "at_floor_days": ("Dates on which the block above held as little of it as its floor allows", "1"),
}
CONDITION_WORDS: dict[str, Words] = {
    "active_days": ("Dates on which a block that asks it was reached", "1"),
    "active": ("Share of the dates on which it was asked", "fraction"),
    "share": ("Mean of the largest share of any block that asks it", "fraction"),
    "true": ("Share of all dates on which it held", "fraction"),
    "true_when_active": ("Share of the dates it was asked on which it held", "fraction"),
    "unknown_days": ("Dates on which it could not be decided", "1"),
    "state": ("On the last date: 0 false, 1 true, 2 unknown", "1"),
    "left": ("Left side on the last date", "see unit"),
    "right": ("Right side on the last date", "see unit"),
    "distance": ("Left side less right side on the last date", "see unit"),
}
SUM_WORDS: dict[str, Words] = {
    "cash": ("Interest of what was not invested, in parts of the first value", "fraction"),
    "cost": ("What trading cost, in parts of the first value", "fraction"),
    "total_return": ("Total return", "fraction"),
}
DAILY_WORDS: dict[str, Words] = {
    "share": ("Share of the portfolio that reached the block", "fraction"),
    "active": ("Some of the portfolio reached the block", "1"),
    "asked": ("Largest share of any block that asks it", "fraction"),
    "truth": ("0 false, 1 true, 2 unknown", "1"),
    "left": ("Left side", "see unit"),
    "right": ("Right side", "see unit"),
    "distance": ("Left side less right side", "see unit"),
}


def words_of(pair: Words) -> dict[str, Any]:
    """Make the attributes of a variable."""
    return {"long_name": pair[0], **({"units": pair[1]} if pair[1] else {})}


def labelled(
    values: dict[str, NDArray[Any]], coords: dict[str, NDArray[Any]], dim: str, words: dict[str, Words]
) -> xr.Dataset:
    """Put names on columns of one dimension."""
    import xarray as xr

    return xr.Dataset(
        {name: (dim, column, words_of(words[name])) for name, column in values.items()},
        coords={dim: np.arange(len(coords["sentence"])), **{name: (dim, column) for name, column in coords.items()}},
    )
