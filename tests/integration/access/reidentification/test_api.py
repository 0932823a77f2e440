"""Demands over the API: the whole path of two programmes, and what each mistake is answered."""

from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from access.reidentification.actions import close
from access.reidentification.models import Reidentification
from access.reidentification.reading import MOST_BYTES, MOST_CANDIDATES
from hub.crypto.held_keys import new_key
from hub.people.permissions import Scope
from hub.web.models import Answer
from tests import people
from tests.integration.access.extracts.making import PUPILS
from tests.integration.access.reidentification.asking import (
    NEED,
    RECIPIENT,
    REFERENCE,
    both,
    extracted,
    filed,
)
from tests.people import Person

pytestmark = pytest.mark.django_db
SAID = {"need": NEED, "reference": REFERENCE, "recipient": RECIPIENT}


def refused(answer: Any, status: int) -> list[str]:
    assert answer.status_code == status, answer.content
    return [one["code"] for one in answer.json()["refusals"]]


def plain(someone: Person, path: str, content: bytes, kind: str = "text/plain") -> Any:
    return Client().post(
        f"/api/v1/{path}",
        data=content,
        content_type=kind,
        headers=someone.api()._headers,
    )


def test_two_programmes_name_a_person_with_both_keys() -> None:
    grant, pids = extracted()
    ine, pid = next(iter(pids.items()))
    grace, noor = people.grace().api(), people.noor().api()
    path = f"grants/{grant}/reidentifications"

    filed = grace.post(path, {**SAID, "pseudonyms": [pid]})
    assert filed.status_code == 201
    assert filed["Cache-Control"] == "no-store"
    body = filed.json()
    assert (body["state"], body["persons"], body["my_steps"]) == ("filed", 1, ["close"])
    one = f"reidentifications/{body['id']}"
    assert noor.get(one).json()["my_steps"] == ["approve", "refuse"]
    approved = noor.post(f"{one}/approval")
    assert approved["Cache-Control"] == "no-store"
    assert approved.json()["state"] == "approved"
    answered = grace.post(
        f"{one}/match",
        {
            "filing_key": body["key"],
            "approval_key": approved.json()["key"],
            "candidates": [PUPILS[-1], ine],
        },
    )

    assert answered["Cache-Control"] == "no-store"
    assert answered.json()["persons"] == [{"pseudonym": pid, "candidate": ine}]
    assert answered.json()["demand"]["state"] == "answered"
    shown = [grace.get(path), grace.get("reidentifications"), people.hedy().api().get(one)]
    for again in shown:
        assert again.status_code == 200
        assert not {"key", "pseudonyms"} & set(str(again.json()).split("'"))
        assert pid not in again.content.decode()
        assert ine not in again.content.decode()
    assert shown[1].json()["results"][0]["found"] == 1


def test_candidates_may_come_as_a_text_that_begins_with_both_keys() -> None:
    grant, pids = extracted()
    ine, pid = next(iter(pids.items()))
    demand, keys = both(grant, pid)
    text = "\n".join([keys.filing, keys.approval.lower(), "ine", *PUPILS]).encode()

    answered = plain(people.noor(), f"reidentifications/{demand.pk}/match", text)

    assert answered.json()["persons"] == [{"pseudonym": pid, "candidate": ine}]


