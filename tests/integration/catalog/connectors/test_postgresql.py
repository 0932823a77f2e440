"""Tables of a real PostgreSQL, read as a producer's base would be."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import psycopg
import pyarrow as pa
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from catalog.connectors.errors import ConnectorError
from catalog.connectors.postgresql.reader import PostgresTable
from catalog.connectors.postgresql.settings import PostgresSettings
from catalog.connectors.typing import TypedColumn, typed
from catalog.vocabularies.plain_types import PlainType

MAKE = """
create schema "Cantine d'été";
create type "Cantine d'été".rythme as enum ('mensuel', 'annuel');
create table "Cantine d'été"."Élèves ""2025"" bis" (
  "numéro" integer, code char(6), taux numeric(5, 2), prix money, present boolean, jour date,
  vu timestamptz, local timestamp, rythme "Cantine d'été".rythme, note real, detail jsonb,
  "select; drop" text
);
insert into "Cantine d'été"."Élèves ""2025"" bis" values
  (1, '053', 81.7, 12.5, true, '2024-02-29', '2024-07-01 12:00+02', '2024-07-01 12:00', 'annuel',
   12.5, '{"a": 1}', 'x'),
  (2, null, null, null, null, null, null, null, null, null, null, null);
create view "Cantine d'été".nombreux as
  select n::bigint as n, 'école ' || n as nom from generate_series(1, 150000) n;
