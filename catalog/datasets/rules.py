"""Complete enough to publish? How wide may the delivery be? Answers with reasons, from values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.datasets.profiles import ColumnProfile
from catalog.datasets.proposals import contradictions
from catalog.vocabularies.legal_bases import LegalBasis
from catalog.vocabularies.levels import Level, Tier, Unit
from catalog.vocabularies.licences import Licence
from hub.kernel.refusals import Refusal

OPEN_LEVELS = frozenset([Level.OPEN, Level.AGGREGATED])
"""What anyone may have; counts only after small ones are suppressed."""


@dataclass(frozen=True, slots=True)
class FieldDraft:
    """A field as the producer describes it. ``level`` is None until somebody classified it."""

    name: str
    label: str = ""
    definition: str = ""
    level: Level | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class PublicationDraft:
    """All that the rules look at before a release is published."""

    title: str = ""
    summary: str = ""
    description: str = ""
    contact: str = ""
    unit: Unit | None = None
    legal_basis: LegalBasis | None = None
    retention_months: int | None = None
    licence: Licence | None = None
    tier: Tier | None = None
    """The tier that the producer asks for; None takes the computed one."""
    fields: Sequence[FieldDraft] = ()
    source_ingested: bool = False
    at_node: bool = False
    """Whether the rows stay at the producer's node."""
    profiles: Sequence[ColumnProfile] = field(default=(), repr=False)
    """Profiles of the whole columns, computed when the source was taken in."""


def lowest_tier(levels: Iterable[Level | None], unit: Unit | None) -> Tier:
    """
    Return the widest tier that a release may have, from its fields' levels and its unit.

    Rows about persons are never open, whatever their levels; a field that nobody classified
    (None) counts as sensitive, and so does a release without fields or without a unit. Level 4
    allows an extract: ``access.tiers`` then asks for an opinion and two signatories.
    """
    known = [Level.SENSITIVE if level is None else level for level in levels]
    if not known or unit is None or unit.is_person:
        return Tier.EXTRACT
    return Tier.OPEN if OPEN_LEVELS.issuperset(known) else Tier.EXTRACT


def tighter(declared: Tier | None, computed: Tier) -> Tier:
    """Return the tighter of two tiers: a producer may tighten the computed one, never loosen it."""
    return computed if declared is None else max(declared, computed, key=lambda tier: tier.rank)


def refusals_to_publish(draft: PublicationDraft) -> list[Refusal]:
    """List everything that is missing or contradicts itself, all at once; empty means yes."""
    return [
        *_missing_description(draft),
        *_missing_law(draft),
        *_fields_to_finish(draft.fields),
        *_source_and_tier(draft),
        *contradictions(_declared(draft.fields), draft.profiles),
    ]


def _declared(fields: Sequence[FieldDraft]) -> Mapping[str, Level]:
    return {one.name: one.level for one in fields if one.level is not None}


_DESCRIPTIONS = (
    ("title", "The title is missing.", "Give the dataset a title that a reader understands."),
    ("summary", "The summary is missing.", "Say in one sentence what the dataset holds."),
    ("description", "The description is missing.", "Say what, about whom, when and how."),
    ("contact", "The contact is missing.", "Give an address that answers readers' questions."),
)


def _missing_description(draft: PublicationDraft) -> Iterable[Refusal]:
    for name, explanation, remedy in _DESCRIPTIONS:
        if not str(getattr(draft, name)).strip():
            yield Refusal(f"missing_{name}", explanation, remedy=remedy, about=name)
    if draft.unit is None:
        yield Refusal(
            "missing_unit",
            "The unit of observation is missing.",
            remedy="Say what one row speaks of: a pupil, a school, a territory…",
            about="unit",
        )


def _missing_law(draft: PublicationDraft) -> Iterable[Refusal]:
    """Ask for a basis and a duration where there are persons, for a licence where it is open."""
    if _tier(draft) is Tier.OPEN:
        if draft.licence is None or not draft.licence.is_open:
            yield Refusal(
                "missing_licence",
                "An open dataset needs an open licence.",
                remedy="Choose the licence, or a tighter tier.",
                about="licence",
            )
        return
    if draft.legal_basis is None:
        yield Refusal(
            "missing_legal_basis",
            "The legal basis of the collection is missing.",
            remedy="Choose the basis of article 6 of the GDPR on which the data are collected.",
            about="legal_basis",
        )
    if not draft.retention_months or draft.retention_months < 0:
        yield Refusal(
            "missing_retention",
            "The retention is missing.",
            remedy="Say for how many months the data may be kept at most.",
            about="retention_months",
        )


def _fields_to_finish(fields: Sequence[FieldDraft]) -> Iterable[Refusal]:
    if not fields:
        yield Refusal(
            "missing_fields",
            "No field is described.",
            remedy="Give a file or a source: the fields are read from it.",
            about="fields",
        )
    for one in fields:
        yield from _field_to_finish(one)


_FIELD_TEXTS = (
    ("label", "The field “%(field)s” has no label."),
    ("definition", "The field “%(field)s” has no definition."),
)


def _field_to_finish(one: FieldDraft) -> Iterable[Refusal]:
    values = {"field": one.name}
    for name, explanation in _FIELD_TEXTS:
        if not str(getattr(one, name)).strip():
            yield Refusal(
                f"missing_field_{name}",
                explanation,
                remedy="Complete the data dictionary.",
                values=values,
                about=one.name,
            )
    if one.level is None or not one.confirmed:
        yield Refusal(
            "unconfirmed_level",
            "The confidentiality level of the field “%(field)s” is not confirmed.",
            remedy="Confirm the proposed level, or choose another.",
            values=values,
            about=one.name,
        )


def _tier(draft: PublicationDraft) -> Tier:
    return tighter(draft.tier, _computed(draft))


def _computed(draft: PublicationDraft) -> Tier:
    return lowest_tier([one.level for one in draft.fields], draft.unit)


def _source_and_tier(draft: PublicationDraft) -> Iterable[Refusal]:
    if not draft.source_ingested:
        yield Refusal(
            "source_not_ingested",
            "The rows have not been taken in yet.",
            remedy="Wait until the source is read, or correct what it was refused for.",
            about="source",
        )
    computed = _computed(draft)
    if draft.at_node and _tier(draft) is Tier.OPEN:
        yield Refusal(
            "open_at_a_node",
            "Rows that stay at a node cannot be open to all: the hub has no copy to give.",
            remedy="Choose a tighter tier, or upload a file.",
            about="tier",
        )
    if draft.tier is not None and draft.tier.rank < computed.rank:
        yield Refusal(
            "tier_too_loose",
            "The fields allow an extract at most: the tier is wider than that.",
            remedy="Choose a tighter tier, or revise the levels with your DPO.",
            about="tier",
        )
