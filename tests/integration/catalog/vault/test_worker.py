"""A real worker, killed while it takes rows in: another one does it, once, and nothing is left."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from catalog.datasets import queries
from catalog.vault import actions, files
from catalog.vault.ingesting import run
from catalog.vault.models import Ingestion, VaultFile
from tests.integration.access.extracts.test_worker import committed, kill, until, worker
from tests.integration.catalog.files import PERSONAL, PUPILS, finish_fields, give, register
from tests.people import grace

__all__ = ["committed"]
MANY = 600_000


def pupils(number: int) -> str:
    lines = (
        f"{n:09}AA;MARTIN;enfant{n}@example.org;2012-03-{1 + n % 28:02};0750001E;{n % 21}\n"
        for n in range(number)
    )
    return PUPILS.splitlines()[0] + "\n" + "".join(lines)


def fresh(job: Ingestion) -> Ingestion:
    job.refresh_from_db()
    return job


def test_a_worker_killed_while_it_takes_rows_in_is_replaced_and_the_rows_come_in_once(
    committed: None,
    tmp_path: Path,
) -> None:
    dataset = register(grace(), **PERSONAL)
    give(grace(), dataset.pk, pupils(MANY))
    finish_fields(grace().actor, dataset.pk)
    with worker(tmp_path) as first:
        job = actions.start_ingestion(dataset_id=dataset.pk, by=grace().actor, at=timezone.now())
        until(lambda: 0 < fresh(job).rows_done < MANY)
        kill(first)
    assert fresh(job).state == "running"
    assert not VaultFile.objects.filter(release_id=job.release_id).exists()
    assert actions.resume_ingestions(at=timezone.now()) == 0
    with worker(tmp_path):
        until(lambda: actions.resume_ingestions(at=timezone.now()) == 1)
        until(lambda: fresh(job).state == "done")
    assert (job.attempt, job.rows_done) == (2, MANY)
    [part] = VaultFile.objects.filter(release_id=job.release_id)
    assert part.rows == MANY
    nothing_is_left(job, part)
    written = (tmp_path / "worker.log").read_bytes()
    assert b"MARTIN" not in written
    assert b"example.org" not in written


def nothing_is_left(job: Ingestion, part: VaultFile) -> None:
    """Look for the upload, for what is clear, and for any other file than the one kept."""
    source = queries.source_of(job.release)
    assert source is not None
    assert source.path == ""
    assert not list((Path(settings.VAR_DIR) / "uploads").glob("clear-*"))
    actions.sweep(at=timezone.now() + timedelta(days=1))
    kept = {path.name for path in (files.folder() / str(job.release_id)).iterdir()}
    assert kept == {Path(part.path).name}


@pytest.mark.django_db
def test_a_job_that_kills_every_worker_is_given_up_with_words() -> None:
    dataset = register(grace(), **PERSONAL)
    give(grace(), dataset.pk, PUPILS)
    finish_fields(grace().actor, dataset.pk)
    job = actions.start_ingestion(dataset_id=dataset.pk, by=grace().actor, at=timezone.now())
    Ingestion.objects.filter(pk=job.pk).update(state="running", attempt=5)
    assert not run(ingestion_id=job.pk, clock=timezone.now)
    assert fresh(job).state == "failed"
    assert job.refusals[0]["code"] == "ingestion-given-up"
    release = queries.prepared_release(dataset)
    assert release is not None
    assert release.state == "failed"
