"""Ask for extracts, cancel, deliver, hold and purge them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.db import connection, transaction
from django.db.models import Max
from kombu.exceptions import OperationalError

from access.consents import queries as consents
from access.extracts import places, queries, workflow
from access.extracts.models import Download, Extract, ExtractFile
from access.extracts.recipes import Approved, approved_for
from access.extracts.workflow import MOVES, UNFINISHED, WITH_FILES, Part, State, Step
from access.grants import queries as grants
from access.plans.terms import BasisRule
from access.pseudonymisation.actions import create_secret, destroy_secret
from access.pseudonymisation.queries import has_secret
from catalog.datasets.at_node import staying
from catalog.nodes import queries as nodes
from catalog.nodes.rules import NodeState
from hub.audit.actions import record
from hub.kernel.refusals import Invalid, Refusal, Refused, Unknown, require
from hub.people.permissions import HUB, Actor, Permission
from hub.people.queries import is_entitled

logger = structlog.get_logger(__name__)
RUN = "access.run_extract"
RECEIVE = "access.receive_extract"
QUEUE = "extracts"

WHICH_DATASET = Refusal(
    "which-dataset",
    "This grant holds several datasets.",
    "Say of which one you want the extract.",
    about="dataset",
)
NODE_CLOSED = Refusal(
    "node-closed",
    "The producer has closed the node that holds these data.",
    "Write to the producer's contact.",
)
HOLD_WHY = Refusal(
    "reason-missing", "Say why.", "A reason is written in the trail.", about="reason"
)


@transaction.atomic
def ask(*, grant_id: UUID, dataset_id: UUID | None = None, by: Actor, at: datetime) -> Extract:
    """
    Ask for an extract of one granted dataset, or of the whole crossing that was granted; what is
    already there, or on its way, is the answer.

    :param dataset_id: may be None when the grant holds one dataset only, or crosses them
    :raises Unknown: to whoever may not know the grant
    :raises Refused: when the grant is not effective for them now
    :raises Invalid: when the grant holds several datasets and none is named
    """
    granted_id = _granted(grant_id, dataset_id, by, at)
    require(grants.refusals_now(user_id=by.user_id, grant_dataset_id=granted_id, at=at))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"extract:{granted_id}"]
        )
    mine = Extract.objects.filter(granted_id=granted_id)
    under_way = mine.filter(state__in=sorted(UNFINISHED)).first()
    if under_way:
        return under_way
    approved = approved_for(granted_id)
    marks = watermarks(approved)
    key = {
        "granted_id": granted_id,
        "release_id": approved.first.release_id,
        "plan_digest": approved.recipe.digest,
        "consent_watermark": sum(marks.values()),
    }
    place = staying(approved.first.release_id)
    there = Extract.objects.filter(**key, state__in=sorted(WITH_FILES), purge_at__gt=at).first()
    if there:
        return there
    if place is not None and nodes.snapshot(place.node_id, at).state is NodeState.CLOSED:
        raise Refused([NODE_CLOSED])
    times = Extract.objects.filter(**key).aggregate(last=Max("refresh"))["last"]
    assert by.user_id is not None  # noqa: S101 - effective for them: they are of the team
    extract = Extract.objects.create(
        **key,
        refresh=0 if times is None else times + 1,
        asked_by_id=by.user_id,
        membership_id=by.membership_id,
        watermarks=marks if len(marks) > 1 else {},
        rows_total=approved.recipe.rows or 0,
        asked_at=at,
        node_id=place.node_id if place else None,
    )
    create_secret(grant_id=grant_id, by=by, at=at)
    tell(extract, "extract.ask", {"to": extract.state}, by=by, at=at)
    if place is None:
        transaction.on_commit(lambda: hand_over(extract.pk))
    return extract


def _granted(grant_id: UUID, dataset_id: UUID | None, by: Actor, at: datetime) -> UUID:
    seen = grants.one_for(actor=by, grant_id=grant_id, at=at)
    granted = [one.granted for one in seen.openings]
    if dataset_id is not None:
        granted = [one for one in granted if one.dataset_id == dataset_id]
    if not granted:
        raise Unknown
    if seen.grant.crossing:
        return grants.plans_of(granted[0].pk)[0].grant_dataset_id
    if len(granted) > 1:
        raise Invalid([WHICH_DATASET])
    return granted[0].pk


def watermarks(approved: Approved) -> dict[str, int]:
    """
    Return the number of the last word about each dataset that a recipe reads.

    Numbers only grow: their sum tells whether any of them changed.
    """
    return {
        plan.source.dataset: 0
        if plan.basis is BasisRule.NONE
        else consents.watermark(one.dataset_id)
        for plan, one in zip(approved.recipe.parts, approved.granted, strict=True)
    }


def hand_over(extract_id: UUID, task: str = RUN) -> None:
    """Tell a worker that an extract waits; when the broker is away the sweep does it later."""
    try:
        current_app.send_task(
            task, kwargs={"extract_id": str(extract_id)}, queue=QUEUE, retry=False
        )
    except OperationalError:
        logger.warning("extract.broker_away", extract=str(extract_id))


@transaction.atomic
def cancel(*, extract_id: UUID, by: Actor, at: datetime) -> Extract:
    """
    Stop an extract that is not ready yet; its worker notices within seconds and leaves nothing.

    :raises Unknown: to whoever is not of the team
    :raises Refused: when there is nothing to stop any more
    """
    shown = queries.one_for(actor=by, extract_id=extract_id, at=at)
    if not any(member.user_id == by.user_id for member in shown.seen.grant.members.all()):
        raise Unknown
    extract = locked(extract_id)
    move(extract, Step.CANCEL, Part.TEAM, by=by, at=at, finished_at=at, lease_until=None)
    return extract


def locked(extract_id: UUID) -> Extract:
    """Lock an extract in the caller's transaction."""
    return (
        Extract.objects.select_for_update(of=("self",))
        .select_related("granted")
        .get(pk=extract_id)
    )


