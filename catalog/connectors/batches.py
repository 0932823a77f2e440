"""Batches of the size and of the plain types that readers ask for."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc


def resized(batches: Iterable[pa.RecordBatch], size: int) -> Iterator[pa.RecordBatch]:
    """
    Yield batches of exactly ``size`` rows, but the last; nothing for a stream without rows.

    Holds at most ``size`` rows and one source batch at a time.
    """
    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        while rows >= size:
            table = pa.Table.from_batches(waiting)
            yield _one(table.slice(0, size))
            rest = table.slice(size)
            waiting, rows = rest.to_batches(), rest.num_rows
    if rows:
        yield _one(pa.Table.from_batches(waiting))


def _one(table: pa.Table) -> pa.RecordBatch:
    return table.combine_chunks().to_batches()[0]


def plain_batch(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Return a batch whose texts are plain strings and whose decimals are floats."""
    arrays = [pc.cast(values, plain_kind(values.type)) for values in batch.columns]
    return pa.RecordBatch.from_arrays(arrays, names=batch.schema.names)


def plain_kind(kind: pa.DataType) -> pa.DataType:
    """Return the simplest Arrow type that holds the same values."""
    if pa.types.is_dictionary(kind):
        return plain_kind(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or pa.types.is_null(kind):
        return pa.string()
    if pa.types.is_decimal(kind):
        return pa.float64()
    return kind
