"""Every way in which the API refuses is a problem that a programme and a person can read."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client, override_settings
from django.utils import translation
from rest_framework import exceptions

from hub.kernel.refusals import Forbidden, Invalid, Refusal, Refused, Stale, Unknown
from hub.people.permissions import Scope
from hub.web.problems import CONTENT_TYPE, handle
from tests import people

pytestmark = pytest.mark.django_db
WHY = Refusal("why", "Say why.", "A reason is written in the trail.", about="reason")


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (Invalid([WHY]), 422, "invalid"),
        (Stale([WHY]), 412, "stale"),
        (Forbidden([WHY]), 403, "forbidden"),
        (Refused([WHY]), 409, "refused"),
    ],
)
def test_what_the_rules_answer_comes_with_its_reasons(
    error: Exception, status: int, kind: str
) -> None:
    with translation.override("en"):
        answer = handle(error, {})

    assert answer is not None
    assert (answer.status_code, answer.content_type) == (status, CONTENT_TYPE)
    assert answer.data["type"] == f"urn:hub:problem:{kind}"
    assert answer.data["status"] == status
    assert answer.data["refusals"] == [
        {
            "code": "why",
            "explanation": "Say why.",
            "remedy": "A reason is written in the trail.",
            "about": "reason",
        }
    ]


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (Unknown(), 404, "unknown"),
        (Http404(), 404, "unknown"),
        (exceptions.NotFound(), 404, "unknown"),
        (PermissionDenied(), 403, "forbidden"),
        (exceptions.PermissionDenied(), 403, "forbidden"),
        (exceptions.NotAuthenticated(), 401, "who"),
        (exceptions.AuthenticationFailed(), 401, "who"),
        (exceptions.ParseError(), 422, "invalid"),
        (exceptions.Throttled(wait=3.2), 429, "too-many"),
        (exceptions.MethodNotAllowed("PUT"), 405, "call"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "call"),
        (exceptions.NotAcceptable(), 406, "call"),
    ],
)
def test_what_the_frameworks_answer_is_a_problem_too(
    error: Exception, status: int, kind: str
) -> None:
    answer = handle(error, {})

    assert answer is not None
    assert (answer.status_code, answer.data["type"]) == (status, f"urn:hub:problem:{kind}")
    assert answer.data["refusals"] == []


def test_a_fault_of_ours_is_no_answer_of_the_rules() -> None:
    assert handle(KeyError("a value that nobody may read"), {}) is None


def test_wrong_input_is_said_field_by_field_however_deep() -> None:
    detail: Any = {
        "title": ["Too long."],
        "fields": [{}, {"name": ["Unknown."]}],
        "non_field_errors": ["Together they are wrong."],
    }
    answer = handle(exceptions.ValidationError(detail), {})

    assert answer is not None
    said = [(one["about"], one["explanation"]) for one in answer.data["refusals"]]
    assert said == [
        ("title", "Too long."),
        ("fields.1.name", "Unknown."),
        ("", "Together they are wrong."),
    ]


def test_a_caller_without_a_name_is_told_how_to_have_one(client: Client) -> None:
    answer = client.get("/api/v1/me")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.headers["Content-Type"] == CONTENT_TYPE


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
def test_an_address_that_does_not_exist_is_a_problem_under_the_api(
    client: Client, method: str
) -> None:
    answer = getattr(client, method)("/api/v1/nothing", headers={"Accept-Language": "en"})

    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == CONTENT_TYPE
    assert answer.json() == {
        "type": "urn:hub:problem:unknown",
        "title": "There is no such thing here.",
        "status": 404,
        "refusals": [],
    }


def test_a_call_that_is_not_json_is_refused_with_words() -> None:
    caller = people.ada().api(Scope.REQUESTS)
    headers = caller._headers
    answer = Client().post(
        "/api/v1/requests", data="{half", content_type="application/json", headers=headers
    )
    form = Client().post("/api/v1/requests", data={"title": "x"}, headers=headers)

    assert (answer.status_code, answer.json()["type"]) == (422, "urn:hub:problem:invalid")
    assert (form.status_code, form.json()["type"]) == (415, "urn:hub:problem:call")


def test_a_call_speaks_the_language_that_it_asks_for(client: Client) -> None:
    titles = {
        language: client.get("/api/v1/me", headers={"Accept-Language": language}).json()["title"]
        for language in ("en", "fr")
    }

    assert titles["en"] == "Sign in, or give a valid token."
    assert titles["fr"] != titles["en"]


@override_settings(ROOT_URLCONF="tests.integration.hub.web.breaking")
@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/api/v1/breaks", 500, "fault"),
        ("/api/v1/forbids", 403, "forbidden"),
        ("/api/v1/hides", 404, "unknown"),
        ("/api/v1/too-much", 422, "invalid"),
        ("/api/v1/malformed", 400, "invalid"),
    ],
)
def test_whatever_happens_under_the_api_is_a_problem(path: str, status: int, kind: str) -> None:
    answer: Any = Client(raise_request_exception=False).get(path)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == CONTENT_TYPE
    assert answer.json()["type"] == f"urn:hub:problem:{kind}"
    assert b"secret" not in answer.content
