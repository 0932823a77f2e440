"""Where extracts lie: folders of the hub that only it reads."""

import shutil
from collections.abc import Container, Iterator
from pathlib import Path
from uuid import UUID

from django.conf import settings

from access.extracts.bundle import PARTIAL
from hub.crypto.keys import Secret, derive, encryption_key


def extracts() -> Path:
    """Return the folder of published bundles, one folder an extract."""
    return _private("extracts")


def work() -> Path:
    """Return the folder of the engine's temporary files, which have no name and are encrypted."""
    return _private("staging")


def bundle_of(extract_id: UUID) -> Path:
    """Return where the bundle of an extract is published."""
    return extracts() / str(extract_id)


def file_key(grant_secret: Secret, extract_id: UUID) -> Secret:
    """Return the data key of an extract's files: it dies with the secret of the grant."""
    return derive(encryption_key(grant_secret), "extract", str(extract_id))


def remove(extract_id: UUID) -> None:
    """Remove the bytes of an extract: what is published, and what was being made."""
    shutil.rmtree(bundle_of(extract_id), ignore_errors=True)
    for left in extracts().glob(f".{extract_id}.*{PARTIAL}"):
        shutil.rmtree(left, ignore_errors=True)


def strangers(known: Container[UUID]) -> Iterator[UUID]:
    """Yield the extracts that have bytes in the folder and are not among the known ones."""
    for path in extracts().iterdir():
        name = path.name.removeprefix(".").split(".")[0]
        try:
            extract_id = UUID(name)
        except ValueError:
            continue
        if extract_id not in known:
            yield extract_id


def _private(name: str) -> Path:
    path = Path(settings.VAR_DIR) / name
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
