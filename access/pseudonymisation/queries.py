"""Open the secret of a grant: the only place that does."""

from uuid import UUID

from access.pseudonymisation.models import GrantSecret
from catalog.datasets.house_keys import unwrapped
from hub.crypto.keys import Secret

GRANTS = "grants"


class SecretGone(Exception):
    """The grant has no secret: it was destroyed, or there never was one."""


def open_secret(grant_id: UUID) -> Secret:
    """
    Return the secret of a grant.

    :raises SecretGone: after its destruction
    """
    stored = GrantSecret.objects.filter(grant_id=grant_id, wrapped__isnull=False).first()
    if stored is None:
        raise SecretGone
    return unwrapped(bytes(stored.wrapped or b""), GRANTS, *about(grant_id, stored.version))


def about(grant_id: UUID, version: int) -> tuple[str, ...]:
    """Return what a wrapped secret is bound to: moved to another grant it opens nothing."""
    return ("grant", str(grant_id), str(version))


def has_secret(grant_id: UUID) -> bool:
    """Tell whether the secret of a grant can still be opened."""
    return GrantSecret.objects.filter(grant_id=grant_id, wrapped__isnull=False).exists()
