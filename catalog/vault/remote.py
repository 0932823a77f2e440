"""
The job that takes in a release at a producer's node: the node is its only worker.

A node that asks for work does none: what it held before it asked is to be done again, whatever
its lease says.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from catalog.datasets import queries as datasets, taking_in
from catalog.datasets.at_node import note_content
from catalog.datasets.snapshots import Intake
from catalog.datasets.states import UNFINISHED, IngestionState
from catalog.vault.ingesting import LEASE, MOST_ATTEMPTS, claimed, end, fail, held, let_go
from catalog.vault.models import Ingestion
from hub.kernel.refusals import Refusal

Held: TypeAlias = Ingestion
"""A job that a node is doing."""


@transaction.atomic
def claim(*, node_id: UUID, at: datetime) -> tuple[Ingestion, Intake] | None:
    """Give a node the oldest of its jobs, with what was declared of the rows."""
    job = (
        of_node(node_id)
        .select_for_update(skip_locked=True, of=("self",))
        .filter(state__in=sorted(UNFINISHED))
        .order_by("queued_at")
        .first()
    )
    taken = claimed(job, at) if job else None
    if taken is None:
        return None
    intake = datasets.intake(taken.release_id)
    held(taken).update(rows_total=intake.row_count)
    return taken, intake


def of_node(node_id: UUID) -> QuerySet[Ingestion]:
    """Return the jobs of a node, done or not."""
    return Ingestion.objects.filter(release__source__node_id=node_id)


def one(*, node_id: UUID, job_id: UUID, attempt: int) -> Ingestion | None:
    """Return a job that a node holds at this attempt, None when it holds it no more."""
    found = of_node(node_id).filter(pk=job_id, attempt=attempt, state=IngestionState.RUNNING)
    return found.first()


def progress(job: Ingestion, *, rows: int, at: datetime) -> bool:
    """Note how far a job is; tell whether it still is the node's."""
    return bool(held(job).update(rows_done=rows, lease_until=at + LEASE))


@transaction.atomic
def done(job: Ingestion, *, rows: int, digest: str, at: datetime) -> bool:
    """Note that the rows are in the node's vault; tell whether the job still was the node's."""
    mine = held(job).select_for_update(of=("self",)).first()
    if mine is None:
        return False
    note_content(mine.release_id, digest)
    taking_in.done(release_id=mine.release_id, row_count=rows, examples={}, at=at)
    mine.rows_done = mine.rows_total = rows
    end(mine, IngestionState.DONE, [], at)
    return True


def refused(job: Ingestion, refusals: Sequence[Refusal], *, permanent: bool, at: datetime) -> bool:
    """Note why a node does not take the rows in; later attempts may help if it is not for ever."""
    if permanent or job.attempt >= MOST_ATTEMPTS:
        return fail(job, refusals, at)
    let_go(job, at)
    return True
