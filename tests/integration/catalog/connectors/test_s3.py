"""Objects of a real store: who may read what, and what is said otherwise."""

import gzip
import io
from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from catalog.connectors.errors import ConnectorError
from catalog.connectors.s3 import reader
from catalog.connectors.s3.reader import S3Objects
from catalog.connectors.s3.settings import S3Settings
from catalog.vocabularies.plain_types import PlainType
from tests.factories.object_store import LISTER, READER, STRANGER, ObjectStore, running_store

CSV = "uai;eleves\n0530030V;{}\n"


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with running_store() as running:
        running.put("open/parts/a.csv", CSV.format(1).encode())
        running.put("open/parts/b.csv", gzip.compress(CSV.format(2).encode()))
        running.put("open/parts/_SUCCESS", b"done")
        running.put("open/mixed/a.csv", CSV.format(1).encode())
        running.put("open/mixed/b.csv", b"uai;autre\n0530030V;2\n")
        running.put("open/notes.json", b'{"a": 1}\n')
        running.put("open/large.csv", ("uai;eleves\n" + "0530030V;1\n" * 2000).encode())
        for name, rows in (("a", 3), ("b", 4)):
            running.put(f"open/columns/{name}.parquet", parquet(rows))
        running.put("closed/a.csv", CSV.format(1).encode())
        yield running


def parquet(rows: int) -> bytes:
    held = io.BytesIO()
    pq.write_table(pa.table({"uai": ["0530030V"] * rows, "eleves": list(range(rows))}), held)
    return held.getvalue()


def place(store: ObjectStore, key: str, bucket: str = "open", keys: tuple[str, str] = READER) -> S3Settings:  # fmt: skip
    return S3Settings(
        endpoint=store.endpoint,
        region="test",
        bucket=bucket,
        key=key,
        access_key=keys[0],
        secret=keys[1],
        connect_seconds=3,
        request_seconds=5,
        attempts=2,
    )


def opened(where: S3Settings) -> S3Objects:
    return S3Objects(where, allowed_endpoints=[where.endpoint])


def read(rows: S3Objects) -> None:
    rows.inspect()
    list(rows.batches(["eleves"], 10))


def error_of(where: S3Settings) -> ConnectorError:
    with pytest.raises(ConnectorError) as caught, opened(where) as rows:
        read(rows)
    for told in (where.secret, where.access_key, where.endpoint, where.bucket):
        assert told not in str(caught.value)
    return caught.value


def test_an_object_is_read(store: ObjectStore) -> None:
    with opened(place(store, "parts/a.csv")) as rows:
        seen = rows.inspect()
        assert [(one.name, one.native) for one in seen.columns] == [
            ("uai", None),
            ("eleves", None),
        ]
        assert seen.row_count == 1
        assert seen.dialect is not None
        assert [one.to_pydict() for one in rows.batches(["eleves"], 10)] == [{"eleves": ["1"]}]


def test_the_objects_under_a_prefix_are_one_table(store: ObjectStore) -> None:
    with opened(place(store, "parts/")) as rows:
        assert rows.inspect().row_count == 2
        read = [row for batch in rows.batches(["eleves"], 10) for row in batch.to_pylist()]
    assert read == [{"eleves": "1"}, {"eleves": "2"}]
    with opened(place(store, "columns/")) as rows:
        seen = rows.inspect()
        assert (seen.row_count, seen.columns[1].native) == (7, PlainType.INTEGER)
        assert sum(batch.num_rows for batch in rows.batches(["uai"], 2)) == 7


def test_only_the_head_of_a_large_text_is_looked_at(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "_LOOKED_AT", 1000)
    with opened(place(store, "large.csv")) as rows:
        seen = rows.inspect()
        assert seen.row_count is None
        assert 50 < seen.sample.num_rows < 100
        assert sum(batch.num_rows for batch in rows.batches(["uai"], 500)) == 2000


@pytest.mark.parametrize(
    ("key", "bucket", "keys", "code"),
    [
        ("parts/a.csv", "open", STRANGER, "store_refused"),
        ("parts/", "open", STRANGER, "store_refused"),
        ("a.csv", "closed", READER, "store_refused"),
        ("parts/a.csv", "open", (READER[0], "not-the-secret"), "store_refused"),
        ("parts/", "open", (READER[0], "not-the-secret"), "store_refused"),
        ("parts/a.csv", "open", ("nobody", "nothing"), "store_refused"),
        ("nothing.csv", "open", READER, "no_object"),
        ("nothing/", "open", READER, "no_object"),
        ("a.csv", "no-such-bucket", LISTER, "no_bucket"),
        ("a/", "no-such-bucket", LISTER, "no_bucket"),
        ("notes.json", "open", READER, "neither_csv_nor_parquet"),
    ],
)
def test_what_may_not_be_read_or_is_not_there_is_said(
    store: ObjectStore, key: str, bucket: str, keys: tuple[str, str], code: str
) -> None:
    error = error_of(place(store, key, bucket, keys))
    assert (error.code, error.permanent) == (code, True)


def test_objects_with_other_columns_are_named(store: ObjectStore) -> None:
    error = error_of(place(store, "mixed/"))
    assert (error.code, error.values["name"]) == ("objects_differ", "b.csv")


def test_too_many_objects_are_refused(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MOST_OBJECTS", 1)
    assert error_of(place(store, "parts/")).code == "too_many_objects"


def test_an_object_that_changes_while_it_is_read_stops_the_reading(store: ObjectStore) -> None:
    store.put("open/moving/a.csv", CSV.format(1).encode())
    with opened(place(store, "moving/")) as rows:
        rows.inspect()
        batches = rows.batches(["eleves"], 10)
        store.put("open/moving/b.csv", CSV.format(2).encode())
        with pytest.raises(ConnectorError) as caught:
            list(batches)
    assert (caught.value.code, caught.value.permanent) == ("changed_meanwhile", False)


def test_a_store_that_is_not_there_may_be_tried_again(store: ObjectStore) -> None:
    error = error_of(replace(place(store, "a.csv"), endpoint="http://127.0.0.1:9"))
    assert (error.code, error.permanent) == ("unreachable", False)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"endpoint": "https://elsewhere.example"}, "endpoint_not_allowed"),
        ({"endpoint": ""}, "endpoint_not_allowed"),
        ({"bucket": ""}, "bad_object_name"),
        ({"bucket": "open/parts"}, "bad_object_name"),
        ({"key": "/a.csv"}, "bad_object_name"),
        ({"key": "../closed/a.csv"}, "bad_object_name"),
    ],
)
def test_another_place_is_refused_before_anything_is_asked(
    store: ObjectStore, change: dict[str, str], code: str
) -> None:
    with pytest.raises(ConnectorError) as caught:
        S3Objects(
            replace(place(store, "a.csv"), **change),  # type: ignore[arg-type] # texts only
            allowed_endpoints=[store.endpoint],
        )
    assert caught.value.code == code


def test_a_secret_never_shows(store: ObjectStore) -> None:
    assert READER[1] not in repr(place(store, "a.csv"))
