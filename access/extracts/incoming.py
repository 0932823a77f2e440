"""
What goes to a node and comes back from it as bytes: sealed on both ways.

The list of persons goes under a key that only the letter holds. The files come back under the key
of the extract, in pieces, each with its sum; a link that was cut goes on where it stopped.
"""

import hashlib
import hmac
import os
from pathlib import Path
from typing import Protocol
from uuid import UUID

from django.conf import settings

from access.extracts import places
from access.extracts.ports import CONSENTS, SubjectSet
from hub.crypto.files import SealedWriter
from hub.crypto.keys import Secret
from hub.kernel.refusals import Invalid, Refusal, Refused, Unknown

LARGEST_PIECE = 8 << 20


class Bytes(Protocol):
    """Something that bytes are read from."""

    def read(self, size: int, /) -> bytes: ...


def keep_consents(extract_id: UUID, attempt: int, consent: SubjectSet, key: Secret) -> None:
    """Write the list of persons for the node, sealed: the hub forgets the key."""
    path = _folder(extract_id, attempt) / CONSENTS
    with path.open("wb") as file, SealedWriter(file, key, CONSENTS.encode()) as sealed:
        sealed.write(consent.content)


def consents_of(extract_id: UUID, attempt: int) -> Path:
    """
    Return where the sealed list of persons is.

    :raises Unknown: when the extract asks nobody
    """
    path = places.incoming_of(extract_id, attempt) / CONSENTS
    if not path.is_file():
        raise Unknown
    return path


def received(extract_id: UUID, attempt: int, name: str) -> int:
    """Return how many bytes of a file have arrived."""
    path = places.incoming_of(extract_id, attempt) / name
    return path.stat().st_size if path.is_file() else 0


def receive(
    extract_id: UUID, attempt: int, name: str, *, offset: int, content: Bytes, sha256: bytes
) -> int:
    """
    Add a piece to a file; return how many bytes have arrived now.

    :param name: one that the plan makes: the caller asks
    :param sha256: of the piece
    :raises Invalid: when the piece is not of its sum, or more than a file may have
    :raises Refused: when it does not begin where the file ends
    """
    piece = content.read(LARGEST_PIECE + 1)
    if len(piece) > LARGEST_PIECE or offset + len(piece) > settings.HUB_NODE_LIMIT:
        raise Invalid([TOO_LARGE])
    if not hmac.compare_digest(hashlib.sha256(piece).digest(), sha256):
        raise Invalid([DAMAGED])
    path = _folder(extract_id, attempt) / name
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        if file.seek(0, os.SEEK_END) != offset:
            raise Refused([NOT_THERE])
        file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return offset + len(piece)


def _folder(extract_id: UUID, attempt: int) -> Path:
    path = places.incoming_of(extract_id, attempt)
    path.mkdir(mode=0o700, exist_ok=True)
    return path


TOO_LARGE = Refusal(
    "piece-too-large",
    "The piece, or the file, is larger than a node may send.",
    "Send pieces of at most 8 MiB; the operator of the hub sets the size of files.",
)
DAMAGED = Refusal(
    "piece-damaged", "The piece is not of its sum.", "Send it again.", about="Content-Digest"
)
NOT_THERE = Refusal(
    "piece-elsewhere",
    "The piece does not begin where the file ends.",
    "Ask how much has arrived, then go on from there.",
    about="Upload-Offset",
)
