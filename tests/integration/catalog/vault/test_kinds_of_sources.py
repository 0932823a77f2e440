"""Every kind of source comes in from the pages and from the API, and is compared when taken in."""

import gzip
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.datasets import queries, uploads
from catalog.datasets.models import Dataset, Source
from catalog.datasets.places import place_of
from catalog.vault.queries import release_files
from hub.crypto.files import open_parquet
from tests.factories.object_store import READER, STRANGER, ObjectStore, running_store
from tests.factories.portal import publish
from tests.factories.web_server import WebServer, serving
from tests.integration.catalog.datasets.test_bad_inputs import put
from tests.integration.catalog.files import OPEN, PERSONAL, finish_fields, register, take_in
from tests.people import grace

pytestmark = pytest.mark.django_db

SCHOOLS = pa.table(
    {"uai": ["0750001E", "0750002F"], "effectif": [120, 80], "secteur": ["Public", "Privé"]}
)
STATEMENTS = [
    {
        "id": f"6690e6c9-3ef0-4ed3-8b37-7f39647{n:05}",
        "actor": {"name": "MARTIN", "account": {"homePage": "https://ent", "name": f"e-{n % 30}"}},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/answered"},
        "object": {"id": "https://app/1"},
        "result": {"score": {"raw": n % 20}, "duration": "PT1M"},
        "timestamp": f"2025-09-01T10:00:{n % 60:02}Z",
    }
    for n in range(90)
]


def workbook(**sheets: list[list[Any]]) -> bytes:
    book: Any = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def rows_of(dataset: Dataset) -> pa.Table:
    release = queries.prepared_release(dataset)
    assert release is not None
    [part] = release_files(release.pk)
    return open_parquet(part.path, part.key).read()


def taken_in(dataset: Dataset) -> pa.Table:
    finish_fields(grace().actor, dataset.pk)
    job = take_in(grace().actor, dataset.pk)
    assert job.state == "done", job.refusals
    return rows_of(dataset)


def refused_codes(dataset: Dataset) -> list[str]:
    finish_fields(grace().actor, dataset.pk)
    job = take_in(grace().actor, dataset.pk)
    assert job.state == "failed"
    return sorted(one["code"] for one in job.refusals)


