"""Fees that regulators of the United States take of every sale of a listed share, by the date on which it is made.

Lives here: the two tables and the look-up of a date in them. What a portfolio pays is in `costs`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SECTION_31 = (
    ("2008-04-01", 5.60),
    ("2009-04-10", 25.70),
    ("2010-01-15", 12.70),
    ("2010-04-01", 16.90),
    ("2011-01-21", 19.20),
    ("2012-02-21", 18.00),
    ("2012-04-01", 22.40),
    ("2013-05-25", 17.40),
    ("2014-03-18", 22.10),
    ("2015-02-14", 18.40),
    ("2016-02-16", 21.80),
    ("2017-07-04", 23.10),
    ("2018-05-22", 13.00),
    ("2019-04-16", 20.70),
    ("2020-02-18", 22.10),
    ("2021-02-25", 5.10),
    ("2022-05-14", 22.90),
    ("2023-02-27", 8.00),
    ("2024-05-22", 27.80),
    ("2025-05-14", 0.00),
)
"""First trade date and USD per million USD sold. Source: the fee rate advisories of the SEC under Section 31 of the
Securities Exchange Act of 1934, announced to members in the information notices of FINRA."""

TRADING_ACTIVITY = (
    ("2008-04-01", 0.000075, 3.75),
    ("2011-07-01", 0.000090, 4.50),
    ("2012-03-01", 0.000095, 4.75),
    ("2012-07-01", 0.000119, 5.95),
    ("2022-01-01", 0.000130, 6.49),
    ("2023-01-01", 0.000145, 7.27),
    ("2024-01-01", 0.000166, 8.30),
)
"""First trade date, USD per share sold and most USD per sale, of covered equity securities. Source: FINRA By-Laws,
Schedule A, Section 1, and the regulatory notices that changed it (11-27, 12-06, 12-31 and after). The rate of the
first row is older than its date; the table begins where that of Section 31 does."""

KNOWN_FROM, KNOWN_TO = "2008-04-01", "2025-12-31"
"""Dates that both tables cover."""


def section_31(days: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Look up the fee of Section 31.

    Parameters
    ----------
    days : ndarray (date) of datetime64[D]

    Returns
    -------
    ndarray (date), fraction of the value sold
        0 before the first row; the last row stands for all later dates.
    """
    rates = np.array([0.0, *(rate for _, rate in SECTION_31)])
    found: NDArray[np.float64] = rates[_row(SECTION_31, days)] / 1e6
    return found


def trading_activity(days: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Look up the Trading Activity Fee.

    Parameters
    ----------
    days : ndarray (date) of datetime64[D]

    Returns
    -------
    ndarray (2, date)
        USD per share sold, and the most USD per sale; 0 before the first row, the last row stands for all later dates.
    """
    rates = np.array([(0.0, 0.0), *((rate, most) for _, rate, most in TRADING_ACTIVITY)])
    return np.ascontiguousarray(rates[_row(TRADING_ACTIVITY, days)].T)


def _row(table: tuple[tuple[object, ...], ...], days: NDArray[np.datetime64]) -> NDArray[np.int64]:
    firsts = np.array([row[0] for row in table], dtype="datetime64[D]")
    return np.searchsorted(firsts, days.astype("datetime64[D]"), side="right").astype(np.int64)
