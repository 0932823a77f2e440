"""Issue grants, and take the steps of their life."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from access.grants import queries, workflow
from access.grants.models import Grant, GrantDataset, GrantMember
from access.grants.workflow import MOVES, Part, State, Step
from hub.audit.actions import record
from hub.kernel.refusals import Unknown, require
from hub.outbox.actions import owe
from hub.people.permissions import HUB, Actor


@dataclass(frozen=True, slots=True)
class NewDataset:
    """One dataset to grant, with the plan that was approved."""

    dataset_id: UUID
    release_id: UUID
    fields: Sequence[dict[str, str]]
    row_filters: Sequence[dict[str, Any]]
    plan: str
    plan_digest: str


@dataclass(frozen=True, slots=True)
class NewGrant:
    """What was approved. ``grant_id`` is the identifier of the request."""

    grant_id: UUID
    project: str
    organisation_id: UUID
    holder_id: UUID
    profile: str
    purpose: str
    legal_basis: str
    ends_on: date
    members: Sequence[tuple[UUID, UUID]]
    """(user, membership) of each person of the team, the holder among them."""
    datasets: Sequence[NewDataset]
    conditions: str = ""
    override: str = ""
    crossing: bool = False
    starts_at: datetime | None = field(default=None)
    """None: at once."""


@transaction.atomic
def issue(*, new: NewGrant, by: Actor, at: datetime) -> Grant:
    """Issue a grant, in the transaction that approves its request."""
    starts_at = new.starts_at or at
    grant = Grant.objects.create(
        id=new.grant_id,
        project=new.project,
        organisation_id=new.organisation_id,
        holder_id=new.holder_id,
        profile=new.profile,
        purpose=new.purpose,
        legal_basis=new.legal_basis,
        conditions=new.conditions,
        override=new.override,
        crossing=new.crossing,
        state=State.ACTIVE if starts_at <= at else State.PENDING,
        issued_at=at,
        starts_at=starts_at,
        ends_on=new.ends_on,
    )
    for one in new.datasets:
        GrantDataset.objects.create(
            grant=grant,
            dataset_id=one.dataset_id,
            release_id=one.release_id,
            fields=list(one.fields),
            row_filters=list(one.row_filters),
            plan=one.plan,
            plan_digest=one.plan_digest,
        )
    for user_id, membership_id in new.members:
        GrantMember.objects.create(
            grant=grant, user_id=user_id, membership_id=membership_id, from_at=at
        )
    details = {
        "state": grant.state,
        "ends_on": str(grant.ends_on),
        "plans": {str(one.dataset_id): one.plan_digest for one in new.datasets},
        "members": len(new.members),
        "crossing": new.crossing,
    }
    record(kind="grant.issue", by=by, subject=f"grant:{grant.pk}", at=at, details=details)
    owe(event="grant.issued", payload={"grant_id": str(grant.pk)}, at=at)
    return grant


@transaction.atomic
def take(*, grant_id: UUID, step: Step, by: Actor, at: datetime, reason: str = "") -> Grant:
    """
    Take one step in the life of a grant.

    :raises Unknown: when the actor may not know the grant
    :raises Refused: when the rules refuse the step
    """
    grant = Grant.objects.select_for_update(of=("self",)).filter(pk=grant_id).first()
    if grant is None:
        raise Unknown
    if by.user_id is None:
        parts = frozenset({Part.TIME})
    else:
        parts = queries.one_for(actor=by, grant_id=grant_id, at=at).parts
    state = State(grant.state)
    require(workflow.refusals(state=state, step=step, parts=parts, reason=reason))
    move = MOVES[state, step]
    grant.state = move.to
    grant.reason = reason
    grant.suspended_at = at if move.to == State.SUSPENDED else None
    grant.ended_at = at if move.to == State.ENDED else None
    grant.ending = move.ending or ""
    grant.save(update_fields=["state", "reason", "suspended_at", "ended_at", "ending"])
    details = {"from": state, "to": grant.state}
    record(
        kind=f"grant.{step}",
        by=by,
        subject=f"grant:{grant.pk}",
        at=at,
        reason=reason,
        details=details,
    )
    owe(
        event=f"grant.{step}",
        payload={"grant_id": str(grant.pk)},
        at=at,
        key=f"grant.{step}:{grant.pk}:{at.isoformat()}",
    )
    return grant


@transaction.atomic
def follow(*, grant_dataset_id: UUID, release_id: UUID, plan: str, plan_digest: str) -> None:
    """Move a granted dataset to another release, with the plan that was decided for it."""
    GrantDataset.objects.filter(pk=grant_dataset_id).update(
        release_id=release_id, plan=plan, plan_digest=plan_digest
    )


@transaction.atomic
def admit(*, grant_id: UUID, user_id: UUID, membership_id: UUID, at: datetime) -> bool:
    """Let a person who answered their invitation into the team; tell whether they are new."""
    member, created = GrantMember.objects.get_or_create(
        grant_id=grant_id,
        user_id=user_id,
        defaults={"membership_id": membership_id, "from_at": at},
    )
    if created:
        record(
            kind="grant.admit",
            by=HUB,
            subject=f"grant:{grant_id}",
            at=at,
            details={"member": str(member.pk)},
        )
    return created


def keep_time(*, at: datetime) -> int:
    """
    Start the grants whose first day came, and end those whose last day is over; return how many.

    Nothing waits for it: the rules honour both to the second.
    """
    changed = 0
    for grant in queries.due(at):
        step = Step.EXPIRE if grant.ends_at <= at else Step.START
        take(grant_id=grant.pk, step=step, by=HUB, at=at)
        changed += 1
    return changed
