"""The task of counts. Its message holds an identifier only, and may come twice."""

from uuid import UUID

from celery import shared_task
from django.utils import timezone

from access.estimates import actions


@shared_task(name="access.estimate")
def estimate(estimate_id: str) -> None:
    """Make one count; called again, it finds that it is done."""
    actions.make(estimate_id=UUID(estimate_id), at=timezone.now())
