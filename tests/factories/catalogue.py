"""Published datasets, in the smallest form that the rules accept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.datasets.models import Dataset, Field, Release, SchemaVersion
from catalog.datasets.states import DatasetState, ReleaseState
from catalog.vocabularies.legal_bases import LegalBasis
from catalog.vocabularies.levels import Level, Tier, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.people.models import Organisation
from tests.people import LONG_AGO, statistics_office


@dataclass(frozen=True)
class Column:
    """A field of a dataset in the tests."""

    name: str
    semantic_type: SemanticType
    level: Level
    type: PlainType = PlainType.TEXT
    more: dict[str, Any] = field(default_factory=dict)


PUPILS: Sequence[Column] = (
    Column(
        "ine",
        SemanticType.INE,
        Level.IDENTIFIER,
        more={"attribute": "pupil", "is_subject": True},
    ),
    Column("date_naissance", SemanticType.DATE_OF_BIRTH, Level.QUASI_IDENTIFIER, PlainType.DATE),
    Column("sexe", SemanticType.SEX, Level.QUASI_IDENTIFIER),
    Column("departement", SemanticType.DEPARTEMENT, Level.QUASI_IDENTIFIER),
    Column("session", SemanticType.SCHOOL_YEAR, Level.OPEN),
    Column("note", SemanticType.MARK, Level.SENSITIVE, PlainType.NUMBER),
    Column("handicap", SemanticType.SPECIAL_CATEGORY, Level.VERY_SENSITIVE),
)
"""A base of pupils' results: every level from 0 to 5 but 1."""


def dataset(
    slug: str = "results",
    *,
    producer: Organisation | None = None,
    columns: Sequence[Column] = PUPILS,
    unit: Unit = Unit.PUPIL,
    tier: Tier = Tier.EXTRACT,
    **about: Any,
) -> Dataset:
    """Return a published dataset with one published release."""
    found = Dataset.objects.create(
        slug=slug,
        producer=producer or statistics_office(),
        title=f"Dataset {slug}",
        summary="A dataset of the tests.",
        description="A dataset of the tests.",
        unit=unit,
        state=DatasetState.PUBLISHED,
        created_at=LONG_AGO,
        changed_at=LONG_AGO,
        published_at=LONG_AGO,
        **{"collection_basis": LegalBasis.PUBLIC_TASK, "retention_months": 240, **about},
    )
    schema = SchemaVersion.objects.create(dataset=found, number=1, created_at=LONG_AGO)
    for position, column in enumerate(columns, start=1):
        Field.objects.create(
            schema=schema,
            position=position,
            name=column.name,
            label=column.name,
            definition=column.name,
            type=column.type,
            semantic_type=column.semantic_type,
            level=column.level,
            confirmed=True,
            **column.more,
        )
    release(found, schema=schema, tier=tier)
    return found


def release(
    of: Dataset,
    *,
    schema: SchemaVersion,
    label: str = "2025",
    tier: Tier = Tier.EXTRACT,
    published_at: datetime = LONG_AGO,
) -> Release:
    """Return a published release."""
    return Release.objects.create(
        dataset=of,
        schema=schema,
        label=label,
        state=ReleaseState.PUBLISHED,
        row_count=1000,
        tier=tier,
        created_at=LONG_AGO,
        published_at=published_at,
    )
