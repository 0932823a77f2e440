"""The API of requests: the whole path, as programs walk it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access.requests.models import AccessRequest
from hub.kernel.identifiers import new_id
from hub.people.permissions import Scope
from tests import people
from tests.factories import requests
from tests.factories.catalogue import dataset
from tests.factories.charters import signed_by
from tests.people import Caller

pytestmark = pytest.mark.django_db

WISHES = {
    "wishes": [
        {"name": "session"},
        {"name": "note", "justification": "It is what we explain."},
        {"name": "date_naissance", "detail": "year", "justification": "Age."},
    ],
    "row_filters": [{"field": "session", "operator": "in", "values": ["2025"]}],
}


def test_the_whole_path_from_a_draft_to_a_grant() -> None:
    base = dataset()
    ada, grace = people.ada(), people.grace().api()
    signed_by(ada)
    caller = ada.api()
    ends_on = (timezone.now() + timedelta(days=90)).date().isoformat()

    begun = caller.post("requests", {**requests.TEXTS, "datasets": [base.slug]})
    assert begun.status_code == 201
    url = f"requests/{begun.json()['id']}"
    saved = caller.patch(url, {"ends_on": ends_on}, **{"If-Match": begun["ETag"]})
    assert saved.json()["ends_on"] == ends_on
    asked = caller.put(f"{url}/datasets/{base.slug}", WISHES)
    assert [wish["name"] for wish in asked.json()["datasets"][0]["wishes"]] == [
        "session",
        "note",
        "date_naissance",
    ]
    [plan] = caller.get(f"{url}/plan").json()
    assert plan["digest"]
    assert {one["field"] for one in plan["treatments"]} >= {"session", "note"}

    submitted = caller.post(f"{url}/steps/submit", {})
    assert submitted.json()["state"] == "submitted"
    assert [one["title"] for one in grace.get("requests/to-examine").json()] == [
        requests.TEXTS["title"]
    ]
    assert grace.post(f"{url}/steps/start_review", {}).json()["state"] == "in_review"
    opinion = {"role": "dpo", "favourable": True, "reason": "Fine."}
    assert people.noor().api().post(f"{url}/steps/give_opinion", opinion).status_code == 200
    decided = grace.post(f"{url}/steps/approve", {"dataset": base.slug, "reason": "Sound."})
    assert decided.json()["state"] == "approved"
    assert decided.json()["grant_id"] == begun.json()["id"]
    assert caller.get(f"grants/{begun.json()['id']}").json()["effective"] is True


def test_a_stale_version_is_412_and_a_refusal_409_with_every_reason() -> None:
    ada = people.ada()
    request = requests.draft(ada, [dataset()], context="")
    caller = ada.api()

    stale = caller.patch(f"requests/{request.pk}", {"title": "x"}, **{"If-Match": '"1"'})
    assert stale.status_code == 412
    refused = caller.post(f"requests/{request.pk}/steps/submit", {})
    assert refused.status_code == 409
    codes = {refusal["code"] for refusal in refused.json()["refusals"]}
    assert {"no-charter", "missing-context"} <= codes


@pytest.mark.parametrize(
    ("body", "about"),
    [
        ({"purpose": "gossip"}, "purpose"),
        ({"legal_basis": "because"}, "legal_basis"),
        ({"title": "x" * 301}, "title"),
        ({"context": "x" * 10_001}, "context"),
        ({"ends_on": "20024-01-01"}, "ends_on"),
    ],
)
def test_bad_input_is_422_field_by_field(body: dict[str, str], about: str) -> None:
    ada = people.ada()
    request = requests.draft(ada, [])

    answer = ada.api().patch(f"requests/{request.pk}", body)

    assert answer.status_code == 422
    assert about in {refusal["about"] for refusal in answer.json()["refusals"]}


@pytest.mark.parametrize(
    "body",
    [
        {"row_filters": [{"field": "session", "operator": "resembles", "values": ["x"]}]},
        {"wishes": [{"name": "note"}, {"name": "note"}]},
        {"wishes": [{"name": "note", "justification": "x" * 10_001}]},
    ],
)
def test_wishes_that_nobody_can_read_are_422(body: dict[str, object]) -> None:
    base, ada = dataset(), people.ada()
    request = requests.draft(ada, [base])

    answer = ada.api().put(f"requests/{request.pk}/datasets/{base.pk}", body)

    assert answer.status_code == 422


def test_datasets_are_asked_for_once_dropped_and_unknown_ones_are_404() -> None:
    base, ada = dataset(), people.ada()
    opened = dataset("open-one", tier="open", unit="school")  # type: ignore[arg-type]
    request = requests.draft(ada, [base])
    caller, url = ada.api(), f"requests/{request.pk}/datasets"

    assert caller.put(f"{url}/nothing-there", {}).status_code == 404
    refused = caller.put(f"{url}/{opened.slug}", {})
    assert refused.json()["refusals"][0]["code"] == "needs-no-request"
    assert caller.delete(f"{url}/{base.slug}").json()["datasets"] == []
    assert caller.delete(f"{url}/{base.slug}").status_code == 404


def test_the_team_is_invited_and_uninvited() -> None:
    ada = people.ada()
    request = requests.draft(ada, [])
    caller, url = ada.api(), f"requests/{request.pk}/team"

    assert caller.post(url, {"email": "nobody"}).status_code == 422
    body = caller.post(url, {"email": "Alan@example.org", "affiliation": "Lab"}).json()
    [member] = body["team"]
    assert member["email"] == "alan@example.org"
    assert caller.delete(f"{url}/{member['id']}").json()["team"] == []
    assert caller.delete(f"{url}/{member['id']}").status_code == 404


def test_a_repeated_creation_with_a_key_creates_once() -> None:
    caller = people.ada().api()

    for _again in range(2):
        caller.post("requests", {"title": "Once"}, **{"Idempotency-Key": "k1"})

    assert AccessRequest.objects.count() == 1


def test_scopes_separate_asking_from_deciding() -> None:
    request = requests.submitted()
    url = f"requests/{request.pk}"
    grace = people.grace()

    assert grace.api(Scope.REQUESTS).post(f"{url}/steps/start_review", {}).status_code == 403
    assert grace.api(Scope.READ).get(url).status_code == 200
    assert people.ada().api(Scope.READ).post(f"{url}/steps/withdraw", {}).status_code == 403
    assert people.ada().api().post(f"{url}/steps/save", {}).status_code == 404
    assert people.ada().api().post(f"{url}/steps/dance", {}).status_code == 404
    assert Caller().get(url).status_code == 401


def test_strangers_and_administrators_know_nothing_of_a_request() -> None:
    request = requests.in_review()

    for nobody in (people.linus(), people.katherine(), people.margaret(), people.alan()):
        caller = nobody.api()
        for path in (f"requests/{request.pk}", f"requests/{request.pk}/plan"):
            assert caller.get(path).status_code == 404
        assert caller.get("requests").json()["results"] == []
    assert people.grace().api().get(f"requests/{new_id()}").status_code == 404
    assert people.margaret().api().get("requests/to-examine").status_code == 403


def test_the_team_reads_what_was_submitted_but_writes_nothing() -> None:
    people.alan()
    request = requests.submitted(team=["alan@example.org"])
    alan = people.alan().api()

    assert alan.get(f"requests/{request.pk}").json()["my_parts"] == ["team"]
    assert [one["id"] for one in alan.get("requests").json()["results"]] == [str(request.pk)]
    assert alan.patch(f"requests/{request.pk}", {"title": "x"}).status_code == 409
    assert alan.post(f"requests/{request.pk}/steps/withdraw", {}).status_code == 409


def test_a_draft_is_nobody_elses_not_even_its_teams() -> None:
    people.alan()
    request = requests.draft(people.ada(), [dataset()], team=["alan@example.org"])

    for other in (people.alan(), people.grace(), people.hedy()):
        assert other.api().get(f"requests/{request.pk}").status_code == 404
