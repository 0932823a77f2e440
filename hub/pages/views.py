"""Pages of the place itself."""

from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from redis.exceptions import RedisError

from access.grants.queries import register
from catalog.datasets.queries import seen_by
from hub.people.gates import public

PAGES = frozenset({"accessibility", "legal", "privacy"})


@public
def home(request: HttpRequest) -> HttpResponse:
    """Open three doors: find, publish, your rights."""
    datasets = seen_by(None)
    figures = [
        (n := datasets.count(), ngettext("dataset described", "datasets described", n)),
        (
            n := datasets.values("producer").distinct().count(),
            ngettext("producer of data", "producers of data", n),
        ),
        (
            n := register(timezone.now()).count(),
            ngettext("project that uses data now", "projects that use data now", n),
        ),
    ]
    return render(request, "pages/home.html", {"figures": figures, "newest": newest(datasets)})


def newest(datasets: QuerySet[Any]) -> QuerySet[Any]:
    """Return the datasets published last."""
    return datasets.select_related("producer").order_by("-published_at", "-id")[:3]


@public
def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show a page of text."""
    if name not in PAGES:
        raise Http404
    return render(request, f"pages/{name}.html")


@public
def help_page(request: HttpRequest) -> HttpResponse:
    """Say how to find, ask, receive, publish."""
    return render(request, "pages/help.html")


@public
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language, and come back."""
    chosen = request.POST.get("language", "")
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    if chosen in dict(settings.LANGUAGES):
        translation.activate(chosen)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 24 * 3600, samesite="Lax"
        )
    return response


@public
def live(_request: HttpRequest) -> HttpResponse:
    """Answer that the process lives."""
    return JsonResponse({"status": "live"})


@public
def ready(_request: HttpRequest) -> HttpResponse:
    """Answer whether the hub can serve: the database and the cache answer."""
    parts = {"database": _database(), "cache": _cache()}
    whole = all(parts.values())
    body = {"status": "ready" if whole else "not ready", "parts": parts}
    return JsonResponse(body, status=200 if whole else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _cache() -> bool:
    try:
        cache.get("ready")
    except (RedisError, OSError):
        return False
    return True


@public
def api_docs(request: HttpRequest) -> HttpResponse:
    """Say how to call the API, in three lines of curl."""
    return render(request, "pages/api.html", {"base": settings.HUB_BASE_URL})
