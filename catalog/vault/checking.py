"""
Whether a source still is what was described: the same columns, types and number of rows.

It looks at what a connector says and at what was read, never at how it reads. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from catalog.connectors.naming import shown
from catalog.connectors.port import Inspection
from catalog.vocabularies.plain_types import PlainType
from hub.kernel.refusals import Refusal

LOOK_AGAIN = "Give the source again: the hub looks at it, and what you said of its fields stays."
_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Declared:
    """What was seen of a source when its fields were described."""

    columns: Mapping[str, PlainType | None]
    """Each column and the type that the source gave it, None for text."""
    rows: int | None
    """None when the source did not say."""


def schema_differences(declared: Declared, seen: Inspection) -> list[Refusal]:
    """List the columns that are gone, that are new, and those whose type changed."""
    now = {column.name: column.native for column in seen.columns}
    return [
        *_named(
            "columns_gone",
            "The source lacks columns that were described: %(fields)s.",
            (name for name in declared.columns if name not in now),
        ),
        *_named(
            "columns_new",
            "The source has columns that were not described: %(fields)s.",
            (name for name in now if name not in declared.columns),
        ),
        *_retyped(declared, now),
    ]


def _named(code: str, explanation: str, names: Iterable[str]) -> Iterator[Refusal]:
    listed = [shown(name) for name in names]
    if listed:
        some = ", ".join(listed[:_MOST_NAMED]) + (", …" if len(listed) > _MOST_NAMED else "")
        yield Refusal(code, explanation, LOOK_AGAIN, {"fields": some}, about="source")


def _retyped(declared: Declared, now: Mapping[str, PlainType | None]) -> Iterator[Refusal]:
    for name, former in declared.columns.items():
        if name in now and now[name] is not former:
            yield Refusal(
                "column_retyped",
                "The column “%(field)s” was of the type “%(former)s” when it was described, and is"
                " now of the type “%(now)s”.",
                LOOK_AGAIN,
                {"field": shown(name), "former": _label(former), "now": _label(now[name])},
                about=name,
            )


def _label(kind: PlainType | None) -> str:
    return (kind or PlainType.TEXT).label


def count_differences(declared: Declared, seen: Inspection, read: int) -> list[Refusal]:
    """
    Compare the rows that were read with those described, and with those now announced.

    What does not count its rows (a table of a database, a text with line ends in its cells) is
    not compared.
    """
    if seen.row_count is not None and read != seen.row_count:
        return [
            Refusal(
                "rows_missing",
                "The source announces %(announced)s rows and gave %(read)s.",
                "Try again; if it happens again, export the source anew.",
                {"announced": seen.row_count, "read": read},
                about="source",
            )
        ]
    if declared.rows is not None and read != declared.rows:
        return [
            Refusal(
                "rows_changed",
                "The source had %(former)s rows when it was described, and has %(read)s now.",
                LOOK_AGAIN,
                {"former": declared.rows, "read": read},
                about="source",
            )
        ]
    return []
