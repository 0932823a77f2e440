"""Read one object of an S3 store, or all those under a prefix as one table. Nothing is copied."""

from collections.abc import Collection, Iterator, Sequence
from pathlib import PurePosixPath

import pyarrow as pa

from catalog.connectors.errors import ConnectorError
from catalog.connectors.files import READERS, FileKind, Reading, recognised
from catalog.connectors.naming import shown
from catalog.connectors.port import Closing, Column, Connector, Inspection
from catalog.connectors.s3.settings import S3Settings, refuse_elsewhere
from catalog.connectors.s3.store import Listed, Object, Store
from catalog.connectors.streams import Bytes, Head

MOST_OBJECTS = 200
_LOOKED_AT = 16_000_000
"""How much of a text is read to look at it; its encoding is that of the whole when it is taken."""


class S3Objects(Closing):
    """
    Objects of one kind and with the same columns, in the order of their names.

    An object that changes between the listing and the end of the reading stops it.
    """

    def __init__(self, settings: S3Settings, *, allowed_endpoints: Collection[str]) -> None:
        refuse_elsewhere(settings, allowed_endpoints)
        self._settings = settings
        self._store: Store | None = None
        self._objects: list[Listed] = []

    def inspect(self) -> Inspection:
        """Look at the first rows; count them when every object says how many it has."""
        store, objects = self._listed()
        seen = self._looked_at(store, objects[0])
        counts = [seen.row_count]
        for one in objects[1:]:
            other = self._looked_at(store, one)
            _require_same(seen.columns, other.columns, one)
            counts.append(other.row_count)
        known = [count for count in counts if count is not None]
        total = sum(known) if len(known) == len(counts) else None
        return Inspection(seen.columns, seen.sample, total, seen.dialect)

    def batches(self, columns: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """Yield the rows of each object after the other."""
        store, objects = self._listed()
        for one in objects:
            with _opened(Object(store, one)) as rows:
                yield from rows.batches(columns, size)
        if self._found(store) != objects:
            raise ConnectorError(
                "changed_meanwhile",
                "The objects of the store changed while they were read.",
                remedy="Wait until what writes them has finished, then try again.",
                permanent=False,
            )

    def close(self) -> None:
        """Forget the store."""
        self._store = None
        self._objects = []

    def _listed(self) -> tuple[Store, list[Listed]]:
        if self._store is None:
            self._store = Store(self._settings)
            self._objects = self._found(self._store)
        return self._store, self._objects

    def _found(self, store: Store) -> list[Listed]:
        settings = self._settings
        if settings.is_prefix:
            found = [one for one in store.under(settings.path) if _is_data(one)]
        else:
            one = store.one(settings.path)
            found = [one] if one else []
        if not found:
            raise self._nothing(store)
        if len(found) > MOST_OBJECTS:
            raise ConnectorError(
                "too_many_objects",
                "There are %(count)s objects under this prefix; the limit is %(limit)s.",
                values={"count": len(found), "limit": MOST_OBJECTS},
                remedy="Give a narrower prefix, or write fewer, larger objects.",
            )
        return found

    def _nothing(self, store: Store) -> ConnectorError:
        if not store.has_bucket(self._settings.bucket):
            return ConnectorError(
                "no_bucket",
                "There is no such bucket in this store.",
                remedy="Check the name of the bucket and the region.",
            )
        return ConnectorError(
            "no_object",
            "There is no such object in the bucket.",
            remedy="Check the key; a prefix ends with a slash.",
        )

    def _looked_at(self, store: Store, one: Listed) -> Inspection:
        kind, content = _recognised(Object(store, one))
        is_cut = kind is FileKind.CSV and one.length > _LOOKED_AT
        with _read(kind, Head(content, _LOOKED_AT) if is_cut else content) as rows:
            seen = rows.inspect()
        return Inspection(seen.columns, seen.sample, None, seen.dialect) if is_cut else seen


def _is_data(one: Listed) -> bool:
    """Leave out folders, and the marks that writers of many files leave (``_SUCCESS``)."""
    return bool(one.length) and not PurePosixPath(one.path).name.startswith(("_", "."))


def _recognised(source: Bytes) -> tuple[FileKind, Bytes]:
    kind, content = recognised(source)
    if kind not in {FileKind.CSV, FileKind.PARQUET}:
        raise ConnectorError(
            "neither_csv_nor_parquet",
            "An object of the store is neither CSV nor Parquet.",
            remedy="Write the table as Parquet or CSV, or upload the file.",
        )
    return kind, content


def _read(kind: FileKind, content: Bytes) -> Connector:
    return READERS[kind](content, Reading())


def _opened(source: Bytes) -> Connector:
    return _read(*_recognised(source))


def _require_same(first: Sequence[Column], other: Sequence[Column], one: Listed) -> None:
    if [(c.name, c.native) for c in first] != [(c.name, c.native) for c in other]:
        raise ConnectorError(
            "objects_differ",
            "The object “%(name)s” has other columns than the first one.",
            values={"name": shown(PurePosixPath(one.path).name)},
            remedy="Put objects of the same table under one prefix.",
        )
