"""The administration: officers enter; what each may do there is decided object by object."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hub.people.acting import acting
from hub.people.permissions import OFFICERS

OURS = ("hub.", "catalog.", "access.")


class HubAdminSite(AdminSite):
    """Django's administration, for people who act with an officer's role."""

    site_header = _("Administration of the hub")
    site_title = _("Administration")
    index_title = _("What waits for you")
    enable_nav_sidebar = False

    def register(
        self,
        model_or_iterable: Any,
        admin_class: type[ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """Administer our own tables alone: nobody looks into those of the libraries."""
        if isinstance(model_or_iterable, type) and issubclass(model_or_iterable, Model):
            model_or_iterable = [model_or_iterable]
        models: Iterable[type[Model]] = model_or_iterable
        ours = [model for model in models if model.__module__.startswith(OURS)]
        super().register(ours, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in whoever acts with a role of an officer; never by a flag on the account."""
        actor = acting(request)
        return actor is not None and bool(actor.roles & OFFICERS)

    def admin_view(self, view: Callable[..., HttpResponseBase], cacheable: bool = False) -> Any:
        """Refuse people who are signed in and have no part here; lead visitors to sign in."""
        inner = super().admin_view(view, cacheable)

        @wraps(inner)
        def gated(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not self.has_permission(request):
                raise PermissionDenied
            return inner(request, *args, **kwargs)

        return gated

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the one door of the hub, where the second factor is asked for."""
        if request.user.is_authenticated:
            return redirect("admin:index")
        query = request.GET.urlencode()
        return redirect(reverse("account_login") + (f"?{query}" if query else ""))

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Lead to the account's own page for it."""
        return redirect("account_change_password")

    def password_change_done(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Lead to the account."""
        return redirect("account")
