"""Tasks of extracts. Messages hold identifiers only, and any of them may come twice."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from access.extracts import actions, receiving, running


@shared_task(name="access.run_extract")
def run_extract(extract_id: str) -> None:
    """Make one extract; called again, it finds that it is done, or under way elsewhere."""
    running.run(extract_id=UUID(extract_id), clock=timezone.now)


@shared_task(name="access.receive_extract")
def receive_extract(extract_id: str) -> None:
    """Look at what a node delivered and publish it; called again, it finds that it is done."""
    receiving.receive(extract_id=UUID(extract_id), clock=timezone.now)


@shared_task(name="access.resume_extracts")
def resume_extracts() -> None:
    """Take up what dead workers left, and sweep their remains."""
    running.resume(at=timezone.now())


@shared_task(name="access.purge_ended")
def purge_ended() -> None:
    """Remove the bytes whose time is over, and the keys of the grants that ended."""
    actions.purge(at=timezone.now())
