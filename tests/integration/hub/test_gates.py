"""The gates of views: who comes in, who is led to sign in, who is refused."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from rest_framework.request import Request
from rest_framework.views import APIView

from hub.people.acting import HEADER, actor_in
from hub.people.gates import Closed, Open, holders, members, profiles, public, scoped
from hub.people.permissions import Profile, Role, Scope
from tests import people
from tests.people import Person

pytestmark = pytest.mark.django_db


def view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("in")


def asked(view: Any, person: Person | None) -> HttpResponse:
    request = RequestFactory().get("/somewhere")
    request.user = person.user if person else AnonymousUser()
    request.session = {}  # type: ignore[assignment]
    answer: HttpResponse = view(request)
    return answer


def test_a_public_view_lets_anyone_in() -> None:
    assert asked(public(view), None).content == b"in"


@pytest.mark.parametrize(
    "gated", [members(view), holders(Role.STEWARD)(view), profiles(Profile.PRODUCER)(view)]
)
def test_a_visitor_is_led_to_sign_in(gated: Any) -> None:
    answer = asked(gated, None)

    assert answer.headers["Location"] == "/accounts/login/?next=/somewhere"


def test_each_gate_lets_in_those_it_names_and_refuses_the_others() -> None:
    for gated in (holders(Role.STEWARD)(view), profiles(Profile.PRODUCER)(view)):
        assert asked(gated, people.grace()).content == b"in"
        with pytest.raises(PermissionDenied):
            asked(gated, people.ada())
    assert asked(members(view), people.ada()).content == b"in"


def test_a_view_that_forgot_to_say_is_closed_and_an_open_one_is_open() -> None:
    request, nobody = Request(RequestFactory().get("/")), APIView()

    assert not Closed().has_permission(request, nobody)
    assert Open().has_permission(request, nobody)


def test_every_gate_says_its_name() -> None:
    gates: list[Any] = [
        public(view),
        members(view),
        holders(Role.STEWARD, Role.DPO)(view),
        profiles(Profile.SCHOOL)(view),
        scoped(Scope.READ, Role.AUDITOR),
    ]

    assert [one.gate for one in gates[2:]] == [
        "roles:dpo,steward",
        "profiles:school",
        "scope:read:auditor",
    ]


@pytest.mark.parametrize(
    ("scopes", "opened"),
    [
        ({Scope.READ}, {"GET"}),
        ({Scope.REQUESTS}, {"GET", "POST"}),
        ({Scope.CATALOGUE}, set()),
        ({Scope.DOWNLOADS}, set()),
    ],
)
def test_a_token_reads_with_its_scope_or_with_read_and_writes_with_its_scope_alone(
    scopes: set[Scope], opened: set[str]
) -> None:
    caller = people.ada().api(*scopes)
    answers = {"GET": caller.get("requests"), "POST": caller.post("requests", {"title": "x"})}

    assert {method for method, one in answers.items() if one.status_code < 400} == opened


def test_a_membership_that_is_none_names_nobody() -> None:
    grace = people.grace()
    caller = grace.api()

    assert caller.get("me", **{HEADER: "nonsense"}).json()["acting_as"] == str(grace.membership.pk)
    theirs = str(people.ada().membership.pk)
    assert caller.get("me", **{HEADER: theirs}).json()["acting_as"] is None
    assert caller.get("requests/to-examine", **{HEADER: theirs}).status_code == 403


def test_a_session_writes_over_the_api_with_the_token_of_its_pages_alone() -> None:
    browser: Any = people.ada().browser()
    browser.handler.enforce_csrf_checks = True
    body = {"data": {"title": "x"}, "content_type": "application/json"}

    assert browser.post("/api/v1/requests", **body).status_code == 403
    browser.cookies["csrftoken"] = "a" * 32
    right = browser.post("/api/v1/requests", **body, headers={"X-CSRFToken": "a" * 32})
    assert right.status_code == 201


def test_an_act_without_an_actor_is_a_fault_of_ours() -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    with pytest.raises(AssertionError):
        actor_in(request)


def test_somebody_opens_an_account_in_their_language() -> None:
    visitor = Client()
    visitor.cookies["django_language"] = "en"
    form = {
        "email": "new@example.org",
        "first_name": "New",
        "last_name": "Comer",
        "password1": people.PASSWORD,
        "password2": people.PASSWORD,
    }
    answer = visitor.post("/accounts/signup/", form)
    page = visitor.get("/account/")

    assert answer.status_code == 302
    assert page.status_code == 200
    assert visitor.get("/api/v1/me").json()["memberships"] == []
    assert "New Comer" in page.content.decode()
