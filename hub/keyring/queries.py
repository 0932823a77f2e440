"""Read the keys of the house from where the operator keeps them."""

from django.conf import settings

from hub.crypto.keyring import Keyring
from hub.crypto.keys import Secret, hub_secret
from hub.crypto.master import MasterKeyError, load
from hub.keyring.models import HouseSecret

PURPOSE = "house"
ABOUT = ("secret",)
TOO_EARLY = (
    "The secret of this house is not kept yet, and it comes from the first master key: run"
    " manage.py rotate_master_key once under that key alone, without HUB_FORMER_MASTER_KEYS."
)


def keyring() -> Keyring:
    """
    Return the present master key, with the others that still open.

    :raises MasterKeyError: with a sentence for the operator
    """
    others = tuple(load(setting) for setting in settings.HUB_FORMER_MASTER_KEYS)
    return Keyring(load(settings.HUB_MASTER_KEY), others)


def house_secret() -> Secret:
    """
    Return the secret of the house; the first reader keeps it.

    :raises MasterKeyError: when it is not kept and nothing says which key it comes from
    """
    ring = keyring()
    kept = HouseSecret.objects.first() or _kept(ring)
    return ring.unwrap(bytes(kept.wrapped), PURPOSE, *ABOUT)


def _kept(ring: Keyring) -> HouseSecret:
    """Keep what the master key gave before it was kept: two readers keep the same."""
    if ring.others:
        raise MasterKeyError(TOO_EARLY)
    wrapped = ring.wrap(hub_secret(ring.present), PURPOSE, *ABOUT)
    return HouseSecret.objects.get_or_create(pk=1, defaults={"wrapped": wrapped})[0]
