"""What the tests of extracts share: a grant on pupils in the vault, and its extract."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.utils import timezone

from access.consents.actions import load_file
from access.consents.queries import loadable
from access.consents.reading import Defaults
from access.extracts import actions, lease, queries, running
from access.extracts.models import Extract
from catalog.datasets.models import Dataset
from tests import people
from tests.factories import requests, vault
from tests.people import Person


@pytest.fixture
def own_place(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the files of a test apart, and its extracts free of the thread of the lease."""
    settings.VAR_DIR = tmp_path
    # Another connection does not see what the transaction of a test did not commit.
    monkeypatch.setattr(lease, "BEAT_SECONDS", 3600)


def granted(dataset: Dataset | None = None, by: Person | None = None, **about: Any) -> UUID:
    """Return the identifier of a grant on pupils, to Ada unless somebody else is named."""
    dataset = dataset or vault.dataset_of_pupils()
    return requests.approved(by or people.ada(), [dataset], **about).pk


def asked(grant_id: UUID, by: Person | None = None, at: datetime | None = None) -> Extract:
    """Return an extract that was asked."""
    actor = (by or people.ada()).actor
    return actions.ask(grant_id=grant_id, by=actor, at=at or timezone.now())


def made(grant_id: UUID, by: Person | None = None) -> Extract:
    """Return an extract that was asked and made here, without a worker."""
    extract = asked(grant_id, by)
    running.run(extract_id=extract.pk, clock=timezone.now)
    extract.refresh_from_db()
    return extract


def object_to(dataset: Dataset, *identifiers: str) -> None:
    """Let persons object."""
    grace = people.grace().actor
    load_file(
        dataset=loadable(grace, dataset.slug),
        stream=io.BytesIO(vault.opposition(identifiers)),
        defaults=Defaults(timezone.now()),
        by=grace,
        at=timezone.now(),
    )


def content(extract: Extract, name: str) -> bytes:
    """Return the clear bytes of a file."""
    file = extract.files.select_related("extract__granted").get(name=name)
    with queries.opened(file) as reader:
        return bytes(reader.read())


def rows(extract: Extract) -> pa.Table:
    """Return the rows that were delivered."""
    return pq.read_table(pa.BufferReader(content(extract, "data.parquet")))
