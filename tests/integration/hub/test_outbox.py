"""What is owed is done once, and retried until it is done."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from hub.outbox.actions import owe, settle, sweep
from hub.outbox.models import Message

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def owed() -> Message:
    owe(event="test.owed", payload={"id": "1"}, at=AT, key="once")
    return Message.objects.get(key="once")


def test_owe_keeps_one_message_for_a_key() -> None:
    owed()
    owed()

    assert Message.objects.filter(key="once").count() == 1


def test_an_act_that_is_rolled_back_owes_nothing() -> None:
    with transaction.atomic():
        owed()
        transaction.set_rollback(True)

    assert not Message.objects.exists()


def test_settle_reacts_once() -> None:
    message = owed()
    seen: list[tuple[str, Mapping[str, Any]]] = []

    first = settle(message_id=message.pk, react=lambda e, p: seen.append((e, p)), at=AT)
    second = settle(message_id=message.pk, react=lambda e, p: seen.append((e, p)), at=AT)

    assert (first, second) == (True, False)
    assert seen == [("test.owed", {"id": "1"})]


def test_a_reaction_that_fails_stays_owed_and_is_put_off() -> None:
    message = owed()

    def fail(_event: str, _payload: Mapping[str, Any]) -> None:
        Message.objects.create(key="half", event="x", payload={}, owed_at=AT, next_try_at=AT)
        raise RuntimeError

    assert not settle(message_id=message.pk, react=fail, at=AT)

    message.refresh_from_db()
    assert message.done_at is None
    assert message.tries == 1
    assert message.next_try_at == AT + timedelta(seconds=2)
    assert not Message.objects.filter(key="half").exists()


def test_sweep_hands_over_what_waits_and_nothing_else() -> None:
    owed()
    Message.objects.create(
        key="later", event="x", payload={}, owed_at=AT, next_try_at=AT + timedelta(hours=1)
    )
    Message.objects.create(
        key="done", event="x", payload={}, owed_at=AT, next_try_at=AT, done_at=AT
    )

    assert sweep(at=AT) == 1
