"""The description of the API: whole, without a warning, and served."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, get_resolver

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path: Path = tmp_path_factory.mktemp("openapi") / "schema.yaml"
    call_command("spectacular", "--validate", "--fail-on-warn", file=str(path))
    return yaml.safe_load(path.read_text())


def operations(document: Any) -> dict[str, Any]:
    return {
        f"{method.upper()} {path}": operation
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if method in METHODS
    }


def routes_of_the_api() -> set[str]:
    """Return the addresses of the API, as its description writes them."""
    found = set()
    for one in get_resolver().url_patterns:
        for below in getattr(one, "url_patterns", []):
            pattern = f"{one.pattern}{below.pattern}"
            if isinstance(below, URLPattern) and pattern.startswith("api/v1/"):
                found.add(_written(pattern))
    return found - {"/api/v1/schema"}


def _written(pattern: str) -> str:
    named = re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", pattern)
    named = re.sub(r"\(\?P\{(\w+)\}[^)]*\)", r"{\1}", named)
    return "/" + re.sub(r"[\^$\\]", "", named)


def test_the_description_is_valid_and_warns_of_nothing(document: Any) -> None:
    assert document["openapi"].startswith("3.1")


def test_every_address_of_the_api_is_described(document: Any) -> None:
    assert routes_of_the_api() - document["paths"].keys() == set()


def test_every_operation_has_a_name_and_words(document: Any) -> None:
    names = [one["operationId"] for one in operations(document).values()]
    silent = [name for name, one in operations(document).items() if not one.get("description")]

    assert len(names) == len(set(names))
    assert silent == []


def test_every_operation_says_how_it_refuses(document: Any) -> None:
    problem = {"$ref": "#/components/schemas/Problem"}
    for name, operation in operations(document).items():
        refusals = {code: one for code, one in operation["responses"].items() if code >= "400"}
        assert "429" in refusals, name
        for code, one in refusals.items():
            assert one["content"]["application/problem+json"]["schema"] == problem, (name, code)
        if {} not in operation["security"]:
            assert {"401", "403"} <= refusals.keys(), name
        if "{" in name:
            assert "404" in refusals, name
        if "requestBody" in operation:
            assert {"409", "422"} <= refusals.keys(), name


def test_what_is_for_anyone_asks_for_no_token(document: Any) -> None:
    described = operations(document)

    assert {} in described["GET /api/v1/datasets"]["security"]
    assert {} not in described["POST /api/v1/datasets"]["security"]
    assert {"token": []} in described["GET /api/v1/me"]["security"]


@pytest.mark.django_db
def test_the_description_is_served_to_anyone(document: Any) -> None:
    answer = Client().get("/api/v1/schema", headers={"Accept": "application/vnd.oai.openapi+json"})

    assert answer.status_code == 200
    assert json.loads(answer.content)["paths"].keys() == document["paths"].keys()
