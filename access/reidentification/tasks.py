"""What time does to demands to name persons."""

from celery import shared_task
from django.utils import timezone

from access.reidentification.actions import lapse


@shared_task(name="access.lapse_reidentifications")
def lapse_reidentifications() -> None:
    """Let demands lapse whose time is over, and wipe what they hold. Twice is once."""
    lapse(at=timezone.now())
