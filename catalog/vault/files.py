"""Files of the vault: where they are, and how they appear whole or not at all."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings

from hub.kernel.identifiers import new_id

_PIECE = 1 << 20
_DRAFT = ".draft"


def folder() -> Path:
    """Return the folder of the vault, made when it is not there."""
    path = Path(settings.VAR_DIR) / "vault"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def new_name(release_id: UUID, suffix: str) -> str:
    """Return a name that no other file has, under the release's own folder."""
    return f"{release_id}/{new_id()}.{suffix}"


@contextmanager
def appearing(name: str) -> Iterator[Path]:
    """
    Give a path to write; the file appears under its name, whole and on disk, when all went well.

    Otherwise nothing stays; what a killed process leaves is a draft that the sweep removes.
    """
    final = folder() / name
    final.parent.mkdir(mode=0o700, exist_ok=True)
    draft = final.with_name(final.name + _DRAFT)
    try:
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.rename(final)
    finally:
        draft.unlink(missing_ok=True)


def digest(name: str) -> tuple[int, str]:
    """Return the size and the SHA-256 of a file."""
    hashed = hashlib.sha256()
    size = 0
    with (folder() / name).open("rb") as file:
        while piece := file.read(_PIECE):
            hashed.update(piece)
            size += len(piece)
    return size, hashed.hexdigest()


def remove(name: str) -> None:
    """Remove a file, and its folder when it was the last one."""
    path = folder() / name
    path.unlink(missing_ok=True)
    try:
        path.parent.rmdir()
    except OSError:
        return


def unknown(*, known: frozenset[str], before: float) -> list[str]:
    """Return the names of files that no release names, older than a moment (seconds)."""
    root = folder()
    return [
        str(path.relative_to(root))
        for path in root.glob("*/*")
        if str(path.relative_to(root)) not in known and path.stat().st_mtime < before
    ]
