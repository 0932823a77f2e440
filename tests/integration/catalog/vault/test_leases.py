"""Whose job it is: the lease, the attempt, and what a worker back from the dead may do."""

import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from catalog.datasets import queries, uploads
from catalog.datasets.actions import describe
from catalog.datasets.models import Dataset
from catalog.vault import actions, files, ingesting
from catalog.vault.models import Ingestion, VaultFile
from catalog.vault.queries import release_files
from hub.kernel.refusals import Refused
from tests.integration.catalog.files import (
    OPEN,
    PERSONAL,
    PUPILS,
    SCHOOLS,
    finish_fields,
    give,
    register,
    take_in,
)
from tests.people import grace

pytestmark = pytest.mark.django_db


def waiting(content: str = SCHOOLS) -> tuple[Dataset, Ingestion]:
    dataset = register(grace(), **(OPEN if content is SCHOOLS else PERSONAL))
    give(grace(), dataset.pk, content)
    finish_fields(grace().actor, dataset.pk)
    job = actions.start_ingestion(dataset_id=dataset.pk, by=grace().actor, at=timezone.now())
    return dataset, job


def test_a_job_that_is_done_is_not_done_again() -> None:
    _dataset, job = waiting()
    assert ingesting.run(ingestion_id=job.pk, clock=timezone.now)
    assert not ingesting.run(ingestion_id=job.pk, clock=timezone.now)
    assert len(release_files(job.release_id)) == 1


def test_a_job_that_another_worker_holds_is_left_alone() -> None:
    _dataset, job = waiting()
    Ingestion.objects.filter(pk=job.pk).update(
        state="running", lease_until=timezone.now() + timedelta(seconds=10)
    )
    assert not ingesting.run(ingestion_id=job.pk, clock=timezone.now)
    assert actions.resume_ingestions(at=timezone.now()) == 0
    assert actions.resume_ingestions(at=timezone.now() + timedelta(seconds=11)) == 1


def test_a_worker_whose_lease_was_taken_leaves_no_file() -> None:
    _dataset, job = waiting()
    now = timezone.now

    def robbed() -> datetime:
        Ingestion.objects.filter(pk=job.pk, state="running").update(attempt=4)
        return now()

    assert not ingesting.run(ingestion_id=job.pk, clock=robbed)
    assert not VaultFile.objects.filter(release_id=job.release_id).exists()
    folder = files.folder() / str(job.release_id)
    assert not folder.exists() or not list(folder.iterdir())


def test_a_source_that_does_not_answer_is_tried_again_later(settings: Any) -> None:
    dataset, job = waiting()
    source = queries.source_of(queries.prepared_release(dataset))
    assert source is not None
    source.kind, source.host, source.table_name = "postgresql", "/nowhere", "t"
    source.save()
    settings.HUB_SOURCE_HOSTS = ["/nowhere"]
    assert not ingesting.run(ingestion_id=job.pk, clock=timezone.now)
    job.refresh_from_db()
    assert job.state == "queued"
    assert job.lease_until is not None


def test_a_refused_file_can_be_replaced_and_taken_in() -> None:
    dataset = register(grace(), **PERSONAL)
    give(grace(), dataset.pk, PUPILS.replace("2012-03-05", "20024-03-05", 1))
    finish_fields(grace().actor, dataset.pk)
    assert take_in(grace().actor, dataset.pk).state == "failed"
    give(grace(), dataset.pk, PUPILS)
    finish_fields(grace().actor, dataset.pk)
    assert take_in(grace().actor, dataset.pk).state == "done"


def test_rows_are_not_taken_in_twice_at_once_nor_before_the_levels_are_confirmed() -> None:
    dataset, _job = waiting()
    with pytest.raises(Refused):
        actions.start_ingestion(dataset_id=dataset.pk, by=grace().actor, at=timezone.now())
    other = register(grace(), "Other", **OPEN)
    with pytest.raises(Refused, match="no file"):
        actions.start_ingestion(dataset_id=other.pk, by=grace().actor, at=timezone.now())
    give(grace(), other.pk, SCHOOLS)
    with pytest.raises(Refused, match="not confirmed"):
        actions.start_ingestion(dataset_id=other.pk, by=grace().actor, at=timezone.now())


def test_a_dataset_that_becomes_personal_keeps_no_clear_copy() -> None:
    dataset, job = waiting()
    ingesting.run(ingestion_id=job.pk, clock=timezone.now)
    assert VaultFile.objects.filter(release_id=job.release_id, clear=True).count() == 2
    describe(
        dataset_id=dataset.pk,
        changes={"declared_tier": "extract", **PERSONAL, "unit": "school"},
        by=grace().actor,
        at=timezone.now(),
    )
    actions.publish(dataset_id=dataset.pk, by=grace().actor, at=timezone.now())
    assert not VaultFile.objects.filter(release_id=job.release_id, clear=True).exists()
    assert len(release_files(job.release_id)) == 1


def test_the_sweep_removes_what_nothing_names_and_keeps_the_rest() -> None:
    dataset, _job = waiting(PUPILS)
    source = queries.source_of(queries.prepared_release(dataset))
    assert source is not None
    forgotten = uploads.seal([b"forgotten"])
    lost = files.folder() / str(dataset.pk) / "lost.parquet"
    lost.parent.mkdir(exist_ok=True)
    lost.write_bytes(b"lost")
    old = time.time() - 7 * 3600
    for path in (lost, uploads.folder() / forgotten.name, uploads.folder() / source.path):
        os.utime(path, (old, old))

    assert actions.sweep(at=timezone.now()) >= 2

    assert not lost.exists()
    assert not Path(uploads.folder() / forgotten.name).exists()
    assert Path(uploads.folder() / source.path).exists()
