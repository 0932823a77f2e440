"""What was declared of a source, as it travels to the node that takes it in. Pure."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from catalog.datasets.hierarchies import OwnHierarchy
from catalog.datasets.snapshots import FieldSnapshot, Intake
from catalog.datasets.states import ReleaseState
from catalog.vocabularies.levels import Level, Tier, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType


def written(intake: Intake) -> str:
    """Return the canonical JSON of what a node needs to take a release in."""
    told = {
        "dataset": str(intake.dataset_id),
        "slug": intake.dataset_slug,
        "release": str(intake.release_id),
        "unit": intake.unit,
        "tier": intake.tier,
        "fields": [_field(one) for one in intake.fields],
        "readings": {name: dict(reading) for name, reading in intake.readings.items()},
    }
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def read(text: str) -> Intake:
    """
    Return what :func:`written` wrote.

    :raises ValueError: when it is something else
    """
    try:
        told = json.loads(text)
        return Intake(
            dataset_id=UUID(told["dataset"]),
            dataset_slug=told["slug"],
            release_id=UUID(told["release"]),
            state=ReleaseState.INGESTING,
            unit=Unit(told["unit"]) if told["unit"] else None,
            tier=Tier(told["tier"]),
            row_count=None,
            fields=tuple(_snapshot(one) for one in told["fields"]),
            readings=told["readings"],
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("This is no declaration of a source.") from error


def _field(one: FieldSnapshot) -> dict[str, Any]:
    return {
        "position": one.position,
        "name": one.name,
        "type": one.type,
        "semantic_type": one.semantic_type,
        "level": one.level,
        "attribute": one.attribute,
        "is_subject": one.is_subject,
        "missing_values": list(one.missing_values),
        **({"known_values": list(one.own_hierarchy.values)} if one.own_hierarchy else {}),
    }


def _snapshot(told: Mapping[str, Any]) -> FieldSnapshot:
    return FieldSnapshot(
        position=told["position"],
        name=told["name"],
        type=PlainType(told["type"]),
        semantic_type=SemanticType(told["semantic_type"]),
        level=None if told["level"] is None else Level(told["level"]),
        attribute=told["attribute"],
        is_subject=told["is_subject"],
        missing_values=tuple(told["missing_values"]),
        own_hierarchy=_hierarchy(told.get("known_values")),
    )


def _hierarchy(values: list[str] | None) -> OwnHierarchy | None:
    """Return the values without levels: what climbs them comes with the plans."""
    return None if values is None else OwnHierarchy((), tuple((value,) for value in values))
