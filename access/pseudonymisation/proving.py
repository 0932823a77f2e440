"""Prove that a destroyed grant is dead: try to open its secret with everything that is left."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from access.pseudonymisation import shares
from access.pseudonymisation.models import GrantSecret
from access.pseudonymisation.queries import ALONE, GRANTS, SHARED, about
from hub.audit.actions import record
from hub.crypto.keyring import Keyring
from hub.crypto.keys import KeyRefused, Secret
from hub.people.permissions import HUB, Actor

CONTROLS = 5
"""Living grants that are tried too."""

Way = tuple[tuple[str, ...], Secret | None]


@dataclass(frozen=True, slots=True)
class Tried:
    """
    :param values: how many values were tried
    :param opened: how many gave the secret of the grant
    :param controls: how many gave the secret of a living grant: the keys and the copy are right
    :param share: whether the share of the grant is still there
    """

    values: int
    opened: int
    controls: int
    share: bool


def attempt(
    *, grant_id: UUID, found: Iterable[bytes], ring: Keyring, by: Actor = HUB, at: datetime
) -> Tried:
    """
    Try every value as the secret of a grant, under every master key, with what is left of shares.

    :param found: of an old copy of the database, or of :func:`stored`
    """
    ways, others = _ways(grant_id), [way for one in _living(grant_id) for way in _ways(one)]
    tried = opened = controls = 0
    for value in found:
        tried += 1
        opened += _opens(value, ring, ways)
        controls += _opens(value, ring, others)
    answer = Tried(tried, opened, controls, shares.read(grant_id) is not None)
    record(
        kind="grant.destruction_tried",
        by=by,
        subject=f"grant:{grant_id}",
        at=at,
        details={"values": tried, "opened": opened, "controls": controls, "share": answer.share},
    )
    return answer


def stored() -> Iterator[bytes]:
    """Return the wrapped secrets that the database holds now."""
    kept = GrantSecret.objects.filter(wrapped__isnull=False)
    return (bytes(one.wrapped or b"") for one in kept.iterator())


def _living(grant_id: UUID) -> list[UUID]:
    kept = GrantSecret.objects.filter(wrapped__isnull=False).exclude(grant_id=grant_id)
    return list(kept.order_by("-created_at").values_list("grant_id", flat=True)[:CONTROLS])


def _ways(grant_id: UUID) -> list[Way]:
    """Return what the secret of a grant may be bound to, with the share that it asks for."""
    alone: list[Way] = [(about(grant_id, ALONE), None)]
    share = shares.read(grant_id)
    return alone if share is None else [*alone, (about(grant_id, SHARED), share)]


def _opens(value: bytes, ring: Keyring, ways: Iterable[Way]) -> bool:
    for bound_to, share in ways:
        try:
            ring.unwrap(value, GRANTS, *bound_to, share=share)
        except KeyRefused:
            continue
        return True
    return False
