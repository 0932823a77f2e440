"""Ask for a count, and make it, once."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pyarrow as pa
import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from access.estimates.counting import CannotCount, Counted, columns_for, count, kept
from access.estimates.models import Estimate, State
from access.plans.fields import field_spec
from access.plans.plan import Plan
from catalog.datasets.queries import snapshot
from catalog.vault.queries import release_files
from hub.audit.actions import record
from hub.crypto.files import Unreadable, open_parquet
from hub.people.permissions import Actor

logger = structlog.get_logger(__name__)
COUNT = "access.estimate"
FORGOTTEN = timedelta(minutes=10)
"""A count that waits longer is handed over again when somebody asks."""
BATCH = 1 << 17


@transaction.atomic
def ask(*, plan: Plan, release_id: UUID, by: Actor, at: datetime) -> Estimate:
    """Ask for the count of a plan; what is there, or on its way, is the answer."""
    estimate, created = Estimate.objects.get_or_create(
        plan_digest=plan.digest,
        defaults={"plan": plan.to_json(), "release_id": release_id, "asked_at": at},
    )
    forgotten = estimate.state == State.WAITING and estimate.asked_at < at - FORGOTTEN
    if created or forgotten:
        estimate.asked_at = at
        estimate.save(update_fields=["asked_at"])
        subject = f"release:{release_id}"
        told = {"plan": plan.digest}
        record(kind="estimate.ask", by=by, subject=subject, at=at, details=told)
        transaction.on_commit(lambda: _hand_over(estimate.pk))
    return estimate


def _hand_over(estimate_id: UUID) -> None:
    try:
        current_app.send_task(
            COUNT, kwargs={"estimate_id": str(estimate_id)}, queue="extracts", retry=False
        )
    except OperationalError:
        logger.warning("estimate.broker_away", estimate=str(estimate_id))


def make(*, estimate_id: UUID, at: datetime) -> bool:
    """Count, if it was not done; tell whether this call did."""
    estimate = Estimate.objects.filter(pk=estimate_id, state=State.WAITING).first()
    if estimate is None:
        return False
    try:
        counted = _counted(Plan.from_json(estimate.plan), estimate.release_id)
    except (CannotCount, Unreadable, pa.ArrowException) as error:
        reason = error.code if isinstance(error, CannotCount) else "unreadable"
        changed: dict[str, Any] = {"state": State.FAILED, "reason": reason}
    else:
        changed = {"state": State.DONE, "result": asdict(counted)}
    waiting = Estimate.objects.filter(pk=estimate_id, state=State.WAITING)
    return bool(waiting.update(finished_at=at, **changed))


def _counted(plan: Plan, release_id: UUID) -> Counted:
    columns = columns_for(plan)
    parts = release_files(release_id)
    if not parts:
        raise CannotCount("elsewhere")
    if sum(part.rows for part in parts) > settings.HUB_ESTIMATE_ROWS:
        raise CannotCount("too-large")
    found: list[pa.Table] = []
    for part in parts:
        with open_parquet(part.path, part.key) as file:
            found += [kept(plan, batch) for batch in file.iter_batches(BATCH, columns=columns)]
    known = snapshot(UUID(plan.source.dataset), release_id, published=False)
    fields = [field_spec(one) for one in known.fields]
    return count(plan, fields, pa.concat_tables(found))
