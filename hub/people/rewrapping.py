"""What is wrapped of people: the secrets of their second factors."""

import base64
from typing import Any

from allauth.mfa.models import Authenticator

from hub.crypto.keyring import Keyring
from hub.keyring.rewrapping import Place
from hub.people.adapters import PEOPLE, SECOND_FACTOR

_NAMES = ("secret", "seed")
"""Where allauth keeps what :class:`hub.people.adapters.MFAAdapter` encrypted."""


def _wrapped(row: Any) -> dict[str, bytes]:
    return {name: base64.b64decode(row.data[name]) for name in _NAMES if name in row.data}


def _is_current(row: Any, ring: Keyring) -> bool:
    return all(ring.is_present(stored) for stored in _wrapped(row).values())


def _renew(row: Any, ring: Keyring) -> None:
    for name, stored in _wrapped(row).items():
        secret = ring.unwrap(stored, PEOPLE, *SECOND_FACTOR)
        row.data[name] = base64.b64encode(ring.wrap(secret, PEOPLE, *SECOND_FACTOR)).decode()
    row.save(update_fields=["data"])


SECOND_FACTORS = Place(
    "second factors",
    lambda: Authenticator.objects.filter(type__in=["totp", "recovery_codes"]),
    _is_current,
    _renew,
)
