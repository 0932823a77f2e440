"""Read a Parquet file with the types that it carries, page after page."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from catalog.connectors.batches import plain_batch, resized
from catalog.connectors.errors import ConnectorError
from catalog.connectors.naming import MOST_COLUMNS, no_rows, require_columns
from catalog.connectors.port import SAMPLE_ROWS, Closing, Column, Inspection, native_type
from catalog.connectors.streams import Bytes, OnDisk, as_bytes

_BUFFER = 1_000_000
_ROWS_AT_ONCE = 65_536


class ParquetFile(Closing):
    """One Parquet file of plain columns. Lists, structures and bytes are refused by name."""

    def __init__(self, source: Path | Bytes, *, columns_at_most: int = MOST_COLUMNS) -> None:
        self._bytes = as_bytes(source)
        self._columns_at_most = columns_at_most
        self._file: pq.ParquetFile | None = None

    def inspect(self) -> Inspection:
        """Read the schema, the number of rows and the first of them."""
        file = self._opened()
        names = list(file.schema_arrow.names)
        rows = next(self.batches(names, SAMPLE_ROWS), None)
        if rows is None:
            raise no_rows()
        return Inspection(
            columns=tuple(
                Column(field.name, position, native_type(field.type))
                for position, field in enumerate(rows.schema, start=1)
            ),
            sample=pa.Table.from_batches([rows]),
            row_count=file.metadata.num_rows,
        )

    def batches(self, columns: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """Yield the columns with their own types; dictionaries are unfolded."""
        file = self._opened()
        require_columns(columns, file.schema_arrow.names)
        yield from resized(self._pages(file, columns), size)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close(force=True)
            self._file = None

    def _pages(self, file: pq.ParquetFile, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        try:
            for batch in file.iter_batches(
                batch_size=_ROWS_AT_ONCE, columns=list(columns), use_threads=False
            ):
                yield plain_batch(batch.select(list(columns)))
        except (OSError, pa.ArrowException):
            raise _damaged() from None

    def _opened(self) -> pq.ParquetFile:
        if self._file is None:
            file = self._open()
            try:
                self._refuse(file.schema_arrow)
            except ConnectorError:
                file.close(force=True)
                raise
            self._file = file
        return self._file

    def _open(self) -> pq.ParquetFile:
        if self._bytes.size() == 0:
            raise ConnectorError(
                "empty_file", "The file is empty.", remedy="Check the export and give it again."
            )
        try:
            # No read-ahead of whole row groups: pages come as they are asked for.
            return pq.ParquetFile(_file(self._bytes), pre_buffer=False, buffer_size=_BUFFER)
        except (OSError, pa.ArrowException):
            raise _damaged() from None

    def _refuse(self, schema: pa.Schema) -> None:
        if len(schema) > self._columns_at_most:
            raise ConnectorError(
                "too_many_columns",
                "The file has %(columns)s columns; the limit is %(limit)s.",
                values={"columns": len(schema), "limit": self._columns_at_most},
                remedy="Split the table in two, or turn repeated columns into rows.",
            )
        if len(set(schema.names)) < len(schema):
            raise ConnectorError(
                "duplicate_columns",
                "Two columns have the same name.",
                remedy="Give each column its own name.",
            )
        nested = [field.name for field in schema if _is_nested(field.type)]
        if nested:
            raise ConnectorError(
                "nested_column",
                "The column “%(field)s” holds lists, structures or bytes.",
                values={"field": nested[0]},
                remedy="Write it as plain columns of text, numbers or dates.",
            )


def _file(source: Bytes) -> Path | BinaryIO:
    """Let Arrow open what is on this machine by itself: it is faster."""
    return source.path if isinstance(source, OnDisk) else source.open()


def _is_nested(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return pa.types.is_nested(kind) or any(
        recognises(kind)
        for recognises in (
            pa.types.is_binary,
            pa.types.is_large_binary,
            pa.types.is_fixed_size_binary,
        )
    )


def _damaged() -> ConnectorError:
    return ConnectorError(
        "unreadable_parquet",
        "The file cannot be read as Parquet: it is damaged, encrypted, or something else.",
        remedy="Write the file again, or export the table as CSV.",
    )
