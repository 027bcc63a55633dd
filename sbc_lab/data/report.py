"""What came of an import: which tickers are in, which were refused and why, what was noticed.

Here lives the report and how it shows itself; the checks are in `integrity`, the publishing in `store`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

import pandas as pd

from ..engine.snapshots import Snapshot
from .integrity import Finding

__all__ = ["ImportReport", "findings_table"]

LINES = 8
"""Findings that the text shows before it says how many more there are."""


@dataclass(frozen=True)
class ImportReport:
    """Result of publishing prices."""

    snapshot: Snapshot
    added: tuple[str, ...]
    """Tickers that the snapshot before did not have."""
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    """Tickers handed in with the values that were already there."""
    findings: tuple[Finding, ...]

    @property
    def refused(self) -> tuple[str, ...]:
        """Tickers in quarantine, sorted; `snapshot.quarantine` has the reasons."""
        return tuple(sorted(self.snapshot.quarantine))

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """Findings that keep no ticker out."""
        return tuple(finding for finding in self.findings if finding.severity == "warning")

    @property
    def table(self) -> pd.DataFrame:
        """One row per finding, errors first."""
        return findings_table(self.findings)

    def __str__(self) -> str:
        """Say in a few lines what came of it."""
        lines = [self._head(), *(f"refused  {ticker}: {self._reason(ticker)}" for ticker in self.refused[:LINES])]
        if len(self.refused) > LINES:
            lines.append(f"refused  {len(self.refused) - LINES} more, see .table")
        lines += [f"warning  {finding.ticker}: {finding.sentence}" for finding in self.warnings[:LINES]]
        if len(self.warnings) > LINES:
            lines.append(f"warning  {len(self.warnings) - LINES} more, see .table")
        return "\n".join(lines)

    def _head(self) -> str:
        counts = f"{len(self.added)} new, {len(self.changed)} changed, {len(self.unchanged)} unchanged"
        held = len(self.snapshot.bars)
        return f"snapshot {self.snapshot.id[:12]}: {held} ticker{'' if held == 1 else 's'} ({counts})"

    def _reason(self, ticker: str) -> str:
        state = self.snapshot.quarantine[ticker]
        return state.reason + ("; its last good state stays" if state.kept else "")

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{escape(finding.severity)}</td><td>{escape(finding.ticker)}</td>"
            f"<td>{escape(finding.check)}</td><td>{escape(finding.sentence)}</td></tr>"
            for finding in _errors_first(self.findings)
        )
        head = "<tr><th>severity</th><th>ticker</th><th>check</th><th>finding</th></tr>"
        table = f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>" if rows else ""
        return f"<div><p>{escape(self._head())}</p>{table}</div>"


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Findings as a table, errors first.

    Returns
    -------
    DataFrame
        Columns ticker, check, severity, count, first, last, sentence.
    """
    names = ["ticker", "check", "severity", "count", "first", "last", "sentence"]
    return pd.DataFrame(
        [[getattr(finding, name) for name in names] for finding in _errors_first(findings)], columns=names
    )


def _errors_first(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (finding.severity != "error", finding.ticker, finding.check))
