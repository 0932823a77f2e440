"""Pages for what goes wrong: in words, in the look of the hub, without a detail."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from tests import people
from tests.factories import catalogue

pytestmark = pytest.mark.django_db
BREAKING = override_settings(ROOT_URLCONF="tests.integration.hub.web.breaking")


@BREAKING
@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/forbids", 403, "This page is not yours"),
        ("/hides", 404, "There is no such page"),
        ("/nowhere", 404, "There is no such page"),
        ("/breaks", 500, "Something failed on our side"),
        ("/malformed", 400, "This request could not be taken"),
        ("/too-much", 413, "The file is larger than"),
    ],
)
def test_each_error_has_its_page_that_tells_nothing(path: str, status: int, words: str) -> None:
    client = Client(raise_request_exception=False)
    client.cookies["django_language"] = "en"
    answer = client.get(path)

    assert answer.status_code == status
    assert words in answer.content.decode()
    assert "secret" not in answer.content.decode()


def test_a_form_from_elsewhere_is_refused_with_a_page_of_ours() -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies["django_language"] = "en"
    answer = client.post("/language", {"language": "en"})

    assert answer.status_code == 403
    assert "This form was not taken" in answer.content.decode()


@override_settings(HUB_UPLOAD_LIMIT=1024)
def test_a_file_above_the_limit_is_refused_before_a_view_reads_the_form() -> None:
    grace = people.grace().browser()
    catalogue.dataset()
    grace.handler.enforce_csrf_checks = True
    grace.cookies["csrftoken"] = "a" * 32
    grace.cookies["django_language"] = "en"
    file = SimpleUploadedFile("words.csv", b"x" * 200_000, content_type="text/csv")
    answer = grace.post("/datasets/results/consents", {"file": file, "by": "self"})

    assert answer.status_code == 413
    assert "The file is larger than" in answer.content.decode()


@override_settings(HUB_UPLOAD_LIMIT=1024)
def test_a_file_that_hides_its_length_is_stopped_where_the_limit_is() -> None:
    grace = people.grace().browser()
    catalogue.dataset()
    grace.cookies["django_language"] = "en"
    file = SimpleUploadedFile("words.csv", b"x" * 30_000, content_type="text/csv")
    answer = grace.post("/datasets/results/consents", {"file": file, "by": "self"})

    assert answer.status_code == 413
    assert "The file is larger than" in answer.content.decode()
