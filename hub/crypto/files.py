"""
Files that say nothing at rest.

Parquet that the hub itself reads (the vault) uses Parquet's own modular encryption, AES_GCM_V1,
uniform, one data key a file: pyarrow, Polars and DuckDB read it by row group and column. What goes
to people as it is (extracts, bundles) is sealed by :class:`SealedWriter` and opened, from any
position, by :class:`SealedReader`.

The sealed form is STREAM (Hoang, Reyhanitabar, Rogaway, Vizár 2015) as Tink's AES256-GCM-HKDF
streaming writes it: a header (its length, 32 bytes of salt, 7 of nonce prefix), then segments of
one mebibyte. Each segment has its own tag, number and "last" mark, so that a cut, a swap or a
missing end is seen, and a download can resume anywhere without reading what comes before.
"""

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pyarrow.parquet.encryption import (
    create_decryption_properties,
    create_encryption_properties,
)

from hub.crypto.keys import Secret, hkdf_sha256

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

SALT = 32
PREFIX = 7
HEADER = 1 + SALT + PREFIX
TAG = 16
SEGMENT = 1 << 20
"""Bytes of a segment on disk, tag included; the first one is shorter by the header."""


class Unreadable(Exception):
    """A file at rest cannot be opened: another key, or bytes altered or missing."""


def open_parquet(path: Path, key: Secret | None, **options: Any) -> pq.ParquetFile:
    """
    Open a Parquet file, encrypted under a data key or in clear (``key=None``).

    :param options: passed to pyarrow (``read_dictionary``, ``memory_map`` …)
    :raises Unreadable: with another key, a clear file where a key is given, or the reverse
    """
    opener = create_decryption_properties(key.reveal()) if key else None
    try:
        return pq.ParquetFile(path, decryption_properties=opener, **options)
    except (OSError, pa.ArrowInvalid) as error:
        # The system's own errors have a number: no such file, no right, a broken disk.
        if getattr(error, "errno", None) is not None:
            raise
        raise Unreadable("This Parquet file does not open with this key.") from None


def parquet_writer(
    where: Path | IO[bytes], schema: pa.Schema, key: Secret | None, **options: Any
) -> pq.ParquetWriter:
    """
    Return a writer of Parquet (zstd), encrypted when a data key is given.

    :param key: used for this one file and for no other
    :param options: passed to pyarrow, over the defaults
    """
    sealing = create_encryption_properties(key.reveal()) if key else None
    chosen: dict[str, Any] = {"compression": "zstd", "compression_level": 1, **options}
    return pq.ParquetWriter(where, schema, encryption_properties=sealing, **chosen)


class SealedWriter(io.RawIOBase):
    """
    Seal what is written to it, in order, under a data key.

    Nothing is readable before :meth:`close`, which writes the last segment.

    :param file: open for writing bytes; stays open
    :param context: what the file is, asked again by the reader
    """

    def __init__(self, file: IO[bytes], key: Secret, context: bytes = b"") -> None:
        super().__init__()
        salt, self._prefix = os.urandom(SALT), os.urandom(PREFIX)
        self._cipher = _cipher(key, salt, context)
        self._file = file
        self._pending = bytearray()
        self._number = 0
        self._room = SEGMENT - TAG - HEADER
        self._length = 0
        self._sealed = False
        file.write(bytes([HEADER]) + salt + self._prefix)

    def writable(self) -> bool:
        """Tell that bytes may be written."""
        return True

    def tell(self) -> int:
        """Return how many clear bytes were written."""
        return self._length

    def write(self, data: "ReadableBuffer", /) -> int:
        """Take bytes; they reach the file a segment at a time."""
        view = memoryview(data).cast("B")
        self._pending += view
        self._length += len(view)
        # A full segment waits for one more byte: only then is it known not to be the last.
        while len(self._pending) > self._room:
            self._seal(bytes(self._pending[: self._room]), last=False)
            del self._pending[: self._room]
            self._room = SEGMENT - TAG
        return len(view)

    def close(self) -> None:
        """Write the last segment, once. A file abandoned before that never opens."""
        if not self._sealed:
            self._sealed = True
            self._seal(bytes(self._pending), last=True)
        super().close()

    def abandon(self) -> None:
        """Close without an end."""
        self._sealed = True
        super().close()

    def __del__(self) -> None:
        """Do not let the collector seal a file that was given up."""
        self._sealed = True

    def _seal(self, clear: bytes, *, last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, last=last)
        self._file.write(self._cipher.encrypt(nonce, clear, None))
        self._number += 1


class SealedReader(io.RawIOBase):
    """
    Read a sealed file from any position; a whole one is ``SealedReader(path, key).readall()``.

    :param size: clear bytes in the file
    :raises Unreadable: with another key or context, at the first altered segment, or a cut file
    """

    def __init__(self, path: Path, key: Secret, context: bytes = b"") -> None:
        super().__init__()
        # Its life is this object's: close() closes it.
        self._file = path.open("rb")
        header = self._file.read(HEADER)
        if len(header) != HEADER or header[0] != HEADER:
            self._file.close()
            raise Unreadable("This is not a sealed file.")
        self._prefix = header[1 + SALT :]
        self._cipher = _cipher(key, header[1 : 1 + SALT], context)
        on_disk = path.stat().st_size
        self._last = max(-(-on_disk // SEGMENT) - 1, 0)
        self.size = on_disk - HEADER - TAG * (self._last + 1)
        self._at = 0
        self._cached: tuple[int, bytes] = (-1, b"")
        if self.size < 0:
            self.close()
            raise Unreadable("The end of this file is missing.")

    def readable(self) -> bool:
        """Tell that bytes may be read."""
        return True

    def seekable(self) -> bool:
        """Tell that any position may be asked for."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a clear position."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        self._at = max(start + offset, 0)
        return self._at

    def tell(self) -> int:
        """Return the clear position."""
        return self._at

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read up to the end of the current segment."""
        view = memoryview(buffer).cast("B")
        if self._at >= self.size or not len(view):
            return 0
        # The header takes the room of as many bytes in the first segment.
        number, inside = divmod(self._at + HEADER, SEGMENT - TAG)
        skipped = inside - (HEADER if number == 0 else 0)
        piece = self._segment(number)[skipped : skipped + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()

    def _segment(self, number: int) -> bytes:
        if self._cached[0] == number:
            return self._cached[1]
        start = number * SEGMENT
        self._file.seek(start or HEADER)
        sealed = self._file.read(SEGMENT - (0 if start else HEADER))
        nonce = _nonce(self._prefix, number, last=number == self._last)
        try:
            clear = self._cipher.decrypt(nonce, sealed, None)
        except InvalidTag:
            raise Unreadable("This file was altered, or this is not its key.") from None
        self._cached = (number, clear)
        return clear


def ranged(
    path: Path, key: Secret, *, start: int = 0, stop: int | None = None, context: bytes = b""
) -> Iterator[bytes]:
    """
    Yield the clear bytes of a sealed file from ``start`` up to ``stop`` (not included).

    :raises Unreadable: before the first byte of a segment that does not verify
    """
    with SealedReader(path, key, context) as reader:
        left = (reader.size if stop is None else min(stop, reader.size)) - start
        reader.seek(start)
        while left > 0:
            piece = reader.read(min(left, SEGMENT))
            left -= len(piece)
            yield piece


def _cipher(key: Secret, salt: bytes, context: bytes) -> AESGCM:
    return AESGCM(hkdf_sha256(key.reveal(), salt=salt, info=context))


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + bytes([last])
