"""``Idempotency-Key``: a call that creates, sent twice, creates once; a refused call uses no key."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from access.requests.models import AccessRequest
from hub.people.permissions import Scope
from hub.web.models import Answer
from tests import people
from tests.people import Caller

pytestmark = pytest.mark.django_db
KEY = {"Idempotency-Key": "one"}
PATH = "requests"


@pytest.fixture
def ada() -> Caller:
    return people.ada().api(Scope.REQUESTS)


def test_the_same_call_sent_twice_creates_once_and_is_answered_the_same(ada: Caller) -> None:
    first = ada.post(PATH, {"title": "Marks"}, **KEY)
    second = ada.post(PATH, {"title": "Marks"}, **KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert AccessRequest.objects.count() == 1


def test_without_a_key_each_call_creates(ada: Caller) -> None:
    for _ in range(2):
        ada.post(PATH, {"title": "Marks"})

    assert AccessRequest.objects.count() == 2
    assert not Answer.objects.exists()


def test_a_key_used_for_another_call_is_refused(ada: Caller) -> None:
    ada.post(PATH, {"title": "Marks"}, **KEY)
    other = ada.post(PATH, {"title": "Something else"}, **KEY)

    assert other.status_code == 409
    assert other.json()["refusals"][0]["code"] == "key-used"
    assert AccessRequest.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"purpose": "no such purpose"}, {"title": ["a list"]}])
def test_a_refused_call_leaves_its_key_free_for_a_right_one(ada: Caller, wrong: Any) -> None:
    refused = ada.post(PATH, wrong, **KEY)
    right = ada.post(PATH, {"title": "Marks"}, **KEY)

    assert (refused.status_code, right.status_code) == (422, 201)
    assert AccessRequest.objects.count() == 1


def test_the_keys_of_two_people_are_two_keys(ada: Caller) -> None:
    ada.post(PATH, {"title": "Marks"}, **KEY)
    people.alan().api(Scope.REQUESTS).post(PATH, {"title": "Marks"}, **KEY)

    assert AccessRequest.objects.count() == 2


def test_a_key_is_forgotten_after_a_day(ada: Caller) -> None:
    ada.post(PATH, {"title": "Marks"}, **KEY)
    Answer.objects.update(asked_at=timezone.now() - timedelta(days=1, seconds=1))
    ada.post(PATH, {"title": "Another"}, **KEY)

    assert AccessRequest.objects.count() == 2


def test_a_key_too_long_is_refused(ada: Caller) -> None:
    answer = ada.post(PATH, {"title": "Marks"}, **{"Idempotency-Key": "k" * 101})

    assert (answer.status_code, answer.json()["refusals"][0]["code"]) == (422, "key-too-long")


def test_a_visitor_takes_no_key() -> None:
    assert Caller().post(PATH, {"title": "Marks"}, **KEY).status_code == 401
    assert not Answer.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_calls_at_once_create_once() -> None:
    callers = [people.ada().api(Scope.REQUESTS) for _ in range(2)]
    answers: list[Any] = []

    def call(caller: Caller) -> None:
        answers.append(caller.post(PATH, {"title": "Marks"}, **KEY))
        connection.close()

    threads = [threading.Thread(target=call, args=[caller]) for caller in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert AccessRequest.objects.count() == 1
