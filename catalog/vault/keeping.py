"""Change which files a release has. The bytes go once the rows that name them are gone."""

from uuid import UUID

from django.db import transaction

from catalog.vault import copies, files, queries
from catalog.vault.models import VaultFile

_WRITERS = {"parquet": copies.copy_parquet, "csv": copies.copy_csv}


def drop_files(release_id: UUID, *, clear_only: bool = False) -> None:
    """Forget the files of a release, or only its clear copies; called in a transaction."""
    found = VaultFile.objects.filter(release_id=release_id)
    if clear_only:
        found = found.filter(clear=True)
    names = list(found.values_list("path", flat=True))
    found.delete()
    for name in names:
        _remove_after_commit(name)


def _remove_after_commit(name: str) -> None:
    transaction.on_commit(lambda: files.remove(name))


def make_copies(release_id: UUID) -> None:
    """Write the clear copies of an open release, if they are not there; in a transaction."""
    sealed = VaultFile.objects.get(release_id=release_id, format="parquet", clear=False)
    made: list[str] = []
    try:
        for file_format, write in _WRITERS.items():
            if queries.open_copy(release_id, file_format) is not None:
                continue
            name = files.new_name(release_id, file_format)
            with files.appearing(name) as path:
                write(files.folder() / sealed.path, queries.key_of(sealed), path)
            made.append(name)
            size, sha256 = files.digest(name)
            VaultFile.objects.create(
                release_id=release_id,
                format=file_format,
                path=name,
                clear=True,
                rows=sealed.rows,
                bytes=size,
                sha256=sha256,
            )
    except BaseException:
        for name in made:
            files.remove(name)
        raise
