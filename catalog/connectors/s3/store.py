"""A store of objects behind pyarrow's S3: its errors as sentences, its objects as bytes."""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, TypeVar, cast
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from catalog.connectors.errors import ConnectorError
from catalog.connectors.s3.settings import S3Settings

_BUFFER = 4_000_000
_Given = TypeVar("_Given")


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as the store lists it."""

    path: str
    length: int
    changed: datetime | None


class Store:
    """One store, reached with one key pair."""

    def __init__(self, settings: S3Settings) -> None:
        parts = urlsplit(settings.endpoint)
        with explained():
            self._files = fs.S3FileSystem(
                access_key=settings.access_key,
                secret_key=settings.secret,
                region=settings.region,
                scheme=parts.scheme,
                endpoint_override=parts.netloc,
                connect_timeout=settings.connect_seconds,
                request_timeout=settings.request_seconds,
                retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=settings.attempts),
                allow_bucket_creation=False,
                allow_bucket_deletion=False,
            )

    def one(self, path: str) -> Listed | None:
        """Return an object, None when there is none of this name."""
        with explained():
            found = self._files.get_file_info(path)
        return _listed(found) if found.type == fs.FileType.File else None

    def has_bucket(self, bucket: str) -> bool:
        """Tell whether there is such a bucket."""
        with explained():
            return bool(self._files.get_file_info(bucket).type != fs.FileType.NotFound)

    def under(self, prefix: str) -> list[Listed]:
        """Return the objects under a prefix, by their names."""
        selector = fs.FileSelector(prefix, recursive=True, allow_not_found=True)
        with explained():
            found = self._files.get_file_info(selector)
        files = [_listed(one) for one in found if one.type == fs.FileType.File]
        return sorted(files, key=lambda one: one.path)

    def open(self, path: str) -> BinaryIO:
        """Return the bytes of an object; its errors are sentences."""
        with explained():
            stream = self._files.open_input_file(path)
        return cast("BinaryIO", io.BufferedReader(_Explained(stream), _BUFFER))


def _listed(found: fs.FileInfo) -> Listed:
    return Listed(found.path, found.size or 0, found.mtime)


class Object:
    """The bytes of one object, for the connectors of files."""

    def __init__(self, store: Store, listed: Listed) -> None:
        self._store = store
        self._listed = listed

    def open(self) -> BinaryIO:
        """Open the object."""
        return self._store.open(self._listed.path)

    def size(self) -> int:
        """Return the length that the store lists."""
        return self._listed.length


class _Explained(io.RawIOBase):
    """A stream of an object. Readers of files would take its failures for damaged files."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def readable(self) -> bool:
        """It is read only."""
        return True

    def seekable(self) -> bool:
        """Each place can be asked for."""
        return True

    def readinto(self, room: Any) -> int:
        """Fill a buffer."""
        piece = self._asked(lambda: self._stream.read(len(room)))
        room[: len(piece)] = piece
        return len(piece)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        return int(self._asked(lambda: self._stream.seek(offset, whence)))

    def tell(self) -> int:
        """Tell the place."""
        return int(self._stream.tell())

    def close(self) -> None:
        """Close the object."""
        if not self.closed:
            self._stream.close()
        super().close()

    def _asked(self, ask: Callable[[], _Given]) -> _Given:
        with explained():
            return ask()


@contextmanager
def explained() -> Iterator[None]:
    """Turn the store's errors, which name buckets, keys and hosts, into sentences."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        raise _failure(str(error)) from None


_FAILURES: tuple[tuple[tuple[str, ...], str, str, str, bool], ...] = (
    (
        ("ACCESS_DENIED", "SIGNATURE", "INVALID_ACCESS_KEY", "INVALID_CLIENT_TOKEN", "403"),
        "store_refused",
        "The store refuses the key, or the key may not read this object.",
        "Check the access key, its secret and its rights: reading and listing.",
        True,
    ),
    (
        ("NO_SUCH_BUCKET",),
        "no_bucket",
        "There is no such bucket in this store.",
        "Check the name of the bucket and the region.",
        True,
    ),
    (
        ("NO_SUCH_KEY", "RESOURCE_NOT_FOUND", "404"),
        "no_object",
        "There is no such object in the bucket.",
        "Check the key; a prefix ends with a slash.",
        True,
    ),
    (
        ("NETWORK_CONNECTION", "CURLCODE", "REQUEST_TIMEOUT"),
        "unreachable",
        "The store does not answer.",
        "Check that it answers, then try again.",
        False,
    ),
    (
        (),
        "store_failed",
        "The store cannot be read now.",
        "Check that it answers, then try again.",
        False,
    ),
)


def _failure(message: str) -> ConnectorError:
    said = message.upper()
    for words, code, explanation, remedy, permanent in _FAILURES:
        if not words or any(word in said for word in words):
            return ConnectorError(code, explanation, remedy=remedy, permanent=permanent)
    raise AssertionError
