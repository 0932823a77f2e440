"""Every address says who may come in: a view without a gate is an open door."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.urls import URLPattern, get_resolver

from hub.people.administration import HubAdminSite
from hub.people.gates import Closed

OF_LIBRARIES = {
    "allauth.account.views": "signing in, signing up, one's own password and addresses",
    "allauth.mfa.base.views": "one's own second factor",
    "allauth.mfa.totp.views": "one's own second factor",
    "allauth.mfa.recovery_codes.views": "one's own recovery codes",
}
"""Views that keep their own door, and why that is right."""


def patterns(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every address with its pattern."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield prefix + str(one.pattern), one
        else:
            yield from patterns(one, prefix + str(one.pattern))


ALL = dict(patterns())


@pytest.mark.parametrize("address", sorted(ALL))
def test_the_view_of_every_address_carries_a_gate(address: str) -> None:
    view = ALL[address].callback
    classes = getattr(getattr(view, "cls", None), "permission_classes", None)
    if classes is not None:
        assert classes, "no gate at all"
        for one in classes:
            assert getattr(one, "gate", ""), f"{one} is no gate of hub.people.gates"
            assert not issubclass(one, Closed), "the view forgot to say who may come in"
    elif not _keeps_its_own_door(address, view):
        assert getattr(view, "gate", ""), (
            "Say who may come in: @public, @members, @holders(…) or @profiles(…) of"
            " hub.people.gates; or permission_classes = [Open] or [scoped(…)]."
        )


def _keeps_its_own_door(address: str, view: Any) -> bool:
    behind_the_administration = address.startswith("admin/") and (
        isinstance(getattr(view, "admin_site", None), HubAdminSite)
        or isinstance(getattr(view, "model_admin", None), ModelAdmin)
        or isinstance(getattr(view, "__self__", None), HubAdminSite)
        or view.__module__ == "django.views.generic.base"
    )
    return behind_the_administration or view.__module__ in OF_LIBRARIES


def test_the_administration_is_the_one_with_our_gate() -> None:
    assert isinstance(admin.site, HubAdminSite)
    assert {model.__module__.split(".")[0] for model in admin.site._registry} <= {
        "hub",
        "catalog",
        "access",
    }


def test_no_library_is_listed_that_brings_nothing() -> None:
    assert OF_LIBRARIES.keys() == {
        one.callback.__module__
        for one in ALL.values()
        if one.callback.__module__.startswith("allauth")
    }
