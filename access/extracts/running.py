"""
Make one extract: once, whoever dies on the way.

Effective, the plan that was approved, the words of consent as they stand, the engine, the checks,
effective again: only then are the files anybody's. A run that is killed leaves nothing visible.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from access.consents.queries import keys_in_force
from access.extracts import bundle, places, queries
from access.extracts.actions import hand_over, locked, move
from access.extracts.bundle import Bundle, Inputs, Ports
from access.extracts.lease import LEASE, Clock, LeaseLost, Pulse, kept
from access.extracts.models import Extract, ExtractFile
from access.extracts.ports import (
    Cancelled,
    DisclosureExceeded,
    EngineError,
    Limits,
    SourceFile,
    SubjectSet,
    keys_of,
)
from access.extracts.wording import media_type, texts_for
from access.extracts.workflow import HELD_BY_A_WORKER, Part, Step
from access.grants import queries as grants
from access.plans.plan import Plan
from access.plans.terms import BasisRule
from access.pseudonymisation.queries import SecretGone, open_secret
from catalog.vault.queries import release_files
from hub.crypto.files import Unreadable
from hub.crypto.keys import Secret
from hub.kernel.refusals import Refusal, Refused, require
from hub.outbox.actions import owe

logger = structlog.get_logger(__name__)
MOST_ATTEMPTS = 3
MOST_DEATHS = 6

PLAN_CHANGED = Refusal(
    "plan-changed",
    "The plan is not the one that was approved.",
    "Tell the operator of the hub.",
)
NO_DATA = Refusal(
    "no-data", "The hub holds no data of this release.", "Write to the producer's contact."
)
KEY_GONE = Refusal(
    "key-gone", "The key of this grant was destroyed.", "Make a new request for these data."
)
DAMAGED = Refusal("damaged", "What was written cannot be read back.", "Start another extract.")
GIVEN_UP = Refusal(
    "given-up",
    "The worker died %(times)s times while it made this extract.",
    "Tell the operator of the hub: it may lack memory or room.",
)
REMEDIES = {
    True: "The request or the data must change: write to the producer's contact.",
    False: "Start another extract; if it fails again, tell the operator of the hub.",
}


def run(*, extract_id: UUID, clock: Clock) -> bool:
    """Make an extract, if it waits or its worker died; tell whether this call finished it."""
    extract = _claim(extract_id, clock())
    if extract is None:
        return False
    try:
        return _done(extract, clock)
    finally:
        places.remove_draft(extract.pk, extract.attempt)


def _done(extract: Extract, clock: Clock) -> bool:
    try:
        with kept(extract, clock) as pulse:
            made = _make(extract, pulse, clock)
        _ready(extract, made, clock())
    except (LeaseLost, Cancelled):
        logger.info("extract.let_go", extract=str(extract.pk))
        return False
    except EngineError as error:
        if not error.permanent and extract.attempt < MOST_ATTEMPTS:
            return _again(extract, error, clock())
        return _fail(extract, [_refusal(error)], clock(), _suggested(error))
    except (Refused, SecretGone, Unreadable) as error:
        return _fail(extract, _reasons(error), clock())
    return True


@transaction.atomic
def _claim(extract_id: UUID, at: datetime) -> Extract | None:
    """Take the lease of an extract that nobody holds; give up one that kills its workers."""
    extract = (
        queries.abandoned(at)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("granted__grant", "granted__dataset", "release")
        .filter(pk=extract_id)
        .first()
    )
    if extract is None:
        return None
    if extract.attempt >= MOST_DEATHS:
        refusal = replace(GIVEN_UP, values={"times": extract.attempt})
        failure = [asdict(refusal)]
        move(
            extract,
            Step.FAIL,
            Part.WORKER,
            at=at,
            failure=failure,
            finished_at=at,
            lease_until=None,
        )
        return None
    extract.attempt += 1
    move(
        extract,
        Step.START,
        Part.WORKER,
        at=at,
        attempt=extract.attempt,
        lease_until=at + LEASE,
        started_at=at,
        stage="",
        rows_done=0,
    )
    return extract


def _make(extract: Extract, pulse: Pulse, clock: Clock) -> Bundle:
    """Run the approved plan, and check what it made."""
    _require_effective(extract, clock())
    plan = _approved(extract)
    secret = open_secret(extract.granted.grant_id)
    draft, key = places.draft_of(extract.pk, extract.attempt), places.file_key(secret, extract.pk)
    made = bundle.produce(
        plan=plan,
        inputs=_inputs(extract, plan, secret, clock()),
        texts=texts_for(extract, plan),
        destination=draft,
        file_key=key,
        workdir=places.work(),
        ports=Ports(progress=pulse.progress, cancelled=pulse.lost.is_set, limits=_limits()),
    )
    _check(extract, made, draft, key, pulse, clock)
    _require_effective(extract, clock())
    return made


def _limits() -> Limits:
    return Limits.within(
        threads=settings.HUB_EXTRACT_THREADS,
        memory=settings.HUB_EXTRACT_MEMORY,
        disk=settings.HUB_EXTRACT_DISK,
    )


def _require_effective(extract: Extract, at: datetime) -> None:
    require(
        grants.refusals_now(
            user_id=extract.asked_by_id, grant_dataset_id=extract.granted_id, at=at
        )
    )


def _approved(extract: Extract) -> Plan:
    """
    Return the plan that was approved, and no other.

    :raises Refused: when its digest is not the one of the decision
    """
    approved = grants.plan_of(extract.granted_id)
    try:
        plan = Plan.from_json(approved.plan)
    except ValueError:
        raise Refused([PLAN_CHANGED]) from None
    if not plan.digest == approved.digest == extract.plan_digest:
        raise Refused([PLAN_CHANGED])
    return plan


def _inputs(extract: Extract, plan: Plan, secret: Secret, at: datetime) -> Inputs:
    """Gather the rows, the keys, and the words of consent as they stand now."""
    parts = release_files(extract.release_id)
    if not parts:
        raise Refused([NO_DATA])
    consent = None
    if plan.basis is not BasisRule.NONE:
        found = keys_in_force(
            dataset_id=extract.granted.dataset_id,
            project_id=extract.granted.grant_id,
            basis=plan.basis,
            purpose=extract.granted.grant.purpose,
            as_of=at,
        )
        consent = SubjectSet(found.keys)
        Extract.objects.filter(pk=extract.pk).update(
            consent_watermark=found.watermark, consent_digest=found.digest
        )
    sources = [SourceFile(one.path, one.key) for one in parts]
    return Inputs(sources, keys_of(plan, secret), consent, queries.left_out(extract.granted_id))


def _check(
    extract: Extract, made: Bundle, draft: Path, key: Secret, pulse: Pulse, clock: Clock
) -> None:
    """
    Read every file back to its end before anybody may have it.

    :raises Unreadable: when a byte is not the one that was written
    """
    with transaction.atomic():
        _move_ours(extract, Step.CHECK, clock(), stage="verifying")
    total = sum(entry.size for entry in made.files)
    done = 0
    for entry in made.files:
        with bundle.open_file(draft, entry.name, key) as reader:
            while piece := reader.read(1 << 20):
                done += len(piece)
                pulse.progress("verifying", done, total)
                if pulse.lost.is_set():
                    raise LeaseLost


@transaction.atomic
def _ready(extract: Extract, made: Bundle, at: datetime) -> None:
    """Let the files be the team's, until their purge."""
    days = timedelta(days=settings.HUB_EXTRACT_DAYS)
    purge_at = min(at + days, extract.granted.grant.ends_at)
    outcome = asdict(made.outcome)
    cells = b"".join(outcome.pop("suppressed_cells"))
    ExtractFile.objects.filter(extract_id=extract.pk).delete()
    ExtractFile.objects.bulk_create(
        ExtractFile(
            extract_id=extract.pk,
            position=position,
            name=entry.name,
            size=entry.size,
            sha256=entry.sha256,
            media_type=media_type(entry.name),
        )
        for position, entry in enumerate(made.files)
    )
    _move_ours(
        extract,
        Step.PUBLISH,
        at,
        outcome=outcome,
        suppressed_cells=cells,
        rows_done=made.outcome.rows_read,
        rows_total=made.outcome.rows_read,
        finished_at=at,
        purge_at=purge_at,
        lease_until=None,
        failure=[],
        suggestions=[],
    )
    # Words that came while it was made are not in it: whoever spoke up then is to be recalled.
    payload = {"dataset": str(extract.granted.dataset_id)}
    owe(event="extract.ready", payload=payload, at=at, key=f"extract.ready:{extract.pk}")
    places.publish(extract.pk, extract.attempt)


