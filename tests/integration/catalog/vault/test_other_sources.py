"""Parquet files and PostgreSQL tables come in as CSV files do."""

import io
from collections.abc import Iterator
from datetime import date
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from catalog.datasets import queries
from catalog.datasets.models import Source
from catalog.vault.queries import release_files
from hub.crypto.files import open_parquet
from tests.integration.catalog.files import PERSONAL, finish_fields, give, register, take_in
from tests.people import grace

pytestmark = pytest.mark.django_db


def test_a_parquet_file_keeps_its_types_and_loses_its_identifiers() -> None:
    table = pa.table(
        {
            "ine": [f"{n:09}AA" for n in range(50)],
            "note": [n / 2 for n in range(50)],
            "date_naissance": [date(2012, 3, 1 + n % 28) for n in range(50)],
        }
    )
    buffer = io.BytesIO()
    pq.write_table(table, buffer)
    dataset = register(grace(), **PERSONAL)
    give(grace(), dataset.pk, buffer.getvalue(), "notes.parquet")
    finish_fields(grace().actor, dataset.pk)

    assert take_in(grace().actor, dataset.pk).state == "done"

    release = queries.prepared_release(dataset)
    assert release is not None
    [part] = release_files(release.pk)
    found = open_parquet(part.path, part.key).read()
    assert [str(field.type) for field in found.schema] == [
        "fixed_size_binary[16]",
        "double",
        "date32[day]",
    ]


def address() -> dict[str, Any]:
    here = connection.settings_dict
    return {
        "host": here["HOST"], "port": int(here["PORT"] or 5432), "database": here["NAME"],
        "user": here["USER"] or "", "password": here["PASSWORD"] or "",
    }  # fmt: skip


@pytest.fixture
def canteen(django_db_setup: None) -> Iterator[None]:
    """Make a table in a base of its own, as a local authority would have it."""
    known = address()
    info = make_conninfo(
        **{k: v for k, v in known.items() if v and k != "database"}, dbname=known["database"]
    )
    with psycopg.connect(info) as base:
        base.execute("create schema cantine")
        base.execute("create table cantine.repas (ine text, jour date, prix numeric(5,2))")
        base.execute(
            "insert into cantine.repas select lpad(n::text, 9, '0') || 'AA',"
            " date '2025-09-01' + n % 30, 3.5 from generate_series(1, 100) n"
        )
    yield
    with psycopg.connect(info) as base:
        base.execute("drop schema cantine cascade")


def test_a_table_is_pointed_to_and_taken_in(canteen: None, settings: Any) -> None:
    known = address()
    settings.HUB_SOURCE_HOSTS = [known["host"]]
    dataset = register(grace(), **PERSONAL)
    api = grace().api()
    table = {**known, "schema": "cantine", "table": "repas", "password": "a secret of theirs"}
    answer = api.put(f"datasets/{dataset.slug}/source", table)
    assert answer.status_code == 200, answer.content
    assert [one["name"] for one in answer.json()] == ["ine", "jour", "prix"]
    shown = api.get(f"datasets/{dataset.slug}/source")
    assert shown.json()["table"] == "repas"
    assert b"secret" not in shown.content
    stored = Source.objects.get(release__dataset=dataset)
    assert stored.wrapped_password is not None
    assert b"secret" not in bytes(stored.wrapped_password)
    page = grace().browser().get(f"/my/datasets/{dataset.slug}/data").text
    assert "repas" in page
    finish_fields(grace().actor, dataset.pk)
    assert take_in(grace().actor, dataset.pk).state == "done"
    release = queries.prepared_release(dataset)
    assert release is not None
    assert release.row_count == 100


def test_a_table_that_is_not_there_says_so_in_the_page(settings: Any) -> None:
    known = address()
    settings.HUB_SOURCE_HOSTS = [known["host"]]
    dataset = register(grace(), **PERSONAL)
    form = {**known, "kind": "postgresql", "schema": "public", "table": "nothing_here"}
    page = grace().browser().post(f"/my/datasets/{dataset.slug}/data", form)
    assert page.status_code == 422
    assert 'data-code="no_table"' in page.text
    assert 'value="nothing_here"' in page.text


def test_a_table_that_changed_since_it_was_described_is_refused(
    canteen: None, settings: Any
) -> None:
    known = address()
    settings.HUB_SOURCE_HOSTS = [known["host"]]
    dataset = register(grace(), **PERSONAL)
    table = {"kind": "postgresql", **known, "schema": "cantine", "table": "repas"}
    assert grace().api().put(f"datasets/{dataset.slug}/source", table).status_code == 200
    info = make_conninfo(
        **{k: v for k, v in known.items() if v and k != "database"}, dbname=known["database"]
    )
    with psycopg.connect(info) as base:
        base.execute("alter table cantine.repas alter jour type text, add menu text")
    finish_fields(grace().actor, dataset.pk)
    job = take_in(grace().actor, dataset.pk)
    assert job.state == "failed"
    assert [one["code"] for one in job.refusals] == ["columns_new", "column_retyped"]
