"""
Recall what was delivered of persons who spoke up afterwards.

An objection or a withdrawal that comes after an extract was made cannot change files that left.
Their holders get the list of those persons in the grant's own pseudonyms, erase their rows and
attest it; the hub serves these files no more, and the next extract leaves the persons out.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.db import transaction
from django.db.models import Q, QuerySet

from access.consents.queries import keys_in_force, watermark
from access.consents.rules import Meaning
from access.extracts import queries
from access.extracts.actions import tell
from access.extracts.models import Extract, Recall
from access.extracts.ports import SubjectSet, keys_of
from access.extracts.queries import Shown
from access.extracts.recipes import approved_for
from access.extracts.workflow import State
from access.plans.terms import BasisRule
from access.plans.treatments import Action
from access.pseudonymisation.queries import SecretGone, has_secret, open_secret
from hub.crypto.prf import Bytes, prf, uuid_texts
from hub.kernel.refusals import Invalid, Refusal, Refused, Unknown
from hub.outbox.actions import owe
from hub.people.permissions import HUB, Actor

CSV_NAME = "recall.csv"
SAY_HOW = Refusal(
    "statement-missing",
    "Say what you erased, and where.",
    "Name the copies, the backups and the derived files.",
    about="statement",
)
ATTESTED = Refusal("already-attested", "The erasure was attested already.")
NO_LIST = Refusal(
    "no-list",
    "The extract holds no pseudonym: its rows cannot be designated one by one.",
    "Destroy the whole extract, attest it, and start another.",
)
KEY_GONE = Refusal(
    "key-gone",
    "The key of this grant was destroyed: nobody can write the list any more.",
    "The grant is over: destroy the whole extract.",
)


def note(*, dataset_id: UUID, upto: int, at: datetime) -> int:
    """
    Look whether words that came up to a watermark concern extracts that were made; return of how
    many persons and extracts there is a new recall.
    """
    found = 0
    for extract in _delivered(dataset_id):
        found += _note(extract.pk, dataset_id, upto, at)
    return found


def follow(_event: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Look what words that came, or an extract that became ready, recall."""
    dataset_id = UUID(payload["dataset"])
    note(dataset_id=dataset_id, upto=watermark(dataset_id), at=at)


@transaction.atomic
def _note(extract_id: UUID, dataset_id: UUID, upto: int, at: datetime) -> bool:
    extract = Extract.objects.select_for_update(of=("self",)).get(pk=extract_id)
    last = extract.recalls.filter(dataset_id=dataset_id).last()
    since = last.upto if last else extract.watermark_of(dataset_id)
    if since >= upto or not has_secret(extract.granted.grant_id):
        return False
    persons = _keys(extract, dataset_id, since, upto, at)
    if not len(persons):
        return False
    recall = Recall.objects.create(
        extract=extract,
        dataset_id=dataset_id,
        since=since,
        upto=upto,
        persons=len(persons),
        noted_at=at,
    )
    grant = extract.granted.grant
    tell(extract, "extract.recall", {"persons": len(persons), "upto": upto}, by=HUB, at=at)
    owe(
        event="extract.recall",
        payload={"grant_id": str(grant.pk), "recall": str(recall.pk)},
        at=at,
        key=f"extract.recall:{recall.pk}",
    )
    return True


@transaction.atomic
def attest(*, extract_id: UUID, upto: int, statement: str, by: Actor, at: datetime) -> Recall:
    """
    Attest that the rows of a recall are erased.

    :raises Unknown: to whoever is not of the team
    :raises Invalid: without a statement
    :raises Refused: when it was attested already
    """
    recall, _shown = one_for(actor=by, extract_id=extract_id, upto=upto, at=at)
    recall = Recall.objects.select_for_update(of=("self",)).get(pk=recall.pk)
    if recall.attested_at is not None:
        raise Refused([ATTESTED])
    if not statement.strip():
        raise Invalid([SAY_HOW])
    recall.attested_at, recall.attested_by_id = at, by.user_id
    recall.membership_id, recall.statement = by.membership_id, statement.strip()
    recall.save(update_fields=["attested_at", "attested_by", "membership_id", "statement"])
    told = {"upto": upto}
    tell(recall.extract, "extract.erasure_attested", told, by=by, at=at, reason=recall.statement)
    return recall


def one_for(*, actor: Actor, extract_id: UUID, upto: int, at: datetime) -> tuple[Recall, Shown]:
    """
    Return a recall for a person of the team.

    :raises Unknown: to everybody else, and when there is none
    """
    shown = queries.one_for(actor=actor, extract_id=extract_id, at=at)
    recall = shown.extract.recalls.filter(upto=upto).first()
    team = {member.user_id for member in shown.seen.grant.members.all()}
    if recall is None or actor.user_id not in team:
        raise Unknown
    return recall, shown


def listed(recall: Recall) -> Iterator[bytes]:
    """
    Write the list as CSV: one pseudonym a line, as in the extract, in their own order.

    Whether the grant opens anything now does not matter: what must be erased must be known.

    :raises Refused: when the rows cannot be designated
    """
    extract = recall.extract
    plan = approved_for(extract.granted_id).recipe
    column = next(
        (
            each.output
            for part in plan.parts
            for each in part.delivered
            if each.action is Action.PSEUDONYM and each.field == part.subject
        ),
        None,
    )
    if column is None:
        raise Refused([NO_LIST])
    try:
        keys = keys_of(plan, open_secret(extract.granted.grant_id))
    except SecretGone:
        raise Refused([KEY_GONE]) from None
    persons = _keys(extract, recall.dataset_id, recall.since, recall.upto, recall.noted_at)
    pids = prf(keys.pseudonyms[plan.attribute], plan.algorithm).matrix(persons)
    texts = sorted(uuid_texts(pids).to_pylist())
    return iter([f"{column}\n".encode(), *(f"{text}\n".encode() for text in texts)])


def _delivered(dataset_id: UUID) -> QuerySet[Extract]:
    """Return the extracts of a dataset, crossed or not, that somebody has or may fetch."""
    theirs = Q(state=State.READY) | Q(files__downloads__isnull=False)
    of_it = Q(granted__dataset_id=dataset_id) | Q(
        granted__grant__crossing=True, granted__grant__datasets__dataset_id=dataset_id
    )
    return (
        Extract.objects.filter(theirs, of_it)
        .select_related("granted__grant")
        .order_by("id")
        .distinct()
    )


def _keys(extract: Extract, dataset_id: UUID, since: int, upto: int, at: datetime) -> Bytes:
    """Return the persons whose word changed against the use, between two watermarks: (n, 16)."""
    plan = approved_for(extract.granted_id).part_of(dataset_id)
    # A table designates nobody: the next one is made without them, and hides where they were few.
    if plan.basis is BasisRule.NONE or plan.tables:
        return np.zeros((0, 16), np.uint8)
    before, after = (
        keys_in_force(
            dataset_id=dataset_id,
            project_id=extract.granted.grant_id,
            basis=plan.basis,
            purpose=extract.granted.grant.purpose,
            as_of=at,
            up_to=mark,
        )
        for mark in (since, upto)
    )
    if before.meaning is Meaning.INCLUDED:
        before, after = after, before
    fresh: Bytes = after.keys[~SubjectSet(before.keys).holds(after.keys)]
    return fresh
