"""Say who may come in, on the view itself. A view without a gate fails the tests."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ClassVar, TypeVar, cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request

from hub.kernel.refusals import Forbidden, Refusal
from hub.people.acting import acting, lacks_second_factor
from hub.people.models import ApiToken, User
from hub.people.permissions import Profile, Role, Scope

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


SECOND_FACTOR = Refusal(
    "second-factor",
    "Officers need a second factor: set it up in your account.",
    "Sign in to the pages: you are led to it.",
)


def _marked(view: Callable[..., HttpResponseBase], gate: str) -> Any:
    view.gate = gate  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Let anyone in, on purpose."""
    return cast("View", _marked(view, "public"))


def members(view: View) -> View:
    """Let in whoever is signed in; the action or the query decides about the object."""
    return cast("View", _marked(login_required(view), "members"))


def holders(*roles: Role) -> Callable[[View], View]:
    """Let in whoever acts with one of these roles; the action still decides about the object."""

    def gate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = acting(request)
            if actor is None or not actor.roles & set(roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return cast("View", _marked(login_required(gated), "roles:" + ",".join(sorted(roles))))

    return gate


def profiles(*allowed: Profile) -> Callable[[View], View]:
    """Let in whoever acts in one of these capacities."""

    def gate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = acting(request)
            if actor is None or actor.profile not in allowed:
                raise PermissionDenied
            return view(request, *args, **kwargs)

        marked = _marked(login_required(gated), "profiles:" + ",".join(sorted(allowed)))
        return cast("View", marked)

    return gate


class Open(AllowAny):
    """The gate of an API view for anyone."""

    gate: ClassVar[str] = "public"


class Closed(BasePermission):
    """The gate of an API view that forgot to say: nobody."""

    def has_permission(self, _request: Request, _view: Any) -> bool:
        return False


def scoped(scope: Scope, *roles: Role) -> type[BasePermission]:
    """
    Return the gate of an API view for people who are signed in.

    A token must hold ``scope`` (or only READ for safe methods); with ``roles``, the actor must
    act with one of them. Officers have a second factor, by their programmes too: a token made
    before a role came is not a way around it.
    """

    class Scoped(BasePermission):
        gate: ClassVar[str] = f"scope:{scope}" + "".join(f":{role}" for role in sorted(roles))

        def has_permission(self, request: Request, _view: Any) -> bool:
            actor = acting(request)
            if actor is None:
                return False
            token = request.auth
            if isinstance(token, ApiToken) and not _covers(token, request.method or "", scope):
                return False
            if lacks_second_factor(cast("User", request.user), actor):
                raise Forbidden([SECOND_FACTOR])
            return not roles or bool(actor.roles & set(roles))

    return Scoped


def _covers(token: ApiToken, method: str, scope: Scope) -> bool:
    if scope in token.scopes:
        return True
    return (
        method in {"GET", "HEAD", "OPTIONS"}
        and scope != Scope.DOWNLOADS
        and (Scope.READ in token.scopes)
    )
