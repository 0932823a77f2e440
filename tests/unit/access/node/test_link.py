"""Calls are repeated when the link is cut, go on where they stopped, and never follow a redirection."""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from access.node.config import Credentials
from access.node.link import PIECE, TRIES, Hub, HubRefused, LinkCut, NotHeld, Reply


class Scripted:
    """A transport that keeps what arrives, and fails when it is told to."""

    def __init__(self, *replies: Reply | None) -> None:
        self.replies = list(replies)
        self.calls: list[tuple[str, str, Mapping[str, str], bytes]] = []
        self.file = b""
        self.cut_at: int | None = None

    def call(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> Reply:
        assert seconds > 0
        self.calls.append((method, path, headers, body))
        if "/files/" in path:
            return self._file(method, headers, body)
        reply = self.replies.pop(0)
        if reply is None:
            raise LinkCut
        return reply

    def _file(self, method: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if method == "PUT":
            assert int(headers["Upload-Offset"]) == len(self.file)
            digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
            assert headers["Content-Digest"] == f"sha256=:{digest}:".replace("sha256", "sha-256")
            self.file += body
            if self.cut_at is not None and len(self.file) >= self.cut_at:
                self.cut_at = None
                raise LinkCut  # it arrived, and its answer did not
        return Reply(200, json.dumps({"received": len(self.file)}).encode())


def hub(transport: Scripted, pauses: list[float] | None = None) -> Hub:
    kept: list[float] = [] if pauses is None else pauses
    return Hub(transport, Credentials("id", "secret"), kept.append)


def test_a_node_signs_in_with_its_client_id_and_secret() -> None:
    transport = Scripted(Reply(204, b""))
    hub(transport).offer([])
    [(method, path, headers, body)] = transport.calls
    assert (method, path) == ("PUT", "/api/v1/node/sources")
    assert base64.b64decode(headers["Authorization"].removeprefix("Basic ")) == b"id:secret"
    assert json.loads(body) == {"sources": []}


def test_a_call_is_repeated_with_longer_and_longer_pauses_then_the_link_counts_as_cut() -> None:
    pauses: list[float] = []
    transport = Scripted(None, Reply(503, b""), Reply(204, b""))
    hub(transport, pauses).offer([])
    assert len(transport.calls) == 3
    assert pauses == sorted(pauses)
    never = Scripted(*[None] * TRIES)
    with pytest.raises(LinkCut):
        hub(never).offer([])
    assert len(never.calls) == TRIES


def test_waiting_for_work_is_not_repeated_and_nothing_is_no_work() -> None:
    assert hub(Scripted(Reply(204, b""))).next() is None
    with pytest.raises(LinkCut):
        hub(Scripted(None)).next()


def test_work_that_is_not_the_nodes_any_more_is_said_so() -> None:
    body = json.dumps({"refusals": [{"code": "not-held"}]}).encode()
    with pytest.raises(NotHeld):
        hub(Scripted(Reply(409, body))).report("extract", "j", "progress", {})


@pytest.mark.parametrize(
    ("reply", "codes"),
    [
        (Reply(422, b'{"refusals": [{"code": "x"}]}'), ("x",)),
        (Reply(302, b""), ()),
        (Reply(401, b"[]"), ()),
    ],
)
def test_what_the_hub_refuses_is_not_repeated(reply: Reply, codes: tuple[str, ...]) -> None:
    transport = Scripted(reply)
    with pytest.raises(HubRefused) as caught:
        hub(transport).offer([])
    assert caught.value.codes == codes
    assert len(transport.calls) == 1


def test_a_file_whose_link_was_cut_goes_on_where_it_stopped(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    content = bytes(range(256)) * (3 * PIECE // 256) + b"end"
    path.write_bytes(content)
    transport = Scripted()
    transport.cut_at = 2 * PIECE
    said: list[int] = []
    with pytest.raises(LinkCut):
        hub(transport).send("j", 1, path, said.append)
    hub(transport).send("j", 1, path, said.append)
    assert transport.file == content
    assert said == [PIECE, 3 * PIECE, len(content)]
    sent = sum(len(body) for method, _path, _headers, body in transport.calls if method == "PUT")
    assert sent == len(content)
