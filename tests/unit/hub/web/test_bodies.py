import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from hub.web.bodies import BoundedBodies


def body_seen(pieces: Sequence[bytes], limit: int, length: int | None = None) -> bytes:
    """Return what an application reads of a body that comes in pieces."""
    seen = b""
    waiting = list(pieces)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    async def application(_scope: Any, receive: Any, _send: Any) -> None:
        nonlocal seen
        while True:
            message = await receive()
            seen += message["body"]
            if not message["more_body"]:
                return

    async def send(_message: Any) -> None:
        """Nothing answers here."""

    headers = [] if length is None else [(b"content-length", str(length).encode())]
    scope = {"type": "http", "headers": headers}
    asyncio.run(BoundedBodies(application, limit)(scope, receive, send))
    return seen


def test_a_body_within_the_limit_comes_through_whole() -> None:
    assert body_seen([b"abc", b"def", b""], limit=6, length=6) == b"abcdef"


def test_a_body_that_announces_too_much_is_not_read_at_all() -> None:
    assert body_seen([b"abc", b"def"], limit=5, length=6) == b""


@pytest.mark.parametrize("pieces", [[b"abcdefgh"], [b"abc", b"def", b"gh"], [b"a"] * 8])
def test_a_body_of_unknown_length_is_cut_one_byte_above_the_limit(pieces: list[bytes]) -> None:
    assert len(body_seen(pieces, limit=5)) == 6


def test_an_empty_body_ends_at_once() -> None:
    assert body_seen([b""], limit=5) == b""
