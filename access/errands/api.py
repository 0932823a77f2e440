"""
The protocol of nodes: what to do next, how far it is, the files, the end.

docs/reference/node-protocol.md says it whole. A node calls, always; the hub never calls a node.
"""

import asyncio
import base64
import binascii
import time
from functools import wraps
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from access.errands import actions
from access.errands.answers import coarser, refusal
from access.errands.schemas import SCHEMAS, document
from access.extracts import incoming, remote
from access.extracts.datapackage import FileEntry
from access.extracts.holding import REMEDIES
from access.extracts.outcomes import outcome_read
from catalog.datasets import at_node
from catalog.nodes.calling import ForNodes, NodeAuthentication, node_in
from catalog.vault import remote as taking_in
from hub.kernel.refusals import Invalid, Refusal, Refused, Unknown
from hub.web.schemas import checked
from hub.web.streaming import pieces_of, streamed

LONGEST_WAIT = 25.0
LOOK_AGAIN = 1.0
ATTEMPT = OpenApiParameter("attempt", int, required=True)
NOT_HELD = Refusal(
    "not-held",
    "This work is not the node's any more: it was cancelled, or given out again.",
    "Leave it, and ask for the next.",
)
WRONG_HEADERS = Refusal(
    "upload-headers",
    "A piece comes with Upload-Offset and Content-Digest.",
    "Give the position of its first byte, and its SHA-256 as RFC 9530 writes it.",
)
WRONG_SENTENCE = Refusal(
    "sentence-places", "The places of the sentence are not those of the values.", about="reasons"
)


class OfNodes(APIView):
    """A view that only nodes may call, with their own credentials."""

    authentication_classes = [NodeAuthentication]
    permission_classes = [ForNodes]
    parser_classes = [JSONParser]

    def message(self, request: Request, name: str) -> Any:
        """
        Return what the node sent, once it is of its schema.

        :raises Invalid: when it is not
        """
        return checked(request.data, SCHEMAS[name])


def _described(name: str) -> Any:
    return {"application/json": document(name)}


class Sources(OfNodes):
    """What the node offers."""

    @extend_schema(operation_id="node_offer", request=_described("sources"), responses={204: None})
    def put(self, request: Request) -> Response:
        """Say which sources the node offers, in place of those of before: counts, never a cell."""
        said = self.message(request, "sources")
        at_node.announce(node_id=node_in(request).pk, sources=said["sources"], at=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)


class NextErrand(OfNodes):
    """What the node should do next."""

    @extend_schema(
        operation_id="node_next",
        parameters=[
            OpenApiParameter("wait", int, description="Seconds to wait for something, at most 25.")
        ],
        responses={(200, "application/json"): document("envelope"), 204: None},
    )
    def get(self, request: Request) -> Response:
        """Claim the next errand, signed and sealed to the node; 204 when there is nothing to do."""
        envelope = actions.next_for(node_in(request).pk, at=timezone.now())
        if envelope is None:
            return Response(status=HTTPStatus.NO_CONTENT)
        return Response(envelope.told())


def patient(view: type[APIView]) -> Any:
    """Return a view that is asked again, as long as the caller waits, while it has nothing."""
    once = view.as_view()
    ask = sync_to_async(once, thread_sensitive=True)

    @wraps(once)
    async def waiting(request: HttpRequest) -> HttpResponseBase:
        until = time.monotonic() + _wait(request)
        while True:
            response = cast("HttpResponseBase", await ask(request))
            if response.status_code != HTTPStatus.NO_CONTENT or time.monotonic() >= until:
                return response
            # Whoever waits holds no connection to the database meanwhile.
            await sync_to_async(_let_go, thread_sensitive=True)()
            await asyncio.sleep(LOOK_AGAIN)

    return waiting


def _let_go() -> None:
    if not connection.in_atomic_block:
        connection.close()


def _wait(request: HttpRequest) -> float:
    text = request.GET.get("wait", "0")
    return min(float(text), LONGEST_WAIT) if text.isdigit() else 0.0


# -- extracts -----------------------------------------------------------------------------------


