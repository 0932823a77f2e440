"""Ask for a newer release, and decide it."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from access.grants import actions as grants, queries as granting, sides
from access.grants.queries import Seen
from access.grants.workflow import Part
from access.refreshing import queries, rules
from access.refreshing.models import ReleaseChange
from access.refreshing.rules import State
from access.requests.facts import on_the_side_of
from access.requests.guards import OWN_SIDE
from access.requests.queries import requests, team_of
from hub.audit.actions import record
from hub.kernel.refusals import Invalid, Refusal, Refused, Stale, Unknown, require
from hub.outbox.actions import owe
from hub.people.permissions import Actor
from hub.people.queries import people_by_id


@transaction.atomic
def ask(*, grant_id: UUID, dataset_id: UUID, by: Actor, at: datetime) -> ReleaseChange:
    """
    Ask that a grant move to the newest release of one of its datasets.

    :raises Unknown: to whoever does not hold the grant
    :raises Refused: when it may not move, or opens nothing now, with every reason
    """
    seen, offer = queries.offer(actor=by, grant_id=grant_id, dataset_id=dataset_id, at=at)
    if Part.HOLDER not in seen.parts:
        raise Unknown
    waits = [rules.WAITS] if offer.waiting else []
    require([*rules.still(offer.opening.refusals), *waits, *offer.refusals])
    assert offer.newer is not None  # noqa: S101 - refused above
    assert offer.plan is not None  # noqa: S101 - likewise
    try:
        with transaction.atomic():
            change = ReleaseChange.objects.create(
                granted_id=offer.opening.granted.pk,
                release_id=offer.newer.release.id,
                plan_digest=offer.plan.digest,
                asked_by_id=sides.person(by),
                asked_at=at,
            )
    except IntegrityError:
        # Asked twice at once: the database lets one wait.
        raise Refused([rules.WAITS]) from None
    _tell(change, seen, "release_asked", by, at)
    return change


@transaction.atomic
def decide(
    *, grant_id: UUID, dataset_id: UUID, follow: bool, reason: str, by: Actor, at: datetime
) -> ReleaseChange:
    """
    Let a grant follow the newer release that was asked for, or decline.

    :raises Unknown: to whoever does not sign for the dataset
    :raises Invalid: without a reason
    :raises Refused: when nothing waits, on one's own side, or when it may not move or opens nothing
        to anybody any more
    :raises Stale: when the release or its plan is not the one that was asked for any more
    """
    seen, offer = queries.offer(actor=by, grant_id=grant_id, dataset_id=dataset_id, at=at)
    if dataset_id not in sides.signs(by, [offer.opening.granted.dataset]):
        raise Unknown
    if not reason.strip():
        raise Invalid([rules.SAY_WHY])
    if offer.waiting is None:
        raise Refused([rules.NOTHING_ASKED])
    require(_own_side(seen, by))
    change = ReleaseChange.objects.select_for_update().get(pk=offer.waiting.pk)
    if change.state != State.ASKED:
        raise Refused([rules.NOTHING_ASKED])
    if follow:
        row = offer.opening.granted
        closed = granting.refusals_now(user_id=None, grant_dataset_id=row.pk, at=at)
        require([*rules.still(closed), *offer.refusals])
        assert offer.newer is not None  # noqa: S101 - refused above
        assert offer.plan is not None  # noqa: S101 - likewise
        if (offer.newer.release.id, offer.plan.digest) != (change.release_id, change.plan_digest):
            raise Stale([rules.CHANGED])
        grants.follow(
            grant_dataset_id=row.pk,
            release_id=offer.newer.release.id,
            plan=offer.plan.to_json(),
            plan_digest=offer.plan.digest,
        )
    change.state = State.FOLLOWED if follow else State.DECLINED
    change.decided_by_id, change.decided_at, change.reason = sides.person(by), at, reason.strip()
    change.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    _tell(change, seen, "release_followed" if follow else "release_declined", by, at)
    return change


def _own_side(seen: Seen, by: Actor) -> list[Refusal]:
    user = people_by_id({by.user_id}).get(by.user_id) if by.user_id else None
    team = team_of(requests().get(pk=seen.grant.pk))
    mine = on_the_side_of(team, by, user.email if user else "")
    return [OWN_SIDE] if mine else []


def _tell(change: ReleaseChange, seen: Seen, what: str, by: Actor, at: datetime) -> None:
    details = {
        "dataset": str(change.granted.dataset_id),
        "release": str(change.release_id),
        "plan": change.plan_digest,
    }
    record(
        kind=f"grant.{what}",
        by=by,
        subject=f"grant:{seen.grant.pk}",
        at=at,
        reason=change.reason,
        details=details,
    )
    owe(
        event=f"grant.{what}",
        payload={"grant_id": str(seen.grant.pk), "dataset_id": details["dataset"]},
        at=at,
        key=f"grant.{what}:{change.pk}",
    )