create view "Cantine d'été".lente as select 1::bigint as n, pg_sleep(5)::text as x;
create view "Cantine d'été".ecrit as select nextval('"Cantine d''été".compteur') as n;
create sequence "Cantine d'été".compteur;
create table "Cantine d'été".listes (a integer, mots text[]);
create table "Cantine d'été".octets (a integer, o bytea);
create table "Cantine d'été".vide (a integer);
"""


def execute(*statements: str) -> None:
    """Write as the producer would, from a connection of its own."""
    here = connection.settings_dict
    address = {
        "host": here["HOST"], "port": here["PORT"], "dbname": here["NAME"],
        "user": here["USER"], "password": here["PASSWORD"],
    }  # fmt: skip
    with psycopg.connect(make_conninfo(**{k: v for k, v in address.items() if v})) as base:
        for statement in statements:
            base.execute(statement.encode())


@pytest.fixture
def base(django_db_setup: None) -> Iterator[None]:
    statements = MAKE.strip().rstrip(";").split(";\n")
    execute(*sorted(statements, key=lambda text: ".ecrit" in text))
    yield
    execute('drop schema "Cantine d\'été" cascade')


def settings(table: str, **changes: object) -> PostgresSettings:
    here = connection.settings_dict
    known: dict[str, object] = {
        "host": here["HOST"],
        "port": int(here["PORT"] or 5432),
        "database": here["NAME"],
        "user": here["USER"],
        "password": here["PASSWORD"] or "",
        "schema": "Cantine d'été",
        "table": table,
        "sslmode": "prefer",
    }
    return PostgresSettings(**{**known, **changes})  # type: ignore[arg-type]


def opened(table: str, **changes: object) -> PostgresTable:
    chosen = settings(table, **changes)
    return PostgresTable(chosen, allowed_hosts=[chosen.host])


@pytest.mark.usefixtures("base")
def test_a_table_with_a_difficult_name_is_read_with_its_types() -> None:
    with opened('Élèves "2025" bis') as source:
        inspection = source.inspect()
    assert [column.native for column in inspection.columns] == [
        PlainType.INTEGER, None, PlainType.NUMBER, PlainType.NUMBER, PlainType.BOOLEAN,
        PlainType.DATE, PlainType.DATETIME, PlainType.DATETIME, None, PlainType.NUMBER, None, None,
    ]  # fmt: skip
    first, second = inspection.sample.to_pylist()
    assert first == {
        "numéro": 1, "code": "053", "taux": 81.7, "prix": 12.5, "present": True,
        "jour": date(2024, 2, 29), "vu": datetime(2024, 7, 1, 10, tzinfo=UTC),
        "local": datetime(2024, 7, 1, 12), "rythme": "annuel", "note": 12.5,  # noqa: DTZ001
        "detail": '{"a": 1}', "select; drop": "x",
    }  # fmt: skip
    assert set(second.values()) == {2, None}


@pytest.mark.usefixtures("base")
def test_the_columns_take_their_declared_types() -> None:
    with opened('Élèves "2025" bis') as source:
        (batch,) = source.batches(["local", "numéro"], 10)
    columns = [TypedColumn("numéro", PlainType.TEXT), TypedColumn("local", PlainType.DATETIME)]
    assert typed(batch, columns).slice(0, 1).to_pylist() == [
        {"numéro": "1", "local": datetime(2024, 7, 1, 10, tzinfo=UTC)}
    ]


@pytest.mark.usefixtures("base")
def test_a_large_view_comes_in_batches_of_the_asked_size() -> None:
    with opened("nombreux") as source:
        assert source.inspect().sample.num_rows == 5000
        batches = list(source.batches(["nom", "n"], 40_000))
    assert [batch.num_rows for batch in batches] == [40_000, 40_000, 40_000, 30_000]
    assert pa.Table.from_batches(batches)["n"].to_pylist() == list(range(1, 150_001))


@pytest.mark.usefixtures("base")
def test_rows_written_after_the_inspection_are_not_seen() -> None:
    with opened('Élèves "2025" bis') as source:
        source.inspect()
        execute('insert into "Cantine d\'été"."Élèves ""2025"" bis" values (3)')
        assert sum(batch.num_rows for batch in source.batches(["numéro"], 10)) == 2


@pytest.mark.parametrize(
    ("table", "changes", "code", "permanent"),
    [
        ("lente", {"statement_seconds": 1}, "too_slow", False),
        ("ecrit", {}, "view_writes", True),
        ("absente", {}, "no_table", True),
        ("vide", {}, "no_rows", True),
        ("listes", {}, "nested_column", True),
        ("octets", {}, "nested_column", True),
        ("nombreux", {"database": "absente"}, "no_database", True),
        ("nombreux", {"user": "inconnue"}, "database_refused", True),
        ("nombreux", {"host": "/nowhere"}, "database_failed", False),
        ("nombreux", {"database": "host=example.org dbname=x"}, "bad_database", True),
    ],
)
@pytest.mark.usefixtures("base")
def test_what_cannot_be_read_is_said_without_address_nor_role(
    table: str, changes: dict[str, object], code: str, permanent: bool
) -> None:
    secret = "a password that must stay here"
    with pytest.raises(ConnectorError) as caught, opened(table, password=secret, **changes) as it:
        it.inspect()
    error = caught.value
    assert (error.code, error.permanent) == (code, permanent)
    shown = f"{error} {error!r} {error.remedy} {dict(error.values)}"
    chosen = settings(table, **changes)
    for word in (secret, chosen.host, "inconnue", "Cantine"):
        assert word not in shown
    assert error.__cause__ is None


@pytest.mark.usefixtures("base")
def test_a_role_without_the_right_is_told_so() -> None:
    with pytest.raises(ConnectorError) as caught, opened("nombreux", user="hub_app") as source:
        source.inspect()
    assert caught.value.code == "table_refused"


@pytest.mark.usefixtures("base")
def test_a_described_column_that_is_gone_is_said() -> None:
    with opened("nombreux") as source, pytest.raises(ConnectorError) as caught:
        source.batches(["n", "parti"], 10)
    assert caught.value.code == "missing_columns"


@pytest.mark.usefixtures("base")
def test_a_table_wider_than_the_limit_is_refused() -> None:
    chosen = settings('Élèves "2025" bis')
    with (
        PostgresTable(chosen, allowed_hosts=[chosen.host], columns_at_most=3) as source,
        pytest.raises(ConnectorError) as caught,
    ):
        source.inspect()
    assert caught.value.code == "too_many_columns"


@pytest.mark.parametrize(
    "host",
    [
        "",
        "169.254.169.254",
        "localhost",
        "db.example.org,localhost",
        "db.example.org hostaddr=::1",
    ],
)
def test_only_listed_hosts_are_reached(host: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        PostgresTable(settings("x", host=host), allowed_hosts=["db.example.org"])
    assert caught.value.code == "host_not_allowed"


def test_a_password_never_shows() -> None:
    assert "s3cret" not in repr(settings("x", password="s3cret"))
