"""Append to the trail, in the caller's transaction."""

import json
from collections.abc import Mapping
from datetime import datetime

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from hub.people.permissions import Actor


def record(
    *,
    kind: str,
    by: Actor,
    subject: str,
    at: datetime,
    reason: str = "",
    details: Mapping[str, object] | None = None,
) -> None:
    """
    Append one event. ``details`` holds opaque identifiers, counts and states, never a person.

    The event is part of the caller's transaction: an act without its event cannot be committed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_append(%s, %s, %s, %s, %s, %s, %s)",
            [
                at,
                kind,
                by.name,
                by.acting_as,
                subject,
                reason,
                json.dumps(dict(details or {}), cls=DjangoJSONEncoder, sort_keys=True),
            ],
        )
