"""The sweep of the outbox."""

from celery import shared_task
from django.utils import timezone

from hub.outbox.actions import sweep


@shared_task(name="hub.sweep_outbox")
def sweep_outbox() -> None:
    """Hand over what the broker did not take, and what failed and may be tried again."""
    sweep(at=timezone.now())
