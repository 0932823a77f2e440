"""Promises about asking and deciding (I1 to I6, I14). Each test reads as the promise does."""

import threading
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from access.grants.models import Grant
from access.requests.actions import Said, take
from access.requests.drafting import Changes, Wish, save
from access.requests.models import AccessRequest
from access.requests.states import Adviser, State, Step
from access.requests.workflow import MOVES
from hub.audit.models import AuditEvent
from hub.audit.queries import verify
from hub.kernel.refusals import Refused, Unknown
from tests import people
from tests.factories import requests
from tests.factories.catalogue import dataset
from tests.people import Person

pytestmark = pytest.mark.django_db
STEPS = sorted(set(Step) - {Step.SAVE})


def everyone() -> list[Person]:
    """Return every named person."""
    return [
        people.ada(),
        people.alan(),
        people.grace(),
        people.edsger(),
        people.noor(),
        people.katherine(),
        people.barbara(),
        people.hedy(),
        people.margaret(),
        people.linus(),
    ]


def attempt(request: AccessRequest, step: Step, by: Person, **said: Any) -> bool:
    """Try a step with everything that may be asked; tell whether it succeeded."""
    base = request.datasets.get().dataset_id
    full = Said(**{"reason": "Because.", "dataset_id": base, "favourable": True, **said})
    try:
        take(request_id=request.pk, step=step, by=by.actor, at=timezone.now(), said=full)
    except (Refused, Unknown):
        return False
    return True


def everything_but_the_trail() -> dict[str, list[Any]]:
    """Return all rows of requests, grants and what is owed."""
    tables = [
        table
        for table in connection.introspection.table_names()
        if table.startswith("access_") or table == "hub_message"
    ]
    rows = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f'SELECT to_jsonb(t) FROM "{table}" t ORDER BY 1')
            rows[table] = cursor.fetchall()
    return rows


@pytest.mark.parametrize("state", [State.DRAFT, State.SUBMITTED, State.IN_REVIEW, State.APPROVED])
def test_i1_no_step_outside_the_table_succeeds_and_a_refused_step_changes_nothing(
    state: State,
) -> None:
    maker = {
        State.DRAFT: lambda: requests.draft(people.ada(), [dataset()]),
        State.SUBMITTED: requests.submitted,
        State.IN_REVIEW: requests.in_review,
        State.APPROVED: requests.approved,
    }[state]
    request = maker()  # type: ignore[no-untyped-call]
    before = everything_but_the_trail()

    for step in STEPS:
        if (state, step) not in MOVES:
            assert not any(attempt(request, step, person) for person in everyone())

    assert everything_but_the_trail() == before


def test_i2_every_change_has_one_event_and_replaying_them_gives_the_state() -> None:
    base = dataset()
    request = requests.in_review(datasets=[base])
    assert attempt(request, Step.GIVE_OPINION, people.noor(), adviser=Adviser.DPO)
    assert attempt(request, Step.REQUEST_CHANGES, people.grace())
    assert attempt(request, Step.SUBMIT, people.ada())
    assert attempt(request, Step.START_REVIEW, people.grace())
    assert attempt(request, Step.APPROVE, people.grace())

    events = AuditEvent.objects.filter(subject=f"request:{request.pk}").order_by("seq")
    replayed: str = State.DRAFT
    for event in events:
        if event.kind == "request.start":
            continue
        assert event.details["from"] == replayed
        assert event.actor.startswith("user:")
        assert event.acting_as.startswith("membership:")
        replayed = event.details["to"]

    request.refresh_from_db()
    assert replayed == request.state == State.APPROVED
    last = events.last()
    assert last is not None
    assert last.details["revision"] == request.revision == 2


def test_i3_the_trail_verifies_after_a_whole_life() -> None:
    requests.approved()

    verification = verify()

    assert verification.broken_at is None
    assert verification.events > 5


