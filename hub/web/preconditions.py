"""Optimistic versions over HTTP: ``ETag`` out, ``If-Match`` in."""

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.response import Response

from hub.kernel.refusals import Refusal, Stale

CHANGED = Refusal(
    "changed-meanwhile",
    "Somebody changed this since you read it.",
    "Read it again, then make your change.",
)


def tagged(response: Response, version: int) -> Response:
    """Return a response that names the version that it shows."""
    response["ETag"] = f'"{version}"'
    return response


def expected_version(request: Request | HttpRequest) -> int | None:
    """
    Return the version that the caller expects, or None when they name none.

    :raises Stale: when the header is not a version of ours
    """
    header = request.headers.get("If-Match", "").strip().strip('"')
    if not header or header == "*":
        return None
    if not header.isdigit():
        raise Stale([CHANGED])
    return int(header)


def require_version(*, expected: int | None, actual: int) -> None:
    """
    Go on only when the caller saw the version that is there.

    :raises Stale: otherwise
    """
    if expected is not None and expected != actual:
        raise Stale([CHANGED])
