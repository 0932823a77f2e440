"""Read a table or a view of a PostgreSQL database: read only, in one snapshot, as a stream."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import adbc_driver_manager
import pyarrow as pa
from adbc_driver_postgresql import StatementOptions, dbapi
from psycopg import sql

from catalog.connectors.batches import plain_batch, resized
from catalog.connectors.errors import ConnectorError
from catalog.connectors.port import SAMPLE_ROWS, Closing, Column, Inspection, native_type
from catalog.connectors.postgresql.settings import PostgresSettings, refuse_elsewhere

_BATCH_BYTES = 4_000_000

_COLUMNS = """
select a.attname::text, t.typcategory::text, t.typname::text, c.reltuples::bigint
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_catalog.pg_type t on t.oid = a.atttypid
where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'v', 'm', 'p', 'f')
order by a.attnum
"""

_CASTS = {
    "numeric": "double precision",
    "money": "numeric::double precision",
    "float4": "double precision",
    "int2": "bigint",
    "int4": "bigint",
}
_AS_THEY_ARE = frozenset(["int8", "float8", "bool", "date", "timestamptz", "timestamp"])
_REFUSED = frozenset(["bytea"])


class PostgresTable(Closing):
    """
    One table or view.

    All of an inspection and of a reading is seen in the one snapshot of its own transaction.
    """

    def __init__(
        self,
        settings: PostgresSettings,
        *,
        allowed_hosts: Collection[str],
        columns_at_most: int = 250,
    ) -> None:
        refuse_elsewhere(settings, allowed_hosts)
        self._settings = settings
        self._columns_at_most = columns_at_most
        self._connection: dbapi.Connection | None = None
        self._types: dict[str, str] | None = None

    def inspect(self) -> Inspection:
        """Read the columns, and the first rows; rows are not counted."""
        names = list(self._columns())
        rows = next(self._read(names, SAMPLE_ROWS, limit=SAMPLE_ROWS), None)
        if rows is None:
            raise ConnectorError(
                "no_rows", "The table has no rows.", remedy="Check that the role may read them."
            )
        return Inspection(
            columns=tuple(
                Column(field.name, position, native_type(field.type))
                for position, field in enumerate(rows.schema, start=1)
            ),
            sample=pa.Table.from_batches([rows]),
        )

    def batches(self, columns: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """Yield the columns as PostgreSQL types them; types of its own come as text."""
        missing = set(columns) - set(self._columns())
        if missing:
            raise ConnectorError(
                "missing_columns",
                "The table lacks %(count)s of the expected columns.",
                values={"count": len(missing)},
                remedy="Compare the table with the described fields.",
            )
        return self._read(columns, size)

    def close(self) -> None:
        """End the transaction and the connection."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with _explained():
                connection.close()

    def _open(self) -> dbapi.Connection:
        if self._connection is None:
            with _explained():
                self._connection = dbapi.connect(self._settings.conninfo())
        return self._connection

    def _columns(self) -> dict[str, str]:
        """Return the type of each column by name, in the order of the table."""
        if self._types is None:
            with _explained(), self._open().cursor() as cursor:
                cursor.execute(_COLUMNS, (self._settings.schema, self._settings.table))
                found = cursor.fetchall()
            self._refuse(found)
            self._types = {str(name): str(kind) for name, _, kind, _ in found}
        return self._types

    def _refuse(self, found: Sequence[tuple[Any, ...]]) -> None:
        if not found:
            raise ConnectorError(
                "no_table",
                "There is no such table or view, or the role may not see it.",
                remedy="Check the names of the schema and of the table, and the role's rights.",
            )
        if len(found) > self._columns_at_most:
            raise ConnectorError(
                "too_many_columns",
                "The table has %(columns)s columns; the limit is %(limit)s.",
                values={"columns": len(found), "limit": self._columns_at_most},
                remedy="Make a view with the columns that matter.",
            )
        for name, category, kind, _ in found:
            if category in {"A", "C"} or kind in _REFUSED:
                raise ConnectorError(
                    "nested_column",
                    "The column “%(field)s” holds lists, structures or bytes.",
                    values={"field": name},
                    remedy="Make a view with plain columns of text, numbers or dates.",
                )

    def _read(
        self, columns: Sequence[str], size: int, *, limit: int | None = None
    ) -> Iterator[pa.RecordBatch]:
        yield from resized(self._stream(self._query(columns, limit)), size)

    def _query(self, columns: Sequence[str], limit: int | None) -> str:
        types = self._columns()
        query = sql.SQL("select {columns} from {table}").format(
            columns=sql.SQL(", ").join(_selected(name, types[name]) for name in columns),
            table=sql.Identifier(self._settings.schema, self._settings.table),
        )
        if limit is not None:
            query += sql.SQL(" limit {}").format(sql.Literal(limit))
        return query.as_string()

    def _stream(self, query: str) -> Iterator[pa.RecordBatch]:
        with _explained(), self._open().cursor() as cursor:
            hint = StatementOptions.BATCH_SIZE_HINT_BYTES.value
            cursor.adbc_statement.set_options(**{hint: str(_BATCH_BYTES)})
            cursor.execute(query)
            for batch in cursor.fetch_record_batch():
                yield plain_batch(batch)


def _selected(name: str, kind: str) -> sql.Composed:
    """Write one column of the query: plain types as they are, everything else as text."""
    column = sql.Identifier(name)
    if kind in _AS_THEY_ARE:
        return sql.SQL("{}").format(column)
    cast = sql.SQL("::").join(sql.SQL(part) for part in _CASTS.get(kind, "text").split("::"))
    return sql.SQL("{column}::{cast} as {column}").format(column=column, cast=cast)


_FAILURES: tuple[tuple[str, str, str, str, bool], ...] = (
    (
        "28",
        "database_refused",
        "The database refused the role or its password.",
        "Check the role, its password and its rights.",
        True,
    ),
    (
        "3D",
        "no_database",
        "There is no such database on this server.",
        "Check the name of the database.",
        True,
    ),
    (
        "42501",
        "table_refused",
        "The role may not read this table.",
        "Grant it SELECT on the table or the view.",
        True,
    ),
    (
        "57014",
        "too_slow",
        "The database took too long to answer.",
        "Try again later, or make a lighter view.",
        False,
    ),
    (
        "25006",
        "view_writes",
        "Reading this view would write: the hub only reads.",
        "Make a view without such functions.",
        True,
    ),
    (
        "",
        "database_failed",
        "The database cannot be read now.",
        "Check that it answers, then try again.",
        False,
    ),
)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn the driver's errors, which name hosts, roles and values, into sentences."""
    try:
        yield
    except (adbc_driver_manager.Error, pa.ArrowException, OSError) as error:
        # A failure in the middle of the stream comes through Arrow, without its state.
        raise _failure(getattr(error, "sqlstate", None) or _state_in(str(error))) from None


def _failure(state: str) -> ConnectorError:
    for start, code, explanation, remedy, permanent in _FAILURES:
        if state.startswith(start):
            return ConnectorError(code, explanation, remedy=remedy, permanent=permanent)
    raise AssertionError


def _state_in(message: str) -> str:
    """Guess the state of an error of which the driver only gives the server's words."""
    lowered = message.lower()
    return next((state for words, state in _WORDS if words in lowered), "")


_WORDS = (
    ("statement timeout", "57014"),
    ("read-only transaction", "25006"),
    ("permission denied", "42501"),
    ("password", "28000"),
    ("role", "28000"),
    ("pg_hba", "28000"),
    ("database", "3D000"),
)
