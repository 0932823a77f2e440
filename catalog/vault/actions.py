"""Ask for releases to be taken in, publish them with their copies, keep the folders clean."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import F
from kombu.exceptions import OperationalError

from catalog.datasets import actions as datasets, queries as dataset_queries, taking_in, uploads
from catalog.datasets.at_node import staying
from catalog.datasets.snapshots import ReleaseSnapshot
from catalog.datasets.values import release_snapshot
from catalog.vault import files, queries
from catalog.vault.ingesting import waiting
from catalog.vault.keeping import drop_files, make_copies
from catalog.vault.models import DownloadTally, Ingestion
from catalog.vocabularies.levels import Tier
from hub.kernel.periods import day_of
from hub.people.permissions import Actor

logger = structlog.get_logger(__name__)
INGEST = "catalog.ingest"
UPLOAD_LIFE = timedelta(hours=6)


@transaction.atomic
def start_ingestion(*, dataset_id: UUID, by: Actor, at: datetime) -> Ingestion:
    """
    Ask a worker, or the node where the rows are, to take in the prepared release of a dataset.

    :raises Refused: without a source, while a level is not confirmed, or when it is under way
    """
    release = taking_in.begin(dataset_id=dataset_id, by=by, at=at)
    job = Ingestion.objects.create(
        release_id=release.pk,
        rows_total=dataset_queries.intake(release.pk).row_count,
        queued_at=at,
    )
    if staying(release.pk) is None:
        transaction.on_commit(lambda: hand_over(job.pk))
    return job


def hand_over(ingestion_id: UUID) -> None:
    """Tell a worker that a job waits; when the broker is away the sweep does it later."""
    try:
        current_app.send_task(INGEST, kwargs={"ingestion_id": str(ingestion_id)}, retry=False)
    except OperationalError:
        logger.warning("ingestion.broker_away", ingestion=str(ingestion_id))


def resume_ingestions(*, at: datetime) -> int:
    """Hand over the jobs that nobody holds; return how many."""
    lapsed = Ingestion.objects.filter(waiting(at)).order_by("queued_at")
    identifiers = list(lapsed.values_list("pk", flat=True)[:100])
    for identifier in identifiers:
        hand_over(identifier)
    return len(identifiers)


@transaction.atomic
def publish(
    *, dataset_id: UUID, expected: int | None = None, by: Actor, at: datetime
) -> ReleaseSnapshot:
    """
    Publish the prepared release: an open one with its clear copies, the others without any.

    :raises Refused: with every missing thing
    :raises Stale: when somebody changed the dataset meanwhile
    """
    release = datasets.publish(dataset_id=dataset_id, expected=expected, by=by, at=at)
    if release.tier == Tier.OPEN:
        make_copies(release.pk)
    else:
        drop_files(release.pk, clear_only=True)
    return release_snapshot(release)


def count_download(*, release_id: UUID, file_format: str, at: datetime) -> None:
    """Count one download of a clear copy, without knowing whose."""
    tally, _created = DownloadTally.objects.get_or_create(
        release_id=release_id, format=file_format, day=day_of(at)
    )
    DownloadTally.objects.filter(pk=tally.pk).update(number=F("number") + 1)


def sweep(*, at: datetime) -> int:
    """Remove the uploads and the files that nothing names any more; return how many."""
    before = (at - UPLOAD_LIFE).timestamp()
    stale = uploads.stale(known=dataset_queries.uploads_in_use(), before=before)
    for name in stale:
        uploads.remove(name)
    unknown = files.unknown(known=queries.files_in_use(), before=before)
    for name in unknown:
        files.remove(name)
    return len(stale) + len(unknown)
