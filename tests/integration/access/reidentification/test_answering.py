"""An approved demand is answered once, with both keys, and nothing of the answer stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access.pseudonymisation.actions import destroy_secret
from access.reidentification import queries
from access.reidentification.answering import Answered, answer
from access.reidentification.models import Reidentification
from access.reidentification.sealing import Keys
from hub.audit.models import AuditEvent
from hub.crypto.held_keys import new_key
from hub.kernel.refusals import Invalid, Refused, Unknown
from tests import people
from tests.integration.access.extracts.making import PUPILS
from tests.integration.access.reidentification.asking import (
    approved,
    both,
    extracted,
    filed,
    leave_at_a_node,
)
from tests.people import Person

pytestmark = pytest.mark.django_db


def answered(
    demand: Reidentification,
    keys: Keys,
    candidates: list[str] | None = None,
    by: Person | None = None,
    late: timedelta = timedelta(),
) -> Answered:
    return answer(
        demand_id=demand.pk,
        keys=keys,
        candidates=PUPILS if candidates is None else candidates,
        by=(by or people.grace()).actor,
        at=timezone.now() + late,
    )


def refused(demand: Reidentification, keys: Keys, **about: object) -> list[str]:
    with pytest.raises(Refused) as error:
        answered(demand, keys, **about)  # type: ignore[arg-type]
    demand.refresh_from_db()
    return [one.code for one in error.value.refusals]


def test_the_persons_of_a_real_extract_are_found_among_candidates() -> None:
    grant, pids = extracted()
    wanted = list(pids)[3:6]
    demand, keys = both(grant, *(pids[ine].upper() for ine in wanted))

    found = answered(demand, keys)

    assert [one.candidate for one in found.matches] == wanted
    demand.refresh_from_db()
    assert (demand.state, demand.found, demand.candidates) == ("answered", 3, len(PUPILS))


def test_a_candidate_is_the_same_person_however_it_is_written_and_others_are_not_named() -> None:
    grant, pids = extracted()
    one, other = list(pids)[:2]
    demand, keys = both(grant, pids[one], pids[other], "00000000-0000-4000-8000-000000000000")
    written = f"{one[:4]} {one[4:].lower()}"

    found = answered(demand, keys, [written, PUPILS[-1]])

    assert [each.candidate for each in found.matches] == [written, None, None]


def test_what_was_sealed_is_wiped_once_it_is_answered_and_the_keys_open_nothing_more() -> None:
    grant, pids = extracted()
    demand, keys = both(grant, pids[next(iter(pids))])
    answered(demand, keys)

    assert refused(demand, keys) == ["not-from-here"]
    assert demand.sealed is demand.filing_digest is demand.approval_digest is None


def test_the_second_person_may_look_too() -> None:
    grant, pids = extracted()
    ine = next(iter(pids))
    demand, keys = both(grant, pids[ine])

    assert answered(demand, keys, by=people.noor()).matches[0].candidate == ine


def test_wrong_keys_are_counted_and_the_fifth_closes_the_demand() -> None:
    grant, pids = extracted()
    demand, keys = both(grant, pids[next(iter(pids))])
    wrong = [
        Keys(keys.filing, new_key()),
        Keys(new_key(), keys.approval),
        Keys(keys.approval, keys.filing),
        Keys(new_key(), new_key()),
    ]

    for tries, each in enumerate(wrong, 1):
        assert refused(demand, each) == ["wrong-keys"]
        assert (demand.state, demand.tries) == ("approved", tries)
    assert refused(demand, wrong[0]) == ["locked"]

    assert (demand.state, demand.sealed) == ("closed", None)
    assert refused(demand, keys) == ["not-from-here"]
    tried = AuditEvent.objects.filter(kind="reidentification.wrong_keys")
    assert [event.details for event in tried.order_by("seq")] == [
        {"tries": tries} for tries in range(1, 6)
    ]


def test_a_key_that_is_none_is_said_and_not_counted() -> None:
    grant, pids = extracted()
    demand, keys = both(grant, pids[next(iter(pids))])

    with pytest.raises(Invalid) as error:
        answered(demand, Keys(keys.filing[:-1], "mot de passe"))

    assert [one.about for one in error.value.refusals] == ["filing_key", "approval_key"]
    demand.refresh_from_db()
    assert demand.tries == 0


def test_one_key_typed_twice_opens_nothing() -> None:
    grant, pids = extracted()
    demand, keys = both(grant, pids[next(iter(pids))])

    assert refused(demand, Keys(keys.filing, keys.filing)) == ["wrong-keys"]


def test_nothing_is_answered_before_the_approval_nor_once_it_is_over() -> None:
    grant, pids = extracted()
    first = filed(grant, pids[next(iter(pids))])
    assert refused(first.demand, Keys(first.key, first.key)) == ["not-from-here"]
    second = approved(first.demand)
    keys = Keys(first.key, second.key)

    assert refused(second.demand, keys, late=timedelta(hours=48)) == ["not-from-here"]
    assert answered(second.demand, keys, late=timedelta(hours=47)).demand.state == "answered"


def test_nobody_else_looks_whatever_keys_they_hold() -> None:
    grant, pids = extracted()
    demand, keys = both(grant, pids[next(iter(pids))])

    assert refused(demand, keys, by=people.edsger()) == ["not-your-step"]
    assert refused(demand, keys, by=people.hedy()) == ["not-your-step"]
    for stranger in (people.katherine(), people.margaret(), people.ada(), people.linus()):
        with pytest.raises(Unknown):
            answered(demand, keys, by=stranger)


def test_once_the_key_of_the_grant_is_gone_nobody_is_named() -> None:
    grant, pids = extracted()
    demand, keys = both(grant, pids[next(iter(pids))])
    destroy_secret(grant_id=grant, at=timezone.now())

    assert refused(demand, keys) == ["key-gone"]


def test_rows_that_went_to_a_node_meanwhile_are_not_named_here() -> None:
    grant, pids = extracted()
    demand, keys = both(grant, pids[next(iter(pids))])
    leave_at_a_node(demand.granted.release_id)

    assert refused(demand, keys) == ["at-a-node"]
    demand.refresh_from_db()
    assert demand.tries == 0


def test_what_was_altered_in_the_database_names_nobody() -> None:
    grant, pids = extracted()
    demand, keys = both(grant, pids[next(iter(pids))])
    sealed = bytearray(Reidentification.objects.get().sealed or b"")
    sealed[-1] ^= 1
    Reidentification.objects.update(sealed=bytes(sealed))

    assert refused(demand, keys) == ["altered"]


def test_the_trail_says_who_and_how_many_and_the_page_of_the_grant_that_it_was_done() -> None:
    grant, pids = extracted()
    ine = next(iter(pids))
    demand, keys = both(grant, pids[ine])
    answered(demand, keys)

    events = AuditEvent.objects.filter(subject=f"reidentification:{demand.pk}").order_by("seq")
    assert [event.kind for event in events] == [
        "reidentification.file",
        "reidentification.approve",
        "reidentification.answer",
    ]
    assert events[2].details == {
        "from": "approved",
        "to": "answered",
        "persons": 1,
        "found": 1,
        "candidates": len(PUPILS),
    }
    done = AuditEvent.objects.get(kind="grant.reidentified")
    assert (done.subject, done.details) == (f"grant:{grant}", {"demand": str(demand.pk)})
    assert (
        queries.one_for(actor=people.hedy().actor, demand_id=demand.pk, at=timezone.now()).steps
        == []
    )
