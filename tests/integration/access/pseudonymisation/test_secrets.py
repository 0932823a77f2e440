"""The secret of a grant: made once, opened by one reader, destroyed with a proof."""

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from access.pseudonymisation.actions import create_secret, destroy_secret
from access.pseudonymisation.models import GrantSecret
from access.pseudonymisation.queries import SecretGone, has_secret, open_secret
from hub.audit.queries import events
from hub.crypto.keys import KeyRefused
from hub.kernel.identifiers import new_id

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_create_secret_makes_one_secret_and_keeps_it() -> None:
    grant = new_id()

    assert create_secret(grant_id=grant, at=NOW)
    first = open_secret(grant)
    assert not create_secret(grant_id=grant, at=NOW)

    assert open_secret(grant) == first
    assert len(first) == 32
    assert events(kind="grant.secret_created").count() == 1


def test_two_grants_have_two_secrets() -> None:
    one, other = new_id(), new_id()
    create_secret(grant_id=one, at=NOW)
    create_secret(grant_id=other, at=NOW)

    assert open_secret(one) != open_secret(other)


def test_the_table_holds_no_secret_in_clear() -> None:
    grant = new_id()
    create_secret(grant_id=grant, at=NOW)

    stored = bytes(GrantSecret.objects.get().wrapped or b"")

    assert open_secret(grant).reveal() not in stored


def test_a_wrapped_secret_moved_to_another_grant_opens_nothing() -> None:
    one, other = new_id(), new_id()
    create_secret(grant_id=one, at=NOW)
    create_secret(grant_id=other, at=NOW)
    moved = GrantSecret.objects.get(grant_id=one).wrapped
    GrantSecret.objects.filter(grant_id=other).update(wrapped=moved)

    with pytest.raises(KeyRefused):
        open_secret(other)


def test_destroy_secret_leaves_nothing_to_open_and_a_proof_in_the_trail() -> None:
    grant = new_id()
    create_secret(grant_id=grant, at=NOW)

    proof = destroy_secret(grant_id=grant, at=NOW, reason="expired")

    assert not has_secret(grant)
    with pytest.raises(SecretGone):
        open_secret(grant)
    [event] = events(kind="grant.secret_destroyed")
    assert event.details["proof"] == proof
    assert (event.subject, event.reason) == (f"grant:{grant}", "expired")


def test_destroying_twice_is_destroying_once() -> None:
    grant = new_id()
    create_secret(grant_id=grant, at=NOW)

    assert destroy_secret(grant_id=grant, at=NOW) == destroy_secret(grant_id=grant, at=NOW)
    assert events(kind="grant.secret_destroyed").count() == 1


def test_what_never_was_needs_no_destruction() -> None:
    assert destroy_secret(grant_id=new_id(), at=NOW) == ""
    with pytest.raises(SecretGone):
        open_secret(new_id())


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_grantsecret SET wrapped = '\\x01', destroyed_at = NULL, proof = ''",
        "DELETE FROM access_grantsecret",
    ],
)
def test_the_database_brings_no_destroyed_secret_back(statement: str) -> None:
    grant = new_id()
    create_secret(grant_id=grant, at=NOW)
    destroy_secret(grant_id=grant, at=NOW)

    with (
        pytest.raises(DatabaseError, match="destroyed once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert not create_secret(grant_id=grant, at=NOW)
