"""
Rows on their way from the order of the source to the order of the pseudonyms.

They wait in one temporary file that has no name (a killed process leaves nothing behind) and that
is encrypted under a key that exists only in memory.
"""

import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from access.extracts.ports import EngineError

NONCE_BYTES = 12


class Spill:
    """
    Buckets of record batches; safe to write and read from several threads.

    :param folder: on a disk with room, or in memory (tmpfs)
    :param most: bytes that may be written
    :raises EngineError: when that is too little
    """

    def __init__(self, folder: Path, buckets: int, *, most: int) -> None:
        self.buckets = buckets
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed by close()
        self._cipher = AESGCM(os.urandom(32))
        self._lock = threading.Lock()
        self._most = most
        self._end = 0
        self._count = 0
        self._schemas: list[pa.Schema] = []
        self._pieces: list[list[tuple[int, int, int, int, int]]] = [[] for _ in range(buckets)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def append(self, batch: pa.RecordBatch, cuts: Sequence[int], place: int) -> None:
        """
        Append the rows of a batch to their buckets.

        :param batch: rows of the first bucket first, and so on
        :param cuts: where each bucket begins in it, and where the last ends
        :param place: of the batch among the others, once each
        """
        for bucket, (start, stop) in enumerate(pairwise(cuts)):
            if start < stop:
                self.put(bucket, batch.slice(start, stop - start), place)

    def read(self, bucket: int) -> Iterator[pa.RecordBatch]:
        """Yield what was appended to a bucket, by place."""
        for _place, number, schema, start, size in sorted(self._pieces[bucket]):
            sealed = os.pread(self._file.fileno(), size, start)
            clear = self._cipher.decrypt(number.to_bytes(NONCE_BYTES, "big"), sealed, None)
            yield pa.ipc.read_record_batch(pa.py_buffer(clear), self._schemas[schema])

    def put(self, bucket: int, batch: pa.RecordBatch, place: int = 0) -> None:
        """Append rows to one bucket."""
        clear = memoryview(batch.serialize()).cast("B")
        with self._lock:
            number, self._count = self._count, self._count + 1
        # One number, one nonce: none is ever used twice under this key.
        sealed = self._cipher.encrypt(number.to_bytes(NONCE_BYTES, "big"), clear, None)
        with self._lock:
            start, self._end = self._end, self._end + len(sealed)
            if self._end > self._most:
                raise EngineError("disk_limit", permanent=False)
            if batch.schema not in self._schemas:
                self._schemas.append(batch.schema)
            schema = self._schemas.index(batch.schema)
            self._pieces[bucket].append((place, number, schema, start, len(sealed)))
        view = memoryview(sealed)
        while view:
            written = os.pwrite(self._file.fileno(), view, start)
            view, start = view[written:], start + written
