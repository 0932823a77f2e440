"""
How the pseudonyms of a demand are kept: in layers, one a key. Pure.

Filed: under the key of whoever filed, then below the secret of the grant. Approved: the key of the
second person comes between the two, added without opening what is inside.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from hub.crypto.held_keys import digest_of, is_key, layered, peeled, read_key
from hub.crypto.keys import KeyRefused, Secret
from hub.crypto.prf import WIDTH
from hub.kernel.refusals import Invalid, Refusal, Refused

FILING, APPROVAL = "filing", "approval"
ALTERED = Refusal(
    "altered",
    "What is kept of this demand does not open with its keys.",
    "Close it, and tell the operator of the hub.",
)


@dataclass(frozen=True, slots=True)
class Keys:
    """The two keys, as they were typed."""

    filing: str = field(repr=False)
    approval: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Typed:
    """The two keys, read."""

    filing: Secret
    approval: Secret


def typed(keys: Keys) -> Typed:
    """
    Read two keys.

    :raises Invalid: when one is not written as a key: it cannot be the right one
    """
    found, wrong = [], []
    for name, text in (("filing_key", keys.filing), ("approval_key", keys.approval)):
        try:
            found.append(read_key(text))
        except ValueError:
            wrong.append(
                Refusal(
                    "not-a-key",
                    "A key has 32 letters and digits, in groups of four.",
                    "Type it as it was shown; this try is not counted.",
                    about=name,
                )
            )
    if wrong:
        raise Invalid(wrong)
    return Typed(*found)


def digest(key: str, number: UUID, whose: str) -> bytes:
    """Return what is stored of a key of a demand."""
    return digest_of(read_key(key), *_about(number), whose)


def are_right(keys: Typed, number: UUID, *, filing: bytes, approval: bytes) -> bool:
    """Tell whether both keys are those of two digests; how long it takes tells of neither."""
    about = _about(number)
    of_filing = is_key(keys.filing, filing, *about, FILING)
    of_approval = is_key(keys.approval, approval, *about, APPROVAL)
    return of_filing and of_approval


def sealed(pids: Sequence[bytes], number: UUID, *, key: str, secret: Secret) -> bytes:
    """
    Return the pseudonyms of a demand, good to store.

    :param pids: 16 bytes each
    :param key: of whoever filed
    :param secret: of the grant
    """
    about = _about(number)
    inner = layered(b"".join(pids), under=read_key(key), about=about)
    return layered(inner, under=secret, about=about)


def sealed_again(stored: bytes, number: UUID, *, key: str, secret: Secret) -> bytes:
    """
    Return what was stored with one more layer.

    :param key: of the second person
    :raises Refused: when what was stored was altered
    """
    about = _about(number)
    inner = layered(_peeled(stored, secret, about), under=read_key(key), about=about)
    return layered(inner, under=secret, about=about)


def opened(stored: bytes, number: UUID, *, keys: Typed, secret: Secret) -> list[bytes]:
    """
    Return the pseudonyms of an approved demand, 16 bytes each.

    :raises Refused: when what was stored was altered
    """
    content = stored
    for key in (secret, keys.approval, keys.filing):
        content = _peeled(content, key, _about(number))
    return [content[start : start + WIDTH] for start in range(0, len(content), WIDTH)]


def _peeled(stored: bytes, under: Secret, about: tuple[str, ...]) -> bytes:
    try:
        return peeled(stored, under=under, about=about)
    except KeyRefused:
        raise Refused([ALTERED]) from None


def _about(number: UUID) -> tuple[str, str]:
    """Return what every layer and every digest is bound to."""
    return ("reidentification", str(number))
