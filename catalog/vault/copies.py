"""Clear copies of an open release, for anyone to download: Parquet and CSV."""

import csv
import io
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as arrow_csv

from catalog.vault.intake import ROW_GROUP
from hub.crypto.files import open_parquet, parquet_writer
from hub.crypto.keys import Secret


def copy_parquet(sealed: Path, key: Secret | None, where: Path) -> None:
    """Write a clear Parquet copy of a file of the vault, group by group."""
    source = open_parquet(sealed, key)
    with parquet_writer(where, source.schema_arrow, None) as writer:
        for batch in source.iter_batches(ROW_GROUP):
            writer.write_batch(batch)


def copy_csv(sealed: Path, key: Secret | None, where: Path) -> None:
    """
    Write a CSV copy of a file of the vault: UTF-8, commas, texts between quotation marks, nothing where a
    value is missing.

    Moments are written in UTC.
    """
    source = open_parquet(sealed, key)
    # Arrow writes quotation marks around every name: the header is ours.
    options = arrow_csv.WriteOptions(include_header=False, quoting_style="needed")
    schema = pa.schema([(one.name, _written(one.type)) for one in source.schema_arrow])
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(schema.names)
    with where.open("wb") as file:
        file.write(header.getvalue().encode())
        with arrow_csv.CSVWriter(file, schema, write_options=options) as writer:
            for batch in source.iter_batches(ROW_GROUP):
                writer.write(pa.Table.from_batches([batch]).cast(schema))


def _written(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_timestamp(kind) else kind
