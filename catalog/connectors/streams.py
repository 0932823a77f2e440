"""Bytes that can be read again from their beginning, wherever they are: a file, an object, a part."""

import io
from pathlib import Path
from typing import BinaryIO, Protocol


class Bytes(Protocol):
    """What a reader of files asks for. Opening twice gives the same bytes twice."""

    def open(self) -> BinaryIO:
        """Return a stream at its beginning; the caller closes it."""
        ...

    def size(self) -> int | None:
        """Return how many bytes there are, None when only reading tells."""
        ...


class OnDisk:
    """A file of this machine."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def open(self) -> BinaryIO:
        """Open the file."""
        return self.path.open("rb")

    def size(self) -> int:
        """Return the length of the file."""
        return self.path.stat().st_size


class Head:
    """
    The first whole lines of a text, to look at it without reading all of it.

    A line end between quotation marks is no end of line.
    """

    def __init__(self, whole: Bytes, length: int) -> None:
        self._whole = whole
        self._length = length
        self._kept: bytes | None = None

    def open(self) -> BinaryIO:
        """Return the first lines."""
        if self._kept is None:
            with self._whole.open() as stream:
                self._kept = whole_lines(stream.read(self._length + 1), self._length)
        return io.BytesIO(self._kept)

    def size(self) -> int:
        """Return the length of these lines."""
        with self.open() as stream:
            return len(stream.read())


def whole_lines(text: bytes, length: int) -> bytes:
    """Cut a text that is longer than ``length`` after its last whole line, if it has one."""
    if len(text) <= length:
        return text
    wide = b"\x00" in text[:64]
    end = length
    while (end := text.rfind(b"\n", 0, end)) > 0:
        if not text.count(b'"', 0, end) % 2:
            # UTF-16 writes a character on two bytes, the low one first or last.
            return text[: end + 1 + (wide and not end % 2)]
    return text[:length]


def as_bytes(source: Path | Bytes) -> Bytes:
    """Return a path as bytes to read."""
    return OnDisk(source) if isinstance(source, Path) else source