def test_mistakes_are_said_by_their_place_and_never_repeated() -> None:
    grant, pids = extracted()
    grace, path = people.grace().api(), f"grants/{grant}/reidentifications"

    wrong = grace.post(path, {**SAID, "need": "", "pseudonyms": ["Jeanne", "Jules"]})
    assert refused(wrong, 422) == ["missing-need", "not-a-pseudonym"]
    assert "Jeanne" not in wrong.content.decode()
    assert refused(grace.post(path, {**SAID, "pseudonyms": "x"}), 422) == ["not_a_list"]
    assert refused(grace.post(path, SAID), 422) == ["required"]
    assert not Reidentification.objects.exists()

    demand, keys = both(grant, next(iter(pids.values())))
    match = f"reidentifications/{demand.pk}/match"
    typed = {"filing_key": keys.filing, "approval_key": new_key()}
    assert refused(grace.post(match, {**typed, "candidates": ["1"]}), 409) == ["wrong-keys"]
    short = {**typed, "approval_key": "short", "candidates": ["1"]}
    assert refused(grace.post(match, short), 422) == ["not-a-key"]
    assert refused(grace.post(match, {**typed, "candidates": []}), 422) == ["no-candidate"]
    long = grace.post(match, {**typed, "candidates": ["1", "Jeanne" * 11]})
    assert refused(long, 422) == ["max_length"]
    assert "Jeanne" not in long.content.decode()
    many = {**typed, "candidates": ["1"] * (MOST_CANDIDATES + 1)}
    assert refused(grace.post(match, many), 422) == ["max_length"]
    large = plain(people.grace(), match, b"x" * (MOST_BYTES + 1))
    assert refused(large, 422) == ["candidates-too-large"]
    two = plain(people.grace(), match, f"{keys.filing}\n{new_key()}\nJeanne;2\nJules;3\n".encode())
    assert refused(two, 422) == ["not-an-identifier"]
    assert "Jeanne" not in two.content.decode()
    assert plain(people.grace(), match, b"<x/>", "application/xml").status_code == 415
    demand.refresh_from_db()
    assert demand.tries == 1


def test_a_refusal_and_a_closing_ask_why() -> None:
    grant, pids = extracted()
    grace, noor = people.grace().api(), people.noor().api()
    path, asked = (
        f"grants/{grant}/reidentifications",
        {**SAID, "pseudonyms": list(pids.values())[:21]},
    )
    assert refused(grace.post(path, asked), 422) == ["too-many"]
    asked["pseudonyms"] = asked["pseudonyms"][:20]
    one = f"reidentifications/{grace.post(path, asked).json()['id']}"

    assert refused(noor.post(f"{one}/refusal", {}), 409) == ["reason-missing"]
    assert noor.post(f"{one}/refusal", {"reason": "Non."}).json()["state"] == "refused"
    again = f"reidentifications/{grace.post(path, asked).json()['id']}"
    assert refused(noor.post(f"{again}/closing", {"reason": "Non."}), 409) == ["not-your-step"]
    closed = grace.post(f"{again}/closing", {"reason": "Clef perdue."}).json()

    assert (closed["state"], closed["reason"]) == ("closed", "Clef perdue.")


def test_no_key_is_kept_for_a_call_that_is_sent_twice() -> None:
    grant, pids = extracted()
    grace, path = people.grace().api(), f"grants/{grant}/reidentifications"
    asked = {**SAID, "pseudonyms": [next(iter(pids.values()))]}
    once = {"Idempotency-Key": "k1"}

    first = grace.post(path, asked, **once)
    second = grace.post(path, asked, **once)

    assert first.status_code == 201
    assert refused(second, 409) == ["open-already"]
    assert not Answer.objects.exists()


def test_a_token_that_may_only_read_files_and_names_nobody() -> None:
    grant, pids = extracted()
    demand, keys = both(grant, next(iter(pids.values())))
    reader = people.grace().api(Scope.READ)
    typed = {"filing_key": keys.filing, "approval_key": keys.approval, "candidates": PUPILS}

    assert reader.get(f"reidentifications/{demand.pk}").status_code == 200
    assert reader.post(f"reidentifications/{demand.pk}/match", typed).status_code == 403


def test_an_unknown_demand_is_not_there() -> None:
    people.grace()
    number = UUID(int=1)
    grace = people.grace().api()

    for path in ("", "/approval", "/refusal", "/closing", "/match"):
        call = grace.post if path else grace.get
        assert call(f"reidentifications/{number}{path}").status_code == 404
    assert grace.get(f"grants/{number}/reidentifications").status_code == 404
    assert grace.get("reidentifications").json()["results"] == []


def test_a_long_list_asks_the_database_no_more_than_a_short_one() -> None:
    grant, pids = extracted()
    pid, caller = next(iter(pids.values())), people.grace().api()
    counts = []
    for _ in range(3):
        issued = filed(grant, pid)
        with CaptureQueriesContext(connection) as captured:
            assert caller.get("reidentifications").status_code == 200
        counts.append(len(captured))
        close(demand_id=issued.demand.pk, reason="Over.", by=people.grace().actor, at=now())

    assert counts[1] == counts[2]
