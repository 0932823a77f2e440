"""Versions, pages of a collection, quotas."""

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.test import Client, RequestFactory

from hub.kernel.refusals import Stale
from hub.people.actions import found_organisation
from hub.people.permissions import Kind, Scope
from hub.web.preconditions import expected_version, require_version
from hub.web.throttles import PerAddress, PerToken
from tests import people

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("header", "version"), [("", None), ("*", None), ('"3"', 3), ("3", 3)])
def test_a_caller_names_the_version_that_they_saw(header: str, version: int | None) -> None:
    request = RequestFactory().get("/", headers={"If-Match": header})

    assert expected_version(request) == version


@pytest.mark.parametrize("header", ['W/"3"', "three", "-1"])
def test_a_version_that_is_none_of_ours_is_never_the_right_one(header: str) -> None:
    with pytest.raises(Stale):
        expected_version(RequestFactory().get("/", headers={"If-Match": header}))


def test_another_version_is_refused_and_none_asks_nothing() -> None:
    require_version(expected=None, actual=3)
    require_version(expected=3, actual=3)
    with pytest.raises(Stale):
        require_version(expected=2, actual=3)


def test_a_change_on_an_old_version_is_refused_and_the_tag_says_the_new_one() -> None:
    ada = people.ada().api(Scope.REQUESTS)
    begun = ada.post("requests", {"title": "Marks"})
    path, old = f"requests/{begun.json()['id']}", begun.headers["ETag"]

    saved = ada.patch(path, {"title": "Marks, again"}, **{"If-Match": old})
    stale = ada.patch(path, {"title": "Lost"}, **{"If-Match": old})

    assert saved.status_code == 200
    assert saved.headers["ETag"] != old
    assert (stale.status_code, stale.json()["type"]) == (412, "urn:hub:problem:stale")
    assert ada.get(path).json()["title"] == "Marks, again"


def test_a_collection_is_read_page_by_page_each_thing_once(client: Client) -> None:
    for number in range(5):
        found_organisation(slug=f"lab-{number}", name=f"Lab {number}", kind=Kind.RESEARCH)
    seen: list[str] = []
    address: str | None = "/api/v1/organisations?page_size=2"
    while address:
        page = client.get(address).json()
        assert len(page["results"]) <= 2
        seen += [one["slug"] for one in page["results"]]
        address = page["next"]

    assert seen == [f"lab-{number}" for number in reversed(range(5))]


@pytest.mark.parametrize("size", ["0", "-1", "many", "100000"])
def test_a_page_is_never_larger_than_the_limit(client: Client, size: str) -> None:
    found_organisation(slug="lab", name="Lab", kind=Kind.RESEARCH)
    answer = client.get(f"/api/v1/organisations?page_size={size}")

    assert answer.status_code == 200
    assert len(answer.json()["results"]) == 1


def test_a_cursor_that_is_none_is_a_problem(client: Client) -> None:
    answer = client.get("/api/v1/organisations?cursor=nonsense")

    assert (answer.status_code, answer.json()["type"]) == (404, "urn:hub:problem:unknown")


@pytest.fixture
def quotas() -> Iterator[None]:
    """Let each caller have two calls a minute."""
    rates = {"token": "2/min", "address": "2/min"}
    cache.clear()
    with (
        patch("rest_framework.views.APIView.throttle_classes", [PerToken, PerAddress]),
        patch("rest_framework.throttling.SimpleRateThrottle.THROTTLE_RATES", rates),
    ):
        yield
    cache.clear()


@pytest.mark.usefixtures("quotas")
def test_a_token_that_calls_too_often_is_told_when_to_call_again() -> None:
    ada, alan = people.ada().api(Scope.READ), people.alan().api(Scope.READ)
    answers: list[Any] = [ada.get("me") for _ in range(3)]

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[2].json()["type"] == "urn:hub:problem:too-many"
    assert 0 < int(answers[2].headers["Retry-After"]) <= 61
    assert alan.get("me").status_code == 200


@pytest.mark.usefixtures("quotas")
def test_an_address_without_a_token_has_a_quota_too(client: Client) -> None:
    statuses = [client.get("/api/v1/organisations").status_code for _ in range(3)]

    assert statuses == [200, 200, 429]
    assert people.ada().api(Scope.READ).get("organisations").status_code == 200
