"""File a demand to name persons, approve, refuse or close it, and let time pass."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from access.grants import queries as grants
from access.grants.sides import person
from access.pseudonymisation.queries import SecretGone, open_secret
from access.reidentification import queries, rules, sealing, workflow
from access.reidentification.models import Reidentification
from access.reidentification.rules import Filing
from access.reidentification.states import (
    ANSWERED_WITHIN,
    OPEN,
    USED_WITHIN,
    State,
    Step,
)
from access.reidentification.workflow import MOVES
from hub.audit.actions import record
from hub.crypto.held_keys import new_key
from hub.crypto.keys import Secret
from hub.kernel.identifiers import new_id
from hub.kernel.refusals import Invalid, Refused, Unknown, require
from hub.outbox.actions import owe
from hub.people.permissions import HUB, Actor


@dataclass(frozen=True, slots=True)
class Issued:
    """
    A demand, and the key of the person who acted.

    :param key: shown to them now and never again
    """

    demand: Reidentification
    key: str = field(repr=False)


@transaction.atomic
def file(
    *, grant_id: UUID, dataset_id: UUID | None = None, filing: Filing, by: Actor, at: datetime
) -> Issued:
    """
    File a demand on one dataset of a grant.

    :param dataset_id: may be None when the grant holds one dataset only
    :raises Unknown: to whoever is no officer for the dataset
    :raises Invalid: when what is said is not right
    :raises Refused: when the rules refuse it, with every reason
    """
    row = _granted(grant_id, dataset_id, by, at)
    _wait_for_turn(row.dataset_id)
    for number in queries.overdue_ids(at, granted_id=row.pk):
        _lapse_one(number, at)
    case = queries.case_of(row, by, at)
    require(rules.refusals_to_file(case))
    faults = rules.faults(filing, most=settings.HUB_REIDENTIFICATION_PERSONS)
    if faults:
        raise Invalid(faults)
    key, number = new_key(), new_id()
    pids = rules.pids_of(filing.pseudonyms)
    demand = Reidentification.objects.create(
        id=number,
        granted=row,
        **filing.texts,
        persons=len(filing.pseudonyms),
        filed_as=rules.office_of(case.offices),
        filed_by_id=person(by),
        filed_membership_id=by.membership_id,
        filed_at=at,
        until=at + ANSWERED_WITHIN,
        sealed=sealing.sealed(pids, number, key=key, secret=secret_of(grant_id)),
        filing_digest=sealing.digest(key, number, sealing.FILING),
    )
    details = {
        "to": demand.state,
        "grant": str(grant_id),
        "dataset": str(row.dataset_id),
        "persons": demand.persons,
        "as": demand.filed_as,
    }
    _tell(demand, "file", by=by, at=at, reason=demand.need, details=details)
    return Issued(demand, key)


@transaction.atomic
def approve(*, demand_id: UUID, by: Actor, at: datetime) -> Issued:
    """
    Approve a demand, as the second person; it runs for a short while.

    :raises Unknown: to whoever may not know the demand
    :raises Refused: when the rules refuse the step, or the key of the grant is gone
    """
    demand = locked(demand_id, Step.APPROVE, by, at)
    key, secret = new_key(), secret_of(demand.granted.grant_id)
    stored = bytes(demand.sealed or b"")
    demand.sealed = sealing.sealed_again(stored, demand.pk, key=key, secret=secret)
    demand.approval_digest = sealing.digest(key, demand.pk, sealing.APPROVAL)
    demand.until = at + USED_WITHIN
    _answer_for(demand, by, at)
    move(demand, Step.APPROVE, by=by, at=at)
    return Issued(demand, key)


@transaction.atomic
def refuse(*, demand_id: UUID, reason: str, by: Actor, at: datetime) -> Reidentification:
    """
    Refuse a demand, as the second person.

    :raises Unknown: to whoever may not know the demand
    :raises Invalid: when the reason names a person
    :raises Refused: when the rules refuse the step
    """
    demand = locked(demand_id, Step.REFUSE, by, at, reason)
    _name_nobody(reason)
    _answer_for(demand, by, at)
    move(demand, Step.REFUSE, by=by, at=at, reason=reason.strip())
    return demand


@transaction.atomic
def close(*, demand_id: UUID, reason: str, by: Actor, at: datetime) -> Reidentification:
    """
    Close a demand without an answer: either of the two persons does.

    :raises Unknown: to whoever may not know the demand
    :raises Invalid: when the reason names a person
    :raises Refused: when the rules refuse the step
    """
    demand = locked(demand_id, Step.CLOSE, by, at, reason)
    _name_nobody(reason)
    move(demand, Step.CLOSE, by=by, at=at, reason=reason.strip())
    return demand


def lapse(*, at: datetime) -> int:
    """
    Let the demands lapse whose time is over, and wipe what they hold; return how many.

    Nothing waits for it but the wiping: the rules honour the end to the second.
    """
    return sum(_lapse_one(number, at) for number in queries.overdue_ids(at))


# -- steps ----------------------------------------------------------------------------------------


def _granted(grant_id: UUID, dataset_id: UUID | None, by: Actor, at: datetime) -> grants.Granted:
    rows = [
        desk.granted
        for desk in queries.of_grant(actor=by, grant_id=grant_id, at=at).desks
        if dataset_id in {None, desk.granted.dataset_id}
    ]
    if not rows:
        raise Unknown
    if len(rows) > 1:
        raise Invalid([rules.WHICH_DATASET])
    return rows[0]


def _wait_for_turn(dataset_id: UUID) -> None:
    """Let two demands at once on a dataset count one another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"reidentification:{dataset_id}"],
        )


