"""
Look at what a node delivered, make the rest of the bundle, and let it be the team's.

The worker that does it holds the extract by the same lease as one that makes it; when it dies
another begins again from the same files.
"""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

import structlog
from django.db import transaction

from access.extracts import bundle, places, queries
from access.extracts.bundle import Bundle
from access.extracts.datapackage import FileEntry
from access.extracts.delivered import CELLS, Delivery, cells_of, differences
from access.extracts.holding import (
    GIVEN_UP,
    MOST_DEATHS,
    approved,
    fail,
    ready,
    reasons,
    require_effective,
)
from access.extracts.lease import LEASE, Clock, LeaseLost, Pulse, kept
from access.extracts.models import Extract
from access.extracts.outcomes import Outcome, outcome_read
from access.extracts.wording import texts_for
from access.pseudonymisation.queries import SecretGone, open_secret
from catalog.datasets.house_keys import signer
from hub.crypto.files import Unreadable
from hub.crypto.keys import Secret
from hub.kernel.refusals import Refusal, Refused, require

logger = structlog.get_logger(__name__)


def receive(*, extract_id: UUID, clock: Clock) -> bool:
    """Receive what a node delivered, if nobody does; tell whether this call finished it."""
    extract = _take(extract_id, clock())
    if extract is None:
        return False
    try:
        with kept(extract, clock) as pulse:
            made = _gather(extract, pulse, clock)
        ready(extract, made, clock())
    except LeaseLost:
        logger.info("extract.let_go", extract=str(extract.pk))
        return False
    except (Refused, SecretGone, Unreadable) as error:
        fail(extract, reasons(error), clock())
    places.remove_draft(extract.pk, extract.attempt)
    return True


@transaction.atomic
def _take(extract_id: UUID, at: datetime) -> Extract | None:
    extract = (
        queries.delivered_by_nodes(at)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("granted__grant", "granted__dataset", "release")
        .filter(pk=extract_id)
        .first()
    )
    if extract is None:
        return None
    looked = int(extract.delivery["looked"])
    if looked >= MOST_DEATHS:
        told = Refusal(GIVEN_UP.code, GIVEN_UP.explanation, GIVEN_UP.remedy, {"times": looked})
        fail(extract, [told], at)
        return None
    extract.delivery["looked"] = looked + 1
    extract.lease_until = at + LEASE
    extract.save(update_fields=["delivery", "lease_until"])
    return extract


def _gather(extract: Extract, pulse: Pulse, clock: Clock) -> Bundle:
    found = approved(extract)
    plan = found.alone
    key = places.file_key(open_secret(extract.granted.grant_id), extract.pk)
    folder = places.incoming_of(extract.pk, extract.attempt)
    said = _delivery(extract)
    consent = str(extract.delivery["consent"])
    beat = _Beat(pulse, sum(entry.size for entry in said.entries))
    require(differences(folder, said, plan, key=key, consent=consent, beat=beat.add))
    require_effective(extract, clock())
    return bundle.gather(
        plan=plan,
        folder=folder,
        entries=[entry for entry in said.entries if entry.name != CELLS],
        outcome=_with_cells(said, folder, key),
        texts=texts_for(extract, found),
        destination=places.draft_of(extract.pk, extract.attempt),
        file_key=key,
        sign=signer().sign,
    )


def _delivery(extract: Extract) -> Delivery:
    outcome = outcome_read(extract.delivery["outcome"])
    return Delivery(outcome, tuple(FileEntry(**one) for one in extract.delivery["files"]))


def _with_cells(said: Delivery, folder: Path, key: Secret) -> Outcome:
    return replace(said.outcome, suppressed_cells=cells_of(folder, key))


class _Beat:
    """Tell how far the reading is, and stop when the extract is not this worker's any more."""

    def __init__(self, pulse: Pulse, total: int) -> None:
        self._pulse = pulse
        self._total = total
        self._done = 0

    def add(self, size: int) -> None:
        """
        Add what was read.

        :raises LeaseLost: when it was cancelled meanwhile
        """
        self._done += size
        self._pulse.progress("verifying", self._done, self._total)
        if self._pulse.lost.is_set():
            raise LeaseLost
