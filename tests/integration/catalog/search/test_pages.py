import pytest
from django.test import Client

from tests.integration.catalog.files import PERSONAL, PUPILS, published, register
from tests.people import ada, grace, katherine

pytestmark = pytest.mark.django_db


def test_the_catalogue_finds_french_words_without_their_accents() -> None:
    published(grace(), title="Résultats des élèves")
    client = Client()
    for words in ("resultat eleve", "les résultats", "ÉLÈVE", "effectif", "statistics"):
        assert "Résultats des élèves" in client.get("/datasets", {"q": words}).text, words


def test_the_catalogue_narrows_by_facets_and_counts_them() -> None:
    published(grace(), title="Open ones")
    published(katherine(), PUPILS, "Personal ones", **PERSONAL)
    client = Client()
    everything = client.get("/datasets").text
    assert "Open ones" in everything
    assert "Personal ones" in everything
    narrowed = client.get("/datasets", {"tier": "extract", "kind": "authority"}).text
    assert "Personal ones" in narrowed
    assert "Open ones" not in narrowed
    assert client.get("/datasets", {"tier": "nothing", "q": "\x00' ; drop"}).status_code == 200


def test_an_empty_catalogue_says_what_to_do() -> None:
    page = Client().get("/datasets", headers={"cookie": "django_language=en"}).text
    assert "hub-empty" in page


def test_producers_are_listed_with_what_they_publish() -> None:
    published(grace())
    client = Client()
    assert "Statistics Office" in client.get("/producers").text
    assert "Results" in client.get("/producers/statistics").text
    assert client.get("/producers/nobody").status_code == 404


def test_a_draft_is_unknown_to_everyone_but_its_producer() -> None:
    draft = register(grace(), "Draft")
    for client in (Client(), ada().browser(), katherine().browser()):
        assert client.get(f"/datasets/{draft.slug}").status_code == 404
        assert client.get(f"/api/v1/datasets/{draft.slug}").status_code == 404
    assert grace().api().get(f"datasets/{draft.slug}").status_code == 200


def test_the_page_of_an_open_dataset_offers_its_files() -> None:
    dataset = published(grace())
    page = Client().get(f"/datasets/{dataset.slug}").text
    assert f"/datasets/{dataset.slug}/download.csv" in page
    assert "application/ld+json" in page
    assert "taux_reussite" in page


def test_the_page_of_a_personal_dataset_offers_none() -> None:
    dataset = published(grace(), PUPILS, **PERSONAL)
    client = Client()
    page = client.get(f"/datasets/{dataset.slug}").text
    assert "download." not in page
    assert client.get(f"/datasets/{dataset.slug}/download.csv").status_code == 403
    assert client.get(f"/api/v1/datasets/{dataset.slug}/download.parquet").status_code == 403
