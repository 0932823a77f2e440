"""Read a file of JSON objects as a table: one object a row, one level of nesting unfolded."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from catalog.connectors.cells import Cell, Row, in_batches, sampled, text_cell
from catalog.connectors.errors import ConnectorError
from catalog.connectors.json_file.objects import Found, Number, Whole, objects
from catalog.connectors.naming import no_rows, require_columns, require_names, shown
from catalog.connectors.port import SAMPLE_ROWS, Closing, Inspection
from catalog.connectors.streams import Bytes, as_bytes
from catalog.vocabularies.plain_types import PlainType

LONGEST_WHOLE = 18
"""Digits of a whole number; what is longer is a code."""


class JsonFile(Closing):
    """
    JSON lines, or one array of objects, in UTF-8.

    The columns are the names that the first rows use, in the order in which they come; an object
    in an object gives ``outer.inner``. Lists and deeper objects are refused by their path.
    """

    def __init__(self, source: Path | Bytes) -> None:
        self._bytes = as_bytes(source)
        self._seen: Inspection | None = None

    def inspect(self) -> Inspection:
        """Read the first rows; the rows are counted when these are all."""
        if self._seen is None:
            first = list(islice(self._rows(), SAMPLE_ROWS + 1))
            sample = first[:SAMPLE_ROWS]
            names = list(dict.fromkeys(name for _, row in sample for name in row))
            if not names:
                raise no_rows()
            require_names(names)
            self._seen = sampled(
                names,
                [[row.get(name) for name in names] for _, row in sample],
                row_count=None if len(first) > SAMPLE_ROWS else len(first),
            )
        return self._seen

    def batches(self, columns: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """Yield text columns, as they are written; null where a row lacks the name."""
        known = frozenset(column.name for column in self.inspect().columns)
        require_columns(columns, known)
        yield from in_batches(columns, self._picked(columns, known), size)

    def _picked(self, columns: Sequence[str], known: frozenset[str]) -> Iterator[Row]:
        for found, row in self._rows():
            if not known.issuperset(row):
                raise ConnectorError(
                    "new_name",
                    "Object %(number)s, line %(line)s, has a name that none of the first"
                    " %(rows)s objects has.",
                    values=found.place | {"rows": SAMPLE_ROWS},
                    remedy="Give every object the same names, null where there is no value.",
                )
            yield [row.get(name) for name in columns]

    def _rows(self) -> Iterator[tuple[Found, Mapping[str, Cell | None]]]:
        for found in objects(self._bytes):
            yield found, unfolded(found)


def unfolded(found: Found) -> dict[str, Cell | None]:
    """
    Return the cells of an object by the names of their columns.

    :raises ConnectorError: a list, a deeper object, a name that comes twice
    """
    cells: dict[str, Cell | None] = {}
    for name, value in found.value.items():
        inner = (
            {f"{name}.{part}": one for part, one in value.items()}
            if isinstance(value, dict)
            else {name: value}
        )
        for path, one in inner.items():
            if path in cells:
                raise _twice(path, found)
            cells[path] = cell_of(one, path, found)
    return cells


def cell_of(value: Any, path: str, found: Found) -> Cell | None:
    """
    Return a value as a cell.

    :raises ConnectorError: a list or an object
    """
    if value is None:
        return None
    if isinstance(value, bool):
        return Cell("true" if value else "false", PlainType.BOOLEAN)
    if isinstance(value, dict | list):
        raise ConnectorError(
            "nested_value",
            "Object %(number)s, line %(line)s: “%(path)s” holds a list or an object too deep.",
            values=found.place | {"path": ".".join(map(shown, path.split(".")))},
            remedy="Write it as plain values, in rows or columns of their own.",
        )
    return text_cell(value, _plain(value), field=shown(path), row=found.number)


def _plain(value: str) -> PlainType:
    if isinstance(value, Whole):
        whole = len(value.lstrip("-")) <= LONGEST_WHOLE
        return PlainType.INTEGER if whole else PlainType.TEXT
    return PlainType.NUMBER if isinstance(value, Number) else PlainType.TEXT


def _twice(path: str, found: Found) -> ConnectorError:
    return ConnectorError(
        "duplicate_keys",
        "Object %(number)s, line %(line)s, has two values for the column “%(path)s”.",
        values=found.place | {"path": shown(path)},
        remedy="Give each value its own name.",
    )
