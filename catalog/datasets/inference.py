"""Fields as they are inferred from a source, and what is kept of the former ones."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from catalog.datasets.hierarchies import refusals_for
from catalog.datasets.keeping import attribute_of, subject_rank
from catalog.datasets.models import Dataset, Field, Release, SchemaVersion
from catalog.datasets.profiles import ColumnProfile, counts_of, from_counts
from catalog.datasets.proposals import Proposal, Reason, propose
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.plain_types import PlainType

SAID = ("label", "definition", "unit", "code_list", "example")
"""What a producer wrote of a field: kept as long as a column has its name."""
DECIDED = ("type", "semantic_type", "level", "attribute", "missing_values", "confirmed", "reading")
"""What they decided: kept as long as the proposal is the same."""


def infer_fields(
    dataset: Dataset, release: Release, profiles: Sequence[ColumnProfile], at: datetime
) -> SchemaVersion:
    """
    Write the fields of a new source; the producer confirms them.

    What was said of a column of the same name stays; what was decided stays where the hub would
    still propose the same.
    """
    former = {one.name: one for one in _former(dataset, release)}
    schema = _schema(dataset, release, at)
    proposals = propose(profiles, unit_of(dataset))
    fields = []
    for position, (profile, proposal) in enumerate(zip(profiles, proposals, strict=True), start=1):
        one = Field(schema=schema, position=position, name=profile.name)
        apply(one, proposal, profile, dataset)
        _carry_over(one, former.get(one.name))
        fields.append(one)
    Field.objects.bulk_create(fields)
    choose_subject(schema, dataset)
    return schema


def propose_again(dataset: Dataset, release: Release | None) -> None:
    """Propose every field again, from the same counts: the unit of observation changed."""
    if release is None or release.schema is None:
        return
    fields = list(Field.objects.filter(schema=release.schema).order_by("position"))
    profiles = [profile_of(one) for one in fields]
    proposals = propose(profiles, unit_of(dataset))
    for one, profile, proposal in zip(fields, profiles, proposals, strict=True):
        apply(one, proposal, profile, dataset)
        one.save()
    choose_subject(release.schema, dataset)


def unit_of(dataset: Dataset) -> Unit:
    """Return the unit under which fields are proposed: without one, the most careful."""
    return Unit(dataset.unit) if dataset.unit else Unit.PUPIL


def apply(one: Field, proposal: Proposal, profile: ColumnProfile, dataset: Dataset) -> None:
    """Make a field what is proposed, to be confirmed."""
    one.type = proposal.plain
    one.semantic_type = proposal.semantic_type
    one.level = None
    one.confirmed = False
    one.example = ""
    one.is_subject = False
    one.attribute = attribute_of(proposal.semantic_type, proposal.level, dataset.producer.slug)
    one.missing_values = [token for token in proposal.missing_values if token]
    one.unit = one.unit or proposal.unit_symbol
    one.reading = {"date_format": proposal.date_format} if proposal.date_format else {}
    one.proposal = _kept(proposal) | {"profile": counts_of(profile)}
    if refusals_for(one.name, proposal.plain, proposal.level):
        one.hierarchy_levels, one.hierarchy = [], ""


def choose_subject(schema: SchemaVersion, dataset: Dataset) -> None:
    """Mark the field that names whom a row speaks of, the national identifier first."""
    unit = unit_of(dataset)
    fields = Field.objects.filter(schema=schema).order_by("position")
    ranked = sorted(
        (rank, one.position, one.pk)
        for one in fields
        if (rank := subject_rank(one.attribute, unit)) is not None
    )
    fields.filter(is_subject=True).update(is_subject=False)
    if ranked:
        fields.filter(pk=ranked[0][2]).update(is_subject=True)


def proposed_level(one: Field) -> Level:
    """Return the level that was proposed for a field."""
    return Level(one.proposal.get("level", Level.SENSITIVE))


def effective_level(one: Field) -> Level:
    """Return the level of a field: what was proposed as long as nobody decided."""
    return proposed_level(one) if one.level is None else Level(one.level)


def profile_of(one: Field) -> ColumnProfile:
    """Return the counts from which a field was inferred."""
    return from_counts(one.name, one.proposal.get("profile", {}))


def _kept(proposal: Proposal) -> dict[str, Any]:
    return {
        "type": proposal.plain,
        "semantic_type": proposal.semantic_type,
        "level": int(proposal.level),
        "confidence": proposal.confidence,
        "reason": _reason(proposal.reason),
        "notes": [_reason(note) for note in proposal.notes],
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {"text": reason.text, "values": dict(reason.values)}


def _former(dataset: Dataset, release: Release) -> list[Field]:
    """Return the fields of the release's former source, else of the newest release before it."""
    schema_id = release.schema_id or (
        dataset.releases.exclude(pk=release.pk)
        .exclude(schema=None)
        .order_by("-id")
        .values_list("schema_id", flat=True)
        .first()
    )
    return list(Field.objects.filter(schema_id=schema_id)) if schema_id else []


def _schema(dataset: Dataset, release: Release, at: datetime) -> SchemaVersion:
    """Return the schema to fill: the release's own, emptied, or a new version."""
    own = release.schema
    if own is not None and not own.releases.exclude(pk=release.pk).exists():
        Field.objects.filter(schema=own).delete()
        return own
    last = dataset.schemas.order_by("-number").values_list("number", flat=True).first() or 0
    return SchemaVersion.objects.create(dataset=dataset, number=last + 1, created_at=at)


def _carry_over(one: Field, former: Field | None) -> None:
    if former is None:
        return
    proposed = ("type", "semantic_type", "level")
    same = all(one.proposal.get(key) == former.proposal.get(key) for key in proposed)
    for name in SAID + (DECIDED if same else ()):
        setattr(one, name, getattr(former, name))
    if one.level is None or one.level > Level.AGGREGATED:
        one.example = ""
    if not refusals_for(one.name, PlainType(one.type), effective_level(one)):
        one.hierarchy_levels, one.hierarchy = former.hierarchy_levels, former.hierarchy
