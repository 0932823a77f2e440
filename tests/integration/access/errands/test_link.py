"""A cut link resumes, a node that is stopped goes on, and only what is a node's is taken from it."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from access.extracts import receiving
from access.extracts.models import Extract
from access.extracts.workflow import State
from access.node import working
from access.node.link import LinkCut
from catalog.nodes import actions
from tests import people
from tests.factories import nodes, requests
from tests.factories.nodes import AtWork
from tests.integration.access.extracts.making import asked, rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do not wait long for a link that comes back at once."""
    monkeypatch.setattr(working, "LINK_PAUSE", 0.01)


@pytest.fixture
def extract(node: AtWork) -> Extract:
    return asked(requests.approved(people.ada(), [nodes.published(node)]).pk)


def sent(node: AtWork) -> list[str]:
    return [
        path.partition("?")[0].rpartition("/")[2] for m, path, _ in node.link.calls if m == "PUT"
    ]


def ready(extract: Extract) -> Extract:
    extract.refresh_from_db()
    assert extract.state == State.CHECKING, (extract.state, extract.failure)
    receiving.receive(extract_id=extract.pk, clock=timezone.now)
    extract.refresh_from_db()
    assert extract.state == State.READY, extract.failure
    return extract


class Cut:
    """Cut the link at the calls that match, so many times."""

    def __init__(
        self, ending: str, *, times: int, at_last: Callable[[], None] = lambda: None
    ) -> None:
        self.ending, self.left, self.at_last = ending, times, at_last

    def __call__(self, _method: str, path: str, _body: bytes) -> None:
        if self.left and path.partition("?")[0].endswith(self.ending):
            self.left -= 1
            if not self.left:
                self.at_last()
            raise LinkCut


PLACES = ("data.parquet", "data.csv", "suppressed.cells", "/end")


@pytest.mark.parametrize("ending", PLACES)
def test_what_was_made_is_sent_as_soon_as_the_link_is_back(
    node: AtWork, extract: Extract, ending: str
) -> None:
    node.worker = node.started(link_seconds=60.0)
    node.link.change = Cut(ending, times=6)
    assert node.step()
    done = ready(extract)
    assert done.attempt == 1
    assert rows(done).num_rows == done.outcome["rows_delivered"]


@pytest.mark.parametrize("ending", PLACES)
def test_what_was_made_is_sent_by_a_node_that_starts_again_and_not_made_again(
    node: AtWork, extract: Extract, ending: str
) -> None:
    node.worker = node.started(link_seconds=60.0)
    node.link.change = Cut(ending, times=8, at_last=node.stopping.set)
    with pytest.raises(LinkCut):
        node.step()
    extract.refresh_from_db()
    assert extract.state == State.RUNNING
    assert [path.suffix for path in (node.folder / "state/spool").iterdir()] == [".1"]

    node.worker = node.started()
    assert not node.step()

    assert ready(extract).attempt == 1
    # What had arrived before the cut was not sent again.
    others = [name for name in sent(node) if name != ending]
    assert len(others) == len(set(others))


def test_a_node_killed_while_it_worked_makes_the_extract_again(
    node: AtWork, extract: Extract
) -> None:
    node.next()  # claimed by a process that is no more
    half = node.folder / "state" / "spool" / f"{extract.pk}.1"
    half.mkdir(parents=True, exist_ok=True)
    (half / "data.csv").write_bytes(b"half")

    node.worker = node.started()
    assert node.step()

    assert ready(extract).attempt == 2
    assert not half.exists()


def test_a_node_that_is_stopped_in_the_middle_lets_the_extract_go_back_to_the_queue(
    node: AtWork, extract: Extract
) -> None:
    node.stopping.set()
    assert node.step()
    extract.refresh_from_db()
    assert (extract.state, extract.failure) == (State.QUEUED, [])
    node.worker = node.started()
    assert node.step()
    assert ready(extract).attempt == 2


def test_the_sending_of_an_attempt_that_was_given_out_again_is_dropped(
    node: AtWork, extract: Extract
) -> None:
    node.worker = node.started(link_seconds=60.0)
    node.link.change = Cut("data.csv", times=8, at_last=node.stopping.set)
    with pytest.raises(LinkCut):
        node.step()
    node.next()  # somebody else with the same credentials
    node.worker = node.started()
    node.step()
    assert list((node.folder / "state/spool").iterdir()) == []


# -- what the hub takes from a node -----------------------------------------------------------------


def caller(node: AtWork, secret: str = "") -> dict[str, str]:
    pair = f"{node.node.pk}:{secret or node.secret}".encode()
    return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}


