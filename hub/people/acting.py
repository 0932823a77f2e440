"""As whom a request acts: one membership at a time, chosen in the session, the token or a header."""

from typing import cast
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request

from hub.people.models import ApiToken, User
from hub.people.permissions import Actor
from hub.people.queries import actor_of

SESSION_KEY = "membership"
HEADER = "Hub-Membership"
REMEMBERED = "_hub_actor"


def acting(request: HttpRequest | Request) -> Actor | None:
    """Return who acts, as whom; None for a visitor without an account."""
    plain = request._request if isinstance(request, Request) else request  # noqa: SLF001
    known = getattr(plain, REMEMBERED, None)
    if isinstance(known, Actor):
        return known
    user = cast("User | AnonymousUser | None", getattr(request, "user", None))
    if not isinstance(user, User):
        return None
    actor = actor_of(user=user, at=timezone.now(), membership_id=_chosen(request))
    setattr(plain, REMEMBERED, actor)
    return actor


def actor_in(request: HttpRequest | Request) -> Actor:
    """Return who acts, behind a gate that lets in only people who are signed in."""
    actor = acting(request)
    if actor is None:
        raise AssertionError("an act without an actor passed a gate")
    return actor


def _chosen(request: HttpRequest | Request) -> UUID | None:
    token = getattr(request, "auth", None)
    if isinstance(token, ApiToken):
        return _parse(request.headers.get(HEADER)) or token.membership_id
    plain = request._request if isinstance(request, Request) else request  # noqa: SLF001
    return _parse(request.headers.get(HEADER)) or _parse(plain.session.get(SESSION_KEY))


def _parse(text: object) -> UUID | None:
    try:
        return UUID(str(text)) if text else None
    except ValueError:
        return None
