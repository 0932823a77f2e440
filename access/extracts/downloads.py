"""Serve the bytes of an extract: asked at each download, counted, never past its end."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from access.extracts import actions, queries, recalls
from access.extracts.models import Recall
from access.pseudonymisation.queries import SecretGone
from hub.crypto.files import SealedReader, Unreadable
from hub.kernel.refusals import Refusal, Refused
from hub.people.permissions import Actor
from hub.web.streaming import download

PIECE = 1 << 18
UNREADABLE = Refusal(
    "files-gone",
    "The files of this extract cannot be opened any more.",
    "Start another extract.",
)


class Ended(Exception):
    """The right to a file ended while it was sent: what was not sent is not sent."""


def serve(request: HttpRequest, *, actor: Actor, extract_id: UUID, name: str) -> HttpResponseBase:
    """
    Answer with a file in clear, or the part of it that ``Range`` asks for.

    :raises Unknown: when there is none, or the actor may not know of it
    :raises Refused: when the grant is not effective for them now: not one byte leaves
    """
    at = timezone.now()
    file, ends_at = queries.file_for(actor=actor, extract_id=extract_id, name=name, at=at)

    def sent(start: int, stop: int) -> Iterator[bytes]:
        try:
            reader = queries.opened(file)
        except (FileNotFoundError, SecretGone, Unreadable):
            raise Refused([UNREADABLE]) from None
        actions.deliver(file=file, start=start, stop=stop, by=actor, at=at)
        reader.seek(start)
        return _pieces(reader, stop - start, ends_at)

    return _protected(
        download(
            request,
            size=file.size,
            etag=file.sha256,
            opener=sent,
            content_type=file.media_type,
            file_name=file.name,
        )
    )


def serve_recall(recall: Recall) -> HttpResponseBase:
    """
    Answer with the list of a recall.

    :raises Refused: when its rows cannot be designated
    """
    response = StreamingHttpResponse(recalls.listed(recall), content_type="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{recalls.CSV_NAME}"'
    return _protected(response)


def _pieces(reader: SealedReader, left: int, ends_at: datetime) -> Iterator[bytes]:
    with reader:
        while left > 0:
            if timezone.now() >= ends_at:
                raise Ended
            piece = reader.read(min(left, PIECE))
            if not piece:
                raise Ended
            left -= len(piece)
            yield piece


def _protected(response: HttpResponseBase) -> HttpResponseBase:
    """Keep the bytes out of caches, and out of the browser's own guesses."""
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
