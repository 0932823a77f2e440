"""
Hold an extract, whoever makes it: a worker of the hub or the node of a producer.

Take it, ask whether it may be made, write what became of it; from another attempt, nothing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import structlog
from django.conf import settings
from django.db import transaction

from access.consents.queries import KeysInForce, keys_in_force
from access.extracts import places
from access.extracts.actions import locked, move
from access.extracts.bundle import Bundle
from access.extracts.lease import LEASE, LeaseLost
from access.extracts.models import Extract, ExtractFile
from access.extracts.ports import EngineError, SubjectSet, TellsTooMuch
from access.extracts.recipes import MOVED, Approved, approved_for
from access.extracts.wording import media_type
from access.extracts.workflow import HELD_BY_A_WORKER, MADE, Part, Step
from access.grants import queries as grants
from access.plans.crossing import Recipe
from access.plans.terms import BasisRule
from access.pseudonymisation.queries import SecretGone
from hub.crypto.files import Unreadable
from hub.kernel.refusals import Refusal, Refused, require
from hub.outbox.actions import owe

logger = structlog.get_logger(__name__)
MOST_ATTEMPTS = 3
MOST_DEATHS = 6

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


def claimed(extract: Extract, at: datetime) -> Extract | None:
    """Hold a locked extract from now on; give up one that kills its workers."""
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
        bytes_done=0,
    )
    return extract


def require_effective(extract: Extract, at: datetime) -> None:
    """
    Go on only while whoever asked may have the data.

    :raises Refused: with every reason why not
    """
    require(
        grants.refusals_now(
            user_id=extract.asked_by_id, grant_dataset_id=extract.granted_id, at=at
        )
    )


def approved(extract: Extract) -> Approved:
    """
    Return what was approved, and nothing else.

    :raises Refused: when its digest is not the one for which the extract was asked
    """
    found = approved_for(extract.granted_id)
    if found.recipe.digest != extract.plan_digest:
        # What is granted is what was decided: it was decided again since the extract was asked.
        raise Refused([MOVED])
    return found


def words_in_force(extract: Extract, approved: Approved, at: datetime) -> list[KeysInForce | None]:
    """
    Return whose rows count, or do not, as the words stand now: for each source, None where nobody
    is asked. The extract keeps up to which words they were read.
    """
    words = [
        None
        if plan.basis is BasisRule.NONE
        else keys_in_force(
            dataset_id=one.dataset_id,
            project_id=one.grant_id,
            basis=plan.basis,
            purpose=extract.granted.grant.purpose,
            as_of=at,
        )
        for plan, one in zip(approved.recipe.parts, approved.granted, strict=True)
    ]
    marks = {
        str(one.dataset_id): word.watermark if word else 0
        for one, word in zip(approved.granted, words, strict=True)
    }
    digests = [word.digest for word in words if word]
    Extract.objects.filter(pk=extract.pk).update(
        consent_watermark=sum(marks.values()),
        watermarks=marks if len(marks) > 1 else {},
        consent_digest=_digest_of(digests),
    )
    return words


def _digest_of(digests: Sequence[str]) -> str:
    """Return what proves which lists were applied: the digest of one, or that of several."""
    if len(digests) < 2:
        return "".join(digests)
    return hashlib.sha256("".join(digests).encode()).hexdigest()


def changed_since(extract: Extract, plan: Recipe, consent: SubjectSet | None) -> SubjectSet | None:
    """
    Return the persons in whom tables will differ from those that were made before.

    :returns: None when there is nobody; always of rows, of which each stands for itself
    """
    if not plan.tables or consent is None:
        return None
    earlier = {
        (one.consent_watermark, one.started_at)
        for one in Extract.objects.filter(granted_id=extract.granted_id, state__in=MADE)
    }
    found = [
        consent.different(
            SubjectSet(
                keys_in_force(
                    dataset_id=extract.granted.dataset_id,
                    project_id=extract.granted.grant_id,
                    basis=plan.parts[0].basis,
                    purpose=extract.granted.grant.purpose,
                    as_of=started_at or extract.asked_at,
                    up_to=watermark,
                ).keys
            )
        )
        for watermark, started_at in earlier
    ]
    changed = SubjectSet(np.concatenate(found)) if found else None
    return changed if changed else None


@transaction.atomic
def ready(extract: Extract, made: Bundle, at: datetime) -> None:
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
    move_ours(
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
    for one in grants.plans_of(extract.granted_id):
        owe(
            event="extract.ready",
            payload={"dataset": str(one.dataset_id)},
            at=at,
            key=f"extract.ready:{extract.pk}:{one.dataset_id}",
        )
    places.publish(extract.pk, extract.attempt)


def move_ours(extract: Extract, step: Step, at: datetime, **changed: Any) -> None:
    """
    Take a step as the worker that holds the extract.

    :raises LeaseLost: when it holds it no more
    """
    current = locked(extract.pk)
    if current.attempt != extract.attempt or current.state not in HELD_BY_A_WORKER:
        raise LeaseLost
    move(current, step, Part.WORKER, at=at, **changed)


def again(extract: Extract, code: str, at: datetime) -> bool:
    """Put an extract back in the queue: trying again may help."""
    try:
        with transaction.atomic():
            move_ours(extract, Step.RETRY, at, lease_until=at + LEASE)
    except LeaseLost:
        return False
    logger.warning("extract.again", extract=str(extract.pk), code=code)
    return False


def fail(
    extract: Extract,
    refusals: Sequence[Refusal],
    at: datetime,
    suggestions: Sequence[dict[str, object]] = (),
) -> bool:
    """End an extract that cannot be made, with every reason."""
    failure = [asdict(refusal) for refusal in refusals]
    try:
        with transaction.atomic():
            move_ours(
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


def reasons(error: Refused | SecretGone | Unreadable) -> Sequence[Refusal]:
    """Say why nothing can be made."""
    if isinstance(error, Refused):
        return error.refusals
    return [KEY_GONE] if isinstance(error, SecretGone) else [DAMAGED]


def refusal_of(error: EngineError) -> Refusal:
    """Return what the engine says as a refusal."""
    return Refusal(error.code, error.message, REMEDIES[error.permanent], values=error.values)


def suggested(error: EngineError) -> list[dict[str, object]]:
    """Return the fields that could be coarser, when groups were too small."""
    if not isinstance(error, TellsTooMuch):
        return []
    return [asdict(one) for one in error.suggestions]
