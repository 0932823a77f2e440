"""What time does to requests and grants."""

from celery import shared_task
from django.utils import timezone

from access.grants.actions import keep_time
from access.requests.actions import answer_invitations, lapse


@shared_task(name="access.lapse_drafts")
def lapse_drafts() -> None:
    """Let idle drafts lapse, admit invited people, start and end grants. Twice is once."""
    now = timezone.now()
    lapse(at=now)
    answer_invitations(at=now)
    keep_time(at=now)
