"""The one file of a ZIP archive. What a ZIP says of itself is checked before it is believed."""

import zipfile
import zlib
from pathlib import PurePosixPath
from typing import BinaryIO

from catalog.connectors.errors import ConnectorError

_ENCRYPTED = 0x1
_METHODS = frozenset([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
"""LZMA may ask for gigabytes of memory: no usual tool writes it in a ZIP."""
_MOST_ENTRIES = 10_000


def open_only_member(packed: BinaryIO) -> "Member":
    """
    Open the only file of an archive; folders and what macOS adds are not files.

    :raises ConnectorError: damaged, encrypted, with no file or several
    """
    try:
        archive = zipfile.ZipFile(packed)
        entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise damaged() from None
    files = [entry for entry in entries[:_MOST_ENTRIES] if not _is_furniture(entry)]
    if len(files) != 1:
        raise _not_one(len(files))
    if files[0].flag_bits & _ENCRYPTED:
        raise ConnectorError(
            "encrypted_archive",
            "The ZIP archive is protected by a password.",
            remedy="Give it without: the hub encrypts what it receives.",
        )
    if files[0].compress_type not in _METHODS:
        raise damaged()
    return Member(archive, files[0])


class Member:
    """A file of an archive as a stream, whose errors are those of a damaged stream."""

    def __init__(self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
        self._archive = archive
        try:
            self._stream = archive.open(entry)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
            raise damaged() from None

    def read(self, size: int) -> bytes:
        """
        Return the next bytes.

        :raises EOFError: when the archive is damaged
        """
        try:
            return self._stream.read(size)
        except (zipfile.BadZipFile, zlib.error) as error:
            raise EOFError from error

    def close(self) -> None:
        """Close the file and the archive."""
        self._stream.close()
        self._archive.close()


def _is_furniture(entry: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(entry.filename)
    return entry.is_dir() or path.parts[:1] == ("__MACOSX",) or path.name.startswith(".")


def _not_one(count: int) -> ConnectorError:
    return ConnectorError(
        "not_one_file",
        "The ZIP archive holds %(count)s files: the hub cannot tell which is the table."
        if count
        else "The ZIP archive holds no file.",
        values={"count": count},
        remedy="Make an archive of the table alone.",
    )


def damaged() -> ConnectorError:
    """Say that a compressed file cannot be unpacked."""
    return ConnectorError(
        "damaged_archive",
        "The compressed file is damaged or cut short.",
        remedy="Compress the table again, or give it without compression.",
    )
