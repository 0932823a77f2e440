"""The keys that the catalogue needs of the house."""

from hub.crypto.keys import Secret, new_secret, stage_one_key
from hub.crypto.signatures import Signer, signer_of
from hub.keyring.queries import house_secret, keyring

VAULT = "vault"
SOURCES = "sources"


def identifier_key(attribute: str) -> Secret:
    """Return the key of stage 1 for whom an identifier names."""
    return stage_one_key(house_secret(), attribute)


def wrapped(secret: Secret, purpose: str, *about: str) -> bytes:
    """Return a secret good to store, for one purpose and one thing."""
    return keyring().wrap(secret, purpose, *about)


def unwrapped(stored: bytes, purpose: str, *about: str) -> Secret:
    """
    Return the secret that was stored.

    :raises KeyRefused: when it was stored for something else
    """
    return keyring().unwrap(bytes(stored), purpose, *about)


def file_key(purpose: str, *about: str) -> tuple[Secret, bytes]:
    """Return a new random key for one file, and its stored form."""
    secret = new_secret()
    return secret, wrapped(secret, purpose, *about)


def signer() -> Signer:
    """Return what signs for the house: orders to nodes, checksums of what is delivered."""
    return signer_of(house_secret())