def piece(node: AtWork, path: str, content: bytes, **headers: str) -> Any:
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    said = {
        "Upload-Offset": "0",
        "Content-Digest": f"sha-256=:{digest}:",
        **caller(node),
        **headers,
    }
    return Client().put(
        f"/api/v1{path}", content, content_type="application/octet-stream", headers=said
    )


def codes(answer: Any) -> list[str]:
    return [one["code"] for one in answer.json()["refusals"]]


def test_pieces_are_taken_in_order_whole_and_of_files_of_the_plan_only(
    node: AtWork, extract: Extract, settings: Any
) -> None:
    node.next()
    path = f"/node/extracts/{extract.pk}/files/data.csv?attempt=1"
    assert piece(node, path, b"abc").json() == {"received": 3}
    assert codes(piece(node, path, b"abc")) == ["piece-elsewhere"]
    assert codes(piece(node, path, b"d", **{"Upload-Offset": "4"})) == ["piece-elsewhere"]
    assert codes(piece(node, path, b"d", **{"Upload-Offset": "-1"})) == ["upload-headers"]
    wrong = {"Upload-Offset": "3", "Content-Digest": "sha-256=:AAAA:"}
    assert codes(piece(node, path, b"d", **wrong)) == ["upload-headers"]
    wrong["Content-Digest"] = "md5=:AAAA:"
    assert codes(piece(node, path, b"d", **wrong)) == ["upload-headers"]
    other = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    wrong["Content-Digest"] = f"sha-256=:{other}:"
    assert codes(piece(node, path, b"d", **wrong)) == ["piece-damaged"]
    settings.HUB_NODE_LIMIT = 3
    assert codes(piece(node, path, b"d", **{"Upload-Offset": "3"})) == ["piece-too-large"]
    for name in ("data.sav", "report.json", "consents"):
        elsewhere = f"/node/extracts/{extract.pk}/files/{name}?attempt=1"
        assert piece(node, elsewhere, b"x").status_code == 404
    late = f"/node/extracts/{extract.pk}/files/data.csv?attempt=2"
    assert codes(piece(node, late, b"x")) == ["not-held"]


def test_what_is_said_must_be_of_its_schema(node: AtWork, extract: Extract) -> None:
    node.next()
    for what, message in (
        ("progress", {"attempt": 1, "stage": "thinking", "done": 1, "total": 2}),
        ("end", {"attempt": 1, "outcome": {}, "files": []}),
        ("refusal", {"attempt": 1, "code": "because", "values": {}, "permanent": True}),
    ):
        answer = Client().post(
            f"/api/v1/node/extracts/{extract.pk}/{what}",
            json.dumps(message),
            content_type="application/json",
            headers=caller(node),
        )
        assert answer.status_code == 422
        assert set(codes(answer)) == {"not-of-schema"}
    extract.refresh_from_db()
    assert extract.state == State.RUNNING


def test_nobody_calls_as_a_node_without_its_secret(node: AtWork, extract: Extract) -> None:
    client = Client()
    wrong = [
        {},
        caller(node, "another secret"),
        {"Authorization": "Basic not-base64"},
        {"Authorization": f"Basic {base64.b64encode(b'nobody:x').decode()}"},
        {"Authorization": f"Bearer {node.secret}"},
    ]
    for headers in wrong:
        answer = client.get("/api/v1/node/next", headers=headers)
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"]
    assert client.get("/api/v1/me", headers=caller(node)).status_code == 401
    assert client.get(f"/api/v1/extracts/{extract.pk}", headers=caller(node)).status_code == 401


def test_a_node_never_reaches_what_is_another_nodes(
    node: AtWork, extract: Extract, tmp_path: Any
) -> None:
    node.next()
    other = AtWork(tmp_path / "other", number=10, keeper=people.katherine())
    path = f"/node/extracts/{extract.pk}/files/data.csv?attempt=1"
    assert codes(piece(other, path, b"x")) == ["not-held"]
    assert other.next() is None


def test_a_closed_node_is_nobody_and_a_renewed_secret_shuts_the_former_out(node: AtWork) -> None:
    by, at = node.keeper.actor, timezone.now()
    _node, secret = actions.renew_secret(node_id=node.node.pk, by=by, at=at)
    client = Client()
    assert client.get("/api/v1/node/next", headers=caller(node)).status_code == 401
    node.secret = secret
    assert client.get("/api/v1/node/next", headers=caller(node)).status_code == 204
    actions.close(node_id=node.node.pk, reason="Replaced.", by=by, at=at)
    assert client.get("/api/v1/node/next", headers=caller(node)).status_code == 401
