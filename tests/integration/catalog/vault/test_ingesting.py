from pathlib import Path

import pyarrow.parquet as pq
import pytest
from django.conf import settings

from catalog.datasets import queries
from catalog.datasets.keeping import Keeping
from catalog.vault.queries import open_copies, release_files
from hub.crypto.files import open_parquet
from tests.integration.catalog.files import (
    PERSONAL,
    PUPILS,
    published,
)
from tests.people import grace

pytestmark = pytest.mark.django_db


def test_an_open_file_is_published_with_clear_copies() -> None:
    dataset = published(grace())
    found = queries.snapshot(dataset.slug)
    assert found.tier == "open"
    assert found.release.row_count == 3
    assert [copy.format for copy in open_copies(found.release.id)] == ["csv", "parquet"]
    assert {one.name: str(one.type) for one in found.fields} == {
        "uai": "text",
        "nom_etablissement": "text",
        "commune": "text",
        "taux_reussite": "number",
        "effectif": "integer",
    }


def test_identifiers_become_pseudonyms_and_names_are_never_written() -> None:
    dataset = published(grace(), PUPILS, **PERSONAL)
    found = queries.snapshot(dataset.pk)
    assert found.tier == "extract"
    assert found.subject is not None
    assert found.subject.name == "ine"
    assert found.subject.attribute == "pupil"
    kept = {one.name: one.keeping for one in found.fields}
    assert kept["nom"] is kept["courriel"] is Keeping.NEVER
    [part] = release_files(found.release.id)
    table = open_parquet(part.path, part.key).read()
    assert table.num_rows == part.rows == 60
    assert table.column_names == ["ine", "date_naissance", "uai", "note"]
    assert table.schema.field("ine").type.byte_width == 16
    assert open_copies(found.release.id) == []
    with pytest.raises(OSError, match="encrypted"):
        pq.ParquetFile(part.path)


def test_nothing_of_an_upload_stays_readable_on_disk(
    django_capture_on_commit_callbacks: object,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        dataset = published(grace(), PUPILS, **PERSONAL)
    assert queries.current_release(dataset) is not None
    for path in Path(settings.VAR_DIR).joinpath("uploads").rglob("*"):
        assert b"MARTIN" not in path.read_bytes()
    for path in Path(settings.VAR_DIR).joinpath("vault").rglob("*.parquet"):
        assert b"000000001AA" not in path.read_bytes()
