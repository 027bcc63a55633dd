"""`sbc demo`: sample prices into the store, the guide notebook run on them, and what came out of it.

Lives here: the order of these steps and the table at the end. Does not live here: the sample (data/sample.py) and
anything that computes. The notebook is run by papermill as any nightly notebook is; the result that is printed is read
from the file the notebook writes, never out of the notebook.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Mapping

NOTEBOOK = Path("guide") / "01_quickstart.ipynb"
TICKERS = ("AAPL", "IBM", "MSFT", "^GSPC")
"""What the guide looks at or holds."""
SHOWN = ("total_return", "cagr", "volatility", "sharpe", "max_drawdown", "average_turnover", "days")


def run_demo(output: Path | None = None) -> int:
    """Load the sample if the store does not have it, run the guide, print the result and where it lies.

    Parameters
    ----------
    output : Path, optional
        Folder for the executed notebook, the report and the numbers; by default `demo` beside the store of candles.

    Returns
    -------
    int
        0; everything else is an exception.
    """
    from .engine.candles import default_store

    began = time.perf_counter()
    store = default_store()
    folder = store.parent / "demo" if output is None else output
    folder.mkdir(parents=True, exist_ok=True)
    _prepare(store)
    _say(f"running {NOTEBOOK.name} …")
    summary = folder / "01_quickstart.json"
    executed = _execute(find_notebook(), folder / NOTEBOOK.name, summary)
    report = _report(executed)
    _show(json.loads(summary.read_text(encoding="utf-8")))
    print(f"notebook  {executed}")
    print(f"report    {report}")
    print(f"numbers   {summary.resolve()}")
    print(f"done in {time.perf_counter() - began:.0f} s. Go on in JupyterLab: make lab")
    return 0


def _say(message: str) -> None:
    print(message, file=sys.stderr)


def _prepare(store: Path) -> None:
    from .data import SnapshotStore, import_sample

    kept = SnapshotStore(store)
    if not kept.exists:
        print(import_sample(kept))
        return
    missing = ", ".join(sorted(set(TICKERS) - set(kept.snapshot().tickers)))
    if missing:
        raise StoreError(f"{store} has prices, but not {missing}; add the sample with `sbc data sample`")


def find_notebook() -> Path:
    """Find the guide notebook: beside the package in a clone, inside it when installed from a wheel."""
    package = Path(__file__).resolve().parent
    for place in (package / "notebooks", package.parent / "notebooks"):
        if (place / NOTEBOOK).is_file():
            return place / NOTEBOOK
    raise StoreError(f"the guide notebook {NOTEBOOK} is not part of this installation; install sbc-lab again")


def _execute(source: Path, target: Path, summary: Path) -> Path:
    import papermill
    from traitlets.config import Config

    with tempfile.TemporaryDirectory(prefix="sbc-") as private:
        # Sockets in a folder of our own instead of ports, which anybody on the machine could read along; its path is
        # short because a socket's may have a hundred characters or so.
        sockets = Config({"KernelManager": {"transport": "ipc", "connection_file": f"{private}/kernel.json"}})
        papermill.execute_notebook(
            source,
            target,
            parameters={"summary_file": str(summary.resolve())},
            kernel_name="python3",
            progress_bar=False,
            log_output=False,
            config=sockets,
        )
    return target.resolve()


def _report(executed: Path) -> Path:
    from nbconvert import HTMLExporter

    page, _ = HTMLExporter().from_filename(str(executed))  # type: ignore[no-untyped-call]  # nbconvert declares no types
    report = executed.with_suffix(".html")
    report.write_text(page, encoding="utf-8")
    return report


def _show(summary: Mapping[str, object]) -> None:
    from .engine.metrics import METRICS

    metrics = summary["metrics"]
    assert isinstance(metrics, dict)
    print()
    print(f"{summary['name']}  {summary['start']} to {summary['end']}")
    width = max(len(METRICS[name].label) for name in SHOWN)
    for name in SHOWN:
        print(f"  {METRICS[name].label:<{width}}  {METRICS[name].show(metrics[name]):>12}")
    print(f"  identity {str(summary['identity'])[:16]}…")
    print()
