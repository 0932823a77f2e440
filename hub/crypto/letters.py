"""
Letters that one recipient alone can open (age, X25519): how keys travel to a producer's node.

The private half is made at the node and never leaves it; the hub knows the recipient only.
"""

import pyrage
from pyrage import x25519

from hub.crypto.keys import Secret


class LetterRefused(Exception):
    """This letter is not for whoever opens it, or it was altered."""


def new_identity() -> Secret:
    """Return a new private key, as age writes it."""
    return Secret(str(x25519.Identity.generate()).encode())


def recipient_of(identity: Secret) -> str:
    """
    Return the public half of a private key: ``age1…``.

    :raises ValueError: when it is no private key of age
    """
    return str(_identity(identity).to_public())


def is_recipient(text: str) -> bool:
    """Tell whether a text names a recipient."""
    try:
        x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        return False
    return True


def seal(content: bytes, *, to: str) -> bytes:
    """
    Return bytes that only the holder of the recipient's private key can open.

    :raises ValueError: when it names no recipient
    """
    try:
        return bytes(pyrage.encrypt(content, [x25519.Recipient.from_str(to)]))
    except pyrage.RecipientError:
        raise ValueError("This is not a recipient.") from None


def unseal(letter: bytes, identity: Secret) -> bytes:
    """
    Open a letter.

    :raises LetterRefused: when it is for somebody else, or altered
    """
    try:
        return bytes(pyrage.decrypt(letter, [_identity(identity)]))
    except pyrage.DecryptError:
        raise LetterRefused("This letter does not open with this key.") from None


def _identity(secret: Secret) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(secret.reveal().decode())
    except (pyrage.IdentityError, UnicodeDecodeError):
        raise ValueError("This is not a private key of age.") from None
