"""
Keys that people hold: shown once, kept by one person, typed in again.

160 random bits, written as eight groups of four letters and digits. The hub keeps a digest only:
of so many random bits it tells nothing. What such keys protect is sealed in layers, one a key: a
layer is added without the key of the one below.
"""

import base64
import hashlib
import hmac
import os

from hub.crypto.keys import Secret, context, derive, unwrap, wrap

BYTES = 20
GROUP = 4
_ALIKE = str.maketrans({"0": "O", "1": "I", "8": "B", "-": None})


def new_key() -> str:
    """Return a new key as a person reads it: ``ABCD-EFGH-…``, 32 signs in base32."""
    text = base64.b32encode(os.urandom(BYTES)).decode()
    return "-".join(text[at : at + GROUP] for at in range(0, len(text), GROUP))


def read_key(text: str) -> Secret:
    """
    Return the key that a person typed: case, blanks, hyphens and look-alikes do not matter.

    :raises ValueError: when it is no such key
    """
    plain = "".join(text.upper().split()).translate(_ALIKE)
    key = base64.b32decode(plain)
    if len(key) != BYTES:
        raise ValueError("A key that a person holds has 32 signs.")
    return Secret(key)


def digest_of(key: Secret, *about: str) -> bytes:
    """Return what may be stored of a key: 32 bytes, bound to what the key is for."""
    return hashlib.sha256(context("held", *about) + key.reveal()).digest()


def is_key(key: Secret, digest: bytes, *about: str) -> bool:
    """Tell whether a key is the one of a digest, in constant time."""
    return hmac.compare_digest(digest_of(key, *about), digest)


def layered(content: bytes, *, under: Secret, about: tuple[str, ...]) -> bytes:
    """
    Seal bytes under one more key.

    :param about: what it is for, asked again to take the layer off
    """
    return wrap(Secret(content), under=derive(under, "layer", *about), about=about)


def peeled(sealed: bytes, *, under: Secret, about: tuple[str, ...]) -> bytes:
    """
    Take one layer off.

    :raises KeyRefused: when the key, the context or the bytes are not the ones
    """
    return unwrap(sealed, under=derive(under, "layer", *about), about=about).reveal()
