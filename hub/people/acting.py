"""As whom a request acts: one membership at a time, chosen in the session, the token or a header."""

from typing import cast
from uuid import UUID

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils import timezone
from rest_framework.request import Request

from hub.people.models import ApiToken, User
from hub.people.permissions import OFFICERS, Actor
from hub.people.queries import actor_of

SESSION_KEY = "membership"
HEADER = "Hub-Membership"
REMEMBERED = "_hub_actor"


def acting(request: HttpRequest | Request) -> Actor | None:
    """Return who acts, as whom; None for a visitor without an account."""
    user = cast("User | AnonymousUser | None", getattr(request, "user", None))
    if not isinstance(user, User):
        return None
    plain = request._request if isinstance(request, Request) else request  # noqa: SLF001
    # A browser may send a session and a token at once: what was found for one is not the other's.
    asked = (user.pk, getattr(getattr(request, "auth", None), "pk", None))
    known = getattr(plain, REMEMBERED, None)
    if known is not None and known[0] == asked:
        return cast("Actor", known[1])
    actor = actor_of(user=user, at=timezone.now(), membership_id=_chosen(request))
    setattr(plain, REMEMBERED, (asked, actor))
    return actor


def actor_in(request: HttpRequest | Request) -> Actor:
    """Return who acts, behind a gate that lets in only people who are signed in."""
    actor = acting(request)
    if actor is None:
        raise AssertionError("an act without an actor passed a gate")
    return actor


def lacks_second_factor(user: User, actor: Actor) -> bool:
    """Tell whether somebody acts as an officer without the second factor that it takes."""
    return bool(settings.HUB_REQUIRE_TOTP and actor.roles & OFFICERS and not is_mfa_enabled(user))


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
