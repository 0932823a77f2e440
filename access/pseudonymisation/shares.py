"""
The second half of each grant's key: a file a grant, out of the database and of its copies.

A file under ``HUB_GRANT_KEYS`` holds 32 random bytes. It is made whole or not at all, is its
owner's alone, and is overwritten and removed when the grant's secret is destroyed.
"""

import os
from errno import ENOENT
from pathlib import Path
from uuid import UUID

from django.conf import settings

from hub.crypto.keys import KEY_BYTES, Secret


def make(grant_id: UUID) -> Secret:
    """Return the share of a grant, made unless it is there: of two makers one wins whole."""
    path = _path(grant_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.urandom(8).hex()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        # A link fails where the name exists.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _settle(path.parent)
    return Secret(path.read_bytes())


def read(grant_id: UUID) -> Secret | None:
    """Return the share of a grant, None when it was destroyed or lost."""
    try:
        return Secret(_path(grant_id).read_bytes())
    except FileNotFoundError:
        return None


def require_folder() -> None:
    """
    Tell a share that is gone from a folder that is not mounted.

    :raises FileNotFoundError: when the folder is not there
    """
    if not Path(settings.HUB_GRANT_KEYS).is_dir():
        raise FileNotFoundError(ENOENT, "The folder of grants' keys (HUB_GRANT_KEYS) is not there")


def shred(grant_id: UUID) -> bool:
    """Destroy the share of a grant, its bytes before its name; tell whether there was one."""
    path = _path(grant_id)
    try:
        with path.open("r+b") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return False
    path.unlink()
    _settle(path.parent)
    return True


def _path(grant_id: UUID) -> Path:
    return Path(settings.HUB_GRANT_KEYS) / f"{grant_id}.share"


def _settle(folder: Path) -> None:
    """Write the names of a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