TABLE: list[list[Any]] = [
    ["uai", "effectif", "secteur"],
    ["0750001E", 120, "Public"],
    ["0750002F", 80, "Privé"],
]
LINES = "".join(f"{json.dumps(row)}\n" for row in SCHOOLS.to_pylist()).encode()
CSV = "uai;effectif;secteur\n0750001E;120;Public\n0750002F;80;Privé\n".encode()
FILES = {
    "excel": ("excel", workbook(feuille=TABLE)),
    "json lines": ("json", LINES),
    "compressed json lines": ("json", gzip.compress(LINES)),
    "compressed csv": ("csv", gzip.compress(CSV)),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_recognised_by_its_bytes_and_taken_in(name: str) -> None:
    kind, content = FILES[name]
    dataset = register(grace(), **OPEN)
    answer = put(grace(), f"datasets/{dataset.slug}/upload", content)
    assert answer.status_code == 200, answer.content
    api = grace().api()
    assert api.get(f"datasets/{dataset.slug}/source").json()["kind"] == kind
    assert taken_in(dataset).to_pylist() == SCHOOLS.to_pylist()


def test_the_sheet_of_a_workbook_is_chosen_in_the_page_and_over_the_api() -> None:
    dataset = register(grace(), **OPEN)
    content = workbook(notes=[["a", "b"], ["x", "y"]], données=TABLE)
    browser, path = grace().browser(), f"/my/datasets/{dataset.slug}/data"

    page = browser.post(path, {"file": SimpleUploadedFile("t.xlsx", content)})
    assert page.status_code == 422
    assert 'data-code="which_sheet"' in page.text
    assert "“notes”, “données”" in page.text
    chosen = {"file": SimpleUploadedFile("t.xlsx", content), "sheet": "données"}
    assert browser.post(path, chosen).status_code == 302
    assert "données" in browser.get(path).text
    source = grace().api().get(f"datasets/{dataset.slug}/source").json()
    assert source["settings"] == {"sheet": "données"}
    assert taken_in(dataset).num_rows == 2

    other = register(grace(), "Other", **OPEN)
    over_api = f"datasets/{other.slug}/upload"
    refusal = put(grace(), over_api, content).json()["refusals"][0]
    assert (refusal["code"], refusal["about"]) == ("which_sheet", "file")
    assert put(grace(), f"{over_api}?sheet=données", content).status_code == 200


def test_statements_come_in_without_anybodys_name() -> None:
    dataset = register(grace(), **{**PERSONAL, "unit": "event"})
    content = json.dumps(STATEMENTS).encode()
    answer = put(grace(), f"datasets/{dataset.slug}/upload", content)
    assert answer.status_code == 200, answer.content
    fields = {one["name"]: one for one in answer.json()}
    assert fields["actor_id"]["is_subject"]
    rows = taken_in(dataset)
    assert str(rows.schema.field("actor_id").type) == "fixed_size_binary[16]"
    assert len(set(rows["actor_id"].to_pylist())) == 30
    assert "statement_id" not in rows.schema.names
    assert rows["duration_seconds"].to_pylist() == [60.0] * 90
    assert "MARTIN" not in str(rows.to_pylist())


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serving() as here:
        yield here


@pytest.fixture
def portal(server: WebServer, settings: Any, tmp_path: Path) -> Iterator[WebServer]:
    """Allow the portal; what was fetched of it is gone at the end, whatever became of it."""
    settings.HUB_PRIVATE_HOSTS = [server.host]
    # A folder of its own: other tests leave uploads in theirs while this one runs.
    settings.VAR_DIR = tmp_path
    yield server
    assert list(uploads.folder().iterdir()) == []


def test_a_dataset_of_a_portal_is_pointed_to_in_the_page_and_taken_in(portal: WebServer) -> None:
    address = publish(portal, "effectifs", SCHOOLS)
    dataset = register(grace(), **OPEN)
    browser, path = grace().browser(), f"/my/datasets/{dataset.slug}/data"
    assert 'name="address"' in browser.get(path).text
    form = {"kind": "portal", "address": address, "format": ""}
    assert browser.post(path, form)["Location"] == f"/my/datasets/{dataset.slug}/fields"
    assert address in browser.get(path).text
    assert taken_in(dataset).to_pylist() == SCHOOLS.to_pylist()


def test_a_dataset_of_a_portal_is_pointed_to_over_the_api(portal: WebServer) -> None:
    address = publish(portal, "effectifs", SCHOOLS)
    dataset = register(grace(), **OPEN)
    place = {"kind": "portal", "address": address, "format": "csv"}
    answer = grace().api().put(f"datasets/{dataset.slug}/source", place)
    assert answer.status_code == 200, answer.content
    shown = grace().api().get(f"datasets/{dataset.slug}/source").json()
    assert (shown["kind"], shown["row_count"]) == ("portal", 2)
    assert shown["settings"] == {"address": address, "format": "csv"}


def test_a_private_portal_is_refused_in_the_page_and_over_the_api(server: WebServer) -> None:
    address = publish(server, "effectifs", SCHOOLS)
    dataset = register(grace(), **OPEN)
    place = {"kind": "portal", "address": address}
    page = grace().browser().post(f"/my/datasets/{dataset.slug}/data", place)
    assert page.status_code == 422
    assert 'data-code="address_not_allowed"' in page.text
    answer = grace().api().put(f"datasets/{dataset.slug}/source", place)
    [refusal] = answer.json()["refusals"]
    assert (answer.status_code, refusal["about"]) == (422, "address")
    assert server.asked == []


MORE = pa.concat_tables([SCHOOLS, SCHOOLS.slice(0, 1)])


@pytest.mark.parametrize(
    ("now", "records", "codes"),
    [
        (SCHOOLS.append_column("ville", [["Paris", "Paris"]]), None, ["columns_new"]),
        (SCHOOLS.drop_columns(["secteur"]), None, ["columns_gone"]),
        (
            SCHOOLS.set_column(1, "effectif", [["120", "80"]]),
            None,
            ["column_retyped"],
        ),
        (MORE, None, ["rows_changed"]),
        (SCHOOLS, 3, ["rows_missing"]),
    ],
)
def test_a_source_that_changed_since_it_was_described_is_refused_by_its_differences(
    portal: WebServer, now: pa.Table, records: int | None, codes: list[str]
) -> None:
    address = publish(portal, "effectifs", SCHOOLS)
    dataset = register(grace(), **OPEN)
    place = {"kind": "portal", "address": address}
    grace().api().put(f"datasets/{dataset.slug}/source", place)
    publish(portal, "effectifs", now, records=records)
    assert refused_codes(dataset) == codes


def test_a_source_that_is_looked_at_again_is_taken_in(portal: WebServer) -> None:
    address = publish(portal, "effectifs", SCHOOLS)
    dataset = register(grace(), **OPEN)
    place = {"kind": "portal", "address": address}
    grace().api().put(f"datasets/{dataset.slug}/source", place)
    publish(portal, "effectifs", MORE)
    assert refused_codes(dataset) == ["rows_changed"]
    assert grace().api().put(f"datasets/{dataset.slug}/source", place).status_code == 200
    assert taken_in(dataset).num_rows == 3


@pytest.fixture(scope="module")
def store() -> Iterator[ObjectStore]:
    with running_store() as running:
        running.put("open/schools/2025.csv", CSV)
        yield running


def objects(store: ObjectStore, keys: tuple[str, str] = READER) -> dict[str, str]:
    return {
        "kind": "s3", "endpoint": store.endpoint, "region": "test", "bucket": "open",
        "key": "schools/", "access_key": keys[0], "secret": keys[1],
    }  # fmt: skip


def test_objects_are_pointed_to_over_the_api_and_taken_in(
    store: ObjectStore, settings: Any
) -> None:
    settings.HUB_S3_ENDPOINTS = [store.endpoint]
    dataset = register(grace(), **OPEN)
    api = grace().api()
    answer = api.put(f"datasets/{dataset.slug}/source", objects(store))
    assert answer.status_code == 200, answer.content
    shown = api.get(f"datasets/{dataset.slug}/source")
    assert shown.json()["settings"]["bucket"] == "open"
    assert READER[1] not in shown.text
    stored = Source.objects.get(release__dataset=dataset)
    assert READER[1] not in f"{stored.settings}{bytes(stored.wrapped_password or b'')!r}"
    assert place_of(stored).secret == READER[1]
    assert taken_in(dataset).to_pylist() == SCHOOLS.to_pylist()


def test_objects_are_pointed_to_in_the_page(store: ObjectStore, settings: Any) -> None:
    dataset = register(grace(), **OPEN)
    browser, path = grace().browser(), f"/my/datasets/{dataset.slug}/data"
    assert 'name="bucket"' not in browser.get(path).text
    assert browser.post(path, objects(store)).status_code == 422
    settings.HUB_S3_ENDPOINTS = [store.endpoint]
    refused = browser.post(path, objects(store, STRANGER))
    assert refused.status_code == 422
    assert 'data-code="store_refused"' in refused.text
    assert 'value="schools/"' in refused.text
    assert STRANGER[1] not in refused.text
    assert browser.post(path, objects(store)).status_code == 302
    page = browser.get(path).text
    assert "schools/" in page
    assert READER[1] not in page


def test_a_store_that_the_operator_does_not_name_is_refused(store: ObjectStore) -> None:
    dataset = register(grace(), **OPEN)
    answer = grace().api().put(f"datasets/{dataset.slug}/source", objects(store))
    [refusal] = answer.json()["refusals"]
    assert (answer.status_code, refusal["code"], refusal["about"]) == (
        422,
        "endpoint_not_allowed",
        "endpoint",
    )


@pytest.mark.parametrize(
    "place",
    [
        {"kind": "ftp"},
        {"kind": "csv"},
        {"kind": "portal"},
        {"kind": "portal", "address": "x" * 600},
        {"kind": "portal", "address": "https://x/explore/dataset/y/", "format": "xls"},
        {"kind": "s3", "endpoint": "https://x"},
        {},
        [],
    ],
)
def test_a_place_that_is_not_whole_is_refused_field_by_field(place: Any) -> None:
    dataset = register(grace(), **OPEN)
    answer = grace().api().put(f"datasets/{dataset.slug}/source", place)
    assert answer.status_code == 422
    assert answer.json()["refusals"]
