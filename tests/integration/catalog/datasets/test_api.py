"""A producer's whole path over the API."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.vault.ingesting import run
from catalog.vault.models import Ingestion
from hub.audit.queries import events
from hub.people.permissions import Scope
from tests.integration.catalog.datasets.test_bad_inputs import put
from tests.integration.catalog.files import (
    OPEN,
    PERSONAL,
    PUPILS,
    SCHOOLS,
    give,
    published,
    register,
)
from tests.people import Caller, ada, grace, hedy, katherine

pytestmark = pytest.mark.django_db


def run_jobs() -> None:
    for job in Ingestion.objects.filter(state="queued"):
        run(ingestion_id=job.pk, clock=timezone.now)


def test_a_producer_registers_confirms_takes_in_and_publishes_with_calls_alone() -> None:
    api = grace().api()
    created = api.post("datasets", {"title": "Résultats", **OPEN})
    assert created.status_code == 201
    slug = created.json()["slug"]
    assert created["Location"] == f"/api/v1/datasets/{slug}"
    fields = put(grace(), f"datasets/{slug}/upload", SCHOOLS.encode()).json()
    assert fields[0]["proposal"]["semantic_type"] == "uai"
    missing = api.get(f"datasets/{slug}/publication").json()
    assert not missing["may_publish"]
    assert {"source_not_ingested", "unconfirmed_level", "missing_field_label"} <= {
        one["code"] for one in missing["refusals"]
    }
    words = [{"name": one["name"], "label": "x", "definition": "y"} for one in fields]
    done = api.patch(f"datasets/{slug}/fields", {"fields": words, "confirm_all": True})
    assert all(one["confirmed"] for one in done.json())
    started = api.post(f"datasets/{slug}/ingestion")
    assert started.status_code == 202
    run_jobs()
    progress = api.get(f"datasets/{slug}/ingestion").json()
    assert (progress["state"], progress["rows_done"], progress["rows_total"]) == ("done", 3, 3)
    assert api.get(f"datasets/{slug}/publication").json()["may_publish"]
    version = api.get(f"datasets/{slug}")["ETag"]
    answer = api.post(f"datasets/{slug}/publication", **{"If-Match": version})
    assert answer.json()["tier"] == "open"
    anyone = Caller()
    assert anyone.get("datasets").json()["results"][0]["slug"] == slug
    assert anyone.get(f"datasets/{slug}/releases").json()[0]["row_count"] == 3
    assert "proposal" not in anyone.get(f"datasets/{slug}/fields").json()[0]
    dataset_id = created.json()["id"]
    kinds = [event.kind for event in events(subject=f"dataset:{dataset_id}")]
    assert kinds[0] == "dataset.published"
    assert kinds[-1] == "dataset.registered"


def test_a_published_file_downloads_whole_in_part_and_not_again() -> None:
    dataset = published(grace())
    client = Client()
    path = f"/api/v1/datasets/{dataset.slug}/download.csv"
    whole = client.get(path)
    content = b"".join(whole.streaming_content)  # type: ignore[attr-defined]
    assert (
        content.decode().splitlines()[0] == "uai,nom_etablissement,commune,taux_reussite,effectif"
    )
    assert b'"0750001E","COLLEGE JEAN MOULIN","75101",81.7,120' in content
    assert whole["Content-Length"] == str(len(content))
    part = client.get(path, headers={"Range": "bytes=4-9"})
    assert part.status_code == 206
    assert b"".join(part.streaming_content) == content[4:10]  # type: ignore[attr-defined]
    assert part["Content-Range"] == f"bytes 4-9/{len(content)}"
    last = client.get(path, headers={"Range": "bytes=-5"})
    assert b"".join(last.streaming_content) == content[-5:]  # type: ignore[attr-defined]
    assert client.get(path, headers={"Range": "bytes=99999-"}).status_code == 416
    assert client.get(path, headers={"If-None-Match": whole["ETag"]}).status_code == 304
    stale = client.get(path, headers={"Range": "bytes=4-9", "If-Range": '"other"'})
    assert stale.status_code == 200
    assert b"".join(stale.streaming_content) == content  # type: ignore[attr-defined]
    page = client.get(f"/datasets/{dataset.slug}", headers={"Accept-Language": "en"}).text
    assert "2" in page
    assert client.head(path)["Content-Length"] == str(len(content))


def test_a_change_on_an_old_version_is_refused() -> None:
    dataset = register(grace(), **OPEN)
    api = grace().api()
    tag = api.get(f"datasets/{dataset.slug}")["ETag"]
    first = api.patch(f"datasets/{dataset.slug}", {"summary": "One"}, **{"If-Match": tag})
    second = api.patch(f"datasets/{dataset.slug}", {"summary": "Two"}, **{"If-Match": tag})
    assert (first.status_code, second.status_code) == (200, 412)
    assert api.get(f"datasets/{dataset.slug}").json()["summary"] == "One"


@pytest.mark.parametrize(
    ("change", "about"),
    [
        ({"unit": "planet"}, "unit"),
        ({"themes": ["nothing"]}, "themes.0"),
        ({"k": 2}, "k"),
        ({"suppression_cap": 0.5}, "suppression_cap"),
        ({"period_start": "2025-01-01", "period_end": "2024-01-01"}, "period_end"),
        ({"contact_email": "nobody"}, "contact_email"),
    ],
)
def test_a_wrong_word_of_the_description_is_named(change: dict[str, Any], about: str) -> None:
    dataset = register(grace(), **OPEN)
    answer = grace().api().patch(f"datasets/{dataset.slug}", change)
    assert answer.status_code == 422
    assert answer.json()["refusals"][0]["about"] == about


def test_an_identifier_cannot_be_declared_harmless() -> None:
    dataset = register(grace(), **PERSONAL)
    give(grace(), dataset.pk, PUPILS)
    api = grace().api()
    for change in (
        {"name": "courriel", "level": 0},
        {"name": "courriel", "level": 2, "semantic_type": "category"},
        {"name": "ine", "level": 3, "semantic_type": "code"},
    ):
        answer = api.patch(f"datasets/{dataset.slug}/fields", {"fields": [change]})
        assert answer.status_code == 422, change
        assert answer.json()["refusals"][0]["code"] in {
            "level_contradicted",
            "level-below-meaning",
        }


def test_levels_do_not_change_into_identifiers_once_the_rows_are_taken_in() -> None:
    dataset = published(grace(), PUPILS, **PERSONAL)
    api = grace().api()
    answer = api.patch(
        f"datasets/{dataset.slug}/fields", {"fields": [{"name": "note", "level": 1}]}
    )
    assert answer.status_code == 409
    label = api.patch(
        f"datasets/{dataset.slug}/fields", {"fields": [{"name": "note", "label": "Mark"}]}
    )
    assert label.status_code == 200


def test_others_cannot_write_and_strangers_cannot_know() -> None:
    dataset = register(grace(), "Secret", **OPEN)
    path = f"datasets/{dataset.slug}"
    for person in (ada(), katherine()):
        api = person.api()
        for answer in (
            api.get(path),
            api.patch(path, {"title": "Mine"}),
            api.patch(f"{path}/fields", {}),
            api.post(f"{path}/ingestion"),
            api.get(f"{path}/ingestion"),
            api.post(f"{path}/publication"),
            api.post(f"{path}/releases", {"label": "x"}),
            api.post(f"{path}/withdrawal", {"reason": "x"}),
            api.put(f"{path}/source", {}),
            put(person, f"{path}/upload", b"a;b\n1;2\n"),
        ):
            assert answer.status_code in {403, 404}, answer
    auditor = hedy().api()
    assert auditor.get(path).status_code == 200
    assert auditor.patch(path, {"title": "Mine"}).status_code == 403
    reader = grace().api(Scope.READ)
    assert reader.patch(path, {"title": "Mine"}).status_code == 403
    assert Caller().patch(path, {"title": "Mine"}).status_code == 401


def test_a_second_release_keeps_the_first_until_it_is_published() -> None:
    dataset = published(grace())
    api = grace().api()
    assert api.post(f"datasets/{dataset.slug}/releases", {"label": "2027"}).status_code == 201
    again = api.post(f"datasets/{dataset.slug}/releases", {"label": "2028"})
    assert again.status_code == 409
    give(grace(), dataset.pk, SCHOOLS + "0750004H;COLLEGE PAUL BERT;75104;70,0%;20\n")
    fields = api.get(f"datasets/{dataset.slug}/fields").json()
    assert all(one["confirmed"] and one["label"] for one in fields)
    assert Caller().get(f"datasets/{dataset.slug}/releases").json()[0]["row_count"] == 3
    api.post(f"datasets/{dataset.slug}/ingestion")
    run_jobs()
    assert api.post(f"datasets/{dataset.slug}/publication").json()["row_count"] == 4
    labels = [one["label"] for one in Caller().get(f"datasets/{dataset.slug}/releases").json()]
    assert labels[0] == "2027"
    old = Client().get(f"/api/v1/datasets/{dataset.slug}/download.csv?release={labels[1]}")
    assert old.status_code == 200
    assert b"".join(old.streaming_content)  # type: ignore[attr-defined]


def test_a_withdrawn_dataset_leaves_the_catalogue_and_owes_its_ends() -> None:
    dataset = published(grace())
    api = grace().api()
    assert api.post(f"datasets/{dataset.slug}/withdrawal", {"reason": " "}).status_code == 422
    assert api.post(f"datasets/{dataset.slug}/withdrawal", {"reason": "Wrong"}).status_code == 200
    assert Caller().get(f"datasets/{dataset.slug}").status_code == 404
    assert Client().get(f"/datasets/{dataset.slug}/download.csv").status_code == 404
    assert Caller().get("datasets").json()["results"] == []


def test_a_database_host_that_is_not_allowed_is_refused() -> None:
    dataset = register(grace(), **OPEN)
    table = {"host": "10.0.0.1", "database": "d", "table": "t", "user": "u", "password": "secret"}
    answer = grace().api().put(f"datasets/{dataset.slug}/source", table)
    assert answer.status_code == 422
    assert answer.json()["refusals"][0]["about"] == "host"
    assert b"secret" not in answer.content


def test_the_same_idempotency_key_registers_once() -> None:
    api = grace().api()
    first = api.post("datasets", {"title": "Once"}, **{"Idempotency-Key": "k1"})
    second = api.post("datasets", {"title": "Once"}, **{"Idempotency-Key": "k1"})
    assert first.json()["id"] == second.json()["id"]
    assert len(api.get("datasets?mine=1").json()["results"]) == 1