@pytest.mark.parametrize("name", ["ada", "alan", "invited"])
def test_i4_nobody_reviews_advises_or_decides_on_their_own_side(name: str) -> None:
    """The applicant, a colleague, and somebody invited are given every role, and refused."""
    from hub.people.actions import join  # noqa: PLC0415
    from hub.people.permissions import Profile, Role  # noqa: PLC0415

    office = people.statistics_office()
    roles = frozenset({Role.STEWARD, Role.SIGNATORY, Role.DPO, Role.COMMITTEE})
    invited = people.person("Invited", office, Profile.PRODUCER, roles)
    request = requests.in_review(team=["INVITED@example.org"])
    who = {"ada": people.ada(), "alan": people.alan(), "invited": invited}[name]
    if name == "alan":
        at_lab = people.person("Alan", people.laboratory(), Profile.RESEARCHER, roles)
        from guardian.shortcuts import assign_perm  # noqa: PLC0415

        base = request.datasets.get().dataset
        assign_perm("catalog.steward_dataset", at_lab.user, base)
        assign_perm("catalog.sign_dataset", at_lab.user, base)
        who = at_lab
    if name == "ada":
        membership = join(
            user=who.user,
            organisation=office,
            profile=Profile.PRODUCER,
            roles=roles,
            at=people.LONG_AGO,
        )
        who = Person(who.user, membership)

    examined = [Step.REQUEST_CHANGES, Step.GIVE_OPINION, Step.APPROVE, Step.REJECT]
    for step, adviser in product(examined, Adviser):
        with pytest.raises(Refused) as refused:
            take(
                request_id=request.pk,
                step=step,
                by=who.actor,
                at=timezone.now(),
                said=Said(
                    reason="Because.",
                    dataset_id=request.datasets.get().dataset_id,
                    adviser=adviser,
                    favourable=True,
                ),
            )
        assert "own-side" in {refusal.code for refusal in refused.value.refusals}


def test_i5_deciding_one_request_changes_no_other() -> None:
    base = dataset()
    one = requests.in_review(datasets=[base])
    wishes = (Wish("session"), Wish("sexe", justification="Another question."))
    other = requests.in_review(datasets=[base], fields=wishes)
    before = AccessRequest.objects.filter(pk=other.pk).values().get()

    requests.approve(one.pk, people.grace(), base)

    assert AccessRequest.objects.filter(pk=other.pk).values().get() == before
    assert Grant.objects.count() == 1
    assert not AuditEvent.objects.filter(
        subject=f"request:{other.pk}", kind="request.approve"
    ).exists()


def test_i6_no_grant_without_an_approved_request_nor_approval_without_the_required_opinions() -> (
    None
):
    wishes = (*requests.FIELDS, Wish("handicap", justification="It is the subject."))
    base = dataset()
    request = requests.in_review(datasets=[base], fields=wishes)
    assert not attempt(request, Step.APPROVE, people.grace())

    assert attempt(request, Step.GIVE_OPINION, people.noor(), adviser=Adviser.DPO)
    assert attempt(request, Step.REQUEST_CHANGES, people.grace())
    save(
        request_id=request.pk,
        changes=Changes({"context": "Another one."}),
        by=people.ada().actor,
        at=timezone.now(),
    )
    assert attempt(request, Step.SUBMIT, people.ada())
    assert attempt(request, Step.START_REVIEW, people.grace())

    assert not attempt(request, Step.APPROVE, people.grace())
    assert not Grant.objects.exists()
    for grant in Grant.objects.all():
        assert AccessRequest.objects.get(pk=grant.pk).state == State.APPROVED


@pytest.fixture
def committed(transactional_db: None) -> Iterator[None]:
    """Let other connections see what the test writes."""
    yield
    connections.close_all()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed")
def test_i14_of_two_simultaneous_decisions_one_wins_and_the_other_is_told() -> None:
    base = dataset()
    request = requests.in_review(datasets=[base])
    actors = {"grace": people.grace().actor, "edsger": people.edsger().actor}
    start, answers = threading.Barrier(2), {}

    def decide(name: str, step: Step) -> None:
        said = Said(reason="Because.", dataset_id=base.pk)
        try:
            start.wait(timeout=20)
            take(request_id=request.pk, step=step, by=actors[name], at=timezone.now(), said=said)
            answers[name] = "done"
        except Refused as refused:
            answers[name] = refused.refusals[0].code
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=decide, args=("grace", Step.APPROVE)),
        threading.Thread(target=decide, args=("edsger", Step.REJECT)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers.values()) == ["done", "not-from-here"]
    request.refresh_from_db()
    assert request.state in {State.APPROVED, State.REJECTED}
    assert Grant.objects.count() == (request.state == State.APPROVED)
