"""
Sign what leaves the house, and verify it elsewhere: Ed25519 (RFC 8032).

One key signs two kinds of texts, which cannot be taken for one another: the orders that go to
nodes begin with their domain; a list of checksums begins with a digit of a sum.
"""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hub.crypto.keys import Secret, derive

WIDTH = 32


class Signer:
    """Signs under a key that nothing shows."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message (64 bytes)."""
        return self._key.sign(message)

    @property
    def public(self) -> str:
        """Return the public key: its 32 bytes in base64."""
        raw = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        return base64.b64encode(raw).decode()

    @property
    def pem(self) -> str:
        """Return the public key as OpenSSL reads it."""
        public = self._key.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def signer_of(hub: Secret) -> Signer:
    """Return what signs for the house: its key hangs under the hub's secret."""
    seed = derive(hub, "signing", "ed25519", length=WIDTH)
    return Signer(Ed25519PrivateKey.from_private_bytes(seed.reveal()))


def is_public_key(text: str) -> bool:
    """Tell whether a text is a public key in base64."""
    try:
        return len(base64.b64decode(text, validate=True)) == WIDTH
    except (binascii.Error, ValueError):
        return False


def is_signed(message: bytes, signature: bytes, *, public: str) -> bool:
    """
    Tell whether a message was signed by the holder of a key.

    :param public: the public key, as :attr:`Signer.public` writes it
    """
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public, validate=True))
        key.verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
