"""What is wrapped of sources: the keys of uploads, and the passwords of places elsewhere."""

from typing import Any

from catalog.datasets.house_keys import SOURCES
from catalog.datasets.models import Source
from catalog.datasets.places import bound_to
from hub.keyring.rewrapping import column


def _upload(source: Any) -> tuple[str, tuple[str, ...]]:
    return SOURCES, (source.path,)


def _place(source: Any) -> tuple[str, tuple[str, ...]]:
    return SOURCES, bound_to(source)


UPLOADS = column("uploads", Source.objects.all, "wrapped_key", bound_to=_upload)
PASSWORDS = column("passwords", Source.objects.all, "wrapped_password", bound_to=_place)
