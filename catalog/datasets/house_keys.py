"""The keys that the catalogue needs of the house, read where the operator keeps the master."""

from django.conf import settings

from hub.crypto.keys import (
    MasterKey,
    Secret,
    hub_secret,
    new_secret,
    stage_one_key,
    unwrap,
    wrap,
    wrapping_key,
)
from hub.crypto.master import load
from hub.crypto.signatures import Signer, signer_of

VAULT = "vault"
SOURCES = "sources"


def _master() -> MasterKey:
    return load(settings.HUB_MASTER_KEY)


def identifier_key(attribute: str) -> Secret:
    """Return the key of stage 1 for whom an identifier names."""
    return stage_one_key(hub_secret(_master()), attribute)


def wrapped(secret: Secret, purpose: str, *about: str) -> bytes:
    """Return a secret good to store, for one purpose and one thing."""
    return wrap(secret, under=wrapping_key(_master(), purpose), about=about)


def unwrapped(stored: bytes, purpose: str, *about: str) -> Secret:
    """
    Return the secret that was stored.

    :raises KeyRefused: when it was stored for something else
    """
    return unwrap(bytes(stored), under=wrapping_key(_master(), purpose), about=about)


def file_key(purpose: str, *about: str) -> tuple[Secret, bytes]:
    """Return a new random key for one file, and its stored form."""
    secret = new_secret()
    return secret, wrapped(secret, purpose, *about)


def signer() -> Signer:
    """Return what signs for the house: orders to nodes, checksums of what is delivered."""
    return signer_of(hub_secret(_master()))
