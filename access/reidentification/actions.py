"""File a demand to name persons, answer for it, find them, and let time pass."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from access.grants import queries as grants
from access.grants.sides import person
from access.pseudonymisation.queries import SecretGone, open_secret
from access.reidentification import queries, rules, sealing, workflow
from access.reidentification.matching import Match, matches
from access.reidentification.models import Reidentification
from access.reidentification.rules import Filing
from access.reidentification.sealing import Keys, Typed
from access.reidentification.states import (
    ANSWERED_WITHIN,
    MOST_TRIES,
    OPEN,
    USED_WITHIN,
    State,
    Step,
)
from access.reidentification.workflow import MOVES
from catalog.datasets.at_node import staying
from catalog.datasets.house_keys import identifier_key
from hub.audit.actions import record
from hub.crypto.held_keys import new_key
from hub.crypto.keys import Secret
from hub.kernel.identifiers import new_id
from hub.kernel.refusals import Invalid, Refusal, Refused, Unknown, require
from hub.outbox.actions import owe
from hub.people.permissions import HUB, Actor

WRONG_KEYS = Refusal(
    "wrong-keys",
    "At least one of the two keys is not the one of this demand. Tries left: %(left)s.",
    "Type each key as it was shown to the person who holds it.",
    about="keys",
)
LOCKED = Refusal(
    "locked",
    "At least one of the two keys is not the one of this demand: it is closed after %(tries)s"
    " wrong tries.",
    "If the need remains, file another demand.",
    values={"tries": MOST_TRIES},
    about="keys",
)


@dataclass(frozen=True, slots=True)
class Issued:
    """
    A demand, and the key of the person who acted.

    :param key: shown to them now and never again
    """

    demand: Reidentification
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answered:
    """A demand, and who the persons are: in this answer and nowhere else."""

    demand: Reidentification
    matches: Sequence[Match] = field(repr=False)


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
        sealed=sealing.sealed(pids, number, key=key, secret=_secret_of(grant_id)),
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
    demand = _locked(demand_id, Step.APPROVE, by, at)
    key, secret = new_key(), _secret_of(demand.granted.grant_id)
    stored = bytes(demand.sealed or b"")
    demand.sealed = sealing.sealed_again(stored, demand.pk, key=key, secret=secret)
    demand.approval_digest = sealing.digest(key, demand.pk, sealing.APPROVAL)
    demand.until = at + USED_WITHIN
    _answer_for(demand, by, at)
    _move(demand, Step.APPROVE, by=by, at=at)
    return Issued(demand, key)


@transaction.atomic
def refuse(*, demand_id: UUID, reason: str, by: Actor, at: datetime) -> Reidentification:
    """
    Refuse a demand, as the second person.

    :raises Unknown: to whoever may not know the demand
    :raises Refused: when the rules refuse the step
    """
    demand = _locked(demand_id, Step.REFUSE, by, at, reason)
    _answer_for(demand, by, at)
    _move(demand, Step.REFUSE, by=by, at=at, reason=reason.strip())
    return demand


@transaction.atomic
def close(*, demand_id: UUID, reason: str, by: Actor, at: datetime) -> Reidentification:
    """
    Close a demand without an answer: either of the two persons does.

    :raises Unknown: to whoever may not know the demand
    :raises Refused: when the rules refuse the step
    """
    demand = _locked(demand_id, Step.CLOSE, by, at, reason)
    _move(demand, Step.CLOSE, by=by, at=at, reason=reason.strip())
    return demand


def answer(
    *, demand_id: UUID, keys: Keys, candidates: Sequence[str], by: Actor, at: datetime
) -> Answered:
    """
    Tell which candidates are the persons designated, once: nothing of the answer is kept.

    Wrong keys are counted, whatever becomes of the caller's answer.

    :param candidates: from ``reading``, which checks them
    :raises Unknown: to whoever may not know the demand
    :raises Invalid: when a key is not written as one
    :raises Refused: when the rules refuse the step, the keys are wrong, or that of the grant is gone
    """
    typed = sealing.typed(keys)
    with transaction.atomic():
        demand = _locked(demand_id, Step.ANSWER, by, at)
        _require_here(demand)
        secret = _secret_of(demand.granted.grant_id)
        if _are_right(typed, demand):
            found = _matches(demand, typed, secret, candidates)
            return _answered(demand, found, len(candidates), by, at)
        refusal = _count(demand, by, at)
    raise Refused([refusal])


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


def _locked(
    demand_id: UUID, step: Step, by: Actor, at: datetime, reason: str = ""
) -> Reidentification:
    """Return a demand that nobody else changes now, once the rules allow the step."""
    if not Reidentification.objects.select_for_update(of=("self",)).filter(pk=demand_id).exists():
        raise Unknown
    seen = queries.one_for(actor=by, demand_id=demand_id, at=at)
    require(workflow.refusals(state=seen.state, step=step, parts=seen.parts, reason=reason))
    return seen.demand


def _answer_for(demand: Reidentification, by: Actor, at: datetime) -> None:
    demand.second_id, demand.second_at = person(by), at
    demand.second_membership_id = by.membership_id
    demand.save(update_fields=["second", "second_at", "second_membership_id"])


def _move(
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


def _secret_of(grant_id: UUID) -> Secret:
    try:
        return open_secret(grant_id)
    except SecretGone:
        raise Refused([rules.KEY_GONE]) from None


def _are_right(keys: Typed, demand: Reidentification) -> bool:
    return sealing.are_right(
        keys,
        demand.pk,
        filing=bytes(demand.filing_digest or b""),
        approval=bytes(demand.approval_digest or b""),
    )


def _count(demand: Reidentification, by: Actor, at: datetime) -> Refusal:
    """Count a wrong try; the last one closes the demand."""
    demand.tries += 1
    demand.save(update_fields=["tries"])
    record(
        kind="reidentification.wrong_keys",
        by=by,
        subject=f"reidentification:{demand.pk}",
        at=at,
        details={"tries": demand.tries},
    )
    left = MOST_TRIES - demand.tries
    if left:
        return replace(WRONG_KEYS, values={"left": left})
    _move(demand, Step.LOCK, by=HUB, at=at)
    return LOCKED


# -- the answer -----------------------------------------------------------------------------------


def _require_here(demand: Reidentification) -> None:
    if staying(demand.granted.release_id) is not None:
        raise Refused([rules.AT_A_NODE])


def _matches(
    demand: Reidentification, typed: Typed, secret: Secret, candidates: Sequence[str]
) -> list[Match]:
    row, stored = demand.granted, bytes(demand.sealed or b"")
    return matches(
        sealing.opened(stored, demand.pk, keys=typed, secret=secret),
        candidates,
        plan=queries.plan_for(row),
        columns=queries.columns_for(row),
        grant_secret=secret,
        identifier_key=identifier_key,
    )


def _answered(
    demand: Reidentification, found: list[Match], candidates: int, by: Actor, at: datetime
) -> Answered:
    demand.found = sum(one.candidate is not None for one in found)
    demand.candidates = candidates
    counts: dict[str, object] = {
        "persons": demand.persons,
        "found": demand.found,
        "candidates": demand.candidates,
    }
    _move(demand, Step.ANSWER, by=by, at=at, details=counts)
    # On the grant's own page, for its team: that it was done, and nothing of whom.
    record(
        kind="grant.reidentified",
        by=by,
        subject=f"grant:{demand.granted.grant_id}",
        at=at,
        details={"demand": str(demand.pk)},
    )
    return Answered(demand, found)


# -- time -----------------------------------------------------------------------------------------


@transaction.atomic
def _lapse_one(demand_id: UUID, at: datetime) -> bool:
    demand = queries.overdue(at).select_for_update(of=("self",)).filter(pk=demand_id).first()
    if demand is None:
        return False
    _move(demand, Step.LAPSE, by=HUB, at=at)
    return True
