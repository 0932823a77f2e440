"""Read datasets: who may see which, and what they are, as plain values."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery
from guardian.shortcuts import get_objects_for_user

from catalog.datasets.hierarchies import OwnHierarchy
from catalog.datasets.models import Dataset, Field, Release, Source
from catalog.datasets.rules import FieldDraft, PublicationDraft, lowest_tier, tighter
from catalog.datasets.snapshots import (
    DatasetSnapshot,
    Intake,
)
from catalog.datasets.states import CrossingRule, DatasetState, ReleaseState, SourceKind
from catalog.datasets.values import (
    field_snapshot,
    level_of,
    member,
    own_hierarchy,
    producer_snapshot,
    release_snapshot,
)
from catalog.vocabularies.legal_bases import LegalBasis
from catalog.vocabularies.levels import Tier, Unit
from catalog.vocabularies.licences import Licence
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.purposes import Purpose
from hub.kernel.refusals import Forbidden, Refusal, Unknown
from hub.people.models import User
from hub.people.permissions import DATASET_SIDE, Actor, Permission, Profile, Role
from hub.people.queries import is_entitled, producers_of

NOT_YOURS = Refusal(
    "not-your-dataset",
    "Only the editors of this dataset's producer may change it.",
    "Act as a member of the producer with the role of editor, or ask its editors.",
)


# -- who sees and changes what ------------------------------------------------------------------


def held_by(actor: Actor | None, *permissions: Permission) -> QuerySet[Dataset]:
    """Return the datasets on which an actor holds one of these permissions (any, by default)."""
    if actor is None or actor.user_id is None:
        return Dataset.objects.none()
    asked = permissions or tuple(DATASET_SIDE)
    held = [permission for permission in asked if DATASET_SIDE[permission][0] in actor.roles]
    if not held:
        return Dataset.objects.none()
    user = User.objects.get(pk=actor.user_id)
    wanted = Q(pk__in=[])
    for permission in held:
        alone = get_objects_for_user(
            user, permission, klass=Dataset, accept_global_perms=False, with_superuser=False
        )
        wanted |= Q(producer__in=producers_of(actor, permission)) | Q(pk__in=alone.values("pk"))
    return Dataset.objects.filter(wanted).select_related("producer").order_by("-changed_at")


def seen_by(actor: Actor | None) -> QuerySet[Dataset]:
    """Return the published datasets, and those that the actor may know of before or after."""
    everything = Dataset.objects.select_related("producer")
    if actor is not None and Role.AUDITOR in actor.roles:
        return everything
    own = held_by(actor).order_by().values("pk")
    return everything.filter(Q(state=DatasetState.PUBLISHED) | Q(pk__in=own))


def find(actor: Actor | None, reference: UUID | str) -> Dataset:
    """
    Return a dataset that the actor may see, by slug or identifier.

    :raises Unknown: when there is none for them
    """
    found = seen_by(actor).filter(_named(reference)).first()
    if found is None:
        raise Unknown
    return found


def find_own(actor: Actor, reference: UUID | str) -> Dataset:
    """
    Return a dataset that the actor may change.

    :raises Unknown: when there is none for them
    :raises Forbidden: when they see it and may not change it
    """
    found = find(actor, reference)
    require_editor(actor, found)
    return found


def may_edit(actor: Actor | None, dataset: Dataset) -> bool:
    """Tell whether an actor may change a dataset."""
    return actor is not None and is_entitled(
        actor, Permission.EDIT_DATASET, dataset, producer=dataset.producer
    )


def require_editor(actor: Actor, dataset: Dataset) -> None:
    """
    Go on only for somebody who may change a dataset.

    :raises Forbidden: otherwise
    """
    if not may_edit(actor, dataset):
        raise Forbidden([NOT_YOURS])


def _named(reference: UUID | str) -> Q:
    try:
        return Q(pk=UUID(str(reference)))
    except ValueError:
        return Q(slug=str(reference))


# -- releases -------------------------------------------------------------------------------------


def current_release(dataset: Dataset) -> Release | None:
    """Return the release that readers get: the last one published."""
    return (
        dataset.releases.filter(state=ReleaseState.PUBLISHED)
        .select_related("schema")
        .order_by("-published_at")
        .first()
    )


def published_release(dataset: Dataset, label: str = "") -> Release:
    """
    Return the release that readers get, or the published one of that label.

    :raises Unknown: when there is none
    """
    if not label:
        found = current_release(dataset)
    else:
        found = dataset.releases.filter(state=ReleaseState.PUBLISHED, label=label).first()
    if found is None:
        raise Unknown
    return found


def prepared_release(dataset: Dataset) -> Release | None:
    """Return the release that its producer is preparing, None when there is none."""
    done = (ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN)
    return (
        dataset.releases.exclude(state__in=done).select_related("schema").order_by("-id").first()
    )


def worked_release(dataset: Dataset) -> Release | None:
    """Return the release being prepared, else the one that readers get."""
    return prepared_release(dataset) or current_release(dataset)


def releases_of(dataset: Dataset) -> QuerySet[Release]:
    """Return all releases, newest first."""
    return dataset.releases.order_by("-id")


def releases_seen(actor: Actor | None, dataset: Dataset) -> QuerySet[Release]:
    """Return the releases that an actor may know of: an editor sees those in preparation."""
    found = releases_of(dataset)
    return found if may_edit(actor, dataset) else found.filter(state=ReleaseState.PUBLISHED)


def source_of(release: Release | None) -> Source | None:
    """Return where the rows of a release are, None when nobody said."""
    return Source.objects.filter(release=release).first() if release else None


def fields_of(release: Release | None) -> list[Field]:
    """Return the fields of a release in order."""
    if release is None or release.schema_id is None:
        return []
    fields = Field.objects.filter(schema_id=release.schema_id).defer("hierarchy")
    return list(fields.order_by("position"))


def hierarchy_of(fields: Sequence[Field], name: str) -> OwnHierarchy:
    """
    Return the hierarchy that a producer gave one of these fields.

    :raises Unknown: when there is no such field, or it has none
    """
    one = next((one for one in fields if one.name == name), None)
    own = own_hierarchy(one) if one is not None else None
    if own is None:
        raise Unknown
    return own


def publication_draft(dataset: Dataset, release: Release | None) -> PublicationDraft:
    """Return what the rules of publication look at."""
    ingested = release is not None and release.state in {
        ReleaseState.READY,
        ReleaseState.PUBLISHED,
    }
    return PublicationDraft(
        title=dataset.title,
        summary=dataset.summary,
        description=dataset.description,
        contact=dataset.contact_email,
        unit=member(Unit, dataset.unit),
        legal_basis=member(LegalBasis, dataset.collection_basis),
        retention_months=dataset.retention_months,
        licence=member(Licence, dataset.licence),
        tier=member(Tier, dataset.declared_tier),
        fields=[
            FieldDraft(
                name=one.name,
                label=one.label,
                definition=one.definition,
                level=level_of(one),
                confirmed=one.confirmed,
            )
            for one in fields_of(release)
        ],
        source_ingested=ingested,
        at_node=release is not None
        and Source.objects.filter(release=release, kind=SourceKind.NODE).exists(),
    )


def computed_tier(dataset: Dataset, fields: Iterable[Field]) -> Tier:
    """Return the tier of fields under a dataset's unit, tightened by its producer."""
    levels = [level_of(one) for one in fields]
    lowest = lowest_tier(levels, member(Unit, dataset.unit))
    return tighter(member(Tier, dataset.declared_tier), lowest)


