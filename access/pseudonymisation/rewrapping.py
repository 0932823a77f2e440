"""What is wrapped of grants: the secret of each, brought under its share when it was not."""

from typing import Any

from access.pseudonymisation import shares
from access.pseudonymisation.models import GrantSecret
from access.pseudonymisation.queries import SHARED, opened, under_share
from hub.crypto.keyring import Keyring
from hub.keyring.rewrapping import Place


def _is_current(row: Any, ring: Keyring) -> bool:
    if row.version != SHARED:
        return False
    shares.require_folder()
    # Without its share a secret opens under no master key: nothing is left to wrap again.
    return ring.is_present(bytes(row.wrapped)) or shares.read(row.grant_id) is None


def _renew(row: Any, ring: Keyring) -> None:
    row.wrapped = under_share(opened(row, ring), row.grant_id, ring)
    row.version = SHARED
    row.save(update_fields=["wrapped", "version"])


SECRETS = Place(
    "grants",
    lambda: GrantSecret.objects.filter(wrapped__isnull=False),
    _is_current,
    _renew,
)
