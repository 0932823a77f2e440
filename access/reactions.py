"""What happens because something happened: the whole list, in one place."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from access.extracts import recalls
from access.grants import notices as grants
from access.reidentification import notices as reidentifications
from access.requests import notices as requests
from hub.outbox.actions import settle

Reaction = Callable[[str, Mapping[str, Any], datetime], None]

REACTIONS: Mapping[str, Sequence[Reaction]] = {
    # What follows from a text is looked up when somebody acts: nothing to do at once.
    "charter.published": [],
    "consent.recorded": [recalls.follow],
    "extract.ready": [recalls.follow],
    "extract.recall": [grants.tell_team],
    "dataset.withdrawn": [grants.tell_teams_of_dataset],
    "request.submit": [requests.tell_examiners],
    "request.start_review": [requests.tell_applicant, requests.tell_advisers],
    "request.request_changes": [requests.tell_applicant],
    "request.give_opinion": [requests.tell_signatories],
    "request.approve": [requests.tell_signatories],
    "request.approved": [requests.tell_applicant],
    "request.reject": [requests.tell_applicant],
    "request.withdraw": [requests.tell_examiners],
    "request.lapse": [requests.tell_applicant],
    "request.lapses_soon": [requests.tell_applicant],
    "grant.issued": [],
    "grant.start": [],
    "grant.suspend": [grants.tell_team],
    "grant.resume": [grants.tell_team],
    "grant.revoke": [grants.tell_team],
    "grant.close": [grants.tell_team],
    "grant.expire": [grants.tell_team],
    "grant.release_asked": [grants.tell_signatories],
    "grant.release_followed": [grants.tell_team],
    "grant.release_declined": [grants.tell_team],
    "reidentification.file": [reidentifications.tell_second],
    "reidentification.approve": [reidentifications.tell_both],
    "reidentification.refuse": [reidentifications.tell_both],
    "reidentification.answer": [reidentifications.tell_both, reidentifications.tell_holder],
    "reidentification.close": [reidentifications.tell_both],
    "reidentification.lock": [reidentifications.tell_both],
    "reidentification.lapse": [reidentifications.tell_both],
    "notice.reidentification": [reidentifications.deliver],
    "notice.request": [requests.deliver],
    "notice.grant": [grants.deliver],
}
"""Event → what follows. An event that nobody wrote here fails, and stays owed."""


@shared_task(name="access.react")
def react(message_id: str) -> None:
    """Settle one message of the outbox: done once, put off when it fails."""
    now = timezone.now()

    def follow(event: str, payload: Mapping[str, Any]) -> None:
        for reaction in REACTIONS[event]:
            reaction(event, payload, now)

    settle(message_id=UUID(message_id), react=follow, at=now)
