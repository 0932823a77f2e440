"""
Compressed files, unpacked as they are read: nothing is written, memory stays small.

What they are is told by their first bytes. A bomb is refused while it unfolds, by its size or by
how much more comes out than went in.
"""

import bz2
import gzip
import io
import zlib
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, cast

import pyarrow as pa

from catalog.connectors.compressed.limits import LIMITS, UnpackLimits
from catalog.connectors.compressed.zipped import damaged, open_only_member
from catalog.connectors.errors import ConnectorError
from catalog.connectors.streams import Bytes

_BUFFER = 1 << 20
_DAMAGE = (EOFError, OSError, zlib.error, pa.ArrowException)

Opens = Callable[[BinaryIO], Any]

PACKINGS: Mapping[bytes, Opens] = {
    b"\x1f\x8b": lambda packed: gzip.GzipFile(fileobj=packed),
    b"BZh": bz2.BZ2File,
    b"\x28\xb5\x2f\xfd": lambda packed: pa.CompressedInputStream(packed, "zstd"),
    b"PK\x03\x04": open_only_member,
}
"""First bytes of a compressed file → what unpacks it."""


def unpacked(source: Bytes, limits: UnpackLimits = LIMITS) -> Bytes:
    """Return what a compressed file holds, or the file itself when it is not compressed."""
    with source.open() as stream:
        head = stream.read(4)
    for mark, opens in PACKINGS.items():
        if head.startswith(mark):
            return Unpacked(source, opens, limits)
    return source


class Unpacked:
    """The content of a compressed file."""

    def __init__(self, packed: Bytes, opens: Opens, limits: UnpackLimits) -> None:
        self._packed = packed
        self._opens = opens
        self._limits = limits

    def open(self) -> BinaryIO:
        """
        Return the content, from its beginning.

        :raises ConnectorError: here or while it is read: damaged, encrypted, or a bomb
        """
        packed = self._packed.open()
        try:
            inner = self._opens(packed)
        except BaseException:
            packed.close()
            raise
        bounded = _Bounded(packed, inner, self._limits)
        return cast("BinaryIO", io.BufferedReader(bounded, _BUFFER))

    def size(self) -> None:
        """Only reading tells."""


class _Bounded(io.RawIOBase):
    """A stream that unpacks, and stops when too much comes."""

    def __init__(self, packed: BinaryIO, inner: Any, limits: UnpackLimits) -> None:
        self._packed = packed
        self._inner = inner
        self._limits = limits
        self._given = 0

    def readable(self) -> bool:
        """It is read only."""
        return True

    def readinto(self, room: Any) -> int:
        """Fill a buffer with the next bytes."""
        try:
            piece = self._inner.read(len(room))
        except _DAMAGE:
            raise damaged() from None
        self._given += len(piece)
        self._refuse_bomb()
        room[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Close both streams."""
        if not self.closed:
            self._inner.close()
            self._packed.close()
        super().close()

    def _refuse_bomb(self) -> None:
        limits = self._limits
        if self._given > limits.unpacked_bytes:
            raise ConnectorError(
                "unpacks_too_large",
                "Unpacked, the file has more than %(limit)s MB, which is the limit.",
                values={"limit": limits.unpacked_bytes // 1_000_000},
                remedy="Split the table, or give it as Parquet.",
            )
        if self._given > limits.ratio_after and self._given > limits.ratio * self._packed.tell():
            raise ConnectorError(
                "unpacks_too_much",
                "Each byte of the compressed file gives more than %(limit)s bytes: no table"
                " does, and the hub stops there.",
                values={"limit": limits.ratio},
                remedy="Give the file without compression, or as Parquet.",
            )
