"""`export`: a strategy becomes a document of another tool, or an error that names what cannot be said there.

Lives here: the call, what it returns, and the list of targets. Does not live here: the targets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module

from ...errors import StrategyImportError, unknown_name
from ..strategy import Strategy, count_nodes, expand
from .draft import Draft
from .limits import Limits
from .report import Report

__all__ = ["Export", "Target", "export", "targets"]

NAMED = 3
_HOMES = ("composer.targets", "quantmage.targets", "native.targets", "own")
"""The modules of this package with a tuple TARGETS."""


@dataclass(frozen=True)
class Target:
    """One way in which strategies can be written for another tool."""

    name: str
    write: Callable[[Strategy, Draft, bool], str]
    """(strategy, draft, approximate) → text; every node gets its place in the draft, with what became of it."""
    write_with: Callable[[Strategy, Draft, bool, Mapping[str, Strategy]], str] | None = None
    """The same with the strategies that are called, for a format whose documents take them along; for every other
    format they are put in the place of their calls before."""


@dataclass(frozen=True, repr=False)
class Export:
    """A document for another tool, and what became of every node on the way."""

    text: str
    report: Report

    @property
    def format(self) -> str:
        """The format it is written in."""
        return self.report.format

    def __repr__(self) -> str:
        """Show what became of the nodes; `.text` is the document."""
        return f"{self.report.text()}\n.text has {len(self.text):,} characters"

    def _repr_html_(self) -> str:
        return self.report._repr_html_()


def targets() -> dict[str, Target]:
    """Every format that can be written, by name."""
    found = (one for home in _HOMES for one in import_module(f".{home}", __package__).TARGETS)
    return {one.name: one for one in found}


def export(
    strategy: Strategy,
    format: str,  # noqa: A002  # the word a person types
    *,
    approximate: bool = False,
    limits: Limits | None = None,
    bots: Mapping[str, Strategy] | None = None,
) -> Export:
    """Write a strategy for another tool.

    Parameters
    ----------
    strategy : Strategy
        Without open axes.
    format : str
        "composer-json", "defsymphony", "quantmage", "native" or "sbc_lab".
    approximate : bool
        Where the other tool knows something close, write that and list it; without it, that is an error.
    limits : Limits, optional
        `blocks`: how many nodes may be written; a shared branch is written wherever it occurs.
    bots : mapping of str to Strategy, optional
        The strategies that it calls: a native document takes them along, in every other one they stand in the place
        of their calls.

    Returns
    -------
    Export
        `.text`, and `.report` node by node. The document, read again, has the same fingerprint unless the report
        says otherwise.

    Raises
    ------
    StrategyImportError
        When the other tool cannot say a node; `.path` is its place, child numbers from the root down.
    UnknownNameError
        For a format that does not exist.

    Examples
    --------
    >>> from sbc_lab.engine.strategy import equal
    >>> print(export(Strategy("Hold", equal("SPY")), "defsymphony").text, end="")
    (defsymphony "Hold" {:asset-class "EQUITIES", :rebalance-frequency :daily}
     (weight-equal
      [
       (asset "SPY" nil)]))
    """
    known = targets()
    if format not in known:
        raise unknown_name("format", format, known, where="export")
    if not isinstance(strategy, Strategy):
        raise StrategyImportError(
            f"export: a Strategy is needed, got {type(strategy).__name__}; type Strategy('name', node)"
        )
    for axis in strategy.axes:
        raise StrategyImportError(f"export: {axis!r} is still open; call .at({axis.name}=…) first")
    allowed = limits or Limits()
    takes_along = known[format].write_with if bots else None
    if bots and takes_along is None:
        strategy = expand(strategy, bots)
    count = count_nodes(strategy)
    if count > allowed.blocks and format != "sbc_lab":
        raise StrategyImportError(
            f"export: the tree has {_size(count)} nodes once shared branches are written out, at most "
            f"{allowed.blocks:,} are written; give limits=Limits(blocks=…)"
        )
    draft = Draft("", allowed)
    if takes_along is not None and bots is not None:
        text = takes_along(strategy, draft, approximate, bots)
    else:
        text = known[format].write(strategy, draft, approximate)
    report = draft.report(format)
    refused = report.lines({"unsupported"})
    if refused:
        shown = "; ".join(str(line)[:300] for line in refused[:NAMED])
        more = f"; and {len(refused) - NAMED:,} more, all in the report of this error" if len(refused) > NAMED else ""
        raise StrategyImportError(
            f"{format} cannot say this: {shown}{more}", path=refused[0].path or "root", report=report
        )
    return Export(text, report)


def _size(count: int) -> str:
    return f"{count:,}" if count < 10**12 else "more than a trillion"
