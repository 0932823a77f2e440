"""Asking to cross datasets: by the pages, by the API, and what the examiners see of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from access.grants.models import Grant
from access.requests.actions import Said, take
from access.requests.models import AccessRequest
from access.requests.states import Adviser, State, Step
from catalog.datasets.models import Dataset
from catalog.datasets.states import CrossingRule
from hub.kernel.refusals import Refused
from tests import people
from tests.factories import catalogue, requests
from tests.factories.charters import signed_by

pytestmark = pytest.mark.django_db
WHY = "Does the canteen change the marks?"


def text(response: Any) -> str:
    return str(response.content.decode())


def bases(**rule: Any) -> list[Dataset]:
    """Return two datasets of two producers, which may be crossed unless a rule says otherwise."""
    about: dict[str, Any] = {"crossing_rule": CrossingRule.WITH_OPINION}
    canteen = catalogue.dataset("canteen", producer=people.town(), **about)
    return [catalogue.dataset(**{**about, **rule}), canteen]


def test_ada_asks_for_a_crossing_in_the_pages_and_everybody_sees_it() -> None:
    ada = people.ada()
    request = requests.draft(ada, bases())
    browser, data = ada.browser("en"), reverse("request_data", args=[request.pk])

    assert "Join the rows of these datasets" in text(browser.get(data))
    said = {"cross": "1", "crossing": "on", "version": request.version}
    saved = browser.post(data, {**said, "crossing_reason": WHY})
    assert saved.url == data

    request.refresh_from_db()
    assert (request.crossing, request.crossing_reason) == (True, WHY)
    review = browser.get(reverse("request_review", args=[request.pk]))
    assert WHY in text(review)
    signed_by(ada)
    browser.post(reverse("request_step", args=[request.pk, "submit"]))
    examined = people.noor().browser("en").get(reverse("examine_request", args=[request.pk]))
    assert WHY in text(examined)
    assert "would be crossed" in text(examined)


def test_one_dataset_alone_offers_no_crossing_and_a_stale_form_changes_nothing() -> None:
    ada, [base, canteen] = people.ada(), bases()
    alone = requests.draft(ada, [base])
    browser = ada.browser()
    data = reverse("request_data", args=[alone.pk])
    assert 'name="cross"' not in text(browser.get(data))

    both = requests.draft(ada, [base, canteen])
    data = reverse("request_data", args=[both.pk])
    said = {"cross": "1", "crossing": "on", "crossing_reason": WHY}
    stale = browser.post(data, {**said, "version": both.version - 1})
    unread = browser.post(data, {**said, "version": ""})

    assert (stale.status_code, unread.status_code) == (409, 200)
    assert WHY in text(stale)
    both.refresh_from_db()
    assert not both.crossing


def test_the_whole_path_of_a_crossing_over_the_api() -> None:
    ada, [base, canteen] = people.ada(), bases()
    signed_by(ada)
    caller = ada.api()
    ends_on = (timezone.now() + timedelta(days=90)).date().isoformat()
    begun = caller.post(
        "requests",
        {
            **requests.TEXTS,
            "datasets": [base.slug, canteen.slug],
            "ends_on": ends_on,
            "crossing": True,
        },
    )
    url = f"requests/{begun.json()['id']}"
    wishes = {"wishes": [{"name": "ine", "justification": "To join."}, {"name": "session"}]}
    for dataset in (base, canteen):
        caller.put(f"{url}/datasets/{dataset.slug}", wishes)

    refused = caller.post(f"{url}/steps/submit", {})
    assert refused.status_code == 409
    assert [one["about"] for one in refused.json()["refusals"]] == ["crossing_reason"]
    assert caller.patch(url, {"crossing_reason": WHY}).json()["crossing"] is True
    assert caller.post(f"{url}/steps/submit", {}).json()["state"] == "submitted"
    grace, katherine = people.grace().api(), people.katherine().api()
    grace.post(f"{url}/steps/start_review", {})
    early = grace.post(f"{url}/steps/approve", {"dataset": base.slug, "reason": "Sound."})
    assert [one["code"] for one in early.json()["refusals"]] == ["opinion-missing"]
    opinion = {"role": "dpo", "favourable": True, "reason": "Fine."}
    assert people.noor().api().post(f"{url}/steps/give_opinion", opinion).status_code == 200
    grace.post(f"{url}/steps/approve", {"dataset": base.slug, "reason": "Sound."})
    last = katherine.post(f"{url}/steps/approve", {"dataset": canteen.slug, "reason": "Sound."})
    assert last.json()["state"] == "approved"
    granted = caller.get(f"grants/{last.json()['id']}").json()
    assert granted["crossing"] is True
    [entry] = caller.get("transparency").json()["results"]
    assert entry["crossing"] is True


def test_no_producer_is_bound_by_the_agreement_of_another() -> None:
    ada = people.ada()
    signed_by(ada)
    request = requests.draft(
        ada, bases(crossing_rule=CrossingRule.FORBIDDEN), crossing=True, crossing_reason=WHY
    )

    with pytest.raises(Refused) as refused:
        take(request_id=request.pk, step=Step.SUBMIT, by=ada.actor, at=timezone.now())

    [refusal] = refused.value.refusals
    assert refusal.code == "crossing-forbidden"
    assert refusal.values == {"dataset": "Dataset results"}


def test_a_rule_that_changes_during_the_examination_stops_the_approval() -> None:
    base, canteen = bases()
    request = requests.in_review(people.ada(), [base, canteen], crossing=True, crossing_reason=WHY)
    favourable = Said(reason="Fine.", adviser=Adviser.DPO, favourable=True)
    noor = people.noor().actor
    take(
        request_id=request.pk, step=Step.GIVE_OPINION, by=noor, at=timezone.now(), said=favourable
    )
    canteen.crossing_rule = CrossingRule.FORBIDDEN
    canteen.save()

    with pytest.raises(Refused) as refused:
        requests.approve(request.pk, people.grace(), base)

    assert "crossing-forbidden" in {one.code for one in refused.value.refusals}


def test_asking_for_a_crossing_later_is_another_revision_that_asks_everybody_again() -> None:
    ada, [base, canteen] = people.ada(), bases()
    request = requests.in_review(ada, [base, canteen])
    requests.approve(request.pk, people.grace(), base)
    why = Said(reason="Say whether you cross them.")
    grace = people.grace().actor
    take(request_id=request.pk, step=Step.REQUEST_CHANGES, by=grace, at=timezone.now(), said=why)
    ada.api().patch(f"requests/{request.pk}", {"crossing": True, "crossing_reason": WHY})
    take(request_id=request.pk, step=Step.SUBMIT, by=ada.actor, at=timezone.now())

    take(request_id=request.pk, step=Step.START_REVIEW, by=grace, at=timezone.now())
    examined = people.grace().browser().get(reverse("examine_request", args=[request.pk]))
    assert f"<ins>{WHY}</ins>" in text(examined)
    with pytest.raises(Refused):
        requests.approve(request.pk, people.katherine(), canteen)
    found = AccessRequest.objects.get(pk=request.pk)
    assert found.state == State.IN_REVIEW
    assert not Grant.objects.exists()
