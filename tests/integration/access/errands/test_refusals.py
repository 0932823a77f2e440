"""
What a node does not do, it says why: in the page of the extract, over the API and in the trail.

One test a reason, each with the real node and the real hub.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from access.errands import actions
from access.errands.orders import Envelope
from access.extracts.models import Extract
from access.extracts.workflow import State
from access.node.policy import Hours, Policy
from catalog.nodes.actions import open_node
from catalog.nodes.queries import snapshot
from hub.audit.queries import events
from hub.crypto.keys import Secret
from hub.crypto.letters import new_identity, recipient_of, seal
from hub.crypto.signatures import signer_of
from tests import people
from tests.factories import nodes, requests, vault
from tests.factories.nodes import AtWork
from tests.integration.access.extracts.making import asked

pytestmark = pytest.mark.django_db
PAST = Hours(time(8), time(8, 1), frozenset(), ZoneInfo("Europe/Paris"))


@pytest.fixture
def extract(node: AtWork) -> Extract:
    """Return an extract that waits for the node."""
    return asked(requests.approved(people.ada(), [nodes.published(node)]).pk)


def assert_refused(extract: Extract, code: str, said: str = "") -> None:
    """Look for the reason in the page, over the API and in the trail; nothing was delivered."""
    extract.refresh_from_db()
    assert [one["code"] for one in extract.failure] == [code]
    assert extract.state == State.FAILED
    assert not extract.files.exists()
    page = people.ada().browser().get(f"/extracts/{extract.pk}").content.decode()
    assert f'data-code="{code}"' in page
    [shown] = people.ada().api().get(f"extracts/{extract.pk}", **ENGLISH).json()["failure"]
    assert shown["code"] == code
    assert shown["remedy"]
    assert said in shown["explanation"]
    told = events(subject=f"extract:{extract.pk}").get(kind="extract.fail")
    assert told.details["codes"] == [code]


ENGLISH = {"Accept-Language": "en"}
Change = Callable[[Envelope], Envelope]


def between(monkeypatch: pytest.MonkeyPatch, change: Change) -> None:
    """Let somebody between the hub and the node change what the hub gives."""
    give = actions.next_for

    def changed(node_id: Any, *, at: Any) -> Envelope | None:
        envelope = give(node_id, at=at)
        return change(envelope) if envelope else None

    monkeypatch.setattr(actions, "next_for", changed)


def test_a_tampered_plan_is_refused(
    node: AtWork, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    between(monkeypatch, lambda one: replace(one, body=one.body.replace('"k":5', '"k":1')))
    assert node.step()
    assert_refused(extract, "body-altered")


def test_a_tampered_order_is_refused(
    node: AtWork, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    between(monkeypatch, lambda one: replace(one, order=one.order.replace('"pupils"', '"other"')))
    assert node.step()
    assert_refused(extract, "signature-invalid")


def test_an_order_signed_by_another_hub_is_refused(
    node: AtWork, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = signer_of(Secret(b"another hub"))
    monkeypatch.setattr(actions, "signer", lambda: other)
    assert node.step()
    assert_refused(extract, "signature-invalid")


def test_an_expired_signature_is_refused(node: AtWork, extract: Extract) -> None:
    node.late = timedelta(minutes=6)
    assert node.step()
    assert_refused(extract, "order-expired")


def test_a_replayed_job_is_refused(
    node: AtWork, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = actions.next_for(node.node.pk, at=timezone.now())
    assert first is not None
    monkeypatch.setattr(actions, "next_for", lambda _node_id, at: first)
    node.stopping.set()
    node.step()  # the node was stopped in the middle, but has seen the order
    node.stopping.clear()
    Extract.objects.update(state=State.RUNNING)

    assert node.step()

    assert_refused(extract, "order-replayed")


def test_a_plan_for_another_node_is_refused(
    node: AtWork, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, _secret = open_node(
        name="Elsewhere",
        recipient=recipient_of(new_identity()),
        by=node.keeper.actor,
        at=timezone.now(),
    )
    sealed = snapshot

    def addressed(node_id: Any, at: Any) -> Any:
        return replace(sealed(node_id, at), id=other.pk)

    monkeypatch.setattr(actions, "snapshot", addressed)
    give = actions.next_for
    monkeypatch.setattr(actions, "next_for", lambda node_id, at: give(node_id, at=at))
    assert node.step()
    assert_refused(extract, "other-node")


def test_keys_sealed_to_somebody_else_are_refused(
    node: AtWork, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = recipient_of(new_identity())
    monkeypatch.setattr(actions, "seal", lambda content, to: seal(content, to=stranger))
    assert node.step()
    assert_refused(extract, "keys-altered")


def test_a_field_that_the_policy_of_the_node_forbids_is_refused(
    node: AtWork, extract: Extract
) -> None:
    node.policy = Policy(never=frozenset({"note"}))
    node.worker = node.started()
    assert node.step()
    assert_refused(extract, "field-withheld", "note")


def test_groups_smaller_than_the_node_shows_are_refused(node: AtWork, extract: Extract) -> None:
    node.policy = Policy(smallest_k=50)
    node.worker = node.started()
    assert node.step()
    assert_refused(extract, "k-too-small", "50")


def test_outside_its_hours_the_node_refuses(node: AtWork, extract: Extract) -> None:
    node.policy = Policy(hours=PAST)
    node.worker = node.started()
    assert node.step()
    assert_refused(extract, "closed-hours", "08:00–08:01")


def test_a_source_with_other_columns_than_were_approved_is_refused(
    node: AtWork, extract: Extract
) -> None:
    rows = vault.pupils(2_000)
    nodes.write(node.file, {**rows, "telephone": ["0"] * 2_000})
    assert node.step()
    assert_refused(extract, "source-columns", "telephone")


def test_a_source_with_another_number_of_rows_than_was_approved_is_refused(
    node: AtWork, extract: Extract
) -> None:
    nodes.write(node.file, vault.pupils(1_999))
    assert node.step()
    assert_refused(extract, "source-rows", "1999")


def test_a_source_with_other_values_than_were_approved_is_refused(
    node: AtWork, extract: Extract
) -> None:
    rows = vault.pupils(2_000)
    rows["note"][7] += 0.25
    nodes.write(node.file, rows)
    assert node.step()
    assert_refused(extract, "source-content")


def test_rows_in_another_order_are_the_same_rows(node: AtWork, extract: Extract) -> None:
    nodes.write(node.file, {name: column[::-1] for name, column in vault.pupils(2_000).items()})
    assert node.step()
    extract.refresh_from_db()
    assert extract.state == State.CHECKING


def test_a_source_that_cannot_be_read_is_tried_again_then_refused(
    node: AtWork, extract: Extract
) -> None:
    node.file.unlink()
    for _attempt in range(3):
        assert node.step()
    assert_refused(extract, "source-unreadable")


def test_a_node_that_lost_its_rows_says_so(node: AtWork, extract: Extract) -> None:
    for path in (node.folder / "state" / "vault").iterdir():
        path.unlink()
    assert node.step()
    assert_refused(extract, "not-taken-in")


def test_too_small_groups_at_a_node_say_what_would_help(node: AtWork) -> None:
    dataset = nodes.published(node, k=400, suppression_cap=0.0)
    extract = asked(requests.approved(people.ada(), [dataset]).pk)
    assert node.step()
    extract.refresh_from_db()
    assert [one["code"] for one in extract.failure] == ["disclosure"]
    shown = people.ada().api().get(f"extracts/{extract.pk}", **ENGLISH).json()["failure"]
    assert {one["about"] for one in shown if one["code"] == "coarser"} >= {"date_naissance"}


def test_a_node_that_fails_says_no_more_and_is_asked_again(
    node: AtWork, extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("0123456789A of Ada Lovelace")

    monkeypatch.setattr(node.worker, "_kept", broken)
    for attempt in (1, 2, 3):
        extract.refresh_from_db()
        assert (extract.state, extract.attempt) == (State.QUEUED, attempt - 1)
        assert node.step()
    assert_refused(extract, "node-failed")
    said = b"".join(body for _method, _path, body in node.link.calls)
    assert b"Lovelace" not in said
