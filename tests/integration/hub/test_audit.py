"""The trail on a real PostgreSQL: it grows, it follows, and it shows where it was broken."""

from datetime import UTC, datetime
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from hub.audit.actions import record
from hub.audit.queries import events, verify
from hub.people.permissions import HUB

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def three_events() -> None:
    for number in range(3):
        record(kind="test.happened", by=HUB, subject=f"thing:{number}", at=AT, reason="because")


def test_record_appends_an_event_that_follows_the_one_before() -> None:
    three_events()

    newest, middle, *_ = events(kind="test.")

    assert bytes(newest.previous) == bytes(middle.digest)
    assert newest.seq == middle.seq + 1
    assert verify().broken_at is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE hub_auditevent SET reason = 'other'",
        "DELETE FROM hub_auditevent",
        "TRUNCATE hub_auditevent",
        "DELETE FROM hub_audithead",
    ],
)
def test_the_database_refuses_even_its_owner_to_change_the_trail(statement: str) -> None:
    three_events()

    with (
        pytest.raises(DatabaseError, match="only grows"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO hub_auditevent SELECT * FROM hub_auditevent",
        "UPDATE hub_auditevent SET reason = 'other'",
        "DELETE FROM hub_auditevent",
        "TRUNCATE hub_auditevent",
        "UPDATE hub_audithead SET seq = 0",
        "ALTER TABLE hub_auditevent DISABLE TRIGGER ALL",
        "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE sql AS ''",
    ],
)
def test_the_role_that_runs_the_hub_can_only_append(statement: str) -> None:
    known = connection.settings_dict
    with psycopg.connect(
        host=known["HOST"], port=known["PORT"] or 5432, dbname=known["NAME"], user="hub_app"
    ) as runner:
        runner.execute(
            "SELECT audit_append(now(), 'test.happened', 'hub', '', 'thing:1', '', '{}')"
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            runner.execute(statement)
        runner.rollback()


def test_verify_names_the_first_broken_link() -> None:
    three_events()
    altered = events(kind="test.").order_by("seq")[1].seq
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE hub_auditevent DISABLE TRIGGER ALL")
        cursor.execute("UPDATE hub_auditevent SET reason = 'other' WHERE seq = %s", [altered])
        cursor.execute("ALTER TABLE hub_auditevent ENABLE TRIGGER ALL")

    assert verify().broken_at == altered
    with pytest.raises(CommandError, match=f"event {altered} does not follow"):
        call_command("audit", "verify")


def test_verify_sees_that_the_tail_was_cut() -> None:
    three_events()
    last = events()[0].seq
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE hub_auditevent DISABLE TRIGGER ALL")
        cursor.execute("DELETE FROM hub_auditevent WHERE seq = %s", [last])
        cursor.execute("ALTER TABLE hub_auditevent ENABLE TRIGGER ALL")

    assert verify().broken_at == last


def test_the_command_says_that_the_trail_is_whole() -> None:
    three_events()
    said = StringIO()

    call_command("audit", "verify", stdout=said)

    assert "The trail is whole" in said.getvalue()


def test_an_act_that_is_rolled_back_leaves_no_event() -> None:
    before = verify().events

    with transaction.atomic():
        three_events()
        transaction.set_rollback(True)

    assert verify().events == before
