"""How an expression moves with the level of prices, so that a comparison of dollars with a number can be found.

Lives here: the rule of each kind of expression. Does not live here: what is said about it (`engine.run_warnings`).
"""

from __future__ import annotations

from collections.abc import Mapping

from .calculations import Function, Named, Rolling
from .terms import Arithmetic, Constant, Expression, Indicator, Lag, Percentile, Ticker

Powers = Mapping[str, float]
"""For each ticker the power of its price level that the expression is proportional to; 0 is left out."""

_ALIKE = frozenset({"+", "-", "min", "max", "mod"})
"""What is proportional to the level when both its sides are, in the same way."""
_NO_LEVEL: Powers = {}


def price_powers(root: Expression) -> Powers | None:
    """Say how an expression moves when all prices of a ticker are multiplied by a number.

    Parameters
    ----------
    root : Expression

    Returns
    -------
    mapping of str to float, or None
        `{"SPY": 1}` for dollars of SPY, `{}` for what does not move, such as a z-score; None when it moves in another
        way, as `log(price("SPY"))` does.
    """
    known: dict[Expression, Powers | None] = {}
    stack: list[tuple[Expression, bool]] = [(root, False)]
    while stack:
        term, finished = stack.pop()
        if finished:
            known[term] = _of(term, [known[part] for part in _inside(term)])
        elif term not in known:
            stack.append((term, True))
            stack.extend((part, False) for part in _inside(term))
    return known[root]


def _inside(term: Expression) -> list[Expression]:
    return [part for part in term.parts if isinstance(part, Expression)]


def _of(term: Expression, parts: list[Powers | None]) -> Powers | None:
    if isinstance(term, Indicator):
        level = term.word.price_level and isinstance(term.series, Ticker)
        return {term.series.symbol: 1.0} if level else _NO_LEVEL  # type: ignore[attr-defined]  # a ticker, see above
    if isinstance(term, (Constant, Percentile)) or (isinstance(term, Rolling) and term.name == "change"):
        return _NO_LEVEL
    if isinstance(term, (Lag, Named, Rolling)):
        return parts[0]
    if all(part == _NO_LEVEL for part in parts):
        return _NO_LEVEL
    if isinstance(term, Arithmetic):
        return _calculated(term.op, (term.left, term.right), parts)
    return _function(term, parts) if isinstance(term, Function) else None


def _calculated(op: str, sides: tuple[Expression, ...], parts: list[Powers | None]) -> Powers | None:
    left, right = parts
    if op in _ALIKE:
        # Nothing is proportional to everything: 0 - x moves as x does.
        counted = [part for side, part in zip(sides, parts, strict=True) if side is not Constant(0.0)]
        return counted[0] if all(part == counted[0] for part in counted) else None
    if left is None or right is None:
        return None
    sign = 1.0 if op == "*" else -1.0
    powers = {ticker: left.get(ticker, 0.0) + sign * right.get(ticker, 0.0) for ticker in {**left, **right}}
    return {ticker: power for ticker, power in powers.items() if power != 0.0}


def _function(term: Function, parts: list[Powers | None]) -> Powers | None:
    if term.name == "sign":
        return _NO_LEVEL
    if term.name == "abs":
        return parts[0]
    if term.name in _ALIKE:
        return _calculated(term.name, term.of, parts)
    exponent = term.of[1] if term.name == "pow" else None
    power = 0.5 if term.name == "sqrt" else exponent.value if isinstance(exponent, Constant) else None
    if not isinstance(power, (int, float)) or parts[0] is None:
        return None
    return {ticker: own * power for ticker, own in parts[0].items() if own * power != 0.0}
