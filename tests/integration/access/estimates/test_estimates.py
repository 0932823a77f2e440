"""Counts before a decision: asked once, made once, shown to those who examine."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from access.estimates import actions, queries
from access.estimates.models import Estimate, State
from access.estimates.tasks import estimate
from access.plans.plan import Plan
from access.requests.models import AccessRequest
from access.requests.queries import case_of
from catalog.datasets.models import Dataset
from hub.crypto.files import Unreadable
from tests import people
from tests.factories import requests, vault
from tests.integration.access.extracts.making import own_place

__all__ = ["own_place"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_place")]


def in_review() -> AccessRequest:
    return requests.submitted(people.ada(), [vault.dataset_of_pupils()])


def planned(request: AccessRequest) -> tuple[Plan, Estimate]:
    [one] = case_of(request, timezone.now()).asked
    assert one.planned.plan is not None
    asked = actions.ask(
        plan=one.planned.plan,
        release_id=one.row.release_id,
        by=people.grace().actor,
        at=timezone.now(),
    )
    return one.planned.plan, asked


def test_a_plan_is_counted_once_on_the_rows_of_the_vault() -> None:
    plan, asked = planned(in_review())
    estimate(str(asked.pk))
    estimate(str(asked.pk))

    told = queries.of([plan.digest])[plan.digest]
    assert told.state == State.DONE
    assert told.rows > 1_800
    assert told.k == plan.disclosure.k
    assert told.holds == (told.share <= told.cap)
    assert all(0 <= one.share <= 1 for one in told.moved)
    assert planned(AccessRequest.objects.get())[1] == asked


def test_a_count_that_nobody_made_is_handed_over_again_after_a_while() -> None:
    _plan, asked = planned(in_review())
    Estimate.objects.update(asked_at=timezone.now() - timedelta(hours=1))
    _plan, again = planned(AccessRequest.objects.get())

    assert again == asked
    assert again.asked_at > timezone.now() - timedelta(minutes=1)


def test_what_cannot_be_counted_says_why(settings: object) -> None:
    settings.HUB_ESTIMATE_ROWS = 10  # type: ignore[attr-defined]
    plan, asked = planned(in_review())
    assert actions.make(estimate_id=asked.pk, at=timezone.now())
    assert not actions.make(estimate_id=asked.pk, at=timezone.now())

    told = queries.of([plan.digest])[plan.digest]
    assert (told.state, told.reason) == (State.FAILED, queries.REASONS["too-large"])


def test_rows_that_cannot_be_read_are_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    plan, asked = planned(in_review())

    def altered(*_: object, **__: object) -> None:
        raise Unreadable

    monkeypatch.setattr(actions, "open_parquet", altered)
    assert actions.make(estimate_id=asked.pk, at=timezone.now())
    assert queries.of([plan.digest])[plan.digest].reason == queries.REASONS["unreadable"]


def test_a_count_says_what_it_does_not_look_at_where_values_are_demanded() -> None:
    demanding = in_review()
    Dataset.objects.filter(pk=demanding.datasets.get().dataset_id).update(l_diversity=2)
    plan, asked = planned(demanding)
    assert plan.disclosure.l == 2
    estimate(str(asked.pk))

    page = reverse("examine_request", args=[demanding.pk])
    shown = people.grace().browser("en").get(page).content.decode()

    assert "would be left out at k" in shown
    assert "Only the size of groups is counted here" in shown


def test_examiners_ask_and_read_by_the_page_and_the_api_and_the_applicant_does_not() -> None:
    request = in_review()
    grace, ada = people.grace().browser(), people.ada().browser()
    [dataset] = request.datasets.all()
    page = reverse("examine_request", args=[request.pk])
    api = reverse("api_request_estimates", args=[request.pk])

    assert "Compter sur les lignes réelles" in grace.get(page).content.decode()
    assert grace.get(api).json()[0]["state"] == "not_asked"
    asked = grace.post(reverse("examine_estimate", args=[request.pk, dataset.dataset_id]))
    assert asked.status_code == 302
    waiting = grace.get(page).content.decode()
    assert "en cours de comptage" in waiting
    assert "Compter sur les lignes réelles" in waiting
    estimate(str(Estimate.objects.get().pk))
    shown = grace.get(page).content.decode()
    assert "seraient écartées à k" in shown
    assert "Compter sur les lignes réelles" not in shown
    [told] = grace.post(api).json()
    assert told["state"] == "done"
    assert {one["field"] for one in told["moved"]} <= {
        "date_naissance",
        "sexe",
        "uai",
        "niveau",
        "commune",
    }
    unknown = reverse("examine_estimate", args=[request.pk, request.pk])
    assert grace.post(unknown).status_code == 404
    assert ada.get(api).status_code == 404
    assert ada.post(api).status_code == 404
