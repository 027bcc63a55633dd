"""The JSON Schema of a stored strategy, made from the same table of fields that reads and writes it.

Lives here: the schema and where its file lies. Does not live here: reading; a document that fits the schema can still
be refused, because a schema cannot see that a row names only rows before it or that shares add up to 1.
"""

from __future__ import annotations

import json
from pathlib import Path

from .fields import REBALANCE, ROWS, Row
from .forms import JSON, Text
from .wire import FORMAT, MOST_NODES, SCHEMA_VERSION

PUBLISHED = Path(__file__).with_name("strategy.schema.json")
"""The file that is shipped; `publish` writes it anew."""


def schema() -> dict[str, JSON]:
    """Describe a stored strategy as JSON Schema (2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{FORMAT}:{SCHEMA_VERSION}",
        "title": "A strategy of sbc_lab",
        "description": "A tree of blocks as a flat table: children before parents, equal ones once.",
        "type": "object",
        "required": ["format", "version", "name", "rebalance", "root", "nodes"],
        "additionalProperties": False,
        "properties": {
            "format": {"const": FORMAT},
            "version": {"const": SCHEMA_VERSION},
            "name": Text(r"\S", 1).schema(),
            "description": Text().schema(),
            "rebalance": _object(REBALANCE),
            "root": {"type": "integer", "minimum": 0, "description": "number of the row that is the whole tree"},
            "nodes": {
                "type": "array",
                "minItems": 1,
                "maxItems": MOST_NODES,
                "items": {"oneOf": [{"$ref": f"#/$defs/{kind}"} for kind in ROWS]},
            },
        },
        "$defs": {kind: _object(row, kind=kind) for kind, row in ROWS.items()},
    }


def _object(row: Row, *, kind: str | None = None) -> dict[str, JSON]:
    properties = {name: form.schema() for name, form in row.forms.items()}
    needed = [name for name in row.forms if name not in row.defaults]
    if kind is not None:
        properties = {"kind": {"const": kind}, **properties}
        needed = ["kind", *needed]
    return {
        "description": (row.cls.__doc__ or "").partition("\n")[0],
        "type": "object",
        "required": needed,
        "additionalProperties": False,
        "properties": properties,
    }


def published() -> str:
    """Give the text of the shipped file."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def publish() -> None:
    """Write the shipped file anew, after a change of the table of fields."""
    PUBLISHED.write_text(published(), encoding="utf-8")