# -- snapshots ------------------------------------------------------------------------------------


def snapshot(
    reference: UUID | str, release_id: UUID | None = None, *, published: bool = True
) -> DatasetSnapshot:
    """
    Return a dataset with its current release, or with the one named.

    :param published: only a published dataset and release; False also takes withdrawn ones and,
        without a current release, the one being prepared
    :raises Unknown: when there is none
    """
    dataset = Dataset.objects.select_related("producer").filter(_named(reference)).first()
    if dataset is None or (published and dataset.state != DatasetState.PUBLISHED):
        raise Unknown
    release = _chosen(dataset, release_id, published=published)
    if release is None:
        raise Unknown
    return _snapshot(dataset, release, fields_of(release))


def _chosen(dataset: Dataset, release_id: UUID | None, *, published: bool) -> Release | None:
    if release_id is None:
        current = current_release(dataset)
        return current if current or published else prepared_release(dataset)
    found = dataset.releases.select_related("schema").filter(pk=release_id)
    return (found.filter(state=ReleaseState.PUBLISHED) if published else found).first()


def published_datasets(
    *, ids: Sequence[UUID] | None = None, producer_id: UUID | None = None
) -> list[DatasetSnapshot]:
    """
    Return the published datasets with their current release, by title.

    Hierarchies of producers have their levels, and not their values.
    """
    found = Dataset.objects.filter(state=DatasetState.PUBLISHED).select_related("producer")
    if ids is not None:
        found = found.filter(pk__in=ids)
    if producer_id is not None:
        found = found.filter(producer_id=producer_id)
    releases = Release.objects.filter(state=ReleaseState.PUBLISHED).order_by("-published_at")
    prefetched = found.order_by("title").prefetch_related(
        Prefetch("releases", queryset=releases.prefetch_related(_FIELDS))
    )
    snapshots = []
    for dataset in prefetched:
        newest = next(iter(dataset.releases.all()), None)
        if newest is not None and newest.schema is not None:
            fields = list(newest.schema.fields.all())
            snapshots.append(_snapshot(dataset, newest, fields, in_list=True))
    return snapshots


