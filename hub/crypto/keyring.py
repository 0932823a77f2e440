"""
The master keys of the house, the present one and those that still open what they wrapped.

What is stored names its key: a mark, the key's identifier (8 bytes), then what
:func:`hub.crypto.keys.wrap` gives. What was stored before keys had company has no name: every key
is tried. Only the present key wraps.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from hub.crypto.keys import KeyRefused, MasterKey, Secret, derive, unwrap, wrap, wrapping_key

_NAMED = b"\x02"
_ID = 8


@dataclass(frozen=True, slots=True)
class Keyring:
    """
    :param present: wraps
    :param others: open what they wrapped, as long as they are here
    """

    present: MasterKey
    others: tuple[MasterKey, ...] = ()

    def wrap(
        self, secret: Secret, purpose: str, *about: str, share: Secret | None = None
    ) -> bytes:
        """
        Return a secret good to store.

        :param about: what it is for, asked again to open it
        :param share: a second key, kept elsewhere: without it no master key opens the secret
        """
        sealed = wrap(secret, under=_under(self.present, purpose, share), about=about)
        return _NAMED + bytes.fromhex(self.present.id) + sealed

    def unwrap(
        self, stored: bytes, purpose: str, *about: str, share: Secret | None = None
    ) -> Secret:
        """
        Return the secret that was stored.

        :raises KeyRefused: when its key is not here, or when it was stored for something else
        """
        for master, sealed in self._openers(stored):
            try:
                return unwrap(sealed, under=_under(master, purpose, share), about=about)
            except KeyRefused:
                continue
        raise KeyRefused("No key of the house opens this.")

    def is_present(self, stored: bytes) -> bool:
        """Tell whether a stored secret is known to be under the present key."""
        return stored[: 1 + _ID] == _NAMED + bytes.fromhex(self.present.id)

    def _openers(self, stored: bytes) -> Iterator[tuple[MasterKey, bytes]]:
        for master in (self.present, *self.others):
            if stored[:1] != _NAMED:
                yield master, stored
            elif stored[1 : 1 + _ID].hex() == master.id:
                yield master, stored[1 + _ID :]


def _under(master: MasterKey, purpose: str, share: Secret | None) -> Secret:
    under = wrapping_key(master, purpose)
    if share is None:
        return under
    # Both have a fixed length: neither alone tells anything of what hangs under the two.
    return derive(Secret(under.reveal() + share.reveal()), "wrap", "shared")
