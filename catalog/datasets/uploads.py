"""
Uploaded files, sealed on disk from their first byte until their rows are in the vault.

They live under ``HUB_VAR/uploads`` with opaque names, each under a key of its own.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from django.conf import settings

from catalog.datasets.house_keys import SOURCES, file_key, unwrapped
from hub.crypto.files import SealedReader, SealedWriter
from hub.crypto.keys import Secret
from hub.kernel.identifiers import new_id
from hub.kernel.refusals import Invalid, Refusal
from hub.web.uploads import too_large

_PIECE = 1 << 20
_OPEN_FILES = Path("/proc/self/fd")


@dataclass(frozen=True, slots=True)
class Upload:
    """A sealed file under the folder of uploads."""

    name: str
    wrapped_key: bytes = field(repr=False)
    size: int


def folder() -> Path:
    """Return the folder of uploads, made when it is not there."""
    path = Path(settings.VAR_DIR) / "uploads"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


class Sealing:
    """
    Seal an upload piece by piece; nothing clear touches the disk.

    :raises Invalid: from ``write`` as soon as more came than ``HUB_UPLOAD_LIMIT``
    """

    def __init__(self) -> None:
        self.name = f"{new_id()}.sealed"
        self._path = folder() / self.name
        secret, self._wrapped = file_key(SOURCES, self.name)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file: IO[bytes] = os.fdopen(descriptor, "wb")
        self._writer = SealedWriter(self._file, secret)
        self._length = 0

    def write(self, piece: bytes) -> None:
        """Add bytes."""
        self._length += len(piece)
        if self._length > settings.HUB_UPLOAD_LIMIT:
            self.abandon()
            raise too_large()
        self._writer.write(piece)

    def finish(self) -> Upload:
        """Close the file, whole on disk, and return it."""
        self._writer.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return Upload(self.name, self._wrapped, self._length)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._writer.abandon()
        self._file.close()
        self._path.unlink(missing_ok=True)


def seal(pieces: Iterable[bytes]) -> Upload:
    """
    Seal a stream of bytes.

    :raises Invalid: when it is empty, or larger than ``HUB_UPLOAD_LIMIT``; nothing stays then
    """
    sealing = Sealing()
    try:
        for piece in pieces:
            sealing.write(piece)
    except BaseException:
        sealing.abandon()
        raise
    upload = sealing.finish()
    if not upload.size:
        remove(upload.name)
        raise Invalid([EMPTY])
    return upload


EMPTY = Refusal(
    "empty_file",
    "The file is empty.",
    "Check the export, then give a file that has a line of column names and rows.",
    about="file",
)


@contextmanager
def unsealed(name: str, wrapped_key: bytes) -> Iterator[Path]:
    """
    Open a sealed upload for a connector, as a path.

    The clear bytes are in a file without a name that dies with the process, whatever kills it
    (where the system has no ``/proc``, in a private temporary file that is removed at the end).

    :raises Unreadable: when the file was altered
    """
    descriptor, named = tempfile.mkstemp(dir=folder(), prefix="clear-")
    try:
        with os.fdopen(descriptor, "wb") as clear:
            path = Path(named)
            if _OPEN_FILES.is_dir():
                path.unlink()
                path = _OPEN_FILES / str(descriptor)
            with SealedReader(folder() / name, _key(name, wrapped_key)) as sealed:
                while piece := sealed.read(_PIECE):
                    clear.write(piece)
            clear.flush()
            yield path
    finally:
        Path(named).unlink(missing_ok=True)


def _key(name: str, wrapped_key: bytes) -> Secret:
    return unwrapped(wrapped_key, SOURCES, name)


def remove(name: str) -> None:
    """Remove an upload; one that is gone stays gone."""
    if name:
        (folder() / Path(name).name).unlink(missing_ok=True)


def stale(*, known: frozenset[str], before: float) -> list[str]:
    """Return the names of files that no source names, older than a moment (seconds)."""
    return [
        path.name
        for path in folder().iterdir()
        if path.name not in known and path.stat().st_mtime < before
    ]
