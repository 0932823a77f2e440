"""Who is told what about a grant."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from access.grants import sides
from access.grants.mail import Letter, owe_each, send
from access.grants.models import Grant, GrantDataset
from access.grants.workflow import State
from hub.people.permissions import Permission

OTHERS = ""
SUBJECT: Mapping[str, str] = {
    OTHERS: "Your grant “%(project)s”",
    # To signatories, whose grant it is not.
    "grant.release_asked": "A newer release is asked for: “%(project)s”",
}
BODIES: Mapping[str, str] = {
    "grant.suspend": "The grant was suspended: nothing can be downloaded for the moment.",
    "grant.resume": "The grant opens again.",
    "grant.revoke": "The grant was revoked: destroy what you downloaded.",
    "grant.close": "The grant was closed before its end: destroy what you downloaded.",
    "grant.expire": "The grant is over: destroy what you downloaded.",
    "grant.release_asked": "The holder asks that this grant move to the newest release of your dataset. It"
    " waits for the decision of a signatory.",
    "grant.release_followed": "The grant moved to the newest release of a dataset: start another extract."
    " Pseudonyms stay the same.",
    "grant.release_declined": "The producer declined the newest release of a dataset for this grant. The"
    " reason is on its page.",
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


def tell_signatories(event: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Tell those who sign for one dataset of a grant."""
    row = GrantDataset.objects.select_related("grant", "dataset__producer").get(
        grant_id=payload["grant_id"], dataset_id=payload["dataset_id"]
    )
    people = sides.people_with(Permission.SIGN_DATASET, [row.dataset], at)
    _owe(row.grant, event, people, at)


def _tell(grant: Grant, event: str, at: datetime) -> None:
    people = grant.members.filter(until_at=None).values_list("user_id", flat=True)
    _owe(grant, event, people, at)


def _owe(grant: Grant, event: str, people: Iterable[UUID], at: datetime) -> None:
    owe_each(
        event="notice.grant",
        about=grant.pk,
        what=event,
        people=people,
        at=at,
        once=f"{event}:{grant.pk}:{at.isoformat()}",
    )


def deliver(_event: str, payload: Mapping[str, Any], _at: datetime) -> None:
    """Send the mail that is owed to one person."""
    grant = Grant.objects.get(pk=payload["about"])
    letter = Letter(
        subject=SUBJECT.get(payload["what"], SUBJECT[OTHERS]),
        body=BODIES[payload["what"]],
        page="grant",
        page_of=grant.pk,
        values={"project": grant.project},
    )
    send(letter, UUID(payload["user"]))
