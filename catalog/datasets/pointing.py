"""The forms by which a producer points to rows outside the hub: one entry a kind."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.forms import Form
from django.utils.translation import gettext_noop as _

from catalog.datasets.forms import ObjectsForm, PortalForm, TableForm
from catalog.datasets.states import SourceKind


@dataclass(frozen=True, slots=True)
class Pointer:
    """How a page asks for a place."""

    title: str
    button: str
    form: Callable[..., Form]
    """Makes the form, of what was posted or of nothing."""
    hosts: Callable[[], list[str]] | None = None
    """Where the operator allows to go; without it, anywhere public."""
    nowhere: str = ""
    """What the page says when the operator allows nothing."""


POINTERS: Mapping[SourceKind, Pointer] = {
    SourceKind.POSTGRESQL: Pointer(
        title=_("Or point to a table"),
        button=_("Look at the table"),
        form=TableForm,
        hosts=lambda: list(settings.HUB_SOURCE_HOSTS),
        nowhere=_(
            "This hub reads no database yet: its operator lists the hosts that it may read."
        ),
    ),
    SourceKind.PORTAL: Pointer(
        title=_("Or point to a dataset of a portal"),
        button=_("Look at the dataset"),
        form=PortalForm,
    ),
    SourceKind.S3: Pointer(
        title=_("Or point to objects of a store"),
        button=_("Look at the objects"),
        form=ObjectsForm,
        hosts=lambda: list(settings.HUB_S3_ENDPOINTS),
        nowhere=_("This hub reads no store of objects yet: its operator lists those it may read."),
    ),
}


def form_of(kind: SourceKind, posted: Any = None) -> Form | None:
    """Return the form of a kind, None where the operator allows nothing."""
    pointer = POINTERS[kind]
    if pointer.hosts is None:
        return pointer.form(posted)
    hosts = pointer.hosts()
    return pointer.form(posted, hosts=hosts) if hosts else None


def asked_kind(posted: Mapping[str, Any]) -> SourceKind | None:
    """Return the kind of place that a posted form names, None for a file."""
    return next((kind for kind in POINTERS if kind == posted.get("kind")), None)
