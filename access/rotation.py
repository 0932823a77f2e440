"""Pass the whole house from one master key to the next: every place where something is wrapped."""

from collections.abc import Mapping
from datetime import datetime

from access.pseudonymisation.rewrapping import SECRETS
from catalog.datasets.rewrapping import PASSWORDS, UPLOADS
from catalog.vault.rewrapping import FILES
from hub.audit.actions import record
from hub.keyring.models import HouseSecret
from hub.keyring.queries import house_secret, keyring
from hub.keyring.rewrapping import HOUSE, remaining, rewrap
from hub.people.permissions import HUB, Actor
from hub.people.rewrapping import SECOND_FACTORS

PLACES = (HOUSE, SECOND_FACTORS, FILES, UPLOADS, PASSWORDS, SECRETS)


def rotate(*, by: Actor = HUB, at: datetime) -> Mapping[str, int]:
    """
    Wrap again, under the present master key, what another one wrapped; return how many by place.

    People may work meanwhile: both keys open. Cut short, it goes on when it is called again.

    :raises MasterKeyError: when a key cannot be read, or the secret of the house is not kept yet
    :raises Unopened: when a row opens under none of the keys
    """
    ring = keyring()
    if not HouseSecret.objects.exists():
        house_secret()

    def tell(place: str, rows: int, at: datetime) -> None:
        record(
            kind="keys.rewrapped",
            by=by,
            subject=f"master:{ring.present.id}",
            at=at,
            details={"place": place, "rows": rows},
        )

    return {place.name: rewrap(place, ring, at=at, record=tell) for place in PLACES}


def still_elsewhere() -> Mapping[str, int]:
    """
    Return how much is not known to be under the present master key, by place.

    :raises MasterKeyError: when a key cannot be read
    """
    ring = keyring()
    found = {place.name: remaining(place, ring) for place in PLACES}
    if not HouseSecret.objects.exists():
        found[HOUSE.name] = 1
    return found
