"""
Keys: how they are derived, wrapped and kept out of sight.

The tree::

    master ── wrapping key[purpose] ── wraps the hub secret, and a random one per vault file
    master and share of a grant ── wraps the random secret of the grant
    hub secret ── K_hub[attribute]                      stage 1 of the pseudonyms
    secret of a grant (random) ─┬─ K_psn[domain]          stage 2 of the pseudonyms
                                ├─ K_enc                  wraps the data keys of its files
                                └─ layer[demand]          outermost of what a demand to name persons holds

Everything under a grant hangs on a *random* secret, stored only wrapped. Were it derived from the
master it could be computed again for ever, and the end of a grant would destroy nothing.
"""

import hmac
import os
from dataclasses import dataclass
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12
_FORMAT = b"\x01"


class KeyRefused(Exception):
    """A key cannot be unwrapped here: another master, another context, or altered bytes."""


class Secret:
    """
    Bytes that nothing shows by accident: not ``repr``, not ``str``, not pickle, not a copy.

    :param value: at least one byte
    """

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        if not value:
            raise ValueError("A secret cannot be empty.")
        self._value = bytes(value)

    def reveal(self) -> bytes:
        """Return the bytes, for a cipher and for nothing else."""
        return self._value

    def __len__(self) -> int:
        return len(self._value)

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._value, other.reveal())

    def __hash__(self) -> NoReturn:
        raise TypeError("A secret is not a dictionary key.")

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret does not travel: send the wrapped form.")


@dataclass(frozen=True, slots=True)
class MasterKey:
    """
    The key of the house.

    :param secret: 32 bytes
    :param id: a fingerprint, safe to store beside what it wraps
    """

    secret: Secret
    id: str


def master_key(value: bytes) -> MasterKey:
    """
    Build the master key from its 32 bytes.

    :raises ValueError: on any other length
    """
    if len(value) != KEY_BYTES:
        raise ValueError(f"A master key has {KEY_BYTES} bytes.")
    secret = Secret(value)
    return MasterKey(secret, derive(secret, "master", "id", length=8).reveal().hex())


def new_secret() -> Secret:
    """Return 32 random bytes, for a grant or for a file."""
    return Secret(os.urandom(KEY_BYTES))


def hkdf_sha256(material: bytes, *, info: bytes, salt: bytes = b"", length: int = 32) -> bytes:
    """Return ``length`` bytes by HKDF with SHA-256 (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=length, salt=salt or None, info=info).derive(material)


def context(*parts: str) -> bytes:
    """
    Write a list of texts so that no two lists give the same bytes.

    Each part is preceded by its length in four bytes: ("ab", "c") is not ("a", "bc").
    """
    encoded = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def derive(secret: Secret, *labels: str, length: int = KEY_BYTES) -> Secret:
    """Return the secret that hangs under another one at the given labels."""
    return Secret(hkdf_sha256(secret.reveal(), info=context(*labels), length=length))


def wrap(secret: Secret, *, under: Secret, about: tuple[str, ...]) -> bytes:
    """
    Return a secret encrypted under another (AES-256-GCM), good to store.

    :param about: what it is for (grant and version, file …); the same is asked to unwrap it, so
        that a wrapped secret moved to another row opens nothing
    :returns: version (1 byte), nonce (12), ciphertext and tag (16 more than the secret)
    """
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(under.reveal()).encrypt(nonce, secret.reveal(), context(*about))
    return _FORMAT + nonce + sealed


def unwrap(wrapped: bytes, *, under: Secret, about: tuple[str, ...]) -> Secret:
    """
    Return the secret that :func:`wrap` stored.

    :raises KeyRefused: when the key, the context or the bytes are not the ones
    """
    head, nonce, sealed = wrapped[:1], wrapped[1 : 1 + NONCE_BYTES], wrapped[1 + NONCE_BYTES :]
    if head != _FORMAT:
        raise KeyRefused("This wrapped key has an unknown format.")
    try:
        return Secret(AESGCM(under.reveal()).decrypt(nonce, sealed, context(*about)))
    except (InvalidTag, ValueError):
        raise KeyRefused("This wrapped key does not open here.") from None


def hub_secret(master: MasterKey) -> Secret:
    """
    Return the secret of stage 1, of the house and not of any grant.

    It may come from the master, where a grant's may not: stage 1 has to live as long as the vault
    and the consents that are keyed by it, and nobody promises that it dies. Changing the master
    changes it: the house keeps the first one, wrapped, and reads that.
    """
    return derive(master.secret, "hub", "stage-1")


def stage_one_key(hub: Secret, attribute: str) -> Secret:
    """Return K_hub[attribute]: the key that turns an identifier into p0, once, at ingestion."""
    return derive(hub, "stage-1", attribute)


def wrapping_key(master: MasterKey, purpose: str) -> Secret:
    """Return the key under which the secrets of a purpose ("grants", "vault") are stored."""
    return derive(master.secret, "wrap", purpose)


def stage_two_key(grant: Secret, *domain: str) -> Secret:
    """Return K_psn[domain]: p0 → pid for one attribute of one grant (and dataset)."""
    return derive(grant, "stage-2", *domain)


def encryption_key(grant: Secret) -> Secret:
    """Return K_enc: the key under which the data keys of a grant's files are wrapped."""
    return derive(grant, "files")
