"""
Make one extract: once, whoever dies on the way.

Effective, the plan that was approved, the words of consent as they stand, the engine, the checks,
effective again: only then are the files anybody's. A run that is killed leaves nothing visible.
"""

from datetime import datetime
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction

from access.extracts import bundle, places, queries
from access.extracts.actions import RECEIVE, hand_over
from access.extracts.bundle import Bundle, Inputs, Ports
from access.extracts.holding import (
    MOST_ATTEMPTS,
    NO_DATA,
    again,
    approved,
    changed_since,
    claimed,
    fail,
    move_ours,
    ready,
    reasons,
    refusal_of,
    require_effective,
    suggested,
    words_in_force,
)
from access.extracts.lease import Clock, LeaseLost, Pulse, kept
from access.extracts.models import Extract
from access.extracts.ports import Cancelled, EngineError, Limits, SourceFile, SubjectSet, keys_of
from access.extracts.recipes import Approved
from access.extracts.wording import texts_for
from access.extracts.workflow import Step
from access.pseudonymisation.queries import SecretGone, open_secret
from catalog.datasets.house_keys import signer
from catalog.vault.queries import release_files
from hub.crypto.files import Unreadable
from hub.crypto.keys import Secret
from hub.kernel.refusals import Refused

logger = structlog.get_logger(__name__)


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
        ready(extract, made, clock())
    except (LeaseLost, Cancelled):
        logger.info("extract.let_go", extract=str(extract.pk))
        return False
    except EngineError as error:
        if not error.permanent and extract.attempt < MOST_ATTEMPTS:
            return again(extract, error.code, clock())
        return fail(extract, [refusal_of(error)], clock(), suggested(error))
    except (Refused, SecretGone, Unreadable) as error:
        return fail(extract, reasons(error), clock())
    return True


@transaction.atomic
def _claim(extract_id: UUID, at: datetime) -> Extract | None:
    """Take the lease of an extract that nobody holds."""
    extract = (
        queries.abandoned(at)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("granted__grant", "granted__dataset", "release")
        .filter(pk=extract_id)
        .first()
    )
    return claimed(extract, at) if extract else None


def _make(extract: Extract, pulse: Pulse, clock: Clock) -> Bundle:
    """Run the approved plan, and check what it made."""
    require_effective(extract, clock())
    found = approved(extract)
    secret = open_secret(extract.granted.grant_id)
    draft, key = places.draft_of(extract.pk, extract.attempt), places.file_key(secret, extract.pk)
    made = bundle.produce(
        plan=found.recipe,
        inputs=_inputs(extract, found, secret, clock()),
        texts=texts_for(extract, found),
        destination=draft,
        file_key=key,
        workdir=places.work(),
        ports=Ports(
            progress=pulse.progress,
            cancelled=pulse.lost.is_set,
            limits=_limits(),
            meter=pulse.meter,
            sign=signer().sign,
        ),
    )
    _check(extract, made, draft, key, pulse, clock)
    require_effective(extract, clock())
    return made


def _limits() -> Limits:
    return Limits.within(
        threads=settings.HUB_EXTRACT_THREADS,
        memory=settings.HUB_EXTRACT_MEMORY,
        disk=settings.HUB_EXTRACT_DISK,
        optimal=settings.HUB_TABLE_SOLVER == "tauargus",
        statistical_rows=settings.HUB_STATISTICAL_ROWS,
    )


def _inputs(extract: Extract, found: Approved, secret: Secret, at: datetime) -> Inputs:
    """Gather the rows, the keys, and the words of consent as they stand now."""
    files = [release_files(one.release_id) for one in found.granted]
    if not all(files):
        raise Refused([NO_DATA])
    words = words_in_force(extract, found, at)
    consent = [SubjectSet(one.keys) if one else None for one in words]
    sources = [
        SourceFile(one.path, one.key, part) for part, each in enumerate(files) for one in each
    ]
    keys, frozen = keys_of(found.recipe, secret), queries.left_out(extract.granted_id)
    changed = changed_since(extract, found.recipe, consent[0])
    return Inputs(sources, keys, consent, frozen, changed)


def _check(
    extract: Extract, made: Bundle, draft: Path, key: Secret, pulse: Pulse, clock: Clock
) -> None:
    """
    Read every file back to its end before anybody may have it.

    :raises Unreadable: when a byte is not the one that was written
    """
    with transaction.atomic():
        move_ours(extract, Step.CHECK, clock(), stage="verifying", **pulse.bytes)
    total = sum(entry.size for entry in made.files)
    done = 0
    for entry in made.files:
        with bundle.open_file(draft, entry.name, key) as reader:
            while piece := reader.read(1 << 20):
                done += len(piece)
                pulse.progress("verifying", done, total)
                if pulse.lost.is_set():
                    raise LeaseLost


def resume(*, at: datetime) -> int:
    """
    Hand over the extracts that nobody works on, and sweep what dead workers left; return how many.
    """
    waiting = list(queries.abandoned(at).order_by("asked_at").values_list("pk", flat=True)[:100])
    for extract_id in waiting:
        hand_over(extract_id)
    for extract_id in queries.delivered_by_nodes(at).values_list("pk", flat=True)[:100]:
        hand_over(extract_id, RECEIVE)
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