def move(
    extract: Extract,
    step: Step,
    part: Part,
    *,
    by: Actor = HUB,
    at: datetime,
    reason: str = "",
    details: Mapping[str, object] | None = None,
    **changed: Any,
) -> None:
    """
    Take one step in the life of a locked extract, with its event in the trail.

    :param changed: other fields to save with it
    :raises Refused: when the step does not exist from here
    """
    before = State(extract.state)
    require(workflow.refusals(state=before, step=step, part=part))
    extract.state = MOVES[before, step].to
    for name, value in changed.items():
        setattr(extract, name, value)
    extract.save(update_fields=["state", *changed])
    told = {"from": before, "to": extract.state, **(details or {})}
    tell(extract, f"extract.{step}", told, by=by, at=at, reason=reason)


def tell(
    extract: Extract,
    kind: str,
    details: Mapping[str, object],
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    """Write an event of an extract in the trail."""
    named = {"grant": str(extract.granted.grant_id), "attempt": extract.attempt}
    record(
        kind=kind,
        by=by,
        subject=f"extract:{extract.pk}",
        at=at,
        reason=reason,
        details={**named, **details},
    )


@transaction.atomic
def deliver(*, file: ExtractFile, start: int, stop: int, by: Actor, at: datetime) -> None:
    """Count one download, or the part of one, before its first byte leaves."""
    assert by.user_id is not None  # noqa: S101 - queries.file_for found them in the team
    Download.objects.create(
        file=file,
        user_id=by.user_id,
        membership_id=by.membership_id,
        at=at,
        start=start,
        bytes=stop - start,
    )
    extract = locked(file.extract_id)
    if extract.state == State.READY:
        move(extract, Step.DELIVER, Part.TEAM, by=by, at=at)
    told = {"file": file.name, "sha256": file.sha256, "start": start, "bytes": stop - start}
    tell(extract, "extract.download", told, by=by, at=at)


# -- the end ----------------------------------------------------------------------------------------


@transaction.atomic
def hold(*, extract_id: UUID, reason: str, by: Actor, at: datetime) -> Extract:
    """
    Keep the bytes of an extract for a legal cause. It opens nothing to anybody.

    :raises Unknown: to whoever does not sign for the producer
    :raises Invalid: without a reason
    """
    return _set_hold(extract_id, reason, held_at=at, by=by, at=at)


@transaction.atomic
def release_hold(*, extract_id: UUID, reason: str, by: Actor, at: datetime) -> Extract:
    """Let the bytes of an extract go, at the next purge when their time is over."""
    return _set_hold(extract_id, reason, held_at=None, by=by, at=at)


def _set_hold(
    extract_id: UUID, reason: str, *, held_at: datetime | None, by: Actor, at: datetime
) -> Extract:
    if not reason.strip():
        raise Invalid([HOLD_WHY])
    found = Extract.objects.select_for_update(of=("self",)).filter(pk=extract_id).first()
    if found is None:
        raise Unknown
    dataset = found.granted.dataset
    if not is_entitled(by, Permission.SIGN_DATASET, dataset, producer=dataset.producer):
        raise Unknown
    found.held_at, found.hold_reason = held_at, reason if held_at else ""
    found.save(update_fields=["held_at", "hold_reason"])
    kind = "extract.hold" if held_at else "extract.release"
    tell(found, kind, {}, by=by, at=at, reason=reason)
    return found


def purge(*, at: datetime) -> int:
    """
    Remove the bytes whose time is over, then the secrets of the grants that ended; return how many.

    Nothing waits for it: a download asks whether the grant is effective. A legal hold keeps the
    bytes and the secret, and opens nothing.
    """
    ended = set(grants.ended(at).values_list("pk", flat=True))
    purged = 0
    for extract_id in queries.to_purge(at=at, ended=ended):
        purged += _purge_one(extract_id, at)
    for grant_id in sorted(ended):
        if has_secret(grant_id):
            _destroy(grant_id, at)
    return purged


@transaction.atomic
def _purge_one(extract_id: UUID, at: datetime) -> bool:
    extract = locked(extract_id)
    if extract.state not in WITH_FILES or extract.held_at is not None:
        return False
    details = {"bytes": sum(file.size for file in extract.files.all())}
    move(extract, Step.PURGE, Part.TIME, at=at, details=details, purged_at=at)
    # Gone even when the transaction fails afterwards: the next purge finds nothing and says so.
    places.remove(extract_id)
    return True


@transaction.atomic
def _destroy(grant_id: UUID, at: datetime) -> None:
    """Destroy the secret of an ended grant, once nothing is kept under it."""
    states = sorted(UNFINISHED | WITH_FILES)
    mine = Extract.objects.select_for_update(of=("self",)).filter(granted__grant_id=grant_id)
    if not mine.filter(state__in=states).exists():
        destroy_secret(grant_id=grant_id, at=at, reason="The grant is over.")
