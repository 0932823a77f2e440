"""Cut a stream of batches to the size that the reader asked for."""

from collections.abc import Iterable, Iterator

import pyarrow as pa


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
