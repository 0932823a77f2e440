"""
Run the job that brings a release into the vault: once, whoever dies on the way.

A worker holds a lease that it renews while it works. When it is killed the lease lapses and
another takes the job up from the start; the number of the attempt tells a worker that comes back
from the dead that the job is not its own any more.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from threading import Event, Thread
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from catalog.connectors.errors import ConnectorError
from catalog.datasets import queries as datasets, taking_in
from catalog.datasets.at_node import AT_A_NODE
from catalog.datasets.house_keys import VAULT, file_key, identifier_key
from catalog.datasets.opening import opened
from catalog.datasets.states import IngestionState
from catalog.vault import files
from catalog.vault.intake import RowsRefused, TakenIn, take_in
from catalog.vault.keeping import drop_files, make_copies
from catalog.vault.models import Ingestion, VaultFile
from catalog.vocabularies.levels import Tier
from hub.kernel.refusals import Refusal

logger = structlog.get_logger(__name__)
LEASE = timedelta(seconds=20)
HEARTBEAT_SECONDS = 5
MOST_ATTEMPTS = 5
Clock = Callable[[], datetime]


class LeaseLost(Exception):
    """Another worker took the job: this one leaves everything as it is."""


def run(*, ingestion_id: UUID, clock: Clock) -> bool:
    """
    Do a job, if it waits or its worker died; tell whether this call finished it.

    :raises ConnectorError: when the source did not answer, and trying again may help
    """
    job = _take(ingestion_id, clock())
    if job is None:
        return False
    try:
        with _kept_alive(job, clock):
            return _ingest(job, clock)
    except LeaseLost:
        logger.info("ingestion.lease_lost", ingestion=str(job.pk))
        return False
    except RowsRefused as refused:
        return fail(job, refused.refusals, clock())
    except ConnectorError as error:
        if not error.permanent and job.attempt < MOST_ATTEMPTS:
            let_go(job, clock())
            return False
        return fail(job, [error.as_refusal(about="source")], clock())


@transaction.atomic
def _take(ingestion_id: UUID, at: datetime) -> Ingestion | None:
    """Take the lease of a job that nobody holds."""
    job = (
        Ingestion.objects.select_for_update(skip_locked=True, of=("self",))
        .filter(waiting(at), pk=ingestion_id)
        .first()
    )
    return claimed(job, at) if job else None


def claimed(job: Ingestion, at: datetime) -> Ingestion | None:
    """Hold a locked job from now on; give up one that killed too many of its workers."""
    if job.attempt >= MOST_ATTEMPTS:
        end(job, IngestionState.FAILED, [given_up()], at)
        taking_in.failed(release_id=job.release_id, codes=["ingestion-given-up"], at=at)
        return None
    job.state = IngestionState.RUNNING
    job.attempt += 1
    job.rows_done = 0
    job.started_at = job.started_at or at
    job.lease_until = at + LEASE
    job.save(update_fields=["state", "attempt", "rows_done", "started_at", "lease_until"])
    return job


def waiting(at: datetime) -> Q:
    """Return the condition of a job that a worker of the hub may take: not one of a node."""
    lapsed = (Q(lease_until=None) | Q(lease_until__lt=at)) & ~AT_A_NODE
    return lapsed & Q(state__in=[IngestionState.QUEUED, IngestionState.RUNNING])


def given_up() -> Refusal:
    """Return the sentence for a job that never ends."""
    return Refusal(
        "ingestion-given-up",
        "The hub could not take the rows in, after %(attempts)s attempts.",
        "Try again later; if it fails again, tell the operator of the hub.",
        values={"attempts": MOST_ATTEMPTS},
    )


def _ingest(job: Ingestion, clock: Clock) -> bool:
    intake = datasets.intake(job.release_id)
    held(job).update(rows_total=intake.row_count)
    name = files.new_name(job.release_id, "parquet")
    key, wrapped = file_key(VAULT, name)

    def progress(rows: int) -> None:
        if not held(job).update(rows_done=rows, lease_until=clock() + LEASE):
            raise LeaseLost

    with opened(job.release_id) as rows, files.appearing(name) as path:
        written = take_in(
            rows, intake, path, key, identifier_key=identifier_key, progress=progress
        )
    size, sha256 = files.digest(name)
    part = VaultFile(
        release_id=job.release_id,
        format="parquet",
        path=name,
        wrapped_key=wrapped,
        rows=written.rows,
        bytes=size,
        sha256=sha256,
    )
    try:
        _settle(job, part, written, is_open=intake.tier is Tier.OPEN, at=clock())
    except BaseException:
        files.remove(name)
        raise
    return True


@transaction.atomic
def _settle(
    job: Ingestion, part: VaultFile, written: TakenIn, *, is_open: bool, at: datetime
) -> None:
    """Make the file the release's, if the job is still this worker's."""
    mine = held(job).select_for_update(of=("self",)).first()
    if mine is None:
        raise LeaseLost
    drop_files(job.release_id)
    part.save(force_insert=True)
    if is_open:
        make_copies(job.release_id)
    taking_in.done(
        release_id=job.release_id, row_count=written.rows, examples=written.examples, at=at
    )
    mine.rows_done = mine.rows_total = written.rows
    end(mine, IngestionState.DONE, [], at)


@transaction.atomic
def fail(job: Ingestion, refusals: Sequence[Refusal], at: datetime) -> bool:
    """End a job whose rows cannot be taken in; tell whether it still was the worker's."""
    mine = held(job).select_for_update(of=("self",)).first()
    if mine is None:
        return False
    end(mine, IngestionState.FAILED, list(refusals), at)
    codes = sorted({refusal.code for refusal in refusals})
    taking_in.failed(release_id=job.release_id, codes=codes, at=at)
    return True


def end(job: Ingestion, state: IngestionState, refusals: list[Refusal], at: datetime) -> None:
    """Write the end of a locked job."""
    job.state = state
    job.refusals = [asdict(refusal) | {"values": dict(refusal.values)} for refusal in refusals]
    job.finished_at = at
    job.lease_until = None
    job.save(
        update_fields=[
            "state", "refusals", "finished_at", "lease_until", "rows_done", "rows_total",
        ]
    )  # fmt: skip


def let_go(job: Ingestion, at: datetime) -> None:
    """Put a job back for a later attempt: the sweep takes it up."""
    held(job).update(state=IngestionState.QUEUED, lease_until=at + LEASE)


def held(job: Ingestion) -> QuerySet[Ingestion]:
    """Return the job as long as it is this worker's."""
    return Ingestion.objects.filter(pk=job.pk, state=IngestionState.RUNNING, attempt=job.attempt)


@contextmanager
def _kept_alive(job: Ingestion, clock: Clock) -> Iterator[None]:
    """Renew the lease beside the work: what comes before the first rows may be long."""
    stop = Event()

    def beat() -> None:
        try:
            while not stop.wait(HEARTBEAT_SECONDS):
                held(job).update(lease_until=clock() + LEASE)
        finally:
            connection.close()

    heart = Thread(target=beat, name="ingestion-lease", daemon=True)
    heart.start()
    try:
        yield
    finally:
        stop.set()
        heart.join()