def locked(
    demand_id: UUID, step: Step, by: Actor, at: datetime, reason: str = ""
) -> Reidentification:
    """
    Return a demand that nobody else changes now, once the rules allow the step.

    :raises Unknown: to whoever may not know the demand
    :raises Refused: when the rules refuse the step
    """
    if not Reidentification.objects.select_for_update(of=("self",)).filter(pk=demand_id).exists():
        raise Unknown
    seen = queries.one_for(actor=by, demand_id=demand_id, at=at)
    require(workflow.refusals(state=seen.state, step=step, parts=seen.parts, reason=reason))
    return seen.demand


def _name_nobody(reason: str) -> None:
    faults = list(rules.naming({"reason": reason}))
    if faults:
        raise Invalid(faults)


def _answer_for(demand: Reidentification, by: Actor, at: datetime) -> None:
    demand.second_id, demand.second_at = person(by), at
    demand.second_membership_id = by.membership_id
    demand.save(update_fields=["second", "second_at", "second_membership_id"])


def move(
    demand: Reidentification,
    step: Step,
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
    details: dict[str, object] | None = None,
) -> None:
    """Write where a step leads; what was sealed goes when the demand is over."""
    before = State(demand.state)
    demand.state = MOVES[before, step].to
    if demand.state not in OPEN:
        demand.ended_at, demand.reason = at, reason
        demand.sealed = demand.filing_digest = demand.approval_digest = None
    demand.save(
        update_fields=[
            "state",
            "until",
            "ended_at",
            "reason",
            "sealed",
            "filing_digest",
            "approval_digest",
            "tries",
            "found",
            "candidates",
        ]
    )
    told = {"from": before, "to": demand.state, **(details or {})}
    _tell(demand, step, by=by, at=at, reason=reason, details=told)


def _tell(
    demand: Reidentification,
    name: str,
    *,
    by: Actor,
    at: datetime,
    reason: str,
    details: dict[str, object],
) -> None:
    """Leave one event in the trail, and owe what follows."""
    record(
        kind=f"reidentification.{name}",
        by=by,
        subject=f"reidentification:{demand.pk}",
        at=at,
        reason=reason,
        details=details,
    )
    owe(
        event=f"reidentification.{name}",
        payload={"demand_id": str(demand.pk), "by": str(by.user_id or "")},
        at=at,
        key=f"reidentification.{name}:{demand.pk}",
    )


# -- keys -----------------------------------------------------------------------------------------


def secret_of(grant_id: UUID) -> Secret:
    """
    Return the secret below which the pseudonyms of a grant are made, and the demands sealed.

    :raises Refused: when it is gone
    """
    try:
        return open_secret(grant_id)
    except SecretGone:
        raise Refused([rules.KEY_GONE]) from None


# -- time -----------------------------------------------------------------------------------------


@transaction.atomic
def _lapse_one(demand_id: UUID, at: datetime) -> bool:
    demand = queries.overdue(at).select_for_update(of=("self",)).filter(pk=demand_id).first()
    if demand is None:
        return False
    move(demand, Step.LAPSE, by=HUB, at=at)
    return True
