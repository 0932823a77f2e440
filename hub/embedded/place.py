"""Where one server lives and on which terms it runs."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hub.embedded.identity import Identity
from hub.embedded.refusals import CannotRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """
    What a server is given: ``home`` holds its ``data``, ``sockets`` is shared with its clients.

    ``inherited`` are descriptors it keeps open; without ``durable`` nothing is flushed to the disk.
    """

    home: Path
    sockets: Path
    log: Path
    identity: Identity
    environment: Mapping[str, str]
    inherited: tuple[int, ...]
    durable: bool

    @property
    def data(self) -> Path:
        """Return the folder of the server's own files."""
        return self.home / "data"


def make_private(folder: Path, *, identity: Identity) -> None:
    """
    Make a folder that the servers' user alone may enter, or give it back to that user.

    :raises CannotRun: when it belongs to somebody else, as a folder in a temporary one may
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if found.st_uid not in (identity.uid, os.geteuid()) or folder.is_symlink():
        raise CannotRun(
            f"{folder} belongs to another user: remove it, or choose another folder with HUB_VAR."
        )
    if found.st_uid != identity.uid:
        os.chown(folder, identity.uid, identity.gid)
    folder.chmod(0o700)


def give(home: Path, *, identity: Identity) -> None:
    """Give a server's whole home to its user: another one may have had it, run from elsewhere."""
    if os.geteuid() != 0 or not home.exists() or home.stat().st_uid == identity.uid:
        return
    for path in (home, *home.rglob("*")):
        os.chown(path, identity.uid, identity.gid, follow_symlinks=False)
