"""Downloads: whole, in part, resumed, or not again; under either way of serving."""

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest
from django.test import RequestFactory

from hub.web.streaming import download, pieces_of, streamed

CONTENT = b"0123456789"


def opener(start: int, stop: int) -> Iterator[bytes]:
    yield CONTENT[start:stop]


def fetched(method: str = "GET", **headers: str) -> Any:
    request = RequestFactory().generic(method, "/", headers=headers)
    return download(
        request,
        size=len(CONTENT),
        etag="tag",
        opener=opener,
        content_type="text/csv",
        file_name="élèves.csv",
    )


def body(answer: Any) -> bytes:
    return b"".join(answer)


def test_a_download_is_whole_and_says_what_it_is() -> None:
    answer = fetched()

    assert (answer.status_code, body(answer)) == (200, CONTENT)
    assert answer.headers["ETag"] == '"tag"'
    assert answer.headers["Content-Length"] == "10"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "%C3%A9l%C3%A8ves.csv" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("asked", "content", "said"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-2", b"89", "bytes 8-9/10"),
        ("bytes=8-100", b"89", "bytes 8-9/10"),
    ],
)
def test_a_download_goes_on_from_where_it_stopped(asked: str, content: bytes, said: str) -> None:
    answer = fetched(Range=asked)

    assert (answer.status_code, body(answer)) == (206, content)
    assert answer.headers["Content-Range"] == said


@pytest.mark.parametrize("asked", ["lines=0-3", "bytes=-", "bytes=0-1,4-5", "bytes=a-b"])
def test_a_range_that_is_none_gives_the_whole(asked: str) -> None:
    assert fetched(Range=asked).status_code == 200


def test_a_range_beyond_the_end_is_refused_with_the_size() -> None:
    answer = fetched(Range="bytes=10-")

    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */10")


def test_a_download_is_not_resumed_on_another_content() -> None:
    assert fetched(**{"Range": "bytes=4-", "If-Range": '"other"'}).status_code == 200
    assert fetched(**{"Range": "bytes=4-", "If-Range": '"tag"'}).status_code == 206


def test_what_is_there_already_is_not_sent_again() -> None:
    answer = fetched(**{"If-None-Match": '"tag"'})

    assert (answer.status_code, answer.headers["ETag"]) == (304, '"tag"')


def test_asking_for_headers_opens_nothing() -> None:
    answer = fetched("HEAD")

    assert (answer.headers["Content-Length"], body(answer)) == ("10", b"")


def test_under_asgi_pieces_are_sent_as_they_are_read_and_the_source_is_closed() -> None:
    closed = []

    def source() -> Iterator[bytes]:
        try:
            yield from (b"one", b"two")
        finally:
            closed.append(True)

    async def read() -> list[bytes]:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
        pieces: Any = streamed(ASGIRequest(scope, io.BytesIO()), source())
        return [piece async for piece in pieces]

    assert asyncio.run(read()) == [b"one", b"two"]
    assert closed == [True]


def test_a_file_is_read_between_two_positions(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(CONTENT)

    assert list(pieces_of(str(path), 2, 9, size=3)) == [b"234", b"567", b"8"]