class OfExtracts(OfNodes):
    """A view about an extract that the node is making."""

    def held(self, request: Request, extract_id: UUID, attempt: int) -> remote.Held:
        """
        Return the extract, as long as it is the node's at this attempt.

        :raises Refused: when it is not, or not any more
        """
        found = remote.one(node_id=node_in(request).pk, extract_id=extract_id, attempt=attempt)
        if found is None:
            raise Refused([NOT_HELD])
        return found


class ExtractProgress(OfExtracts):
    """How far an extract is."""

    @extend_schema(
        operation_id="node_extract_progress",
        request=_described("extract-progress"),
        responses={204: None},
    )
    def post(self, request: Request, extract_id: UUID) -> Response:
        """Say how far the extract is; a refusal says that it is the node's no more."""
        said = self.message(request, "extract-progress")
        extract = self.held(request, extract_id, said.pop("attempt"))
        if not remote.progress(extract, at=timezone.now(), **said):
            raise Refused([NOT_HELD])
        return Response(status=HTTPStatus.NO_CONTENT)


class ExtractConsents(OfExtracts):
    """The list of persons of an extract."""

    @extend_schema(
        operation_id="node_extract_consents",
        parameters=[ATTEMPT],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, extract_id: UUID) -> HttpResponseBase:
        """Return the list, sealed under a key that the letter holds."""
        extract = self.held(request, extract_id, _attempt(request))
        path = incoming.consents_of(extract.pk, extract.attempt)
        size = path.stat().st_size
        plain = request._request  # noqa: SLF001 - streaming is Django's
        response = StreamingHttpResponse(
            streamed(plain, pieces_of(str(path), 0, size)), content_type="application/octet-stream"
        )
        response.headers["Content-Length"] = str(size)
        return response


class ExtractFile(OfExtracts):
    """One sealed file of an extract, on its way to the hub."""

    @extend_schema(
        operation_id="node_extract_received",
        parameters=[ATTEMPT],
        responses={(200, "application/json"): document("received")},
    )
    def get(self, request: Request, extract_id: UUID, name: str) -> Response:
        """Say how much of the file has arrived: where to go on after a cut link."""
        extract = self._known(request, extract_id, name)
        return Response({"received": incoming.received(extract.pk, extract.attempt, name)})

    @extend_schema(
        operation_id="node_extract_send",
        parameters=[
            ATTEMPT,
            OpenApiParameter("Upload-Offset", int, OpenApiParameter.HEADER, required=True),
            OpenApiParameter("Content-Digest", str, OpenApiParameter.HEADER, required=True),
        ],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses={(200, "application/json"): document("received")},
    )
    def put(self, request: Request, extract_id: UUID, name: str) -> Response:
        """Send the next piece of the file, at most 8 MiB, with its SHA-256."""
        extract = self._known(request, extract_id, name)
        arrived = incoming.receive(
            extract.pk,
            extract.attempt,
            name,
            offset=_offset(request),
            content=request._request,  # noqa: SLF001 - the bytes, not parsed
            sha256=_digest(request),
        )
        return Response({"received": arrived})

    def _known(self, request: Request, extract_id: UUID, name: str) -> remote.Held:
        extract = self.held(request, extract_id, _attempt(request))
        if name not in remote.file_names(extract):
            raise Unknown
        return extract


class ExtractEnd(OfExtracts):
    """The end of an extract."""

    @extend_schema(
        operation_id="node_extract_end", request=_described("extract-end"), responses={204: None}
    )
    def post(self, request: Request, extract_id: UUID) -> Response:
        """Say what was made and sent; the hub looks at every byte before anybody may have it."""
        said = self.message(request, "extract-end")
        extract = self.held(request, extract_id, said["attempt"])
        entries = [FileEntry(**one) for one in said["files"]]
        outcome = outcome_read(said["outcome"])
        if not remote.delivered(extract, outcome=outcome, entries=entries, at=timezone.now()):
            raise Refused([NOT_HELD])
        return Response(status=HTTPStatus.NO_CONTENT)


