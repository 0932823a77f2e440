"""What the vault says of a release to its dataset: rows being taken in, taken in, refused."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from catalog.datasets import queries, uploads
from catalog.datasets.actions import locked, subject, touch
from catalog.datasets.models import Field, Release, Source
from catalog.datasets.sources import open_to_change
from catalog.datasets.states import POINTED, ReleaseState, SourceKind
from catalog.vocabularies.levels import Level
from hub.audit.actions import record
from hub.kernel.refusals import Refusal, require
from hub.people.permissions import HUB, Actor

LONGEST_EXAMPLE = 60


@transaction.atomic
def begin(*, dataset_id: UUID, by: Actor, at: datetime) -> Release:
    """
    Mark the prepared release as being taken in.

    :raises Refused: without a source, or while a field's level is not confirmed
    """
    dataset = locked(dataset_id=dataset_id, by=by)
    release = open_to_change(dataset)
    require(_missing(release))
    release.state = ReleaseState.INGESTING
    release.save(update_fields=["state"])
    touch(dataset, at)
    record(
        kind="release.ingestion_asked",
        by=by,
        subject=subject(dataset.pk),
        at=at,
        details={"release": release.pk},
    )
    return release


def _missing(release: Release) -> list[Refusal]:
    source = queries.source_of(release)
    if source is None or not (source.path or source.kind in {*POINTED, SourceKind.NODE}):
        return [
            Refusal(
                "no-source",
                "This release has no file and no table to read.",
                "Give a file, or point to a table.",
                about="source",
            )
        ]
    return [
        Refusal(
            "unconfirmed_level",
            "The confidentiality level of the field “%(field)s” is not confirmed.",
            "Confirm the proposed level, or choose another.",
            values={"field": one.name},
            about=one.name,
        )
        for one in queries.fields_of(release)
        if not one.confirmed
    ]


@transaction.atomic
def done(*, release_id: UUID, row_count: int, examples: Mapping[str, str], at: datetime) -> None:
    """Mark a release as taken in; what was uploaded is not needed any more and goes."""
    release = Release.objects.select_for_update(of=("self",)).get(pk=release_id)
    release.state = ReleaseState.READY
    release.row_count = row_count
    release.save(update_fields=["state", "row_count"])
    _give_examples(release, examples)
    source = Source.objects.get(release=release)
    name = source.path
    source.path, source.wrapped_key = "", None
    source.save(update_fields=["path", "wrapped_key"])
    transaction.on_commit(lambda: uploads.remove(name))
    record(
        kind="release.ingested",
        by=HUB,
        subject=subject(release.dataset_id),
        at=at,
        details={"release": release.pk, "rows": row_count},
    )


def _give_examples(release: Release, examples: Mapping[str, str]) -> None:
    harmless = Field.objects.filter(
        schema_id=release.schema_id, example="", confirmed=True, level__lte=Level.AGGREGATED
    )
    changed = []
    for one in harmless.filter(name__in=list(examples)):
        one.example = examples[one.name][:LONGEST_EXAMPLE]
        changed.append(one)
    Field.objects.bulk_update(changed, ["example"])


@transaction.atomic
def failed(*, release_id: UUID, codes: list[str], at: datetime) -> None:
    """Mark a release as refused by what its rows hold; the source stays, to be corrected."""
    release = Release.objects.select_for_update(of=("self",)).get(pk=release_id)
    release.state = ReleaseState.FAILED
    release.save(update_fields=["state"])
    record(
        kind="release.ingestion_failed",
        by=HUB,
        subject=subject(release.dataset_id),
        at=at,
        details={"release": release.pk, "codes": codes},
    )
