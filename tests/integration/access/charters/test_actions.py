"""Charters are published and signed, and what was signed stays."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import Error, transaction

from access.charters import queries
from access.charters.actions import sign
from access.charters.models import CharterVersion, Signature
from hub.audit.models import AuditEvent
from hub.kernel.refusals import Forbidden, Invalid, Refused, Stale
from hub.people.permissions import Profile
from tests import people
from tests.factories.charters import charter, signed_by

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
RESEARCHER = Profile.RESEARCHER


def test_sign_keeps_the_digest_of_the_text_and_says_so_in_the_trail() -> None:
    version, ada = charter(), people.ada()

    signature = sign(profile=RESEARCHER, number=1, agreed=True, by=ada.actor, at=NOON)

    assert signature.digest == version.digest
    assert signature.membership_id == ada.membership.pk
    event = AuditEvent.objects.get(kind="charter.sign", actor=f"user:{ada.user.pk}")
    assert event.details["digest"] == version.digest


def test_sign_twice_is_once() -> None:
    charter()
    ada = people.ada().actor

    sign(profile=RESEARCHER, number=1, agreed=True, by=ada, at=NOON)
    sign(profile=RESEARCHER, number=1, agreed=True, by=ada, at=NOON)

    assert Signature.objects.count() == 1
    signed = AuditEvent.objects.filter(kind="charter.sign", actor=f"user:{ada.user_id}")
    assert signed.count() == 1


def test_sign_asks_for_the_explicit_tick() -> None:
    charter()

    with pytest.raises(Invalid):
        sign(profile=RESEARCHER, number=1, agreed=False, by=people.ada().actor, at=NOON)


def test_sign_refuses_another_capacity_and_a_profile_without_charter() -> None:
    charter(Profile.EDTECH)
    ada = people.ada().actor

    with pytest.raises(Refused, match="capacity"):
        sign(profile=Profile.EDTECH, number=1, agreed=True, by=ada, at=NOON)
    with pytest.raises(Refused, match="no charter"):
        sign(profile=RESEARCHER, number=1, agreed=True, by=ada, at=NOON)


def test_sign_refuses_an_older_text_than_the_current_one() -> None:
    charter()
    charter(at=NOON - timedelta(days=1))

    with pytest.raises(Stale):
        sign(profile=RESEARCHER, number=1, agreed=True, by=people.ada().actor, at=NOON)


def test_publish_is_for_administrators_and_wants_readable_terms() -> None:
    from access.charters.actions import NewText, publish  # noqa: PLC0415

    text = NewText("a", "b", "c", "", {"max_tier": "everything", "colour": "red"}, grace_days=999)

    with pytest.raises(Forbidden):
        publish(profile=RESEARCHER, text=text, by=people.grace().actor, at=NOON)
    with pytest.raises(Invalid) as invalid:
        publish(profile=RESEARCHER, text=text, by=people.margaret().actor, at=NOON)
    assert {refusal.about for refusal in invalid.value.refusals} == {
        "terms.max_tier",
        "terms.colour",
        "text_en",
        "grace_days",
    }


def test_the_database_refuses_to_change_what_was_signed() -> None:
    charter()
    ada = people.ada()
    signed_by(ada)

    for change in (
        lambda: CharterVersion.objects.update(text_fr="autre chose"),
        lambda: CharterVersion.objects.all()._raw_delete("default"),
        lambda: Signature.objects.update(digest="0" * 64),
        lambda: Signature.objects.all().delete(),
    ):
        with pytest.raises(Error), transaction.atomic():
            change()


def test_a_signature_survives_its_account_under_an_opaque_name() -> None:
    charter()
    ada = people.ada()
    signed_by(ada)
    name = ada.actor.name

    ada.user.delete()

    signature = Signature.objects.get()
    assert signature.user is None
    assert signature.signer == name


def test_standings_answers_for_several_people_at_once() -> None:
    ada, alan = people.ada(), people.alan()
    signed_by(ada)
    pairs = [(ada.user.pk, RESEARCHER), (alan.user.pk, RESEARCHER)]

    standings = queries.standings(pairs)

    assert len(standings[pairs[0]].signatures) == 1
    assert standings[pairs[1]].signatures == ()
    assert [
        r.code for r in queries.refusals_now(user_id=alan.user.pk, profile=RESEARCHER, at=NOON)
    ]
    assert not queries.refusals_now(user_id=ada.user.pk, profile=RESEARCHER, at=NOON)


def test_mine_shows_the_charter_to_sign_and_the_old_signatures() -> None:
    ada = people.ada()
    signed_by(ada)
    charter(at=NOON, grace_days=10)

    [mine] = queries.mine(actor=ada.actor, at=NOON + timedelta(days=5))

    assert mine.current is not None
    assert mine.current.number == 2
    assert not mine.signed_current
    assert [s.version.number for s in mine.signatures] == [1]
    assert not mine.refusals
    assert mine.rests_at == NOON + timedelta(days=10)
