"""Where the rows of a release come from: attach an upload or a place, and look at it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import PurePath
from typing import Any
from uuid import UUID

from django.db import transaction

from catalog.connectors.errors import ConnectorError
from catalog.connectors.files import Reading, open_file
from catalog.connectors.port import Connector, Inspection
from catalog.datasets import queries, uploads
from catalog.datasets.actions import IN_PREPARATION, NOTHING_PREPARED, locked, subject, touch
from catalog.datasets.inference import infer_fields
from catalog.datasets.models import Dataset, Release, Source
from catalog.datasets.places import PLACES, columns_of, connected
from catalog.datasets.profiles import ColumnProfile, profile_sample
from catalog.datasets.states import OPEN_TO_CHANGE, ReleaseState, SourceKind
from catalog.datasets.uploads import Upload
from hub.audit.actions import record
from hub.kernel.refusals import Invalid, Refusal, Refused
from hub.people.permissions import Actor

LONGEST_NAME = 200


def attach_upload(
    *,
    dataset_id: UUID,
    upload: Upload,
    file_name: str = "",
    sheet: str = "",
    expected: int | None = None,
    by: Actor,
    at: datetime,
) -> Release:
    """
    Make an upload the source of the prepared release, and propose its fields.

    The file is recognised by its bytes and looked at first: one that cannot be read is removed,
    and the former source stays.

    :raises Invalid: when the file cannot be read as a table, with the reason
    :raises Refused: when no release is open to a new source
    :raises Stale: when somebody changed the dataset meanwhile
    """
    reading = Reading(sheet=sheet)
    try:
        queries.find_own(by, dataset_id)
        with uploads.unsealed(upload.name, upload.wrapped_key) as path, _refusing("file"):
            kind, connector = open_file(path, reading)
            with connector as rows:
                seen = _look(rows, about="file")
        return _attach(
            dataset_id=dataset_id,
            seen=seen,
            expected=expected,
            by=by,
            at=at,
            values={
                "kind": SourceKind(kind),
                "path": upload.name,
                "wrapped_key": upload.wrapped_key,
                "file_name": PurePath(file_name).name[:255],
                "bytes": upload.size,
                "settings": asdict(reading),
            },
        )
    except BaseException:
        uploads.remove(upload.name)
        raise


def point_to(
    *,
    dataset_id: UUID,
    kind: SourceKind,
    place: Any,
    expected: int | None = None,
    by: Actor,
    at: datetime,
) -> Release:
    """
    Make a place outside the hub the source of the prepared release, and propose its fields.

    ``place`` holds the settings of its kind (``catalog.datasets.places``).

    :raises Invalid: when the hub may not go there, or the rows cannot be read
    :raises Refused: when no release is open to a new source
    :raises Stale: when somebody changed the dataset meanwhile
    """
    queries.find_own(by, dataset_id)
    about = PLACES[kind].about
    with _refusing(about), connected(kind, place) as rows:
        seen = _look(rows, about=about)
    return _attach(
        dataset_id=dataset_id,
        seen=seen,
        expected=expected,
        by=by,
        at=at,
        values=columns_of(kind, place),
    )


@contextmanager
def _refusing(about: str) -> Iterator[None]:
    """Turn what a connector says into a refusal."""
    try:
        yield
    except ConnectorError as error:
        raise Invalid([error.as_refusal(about=about)]) from None


def _look(rows: Connector, *, about: str) -> Inspection:
    """Inspect a source, and refuse the names that no dictionary could hold."""
    seen = rows.inspect()
    too_long = next((c.position for c in seen.columns if len(c.name) > LONGEST_NAME), None)
    if too_long is not None:
        raise Invalid(
            [
                Refusal(
                    "column-name-too-long",
                    "The name of column %(position)s has more than %(limit)s characters.",
                    "Check that the first line holds the names of the columns.",
                    values={"position": too_long, "limit": LONGEST_NAME},
                    about=about,
                )
            ]
        )
    return seen


def _attach(
    *,
    dataset_id: UUID,
    seen: Inspection,
    values: dict[str, Any],
    expected: int | None,
    by: Actor,
    at: datetime,
) -> Release:
    looked_at = {
        "dialect": asdict(seen.dialect) if seen.dialect else None,
        "row_count": seen.row_count,
    }
    return attach(
        dataset_id=dataset_id,
        profiles=profile_sample(seen.sample),
        values={**looked_at, **values},
        expected=expected,
        by=by,
        at=at,
    )


@transaction.atomic
def attach(
    *,
    dataset_id: UUID,
    profiles: Sequence[ColumnProfile],
    values: dict[str, Any],
    expected: int | None,
    by: Actor,
    at: datetime,
) -> Release:
    """
    Make a source the one of the prepared release, and propose its fields from counts.

    :param values: of the row that says where the source is
    :raises Refused: when no release is open to a new source
    :raises Stale: when somebody changed the dataset meanwhile
    """
    dataset = locked(dataset_id=dataset_id, by=by, expected=expected)
    release = open_to_change(dataset)
    former = queries.source_of(release)
    Source.objects.filter(release=release).delete()
    Source.objects.create(release=release, attached_at=at, **values)
    release.schema = infer_fields(dataset, release, profiles, at)
    release.state = ReleaseState.DRAFT
    release.row_count = None
    release.save(update_fields=["schema", "state", "row_count"])
    touch(dataset, at)
    record(
        kind="release.source_attached",
        by=by,
        subject=subject(dataset.pk),
        at=at,
        details={
            "release": release.pk,
            "kind": values["kind"],
            "columns": len(profiles),
            "bytes": values.get("bytes"),
        },
    )
    if former is not None:
        transaction.on_commit(lambda: uploads.remove(former.path))
    return release


def open_to_change(dataset: Dataset) -> Release:
    """
    Return the prepared release of a locked dataset when its source and fields may change.

    :raises Refused: when there is none, or while its rows are being taken in
    """
    release = queries.prepared_release(dataset)
    if release is None:
        raise Refused([NOTHING_PREPARED])
    if release.state not in OPEN_TO_CHANGE:
        raise Refused([IN_PREPARATION])
    return release
