"""Send bytes as they are read, under either way of serving, and let a download resume."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.http import content_disposition_header

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
Opener = Callable[[int, int], Iterator[bytes]]


def streamed(
    request: HttpRequest, pieces: Iterator[bytes]
) -> Iterator[bytes] | AsyncIterator[bytes]:
    """
    Return pieces in the form that streams for this request.

    Under ASGI, Django reads a plain iterator whole before it sends anything.
    """
    return _in_threads(pieces) if isinstance(request, ASGIRequest) else pieces


async def _in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    try:
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            await asyncio.to_thread(close)


def download(
    request: HttpRequest,
    *,
    size: int,
    etag: str,
    opener: Opener,
    content_type: str,
    file_name: str,
) -> HttpResponseBase:
    """
    Answer with bytes, or with the part that ``Range`` asks for (RFC 9110, 14: one range).

    :param etag: strong, without quotation marks; ``If-None-Match`` and ``If-Range`` compare it
    :param opener: returns the bytes from a position up to another, not included
    """
    tag = f'"{etag}"'
    if tag in request.headers.get("If-None-Match", ""):
        response: HttpResponseBase = HttpResponse(status=304)
        response.headers["ETag"] = tag
        return response
    wanted = wanted_range(request, size, tag)
    if wanted is None:
        response = HttpResponse(status=416)
        response.headers["Content-Range"] = f"bytes */{size}"
        return response
    start, stop = wanted
    partial = (start, stop) != (0, size)
    pieces = iter(()) if request.method == "HEAD" else opener(start, stop)
    response = StreamingHttpResponse(
        streamed(request, pieces), status=206 if partial else 200, content_type=content_type
    )
    if partial:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    response.headers["Content-Length"] = str(stop - start)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = tag
    disposition = content_disposition_header(as_attachment=True, filename=file_name)
    if disposition:
        response.headers["Content-Disposition"] = disposition
    return response


def wanted_range(request: HttpRequest, size: int, tag: str) -> tuple[int, int] | None:
    """Return the bytes asked for as (start, stop); None when there are none such."""
    found = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    if found is None or request.headers.get("If-Range", tag) != tag:
        return (0, size)
    first, last = found.groups()
    if not first and not last:
        return (0, size)
    start = int(first) if first else max(size - int(last), 0)
    stop = min(int(last) + 1, size) if first and last else size
    return (start, stop) if start < stop else None


def pieces_of(path: str, start: int, stop: int, size: int = 1 << 18) -> Iterator[bytes]:
    """Yield the bytes of a clear file from a position up to another."""
    with open(path, "rb") as file:
        file.seek(start)
        left = stop - start
        while left > 0 and (piece := file.read(min(size, left))):
            left -= len(piece)
            yield piece
