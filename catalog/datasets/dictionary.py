"""Write the data dictionary: what each field is called, means, and how much it can hurt."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from catalog.datasets import queries
from catalog.datasets.actions import IN_PREPARATION, NOTHING_PREPARED, locked, subject, touch
from catalog.datasets.inference import (
    choose_subject,
    effective_level,
    profile_of,
    proposed_level,
)
from catalog.datasets.keeping import attribute_of, keeping
from catalog.datasets.models import Dataset, Field, Release
from catalog.datasets.proposals import contradictions
from catalog.datasets.states import ReleaseState
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import DateFormat, PlainType
from catalog.vocabularies.semantic_types import TRAITS, SemanticType
from hub.audit.actions import record
from hub.kernel.refusals import Invalid, Refusal, Refused
from hub.people.permissions import Actor

SAID = frozenset({"label", "definition", "unit", "code_list", "example"})
"""May be changed at any time, of a published release too."""
READ = frozenset({"type", "missing_values", "date_format"})
"""How the source is read: not after its rows were taken in."""
DECIDED = frozenset({"semantic_type", "level", "attribute", "is_subject", "confirmed"})
CHANGEABLE = SAID | READ | DECIDED
_ATTRIBUTE = re.compile(r"(?:pupil|teacher|household)(?:@[-a-z0-9_]+)?")


@dataclass(frozen=True, slots=True)
class _Before:
    """What decided the bytes of the vault, before a change."""

    kept: str
    type: str
    missing_values: tuple[str, ...]
    reading: str


@transaction.atomic
def change_fields(
    *,
    dataset_id: UUID,
    changes: Mapping[str, Mapping[str, Any]],
    confirm_all: bool = False,
    expected: int | None = None,
    by: Actor,
    at: datetime,
) -> list[Field]:
    """
    Change fields of the worked release, by their names, all or none.

    :param changes: for each field, values by the names of :data:`CHANGEABLE`; ``confirmed: True``
        without a level confirms the proposed one
    :param confirm_all: also confirm, as proposed, every field that nobody confirmed yet
    :raises Invalid: with everything that is not right, field by field
    :raises Refused: when the release is not open to such a change
    :raises Stale: when somebody changed the dataset meanwhile
    """
    dataset = locked(dataset_id=dataset_id, by=by, expected=expected)
    release = queries.worked_release(dataset)
    if release is None or release.schema is None:
        raise Refused([NOTHING_PREPARED])
    fields = {one.name: one for one in queries.fields_of(release)}
    if confirm_all:
        waiting = {name for name, one in fields.items() if not one.confirmed}
        changes = {**changes, **{n: {"confirmed": True, **changes.get(n, {})} for n in waiting}}
    refusals = [refusal for name in changes for refusal in _known(name, changes[name], fields)]
    if refusals:
        raise Invalid(refusals)
    _require_open(release, changes)
    for name, change in changes.items():
        refusals += _change(fields[name], change, dataset, release)
    if refusals:
        raise Invalid(refusals)
    _save([fields[name] for name in changes])
    if not any(change.get("is_subject") for change in changes.values()) and not any(
        one.is_subject for one in fields.values()
    ):
        choose_subject(release.schema, dataset)
    touch(dataset, at)
    record(
        kind="release.fields_changed",
        by=by,
        subject=subject(dataset.pk),
        at=at,
        details={
            "release": release.pk,
            "fields": len(changes),
            "levels": {n: int(fields[n].level or 0) for n in changes if "level" in changes[n]},
        },
    )
    return queries.fields_of(release)


def confirm_all(
    *, dataset_id: UUID, expected: int | None = None, by: Actor, at: datetime
) -> list[Field]:
    """Confirm, as proposed, every field of the worked release that nobody confirmed yet."""
    return change_fields(
        dataset_id=dataset_id, changes={}, confirm_all=True, expected=expected, by=by, at=at
    )


def _known(name: str, change: Mapping[str, Any], fields: Mapping[str, Field]) -> list[Refusal]:
    if name not in fields:
        return [
            Refusal(
                "unknown-field",
                "There is no field “%(field)s” in this release.",
                values={"field": name},
                about=name,
            )
        ]
    return [
        Refusal(
            "unknown-name",
            "“%(key)s” cannot be said of a field.",
            values={"key": key},
            about=f"{name}.{key}",
        )
        for key in change
        if key not in CHANGEABLE
    ]


def _require_open(release: Release, changes: Mapping[str, Mapping[str, Any]]) -> None:
    touched = {key for change in changes.values() for key in change}
    if release.state == ReleaseState.INGESTING and touched - SAID:
        raise Refused([IN_PREPARATION])
    if release.state == ReleaseState.PUBLISHED and touched - SAID:
        raise Refused(
            [
                Refusal(
                    "release-published",
                    "The types and levels of a published release do not change.",
                    "Open a new release, with the fields as they must be.",
                )
            ]
        )


def _change(
    one: Field, change: Mapping[str, Any], dataset: Dataset, release: Release
) -> list[Refusal]:
    before = _before(one)
    for key in SAID & change.keys():
        setattr(one, key, change[key])
    refusals = _read(one, change) + _decide(one, change, dataset)
    if not refusals and release.state == ReleaseState.READY and _before(one) != before:
        refusals.append(
            Refusal(
                "needs-source-again",
                "The rows of “%(field)s” were taken in under its former type or level.",
                "Give the file or the table again, then make this change before its rows are"
                " taken in.",
                values={"field": one.name},
                about=one.name,
            )
        )
    if one.level is None or one.level > Level.AGGREGATED:
        one.example = ""
    return refusals


def _before(one: Field) -> _Before:
    kept = keeping(SemanticType(one.semantic_type), effective_level(one), one.attribute)
    return _Before(
        f"{kept}:{one.attribute if kept == 'pseudonym' else ''}",
        one.type,
        tuple(one.missing_values),
        str(one.reading),
    )


def _read(one: Field, change: Mapping[str, Any]) -> list[Refusal]:
    refusals = []
    if "type" in change:
        if change["type"] not in set(PlainType):
            refusals.append(_not_in_list(one, "type", change["type"]))
        elif one.hierarchy_levels and change["type"] != one.type:
            refusals.append(_has_levels(one))
        else:
            one.type = change["type"]
    if "missing_values" in change:
        one.missing_values = [str(word)[:40] for word in change["missing_values"]]
    if "date_format" in change:
        if change["date_format"] in set(DateFormat):
            one.reading = {"date_format": str(change["date_format"])}
        elif change["date_format"]:
            refusals.append(_not_in_list(one, "date_format", change["date_format"]))
    return refusals


def _decide(one: Field, change: Mapping[str, Any], dataset: Dataset) -> list[Refusal]:
    refusals = []
    if "semantic_type" in change:
        if change["semantic_type"] not in set(SemanticType):
            return [_not_in_list(one, "semantic_type", change["semantic_type"])]
        one.semantic_type = change["semantic_type"]
    refusals += _level(one, change)
    if refusals:
        return refusals
    level = effective_level(one)
    meaning = SemanticType(one.semantic_type)
    if {"semantic_type", "level", "confirmed"} & change.keys():
        one.attribute = attribute_of(meaning, level, dataset.producer.slug)
    refusals += _attribute(one, change, level)
    if one.is_subject and not one.attribute:
        one.is_subject = False
    if "is_subject" in change:
        one.is_subject = bool(change["is_subject"])
        if one.is_subject and not one.attribute:
            refusals.append(
                Refusal(
                    "subject-without-attribute",
                    "“%(field)s” identifies nobody: it cannot name whom a row speaks of.",
                    values={"field": one.name},
                    about=f"{one.name}.is_subject",
                )
            )
    return refusals + _harmless(one, meaning, level)


def _level(one: Field, change: Mapping[str, Any]) -> list[Refusal]:
    if "level" in change:
        if change["level"] is not None and change["level"] not in set(Level):
            return [_not_in_list(one, "level", change["level"])]
        one.level = change["level"]
        one.confirmed = change["level"] is not None and bool(change.get("confirmed", True))
    elif change.get("confirmed"):
        one.level = int(proposed_level(one)) if one.level is None else one.level
        one.confirmed = True
    elif change.get("confirmed") is False or "semantic_type" in change:
        one.confirmed = False
    return []


def _attribute(one: Field, change: Mapping[str, Any], level: Level) -> list[Refusal]:
    wanted = change.get("attribute")
    if not wanted or wanted == one.attribute:
        return []
    if level is not Level.IDENTIFIER or not _ATTRIBUTE.fullmatch(wanted):
        return [_not_in_list(one, "attribute", wanted)]
    one.attribute = wanted
    return []


def _harmless(one: Field, meaning: SemanticType, level: Level) -> list[Refusal]:
    """Refuse a level that the meaning, or the values seen, contradict."""
    if one.level is None:
        return []
    if TRAITS[meaning].level is Level.IDENTIFIER and level < Level.IDENTIFIER:
        return [
            Refusal(
                "level-below-meaning",
                "“%(field)s” is said to name or reach a person: its level is 5.",
                "Set the level 5, or choose what the field really means.",
                values={"field": one.name},
                about=f"{one.name}.level",
            )
        ]
    return contradictions({one.name: level}, [profile_of(one)])


def _has_levels(one: Field) -> Refusal:
    return Refusal(
        "hierarchy-of-its-type",
        "“%(field)s” has a hierarchy of its own, made for its type.",
        "Remove the hierarchy, then change the type.",
        values={"field": one.name},
        about=f"{one.name}.type",
    )


def _not_in_list(one: Field, key: str, word: object) -> Refusal:
    return Refusal(
        "unknown-word",
        "“%(word)s” is not in the list.",
        "Choose among the words that the hub knows.",
        values={"word": str(word)[:40]},
        about=f"{one.name}.{key}",
    )


def _save(fields: list[Field]) -> None:
    # One subject at a time: the mark leaves a field before another one takes it.
    chosen = [one for one in fields if one.is_subject]
    if chosen:
        Field.objects.filter(schema=chosen[0].schema_id, is_subject=True).update(is_subject=False)
    persons = [one.pk for one in fields if effective_level(one) is Level.IDENTIFIER]
    Field.objects.filter(pk__in=persons).update(hierarchy_levels=[], hierarchy="")
    Field.objects.bulk_update(
        fields,
        ["label", "definition", "unit", "code_list", "example", "type", "missing_values",
         "reading", "semantic_type", "level", "attribute", "is_subject", "confirmed"],
    )  # fmt: skip
