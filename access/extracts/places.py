"""Where extracts lie: folders of the hub that only it reads."""

import os
import shutil
from pathlib import Path
from uuid import UUID

from django.conf import settings

from hub.crypto.keys import Secret, derive, encryption_key


def extracts() -> Path:
    """Return the folder of finished bundles, one folder an extract."""
    return _private("extracts")


def work() -> Path:
    """Return the folder where extracts are made: sealed as they are written, read by nobody."""
    return _private("staging")


def bundle_of(extract_id: UUID) -> Path:
    """Return where the bundle of an extract is published."""
    return extracts() / str(extract_id)


def draft_of(extract_id: UUID, attempt: int) -> Path:
    """Return where one attempt makes the bundle of an extract: two attempts never meet."""
    return work() / f"{extract_id}-{attempt}"


def incoming_of(extract_id: UUID, attempt: int) -> Path:
    """Return where the sealed files of a node's attempt arrive: it goes with the draft."""
    return work() / f".{extract_id}-{attempt}.incoming"


def file_key(grant_secret: Secret, extract_id: UUID) -> Secret:
    """Return the data key of an extract's files: it dies with the secret of the grant."""
    return derive(encryption_key(grant_secret), "extract", str(extract_id))


def publish(extract_id: UUID, attempt: int) -> None:
    """Put the whole bundle of an attempt in its place at once."""
    remove(extract_id)
    os.rename(draft_of(extract_id, attempt), bundle_of(extract_id))
    handle = os.open(extracts(), os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(extract_id: UUID) -> None:
    """Remove the published bytes of an extract."""
    shutil.rmtree(bundle_of(extract_id), ignore_errors=True)


def remove_draft(extract_id: UUID, attempt: int) -> None:
    """Remove what one attempt made or began to make."""
    draft = draft_of(extract_id, attempt)
    for path in (draft, *draft.parent.glob(f".{draft.name}.*")):
        shutil.rmtree(path, ignore_errors=True)


def published() -> dict[UUID, Path]:
    """Return the extracts that have published bytes."""
    found = ((_parsed(path.name), path) for path in extracts().iterdir())
    return {extract_id: path for extract_id, path in found if extract_id}


def drafts() -> dict[tuple[UUID, int], Path]:
    """Return the attempts that have bytes."""
    found = {}
    for path in work().iterdir():
        name, _dash, attempt = path.name.removeprefix(".").split(".")[0].rpartition("-")
        extract_id = _parsed(name)
        if extract_id and attempt.isdigit():
            found[extract_id, int(attempt)] = path
    return found


def _parsed(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def _private(name: str) -> Path:
    path = Path(settings.VAR_DIR) / name
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
