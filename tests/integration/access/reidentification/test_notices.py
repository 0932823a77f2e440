"""Who is told of a demand, and that nobody is told of whom."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core import mail
from django.utils import timezone

from access.reactions import REACTIONS, react
from access.reidentification.actions import close, lapse, refuse
from access.reidentification.answering import answer
from access.reidentification.notices import WORDS, Side
from access.reidentification.sealing import Keys
from access.reidentification.states import Step
from hub.crypto.held_keys import new_key
from hub.kernel.refusals import Refused
from hub.outbox.models import Message
from hub.people.actions import leave
from hub.people.models import Organisation
from hub.people.permissions import Kind, Profile, Role
from tests import people
from tests.integration.access.extracts.making import PUPILS, granted, made
from tests.integration.access.reidentification.asking import approved, both, extracted, filed
from tests.people import person

pytestmark = pytest.mark.django_db
PID = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
GRACE, NOOR, EDSGER, ADA = (f"{n}@example.org" for n in ("grace", "noor", "edsger", "ada"))


@pytest.fixture
def grant() -> UUID:
    found = granted()
    made(found)
    people.noor()
    people.edsger()
    settled()
    return found


def settled() -> list[mail.EmailMessage]:
    """React to all that is owed, as the workers would, and return what was sent."""
    mail.outbox.clear()
    while waiting := list(Message.objects.filter(done_at=None, tries=0)):
        for message in waiting:
            react(message_id=str(message.pk))
    assert not Message.objects.filter(done_at=None).exists()
    return list(mail.outbox)


def told(sent: list[mail.EmailMessage]) -> set[str]:
    return {address for message in sent for address in message.to}


def test_the_other_office_is_told_that_a_demand_waits(grant: UUID) -> None:
    issued = filed(grant, PID, by=people.grace())

    [sent] = settled()

    assert sent.to == [NOOR]
    assert f"/reidentifications/{issued.demand.pk}" in sent.body
    assert PID not in f"{sent.subject} {sent.body}"
    assert issued.key not in sent.body
    by = people.grace().actor
    close(demand_id=issued.demand.pk, reason="Autre.", by=by, at=timezone.now())
    assert told(settled()) == set()
    filed(grant, PID, by=people.noor())
    assert told(settled()) == {GRACE, EDSGER}


def test_an_officer_of_the_holders_side_is_not_told(grant: UUID) -> None:
    person("Edsger", people.laboratory(), Profile.RESEARCHER)
    filed(grant, PID, by=people.noor())

    assert told(settled()) == {GRACE}


def test_without_an_officer_of_the_producer_the_hubs_own_is_told(
    grant: UUID, settings: Any
) -> None:
    leave(membership=people.noor().membership, at=timezone.now())
    office = Organisation.objects.create(slug="operator", name="Operator", kind=Kind.STATE)
    settings.HUB_OPERATOR = "Operator"
    radia = person("Radia", office, Profile.AUTHORITY, (Role.DPO,))
    issued = filed(grant, PID)

    assert told(settled()) == {"radia@example.org"}
    assert approved(issued.demand, by=radia).demand.state == "approved"


def test_each_end_is_told_to_the_two_people_but_the_one_who_acted(grant: UUID) -> None:
    first = filed(grant, PID)
    settled()
    refuse(demand_id=first.demand.pk, reason="Non.", by=people.noor().actor, at=timezone.now())
    assert told(settled()) == {GRACE}

    second = filed(grant, PID)
    settled()
    approved(second.demand)
    assert told(settled()) == {GRACE}
    lapse(at=timezone.now() + timedelta(days=3))
    assert told(settled()) == {GRACE, NOOR}

    third = filed(grant, PID)
    approved(third.demand)
    settled()
    for _try in range(5):
        with pytest.raises(Refused):
            answer(
                demand_id=third.demand.pk,
                keys=Keys(third.key, new_key()),
                candidates=["1"],
                by=people.grace().actor,
                at=timezone.now(),
            )
    assert told(settled()) == {GRACE, NOOR}


def test_the_holder_is_told_that_persons_were_named_and_not_whom() -> None:
    grant, pids = extracted()
    ine, pid = next(iter(pids.items()))
    demand, keys = both(grant, pid)
    settled()
    answer(
        demand_id=demand.pk,
        keys=keys,
        candidates=PUPILS,
        by=people.grace().actor,
        at=timezone.now(),
    )

    sent = settled()

    assert told(sent) == {NOOR, ADA}
    [to_ada] = [one for one in sent if one.to == [ADA]]
    assert f"/grants/{grant}" in to_ada.body
    for one in sent:
        assert pid not in f"{one.subject} {one.body}"
        assert ine not in f"{one.subject} {one.body}"
    for message in Message.objects.all():
        assert pid not in str(message.payload)


def test_every_step_has_its_reaction_and_its_words() -> None:
    events = {f"reidentification.{step}" for step in Step} | {"reidentification.file"}

    assert events <= set(REACTIONS)
    assert {(event, Side.OFFICER) for event in events} | {
        ("reidentification.answer", Side.HOLDER)
    } == set(WORDS)
