"""Open the secret of a grant: the only place that does."""

from uuid import UUID

from access.pseudonymisation import shares
from access.pseudonymisation.models import GrantSecret
from hub.crypto.keyring import Keyring
from hub.crypto.keys import Secret
from hub.keyring.queries import keyring

GRANTS = "grants"
ALONE, SHARED = 1, 2
"""Versions of a stored secret: under the master key alone, or with the grant's share."""


class SecretGone(Exception):
    """The grant has no secret: it or its share was destroyed or lost, or there never was one."""


def open_secret(grant_id: UUID) -> Secret:
    """
    Return the secret of a grant.

    :raises SecretGone: after its destruction, or without its share
    """
    stored = GrantSecret.objects.filter(grant_id=grant_id, wrapped__isnull=False).first()
    if stored is None:
        raise SecretGone
    return opened(stored, keyring())


def opened(stored: GrantSecret, ring: Keyring) -> Secret:
    """
    Return the secret of a row that holds one.

    :raises SecretGone: without its share
    :raises FileNotFoundError: when the folder of shares is not there
    """
    share = None
    if stored.version == SHARED:
        shares.require_folder()
        share = shares.read(stored.grant_id)
        if share is None:
            raise SecretGone
    wrapped = bytes(stored.wrapped or b"")
    return ring.unwrap(wrapped, GRANTS, *about(stored.grant_id, stored.version), share=share)


def under_share(secret: Secret, grant_id: UUID, ring: Keyring) -> bytes:
    """Return a secret good to store, under the master key and the share of its grant."""
    return ring.wrap(secret, GRANTS, *about(grant_id, SHARED), share=shares.make(grant_id))


def about(grant_id: UUID, version: int) -> tuple[str, ...]:
    """Return what a wrapped secret is bound to: moved to another grant it opens nothing."""
    return ("grant", str(grant_id), str(version))


def has_secret(grant_id: UUID) -> bool:
    """Tell whether the secret of a grant is not destroyed yet."""
    return GrantSecret.objects.filter(grant_id=grant_id, wrapped__isnull=False).exists()
