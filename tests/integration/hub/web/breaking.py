"""Addresses that fail, each in its way."""

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from hub.kernel.refusals import Forbidden, Refusal, Unknown
from hub.urls import handler400, handler403, handler404, handler500
from hub.web.uploads import too_large

__all__ = ["handler400", "handler403", "handler404", "handler500"]


def breaks(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret")


def forbids(_request: HttpRequest) -> HttpResponse:
    raise Forbidden([Refusal("secret", "secret")])


def hides(_request: HttpRequest) -> HttpResponse:
    raise Unknown


def too_much(_request: HttpRequest) -> HttpResponse:
    raise too_large()


def malformed(_request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation("a secret")


VIEWS = {
    "breaks": breaks,
    "forbids": forbids,
    "hides": hides,
    "too-much": too_much,
    "malformed": malformed,
}
urlpatterns = [
    *(path(f"{prefix}{name}", view) for prefix in ("", "api/v1/") for name, view in VIEWS.items()),
    path("", include("hub.urls")),
]
