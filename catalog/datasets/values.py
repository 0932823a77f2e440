"""From rows to plain values."""

from enum import StrEnum
from typing import TypeVar

from catalog.datasets.hierarchies import OwnHierarchy, kept
from catalog.datasets.models import Field, Release
from catalog.datasets.snapshots import FieldSnapshot, ProducerSnapshot, ReleaseSnapshot
from catalog.datasets.states import ReleaseState
from catalog.vocabularies.levels import Level, Tier
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.people.models import Organisation
from hub.people.permissions import Kind

Word = TypeVar("Word", bound=StrEnum)


def producer_snapshot(producer: Organisation) -> ProducerSnapshot:
    """Return a producer as a value."""
    return ProducerSnapshot(producer.pk, producer.slug, producer.name, Kind(producer.kind))


def release_snapshot(release: Release) -> ReleaseSnapshot:
    """Return a release as a value."""
    return ReleaseSnapshot(
        id=release.pk,
        label=release.label,
        state=ReleaseState(release.state),
        row_count=release.row_count,
        tier=member(Tier, release.tier),
        published_at=release.published_at,
    )


def field_snapshot(one: Field, *, in_list: bool = False) -> FieldSnapshot:
    """
    Return a field as a value.

    :param in_list: of datasets: the lines of a hierarchy stay where they are
    """
    return FieldSnapshot(
        position=one.position,
        name=one.name,
        type=PlainType(one.type),
        semantic_type=SemanticType(one.semantic_type or SemanticType.FREE_TEXT),
        level=level_of(one) if one.confirmed else None,
        label=one.label,
        definition=one.definition,
        unit=one.unit,
        attribute=one.attribute,
        is_subject=one.is_subject,
        missing_values=tuple(one.missing_values),
        code_list=tuple((code["code"], code.get("label", "")) for code in one.code_list),
        example=one.example,
        own_hierarchy=own_hierarchy(one, in_list=in_list),
    )


def own_hierarchy(one: Field, *, in_list: bool = False) -> OwnHierarchy | None:
    """Return the hierarchy that its producer gave a field, None when it gave none."""
    if not one.hierarchy_levels:
        return None
    if in_list:
        return OwnHierarchy(tuple(one.hierarchy_levels))
    return kept(one.hierarchy_levels, one.hierarchy)


def member(closed: type[Word], text: str) -> Word | None:
    """Return a word of a closed list, None for the empty text."""
    return closed(text) if text else None


def level_of(one: Field) -> Level | None:
    """Return the level of a field, None as long as nobody gave one."""
    return None if one.level is None else Level(one.level)
