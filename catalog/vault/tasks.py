"""Tasks of the vault. Messages hold identifiers only."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from catalog.vault import actions, ingesting


@shared_task(name="catalog.ingest")
def ingest(ingestion_id: str) -> None:
    """Bring one release into the vault; called again, it finds that it is done."""
    ingesting.run(ingestion_id=UUID(ingestion_id), clock=timezone.now)


@shared_task(name="catalog.resume_ingestions")
def resume_ingestions() -> None:
    """Take up the jobs whose worker died."""
    actions.resume_ingestions(at=timezone.now())


@shared_task(name="catalog.sweep_uploads")
def sweep_uploads() -> None:
    """Remove what uploads and killed jobs left behind."""
    actions.sweep(at=timezone.now())
