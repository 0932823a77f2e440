"""The pages and the API of charters."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from access.charters.models import CharterVersion, Signature
from hub.people.permissions import Profile
from tests import people
from tests.factories.charters import TERMS, charter, signed_by
from tests.people import Caller

pytestmark = pytest.mark.django_db


def test_ada_reads_and_signs_with_an_explicit_tick() -> None:
    charter()
    browser = people.ada().browser()
    url = reverse("charter", args=["researcher"])

    assert browser.get(reverse("my_charters")).status_code == 200
    assert "engage" in browser.get(url).content.decode()
    unticked = browser.post(url, {"number": 1})
    assert unticked.status_code == 200
    assert not Signature.objects.exists()

    signed = browser.post(url, {"number": 1, "agreed": "on"})
    assert signed.url == reverse("my_charters")
    assert Signature.objects.count() == 1
    assert browser.get(url).status_code == 200
    assert browser.get(reverse("charter_version", args=["researcher", 1])).status_code == 200


def test_signing_a_text_that_changed_meanwhile_says_so() -> None:
    charter()
    charter(at=timezone.now() - timedelta(days=1))
    browser = people.ada().browser()

    refused = browser.post(reverse("charter", args=["researcher"]), {"number": 1, "agreed": "on"})

    assert refused.status_code == 409
    assert 'data-code="version-changed"' in refused.content.decode()


def test_pages_of_charters_that_do_not_exist_are_not_found() -> None:
    browser = people.ada().browser()

    for path in ("charters/wizard", "charters/edtech", "charters/edtech/versions/3"):
        assert browser.get(f"/{path}").status_code == 404


def test_margaret_writes_a_new_version_sees_what_changes_and_publishes_it() -> None:
    charter()
    browser = people.margaret().browser()
    url = reverse("edit_charter", args=["researcher"])
    text = {
        "title_fr": "Charte",
        "title_en": "Charter",
        "text_fr": "Je m'engage vraiment.",
        "text_en": "I really commit.",
        "max_tier": "extract",
        "highest_level": "3",
        "longest_days": "365",
        "purposes": ["research"],
        "material": "on",
        "grace_days": "10",
    }

    assert browser.get(reverse("edit_charters")).status_code == 200
    assert browser.get(url).status_code == 200
    compared = browser.post(url, {**text, "compare": "1"}).content.decode()
    assert "<ins>I really commit.</ins>" in compared
    assert CharterVersion.objects.count() == 1
    published = browser.post(url, {**text, "publish": "1"})
    assert published.url == reverse("edit_charters")
    assert CharterVersion.objects.get(number=2).terms["longest_days"] == 365


def test_nobody_else_edits_charters() -> None:
    url = reverse("edit_charter", args=["researcher"])

    for person in (people.ada(), people.grace(), people.noor(), people.hedy()):
        assert person.browser().get(url).status_code == 403


def test_charters_over_the_api() -> None:
    charter()
    ada = people.ada().api()

    assert Caller().get("charters").json()[0]["terms"]["highest_level"] == TERMS["highest_level"]
    assert Caller().get("charters/researcher").json()["number"] == 1
    assert Caller().get("charters/edtech").status_code == 404
    assert Caller().get("charters/wizard").status_code == 404
    assert Caller().get("charters/researcher/signature").status_code == 401

    assert ada.get("charters/researcher/signature").json()["bound"] is False
    unticked = ada.post("charters/researcher/signature", {"number": 1, "agreed": False})
    assert unticked.status_code == 422
    signed = ada.post("charters/researcher/signature", {"number": 1, "agreed": True})
    assert signed.status_code == 201
    assert ada.get("charters/researcher/signature").json()["bound"] is True
    other = ada.post("charters/edtech/signature", {"number": 1, "agreed": True})
    assert other.status_code == 409
    assert ada.get("charters/edtech/signature").status_code == 404


def test_an_older_signature_is_shown_with_when_it_rests() -> None:
    ada = people.ada()
    signed_by(ada)
    charter(Profile.RESEARCHER, at=timezone.now(), grace_days=20)

    body = ada.api().get("charters/researcher/signature").json()

    assert body["bound"] is True
    assert body["rests_at"] is not None
    assert ada.browser().get(reverse("my_charters")).status_code == 200


def test_the_first_version_is_written_and_an_unreadable_profile_is_not_found() -> None:
    browser = people.margaret().browser()

    assert browser.get(reverse("edit_charter", args=["edtech"])).status_code == 200
    assert browser.get(reverse("edit_charter", args=["wizard"])).status_code == 404
