"""
Cells that carry a type of their own one by one (JSON, spreadsheets), made into columns.

Readers give every cell as text, exactly as it was written, and say of which type the sample was:
``catalog.connectors.typing`` then reads the whole column under its declared type, and names the
row where it fails.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

import pyarrow as pa

from catalog.connectors.batches import resized
from catalog.connectors.errors import ConnectorError
from catalog.connectors.port import Column, Inspection
from catalog.connectors.typing import TypedColumn, typed
from catalog.vocabularies.plain_types import PlainType

LONGEST_CELL = 100_000
_PIECE = 4_096


class Cell(NamedTuple):
    """One value: as text, and of which type its source says that it is."""

    text: str
    plain: PlainType


Row = Sequence[Cell | None]


def sampled(
    names: Sequence[str],
    rows: Sequence[Row],
    *,
    row_count: int | None,
    kinds: Sequence[PlainType | None] | None = None,
) -> Inspection:
    """Return what the first rows say of a table; its ``kinds`` when they are known beforehand."""
    kinds = kinds or [kind_of(column) for column in zip(*rows, strict=True)]
    batch = as_text(names, rows)
    readings = [
        TypedColumn(name, kind or PlainType.TEXT) for name, kind in zip(names, kinds, strict=True)
    ]
    return Inspection(
        columns=tuple(
            Column(name, position, None if kind is PlainType.TEXT else kind)
            for position, (name, kind) in enumerate(zip(names, kinds, strict=True), start=1)
        ),
        sample=pa.Table.from_batches([_typed_where_native(batch, readings)]),
        row_count=row_count,
    )


def _typed_where_native(batch: pa.RecordBatch, readings: Sequence[TypedColumn]) -> pa.RecordBatch:
    native = [one for one in readings if one.plain is not PlainType.TEXT]
    read = typed(batch, native) if native else None
    arrays = [
        batch.column(one.name)
        if read is None or one.plain is PlainType.TEXT
        else read.column(one.name)
        for one in readings
    ]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def kind_of(cells: Iterable[Cell | None]) -> PlainType | None:
    """Return the one type of a column's cells, None for text and for a mix of types."""
    kinds = {cell.plain for cell in cells if cell is not None}
    if kinds == {PlainType.NUMBER, PlainType.INTEGER}:
        return PlainType.NUMBER
    kind = kinds.pop() if len(kinds) == 1 else PlainType.TEXT
    return None if kind is PlainType.TEXT else kind


def as_text(names: Sequence[str], rows: Sequence[Row]) -> pa.RecordBatch:
    """Return rows as columns of text; a missing cell is null."""
    columns = zip(*rows, strict=True)
    arrays = [
        pa.array([None if cell is None else cell.text for cell in column], pa.string())
        for column in columns
    ]
    return pa.RecordBatch.from_arrays(arrays, names=list(names))


def in_batches(names: Sequence[str], rows: Iterable[Row], size: int) -> Iterator[pa.RecordBatch]:
    """Yield rows in batches of text columns; few rows at a time are objects of Python."""
    yield from resized(_pieces(names, rows), size)


def _pieces(names: Sequence[str], rows: Iterable[Row]) -> Iterator[pa.RecordBatch]:
    left = iter(rows)
    while piece := list(islice(left, _PIECE)):
        yield as_text(names, piece)


def text_cell(text: str, plain: PlainType, *, field: str, row: int) -> Cell:
    """
    Return a cell of a size and of signs that tables have.

    :raises ConnectorError: above ``LONGEST_CELL`` characters, or with signs that no text has
    """
    if len(text) > LONGEST_CELL:
        raise ConnectorError(
            "cell_too_long",
            "A cell of the column “%(field)s”, row %(row)s, has %(size)s characters; the limit is"
            " %(limit)s.",
            values={"field": field, "row": row, "size": len(text), "limit": LONGEST_CELL},
            remedy="Check the export: a table holds no whole documents.",
        )
    if "\x00" in text or _is_broken(text):
        raise ConnectorError(
            "broken_text",
            "A cell of the column “%(field)s”, row %(row)s, holds signs that are no text.",
            values={"field": field, "row": row},
            remedy="Export the table again, in UTF-8.",
        )
    return Cell(text, plain)


def _is_broken(text: str) -> bool:
    """Recognise half of a character, which JSON can write and no file can hold."""
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