_FIELDS = Prefetch("schema__fields", queryset=Field.objects.defer("hierarchy"))


def _snapshot(
    dataset: Dataset, release: Release, fields: Sequence[Field], *, in_list: bool = False
) -> DatasetSnapshot:
    return DatasetSnapshot(
        id=dataset.pk,
        slug=dataset.slug,
        title=dataset.title,
        summary=dataset.summary,
        state=DatasetState(dataset.state),
        producer=producer_snapshot(dataset.producer),
        unit=member(Unit, dataset.unit),
        tier=served_tier(dataset, release, fields),
        collection_basis=member(LegalBasis, dataset.collection_basis),
        accepted_profiles=tuple(Profile(one) for one in dataset.accepted_profiles),
        accepted_purposes=tuple(Purpose(one) for one in dataset.accepted_purposes),
        crossing_rule=CrossingRule(dataset.crossing_rule),
        crossing_with=tuple(dataset.crossing_with),
        k=dataset.k,
        suppression_cap=dataset.suppression_cap,
        l_diversity=dataset.l_diversity,
        t_closeness=dataset.t_closeness,
        uniqueness=dataset.uniqueness,
        facts_known=dataset.facts_known,
        dominance_n=dataset.dominance_n,
        dominance_k=dataset.dominance_k,
        retention_months=dataset.retention_months,
        retention_basis=dataset.retention_basis,
        period=(dataset.period_start, dataset.period_end),
        release=release_snapshot(release),
        fields=tuple(field_snapshot(one, in_list=in_list) for one in fields),
    )


def served_tier(dataset: Dataset, release: Release, fields: Sequence[Field] | None = None) -> Tier:
    """Return the tier of a release: the one it was published with, tightened since, or computed."""
    if not release.tier:
        return computed_tier(dataset, fields_of(release) if fields is None else fields)
    return tighter(member(Tier, dataset.declared_tier), Tier(release.tier))


def others_to_cross(dataset: Dataset) -> list[tuple[str, str]]:
    """Return the published datasets with which this one may be said to cross."""
    others = Dataset.objects.filter(state=DatasetState.PUBLISHED).exclude(pk=dataset.pk)
    return [(str(pk), title) for pk, title in others.order_by("title").values_list("pk", "title")]


def intake(release_id: UUID) -> Intake:
    """
    Return what the vault needs to bring a release in.

    :raises Unknown: when there is none
    """
    release = (
        Release.objects.select_related("dataset__producer", "schema", "source")
        .filter(pk=release_id)
        .first()
    )
    if release is None:
        raise Unknown
    fields = fields_of(release)
    source = source_of(release)
    return Intake(
        dataset_id=release.dataset_id,
        dataset_slug=release.dataset.slug,
        release_id=release.pk,
        state=ReleaseState(release.state),
        unit=member(Unit, release.dataset.unit),
        tier=computed_tier(release.dataset, fields),
        row_count=source.row_count if source else None,
        fields=tuple(field_snapshot(one) for one in fields),
        readings={one.name: one.reading for one in fields},
        natives={one.name: PlainType(kind) for one in fields if (kind := _native(one))},
    )


def _native(one: Field) -> str | None:
    kind: str | None = one.proposal.get("profile", {}).get("native")
    return kind


def uploads_in_use() -> frozenset[str]:
    """Return the names of the uploads that releases still need."""
    return frozenset(Source.objects.exclude(path="").values_list("path", flat=True))


# -- lists ----------------------------------------------------------------------------------------


def published() -> QuerySet[Dataset]:
    """Return the published datasets, each with ``current_tier``: how it is delivered."""
    newest = Release.objects.filter(dataset=OuterRef("pk"), state=ReleaseState.PUBLISHED).order_by(
        "-published_at"
    )
    return (
        Dataset.objects.filter(state=DatasetState.PUBLISHED)
        .select_related("producer")
        .annotate(current_tier=Subquery(newest.values("tier")[:1]))
    )


def current_tier(dataset: Dataset) -> Tier | None:
    """Return how a dataset is delivered now, None when nothing of it is published."""
    release = current_release(dataset)
    return member(Tier, release.tier) if release else None
