"""
One xAPI statement as a row of plain cells (xAPI 1.0.3, and IEEE 9274.1.1 which is xAPI 2.0).

Only what a table of traces needs is read: never the name of the actor, the text of an answer, nor
extensions and attachments, which may hold anything.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from catalog.connectors.cells import Cell, text_cell
from catalog.connectors.errors import ConnectorError
from catalog.connectors.json_file.objects import Found, Number, Whole
from catalog.vocabularies.plain_types import PlainType

COLUMNS: Mapping[str, PlainType] = {
    "actor_id": PlainType.TEXT,
    "actor_home": PlainType.TEXT,
    "statement_id": PlainType.TEXT,
    "verb": PlainType.TEXT,
    "object_id": PlainType.TEXT,
    "object_type": PlainType.TEXT,
    "activity_type": PlainType.TEXT,
    "score_scaled": PlainType.NUMBER,
    "score_raw": PlainType.NUMBER,
    "score_min": PlainType.NUMBER,
    "score_max": PlainType.NUMBER,
    "success": PlainType.BOOLEAN,
    "completion": PlainType.BOOLEAN,
    "duration_seconds": PlainType.NUMBER,
    "timestamp": PlainType.DATETIME,
    "stored": PlainType.DATETIME,
    "registration": PlainType.TEXT,
    "platform": PlainType.TEXT,
    "language": PlainType.TEXT,
    "parent": PlainType.TEXT,
    "grouping": PlainType.TEXT,
}
"""The table of statements. Who acts comes first: it is whom a row speaks of."""

IDENTIFIERS = ("account", "mbox", "mbox_sha1sum", "openid")
_AGENTS = frozenset(["Agent", "Group"])


def is_statement(value: Mapping[str, Any]) -> bool:
    """Tell whether an object is a statement: somebody did something."""
    return all(isinstance(value.get(part), dict) for part in ("actor", "verb", "object"))


def row_of(found: Found) -> dict[str, Cell | None]:
    """
    Return a statement as the cells of its columns.

    :raises ConnectorError: what is not a statement, or a part that is not as the standard says
    """
    statement = found.value
    if not is_statement(statement):
        raise ConnectorError(
            "not_a_statement",
            "Object %(number)s, line %(line)s, is not an xAPI statement: an actor, a verb and an"
            " object are needed.",
            values=found.place,
            remedy="Export statements only, or give the other objects in a file of their own.",
        )
    result, context = _part(statement, "result"), _part(statement, "context")
    score, activities = _part(result, "score"), _part(context, "contextActivities")
    thing = statement["object"]
    raw: dict[str, Any] = {
        **_actor(statement["actor"]),
        "statement_id": statement.get("id"),
        "verb": statement["verb"].get("id"),
        "object_type": thing.get("objectType", "Activity"),
        # Somebody may be the object of a statement: who it is is not read.
        "object_id": None if thing.get("objectType") in _AGENTS else thing.get("id"),
        "activity_type": _part(thing, "definition").get("type"),
        **{f"score_{name}": score.get(name) for name in ("scaled", "raw", "min", "max")},
        **{name: result.get(name) for name in ("success", "completion")},
        "duration_seconds": result.get("duration"),
        **{name: statement.get(name) for name in ("timestamp", "stored")},
        **{name: context.get(name) for name in ("registration", "platform", "language")},
        **{name: _activities(activities.get(name)) for name in ("parent", "grouping")},
    }
    return {name: _cell(raw[name], name, found) for name in COLUMNS}


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, dict) else {}


def identifier_in(actor: Mapping[str, Any]) -> str:
    """Return by what an actor is named, empty for a group without a name of its own."""
    return next((kind for kind in IDENTIFIERS if actor.get(kind)), "")


def _actor(actor: Mapping[str, Any]) -> dict[str, Any]:
    kind = identifier_in(actor)
    if kind == "account":
        account = _part(actor, "account")
        return {"actor_id": account.get("name"), "actor_home": account.get("homePage")}
    named = actor.get(kind)
    if kind == "mbox" and isinstance(named, str):
        named = named.removeprefix("mailto:")
    return {"actor_id": named, "actor_home": None}


def _activities(listed: Any) -> Any:
    """Join the identifiers of activities, which hold no space; one may stand without a list."""
    if listed is None:
        return None
    several = listed if isinstance(listed, list) else [listed]
    names = [one.get("id") for one in several if isinstance(one, dict)]
    return " ".join(name for name in names if isinstance(name, str)) or None


def _cell(value: Any, name: str, found: Found) -> Cell | None:
    if value is None:
        return None
    plain = COLUMNS[name]
    text = READERS.get(name, _BY_TYPE[plain])(value)
    if text is None:
        raise ConnectorError(
            "bad_statement",
            "Object %(number)s, line %(line)s: “%(field)s” is not as xAPI says.",
            values=found.place | {"field": name},
            remedy="Correct the statement, or ask the publisher of the application to.",
        )
    return text_cell(text, plain, field=name, row=found.number)


def _word(value: Any) -> str | None:
    is_word = isinstance(value, str) and not isinstance(value, Whole | Number)
    return str(value) if is_word else None


def _number(value: Any) -> str | None:
    return str(value) if isinstance(value, Whole | Number) else None


def _flag(value: Any) -> str | None:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else None


def _moment(value: Any) -> str | None:
    """Return a moment in universal time; without an offset it is one of universal time (4.2.7)."""
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    placed = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return placed.astimezone(UTC).isoformat()
    except OverflowError:
        return None


_DURATION = re.compile(
    r"P(?:(?P<weeks>[0-9]+)W|(?:(?P<days>[0-9]+(?:\.[0-9]+)?)D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]+(?:\.[0-9]+)?)H)?(?:(?P<minutes>[0-9]+(?:\.[0-9]+)?)M)?"
    r"(?:(?P<seconds>[0-9]+(?:\.[0-9]+)?)S)?)?)"
)
_SECONDS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}


def seconds_of(value: Any) -> str | None:
    """
    Return an ISO 8601 duration in seconds, None for what is not one.

    Years and months are refused: they have no length of their own.
    """
    found = _DURATION.fullmatch(value) if isinstance(value, str) and len(value) < 60 else None
    parts = {name: text for name, text in found.groupdict().items() if text} if found else {}
    if not parts:
        return None
    total = sum((Decimal(text) * _SECONDS[name] for name, text in parts.items()), Decimal())
    return format(total.normalize(), "f")


Reads = Callable[[Any], str | None]
READERS: Mapping[str, Reads] = {"duration_seconds": seconds_of}
_BY_TYPE: Mapping[PlainType, Reads] = {
    PlainType.TEXT: _word,
    PlainType.NUMBER: _number,
    PlainType.BOOLEAN: _flag,
    PlainType.DATETIME: _moment,
}
