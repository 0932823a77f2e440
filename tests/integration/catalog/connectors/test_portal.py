"""A dataset of an Explore v2.1 portal, asked of a real server."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pytest

from catalog.connectors.errors import ConnectorError
from catalog.connectors.port import Connector
from catalog.connectors.portal.description import read_description
from catalog.connectors.portal.reader import PortalDataset
from catalog.connectors.portal.settings import PortalSettings
from catalog.vocabularies.plain_types import PlainType
from hub.web.outgoing.fetching import Rules
from tests.factories.portal import publish
from tests.factories.web_server import Page, WebServer, serving

TABLE = pa.table({"uai": [f"{n:07}A" for n in range(6000)], "eleves": list(range(6000))})


@pytest.fixture
def server() -> Iterator[WebServer]:
    with serving() as here:
        yield here


@pytest.fixture
def portal(server: WebServer, tmp_path: Path) -> "Portal":
    return Portal(server, tmp_path)


class Portal:
    """Opens datasets of the server, and knows what is kept of them."""

    def __init__(self, server: WebServer, folder: Path) -> None:
        self.server = server
        self.folder = folder

    def open(self, address: str, form: str = "", limit: int = 10_000_000) -> PortalDataset:
        return PortalDataset(
            PortalSettings(address, form),
            keeping=self.keeping,
            size_limit=limit,
            rules=Rules(private_hosts={self.server.host}),
        )

    @contextmanager
    def keeping(self, pieces: Iterator[bytes]) -> Iterator[Path]:
        path = self.folder / f"kept-{len(self.server.asked)}"
        path.write_bytes(b"".join(pieces))
        try:
            yield path
        finally:
            path.unlink()

    def error(self, address: str, form: str = "", limit: int = 10_000_000) -> ConnectorError:
        with pytest.raises(ConnectorError) as caught, self.open(address, form, limit) as rows:
            read(rows, "uai")
        assert not list(self.folder.iterdir())
        assert self.server.host not in str(caught.value)
        return caught.value


def read(rows: Connector, column: str) -> None:
    rows.inspect()
    list(rows.batches([column], 1000))


@pytest.mark.parametrize("form", ["", "parquet", "csv", "jsonl"])
def test_a_dataset_is_looked_at_then_read_whole(portal: Portal, form: str) -> None:
    address = publish(portal.server, "fr-en-effectifs", TABLE)
    with portal.open(address, form) as rows:
        seen = rows.inspect()
        assert not list(portal.folder.iterdir())
        assert seen.row_count == 6000
        assert seen.sample.num_rows == 5000
        natives = {one.name: one.native for one in seen.columns}
        assert natives == {"uai": None, "eleves": None if form == "csv" else PlainType.INTEGER}
        batches = list(rows.batches(["eleves", "uai"], 4000))
    assert [one.num_rows for one in batches] == [4000, 2000]
    assert pa.Table.from_batches(batches)["uai"].to_pylist() == TABLE["uai"].to_pylist()
    assert not list(portal.folder.iterdir())


def test_a_field_that_parquet_does_not_hold_plainly_makes_csv(portal: Portal) -> None:
    address = publish(portal.server, "d", TABLE, uai="geo_point_2d")
    with portal.open(address) as rows:
        rows.inspect()
    assert [path for path, _ in portal.server.asked][1].endswith("/exports/csv?limit=5000")


@pytest.mark.parametrize(
    "path",
    [
        "/explore/dataset/{}/",
        "/explore/dataset/{}",
        "/explore/assets/{}/",
        "/pages/explore/dataset/{}/table/?disjunctive.x",
        "/api/explore/v2.1/catalog/datasets/{}",
        "/api/explore/v2.1/catalog/datasets/{}/exports/csv?use_labels=true",
    ],
)
def test_an_address_is_copied_from_the_page_or_from_the_api(path: str) -> None:
    place = PortalSettings(" https://data.example" + path.format("fr-en_x@1") + " ")
    assert place.dataset() == "fr-en_x@1"
    assert place.description() == (
        "https://data.example/api/explore/v2.1/catalog/datasets/fr-en_x%401"
    )


@pytest.mark.parametrize(
    "address",
    ["", "https://data.example/", "/explore/dataset/x/", "https://[x/explore/dataset/x/"],
)
def test_an_address_without_a_dataset_is_refused(portal: Portal, address: str) -> None:
    assert portal.error(address).code == "not_a_portal_dataset"


def test_a_dataset_that_is_not_there_is_said(portal: Portal) -> None:
    error = portal.error(f"{portal.server.url}/explore/dataset/nothing/")
    assert (error.code, error.permanent) == ("not_found", True)


def test_a_portal_that_fails_may_be_asked_again(portal: Portal) -> None:
    address = publish(portal.server, "d", TABLE)
    path = next(path for path in portal.server.pages if path.endswith("parquet?limit=5000"))
    portal.server.pages[path] = Page(status=503)
    assert not portal.error(address).permanent


def test_an_export_larger_than_the_limit_is_refused(portal: Portal) -> None:
    address = publish(portal.server, "d", TABLE)
    assert portal.error(address, "csv", limit=1000).code == "too_large"


def test_an_export_that_lacks_a_field_is_refused_by_its_name(portal: Portal) -> None:
    address = publish(portal.server, "d", TABLE)
    publish(portal.server, "other", TABLE.drop_columns(["eleves"]))
    pages = portal.server.pages
    for path in [path for path in pages if "/d/exports/parquet" in path]:
        pages[path] = pages[path.replace("/d/", "/other/")]
    error = portal.error(address)
    assert (error.code, error.values["fields"]) == ("export_lacks_fields", "eleves")


def test_a_private_portal_is_refused(portal: Portal) -> None:
    address = publish(portal.server, "d", TABLE)
    place = PortalDataset(PortalSettings(address), keeping=portal.keeping, size_limit=1000)
    with pytest.raises(ConnectorError) as caught, place as rows:
        rows.inspect()
    assert caught.value.code == "address_not_allowed"
    assert portal.server.asked == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"<html>", "not_explore"),
        (b"[]", "not_explore"),
        (b"{}", "not_explore"),
        (b'{"fields": [{"name": "a"}]}', "not_explore"),
        (b'{"fields": 5}', "not_explore"),
        (b'{"fields": []}', "no_records"),
        (b'{"fields": [{"name": "a", "type": "text"}], "has_records": false}', "no_records"),
    ],
)
def test_what_is_no_description_is_said(body: bytes, code: str) -> None:
    with pytest.raises(ConnectorError) as caught:
        read_description(body)
    assert caught.value.code == code


def test_a_field_of_several_values_is_no_plain_column() -> None:
    field = {"name": "a", "type": "text", "annotations": {"multivalued": ","}}
    said = read_description(json.dumps({"fields": [field]}).encode())
    assert not said.is_plain
    assert said.records is None
