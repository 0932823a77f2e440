"""The pages of the place: alive, ready, language, texts."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connections
from django.test import Client, override_settings

from tests import people

pytestmark = pytest.mark.django_db
NOWHERE = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "unix:///nonexistent/valkey.sock",
    }
}


def test_the_process_lives_and_the_hub_is_ready(client: Client) -> None:
    assert client.get("/-/live").json() == {"status": "live"}
    assert client.get("/-/ready").json() == {
        "status": "ready",
        "parts": {"database": True, "cache": True},
    }


def test_without_its_cache_the_hub_lives_and_is_not_ready(client: Client) -> None:
    with override_settings(CACHES=NOWHERE):
        live, ready = client.get("/-/live"), client.get("/-/ready")
    caches["default"].close()

    assert live.status_code == 200
    assert (ready.status_code, ready.json()["parts"]) == (503, {"database": True, "cache": False})


@pytest.fixture
def nowhere() -> Iterator[None]:
    """Point the hub to a database that is not there; the tests' own comes back after."""
    known = connections["default"]
    lost = known.copy()
    lost.settings_dict = {**known.settings_dict, "HOST": "/nonexistent", "NAME": "none"}
    connections["default"] = lost
    yield
    connections["default"] = known


@pytest.mark.usefixtures("nowhere")
def test_without_its_database_the_hub_lives_and_is_not_ready(client: Client) -> None:
    live, ready = client.get("/-/live"), client.get("/-/ready")

    assert live.status_code == 200
    assert (ready.status_code, ready.json()["parts"]) == (503, {"database": False, "cache": True})
    assert "nonexistent" not in ready.content.decode()


@pytest.mark.parametrize(
    ("target", "led"),
    [
        ("/help", "/help"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
    ],
)
def test_the_switch_changes_the_language_and_leads_nowhere_else(
    client: Client, target: str, led: str
) -> None:
    answer = client.post("/language", {"language": "en", "next": target})

    assert (answer.status_code, answer.headers["Location"]) == (302, led)
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "en"
    assert '<html lang="en"' in client.get("/help").content.decode()


def test_the_hub_speaks_french_until_it_is_asked_otherwise(client: Client) -> None:
    assert '<html lang="fr"' in client.get("/help").content.decode()
    client.post("/language", {"language": "tlh"})
    assert settings.LANGUAGE_COOKIE_NAME not in client.cookies


@pytest.mark.parametrize("name", ["accessibility", "legal", "privacy"])
def test_each_text_has_its_page_in_both_languages(client: Client, name: str) -> None:
    french = client.get(f"/pages/{name}").content
    client.post("/language", {"language": "en"})

    assert client.get(f"/pages/{name}").content != french


def test_a_text_that_does_not_exist_is_not_there(client: Client) -> None:
    assert client.get("/pages/secrets").status_code == 404


@pytest.mark.parametrize("path", ["/", "/help", "/transparency", "/api/", "/datasets"])
def test_a_public_page_is_the_same_for_a_visitor_and_for_somebody(path: str) -> None:
    assert Client().get(path).status_code == 200
    assert people.ada().browser().get(path).status_code == 200
