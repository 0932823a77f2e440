"""Write datasets: register, describe, open a release, publish, withdraw."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from catalog.datasets import queries
from catalog.datasets.description import DESCRIBABLE, Limits, refusals_about
from catalog.datasets.inference import propose_again
from catalog.datasets.models import Dataset, Field, Release
from catalog.datasets.rules import refusals_to_publish
from catalog.datasets.states import DatasetState, ReleaseState
from catalog.vocabularies.levels import Tier
from hub.audit.actions import record
from hub.kernel.refusals import Forbidden, Invalid, Refusal, Refused, Unknown, require
from hub.outbox.actions import owe
from hub.people.models import Organisation
from hub.people.permissions import Actor, Permission
from hub.people.queries import producers_of
from hub.web.preconditions import require_version

NO_PRODUCER = Refusal(
    "no-producer",
    "You are not an editor of this organisation.",
    "Act as a member with the role of editor of an organisation that produces data.",
)
UNIT_IS_FROZEN = Refusal(
    "unit-frozen",
    "The unit of observation of a published dataset does not change.",
    "Register another dataset, or withdraw this one.",
    about="unit",
)
IN_PREPARATION = Refusal(
    "release-in-preparation",
    "Another release of this dataset is being prepared.",
    "Publish it first, or go on with it.",
)
NOTHING_PREPARED = Refusal(
    "nothing-prepared",
    "No release of this dataset is being prepared.",
    "Open a new release, then give it a file or a table.",
)


def subject(dataset_id: UUID) -> str:
    """Return the name of a dataset in the trail."""
    return f"dataset:{dataset_id}"


def locked(*, dataset_id: UUID, by: Actor, expected: int | None = None) -> Dataset:
    """
    Lock a dataset that the actor may change, in the caller's transaction.

    :raises Unknown: when there is none for them
    :raises Forbidden: when it is not theirs to change
    :raises Stale: when they saw another version
    """
    queries.find_own(by, dataset_id)
    dataset = Dataset.objects.select_for_update(of=("self",)).get(pk=dataset_id)
    require_version(expected=expected, actual=dataset.version)
    return dataset


def touch(dataset: Dataset, at: datetime, *changed: str) -> None:
    """Save a change of a dataset as its next version."""
    dataset.version += 1
    dataset.changed_at = at
    dataset.save(update_fields=[*changed, "version", "changed_at"])


@transaction.atomic
def register(
    *,
    by: Actor,
    at: datetime,
    title: str,
    producer_id: UUID | None = None,
    release_label: str = "",
    slug: str = "",
    **description: Any,
) -> Dataset:
    """
    Register a dataset of a producer, as a draft with one release to fill.

    :raises Forbidden: when the actor is not an editor of the producer
    :raises Invalid: when a value is not right
    """
    producer = _producer(by, producer_id or by.organisation_id)
    dataset = Dataset(producer=producer, title=title.strip(), created_at=at, changed_at=at)
    _assign(dataset, {"title": title, **description})
    dataset.words = producer.name
    _save_with_slug(dataset, slug or slugify(title)[:90] or "dataset")
    Release.objects.create(
        dataset=dataset, label=release_label.strip() or str(at.year), created_at=at
    )
    record(kind="dataset.registered", by=by, subject=subject(dataset.pk), at=at)
    return dataset


def _producer(by: Actor, producer_id: UUID | None) -> Organisation:
    producers = producers_of(by, Permission.EDIT_DATASET)
    found = producers.filter(pk=producer_id).first() if producer_id else None
    if found is None:
        raise Forbidden([NO_PRODUCER])
    return found


def _save_with_slug(dataset: Dataset, wanted: str) -> None:
    for suffix in ["", *(f"-{number}" for number in range(2, 100))]:
        dataset.slug = f"{wanted}{suffix}"
        try:
            with transaction.atomic():
                dataset.save(force_insert=True)
        except IntegrityError:
            if not Dataset.objects.filter(slug=dataset.slug).exists():
                raise
        else:
            return
    raise Invalid([Refusal("title-taken", "Too many datasets have this title.", about="title")])


def _assign(dataset: Dataset, changes: Mapping[str, Any]) -> list[str]:
    """
    Put values on a dataset; return the names of those that changed.

    :raises Invalid: with every value that is not right
    """
    whole = {name: getattr(dataset, name) for name in ("period_start", "period_end")} | {**changes}
    refusals = list(
        refusals_about(
            whole,
            limits=Limits(
                smallest_k=settings.HUB_SMALLEST_K,
                largest_suppression=settings.HUB_LARGEST_SUPPRESSION,
                dominance_n=settings.HUB_DOMINANCE_N,
                dominance_k=settings.HUB_DOMINANCE_K,
            ),
        )
    )
    known = {name: value for name, value in changes.items() if name in DESCRIBABLE}
    changed = [name for name, value in known.items() if getattr(dataset, name) != value]
    for name, value in known.items():
        setattr(dataset, name, value)
    others = {one.name for one in Dataset._meta.get_fields()} - set(known)  # noqa: SLF001
    try:
        dataset.clean_fields(exclude=others)
    except ValidationError as error:
        refusals += [
            Refusal("invalid", message, about=name)
            for name, messages in error.message_dict.items()
            for message in messages
        ]
    if refusals:
        raise Invalid(refusals)
    return changed


@transaction.atomic
def describe(
    *,
    dataset_id: UUID,
    changes: Mapping[str, Any],
    expected: int | None = None,
    by: Actor,
    at: datetime,
) -> Dataset:
    """
    Change what is said of a dataset. Of a published one, what remains must still be publishable.

    :raises Invalid: when a value is not right
    :raises Refused: when the rules refuse the result
    :raises Stale: when somebody changed it meanwhile
    """
    dataset = locked(dataset_id=dataset_id, by=by, expected=expected)
    changed = _assign(dataset, changes)
    if not changed:
        return dataset
    if "unit" in changed:
        _unit_changed(dataset)
    touch(dataset, at, *changed)
    if dataset.state == DatasetState.PUBLISHED:
        _still_publishable(dataset)
    record(
        kind="dataset.described",
        by=by,
        subject=subject(dataset.pk),
        at=at,
        details={"changed": sorted(changed), "version": dataset.version},
    )
    return dataset


def _unit_changed(dataset: Dataset) -> None:
    """What a row speaks of weighs on every field: they are proposed, and confirmed, again."""
    if dataset.releases.filter(state=ReleaseState.PUBLISHED).exists():
        raise Refused([UNIT_IS_FROZEN])
    release = queries.prepared_release(dataset)
    if release is not None and release.state == ReleaseState.INGESTING:
        raise Refused([IN_PREPARATION])
    propose_again(dataset, release)


def _still_publishable(dataset: Dataset) -> None:
    release = queries.current_release(dataset)
    if release is None:
        return
    require(refusals_to_publish(queries.publication_draft(dataset, release)))
    tier = queries.computed_tier(dataset, queries.fields_of(release))
    if tier.rank < Tier(release.tier).rank:
        raise Refused(
            [
                Refusal(
                    "tier-loosened",
                    "The tier of a published release is tightened, never loosened.",
                    "Publish a new release with the wider tier.",
                    about="declared_tier",
                )
            ]
        )
    if tier != release.tier:
        release.tier = tier
        release.save(update_fields=["tier"])


@transaction.atomic
def open_release(
    *, dataset_id: UUID, label: str, expected: int | None = None, by: Actor, at: datetime
) -> Release:
    """
    Open a new release to fill; the one that readers get stays until it is published.

    :raises Invalid: when the label is empty or taken
    :raises Refused: when another one is being prepared, or the dataset was withdrawn
    """
    dataset = locked(dataset_id=dataset_id, by=by, expected=expected)
    if queries.prepared_release(dataset) is not None:
        raise Refused([IN_PREPARATION])
    wanted = label.strip()
    if not wanted or len(wanted) > 100 or dataset.releases.filter(label=wanted).exists():
        raise Invalid(
            [
                Refusal(
                    "release-label",
                    "A release has a label of its own, of at most 100 characters.",
                    "Name the vintage: “2025”, “rentrée 2025”…",
                    about="label",
                )
            ]
        )
    release = Release.objects.create(dataset=dataset, label=wanted, created_at=at)
    touch(dataset, at)
    record(
        kind="release.opened",
        by=by,
        subject=subject(dataset.pk),
        at=at,
        details={"release": release.pk},
    )
    return release


def publication_refusals(dataset: Dataset) -> list[Refusal]:
    """Return everything that is missing before the prepared release may be published."""
    release = queries.prepared_release(dataset)
    if release is None:
        return [NOTHING_PREPARED]
    return refusals_to_publish(queries.publication_draft(dataset, release))


@transaction.atomic
def publish(*, dataset_id: UUID, expected: int | None = None, by: Actor, at: datetime) -> Release:
    """
    Publish the prepared release, with its tier.

    :raises Refused: with every missing thing
    :raises Stale: when somebody changed the dataset meanwhile
    """
    dataset = locked(dataset_id=dataset_id, by=by, expected=expected)
    require(publication_refusals(dataset))
    release = queries.prepared_release(dataset)
    if release is None:
        raise Unknown
    release.tier = queries.computed_tier(dataset, queries.fields_of(release))
    release.state = ReleaseState.PUBLISHED
    release.published_at = at
    release.save(update_fields=["tier", "state", "published_at"])
    dataset.state = DatasetState.PUBLISHED
    dataset.published_at = dataset.published_at or at
    dataset.words = _words(dataset, release)
    touch(dataset, at, "state", "published_at", "words")
    record(
        kind="dataset.published",
        by=by,
        subject=subject(dataset.pk),
        at=at,
        details={"release": release.pk, "tier": release.tier, "rows": release.row_count},
    )
    return release


def _words(dataset: Dataset, release: Release) -> str:
    fields = Field.objects.filter(schema_id=release.schema_id).values_list("name", "label")
    names = (f"{name.replace('_', ' ')} {label}" for name, label in fields)
    return "\n".join([dataset.producer.name, *names])[:100_000]


@transaction.atomic
def withdraw(
    *, dataset_id: UUID, reason: str, expected: int | None = None, by: Actor, at: datetime
) -> Dataset:
    """
    Withdraw a dataset from the catalogue: nobody else sees it any more, and what was granted on
    it ends.

    :raises Invalid: without a reason
    :raises Refused: when it is not published
    """
    dataset = locked(dataset_id=dataset_id, by=by, expected=expected)
    if not reason.strip():
        raise Invalid([Refusal("no-reason", "Say why the dataset is withdrawn.", about="reason")])
    if dataset.state != DatasetState.PUBLISHED:
        raise Refused([Refusal("not-published", "This dataset is not published.")])
    dataset.state = DatasetState.WITHDRAWN
    dataset.withdrawn_at = at
    touch(dataset, at, "state", "withdrawn_at")
    record(
        kind="dataset.withdrawn", by=by, subject=subject(dataset.pk), at=at, reason=reason.strip()
    )
    owe(
        event="dataset.withdrawn",
        payload={"dataset_id": str(dataset.pk)},
        at=at,
        key=f"dataset.withdrawn:{dataset.pk}:{dataset.version}",
    )
    return dataset
