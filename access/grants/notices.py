"""Who is told what about a grant."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from access.grants.mail import Letter, owe_each, send
from access.grants.models import Grant, GrantDataset
from access.grants.workflow import State

SUBJECT = "Your grant “%(project)s”"
BODIES: Mapping[str, str] = {
    "grant.suspend": "The grant was suspended: nothing can be downloaded for the moment.",
    "grant.resume": "The grant opens again.",
    "grant.revoke": "The grant was revoked: destroy what you downloaded.",
    "grant.close": "The grant was closed before its end: destroy what you downloaded.",
    "grant.expire": "The grant is over: destroy what you downloaded.",
    "extract.recall": "Persons spoke up after your extract was made: fetch the list of their"
    " pseudonyms, erase their rows, and attest it.",
    "dataset.withdrawn": "The producer withdrew a dataset of the grant: nothing of it can be"
    " downloaded any more.",
}


def tell_team(event: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Tell each person of the team what became of their grant."""
    _tell(Grant.objects.get(pk=payload["grant_id"]), event, at)


def tell_teams_of_dataset(event: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Tell the teams whose running grants hold a dataset."""
    rows = GrantDataset.objects.filter(dataset_id=payload["dataset_id"]).exclude(
        grant__state=State.ENDED
    )
    for row in rows.select_related("grant"):
        _tell(row.grant, event, at)


def _tell(grant: Grant, event: str, at: datetime) -> None:
    owe_each(
        event="notice.grant",
        about=grant.pk,
        what=event,
        people=grant.members.filter(until_at=None).values_list("user_id", flat=True),
        at=at,
        once=f"{event}:{grant.pk}:{at.isoformat()}",
    )


def deliver(_event: str, payload: Mapping[str, Any], _at: datetime) -> None:
    """Send the mail that is owed to one person."""
    grant = Grant.objects.get(pk=payload["about"])
    letter = Letter(
        subject=SUBJECT,
        body=BODIES[payload["what"]],
        page="grant",
        page_of=grant.pk,
        values={"project": grant.project},
    )
    send(letter, UUID(payload["user"]))
