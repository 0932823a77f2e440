"""From what is stored of a source to a connector that reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings

from catalog.connectors.csv_file.reader import CsvFile
from catalog.connectors.errors import ConnectorError
from catalog.connectors.parquet_file.reader import ParquetFile
from catalog.connectors.port import Connector
from catalog.connectors.postgresql.reader import PostgresTable
from catalog.connectors.postgresql.settings import PostgresSettings
from catalog.datasets import uploads
from catalog.datasets.house_keys import SOURCES, unwrapped, wrapped
from catalog.datasets.models import Source
from catalog.datasets.states import SourceKind
from hub.crypto.keys import Secret


@contextmanager
def opened(release_id: UUID) -> Iterator[Connector]:
    """
    Open the source of a release.

    :raises ConnectorError: when there is none any more, or it cannot be reached
    """
    source = Source.objects.filter(release_id=release_id).first()
    if source is not None and source.kind == SourceKind.POSTGRESQL:
        with at_table(_table(source)) as rows:
            yield rows
        return
    if source is not None and source.kind == SourceKind.NODE:
        raise ConnectorError(
            "at-a-node",
            "The rows of this release stay at the producer's node.",
            remedy="The node takes them in: look at its page.",
        )
    if source is None or not source.path or source.wrapped_key is None:
        raise ConnectorError(
            "no-source",
            "This release has no file and no table to read.",
            remedy="Give a file, or point to a table.",
        )
    with (
        uploads.unsealed(source.path, bytes(source.wrapped_key)) as path,
        at_path(SourceKind(source.kind), path) as rows,
    ):
        yield rows


def at_path(kind: SourceKind, path: Path) -> Connector:
    """Return the connector of a file."""
    return ParquetFile(path) if kind is SourceKind.PARQUET else CsvFile(path)


def at_table(table: PostgresSettings) -> Connector:
    """
    Return the connector of a table.

    :raises ConnectorError: when the operator of the hub does not allow its host
    """
    return PostgresTable(table, allowed_hosts=settings.HUB_SOURCE_HOSTS)


def sealed_password(table: PostgresSettings) -> bytes | None:
    """Return the password of a table's role, good to store."""
    if not table.password:
        return None
    return wrapped(Secret(table.password.encode()), SOURCES, *_about(table))


def _table(source: Source) -> PostgresSettings:
    bare = PostgresSettings(
        host=source.host,
        port=source.port or 5432,
        database=source.database,
        schema=source.schema_name,
        table=source.table_name,
        user=source.user_name,
    )
    if source.wrapped_password is None:
        return bare
    password = unwrapped(bytes(source.wrapped_password), SOURCES, *_about(bare))
    return PostgresSettings(
        host=bare.host,
        port=bare.port,
        database=bare.database,
        schema=bare.schema,
        table=bare.table,
        user=bare.user,
        password=password.reveal().decode(),
    )


def _about(table: PostgresSettings) -> tuple[str, ...]:
    """Bind a stored password to the place it opens: moved to another host it opens nothing."""
    return (table.host, str(table.port), table.database, table.user)
