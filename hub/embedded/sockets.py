"""Where the servers' unix sockets live: beside the data, or in a short private folder."""

import hashlib
import os
import re
import tempfile
from pathlib import Path

LONGEST_NAME = ".s.PGSQL.5432"
# sun_path holds 108 bytes on Linux and 104 on macOS, the final zero included.
LIMIT = 103
# Commas separate folders for PostgreSQL, and URLs quote the rest: a plain path needs neither.
PLAIN = re.compile(r"[A-Za-z0-9/._+-]+")


def socket_folder(var: Path) -> Path:
    """
    Return the folder of the sockets of the hub on ``var``, the same at each call.

    It is ``var/run``, or, where that is too long for a socket or is not plain ASCII, a folder
    of the system's temporary folder named after ``var``.
    """
    beside = var / "run"
    longest = str(beside / LONGEST_NAME)
    if PLAIN.fullmatch(longest) and len(longest) <= LIMIT:
        return beside
    digest = hashlib.sha256(os.fsencode(var)).hexdigest()[:16]
    return Path(tempfile.gettempdir()).resolve() / f"hub-{digest}"