def _move_ours(extract: Extract, step: Step, at: datetime, **changed: Any) -> None:
    """
    Take a step as the worker that holds the extract.

    :raises LeaseLost: when it holds it no more
    """
    current = locked(extract.pk)
    if current.attempt != extract.attempt or current.state not in HELD_BY_A_WORKER:
        raise LeaseLost
    move(current, step, Part.WORKER, at=at, **changed)


def _again(extract: Extract, error: EngineError, at: datetime) -> bool:
    """Put an extract back in the queue: trying again may help."""
    try:
        with transaction.atomic():
            _move_ours(extract, Step.RETRY, at, lease_until=at + LEASE)
    except LeaseLost:
        return False
    logger.warning("extract.again", extract=str(extract.pk), code=error.code)
    return False


def _fail(
    extract: Extract,
    refusals: Sequence[Refusal],
    at: datetime,
    suggestions: Sequence[dict[str, object]] = (),
) -> bool:
    """End an extract that cannot be made, with every reason."""
    failure = [asdict(refusal) for refusal in refusals]
    try:
        with transaction.atomic():
            _move_ours(
                extract,
                Step.FAIL,
                at,
                details={"codes": [refusal.code for refusal in refusals]},
                failure=failure,
                suggestions=list(suggestions),
                finished_at=at,
                lease_until=None,
            )
    except LeaseLost:
        return False
    return True


def _reasons(error: Refused | SecretGone | Unreadable) -> Sequence[Refusal]:
    if isinstance(error, Refused):
        return error.refusals
    return [KEY_GONE] if isinstance(error, SecretGone) else [DAMAGED]


def _refusal(error: EngineError) -> Refusal:
    return Refusal(error.code, error.message, REMEDIES[error.permanent], values=error.values)


def _suggested(error: EngineError) -> list[dict[str, object]]:
    if not isinstance(error, DisclosureExceeded):
        return []
    return [asdict(one) for one in error.suggestions]


def resume(*, at: datetime) -> int:
    """
    Hand over the extracts that nobody works on, and sweep what dead workers left; return how many.
    """
    waiting = list(queries.abandoned(at).order_by("asked_at").values_list("pk", flat=True)[:100])
    for extract_id in waiting:
        hand_over(extract_id)
    sweep()
    return len(waiting)


def sweep() -> None:
    """
    Remove the bytes that dead workers left: drafts of attempts that are over, bundles of nothing.

    The folders are listed before the table is read: what appears in between is left alone.
    """
    drafts, published = places.drafts(), places.published()
    kept_bytes = queries.with_bytes()
    for extract_id, attempt in drafts:
        if kept_bytes.get(extract_id) != attempt:
            places.remove_draft(extract_id, attempt)
    for extract_id in published:
        if extract_id not in kept_bytes:
            places.remove(extract_id)
