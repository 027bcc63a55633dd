"""Strategies as documents: a flat table of rows, children before parents, equal ones once, readable by a person.

Lives here: writing and reading the table, its versions, and pickling. Does not live here: how one field is written
(`forms`), the JSON Schema (`schema`), the hash of meaning (`fingerprint`, given from here too).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

from ...errors import SbcError, WireError, unknown_name
from ._checks import shown
from ._intern import Term
from .fields import PACKED, REBALANCE, ROWS, Row
from .fingerprint import fingerprint
from .forms import JSON, Reading, Writing
from .nodes import Node
from .strategy import Strategy
from .terms import Ratio, Ticker
from .walk import ordered

__all__ = [
    "FORMAT",
    "SCHEMA_VERSION",
    "UPGRADES",
    "dumps",
    "fingerprint",
    "from_wire",
    "loads",
    "pack",
    "to_wire",
    "unpack",
]

FORMAT = "sbc_lab.strategy"
SCHEMA_VERSION = 1
UPGRADES: dict[int, Callable[[dict[str, JSON]], dict[str, JSON]]] = {}
"""How a document of version n becomes one of version n + 1; applied one after the other."""

MOST_NODES = 200_000
MOST_TEXT = 50_000_000
_REQUIRED = ("format", "version", "name", "rebalance", "root", "nodes")
_ALLOWED = (*_REQUIRED, "description")


def to_wire(strategy: Strategy) -> dict[str, JSON]:
    """Write a strategy as a document of plain JSON values.

    Parameters
    ----------
    strategy : Strategy
        Without open axes.

    Returns
    -------
    dict
        `format`, `version`, `name`, `description` if there is one, `rebalance`, `root` (number of a row) and
        `nodes`: one row for every different term, children before parents. Tickers and ratios that an indicator
        reads are texts inside its row; a field at its default is left out.
    """
    if not isinstance(strategy, Strategy):
        raise WireError(f"to_wire: a Strategy is needed, got {shown(strategy)}; type Strategy('name', node)")
    for axis in strategy.axes:
        raise WireError(f"{axis!r} is still open and cannot be stored; call .at({axis.name}=…) first")
    root, rows = _table(strategy.root, Writing({}), ROWS)
    document: dict[str, JSON] = {"format": FORMAT, "version": SCHEMA_VERSION, "name": strategy.name}
    if strategy.description:
        document["description"] = strategy.description
    rule = _write(strategy.rebalance, REBALANCE, Writing({}))
    return {**document, "rebalance": rule, "root": root, "nodes": rows}


def from_wire(document: Mapping[str, JSON], *, most_nodes: int = MOST_NODES, adopt: bool = False) -> Strategy:
    """Read a strategy from a document.

    Parameters
    ----------
    document : dict
        What `to_wire` gives, of this version or an older one.
    most_nodes : int
        Refuse documents with more rows.
    adopt : bool
        Read a user's own indicators with the code that is registered here now, although they were stored with another;
        the strategy then means something else, and so has another fingerprint.

    Raises
    ------
    WireError
        For anything that is not a whole and valid strategy; the message begins with the path inside the document.
    """
    current = _current(document)
    for name in current:
        if name not in _ALLOWED:
            raise _unknown("field", name, _ALLOWED, "document")
    for name in _REQUIRED:
        if name not in current:
            raise WireError(f"document: the field {name!r} is missing")
    source = Reading([], adopt=adopt)
    root = _terms(current["nodes"], current["root"], source, ROWS, most_nodes)
    for number in range(len(source.terms)):
        if number not in source.used:
            raise WireError(f"nodes[{number}]: no row uses this one, and root is {current['root']}; leave it out")
    if not isinstance(root, Node):
        raise WireError(f"root: a node is needed, but row {current['root']} is of kind {root.kind!r}")
    texts = {name: _text(current, name) for name in ("name", "description") if name in current}
    rule = current["rebalance"]
    if not isinstance(rule, dict):
        raise WireError(f"rebalance: an object such as {{'rule': 'daily'}} is needed, got {shown(rule)}")
    rebalance = _read(rule, REBALANCE, "rebalance", Reading([]))
    read: Strategy = _built(lambda: Strategy(root=root, rebalance=rebalance, **texts), "document")
    return read


def dumps(strategy: Strategy) -> str:
    """Write a strategy as JSON text, one row to a line, so that two versions can be compared line by line."""
    document = to_wire(strategy)
    rows = document.pop("nodes")
    head = "".join(f"  {json.dumps(name)}: {_plain(value)},\n" for name, value in document.items())
    body = ",\n".join(f"    {_plain(row)}" for row in rows)
    return f'{{\n{head}  "nodes": [\n{body}\n  ]\n}}\n'


def loads(text: str, *, most_nodes: int = MOST_NODES, most_text: int = MOST_TEXT, adopt: bool = False) -> Strategy:
    """Read a strategy from JSON text.

    Parameters
    ----------
    text : str
        What `dumps` gives.
    most_nodes, most_text : int
        Refuse documents with more rows, and texts with more characters.
    adopt : bool
        As in `from_wire`.

    Raises
    ------
    WireError
        For any text that is not a strategy.
    """
    if not isinstance(text, str):
        raise WireError(f"loads: a text is needed, got {shown(text)}")
    if len(text) > most_text:
        raise WireError(f"the text has {len(text)} characters, at most {most_text} are read")
    try:
        document = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except WireError:
        raise
    except RecursionError:
        raise WireError("the text nests too deeply to be a strategy, whose rows are flat") from None
    except ValueError as error:
        raise WireError(f"the text is no JSON: {str(error)[:200]}") from None
    return from_wire(document, most_nodes=most_nodes, adopt=adopt)


def pack(term: Term) -> dict[str, JSON]:
    """Write any term as a flat table, axes included: what a pickle holds."""
    root, rows = _table(term, Writing({}, axes=True), PACKED)
    return {"root": root, "nodes": rows}


def unpack(table: Mapping[str, JSON]) -> Term:
    """Read the term that `pack` wrote."""
    if not isinstance(table, Mapping) or table.keys() != {"root", "nodes"}:
        raise WireError(f"a table with root and nodes is needed, got {shown(table)}")
    return _terms(table["nodes"], table["root"], Reading([], axes=True), PACKED, MOST_NODES * 10)


def _table(root: Term, to: Writing, rows: Mapping[str, Row]) -> tuple[int, list[dict[str, JSON]]]:
    inside = [term for term in ordered(root) if term is root or not isinstance(term, (Ticker, Ratio))]
    to.rows = {term: number for number, term in enumerate(inside)}
    table = [{"kind": term.kind, **_write(term, rows[term.kind], to)} for term in inside]
    return len(table) - 1, table


def _write(term: Term, row: Row, to: Writing) -> dict[str, JSON]:
    out = {}
    for name, form in row.forms.items():
        value = getattr(term, name)
        if name not in row.defaults or value != row.defaults[name]:
            out[name] = form.write(value, to)
    return out


def _terms(nodes: JSON, root: JSON, source: Reading, rows: Mapping[str, Row], most: int) -> Term:
    if not isinstance(nodes, list) or not nodes:
        raise WireError(f"nodes: a list of at least one row is needed, got {shown(nodes)}")
    if len(nodes) > most:
        raise WireError(f"nodes: {len(nodes)} rows, at most {most} are read")
    for number, row in enumerate(nodes):
        where = f"nodes[{number}]"
        if not isinstance(row, dict):
            raise WireError(f"{where}: a row is an object, got {shown(row)}")
        kind = row.get("kind")
        if not isinstance(kind, str) or kind not in rows:
            raise _unknown("kind", kind, rows, where)
        fields = {name: value for name, value in row.items() if name != "kind"}
        source.terms.append(_read(fields, rows[kind], where, source))
    if isinstance(root, bool) or not isinstance(root, int) or not 0 <= root < len(nodes):
        raise WireError(f"root: the number of a row from 0 to {len(nodes) - 1} is needed, got {shown(root)}")
    source.used.add(root)
    return source.terms[root]


def _read(fields: Mapping[str, JSON], row: Row, where: str, source: Reading) -> Any:
    for name in fields:
        if name not in row.forms:
            raise _unknown("field", name, row.forms, f"{where} ({row.cls.kind})")
    for name in row.forms:
        if name not in fields and name not in row.defaults:
            raise WireError(f"{where}.{name}: this field is missing, and a row of kind {row.cls.kind!r} needs it")
    given = {name: row.forms[name].read(value, f"{where}.{name}", source) for name, value in fields.items()}
    return _built(lambda: row.cls(**given), f"{where} ({row.cls.kind})")


def _built(make: Callable[[], Any], where: str) -> Any:
    try:
        return make()
    except SbcError as error:
        raise WireError(f"{where}: {error}") from error


def _current(document: Mapping[str, JSON]) -> dict[str, JSON]:
    """Check that this is a document of ours, and bring it to the version of this program."""
    if not isinstance(document, Mapping):
        raise WireError(f"a document is an object with format, version and nodes, got {shown(document)}")
    if document.get("format") != FORMAT:
        raise WireError(
            f"format: this is no strategy of sbc_lab; {FORMAT!r} is needed, got {shown(document.get('format'))}"
        )
    version = document.get("version")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise WireError(f"version: a whole number from 1 is needed, got {shown(version)}")
    if version > SCHEMA_VERSION:
        raise WireError(
            f"version: the document was written by a newer sbc_lab (version {shown(version)}, this one reads up to "
            f"{SCHEMA_VERSION}); update sbc_lab to read it"
        )
    current = dict(document)
    while version < SCHEMA_VERSION:
        if version not in UPGRADES:
            raise WireError(f"version: there is no way from version {version} to {version + 1}")
        try:
            current = UPGRADES[version](current)
        except (LookupError, TypeError, ValueError, AttributeError) as error:
            raise WireError(f"document: it is no whole document of version {version}: {error!r}") from error
        version += 1
    return current


def _text(document: Mapping[str, JSON], name: str) -> str:
    value = document[name]
    if not isinstance(value, str):
        raise WireError(f"{name}: a text is needed, got {shown(value)}")
    return value


def _unknown(kind: str, name: object, known: Mapping[str, Any] | tuple[str, ...], where: str) -> WireError:
    if not isinstance(name, str):
        return WireError(f"{where}: a {kind} is a text such as {next(iter(known))!r}, got {shown(name)}")
    return WireError(str(unknown_name(kind, name[:60], known, where=where)))


def _plain(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _object(pairs: list[tuple[str, JSON]]) -> dict[str, JSON]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise WireError(f"the key {shown(twice)} stands twice in one object")
    return found


def _constant(name: str) -> NoReturn:
    raise WireError(f"the text holds {name}, which is no number that a strategy can use")
