"""Owe a side effect; settle it once."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from hub.kernel.identifiers import new_id
from hub.outbox.models import Message

logger = structlog.get_logger(__name__)
REACT = "access.react"
LONGEST_WAIT = timedelta(hours=1)


def owe(*, event: str, payload: Mapping[str, Any], at: datetime, key: str = "") -> None:
    """
    Owe what follows from an event, in the caller's transaction.

    ``payload`` holds opaque identifiers only. The same ``key`` is owed once, however often it
    is asked. After commit the message is handed to a worker; if the broker is away, the sweep
    hands it over later.
    """
    message, created = Message.objects.get_or_create(
        key=key or str(new_id()),
        defaults={"event": event, "payload": dict(payload), "owed_at": at, "next_try_at": at},
    )
    if created:
        transaction.on_commit(lambda: hand_over(message.pk))


def hand_over(message_id: UUID) -> None:
    """Tell a worker that a message waits. A broker that is away loses nothing."""
    try:
        current_app.send_task(REACT, kwargs={"message_id": str(message_id)}, retry=False)
    except OperationalError:
        logger.warning("outbox.broker_away", message_id=str(message_id))


def settle(
    *, message_id: UUID, react: Callable[[str, Mapping[str, Any]], None], at: datetime
) -> bool:
    """
    React to one message, once: the reaction and the mark that it is done commit together.

    A reaction that fails is put off, twice as long each time. Tell whether it was done now.
    """
    try:
        with transaction.atomic():
            message = (
                Message.objects.select_for_update(skip_locked=True, of=("self",))
                .filter(pk=message_id, done_at=None)
                .first()
            )
            if message is None:
                return False
            react(message.event, message.payload)
            message.done_at = at
            message.save(update_fields=["done_at"])
    except Exception:
        logger.exception("outbox.reaction_failed", message_id=str(message_id))
        put_off(message_id=message_id, at=at)
        return False
    return True


def put_off(*, message_id: UUID, at: datetime) -> None:
    """Try a message again later."""
    with transaction.atomic():
        message = Message.objects.select_for_update(of=("self",)).get(pk=message_id)
        message.tries += 1
        message.next_try_at = at + min(timedelta(seconds=2**message.tries), LONGEST_WAIT)
        message.save(update_fields=["tries", "next_try_at"])


def sweep(*, at: datetime) -> int:
    """Hand over every message whose time has come; return how many."""
    waiting = Message.objects.filter(done_at=None, next_try_at__lte=at)
    identifiers = list(waiting.order_by("owed_at").values_list("pk", flat=True)[:500])
    for identifier in identifiers:
        hand_over(identifier)
    return len(identifiers)
