"""
Find, in a plain-text dump of the database, everything that could be a wrapped secret. Pure.

Whatever its table: what opens a secret does not need its place.
"""

import re
from collections.abc import Iterable, Iterator

ARCHIVE = b"PGDMP"
"""How what pg_dump writes begins when it is no plain text."""
SHORTEST, LONGEST = 32, 512
"""A wrapped secret has more bytes than the first, and no more than the second."""
_VALUE = re.compile(rb"\\x((?:[0-9a-fA-F]{2}){%d,%d})(?![0-9a-fA-F])" % (SHORTEST + 1, LONGEST))


def values(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Return the values of bytes of a dump, as ``COPY`` and as ``INSERT`` write them."""
    for line in lines:
        for found in _VALUE.findall(line):
            yield bytes.fromhex(found.decode())
