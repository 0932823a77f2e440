"""Read the trail, and verify its chain."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from hub.audit.models import AuditEvent
from hub.people.permissions import Actor, Role


@dataclass(frozen=True, slots=True)
class Verification:
    """What the chain says: ``broken_at`` is the first event that does not follow, or None."""

    events: int
    broken_at: int | None
    head: str


def verify() -> Verification:
    """
    Recompute the chain from the first event to the last.

    An event's digest is SHA-256 over the digest before it and its own content, as
    ``audit_digest`` in the database computes it; the numbers must follow without a gap, and the
    last digest must be the head's, so that a cut tail shows too.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH chain AS (
                SELECT seq, digest, previous,
                       lag(digest, 1, '\\x'::bytea) OVER w AS before,
                       lag(seq, 1, 0::bigint) OVER w AS number_before,
                       audit_digest(previous, seq, happened_at, kind, actor, acting_as, subject,
                                    reason, details) AS computed
                FROM hub_auditevent WINDOW w AS (ORDER BY seq)
            )
            SELECT count(*),
                   min(seq) FILTER (WHERE digest <> computed OR previous <> before
                                       OR seq <> number_before + 1),
                   max(seq)
            FROM chain
            """
        )
        count, broken, last = cursor.fetchone()
        cursor.execute("SELECT seq, digest FROM hub_audithead")
        head_seq, head = cursor.fetchone()
    if broken is None and (last or 0) != head_seq:
        broken = min(last or 0, head_seq) + 1
    return Verification(events=count, broken_at=broken, head=bytes(head).hex())


def events_for(actor: Actor, *, subject: str = "", kind: str = "") -> QuerySet[AuditEvent]:
    """
    Return what somebody who reads the trail may read of it.

    What must not warn the side that it is about, as demands to name persons, is for auditors.
    """
    found = events(subject=subject, kind=kind)
    if Role.AUDITOR not in actor.roles:
        for prefix in settings.HUB_TRAIL_FOR_AUDITORS:
            found = found.exclude(kind__startswith=prefix)
    return found


def events(*, subject: str = "", kind: str = "") -> QuerySet[AuditEvent]:
    """Return events, newest first, of one subject and one kind when they are given."""
    found = AuditEvent.objects.order_by("-seq")
    if subject:
        found = found.filter(subject=subject)
    return found.filter(kind__startswith=kind) if kind else found
