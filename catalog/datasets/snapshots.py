"""Datasets as plain values, for the slices and the app above. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from catalog.datasets.hierarchies import OwnHierarchy
from catalog.datasets.keeping import Keeping, keeping
from catalog.datasets.states import CrossingRule, DatasetState, ReleaseState
from catalog.vocabularies.legal_bases import LegalBasis
from catalog.vocabularies.levels import UNCLASSIFIED, Level, Tier, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.purposes import Purpose
from catalog.vocabularies.semantic_types import TRAITS, Hierarchy, SemanticType
from hub.people.permissions import Kind, Profile


@dataclass(frozen=True, slots=True)
class FieldSnapshot:
    """One field, as its producer declared it. ``level`` is None when nobody confirmed one."""

    position: int
    name: str
    type: PlainType
    semantic_type: SemanticType
    level: Level | None
    label: str = ""
    definition: str = ""
    unit: str = ""
    attribute: str = ""
    is_subject: bool = False
    missing_values: tuple[str, ...] = ()
    code_list: tuple[tuple[str, str], ...] = ()
    example: str = ""
    own_hierarchy: OwnHierarchy | None = None
    """How its producer wants it made coarser, when it says."""

    @property
    def confidentiality(self) -> Level:
        """Return the level that counts: what nobody classified is sensitive."""
        return UNCLASSIFIED if self.level is None else self.level

    @property
    def hierarchy(self) -> Hierarchy | None:
        """Return how the hub can make the field coarser."""
        return TRAITS[self.semantic_type].hierarchy

    @property
    def keeping(self) -> Keeping:
        """Return what the vault holds of the field."""
        return keeping(self.semantic_type, self.confidentiality, self.attribute)


@dataclass(frozen=True, slots=True)
class ReleaseSnapshot:
    """One vintage."""

    id: UUID
    label: str
    state: ReleaseState
    row_count: int | None
    tier: Tier | None
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProducerSnapshot:
    """Who answers for a dataset."""

    id: UUID
    slug: str
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class DatasetSnapshot:
    """A dataset with one of its releases, as it is now."""

    id: UUID
    slug: str
    title: str
    summary: str
    state: DatasetState
    producer: ProducerSnapshot
    unit: Unit | None
    tier: Tier
    """What may be got: the release's tier, tightened by the producer's."""
    collection_basis: LegalBasis | None
    accepted_profiles: tuple[Profile, ...]
    """Empty: every profile."""
    accepted_purposes: tuple[Purpose, ...]
    """Empty: every purpose."""
    crossing_rule: CrossingRule
    crossing_with: tuple[UUID, ...]
    k: int | None
    suppression_cap: float | None
    l_diversity: int | None
    t_closeness: float | None
    uniqueness: float | None
    facts_known: int | None
    dominance_n: int | None
    dominance_k: float | None
    retention_months: int | None
    retention_basis: str
    period: tuple[date | None, date | None]
    release: ReleaseSnapshot
    fields: tuple[FieldSnapshot, ...]

    def field(self, name: str) -> FieldSnapshot | None:
        """Return a field by its name."""
        return next((one for one in self.fields if one.name == name), None)

    @property
    def subject(self) -> FieldSnapshot | None:
        """Return the field that names the person of a row."""
        return next((one for one in self.fields if one.is_subject), None)


@dataclass(frozen=True, slots=True)
class Intake:
    """What the vault needs to bring a release in."""

    dataset_id: UUID
    dataset_slug: str
    release_id: UUID
    state: ReleaseState
    unit: Unit | None
    tier: Tier
    row_count: int | None
    fields: tuple[FieldSnapshot, ...]
    readings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """For a field: how its texts are read (``date_format`` …)."""
    natives: Mapping[str, PlainType] = field(default_factory=dict)
    """For a field that its source does not give as text: the type that it had when described."""
