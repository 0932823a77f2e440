"""The language of a page, and the second factor of officers."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import translation

from hub.people.acting import acting, lacks_second_factor
from hub.people.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]
OPEN_TO_SET_UP = ("/accounts/", "/static/", "/-/", "/language/")


class LanguageMiddleware:
    """Speak the language chosen with the switch, else the hub's; an API call may name its own."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if request.path.startswith("/api/") and "Accept-Language" in request.headers:
            chosen = translation.get_language_from_request(request)
        known = dict(settings.LANGUAGES)
        language = chosen if chosen in known else settings.LANGUAGE_CODE
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class SecondFactorMiddleware:
    """Lead officers who have no second factor to the page where they set one up."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.HUB_REQUIRE_TOTP and not request.path.startswith(OPEN_TO_SET_UP):
            user, actor = request.user, acting(request)
            if isinstance(user, User) and actor is not None and lacks_second_factor(user, actor):
                return _lead(request)
        return self.get_response(request)


def _lead(request: HttpRequest) -> HttpResponse:
    """Lead a page to the second factor's; tell a program with a session, in its own language."""
    if not request.path.startswith("/api/"):
        return redirect("mfa_activate_totp")
    body = {
        "type": "urn:hub:problem:second-factor",
        "title": translation.gettext("Officers need a second factor: set it up in your account."),
        "status": 403,
        "refusals": [],
    }
    return JsonResponse(body, status=403, content_type="application/problem+json")
