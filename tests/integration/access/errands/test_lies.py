"""A node that says what is not so is found out by the hub, and named."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from access.extracts import places, receiving
from access.extracts.models import Extract
from access.extracts.workflow import State
from access.node.link import Reply
from hub.audit.queries import events
from tests import people
from tests.factories import nodes, requests
from tests.factories.nodes import AtWork
from tests.integration.access.extracts.making import asked

pytestmark = pytest.mark.django_db
Lie = Callable[[dict[str, Any]], None]


def fewer_rows(said: dict[str, Any]) -> None:
    said["outcome"]["rows_delivered"] -= 1
    said["outcome"]["rows_opposed"] += 1


def other_sum(said: dict[str, Any]) -> None:
    said["files"][1]["sha256"] = "0" * 64


def other_size(said: dict[str, Any]) -> None:
    said["files"][0]["size"] += 1


def other_columns(said: dict[str, Any]) -> None:
    said["outcome"]["columns"][0][0] = "ine"


def no_oppositions(said: dict[str, Any]) -> None:
    said["outcome"]["consent_digest"] = "0" * 64


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        (fewer_rows, "delivery-rows"),
        (other_sum, "delivery-digest"),
        (other_size, "delivery-size"),
        (other_columns, "delivery-columns"),
        (no_oppositions, "delivery-consents"),
    ],
)
def test_a_node_that_lies_is_caught_and_what_it_sent_is_nobodys(
    node: AtWork, lie: Lie, code: str
) -> None:
    extract = asked(requests.approved(people.ada(), [nodes.published(node)]).pk)

    def lying(method: str, path: str, body: bytes) -> Reply | None:
        if not path.endswith(f"{extract.pk}/end"):
            return None
        said = json.loads(body)
        lie(said)
        headers = node.worker._hub._headers | {"Content-Type": "application/json"}
        return node.link.inner.call(method, path, headers, json.dumps(said).encode(), seconds=1)

    node.link.change = lying
    assert node.step()
    receiving.receive(extract_id=extract.pk, clock=timezone.now)

    extract.refresh_from_db()
    assert next(one["code"] for one in extract.failure) == code
    assert extract.state == State.FAILED
    assert places.published() == {}
    assert not places.drafts()
    assert not Extract.objects.get().files.exists()
    told = events(subject=f"extract:{extract.pk}").get(kind="extract.fail")
    assert code in told.details["codes"]
