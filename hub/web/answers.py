"""What is answered where a view has nothing better to say: a page, or a problem over the API."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.defaults import page_not_found, permission_denied, server_error

from hub.kernel.refusals import Forbidden, Refused, Unknown
from hub.web.problems import CONTENT_TYPE, content
from hub.web.wording import Said, say_all

API = "/api/v"


class AnswersMiddleware:
    """What one may not know of is a page that is not there; what is not one's own says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a view that let the rules speak."""
        if isinstance(error, Unknown):
            return not_found(request, error)
        if isinstance(error, Forbidden):
            return forbidden(request, error)
        return None


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: there is no such thing, or nobody may say so."""
    if request.path.startswith(API):
        return _problem(404, "unknown", _("There is no such thing here."))
    return page_not_found(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403: known, and not theirs."""
    if request.path.startswith(API):
        return _problem(403, "forbidden", _("This is not yours to do."))
    return permission_denied(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400, or 413 with its reason when too much was sent."""
    said = say_all(exception.refusals) if isinstance(exception, Refused) else []
    if request.path.startswith(API):
        return _problem(422 if said else 400, "invalid", _("The input is not right."), said)
    # Without the context of a page: the request may be too broken to have one.
    return render(None, "400.html", {"refusals": said}, status=413 if said else 400)


def failed(request: HttpRequest) -> HttpResponse:
    """Answer 500: the fault is ours, and says nothing of what it was."""
    if request.path.startswith(API):
        return _problem(500, "fault", _("Something failed on our side."))
    return server_error(request)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form that does not come from a page of the hub, or from one too old."""
    return render(request, "403_csrf.html", status=403)


def _problem(code: int, kind: str, title: str, refusals: list[Said] | None = None) -> JsonResponse:
    body: dict[str, Any] = content(code, kind, title, refusals)
    return JsonResponse(body, status=code, content_type=CONTENT_TYPE)
