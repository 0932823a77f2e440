"""The table of fields: one form for all of them, however many they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field as with_default
from typing import Any

from django.utils.translation import gettext as _

from catalog.datasets.hierarchies import refusals_for
from catalog.datasets.inference import effective_level, proposed_level
from catalog.datasets.keeping import Keeping, keeping
from catalog.datasets.models import Field
from catalog.datasets.serializers import said_reason
from catalog.datasets.wording import LEVELS
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.web.wording import Said

TEXTS = ("label", "definition", "unit")
DECIDED = ("type", "semantic_type", "level", "missing_values")


@dataclass(slots=True)
class Row:
    """One field as a line of the table; ``prefix`` begins the names of its inputs."""

    prefix: str
    field: Field
    values: dict[str, Any]
    confirmed: bool
    confidence: str
    reason: str
    notes: list[str]
    keeping: str
    coarser: bool
    """Whether the producer may say how it is made coarser."""
    errors: list[Said] = with_default(default_factory=list)


KEPT = {
    Keeping.AS_IS: "",
    Keeping.PSEUDONYM: "The vault keeps a pseudonym in its place.",
    Keeping.NEVER: "The vault does not keep it.",
}


def rows_of(
    fields: Sequence[Field],
    posted: Mapping[str, str] | None = None,
    refusals: Iterable[Said] = (),
) -> list[Row]:
    """Return the lines of the table, with what was typed when a form comes back refused."""
    errors: dict[str, list[Said]] = {}
    for one in refusals:
        errors.setdefault(one["about"].rpartition(".")[0] or one["about"], []).append(one)
    return [_row(one, posted, errors.get(one.name, [])) for one in fields]


def _row(one: Field, posted: Mapping[str, str] | None, errors: list[Said]) -> Row:
    prefix = f"f{one.position}"
    level = effective_level(one)
    values: dict[str, Any] = {
        "label": one.label,
        "definition": one.definition,
        "unit": one.unit,
        "type": one.type,
        "semantic_type": one.semantic_type,
        "level": str(int(level)),
        "missing_values": ", ".join(one.missing_values),
    }
    confirmed = one.confirmed
    if posted is not None:
        values |= {key: posted.get(f"{prefix}-{key}", values[key]) for key in values}
        confirmed = f"{prefix}-confirmed" in posted
    proposal: Mapping[str, Any] = one.proposal
    kept = keeping(SemanticType(one.semantic_type), level, one.attribute)
    return Row(
        prefix=prefix,
        field=one,
        values=values,
        confirmed=confirmed,
        confidence=proposal.get("confidence", ""),
        reason=said_reason(proposal.get("reason")),
        notes=[said_reason(note) for note in proposal.get("notes", ())],
        keeping=_(KEPT[kept]) if KEPT[kept] else "",
        coarser=not refusals_for(one.name, PlainType(one.type), level),
        errors=errors,
    )


def changes_in(
    posted: Mapping[str, str], fields: Sequence[Field], *, texts_only: bool = False
) -> dict[str, dict[str, Any]]:
    """
    Return what a posted table changes, field by field.

    :param texts_only: of a published release, only what is written about a field changes
    """
    changes = {}
    for one in fields:
        prefix = f"f{one.position}"
        change = {
            key: posted[f"{prefix}-{key}"].strip()
            for key in TEXTS
            if f"{prefix}-{key}" in posted
            and posted[f"{prefix}-{key}"].strip() != getattr(one, key)
        }
        if not texts_only:
            change |= _decided(posted, one, prefix)
        if change:
            changes[one.name] = change
    return changes


def _decided(posted: Mapping[str, str], one: Field, prefix: str) -> dict[str, Any]:
    change: dict[str, Any] = {}
    for key in ("type", "semantic_type"):
        wanted = posted.get(f"{prefix}-{key}", getattr(one, key))
        if wanted != getattr(one, key):
            change[key] = wanted
    words = _words(posted.get(f"{prefix}-missing_values", ", ".join(one.missing_values)))
    if words != one.missing_values:
        change["missing_values"] = words
    confirmed = f"{prefix}-confirmed" in posted or "confirm_all" in posted
    level = _number(posted.get(f"{prefix}-level", ""))
    if level is not None and (confirmed or level != int(proposed_level(one))):
        before = (one.level, one.confirmed)
        if before != (level, confirmed) or change:
            change |= {"level": level, "confirmed": confirmed}
    elif one.confirmed and not confirmed:
        change["confirmed"] = False
    return change


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None


def choices() -> dict[str, list[tuple[str, str]]]:
    """Return the closed lists of the table, in the reader's language."""
    meanings = sorted(((value, _(label)) for value, label in SemanticType.choices()), key=_second)
    return {
        "types": [(value, _(label)) for value, label in PlainType.choices()],
        "meanings": meanings,
        "levels": [(str(int(level)), f"{int(level)} – {_(LEVELS[level])}") for level in Level],
    }


def _second(pair: tuple[str, str]) -> str:
    return pair[1].casefold()
