"""Make the secret of a grant, and destroy it."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.pseudonymisation import shares
from access.pseudonymisation.models import GrantSecret
from access.pseudonymisation.queries import SHARED, under_share
from hub.audit.actions import record
from hub.crypto.keys import new_secret
from hub.keyring.queries import keyring
from hub.people.permissions import HUB, Actor


@transaction.atomic
def create_secret(*, grant_id: UUID, by: Actor = HUB, at: datetime) -> bool:
    """Give a grant its secret, once; one that was destroyed never comes back. Tell if it is new."""
    _secret, created = GrantSecret.objects.get_or_create(
        grant_id=grant_id,
        defaults={
            "version": SHARED,
            # Called for a new grant only: what was destroyed is given no share again.
            "wrapped": lambda: under_share(new_secret(), grant_id, keyring()),
            "created_at": at,
        },
    )
    if created:
        record(kind="grant.secret_created", by=by, subject=f"grant:{grant_id}", at=at)
    return created


@transaction.atomic
def destroy_secret(*, grant_id: UUID, by: Actor = HUB, at: datetime, reason: str = "") -> str:
    """
    Destroy the secret of a grant, with a proof in the trail; return the proof.

    The share goes first, and for good, whatever becomes of the transaction: no copy of the database
    opens without it. The proof is the SHA-256 of the wrapped bytes that are gone: it tells which
    they were, and opens nothing. Destroying again returns the same proof; without a secret it is
    empty.

    :raises FileNotFoundError: when the folder of shares is not there: nothing would be destroyed
    """
    stored = GrantSecret.objects.select_for_update(of=("self",)).filter(grant_id=grant_id).first()
    if stored is None or stored.wrapped is None:
        return stored.proof if stored else ""
    if stored.version == SHARED:
        shares.require_folder()
    share_destroyed = shares.shred(grant_id)
    stored.proof = hashlib.sha256(bytes(stored.wrapped)).hexdigest()
    stored.wrapped, stored.destroyed_at = None, at
    stored.save(update_fields=["wrapped", "destroyed_at", "proof"])
    record(
        kind="grant.secret_destroyed",
        by=by,
        subject=f"grant:{grant_id}",
        at=at,
        reason=reason,
        details={
            "version": stored.version,
            "proof": stored.proof,
            "share_destroyed": share_destroyed,
        },
    )
    return stored.proof
