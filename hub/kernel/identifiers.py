"""Identifiers: the hub's own, and those that the French education system writes in its files."""

import re
from uuid import UUID

import uuid_utils.compat

UAI_KEYS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_UAI = re.compile(r"[0-9]{7}[A-Z]")
_INE = re.compile(
    r"[0-9]{9}[A-HJK]{2}"  # INE of the BEA (1995-)
    r"|[0-9]{10}[A-HJ-NPR-Z]"  # INE of the BEA, one letter
    r"|[0-9A-Z]{10}[0-9]"  # national RNIE form (2018-)
    r"|[0-9]{4}[AD][0-9]{5}[A-HJ-NPR-Z]"  # SIFA and provisional forms
)


def new_id() -> UUID:
    """Return an opaque identifier that sorts by time of creation (UUID version 7, RFC 9562)."""
    return uuid_utils.compat.uuid7()


def is_uai(text: str) -> bool:
    """
    Tell whether a text is a school's UAI code with the right key letter.

    Source: the key is the remainder of the seven digits by 23 in an alphabet without I, O and Q.
    """
    if not _UAI.fullmatch(text):
        return False
    return UAI_KEYS[int(text[:7]) % 23] == text[7]


def looks_like_ine(text: str) -> bool:
    """Tell whether a text has the shape of a national pupil identifier (11 characters)."""
    return _INE.fullmatch(text.strip().upper()) is not None
