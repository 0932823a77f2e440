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
from access.consents.rules import Decision
from access.extracts import actions, lease, queries, running
from access.extracts.models import Extract
from access.grants.models import GrantDataset
from access.plans.plan import Plan
from access.pseudonymisation.queries import open_secret
from catalog.datasets.house_keys import identifier_key
from catalog.datasets.models import Dataset
from hub.crypto.keys import stage_two_key
from hub.crypto.prf import matrix_of, prf, pseudonyms
from hub.crypto.subjects import subject_keys
from tests import people
from tests.factories import requests, vault
from tests.people import Person

PUPILS = vault.ines(2_000)
"""Identifiers of the pupils of ``vault.dataset_of_pupils``."""


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


def object_to(dataset: Dataset, *identifiers: str, by: Person | None = None) -> None:
    """Let persons object, to a dataset of Grace's unless somebody else is named."""
    actor = (by or people.grace()).actor
    load_file(
        dataset=loadable(actor, dataset.slug),
        stream=io.BytesIO(vault.opposition(identifiers)),
        defaults=Defaults(timezone.now()),
        by=actor,
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


def say(dataset: Dataset, decision: Decision, identifiers: list[str]) -> None:
    """Record a word of many persons."""
    grace = people.grace().actor
    load_file(
        dataset=loadable(grace, dataset.slug),
        stream=io.BytesIO("\n".join(["ine", *identifiers]).encode()),
        defaults=Defaults(timezone.now(), decision=decision),
        by=grace,
        at=timezone.now(),
    )


def names_in(extract: Extract, identifiers: list[str]) -> set[str]:
    """Return who among some persons is in a file: only one who holds both keys can tell."""
    plan = Plan.from_json(GrantDataset.objects.get(pk=extract.granted_id).plan)
    [domain] = [one for one in plan.domains if one.attribute == "pupil"]
    key = stage_two_key(open_secret(extract.granted.grant_id), *domain.labels)
    p0 = subject_keys(pa.array(identifiers, pa.string()), identifier_key("pupil"))
    pids = [bytes(row) for row in matrix_of(pseudonyms(p0, prf(key)))]
    delivered = {one.bytes for one in rows(extract).column("pid").to_pylist()}
    return {ine for ine, pid in zip(identifiers, pids, strict=True) if pid in delivered}
