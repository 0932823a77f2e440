"""The pages of demands, walked by two people."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from access.reidentification import forms
from access.reidentification.models import Reidentification
from hub.crypto.held_keys import new_key
from hub.web.uploads import InMemoryUploadHandler
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

pytestmark = pytest.mark.django_db
KEY = re.compile(r'id="held-key">([A-Z2-7-]{39})<')


def text(response: Any) -> str:
    return str(response.content.decode())


def page(demand: Reidentification, name: str = "reidentification", *more: str) -> str:
    return reverse(name, args=[demand.pk, *more])


def test_two_people_name_a_person_in_the_pages() -> None:
    grant, pids = extracted()
    ine, pid = next(iter(pids.items()))
    grace, noor = people.grace().browser(), people.noor().browser()
    at_grant = reverse("grant_reidentifications", args=[grant])
    assert at_grant in text(grace.get(reverse("grant", args=[grant])))
    assert at_grant not in text(people.ada().browser().get(reverse("grant", args=[grant])))
    assert reverse("reidentifications") in text(grace.get(reverse("administration")))
    [desk] = grace.get(at_grant).context["desks"]

    shown = grace.post(
        at_grant,
        {
            "dataset": str(desk[0].granted.dataset_id),
            "pseudonyms": pid,
            "need": NEED,
            "reference": REFERENCE,
            "recipient": RECIPIENT,
        },
    )
    assert (shown.status_code, shown["Cache-Control"]) == (200, "no-store")
    [first] = KEY.findall(text(shown))
    demand = Reidentification.objects.get()
    waiting = text(noor.get(reverse("reidentifications")))
    assert page(demand) in waiting
    assert not KEY.findall(text(noor.get(page(demand))))
    approved = noor.post(page(demand, "reidentification_step", "approve"))
    [second] = KEY.findall(text(approved))
    answered = grace.post(
        page(demand, "reidentification_match"),
        {"filing_key": first, "approval_key": second, "candidates": f"ine\n{ine}\n{PUPILS[-1]}"},
    )

    assert (answered.status_code, answered["Cache-Control"]) == (200, "no-store")
    assert pid in text(answered)
    assert ine in text(answered)
    after = text(grace.get(page(demand)))
    assert pid not in after
    assert ine not in after
    assert NEED in after


def test_a_file_of_candidates_is_read_in_memory_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    grant, pids = extracted()
    ine, pid = next(iter(pids.items()))
    demand, keys = both(grant, pid)
    kinds: list[type] = []
    content = forms.AnswerForm.content

    def watched(form: forms.AnswerForm) -> bytes:
        kinds.append(type(form.cleaned_data["file"]))
        return content(form)

    monkeypatch.setattr(forms.AnswerForm, "content", watched)
    lines = "\n".join(["identifiant", *PUPILS]).encode()

    answered = (
        people.grace()
        .browser()
        .post(
            page(demand, "reidentification_match"),
            {
                "filing_key": keys.filing,
                "approval_key": keys.approval,
                "file": SimpleUploadedFile("eleves.csv", lines),
            },
        )
    )

    assert ine in text(answered)
    assert kinds == [InMemoryUploadedFile]


def test_a_file_too_large_for_memory_is_refused_before_it_is_read(settings: Any) -> None:
    grant, pids = extracted()
    demand, keys = both(grant, next(iter(pids.values())))
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1024

    answer = (
        people.grace()
        .browser("en")
        .post(
            page(demand, "reidentification_match"),
            {
                "filing_key": keys.filing,
                "approval_key": keys.approval,
                "file": SimpleUploadedFile("eleves.csv", b"1\n" * 2_000),
            },
        )
    )

    assert answer.status_code == 413
    assert "leave out those who cannot be the persons designated" in text(answer)
    assert InMemoryUploadHandler.__name__ not in text(answer)
    demand.refresh_from_db()
    assert (demand.state, demand.tries) == ("approved", 0)


def test_a_form_that_does_not_come_from_the_page_names_nobody() -> None:
    grant, pids = extracted()
    demand, keys = both(grant, next(iter(pids.values())))
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(people.grace().user)

    answer = browser.post(
        page(demand, "reidentification_match"),
        {"filing_key": keys.filing, "approval_key": keys.approval, "candidates": PUPILS[0]},
    )

    assert answer.status_code == 403
    demand.refresh_from_db()
    assert demand.state == "approved"


def test_what_was_typed_is_not_shown_again() -> None:
    grant, pids = extracted()
    ine, pid = next(iter(pids.items()))
    demand, keys = both(grant, pid)
    browser, match = people.grace().browser(), page(demand, "reidentification_match")

    wrong = browser.post(
        match, {"filing_key": keys.filing, "approval_key": new_key(), "candidates": ine}
    )
    assert wrong.status_code == 409
    assert 'data-code="wrong-keys"' in text(wrong)
    several = browser.post(
        match, {"filing_key": keys.filing, "approval_key": new_key(), "candidates": f"{ine};x"}
    )
    assert several.status_code == 422
    unnamed = browser.post(match, {"candidates": ine})
    assert unnamed.status_code == 422
    assert 'data-code="invalid"' in text(unnamed)
    for answer in (wrong, several, unnamed):
        assert answer["Cache-Control"] == "no-store"
        assert ine not in text(answer)
        assert keys.filing not in text(answer)


def test_each_refusal_is_said_on_the_page() -> None:
    grant, pids = extracted()
    at_grant = reverse("grant_reidentifications", args=[grant])
    browser = people.grace().browser()
    dataset = str(browser.get(at_grant).context["desks"][0][0].granted.dataset_id)

    wrong = browser.post(at_grant, {"dataset": dataset, "pseudonyms": "Jeanne"})
    assert wrong.status_code == 422
    assert 'data-code="not-a-pseudonym"' in text(wrong)
    assert browser.post(at_grant, {"dataset": "x"}).status_code == 422
    issued = filed(grant, next(iter(pids.values())))
    again = browser.post(
        at_grant,
        {"dataset": dataset, "pseudonyms": "x", "need": "a", "reference": "b", "recipient": "c"},
    )
    assert again.status_code == 409
    assert 'data-code="open-already"' in text(again)
    own = browser.post(page(issued.demand, "reidentification_step", "approve"))
    assert own.status_code == 409
    silent = browser.post(page(issued.demand, "reidentification_step", "close"))
    assert 'data-code="reason-missing"' in text(silent)
    assert browser.post(page(issued.demand, "reidentification_step", "lapse")).status_code == 404
    closed = browser.post(
        page(issued.demand, "reidentification_step", "close"), {"reason": "Clef perdue."}
    )
    assert closed.url == page(issued.demand)
    assert "Clef perdue." in text(browser.get(closed.url))


def test_the_second_person_refuses_on_the_page() -> None:
    grant, pids = extracted()
    issued = filed(grant, next(iter(pids.values())))

    refused = (
        people.noor()
        .browser()
        .post(
            page(issued.demand, "reidentification_step", "refuse"), {"reason": "Sans base légale."}
        )
    )

    assert refused.status_code == 302
    assert Reidentification.objects.get().state == "refused"


def test_whoever_may_not_know_finds_nothing() -> None:
    grant, pids = extracted()
    demand, _keys = both(grant, next(iter(pids.values())))

    for stranger in (people.ada(), people.katherine(), people.margaret()):
        browser = stranger.browser()
        assert browser.get(page(demand)).status_code == 404
        assert browser.post(page(demand, "reidentification_match")).status_code == 404
        assert browser.post(page(demand, "reidentification_step", "approve")).status_code == 404
        assert browser.get(reverse("grant_reidentifications", args=[grant])).status_code == 404
        assert page(demand) not in text(browser.get(reverse("reidentifications")))


def test_a_demand_that_lapsed_says_so_before_any_job_ran() -> None:
    grant, pids = extracted()
    issued = filed(grant, next(iter(pids.values())), at=timezone.now() - timedelta(days=8))

    shown = people.noor().browser().get(page(issued.demand))

    assert shown.context["seen"].state == "lapsed"
    assert shown.context["steps"] == set()