class ExtractRefusal(OfExtracts):
    """Why an extract is not made."""

    @extend_schema(
        operation_id="node_extract_refuse",
        request=_described("extract-refusal"),
        responses={204: None},
    )
    def post(self, request: Request, extract_id: UUID) -> Response:
        """Say why the extract is not made: it is shown to whoever asked, in the hub's words."""
        said = self.message(request, "extract-refusal")
        extract = self.held(request, extract_id, said["attempt"])
        remedy = REMEDIES[said["permanent"]]
        remote.refused(
            extract,
            [refusal(said["code"], said["values"], remedy)],
            permanent=said["permanent"],
            suggestions=list(coarser(remote.plan_of(extract), said["suggestions"])),
            at=timezone.now(),
        )
        return Response(status=HTTPStatus.NO_CONTENT)


def _attempt(request: Request) -> int:
    text = request.query_params.get("attempt", "")
    return int(text) if text.isdigit() and len(text) < 6 else 0


def _offset(request: Request) -> int:
    text = request.headers.get("Upload-Offset", "")
    if not text.isdigit() or len(text) > 15:
        raise Invalid([WRONG_HEADERS])
    return int(text)


def _digest(request: Request) -> bytes:
    """Read ``Content-Digest: sha-256=:…:`` (RFC 9530)."""
    name, _, value = request.headers.get("Content-Digest", "").partition("=")
    try:
        found = base64.b64decode(value.strip().strip(":"), validate=True)
    except binascii.Error:
        found = b""
    if name.strip() != "sha-256" or len(found) != 32:
        raise Invalid([WRONG_HEADERS])
    return found


# -- taking in ------------------------------------------------------------------------------------


class OfIntakes(OfNodes):
    """A view about rows that the node takes in."""

    def held(self, request: Request, job_id: UUID, attempt: int) -> taking_in.Held:
        """
        Return the job, as long as it is the node's at this attempt.

        :raises Refused: when it is not, or not any more
        """
        found = taking_in.one(node_id=node_in(request).pk, job_id=job_id, attempt=attempt)
        if found is None:
            raise Refused([NOT_HELD])
        return found


class IntakeProgress(OfIntakes):
    """How far the rows are."""

    @extend_schema(
        operation_id="node_intake_progress",
        request=_described("intake-progress"),
        responses={204: None},
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        """Say how many rows were read."""
        said = self.message(request, "intake-progress")
        job = self.held(request, job_id, said["attempt"])
        if not taking_in.progress(job, rows=said["rows"], at=timezone.now()):
            raise Refused([NOT_HELD])
        return Response(status=HTTPStatus.NO_CONTENT)


class IntakeEnd(OfIntakes):
    """The rows are in the node's vault."""

    @extend_schema(
        operation_id="node_intake_end", request=_described("intake-end"), responses={204: None}
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        """Say how many rows were taken in, and the digest of their content."""
        said = self.message(request, "intake-end")
        job = self.held(request, job_id, said["attempt"])
        done = taking_in.done(job, rows=said["rows"], digest=said["digest"], at=timezone.now())
        if not done:
            raise Refused([NOT_HELD])
        return Response(status=HTTPStatus.NO_CONTENT)


class IntakeRefusal(OfIntakes):
    """Why rows are not taken in."""

    @extend_schema(
        operation_id="node_intake_refuse",
        request=_described("intake-refusal"),
        responses={204: None},
    )
    def post(self, request: Request, job_id: UUID) -> Response:
        """Say why the rows are not taken in: it is shown to the producer's editors."""
        said = self.message(request, "intake-refusal")
        job = self.held(request, job_id, said["attempt"])
        told = [_readable(Refusal(**one)) for one in said["reasons"]]
        taking_in.refused(job, told, permanent=said["permanent"], at=timezone.now())
        return Response(status=HTTPStatus.NO_CONTENT)


def _readable(told: Refusal) -> Refusal:
    """Return a refusal whose places its values fill."""
    try:
        for text in (told.explanation, told.remedy) if told.values else ():
            _filled = text % dict(told.values)
    except (KeyError, TypeError, ValueError):
        raise Invalid([WRONG_SENTENCE]) from None
    return told


next_errand = patient(NextErrand)
