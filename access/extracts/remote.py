"""
An extract made at a producer's node: the node is a worker that the hub does not start.

It claims, it says how far it is, it sends sealed files, it says what it made or why it made
nothing. A node that asks for work does none: what it held before it asked is made again.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeAlias
from uuid import UUID

from django.db import transaction

from access.extracts import places, queries
from access.extracts.actions import RECEIVE, hand_over
from access.extracts.datapackage import FileEntry
from access.extracts.delivered import names_of
from access.extracts.holding import (
    MOST_ATTEMPTS,
    again,
    approved,
    changed_since,
    claimed,
    fail,
    move_ours,
    reasons,
    require_effective,
    words_in_force,
)
from access.extracts.lease import LeaseLost, Pulse
from access.extracts.models import Extract
from access.extracts.outcomes import Outcome, outcome_told
from access.extracts.ports import ExtractKeys, Meter, SubjectSet, Suggestion, keys_of
from access.extracts.recipes import PLAN_CHANGED
from access.extracts.workflow import State, Step
from access.grants import queries as grants
from access.plans.plan import Plan
from access.pseudonymisation.queries import SecretGone, open_secret
from catalog.datasets.at_node import Staying, staying
from hub.crypto.keys import Secret
from hub.kernel.refusals import Refusal, Refused

TABLES_ONCE = Refusal(
    "tables-once",
    "Persons spoke up since the node made these tables: others beside them would tell of them.",
    "Keep the tables that were made, or make a new request.",
)
Held: TypeAlias = Extract
"""An extract that a node is making."""


@dataclass(frozen=True, slots=True)
class Errand:
    """
    What a node is given to make one extract.

    :param key: of the files, used for nothing else
    :param consent: whose rows count, or do not; None when nobody is asked
    :param left_out: names of the cells that earlier extracts of the grant left out
    """

    extract: Extract
    plan: Plan
    place: Staying
    keys: ExtractKeys = field(repr=False)
    key: Secret = field(repr=False)
    consent: SubjectSet | None = field(repr=False)
    left_out: frozenset[bytes] = field(repr=False)


def claim(*, node_id: UUID, at: datetime) -> Errand | None:
    """Give a node the oldest of its extracts that may be made now, None when there is none."""
    while (extract := _take(node_id, at)) is not None:
        places.remove_draft(extract.pk, extract.attempt - 1)
        if extract.state != State.RUNNING:
            continue
        try:
            return _errand(extract, at)
        except (Refused, SecretGone) as error:
            fail(extract, reasons(error), at)
    return None


@transaction.atomic
def _take(node_id: UUID, at: datetime) -> Extract | None:
    extract = (
        queries.of_node(node_id)
        .filter(state__in=[State.QUEUED, State.RUNNING])
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("granted__grant", "granted__dataset", "release")
        .order_by("asked_at")
        .first()
    )
    if extract is not None:
        claimed(extract, at)
    return extract


def _errand(extract: Extract, at: datetime) -> Errand:
    require_effective(extract, at)
    found = approved(extract)
    plan, place = found.alone, staying(extract.release_id)
    if place is None:
        raise Refused([PLAN_CHANGED])
    secret = open_secret(extract.granted.grant_id)
    [words] = words_in_force(extract, found, at)
    consent = SubjectSet(words.keys) if words else None
    if changed_since(extract, plan, consent) is not None:
        raise Refused([TABLES_ONCE])
    said = {"consent": consent.digest if consent is not None else "", "looked": 0}
    Extract.objects.filter(pk=extract.pk).update(delivery=said)
    return Errand(
        extract=extract,
        plan=plan,
        place=place,
        keys=keys_of(plan, secret),
        key=places.file_key(secret, extract.pk),
        consent=consent,
        left_out=queries.left_out(extract.granted_id),
    )


def one(*, node_id: UUID, extract_id: UUID, attempt: int) -> Extract | None:
    """Return an extract that a node is making at this attempt, None when it is not its any more."""
    found = queries.of_node(node_id).select_related("granted__grant", "granted__dataset")
    return found.filter(pk=extract_id, attempt=attempt, state=State.RUNNING).first()


def progress(  # one number each, all by name
    extract: Extract,
    *,
    stage: str,
    done: int,
    total: int,
    bytes_done: int = 0,
    bytes_total: int = 0,
    at: datetime,
) -> bool:
    """
    Note how far a node is; tell whether the extract still is its own.

    :param bytes_total: of its sources; 0 when the node does not say
    """
    meter = Meter()
    meter.expect(bytes_total)
    meter.add(min(bytes_done, bytes_total))
    return Pulse(extract.pk, extract.attempt, stage, done, total, meter).beat(at)


def plan_of(extract: Extract) -> Plan:
    """Return the plan that a node was given for an extract."""
    return Plan.from_json(grants.plan_of(extract.granted_id).plan)


def file_names(extract: Extract) -> tuple[str, ...]:
    """Return the names of the files that a node may send for an extract."""
    return names_of(plan_of(extract))


def delivered(
    extract: Extract, *, outcome: Outcome, entries: Sequence[FileEntry], at: datetime
) -> bool:
    """Note what a node says that it made; a worker of the hub looks at it."""
    told = outcome_told(outcome)
    files = [{"name": one.name, "size": one.size, "sha256": one.sha256} for one in entries]
    said = {**extract.delivery, "outcome": told, "files": files}
    try:
        with transaction.atomic():
            move_ours(
                extract,
                Step.CHECK,
                at,
                stage="verifying",
                bytes_done=extract.bytes_total,
                delivery=said,
                lease_until=None,
            )
            transaction.on_commit(partial(hand_over, extract.pk, RECEIVE))
    except LeaseLost:
        return False
    return True


def refused(
    extract: Extract,
    refusals: Sequence[Refusal],
    *,
    permanent: bool,
    suggestions: Sequence[Suggestion] = (),
    at: datetime,
) -> bool:
    """Note why a node did not make an extract; it goes back to the queue if trying may help."""
    if not permanent and extract.attempt < MOST_ATTEMPTS:
        return again(extract, refusals[0].code, at)
    return fail(extract, refusals, at, [asdict(one) for one in suggestions])
