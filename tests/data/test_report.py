"""The report of an import as text, table and HTML."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from sbc_lab.data.store import SnapshotStore

MakeBars = Callable[..., pd.DataFrame]


def test_the_text_names_refusals_and_warnings_in_a_few_lines(store: SnapshotStore, make_bars: MakeBars) -> None:
    store.publish({"A": make_bars()})
    jumps = {f"J{number}": make_bars([1.0, 2.0]) for number in range(10)}
    report = store.publish({"A": make_bars([1.0, np.nan]), "B": make_bars([1.0]).iloc[:0], **jumps})
    lines = str(report).splitlines()
    assert lines[0] == f"snapshot {report.snapshot.id[:12]}: 11 tickers (10 new, 0 changed, 0 unchanged)"
    assert lines[1].startswith("refused  A: open has no number on 1 bar (2024-01-03)")
    assert lines[1].endswith("; its last good state stays")
    assert lines[2] == "refused  B: there is not one bar"
    assert lines[3] == "warning  J0: adj_close moves by more than a factor of 1.5 in one day on 1 bar (2024-01-03)"
    assert lines[-1] == "warning  2 more, see .table"
    assert len(lines) == 12


def test_the_table_has_one_row_per_finding_errors_first(store: SnapshotStore, make_bars: MakeBars) -> None:
    report = store.publish({"A": make_bars([1.0, 2.0]), "B": make_bars([1.0]).assign(close=0.0)})
    table = report.table
    assert table.columns.tolist() == ["ticker", "check", "severity", "count", "first", "last", "sentence"]
    assert table["ticker"].tolist() == ["B", "A"]
    assert table["severity"].tolist() == ["error", "warning"]


def test_an_import_without_findings_has_an_empty_table(store: SnapshotStore, make_bars: MakeBars) -> None:
    report = store.publish({"A": make_bars()})
    assert len(report.table) == 0
    assert "<table>" not in report._repr_html_()


def test_html_is_escaped(store: SnapshotStore, make_bars: MakeBars) -> None:
    report = store.publish({"A": make_bars()}, refused={"<b>X</b>": "<script>alert(1)</script>"})
    page = report._repr_html_()
    assert "<script>" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
