"""Errors of the API as problem details (RFC 9457), in the caller's language."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from hub.kernel.refusals import Forbidden, Invalid, Refused, Stale, Unknown
from hub.web.wording import Said, say_all

CONTENT_TYPE = "application/problem+json"


def content(
    code: int, kind: str, title: str, refusals: list[Said] | None = None, detail: str = ""
) -> dict[str, Any]:
    """Return a problem: ``type`` is stable, ``title`` and the refusals are for people."""
    body: dict[str, Any] = {"type": f"urn:hub:problem:{kind}", "title": title, "status": code}
    if detail:
        body["detail"] = detail
    body["refusals"] = refusals or []
    return body


def problem(
    code: int, kind: str, title: str, refusals: list[Said] | None = None, detail: str = ""
) -> Response:
    """Return a problem as REST framework's views answer."""
    body = content(code, kind, title, refusals, detail)
    return Response(body, status=code, content_type=CONTENT_TYPE)


def handle(error: Exception, _context: dict[str, Any]) -> Response | None:
    """Turn an error into a problem; return None for what is a fault of ours."""
    response = of_ours(error) or of_the_framework(error)
    if response is not None:
        set_rollback()
    return response


def of_ours(error: Exception) -> Response | None:
    """Turn an answer of the rules into a problem."""
    match error:
        case Invalid():
            return problem(422, "invalid", _("The input is not right."), say_all(error.refusals))
        case Stale():
            return problem(412, "stale", _("It changed meanwhile."), say_all(error.refusals))
        case Forbidden():
            return problem(
                403, "forbidden", _("This is not yours to do."), say_all(error.refusals)
            )
        case Refused():
            title = _("The rules refuse this step now.")
            return problem(409, "refused", title, say_all(error.refusals))
    return None


def of_the_framework(error: Exception) -> Response | None:
    """Turn an error of the frameworks into a problem."""
    match error:
        case Unknown() | Http404() | exceptions.NotFound():
            return problem(404, "unknown", _("There is no such thing here."))
        case PermissionDenied() | exceptions.PermissionDenied():
            return problem(403, "forbidden", _("This is not yours to do."))
        case exceptions.APIException():
            return of_a_call(error)
    return None


def of_a_call(error: exceptions.APIException) -> Response:
    """Turn what REST framework says of a call into a problem."""
    match error:
        case exceptions.ValidationError():
            refusals = list(field_by_field(error.detail))
            return problem(422, "invalid", _("The input is not right."), refusals)
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            response = problem(401, "who", _("Sign in, or give a valid token."))
            response["WWW-Authenticate"] = 'Bearer realm="api"'
            return response
        case exceptions.Throttled():
            response = problem(429, "too-many", _("Too many calls: wait a little."))
            response["Retry-After"] = str(int(getattr(error, "wait", None) or 60) + 1)
            return response
        case exceptions.ParseError():
            return problem(422, "invalid", _("This is not readable JSON."))
    return problem(error.status_code, "call", str(error.detail))


def field_by_field(detail: Any, about: str = "") -> Iterator[Said]:
    """Flatten the errors of a serializer: one refusal a message, with the path of its field."""
    if isinstance(detail, dict):
        for name, below in detail.items():
            path = about if name == "non_field_errors" else f"{about}.{name}".lstrip(".")
            yield from field_by_field(below, path)
    elif isinstance(detail, list):
        for index, below in enumerate(detail):
            nested = isinstance(below, dict | list)
            yield from field_by_field(below, f"{about}.{index}" if nested else about)
    else:
        yield Said(
            code=getattr(detail, "code", "invalid"),
            explanation=str(detail),
            remedy="",
            about=about,
        )
