"""
Places outside the hub where the rows of a release may be: one entry a kind.

An entry says what a person gives, what is stored of it, and what connects to it. A secret is
stored wrapped, bound to the place that it opens: moved to another place it opens nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings

from catalog.connectors.port import Connector
from catalog.connectors.portal.reader import PortalDataset
from catalog.connectors.portal.settings import PortalSettings
from catalog.connectors.postgresql.reader import PostgresTable
from catalog.connectors.postgresql.settings import PostgresSettings
from catalog.connectors.s3.reader import S3Objects
from catalog.connectors.s3.settings import S3Settings
from catalog.datasets import uploads
from catalog.datasets.house_keys import SOURCES, unwrapped, wrapped
from catalog.datasets.models import Source
from catalog.datasets.states import SourceKind
from hub.crypto.keys import Secret
from hub.web.outgoing.fetching import Rules


@dataclass(frozen=True, slots=True)
class PlaceKind:
    """One kind of place."""

    settings: Callable[..., Any]
    """Makes a place of what a form gives."""
    connect: Callable[[Any], Connector]
    """:raises ConnectorError: when the operator of the hub does not allow to go there"""
    stored: Callable[[Any], Mapping[str, Any]]
    """The columns of a source."""
    recalled: Callable[[Source], Any]
    """The place that these columns name, without its secret."""
    about: str
    """The field of the form that names the place."""
    secret: str = ""
    """The attribute of the settings that is a secret."""
    bound_to: Callable[[Any], tuple[str, ...]] = lambda place: ()


def connected(kind: SourceKind, place: Any) -> Connector:
    """
    Return the connector of a place.

    :raises ConnectorError: when the operator of the hub does not allow to go there
    """
    return PLACES[kind].connect(place)


def columns_of(kind: SourceKind, place: Any) -> dict[str, Any]:
    """Return what a source stores of a place."""
    entry = PLACES[kind]
    secret = str(getattr(place, entry.secret)) if entry.secret else ""
    sealed = wrapped(Secret(secret.encode()), SOURCES, *entry.bound_to(place)) if secret else None
    return {"kind": kind, "wrapped_password": sealed, **entry.stored(place)}


def place_of(source: Source) -> Any:
    """Return the place that a source names, with its secret."""
    entry = PLACES[SourceKind(source.kind)]
    place = entry.recalled(source)
    if source.wrapped_password is None:
        return place
    secret = unwrapped(bytes(source.wrapped_password), SOURCES, *entry.bound_to(place))
    return replace(place, **{entry.secret: secret.reveal().decode()})


def bound_to(source: Source) -> tuple[str, ...]:
    """Return what the secret of a source's place is bound to."""
    entry = PLACES[SourceKind(source.kind)]
    return entry.bound_to(entry.recalled(source))


def _table(table: PostgresSettings) -> Connector:
    return PostgresTable(table, allowed_hosts=settings.HUB_SOURCE_HOSTS)


def _table_columns(table: PostgresSettings) -> Mapping[str, Any]:
    return {
        "host": table.host,
        "port": table.port,
        "database": table.database,
        "schema_name": table.schema,
        "table_name": table.table,
        "user_name": table.user,
    }


def _table_recalled(source: Source) -> PostgresSettings:
    return PostgresSettings(
        host=source.host,
        port=source.port or 5432,
        database=source.database,
        schema=source.schema_name,
        table=source.table_name,
        user=source.user_name,
    )


def _portal(place: PortalSettings) -> Connector:
    return PortalDataset(
        place,
        keeping=_kept,
        size_limit=settings.HUB_UPLOAD_LIMIT,
        rules=Rules(private_hosts=frozenset(settings.HUB_PRIVATE_HOSTS)),
    )


@contextmanager
def _kept(pieces: Iterator[bytes]) -> Iterator[Path]:
    """Seal what comes from elsewhere, as an upload is, as long as it is read."""
    upload = uploads.seal(pieces)
    try:
        with uploads.unsealed(upload.name, upload.wrapped_key) as path:
            yield path
    finally:
        uploads.remove(upload.name)


def _objects(place: S3Settings) -> Connector:
    return S3Objects(place, allowed_endpoints=settings.HUB_S3_ENDPOINTS)


_OBJECT_WORDS = ("endpoint", "region", "bucket", "key", "access_key")

PLACES: Mapping[SourceKind, PlaceKind] = {
    SourceKind.POSTGRESQL: PlaceKind(
        settings=PostgresSettings,
        connect=_table,
        stored=_table_columns,
        recalled=_table_recalled,
        about="host",
        secret="password",  # noqa: S106 - the name of the attribute
        bound_to=lambda table: (table.host, str(table.port), table.database, table.user),
    ),
    SourceKind.PORTAL: PlaceKind(
        settings=PortalSettings,
        connect=_portal,
        stored=lambda place: {"settings": {"address": place.address, "format": place.format}},
        recalled=lambda source: PortalSettings(**source.settings),
        about="address",
    ),
    SourceKind.S3: PlaceKind(
        settings=S3Settings,
        connect=_objects,
        stored=lambda place: {"settings": {n: getattr(place, n) for n in _OBJECT_WORDS}},
        recalled=lambda source: S3Settings(**source.settings),
        about="endpoint",
        secret="secret",  # noqa: S106 - the name of the attribute
        bound_to=lambda place: ("s3", place.endpoint, place.bucket, place.access_key),
    ),
}
