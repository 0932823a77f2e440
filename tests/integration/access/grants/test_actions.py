"""Grants live, and time passes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from access.grants import queries
from access.grants.actions import NewDataset, NewGrant, issue, keep_time, take
from access.grants.models import Grant
from access.grants.workflow import State, Step
from access.requests.actions import answer_invitations
from access.requests.models import AccessRequest
from access.requests.tasks import lapse_drafts
from hub.audit.models import AuditEvent
from hub.kernel.identifiers import new_id
from hub.kernel.refusals import Refused, Unknown
from hub.people.permissions import HUB, Profile
from tests import people
from tests.factories import requests
from tests.factories.catalogue import dataset
from tests.factories.charters import signed_by
from tests.people import Caller

pytestmark = pytest.mark.django_db


def granted(**about: object) -> Grant:
    return Grant.objects.get(pk=requests.approved(**about).pk)  # type: ignore[arg-type]


def test_the_grant_keeps_the_plan_that_was_previewed_to_the_letter() -> None:
    base = dataset()
    request = requests.in_review(datasets=[base])
    preview = people.ada().api().get(f"requests/{request.pk}/plan").json()
    requests.approve(request.pk, people.grace(), base)
    [row] = Grant.objects.get().datasets.all()

    plan = queries.plan_of(row.pk)

    assert plan.digest == preview[0]["digest"]
    assert (plan.grant_id, plan.dataset_id) == (request.pk, base.pk)


def test_time_starts_and_ends_grants_and_its_task_may_come_twice() -> None:
    grant = granted(days=10)
    now = timezone.now()

    assert keep_time(at=now + timedelta(days=10)) == 0
    assert keep_time(at=now + timedelta(days=12)) == 1
    assert keep_time(at=now + timedelta(days=12)) == 0
    grant.refresh_from_db()
    assert (grant.state, grant.ending) == (State.ENDED, "expired")
    lapse_drafts()
    lapse_drafts()


def test_a_grant_that_starts_later_is_pending_until_then() -> None:
    base, ada, now = dataset(), people.ada(), timezone.now()
    signed_by(ada)
    new = NewGrant(
        grant_id=new_id(),
        project="Later",
        organisation_id=ada.organisation.pk,
        holder_id=ada.user.pk,
        profile=Profile.RESEARCHER,
        purpose="research",
        legal_basis="public_task",
        ends_on=(now + timedelta(days=30)).date(),
        members=[(ada.user.pk, ada.membership.pk)],
        datasets=[NewDataset(base.pk, base.releases.get().pk, [], [], "{}", "0" * 64)],
        starts_at=now + timedelta(days=5),
    )

    grant = issue(new=new, by=HUB, at=now)

    assert grant.state == State.PENDING
    [row] = grant.datasets.all()
    early = queries.refusals_now(user_id=ada.user.pk, grant_dataset_id=row.pk, at=now)
    assert "not-started" in {refusal.code for refusal in early}
    assert keep_time(at=now + timedelta(days=5)) == 1
    grant.refresh_from_db()
    assert grant.state == State.ACTIVE


def test_only_a_signatory_of_the_producer_suspends_and_a_stranger_cannot_know() -> None:
    grant, now = granted(), timezone.now()

    for person, error in (
        (people.ada(), Refused),
        (people.noor(), Refused),
        (people.hedy(), Refused),
        (people.linus(), Unknown),
        (people.katherine(), Unknown),
        (people.margaret(), Unknown),
    ):
        with pytest.raises(error):
            take(grant_id=grant.pk, step=Step.SUSPEND, by=person.actor, at=now, reason="x")
    with pytest.raises(Unknown):
        take(grant_id=new_id(), step=Step.SUSPEND, by=HUB, at=now)

    suspended = take(
        grant_id=grant.pk, step=Step.SUSPEND, by=people.edsger().actor, at=now, reason="A doubt."
    )
    assert suspended.state == State.SUSPENDED
    event = AuditEvent.objects.get(kind="grant.suspend")
    assert (event.reason, event.details) == ("A doubt.", {"from": "active", "to": "suspended"})


def test_the_holder_closes_early() -> None:
    grant = granted()

    closed = take(grant_id=grant.pk, step=Step.CLOSE, by=people.ada().actor, at=timezone.now())

    assert closed.ending == "closed"


def test_the_database_refuses_an_end_that_says_neither_when_nor_why() -> None:
    grant = granted()

    for wrong in ({"state": State.ENDED}, {"state": State.SUSPENDED}, {"state": "gone"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.filter(pk=grant.pk).update(**wrong)


def test_ended_grants_are_those_over_by_state_or_by_date() -> None:
    grant = granted(days=10)
    now = timezone.now()
    after = now + timedelta(days=20)

    assert list(queries.ended(now)) == []
    assert list(queries.ended(after)) == [grant]


def test_an_invited_person_joins_once_an_organisation_vouches_for_them() -> None:
    grant = granted(team=["late@example.org"])
    at = timezone.now()
    assert answer_invitations(at=at) == 0

    late = people.person("Late", people.laboratory(), Profile.RESEARCHER)

    assert answer_invitations(at=at) == 1
    assert answer_invitations(at=at) == 0
    assert grant.members.filter(user=late.user).exists()
    assert AuditEvent.objects.filter(kind="grant.admit").count() == 1


def test_the_pages_of_grants() -> None:
    grant = granted()
    ada, grace = people.ada().browser(), people.grace().browser()
    page = reverse("grant", args=[grant.pk])

    assert grant.project in ada.get(reverse("my_grants")).content.decode()
    assert ada.get(page).status_code == 200
    assert grant.project in grace.get(reverse("grants_on_my_data")).content.decode()
    assert people.linus().browser().get(page).status_code == 404
    assert people.margaret().browser().get(page).status_code == 404
    assert people.linus().browser().get(reverse("my_grants")).status_code == 200
    assert people.katherine().browser().get(reverse("grants_on_my_data")).status_code == 200

    silent = grace.post(reverse("grant_step", args=[grant.pk, "suspend"]), {"reason": ""})
    assert silent.status_code == 409
    assert 'data-code="reason-missing"' in silent.content.decode()
    grace.post(reverse("grant_step", args=[grant.pk, "suspend"]), {"reason": "A doubt."})
    assert "A doubt." in ada.get(page).content.decode()
    assert ada.post(reverse("grant_step", args=[grant.pk, "dance"])).status_code == 404
    unknown = reverse("grant_step", args=[new_id(), "close"])
    assert ada.post(unknown, {"reason": ""}).status_code == 404


def test_grants_over_the_api() -> None:
    grant = granted()
    ada, grace = people.ada().api(), people.grace().api()

    [listed] = ada.get("grants").json()["results"]
    detail = ada.get(f"grants/{grant.pk}").json()
    assert listed == detail
    assert detail["effective"] is True
    assert detail["datasets"][0]["ended_by"] == "expired"
    assert [one["id"] for one in grace.get("grants?side=producer").json()["results"]] == [
        str(grant.pk)
    ]
    assert grace.get("grants").json()["results"] == []
    assert people.linus().api().get(f"grants/{grant.pk}").status_code == 404

    refused = ada.post(f"grants/{grant.pk}/steps/suspend", {"reason": "x"})
    assert refused.status_code == 409
    assert refused.json()["refusals"][0]["code"] == "not-your-step"
    assert grace.post(f"grants/{grant.pk}/steps/dance", {}).status_code == 404
    suspended = grace.post(f"grants/{grant.pk}/steps/suspend", {"reason": "A doubt."})
    assert suspended.json()["state"] == "suspended"
    closed = ada.get(f"grants/{grant.pk}").json()
    assert closed["effective"] is False
    assert closed["datasets"][0]["refusals"][0]["code"] == "suspended"


def test_the_register_names_projects_and_data_but_no_person() -> None:
    grant = granted()
    anyone = Caller().get("transparency").json()["results"]

    assert [entry["project"] for entry in anyone] == [grant.project]
    page = people.linus().browser().get(reverse("transparency")).content.decode()
    assert grant.project in page
    for text in (str(anyone), page):
        assert "Ada" not in text
        assert "ada@" not in text
    take(
        grant_id=grant.pk,
        step=Step.REVOKE,
        by=people.grace().actor,
        at=timezone.now(),
        reason="x",
    )
    assert Caller().get("transparency").json()["results"] == []
    assert AccessRequest.objects.get().state == "approved"
