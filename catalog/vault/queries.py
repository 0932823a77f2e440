"""Read what the vault holds, and how far the jobs are."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from django.db.models import Sum

from catalog.datasets.house_keys import VAULT, unwrapped
from catalog.datasets.states import UNFINISHED
from catalog.vault import files
from catalog.vault.models import DownloadTally, Ingestion, VaultFile
from hub.crypto.keys import Secret


@dataclass(frozen=True, slots=True)
class VaultPart:
    """One Parquet file of a release. ``key`` is None when it is in clear."""

    path: Path
    key: Secret | None = field(repr=False)
    rows: int


@dataclass(frozen=True, slots=True)
class OpenCopy:
    """A clear copy that anyone may download."""

    path: Path
    size: int
    sha256: str
    format: str


def release_files(release_id: UUID) -> list[VaultPart]:
    """Return the sealed Parquet files that hold a release's rows, in order."""
    stored = VaultFile.objects.filter(release_id=release_id, format="parquet", clear=False)
    return [
        VaultPart(files.folder() / one.path, key_of(one), one.rows)
        for one in stored.order_by("id")
    ]


def key_of(one: VaultFile) -> Secret | None:
    """Return the data key of a file of the vault."""
    if one.wrapped_key is None:
        return None
    return unwrapped(bytes(one.wrapped_key), VAULT, one.path)


def open_copy(release_id: UUID, file_format: str) -> OpenCopy | None:
    """Return the clear copy of a release in a format, None when there is none."""
    one = VaultFile.objects.filter(release_id=release_id, format=file_format, clear=True).first()
    if one is None:
        return None
    return OpenCopy(files.folder() / one.path, one.bytes, one.sha256, one.format)


def open_copies(release_id: UUID) -> Sequence[OpenCopy]:
    """Return the clear copies of a release, CSV first."""
    found = (open_copy(release_id, file_format) for file_format in ("csv", "parquet"))
    return [one for one in found if one is not None]


def ingestion_of(release_id: UUID) -> Ingestion | None:
    """Return the last job of a release, None when there was none."""
    return Ingestion.objects.filter(release_id=release_id).order_by("-id").first()


def is_unfinished(ingestion: Ingestion | None) -> bool:
    """Tell whether a job waits or runs."""
    return ingestion is not None and ingestion.state in UNFINISHED


def downloads_of(dataset_id: UUID) -> int:
    """Return how often the open copies of a dataset were downloaded."""
    tallies = DownloadTally.objects.filter(release__dataset_id=dataset_id)
    return tallies.aggregate(total=Sum("number"))["total"] or 0


def files_in_use() -> frozenset[str]:
    """Return the names of all files that the vault knows."""
    return frozenset(VaultFile.objects.values_list("path", flat=True))
