"""
The digest of what a source holds, whatever the order of its rows. Pure.

A table has no order: the sum of a keyed function of each row is the same for the same rows, and
another as soon as one value, one row or one column is another. Keyed, it tells nobody anything.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog.connectors.port import Closing, Connector, Inspection
from hub.crypto.keys import Secret
from hub.crypto.prf import matrix_of, prf, pseudonyms

ABSENT = "\0"


class Digesting(Closing):
    """A connector that sums up what is read from it."""

    def __init__(self, rows: Connector, key: Secret) -> None:
        self.rows = 0
        self._source = rows
        self._function = prf(key)
        self._sum = np.zeros(2, np.uint64)

    @property
    def digest(self) -> str:
        """Return the digest of all that was read (32 bytes in hexadecimal)."""
        counted = self._sum.astype(">u8").tobytes() + self.rows.to_bytes(16, "big")
        return counted.hex()

    def inspect(self) -> Inspection:
        """Look at the source."""
        return self._source.inspect()

    def batches(self, columns: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """Read these columns, each batch summed up as it goes by."""
        for batch in self._source.batches(columns, size):
            self._add(batch)
            yield batch

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def _add(self, batch: pa.RecordBatch) -> None:
        names = pseudonyms(_rows(batch), self._function)
        halves = np.ascontiguousarray(matrix_of(names)).view(">u8").astype(np.uint64)
        # Sums wrap: that is what they are for.
        self._sum += halves.reshape(-1, 2).sum(axis=0, dtype=np.uint64)
        self.rows += batch.num_rows


def _rows(batch: pa.RecordBatch) -> pa.Array:
    """Write each row as one text: the length of each value, then the value."""
    parts: list[pa.Array] = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        texts = pc.fill_null(pc.cast(column, pa.large_string()), ABSENT)
        sizes = pc.cast(pc.binary_length(texts), pa.large_string())
        parts += [pa.repeat(pa.scalar(name, pa.large_string()), len(texts)), sizes, texts]
    return pc.binary_join_element_wise(*parts, pa.scalar("\x1f", pa.large_string()))
