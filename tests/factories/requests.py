"""Access requests, at each moment of their life."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from access.requests import drafting
from access.requests.actions import Said, take
from access.requests.drafting import Changes, Wish
from access.requests.models import AccessRequest
from access.requests.states import Adviser, Step
from catalog.datasets.models import Dataset
from hub.kernel.periods import day_of
from tests import people
from tests.factories.catalogue import dataset as published
from tests.factories.charters import signed_by
from tests.people import Person

FIELDS = (
    Wish("ine", justification="To follow one pupil from one table to the next."),
    Wish("date_naissance", justification="Age at the exam explains the mark."),
    Wish("sexe", justification="The gap between girls and boys is the question."),
    Wish("session"),
    Wish("note", justification="It is what we explain."),
)
TEXTS = {
    "title": "What explains the marks",
    "context": "A thesis.",
    "question": "Does age explain the marks?",
    "outputs": "An article.",
    "purpose": "research",
    "legal_basis": "public_task",
    "hosting": "Servers of the laboratory.",
    "security": "Encrypted disks, two people.",
}


def draft(
    by: Person,
    datasets: Sequence[Dataset],
    *,
    at: datetime | None = None,
    fields: Sequence[Wish] = FIELDS,
    filters: Sequence[dict[str, Any]] = (),
    tables: Sequence[dict[str, Any]] = (),
    days: int = 300,
    team: Sequence[str] = (),
    crossing: bool = False,
    **texts: str,
) -> AccessRequest:
    """Return a draft that nothing refuses to submit, unless the arguments say so."""
    at = at or timezone.now()
    request = drafting.start(by=by.actor, at=at)
    changes = Changes(
        {**TEXTS, **texts},
        day_of(at) + timedelta(days=days),
        sets_end=True,
        crossing=crossing,
    )
    drafting.save(request_id=request.pk, changes=changes, by=by.actor, at=at)
    for one in datasets:
        drafting.add_dataset(request_id=request.pk, dataset=one.pk, by=by.actor, at=at)
        drafting.choose(
            request_id=request.pk,
            dataset_id=one.pk,
            fields=fields,
            filters=filters,
            tables=tables,
            by=by.actor,
            at=at,
        )
    for email in team:
        drafting.invite(request_id=request.pk, email=email, affiliation="", by=by.actor, at=at)
    return AccessRequest.objects.get(pk=request.pk)


def submitted(
    by: Person | None = None, datasets: Sequence[Dataset] | None = None, **about: Any
) -> AccessRequest:
    """Return a request that was submitted, with its charter signed."""
    by = by or people.ada()
    signed_by(by)
    at = about.get("at") or timezone.now()
    request = draft(by, [published()] if datasets is None else datasets, **about)
    return take(request_id=request.pk, step=Step.SUBMIT, by=by.actor, at=at)


def in_review(
    by: Person | None = None, datasets: Sequence[Dataset] | None = None, **about: Any
) -> AccessRequest:
    """Return a request that Grace examines."""
    request = submitted(by, datasets, **about)
    at = about.get("at") or timezone.now()
    return take(request_id=request.pk, step=Step.START_REVIEW, by=people.grace().actor, at=at)


def approve(
    request_id: UUID, by: Person, dataset: Dataset | UUID, *, at: datetime | None = None
) -> AccessRequest:
    """Let somebody approve one dataset."""
    said = Said(
        reason="The project is sound.",
        dataset_id=dataset if isinstance(dataset, UUID) else dataset.pk,
    )
    return take(
        request_id=request_id, step=Step.APPROVE, by=by.actor, at=at or timezone.now(), said=said
    )


def approved(
    by: Person | None = None, datasets: Sequence[Dataset] | None = None, **about: Any
) -> AccessRequest:
    """Return a request that led to a grant: the grant has the same identifier."""
    request = in_review(by, datasets, **about)
    if about.get("tables"):
        said = Said(reason="Only results leave.", adviser=Adviser.DPO, favourable=True)
        at = about.get("at") or timezone.now()
        by_dpo = people.noor().actor
        take(request_id=request.pk, step=Step.GIVE_OPINION, by=by_dpo, at=at, said=said)
    for row in list(request.datasets.all()):
        request = approve(request.pk, people.grace(), row.dataset_id, at=about.get("at"))
    return request


def crossed(
    by: Person | None = None, datasets: Sequence[Dataset] = (), **about: Any
) -> AccessRequest:
    """Return a request to cross datasets of Grace's and Katherine's, that led to a grant."""
    about = {"crossing": True, "crossing_reason": "Does the canteen change the marks?", **about}
    request, at = in_review(by, datasets, **about), about.get("at") or timezone.now()
    said = Said(reason="The join is needed.", adviser=Adviser.DPO, favourable=True)
    take(request_id=request.pk, step=Step.GIVE_OPINION, by=people.noor().actor, at=at, said=said)
    signatories = {
        person.organisation.pk: person for person in (people.grace(), people.katherine())
    }
    for row in list(request.datasets.select_related("dataset")):
        by_whom = signatories[row.dataset.producer_id]
        request = approve(request.pk, by_whom, row.dataset_id, at=at)
    return request
