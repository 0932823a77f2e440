"""A producer's whole path in the pages, without JavaScript."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from catalog.datasets import queries
from catalog.datasets.models import Dataset, Field
from catalog.vault.ingesting import run
from catalog.vault.models import Ingestion
from tests.integration.catalog.files import (
    OPEN,
    PERSONAL,
    PUPILS,
    SCHOOLS,
    give,
    published,
    register,
)
from tests.people import ada, grace, katherine

pytestmark = pytest.mark.django_db


def fields_of(slug: str) -> list[Field]:
    return queries.fields_of(queries.prepared_release(Dataset.objects.get(slug=slug)))


def table(fields: list[Field], **more: Any) -> dict[str, Any]:
    """Fill the table of the fields as a browser would send it."""
    values: dict[str, Any] = {}
    for one in fields:
        prefix = f"f{one.position}"
        values |= {
            f"{prefix}-label": f"Label of {one.name}",
            f"{prefix}-definition": "As named.",
            f"{prefix}-type": one.type,
            f"{prefix}-semantic_type": one.semantic_type,
            f"{prefix}-missing_values": ", ".join(one.missing_values),
            f"{prefix}-level": str(one.proposal["level"] if one.level is None else one.level),
        }
        if one.confirmed:
            values[f"{prefix}-confirmed"] = "on"
    return values | more


def test_a_producer_publishes_in_the_pages() -> None:
    browser = grace().browser()
    assert browser.get("/my/datasets").status_code == 200
    created = browser.post("/my/datasets/new", {"title": "Résultats", **OPEN})
    assert created["Location"] == "/my/datasets/resultats/data"
    upload = SimpleUploadedFile("ecoles.csv", SCHOOLS.encode())
    given = browser.post("/my/datasets/resultats/data", {"file": upload})
    assert given["Location"] == "/my/datasets/resultats/fields"
    page = browser.get("/my/datasets/resultats/fields").text
    assert "taux_reussite" in page
    saved = browser.post(
        "/my/datasets/resultats/fields",
        table(fields_of("resultats"), confirm_all="1", take_in="1"),
    )
    assert saved["Location"] == "/my/datasets/resultats/publish"
    waiting = browser.get("/my/datasets/resultats/progress").text
    assert "hx-get" in waiting
    run(ingestion_id=Ingestion.objects.get().pk, clock=timezone.now)
    assert "hx-get" not in browser.get("/my/datasets/resultats/progress").text
    answer = browser.post("/my/datasets/resultats/publish")
    assert answer["Location"] == "/datasets/resultats"
    assert "Label of uai" in Client().get("/datasets/resultats").text


def test_the_table_keeps_what_was_typed_when_it_is_refused() -> None:
    dataset = register(grace(), **PERSONAL)
    give(grace(), dataset.pk, PUPILS)
    fields = fields_of(dataset.slug)
    mail = next(one for one in fields if one.name == "courriel")
    page = (
        grace()
        .browser()
        .post(
            f"/my/datasets/{dataset.slug}/fields",
            table(fields, confirm_all="1", **{f"f{mail.position}-level": "0"}),
        )
    )
    assert page.status_code == 422
    assert "Label of courriel" in page.text
    assert page.text.count('data-state="refused"') == 1
    assert not any(one.confirmed for one in fields_of(dataset.slug))


def test_the_table_confirms_only_what_is_ticked() -> None:
    dataset = register(grace(), **PERSONAL)
    give(grace(), dataset.pk, PUPILS)
    fields = fields_of(dataset.slug)
    answer = (
        grace()
        .browser()
        .post(f"/my/datasets/{dataset.slug}/fields", table(fields, **{"f1-confirmed": "on"}))
    )
    assert answer.status_code == 302
    after = fields_of(dataset.slug)
    assert [one.confirmed for one in after] == [True] + [False] * (len(after) - 1)
    assert after[0].level == 5
    assert after[1].label == "Label of nom"


def test_a_change_made_meanwhile_is_not_overwritten() -> None:
    dataset = register(grace(), **OPEN)
    browser = grace().browser()
    old = {"title": "Mine", "unit": "school", "version": "1"}
    assert browser.post(f"/my/datasets/{dataset.slug}/describe", old).status_code == 302
    late = browser.post(f"/my/datasets/{dataset.slug}/describe", {**old, "title": "Late"})
    assert late.status_code == 422
    assert "Late" in late.text
    dataset.refresh_from_db()
    assert dataset.title == "Mine"


def test_changing_the_unit_asks_for_the_fields_again() -> None:
    dataset = register(grace(), **OPEN)
    give(grace(), dataset.pk, SCHOOLS)
    browser = grace().browser()
    browser.post(
        f"/my/datasets/{dataset.slug}/fields", table(fields_of(dataset.slug), confirm_all="1")
    )
    assert {one.level for one in fields_of(dataset.slug)} == {0, 1}
    browser.post(f"/my/datasets/{dataset.slug}/describe", {"title": "x", "unit": "pupil"})
    after = fields_of(dataset.slug)
    assert not any(one.confirmed for one in after)
    assert next(one for one in after if one.name == "uai").proposal["level"] == 2
    assert after[0].label == "Label of uai"


def test_the_publication_names_everything_that_is_missing() -> None:
    dataset = register(grace())
    give(grace(), dataset.pk, SCHOOLS)
    page = grace().browser().get(f"/my/datasets/{dataset.slug}/publish").text
    for code in ("missing_summary", "missing_unit", "missing_field_label", "source_not_ingested"):
        assert f'data-code="{code}"' in page
    refused = grace().browser().post(f"/my/datasets/{dataset.slug}/publish")
    assert refused.status_code == 409


def test_the_steps_of_a_producer_are_nobody_elses() -> None:
    draft = register(grace(), **OPEN)
    shown = published(grace(), title="Shown")
    for step in ("describe", "data", "fields", "conditions", "publish", "progress", "release"):
        assert ada().browser().get(f"/my/datasets/{draft.slug}/{step}").status_code == 403
        assert katherine().browser().get(f"/my/datasets/{draft.slug}/{step}").status_code == 404
        assert katherine().browser().get(f"/my/datasets/{shown.slug}/{step}").status_code == 403
        assert Client().get(f"/my/datasets/{draft.slug}/{step}").status_code == 302


def test_a_new_release_and_a_withdrawal_are_made_in_the_pages() -> None:
    dataset = published(grace())
    browser = grace().browser()
    opened = browser.post(f"/my/datasets/{dataset.slug}/release", {"label": "2027"})
    assert opened["Location"] == f"/my/datasets/{dataset.slug}/data"
    twice = browser.post(f"/my/datasets/{dataset.slug}/release", {"label": "2028"})
    assert twice.status_code == 422
    gone = browser.post(f"/my/datasets/{dataset.slug}/withdraw", {"reason": "Replaced"})
    assert gone["Location"] == "/my/datasets"
    assert Client().get(f"/datasets/{dataset.slug}").status_code == 404
