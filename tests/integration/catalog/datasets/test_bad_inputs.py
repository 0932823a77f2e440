"""Every bad input gets a sentence, in the page and over the API, and nothing is lost."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.datasets import queries
from catalog.datasets.models import Dataset
from catalog.datasets.states import ReleaseState
from tests.integration.catalog.files import (
    OPEN,
    PERSONAL,
    PUPILS,
    SCHOOLS,
    finish_fields,
    give,
    register,
    take_in,
)
from tests.people import Person, grace

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class Bad:
    """A file that cannot be taken, and the code of the sentence that says so."""

    name: str
    content: bytes
    code: str


WIDE = ";".join(f"c{number}" for number in range(300)) + "\n" + ";".join("1" * 300) + "\n"
BAD = [
    Bad("empty.csv", b"", "empty_file"),
    Bad("header-only.csv", b"a;b\n", "no_rows"),
    Bad("binary.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "not_csv"),
    Bad("300-columns.csv", WIDE.encode(), "too_many_columns"),
    Bad("row-too-long.csv", b"a;b\n1;2\n1;2;3\n", "ragged_row"),
    Bad("mixed-encodings.csv", "a;b\né;1\n".encode() + "é;2\n".encode("latin-1"), "mixed"),
    Bad("duplicate-headers.csv", b"a;b;a\n1;2;3\n", "duplicate"),
]


def draft_with_a_file(person: Person) -> Dataset:
    dataset = register(person, **OPEN)
    give(person, dataset.pk, SCHOOLS, "schools.csv")
    return dataset


def nothing_was_lost(dataset: Dataset) -> None:
    release = queries.prepared_release(dataset)
    source = queries.source_of(release)
    assert source is not None
    assert source.file_name == "schools.csv"
    assert queries.fields_of(release)[0].name == "uai"


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_file_gets_a_sentence_over_the_api_and_loses_nothing(bad: Bad) -> None:
    dataset = draft_with_a_file(grace())

    answer = put(grace(), f"datasets/{dataset.slug}/upload", bad.content)

    assert answer.status_code == 422, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    [refusal] = answer.json()["refusals"]
    assert refusal["code"].startswith(bad.code)
    assert refusal["explanation"]
    assert refusal["remedy"]
    nothing_was_lost(dataset)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
def test_a_bad_file_gets_a_sentence_in_the_page_and_loses_nothing(bad: Bad) -> None:
    dataset = draft_with_a_file(grace())

    page = (
        grace()
        .browser()
        .post(
            f"/my/datasets/{dataset.slug}/data",
            {"file": SimpleUploadedFile(bad.name, bad.content)},
        )
    )

    assert page.status_code == 422
    assert 'class="fr-alert fr-alert--error' in page.text or "fr-error-text" in page.text
    nothing_was_lost(dataset)


def put(person: Person, path: str, content: bytes, **extra: Any) -> Any:
    """Send a body as it is."""
    caller = person.api()
    return caller._client.put(
        f"/api/v1/{path}",
        data=content,
        content_type="text/csv",
        headers=caller._headers,
        **extra,
    )


def test_two_gigabytes_announced_are_refused_before_a_byte_is_read() -> None:
    dataset = draft_with_a_file(grace())

    answer = put(
        grace(), f"datasets/{dataset.slug}/upload", b"a;b\n1;2\n", CONTENT_LENGTH=str(2 * 1024**3)
    )

    assert answer.status_code == 422
    assert answer.json()["refusals"][0]["code"] == "file-too-large"
    nothing_was_lost(dataset)


def test_two_gigabytes_announced_are_refused_in_the_page() -> None:
    dataset = draft_with_a_file(grace())

    page = (
        grace()
        .browser()
        .post(
            f"/my/datasets/{dataset.slug}/data",
            {"file": SimpleUploadedFile("big.csv", b"a;b\n1;2\n")},
            CONTENT_LENGTH=str(2 * 1024**3),
        )
    )

    assert page.status_code == 422
    assert 'data-code="file-too-large"' in page.text
    nothing_was_lost(dataset)


def test_a_body_that_goes_over_the_limit_is_refused_while_it_comes(
    settings: Any,
) -> None:
    dataset = draft_with_a_file(grace())
    settings.HUB_UPLOAD_LIMIT = 1000

    answer = put(grace(), f"datasets/{dataset.slug}/upload", b"a;b\n" + b"1;2\n" * 1000)

    assert answer.status_code == 422
    assert answer.json()["refusals"][0]["code"] == "file-too-large"
    nothing_was_lost(dataset)


def test_a_form_that_goes_over_the_limit_is_refused_while_it_comes(
    settings: Any,
) -> None:
    dataset = draft_with_a_file(grace())
    settings.HUB_UPLOAD_LIMIT = 1000
    big = SimpleUploadedFile("big.csv", b"a;b\n" + b"1;2\n" * 1000)

    page = grace().browser().post(f"/my/datasets/{dataset.slug}/data", {"file": big})

    assert page.status_code == 422
    assert 'data-code="file-too-large"' in page.text
    nothing_was_lost(dataset)


def test_an_upload_needs_the_csrf_token_of_the_page() -> None:
    dataset = draft_with_a_file(grace())
    client = Client(enforce_csrf_checks=True)
    browser = grace().browser()
    client.cookies = browser.cookies

    page = client.post(
        f"/my/datasets/{dataset.slug}/data", {"file": SimpleUploadedFile("f.csv", b"a;b\n1;2\n")}
    )

    assert page.status_code == 403
    nothing_was_lost(dataset)


def test_a_year_20024_is_announced_then_refused_with_its_row_when_rows_are_taken_in() -> None:
    dataset = register(grace(), **PERSONAL)
    give(grace(), dataset.pk, PUPILS.replace("2012-03-05", "20024-03-05", 1))
    dates = next(
        one
        for one in queries.fields_of(queries.prepared_release(dataset))
        if one.name == "date_naissance"
    )
    assert "20024" in dates.proposal["notes"][0]["text"]
    finish_fields(grace().actor, dataset.pk)

    job = take_in(grace().actor, dataset.pk)

    assert job.state == "failed"
    answer = grace().api().get(f"datasets/{dataset.slug}/ingestion").json()
    assert answer["refusals"][0]["about"] == "source"
    assert "date_naissance" in answer["refusals"][0]["explanation"]
    assert "20024" not in answer["refusals"][0]["explanation"].replace("2100", "")
    release = queries.prepared_release(dataset)
    assert release is not None
    assert release.state == ReleaseState.FAILED
    source = queries.source_of(release)
    assert source is not None
    assert source.path
    page = grace().browser().get(f"/my/datasets/{dataset.slug}/publish").text
    assert "date_naissance" in page


def test_a_formula_in_a_cell_is_announced_and_stays_text() -> None:
    dataset = register(grace(), **OPEN)
    give(grace(), dataset.pk, 'uai;remarque\n0750001E;"=HYPERLINK(""x"")"\n0750002F;rien\n')
    remark = queries.fields_of(queries.prepared_release(dataset))[1]
    assert remark.type == "text"
    assert any("formula" in note["text"] for note in remark.proposal["notes"])


def test_an_identifier_hidden_after_the_sample_stops_the_whole_release() -> None:
    dataset = register(grace(), **OPEN)
    harmless = "uai;remarque\n" + "0750001E;bien\n" * 6000
    give(grace(), dataset.pk, harmless + "0750001E;ecrire a emma.martin@example.org\n")
    finish_fields(grace().actor, dataset.pk)

    job = take_in(grace().actor, dataset.pk)

    assert job.state == "failed"
    assert job.refusals[0]["code"] == "level_contradicted"
    assert "emma" not in str(job.refusals)


def test_a_call_without_a_file_says_so() -> None:
    dataset = register(grace(), **OPEN)
    caller = grace().api()
    answer = caller._client.post(
        f"/api/v1/datasets/{dataset.slug}/upload",
        data={"other": "thing"},
        headers=caller._headers,
    )
    assert answer.status_code == 422
    assert answer.json()["refusals"][0]["code"] == "no-file"
