"""Write treated rows as Parquet and as CSV, to any file that is written in order. Pure."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import IO, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from access.plans.terms import Format
from access.pseudonymisation.transforms import guarded
from hub.crypto.files import parquet_writer
from hub.crypto.prf import PSEUDONYM, matrix_of, uuid_texts

ROW_GROUP = 1 << 18


class Writer(Protocol):
    """Writes tables of one schema, one after the other."""

    def write(self, table: pa.Table) -> None:
        """Write some rows."""
        ...

    def close(self) -> None:
        """Complete the file; the stream below stays open."""
        ...


class ParquetRows:
    """Parquet, zstd; a pseudonym is the UUID type, without dictionary, compression or statistics."""

    def __init__(self, stream: IO[bytes], schema: pa.Schema) -> None:
        keys = {field.name for field in schema if field.type == PSEUDONYM}
        others = [name for name in schema.names if name not in keys]
        self._schema = pa.schema(
            [pa.field(f.name, pa.uuid()) if f.name in keys else f for f in schema]
        )
        self._writer = parquet_writer(
            stream,
            self._schema,
            None,
            compression={name: "none" if name in keys else "zstd" for name in schema.names},
            compression_level=dict.fromkeys(others, 1) or None,
            use_dictionary=others or False,
            write_statistics=others or False,
            store_schema=False,
        )

    def write(self, table: pa.Table) -> None:
        """Write some rows."""
        columns = [
            pa.ExtensionArray.from_storage(pa.uuid(), column.combine_chunks())
            if column.type == PSEUDONYM
            else column
            for column in table.columns
        ]
        rows = pa.Table.from_arrays(columns, schema=self._schema)
        self._writer.write_table(rows, row_group_size=ROW_GROUP)

    def close(self) -> None:
        """Write the footer."""
        self._writer.close()


class CsvRows:
    """
    CSV as RFC 4180 has it, UTF-8, with a header.

    A pseudonym is the text of a UUID. A text that a spreadsheet would run as a formula is preceded
    by an apostrophe; the dictionary of the bundle says so.
    """

    def __init__(self, stream: IO[bytes], schema: pa.Schema) -> None:
        fields = [pa.field(field.name, _csv_type(field.type)) for field in schema]
        self._schema = pa.schema(fields)
        self._writer = pyarrow.csv.CSVWriter(stream, self._schema)

    def write(self, table: pa.Table) -> None:
        """Write some rows."""
        columns = [_as_csv(column.combine_chunks()) for column in table.columns]
        self._writer.write_table(pa.Table.from_arrays(columns, schema=self._schema))

    def close(self) -> None:
        """Write what is left."""
        self._writer.close()


WRITERS: Mapping[Format, Callable[[IO[bytes], pa.Schema], Writer]] = MappingProxyType(
    {Format.PARQUET: ParquetRows, Format.CSV: CsvRows}
)


def _csv_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    if kind == PSEUDONYM or pa.types.is_timestamp(kind):
        return pa.string()
    return kind


def _as_csv(column: pa.Array) -> pa.Array:
    if column.type == PSEUDONYM:
        texts = uuid_texts(matrix_of(column))
        return pc.if_else(column.is_valid(), texts, pa.scalar(None, pa.string()))
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, format="%Y-%m-%dT%H:%M:%S")
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
    return guarded(column)
