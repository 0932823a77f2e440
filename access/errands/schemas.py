"""
The messages between a node and the hub, as JSON Schemas (2020-12). Pure.

The hub checks what it receives against these very tables; docs/reference/node-protocol holds them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from access.errands.answers import CODES, LONGEST_VALUE
from access.errands.orders import STAGES, Kind
from access.plans.tables import MOST_TABLES
from catalog.datasets.shapes import Shape
from catalog.vocabularies.plain_types import PlainType

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


def _text(longest: int, pattern: str = "") -> Schema:
    return {"type": "string", "maxLength": longest} | ({"pattern": pattern} if pattern else {})


COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53}
COUNT_OR_NULL: Schema = {**COUNT, "type": ["integer", "null"]}
SHA256 = _text(64, "^[0-9a-f]{64}$")
UUID_TEXT = _text(36, "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
BASE64 = {"type": "string", "contentEncoding": "base64"}
HEX = _text(64, "^[0-9a-f]{64}$")
NAME = _text(200)
VALUES: Schema = {
    "type": "object",
    "additionalProperties": {
        "anyOf": [_text(LONGEST_VALUE), {"type": ["integer", "number", "boolean", "null"]}]
    },
    "maxProperties": 10,
}
ATTEMPT: Schema = {"type": "integer", "minimum": 1, "maximum": 1000}
KEYS_BY_ATTRIBUTE: Schema = {"type": "object", "additionalProperties": HEX}


def _object(about: str, /, optional: tuple[str, ...] = (), **properties: Schema) -> Schema:
    """Return the schema of an object that has these properties and no other."""
    return {
        "type": "object",
        "description": about,
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def _list(items: Schema, most: int) -> Schema:
    return {"type": "array", "items": items, "maxItems": most}


COLUMN = _object(
    "Counts about one column; never a cell.",
    name=NAME,
    native={"enum": [*PlainType, None]},
    rows=COUNT,
    missing=COUNT,
    missing_tokens=_list(_text(10), 50),
    distinct=COUNT,
    longest=COUNT,
    shapes={
        "type": "object",
        "propertyNames": {"enum": list(Shape)},
        "additionalProperties": COUNT,
    },
)
VERDICT = _object(
    "What the check of small groups found.",
    k=COUNT,
    rows=COUNT,
    cells=COUNT,
    small_cells=COUNT,
    suppressed=COUNT,
)
COLUMNS = _list(
    {"type": "array", "prefixItems": [NAME, _text(100)], "minItems": 2, "maxItems": 2}, 1000
)
TABLE = _object(
    "One table of results: its cells, and how many are hidden.",
    name=NAME,
    columns=COLUMNS,
    lines=COUNT,
    hidden=COUNT,
)
SHARE_OR_NULL = {"type": ["number", "null"], "minimum": 0, "maximum": 1}
MEASURED = _object(
    "What was found of what leaves, beyond the size of its groups; null where it was not demanded.",
    l=COUNT_OR_NULL,
    t=SHARE_OR_NULL,
    unique=SHARE_OR_NULL,
    known=COUNT,
    groups=COUNT,
)
OUTCOME = _object(
    "What was done, in numbers. The names of the groups left out come in their own file.",
    ("tables", "measured"),
    rows_read=COUNT,
    rows_filtered=COUNT,
    rows_opposed=COUNT,
    rows_unidentified=COUNT,
    rows_suppressed=COUNT,
    rows_delivered=COUNT,
    rows_alone=COUNT,
    persons=COUNT_OR_NULL,
    verdict={"anyOf": [VERDICT, {"type": "null"}]},
    suppressed_cells=_list(_text(32), 0),
    consent_digest=_text(64, "^([0-9a-f]{64})?$"),
    columns=COLUMNS,
    files=_list(_text(100), 2 * MOST_TABLES),
    tables=_list(TABLE, MOST_TABLES),
    measured={"anyOf": [MEASURED, {"type": "null"}]},
)
FILE = _object("One file, as its reader gets it.", name=_text(100), size=COUNT, sha256=SHA256)
SUGGESTION = _object(
    "A field that could be delivered coarser: the step of its ladder, empty for nothing of it.",
    field=NAME,
    step=_text(100),
)
REASON = _object(
    "Why rows are not taken in: the sentence of a connector, about positions and names.",
    code=_text(100, "^[a-z][a-z_-]*$"),
    explanation=_text(500),
    remedy=_text(500),
    values=VALUES,
    about=NAME,
)
FIELD = _object(
    "A declared field. With known values, a row that holds another one is refused.",
    ("known_values",),
    position=COUNT,
    name=NAME,
    type={"enum": list(PlainType)},
    semantic_type=_text(100),
    level=COUNT_OR_NULL,
    attribute=_text(120),
    is_subject={"type": "boolean"},
    missing_values=_list(_text(40), 1000),
    known_values=_list(_text(100), 100_000),
)

SCHEMAS: Mapping[str, Schema] = MappingProxyType(
    {
        "sources": _object(
            "What a node offers. It replaces what it offered before.",
            sources=_list(
                _object(
                    "A table or a file.",
                    name=_text(100, r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"),
                    rows=COUNT_OR_NULL,
                    columns=_list(COLUMN, 1000),
                ),
                200,
            ),
        ),
        "envelope": _object(
            "An order with its signature, and what its digests are of.",
            order={"type": "string", "contentMediaType": "application/json"},
            signature=BASE64,
            body={"type": "string", "contentMediaType": "application/json"},
            letter=BASE64,
        ),
        "order": _object(
            "What is signed, after the line of its domain: canonical JSON.",
            protocol={"const": 1},
            kind={"enum": list(Kind)},
            job=UUID_TEXT,
            attempt=ATTEMPT,
            node=UUID_TEXT,
            source=_text(100),
            issued_at={"type": "string", "format": "date-time"},
            expires_at={"type": "string", "format": "date-time"},
            nonce=_text(32, "^[0-9a-f]{32}$"),
            body_digest=SHA256,
            keys_digest=SHA256,
            consent_digest=_text(64, "^([0-9a-f]{64})?$"),
            content_digest=_text(64, "^([0-9a-f]{64})?$"),
            rows=COUNT_OR_NULL,
        ),
        "extract-letter": _object(
            "The keys of an extract, once the letter is open.",
            pseudonyms=KEYS_BY_ATTRIBUTE,
            order=HEX,
            cells=HEX,
            file=HEX,
            consents=_text(64, "^([0-9a-f]{64})?$"),
            left_out=_list(_text(32, "^[0-9a-f]{32}$"), 2_000_000),
        ),
        "intake-letter": _object(
            "The keys of stage 1, once the letter is open.", identifiers=KEYS_BY_ATTRIBUTE
        ),
        "intake-body": _object(
            "What was declared of a source.",
            dataset=UUID_TEXT,
            slug=_text(100),
            release=UUID_TEXT,
            unit={"type": ["string", "null"]},
            tier=_text(10),
            fields=_list(FIELD, 1000),
            readings={"type": "object"},
        ),
        "extract-progress": _object(
            "How far an extract is: rows, or bytes sent; and bytes of the sources, when it says.",
            ("bytes_done", "bytes_total"),
            attempt=ATTEMPT,
            stage={"enum": list(STAGES)},
            done=COUNT,
            total=COUNT,
            bytes_done=COUNT,
            bytes_total=COUNT,
        ),
        "extract-end": _object(
            "What was made. The hub looks at it before it believes it.",
            attempt=ATTEMPT,
            outcome=OUTCOME,
            files=_list(FILE, 2 * MOST_TABLES + 1),
        ),
        "extract-refusal": _object(
            "Why nothing was made.",
            attempt=ATTEMPT,
            code={"enum": list(CODES)},
            values=VALUES,
            permanent={"type": "boolean"},
            suggestions=_list(SUGGESTION, 200),
        ),
        "received": _object("How much of a file has arrived.", received=COUNT),
        "intake-progress": _object("How far a taking in is.", attempt=ATTEMPT, rows=COUNT),
        "intake-end": _object("What was taken in.", attempt=ATTEMPT, rows=COUNT, digest=SHA256),
        "intake-refusal": _object(
            "Why the rows were not taken in.",
            attempt=ATTEMPT,
            permanent={"type": "boolean"},
            reasons={**_list(REASON, 300), "minItems": 1},
        ),
    }
)
"""Every message, by its name. A digest is in hexadecimal, a key too; a signature in base64."""


def document(name: str) -> Schema:
    """Return a schema as a document of its own."""
    return {"$schema": DIALECT, "title": name, **SCHEMAS[name]}
