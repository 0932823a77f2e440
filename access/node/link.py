"""
The way to the hub: calls of its API, with time-outs, and again when the link was cut.

A call that may be repeated is repeated a few times, with longer and longer pauses; then the link
counts as cut, and whoever called decides how long to wait for it.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import urllib3
from urllib3.exceptions import HTTPError

from access.errands.orders import Envelope, envelope_read
from access.node.config import Credentials

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
WAIT_SECONDS = 25
TRIES = 4
PIECE = 4 << 20
BUSY = frozenset({429, 500, 502, 503, 504})
JSON = {"Content-Type": "application/json"}


class LinkCut(Exception):
    """The hub cannot be reached now; nothing is known of what was said last."""


class NotHeld(Exception):
    """The hub says that this work is not the node's any more."""


class HubRefused(Exception):
    """The hub refuses a call, for good: ``codes`` are those of its problem."""

    def __init__(self, status: int, codes: tuple[str, ...]) -> None:
        self.status = status
        self.codes = codes
        super().__init__(f"{status} {', '.join(codes)}")


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered."""

    status: int
    body: bytes = field(repr=False)


class Transport(Protocol):
    """Carries one call, once."""

    def call(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> Reply:
        """
        Carry a call.

        :raises LinkCut: when there is no answer
        """
        ...


class Http:
    """Calls over HTTP or HTTPS; certificates are always verified."""

    def __init__(self, hub: str, ca: Path | None = None) -> None:
        self._hub = hub
        self._pool = urllib3.PoolManager(
            retries=False, cert_reqs="CERT_REQUIRED", ca_certs=str(ca) if ca else None
        )

    def call(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, *, seconds: float
    ) -> Reply:
        """Carry a call, following no redirection: credentials go to the hub and nowhere else."""
        limits = urllib3.Timeout(connect=CONNECT_SECONDS, read=seconds)
        try:
            answer = self._pool.request(
                method,
                self._hub + path,
                body=body or None,
                headers=dict(headers),
                timeout=limits,
                redirect=False,
            )
            return Reply(answer.status, answer.data)
        except (HTTPError, OSError):
            raise LinkCut from None


class Hub:
    """
    The hub, as a node speaks to it.

    :param pause: sleeps so many seconds; may return early when the node is stopped
    """

    def __init__(
        self, transport: Transport, credentials: Credentials, pause: Callable[[float], object]
    ) -> None:
        self._transport = transport
        self._pause = pause
        pair = f"{credentials.client_id}:{credentials.secret}".encode()
        self._headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    # -- what a node says ---------------------------------------------------------------------------

    def offer(self, sources: list[dict[str, Any]]) -> None:
        """Say what the node offers."""
        self._say("PUT", "/node/sources", {"sources": sources})

    def next(self, wait: int = WAIT_SECONDS) -> Envelope | None:
        """Wait for an errand; None when none came."""
        reply = self._once("GET", f"/node/next?wait={wait}", {}, b"", seconds=wait + READ_SECONDS)
        return envelope_read(json.loads(reply.body)) if reply.status == 200 else None

    def report(self, kind: str, job: str, what: str, message: Mapping[str, Any]) -> None:
        """
        Say how far an errand is, how it ended, or why it did not begin.

        :raises NotHeld: when it is not the node's any more
        """
        self._say("POST", f"/node/{kind}s/{job}/{what}", message)

    def consents(self, job: str, attempt: int, to: Path) -> None:
        """Fetch the sealed list of persons of an extract."""
        path = f"/node/extracts/{job}/consents?attempt={attempt}"
        to.write_bytes(self._call("GET", path).body)

    def received(self, job: str, attempt: int, name: str) -> int:
        """Return how much of a file has arrived."""
        path = f"/node/extracts/{job}/files/{name}?attempt={attempt}"
        return int(json.loads(self._call("GET", path).body)["received"])

    def send(self, job: str, attempt: int, path: Path, said: Callable[[int], None]) -> None:
        """
        Send a file from where it stopped, piece by piece.

        :param said: told how many bytes have arrived; what it raises stops the sending
        :raises LinkCut: as soon as the link is: what has arrived stays there
        """
        size = path.stat().st_size
        at = self.received(job, attempt, path.name)
        with path.open("rb") as file:
            while at < size:
                file.seek(at)
                piece = file.read(PIECE)
                at = self._piece(job, attempt, path.name, at, piece)
                said(at)

    def _piece(self, job: str, attempt: int, name: str, at: int, piece: bytes) -> int:
        headers = {
            "Content-Type": "application/octet-stream",
            "Upload-Offset": str(at),
            "Content-Digest": f"sha-256=:{_base64(hashlib.sha256(piece).digest())}:",
        }
        path = f"/node/extracts/{job}/files/{name}?attempt={attempt}"
        # Not repeated blindly: it may have arrived although its answer did not.
        return int(json.loads(self._once("PUT", path, headers, piece).body)["received"])

    # -- how -----------------------------------------------------------------------------------------

    def _say(self, method: str, path: str, message: Mapping[str, Any]) -> None:
        self._call(method, path, JSON, json.dumps(message).encode())

    def _call(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Reply:
        for number in range(TRIES):
            try:
                return self._once(method, path, headers or {}, body)
            except LinkCut:
                if number == TRIES - 1:
                    raise
                self._pause(0.2 * 4**number)
        raise LinkCut

    def _once(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        *,
        seconds: float = READ_SECONDS,
    ) -> Reply:
        sent = {**self._headers, **headers}
        reply = self._transport.call(method, f"/api/v1{path}", sent, body, seconds=seconds)
        if reply.status in BUSY:
            raise LinkCut
        if reply.status >= 300:
            codes = _codes(reply)
            if "not-held" in codes:
                raise NotHeld
            raise HubRefused(reply.status, codes)
        return reply


def _codes(reply: Reply) -> tuple[str, ...]:
    try:
        return tuple(str(one["code"]) for one in json.loads(reply.body)["refusals"])
    except (ValueError, KeyError, TypeError):
        return ()


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
